/* round.c - the kernel's loop. A round lets every process run that can, gathers what those that stopped ask for, and
 * serves them. Its decisions are vector instructions over all columns of the table; only what is served one by one is a
 * loop. */
#include "os/kernel/kernel.h"

enum { PXW_RUNNING, PXW_HALTED, PXW_WAITING, PXW_TRAPPED }; /* SPEC.md section 7 */

static uint32_t ready[MOST], allowance[MOST], given[MOST], status[MOST], stopped[2 * MOST], column[MOST];

/* Of those that stopped, side by side. */
static uint32_t who[MOST], pid[MOST], where[MOST], how[MOST], value[MOST], request[MOST], argument[MOST], at[MOST],
    answer[MOST], quick[MOST];

/* Lets all run. A class without processes costs nothing. */
static void run_all(void)
{
    px_vl(columns);
    px_vseq_vx(ready, t.state, READY);
    px_vmul_vv(allowance, ready, t.share);
    px_vor_vx(given, allowance, 0);
    for (unsigned c = 0; c < OS_CLASSES; c++)
        if (live[c] > 0) {
            const uint32_t first = first_of[c];
            px_pixel *slot = slots + t.where[first];
            px_vl(map->class[c].count);
            px_resume(slot, map->class[c].pixels, allowance + first);
            px_copys(status + first, 1, slot + SAVED_STATUS, map->class[c].pixels);
        }
    px_vl(columns);
    px_vsub_vv(given, given, allowance);
    px_vadd_vv(t.used, t.used, given);
}

/* Who is READY and does not run wants something: those that have just stopped, and those that were woken. */
static uint32_t gather_calls(void)
{
    px_vmul_vv(stopped, ready, status);
    const uint32_t count = (uint32_t)(px_pack(who, column, stopped) - (px_pixel *)who);
    if (count == 0)
        return 0;
    px_vl(count);
    px_gather(where, t.where, MOST, who);
    px_gather(how, status, MOST, who);
    px_gather(pid, t.pid, MOST, who);
    px_vadd_vx(at, where, SAVED_VALUE);
    px_gather(value, slots, slot_pixels, at);
    px_vadd_vx(at, value, 1);
    px_vand_vx(at, at, 255);
    px_vadd_vv(at, at, where);
    px_vadd_vx(at, at, SAVED_REG);
    px_gather(argument, slots, slot_pixels, at);
    px_vadd_vv(at, where, value);
    px_vadd_vx(at, at, SAVED_REG);
    px_gather(request, slots, slot_pixels, at);
    return count;
}

/* Adds a run to what lies at addresses in the slots; who is not `quick` has one where there are no slots. */
static void add_where(uint32_t *address, const uint32_t *what)
{
    px_vor_vv(address, address, quick);
    px_scatadd(slots, slot_pixels, what, address);
}

/* The calls that need nothing but the table, all at once: yield and getpid. A register becomes the answer by adding the
 * difference. Returns how many of the `count` are left, and leaves them in `stopped`. */
static uint32_t serve_at_once(uint32_t count)
{
    px_vseq_vx(answer, request, PXH_REQUEST(PXO_GETPID, 0));
    px_vseq_vx(quick, request, PXH_REQUEST(PXH_YIELD, 0));
    px_vadd_vv(quick, quick, answer);
    px_vseq_vx(stopped, how, PXW_WAITING);
    px_vmul_vv(quick, quick, stopped);
    px_vseq_vx(stopped, quick, 0);
    if (px_sum(stopped) < count) {
        px_vmul_vv(answer, answer, pid);
        px_vsub_vv(answer, answer, request);
        px_vsub_vx(quick, quick, 1); /* 0 where it is meant, all ones elsewhere */
        add_where(at, answer);
        px_vadd_vx(at, where, SAVED_STATUS);
        px_fill(answer, -(uint32_t)PXW_WAITING);
        add_where(at, answer);
        px_vadd_vx(at, where, SAVED_VALUE);
        px_fill(answer, 0);
        px_vsub_vv(answer, answer, value);
        add_where(at, answer);
    }
    return (uint32_t)(px_pack(stopped + MOST, column, stopped) - (px_pixel *)(stopped + MOST));
}

static void tell_trap(unsigned c, uint32_t cause, const px_pixel *slot)
{
    static const char *const causes[] = {"NONE", "OPCODE", "PC", "RANGE", "OVERLAP", "VL", "NEST"};
    uint8_t name[PXO_NAME_BYTES];
    program_name(t.program[c], name);
    console_text("pxos: process ");
    console_number(t.pid[c]);
    console_text(", ");
    console_text((const char *)name);
    console_text(": trap ");
    console_text(cause < sizeof causes / sizeof *causes ? causes[cause] : "?");
    console_text(" at pc ");
    console_number(slot[SAVED_PC]);
    console_text(", value ");
    console_number(slot[SAVED_VALUE]);
    console_text("\n");
}

/* What was gathered may be old: who was served before may have ended this one, and its slot may have a new one. */
static void serve_one(unsigned i)
{
    const unsigned c = who[i];
    px_pixel *slot = slots + where[i];
    if (t.pid[c] != pid[i] || t.state[c] != READY)
        return;
    if (how[i] == PXW_HALTED) {
        end_process(c, PXO_EXITED, 0, 0);
    } else if (how[i] == PXW_TRAPPED) {
        tell_trap(c, slot[SAVED_CAUSE], slot);
        end_process(c, PXO_TRAPPED, slot[SAVED_CAUSE], slot[SAVED_VALUE]);
    } else {
        const int32_t given_back = serve(c, request[i], argument[i]);
        if (given_back == WAITS || given_back == GONE)
            return;
        slot[SAVED_REG + value[i]] = (uint32_t)given_back;
        slot[SAVED_STATUS] = PXW_RUNNING;
        slot[SAVED_VALUE] = 0;
    }
}

static bool any_ready(void)
{
    px_vl(columns);
    px_vseq_vx(ready, t.state, READY);
    return px_sum(ready) > 0;
}

int main(void)
{
    px_vl(MOST);
    px_iota(column, 0, 1);
    processes_begin();
    for (unsigned round = 0;; round++) {
        run_all();
        const uint32_t count = gather_calls(), left = count > 0 ? serve_at_once(count) : 0;
        for (unsigned i = 0; i < left; i++)
            serve_one(stopped[MOST + i]);
        const bool idle = !any_ready();
        if (idle || round % ROUNDS_ALONE == 0)
            while (!hear_host(idle) && !any_ready())
                end_stuck();
    }
}

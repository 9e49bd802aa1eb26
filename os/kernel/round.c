/* round.c - the kernel's loop. A round lets every process run that can, gathers what those that stopped ask for, and
 * serves them. Its decisions are vector instructions over all columns of the table; only what is served one by one is a
 * loop. */
#include "os/kernel/kernel.h"

enum { PXW_RUNNING, PXW_HALTED, PXW_WAITING, PXW_TRAPPED }; /* SPEC.md section 7 */

static bool any_ready(void)
{
    px_vl(columns);
    px_vseq_vx(t.ready, t.state, READY);
    return px_sum(t.ready) > 0;
}

/* Shares become allowances. Where nobody has a full one, all are made larger, so that a round is worth its cost. */
static void allow(void)
{
    px_vl(columns);
    px_vmul_vv(t.allowance, t.ready, t.share);
    const uint32_t most = (uint32_t)px_rmax(t.allowance);
    if (most < SHARE)
        px_vmul_vx(t.allowance, t.allowance, SHARE / most);
    px_vadd_vv(t.used, t.used, t.allowance);
}

/* Those of a class; one in which nobody is ready costs next to nothing. */
static void run_class(unsigned c)
{
    const uint32_t first = first_of[c], pixels = map->class[c].pixels;
    px_vl(map->class[c].count);
    if (px_sum(t.allowance + first) == 0)
        return;
    px_pixel *slot = slots + t.where[first];
    px_resume(slot, pixels, t.allowance + first);
    px_copys(t.stop + first, 1, slot + SAVED_STATUS, pixels);
}

/* Lets all run that are ready, one at least. */
static void run_all(void)
{
    allow();
    const uint32_t classes = map->classes;
    for (unsigned c = 0; c < classes; c++)
        if (live[c] > 0)
            run_class(c);
    px_vl(columns);
    px_vsub_vv(t.used, t.used, t.allowance);
}

/* Who is READY and does not run wants something: those that have just stopped, and those that were woken. */
static uint32_t list_callers(void)
{
    px_vmul_vv(t.stop, t.ready, t.stop);
    return (uint32_t)(px_pack(t.who, t.column, t.stop) - (px_pixel *)t.who);
}

/* Their requests, side by side; t.left: who asks, and has not halted or trapped. */
static void gather_calls(uint32_t count)
{
    px_vl(count);
    px_gather(t.slot, t.where, columns, t.who);
    px_gather(t.number, t.pid, columns, t.who);
    px_gather(t.left, t.stop, columns, t.who);
    px_vseq_vx(t.left, t.left, PXW_WAITING);
    px_vadd_vx(t.index, t.slot, SAVED_VALUE);
    px_gather(t.word, slots, slot_pixels, t.index);
    px_vadd_vv(t.index, t.slot, t.word);
    px_vadd_vx(t.index, t.index, SAVED_REG);
    px_gather(t.request, slots, slot_pixels, t.index);
    px_vadd_vx(t.word, t.word, 1);
    px_vand_vx(t.word, t.word, 255);
    px_vadd_vv(t.index, t.word, t.slot);
    px_vadd_vx(t.index, t.index, SAVED_REG);
    px_gather(t.argument, slots, slot_pixels, t.index);
}

static void tell_trap(unsigned c, uint32_t cause, const px_pixel *slot)
{
    static const char *const causes[] = {"NONE", "OPCODE", "PC", "RANGE", "OVERLAP", "VL", "NEST"};
    uint32_t name[OS_NAME_WORDS];
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

/* Who was listed may have been ended meanwhile by another, and have a successor in its slot, which runs. */
static void serve_one(unsigned who)
{
    const px_pixel *slot = slots + t.where[who];
    const uint32_t status = slot[SAVED_STATUS], value = slot[SAVED_VALUE];
    if (t.state[who] != READY || status == PXW_RUNNING)
        return;
    if (status == PXW_HALTED) {
        end_process(who, PXO_EXITED, 0, 0);
    } else if (status == PXW_TRAPPED) {
        tell_trap(who, slot[SAVED_CAUSE], slot);
        end_process(who, PXO_TRAPPED, slot[SAVED_CAUSE], value);
    } else {
        const int32_t answer = serve(who, slot[SAVED_REG + value], slot[SAVED_REG + (value + 1) % 256]);
        if (answer != WAITS && answer != GONE)
            answer_to(who, answer);
    }
}

static void serve_all(uint32_t count)
{
    const uint32_t *list = t.who;
    if (count >= MANY) {
        gather_calls(count);
        count = serve_many(count);
        list = t.alone;
    }
    for (unsigned i = 0; i < count; i++)
        serve_one(list[i]);
}

int main(void)
{
    processes_begin();
    for (unsigned round = 0;; round++) {
        const bool idle = !any_ready();
        if (idle || round % ROUNDS_ALONE == ROUNDS_ALONE - 1) {
            while (!hear_host(idle) && !any_ready())
                end_stuck();
            if (!any_ready())
                continue;
        }
        run_all();
        serve_all(list_callers());
    }
}

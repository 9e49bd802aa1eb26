/* round.c - the kernel's loop. A round lets every process run that can, gathers what those that stopped ask for, and
 * serves them. Its decisions are vector instructions over all columns of the table; only what is served one by one is a
 * loop. */
#include "os/kernel/kernel.h"

enum { PXW_RUNNING, PXW_HALTED, PXW_WAITING, PXW_TRAPPED, NEST = 6 }; /* SPEC.md section 7 */

/* What is done in each round has its runs in variables of its own: a vector instruction may change all memory, pointers
 * in it too, and they would be loaded again behind each. */
static uint32_t count_ready(void)
{
    uint32_t *const ready = t.ready;
    px_vl(columns);
    px_vseq_vx(ready, t.state, READY);
    return px_sum(ready);
}

/* Shares become allowances. Where nobody has a full one, all are made larger, so that a round is worth its cost. */
static void allow(void)
{
    uint32_t *const allowance = t.allowance, *const used = t.used;
    px_vl(columns);
    px_vmul_vv(allowance, t.ready, t.share);
    const uint32_t most = (uint32_t)px_rmax(allowance);
    if (most < SHARE)
        px_vmul_vx(allowance, allowance, SHARE / most);
    px_vadd_vv(used, used, allowance);
}

/* Those of a class, and how many these are. */
static uint32_t run_class(unsigned c)
{
    const uint32_t first = first_of[c], pixels = map->class[c].pixels;
    px_vl(map->class[c].count);
    const uint32_t ready = px_sum(t.ready + first);
    if (ready == 0)
        return 0;
    px_pixel *const slot = slots + t.where[first];
    px_resume(slot, pixels, t.allowance + first);
    px_copys(t.stop + first, 1, slot + SAVED_STATUS, pixels);
    return ready;
}

/* Lets all run that are ready, one at least. */
static void run_all(uint32_t ready)
{
    allow();
    for (unsigned c = 0; ready > 0; c++)
        ready -= run_class(c);
}

/* Who is READY and does not run wants something: those that have just stopped, and those that were woken. */
static uint32_t list_callers(void)
{
    uint32_t *const used = t.used, *const stop = t.stop, *const who = t.who;
    px_vl(columns);
    px_vsub_vv(used, used, t.allowance);
    px_vmul_vv(stop, t.ready, stop);
    return (uint32_t)(px_pack(who, t.column, stop) - (px_pixel *)who);
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
        if (slot[SAVED_CAUSE] == NEST && resume_for(who))
            return;
        tell_trap(who, slot[SAVED_CAUSE], slot);
        end_process(who, PXO_TRAPPED, slot[SAVED_CAUSE], slot[SAVED_VALUE]);
    } else {
        const int32_t answer = serve(who, slot[SAVED_REG + value], slot[SAVED_REG + (value + 1) % 256]);
        if (answer != WAITS && answer != GONE)
            answer_to(who, answer);
    }
}

static void serve_all(uint32_t count)
{
    const uint32_t *list = t.who;
    if (OS_MANY > 0 && count >= OS_MANY) {
        gather_calls(count);
        count = serve_many(count);
        list = t.alone;
    }
    for (unsigned i = 0; i < count; i++)
        serve_one(list[i]);
}

/* ---- the system saves itself ---- */

/* Functions of their own, so that main() has the same in its registers wherever it begins: callees save them in the
 * picture. */
#define APART __attribute__((noinline))

static uint32_t saver, save_to; /* the process that asks for it; the disk */

void save_behind_round(unsigned who, uint32_t disk)
{
    if (saver != 0 && column_of(saver) != columns) /* another has asked in this round: again in the next */
        return;
    saver = t.pid[who];
    save_to = disk;
}

/* The kernel's code and all that it knows are in the picture, so that one that begins with what was saved goes on where
 * this one does: behind save(). */
APART static void save(void)
{
    const unsigned who = column_of(saver);
    saver = 0;
    if (who == columns)
        return;
    px_pixel *slot = slots + t.where[who];
    const uint32_t number = slot[SAVED_VALUE];
    answer_to(who, 0);
    console_flush();
    const int32_t answer = save_picture(save_to);
    if (answer < 0)
        slot[SAVED_REG + number] = (uint32_t)answer;
}

APART static void rounds(void)
{
    for (unsigned round = 0; saver == 0; round++) {
        uint32_t ready = count_ready();
        if (ready == 0 || round % ROUNDS_ALONE == ROUNDS_ALONE - 1) {
            while (!hear_host(ready == 0) && count_ready() == 0)
                end_stuck();
            ready = count_ready();
        }
        if (ready > 0) {
            run_all(ready);
            serve_all(list_callers());
        }
    }
}

int main(void)
{
    static bool begun;
    if (!begun) {
        begun = true;
        processes_begin();
    }
    for (;;) {
        console_again();
        rounds();
        save();
    }
}

/* fast_verify.c - PX_FAST_VERIFY=n: every n-th piece is run by the reference VM as well, from the same state, and must
 * end in the same one. Where it does not, the piece is done again and again, on the same kept code, to find the
 * instruction. */
#include "vm/fast_machine.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

typedef struct check {
    px_fast_machine *fast;
    px_state before;
    px_runner ref;
    char difference[256];
} check;

/* The fast machine is where the piece began; of its code, what was kept of pixels that the piece has changed is gone.
 */
static void begin_again(check *c)
{
    px_state *s = &c->fast->runner.vm.s;
    uint32_t *const mem = s->mem;
    for (uint32_t i = 0; i < c->fast->runner.vm.n; i++)
        if (mem[i] != c->before.mem[i]) {
            mem[i] = c->before.mem[i];
            px_fast_stored(&c->fast->fast, i, 1);
        }
    *s = c->before;
    s->mem = mem;
}

/* Whether they are the same after count steps from the beginning of the piece; the reference VM's pc in any case. */
static bool same_after(check *c, uint64_t count, bool *same, uint32_t *pc, px_error *error)
{
    begin_again(c);
    if (!px_state_copy(&c->ref.vm.s, &c->before, error))
        return false;
    const uint64_t on_fast = px_runner_piece(&c->fast->runner, count), on_ref = px_runner_piece(&c->ref, count);
    *same = on_fast == on_ref &&
            px_state_equal(&c->ref.vm.s, "ref", &c->fast->runner.vm.s, "fast", c->difference, sizeof c->difference);
    *pc = c->ref.vm.s.pc;
    return true;
}

/* It differs after count steps. */
static bool find_instruction(check *c, uint64_t count, px_error *error)
{
    uint64_t good = 0, bad = count;
    uint32_t pc = c->before.pc, now;
    bool same;
    while (bad - good > 1) {
        const uint64_t middle = good + (bad - good) / 2;
        if (!same_after(c, middle, &same, &now, error))
            return false;
        good = same ? middle : good;
        pc = same ? now : pc;
        bad = same ? bad : middle;
    }
    if (!same_after(c, bad, &same, &now, error))
        return false;
    if (same)
        return px_fail(error, PX_E_SYSTEM,
                       "PX_FAST_VERIFY: fast and ref differed once, and no more, in the %" PRIu64
                       " instructions from pc %" PRIu32,
                       count, c->before.pc);
    return px_fail(error, PX_E_SYSTEM,
                   "PX_FAST_VERIFY: the instruction at pc %" PRIu32 ", number %" PRIu64 " from pc %" PRIu32 ": %s", pc,
                   bad, c->before.pc, c->difference);
}

static bool compare(check *c, uint64_t count, uint64_t executed, px_error *error)
{
    if (!px_state_copy(&c->ref.vm.s, &c->before, error))
        return false;
    const uint64_t on_ref = px_runner_piece(&c->ref, count);
    if (on_ref == executed &&
        px_state_equal(&c->ref.vm.s, "ref", &c->fast->runner.vm.s, "fast", c->difference, sizeof c->difference))
        return true;
    return find_instruction(c, count < on_ref + 1 ? count : on_ref + 1, error);
}

bool px_fast_verified(px_fast_machine *machine, uint64_t count, uint64_t *executed, px_error *error)
{
    check c = {.fast = machine};
    px_state *const s = &machine->runner.vm.s;
    bool ok = px_state_copy(&c.before, s, error) && px_state_copy(&c.ref.vm.s, s, error);
    c.ref.vm.reg = c.ref.vm.s.reg;
    c.ref.vm.n = machine->runner.vm.n;
    c.ref.plain = px_runner_steps;
    if (ok) {
        *executed = px_runner_piece(&machine->runner, count);
        ok = compare(&c, count, *executed, error);
    }
    px_state_free(&c.before);
    px_state_free(&c.ref.vm.s);
    return ok;
}

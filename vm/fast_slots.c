/* fast_slots.c - see fast_slots.h. */
#include "vm/fast_slots.h"

#include <stdlib.h>

#include "pxi/number.h"
#include "vm/fast_pool.h"

/* Slots run at once, at most, and keepers for each thread: one that is late is then waited for the shorter. */
enum { MOST_SLOTS = 256, KEEPERS_EACH = 2, LEAST = 1 << 18 };

typedef struct launch {
    px_fast_machine *machine;
    const px_slots *slots;
    size_t count;
    uint32_t at[MOST_SLOTS]; /* which ones, ascending */
    uint64_t executed[PX_POOL_MOST];
} launch;

bool px_fast_slots_settings(uint64_t *least, px_error *error)
{
    const char *text = getenv("PX_FAST_SLOTS");
    *least = LEAST;
    return text == NULL || px_parse_number("PX_FAST_SLOTS", text, 1, UINT32_MAX, least, error);
}

/* ---- keepers ---- */

/* All keepers but the machine's own; false: there is no memory, and it stays alone. */
static bool make_keepers(px_fast_machine *m)
{
    px_fast_executor *executor = (px_fast_executor *)m->runner.base.executor;
    const size_t threads = px_pool_threads(), wanted = threads * KEEPERS_EACH;
    const size_t count = wanted < PX_POOL_MOST ? wanted : PX_POOL_MOST;
    if (m->keepers != 0)
        return m->keepers > 1;
    m->keepers = 1;
    m->keeper = threads > 1 ? calloc(count, sizeof *m->keeper) : NULL;
    if (m->keeper == NULL)
        return false;
    for (; m->keepers < count; m->keepers++) {
        px_fast_native **native = &executor->native[m->keepers];
        if (*native == NULL && executor->native[0] != NULL)
            *native = px_fast_native_new();
        if (!px_fast_init(&m->keeper[m->keepers], m->fast.mem, m->fast.n, *native)) {
            px_fast_free(&m->keeper[m->keepers]);
            break;
        }
    }
    return m->keepers > 1;
}

void px_fast_slots_free(px_fast_machine *m)
{
    for (size_t i = 1; i < m->keepers; i++)
        px_fast_free(&m->keeper[i]);
    free(m->keeper);
}

/* Neighbours have different ones: where a budget is short, the first few slots alone are run at once. */
static size_t keeper_of(const launch *l, uint32_t at) { return at % l->machine->keepers; }

/* ---- a launch ---- */

static void run_slot(const launch *l, size_t keeper, uint32_t at, uint64_t *executed)
{
    px_fast_machine *m = l->machine;
    px_fast *fast = keeper == 0 ? &m->fast : &m->keeper[keeper];
    px_vm outer = {.s.mem = m->fast.mem}, inner; /* of which a slot needs no more */
    px_slots slots = *l->slots;
    uint32_t allowance;
    slots.outer = &outer;
    slots.at = at;
    if (!px_slot_enter(&slots, &inner, &allowance))
        abort(); /* it was ready, and nobody else can write it */
    if (keeper != 0)
        px_fast_compare(fast, px_slot_address(&slots), slots.size);
    const uint64_t now = px_fast_run(fast, &inner, allowance);
    px_slot_leave(&slots, &inner, (uint32_t)now);
    *executed += now;
}

static void run_part(void *context, size_t keeper)
{
    launch *l = context;
    for (size_t i = 0; i < l->count; i++)
        if (keeper_of(l, l->at[i]) == keeper)
            run_slot(l, keeper, l->at[i], &l->executed[keeper]);
}

/* The next slots that are ready, with allowances of most instructions at most; returns those. */
static uint64_t collect(launch *l, px_slots *slots, uint64_t most)
{
    uint64_t sum = 0;
    uint32_t allowance;
    px_vm inner;
    for (l->count = 0; l->count < MOST_SLOTS && px_slot_enter(slots, &inner, &allowance); slots->at++) {
        if (allowance > most - sum)
            break;
        l->at[l->count++] = slots->at;
        sum += allowance;
    }
    return sum;
}

static uint64_t run_together(launch *l)
{
    px_fast_machine *m = l->machine;
    uint64_t executed = 0;
    for (size_t i = 0; i < m->keepers; i++) {
        l->executed[i] = 0;
        if (i > 0)
            px_fast_native_here(&m->keeper[i]);
    }
    px_pool_run(run_part, l, m->keepers);
    for (size_t i = 0; i < m->keepers; i++)
        executed += l->executed[i];
    for (size_t i = 0; i < l->count; i++) {
        px_slots slots = *l->slots;
        slots.at = l->at[i];
        px_fast_compare(&m->fast, px_slot_address(&slots), slots.size);
    }
    px_fast_compare(&m->fast, l->slots->allowances, l->slots->count);
    m->runner.vm.s.retired += (uint32_t)executed;
    return executed;
}

/* How much slots run tells what they ran last time: an allowance is no promise. */
uint64_t px_fast_slots(px_runner *runner, px_slots *slots, uint64_t most)
{
    px_fast_machine *m = (px_fast_machine *)runner;
    const uint64_t least = ((px_fast_executor *)runner->base.executor)->least, before = m->in_slots;
    uint64_t executed = 0;
    m->in_slots = 0;
    if ((before < least && least > 1) || slots->count < 2 || m->fast.heat != NULL || !make_keepers(m))
        return 0;
    for (;;) {
        launch l = {.machine = m, .slots = slots};
        px_slots next = *slots;
        if (collect(&l, &next, most - executed) < least || l.count < 2)
            break;
        executed += run_together(&l);
        *slots = next;
    }
    m->in_slots += executed;
    return executed;
}

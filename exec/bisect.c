/* bisect.c - the search for the first differing instruction: double the budget until the states differ, then halve
 * the gap. */
#include "exec/bisect.h"

#include <string.h>

#include "exec/tape.h"
#include "pxi/pixel.h"
#include "pxi/saved.h"

typedef struct search {
    px_executor *executor[2];
    px_tape *tape[2]; /* NULL: from the beginning each time */
    const px_state *start;
    const px_answerer *answerer;
    px_state end[2]; /* the states of the latest probe */
    bool ended;      /* it stopped before its budget was spent: more budget would change nothing */
    char *difference;
} search;

/* A machine for budget instructions, with its answers. */
static bool run(search *s, px_machine *machine, uint64_t budget, px_error *error)
{
    px_stop stop;
    if (!px_run_answered(machine, budget, s->answerer, NULL, &stop, error))
        return false;
    s->ended = stop.executed < budget;
    return true;
}

/* One executor from the start for budget instructions. */
static bool run_from_start(search *s, px_executor *executor, uint64_t budget, px_state *end, px_error *error)
{
    px_machine *machine;
    if (!px_machine_create(executor, s->start, &machine, error))
        return false;
    const bool ok = run(s, machine, budget, error) && px_machine_read(machine, end, error);
    px_machine_drop(machine, NULL);
    return ok;
}

/* On: from where the tape is, without a snapshot between. */
static bool wind(search *s, px_tape *tape, bool on, uint64_t budget, px_state *end, px_error *error)
{
    const px_breakpoints none = {NULL, 0};
    px_tape_hit hit;
    if (!(on ? px_tape_run(tape, &none, budget, NULL, &hit, error) : px_tape_seek(tape, budget, NULL, NULL, error)))
        return false;
    s->ended = px_tape_about(tape).at < budget;
    return px_machine_read(px_tape_machine(tape), end, error);
}

static bool look(search *s, bool on, uint64_t budget, bool *equal, px_error *error)
{
    for (int i = 0; i < 2; i++)
        if (!(s->tape[i] != NULL ? wind(s, s->tape[i], on, budget, &s->end[i], error)
                                 : run_from_start(s, s->executor[i], budget, &s->end[i], error)))
            return false;
    *equal = px_state_equal(&s->end[0], s->executor[0]->name, &s->end[1], s->executor[1]->name, s->difference,
                            sizeof((px_divergence *)0)->difference);
    return true;
}

static bool probe(search *s, uint64_t budget, bool *equal, px_error *error)
{
    return look(s, false, budget, equal, error);
}

/* Leaves *low, with which the states are equal, and *high, with which they differ. False in *differs when they never
 * do. */
static bool bracket(search *s, uint64_t budget, uint64_t *low, uint64_t *high, bool *differs, px_error *error)
{
    bool equal = true;
    *low = *high = 0;
    for (;;) {
        if (!probe(s, *high, &equal, error))
            return false;
        *differs = !equal;
        if (!equal || s->ended || *high == budget)
            return true;
        *low = *high;
        *high = *high == 0 ? 1 : *high > budget / 2 ? budget : *high * 2;
    }
}

static bool halve(search *s, uint64_t *low, uint64_t *high, px_error *error)
{
    while (*high - *low > 1) {
        const uint64_t middle = *low + (*high - *low) / 2;
        bool equal;
        if (!probe(s, middle, &equal, error))
            return false;
        *(equal ? low : high) = middle;
    }
    return true;
}

static bool same_run(const px_state *a, const px_state *b, uint32_t first, uint32_t end)
{
    return memcmp(a->mem + first, b->mem + first, (end - first) * sizeof *a->mem) == 0;
}

/* The step was RESUME's: the machine that became different in it, or else the first that did anything. */
static bool find_slot(const search *s, const px_state *before, px_saved *found)
{
    const uint32_t n = px_state_pixels(before);
    bool any = false;
    px_saved saved;
    if (n != px_state_pixels(&s->end[0]) || n != px_state_pixels(&s->end[1]))
        return false;
    for (uint32_t at = 0; at < n; at++) {
        if (!px_saved_at(before->mem, n, at, &saved) || saved.machine.status != PX_RUNNING)
            continue;
        const bool differs = !same_run(&s->end[0], &s->end[1], at, saved.end);
        if (differs || (!any && !same_run(&s->end[0], before, at, saved.end))) {
            *found = saved;
            any = true;
        }
        if (differs)
            break;
    }
    return any;
}

/* Where the instruction stands is read before it, what it did wrong after it. */
static void name_instruction(const search *s, const px_state *before, px_divergence *out)
{
    px_saved slot = {0};
    out->pc = before->pc;
    if (out->pc < px_state_pixels(before))
        out->instruction = before->mem[out->pc];
    if (before->profile != PX_V1 || px_byte(out->instruction, 0) != PX_OP_RESUME || !find_slot(s, before, &slot))
        return;
    out->outer_pc = before->pc;
    out->slot = slot.at;
    out->pc = slot.machine.pc;
    out->instruction = out->pc < px_state_pixels(&slot.machine) ? before->mem[slot.image + out->pc] : 0;
}

/* Looks once more: *same is false unless the states are equal before the instruction, and it makes them different. */
static bool describe(search *s, uint64_t low, uint64_t high, bool *same, px_divergence *out, px_state states[3],
                     px_error *error)
{
    bool equal_before = high == 0, equal_after = true;
    px_state before = {0};
    const bool ok = (high == 0 || probe(s, low, &equal_before, error)) &&
                    px_state_copy(&before, high == 0 ? s->start : &s->end[0], error) &&
                    look(s, high != 0, high, &equal_after, error);
    *same = equal_before && !equal_after;
    out->found = true;
    out->executed = high;
    if (ok)
        name_instruction(s, &before, out);
    if (ok && *same && states != NULL) {
        states[0] = before;
        states[1] = s->end[0];
        states[2] = s->end[1];
        before = s->end[0] = s->end[1] = (px_state){0};
    }
    px_state_free(&before);
    return ok;
}

/* *told is false when a second look saw something else. */
static bool find(search *s, uint64_t budget, bool *told, px_divergence *out, px_state states[3], px_error *error)
{
    uint64_t low, high;
    bool differs = false;
    *told = true;
    return bracket(s, budget, &low, &high, &differs, error) &&
           (!differs || (halve(s, &low, &high, error) && describe(s, low, high, told, out, states, error)));
}

/* One after the other from beginning to end, since they have one answerer; from then on the tapes answer. */
static bool record(search *s, uint64_t budget, px_error *error)
{
    for (int i = 0; i < 2; i++)
        if (!px_tape_open(&s->tape[i], s->executor[i], s->start, s->answerer, 0, error) ||
            !px_tape_seek(s->tape[i], budget, NULL, NULL, error))
            return false;
    return true;
}

static void close_tapes(search *s)
{
    for (int i = 0; i < 2; i++) {
        px_tape_close(s->tape[i]);
        s->tape[i] = NULL;
    }
}

static bool find_on_tapes(search *s, uint64_t budget, bool *told, px_divergence *out, px_state states[3],
                          px_error *error)
{
    bool equal = true, ok = record(s, budget, error);
    uint64_t end[2] = {0, 0};
    for (int i = 0; ok && i < 2; i++)
        end[i] = px_tape_about(s->tape[i]).furthest;
    ok = ok && probe(s, budget, &equal, error) && find(s, budget, told, out, states, error);
    *told &= out->found || equal;
    for (int i = 0; ok && i < 2; i++) /* what has stopped once must not go on the next time */
        *told &= end[i] == px_tape_about(s->tape[i]).furthest;
    close_tapes(s);
    return ok;
}

bool px_first_difference(px_executor *a, px_executor *b, const px_state *start, const px_answerer *answerer,
                         uint64_t budget, px_divergence *out, px_state states[3], px_error *error)
{
    const px_divergence none = {.slot = -1};
    bool told = true;
    *out = none;
    search s = {.executor = {a, b}, .start = start, .answerer = answerer, .difference = out->difference};
    bool ok = find_on_tapes(&s, budget, &told, out, states, error);
    if (ok && !told) {
        for (int i = 0; states != NULL && i < 3; i++)
            px_state_free(&states[i]);
        *out = none;
        ok = find(&s, budget, &told, out, states, error);
    }
    px_state_free(&s.end[0]);
    px_state_free(&s.end[1]);
    return ok;
}

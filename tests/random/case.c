/* case.c - copying random cases, and the script of host actions that they share. */
#include "tests/random/case.h"

bool case_copy(random_case *to, const random_case *from, px_error *error)
{
    px_state start = to->start;
    if (!px_state_copy(&start, &from->start, error))
        return false;
    *to = *from;
    to->start = start;
    return true;
}

void case_free(random_case *c) { px_state_free(&c->start); }

uint64_t case_budget(const random_case *c)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < c->legs_count; i++)
        sum += c->legs[i];
    return sum;
}

case_progress case_begin(const random_case *c)
{
    return (case_progress){.rest = c->legs_count > 0 ? c->legs[0] : 0, .over = c->legs_count == 0};
}

static void next_leg(const random_case *c, case_progress *progress)
{
    progress->leg++;
    progress->over = progress->leg >= c->legs_count;
    progress->rest = progress->over ? 0 : c->legs[progress->leg];
}

static bool answer(const random_case *c, case_progress *progress, px_state *at)
{
    if (progress->answered == c->answers_count)
        return false;
    px_state_answer(at, c->answers[progress->answered++]);
    return true;
}

/* A trap that could not be stepped over ends the case: nothing follows the last pixel. */
static bool step_over(const random_case *c, case_progress *progress, px_state *at)
{
    if (progress->skipped == c->skips || at->pc >= px_state_pixels(at))
        return false;
    progress->skipped++;
    at->pc++;
    at->status = PX_RUNNING;
    at->cause = PX_TRAP_NONE;
    at->value = 0;
    return true;
}

bool case_next(const random_case *c, case_progress *progress, px_state *at, uint64_t executed)
{
    bool changed = false;
    progress->rest -= executed < progress->rest ? executed : progress->rest;
    if (at->status == PX_WAITING)
        changed = answer(c, progress, at);
    else if (at->status == PX_TRAPPED)
        changed = step_over(c, progress, at);
    if (at->status != PX_RUNNING)
        progress->over = true;
    else if (progress->rest == 0 || !changed)
        next_leg(c, progress);
    return changed;
}

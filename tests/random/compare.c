/* compare.c - running one case on several executors and comparing every state that can be seen from outside. */
#include "tests/random/compare.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pxi/saved.h"
#include "tests/random/rng.h"

enum { TRACE_MOST = 1024 };

/* The instructions that one pass retired. */
typedef struct trace {
    px_retire at[TRACE_MOST];
    size_t count;
} trace;

typedef struct comparison {
    const random_case *c;
    executor_list *list;
    px_state expected[CASE_EVENTS]; /* the machine after each event, before the host acts */
    size_t events;
    px_state at; /* the machine under way */
    px_machine *machine[EXECUTORS];
    trace *tracing; /* where the pass is traced */
    bool relaying;  /* it is handed from executor to executor */
    trace expected_trace, trace;
    px_heat *heating; /* where the pass is counted */
    px_heat expected_heat, heat;
    finding *out;
    px_error *error;
} comparison;

static const char *name_of(const comparison *k, size_t executor) { return k->list->at[executor]->name; }

static void drop(comparison *k, size_t executor)
{
    px_machine_drop(k->machine[executor], NULL);
    k->machine[executor] = NULL;
}

static bool open_anew(executor_list *list, size_t executor, px_error *error)
{
    px_executor **at = &list->at[executor];
    (*at)->ops->close(*at);
    *at = NULL;
    return list->open(at, list->spec[executor], error);
}

/* The executor could not do what was asked: a finding. */
static bool failed(comparison *k, size_t executor, size_t event, const char *what, const px_error *error)
{
    *k->out = (finding){.found = true, .relayed = k->relaying, .executor = executor, .event = event};
    snprintf(k->out->text, sizeof k->out->text, "%s cannot %s: %.500s", name_of(k, executor), what, error->text);
    drop(k, executor);
    (void)open_anew(k->list, executor, k->error);
    return false;
}

static bool disagrees(comparison *k, size_t executor, size_t event, const char *text)
{
    *k->out = (finding){.found = true, .executor = executor, .event = event, .relayed = k->relaying};
    snprintf(k->out->text, sizeof k->out->text, "%.700s", text);
    return false;
}

static void collect(void *context, const px_retire *retire)
{
    trace *t = context;
    if (t->count < TRACE_MOST)
        t->at[t->count] = *retire;
    t->count++;
}

/* What run reports must be what the state says. */
static bool stop_is_true(comparison *k, size_t executor, size_t event, const px_stop *stop, uint32_t retired_before)
{
    const px_state *s = &k->at;
    char text[512];
    if (stop->status == s->status && stop->cause == s->cause && stop->value == s->value && stop->pc == s->pc &&
        (uint32_t)stop->executed == (uint32_t)(s->retired - retired_before))
        return true;
    snprintf(text, sizeof text,
             "%s reports status %s, cause %s, value 0x%08" PRIX32 ", pc %" PRIu32 ", executed %" PRIu64
             "; its state says %s, %s, 0x%08" PRIX32 ", %" PRIu32 ", %" PRIu32,
             name_of(k, executor), px_status_name(stop->status), px_cause_name(stop->cause), stop->value, stop->pc,
             stop->executed, px_status_name(s->status), px_cause_name(s->cause), s->value, s->pc,
             s->retired - retired_before);
    return disagrees(k, executor, event, text);
}

/* One event: run, read the machine into k->at, check. False with a finding. */
static bool run_event(comparison *k, size_t executor, size_t event, const case_progress *progress, uint64_t *executed)
{
    px_machine *m = k->machine[executor];
    const uint32_t retired = k->at.retired;
    px_stop stop = {0};
    px_error error = {0};
    if (!px_run_one(m, progress->rest, NULL, &stop, &error))
        return failed(k, executor, event, "run", &error);
    if (!px_machine_read(m, &k->at, &error))
        return failed(k, executor, event, "read the state", &error);
    *executed = stop.executed;
    return stop_is_true(k, executor, event, &stop, retired);
}

static bool load(comparison *k, size_t executor, size_t event)
{
    px_machine **m = &k->machine[executor];
    px_error error = {0};
    const bool ok = *m != NULL ? px_machine_write(*m, &k->at, &error)
                               : px_machine_create(k->list->at[executor], &k->at, m, &error) &&
                                     (k->tracing == NULL || px_on_retire(*m, collect, k->tracing, &error)) &&
                                     (k->heating == NULL || px_count_heat(*m, k->heating, &error));
    return ok || failed(k, executor, event, "load the state", &error);
}

static bool same_as_expected(comparison *k, size_t executor, size_t event)
{
    char text[512];
    if (event < k->events &&
        px_state_equal(&k->expected[event], name_of(k, 0), &k->at, name_of(k, executor), text, sizeof text))
        return true;
    return disagrees(k, executor, event, event < k->events ? text : "it goes on after the case has ended");
}

static bool keep_expected(comparison *k, size_t event)
{
    if (event == CASE_EVENTS)
        return disagrees(k, 0, event, "more events than the script allows: a run stops before its budget");
    k->events = event + 1;
    return px_state_copy(&k->expected[event], &k->at, k->error);
}

/* From the start to the end of the case on one executor; the first executor's states become the expected ones. */
static bool go_through(comparison *k, size_t executor)
{
    case_progress progress = case_begin(k->c);
    if (!px_state_copy(&k->at, &k->c->start, k->error) || !load(k, executor, 0))
        return false;
    for (size_t event = 0; !progress.over; event++) {
        uint64_t executed = 0;
        if (!run_event(k, executor, event, &progress, &executed))
            return false;
        if (!(executor == 0 ? keep_expected(k, event) : same_as_expected(k, executor, event)))
            return false;
        if (case_next(k->c, &progress, &k->at, executed) && !load(k, executor, event))
            return false;
    }
    return true;
}

/* The first executor is traced for the coverage; the others in every second case, because an executor may run by quite
 * another path while it traces. */
static bool is_traced(const comparison *k, size_t executor)
{
    return k->list->at[executor]->ops->trace != NULL && (executor == 0 || k->c->relay % 2 == 1);
}

/* In some of the others what happens to each pixel is counted. */
static bool is_counted(const comparison *k, size_t executor)
{
    return k->list->at[executor]->ops->heat != NULL && k->c->relay % 4 == 2 && k->c->start.profile == PX_V1;
}

static bool pass(comparison *k, size_t executor)
{
    trace *t = executor == 0 ? &k->expected_trace : &k->trace;
    px_heat *heat = executor == 0 ? &k->expected_heat : &k->heat;
    t->count = 0;
    px_heat_free(heat);
    if (is_counted(k, executor) && !px_heat_new(heat, px_state_pixels(&k->c->start), k->error))
        return false;
    k->tracing = is_traced(k, executor) ? t : NULL;
    k->heating = is_counted(k, executor) ? heat : NULL;
    const bool ok = go_through(k, executor);
    k->tracing = NULL;
    k->heating = NULL;
    drop(k, executor);
    return ok;
}

static bool same_heat(comparison *k, size_t executor)
{
    const px_heat *a = &k->expected_heat, *b = &k->heat;
    const struct {
        const char *what;
        const uint64_t *a, *b;
    } counts[] = {
        {"executed", a->executed, b->executed}, {"read", a->read, b->read}, {"written", a->written, b->written}};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        for (uint32_t at = 0; at < a->n; at++) {
            char text[400];
            if (counts[i].a[at] == counts[i].b[at])
                continue;
            snprintf(text, sizeof text,
                     "heat: pixel %" PRIu32 " was %s %" PRIu64 " times by %s, %" PRIu64 " times by %s", at,
                     counts[i].what, counts[i].a[at], name_of(k, 0), counts[i].b[at], name_of(k, executor));
            return disagrees(k, executor, 0, text);
        }
    return true;
}

static bool same_trace(comparison *k, size_t executor)
{
    const trace *a = &k->expected_trace, *b = &k->trace;
    for (size_t i = 0; i < a->count || i < b->count; i++) {
        if (i >= TRACE_MOST)
            break;
        const px_retire none = {.slot = -1, .reg = -1};
        const px_retire x = i < a->count ? a->at[i] : none, y = i < b->count ? b->at[i] : none;
        if (x.slot == y.slot && x.pc == y.pc && x.instruction == y.instruction && x.reg == y.reg &&
            (x.reg < 0 || x.value == y.value))
            continue;
        char text[400];
        snprintf(text, sizeof text,
                 "trace of instruction %zu: %s slot %" PRId64 " pc %" PRIu32 " 0x%08" PRIX32 " r%d 0x%08" PRIX32
                 ", %s slot %" PRId64 " pc %" PRIu32 " 0x%08" PRIX32 " r%d 0x%08" PRIX32,
                 i + 1, name_of(k, 0), x.slot, x.pc, x.instruction, x.reg, x.value, name_of(k, executor), y.slot, y.pc,
                 y.instruction, y.reg, y.value);
        return disagrees(k, executor, 0, text);
    }
    return true;
}

/* The state through a picture and back, which must not change it. */
static bool through_picture(comparison *k, size_t executor, size_t event)
{
    px_picture picture = {0};
    px_state again = {0};
    px_error error = {0};
    char text[512] = "";
    bool ok = px_state_save(&k->at, &picture, &error) && px_state_load(&again, &picture, "saved state", &error);
    if (!ok)
        failed(k, executor, event, "be handed over as a picture", &error);
    else if (!px_state_equal(&k->at, "before", &again, "after saving and loading", text, sizeof text))
        ok = disagrees(k, executor, event, text);
    px_state_free(&k->at);
    k->at = again;
    px_picture_free(&picture);
    return ok;
}

/* The first executor again, in pieces of a few steps, saved and loaded between them: the same events. */
static bool in_pieces(comparison *k)
{
    case_progress progress = case_begin(k->c);
    rng r = rng_of_case(k->c->relay, case_budget(k->c));
    if (!px_state_copy(&k->at, &k->c->start, k->error))
        return false;
    for (size_t event = 0; !progress.over; event++) {
        const uint64_t budget = progress.rest;
        uint64_t executed = 0, sum = 0;
        do {
            progress.rest = 1 + (rng_chance(&r, 50) ? 0 : rng_below(&r, 12));
            progress.rest = progress.rest < budget - sum ? progress.rest : budget - sum;
            if (!through_picture(k, 0, event) || !load(k, 0, event) || !run_event(k, 0, event, &progress, &executed))
                return false;
            sum += executed;
        } while (k->at.status == PX_RUNNING && sum < budget);
        progress.rest = budget;
        if (!same_as_expected(k, 0, event))
            return false;
        (void)case_next(k->c, &progress, &k->at, sum);
    }
    return true;
}

/* The case again, each event on the next executor. */
static bool relay(comparison *k)
{
    case_progress progress = case_begin(k->c);
    k->relaying = true;
    if (!px_state_copy(&k->at, &k->c->start, k->error))
        return false;
    for (size_t event = 0; !progress.over; event++) {
        const size_t executor = (event + k->c->relay) % k->list->count;
        uint64_t executed = 0;
        if (!through_picture(k, executor, event) || !load(k, executor, event) ||
            !run_event(k, executor, event, &progress, &executed) || !same_as_expected(k, executor, event))
            return false;
        (void)case_next(k->c, &progress, &k->at, executed);
    }
    return true;
}

static void count_slots(const px_state *s, coverage *seen)
{
    px_saved saved;
    for (uint32_t at = 0; at < px_state_pixels(s); at++)
        if (px_saved_at(s->mem, px_state_pixels(s), at, &saved)) {
            seen->slots[saved.machine.status & 3u]++;
            seen->slot_causes[saved.machine.cause & 7u]++;
        }
}

static void count_coverage(const comparison *k, coverage *seen)
{
    uint64_t *opcodes = k->c->start.profile == PX_CLASSIC ? seen->classic : seen->v1;
    for (size_t i = 0; i < k->expected_trace.count && i < TRACE_MOST; i++) {
        opcodes[k->expected_trace.at[i].instruction & 255u]++;
        seen->inner += k->expected_trace.at[i].slot >= 0;
    }
    if (k->c->nested && k->events > 0)
        count_slots(&k->expected[k->events - 1], seen);
    for (size_t i = 0; i < k->events; i++) {
        seen->events[k->expected[i].status & 3u]++;
        seen->causes[k->expected[i].cause & 7u]++;
    }
}

static void compare(comparison *k, coverage *seen)
{
    if (!pass(k, 0))
        return;
    if (seen != NULL)
        count_coverage(k, seen);
    if (k->c->nested && k->list->only == 0 && !in_pieces(k))
        return;
    for (size_t i = 1; i < k->list->count; i++) {
        if (k->list->only != 0 && i != k->list->only)
            continue;
        if (!pass(k, i))
            return;
        if ((is_traced(k, 0) && is_traced(k, i) && !same_trace(k, i)) ||
            (is_counted(k, 0) && is_counted(k, i) && !same_heat(k, i)))
            return;
    }
    if (k->events > 1 && k->list->only == 0)
        (void)relay(k);
}

bool compare_case(const random_case *c, executor_list *list, coverage *seen, finding *out, px_error *error)
{
    comparison *k = calloc(1, sizeof *k);
    *out = (finding){0};
    *error = (px_error){0};
    if (k == NULL)
        return px_fail(error, PX_E_SYSTEM, "no memory to compare a case");
    k->c = c;
    k->list = list;
    k->out = out;
    k->error = error;
    compare(k, seen);
    for (size_t i = 0; i < EXECUTORS; i++)
        drop(k, i);
    for (size_t i = 0; i < CASE_EVENTS; i++)
        px_state_free(&k->expected[i]);
    px_state_free(&k->at);
    px_heat_free(&k->expected_heat);
    px_heat_free(&k->heat);
    free(k);
    return error->code == PX_OK;
}

/* What the first executor makes of one case within the budget. */
static bool expect(px_executor *e, const random_case *c, uint64_t budget, px_state *out, px_error *error)
{
    px_stop stop;
    return px_state_copy(out, &c->start, error) && px_run_state(e, out, budget, &stop, error);
}

/* Machines of all cases, run together once; each is left in its state. */
static bool run_together(px_executor *e, const random_case *cases, px_turn *turns, size_t count, uint64_t budget,
                         px_state *states, px_error *error)
{
    bool ok = true;
    for (size_t i = 0; ok && i < count; i++) {
        turns[i].budget = budget;
        ok = px_machine_create(e, &cases[i].start, &turns[i].machine, error);
    }
    ok = ok && px_run(e, turns, count, NULL, error);
    for (size_t i = 0; ok && i < count; i++)
        ok = turns[i].failed ? px_fail(error, PX_E_INPUT, "%s", turns[i].error.text)
                             : px_machine_read(turns[i].machine, &states[i], error);
    for (size_t i = 0; i < count; i++)
        px_machine_drop(turns[i].machine, NULL);
    return ok;
}

bool compare_many(const random_case *cases, size_t count, executor_list *list, size_t executor, uint64_t budget,
                  size_t *which, finding *out, px_error *error)
{
    px_executor *e = list->at[executor];
    px_state *states = calloc(count, sizeof *states), expected = {0};
    px_turn *turns = calloc(count, sizeof *turns);
    bool ok = (states != NULL && turns != NULL) || px_fail(error, PX_E_SYSTEM, "no memory for %zu machines", count);
    *out = (finding){.executor = executor};
    ok = ok && run_together(e, cases, turns, count, budget, states, error);
    for (size_t i = 0; ok && !out->found && i < count; i++) {
        ok = expect(list->at[0], &cases[i], budget, &expected, error);
        out->found =
            ok && !px_state_equal(&expected, list->at[0]->name, &states[i], e->name, out->text, sizeof out->text);
        *which = i;
    }
    for (size_t i = 0; states != NULL && i < count; i++)
        px_state_free(&states[i]);
    px_state_free(&expected);
    free(states);
    free(turns);
    return ok;
}

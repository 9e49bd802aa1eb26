/* tape.c - see tape.h: snapshots, what came from outside, and winding. */
#include "exec/tape.h"

#include <stdlib.h>
#include <string.h>

#include "exec/tape_internal.h"
#include "pxi/words.h"

#define USUAL_BYTES   (UINT64_C(256) << 20)
#define LEAST_GAP     0.004 /* seconds between two snapshots, however cheap */
#define TIMES_AS_LONG 12
#define LONG_WAY      3 /* as long as a snapshot takes: from there on a way back is worth a mark */
#define PIECE_SECONDS 0.004
enum { FIRST_PIECE = 1 << 14 };

/* ---- what comes from outside ---- */

static void free_input(tape_input *input)
{
    for (size_t i = 0; i < input->count; i++)
        free(input->put[i].words);
    free(input->put);
}

static void *grown(void *array, size_t count, size_t *room, size_t size)
{
    if (count < *room)
        return array;
    const size_t more = *room == 0 ? 8 : 2 * *room;
    void *larger = realloc(array, more * size);
    if (larger != NULL)
        *room = more;
    return larger;
}

static bool add_words(tape_input *input, enum px_space space, uint32_t at, const uint32_t *words, uint32_t count)
{
    tape_words *more = grown(input->put, input->count, &input->room, sizeof *more);
    uint32_t *copy = malloc((count > 0 ? count : 1) * sizeof *copy);
    if (more != NULL)
        input->put = more;
    if (more == NULL || copy == NULL) {
        free(copy);
        return false;
    }
    memcpy(copy, words, count * sizeof *copy);
    input->put[input->count++] = (tape_words){space, at, count, copy};
    return true;
}

static tape_input *add_input(px_tape *t, bool answer)
{
    tape_input *more = grown(t->input, t->count, &t->room, sizeof *more);
    if (more == NULL)
        return NULL;
    t->input = more;
    t->input[t->count] = (tape_input){.at = t->at, .answer = answer};
    return &t->input[t->count++];
}

static bool no_memory(px_error *error)
{
    return px_fail(error, PX_E_SYSTEM, "no memory to keep what came from outside");
}

/* The first input at a position or behind it. */
static size_t input_from(const px_tape *t, uint64_t at)
{
    size_t low = 0, high = t->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (t->input[middle].at < at)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const tape_input *px_tape_answer_at(const px_tape *t, uint64_t at)
{
    for (size_t i = input_from(t, at); i < t->count && t->input[i].at == at; i++)
        if (t->input[i].answer)
            return &t->input[i];
    return NULL;
}

static bool apply(px_tape *t, const tape_input *input, px_error *error)
{
    for (size_t i = 0; i < input->count; i++)
        if (!px_put(t->machine, input->put[i].space, input->put[i].at, input->put[i].words, input->put[i].count, error))
            return false;
    return true;
}

/* How the machine stands, from its fields. */
static bool look(px_tape *t, px_error *error)
{
    px_state fields = {0};
    if (!px_machine_read_fields(t->machine, &fields, error))
        return false;
    t->stop = px_stop_of(&fields, t->at);
    return true;
}

/* What was put by hand at a position that has just been reached. */
static bool apply_here(px_tape *t, px_error *error)
{
    bool any = false;
    for (size_t i = input_from(t, t->at); i < t->count && t->input[i].at == t->at && !t->input[i].answer; i++) {
        any = true;
        if (!apply(t, &t->input[i], error))
            return false;
    }
    return !any || look(t, error);
}

static void gather(void *context, uint32_t at, const uint32_t *pixels, uint32_t count)
{
    px_tape *t = context;
    t->no_memory |= !add_words(&t->input[t->count - 1], PX_SPACE_PIXEL, at, pixels, count);
}

/* Asks whoever answers, and keeps what it says. */
static bool ask(px_tape *t, px_turn *turn, px_error *error)
{
    tape_input *input = add_input(t, true);
    if (t->answerer.answer == NULL || input == NULL) {
        t->count -= input != NULL;
        return input != NULL || no_memory(error);
    }
    input->reg = t->stop.value;
    t->no_memory = false;
    px_on_put(t->machine, &t->observer);
    const px_answered how = t->answerer.answer(t->answerer.context, t->machine, &t->stop, t->at, &turn->answer, error);
    px_on_put(t->machine, NULL);
    turn->answers = how == PX_ANSWERED;
    input->word = turn->answer;
    if (how != PX_ANSWERED || t->no_memory)
        free_input(&t->input[--t->count]);
    return how == PX_ANSWER_FAILED ? false : !t->no_memory || no_memory(error);
}

static bool answer(px_tape *t, px_turn *turn, px_error *error)
{
    const tape_input *kept = px_tape_answer_at(t, t->at);
    if (kept == NULL)
        return ask(t, turn, error);
    turn->answers = true;
    turn->answer = kept->word;
    return apply(t, kept, error);
}

/* ---- snapshots ---- */

static bool take(px_tape *t, px_error *error)
{
    const double began = px_seconds();
    if (!px_snapshot_take(&t->snapshots, t->machine, t->at, error))
        return false;
    const double took = px_seconds() - began;
    /* The first copies all pixels, the later ones look at them. */
    t->cost = t->snapshots.count == 1 ? took / 4 : took;
    t->snapping += took;
    t->since = 0;
    return true;
}

static bool take_if_due(px_tape *t, px_error *error)
{
    const px_snapshots *s = &t->snapshots;
    return t->stop.status == PX_TRAPPED || t->since < LEAST_GAP || t->since < TIMES_AS_LONG * t->cost ||
           t->at <= s->of[s->count - 1].at || take(t, error);
}

static bool restore(px_tape *t, const px_snapshot *which, px_error *error)
{
    t->at = which->at;
    t->since = 0;
    return px_snapshot_restore(&t->snapshots, which, t->machine, error) && look(t, error);
}

bool px_tape_restore(px_tape *t, size_t which, px_error *error) { return restore(t, &t->snapshots.of[which], error); }

/* The last at a position or before it, the mark among them. */
static const px_snapshot *nearest(const px_tape *t, uint64_t at)
{
    const px_snapshots *s = &t->snapshots;
    const px_snapshot *in_list = &s->of[px_snapshot_before(s, at)];
    return s->mark.tiles != NULL && s->mark.at <= at && s->mark.at > in_list->at ? &s->mark : in_list;
}

/* ---- going on ---- */

static bool asked(void *context, uint64_t executed)
{
    px_tape *t = context;
    if (t->answerer.meanwhile != NULL && t->at >= t->furthest)
        t->answerer.meanwhile(t->answerer.context);
    t->cancelled |= px_cancelled(t->cancel, t->at + executed);
    return t->cancelled;
}

/* Where the next thing is put by hand, at most limit. */
static uint64_t until_put(const px_tape *t, uint64_t limit)
{
    for (size_t i = input_from(t, t->at + 1); i < t->count && t->input[i].at < limit; i++)
        if (!t->input[i].answer)
            return t->input[i].at;
    return limit;
}

static bool turn_of(px_tape *t, px_turn *turn, px_error *error)
{
    const px_cancel cancel = {asked, t};
    const double began = px_seconds();
    turn->machine = t->machine;
    turn->budget = px_pace_begin(&t->pace, turn->budget);
    const bool whole = turn->budget == t->pace.piece;
    if (!px_run(t->machine->executor, turn, 1, &cancel, error))
        return false;
    if (turn->failed) {
        *error = turn->error;
        return false;
    }
    if (whole && turn->stop.executed == turn->budget)
        px_pace_end(&t->pace);
    const double took = px_seconds() - began;
    t->running += took;
    t->since += took;
    t->at += turn->stop.executed;
    t->furthest = t->at > t->furthest ? t->at : t->furthest;
    t->stop = turn->stop;
    t->stop.executed = t->at;
    return true;
}

bool px_tape_advance(px_tape *t, uint64_t limit, bool *on, px_error *error)
{
    px_turn turn = {0};
    const uint64_t from = t->at;
    *on = false;
    if (t->at >= limit || t->stop.status == PX_HALTED || t->stop.status == PX_TRAPPED)
        return true;
    if (t->stop.status == PX_WAITING) {
        if (!answer(t, &turn, error))
            return false;
        if (!turn.answers)
            return true;
    }
    turn.budget = until_put(t, limit) - t->at;
    if (!turn_of(t, &turn, error))
        return false;
    *on = !t->cancelled && t->stop.status != PX_HALTED && t->stop.status != PX_TRAPPED;
    return (t->at == from || apply_here(t, error)) && take_if_due(t, error);
}

px_tape_end px_tape_why(const px_tape *t, uint64_t limit)
{
    return t->at >= limit ? PX_END_LIMIT : t->cancelled ? PX_END_CANCELLED : PX_END_STOPPED;
}

bool px_tape_seek(px_tape *t, uint64_t at, const px_cancel *cancel, px_tape_hit *hit, px_error *error)
{
    bool on = true;
    const px_snapshot *near = nearest(t, at);
    const bool back = at < t->at || (at == t->at && t->stop.status == PX_TRAPPED);
    t->cancel = cancel;
    t->cancelled = false;
    if ((back || near->at > t->at) && !restore(t, near, error))
        return false;
    /* Who goes back does so again: a mark before the end of a long way makes the next one short. */
    const uint64_t mark = back ? at - (at - t->at) / 8 : at;
    while (on && t->at < at) {
        if (!px_tape_advance(t, t->at < mark ? mark : at, &on, error))
            return false;
        if (back && t->at == mark && mark < at && t->since > LONG_WAY * t->cost &&
            !px_snapshot_mark(&t->snapshots, t->machine, t->at, error))
            return false;
    }
    if (hit != NULL)
        *hit = (px_tape_hit){.end = px_tape_why(t, at)};
    return true;
}

bool px_tape_put(px_tape *t, enum px_space space, uint32_t at, const uint32_t *words, uint32_t count, px_error *error)
{
    if (t->stop.status == PX_TRAPPED && !px_tape_seek(t, t->at, NULL, NULL, error))
        return false;
    if (!px_put(t->machine, space, at, words, count, error))
        return false;
    while (t->count > 0 &&
           (t->input[t->count - 1].at > t->at || (t->input[t->count - 1].at == t->at && t->input[t->count - 1].answer)))
        free_input(&t->input[--t->count]);
    tape_input *input = add_input(t, false);
    if (input == NULL || !add_words(input, space, at, words, count))
        return no_memory(error);
    px_snapshots_cut(&t->snapshots, t->at);
    t->furthest = t->at;
    return look(t, error) && take(t, error);
}

/* ---- the whole ---- */

bool px_tape_open(px_tape **tape, px_executor *executor, const px_state *start, const px_answerer *answerer,
                  uint64_t memory, px_error *error)
{
    px_tape *t = calloc(1, sizeof *t);
    *tape = NULL;
    if (t == NULL)
        return px_fail(error, PX_E_SYSTEM, "no memory for a tape");
    t->observer = (px_put_observer){gather, t};
    t->pace = px_pace_of(FIRST_PIECE, PIECE_SECONDS);
    t->snapshots = px_snapshots_of(px_state_pixels(start), memory > 0 ? memory : USUAL_BYTES);
    if (answerer != NULL)
        t->answerer = *answerer;
    if (t->answerer.begin != NULL)
        t->answerer.begin(t->answerer.context);
    if (px_machine_create(executor, start, &t->machine, error) && look(t, error) && take(t, error)) {
        *tape = t;
        return true;
    }
    px_tape_close(t);
    return false;
}

void px_tape_close(px_tape *t)
{
    if (t == NULL)
        return;
    for (size_t i = 0; i < t->count; i++)
        free_input(&t->input[i]);
    free(t->input);
    px_snapshots_free(&t->snapshots);
    px_machine_drop(t->machine, NULL);
    free(t);
}

px_machine *px_tape_machine(px_tape *t) { return t->machine; }

const px_stop *px_tape_stop(const px_tape *t) { return &t->stop; }

px_tape_facts px_tape_about(const px_tape *t)
{
    px_tape_facts facts = {.at = t->at,
                           .furthest = t->furthest,
                           .snapshots = t->snapshots.count,
                           .bytes = t->snapshots.bytes,
                           .running = t->running,
                           .snapping = t->snapping};
    for (size_t i = 0; i < t->count; i++)
        facts.answers += t->input[i].answer;
    return facts;
}

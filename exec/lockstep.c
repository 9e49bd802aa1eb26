/* lockstep.c - see lockstep.h. */
#include "exec/lockstep.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "exec/machine.h"
#include "exec/registry.h"

typedef struct lockstep {
    px_executor executor;
    px_executors members;
    px_lockstep_note *note;
    px_lockstep_hook *before_turn;
    bool differs;
} lockstep;

/* One machine a member, all alike. */
typedef struct lockstep_machine {
    px_machine base;
    px_machine *of[]; /* as many as there are members */
} lockstep_machine;

static lockstep *lockstep_of(const px_machine *machine) { return (lockstep *)machine->executor; }

/* ---- who is at work ---- */

static void begin(lockstep *l, size_t member)
{
    snprintf(l->note->at_work, sizeof l->note->at_work, "%s", l->members.at[member]->name);
}

static void end(lockstep *l) { l->note->at_work[0] = '\0'; }

/* ---- comparing ---- */

static bool differ(lockstep *l, px_error *error, const char *text)
{
    l->differs = true;
    return px_fail(error, PX_E_INPUT, "%s", text);
}

static bool same_number(lockstep *l, size_t member, const char *what, uint64_t first, uint64_t other, px_error *error)
{
    char text[512];
    if (first == other)
        return true;
    snprintf(text, sizeof text, "executors in lockstep differ: %s: %s %" PRIu64 ", %s %" PRIu64, what,
             l->members.at[0]->name, first, l->members.at[member]->name, other);
    return differ(l, error, text);
}

static bool same_stop(lockstep *l, size_t member, const px_stop *first, const px_stop *other, px_error *error)
{
    return same_number(l, member, "status", first->status, other->status, error) &&
           same_number(l, member, "pc", first->pc, other->pc, error) &&
           same_number(l, member, "cause", first->cause, other->cause, error) &&
           same_number(l, member, "value", first->value, other->value, error) &&
           same_number(l, member, "instructions executed", first->executed, other->executed, error);
}

/* Words of machine; the first that differ are told. */
static bool same_words(const px_machine *machine, size_t member, enum px_space space, uint32_t at,
                       const uint32_t *first, const uint32_t *other, uint32_t count, px_error *error)
{
    lockstep *l = lockstep_of(machine);
    char place[64], text[512];
    uint32_t i = 0;
    while (i < count && first[i] == other[i])
        i++;
    if (i == count)
        return true;
    at += i;
    if (space == PX_SPACE_PIXEL)
        snprintf(place, sizeof place, "pixel (%" PRIu32 ",%" PRIu32 "), address %" PRIu32, at % machine->w,
                 at / machine->w, at);
    else
        snprintf(place, sizeof place,
                 space == PX_SPACE_REGISTER ? "register r%" PRIu32 : "word %" PRIu32 " of its state", at);
    snprintf(text, sizeof text, "executors in lockstep differ: %s: %s 0x%08" PRIX32 ", %s 0x%08" PRIX32, place,
             l->members.at[0]->name, first[i], l->members.at[member]->name, other[i]);
    return differ(l, error, text);
}

/* ---- the executor ---- */

static void lockstep_drop(px_machine *machine)
{
    lockstep_machine *m = (lockstep_machine *)machine;
    for (size_t i = 0; i < lockstep_of(machine)->members.count; i++)
        px_machine_drop(m->of[i], NULL);
    free(m);
}

static bool lockstep_create(px_executor *executor, px_state *state, px_machine **machine, px_error *error)
{
    lockstep *l = (lockstep *)executor;
    lockstep_machine *m = calloc(1, sizeof *m + l->members.count * sizeof *m->of);
    if (m == NULL)
        return px_fail(error, PX_E_SYSTEM, "no memory for a machine of %s", executor->name);
    m->base.executor = executor;
    l->differs = false;
    bool ok = true;
    for (size_t i = 0; ok && i < l->members.count; i++) {
        begin(l, i);
        ok = i + 1 < l->members.count ? px_machine_create(l->members.at[i], state, &m->of[i], error)
                                      : px_machine_create_from(l->members.at[i], state, &m->of[i], error);
    }
    end(l);
    if (ok)
        *machine = &m->base;
    else
        lockstep_drop(&m->base);
    return ok;
}

/* Of a member that goes as far as the first did, whatever is answered. */
static bool only_asked(void *context, uint64_t executed)
{
    (void)px_cancelled(context, executed);
    return false;
}

/* The first member runs as far as it may; the others as far as it went. */
static bool run_turn(lockstep_machine *m, px_turn *turn, const px_cancel *cancel, px_error *error)
{
    lockstep *l = lockstep_of(&m->base);
    px_cancel first = cancel != NULL ? *cancel : (px_cancel){0};
    const px_cancel others = {only_asked, &first};
    bool ok = true;
    for (size_t i = 0; ok && i < l->members.count; i++) {
        /* As far as the first went, where somebody stopped it. */
        const uint64_t budget = i > 0 && turn->stop.status == PX_RUNNING ? turn->stop.executed : turn->budget;
        px_turn own = {.machine = m->of[i], .budget = budget, .answers = turn->answers, .answer = turn->answer};
        begin(l, i);
        if (i == 0 && l->before_turn != NULL)
            l->before_turn(m->of[0]);
        ok = px_run(l->members.at[i], &own, 1, cancel == NULL || i == 0 ? cancel : &others, error);
        if (ok && own.failed) {
            *error = own.error;
            ok = false;
        }
        if (ok && i == 0)
            turn->stop = own.stop;
        ok = ok && same_stop(l, i, &turn->stop, &own.stop, error);
    }
    end(l);
    return ok;
}

static bool lockstep_run(px_executor *executor, px_turn *turns, size_t count, const px_cancel *cancel, px_error *error)
{
    (void)executor, (void)error;
    for (size_t i = 0; i < count; i++)
        turns[i].failed = !run_turn((lockstep_machine *)turns[i].machine, &turns[i], cancel, &turns[i].error);
    return true;
}

static bool lockstep_get(px_machine *machine, enum px_space space, uint32_t at, uint32_t *words, uint32_t count,
                         px_error *error)
{
    enum { BLOCK = 1024 };
    lockstep_machine *m = (lockstep_machine *)machine;
    lockstep *l = lockstep_of(machine);
    uint32_t other[BLOCK];
    bool ok = true;
    begin(l, 0);
    ok = px_get(m->of[0], space, at, words, count, error);
    for (size_t i = 1; ok && i < l->members.count; i++) {
        begin(l, i);
        for (uint32_t done = 0; ok && done < count; done += BLOCK) {
            const uint32_t part = count - done < BLOCK ? count - done : BLOCK;
            ok = px_get(m->of[i], space, at + done, other, part, error) &&
                 same_words(machine, i, space, at + done, words + done, other, part, error);
        }
    }
    end(l);
    return ok;
}

static bool lockstep_put(px_machine *machine, enum px_space space, uint32_t at, const uint32_t *words, uint32_t count,
                         px_error *error)
{
    lockstep_machine *m = (lockstep_machine *)machine;
    lockstep *l = lockstep_of(machine);
    bool ok = true;
    for (size_t i = 0; ok && i < l->members.count; i++) {
        begin(l, i);
        ok = px_put(m->of[i], space, at, words, count, error);
    }
    end(l);
    return ok;
}

static void lockstep_close(px_executor *executor)
{
    lockstep *l = (lockstep *)executor;
    px_executors_close(&l->members);
    free(l);
}

static const px_executor_ops operations = {.create = lockstep_create,
                                           .drop = lockstep_drop,
                                           .run = lockstep_run,
                                           .get = lockstep_get,
                                           .put = lockstep_put,
                                           .close = lockstep_close};

/* What both hold. */
static void lesser_caps(px_caps *caps, const px_caps *other)
{
    caps->max_pixels = other->max_pixels < caps->max_pixels ? other->max_pixels : caps->max_pixels;
    caps->machines = other->machines < caps->machines ? other->machines : caps->machines;
    caps->total_pixels = other->total_pixels < caps->total_pixels ? other->total_pixels : caps->total_pixels;
    caps->lanes = other->lanes < caps->lanes ? other->lanes : caps->lanes;
    caps->flat = caps->flat || other->flat;
}

bool px_lockstep_open(px_executor **executor, const char *list, uint32_t most_pixels, px_lockstep_note *note,
                      px_lockstep_hook *before_turn, px_error *error)
{
    lockstep *l = calloc(1, sizeof *l);
    if (l == NULL)
        return px_fail(error, PX_E_SYSTEM, "no memory for the executors");
    snprintf(note->at_work, sizeof note->at_work, "%s", list);
    if (!px_executors_open(&l->members, list, false, error)) {
        free(l);
        return false;
    }
    l->note = note;
    l->before_turn = before_turn;
    end(l);
    l->executor.ops = &operations;
    l->executor.caps =
        (px_caps){.max_pixels = most_pixels, .machines = UINT32_MAX, .total_pixels = UINT64_MAX, .lanes = UINT32_MAX};
    for (size_t i = 0; i < l->members.count; i++)
        lesser_caps(&l->executor.caps, &l->members.at[i]->caps);
    snprintf(l->executor.name, sizeof l->executor.name, "%s", l->members.count == 1 ? l->members.at[0]->name : list);
    *executor = &l->executor;
    return true;
}

bool px_lockstep_differs(const px_executor *executor) { return ((const lockstep *)executor)->differs; }

px_link_client *px_lockstep_board(const px_executor *executor)
{
    const lockstep *l = (const lockstep *)executor;
    for (size_t i = 0; i < l->members.count; i++) {
        px_link_client *client = px_link_client_of(l->members.at[i]);
        if (client != NULL && (client->hello.capabilities & PXL_CAP_WIRE) != 0)
            return client;
    }
    return NULL;
}

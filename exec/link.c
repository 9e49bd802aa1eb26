/* link.c - the executor link:PORT: a machine at the other end of the link, a board or px serve. It holds one at a time.
 *
 * Creating it is RESET and WRITE, its words are READ and WRITE, a turn is RUN and then STATUS until it has ended.
 * Nothing that comes back is trusted: a machine that cannot be is an error, not a result. */
#define _DEFAULT_SOURCE /* scandir's d_type */

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "pxi/pace.h"
#include "pxi/progress.h"
#include "pxi/words.h"
#include "wire/link_client.h"

typedef struct px_link {
    px_executor base;
    px_link_client *client;
} px_link;

/* Its fields as they were last written or told: a run that executes nothing must not move them. */
typedef struct link_machine {
    px_machine base;
    px_state fields; /* no image, no registers */
} link_machine;

static px_link_client *client_of(const px_machine *machine) { return ((px_link *)machine->executor)->client; }

/* ---- words ---- */

/* An executor's spaces are the link's. */
_Static_assert((int)PX_SPACE_PIXEL == PXL_SPACE_PIXEL && (int)PX_SPACE_REGISTER == PXL_SPACE_REGISTER &&
                   (int)PX_SPACE_STATE == PXL_SPACE_STATE && (int)PX_WORD_PC == PXL_STATE_PC &&
                   (int)PX_WORD_VL == PXL_STATE_VL && (int)PX_WORD_FLAGS == PXL_STATE_FLAGS &&
                   (int)PX_WORD_VALUE == PXL_STATE_VALUE,
               "one numbering of spaces and state words");

static uint32_t block_of(const px_link_client *c, uint32_t left)
{
    return left < px_link_block(c) ? left : px_link_block(c);
}

static bool send_words(px_link_client *c, enum px_space space, uint32_t at, const uint32_t *words, uint32_t count,
                       px_error *error)
{
    px_progress p = px_progress_begin("sending", count);
    bool ok = true;
    for (uint32_t done = 0; ok && done < count; done += block_of(c, count - done)) {
        ok = px_link_write(c, (enum px_link_space)space, at + done, words + done, block_of(c, count - done), error);
        px_progress_show(&p, done);
    }
    px_progress_end(&p);
    return ok;
}

static bool fetch_words(px_link_client *c, enum px_space space, uint32_t at, uint32_t *words, uint32_t count,
                        px_error *error)
{
    px_progress p = px_progress_begin("reading", count);
    bool ok = true;
    for (uint32_t done = 0; ok && done < count; done += block_of(c, count - done)) {
        ok = px_link_read(c, (enum px_link_space)space, at + done, words + done, block_of(c, count - done), error);
        px_progress_show(&p, done);
    }
    px_progress_end(&p);
    return ok;
}

static bool link_get(px_machine *machine, enum px_space space, uint32_t at, uint32_t *words, uint32_t count,
                     px_error *error)
{
    if (space != PX_SPACE_STATE)
        return fetch_words(client_of(machine), space, at, words, count, error);
    px_words_get(&((link_machine *)machine)->fields, space, at, words, count);
    return true;
}

static bool link_put(px_machine *machine, enum px_space space, uint32_t at, const uint32_t *words, uint32_t count,
                     px_error *error)
{
    if (!send_words(client_of(machine), space, at, words, count, error))
        return false;
    if (space == PX_SPACE_STATE)
        px_words_put(&((link_machine *)machine)->fields, space, at, words, count);
    return true;
}

/* ---- running ---- */

static void pause_for(double seconds)
{
    if (seconds <= 0)
        return;
    const struct timespec time = {(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)};
    nanosleep(&time, NULL);
}

/* The time between two STATUS: the first comes at once, for most runs are short; at most 50 ms. */
static double next_pause(double pause) { return pause == 0 ? 0.0002 : pause < 0.025 ? 2 * pause : 0.05; }

/* Waits for the end of the run under way; STOPs it when cancel asks to, and tells. */
static bool await_end(px_link_client *c, const px_cancel *cancel, uint64_t executed, px_link_status *status,
                      bool *stopped, px_error *error)
{
    for (double pause = 0;; pause = next_pause(pause)) {
        const double end = px_seconds() + pause; /* an answer that took its time was pause enough */
        if (!px_link_get_status(c, status, error))
            return false;
        if (!status->underway)
            return true;
        if (!*stopped && px_cancelled(cancel, executed)) {
            if (!px_link_stop(c, error))
                return false;
            *stopped = true;
            continue;
        }
        pause_for(end - px_seconds());
    }
}

/* What STATUS says at the end of a run of at most budget instructions, if it can be. */
static bool take_status(link_machine *m, const px_link_status *s, uint32_t budget, bool stopped, px_error *error)
{
    const char *name = m->base.executor->name;
    const px_state was = m->fields;
    if (s->profile != was.profile)
        return px_fail(error, PX_E_INPUT, "%s was given a machine of profile %" PRIu32 " and has one of %" PRIu32, name,
                       was.profile, s->profile);
    if (s->left > budget)
        return px_fail(error, PX_E_INPUT, "%s was given a budget of %" PRIu32 " and says that %" PRIu32 " is left",
                       name, budget, s->left);
    if (s->status == PX_RUNNING && s->left > 0 && !stopped)
        return px_fail(error, PX_E_INPUT,
                       "%s stopped a running program with %" PRIu32 " of %" PRIu32 " instructions "
                       "left; was the board reset?",
                       name, s->left, budget);
    if (s->left == budget && (s->pc != was.pc || s->vl != was.vl))
        return px_fail(error, PX_E_INPUT,
                       "%s executed nothing and went from pc %" PRIu32 " to %" PRIu32 "; was the board reset?", name,
                       was.pc, s->pc);
    m->fields.status = s->status;
    m->fields.cause = s->cause;
    m->fields.pc = s->pc;
    m->fields.vl = s->vl;
    m->fields.value = s->value;
    return px_state_fields_valid(&m->fields, name, error);
}

/* The answer to SYS: the register, then status and value. */
static bool answer(link_machine *m, uint32_t word, px_error *error)
{
    const uint32_t rest[] = {m->fields.profile << 16 | PX_RUNNING, 0};
    return link_put(&m->base, PX_SPACE_REGISTER, m->fields.value & 255, &word, 1, error) &&
           link_put(&m->base, PX_SPACE_STATE, PX_WORD_FLAGS, rest, 2, error);
}

/* Request and argument of a machine that waits, where STATUS did not bring them. */
static bool fetch_request(px_link_client *c, const px_link_status *s, px_stop *stop, px_error *error)
{
    uint32_t pair[2] = {s->request, s->argument};
    const uint32_t r = s->value & 255;
    if (!s->tells_request && (r < 255 ? !px_link_read(c, PXL_SPACE_REGISTER, r, pair, 2, error)
                                      : !px_link_read(c, PXL_SPACE_REGISTER, 255, pair, 1, error) ||
                                            !px_link_read(c, PXL_SPACE_REGISTER, 0, pair + 1, 1, error)))
        return false;
    stop->request = pair[0];
    stop->argument = pair[1];
    return true;
}

static bool run_turn(link_machine *m, px_turn *turn, const px_cancel *cancel, px_error *error)
{
    px_link_client *c = client_of(&m->base);
    px_link_status status = {0};
    uint64_t executed = 0;
    bool stopped = false, ran = false;
    if (turn->answers && !answer(m, turn->answer, error))
        return false;
    while (m->fields.status == PX_RUNNING && executed < turn->budget && !stopped) {
        const uint64_t left = turn->budget - executed;
        const uint32_t budget = left < UINT32_MAX ? (uint32_t)left : UINT32_MAX;
        if (!px_link_run(c, budget, error) || !await_end(c, cancel, executed, &status, &stopped, error) ||
            !take_status(m, &status, budget, stopped, error))
            return false;
        executed += budget - status.left;
        ran = true;
    }
    turn->stop = (px_stop){.status = m->fields.status,
                           .cause = m->fields.cause,
                           .value = m->fields.value,
                           .pc = m->fields.pc,
                           .vl = m->fields.vl,
                           .executed = executed};
    if (!ran)
        status = (px_link_status){.value = m->fields.value};
    return m->fields.status != PX_WAITING || fetch_request(c, &status, &turn->stop, error);
}

/* There is one machine, so there is one turn. */
static bool link_run(px_executor *executor, px_turn *turns, size_t count, const px_cancel *cancel, px_error *error)
{
    (void)executor, (void)count, (void)error;
    turns->failed = !run_turn((link_machine *)turns->machine, turns, cancel, &turns->error);
    return true;
}

/* ---- life ---- */

/* RESET; a run that a client before us left behind is ended first. */
static bool reset(px_link_client *c, const px_state *state, px_error *error)
{
    px_link_status status;
    bool stopped = true;
    return px_link_reset(c, state->profile, state->w, state->h, error) ||
           (c->refused == PXL_E_RUNNING && px_link_stop(c, error) && await_end(c, NULL, 0, &status, &stopped, error) &&
            px_link_reset(c, state->profile, state->w, state->h, error));
}

/* After RESET all registers are 0. */
static bool send_registers(px_link_client *c, const px_state *state, px_error *error)
{
    uint32_t from = 0, to = 256;
    while (from < to && state->reg[from] == 0)
        from++;
    while (to > from && state->reg[to - 1] == 0)
        to--;
    return send_words(c, PX_SPACE_REGISTER, from, state->reg + from, to - from, error);
}

static bool link_create(px_executor *executor, px_state *state, px_machine **machine, px_error *error)
{
    px_link_client *c = ((px_link *)executor)->client;
    uint32_t words[PX_STATE_SPACE];
    if (state->profile == PX_CLASSIC && (c->hello.capabilities & (uint32_t)PXL_CAP_CLASSIC) == 0)
        return px_fail(error, PX_E_TOO_LARGE, "%s does not run classic programs; use another executor", executor->name);
    link_machine *m = calloc(1, sizeof *m);
    if (m == NULL)
        return px_fail(error, PX_E_SYSTEM, "no memory for a machine of %s", executor->name);
    px_words_get(state, PX_SPACE_STATE, 0, words, PX_STATE_SPACE);
    if (!reset(c, state, error) || !send_words(c, PX_SPACE_PIXEL, 0, state->mem, px_state_pixels(state), error) ||
        !send_registers(c, state, error) || !send_words(c, PX_SPACE_STATE, 0, words, PX_STATE_SPACE, error)) {
        free(m);
        return false;
    }
    m->fields = (px_state){.w = state->w, .h = state->h};
    px_words_put(&m->fields, PX_SPACE_STATE, 0, words, PX_STATE_SPACE);
    *machine = &m->base;
    return true;
}

/* The other end keeps it until the next RESET. */
static void link_drop(px_machine *machine) { free(machine); }

static void link_close(px_executor *executor)
{
    px_link_client_close(((px_link *)executor)->client);
    free(executor);
}

static const px_executor_ops operations = {
    .create = link_create, .drop = link_drop, .run = link_run, .get = link_get, .put = link_put, .close = link_close};

bool px_link_executor(px_executor **executor, px_link_client *client, px_error *error)
{
    px_link *link = calloc(1, sizeof *link);
    if (link == NULL) {
        px_link_client_close(client);
        return px_fail(error, PX_E_SYSTEM, "no memory for the executor link");
    }
    link->client = client;
    link->base = (px_executor){.ops = &operations,
                               .caps = {.max_pixels = client->hello.max_pixels,
                                        .machines = 1,
                                        .total_pixels = client->hello.max_pixels,
                                        .lanes = client->hello.lanes,
                                        .flat = (client->hello.capabilities & (uint32_t)PXL_CAP_RESUME) == 0}};
    _Static_assert(sizeof link->base.name >= sizeof client->who, "a name that fits");
    strcpy(link->base.name, client->who);
    *executor = &link->base;
    return true;
}

px_link_client *px_link_client_of(px_executor *executor)
{
    return executor->ops == &operations ? ((px_link *)executor)->client : NULL;
}

static bool open_link(px_executor **executor, const char *arg, px_error *error)
{
    px_link_client *client;
    return px_link_client_open(&client, arg != NULL ? arg : "", error) && px_link_executor(executor, client, error);
}

/* Serial ports by the names that udev gives them, for those say what is plugged in. None is opened. */
static bool list_ports(void (*line)(void *context, const char *text), void *context, px_error *error)
{
    static const char directory[] = "/dev/serial/by-id";
    struct dirent **entries;
    char text[600], path[300], target[128];
    const int count = scandir(directory, &entries, NULL, alphasort);
    (void)error;
    for (int i = 0; i < count; i++) {
        if (entries[i]->d_name[0] != '.') {
            snprintf(path, sizeof path, "%s/%s", directory, entries[i]->d_name);
            const ssize_t length = readlink(path, target, sizeof target - 1);
            const char *base = length > 0 ? (target[length] = '\0', strrchr(target, '/')) : NULL;
            snprintf(text, sizeof text, "link:/dev/%s  %s", base != NULL ? base + 1 : "?", entries[i]->d_name);
            line(context, text);
        }
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
    return true;
}

const px_driver px_link_driver = {.open = open_link, .list = list_ports};

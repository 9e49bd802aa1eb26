/* link.c - the executor link:PORT: a machine at the other end of the link, a board or px serve.
 *
 * It keeps a copy of what the other end is known to hold, and sends only what differs from it. A run makes the copy
 * old until it is read. Nothing that comes back is trusted: a machine that cannot be is an error, not a result. */
#define _DEFAULT_SOURCE /* scandir's d_type */

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "host/link_client.h"
#include "host/session.h"
#include "pxi/executor.h"

typedef struct px_link {
    px_executor base;
    px_link_client *client;
    px_state copy; /* the machine; its mem has room for had pixels */
    uint32_t had;
    bool loaded;    /* copy's shape, fields and retired are the machine's */
    uint32_t known; /* pixels, from address 0, that are the machine's as well */
    bool known_registers;
} px_link;

/* ---- progress ---- */

/* Of a transfer that takes longer than a second, ten times a second; only where somebody sits before it. */
typedef struct progress {
    const char *what;
    uint32_t all;
    double next; /* time to show it again */
    bool shown;
} progress;

static progress start_progress(const char *what, uint32_t all)
{
    return (progress){what, all, px_seconds() + 1, false};
}

static void show_progress(progress *p, uint32_t done)
{
    if (px_seconds() < p->next || !isatty(STDERR_FILENO))
        return;
    p->next = px_seconds() + 0.1;
    fprintf(stderr, "\r%s %s of %s pixels ", p->what, px_grouped(done), px_grouped(p->all));
    p->shown = true;
}

static void end_progress(const progress *p)
{
    if (p->shown)
        fputs("\r\033[K", stderr);
}

/* ---- loading ---- */

/* Nothing is known of the machine any more. Returns false, for returns. */
static bool lost(px_link *link)
{
    link->loaded = link->known_registers = false;
    link->known = 0;
    return false;
}

static void pause_for(double seconds)
{
    const struct timespec time = {(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)};
    nanosleep(&time, NULL);
}

/* The time between two STATUS: the first comes at once, for most runs are short; at most 50 ms. */
static double next_pause(double pause) { return pause == 0 ? 0.0002 : pause < 0.025 ? 2 * pause : 0.05; }

/* Waits for the end of the run under way; with interrupted, STOPs it when Ctrl-C comes, and tells. */
static bool await_end(px_link *link, px_link_status *status, bool *interrupted, px_error *error)
{
    for (double pause = 0;; pause = next_pause(pause)) {
        if (!px_link_get_status(link->client, status, error))
            return false;
        if (!status->underway)
            return true;
        if (interrupted != NULL && !*interrupted && px_session_interrupted()) {
            if (!px_link_stop(link->client, error))
                return false;
            *interrupted = true;
            continue;
        }
        if (pause > 0)
            pause_for(pause);
    }
}

/* RESET; a run that a client before us left behind is ended first. */
static bool reset(px_link *link, const px_state *state, px_error *error)
{
    px_link_client *c = link->client;
    px_link_status status;
    if (!px_link_reset(c, state->profile, state->w, state->h, error) &&
        (c->refused != PXL_E_RUNNING || !px_link_stop(c, error) || !await_end(link, &status, NULL, error) ||
         !px_link_reset(c, state->profile, state->w, state->h, error)))
        return false;
    uint32_t *mem = link->copy.mem;
    link->copy = (px_state){.profile = state->profile, .w = state->w, .h = state->h, .mem = mem};
    link->known_registers = true;
    return true;
}

/* Brings words first..first+count-1 of a space to what they should be, where they are not known to be it: the least
 * part, from the first that differs to the last. */
static bool send_block(px_link *link, enum px_link_space space, uint32_t first, uint32_t count, const uint32_t *words,
                       uint32_t *copy, uint32_t known, px_error *error)
{
    uint32_t from = first, to = first + count;
    while (from < to && from < known && copy[from] == words[from])
        from++;
    while (to > from && to <= known && copy[to - 1] == words[to - 1])
        to--;
    if (from == to)
        return true;
    if (!px_link_write(link->client, space, from, words + from, to - from, error))
        return false;
    memcpy(copy + from, words + from, (to - from) * sizeof *copy);
    return true;
}

static bool send_pixels(px_link *link, const px_state *state, px_error *error)
{
    const uint32_t n = px_state_pixels(state);
    progress p = start_progress("sending", n);
    bool ok = true;
    for (uint32_t at = 0; ok && at < n; at += PX_LINK_BLOCK) {
        const uint32_t count = n - at < PX_LINK_BLOCK ? n - at : PX_LINK_BLOCK;
        ok = send_block(link, PXL_SPACE_PIXEL, at, count, state->mem, link->copy.mem, link->known, error);
        show_progress(&p, at + count);
    }
    end_progress(&p);
    if (ok && n > link->known)
        link->known = n;
    return ok;
}

static bool send_fields(px_link *link, const px_state *state, px_error *error)
{
    const px_state *copy = &link->copy;
    if (state->pc == copy->pc && state->vl == copy->vl && state->profile == copy->profile &&
        state->cause == copy->cause && state->status == copy->status && state->value == copy->value)
        return true;
    uint32_t words[4];
    words[PXL_STATE_PC] = state->pc;
    words[PXL_STATE_VL] = state->vl;
    words[PXL_STATE_FLAGS] = state->profile << 16 | state->cause << 8 | state->status;
    words[PXL_STATE_VALUE] = state->value;
    return px_link_write(link->client, PXL_SPACE_STATE, 0, words, 4, error);
}

static bool fits(px_link *link, const px_state *state, px_error *error)
{
    const uint32_t n = px_state_pixels(state);
    if (n > link->base.max_pixels)
        return px_fail(error, PX_E_TOO_LARGE,
                       "the image has %" PRIu32 " pixels and %s at most %" PRIu32 "; use another executor", n,
                       link->base.name, link->base.max_pixels);
    if (state->profile == PX_CLASSIC && (link->client->hello.capabilities & (uint32_t)PXL_CAP_CLASSIC) == 0)
        return px_fail(error, PX_E_TOO_LARGE, "%s does not run classic programs; use another executor",
                       link->base.name);
    if (n <= link->had)
        return true;
    uint32_t *mem = realloc(link->copy.mem, (size_t)n * sizeof *mem);
    if (mem == NULL)
        return px_fail(error, PX_E_SYSTEM, "no memory for an image of %" PRIu32 " pixels", n);
    link->copy.mem = mem;
    link->had = n;
    return true;
}

static bool load(px_executor *executor, const px_state *state, px_error *error)
{
    px_link *link = (px_link *)executor;
    if (!fits(link, state, error))
        return false;
    px_state *copy = &link->copy;
    const bool same = link->loaded && copy->profile == state->profile && copy->w == state->w && copy->h == state->h;
    link->loaded = false; /* until all of it is there */
    if ((!same && !reset(link, state, error)) || !send_pixels(link, state, error) ||
        !send_block(link, PXL_SPACE_REGISTER, 0, 256, state->reg, copy->reg, link->known_registers ? 256 : 0, error) ||
        !send_fields(link, state, error))
        return lost(link);
    uint32_t *mem = copy->mem;
    *copy = *state;
    copy->mem = mem;
    link->loaded = link->known_registers = true;
    return true;
}

/* ---- running ---- */

/* What STATUS says at the end of a run of at most budget instructions, if it can be. */
static bool take_status(px_link *link, const px_link_status *s, uint32_t budget, bool stopped, px_error *error)
{
    px_state *copy = &link->copy;
    if (s->profile != copy->profile)
        return px_fail(error, PX_E_INPUT, "%s was given a machine of profile %" PRIu32 " and has one of %" PRIu32,
                       link->base.name, copy->profile, s->profile);
    if (s->left > budget)
        return px_fail(error, PX_E_INPUT, "%s was given a budget of %" PRIu32 " and says that %" PRIu32 " is left",
                       link->base.name, budget, s->left);
    if (s->status == PX_RUNNING && s->left > 0 && !stopped)
        return px_fail(error, PX_E_INPUT,
                       "%s stopped a running program with %" PRIu32 " of %" PRIu32 " instructions "
                       "left; was the board reset?",
                       link->base.name, s->left, budget);
    if (s->left == budget && (s->pc != copy->pc || s->vl != copy->vl))
        return px_fail(error, PX_E_INPUT,
                       "%s executed nothing and went from pc %" PRIu32 " to %" PRIu32 "; was the board reset?",
                       link->base.name, copy->pc, s->pc);
    copy->status = s->status;
    copy->cause = s->cause;
    copy->pc = s->pc;
    copy->vl = s->vl;
    copy->value = s->value;
    copy->retired += budget - s->left;
    if (budget > s->left) {
        link->known = 0;
        link->known_registers = false;
    }
    return px_state_valid(copy, link->base.name, error);
}

static bool run_once(px_link *link, uint32_t budget, uint64_t *executed, bool *interrupted, px_error *error)
{
    px_link_status status;
    if (!px_link_run(link->client, budget, error) || !await_end(link, &status, interrupted, error) ||
        !take_status(link, &status, budget, *interrupted, error))
        return lost(link);
    *executed += budget - status.left;
    return true;
}

static bool not_loaded(const px_link *link, px_error *error)
{
    return px_fail(error, PX_E_USAGE, "%s has no program loaded, or lost it to an error", link->base.name);
}

static bool run(px_executor *executor, uint64_t budget, px_stop *stop, px_error *error)
{
    px_link *link = (px_link *)executor;
    bool interrupted = false;
    *stop = (px_stop){0};
    if (!link->loaded)
        return not_loaded(link, error);
    while (link->copy.status == PX_RUNNING && stop->executed < budget && !interrupted) {
        const uint64_t left = budget - stop->executed;
        if (!run_once(link, left < UINT32_MAX ? (uint32_t)left : UINT32_MAX, &stop->executed, &interrupted, error))
            return false;
    }
    stop->status = link->copy.status;
    stop->cause = link->copy.cause;
    stop->value = link->copy.value;
    stop->pc = link->copy.pc;
    return true;
}

static bool read_vl(px_executor *executor, uint32_t *vl, px_error *error)
{
    const px_link *link = (const px_link *)executor;
    *vl = link->copy.vl; /* STATUS brought it */
    return link->loaded || not_loaded(link, error);
}

/* ---- reading ---- */

static bool fetch_pixels(px_link *link, px_error *error)
{
    const uint32_t n = px_state_pixels(&link->copy);
    progress p = start_progress("reading", n);
    bool ok = true;
    for (uint32_t at = link->known; ok && at < n;) {
        const uint32_t count = n - at < PX_LINK_BLOCK ? n - at : PX_LINK_BLOCK;
        ok = px_link_read(link->client, PXL_SPACE_PIXEL, at, link->copy.mem + at, count, error);
        at += count;
        show_progress(&p, at);
    }
    end_progress(&p);
    if (ok && n > link->known)
        link->known = n;
    return ok;
}

static bool read_state(px_executor *executor, px_state *out, px_error *error)
{
    px_link *link = (px_link *)executor;
    if (!link->loaded)
        return not_loaded(link, error);
    if (!fetch_pixels(link, error) ||
        (!link->known_registers && !px_link_read(link->client, PXL_SPACE_REGISTER, 0, link->copy.reg, 256, error)))
        return lost(link);
    link->known_registers = true;
    return (px_state_valid(&link->copy, link->base.name, error) || lost(link)) &&
           px_state_copy(out, &link->copy, error);
}

/* ---- life ---- */

static void close_link(px_executor *executor)
{
    px_link *link = (px_link *)executor;
    px_link_client_close(link->client);
    free(link->copy.mem);
    free(link);
}

static const px_executor_ops operations = {
    .load = load, .run = run, .read = read_state, .close = close_link, .vl = read_vl};

bool px_link_executor(px_executor **executor, px_link_client *client, px_error *error)
{
    px_link *link = calloc(1, sizeof *link);
    if (link == NULL) {
        px_link_client_close(client);
        return px_fail(error, PX_E_SYSTEM, "no memory for the executor link");
    }
    link->client = client;
    link->base =
        (px_executor){.ops = &operations, .max_pixels = client->hello.max_pixels, .lanes = client->hello.lanes};
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

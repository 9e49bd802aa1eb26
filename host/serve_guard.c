/* serve_guard.c - see serve_guard.h. */
#include "host/serve_guard.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "host/registry.h"
#include "host/serve_points.h"

typedef struct guard {
    px_executor executor;
    px_executors members;
    px_serve_note *note;
    bool differs;
} guard;

/* ---- who is at work ---- */

static const px_executor_ops *begin(guard *g, size_t member)
{
    px_executor *e = g->members.at[member];
    snprintf(g->note->at_work, sizeof g->note->at_work, "%s", e->name);
    return e->ops;
}

static void end(guard *g) { g->note->at_work[0] = '\0'; }

/* ---- comparing ---- */

static bool differ(guard *g, px_error *error, const char *text)
{
    g->differs = true;
    return px_fail(error, PX_E_INPUT, "%s", text);
}

static bool same_number(guard *g, size_t member, const char *what, uint64_t first, uint64_t other, px_error *error)
{
    char text[512];
    if (first == other)
        return true;
    snprintf(text, sizeof text, "executors in lockstep differ: %s: %s %" PRIu64 ", %s %" PRIu64, what,
             g->members.at[0]->name, first, g->members.at[member]->name, other);
    return differ(g, error, text);
}

static bool same_stop(guard *g, size_t member, const px_stop *first, const px_stop *other, px_error *error)
{
    return same_number(g, member, "status", first->status, other->status, error) &&
           same_number(g, member, "pc", first->pc, other->pc, error) &&
           same_number(g, member, "cause", first->cause, other->cause, error) &&
           same_number(g, member, "value", first->value, other->value, error) &&
           same_number(g, member, "instructions executed", first->executed, other->executed, error);
}

static bool same_state(guard *g, size_t member, const px_state *first, const px_state *other, px_error *error)
{
    char difference[400], text[512];
    if (px_state_equal(first, g->members.at[0]->name, other, g->members.at[member]->name, difference,
                       sizeof difference))
        return true;
    snprintf(text, sizeof text, "executors in lockstep differ: %s", difference);
    return differ(g, error, text);
}

/* ---- the executor ---- */

static bool load(px_executor *executor, const px_state *state, px_error *error)
{
    guard *g = (guard *)executor;
    bool ok = true;
    g->differs = false;
    for (size_t i = 0; ok && i < g->members.count; i++)
        ok = begin(g, i)->load(g->members.at[i], state, error);
    end(g);
    return ok;
}

static bool run(px_executor *executor, uint64_t budget, px_stop *stop, px_error *error)
{
    guard *g = (guard *)executor;
    bool ok = true;
    begin(g, 0);
    px_serve_point_run(g->members.at[0]);
    for (size_t i = 0; ok && i < g->members.count; i++) {
        px_stop other = {0};
        ok = begin(g, i)->run(g->members.at[i], budget, i == 0 ? stop : &other, error) &&
             (i == 0 || same_stop(g, i, stop, &other, error));
    }
    end(g);
    return ok;
}

static bool read_state(px_executor *executor, px_state *out, px_error *error)
{
    guard *g = (guard *)executor;
    px_state other = {0};
    bool ok = true;
    for (size_t i = 0; ok && i < g->members.count; i++)
        ok = begin(g, i)->read(g->members.at[i], i == 0 ? out : &other, error) &&
             (i == 0 || same_state(g, i, out, &other, error));
    end(g);
    px_state_free(&other);
    return ok;
}

static bool read_vl(px_executor *executor, uint32_t *vl, px_error *error)
{
    guard *g = (guard *)executor;
    const bool ok = begin(g, 0)->vl(g->members.at[0], vl, error);
    end(g);
    return ok;
}

static void close_guard(px_executor *executor)
{
    guard *g = (guard *)executor;
    px_executors_close(&g->members);
    free(g);
}

/* vl by itself is for one executor: several are compared in everything. */
static const px_executor_ops several = {.load = load, .run = run, .read = read_state, .close = close_guard};
static const px_executor_ops alone = {
    .load = load, .run = run, .read = read_state, .close = close_guard, .vl = read_vl};

bool px_guard_open(px_executor **executor, const char *list, uint32_t most_pixels, px_serve_note *note, px_error *error)
{
    guard *g = calloc(1, sizeof *g);
    if (g == NULL)
        return px_fail(error, PX_E_SYSTEM, "no memory for the executors");
    snprintf(note->at_work, sizeof note->at_work, "%s", list);
    if (!px_executors_open(&g->members, list, false, error)) {
        free(g);
        return false;
    }
    g->note = note;
    end(g);
    g->executor.ops = g->members.count == 1 && g->members.at[0]->ops->vl != NULL ? &alone : &several;
    g->executor.max_pixels = most_pixels;
    g->executor.lanes = UINT32_MAX;
    for (size_t i = 0; i < g->members.count; i++) {
        const px_executor *e = g->members.at[i];
        if (e->max_pixels < g->executor.max_pixels)
            g->executor.max_pixels = e->max_pixels;
        if (e->lanes < g->executor.lanes)
            g->executor.lanes = e->lanes;
    }
    snprintf(g->executor.name, sizeof g->executor.name, "%s", g->members.count == 1 ? g->members.at[0]->name : list);
    *executor = &g->executor;
    return true;
}

bool px_guard_differs(const px_executor *executor) { return ((const guard *)executor)->differs; }

px_link_client *px_guard_board(const px_executor *executor)
{
    const guard *g = (const guard *)executor;
    for (size_t i = 0; i < g->members.count; i++) {
        px_link_client *client = px_link_client_of(g->members.at[i]);
        if (client != NULL && (client->hello.capabilities & PXL_CAP_WIRE) != 0)
            return client;
    }
    return NULL;
}

/* snapshot.c - see snapshot.h. */
#include "exec/snapshot.h"

#include <stdlib.h>
#include <string.h>

enum { TILE = 1024, CHUNK = 64, MOST = 2048, LATEST = 4 };

struct px_tile {
    uint32_t users;
    uint32_t px[TILE];
};

px_snapshots px_snapshots_of(uint32_t pixels, uint64_t most)
{
    return (px_snapshots){.pixels = pixels, .tiles = (pixels + TILE - 1) / TILE, .most = most};
}

static uint64_t size_of(const px_snapshots *list) { return sizeof(px_snapshot) + list->tiles * sizeof(px_tile *); }

static void release(px_snapshots *list, px_snapshot *s)
{
    for (uint32_t i = 0; s->tiles != NULL && i < list->tiles; i++)
        if (s->tiles[i] != NULL && --s->tiles[i]->users == 0) {
            free(s->tiles[i]);
            list->bytes -= sizeof(px_tile);
        }
    free(s->tiles);
    s->tiles = NULL;
    list->bytes -= size_of(list);
}

static void drop_mark(px_snapshots *list)
{
    if (list->mark.tiles != NULL)
        release(list, &list->mark);
}

void px_snapshots_cut(px_snapshots *list, uint64_t from)
{
    if (list->mark.at >= from)
        drop_mark(list);
    while (list->count > 0 && list->of[list->count - 1].at >= from)
        release(list, &list->of[--list->count]);
}

void px_snapshots_free(px_snapshots *list)
{
    px_snapshots_cut(list, 0);
    free(list->of);
    *list = (px_snapshots){0};
}

/* Every other one goes, but for the first and the latest. */
static void thin(px_snapshots *list)
{
    size_t kept = 1;
    for (size_t i = 1; i < list->count; i++)
        if (i % 2 == 1 && i + LATEST < list->count)
            release(list, &list->of[i]);
        else
            list->of[kept++] = list->of[i];
    list->count = kept;
}

static bool room_for_one(px_snapshots *list, px_error *error)
{
    if (list->count >= MOST || (list->bytes > list->most && list->count > 2 * LATEST))
        thin(list);
    if (list->count < list->room)
        return true;
    const size_t room = list->room == 0 ? 16 : 2 * list->room;
    px_snapshot *more = realloc(list->of, room * sizeof *more);
    if (more == NULL)
        return px_fail(error, PX_E_SYSTEM, "no memory for a snapshot");
    list->of = more;
    list->room = room;
    return true;
}

static uint32_t length_of(const px_snapshots *list, uint32_t tile)
{
    const uint32_t left = list->pixels - tile * TILE;
    return left < TILE ? left : TILE;
}

/* A tile like the one before, or a new one. */
static px_tile *keep(px_snapshots *list, px_tile *before, const uint32_t *px, uint32_t length)
{
    if (before != NULL && memcmp(before->px, px, length * sizeof *px) == 0) {
        before->users++;
        return before;
    }
    px_tile *tile = malloc(sizeof *tile);
    if (tile == NULL)
        return NULL;
    tile->users = 1;
    memcpy(tile->px, px, length * sizeof *px);
    list->bytes += sizeof *tile;
    return tile;
}

/* Calls visit for each tile of the image as it is now, with its pixels. */
static bool each_tile(const px_snapshots *list, px_machine *machine, px_error *error,
                      bool (*visit)(void *context, uint32_t tile, const uint32_t *px, uint32_t length, px_error *),
                      void *context)
{
    uint32_t *px = malloc(CHUNK * TILE * sizeof *px);
    bool ok = px != NULL || px_fail(error, PX_E_SYSTEM, "no memory for a snapshot");
    for (uint32_t first = 0; ok && first < list->tiles; first += CHUNK) {
        const uint32_t left = list->pixels - first * TILE, count = left < CHUNK * TILE ? left : CHUNK * TILE;
        ok = px_get(machine, PX_SPACE_PIXEL, first * TILE, px, count, error);
        for (uint32_t at = 0; ok && at < count; at += TILE)
            ok = visit(context, first + at / TILE, px + at, length_of(list, first + at / TILE), error);
    }
    free(px);
    return ok;
}

typedef struct taking {
    px_snapshots *list;
    px_snapshot *to;
    const px_snapshot *before;
} taking;

static bool take_tile(void *context, uint32_t tile, const uint32_t *px, uint32_t length, px_error *error)
{
    taking *t = context;
    px_tile *before = t->before != NULL ? t->before->tiles[tile] : NULL;
    t->to->tiles[tile] = keep(t->list, before, px, length);
    return t->to->tiles[tile] != NULL || px_fail(error, PX_E_SYSTEM, "no memory for a snapshot");
}

static bool fill(px_snapshots *list, px_snapshot *s, const px_snapshot *before, px_machine *machine, uint64_t at,
                 px_error *error)
{
    *s = (px_snapshot){.at = at, .tiles = calloc(list->tiles, sizeof(px_tile *))};
    taking t = {list, s, before};
    list->bytes += size_of(list);
    const bool ok = (s->tiles != NULL || px_fail(error, PX_E_SYSTEM, "no memory for a snapshot")) &&
                    px_machine_read_fields(machine, &s->fields, error) &&
                    each_tile(list, machine, error, take_tile, &t);
    s->fields.profile = machine->profile;
    if (!ok)
        release(list, s);
    return ok;
}

bool px_snapshot_take(px_snapshots *list, px_machine *machine, uint64_t at, px_error *error)
{
    if (!room_for_one(list, error))
        return false;
    px_snapshot *s = &list->of[list->count];
    const bool ok = fill(list, s, list->count > 0 ? s - 1 : NULL, machine, at, error);
    list->count += ok;
    return ok;
}

bool px_snapshot_mark(px_snapshots *list, px_machine *machine, uint64_t at, px_error *error)
{
    drop_mark(list);
    return fill(list, &list->mark, &list->of[px_snapshot_before(list, at)], machine, at, error);
}

size_t px_snapshot_before(const px_snapshots *list, uint64_t at)
{
    size_t low = 0, high = list->count;
    while (high - low > 1) {
        const size_t middle = low + (high - low) / 2;
        if (list->of[middle].at <= at)
            low = middle;
        else
            high = middle;
    }
    return low;
}

typedef struct restoring {
    const px_snapshot *from;
    px_machine *machine;
} restoring;

/* What is as it was is left alone: executors may have prepared much from it. */
static bool restore_tile(void *context, uint32_t tile, const uint32_t *px, uint32_t length, px_error *error)
{
    const restoring *r = context;
    const uint32_t *was = r->from->tiles[tile]->px;
    return memcmp(was, px, length * sizeof *px) == 0 ||
           px_put(r->machine, PX_SPACE_PIXEL, tile * TILE, was, length, error);
}

bool px_snapshot_restore(const px_snapshots *list, const px_snapshot *which, px_machine *machine, px_error *error)
{
    restoring r = {which, machine};
    return each_tile(list, machine, error, restore_tile, &r) && px_machine_write_fields(machine, &which->fields, error);
}

uint32_t px_snapshot_pixel(const px_snapshots *list, size_t which, uint32_t address)
{
    return list->of[which].tiles[address / TILE]->px[address % TILE];
}

/* picture.c - see picture.h. */
#include "os/picture.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_HEAP = 7, MAP_PIXELS = sizeof(os_map) / 4, FREE = 0 };

enum {
#define PXO_VALUE(id, value, text) OS_##id = (int)(value),
#include "os/os.def"
};

/* Which run of the table is which. */
enum {
#define OS_RUN(id, text)         RUN_##id,
#define OS_RUNS(id, count, text) RUN_##id, RUN_##id##_last = RUN_##id + (count)-1,
#define OS_PLACE(id, text)       RUN_##id,
#define OS_WORK(id, text)        RUN_##id,
#include "os/table.def"
};

/* ---- the map ---- */

/* The first pixel of the row that no byte below an address is in. */
static uint64_t first_row(const px_state *s, uint32_t address)
{
    const uint64_t row = (uint64_t)4 * s->w;
    return (address + row - 1) / row * s->w;
}

static bool lies_in(const px_state *s, uint32_t address, uint64_t pixels)
{
    return address % 4 == 0 && address / 4 + pixels <= px_state_pixels(s);
}

static bool slots_lie_in(const px_state *s, const os_map *m)
{
    uint64_t pixels = 0, count = 0;
    for (uint32_t c = 0; c < m->classes; c++) {
        pixels += (uint64_t)m->class[c].pixels * m->class[c].count;
        count += m->class[c].count;
        if (m->class[c].pixels <= PX_STATE_WORDS || pixels > PX_MAX_PIXELS)
            return false;
    }
    return count == m->columns && lies_in(s, m->slots, pixels);
}

static bool code_lies_in(const px_state *s, const os_map *m)
{
    uint32_t from = 0;
    for (uint32_t i = 0; i < m->code_runs; i++) {
        if (m->code[i].from % 4 != 0 || m->code[i].from / 4 <= from || m->code[i].part > OS_APPS)
            return false;
        from = m->code[i].from / 4;
    }
    return from < s->mem[PX_HEADER_END];
}

bool os_picture_map(const px_state *s, os_map *m)
{
    const uint32_t n = px_state_pixels(s),
                   heap = s->profile == PX_V1 && s->h > 1 && n > FIRST_HEAP ? s->mem[FIRST_HEAP] : 0;
    const uint64_t at = first_row(s, heap);
    if (heap == 0 || at + MAP_PIXELS > n)
        return false;
    memcpy(m, s->mem + at, sizeof *m);
    return m->magic == OS_MAP_MAGIC && m->classes > 0 && m->classes <= OS_CLASSES && m->code_runs <= OS_CODE_RUNS &&
           m->columns < n && m->pitch >= m->columns && m->pitch < n && m->pipe_pitch < n && m->pipes < n &&
           m->programs < n && m->root_rows < n && m->seat_count < n && s->mem[PX_HEADER_END] <= heap / 4 &&
           lies_in(s, m->names, (uint64_t)m->programs * OS_NAME_WORDS) &&
           lies_in(s, m->root, (uint64_t)m->root_rows * s->w) &&
           lies_in(s, m->table, (uint64_t)m->pitch * OS_COLUMN_RUNS) &&
           lies_in(s, m->pipe_table, (uint64_t)m->pipe_pitch * OS_PIPE_RUNS) && lies_in(s, m->seats, m->seat_count) &&
           lies_in(s, m->pipe_bytes, (uint64_t)m->pipes * s->w) && slots_lie_in(s, m) && code_lies_in(s, m);
}

/* ---- processes ---- */

uint32_t os_picture_slots(const os_map *m) { return m->columns; }

static void place_slot(const os_map *m, uint32_t slot, uint32_t *from, uint32_t *end)
{
    uint32_t at = m->slots / 4, c = 0;
    while (c + 1 < m->classes && slot >= m->class[c].count) {
        slot -= m->class[c].count;
        at += m->class[c].pixels * m->class[c].count;
        c++;
    }
    *from = at + slot * m->class[c].pixels;
    *end = *from + m->class[c].pixels;
}

uint32_t os_picture_slot_at(const os_map *m, uint32_t address)
{
    uint32_t at = m->slots / 4, slot = 0;
    for (uint32_t c = 0; address >= at && c < m->classes; c++) {
        const uint32_t pixels = m->class[c].pixels * m->class[c].count;
        if (address - at < pixels)
            return slot + (address - at) / m->class[c].pixels;
        at += pixels;
        slot += m->class[c].count;
    }
    return m->columns;
}

static uint32_t in_table(const px_state *s, const os_map *m, uint32_t run, uint32_t slot)
{
    return s->mem[m->table / 4 + run * m->pitch + slot];
}

/* A column of four runs, and what people can read of it. */
static void read_name(const px_state *s, const os_map *m, uint32_t program, char name[4 * OS_NAME_WORDS])
{
    memset(name, 0, 4 * OS_NAME_WORDS);
    for (uint32_t i = 0; program < m->programs && i < 4 * OS_NAME_WORDS - 1; i++) {
        const uint32_t word = s->mem[m->names / 4 + i / 4 * m->programs + program];
        const char c = (char)(word >> i % 4 * 8 & 0xFF);
        if (c == 0)
            break;
        name[i] = c;
        if (c < ' ' || c > '~')
            name[i] = '?';
    }
}

os_process os_picture_process(const px_state *s, const os_map *m, uint32_t slot)
{
    os_process p = {.slot = slot,
                    .pid = in_table(s, m, RUN_pid, slot),
                    .state = in_table(s, m, RUN_state, slot),
                    .parent = in_table(s, m, RUN_parent, slot),
                    .instructions = in_table(s, m, RUN_used, slot)};
    place_slot(m, slot, &p.from, &p.end);
    const uint32_t *const saved = s->mem + p.from;
    read_name(s, m, p.pid != 0 ? in_table(s, m, RUN_program, slot) : m->programs, p.name);
    p.asks = p.pid != 0 && p.state != OS_ENDED && saved[PX_SAVED_MAGIC] == PX_MAGIC_STATE &&
             saved[PX_SAVED_STATUS] == PX_WAITING;
    p.request = p.asks ? saved[PX_SAVED_REG + (saved[PX_SAVED_VALUE] & 255)] : 0;
    return p;
}

const char *os_request_name(uint32_t request)
{
    switch (request >> 24) {
#define PXH_SERVICE(id, number, grant, payload, argument, reads, writes, answer, errors, text)                         \
    case number:                                                                                                       \
        return #id;
#include "pxi/host.def"
#define PXO_CALL(id, number, payload, argument, answer, errors, text)                                                  \
    case number:                                                                                                       \
        return #id;
#include "os/os.def"
    default:
        return "a request without a name";
    }
}

const char *os_state_name(uint32_t state)
{
    return state == OS_READY ? "READY" : state == OS_BLOCKED ? "BLOCKED" : state == OS_ENDED ? "ENDED" : "free";
}

/* ---- regions ---- */

typedef struct list {
    os_region *at;
    size_t count, room;
    bool full;
} list;

static const char *const part_name[] = {"kernel", "drivers", "file systems", "programs"};
static const uint32_t part_colour[] = {0x4078F0, 0x30B050, 0xE8D030, 0xF08020};

static os_region *add(list *l, const char *name, uint32_t from, enum os_part part, const char *kind)
{
    if (l->count == l->room) {
        const size_t room = 2 * l->room + 64;
        os_region *more = realloc(l->at, room * sizeof *more);
        l->full |= more == NULL;
        if (more == NULL)
            return NULL;
        l->at = more;
        l->room = room;
    }
    os_region *r = &l->at[l->count++];
    *r = (os_region){.from = from, .part = part, .colour = part_colour[part]};
    snprintf(r->name, sizeof r->name, "%s", name);
    snprintf(r->kind, sizeof r->kind, "%s, %s", part_name[part], kind);
    return r;
}

static void add_run(list *l, uint32_t *from, const char *name, uint32_t pixels, enum os_part part, const char *kind)
{
    (void)add(l, name, *from, part, kind);
    *from += pixels;
}

static void add_kernel(list *l, const px_state *s, const os_map *m)
{
    char name[40];
    (void)add(l, "header", 0, OS_KERNEL, "header and stack");
    for (uint32_t i = 0; i < m->code_runs; i++) {
        const enum os_part part = (enum os_part)m->code[i].part;
        snprintf(name, sizeof name, "%s code", part_name[part]);
        (void)add(l, name, m->code[i].from / 4, part, "code");
    }
    (void)add(l, "data", s->mem[PX_HEADER_END], OS_KERNEL, "data");
}

static void add_tables(list *l, const os_map *m)
{
    uint32_t at = m->table / 4;
    const uint32_t pitch = m->pitch;
#define OS_RUN(id, text)         add_run(l, &at, #id, pitch, OS_KERNEL, "process table");
#define OS_RUNS(id, count, text) add_run(l, &at, #id, (count)*pitch, OS_KERNEL, "process table");
#define OS_PLACE(id, text)       add_run(l, &at, #id, pitch, OS_KERNEL, "process table");
#define OS_WORK(id, text)        add_run(l, &at, #id, pitch, OS_KERNEL, "work of a round");
#include "os/table.def"
    at = m->pipe_table / 4;
#define OS_PIPE(id, text) add_run(l, &at, #id, m->pipe_pitch, OS_KERNEL, "pipes");
#include "os/table.def"
    (void)add(l, "seats", m->seats / 4, OS_KERNEL, "process table");
    (void)add(l, "pipes", m->pipe_bytes / 4, OS_KERNEL, "pipes");
}

/* A slot is as bright as what is in it is awake. */
static void add_slots(list *l, const px_state *s, const os_map *m)
{
    char name[40];
    for (uint32_t slot = 0; slot < m->columns; slot++) {
        const os_process p = os_picture_process(s, m, slot);
        const uint32_t state = p.pid == 0 ? FREE : p.state;
        snprintf(name, sizeof name, "slot %" PRIu32, slot);
        os_region *r = add(l, name, p.from, OS_APPS, "");
        if (r == NULL)
            return;
        r->colour = state == OS_READY     ? 0xFFA040
                    : state == OS_BLOCKED ? 0xC06818
                    : state == OS_ENDED   ? 0xA03020
                                          : 0x503820;
        snprintf(r->kind, sizeof r->kind, state == FREE ? "slot, %s" : "slot, %s, %s", os_state_name(state), p.name);
    }
}

static int by_address(const void *a, const void *b)
{
    const os_region *x = a, *y = b;
    return (x->from > y->from) - (x->from < y->from);
}

bool os_picture_regions(const px_state *s, const os_map *m, os_region **regions, size_t *count, px_error *error)
{
    list l = {0};
    const uint32_t map_row = (uint32_t)first_row(s, s->mem[FIRST_HEAP]);
    add_kernel(&l, s, m);
    (void)add(&l, "map", map_row, OS_KERNEL, "map");
    (void)add(&l, "names", m->names / 4, OS_APPS, "names");
    (void)add(&l, "root", m->root / 4, OS_FS, "root");
    add_tables(&l, m);
    add_slots(&l, s, m);
    if (l.full) {
        free(l.at);
        return px_fail(error, PX_E_SYSTEM, "no memory for the regions");
    }
    qsort(l.at, l.count, sizeof *l.at, by_address);
    for (size_t i = 0; i < l.count; i++)
        l.at[i].end = i + 1 < l.count ? l.at[i + 1].from : px_state_pixels(s);
    *regions = l.at;
    *count = l.count;
    return true;
}

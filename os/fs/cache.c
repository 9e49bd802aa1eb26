/* cache.c - see cache.h. Lines of all devices share one pool. One that has to go is the one that was used least lately;
 * if it was written, it goes down together with its neighbours. */
#include "os/fs/cache.h"

#include <stddef.h>
#include <string.h>

#include "os/fs/runs.h"

enum { BYTES = CACHE_LINE * FS_SECTOR, NOBODY = CACHE_DEVICES };

typedef struct cached {
    fs_device device; /* first: what is given out */
    fs_device *below; /* NULL: this place is free */
    uint32_t number;
    uint64_t ahead; /* the line behind the last run that was read */
    bool in_order;
} cached;

static cached devices[CACHE_DEVICES];
static uint32_t low[CACHE_LINES], high[CACHE_LINES], owner[CACHE_LINES], used[CACHE_LINES], ticks;
static bool dirty[CACHE_LINES], ready;
static uint32_t line_words[CACHE_LINES][BYTES / 4], run[CACHE_RUN][BYTES / 4];

static uint64_t line_of(uint32_t i) { return (uint64_t)high[i] << 32 | low[i]; }

/* CACHE_LINES: it is not here. */
static uint32_t find(const cached *c, uint64_t line)
{
    for (uint32_t i = 0;; i++) {
        i += run_find(low + i, CACHE_LINES - i, (uint32_t)line);
        if (i >= CACHE_LINES || (owner[i] == c->number && high[i] == (uint32_t)(line >> 32)))
            return i;
    }
}

/* The last line may be half a one. */
static uint32_t sectors_of(const cached *c, uint64_t line, uint32_t lines)
{
    const uint64_t left = c->device.sectors - line * CACHE_LINE;
    return left < (uint64_t)lines * CACHE_LINE ? (uint32_t)left : lines * CACHE_LINE;
}

/* Writes the run of dirty lines in which this one is. */
static int32_t clean(cached *c, uint64_t line)
{
    uint32_t at[CACHE_RUN], count = 0, i;
    uint64_t begin = line;
    while (begin > 0 && line - begin < CACHE_RUN - 1 && (i = find(c, begin - 1)) < CACHE_LINES && dirty[i])
        begin--;
    while (count < CACHE_RUN && (i = find(c, begin + count)) < CACHE_LINES && dirty[i]) {
        memcpy(run[count], line_words[i], BYTES);
        at[count++] = i;
    }
    const int32_t answer = c->below->write(c->below, begin * CACHE_LINE, sectors_of(c, begin, count), run);
    for (i = 0; answer == 0 && i < count; i++)
        dirty[at[i]] = false;
    return answer;
}

/* A line that is nobody's. */
static int32_t make_room(uint32_t *free)
{
    uint32_t oldest = 0;
    for (uint32_t i = 0; i < CACHE_LINES; i++) {
        if (owner[i] == NOBODY) {
            *free = i;
            return 0;
        }
        if (ticks - used[i] > ticks - used[oldest])
            oldest = i;
    }
    if (dirty[oldest]) {
        const int32_t answer = clean(&devices[owner[oldest]], line_of(oldest));
        if (answer < 0)
            return answer;
    }
    owner[oldest] = NOBODY;
    *free = oldest;
    return 0;
}

static void name_line(uint32_t i, const cached *c, uint64_t line)
{
    owner[i] = c->number;
    low[i] = (uint32_t)line;
    high[i] = (uint32_t)(line >> 32);
    used[i] = ++ticks;
    dirty[i] = false;
}

/* Reads a line that is not here; where lines are read one after the other, those behind it too. */
static int32_t fetch(cached *c, uint64_t line, uint32_t *where)
{
    const uint64_t all = (c->device.sectors + CACHE_LINE - 1) / CACHE_LINE;
    const uint32_t most = line == c->ahead && line > 0 ? CACHE_RUN : 1;
    uint32_t count = 1, place[CACHE_RUN];
    while (count < most && line + count < all && find(c, line + count) == CACHE_LINES)
        count++;
    for (uint32_t i = 0; i < count; i++) {
        const int32_t answer = make_room(&place[i]); /* may use `run` */
        if (answer < 0)
            count = i;
        else
            name_line(place[i], c, line + i);
        if (count == 0)
            return answer;
    }
    const int32_t answer = c->below->read(c->below, line * CACHE_LINE, sectors_of(c, line, count), run);
    for (uint32_t i = 0; i < count; i++) {
        if (answer < 0)
            owner[place[i]] = NOBODY;
        memcpy(line_words[place[i]], run[i], BYTES);
    }
    c->ahead = line + count;
    *where = place[0];
    if (answer < 0 && count > 1) { /* what is behind it may be what cannot be read */
        c->ahead = 0;
        return fetch(c, line, where);
    }
    return answer;
}

typedef struct part {
    uint64_t line;
    uint32_t first, sectors; /* of the line */
} part;

static part part_of(uint64_t sector, uint32_t count)
{
    const part p = {sector / CACHE_LINE, (uint32_t)(sector % CACHE_LINE), CACHE_LINE - (uint32_t)(sector % CACHE_LINE)};
    return count < p.sectors ? (part){p.line, p.first, count} : p;
}

static bool is_within(const fs_device *d, uint64_t sector, uint32_t count)
{
    return sector <= d->sectors && count <= d->sectors - sector;
}

static int32_t cache_read(fs_device *d, uint64_t sector, uint32_t count, void *to)
{
    cached *c = (cached *)(void *)d;
    uint8_t *bytes = to;
    if (!is_within(d, sector, count))
        return FS_E_RANGE;
    while (count > 0) {
        const part p = part_of(sector, count);
        uint32_t i = find(c, p.line);
        const int32_t answer = i < CACHE_LINES ? 0 : fetch(c, p.line, &i);
        if (answer < 0)
            return answer;
        used[i] = ++ticks;
        memcpy(bytes, (const uint8_t *)line_words[i] + p.first * FS_SECTOR, p.sectors * FS_SECTOR);
        bytes += p.sectors * FS_SECTOR;
        sector += p.sectors;
        count -= p.sectors;
    }
    return 0;
}

static int32_t cache_write(fs_device *d, uint64_t sector, uint32_t count, const void *from)
{
    cached *c = (cached *)(void *)d;
    const uint8_t *bytes = from;
    if (!is_within(d, sector, count))
        return FS_E_RANGE;
    if (d->readonly)
        return FS_E_READONLY;
    while (count > 0) {
        const part p = part_of(sector, count);
        uint32_t i = find(c, p.line);
        int32_t answer = 0;
        if (i == CACHE_LINES && p.sectors == sectors_of(c, p.line, 1)) { /* nothing of what is there is needed */
            answer = make_room(&i);
            if (answer == 0)
                name_line(i, c, p.line);
        } else if (i == CACHE_LINES) {
            answer = fetch(c, p.line, &i);
        }
        if (answer < 0)
            return answer;
        used[i] = ++ticks;
        dirty[i] = true;
        memcpy((uint8_t *)line_words[i] + p.first * FS_SECTOR, bytes, p.sectors * FS_SECTOR);
        bytes += p.sectors * FS_SECTOR;
        sector += p.sectors;
        count -= p.sectors;
        if (c->in_order && (answer = clean(c, p.line)) < 0)
            return answer;
    }
    return 0;
}

void cache_in_order(fs_device *d) { ((cached *)(void *)d)->in_order = true; }

static int32_t cache_flush(fs_device *d)
{
    cached *c = (cached *)(void *)d;
    int32_t answer = 0;
    for (uint32_t i = 0; answer == 0 && i < CACHE_LINES; i++)
        if (dirty[i] && owner[i] == c->number)
            answer = clean(c, line_of(i));
    return answer < 0 ? answer : c->below->flush(c->below);
}

static void begin(void)
{
    for (uint32_t i = 0; i < CACHE_LINES; i++)
        owner[i] = NOBODY;
    ready = true;
}

fs_device *cache_over(fs_device *below)
{
    uint32_t number = 0;
    if (!ready)
        begin();
    while (number < CACHE_DEVICES && devices[number].below != NULL)
        number++;
    if (number == CACHE_DEVICES)
        return NULL;
    devices[number] =
        (cached){{cache_read, cache_write, cache_flush, below->sectors, below->readonly, NULL}, below, number, 0, false};
    return &devices[number].device;
}

int32_t cache_leave(fs_device *d)
{
    cached *c = (cached *)(void *)d;
    const int32_t answer = d->readonly ? 0 : cache_flush(d);
    for (uint32_t i = 0; i < CACHE_LINES; i++)
        if (owner[i] == c->number) {
            owner[i] = NOBODY;
            dirty[i] = false;
        }
    c->below = NULL;
    return answer;
}

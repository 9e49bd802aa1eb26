/* cache.c - see cache.h. Lines of all devices share one pool. One that has to go is the one that was used least lately;
 * if it was written, it goes down together with its neighbours. A flush gives a device many runs at once. */
#include "os/fs/cache.h"

#include <stddef.h>
#include <string.h>

#include "os/fs/runs.h"

enum { BYTES = CACHE_LINE * FS_SECTOR, NOBODY = CACHE_DEVICES };

/* Who reads one line after the other. */
typedef struct reader {
    uint64_t next;  /* the line behind the last run that was read for it */
    uint32_t lines; /* of that run */
} reader;

typedef struct cached {
    fs_device device; /* first: what is given out */
    fs_device *below; /* NULL: this place is free */
    uint32_t number;
    reader readers[CACHE_READERS];
    uint32_t newest; /* of them */
    bool in_order;
    bool unflushed; /* something went down since the last flush */
    bool lost;      /* something that was written is not below: the next flush says it */
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

/* Lines that are on their way down, side by side in `run`. */
typedef struct cleaning {
    fs_piece piece[CACHE_RUN];
    uint32_t pieces, lines;
    uint32_t at[CACHE_RUN]; /* of each line */
} cleaning;

static uint32_t dirty_at(const cached *c, uint64_t line)
{
    const uint32_t i = find(c, line);
    return i < CACHE_LINES && dirty[i] ? i : CACHE_LINES;
}

/* The run of dirty lines in which this one is, as far as there is room. What is on its way is not dirty. */
static void gather(const cached *c, cleaning *k, uint64_t line)
{
    uint64_t begin = line;
    uint32_t count = 0, i;
    while (begin > 0 && line - begin < CACHE_RUN - k->lines - 1 && dirty_at(c, begin - 1) < CACHE_LINES)
        begin--;
    void *const from = run[k->lines];
    while (k->lines < CACHE_RUN && (i = dirty_at(c, begin + count)) < CACHE_LINES) {
        memcpy(run[k->lines], line_words[i], BYTES);
        dirty[i] = false;
        k->at[k->lines++] = i;
        count++;
    }
    k->piece[k->pieces++] = (fs_piece){begin * CACHE_LINE, sectors_of(c, begin, count), from};
}

static int32_t write_down(cached *c, const cleaning *k)
{
    fs_device *const below = c->below;
    int32_t answer = 0;
    c->unflushed = true;
    if (k->pieces > 1 && below->write_all != NULL)
        answer = below->write_all(below, k->piece, k->pieces);
    else
        for (uint32_t i = 0; answer == 0 && i < k->pieces; i++)
            answer = below->write(below, k->piece[i].sector, k->piece[i].sectors, k->piece[i].from);
    for (uint32_t i = 0; answer < 0 && i < k->lines; i++)
        dirty[k->at[i]] = true;
    return answer;
}

/* The run of dirty lines in which this one is. */
static int32_t clean(cached *c, uint64_t line)
{
    static cleaning k;
    k.pieces = k.lines = 0;
    gather(c, &k, line);
    return write_down(c, &k);
}

static void drop(uint32_t i)
{
    owner[i] = NOBODY;
    dirty[i] = false;
}

/* A line that is nobody's. A disk that does not take what has to go stands in no other's way: it is lost, and that is
 * told to who flushes. */
static uint32_t make_room(void)
{
    const uint32_t free = run_find(owner, CACHE_LINES, NOBODY);
    if (free < CACHE_LINES)
        return free;
    const uint32_t oldest = run_oldest(used, CACHE_LINES, ticks);
    cached *c = &devices[owner[oldest]];
    c->lost = (dirty[oldest] && clean(c, line_of(oldest)) < 0) || c->lost;
    drop(oldest);
    return oldest;
}

static void name_line(uint32_t i, const cached *c, uint64_t line)
{
    owner[i] = c->number;
    low[i] = (uint32_t)line;
    high[i] = (uint32_t)(line >> 32);
    used[i] = ++ticks;
    dirty[i] = false;
}

/* Who reads this line: somebody who read those before it, or somebody new, who is taken for one that reads no other. */
static reader *reader_of(cached *c, uint64_t line)
{
    for (uint32_t i = 0; i < CACHE_READERS; i++)
        if (c->readers[i].lines > 0 && c->readers[i].next == line)
            return &c->readers[i];
    c->newest = (c->newest + 1) % CACHE_READERS;
    c->readers[c->newest] = (reader){line, 0};
    return &c->readers[c->newest];
}

/* Reads a line that is not here; where lines are read one after the other, those behind it too. */
static int32_t fetch(cached *c, uint64_t line, uint32_t *where)
{
    enum { FIRST = 8 };
    static uint32_t place[CACHE_RUN];
    const uint64_t all = (c->device.sectors + CACHE_LINE - 1) / CACHE_LINE;
    reader *const r = reader_of(c, line);
    const uint32_t more = r->lines < FIRST / 2 ? FIRST : 2 * r->lines;
    const uint32_t most = r->lines == 0 ? 1 : more < CACHE_RUN ? more : CACHE_RUN;
    uint32_t count = 1;
    while (count < most && line + count < all && find(c, line + count) == CACHE_LINES)
        count++;
    for (uint32_t i = 0; i < count; i++) {
        place[i] = make_room(); /* may use `run` */
        name_line(place[i], c, line + i);
    }
    const int32_t answer = c->below->read(c->below, line * CACHE_LINE, sectors_of(c, line, count), run);
    for (uint32_t i = 0; i < count; i++) {
        if (answer < 0)
            owner[place[i]] = NOBODY;
        memcpy(line_words[place[i]], run[i], BYTES);
    }
    *r = (reader){line + count, answer < 0 ? 0 : count};
    *where = place[0];
    return answer < 0 && count > 1 ? fetch(c, line, where) : answer; /* what is behind it may be what cannot be read */
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
            i = make_room();
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
        answer = c->in_order ? clean(c, p.line) : 0;
        if (answer < 0) {
            drop(i); /* it must not come later, behind what is written because this was not */
            return answer;
        }
    }
    return 0;
}

void cache_in_order(fs_device *d) { ((cached *)(void *)d)->in_order = true; }

static int32_t cache_flush(fs_device *d)
{
    cached *c = (cached *)(void *)d;
    static cleaning k;
    int32_t answer = c->lost ? FS_E_IO : 0;
    c->lost = false;
    k.pieces = k.lines = 0;
    for (uint32_t i = 0; answer == 0 && i < CACHE_LINES; i++) {
        if (!dirty[i] || owner[i] != c->number)
            continue;
        gather(c, &k, line_of(i));
        if (k.lines == CACHE_RUN) {
            answer = write_down(c, &k);
            k.pieces = k.lines = 0;
        }
    }
    if (answer == 0 && k.lines > 0)
        answer = write_down(c, &k);
    if (answer == 0 && c->unflushed) {
        answer = c->below->flush(c->below);
        c->unflushed = answer < 0;
    }
    return answer;
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
        (cached){.device = {cache_read, cache_write, cache_flush, below->sectors, below->readonly, NULL, NULL},
                 .below = below,
                 .number = number};
    return &devices[number].device;
}

int32_t cache_leave(fs_device *d)
{
    cached *c = (cached *)(void *)d;
    const int32_t answer = d->readonly ? 0 : cache_flush(d);
    for (uint32_t i = 0; i < CACHE_LINES; i++)
        if (owner[i] == c->number)
            drop(i);
    c->below = NULL;
    return answer;
}

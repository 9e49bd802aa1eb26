/* fat.c - FAT12, FAT16 and FAT32, with long names.
 *
 * Nothing is ever lost by a cut of power but room: what names a cluster is written after what it names, and what is let
 * go of is let go of before it is free. So writes must come to the disk in the order in which they are made here. A
 * name's slots lie in one sector wherever they fit in one, so that it comes and goes in one write; a name that moves to
 * another sector is there twice for a moment rather than not at all.
 *
 * A file's id is where its slot lies on the disk: remove and rename change it in the node that they are given. Times
 * are UTC. Names are compared as Windows compares them, for the letters of Latin-1, Greek and Cyrillic. */
#include <string.h>

#include "os/fs/fs.h"

#ifdef __riscv
#include "px.h"
#endif

enum {
    SLOT = 32, /* bytes of a directory entry */
    SECTOR_SLOTS = FS_SECTOR / SLOT,
    FOLDER_SLOTS = 65536, /* a folder's, at most */
    NAME_UNITS = 255,     /* of UTF-16 */
    PIECE = 13,           /* of them in a slot */
    PIECES = 20,          /* slots of a long name, at most */
    SHORT = 11,           /* bytes of a short name */
    WINDOW = 6,           /* sectors of the table that are looked at at once: no entry of 12 bits lies across an end */
    INDEX = 8192,         /* slots of a folder that are looked up by their hash */
    PLAIN = 64,           /* slots of a folder that are looked at one by one before an index is made */
    TAILS = 9             /* ~1 to ~9 */
};

enum { ATTR_VOLUME = 8, ATTR_FOLDER = 16, ATTR_ARCHIVE = 32, ATTR_LONG = 15, ATTR_MASK = 63 };
enum { LOWER_BASE = 8, LOWER_END = 16 };
enum { AT_ATTR = 11, AT_CASE = 12, AT_SUM = 13, AT_MADE = 14, AT_HIGH = 20, AT_TIME = 22, AT_LOW = 26, AT_SIZE = 28 };
enum { GONE = 0xE5, LAST_PIECE = 0x40 };
enum { NOWHERE = -1 };

/* A run of sectors in memory. At most one of a volume has something to be written, and that is written before
 * anything else is changed. */
typedef struct window {
    int64_t at;                    /* its first sector; NOWHERE */
    uint32_t count, changed, ends; /* sectors; those to be written: changed up to before ends */
} window;

typedef struct volume {
    uint32_t bits;                             /* of an entry of the table: 12, 16, 32 */
    uint32_t shift;                            /* log2 of a cluster's bytes */
    uint32_t clusters;                         /* 2 .. clusters + 1 */
    uint64_t table, table_sectors, root, data; /* of 512 bytes */
    uint32_t tables, root_slots, root_cluster;
    uint64_t info; /* the sector of FSInfo, or 0 */
    uint32_t next; /* where a free cluster is looked for */
    uint32_t free; /* clusters, where free_known */
    uint64_t removed;
    bool free_known, dirty /* marked so by this mount */, was_dirty /* by another */;
    window fat, slots;
    uint8_t fat_bytes[WINDOW * FS_SECTOR], slot_bytes[FS_SECTOR], piece[FS_SECTOR];
} volume;

_Static_assert(sizeof(volume) <= 8192, "a mount has no more for itself");

/* Of a node: first cluster, its slot (in slots from the volume's start; 0: none), a place in its chain that is known.
 */
enum { FIRST, SLOT_LOW, SLOT_HIGH, KNOWN_INDEX, KNOWN };

/* The folder that was looked up last: for each slot the hash of a name, or 0. An entry's own slot has its long name's,
 * the one before its short name's; without a long name its own has the short one's. */
static struct {
    const volume *of; /* NULL: of none */
    uint32_t folder, slots;
    bool whole;                             /* there is nothing behind them */
    uint32_t cluster[INDEX / SECTOR_SLOTS]; /* the folder's first ones, where known, or 0 */
    uint32_t hash[INDEX];
} lookup;

/* An entry as its slots have it. */
typedef struct entry {
    uint32_t first, slot; /* numbers of its slots in the folder: those of its long name, its own */
    uint64_t place;       /* its own slot, from the volume's start */
    uint8_t own[SLOT];
    uint16_t name[PIECE * PIECES + 1], alias[12 + 1]; /* the name to show; the short one as it is compared */
    uint32_t length, alias_length;
    bool is_long;
} entry;

static uint32_t get16(const uint8_t *at) { return at[0] | (uint32_t)at[1] << 8; }
static uint32_t get32(const uint8_t *at) { return get16(at) | get16(at + 2) << 16; }

static void put16(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)value;
    at[1] = (uint8_t)(value >> 8);
}

static void put32(uint8_t *at, uint32_t value)
{
    put16(at, value);
    put16(at + 2, value >> 16);
}

/* ---- sectors ---- */

static int32_t write_table(fs *f, volume *v)
{
    const uint32_t count = v->fat.ends - v->fat.changed;
    for (uint32_t k = 0; k < v->tables; k++) {
        const uint64_t at = (uint64_t)v->fat.at + v->fat.changed + k * v->table_sectors;
        const int32_t e = f->device->write(f->device, at, count, v->fat_bytes + v->fat.changed * FS_SECTOR);
        if (e < 0)
            return e;
    }
    return 0;
}

/* What is not yet written is. What could not be is forgotten, so that memory is again what the disk has. */
static int32_t settle(fs *f)
{
    volume *v = f->own;
    int32_t e = 0;
    if (v->fat.ends > 0) {
        e = write_table(f, v);
        v->fat.ends = 0;
        if (e < 0)
            v->fat.at = NOWHERE;
    } else if (v->slots.ends > 0) {
        e = f->device->write(f->device, (uint64_t)v->slots.at, 1, v->slot_bytes);
        v->slots.ends = 0;
        if (e < 0)
            v->slots.at = NOWHERE;
    }
    if (e < 0)
        lookup.of = NULL;
    return e;
}

/* The end of an operation: what it answers, if all could be written. */
static int32_t done(fs *f, int32_t answer)
{
    const int32_t e = settle(f);
    return answer < 0 || e >= 0 ? answer : e;
}

static int32_t read_sectors(fs *f, uint64_t sector, uint32_t count, void *to)
{
    if (sector >= f->device->sectors || count > f->device->sectors - sector)
        return FS_E_IO;
    return f->device->read(f->device, sector, count, to);
}

static int32_t load(fs *f, window *w, uint8_t *bytes, uint64_t sector, uint32_t count)
{
    if (w->at == (int64_t)sector)
        return 0;
    int32_t e = settle(f);
    if (e < 0)
        return e;
    w->at = NOWHERE;
    e = read_sectors(f, sector, count, bytes);
    if (e < 0)
        return e;
    w->at = (int64_t)sector;
    w->count = count;
    return 0;
}

/* Sectors first up to before ends of this window are about to be changed. */
static int32_t change(fs *f, window *w, uint32_t first, uint32_t ends)
{
    if (w->ends > 0 && w->changed <= first && ends <= w->ends)
        return 0;
    const int32_t e = settle(f);
    if (e < 0)
        return e;
    w->changed = first;
    w->ends = ends;
    return 0;
}

/* A file system that is being written says so, and where it does not say clean any more, others check it. */
static int32_t mark(fs *f, bool dirty)
{
    volume *v = f->own;
    int32_t e = read_sectors(f, 0, 1, v->piece);
    if (e < 0)
        return e;
    uint8_t *state = &v->piece[v->bits == 32 ? 65 : 37];
    *state = (uint8_t)((*state & ~1) | dirty);
    e = f->device->write(f->device, 0, 1, v->piece);
    if (e >= 0)
        v->dirty = dirty;
    return e;
}

static int32_t begin(fs *f)
{
    volume *v = f->own;
    if (f->readonly || f->device->readonly)
        return FS_E_READONLY;
    return v->dirty || v->was_dirty ? 0 : mark(f, true);
}

/* ---- the table ---- */

static bool is_cluster(const volume *v, uint32_t c) { return c >= 2 && c - 2 < v->clusters; }

/* The byte of the table where an entry begins, within the window that is loaded for it. */
static int32_t table_at(fs *f, uint32_t cluster, uint32_t *at)
{
    volume *v = f->own;
    const uint64_t byte = v->bits == 12 ? cluster + cluster / 2 : (uint64_t)cluster * (v->bits / 8);
    const uint32_t sector = (uint32_t)(byte / FS_SECTOR), first = sector - sector % WINDOW;
    const uint64_t left = v->table_sectors - first;
    *at = (uint32_t)(byte - (uint64_t)first * FS_SECTOR);
    return load(f, &v->fat, v->fat_bytes, v->table + first, left < WINDOW ? (uint32_t)left : WINDOW);
}

static int32_t table_get(fs *f, uint32_t cluster, uint32_t *value)
{
    const volume *v = f->own;
    uint32_t at;
    const int32_t e = table_at(f, cluster, &at);
    if (e < 0)
        return e;
    const uint8_t *bytes = v->fat_bytes + at;
    if (v->bits == 32)
        *value = get32(bytes) & 0x0FFFFFFF;
    else
        *value = v->bits == 16 ? get16(bytes) : get16(bytes) >> (cluster & 1) * 4 & 0xFFF;
    return 0;
}

static int32_t table_set(fs *f, uint32_t cluster, uint32_t value)
{
    volume *v = f->own;
    uint32_t at;
    int32_t e = table_at(f, cluster, &at);
    if (e < 0)
        return e;
    const uint32_t last = at + (v->bits == 32 ? 3 : 1);
    e = change(f, &v->fat, at / FS_SECTOR, last / FS_SECTOR + 1);
    if (e < 0)
        return e;
    uint8_t *bytes = v->fat_bytes + at;
    const uint32_t shift = (cluster & 1) * 4;
    if (v->bits == 32)
        put32(bytes, (get32(bytes) & 0xF0000000) | value);
    else if (v->bits == 16)
        put16(bytes, value);
    else
        put16(bytes, (get16(bytes) & ~(0xFFFu << shift)) | (value & 0xFFF) << shift);
    return 0;
}

static uint32_t end_of_chain(const volume *v) { return v->bits == 32 ? 0x0FFFFFFF : (1u << v->bits) - 1; }

/* The cluster behind another: 1, or 0 at the end. */
static int32_t follow(fs *f, uint32_t cluster, uint32_t *next)
{
    const volume *v = f->own;
    const int32_t e = table_get(f, cluster, next);
    if (e < 0)
        return e;
    if (is_cluster(v, *next))
        return 1;
    return *next >= end_of_chain(v) - 7 ? 0 : FS_E_IO;
}

/* Cluster number index of a node's chain: 1, or 0 where the chain ends before. */
static int32_t seek(fs *f, fs_node *n, uint32_t index, uint32_t *cluster)
{
    const volume *v = f->own;
    if (!is_cluster(v, n->own[FIRST]))
        return n->own[FIRST] == 0 ? 0 : FS_E_IO;
    if (index >= v->clusters)
        return FS_E_IO;
    if (n->own[KNOWN] == 0 || n->own[KNOWN_INDEX] > index) {
        n->own[KNOWN] = n->own[FIRST];
        n->own[KNOWN_INDEX] = 0;
    }
    while (n->own[KNOWN_INDEX] < index) {
        uint32_t next;
        const int32_t e = follow(f, n->own[KNOWN], &next);
        if (e <= 0)
            return e;
        n->own[KNOWN] = next;
        n->own[KNOWN_INDEX]++;
    }
    *cluster = n->own[KNOWN];
    return 1;
}

/* A free cluster becomes the end of a chain of its own. */
static int32_t take(fs *f, uint32_t *cluster)
{
    volume *v = f->own;
    if (v->free_known && v->free == 0)
        return FS_E_FULL;
    uint32_t c = is_cluster(v, v->next) ? v->next : 2;
    for (uint32_t tried = 0; tried < v->clusters; tried++, c = c - 1 == v->clusters ? 2 : c + 1) {
        uint32_t value;
        int32_t e = table_get(f, c, &value);
        if (e >= 0 && value != 0)
            continue;
        if (e >= 0)
            e = table_set(f, c, end_of_chain(v));
        if (e < 0)
            return e;
        v->free--;
        v->next = c;
        *cluster = c;
        return 0;
    }
    return FS_E_FULL;
}

/* A chain goes back, from its beginning on. Each entry that is passed becomes 0, so one that runs in a circle ends. */
static int32_t give_back(fs *f, uint32_t cluster)
{
    volume *v = f->own;
    while (is_cluster(v, cluster)) {
        uint32_t next;
        int32_t e = table_get(f, cluster, &next);
        if (e < 0 || next == 0)
            return e;
        e = table_set(f, cluster, 0);
        if (e < 0)
            return e;
        if (v->free < v->clusters)
            v->free++;
        cluster = next;
    }
    return 0;
}

static uint64_t sector_of(const volume *v, uint32_t cluster)
{
    return v->data + ((uint64_t)(cluster - 2) << (v->shift - 9));
}

static int32_t count_free(fs *f)
{
    volume *v = f->own;
    uint32_t free = 0;
    for (uint32_t c = 2; c - 2 < v->clusters; c++) {
        uint32_t value;
        const int32_t e = table_get(f, c, &value);
        if (e < 0)
            return e;
        free += value == 0;
    }
    v->free = free;
    v->free_known = true;
    return 0;
}

/* ---- names ---- */

/* Letters beyond ASCII of short names: code page 437. */
static const uint16_t page437[128] = {
    0x00C7, 0x00FC, 0x00E9, 0x00E2, 0x00E4, 0x00E0, 0x00E5, 0x00E7, 0x00EA, 0x00EB, 0x00E8, 0x00EF, 0x00EE,
    0x00EC, 0x00C4, 0x00C5, 0x00C9, 0x00E6, 0x00C6, 0x00F4, 0x00F6, 0x00F2, 0x00FB, 0x00F9, 0x00FF, 0x00D6,
    0x00DC, 0x00A2, 0x00A3, 0x00A5, 0x20A7, 0x0192, 0x00E1, 0x00ED, 0x00F3, 0x00FA, 0x00F1, 0x00D1, 0x00AA,
    0x00BA, 0x00BF, 0x2310, 0x00AC, 0x00BD, 0x00BC, 0x00A1, 0x00AB, 0x00BB, 0x2591, 0x2592, 0x2593, 0x2502,
    0x2524, 0x2561, 0x2562, 0x2556, 0x2555, 0x2563, 0x2551, 0x2557, 0x255D, 0x255C, 0x255B, 0x2510, 0x2514,
    0x2534, 0x252C, 0x251C, 0x2500, 0x253C, 0x255E, 0x255F, 0x255A, 0x2554, 0x2569, 0x2566, 0x2560, 0x2550,
    0x256C, 0x2567, 0x2568, 0x2564, 0x2565, 0x2559, 0x2558, 0x2552, 0x2553, 0x256B, 0x256A, 0x2518, 0x250C,
    0x2588, 0x2584, 0x258C, 0x2590, 0x2580, 0x03B1, 0x00DF, 0x0393, 0x03C0, 0x03A3, 0x03C3, 0x00B5, 0x03C4,
    0x03A6, 0x0398, 0x03A9, 0x03B4, 0x221E, 0x03C6, 0x03B5, 0x2229, 0x2261, 0x00B1, 0x2265, 0x2264, 0x2320,
    0x2321, 0x00F7, 0x2248, 0x00B0, 0x2219, 0x00B7, 0x221A, 0x207F, 0x00B2, 0x25A0, 0x00A0};

static uint32_t fold(uint32_t c)
{
    if (c < 0x80)
        return c - 'a' < 26 ? c - 32 : c;
    if ((c >= 0xE0 && c <= 0xFE && c != 0xF7) || (c >= 0x3B1 && c <= 0x3C9 && c != 0x3C2) || (c >= 0x430 && c <= 0x44F))
        return c - 32;
    return c >= 0x450 && c <= 0x45F ? c - 80 : c;
}

static bool same(const uint16_t *a, uint32_t a_length, const uint16_t *b, uint32_t b_length)
{
    if (a_length != b_length)
        return false;
    for (uint32_t i = 0; i < a_length; i++)
        if (a[i] != b[i] && fold(a[i]) != fold(b[i]))
            return false;
    return true;
}

static uint32_t hash(const uint16_t *name, uint32_t length)
{
    uint32_t h = length;
    for (uint32_t i = 0; i < length; i++)
        h = (h ^ fold(name[i])) * 0x9E3779B1;
    return h == 0 ? 1 : h;
}

/* A character of UTF-8 at *at, which moves behind it; 0: there is none. */
static uint32_t decode(const uint8_t *text, uint32_t length, uint32_t *at)
{
    const uint32_t lead = text[(*at)++];
    if (lead < 0x80)
        return lead;
    const uint32_t more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
    if (lead < 0xC2 || lead > 0xF4 || length - *at < more)
        return 0;
    uint32_t c = lead & (0x3Fu >> more);
    for (uint32_t i = 0; i < more; i++, (*at)++) {
        if ((text[*at] & 0xC0) != 0x80)
            return 0;
        c = c << 6 | (text[*at] & 0x3F);
    }
    const bool longer = (more == 2 && c < 0x800) || (more == 3 && c < 0x10000);
    return longer || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF) ? 0 : c;
}

/* UTF-8 as UTF-16: units, or NAME. */
static int32_t to_units(const uint8_t *text, uint32_t length, uint16_t *units)
{
    uint32_t n = 0, at = 0;
    while (at < length) {
        const uint32_t c = decode(text, length, &at);
        if (c == 0 || n + (c > 0xFFFF) >= NAME_UNITS)
            return FS_E_NAME;
        if (c > 0xFFFF)
            units[n++] = (uint16_t)(0xD800 + ((c - 0x10000) >> 10));
        units[n++] = (uint16_t)(c > 0xFFFF ? 0xDC00 + (c & 0x3FF) : c);
    }
    return n == 0 ? FS_E_NAME : (int32_t)n;
}

static uint32_t encode(uint32_t c, uint8_t *to)
{
    if (c < 0x80) {
        to[0] = (uint8_t)c;
        return 1;
    }
    const uint32_t more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    to[0] = (uint8_t)((0xFF00u >> (more + 1) & 0xFF) | c >> 6 * more);
    for (uint32_t i = 1; i <= more; i++)
        to[i] = (uint8_t)(0x80 | (c >> 6 * (more - i) & 0x3F));
    return more + 1;
}

/* UTF-16 without halves of a pair as UTF-8: bytes, or 0 if there is no room. */
static uint32_t to_text(const uint16_t *units, uint32_t length, uint8_t *text)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < length; i++) {
        uint32_t c = units[i];
        uint8_t bytes[4];
        if (c >= 0xD800 && c < 0xDC00)
            c = 0x10000 + ((c & 0x3FF) << 10 | (units[++i] & 0x3FF));
        const uint32_t size = encode(c, bytes);
        if (size > FS_NAME - n)
            return 0;
        memcpy(text + n, bytes, size);
        n += size;
    }
    text[n] = 0;
    return n;
}

/* A long name from a disk: false if it cannot be one. A half of a pair becomes the sign for what is no character. */
static bool clean(uint16_t *name, uint32_t length)
{
    uint32_t bytes = 0;
    for (uint32_t i = 0; i < length; i++) {
        const uint32_t c = name[i];
        if (c < 32 || c == '/')
            return false;
        const bool pair = c >= 0xD800 && c < 0xDC00 && i + 1 < length && (name[i + 1] & 0xFC00) == 0xDC00;
        bytes += pair ? 4 : c < 0x80 ? 1 : c < 0x800 ? 2 : 3;
        if (pair)
            i++;
        else if (c >= 0xD800 && c < 0xE000)
            name[i] = 0xFFFD;
    }
    return length > 0 && bytes <= FS_NAME && !(length == 1 && name[0] == '.') &&
           !(length == 2 && name[0] == '.' && name[1] == '.');
}

static uint32_t short_unit(uint32_t byte, bool lower)
{
    if (byte >= 0x80)
        return page437[byte - 0x80];
    if (byte < 32 || byte == '/' || byte == '.')
        return '_';
    return lower && byte - 'A' < 26 ? byte + 32 : byte;
}

static void short_name(entry *e)
{
    uint32_t base = 8, end = 3, n = 0;
    while (base > 0 && e->own[base - 1] == ' ')
        base--;
    while (end > 0 && e->own[8 + end - 1] == ' ')
        end--;
    for (uint32_t i = 0; i < base; i++)
        e->alias[n++] =
            (uint16_t)short_unit(i == 0 && e->own[0] == 5 ? GONE : e->own[i], (e->own[AT_CASE] & LOWER_BASE) != 0);
    if (end > 0)
        e->alias[n++] = '.';
    for (uint32_t i = 0; i < end; i++)
        e->alias[n++] = (uint16_t)short_unit(e->own[8 + i], (e->own[AT_CASE] & LOWER_END) != 0);
    if (n == 0)
        e->alias[n++] = '_';
    e->alias_length = n;
}

static uint8_t checksum(const uint8_t *name)
{
    uint32_t sum = 0;
    for (uint32_t i = 0; i < SHORT; i++)
        sum = (((sum & 1) << 7) + ((sum & 0xFF) >> 1) + name[i]) & 0xFF;
    return (uint8_t)sum;
}

/* ---- folders ---- */

/* A folder's cluster, without a walk along its chain where it is the folder that was looked up last. */
static int32_t folder_cluster(fs *f, fs_node *folder, uint32_t index, uint32_t *cluster)
{
    const bool known =
        lookup.of == f->own && lookup.folder == folder->own[FIRST] && index < sizeof lookup.cluster / sizeof(uint32_t);
    *cluster = known ? lookup.cluster[index] : 0;
    if (*cluster != 0)
        return 1;
    const int32_t e = seek(f, folder, index, cluster);
    if (e > 0 && known)
        lookup.cluster[index] = *cluster;
    return e;
}

/* Where slot number n of a folder lies, from the volume's start: 1, or 0 behind the last. */
static int32_t slot_place(fs *f, fs_node *folder, uint32_t n, uint64_t *place)
{
    const volume *v = f->own;
    if (folder->own[FIRST] == 0) {
        *place = v->root * SECTOR_SLOTS + n;
        return n < v->root_slots;
    }
    uint32_t cluster;
    if (n >= FOLDER_SLOTS)
        return 0;
    const int32_t e = folder_cluster(f, folder, n >> (v->shift - 5), &cluster);
    if (e <= 0)
        return e;
    *place = sector_of(v, cluster) * SECTOR_SLOTS + (n & ((1u << (v->shift - 5)) - 1));
    return 1;
}

/* The slot at a place, in the window. */
static int32_t slot_at(fs *f, uint64_t place, uint8_t **slot)
{
    volume *v = f->own;
    *slot = v->slot_bytes + place % SECTOR_SLOTS * SLOT;
    return load(f, &v->slots, v->slot_bytes, place / SECTOR_SLOTS, 1);
}

static int32_t slot_get(fs *f, fs_node *folder, uint32_t n, uint8_t **slot, uint64_t *place)
{
    int32_t e = slot_place(f, folder, n, place);
    if (e <= 0)
        return e;
    e = slot_at(f, *place, slot);
    return e < 0 ? e : 1;
}

static int32_t slot_change(fs *f, uint64_t place, uint8_t **slot)
{
    volume *v = f->own;
    const int32_t e = slot_at(f, place, slot);
    return e < 0 ? e : change(f, &v->slots, 0, 1);
}

/* Pieces of a long name, which come before their entry, the last piece first. */
typedef struct pieces {
    uint32_t first, left, count; /* left: number of the one that came last, 0: there is no name */
    uint8_t sum;
} pieces;

static const uint8_t unit_at[PIECE] = {1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30};

static void add_piece(pieces *p, entry *e, const uint8_t *slot, uint32_t n)
{
    const uint32_t number = slot[0] & 0x3F;
    if ((slot[0] & LAST_PIECE) != 0 && number >= 1 && number <= PIECES)
        *p = (pieces){n, number, number, slot[AT_SUM]};
    else if (p->left > 1 && number == p->left - 1 && slot[AT_SUM] == p->sum)
        p->left = number;
    else
        p->left = 0;
    if (p->left != 0)
        for (uint32_t i = 0; i < PIECE; i++)
            e->name[(number - 1) * PIECE + i] = (uint16_t)get16(slot + unit_at[i]);
}

static void name_entry(pieces *p, entry *e)
{
    short_name(e);
    e->is_long = p->left == 1 && p->sum == checksum(e->own);
    if (e->is_long) {
        e->first = p->first;
        e->length = 0;
        while (e->length < p->count * PIECE && e->name[e->length] != 0)
            e->length++;
        e->is_long = e->length <= NAME_UNITS && clean(e->name, e->length);
    }
    if (!e->is_long) {
        memcpy(e->name, e->alias, sizeof e->alias);
        e->length = e->alias_length;
    }
}

/* The first entry from slot number n on: 1, or 0 and in slot where the folder ends. */
static int32_t next_entry(fs *f, fs_node *folder, uint32_t n, entry *e)
{
    pieces p = {0};
    for (;; n++) {
        uint8_t *slot;
        const int32_t got = slot_get(f, folder, n, &slot, &e->place);
        e->slot = n;
        if (got <= 0)
            return got;
        if (slot[0] == 0)
            return 0;
        if (slot[0] == GONE)
            p.left = 0;
        else if ((slot[AT_ATTR] & ATTR_MASK) == ATTR_LONG)
            add_piece(&p, e, slot, n);
        else if ((slot[AT_ATTR] & ATTR_VOLUME) != 0 || slot[0] == '.')
            p.left = 0; /* no file begins with a dot in its short name, but the folder and the one above */
        else
            break;
    }
    const volume *v = f->own;
    memcpy(e->own, v->slot_bytes + e->place % SECTOR_SLOTS * SLOT, SLOT);
    e->first = n;
    name_entry(&p, e);
    return 1;
}

/* ---- looking up ---- */

static void index_put(const volume *v, const fs_node *folder, uint32_t slot, uint32_t value)
{
    if (lookup.of != v || lookup.folder != folder->own[FIRST])
        return;
    if (slot >= INDEX) {
        lookup.whole = false;
        return;
    }
    for (; lookup.slots <= slot; lookup.slots++)
        lookup.hash[lookup.slots] = 0;
    lookup.hash[slot] = value;
}

static void index_entry(const volume *v, const fs_node *folder, const entry *e)
{
    for (uint32_t n = e->first; n < e->slot; n++)
        index_put(v, folder, n, n + 1 == e->slot && e->is_long ? hash(e->alias, e->alias_length) : 0);
    index_put(v, folder, e->slot, hash(e->name, e->length));
}

static int32_t index_folder(fs *f, fs_node *folder, entry *e)
{
    const volume *v = f->own;
    lookup.of = v;
    lookup.folder = folder->own[FIRST];
    lookup.slots = 0;
    lookup.whole = false;
    memset(lookup.cluster, 0, sizeof lookup.cluster);
    uint32_t n = 0;
    while (n < INDEX) {
        const int32_t got = next_entry(f, folder, n, e);
        if (got < 0)
            lookup.of = NULL;
        if (got < 0)
            return got;
        lookup.whole = got == 0;
        if (got == 0)
            break;
        index_entry(v, folder, e);
        n = e->slot + 1;
    }
    return 0;
}

/* The first slot from n on that has this hash; all of them, if none has. */
static uint32_t index_find(uint32_t n, uint32_t wanted)
{
#ifdef __riscv
    enum { AT_ONCE = 512 };
    static uint32_t hit[AT_ONCE];
    for (; n < lookup.slots; n += AT_ONCE) {
        px_vl(lookup.slots - n < AT_ONCE ? lookup.slots - n : AT_ONCE);
        px_vseq_vx(hit, lookup.hash + n, wanted);
        if (px_sum(hit) != 0) /* lanes add up side by side, and look for the greatest one by one */
            return n + px_argmax(hit);
    }
    return lookup.slots;
#else
    while (n < lookup.slots && lookup.hash[n] != wanted)
        n++;
    return n;
#endif
}

static bool is_named(const entry *e, const uint16_t *name, uint32_t length)
{
    return same(e->name, e->length, name, length) || same(e->alias, e->alias_length, name, length);
}

/* Slots from one number up to before another are looked at one by one: 1, 0: it is not there and the folder ends, 2:
 * it goes on. */
static int32_t scan(fs *f, fs_node *folder, const uint16_t *name, uint32_t length, uint32_t n, uint32_t end, entry *e)
{
    while (n < end) {
        const int32_t got = next_entry(f, folder, n, e);
        if (got <= 0 || is_named(e, name, length))
            return got;
        n = e->slot + 1;
    }
    return 2;
}

/* The entry whose hash slot number n has. Its pieces are looked for backwards. */
static int32_t entry_of(fs *f, fs_node *folder, uint32_t n, entry *e)
{
    uint32_t first = n;
    while (first > 0 && n - first < PIECES) {
        uint8_t *slot;
        const int32_t got = slot_get(f, folder, first - 1, &slot, &e->place);
        if (got < 0)
            return got;
        if (got == 0 || slot[0] == GONE || (slot[AT_ATTR] & ATTR_MASK) != ATTR_LONG)
            break;
        first--;
    }
    return next_entry(f, folder, first, e);
}

/* 1, 0: it is not there. */
static int32_t find_units(fs *f, fs_node *folder, const uint16_t *name, uint32_t length, entry *e)
{
    if (lookup.of != f->own || lookup.folder != folder->own[FIRST]) {
        int32_t got = scan(f, folder, name, length, 0, PLAIN, e);
        if (got != 2)
            return got;
        got = index_folder(f, folder, e);
        if (got < 0)
            return got;
    }
    const uint32_t wanted = hash(name, length);
    for (uint32_t n = 0; (n = index_find(n, wanted)) < lookup.slots; n++) {
        const int32_t got = entry_of(f, folder, n, e);
        if (got < 0 || (got > 0 && is_named(e, name, length)))
            return got;
    }
    if (lookup.whole)
        return 0;
    return scan(f, folder, name, length, INDEX - PIECES, FOLDER_SLOTS, e);
}

static int32_t find_entry(fs *f, fs_node *folder, const uint8_t *name, uint32_t length, entry *e)
{
    static uint16_t units[NAME_UNITS + 1];
    const int32_t n = to_units(name, length, units);
    if (n < 0)
        return FS_E_ABSENT;
    const int32_t got = find_units(f, folder, units, (uint32_t)n, e);
    return got == 0 ? FS_E_ABSENT : got;
}

/* ---- times ---- */

/* Days since 1970 of a day in the years that FAT has, 1980 to 2107, whose only century without a leap day is 2100. */
static int64_t days(uint32_t year, uint32_t month, uint32_t day)
{
    static const uint16_t before[12] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
    const uint32_t leaps = (year - 1 - 1968) / 4 - (year > 2100);
    const bool leap = year % 4 == 0 && year != 2100 && month > 2;
    return (int64_t)(year - 1970) * 365 + leaps + before[month - 1] + leap + day - 1;
}

static int64_t time_of(const uint8_t *at)
{
    const uint32_t time = get16(at), date = get16(at + 2), month = date >> 5 & 15, day = date & 31;
    const uint32_t seconds = (time >> 11) * 3600 + (time >> 5 & 63) * 60 + (time & 31) * 2;
    return days(1980 + (date >> 9), month < 1 || month > 12 ? 1 : month, day == 0 ? 1 : day) * 86400 + seconds;
}

static void put_time(uint8_t *at, int64_t now)
{
    const int64_t first = 315532800, last = 4354819198;
    const int64_t then = now < first ? first : now > last ? last : now;
    /* Quotients of less than 2^32 by pieces, for want of a division of 64 bits. */
    const uint32_t since = (uint32_t)(then - first), day = since / 86400, second = since % 86400;
    uint32_t year = 1980 + day / 366, month = 1;
    const int64_t whole = (int64_t)day + 3652;
    while (year < 2107 && days(year + 1, 1, 1) <= whole)
        year++;
    while (month < 12 && days(year, month + 1, 1) <= whole)
        month++;
    const uint32_t left = (uint32_t)(whole - days(year, month, 1)) + 1;
    put16(at, second / 3600 << 11 | second / 60 % 60 << 5 | second % 60 / 2);
    put16(at + 2, (year - 1980) << 9 | month << 5 | left);
}

/* ---- nodes ---- */

static uint64_t slot_of(const fs_node *n) { return n->own[SLOT_LOW] | (uint64_t)n->own[SLOT_HIGH] << 32; }

static void place_node(fs_node *n, uint64_t place)
{
    n->id = place;
    n->own[SLOT_LOW] = (uint32_t)place;
    n->own[SLOT_HIGH] = (uint32_t)(place >> 32);
}

/* A node that no name has any more: its slot may become another file's. */
static void unplace_node(volume *v, fs_node *n)
{
    place_node(n, 0);
    n->id = (uint64_t)1 << 63 | ++v->removed;
    n->links = 0;
}

static uint32_t first_of(const volume *v, const uint8_t *slot)
{
    return get16(slot + AT_LOW) | (v->bits == 32 ? get16(slot + AT_HIGH) << 16 : 0);
}

static int32_t make_node(const volume *v, const entry *e, fs_node *n)
{
    memset(n, 0, sizeof *n);
    n->kind = (e->own[AT_ATTR] & ATTR_FOLDER) != 0 ? FS_FOLDER : FS_FILE;
    n->size = n->kind == FS_FILE ? get32(e->own + AT_SIZE) : 0;
    n->modified = time_of(e->own + AT_TIME);
    n->links = 1;
    n->own[FIRST] = first_of(v, e->own);
    place_node(n, e->place);
    const bool empty = n->kind == FS_FILE && n->size == 0 && n->own[FIRST] == 0;
    return empty || is_cluster(v, n->own[FIRST]) ? 0 : FS_E_IO;
}

static void describe(const volume *v, uint8_t *slot, const fs_node *n)
{
    put16(slot + AT_LOW, n->own[FIRST]);
    if (v->bits == 32)
        put16(slot + AT_HIGH, n->own[FIRST] >> 16);
    put32(slot + AT_SIZE, n->kind == FS_FILE ? (uint32_t)n->size : 0);
    if (n->kind == FS_FILE)
        put_time(slot + AT_TIME, n->modified);
}

/* A file's slot says what its node does. */
static int32_t update(fs *f, fs_node *n)
{
    uint8_t *slot, before[SLOT];
    if (slot_of(n) == 0)
        return 0;
    int32_t e = slot_at(f, slot_of(n), &slot);
    if (e < 0)
        return e;
    memcpy(before, slot, SLOT);
    uint8_t after[SLOT];
    memcpy(after, slot, SLOT);
    describe(f->own, after, n);
    if (memcmp(before, after, SLOT) == 0)
        return 0;
    e = slot_change(f, slot_of(n), &slot);
    if (e >= 0)
        memcpy(slot, after, SLOT);
    return e;
}

/* ---- short names ---- */

static const uint8_t *const not_in_names = (const uint8_t *)"\"*/:<>?\\|";

static bool among(const uint8_t *set, uint32_t c)
{
    while (*set != 0 && *set != c)
        set++;
    return *set != 0;
}

static bool may_be_named(const uint16_t *name, uint32_t length)
{
    for (uint32_t i = 0; i < length; i++)
        if (name[i] < 32 || name[i] == 127 || among(not_in_names, name[i]))
            return false;
    return name[length - 1] != '.' && name[length - 1] != ' ';
}

/* What becomes of a name: its short one, and whether that says it all. */
typedef struct naming {
    uint8_t name[SHORT];
    uint8_t cases;       /* LOWER_BASE, LOWER_END */
    bool whole;          /* no long name is needed */
    uint32_t base, used; /* bytes before a tail; bit t: tail t is taken, of the first kind, then of the second */
    uint32_t seed;
} naming;

/* Letters of a part of the name, in capitals, as many as fit: how many. */
static uint32_t short_part(naming *s, const uint16_t *from, const uint16_t *to, uint8_t *part, uint32_t room,
                           uint8_t lower)
{
    static const uint8_t *const not_short = (const uint8_t *)"+,;=[]. ";
    bool small = false, large = false;
    uint32_t n = 0;
    for (; from < to; from++) {
        const uint32_t c = *from, capital = c < 0x80 ? fold(c) : '_';
        if (c == ' ' || c == '.') {
            s->whole = false;
            continue;
        }
        small = small || capital + 32 == c;
        large = large || c - 'A' < 26;
        s->whole = s->whole && c < 0x80 && n < room && !among(not_short, c);
        if (n < room)
            part[n++] = (uint8_t)(among(not_short, capital) ? '_' : capital);
    }
    if (small && large)
        s->whole = false;
    else if (small)
        s->cases |= lower;
    return n;
}

static void make_short(naming *s, const uint16_t *name, uint32_t length)
{
    uint32_t start = 0, dot = length;
    *s = (naming){.whole = true, .seed = hash(name, length)};
    memset(s->name, ' ', SHORT);
    while (start < length && (name[start] == '.' || name[start] == ' '))
        start++;
    for (uint32_t i = start + 1; i < length; i++)
        if (name[i] == '.')
            dot = i;
    if (start > 0)
        s->whole = false;
    s->base = short_part(s, name + start, name + dot, s->name, 8, LOWER_BASE);
    if (dot < length)
        short_part(s, name + dot + 1, name + length, s->name + 8, 3, LOWER_END);
    if (s->base == 0)
        s->name[s->base++] = '_';
    if (s->whole)
        return;
    s->cases = 0;
}

/* The short name with tail t: BASE~1 to BASE~9, then BAhhhh~1 to ~9, with a hash that is another for each. */
static void with_tail(const naming *s, uint32_t t, uint8_t *name)
{
    static const uint8_t digits[] = "0123456789ABCDEF";
    const bool hashed = t >= TAILS;
    uint32_t n = hashed ? (s->base < 2 ? s->base : 2) : s->base < 6 ? s->base : 6;
    memcpy(name, s->name, SHORT);
    for (uint32_t i = 0; hashed && i < 4; i++)
        name[n++] = digits[(s->seed + t * 0x1F35) >> 4 * i & 15];
    name[n++] = '~';
    name[n++] = (uint8_t)('1' + t % TAILS);
    while (n < 8)
        name[n++] = ' ';
}

static void note_tail(naming *s, const uint8_t *slot)
{
    uint8_t name[SHORT];
    if (s->whole ||
        !(slot[1] == '~' || slot[2] == '~' || slot[3] == '~' || slot[4] == '~' || slot[5] == '~' || slot[6] == '~'))
        return;
    for (uint32_t t = 0; t < 2 * TAILS; t++) {
        with_tail(s, t, name);
        if (memcmp(name, slot, SHORT) == 0)
            s->used |= 1u << t;
    }
}

/* ---- names come and go ---- */

/* Slots of a folder that are free and one behind the other, in one sector if they fit in one. */
typedef struct room {
    uint32_t first, count; /* found */
    uint32_t end;          /* number of the slot at which the folder ends */
    uint32_t slots;        /* that it has, with those behind the end */
    bool ended;
} room;

static bool fits(const room *r, uint32_t wanted)
{
    return r->count >= wanted && (wanted > SECTOR_SLOTS || r->first % SECTOR_SLOTS + wanted <= SECTOR_SLOTS);
}

/* One more free slot, number n. */
static void add_free(room *r, uint32_t n, uint32_t wanted)
{
    if (fits(r, wanted))
        return;
    if (r->count == 0 || (wanted <= SECTOR_SLOTS && n % SECTOR_SLOTS == 0)) {
        r->first = n;
        r->count = 0;
    }
    r->count++;
}

/* All slots of a folder are looked at once: for room, and for the tails that are taken. */
static int32_t survey(fs *f, fs_node *folder, uint32_t wanted, naming *s, room *r)
{
    *r = (room){0};
    for (uint32_t n = 0;; n++) {
        uint8_t *slot;
        uint64_t place;
        const int32_t got = slot_get(f, folder, n, &slot, &place);
        if (got < 0)
            return got;
        if (got == 0) {
            r->slots = n;
            if (!r->ended)
                r->end = n;
            return 0;
        }
        if (!r->ended && slot[0] == 0) {
            r->ended = true;
            r->end = n;
        }
        if (r->ended || slot[0] == GONE)
            add_free(r, n, wanted);
        else if (!fits(r, wanted))
            r->count = 0;
        if (!r->ended && slot[0] != GONE && (slot[AT_ATTR] & ATTR_VOLUME) == 0)
            note_tail(s, slot);
        if (r->ended && fits(r, wanted)) {
            r->slots = n + 1;
            return 0;
        }
    }
}

static int32_t clear_cluster(fs *f, uint32_t cluster)
{
    volume *v = f->own;
    memset(v->piece, 0, FS_SECTOR);
    const uint64_t first = sector_of(v, cluster), count = (uint64_t)1 << (v->shift - 9);
    if (v->slots.at >= (int64_t)first && v->slots.at < (int64_t)(first + count))
        v->slots.at = NOWHERE;
    for (uint64_t k = 0; k < count; k++) {
        const int32_t e = f->device->write(f->device, first + k, 1, v->piece);
        if (e < 0)
            return e;
    }
    return 0;
}

/* A folder gets a cluster more, empty before it is the folder's. */
static int32_t extend_folder(fs *f, fs_node *folder, room *r, uint32_t wanted)
{
    const volume *v = f->own;
    const uint32_t more = 1u << (v->shift - 5);
    uint32_t last, made;
    if (folder->own[FIRST] == 0 || r->slots + more > FOLDER_SLOTS)
        return FS_E_FULL;
    int32_t e = seek(f, folder, (r->slots >> (v->shift - 5)) - 1, &last);
    if (e == 0)
        e = FS_E_IO;
    if (e > 0)
        e = take(f, &made);
    if (e < 0)
        return e;
    e = clear_cluster(f, made);
    if (e >= 0)
        e = table_set(f, last, made);
    if (e < 0)
        return e;
    for (uint32_t n = r->slots; n < r->slots + more; n++)
        add_free(r, n, wanted);
    r->slots += more;
    return 0;
}

static int32_t find_room(fs *f, fs_node *folder, uint32_t wanted, naming *s, room *r)
{
    int32_t e = survey(f, folder, wanted, s, r);
    while (e >= 0 && !fits(r, wanted))
        e = extend_folder(f, folder, r, wanted);
    return e;
}

/* The slot at number n ends the folder, or is passed over. */
static int32_t put_first_byte(fs *f, fs_node *folder, uint32_t n, uint8_t byte)
{
    uint8_t *slot;
    uint64_t place;
    int32_t e = slot_get(f, folder, n, &slot, &place);
    if (e > 0 && slot[0] != byte) {
        e = slot_change(f, place, &slot);
        if (e >= 0)
            slot[0] = byte;
    }
    return e;
}

/* The folder's end moves behind the room that will be used; slots that are passed over are no names. */
static int32_t move_end(fs *f, fs_node *folder, const room *r, uint32_t wanted)
{
    if (r->first + wanted <= r->end)
        return 0;
    int32_t e = 0;
    if (r->ended)
        e = put_first_byte(f, folder, r->first + wanted, 0);
    for (uint32_t n = r->first; e >= 0 && n > r->end; n--)
        e = put_first_byte(f, folder, n - 1, GONE);
    return e;
}

static void write_piece(uint8_t *slot, uint32_t number, bool last, uint8_t sum, const uint16_t *name, uint32_t length)
{
    memset(slot, 0, SLOT);
    slot[0] = (uint8_t)(number | (last ? LAST_PIECE : 0));
    slot[AT_ATTR] = ATTR_LONG;
    slot[AT_SUM] = sum;
    for (uint32_t i = 0; i < PIECE; i++) {
        const uint32_t k = (number - 1) * PIECE + i;
        put16(slot + unit_at[i], k < length ? name[k] : k == length ? 0 : 0xFFFF);
    }
}

/* The entry's slots, the last first, so that where they are in two sectors the name is whole when it is seen. */
static int32_t write_entry(fs *f, fs_node *folder, entry *e)
{
    const uint8_t sum = checksum(e->own);
    for (uint32_t n = e->slot + 1; n-- > e->first;) {
        uint8_t *slot;
        uint64_t place;
        int32_t got = slot_place(f, folder, n, &place);
        if (got > 0)
            got = slot_change(f, place, &slot);
        if (got < 0)
            return got;
        if (n == e->slot) {
            e->place = place;
            memcpy(slot, e->own, SLOT);
        } else {
            write_piece(slot, e->slot - n, n == e->first, sum, e->name, e->length);
        }
    }
    index_entry(f->own, folder, e);
    return 0;
}

/* A name for what own says, in a folder that has none like it: e has the place. */
static int32_t enter(fs *f, fs_node *folder, const uint8_t *own, entry *e)
{
    naming s;
    room r;
    make_short(&s, e->name, e->length);
    const uint32_t wanted = s.whole ? 1 : (e->length + PIECE - 1) / PIECE + 1;
    int32_t error = 0;
    uint32_t t = 0;
    for (uint32_t tries = 0; tries < 16; tries++, s.used = 0, s.seed = s.seed * 0x9E3779B1 + 1) {
        error = find_room(f, folder, wanted, &s, &r);
        for (t = 0; t < 2 * TAILS && (s.used >> t & 1) != 0;)
            t++;
        if (error < 0 || t < 2 * TAILS)
            break;
        error = FS_E_FULL;
    }
    if (error >= 0)
        error = move_end(f, folder, &r, wanted);
    if (error < 0)
        return error;
    memcpy(e->own, own, SLOT);
    memcpy(e->own, s.name, SHORT);
    if (!s.whole)
        with_tail(&s, t, e->own);
    e->own[AT_CASE] = s.cases;
    e->is_long = !s.whole;
    e->first = r.first;
    e->slot = r.first + wanted - 1;
    short_name(e);
    return write_entry(f, folder, e);
}

/* The entry's own slot first: with it the file is gone. */
static int32_t strike(fs *f, fs_node *folder, const entry *e)
{
    for (uint32_t n = e->slot + 1; n-- > e->first;) {
        const int32_t got = put_first_byte(f, folder, n, GONE);
        if (got < 0)
            return got;
        index_put(f->own, folder, n, 0);
    }
    return 0;
}

/* ---- what a file system does ---- */

static bool power_of_two(uint32_t n) { return n != 0 && (n & (n - 1)) == 0; }

static uint32_t log2_of(uint32_t n)
{
    uint32_t k = 0;
    while (n >> k > 1)
        k++;
    return k;
}

/* A boot sector of FAT, and nothing else that begins with a jump. */
static bool is_boot(const uint8_t *b)
{
    const uint32_t size = get16(b + 11);
    return get16(b + 510) == 0xAA55 && power_of_two(size) && size >= 512 && size <= 4096 && power_of_two(b[13]) &&
           get16(b + 14) != 0 && b[16] >= 1 && b[16] <= 4 && b[21] >= 0xF0 && (get16(b + 19) | get32(b + 32)) != 0 &&
           (get16(b + 22) | get32(b + 36)) != 0;
}

static int32_t lay_out(fs *f, const uint8_t *b)
{
    volume *v = f->own;
    const uint32_t scale = log2_of(get16(b + 11)) - 9; /* sectors of theirs to ours */
    const bool is32 = get16(b + 22) == 0;
    const uint64_t all = (uint64_t)(get16(b + 19) != 0 ? get16(b + 19) : get32(b + 32)) << scale;
    v->shift = log2_of(get16(b + 11)) + log2_of(b[13]);
    v->tables = b[16];
    v->table = (uint64_t)get16(b + 14) << scale;
    v->table_sectors = (uint64_t)(is32 ? get32(b + 36) : get16(b + 22)) << scale;
    v->root = v->table + v->tables * v->table_sectors;
    v->root_slots = is32 ? 0 : get16(b + 17);
    v->data = v->root + (((uint64_t)(v->root_slots + (16u << scale) - 1) / SECTOR_SLOTS >> scale) << scale);
    if (v->data >= all || all > f->device->sectors || v->shift > 20)
        return FS_E_IO;
    const uint64_t clusters = (all - v->data) >> (v->shift - 9);
    v->bits = is32 ? 32 : clusters < 4085 ? 12 : 16;
    const uint32_t few = v->table_sectors < 12 ? (uint32_t)v->table_sectors : 12; /* all that 12 bits can name */
    const uint64_t most = v->bits == 12 ? few * FS_SECTOR * 2 / 3 : v->table_sectors << (v->bits == 16 ? 8 : 7);
    v->clusters = clusters < 0x0FFFFFF5 ? (uint32_t)clusters : 0x0FFFFFF5;
    if (most < 3 || clusters == 0 || (!is32 && clusters > 65524))
        return FS_E_IO;
    if (v->clusters > most - 2)
        v->clusters = (uint32_t)most - 2;
    v->root_cluster = is32 ? get32(b + 44) & 0x0FFFFFFF : 0;
    if (is32 && ((b[40] & 0x80) != 0 || get16(b + 42) != 0 || !is_cluster(v, v->root_cluster)))
        return FS_E_IO; /* one table that is not kept like the others, a version that nobody has made */
    v->info = is32 && get16(b + 48) != 0 && get16(b + 48) != 0xFFFF ? (uint64_t)get16(b + 48) << scale : 0;
    v->was_dirty = (b[is32 ? 65 : 37] & 1) != 0;
    return 0;
}

static bool is_info(const uint8_t *b)
{
    return get32(b) == 0x41615252 && get32(b + 484) == 0x61417272 && get32(b + 508) == 0xAA550000;
}

static int32_t read_info(fs *f)
{
    volume *v = f->own;
    v->next = 2;
    if (v->info == 0 || v->info >= v->table) {
        v->info = 0;
        return 0;
    }
    const int32_t e = read_sectors(f, v->info, 1, v->piece);
    if (e < 0)
        return e;
    if (!is_info(v->piece)) {
        v->info = 0;
        return 0;
    }
    v->free = get32(v->piece + 488);
    v->next = get32(v->piece + 492);
    v->free_known = v->free <= v->clusters && !v->was_dirty;
    return 0;
}

static int32_t fat_mount(fs *f, fs_node *root)
{
    volume *v = f->own;
    if (lookup.of == v)
        lookup.of = NULL;
    memset(v, 0, sizeof *v);
    v->fat.at = v->slots.at = NOWHERE;
    int32_t e = f->device->sectors == 0 ? FS_E_KIND : read_sectors(f, 0, 1, v->piece);
    if (e < 0)
        return e;
    if (!is_boot(v->piece))
        return FS_E_KIND;
    e = lay_out(f, v->piece);
    if (e >= 0)
        e = read_info(f);
    if (e < 0)
        return e;
    memset(root, 0, sizeof *root);
    root->id = 1;
    root->kind = FS_FOLDER;
    root->links = 1;
    root->own[FIRST] = v->root_cluster;
    return 0;
}

static int32_t write_info(fs *f)
{
    volume *v = f->own;
    if (v->info == 0)
        return 0;
    int32_t e = v->free_known ? 0 : count_free(f);
    if (e >= 0)
        e = read_sectors(f, v->info, 1, v->piece);
    if (e < 0)
        return e;
    put32(v->piece + 488, v->free);
    put32(v->piece + 492, v->next);
    return f->device->write(f->device, v->info, 1, v->piece);
}

static int32_t fat_sync(fs *f)
{
    const volume *v = f->own;
    int32_t e = settle(f);
    if (e >= 0 && v->dirty) {
        e = write_info(f);
        if (e >= 0)
            e = f->device->flush(f->device);
        if (e >= 0)
            e = mark(f, false);
    }
    return e < 0 ? e : f->device->flush(f->device);
}

static int32_t fat_space(fs *f, fs_space *space)
{
    const volume *v = f->own;
    const int32_t e = v->free_known ? 0 : count_free(f);
    if (e < 0)
        return e;
    space->bytes = (uint64_t)v->clusters << v->shift;
    space->free = (uint64_t)v->free << v->shift;
    return 0;
}

static int32_t fat_find(fs *f, fs_node *folder, const uint8_t *name, uint32_t length, fs_node *found)
{
    static entry e; /* large for a stack of the kernel */
    const int32_t got = find_entry(f, folder, name, length, &e);
    return got < 0 ? got : make_node(f->own, &e, found);
}

static int32_t fat_list(fs *f, fs_node *folder, uint64_t *place, fs_entry *out)
{
    static entry e; /* large for a stack of the kernel */
    if (*place >= FOLDER_SLOTS)
        return 0;
    const int32_t got = next_entry(f, folder, (uint32_t)*place, &e);
    if (got <= 0)
        return got;
    out->length = to_text(e.name, e.length, out->name);
    out->kind = (e.own[AT_ATTR] & ATTR_FOLDER) != 0 ? FS_FOLDER : FS_FILE;
    out->size = out->kind == FS_FILE ? get32(e.own + AT_SIZE) : 0;
    *place = (uint64_t)e.slot + 1;
    return 1;
}

/* Sectors of a file from offset on that lie one behind the other: how many, at most count bytes' worth. */
static int32_t run_of(fs *f, fs_node *n, uint32_t offset, uint32_t count, uint64_t *sector)
{
    const volume *v = f->own;
    const uint32_t mask = (1u << v->shift) - 1;
    uint32_t cluster, next, index = offset >> v->shift;
    int32_t e = seek(f, n, index, &cluster);
    if (e <= 0)
        return e < 0 ? e : FS_E_IO;
    *sector = sector_of(v, cluster) + ((offset & mask) >> 9);
    uint32_t bytes = mask + 1 - (offset & mask & ~(uint32_t)(FS_SECTOR - 1));
    while (bytes < count && (e = seek(f, n, ++index, &next)) > 0 && next == ++cluster)
        bytes += mask + 1;
    return e < 0 ? e : (int32_t)(bytes >> 9);
}

/* As much as goes in one move: bytes, whole sectors or a part of one. */
static int32_t read_some(fs *f, fs_node *n, uint32_t offset, uint32_t count, uint8_t *to)
{
    volume *v = f->own;
    uint64_t sector;
    const uint32_t in = offset % FS_SECTOR;
    const int32_t run = run_of(f, n, offset, count, &sector);
    if (run < 0)
        return run;
    if (in == 0 && count >= FS_SECTOR) {
        const uint32_t whole = count / FS_SECTOR, sectors = whole < (uint32_t)run ? whole : (uint32_t)run;
        const int32_t e = read_sectors(f, sector, sectors, to);
        return e < 0 ? e : (int32_t)(sectors * FS_SECTOR);
    }
    const int32_t e = read_sectors(f, sector, 1, v->piece);
    if (e < 0)
        return e;
    const uint32_t bytes = count < FS_SECTOR - in ? count : FS_SECTOR - in;
    memcpy(to, v->piece + in, bytes);
    return (int32_t)bytes;
}

static int32_t fat_read(fs *f, fs_node *n, uint64_t offset, uint32_t count, void *to)
{
    if (offset >= n->size)
        return 0;
    if (count > n->size - offset)
        count = (uint32_t)(n->size - offset);
    if (count > 0x40000000)
        count = 0x40000000;
    for (uint32_t got = 0; got < count;) {
        const int32_t e = read_some(f, n, (uint32_t)offset + got, count - got, (uint8_t *)to + got);
        if (e < 0)
            return e;
        got += (uint32_t)e;
    }
    return (int32_t)count;
}

/* A chain long enough for so many bytes: how many it has room for, if the disk is full before. */
static int32_t provide(fs *f, fs_node *n, uint64_t bytes, uint64_t *room_for)
{
    const volume *v = f->own;
    const uint32_t asked = (uint32_t)((bytes + (1u << v->shift) - 1) >> v->shift);
    const uint32_t wanted = asked < v->clusters ? asked : v->clusters;
    uint32_t have = 0, last = 0, made;
    int32_t e = wanted == 0 ? 1 : seek(f, n, wanted - 1, &last);
    if (e == 0 && n->own[FIRST] != 0) {
        have = n->own[KNOWN_INDEX] + 1;
        last = n->own[KNOWN];
    }
    *room_for = wanted == asked ? bytes : (uint64_t)wanted << v->shift;
    if (e != 0)
        return e < 0 ? e : 0;
    for (; have < wanted; have++) {
        e = take(f, &made);
        if (e == FS_E_FULL)
            *room_for = (uint64_t)have << v->shift;
        if (e < 0)
            return e == FS_E_FULL ? 0 : e;
        if (have == 0)
            n->own[FIRST] = made;
        else
            e = table_set(f, last, made);
        if (e < 0)
            return e;
        last = made;
    }
    return 0;
}

/* from NULL: zeros. */
static int32_t write_some(fs *f, fs_node *n, uint32_t offset, uint32_t count, const uint8_t *from)
{
    volume *v = f->own;
    uint64_t sector;
    const uint32_t in = offset % FS_SECTOR;
    const int32_t run = run_of(f, n, offset, count, &sector);
    if (run < 0)
        return run;
    if (sector + (uint32_t)run > f->device->sectors)
        return FS_E_IO;
    if (from != NULL && in == 0 && count >= FS_SECTOR) {
        const uint32_t whole = count / FS_SECTOR, sectors = whole < (uint32_t)run ? whole : (uint32_t)run;
        const int32_t e = f->device->write(f->device, sector, sectors, from);
        return e < 0 ? e : (int32_t)(sectors * FS_SECTOR);
    }
    const uint32_t bytes = count < FS_SECTOR - in ? count : FS_SECTOR - in;
    int32_t e = bytes < FS_SECTOR ? read_sectors(f, sector, 1, v->piece) : 0;
    if (e < 0)
        return e;
    if (from != NULL)
        memcpy(v->piece + in, from, bytes);
    else
        memset(v->piece + in, 0, bytes);
    e = f->device->write(f->device, sector, 1, v->piece);
    return e < 0 ? e : (int32_t)bytes;
}

static int32_t write_all(fs *f, fs_node *n, uint32_t offset, uint32_t count, const uint8_t *from)
{
    for (uint32_t put = 0; put < count;) {
        const int32_t e = write_some(f, n, offset + put, count - put, from == NULL ? NULL : from + put);
        if (e < 0)
            return e;
        put += (uint32_t)e;
    }
    return 0;
}

static const uint64_t most_bytes = 0xFFFFFFFF;

/* The chain is cut behind so many bytes, once the file's slot says them. */
static int32_t shorten(fs *f, fs_node *n, uint64_t size)
{
    const volume *v = f->own;
    const uint32_t keep = (uint32_t)((size + (1u << v->shift) - 1) >> v->shift);
    uint32_t last = 0, rest = n->own[FIRST];
    int32_t e = 0;
    if (keep > 0) {
        e = seek(f, n, keep - 1, &last);
        if (e > 0)
            e = follow(f, last, &rest);
        if (e == 0)
            rest = 0;
    } else {
        n->own[FIRST] = 0;
    }
    n->own[KNOWN] = 0;
    n->size = size;
    if (e >= 0)
        e = update(f, n);
    if (e >= 0 && keep > 0 && rest != 0)
        e = table_set(f, last, end_of_chain(v));
    return e < 0 ? e : give_back(f, rest);
}

static int32_t lengthen(fs *f, fs_node *n, uint64_t size)
{
    uint64_t room_for;
    const uint64_t before = n->size;
    int32_t e = provide(f, n, size, &room_for);
    if (e >= 0 && room_for < size)
        e = FS_E_FULL;
    if (e >= 0)
        e = write_all(f, n, (uint32_t)before, (uint32_t)(size - before), NULL);
    if (e >= 0) {
        n->size = size;
        return update(f, n);
    }
    shorten(f, n, before);
    return e;
}

static int32_t fat_resize(fs *f, fs_node *n, uint64_t size)
{
    int32_t e = begin(f);
    if (e < 0)
        return e;
    if (size > most_bytes)
        return FS_E_FULL;
    n->modified = f->now;
    if (size < n->size)
        e = shorten(f, n, size);
    else
        e = size > n->size ? lengthen(f, n, size) : update(f, n);
    return done(f, e);
}

static int32_t fat_write(fs *f, fs_node *n, uint64_t offset, uint32_t count, const void *from)
{
    uint64_t room_for;
    int32_t e = begin(f);
    if (e < 0 || count == 0)
        return e;
    if (offset >= most_bytes)
        return FS_E_FULL;
    if (count > most_bytes - offset)
        count = (uint32_t)(most_bytes - offset);
    if (count > 0x40000000)
        count = 0x40000000;
    n->modified = f->now;
    if (offset > n->size)
        e = lengthen(f, n, offset);
    if (e >= 0)
        e = provide(f, n, offset + count > n->size ? offset + count : n->size, &room_for);
    if (e >= 0 && room_for <= offset)
        e = FS_E_FULL;
    if (e >= 0 && room_for - offset < count)
        count = (uint32_t)(room_for - offset);
    if (e >= 0)
        e = write_all(f, n, (uint32_t)offset, count, from);
    if (e >= 0) {
        if (offset + count > n->size)
            n->size = offset + count;
        e = update(f, n);
    } else if (slot_of(n) != 0 && n->size == 0 && n->own[FIRST] != 0) {
        shorten(f, n, 0);
    }
    return done(f, e < 0 ? e : (int32_t)count);
}

/* A new folder's cluster, with itself and the one above in it. */
static int32_t make_folder(fs *f, const fs_node *above, uint8_t *own)
{
    volume *v = f->own;
    uint32_t made;
    int32_t e = take(f, &made);
    if (e >= 0)
        e = clear_cluster(f, made);
    if (e < 0)
        return e;
    put16(own + AT_LOW, made);
    put16(own + AT_HIGH, v->bits == 32 ? made >> 16 : 0);
    memset(v->piece, 0, FS_SECTOR);
    memcpy(v->piece, own, SLOT);
    memset(v->piece, ' ', SHORT);
    memcpy(v->piece + SLOT, v->piece, SLOT);
    v->piece[0] = v->piece[SLOT] = v->piece[SLOT + 1] = '.';
    const uint32_t up = above->own[FIRST] == v->root_cluster ? 0 : above->own[FIRST];
    put16(v->piece + SLOT + AT_LOW, up);
    put16(v->piece + SLOT + AT_HIGH, v->bits == 32 ? up >> 16 : 0);
    return f->device->write(f->device, sector_of(v, made), 1, v->piece);
}

/* A name that may be given: e has it in UTF-16. */
static int32_t new_name(fs *f, fs_node *folder, const uint8_t *name, uint32_t length, entry *e)
{
    static uint16_t units[NAME_UNITS + 1];
    const int32_t n = to_units(name, length, units);
    if (n < 0 || !may_be_named(units, (uint32_t)n))
        return FS_E_NAME;
    const int32_t got = find_units(f, folder, units, (uint32_t)n, e);
    if (got < 0)
        return got;
    memcpy(e->name, units, sizeof units);
    e->length = (uint32_t)n;
    return got;
}

static int32_t fat_create(fs *f, fs_node *folder, const uint8_t *name, uint32_t length, uint32_t kind, fs_node *made)
{
    static entry e; /* large for a stack of the kernel */
    uint8_t own[SLOT] = {0};
    int32_t got = begin(f);
    if (got < 0)
        return got;
    if ((kind != FS_FILE && kind != FS_FOLDER) || folder->links == 0)
        return folder->links == 0 ? FS_E_ABSENT : FS_E_KIND;
    got = new_name(f, folder, name, length, &e);
    if (got != 0)
        return got < 0 ? got : FS_E_EXISTS;
    own[AT_ATTR] = kind == FS_FOLDER ? ATTR_FOLDER : ATTR_ARCHIVE;
    put_time(own + AT_MADE, f->now);
    put_time(own + AT_TIME, f->now);
    memcpy(own + 18, own + AT_TIME + 2, 2); /* the day it was looked at last */
    if (kind == FS_FOLDER)
        got = make_folder(f, folder, own);
    if (got >= 0)
        got = enter(f, folder, own, &e);
    if (got >= 0)
        got = make_node(f->own, &e, made);
    else
        give_back(f, first_of(f->own, own));
    return done(f, got);
}

static int32_t is_empty(fs *f, fs_node *folder)
{
    static entry e; /* large for a stack of the kernel */
    const int32_t got = next_entry(f, folder, 0, &e);
    return got == 0 ? 0 : got < 0 ? got : FS_E_KIND;
}

static void forget_folder(fs *f, const fs_node *n)
{
    if (lookup.of == f->own && lookup.folder == n->own[FIRST])
        lookup.of = NULL;
}

static int32_t fat_remove(fs *f, fs_node *folder, const uint8_t *name, uint32_t length, fs_node *n)
{
    static entry e; /* large for a stack of the kernel */
    int32_t got = begin(f);
    if (got >= 0 && n->kind == FS_FOLDER)
        got = is_empty(f, n);
    if (got >= 0)
        got = find_entry(f, folder, name, length, &e);
    if (got >= 0)
        got = strike(f, folder, &e);
    got = done(f, got < 0 ? got : 0);
    if (got < 0)
        return got;
    unplace_node(f->own, n);
    return 0;
}

/* What was another's name is now moved's: one write, of its slot. */
static int32_t take_over(fs *f, fs_node *moved, const entry *old, const entry *target, fs_node *replaced)
{
    uint8_t *slot;
    const int32_t e = slot_change(f, target->place, &slot);
    if (e < 0)
        return e;
    memcpy(slot + AT_SUM, old->own + AT_SUM, SLOT - AT_SUM);
    slot[AT_ATTR] = old->own[AT_ATTR];
    unplace_node(f->own, replaced);
    place_node(moved, target->place);
    return 0;
}

/* A folder that moves has another one above. */
static int32_t point_up(fs *f, fs_node *moved, const fs_node *to)
{
    const volume *v = f->own;
    uint8_t *slot;
    uint64_t place;
    int32_t e = slot_get(f, moved, 1, &slot, &place);
    if (e <= 0 || slot[0] != '.' || slot[1] != '.')
        return e < 0 ? e : FS_E_IO;
    e = slot_change(f, place, &slot);
    if (e < 0)
        return e;
    const uint32_t up = to->own[FIRST] == v->root_cluster ? 0 : to->own[FIRST];
    put16(slot + AT_LOW, up);
    if (v->bits == 32)
        put16(slot + AT_HIGH, up >> 16);
    return 0;
}

static int32_t fat_rename(fs *f, fs_node *from, const uint8_t *name, uint32_t length, fs_node *moved, fs_node *to,
                          const uint8_t *target, uint32_t target_length, fs_node *replaced)
{
    static entry old, new;
    int32_t e = begin(f);
    if (e >= 0)
        e = find_entry(f, from, name, length, &old);
    if (e >= 0)
        e = new_name(f, to, target, target_length, &new);
    if (e < 0)
        return e;
    const bool itself = e > 0 && new.place == old.place; /* only capitals change */
    if (e > 0 && !itself && replaced == NULL)
        return FS_E_EXISTS;
    if (e > 0 && !itself && replaced->kind == FS_FOLDER && (e = is_empty(f, replaced)) < 0)
        return e;
    if (e > 0 && !itself) {
        e = take_over(f, moved, &old, &new, replaced);
    } else {
        e = enter(f, to, old.own, &new);
        if (e >= 0)
            place_node(moved, new.place);
    }
    if (e >= 0 && moved->kind == FS_FOLDER && from->own[FIRST] != to->own[FIRST])
        e = point_up(f, moved, to);
    if (e >= 0)
        e = strike(f, from, &old);
    return done(f, e < 0 ? e : 0);
}

static int32_t fat_release(fs *f, fs_node *n)
{
    if (n->links > 0)
        return 0;
    int32_t e = begin(f);
    forget_folder(f, n);
    if (e >= 0)
        e = give_back(f, n->own[FIRST]);
    n->own[FIRST] = 0;
    return done(f, e);
}

const fs_type fat_type = {
    .name = "fat",
    .own_bytes = sizeof(volume),
    .mount = fat_mount,
    .sync = fat_sync,
    .space = fat_space,
    .find = fat_find,
    .list = fat_list,
    .read = fat_read,
    .write = fat_write,
    .resize = fat_resize,
    .create = fat_create,
    .remove = fat_remove,
    .rename = fat_rename,
    .release = fat_release,
};

/* fat_folder.c - folders of FAT: their slots, entries of several slots, looking up by hashes, and nodes. */
#include "os/fs/fat.h"

#ifdef __riscv
#include "px.h"
#endif

/* The folder that was looked up last: for each slot the hash of a name, or 0. An entry's own slot has its long name's,
 * the one before its short name's; without a long name its own has the short one's. */
static struct {
    const volume *of; /* NULL: of none */
    uint32_t folder, slots;
    bool whole;                             /* there is nothing behind them */
    uint32_t cluster[INDEX / SECTOR_SLOTS]; /* the folder's first ones, where known, or 0 */
    uint32_t hash[INDEX];
} lookup;

/* ---- folders ---- */

/* A folder's cluster, without a walk along its chain where it is the folder that was looked up last. */
static int32_t folder_cluster(fs *f, fs_node *folder, uint32_t index, uint32_t *cluster)
{
    const bool known =
        lookup.of == f->own && lookup.folder == folder->own[FIRST] && index < sizeof lookup.cluster / sizeof(uint32_t);
    *cluster = known ? lookup.cluster[index] : 0;
    if (*cluster != 0)
        return 1;
    const int32_t e = fat_seek(f, folder, index, cluster);
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
    *place = fat_sector_of(v, cluster) * SECTOR_SLOTS + (n & ((1u << (v->shift - 5)) - 1));
    return 1;
}

/* The slot at a place, in the window. */
static int32_t slot_at(fs *f, uint64_t place, uint8_t **slot)
{
    volume *v = f->own;
    *slot = v->slot_bytes + place % SECTOR_SLOTS * SLOT;
    return fat_load(f, &v->slots, v->slot_bytes, place / SECTOR_SLOTS, 1);
}

int32_t fat_slot_get(fs *f, fs_node *folder, uint32_t n, uint8_t **slot, uint64_t *place)
{
    int32_t e = slot_place(f, folder, n, place);
    if (e <= 0)
        return e;
    e = slot_at(f, *place, slot);
    return e < 0 ? e : 1;
}

int32_t fat_slot_change(fs *f, uint64_t place, uint8_t **slot)
{
    volume *v = f->own;
    const int32_t e = slot_at(f, place, slot);
    return e < 0 ? e : fat_change(f, &v->slots, 0, 1);
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
    fat_short_name(e);
    e->is_long = p->left == 1 && p->sum == fat_checksum(e->own);
    if (e->is_long) {
        e->first = p->first;
        e->length = 0;
        while (e->length < p->count * PIECE && e->name[e->length] != 0)
            e->length++;
        e->is_long = e->length <= NAME_UNITS && fat_clean(e->name, e->length);
    }
    if (!e->is_long) {
        memcpy(e->name, e->alias, sizeof e->alias);
        e->length = e->alias_length;
    }
}

/* The first entry from slot number n on: 1, or 0 and in slot where the folder ends. */
int32_t fat_next_entry(fs *f, fs_node *folder, uint32_t n, entry *e)
{
    pieces p = {0};
    for (;; n++) {
        uint8_t *slot;
        const int32_t got = fat_slot_get(f, folder, n, &slot, &e->place);
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

void fat_forget_lookup(void) { lookup.of = NULL; }

void fat_forget_folder(fs *f, const fs_node *n)
{
    if (lookup.of == f->own && lookup.folder == n->own[FIRST])
        lookup.of = NULL;
}

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
        index_put(v, folder, n, n + 1 == e->slot && e->is_long ? fat_hash(e->alias, e->alias_length) : 0);
    index_put(v, folder, e->slot, fat_hash(e->name, e->length));
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
        const int32_t got = fat_next_entry(f, folder, n, e);
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
    return fat_same(e->name, e->length, name, length) || fat_same(e->alias, e->alias_length, name, length);
}

/* Slots from one number up to before another are looked at one by one: 1, 0: it is not there and the folder ends, 2:
 * it goes on. */
static int32_t scan(fs *f, fs_node *folder, const uint16_t *name, uint32_t length, uint32_t n, uint32_t end, entry *e)
{
    while (n < end) {
        const int32_t got = fat_next_entry(f, folder, n, e);
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
        const int32_t got = fat_slot_get(f, folder, first - 1, &slot, &e->place);
        if (got < 0)
            return got;
        if (got == 0 || slot[0] == GONE || (slot[AT_ATTR] & ATTR_MASK) != ATTR_LONG)
            break;
        first--;
    }
    return fat_next_entry(f, folder, first, e);
}

/* 1, 0: it is not there. */
int32_t fat_find_units(fs *f, fs_node *folder, const uint16_t *name, uint32_t length, entry *e)
{
    if (lookup.of != f->own || lookup.folder != folder->own[FIRST]) {
        int32_t got = scan(f, folder, name, length, 0, PLAIN, e);
        if (got != 2)
            return got;
        got = index_folder(f, folder, e);
        if (got < 0)
            return got;
    }
    const uint32_t wanted = fat_hash(name, length);
    for (uint32_t n = 0; (n = index_find(n, wanted)) < lookup.slots; n++) {
        const int32_t got = entry_of(f, folder, n, e);
        if (got < 0 || (got > 0 && is_named(e, name, length)))
            return got;
    }
    if (lookup.whole)
        return 0;
    return scan(f, folder, name, length, INDEX - PIECES, FOLDER_SLOTS, e);
}

int32_t fat_find_entry(fs *f, fs_node *folder, const uint8_t *name, uint32_t length, entry *e)
{
    static uint16_t units[NAME_UNITS + 1];
    const int32_t n = fat_to_units(name, length, units);
    if (n < 0)
        return FS_E_ABSENT;
    const int32_t got = fat_find_units(f, folder, units, (uint32_t)n, e);
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

void fat_put_time(uint8_t *at, int64_t now)
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

uint64_t fat_slot_of(const fs_node *n) { return n->own[SLOT_LOW] | (uint64_t)n->own[SLOT_HIGH] << 32; }

int32_t fat_own_slot(fs *f, const fs_node *n, uint8_t **slot) { return slot_at(f, fat_slot_of(n), slot); }

void fat_place_node(fs_node *n, uint64_t place)
{
    n->id = place;
    n->own[SLOT_LOW] = (uint32_t)place;
    n->own[SLOT_HIGH] = (uint32_t)(place >> 32);
}

/* A node that no name has any more: its slot may become another file's. */
void fat_unplace_node(volume *v, fs_node *n)
{
    fat_place_node(n, 0);
    n->id = (uint64_t)1 << 63 | ++v->removed;
    n->links = 0;
}

uint32_t fat_first_of(const volume *v, const uint8_t *slot)
{
    return get16(slot + AT_LOW) | (v->bits == 32 ? get16(slot + AT_HIGH) << 16 : 0);
}

int32_t fat_make_node(const volume *v, const entry *e, fs_node *n)
{
    memset(n, 0, sizeof *n);
    n->kind = (e->own[AT_ATTR] & ATTR_FOLDER) != 0 ? FS_FOLDER : FS_FILE;
    n->size = n->kind == FS_FILE ? get32(e->own + AT_SIZE) : 0;
    n->modified = time_of(e->own + AT_TIME);
    n->links = 1;
    n->own[FIRST] = fat_first_of(v, e->own);
    fat_place_node(n, e->place);
    const bool empty = n->kind == FS_FILE && n->size == 0 && n->own[FIRST] == 0;
    return empty || fat_is_cluster(v, n->own[FIRST]) ? 0 : FS_E_IO;
}

static void describe(const volume *v, uint8_t *slot, const fs_node *n)
{
    put16(slot + AT_LOW, n->own[FIRST]);
    if (v->bits == 32)
        put16(slot + AT_HIGH, n->own[FIRST] >> 16);
    put32(slot + AT_SIZE, n->kind == FS_FILE ? (uint32_t)n->size : 0);
    if (n->kind == FS_FILE)
        fat_put_time(slot + AT_TIME, n->modified);
}

/* A file's slot says what its node does. */
int32_t fat_update(fs *f, fs_node *n)
{
    uint8_t *slot, before[SLOT];
    if (fat_slot_of(n) == 0)
        return 0;
    int32_t e = slot_at(f, fat_slot_of(n), &slot);
    if (e < 0)
        return e;
    memcpy(before, slot, SLOT);
    uint8_t after[SLOT];
    memcpy(after, slot, SLOT);
    describe(f->own, after, n);
    if (memcmp(before, after, SLOT) == 0)
        return 0;
    e = fat_slot_change(f, fat_slot_of(n), &slot);
    if (e >= 0)
        memcpy(slot, after, SLOT);
    return e;
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
        const int32_t got = fat_slot_get(f, folder, n, &slot, &place);
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
            fat_note_tail(s, slot);
        if (r->ended && fits(r, wanted)) {
            r->slots = n + 1;
            return 0;
        }
    }
}

int32_t fat_clear_cluster(fs *f, uint32_t cluster)
{
    volume *v = f->own;
    memset(v->piece, 0, FS_SECTOR);
    const uint64_t first = fat_sector_of(v, cluster), count = (uint64_t)1 << (v->shift - 9);
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
    int32_t e = fat_seek(f, folder, (r->slots >> (v->shift - 5)) - 1, &last);
    if (e == 0)
        e = FS_E_IO;
    if (e > 0)
        e = fat_take(f, &made);
    if (e < 0)
        return e;
    e = fat_clear_cluster(f, made);
    if (e >= 0)
        e = fat_table_set(f, last, made);
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
    int32_t e = fat_slot_get(f, folder, n, &slot, &place);
    if (e > 0 && slot[0] != byte) {
        e = fat_slot_change(f, place, &slot);
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
    const uint8_t sum = fat_checksum(e->own);
    for (uint32_t n = e->slot + 1; n-- > e->first;) {
        uint8_t *slot;
        uint64_t place;
        int32_t got = slot_place(f, folder, n, &place);
        if (got > 0)
            got = fat_slot_change(f, place, &slot);
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
int32_t fat_enter(fs *f, fs_node *folder, const uint8_t *own, entry *e)
{
    naming s;
    room r;
    fat_make_short(&s, e->name, e->length);
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
        fat_with_tail(&s, t, e->own);
    e->own[AT_CASE] = s.cases;
    e->is_long = !s.whole;
    e->first = r.first;
    e->slot = r.first + wanted - 1;
    fat_short_name(e);
    error = write_entry(f, folder, e);
    if (error >= 0 && e->first / SECTOR_SLOTS != e->slot / SECTOR_SLOTS)
        error = fat_settle(f);
    if (error < 0)
        fat_strike(f, folder, e); /* what is there of it: half a name is one, too */
    return error;
}

/* The entry's own slot first: with it the file is gone. */
int32_t fat_strike(fs *f, fs_node *folder, const entry *e)
{
    for (uint32_t n = e->slot + 1; n-- > e->first;) {
        const int32_t got = put_first_byte(f, folder, n, GONE);
        if (got < 0)
            return got;
        index_put(f->own, folder, n, 0);
    }
    return 0;
}

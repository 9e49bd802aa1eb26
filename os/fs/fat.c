/* fat.c - FAT12, FAT16 and FAT32, with long names.
 *
 * Nothing is ever lost by a cut of power but room: what names a cluster is written after what it names, and what is let
 * go of is let go of before it is free. So writes must come to the disk in the order in which they are made here. A
 * name's slots lie in one sector wherever they fit in one, so that it comes and goes in one write; a name that moves to
 * another sector is there twice for a moment rather than not at all.
 *
 * A file's id is where its slot lies on the disk: remove and rename change it in the node that they are given. Times
 * are UTC. Names are compared as Windows compares them, for the letters of Latin-1, Greek and Cyrillic. */
#include "os/fs/fat.h"

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
    if (is32 && ((b[40] & 0x80) != 0 || get16(b + 42) != 0)) {
        f->refusal = get16(b + 42) != 0 ? "a version of FAT32 that nobody has made" : "tables that are not kept alike";
        return FS_E_INVALID;
    }
    if (is32 && !fat_is_cluster(v, v->root_cluster))
        return FS_E_IO;
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
    const int32_t e = fat_read_sectors(f, v->info, 1, v->piece);
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
    fat_forget_lookup();
    memset(v, 0, sizeof *v);
    v->fat.at = v->slots.at = NOWHERE;
    int32_t e = f->device->sectors == 0 ? FS_E_KIND : fat_read_sectors(f, 0, 1, v->piece);
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
    int32_t e = v->free_known ? 0 : fat_count_free(f);
    if (e >= 0)
        e = fat_read_sectors(f, v->info, 1, v->piece);
    if (e < 0)
        return e;
    put32(v->piece + 488, v->free);
    put32(v->piece + 492, v->next);
    return f->device->write(f->device, v->info, 1, v->piece);
}

static int32_t fat_sync(fs *f)
{
    const volume *v = f->own;
    int32_t e = fat_settle(f);
    if (e >= 0 && v->dirty) {
        e = write_info(f);
        if (e >= 0)
            e = f->device->flush(f->device);
        if (e >= 0)
            e = fat_mark(f, false);
    }
    return e < 0 ? e : f->device->flush(f->device);
}

static int32_t fat_space(fs *f, fs_space *space)
{
    const volume *v = f->own;
    const int32_t e = v->free_known ? 0 : fat_count_free(f);
    if (e < 0)
        return e;
    space->bytes = (uint64_t)v->clusters << v->shift;
    space->free = (uint64_t)v->free << v->shift;
    return 0;
}

static int32_t fat_find(fs *f, fs_node *folder, const uint8_t *name, uint32_t length, fs_node *found)
{
    static entry e; /* large for a stack of the kernel */
    const int32_t got = fat_find_entry(f, folder, name, length, &e);
    return got < 0 ? got : fat_make_node(f->own, &e, found);
}

static int32_t fat_list(fs *f, fs_node *folder, uint64_t *place, fs_entry *out)
{
    static entry e; /* large for a stack of the kernel */
    if (*place >= FOLDER_SLOTS)
        return 0;
    const int32_t got = fat_next_entry(f, folder, (uint32_t)*place, &e);
    if (got <= 0)
        return got;
    out->length = fat_to_text(e.name, e.length, out->name);
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
    int32_t e = fat_seek(f, n, index, &cluster);
    if (e <= 0)
        return e < 0 ? e : FS_E_IO;
    *sector = fat_sector_of(v, cluster) + ((offset & mask) >> 9);
    uint32_t bytes = mask + 1 - (offset & mask & ~(uint32_t)(FS_SECTOR - 1));
    while (bytes < count && (e = fat_seek(f, n, ++index, &next)) > 0 && next == ++cluster)
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
        const int32_t e = fat_read_sectors(f, sector, sectors, to);
        return e < 0 ? e : (int32_t)(sectors * FS_SECTOR);
    }
    const int32_t e = fat_read_sectors(f, sector, 1, v->piece);
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
    int32_t e = wanted == 0 ? 1 : fat_seek(f, n, wanted - 1, &last);
    if (e == 0 && n->own[FIRST] != 0) {
        have = n->own[KNOWN_INDEX] + 1;
        last = n->own[KNOWN];
    }
    *room_for = wanted == asked ? bytes : (uint64_t)wanted << v->shift;
    if (e != 0)
        return e < 0 ? e : 0;
    for (; have < wanted; have++) {
        e = fat_take(f, &made);
        if (e == FS_E_FULL)
            *room_for = (uint64_t)have << v->shift;
        if (e < 0)
            return e == FS_E_FULL ? 0 : e;
        if (have == 0)
            n->own[FIRST] = made;
        else
            e = fat_table_set(f, last, made);
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
    int32_t e = bytes < FS_SECTOR ? fat_read_sectors(f, sector, 1, v->piece) : 0;
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
        e = fat_seek(f, n, keep - 1, &last);
        if (e > 0)
            e = fat_follow(f, last, &rest);
        if (e == 0)
            rest = 0;
    } else {
        n->own[FIRST] = 0;
    }
    n->own[KNOWN] = 0;
    n->size = size;
    if (e >= 0)
        e = fat_update(f, n);
    if (e >= 0 && keep > 0 && rest != 0)
        e = fat_table_set(f, last, fat_end_of_chain(v));
    return e < 0 ? e : fat_give_back(f, rest);
}

static int32_t lengthen(fs *f, fs_node *n, uint64_t size)
{
    uint64_t room_for;
    int32_t e = provide(f, n, size, &room_for);
    if (e >= 0 && room_for < size)
        e = FS_E_FULL;
    if (e >= 0)
        e = write_all(f, n, (uint32_t)n->size, (uint32_t)(size - n->size), NULL);
    if (e < 0)
        return e;
    n->size = size;
    return fat_update(f, n);
}

/* The end of what changes a file. After an error its node is again what the disk has of it, and what it was to have
 * more is free, as far as the disk allows. */
static int32_t file_done(fs *f, fs_node *n, const fs_node *before, int32_t answer)
{
    const volume *v = f->own;
    const uint32_t tried = n->own[FIRST];
    uint8_t *slot;
    answer = fat_done(f, answer);
    if (answer >= 0)
        return answer;
    const bool there = fat_slot_of(n) != 0 && fat_own_slot(f, n, &slot) >= 0;
    n->size = there ? get32(slot + AT_SIZE) : before->size;
    n->own[FIRST] = there ? fat_first_of(v, slot) : before->own[FIRST];
    n->own[KNOWN] = 0;
    if (n->own[FIRST] == 0)
        fat_give_back(f, tried);
    else
        shorten(f, n, n->size);
    return fat_done(f, answer);
}

static int32_t fat_resize(fs *f, fs_node *n, uint64_t size)
{
    const fs_node before = *n;
    int32_t e = fat_begin(f);
    if (e < 0)
        return e;
    if (size > most_bytes)
        return FS_E_FULL;
    n->modified = f->now;
    if (size < n->size)
        e = shorten(f, n, size);
    else
        e = size > n->size ? lengthen(f, n, size) : fat_update(f, n);
    return file_done(f, n, &before, e);
}

static int32_t fat_write(fs *f, fs_node *n, uint64_t offset, uint32_t count, const void *from)
{
    const fs_node before = *n;
    uint64_t room_for;
    int32_t e = fat_begin(f);
    if (e < 0 || count == 0)
        return e;
    if (offset >= most_bytes)
        return FS_E_FULL;
    if (count > most_bytes - offset)
        count = (uint32_t)(most_bytes - offset);
    if (count > 0x40000000)
        count = 0x40000000;
    n->modified = f->now;
    e = provide(f, n, offset + 1 > n->size ? offset + 1 : n->size, &room_for); /* or nothing changes */
    if (e >= 0 && room_for <= offset)
        e = FS_E_FULL;
    if (e >= 0 && offset > n->size)
        e = lengthen(f, n, offset);
    if (e >= 0)
        e = provide(f, n, offset + count > n->size ? offset + count : n->size, &room_for);
    if (e >= 0 && room_for - offset < count)
        count = (uint32_t)(room_for - offset);
    if (e >= 0)
        e = write_all(f, n, (uint32_t)offset, count, from);
    if (e >= 0) {
        if (offset + count > n->size)
            n->size = offset + count;
        e = fat_update(f, n);
    }
    return file_done(f, n, &before, e < 0 ? e : (int32_t)count);
}

/* A new folder's cluster, with itself and the one above in it. */
static int32_t make_folder(fs *f, const fs_node *above, uint8_t *own)
{
    volume *v = f->own;
    uint32_t made;
    int32_t e = fat_take(f, &made);
    if (e >= 0)
        e = fat_clear_cluster(f, made);
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
    return f->device->write(f->device, fat_sector_of(v, made), 1, v->piece);
}

/* A name that may be given: e has it in UTF-16. */
static int32_t new_name(fs *f, fs_node *folder, const uint8_t *name, uint32_t length, entry *e)
{
    static uint16_t units[NAME_UNITS + 1];
    const int32_t n = fat_to_units(name, length, units);
    if (n < 0 || !fat_may_be_named(units, (uint32_t)n))
        return FS_E_NAME;
    const int32_t got = fat_find_units(f, folder, units, (uint32_t)n, e);
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
    int32_t got = fat_begin(f);
    if (got < 0)
        return got;
    if ((kind != FS_FILE && kind != FS_FOLDER) || folder->links == 0)
        return folder->links == 0 ? FS_E_ABSENT : FS_E_KIND;
    got = new_name(f, folder, name, length, &e);
    if (got != 0)
        return got < 0 ? got : FS_E_EXISTS;
    own[AT_ATTR] = kind == FS_FOLDER ? ATTR_FOLDER : ATTR_ARCHIVE;
    fat_put_time(own + AT_MADE, f->now);
    fat_put_time(own + AT_TIME, f->now);
    memcpy(own + 18, own + AT_TIME + 2, 2); /* the day it was looked at last */
    if (kind == FS_FOLDER)
        got = make_folder(f, folder, own);
    if (got >= 0)
        got = fat_enter(f, folder, own, &e);
    if (got >= 0)
        got = fat_make_node(f->own, &e, made);
    else
        fat_give_back(f, fat_first_of(f->own, own));
    return fat_done(f, got);
}

static int32_t is_empty(fs *f, fs_node *folder)
{
    static entry e; /* large for a stack of the kernel */
    const int32_t got = fat_next_entry(f, folder, 0, &e);
    return got == 0 ? 0 : got < 0 ? got : FS_E_KIND;
}

/* Whether a name is gone, of which at least the first slot that goes is written. */
static bool is_struck(fs *f, fs_node *folder, const entry *e)
{
    uint8_t *slot;
    uint64_t place;
    return fat_slot_get(f, folder, e->slot, &slot, &place) > 0 && slot[0] == GONE;
}

static int32_t fat_remove(fs *f, fs_node *folder, const uint8_t *name, uint32_t length, fs_node *n)
{
    static entry e; /* large for a stack of the kernel */
    int32_t got = fat_begin(f);
    if (got >= 0 && n->kind == FS_FOLDER)
        got = is_empty(f, n);
    if (got >= 0)
        got = fat_find_entry(f, folder, name, length, &e);
    if (got < 0)
        return got;
    got = fat_done(f, fat_strike(f, folder, &e));
    if (got < 0 && !is_struck(f, folder, &e))
        return got;
    fat_unplace_node(f->own, n);
    return 0;
}

/* What was another's name is now moved's: one write, of its slot. */
static int32_t take_over(fs *f, const entry *old, const entry *target, fs_node *replaced)
{
    uint8_t *slot;
    const int32_t e = fat_slot_change(f, target->place, &slot);
    if (e < 0)
        return e;
    memcpy(slot + AT_SUM, old->own + AT_SUM, SLOT - AT_SUM);
    slot[AT_ATTR] = old->own[AT_ATTR];
    fat_unplace_node(f->own, replaced);
    return 0;
}

/* And back, as well as a disk that fails allows: a file with two names would lose its clusters with the first of them.
 */
static void give_up(fs *f, const entry *target, fs_node *replaced)
{
    uint8_t *slot;
    if (fat_slot_change(f, target->place, &slot) >= 0)
        memcpy(slot, target->own, SLOT);
    fat_place_node(replaced, target->place);
    replaced->links = 1;
}

/* A folder that moves has another one above. */
static int32_t point_up(fs *f, fs_node *moved, const fs_node *to)
{
    const volume *v = f->own;
    uint8_t *slot;
    uint64_t place;
    int32_t e = fat_slot_get(f, moved, 1, &slot, &place);
    if (e <= 0 || slot[0] != '.' || slot[1] != '.')
        return e < 0 ? e : FS_E_IO;
    e = fat_slot_change(f, place, &slot);
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
    int32_t e = fat_begin(f);
    if (e >= 0)
        e = fat_find_entry(f, from, name, length, &old);
    if (e >= 0)
        e = new_name(f, to, target, target_length, &new);
    if (e < 0)
        return e;
    const bool itself = e > 0 && new.place == old.place; /* only capitals change */
    const bool over = e > 0 && !itself;
    if (over && replaced == NULL)
        return FS_E_EXISTS;
    e = over && replaced->kind == FS_FOLDER ? is_empty(f, replaced) : 0;
    if (e < 0)
        return e;
    e = over ? take_over(f, &old, &new, replaced) : fat_enter(f, to, old.own, &new);
    if (e < 0)
        return fat_done(f, e);
    fat_place_node(moved, new.place);
    if (moved->kind == FS_FOLDER && from->own[FIRST] != to->own[FIRST])
        e = point_up(f, moved, to);
    e = fat_done(f, e < 0 ? e : fat_strike(f, from, &old));
    if (e >= 0 || is_struck(f, from, &old))
        return e;
    if (over)
        give_up(f, &new, replaced);
    else
        fat_strike(f, to, &new);
    fat_place_node(moved, old.place);
    if (moved->kind == FS_FOLDER && from->own[FIRST] != to->own[FIRST])
        point_up(f, moved, from);
    return fat_done(f, e);
}

static int32_t fat_release(fs *f, fs_node *n)
{
    if (n->links > 0)
        return 0;
    int32_t e = fat_begin(f);
    fat_forget_folder(f, n);
    if (e >= 0)
        e = fat_give_back(f, n->own[FIRST]);
    n->own[FIRST] = 0;
    return fat_done(f, e);
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

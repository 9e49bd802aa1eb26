/* fat_table.c - sectors of a volume in memory, and the table of its clusters: chains are followed, taken and given
 * back. */
#include "os/fs/fat.h"

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
int32_t fat_settle(fs *f)
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
    if (e < 0) {
        fat_forget_lookup();
        v->free_known = false;
        v->failures++;
    }
    return e;
}

/* The end of an operation: what it answers, if all could be written. */
int32_t fat_done(fs *f, int32_t answer)
{
    const int32_t e = fat_settle(f);
    return answer < 0 || e >= 0 ? answer : e;
}

int32_t fat_read_sectors(fs *f, uint64_t sector, uint32_t count, void *to)
{
    if (sector >= f->device->sectors || count > f->device->sectors - sector)
        return FS_E_IO;
    return f->device->read(f->device, sector, count, to);
}

int32_t fat_load(fs *f, window *w, uint8_t *bytes, uint64_t sector, uint32_t count)
{
    if (w->at == (int64_t)sector)
        return 0;
    int32_t e = fat_settle(f);
    if (e < 0)
        return e;
    w->at = NOWHERE;
    e = fat_read_sectors(f, sector, count, bytes);
    if (e < 0)
        return e;
    w->at = (int64_t)sector;
    w->count = count;
    return 0;
}

/* Sectors first up to before ends of this window are about to be changed. */
int32_t fat_change(fs *f, window *w, uint32_t first, uint32_t ends)
{
    if (w->ends > 0 && w->changed <= first && ends <= w->ends)
        return 0;
    const int32_t e = fat_settle(f);
    if (e < 0)
        return e;
    w->changed = first;
    w->ends = ends;
    return 0;
}

/* A file system that is being written says so, and where it does not say clean any more, others check it. */
int32_t fat_mark(fs *f, bool dirty)
{
    volume *v = f->own;
    int32_t e = fat_read_sectors(f, 0, 1, v->piece);
    if (e < 0)
        return e;
    uint8_t *state = &v->piece[v->bits == 32 ? 65 : 37];
    *state = (uint8_t)((*state & ~1) | dirty);
    e = f->device->write(f->device, 0, 1, v->piece);
    if (e >= 0)
        v->dirty = dirty;
    return e;
}

int32_t fat_begin(fs *f)
{
    volume *v = f->own;
    if (f->readonly || f->device->readonly)
        return FS_E_READONLY;
    return v->dirty || v->was_dirty ? 0 : fat_mark(f, true);
}

/* ---- the table ---- */

bool fat_is_cluster(const volume *v, uint32_t c) { return c >= 2 && c - 2 < v->clusters; }

/* The byte of the table where an entry begins, within the window that is loaded for it. */
static int32_t table_at(fs *f, uint32_t cluster, uint32_t *at)
{
    volume *v = f->own;
    const uint64_t byte = v->bits == 12 ? cluster + cluster / 2 : (uint64_t)cluster * (v->bits / 8);
    const uint32_t sector = (uint32_t)(byte / FS_SECTOR), first = sector - sector % WINDOW;
    const uint64_t left = v->table_sectors - first;
    *at = (uint32_t)(byte - (uint64_t)first * FS_SECTOR);
    return fat_load(f, &v->fat, v->fat_bytes, v->table + first, left < WINDOW ? (uint32_t)left : WINDOW);
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

int32_t fat_table_set(fs *f, uint32_t cluster, uint32_t value)
{
    volume *v = f->own;
    uint32_t at;
    int32_t e = table_at(f, cluster, &at);
    if (e < 0)
        return e;
    const uint32_t last = at + (v->bits == 32 ? 3 : 1);
    e = fat_change(f, &v->fat, at / FS_SECTOR, last / FS_SECTOR + 1);
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

uint32_t fat_end_of_chain(const volume *v) { return v->bits == 32 ? 0x0FFFFFFF : (1u << v->bits) - 1; }

/* The cluster behind another: 1, or 0 at the end. */
int32_t fat_follow(fs *f, uint32_t cluster, uint32_t *next)
{
    const volume *v = f->own;
    const int32_t e = table_get(f, cluster, next);
    if (e < 0)
        return e;
    if (fat_is_cluster(v, *next))
        return 1;
    return *next >= fat_end_of_chain(v) - 7 ? 0 : FS_E_IO;
}

/* Cluster number index of a node's chain: 1, or 0 where the chain ends before. */
int32_t fat_seek(fs *f, fs_node *n, uint32_t index, uint32_t *cluster)
{
    const volume *v = f->own;
    if (!fat_is_cluster(v, n->own[FIRST]))
        return n->own[FIRST] == 0 ? 0 : FS_E_IO;
    if (index >= v->clusters)
        return FS_E_IO;
    if (n->own[KNOWN] == 0 || n->own[KNOWN_INDEX] > index || n->own[KNOWN_SINCE] != v->failures) {
        n->own[KNOWN] = n->own[FIRST];
        n->own[KNOWN_INDEX] = 0;
        n->own[KNOWN_SINCE] = v->failures;
    }
    while (n->own[KNOWN_INDEX] < index) {
        uint32_t next;
        const int32_t e = fat_follow(f, n->own[KNOWN], &next);
        if (e <= 0)
            return e;
        n->own[KNOWN] = next;
        n->own[KNOWN_INDEX]++;
    }
    *cluster = n->own[KNOWN];
    return 1;
}

/* A free cluster becomes the end of a chain of its own. */
int32_t fat_take(fs *f, uint32_t *cluster)
{
    volume *v = f->own;
    const int32_t counted = v->free_known && v->free == 0 && !v->counted ? fat_count_free(f) : 0;
    if (counted < 0 || (v->free_known && v->free == 0))
        return counted < 0 ? counted : FS_E_FULL;
    uint32_t c = fat_is_cluster(v, v->next) ? v->next : 2;
    for (uint32_t tried = 0; tried < v->clusters; tried++, c = c - 1 == v->clusters ? 2 : c + 1) {
        uint32_t value;
        int32_t e = table_get(f, c, &value);
        if (e >= 0 && value != 0)
            continue;
        if (e >= 0)
            e = fat_table_set(f, c, fat_end_of_chain(v));
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
int32_t fat_give_back(fs *f, uint32_t cluster)
{
    volume *v = f->own;
    while (fat_is_cluster(v, cluster)) {
        uint32_t next;
        int32_t e = table_get(f, cluster, &next);
        if (e < 0 || next == 0)
            return e;
        e = fat_table_set(f, cluster, 0);
        if (e < 0)
            return e;
        if (v->free < v->clusters)
            v->free++;
        cluster = next;
    }
    return 0;
}

uint64_t fat_sector_of(const volume *v, uint32_t cluster)
{
    return v->data + ((uint64_t)(cluster - 2) << (v->shift - 9));
}

int32_t fat_count_free(fs *f)
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
    v->free_known = v->counted = true;
    return 0;
}

/* ramfs.c - see ramfs.h. */
#include "os/fs/ramfs.h"

#include <stddef.h>
#include <string.h>

#include "os/fs/runs.h"

enum { NOBODY = -1, FREE = 0 }; /* NOBODY: parent of the root, and of what has lost its name */

/* A name as it lies in the runs. */
typedef struct name {
    uint32_t words[RAMFS_NAME / 4];
} name;

static uint32_t *run(const fs *f, unsigned which)
{
    uint32_t *const m = f->device->memory;
    return m + RAMFS_HEADER + which * m[RAMFS_ENTRIES];
}

static uint32_t entries(const fs *f) { return f->device->memory[RAMFS_ENTRIES]; }
static uint32_t first_content(uint32_t entries) { return RAMFS_HEADER + RAMFS_RUNS * entries; }
static uint32_t words_of(uint32_t bytes) { return bytes / 4 + (bytes % 4 != 0); }
static uint32_t entry_of(const fs_node *node) { return (uint32_t)node->id - 1; }

static uint8_t *content(const fs *f, uint32_t e) { return (uint8_t *)(f->device->memory + run(f, RAMFS_START)[e]); }

static void fill_node(const fs *f, uint32_t e, fs_node *node)
{
    *node = (fs_node){.id = e + 1,
                      .size = run(f, RAMFS_SIZE)[e],
                      .modified = run(f, RAMFS_TIME)[e],
                      .kind = run(f, RAMFS_KIND)[e],
                      .links = e == 0 || run(f, RAMFS_PARENT)[e] != (uint32_t)NOBODY};
}

static void touch(const fs *f, fs_node *node)
{
    const uint32_t e = entry_of(node);
    run(f, RAMFS_TIME)[e] = (uint32_t)f->now;
    fill_node(f, e, node);
}

/* So many bytes; what is added is 0. All that lies behind moves; a file without content may begin anywhere. */
static int32_t set_size(const fs *f, uint32_t e, uint32_t bytes)
{
    uint32_t *const m = f->device->memory, *const start = run(f, RAMFS_START), *const size = run(f, RAMFS_SIZE);
    const uint32_t old = words_of(size[e]), words = words_of(bytes);
    if (words > old && words - old > m[RAMFS_WORDS] - m[RAMFS_END])
        return FS_E_FULL;
    if (old == 0)
        start[e] = m[RAMFS_END];
    const uint32_t begin = start[e], behind = begin + old;
    memmove(m + begin + words, m + behind, 4 * (size_t)(m[RAMFS_END] - behind));
    run_add_from(start, entries(f), behind, words - old);
    start[e] = begin;
    m[RAMFS_END] += words - old;
    if (bytes > size[e])
        memset(content(f, e) + size[e], 0, bytes - size[e]);
    size[e] = bytes;
    return 0;
}

/* Of one that nobody has any more. */
static void give_room(const fs *f, uint32_t e)
{
    set_size(f, e, 0);
    run(f, RAMFS_KIND)[e] = FREE;
}

/* ---- mounting: nothing that lies there is believed ---- */

static bool is_sound(const fs *f, uint32_t e)
{
    const uint32_t *const m = f->device->memory, kind = run(f, RAMFS_KIND)[e], parent = run(f, RAMFS_PARENT)[e];
    if (kind != FS_FILE && run(f, RAMFS_SIZE)[e] > 0)
        return false;
    if (kind == FREE)
        return parent == (uint32_t)NOBODY;
    return (kind == FS_FILE || kind == FS_FOLDER) && run(f, RAMFS_START)[e] <= m[RAMFS_END] &&
           (parent == (uint32_t)NOBODY ||
            (parent < entries(f) && run(f, RAMFS_KIND)[parent] == FS_FOLDER && parent != e));
}

/* The file with content that begins there; entries: there is none. */
static uint32_t entry_at(const fs *f, uint32_t start)
{
    uint32_t e = run_find(run(f, RAMFS_START), entries(f), start);
    while (e < entries(f) && run(f, RAMFS_SIZE)[e] == 0) {
        e++;
        e += run_find(run(f, RAMFS_START) + e, entries(f) - e, start);
    }
    return e;
}

/* Whether all content is somebody's, and nobody's twice. */
static bool is_tiled(const fs *f, uint32_t filled)
{
    uint32_t at = first_content(entries(f));
    while (at < f->device->memory[RAMFS_END] && filled > 0) {
        const uint32_t e = entry_at(f, at);
        if (e == entries(f))
            return false;
        at += words_of(run(f, RAMFS_SIZE)[e]);
        filled--;
    }
    return at == f->device->memory[RAMFS_END] && filled == 0;
}

static int32_t ramfs_mount(fs *f, fs_node *root)
{
    const uint32_t *const m = f->device->memory;
    const uint64_t room = f->device->sectors * (FS_SECTOR / 4);
    if (m == NULL || room < RAMFS_HEADER || m[0] != RAMFS_MAGIC)
        return FS_E_KIND;
    uint32_t filled = 0;
    bool good = m[RAMFS_WORDS] <= room && m[RAMFS_ENTRIES] >= RAMFS_LEAST && m[RAMFS_ENTRIES] <= RAMFS_MOST &&
                m[RAMFS_END] >= first_content(m[RAMFS_ENTRIES]) && m[RAMFS_END] <= m[RAMFS_WORDS] &&
                run(f, RAMFS_KIND)[0] == FS_FOLDER && run(f, RAMFS_PARENT)[0] == (uint32_t)NOBODY;
    for (uint32_t e = 0; good && e < entries(f); e++) {
        good = is_sound(f, e);
        filled += run(f, RAMFS_SIZE)[e] > 0;
    }
    if (!good || !is_tiled(f, filled))
        return FS_E_IO;
    for (uint32_t e = 1; !f->readonly && e < entries(f); e++)
        if (run(f, RAMFS_PARENT)[e] == (uint32_t)NOBODY && run(f, RAMFS_KIND)[e] != FREE)
            give_room(f, e);
    fill_node(f, 0, root);
    return 0;
}

static int32_t ramfs_sync(fs *f) { return (void)f, 0; }

static int32_t ramfs_space(fs *f, fs_space *space)
{
    const uint32_t *const m = f->device->memory;
    space->bytes = 4 * (uint64_t)(m[RAMFS_WORDS] - first_content(m[RAMFS_ENTRIES]));
    space->free = 4 * (uint64_t)(m[RAMFS_WORDS] - m[RAMFS_END]);
    return 0;
}

/* ---- names ---- */

static bool pack_name(const uint8_t *bytes, uint32_t length, name *n)
{
    memset(n, 0, sizeof *n);
    if (length == 0 || length > RAMFS_NAME)
        return false;
    memcpy(n, bytes, length);
    return true;
}

static void set_name(const fs *f, uint32_t e, uint32_t parent, const name *n)
{
    run(f, RAMFS_PARENT)[e] = parent;
    for (unsigned i = 0; i < RAMFS_NAME / 4; i++)
        run(f, RAMFS_NAMES + i)[e] = n->words[i];
}

static bool has_name(const fs *f, uint32_t e, const name *n)
{
    for (unsigned i = 0; i < RAMFS_NAME / 4; i++)
        if (run(f, RAMFS_NAMES + i)[e] != n->words[i])
            return false;
    return true;
}

/* The next entry of a folder from e on; entries: there is none. */
static uint32_t next_in(const fs *f, uint32_t folder, uint32_t e)
{
    return e + run_find(run(f, RAMFS_PARENT) + e, entries(f) - e, folder);
}

static int32_t ramfs_find(fs *f, fs_node *folder, const uint8_t *bytes, uint32_t length, fs_node *found)
{
    name n;
    if (!pack_name(bytes, length, &n))
        return FS_E_ABSENT;
    for (uint32_t e = 0; (e = next_in(f, entry_of(folder), e)) < entries(f); e++)
        if (has_name(f, e, &n)) {
            fill_node(f, e, found);
            return 0;
        }
    return FS_E_ABSENT;
}

static int32_t ramfs_list(fs *f, fs_node *folder, uint64_t *place, fs_entry *entry)
{
    const uint32_t all = entries(f), e = *place < all ? next_in(f, entry_of(folder), (uint32_t)*place) : all;
    *place = (uint64_t)e + 1;
    if (e == all)
        return 0;
    for (unsigned i = 0; i < RAMFS_NAME / 4; i++)
        memcpy(entry->name + 4 * i, &run(f, RAMFS_NAMES + i)[e], 4);
    for (entry->length = 0; entry->length < RAMFS_NAME && entry->name[entry->length] != 0;)
        entry->length++;
    entry->kind = run(f, RAMFS_KIND)[e];
    entry->size = run(f, RAMFS_SIZE)[e];
    return 1;
}

/* ---- content ---- */

static int32_t ramfs_read(fs *f, fs_node *file, uint64_t offset, uint32_t count, void *to)
{
    const uint64_t left = offset < file->size ? file->size - offset : 0;
    count = count < left ? count : (uint32_t)left;
    memcpy(to, content(f, entry_of(file)) + (uint32_t)offset, count);
    return (int32_t)count;
}

static int32_t ramfs_write(fs *f, fs_node *file, uint64_t offset, uint32_t count, const void *from)
{
    const uint32_t *const m = f->device->memory, e = entry_of(file);
    const uint64_t most = 4 * (uint64_t)(m[RAMFS_WORDS] - m[RAMFS_END] + words_of((uint32_t)file->size));
    if (offset >= most)
        return FS_E_FULL;
    count = count < most - offset ? count : (uint32_t)(most - offset);
    const int32_t wrong = offset + count > file->size ? set_size(f, e, (uint32_t)offset + count) : 0;
    if (wrong < 0)
        return wrong;
    memcpy(content(f, e) + offset, from, count);
    touch(f, file);
    return (int32_t)count;
}

static int32_t ramfs_resize(fs *f, fs_node *file, uint64_t size)
{
    const int32_t wrong = size > UINT32_MAX ? FS_E_FULL : set_size(f, entry_of(file), (uint32_t)size);
    if (wrong == 0)
        touch(f, file);
    return wrong;
}

/* ---- what changes names ---- */

static int32_t ramfs_create(fs *f, fs_node *folder, const uint8_t *bytes, uint32_t length, uint32_t kind, fs_node *made)
{
    name n;
    const uint32_t e = run_find(run(f, RAMFS_KIND), entries(f), FREE);
    if (!pack_name(bytes, length, &n))
        return FS_E_NAME;
    if (e == entries(f))
        return FS_E_FULL;
    if (ramfs_find(f, folder, bytes, length, made) == 0)
        return FS_E_EXISTS;
    run(f, RAMFS_KIND)[e] = kind;
    run(f, RAMFS_SIZE)[e] = 0;
    run(f, RAMFS_START)[e] = f->device->memory[RAMFS_END];
    set_name(f, e, entry_of(folder), &n);
    *made = (fs_node){.id = e + 1};
    touch(f, made);
    return 0;
}

static int32_t lose_name(fs *f, fs_node *node)
{
    const uint32_t e = entry_of(node);
    if (node->kind == FS_FOLDER && next_in(f, e, 0) < entries(f))
        return FS_E_KIND;
    run(f, RAMFS_PARENT)[e] = (uint32_t)NOBODY;
    node->links = 0;
    return 0;
}

static int32_t ramfs_remove(fs *f, fs_node *folder, const uint8_t *bytes, uint32_t length, fs_node *node)
{
    (void)folder, (void)bytes, (void)length;
    return lose_name(f, node);
}

static int32_t ramfs_rename(fs *f, fs_node *from, const uint8_t *bytes, uint32_t length, fs_node *moved, fs_node *to,
                            const uint8_t *target, uint32_t target_length, fs_node *replaced)
{
    name n;
    (void)from, (void)bytes, (void)length;
    if (!pack_name(target, target_length, &n))
        return FS_E_NAME;
    const int32_t wrong = replaced != NULL ? lose_name(f, replaced) : 0;
    if (wrong == 0)
        set_name(f, entry_of(moved), entry_of(to), &n);
    return wrong;
}

static int32_t ramfs_release(fs *f, fs_node *node)
{
    if (node->links == 0 && !f->readonly)
        give_room(f, entry_of(node));
    return 0;
}

const fs_type ramfs_type = {.name = "ramfs",
                            .mount = ramfs_mount,
                            .sync = ramfs_sync,
                            .space = ramfs_space,
                            .find = ramfs_find,
                            .list = ramfs_list,
                            .read = ramfs_read,
                            .write = ramfs_write,
                            .resize = ramfs_resize,
                            .create = ramfs_create,
                            .remove = ramfs_remove,
                            .rename = ramfs_rename,
                            .release = ramfs_release,
                            .barriers = true};

/* ---- a new one ---- */

int32_t ramfs_make(fs_device *d)
{
    const uint64_t all = d->sectors * (FS_SECTOR / 4), each = all / RAMFS_EACH;
    const uint32_t count = each < RAMFS_LEAST ? RAMFS_LEAST : each > RAMFS_MOST ? RAMFS_MOST : (uint32_t)each;
    const fs f = {.device = d};
    if (d->memory == NULL || all <= first_content(count) || all > UINT32_MAX / 4)
        return FS_E_FULL;
    memset(d->memory, 0, 4 * (size_t)all);
    d->memory[RAMFS_ENTRIES] = count;
    for (uint32_t e = 0; e < count; e++)
        run(&f, RAMFS_PARENT)[e] = (uint32_t)NOBODY;
    run(&f, RAMFS_KIND)[0] = FS_FOLDER;
    run(&f, RAMFS_START)[0] = d->memory[RAMFS_END] = first_content(count);
    d->memory[RAMFS_WORDS] = (uint32_t)all;
    d->memory[0] = RAMFS_MAGIC;
    return 0;
}

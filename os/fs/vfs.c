/* vfs.c - see vfs.h. */
#include "os/fs/vfs.h"

#include <stddef.h>
#include <string.h>

typedef struct mount {
    fs fs;
    char at[VFS_PATH]; /* "" for "/", so that all below it begins with it */
    uint32_t length;
    struct node *root;
    bool there;
} mount;

/* A file or folder that somebody has. */
typedef struct node {
    fs_node node;
    mount *mount;
    uint32_t holders; /* 0: this place is free */
} node;

typedef struct opened {
    node *node; /* NULL: this place is free */
    uint32_t flags;
    uint64_t place;
} opened;

static mount mounts[VFS_MOUNTS];
static uint64_t own[VFS_MOUNTS][FS_OWN_MOST / 8];
static node nodes[VFS_NODES];
static unsigned held_below; /* nobody has had a place from here on */
static opened opens[VFS_OPENS];
static int64_t clock_now;
static const char *refusal;

/* Whose names were told last, how many, and the last of them: who goes on there need not begin anew. */
static uint32_t listed = VFS_OPENS, listed_count;
static fs_entry listed_last;

static const fs_type *const types[] = {
#define FS_TYPE(id) &id##_type,
#include "os/fs/types.def"
};
enum { TYPES = sizeof types / sizeof *types };

/* ---- paths ---- */

static uint32_t length_of(const char *text)
{
    uint32_t length = 0;
    while (text[length] != '\0')
        length++;
    return length;
}

/* One part more; "." and ".." are taken for what they mean. False: no room. */
static bool add_part(char path[VFS_PATH], uint32_t *used, const char *part, uint32_t length)
{
    if (length == 0 || (length == 1 && part[0] == '.'))
        return true;
    if (length == 2 && part[0] == '.' && part[1] == '.') {
        while (*used > 0 && path[--*used] != '/')
            ;
        return true;
    }
    if (length > FS_NAME || *used + 1 + length >= VFS_PATH)
        return false;
    path[(*used)++] = '/';
    memcpy(path + *used, part, length);
    *used += length;
    return true;
}

static bool add_parts(char path[VFS_PATH], uint32_t *used, const char *text, uint32_t length)
{
    for (uint32_t i = 0, begin = 0; i <= length; i++)
        if (i == length || text[i] == '/') {
            if (!add_part(path, used, text + begin, i - begin))
                return false;
            begin = i + 1;
        } else if (text[i] == '\0') {
            return false;
        }
    return true;
}

int32_t vfs_path(const char *from, const void *name, uint32_t length, char path[VFS_PATH])
{
    const char *text = name;
    uint32_t used = 0;
    if (length == 0 || (text[0] != '/' && !add_parts(path, &used, from, length_of(from))) ||
        !add_parts(path, &used, text, length))
        return FS_E_NAME;
    if (used == 0)
        path[used++] = '/';
    path[used] = '\0';
    return 0;
}

/* Whether `path` is `above` or below it; both may be "". */
static bool is_below(const char *path, const char *above, uint32_t length)
{
    return memcmp(path, above, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

/* The deepest mount that has it. */
static mount *mount_of(const char *path)
{
    mount *found = NULL;
    const uint32_t all = length_of(path);
    for (unsigned i = 0; i < VFS_MOUNTS; i++)
        if (mounts[i].there && mounts[i].length <= all && is_below(path, mounts[i].at, mounts[i].length) &&
            (found == NULL || mounts[i].length > found->length))
            found = &mounts[i];
    return found;
}

static mount *mounted_at(const char *path)
{
    mount *m = mount_of(path);
    return m != NULL && (path[m->length] == '\0' || path[1] == '\0') ? m : NULL;
}

/* ---- nodes ---- */

/* Everybody who has a file has this one of it. */
static int32_t hold(mount *m, const fs_node *found, node **held)
{
    node *free = NULL;
    for (unsigned i = 0; i < held_below; i++) {
        node *n = &nodes[i];
        if (n->holders == 0) {
            free = n;
        } else if (n->mount == m && n->node.id == found->id) {
            n->holders++;
            *held = n;
            return 0;
        }
    }
    if (free == NULL) {
        if (held_below == VFS_NODES)
            return FS_E_LIMIT;
        free = &nodes[held_below++];
    }
    *free = (node){*found, m, 1};
    *held = free;
    return 0;
}

static int32_t let_go(node *n)
{
    if (n == NULL || --n->holders > 0)
        return 0;
    return n->mount->fs.type->release(&n->mount->fs, &n->node);
}

/* What a folder has under a name. */
static int32_t step(node *folder, const char *name, uint32_t length, node **next)
{
    fs *f = &folder->mount->fs;
    fs_node found;
    if (folder->node.kind != FS_FOLDER)
        return FS_E_ABSENT;
    const int32_t answer = f->type->find(f, &folder->node, (const uint8_t *)name, length, &found);
    return answer < 0 ? answer : hold(folder->mount, &found, next);
}

/* Holds what is there at the first `length` bytes of a path. */
static int32_t walk(const char *path, uint32_t length, node **end)
{
    mount *m = mount_of(path);
    if (m != NULL && m->length > length) { /* a mount's place itself, looked at from above */
        char above[VFS_PATH];
        memcpy(above, path, length);
        above[length] = '\0';
        m = mount_of(above);
    }
    if (m == NULL)
        return FS_E_ABSENT;
    node *at = m->root;
    at->holders++;
    for (uint32_t begin = m->length + 1; begin < length;) {
        uint32_t stop = begin;
        node *next = NULL;
        while (stop < length && path[stop] != '/')
            stop++;
        const int32_t answer = step(at, path + begin, stop - begin, &next);
        let_go(at);
        if (answer < 0)
            return answer;
        at = next;
        begin = stop + 1;
    }
    *end = at;
    return 0;
}

int32_t vfs_hold(const char *path, vfs_folder *folder)
{
    node *n;
    const int32_t answer = walk(path, length_of(path), &n);
    if (answer < 0)
        return answer;
    *folder = (vfs_folder){&n->node, (uint32_t)(n->mount - mounts), n};
    if (n->node.kind == FS_FOLDER && n->mount->fs.type->block != NULL)
        return 0;
    vfs_let(folder);
    return FS_E_KIND;
}

void vfs_let(const vfs_folder *folder) { let_go(folder->held); }

int32_t vfs_block(const vfs_folder *folder, bool entries, uint32_t index, const uint32_t **words)
{
    fs *f = &mounts[folder->mount].fs;
    return f->type->block(f, entries ? folder->node : NULL, index, words);
}

static int32_t walk_all(const char *path, node **end) { return walk(path, length_of(path), end); }

/* The folder that a path's last part is in, and that part. KIND: it has none, or something is mounted there. */
static int32_t walk_above(const char *path, node **folder, const char **name, uint32_t *length)
{
    const uint32_t all = length_of(path);
    uint32_t cut = all;
    if (mounted_at(path) != NULL)
        return FS_E_KIND;
    while (path[cut - 1] != '/')
        cut--;
    *name = path + cut;
    *length = all - cut;
    const int32_t answer = walk(path, cut - 1, folder);
    if (answer < 0 || (*folder)->node.kind == FS_FOLDER)
        return answer;
    let_go(*folder);
    *folder = NULL;
    return FS_E_ABSENT;
}

/* ---- mounts ---- */

static int32_t try_types(mount *m, fs_device *device, bool readonly, fs_node *root)
{
    for (unsigned i = 0; i < TYPES; i++) {
        memset(own[m - mounts], 0, sizeof own[0]);
        m->fs = (fs){types[i], device, own[m - mounts], clock_now, readonly || device->readonly, NULL};
        const int32_t answer = types[i]->mount(&m->fs, root);
        refusal = m->fs.refusal;
        if (answer != FS_E_KIND)
            return answer;
    }
    return FS_E_KIND;
}

/* Whether a folder is there to be covered. */
static int32_t is_place(const char *at)
{
    node *n;
    int32_t answer = mounted_at(at) != NULL ? FS_E_EXISTS : 0;
    if (answer < 0 || at[1] == '\0')
        return answer;
    answer = walk_all(at, &n);
    if (answer < 0)
        return answer;
    answer = n->node.kind == FS_FOLDER ? 0 : FS_E_KIND;
    let_go(n);
    return answer;
}

int32_t vfs_mount(fs_device *device, const char *at, bool readonly, const fs_type **type)
{
    mount *m = NULL;
    fs_node root;
    for (unsigned i = 0; i < VFS_MOUNTS; i++)
        if (!mounts[i].there)
            m = &mounts[i];
    int32_t answer = m == NULL ? FS_E_LIMIT : is_place(at);
    if (answer == 0)
        answer = try_types(m, device, readonly, &root);
    if (answer == 0)
        answer = hold(m, &root, &m->root);
    if (answer < 0)
        return answer;
    m->length = at[1] == '\0' ? 0 : length_of(at);
    memcpy(m->at, at, m->length);
    m->at[m->length] = '\0';
    m->there = true;
    if (type != NULL)
        *type = m->fs.type;
    return 0;
}

const char *vfs_refusal(void) { return refusal; }

int32_t vfs_unmount(const char *at, fs_device **device)
{
    mount *m = mounted_at(at);
    if (m == NULL)
        return FS_E_ABSENT;
    for (unsigned i = 0; i < VFS_NODES; i++)
        if (nodes[i].holders > (&nodes[i] == m->root) && nodes[i].mount == m)
            return FS_E_DENIED;
    for (unsigned i = 0; i < VFS_MOUNTS; i++)
        if (&mounts[i] != m && mounts[i].there && mounts[i].length >= m->length &&
            is_below(mounts[i].at, m->at, m->length))
            return FS_E_DENIED;
    const int32_t answer = m->fs.readonly ? 0 : m->fs.type->sync(&m->fs);
    let_go(m->root);
    m->there = false;
    *device = m->fs.device;
    return answer;
}

bool vfs_mounted(uint32_t number, const char **at, const char **type, bool *readonly)
{
    for (unsigned i = 0; i < VFS_MOUNTS; i++)
        if (mounts[i].there && number-- == 0) {
            *at = mounts[i].length == 0 ? "/" : mounts[i].at;
            *type = mounts[i].fs.type->name;
            *readonly = mounts[i].fs.readonly;
            return true;
        }
    return false;
}

int32_t vfs_sync(void)
{
    int32_t first = 0;
    for (unsigned i = 0; i < VFS_MOUNTS; i++) {
        const bool writes = mounts[i].there && !mounts[i].fs.readonly;
        const int32_t answer = writes ? mounts[i].fs.type->sync(&mounts[i].fs) : 0;
        first = first < 0 ? first : answer;
    }
    return first < 0 ? first : 0;
}

void vfs_clock(int64_t now)
{
    clock_now = now;
    for (unsigned i = 0; i < VFS_MOUNTS; i++)
        mounts[i].fs.now = now;
}

/* ---- what is told ---- */

static void tell(const node *n, vfs_about *about)
{
    *about = (vfs_about){.size = n->node.kind == FS_FILE ? n->node.size : 0,
                         .id = n->node.id,
                         .modified = n->node.modified,
                         .kind = n->node.kind,
                         .links = n->node.links,
                         .mount = (uint32_t)(n->mount - mounts)};
}

int32_t vfs_about_path(const char *path, vfs_about *about)
{
    node *n;
    const int32_t answer = walk_all(path, &n);
    if (answer < 0)
        return answer;
    tell(n, about);
    return let_go(n);
}

static opened *open_of(uint32_t number)
{
    return number < VFS_OPENS && opens[number].node != NULL ? &opens[number] : NULL;
}

int32_t vfs_about_open(uint32_t open, vfs_about *about)
{
    const opened *o = open_of(open);
    if (o == NULL)
        return FS_E_HANDLE;
    tell(o->node, about);
    return 0;
}

int32_t vfs_space(const char *path, fs_space *space)
{
    node *n;
    int32_t answer = walk_all(path, &n);
    if (answer < 0)
        return answer;
    answer = n->mount->fs.type->space(&n->mount->fs, space);
    let_go(n);
    return answer;
}

int32_t vfs_space_open(uint32_t open, fs_space *space)
{
    const opened *o = open_of(open);
    return o == NULL ? FS_E_HANDLE : o->node->mount->fs.type->space(&o->node->mount->fs, space);
}

/* ---- open files ---- */

bool vfs_sound_flags(uint32_t flags)
{
    if (flags == FS_DIRECTORY)
        return true;
    return flags < FS_DIRECTORY && (flags & (FS_FOR_READ | FS_FOR_WRITE)) != 0 &&
           ((flags & FS_FOR_WRITE) != 0 || (flags & (FS_CREATE | FS_TRUNCATE | FS_APPEND)) == 0) &&
           ((flags & FS_CREATE) != 0 || (flags & FS_NEW) == 0);
}

static bool can_write(const node *n) { return !n->mount->fs.readonly && n->mount->fs.type->write != NULL; }

static bool can_hold_more(void)
{
    for (unsigned i = 0; i < VFS_NODES; i++)
        if (nodes[i].holders == 0)
            return true;
    return false;
}

/* What nobody could look at is not made. */
static int32_t make(const char *path, uint32_t kind, node **made)
{
    node *folder;
    const char *name;
    uint32_t length;
    fs_node found;
    int32_t answer = walk_above(path, &folder, &name, &length);
    if (answer < 0)
        return answer;
    fs *f = &folder->mount->fs;
    answer = !can_write(folder)        ? FS_E_READONLY
             : folder->node.links == 0 ? FS_E_ABSENT
             : !can_hold_more()        ? FS_E_LIMIT
                                       : f->type->create(f, &folder->node, (const uint8_t *)name, length, kind, &found);
    if (answer >= 0)
        answer = hold(folder->mount, &found, made);
    let_go(folder);
    return answer;
}

/* What was found, or made, and whether it may be opened so. */
static int32_t accept(node *n, uint32_t flags)
{
    if ((n->node.kind == FS_FOLDER) != (flags == FS_DIRECTORY) || n->node.kind == FS_OTHER)
        return FS_E_KIND;
    if ((flags & FS_FOR_WRITE) != 0 && !can_write(n))
        return FS_E_READONLY;
    if ((flags & FS_TRUNCATE) == 0 || n->node.size == 0)
        return 0;
    return n->mount->fs.type->resize(&n->mount->fs, &n->node, 0);
}

int32_t vfs_open(const char *path, uint32_t flags)
{
    uint32_t number = 0;
    node *n = NULL;
    if (!vfs_sound_flags(flags))
        return FS_E_INVALID;
    while (number < VFS_OPENS && opens[number].node != NULL)
        number++;
    if (number == VFS_OPENS)
        return FS_E_LIMIT;
    int32_t answer = walk_all(path, &n);
    if (answer == FS_E_ABSENT && (flags & FS_CREATE) != 0)
        answer = make(path, FS_FILE, &n);
    else if (answer == 0 && (flags & FS_NEW) != 0)
        answer = FS_E_EXISTS;
    if (answer == 0)
        answer = accept(n, flags);
    if (answer < 0) {
        let_go(n);
        return answer;
    }
    opens[number] = (opened){n, flags, 0};
    return (int32_t)number;
}

int32_t vfs_close(uint32_t open)
{
    opened *o = open_of(open);
    if (o == NULL)
        return FS_E_HANDLE;
    node *n = o->node;
    listed = listed == open ? VFS_OPENS : listed;
    o->node = NULL;
    return let_go(n);
}

int32_t vfs_read(uint32_t open, const uint64_t *offset, uint32_t count, void *to)
{
    opened *o = open_of(open);
    if (o == NULL)
        return FS_E_HANDLE;
    if ((o->flags & FS_FOR_READ) == 0)
        return FS_E_KIND;
    fs *f = &o->node->mount->fs;
    const int32_t got = f->type->read(f, &o->node->node, offset != NULL ? *offset : o->place, count, to);
    if (got > 0 && offset == NULL)
        o->place += (uint32_t)got;
    return got;
}

/* A piece of a file that is opened to append is nowhere: what is written goes behind the end. */
int32_t vfs_peek(uint32_t open, uint32_t offset, bool to_write, uint8_t **piece, uint32_t *begin)
{
    const uint32_t wanted = to_write ? FS_FOR_WRITE : FS_FOR_READ, not_so = to_write ? FS_APPEND : 0;
    opened *o = open_of(open);
    if (o == NULL || (o->flags & (wanted | not_so)) != wanted || o->node->mount->fs.type->peek == NULL)
        return 0;
    return o->node->mount->fs.type->peek(&o->node->mount->fs, &o->node->node, offset, to_write, piece, begin);
}

int32_t vfs_poke(uint32_t open, uint32_t offset, uint32_t end)
{
    opened *o = open_of(open);
    return o == NULL ? FS_E_HANDLE : o->node->mount->fs.type->poke(&o->node->mount->fs, &o->node->node, offset, end);
}

int32_t vfs_write(uint32_t open, const uint64_t *offset, uint32_t count, const void *from)
{
    opened *o = open_of(open);
    if (o == NULL)
        return FS_E_HANDLE;
    if ((o->flags & FS_FOR_WRITE) == 0)
        return FS_E_KIND;
    if (count == 0)
        return 0;
    fs *f = &o->node->mount->fs;
    const uint64_t size = o->node->node.size;
    const uint64_t at = (o->flags & FS_APPEND) != 0 ? size : offset != NULL ? *offset : o->place;
    const int32_t put = f->type->write(f, &o->node->node, at, count, from);
    if (put > 0 && offset == NULL)
        o->place = at + (uint32_t)put;
    return put;
}

int32_t vfs_place(uint32_t open, uint64_t place)
{
    opened *o = open_of(open);
    if (o == NULL)
        return FS_E_HANDLE;
    if (o->node->node.kind != FS_FILE)
        return FS_E_KIND;
    o->place = place;
    return 0;
}

int32_t vfs_resize(uint32_t open, uint64_t size)
{
    const opened *o = open_of(open);
    if (o == NULL)
        return FS_E_HANDLE;
    if ((o->flags & FS_FOR_WRITE) == 0)
        return FS_E_KIND;
    return o->node->mount->fs.type->resize(&o->node->mount->fs, &o->node->node, size);
}

/* ---- folders ---- */

static int compare(const fs_entry *a, const fs_entry *b)
{
    const int order = memcmp(a->name, b->name, a->length < b->length ? a->length : b->length);
    return order != 0 ? order : a->length < b->length ? -1 : a->length > b->length;
}

/* What no path can name is not told: who lists would be led elsewhere by it. */
static bool is_name(const fs_entry *e)
{
    for (uint32_t i = 0; i < e->length; i++)
        if (e->name[i] == '/' || e->name[i] == 0)
            return false;
    return e->length > 0 && !(e->name[0] == '.' && (e->length == 1 || (e->length == 2 && e->name[1] == '.')));
}

/* The `most` names that come first behind one, in order: folders are not sorted, and may be larger than any room. */
static int32_t next_names(const node *folder, const fs_entry *behind, fs_entry *entries, uint32_t most)
{
    static fs_entry one;
    fs *f = &folder->mount->fs;
    uint64_t place = 0;
    uint32_t count = 0;
    fs_node look = folder->node;
    int32_t answer;
    while ((answer = f->type->list(f, &look, &place, &one)) > 0) {
        uint32_t at = count;
        if (!is_name(&one) || (behind != NULL && compare(&one, behind) <= 0))
            continue;
        while (at > 0 && compare(&one, &entries[at - 1]) < 0)
            at--;
        if (at == most)
            continue;
        for (uint32_t i = count < most ? count : most - 1; i > at; i--)
            entries[i] = entries[i - 1];
        entries[at] = one;
        count += count < most;
    }
    return answer < 0 ? answer : (int32_t)count;
}

int32_t vfs_list(uint32_t open, uint32_t first, fs_entry *entries, uint32_t most)
{
    const opened *o = open_of(open);
    if (o == NULL)
        return FS_E_HANDLE;
    if (o->flags != FS_DIRECTORY)
        return FS_E_KIND;
    uint32_t number = listed == open && listed_count == first ? first : 0;
    listed = VFS_OPENS;
    for (;;) {
        const uint32_t wanted = number < first && first - number < most ? first - number : most;
        const int32_t count = next_names(o->node, number > 0 ? &listed_last : NULL, entries, wanted);
        if (count <= 0)
            return count;
        const bool found = number == first;
        listed_last = entries[count - 1];
        number += (uint32_t)count;
        if (found) {
            listed = open;
            listed_count = number;
            return count;
        }
    }
}

int32_t vfs_make_folder(const char *path)
{
    node *n;
    if (mounted_at(path) != NULL)
        return FS_E_EXISTS;
    const int32_t answer = make(path, FS_FOLDER, &n);
    return answer < 0 ? answer : let_go(n);
}

int32_t vfs_remove(const char *path)
{
    node *folder, *n;
    const char *name;
    uint32_t length;
    int32_t answer = walk_above(path, &folder, &name, &length);
    if (answer < 0)
        return answer;
    answer = can_write(folder) ? step(folder, name, length, &n) : FS_E_READONLY;
    if (answer == 0) {
        fs *f = &folder->mount->fs;
        answer = f->type->remove(f, &folder->node, (const uint8_t *)name, length, &n->node);
        const int32_t freed = let_go(n);
        answer = answer < 0 ? answer : freed;
    }
    let_go(folder);
    return answer;
}

/* Both names' folders, what moves, and what is replaced by it, or NULL. */
typedef struct move {
    node *from, *to, *moved, *replaced;
    const char *name, *target;
    uint32_t length, target_length;
} move;

static int32_t look(const char *path, const char *target, move *m)
{
    int32_t answer = walk_above(path, &m->from, &m->name, &m->length);
    if (answer == 0)
        answer = walk_above(target, &m->to, &m->target, &m->target_length);
    if (answer == 0)
        answer = m->from->mount != m->to->mount ? FS_E_KIND : can_write(m->from) ? 0 : FS_E_READONLY;
    if (answer == 0)
        answer = step(m->from, m->name, m->length, &m->moved);
    if (answer < 0)
        return answer;
    answer = step(m->to, m->target, m->target_length, &m->replaced);
    if (answer < 0)
        return answer == FS_E_ABSENT && m->to->node.links > 0 ? 0 : answer;
    return m->replaced->node.kind == m->moved->node.kind ? 0 : FS_E_KIND;
}

/* Whether a path leads through a folder that somebody has. Text does not tell: some file systems know a name by more
 * than one way to write it. */
static bool leads_through(const char *path, const node *folder)
{
    bool through = false;
    for (uint32_t cut = 1; !through && path[cut] != '\0'; cut++) {
        node *at;
        if (path[cut] != '/' || walk(path, cut, &at) < 0)
            continue;
        through = at == folder;
        let_go(at);
    }
    return through;
}

/* What is renamed to a name of its own: to the same one, or to one that stays beside it; else only to other letters. */
static bool stays(const move *m)
{
    const bool same = m->length == m->target_length && memcmp(m->name, m->target, m->length) == 0;
    return m->moved == m->replaced && (same || m->from->mount->fs.type->link != NULL);
}

int32_t vfs_rename(const char *path, const char *target)
{
    move m = {0};
    int32_t answer = look(path, target, &m);
    if (answer == 0 && !stays(&m)) {
        fs *f = &m.from->mount->fs;
        if (m.moved->node.kind == FS_FOLDER && m.from != m.to && leads_through(target, m.moved))
            answer = FS_E_INVALID;
        else
            answer = f->type->rename(f, &m.from->node, (const uint8_t *)m.name, m.length, &m.moved->node, &m.to->node,
                                     (const uint8_t *)m.target, m.target_length,
                                     m.replaced == m.moved || m.replaced == NULL ? NULL : &m.replaced->node);
    }
    const int32_t freed = let_go(m.replaced);
    let_go(m.moved);
    let_go(m.to);
    let_go(m.from);
    return answer < 0 ? answer : freed;
}

static int32_t link_into(node *file, node *folder, const char *name, uint32_t length)
{
    fs *f = &folder->mount->fs;
    if (file->mount != folder->mount || file->node.kind != FS_FILE || f->type->link == NULL)
        return FS_E_KIND;
    if (!can_write(folder))
        return FS_E_READONLY;
    return folder->node.links == 0 ? FS_E_ABSENT
                                   : f->type->link(f, &file->node, &folder->node, (const uint8_t *)name, length);
}

int32_t vfs_link(const char *path, const char *target)
{
    node *file, *folder;
    const char *name;
    uint32_t length;
    int32_t answer = walk_all(path, &file);
    if (answer < 0)
        return answer;
    answer = walk_above(target, &folder, &name, &length);
    if (answer == 0) {
        answer = link_into(file, folder, name, length);
        let_go(folder);
    }
    let_go(file);
    return answer;
}

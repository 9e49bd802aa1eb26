/* files.c - what processes ask for that is about files: pxi/HOST.md's services, and os.def's. A handle is FILE_HANDLES
 * and the number of what vfs.c has open; children share it, with its place. */
#include "os/fs/vfs.h"
#include "os/kernel/kernel.h"

enum { FIRST_HANDLE = 3, ENTRY_WORDS = 4, ABOUT_WORDS = sizeof(pxo_stat) / 4 };

/* What a call is about. */
typedef struct call {
    unsigned who;
    uint32_t kind, payload, argument;
} call;

static char folders[OS_FOLDERS][VFS_PATH] = {"/"}; /* that processes are in: t.folder */
static bool changed;

const char *folder_of(unsigned who) { return folders[t.folder[who]]; }

/* ---- the begin, and what lies about ---- */

void files_begin(void)
{
    if (mount_root() < 0) {
        console_text("pxos: the root file system is damaged\n");
        shut_down(1);
    }
    mount_disks();
}

void settle_files(void)
{
    if (!changed)
        return;
    changed = false;
    if (vfs_sync() < 0)
        console_text("pxos: a disk failed; what was written may be lost. umount and mount it\n");
}

/* Something is about to be written. */
static void will_change(void)
{
    vfs_clock((int64_t)(time_of_day() / 1000000000));
    changed = true;
}

/* ---- names and handles ---- */

static bool is_same(const char *a, const char *b)
{
    while (*a != '\0' && *a == *b) {
        a++;
        b++;
    }
    return *a == *b;
}

/* A path from a name in the caller's image, as it is written there: address, length. */
static int32_t get_path(const call *c, const uint32_t name[2], char path[VFS_PATH])
{
    const uint8_t *bytes = bytes_at(c->who, name[0], name[1]);
    return bytes == NULL ? PXH_E_RANGE : vfs_path(folder_of(c->who), bytes, name[1], path);
}

/* The block of a call whose payload is 0, and the path that it begins with. */
static int32_t get_named(const call *c, uint32_t words, uint32_t **block, char path[VFS_PATH])
{
    if (c->payload != 0)
        return PXH_E_INVALID;
    const int32_t wrong = words_at(c->who, c->argument, words, block);
    return wrong < 0 ? wrong : get_path(c, *block, path);
}

/* What a handle is: the number that vfs.c knows, or an error. */
static int32_t opened(const call *c)
{
    const uint32_t open = c->payload < HANDLES ? t.handle[c->payload][c->who] : NO_HANDLE;
    return open == NO_HANDLE ? PXH_E_HANDLE : !is_file(open) ? PXH_E_KIND : (int32_t)(open - (uint32_t)FILE_HANDLES);
}

static bool is_held(uint32_t handle)
{
    for (unsigned h = 0; h < HANDLES; h++) {
        px_vl(columns);
        px_vseq_vx(t.scratch, t.handle[h], handle);
        if (px_sum(t.scratch) > 0)
            return true;
    }
    return false;
}

int32_t file_left(uint32_t handle)
{
    vfs_about about;
    if (is_held(handle))
        return 0;
    if (vfs_about_open(handle - (uint32_t)FILE_HANDLES, &about) == 0 && about.links == 0)
        changed = true; /* it goes now */
    return vfs_close(handle - (uint32_t)FILE_HANDLES);
}

static int32_t open_file(const call *c)
{
    uint32_t *block, h = FIRST_HANDLE;
    char path[VFS_PATH];
    int32_t answer = vfs_sound_flags(c->payload) ? words_at(c->who, c->argument, 2, &block) : PXH_E_INVALID;
    if (answer == 0)
        answer = get_path(c, block, path);
    while (h < HANDLES && t.handle[h][c->who] != NO_HANDLE)
        h++;
    if (answer < 0 || h == HANDLES)
        return answer < 0 ? answer : PXH_E_LIMIT;
    if (is_same(path, "/dev/null") && (c->payload & (PXH_DIRECTORY | PXH_NEW)) == 0) {
        t.handle[h][c->who] = NULL_HANDLE;
        return (int32_t)h;
    }
    if ((c->payload & PXH_FOR_WRITE) != 0)
        will_change();
    answer = vfs_open(path, c->payload);
    if (answer < 0)
        return answer;
    t.handle[h][c->who] = (uint32_t)FILE_HANDLES + (uint32_t)answer;
    return (int32_t)h;
}

int32_t file_move(uint32_t open, bool written, const uint64_t *offset, uint8_t *bytes, uint32_t count)
{
    open -= (uint32_t)FILE_HANDLES;
    changed |= written;
    return written ? vfs_write(open, offset, count, bytes) : vfs_read(open, offset, count, bytes);
}

int32_t file_peek(uint32_t open, uint32_t offset, bool to_write, uint8_t **piece, uint32_t *begin)
{
    return vfs_peek(open - (uint32_t)FILE_HANDLES, offset, to_write, piece, begin);
}

int32_t file_poke(uint32_t open, uint32_t offset, uint32_t end)
{
    changed = true;
    return vfs_poke(open - (uint32_t)FILE_HANDLES, offset, end);
}

bool file_has_room(uint32_t open, uint32_t bytes)
{
    enum { BESIDE = 16384 }; /* for what a file system has beside them */
    fs_space space;
    return vfs_space_open(open - (uint32_t)FILE_HANDLES, &space) == 0 && space.free >= BESIDE + bytes;
}

/* ---- what is told ---- */

static void put_64(uint32_t *to, uint64_t value)
{
    to[0] = (uint32_t)value;
    to[1] = (uint32_t)(value >> 32);
}

static void put_about(uint32_t *to, const vfs_about *about)
{
    to[0] = about->kind;
    put_64(to + 1, about->size);
    put_64(to + 3, (uint64_t)about->modified);
    to[5] = (uint32_t)about->id;
    to[6] = about->links;
    to[7] = about->mount;
}

int32_t file_about(uint32_t open, uint32_t words[ABOUT_WORDS])
{
    vfs_about about;
    const int32_t answer = vfs_about_open(open - (uint32_t)FILE_HANDLES, &about);
    if (answer == 0)
        put_about(words, &about);
    return answer;
}

static int32_t size_of(const call *c)
{
    uint32_t *to;
    vfs_about about;
    const int32_t wrong = words_at(c->who, c->argument, 2, &to), open = opened(c);
    if (wrong < 0 || open < 0)
        return wrong < 0 ? wrong : open;
    const int32_t answer = vfs_about_open((uint32_t)open, &about);
    if (answer < 0 || about.kind != FS_FILE)
        return answer < 0 ? answer : PXH_E_KIND;
    put_64(to, about.size);
    return 0;
}

static int32_t stat_open(const call *c)
{
    uint32_t *to;
    vfs_about about;
    const int32_t wrong = words_at(c->who, c->argument, ABOUT_WORDS, &to), open = opened(c);
    if (wrong < 0 || open < 0)
        return wrong < 0 ? wrong : open;
    const int32_t answer = vfs_about_open((uint32_t)open, &about);
    if (answer == 0)
        put_about(to, &about);
    return answer;
}

static int32_t stat_path(const call *c)
{
    uint32_t *block, *to;
    char path[VFS_PATH];
    vfs_about about;
    int32_t answer = get_named(c, 3, &block, path);
    if (answer == 0)
        answer = words_at(c->who, block[2], ABOUT_WORDS, &to);
    if (answer == 0)
        answer = vfs_about_path(path, &about);
    if (answer == 0)
        put_about(to, &about);
    return answer;
}

static int32_t tell_space(const call *c)
{
    uint32_t *block, *to;
    char path[VFS_PATH];
    fs_space space;
    int32_t answer = get_named(c, 3, &block, path);
    if (answer == 0)
        answer = words_at(c->who, block[2], 4, &to);
    if (answer == 0)
        answer = vfs_space(path, &space);
    if (answer < 0)
        return answer;
    put_64(to, space.bytes);
    put_64(to + 2, space.free);
    return 0;
}

/* An entry as pxi/HOST.md has it; its words. */
static uint32_t put_entry(uint32_t *to, const fs_entry *e)
{
    const uint32_t words = ENTRY_WORDS + (e->length + 3) / 4;
    to[words - 1] = 0; /* a name of no bytes there is not told */
    to[0] = e->kind;
    put_64(to + 1, e->kind == FS_FILE ? e->size : 0);
    to[3] = e->length;
    memcpy(to + ENTRY_WORDS, e->name, e->length);
    return words;
}

static int32_t list_folder(const call *c)
{
    static fs_entry batch[OS_ENTRIES];
    uint32_t *block, *to, count = 0, used = 0;
    int32_t got = words_at(c->who, c->argument, 3, &block);
    if (got == 0)
        got = block[0] % 4 != 0 ? PXH_E_INVALID : words_at(c->who, block[0], block[1] / 4, &to);
    const int32_t open = opened(c);
    if (got < 0 || open < 0)
        return got < 0 ? got : open;
    const uint32_t room = block[1] / 4, first = block[2];
    while ((got = vfs_list((uint32_t)open, first + count, batch, OS_ENTRIES)) > 0)
        for (int32_t i = 0; i < got; i++, count++) {
            if (ENTRY_WORDS + (batch[i].length + 3) / 4 > room - used)
                return count > 0 ? (int32_t)count : PXH_E_LIMIT;
            used += put_entry(to + used, &batch[i]);
        }
    return got < 0 && count == 0 ? got : (int32_t)count;
}

/* ---- what changes names ---- */

static int32_t change_name(const call *c)
{
    uint32_t *block;
    char path[VFS_PATH];
    const int32_t answer = get_named(c, 2, &block, path);
    if (answer < 0)
        return answer;
    will_change();
    return c->kind == PXO_MKDIR ? vfs_make_folder(path) : vfs_remove(path);
}

/* RENAME and LINK. */
static int32_t rename_path(const call *c)
{
    uint32_t *block;
    char path[VFS_PATH], target[VFS_PATH];
    int32_t answer = get_named(c, 4, &block, path);
    if (answer == 0)
        answer = get_path(c, block + 2, target);
    if (answer < 0)
        return answer;
    will_change();
    return c->kind == PXO_LINK ? vfs_link(path, target) : vfs_rename(path, target);
}

/* SEEK and RESIZE. */
static int32_t set_number(const call *c)
{
    uint32_t *block;
    const int32_t wrong = words_at(c->who, c->argument, 2, &block), open = opened(c);
    if (wrong < 0 || open < 0)
        return wrong < 0 ? wrong : open;
    const uint64_t number = (uint64_t)block[1] << 32 | block[0];
    if (c->kind == PXO_SEEK)
        return vfs_place((uint32_t)open, number);
    will_change();
    return vfs_resize((uint32_t)open, number);
}

/* ---- the folder that a process is in ---- */

static bool is_anybodys(uint32_t k)
{
    px_vl(columns);
    px_vseq_vx(t.scratch, t.folder, k);
    px_vmul_vv(t.scratch, t.scratch, t.pid);
    return k == 0 || px_sum(t.scratch) > 0;
}

static int32_t change_folder(const call *c)
{
    uint32_t *block, free = OS_FOLDERS;
    char path[VFS_PATH];
    vfs_about about;
    int32_t answer = get_named(c, 2, &block, path);
    if (answer == 0)
        answer = vfs_about_path(path, &about);
    if (answer < 0 || about.kind != FS_FOLDER)
        return answer < 0 ? answer : PXH_E_KIND;
    const uint32_t before = t.folder[c->who];
    t.folder[c->who] = 0;
    for (uint32_t k = 0; k < OS_FOLDERS; k++)
        if (!is_anybodys(k)) {
            free = k;
        } else if (is_same(folders[k], path)) {
            t.folder[c->who] = k;
            return 0;
        }
    if (free == OS_FOLDERS) {
        t.folder[c->who] = before;
        return PXH_E_LIMIT;
    }
    memcpy(folders[free], path, sizeof path);
    t.folder[c->who] = free;
    return 0;
}

static int32_t tell_folder(const call *c)
{
    const char *path = folder_of(c->who);
    uint32_t length = 0;
    while (path[length] != '\0')
        length++;
    uint8_t *to = bytes_at(c->who, c->argument, c->payload);
    if (to == NULL || length > c->payload)
        return to == NULL ? PXH_E_RANGE : PXH_E_LIMIT;
    memcpy(to, path, length);
    return (int32_t)length;
}

/* ---- disks ---- */

static int32_t mount(const call *c)
{
    uint32_t *block;
    char path[VFS_PATH];
    int32_t answer =
        (c->payload & ~(PXO_READONLY | 0xFF)) != 0 ? PXH_E_INVALID : words_at(c->who, c->argument, 2, &block);
    if (answer == 0)
        answer = get_path(c, block, path);
    if (answer == 0 && t.pid[c->who] != 1 && t.parent[c->who] != 1)
        answer = PXH_E_DENIED;
    return answer < 0 ? answer : mount_disk(c->payload & 0xFF, path, (c->payload & PXO_READONLY) != 0);
}

static int32_t unmount(const call *c)
{
    uint32_t *block;
    char path[VFS_PATH];
    int32_t answer = get_named(c, 2, &block, path);
    if (answer == 0 && ((t.pid[c->who] != 1 && t.parent[c->who] != 1) || path[1] == '\0'))
        answer = PXH_E_DENIED;
    return answer < 0 ? answer : unmount_disk(path);
}

static int32_t tell_mount(const call *c)
{
    uint32_t *to;
    const char *at, *type;
    bool readonly;
    const int32_t wrong = words_at(c->who, c->argument, sizeof(pxo_mount) / 4, &to);
    if (wrong < 0 || !vfs_mounted(c->payload, &at, &type, &readonly))
        return wrong < 0 ? wrong : 0;
    pxo_mount *m = (pxo_mount *)(void *)to;
    memset(m, 0, sizeof *m);
    m->readonly = readonly;
    for (unsigned i = 0; i < sizeof m->type - 1 && type[i] != '\0'; i++)
        m->type[i] = type[i];
    for (unsigned i = 0; i < sizeof m->path - 1 && at[i] != '\0'; i++)
        m->path[i] = at[i];
    return 1;
}

/* What was changed is on the disks before; the picture is written when nobody runs. */
static int32_t save_system(const call *c)
{
    int32_t answer = t.pid[c->who] != 1 && t.parent[c->who] != 1 ? PXH_E_DENIED : can_save(c->payload);
    if (answer == 0)
        answer = vfs_sync();
    if (answer < 0)
        return answer;
    changed = false;
    save_behind_round(c->who, c->payload);
    return WAITS;
}

static int32_t sync_all(const call *c)
{
    if (c->payload != 0)
        return PXH_E_INVALID;
    changed = false;
    return vfs_sync();
}

int32_t serve_files(unsigned who, uint32_t kind, uint32_t payload, uint32_t argument)
{
    const call c = {who, kind, payload, argument};
    switch (kind) {
    case PXH_OPEN:
        return open_file(&c);
    case PXH_SIZE:
        return size_of(&c);
    case PXH_LIST:
        return list_folder(&c);
    case PXO_MKDIR:
    case PXO_REMOVE:
        return change_name(&c);
    case PXO_RENAME:
    case PXO_LINK:
        return rename_path(&c);
    case PXO_STAT:
        return stat_path(&c);
    case PXO_FSTAT:
        return stat_open(&c);
    case PXO_SEEK:
    case PXO_RESIZE:
        return set_number(&c);
    case PXO_CHDIR:
        return change_folder(&c);
    case PXO_FOLDER:
        return tell_folder(&c);
    case PXO_SYNC:
        return sync_all(&c);
    case PXO_SPACE:
        return tell_space(&c);
    case PXO_MOUNT:
        return mount(&c);
    case PXO_UNMOUNT:
        return unmount(&c);
    case PXO_SAVE:
        return save_system(&c);
    default:
        return tell_mount(&c);
    }
}

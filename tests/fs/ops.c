/* ops.c - does to an image of a file system what a script on its input says, through the interface of os/fs/fs.h:
 *
 *      ops fat|ext4 IMAGE [--cut N] [--now SECONDS] [--quiet]
 *
 *      mkdir PATH      rm PATH       mv PATH PATH      put FILE PATH     append FILE PATH   write OFFSET TEXT PATH
 *      resize N PATH   get PATH FILE read OFFSET N PATH                  ls PATH            dump FOLDER
 *      space           sync
 *
 * Words end at a tab. put and append move SECONDS on by 2. With --cut only the first N writes reach the image, and
 * nothing is done after them: a cut of power. "writes N" is what is said at the end, errors where they come, by name.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/fs/fs.h"
#include "tests/fs/error_name.h"

enum { WORDS = 4, LONG = 8192, DEEP = 64, CHUNK = 40000 };

typedef struct image {
    fs_device device;
    uint8_t *bytes;
    uint64_t writes, cut;
} image;

static fs mounted;
static fs_node root;
static image disk;

static void die(const char *what, const char *name)
{
    fprintf(stderr, "ops: %s: %s: %s\n", what, name, strerror(errno));
    exit(2);
}

/* ---- the disk ---- */

static int32_t disk_read(fs_device *d, uint64_t sector, uint32_t count, void *to)
{
    if (sector > d->sectors || count > d->sectors - sector)
        abort(); /* nobody asks for what is not there */
    memcpy(to, disk.bytes + sector * FS_SECTOR, (size_t)count * FS_SECTOR);
    return 0;
}

static int32_t disk_write(fs_device *d, uint64_t sector, uint32_t count, const void *from)
{
    if (sector > d->sectors || count > d->sectors - sector)
        abort();
    if (disk.writes++ == disk.cut)
        exit(0);
    memcpy(disk.bytes + sector * FS_SECTOR, from, (size_t)count * FS_SECTOR);
    return 0;
}

static int32_t disk_flush(fs_device *d)
{
    (void)d;
    return 0;
}

static uint8_t *load(const char *path, size_t *size)
{
    FILE *f = fopen(path, "rb");
    if (f == NULL || fseek(f, 0, SEEK_END) != 0)
        die("read", path);
    const long end = ftell(f);
    uint8_t *bytes = malloc((size_t)end + 1);
    rewind(f);
    if (bytes == NULL || fread(bytes, 1, (size_t)end, f) != (size_t)end)
        die("read", path);
    fclose(f);
    *size = (size_t)end;
    return bytes;
}

static uint8_t *map(const char *path, size_t *size)
{
    struct stat about;
    const int f = open(path, O_RDWR);
    if (f < 0 || fstat(f, &about) != 0)
        die("open", path);
    *size = (size_t)about.st_size;
    void *bytes = mmap(NULL, *size, PROT_READ | PROT_WRITE, MAP_SHARED, f, 0);
    if (bytes == MAP_FAILED)
        die("map", path);
    close(f);
    return bytes;
}

/* ---- paths ---- */

static int32_t walk(const char *path, fs_node *at)
{
    *at = root;
    while (*path != '\0') {
        const size_t length = strcspn(path, "/");
        fs_node next;
        if (length > 0) {
            if (at->kind != FS_FOLDER)
                return FS_E_KIND;
            const int32_t e = mounted.type->find(&mounted, at, (const uint8_t *)path, (uint32_t)length, &next);
            if (e < 0)
                return e;
            *at = next;
        }
        path += length + (path[length] == '/');
    }
    return 0;
}

typedef struct place {
    fs_node folder;
    const uint8_t *name;
    uint32_t length;
} place;

static int32_t locate(const char *path, place *p)
{
    char above[LONG];
    const char *slash = strrchr(path, '/');
    const size_t length = slash == NULL ? 0 : (size_t)(slash - path);
    memcpy(above, path, length);
    above[length] = '\0';
    p->name = (const uint8_t *)(slash == NULL ? path : slash + 1);
    p->length = (uint32_t)strlen((const char *)p->name);
    const int32_t e = walk(above, &p->folder);
    return e < 0 || p->folder.kind == FS_FOLDER ? e : FS_E_KIND;
}

/* ---- what a script says ---- */

static int32_t make(const char *path, uint32_t kind, fs_node *made)
{
    place p;
    const int32_t e = locate(path, &p);
    return e < 0 ? e : mounted.type->create(&mounted, &p.folder, p.name, p.length, kind, made);
}

static int32_t write_bytes(fs_node *n, uint64_t offset, const uint8_t *bytes, size_t size)
{
    for (size_t at = 0; at < size;) {
        const uint32_t count = size - at < CHUNK ? (uint32_t)(size - at) : CHUNK;
        const int32_t e = mounted.type->write(&mounted, n, offset + at, count, bytes + at);
        if (e < 0)
            return e;
        if (e == 0 || (uint32_t)e > count)
            abort();
        at += (size_t)e;
    }
    return 0;
}

static int32_t put(const char *from, const char *path, bool append)
{
    size_t size;
    fs_node n;
    mounted.now += 2;
    int32_t e = walk(path, &n);
    if (e == FS_E_ABSENT)
        e = make(path, FS_FILE, &n);
    if (e >= 0 && n.kind != FS_FILE)
        e = FS_E_KIND;
    if (e >= 0 && !append)
        e = mounted.type->resize(&mounted, &n, 0);
    uint8_t *bytes = load(from, &size);
    if (e >= 0)
        e = write_bytes(&n, n.size, bytes, size);
    free(bytes);
    return e;
}

static int32_t write_text(const char *offset, const char *text, const char *path)
{
    fs_node n;
    const int32_t e = walk(path, &n);
    if (e < 0 || n.kind != FS_FILE)
        return e < 0 ? e : FS_E_KIND;
    return write_bytes(&n, strtoull(offset, NULL, 10), (const uint8_t *)text, strlen(text));
}

static int32_t resize(const char *size, const char *path)
{
    fs_node n;
    const int32_t e = walk(path, &n);
    if (e < 0 || n.kind != FS_FILE)
        return e < 0 ? e : FS_E_KIND;
    return mounted.type->resize(&mounted, &n, strtoull(size, NULL, 10));
}

static int32_t drop(const char *path)
{
    place p;
    fs_node n;
    int32_t e = locate(path, &p);
    if (e >= 0)
        e = mounted.type->find(&mounted, &p.folder, p.name, p.length, &n);
    if (e >= 0)
        e = mounted.type->remove(&mounted, &p.folder, p.name, p.length, &n);
    return e < 0 ? e : mounted.type->release(&mounted, &n);
}

static int32_t move(const char *from, const char *to)
{
    place a, b;
    fs_node moved, replaced;
    int32_t e = locate(from, &a);
    if (e >= 0)
        e = locate(to, &b);
    if (e >= 0)
        e = mounted.type->find(&mounted, &a.folder, a.name, a.length, &moved);
    if (e < 0)
        return e;
    e = mounted.type->find(&mounted, &b.folder, b.name, b.length, &replaced);
    if (e < 0 && e != FS_E_ABSENT)
        return e;
    const bool there = e >= 0 && replaced.id != moved.id;
    if (there && replaced.kind != moved.kind)
        return FS_E_KIND;
    fs_node *to_folder = a.folder.own[0] == b.folder.own[0] ? &a.folder : &b.folder;
    e = mounted.type->rename(&mounted, &a.folder, a.name, a.length, &moved, to_folder, b.name, b.length,
                             there ? &replaced : NULL);
    return e < 0 || !there ? e : mounted.type->release(&mounted, &replaced);
}

static int32_t copy_out(fs_node *n, const char *to)
{
    static uint8_t bytes[CHUNK + 1];
    FILE *f = fopen(to, "wb");
    if (f == NULL)
        die("write", to);
    uint64_t at = 0;
    uint32_t ask = 1; /* pieces of many sizes */
    int32_t got;
    while ((got = mounted.type->read(&mounted, n, at, ask, bytes)) > 0) {
        if ((uint32_t)got > ask || fwrite(bytes, 1, (size_t)got, f) != (size_t)got)
            die("write", to);
        at += (uint32_t)got;
        ask = ask * 3 % CHUNK + 1;
    }
    fclose(f);
    if (got == 0 && at != n->size)
        abort();
    return got;
}

static int32_t get(const char *path, const char *to)
{
    fs_node n;
    const int32_t e = walk(path, &n);
    return e < 0 ? e : n.kind != FS_FILE ? FS_E_KIND : copy_out(&n, to);
}

static int32_t show(const char *offset, const char *count, const char *path)
{
    fs_node n;
    static char bytes[CHUNK + 1];
    int32_t e = walk(path, &n);
    if (e >= 0)
        e = n.kind != FS_FILE ? FS_E_KIND
                              : mounted.type->read(&mounted, &n, strtoull(offset, NULL, 10),
                                                   (uint32_t)(strtoul(count, NULL, 10) % CHUNK), bytes);
    if (e >= 0) {
        fwrite(bytes, 1, (size_t)e, stdout);
        putchar('\n');
    }
    return e;
}

static int32_t list(const char *path)
{
    fs_node n;
    fs_entry entry;
    uint64_t at = 0;
    int32_t e = walk(path, &n);
    if (e >= 0 && n.kind != FS_FOLDER)
        return FS_E_KIND;
    while (e >= 0 && (e = mounted.type->list(&mounted, &n, &at, &entry)) > 0) {
        fs_node found;
        const int32_t there = mounted.type->find(&mounted, &n, entry.name, entry.length, &found);
        printf("%c %s %llu %lld%s%s\n", "?fdo"[entry.kind], (const char *)entry.name, (unsigned long long)entry.size,
               (long long)found.modified, there < 0 ? " " : "", there < 0 ? error_name(there) : "");
    }
    return e;
}

/* A whole tree: one folder that is open at each depth. */
static int32_t dump(const char *to)
{
    static struct level {
        fs_node folder;
        uint64_t at;
        size_t length;
    } level[DEEP];
    char path[LONG];
    int depth = 0;
    snprintf(path, sizeof path, "%s", to);
    level[0] = (struct level){root, 0, strlen(path)};
    mkdir(path, 0777);
    while (depth >= 0) {
        struct level *l = &level[depth];
        fs_entry entry;
        fs_node n;
        path[l->length] = '\0';
        int32_t e = mounted.type->list(&mounted, &l->folder, &l->at, &entry);
        if (e == 0)
            depth--;
        if (e == 0)
            continue;
        if (e > 0)
            e = mounted.type->find(&mounted, &l->folder, entry.name, entry.length, &n);
        if (e < 0)
            return e;
        if (n.kind != entry.kind || (n.kind == FS_FILE && n.size != entry.size))
            abort();
        const size_t length = l->length + 1 + entry.length;
        if (length + 1 > sizeof path || depth + 1 == DEEP)
            return FS_E_LIMIT;
        path[l->length] = '/';
        memcpy(path + l->length + 1, entry.name, entry.length + 1);
        if (n.kind == FS_FOLDER) {
            mkdir(path, 0777);
            level[++depth] = (struct level){n, 0, length};
        } else if (n.kind == FS_FILE && (e = copy_out(&n, path)) < 0) {
            return e;
        }
    }
    return 0;
}

static int32_t space(void)
{
    fs_space s;
    const int32_t e = mounted.type->space(&mounted, &s);
    if (e >= 0)
        printf("space %llu free %llu\n", (unsigned long long)s.bytes, (unsigned long long)s.free);
    return e;
}

static int32_t obey(char *const word[WORDS])
{
    const char *what = word[0];
    fs_node n;
    if (mounted.type->write == NULL && strchr("mrpaw", what[0]) != NULL && strcmp(what, "read") != 0)
        return FS_E_READONLY;
    if (strcmp(what, "mkdir") == 0)
        return make(word[1], FS_FOLDER, &n);
    if (strcmp(what, "rm") == 0)
        return drop(word[1]);
    if (strcmp(what, "mv") == 0)
        return move(word[1], word[2]);
    if (strcmp(what, "put") == 0 || strcmp(what, "append") == 0)
        return put(word[1], word[2], what[0] == 'a');
    if (strcmp(what, "write") == 0)
        return write_text(word[1], word[2], word[3]);
    if (strcmp(what, "resize") == 0)
        return resize(word[1], word[2]);
    if (strcmp(what, "get") == 0)
        return get(word[1], word[2]);
    if (strcmp(what, "read") == 0)
        return show(word[1], word[2], word[3]);
    if (strcmp(what, "ls") == 0)
        return list(word[1]);
    if (strcmp(what, "dump") == 0)
        return dump(word[1]);
    if (strcmp(what, "space") == 0)
        return space();
    if (strcmp(what, "sync") == 0)
        return mounted.type->sync(&mounted);
    fprintf(stderr, "ops: %s: nothing that can be done\n", what);
    exit(2);
}

static void script(bool quiet)
{
    static char line[LONG];
    while (fgets(line, sizeof line, stdin) != NULL) {
        char *word[WORDS] = {line, "", "", ""};
        line[strcspn(line, "\n")] = '\0';
        for (int i = 1; i < WORDS && (word[i] = strchr(word[i - 1], '\t')) != NULL; i++)
            *word[i]++ = '\0';
        for (int i = 1; i < WORDS; i++)
            if (word[i] == NULL)
                word[i] = "";
        const int32_t e = obey(word);
        if (e < 0 && !quiet)
            printf("%s %s %s\n", word[0], word[1], error_name(e));
        else if (e < 0)
            printf("%s\n", error_name(e));
        else if (quiet)
            puts("ok");
    }
}

int main(int argc, char **argv)
{
    size_t size;
    bool quiet = false;
    if (argc < 3)
        return 2;
    mounted.type = strcmp(argv[1], "fat") == 0 ? &fat_type : &ext4_type;
    disk.bytes = map(argv[2], &size);
    disk.cut = UINT64_MAX;
    disk.device = (fs_device){disk_read, disk_write, disk_flush, size / FS_SECTOR, false, NULL, NULL};
    mounted.now = 1000000000;
    for (int i = 3; i < argc; i++) {
        if (strcmp(argv[i], "--quiet") == 0)
            quiet = true;
        else if (i + 1 < argc && strcmp(argv[i], "--cut") == 0)
            disk.cut = strtoull(argv[++i], NULL, 10);
        else if (i + 1 < argc && strcmp(argv[i], "--now") == 0)
            mounted.now = strtoll(argv[++i], NULL, 10);
        else
            return 2;
    }
    mounted.device = &disk.device;
    mounted.own = calloc(1, mounted.type->own_bytes);
    int32_t e = mounted.type->mount(&mounted, &root);
    if (e < 0) {
        const bool refused = e == FS_E_INVALID;
        printf("mount %s%s%s\n", error_name(e), refused ? " " : "", refused ? mounted.refusal : "");
        return 1;
    }
    script(quiet);
    e = mounted.type->sync(&mounted);
    if (e < 0)
        printf("sync %s\n", error_name(e));
    if (!quiet)
        printf("writes %llu\n", (unsigned long long)disk.writes);
    free(mounted.own);
    return 0;
}

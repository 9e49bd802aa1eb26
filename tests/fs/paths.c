/* paths.c - does to a disk what a script on its input says, through all that is between a process and the disk: vfs.h,
 * the file system, the cache.
 *
 *      paths IMAGE
 *
 *      open H FLAGS PATH     close H          read H OFFSET N         write H OFFSET N SEED  resize H N
 *      mkdir PATH            rm PATH          mv PATH PATH            ln PATH PATH           about PATH
 *      sync                  space            dump                    remount
 *      break read|write AFTER COUNT
 *
 * Words end at a tab, H is 0 to 63, FLAGS are OPEN's. Every line is answered: "ok", what was asked for, or an error's
 * name. Byte i of what is written is byte i % 4 of a word that SEED and i / 4 give; what is read is told as a length
 * and a sum. break: AFTER more of them are done, and then COUNT fail. At the end all is unmounted. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/fs/cache.h"
#include "os/fs/vfs.h"
#include "tests/fs/error_name.h"

enum { WORDS = 5, LONG = 4096, HANDLES = 64, CHUNK = 1 << 20 };

typedef struct fault {
    uint64_t after, count;
} fault;

static uint8_t *disk_bytes;
static fault reads, writes;
static int32_t handle[HANDLES];
static bool is_open[HANDLES];
static fs_device *cached;

static void die(const char *what)
{
    fprintf(stderr, "paths: %s: %s\n", what, strerror(errno));
    exit(2);
}

/* ---- the disk ---- */

static bool fails(fault *f)
{
    if (f->count == 0)
        return false;
    if (f->after > 0)
        return f->after--, false;
    return f->count--, true;
}

static void require_there(const fs_device *d, uint64_t sector, uint32_t count)
{
    if (sector > d->sectors || count > d->sectors - sector)
        abort(); /* nobody asks for what is not there */
}

static int32_t disk_read(fs_device *d, uint64_t sector, uint32_t count, void *to)
{
    require_there(d, sector, count);
    if (fails(&reads))
        return FS_E_IO;
    memcpy(to, disk_bytes + sector * FS_SECTOR, (size_t)count * FS_SECTOR);
    return 0;
}

static int32_t disk_write(fs_device *d, uint64_t sector, uint32_t count, const void *from)
{
    require_there(d, sector, count);
    if (fails(&writes))
        return FS_E_IO;
    memcpy(disk_bytes + sector * FS_SECTOR, from, (size_t)count * FS_SECTOR);
    return 0;
}

static int32_t disk_flush(fs_device *d) { return (void)d, 0; }

static fs_device device = {.read = disk_read, .write = disk_write, .flush = disk_flush};

static void map(const char *path)
{
    struct stat about;
    const int f = open(path, O_RDWR);
    if (f < 0 || fstat(f, &about) != 0)
        die(path);
    void *bytes = mmap(NULL, (size_t)about.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, f, 0);
    if (bytes == MAP_FAILED)
        die(path);
    close(f);
    disk_bytes = bytes;
    device.sectors = (uint64_t)about.st_size / FS_SECTOR;
}

static int32_t mount(void)
{
    const fs_type *type;
    cached = cache_over(&device);
    if (cached == NULL)
        abort();
    const int32_t e = vfs_mount(cached, "/", false, &type);
    if (e < 0)
        cache_leave(cached);
    else if (!type->barriers)
        cache_in_order(cached);
    return e;
}

static int32_t unmount(void)
{
    for (int h = 0; h < HANDLES; h++)
        if (is_open[h])
            vfs_close((uint32_t)handle[h]);
    memset(is_open, 0, sizeof is_open);
    fs_device *left;
    const int32_t e = vfs_unmount("/", &left), flushed = cache_leave(cached);
    return e < 0 ? e : flushed;
}

/* ---- contents ---- */

static uint8_t byte_of(uint32_t seed, uint32_t i) { return (uint8_t)((seed ^ i / 4 * 0x9E3779B1u) >> i % 4 * 8); }

static uint32_t sum_of(uint32_t sum, const uint8_t *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        sum = (sum ^ bytes[i]) * 16777619u;
    return sum;
}

static int32_t read_at(int32_t open, const char *offset, const char *count)
{
    static uint8_t bytes[CHUNK];
    const uint64_t at = strtoull(offset, NULL, 10);
    const uint32_t wanted = (uint32_t)strtoul(count, NULL, 10) % (CHUNK + 1);
    const int32_t got = vfs_read((uint32_t)open, &at, wanted, bytes);
    if (got > (int32_t)wanted)
        abort();
    if (got >= 0)
        printf("%d %u\n", got, sum_of(2166136261u, bytes, (size_t)got));
    return got < 0 ? got : 1;
}

static int32_t write_at(int32_t open, const char *offset, const char *count, const char *seed)
{
    static uint8_t bytes[CHUNK];
    const uint64_t at = strtoull(offset, NULL, 10);
    const uint32_t wanted = (uint32_t)strtoul(count, NULL, 10) % (CHUNK + 1), from = (uint32_t)strtoul(seed, NULL, 10);
    for (uint32_t i = 0; i < wanted; i++)
        bytes[i] = byte_of(from, i);
    const int32_t put = vfs_write((uint32_t)open, &at, wanted, bytes);
    if (put > (int32_t)wanted)
        abort();
    if (put >= 0)
        printf("%d\n", put);
    return put < 0 ? put : 1;
}

/* ---- a whole tree ---- */

static int32_t dump_file(const char *path, const fs_entry *entry)
{
    static uint8_t bytes[CHUNK];
    uint32_t sum = 2166136261u;
    uint64_t size = 0;
    const int32_t open = vfs_open(path, FS_FOR_READ);
    int32_t got = open;
    while (open >= 0 && (got = vfs_read((uint32_t)open, NULL, (uint32_t)(1 + size % 7000), bytes)) > 0) {
        sum = sum_of(sum, bytes, (size_t)got);
        size += (uint32_t)got;
    }
    if (open >= 0)
        vfs_close((uint32_t)open);
    if (got < 0)
        printf("f %s %s\n", path, error_name(got));
    else if (size != entry->size)
        abort();
    else
        printf("f %s %" PRIu64 " %u\n", path, size, sum);
    return 0;
}

static int32_t dump(const char *path)
{
    fs_entry *list = malloc(16 * sizeof *list);
    int32_t count = 0;
    for (uint32_t first = 0;; first += (uint32_t)count) {
        const int32_t open = vfs_open(path, FS_DIRECTORY);
        count = open < 0 ? open : vfs_list((uint32_t)open, first, list, 16);
        if (open >= 0)
            vfs_close((uint32_t)open);
        if (count <= 0)
            break;
        for (int32_t i = 0; i < count; i++) {
            char below[VFS_PATH];
            if (vfs_path(path, list[i].name, list[i].length, below) < 0) {
                printf("? %s\n", path);
            } else if (list[i].kind == FS_FOLDER) {
                printf("d %s\n", below);
                dump(below);
            } else if (list[i].kind == FS_FILE) {
                dump_file(below, &list[i]);
            }
        }
    }
    if (count < 0)
        printf("d %s %s\n", path, error_name(count));
    free(list);
    return count;
}

/* ---- what a script says ---- */

static int32_t about(const char *path)
{
    vfs_about a;
    const int32_t e = vfs_about_path(path, &a);
    if (e < 0)
        return e;
    printf("%c %" PRIu64 " %u\n", "?fdo"[a.kind], a.size, a.links);
    return 1;
}

static int32_t space(void)
{
    fs_space s;
    const int32_t e = vfs_space("/", &s);
    if (e < 0)
        return e;
    printf("%" PRIu64 " %" PRIu64 "\n", s.bytes, s.free);
    return 1;
}

static int32_t open_as(int h, const char *flags, const char *path)
{
    const int32_t e = vfs_open(path, (uint32_t)strtoul(flags, NULL, 10));
    if (e >= 0) {
        handle[h] = e;
        is_open[h] = true;
    }
    return e < 0 ? e : 0;
}

static int32_t with_handle(char *const word[WORDS])
{
    const int h = atoi(word[1]) % HANDLES;
    if (strcmp(word[0], "open") == 0)
        return open_as(h, word[2], word[3]);
    if (!is_open[h])
        return FS_E_HANDLE;
    if (strcmp(word[0], "read") == 0)
        return read_at(handle[h], word[2], word[3]);
    if (strcmp(word[0], "write") == 0)
        return write_at(handle[h], word[2], word[3], word[4]);
    if (strcmp(word[0], "resize") == 0)
        return vfs_resize((uint32_t)handle[h], strtoull(word[2], NULL, 10));
    is_open[h] = false;
    return vfs_close((uint32_t)handle[h]);
}

static int32_t obey(char *const word[WORDS])
{
    const char *what = word[0];
    if (strcmp(what, "mkdir") == 0)
        return vfs_make_folder(word[1]);
    if (strcmp(what, "rm") == 0)
        return vfs_remove(word[1]);
    if (strcmp(what, "mv") == 0)
        return vfs_rename(word[1], word[2]);
    if (strcmp(what, "ln") == 0)
        return vfs_link(word[1], word[2]);
    if (strcmp(what, "about") == 0)
        return about(word[1]);
    if (strcmp(what, "sync") == 0)
        return vfs_sync();
    if (strcmp(what, "space") == 0)
        return space();
    if (strcmp(what, "dump") == 0)
        return dump("/");
    if (strcmp(what, "remount") == 0) {
        const int32_t e = unmount(), again = mount();
        return again < 0 ? (printf("mount %s\n", error_name(again)), exit(1), 0) : e;
    }
    if (strcmp(what, "break") == 0) {
        fault *f = word[1][0] == 'r' ? &reads : &writes;
        *f = (fault){strtoull(word[2], NULL, 10), strtoull(word[3], NULL, 10)};
        return 0;
    }
    return with_handle(word);
}

int main(int argc, char **argv)
{
    static char line[LONG];
    if (argc != 2)
        return 2;
    setvbuf(stdout, NULL, _IOLBF, 0); /* who asks waits for the answer */
    map(argv[1]);
    vfs_clock(1000000000);
    int32_t e = mount();
    if (e < 0) {
        printf("mount %s\n", error_name(e));
        return 1;
    }
    while (fgets(line, sizeof line, stdin) != NULL) {
        char *word[WORDS] = {line, "", "", "", ""};
        line[strcspn(line, "\n")] = '\0';
        for (int i = 1; i < WORDS && (word[i] = strchr(word[i - 1], '\t')) != NULL; i++)
            *word[i]++ = '\0';
        for (int i = 1; i < WORDS; i++)
            word[i] = word[i] == NULL ? "" : word[i];
        e = obey(word);
        if (e <= 0)
            puts(e < 0 ? error_name(e) : "ok");
    }
    e = unmount();
    printf("end %s\n", e < 0 ? error_name(e) : "ok");
    return 0;
}

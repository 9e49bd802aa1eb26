/* fuzz_pxfs.c - hostile pxFS: a sound one, of which words are changed and the seals made right again; then all is read,
 * checked and written. Errors are fine; what is out of bounds or without an end is not. */
#include <stdlib.h>
#include <string.h>

#include "os/fs/cache.h"
#include "os/fs/pxfs.h"
#include "os/fs/runs.h"
#include "os/fs/vfs.h"

enum { BLOCKS = 256, ID = 7, MOST_LOOKS = 200 };

static uint32_t sound[BLOCKS * PXFS_WORDS], now[BLOCKS * PXFS_WORDS];

static int32_t read_sectors(fs_device *d, uint64_t sector, uint32_t count, void *to)
{
    if (sector + count > d->sectors)
        abort();
    memcpy(to, (uint8_t *)now + sector * FS_SECTOR, (size_t)count * FS_SECTOR);
    return 0;
}

static int32_t write_sectors(fs_device *d, uint64_t sector, uint32_t count, const void *from)
{
    if (sector + count > d->sectors)
        abort();
    memcpy((uint8_t *)now + sector * FS_SECTOR, from, (size_t)count * FS_SECTOR);
    return 0;
}

static int32_t flush(fs_device *d) { return (void)d, 0; }

static fs_device device = {read_sectors, write_sectors, flush, BLOCKS *PXFS_SECTORS, false, NULL};

static void write_file(const char *path, uint32_t count)
{
    static uint8_t bytes[3000];
    const uint64_t at = count;
    const int32_t open = vfs_open(path, FS_FOR_WRITE | FS_CREATE);
    if (open < 0)
        return;
    vfs_write((uint32_t)open, NULL, count, bytes);
    vfs_write((uint32_t)open, &at, 10, bytes);
    vfs_resize((uint32_t)open, count / 2);
    vfs_close((uint32_t)open);
}

static void make_sound(void)
{
    char path[] = "/d/file0";
    fs_device *cached = cache_over(&device);
    if (pxfs_make(&device, ID, 1) < 0 || vfs_mount(cached, "/", false, NULL) < 0)
        abort();
    vfs_make_folder("/d");
    vfs_make_folder("/d/e");
    for (unsigned i = 0; i < 8; i++, path[7]++)
        write_file(path, 300 + 350 * i);
    const int32_t open = vfs_open("/large", FS_FOR_WRITE | FS_CREATE);
    for (uint64_t at = 0; at < 30000; at += 1500)
        vfs_write((uint32_t)open, &at, 9, "something");
    vfs_close((uint32_t)open);
    if (vfs_unmount("/", &cached) < 0 || cache_leave(cached) < 0)
        abort();
    memcpy(sound, now, sizeof sound);
}

/* Six bytes each: block, word, value. */
static void change(const uint8_t *data, size_t size)
{
    for (; size >= 6; data += 6, size -= 6) {
        const uint32_t block = data[0], word = data[1];
        uint32_t value;
        memcpy(&value, data + 2, sizeof value);
        uint32_t *row = now + block * PXFS_WORDS;
        row[word] = value;
        if (word < PXFS_PAYLOAD)
            row[PXFS_PAYLOAD] =
                run_seal(row, PXFS_PAYLOAD, (block < PXFS_FIRST_MAP ? 0 : ID) + block * UINT32_C(0x2545F491));
    }
}

static int looks;

static void look(const char *path, unsigned depth)
{
    static uint8_t bytes[5000];
    fs_entry list[4];
    const int32_t open = vfs_open(path, FS_DIRECTORY);
    int32_t count;
    for (uint32_t first = 0; open >= 0 && looks < MOST_LOOKS && (count = vfs_list((uint32_t)open, first, list, 4)) > 0;
         first += (uint32_t)count)
        for (int32_t i = 0; i < count && looks++ < MOST_LOOKS; i++) {
            char below[VFS_PATH];
            if (vfs_path(path, list[i].name, list[i].length, below) < 0)
                continue;
            if (list[i].kind == FS_FOLDER && depth < 8)
                look(below, depth + 1);
            const int32_t o = vfs_open(below, FS_FOR_READ);
            for (int k = 0; o >= 0 && k < 20 && vfs_read((uint32_t)o, NULL, sizeof bytes, bytes) > 0; k++)
                ;
            vfs_close((uint32_t)o);
        }
    vfs_close((uint32_t)open);
}

static void complain(pxfs_check *c, const char *what, uint32_t block, const char *name)
{
    (void)c, (void)what, (void)block, (void)name;
}

static void check(void)
{
    static uint64_t own[FS_OWN_MOST / 8];
    static uint8_t blocks[BLOCKS];
    static uint16_t names[BLOCKS * PXFS_NODES];
    static uint8_t walked[BLOCKS * PXFS_NODES / 4 + 1];
    fs f = {&pxfs_type, &device, own, 0, true, NULL};
    fs_node root;
    pxfs_check c = {.complain = complain, .blocks = blocks, .names = names, .walked = walked};
    memset(blocks, 0, sizeof blocks);
    memset(names, 0, sizeof names);
    memset(walked, 0, sizeof walked);
    if (pxfs_type.mount(&f, &root) == 0)
        pxfs_check_all(&f, &c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool begun;
    if (!begun)
        make_sound();
    begun = true;
    memcpy(now, sound, sizeof now);
    change(data, size < 600 ? size : 600);
    check();
    fs_device *cached = cache_over(&device);
    if (vfs_mount(cached, "/", false, NULL) < 0) {
        cache_leave(cached);
        return 0;
    }
    looks = 0;
    look("/", 0);
    write_file("/d/file3", 2000);
    write_file("/new", 900);
    vfs_make_folder("/d/e/f");
    vfs_rename("/d/file5", "/d/e/g");
    vfs_rename("/large", "/d/file1");
    vfs_remove("/d/file2");
    vfs_sync();
    vfs_remove("/d/file1");
    vfs_unmount("/", &cached);
    cache_leave(cached);
    return 0;
}

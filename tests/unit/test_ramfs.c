/* test_ramfs.c - ramfs below vfs.c, beside a model that is a list of files; and memory that is damaged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "os/fs/ramfs.h"
#include "os/fs/vfs.h"

enum { SECTORS = 24, WORDS = SECTORS * FS_SECTOR / 4, FILES = 12, MOST = 3000, STEPS = 3000, DAMAGES = 4000 };

static int32_t no_access(fs_device *d, uint64_t sector, uint32_t count, void *to)
{
    (void)d, (void)sector, (void)count, (void)to;
    fail(); /* a ramfs is where it is */
    return FS_E_IO;
}

static int32_t no_write(fs_device *d, uint64_t sector, uint32_t count, const void *from)
{
    (void)from;
    return no_access(d, sector, count, NULL);
}

static int32_t no_flush(fs_device *d) { return (void)d, 0; }

static fs_device new_device(void)
{
    const fs_device d = {no_access, no_write, no_flush, SECTORS, false, malloc(4 * WORDS)}; /* so much and no more */
    assert_non_null(d.memory);
    return d;
}

static void mount(fs_device *d)
{
    const fs_type *type;
    assert_int_equal(vfs_mount(d, "/", false, &type), 0);
    assert_string_equal(type->name, "ramfs");
}

static void unmount(void)
{
    fs_device *d;
    assert_int_equal(vfs_unmount("/", &d), 0);
}

/* ---- beside a model ---- */

typedef struct file {
    bool there;
    uint32_t size;
    uint8_t bytes[MOST];
} file;

static file files[FILES];

static const char *path_of(unsigned k)
{
    static char path[2][32];
    static unsigned turn;
    turn = !turn;
    snprintf(path[turn], sizeof path[turn], k % 2 == 0 ? "/file%u" : "/folder/of-16-bytes-%03u", k);
    return path[turn];
}

static uint32_t below(uint32_t limit) { return (uint32_t)rand() % limit; }

static void write_some(unsigned k)
{
    uint8_t bytes[MOST];
    file *f = &files[k];
    const int32_t open = vfs_open(path_of(k), FS_FOR_WRITE | FS_CREATE);
    const uint64_t offset = below(f->size + 40);
    const uint32_t count = offset < MOST ? 1 + below(below(4) == 0 ? MOST - (uint32_t)offset : 60) : 0;
    if (open == FS_E_FULL) { /* entries are few */
        assert_false(f->there);
        return;
    }
    assert_true(open >= 0);
    f->there = true;
    if (offset + count <= MOST) {
        for (uint32_t i = 0; i < count; i++)
            bytes[i] = (uint8_t)rand();
        const int32_t put = vfs_write((uint32_t)open, &offset, count, bytes);
        assert_true(put == FS_E_FULL || (put >= (count > 0) && put <= (int32_t)count));
        if (put > 0) {
            memcpy(f->bytes + offset, bytes, (size_t)put);
            f->size = f->size > offset + (uint32_t)put ? f->size : (uint32_t)offset + (uint32_t)put;
        }
    }
    assert_int_equal(vfs_close((uint32_t)open), 0);
}

static void resize(unsigned k)
{
    file *f = &files[k];
    const int32_t open = vfs_open(path_of(k), FS_FOR_WRITE);
    const uint32_t size = below(MOST);
    assert_int_equal(open < 0, !f->there);
    if (open < 0)
        return;
    const int32_t done = vfs_resize((uint32_t)open, size);
    assert_true(done == 0 || done == FS_E_FULL);
    if (done == 0 && size < f->size)
        memset(f->bytes + size, 0, f->size - size);
    f->size = done == 0 ? size : f->size;
    assert_int_equal(vfs_close((uint32_t)open), 0);
}

/* One that is open is there until it is closed. */
static void remove_one(unsigned k)
{
    file *f = &files[k];
    uint8_t byte;
    const int32_t open = vfs_open(path_of(k), FS_FOR_READ);
    assert_int_equal(vfs_remove(path_of(k)), f->there ? 0 : FS_E_ABSENT);
    if (!f->there)
        return;
    assert_int_equal(vfs_read((uint32_t)open, NULL, 1, &byte), f->size > 0);
    if (f->size > 0)
        assert_int_equal(byte, f->bytes[0]);
    assert_int_equal(vfs_close((uint32_t)open), 0);
    memset(f, 0, sizeof *f);
}

static void rename_one(unsigned k, unsigned to)
{
    const int32_t answer = vfs_rename(path_of(k), path_of(to));
    assert_int_equal(answer, files[k].there ? 0 : FS_E_ABSENT);
    if (answer < 0 || k == to)
        return;
    files[to] = files[k];
    memset(&files[k], 0, sizeof files[k]);
}

static void check_file(unsigned k)
{
    uint8_t bytes[MOST + 1];
    const file *f = &files[k];
    const int32_t open = vfs_open(path_of(k), FS_FOR_READ);
    assert_int_equal(open < 0, !f->there);
    if (open < 0)
        return;
    assert_int_equal(vfs_read((uint32_t)open, NULL, sizeof bytes, bytes), f->size);
    assert_memory_equal(bytes, f->bytes, f->size);
    assert_int_equal(vfs_close((uint32_t)open), 0);
}

static void check_all(void)
{
    fs_entry entries[FILES];
    fs_space space;
    uint64_t used = 0;
    int32_t even = 0;
    for (unsigned k = 0; k < FILES; k++) {
        check_file(k);
        used += (files[k].size + 3) / 4 * 4;
        even += k % 2 == 0 && files[k].there;
    }
    const int32_t open = vfs_open("/", FS_DIRECTORY);
    assert_int_equal(vfs_list((uint32_t)open, 0, entries, FILES), even + 1);
    assert_int_equal(vfs_close((uint32_t)open), 0);
    assert_int_equal(vfs_space("/", &space), 0);
    assert_int_equal(space.bytes - space.free, used);
}

static void as_a_model(void **unused)
{
    (void)unused;
    fs_device d = new_device();
    srand(15);
    memset(files, 0, sizeof files);
    assert_int_equal(ramfs_make(&d), 0);
    mount(&d);
    assert_int_equal(vfs_make_folder("/folder"), 0);
    for (unsigned i = 0; i < STEPS; i++) {
        const unsigned k = below(FILES), what = below(8);
        if (what < 4)
            write_some(k);
        else if (what == 4)
            resize(k);
        else if (what < 7)
            rename_one(k, below(FILES));
        else
            remove_one(k);
        check_all();
        if (i % 50 == 0) { /* who mounts it looks at all of it */
            unmount();
            mount(&d);
        }
    }
    assert_int_equal(vfs_make_folder("/a-name-of-17-byte"), FS_E_NAME);
    for (unsigned k = 1; k < FILES; k += 2)
        remove_one(k);
    assert_int_equal(vfs_remove("/folder"), 0);
    unmount();
    free(d.memory);
}

/* What was removed while somebody had it, and the system ended: its room is free. */
static void orphans(void **unused)
{
    (void)unused;
    fs_device d = new_device();
    fs_space before, after;
    assert_int_equal(ramfs_make(&d), 0);
    mount(&d);
    assert_int_equal(vfs_space("/", &before), 0);
    const int32_t open = vfs_open("/gone", FS_FOR_WRITE | FS_CREATE);
    assert_int_equal(vfs_write((uint32_t)open, NULL, 5, "bytes"), 5);
    assert_int_equal(vfs_remove("/gone"), 0);
    uint32_t *const copy = malloc(4 * WORDS);
    assert_non_null(copy);
    memcpy(copy, d.memory, 4 * WORDS);
    assert_int_equal(vfs_close((uint32_t)open), 0);
    unmount();
    free(d.memory);
    d.memory = copy;
    mount(&d);
    assert_int_equal(vfs_space("/", &after), 0);
    assert_int_equal(after.free, before.free);
    unmount();
    free(copy);
}

/* ---- damage ---- */

static void use(const char *path)
{
    uint8_t bytes[MOST] = {0};
    const int32_t open = vfs_open(path, FS_FOR_READ | FS_FOR_WRITE | FS_CREATE);
    if (open < 0)
        return;
    const uint64_t offset = below(MOST);
    vfs_read((uint32_t)open, NULL, below(MOST), bytes);
    vfs_write((uint32_t)open, &offset, below(MOST), bytes);
    vfs_resize((uint32_t)open, below(MOST));
    vfs_close((uint32_t)open);
}

static void use_all(void)
{
    fs_entry entries[FILES];
    const int32_t open = vfs_open("/", FS_DIRECTORY);
    if (open >= 0) {
        vfs_list((uint32_t)open, 0, entries, FILES);
        vfs_close((uint32_t)open);
    }
    for (unsigned k = 0; k < 6; k++)
        use(path_of(k));
    vfs_rename(path_of(0), path_of(1));
    vfs_remove(path_of(below(6)));
}

/* Of a sound one, some words of the header and the runs become others. */
static void damaged(void **unused)
{
    (void)unused;
    fs_device d = new_device();
    uint32_t sound[WORDS], mounted = 0;
    srand(16);
    assert_int_equal(ramfs_make(&d), 0);
    mount(&d);
    assert_int_equal(vfs_make_folder("/folder"), 0);
    for (unsigned k = 0; k < 6; k++)
        use(path_of(k));
    unmount();
    memcpy(sound, d.memory, sizeof sound);
    for (unsigned i = 0; i < DAMAGES; i++) {
        memcpy(d.memory, sound, sizeof sound);
        for (uint32_t n = 1 + below(3); n > 0; n--) {
            uint32_t *const word = &d.memory[1 + below(RAMFS_HEADER - 1 + RAMFS_RUNS * RAMFS_LEAST)];
            *word = below(2) == 0 ? below(WORDS) : below(2) == 0 ? *word + 1 - below(3) : (uint32_t)rand() << below(8);
        }
        if (vfs_mount(&d, "/", false, NULL) != 0)
            continue;
        mounted++;
        use_all();
        unmount();
    }
    assert_in_range(mounted, DAMAGES / 20, DAMAGES - DAMAGES / 20);
    free(d.memory);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {cmocka_unit_test(as_a_model), cmocka_unit_test(orphans),
                                       cmocka_unit_test(damaged)};
    return cmocka_run_group_tests_name("ramfs", tests, NULL, NULL);
}

/* test_pxfs.c - pxFS below vfs.c and cache.c, beside a model that is a list of paths: what is there, and what is there
 * after the power was cut at any write. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "os/fs/cache.h"
#include "os/fs/pxfs.h"
#include "os/fs/runs.h"
#include "os/fs/vfs.h"

enum { BLOCKS = 600, BYTES = BLOCKS * PXFS_BYTES, MOST_WRITES = 6000, MOST_FILES = 160, MOST_SIZE = 20000 };

/* ---- a disk whose writes are kept ---- */

typedef struct written {
    uint64_t sector;
    uint32_t count; /* 0: a flush */
    uint8_t *bytes;
} written;

typedef struct disk {
    fs_device device;
    uint8_t *bytes;
    written *log; /* NULL: none is kept */
    uint32_t writes;
    int broken;        /* writes until each is IO; below 0: never */
    uint32_t together; /* writes that came with others */
    uint32_t flushes;
    bool deaf; /* a flush is IO */
} disk;

static int32_t disk_read(fs_device *d, uint64_t sector, uint32_t count, void *to)
{
    const disk *k = (disk *)(void *)d;
    assert_true(sector + count <= d->sectors);
    memcpy(to, k->bytes + sector * FS_SECTOR, (size_t)count * FS_SECTOR);
    return 0;
}

static int32_t disk_write(fs_device *d, uint64_t sector, uint32_t count, const void *from)
{
    disk *k = (disk *)(void *)d;
    assert_true(sector + count <= d->sectors);
    if (k->broken == 0)
        return FS_E_IO;
    k->broken -= k->broken > 0;
    memcpy(k->bytes + sector * FS_SECTOR, from, (size_t)count * FS_SECTOR);
    for (uint32_t done = 0; k->log != NULL && done < count; done += PXFS_SECTORS) { /* power may go within a run */
        assert_true(k->writes < MOST_WRITES);
        written *w = &k->log[k->writes++];
        *w = (written){sector + done, PXFS_SECTORS, malloc(PXFS_BYTES)};
        assert_non_null(w->bytes);
        memcpy(w->bytes, (const uint8_t *)from + (size_t)done * FS_SECTOR, PXFS_BYTES);
    }
    return 0;
}

/* The last one first: any order will do. */
static int32_t disk_write_all(fs_device *d, const fs_piece *pieces, uint32_t count)
{
    int32_t answer = 0;
    ((disk *)(void *)d)->together += count;
    while (answer == 0 && count-- > 0)
        answer = disk_write(d, pieces[count].sector, pieces[count].sectors, pieces[count].from);
    return answer;
}

static int32_t disk_flush(fs_device *d)
{
    disk *k = (disk *)(void *)d;
    if (k->log != NULL) {
        assert_true(k->writes < MOST_WRITES);
        k->log[k->writes++] = (written){0, 0, NULL};
    }
    k->flushes++;
    return k->deaf ? FS_E_IO : 0;
}

static disk new_disk(uint32_t blocks)
{
    const disk k = {
        .device = {disk_read, disk_write, disk_flush, (uint64_t)blocks * PXFS_SECTORS, false, NULL, disk_write_all},
        .bytes = calloc(blocks, PXFS_BYTES),
        .broken = -1};
    assert_non_null(k.bytes);
    return k;
}

static fs_device *mount_disk(disk *k)
{
    fs_device *cached = cache_over(&k->device);
    const fs_type *type;
    assert_non_null(cached);
    assert_int_equal(vfs_mount(cached, "/", false, &type), 0);
    assert_string_equal(type->name, "pxfs");
    return cached;
}

static void unmount_disk(int32_t wanted)
{
    fs_device *cached;
    assert_int_equal(vfs_unmount("/", &cached), wanted);
    assert_int_equal(cache_leave(cached), 0);
}

static void complain(pxfs_check *c, const char *what, uint32_t block, const char *name)
{
    if (c->context == NULL)
        print_message("fsck: block %u, %s: %s\n", block, name, what);
}

/* How much is wrong. */
static uint32_t check(disk *k, void *silent)
{
    static uint8_t blocks[PXFS_MOST / 8];
    static uint16_t names[PXFS_MOST];
    static uint8_t walked[PXFS_MOST / 4];
    static uint64_t own[FS_OWN_MOST / 8];
    fs f = {&pxfs_type, &k->device, own, 0, true, NULL};
    fs_node root;
    memset(blocks, 0, sizeof blocks);
    memset(names, 0, sizeof names);
    memset(walked, 0, sizeof walked);
    pxfs_check c = {.complain = complain, .context = silent, .blocks = blocks, .names = names, .walked = walked};
    if (pxfs_type.mount(&f, &root) < 0)
        return 1;
    pxfs_check_all(&f, &c);
    return c.wrong;
}

static uint32_t check_disk(disk *k) { return check(k, NULL); }

/* ---- the model ---- */

typedef struct content {
    uint32_t names, size;
    uint8_t bytes[MOST_SIZE];
} content;

typedef struct file {
    char path[VFS_PATH]; /* "": none */
    bool folder;
    content *has; /* of several names' files the same */
} file;

typedef struct model {
    file at[MOST_FILES];
} model;

static uint32_t state = 1;
static uint32_t chance(uint32_t below)
{
    state = state * 1664525 + 1013904223;
    return (state >> 8) % below;
}

static file *find(model *m, const char *path)
{
    for (int i = 0; i < MOST_FILES; i++)
        if (strcmp(m->at[i].path, path) == 0)
            return &m->at[i];
    return NULL;
}

static bool has_below(const model *m, const char *path)
{
    const size_t length = strlen(path);
    for (int i = 0; i < MOST_FILES; i++)
        if (strncmp(m->at[i].path, path, length) == 0 && m->at[i].path[length] == '/')
            return true;
    return false;
}

static uint64_t mix(uint64_t sum, const void *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        sum = (sum ^ ((const uint8_t *)bytes)[i]) * UINT64_C(1099511628211);
    return sum;
}

static uint64_t digest_file(const char *path, bool folder, const content *has)
{
    uint64_t sum = mix(folder ? 7 : 9, path, strlen(path));
    return folder ? sum : mix(sum, has->bytes, has->size);
}

/* Order does not matter. */
static uint64_t digest_model(const model *m)
{
    uint64_t sum = 0;
    for (int i = 0; i < MOST_FILES; i++)
        if (m->at[i].path[0] != '\0')
            sum += digest_file(m->at[i].path, m->at[i].folder, m->at[i].has);
    return sum;
}

static uint64_t digest_folder(const char *path)
{
    fs_entry list[7];
    uint64_t sum = 0;
    const int32_t open = vfs_open(path, FS_DIRECTORY);
    assert_true(open >= 0);
    int32_t count;
    for (uint32_t first = 0; (count = vfs_list((uint32_t)open, first, list, 7)) > 0; first += (uint32_t)count)
        for (int32_t i = 0; i < count; i++) {
            static content has;
            char below[VFS_PATH];
            assert_int_equal(vfs_path(path, list[i].name, list[i].length, below), 0);
            if (list[i].kind == FS_FOLDER) {
                sum += digest_file(below, true, NULL) + digest_folder(below);
                continue;
            }
            const int32_t o = vfs_open(below, FS_FOR_READ);
            assert_true(o >= 0);
            assert_int_equal(vfs_read((uint32_t)o, NULL, sizeof has.bytes, has.bytes), list[i].size);
            vfs_close((uint32_t)o);
            has.size = (uint32_t)list[i].size;
            sum += digest_file(below, false, &has);
        }
    assert_int_equal(count, 0);
    vfs_close((uint32_t)open);
    return sum;
}

/* ---- random work, done to both ---- */

static void some_path(char path[VFS_PATH])
{
    static const char *const folders[] = {"", "/a", "/a/b", "/c"};
    snprintf(path, VFS_PATH, "%s/%c", folders[chance(4)], 'a' + (char)chance(6));
}

static bool has_folder(model *m, const char *path)
{
    char above[VFS_PATH];
    strcpy(above, path);
    *strrchr(above, '/') = '\0';
    const file *f = find(m, above);
    return above[0] == '\0' || (f != NULL && f->folder);
}

static void put(model *m, const char *path)
{
    static uint8_t bytes[3000];
    const uint32_t flags = FS_FOR_WRITE | FS_CREATE | (chance(3) == 0 ? FS_TRUNCATE : 0);
    const uint32_t count = 1 + chance(sizeof bytes), offset = chance(4) == 0 ? chance(MOST_SIZE - 3000) : 0;
    const uint64_t at = offset;
    file *f = find(m, path);
    const int32_t open = vfs_open(path, flags);
    if (!has_folder(m, path)) {
        assert_int_equal(open, FS_E_ABSENT);
        return;
    }
    if (f != NULL && f->folder) {
        assert_int_equal(open, FS_E_KIND);
        return;
    }
    assert_true(open >= 0);
    for (uint32_t i = 0; i < count; i++)
        bytes[i] = (uint8_t)chance(256);
    assert_int_equal(vfs_write((uint32_t)open, &at, count, bytes), count);
    assert_int_equal(vfs_close((uint32_t)open), 0);
    if (f == NULL) {
        f = find(m, "");
        assert_non_null(f);
        *f = (file){.has = calloc(1, sizeof *f->has)};
        f->has->names = 1;
        strcpy(f->path, path);
    }
    if ((flags & FS_TRUNCATE) != 0) {
        memset(f->has->bytes, 0, MOST_SIZE);
        f->has->size = 0;
    }
    memcpy(f->has->bytes + offset, bytes, count);
    f->has->size = f->has->size > offset + count ? f->has->size : offset + count;
}

static void shorten(model *m, const char *path)
{
    file *f = find(m, path);
    if (f == NULL || f->folder)
        return;
    const uint32_t size = chance(MOST_SIZE);
    const int32_t open = vfs_open(path, FS_FOR_WRITE);
    assert_int_equal(vfs_resize((uint32_t)open, size), 0);
    assert_int_equal(vfs_close((uint32_t)open), 0);
    if (size < f->has->size)
        memset(f->has->bytes + size, 0, MOST_SIZE - size);
    f->has->size = size;
}

static void forget(file *f)
{
    if (f->has != NULL && --f->has->names == 0)
        free(f->has);
    *f = (file){0};
}

static void take_away(model *m, const char *path)
{
    file *f = find(m, path);
    const int32_t answer = vfs_remove(path);
    if (f == NULL) {
        assert_int_equal(answer, FS_E_ABSENT);
    } else if (f->folder && has_below(m, path)) {
        assert_int_equal(answer, FS_E_KIND);
    } else {
        assert_int_equal(answer, 0);
        forget(f);
    }
}

static void make_folder(model *m, const char *path)
{
    const file *f = find(m, path);
    const int32_t answer = vfs_make_folder(path);
    if (!has_folder(m, path)) {
        assert_int_equal(answer, FS_E_ABSENT);
    } else if (f != NULL) {
        assert_int_equal(answer, FS_E_EXISTS);
    } else {
        file *made = find(m, "");
        assert_int_equal(answer, 0);
        assert_non_null(made);
        *made = (file){.folder = true};
        strcpy(made->path, path);
    }
}

static void move_below(model *m, const char *path, const char *target)
{
    const size_t length = strlen(path);
    for (int i = 0; i < MOST_FILES; i++) {
        char *p = m->at[i].path, rest[VFS_PATH];
        if (strncmp(p, path, length) == 0 && (p[length] == '/' || p[length] == '\0')) {
            strcpy(rest, p + length);
            snprintf(p, VFS_PATH, "%.100s%.100s", target, rest);
        }
    }
}

static void move(model *m, const char *path, const char *target)
{
    file *f = find(m, path), *g = find(m, target);
    const size_t length = strlen(path);
    if (f != NULL && f->folder && strcmp(target, "/a") != 0 && strcmp(target, "/c") != 0)
        return; /* or the tree grows beyond what is looked at */
    const int32_t answer = vfs_rename(path, target);
    if (!has_folder(m, path) || !has_folder(m, target) || f == NULL) {
        assert_int_equal(answer, FS_E_ABSENT);
    } else if (f == g || (g != NULL && f->has != NULL && f->has == g->has)) {
        assert_int_equal(answer, 0);
    } else if (g != NULL && (f->folder != g->folder)) {
        assert_int_equal(answer, FS_E_KIND);
    } else if (f->folder && strncmp(target, path, length) == 0 && target[length] == '/') {
        assert_int_equal(answer, FS_E_INVALID);
    } else if (g != NULL && g->folder && has_below(m, target)) {
        assert_int_equal(answer, FS_E_KIND);
    } else {
        assert_int_equal(answer, 0);
        if (g != NULL)
            forget(g);
        move_below(m, path, target);
    }
}

static void name_again(model *m, const char *path, const char *target)
{
    file *f = find(m, path);
    const file *g = find(m, target);
    const int32_t answer = vfs_link(path, target);
    vfs_about about;
    if (f == NULL || !has_folder(m, path) || !has_folder(m, target)) {
        assert_int_equal(answer, FS_E_ABSENT);
    } else if (f->folder) {
        assert_int_equal(answer, FS_E_KIND);
    } else if (g != NULL) {
        assert_int_equal(answer, FS_E_EXISTS);
    } else {
        file *made = find(m, "");
        assert_int_equal(answer, 0);
        assert_non_null(made);
        *made = (file){.has = f->has};
        strcpy(made->path, target);
        f->has->names++;
        assert_int_equal(vfs_about_path(target, &about), 0);
        assert_int_equal(about.links, f->has->names);
    }
}

static void work(model *m)
{
    char path[VFS_PATH], target[VFS_PATH];
    some_path(path);
    some_path(target);
    switch (chance(9)) {
    case 0:
        make_folder(m, chance(2) == 0 ? "/a" : chance(2) == 0 ? "/a/b" : "/c");
        break;
    case 1:
        take_away(m, path);
        break;
    case 2:
        move(m, path, target);
        break;
    case 3:
        shorten(m, path);
        break;
    case 4:
        name_again(m, path, target);
        break;
    default:
        put(m, path);
    }
}

static void forget_all(model *m)
{
    for (int i = 0; i < MOST_FILES; i++)
        forget(&m->at[i]);
}

/* ---- the tests ---- */

static void same_as_the_model(void **unused)
{
    model m = {0};
    disk k = new_disk(5000);
    (void)unused;
    state = 1;
    assert_int_equal(pxfs_make(&k.device, 77, 1000), 0);
    mount_disk(&k);
    for (int round = 0; round < 60; round++) {
        for (int i = 0; i < 40; i++)
            work(&m);
        assert_true(digest_folder("/") == digest_model(&m));
        if (round % 3 == 0)
            assert_int_equal(vfs_sync(), 0);
        if (round % 10 == 9) {
            unmount_disk(0);
            assert_int_equal(check_disk(&k), 0);
            mount_disk(&k);
            assert_true(digest_folder("/") == digest_model(&m));
        }
    }
    unmount_disk(0);
    free(k.bytes);
    forget_all(&m);
}

/* What a disk has after the power was cut: all that was flushed, and of what was written since some, in no order, the
 * last of them perhaps half. */
static void cut_at(const disk *k, const uint8_t *start, uint32_t end, bool all, uint8_t *bytes)
{
    uint32_t barrier = 0;
    memcpy(bytes, start, BYTES);
    for (uint32_t i = 0; i < end; i++)
        barrier = k->log[i].count == 0 ? i : barrier;
    for (uint32_t i = 0; i < end; i++) {
        const written *w = &k->log[i];
        const bool half = !all && i == end - 1 && i > barrier;
        if (w->count > 0 && (i <= barrier || all || chance(2) == 0))
            memcpy(bytes + w->sector * FS_SECTOR, w->bytes, (size_t)(half ? w->count / 2 : w->count) * FS_SECTOR);
    }
}

static void power_cut_at_every_write(void **unused)
{
    enum { STEPS = 40 };
    static uint64_t wanted[STEPS + 1];
    static uint32_t done[STEPS + 1];
    static written log[MOST_WRITES];
    model m = {0};
    disk k = new_disk(BLOCKS), other = new_disk(BLOCKS);
    uint8_t *start = malloc(BYTES);
    (void)unused;
    state = 5;
    assert_non_null(start);
    assert_int_equal(pxfs_make(&k.device, 78, 1000), 0);
    memcpy(start, k.bytes, BYTES);
    k.log = log;
    mount_disk(&k);
    for (int step = 1; step <= STEPS; step++) {
        for (int i = 0; i < 12; i++)
            work(&m);
        assert_int_equal(vfs_sync(), 0);
        wanted[step] = digest_model(&m);
        done[step] = k.writes;
    }
    unmount_disk(0);
    assert_true(k.writes > 500);
    assert_true(k.together > 100);
    for (uint32_t end = 0; end <= done[STEPS]; end++)
        for (int way = 0; way < 3; way++) {
            int step = 0;
            while (step < STEPS && done[step + 1] <= end)
                step++;
            cut_at(&k, start, end, way == 0, other.bytes);
            assert_int_equal(check_disk(&other), 0);
            mount_disk(&other);
            const uint64_t found = digest_folder("/");
            assert_true(found == wanted[step] || (step < STEPS && found == wanted[step + 1]));
            unmount_disk(0);
        }
    for (uint32_t i = 0; i < k.writes; i++)
        free(log[i].bytes);
    free(k.bytes);
    free(other.bytes);
    free(start);
    forget_all(&m);
}

/* A full disk takes no more, and can be emptied. */
static void full(void **unused)
{
    static uint8_t bytes[5000];
    disk k = new_disk(300);
    fs_space before, after;
    char path[VFS_PATH];
    int files = 0;
    (void)unused;
    assert_int_equal(pxfs_make(&k.device, 79, 1000), 0);
    mount_disk(&k);
    assert_int_equal(vfs_space("/", &before), 0);
    for (;; files++) {
        snprintf(path, sizeof path, "/file%d", files);
        const int32_t open = vfs_open(path, FS_FOR_WRITE | FS_CREATE | FS_NEW);
        if (open == FS_E_FULL)
            break;
        assert_true(open >= 0);
        const int32_t put_there = vfs_write((uint32_t)open, NULL, sizeof bytes, bytes);
        assert_true(put_there > 0 || put_there == FS_E_FULL);
        vfs_close((uint32_t)open);
        if (put_there < (int32_t)sizeof bytes)
            break;
    }
    assert_true(files > 20);
    assert_int_equal(vfs_sync(), 0);
    assert_int_equal(check_disk(&k), 0);
    for (; files >= 0; files--) {
        snprintf(path, sizeof path, "/file%d", files);
        const int32_t answer = vfs_remove(path);
        assert_true(answer == 0 || answer == FS_E_ABSENT);
    }
    assert_int_equal(vfs_sync(), 0);
    assert_int_equal(vfs_space("/", &after), 0);
    assert_true(after.free + 10 * PXFS_CONTENT > before.free); /* folders keep their blocks */
    unmount_disk(0);
    assert_int_equal(check_disk(&k), 0);
    free(k.bytes);
}

static void many_names(void **unused)
{
    disk k = new_disk(2000);
    char path[VFS_PATH];
    fs_entry list[16];
    (void)unused;
    assert_int_equal(pxfs_make(&k.device, 80, 1000), 0);
    mount_disk(&k);
    for (int i = 0; i < 700; i++) {
        snprintf(path, sizeof path, "/%d", i);
        const int32_t open = vfs_open(path, FS_FOR_WRITE | FS_CREATE);
        assert_true(open >= 0);
        vfs_close((uint32_t)open);
    }
    const int32_t folder = vfs_open("/", FS_DIRECTORY);
    uint32_t seen = 0;
    char last[VFS_PATH] = "";
    for (int32_t count; (count = vfs_list((uint32_t)folder, seen, list, 16)) > 0; seen += (uint32_t)count)
        for (int32_t i = 0; i < count; i++) {
            assert_true(strcmp(last, (char *)list[i].name) < 0);
            strcpy(last, (char *)list[i].name);
        }
    assert_int_equal(seen, 700);
    assert_int_equal(vfs_list((uint32_t)folder, 699, list, 16), 1);
    assert_string_equal((char *)list[0].name, last);
    vfs_close((uint32_t)folder);
    unmount_disk(0);
    assert_int_equal(check_disk(&k), 0);
    free(k.bytes);
}

/* Open and without a name: it is there until it is closed, and after a cut of power it is gone. */
static void removed_while_open(void **unused)
{
    disk k = new_disk(BLOCKS);
    fs_space before, after;
    char bytes[4] = "";
    const uint64_t begin = 0;
    (void)unused;
    assert_int_equal(pxfs_make(&k.device, 81, 1000), 0);
    mount_disk(&k);
    int32_t open = vfs_open("/x", FS_FOR_READ | FS_FOR_WRITE | FS_CREATE);
    assert_int_equal(vfs_remove("/x"), 0);
    vfs_space("/", &before);
    open = (vfs_close((uint32_t)open), vfs_open("/x", FS_FOR_READ | FS_FOR_WRITE | FS_CREATE));
    assert_int_equal(vfs_write((uint32_t)open, NULL, 3, "abc"), 3);
    assert_int_equal(vfs_remove("/x"), 0);
    assert_int_equal(vfs_open("/x", FS_FOR_READ), FS_E_ABSENT);
    assert_int_equal(vfs_read((uint32_t)open, &begin, 3, bytes), 3);
    assert_string_equal(bytes, "abc");
    fs_device *cached;
    assert_int_equal(vfs_unmount("/", &cached), FS_E_DENIED);
    assert_int_equal(vfs_sync(), 0);
    uint8_t *cut = malloc(BYTES);
    memcpy(cut, k.bytes, BYTES);
    vfs_close((uint32_t)open);
    unmount_disk(0);
    assert_int_equal(check_disk(&k), 0);
    memcpy(k.bytes, cut, BYTES);
    assert_int_equal(check_disk(&k), 0);
    mount_disk(&k);
    vfs_space("/", &after);
    unmount_disk(0);
    assert_int_equal(check_disk(&k), 0);
    assert_true(after.free >= before.free);
    free(cut);
    free(k.bytes);
}

/* A disk that stops taking writes: errors, and the old tree is what stays. */
static void broken_disk(void **unused)
{
    (void)unused;
    for (int writes = 0; writes < 60; writes++) {
        disk k = new_disk(BLOCKS);
        model m = {0};
        static uint8_t bytes[9000];
        assert_int_equal(pxfs_make(&k.device, 82, 1000), 0);
        mount_disk(&k);
        state = 9;
        for (int i = 0; i < 20; i++)
            work(&m);
        assert_int_equal(vfs_sync(), 0);
        k.broken = writes;
        int32_t answer = 0;
        for (int i = 0; i < 20 && answer >= 0; i++) {
            const int32_t open = vfs_open("/z", FS_FOR_WRITE | FS_CREATE | FS_APPEND);
            answer = open < 0 ? open : vfs_write((uint32_t)open, NULL, sizeof bytes, bytes);
            if (open >= 0)
                vfs_close((uint32_t)open);
            if (answer >= 0)
                answer = vfs_sync();
        }
        assert_true(answer == FS_E_IO);
        fs_device *cached;
        assert_int_equal(vfs_unmount("/", &cached), FS_E_IO);
        k.broken = 0;
        cache_leave(cached);
        k.broken = -1;
        assert_int_equal(check_disk(&k), 0);
        mount_disk(&k);
        vfs_remove("/z");
        const uint64_t found = digest_folder("/");
        assert_true(found == digest_model(&m));
        unmount_disk(0);
        free(k.bytes);
        forget_all(&m);
    }
}

/* A disk is flushed when something was written since, and again where that failed. */
static void flushed_when_written(void **unused)
{
    disk k = new_disk(BLOCKS);
    static uint8_t bytes[PXFS_BYTES];
    (void)unused;
    fs_device *cached = cache_over(&k.device);
    assert_non_null(cached);
    assert_int_equal(cached->read(cached, 8, PXFS_SECTORS, bytes), 0);
    assert_int_equal(cached->flush(cached), 0);
    assert_int_equal(k.flushes, 0);
    assert_int_equal(cached->write(cached, 8, PXFS_SECTORS, bytes), 0);
    k.deaf = true;
    assert_int_equal(cached->flush(cached), FS_E_IO);
    k.deaf = false;
    assert_int_equal(cached->flush(cached), 0);
    assert_int_equal(cached->flush(cached), 0);
    assert_int_equal(k.flushes, 2);
    for (uint64_t line = 0; line <= CACHE_LINES; line++) /* the first has to go down, for want of room */
        assert_int_equal(cached->write(cached, line * CACHE_LINE, CACHE_LINE, bytes), 0);
    assert_int_equal(cached->flush(cached), 0);
    assert_int_equal(k.flushes, 3);
    cache_in_order(cached);
    assert_int_equal(cached->write(cached, 8, PXFS_SECTORS, bytes), 0);
    assert_int_equal(cached->flush(cached), 0);
    assert_int_equal(k.flushes, 4);
    assert_int_equal(cache_leave(cached), 0);
    assert_int_equal(k.flushes, 4);
    free(k.bytes);
}

/* A disk that stops taking writes, with more written to it than the cache has room for: another one notices nothing. */
static void broken_disk_beside(void **unused)
{
    static uint8_t bytes[9000], again[9000];
    disk k = new_disk(BLOCKS), other = new_disk(BLOCKS);
    (void)unused;
    assert_int_equal(pxfs_make(&k.device, 85, 1000), 0);
    assert_int_equal(pxfs_make(&other.device, 86, 1000), 0);
    mount_disk(&k);
    assert_int_equal(vfs_make_folder("/b"), 0);
    fs_device *cached = cache_over(&other.device);
    assert_int_equal(vfs_mount(cached, "/b", false, NULL), 0);
    other.broken = 0;
    const int32_t bad = vfs_open("/b/x", FS_FOR_WRITE | FS_CREATE);
    for (int i = 0; i < 50; i++) {
        char path[VFS_PATH];
        vfs_write((uint32_t)bad, NULL, sizeof bytes, bytes);
        snprintf(path, sizeof path, "/x%d", i);
        memset(bytes, i, sizeof bytes);
        const int32_t open = vfs_open(path, FS_FOR_WRITE | FS_FOR_READ | FS_CREATE);
        const uint64_t begin = 0;
        assert_true(open >= 0);
        assert_int_equal(vfs_write((uint32_t)open, NULL, sizeof bytes, bytes), sizeof bytes);
        assert_int_equal(vfs_read((uint32_t)open, &begin, sizeof again, again), sizeof again);
        assert_memory_equal(bytes, again, sizeof again);
        assert_int_equal(vfs_close((uint32_t)open), 0);
    }
    vfs_close((uint32_t)bad);
    assert_int_equal(vfs_unmount("/b", &cached), FS_E_IO);
    cache_leave(cached);
    unmount_disk(0);
    assert_int_equal(check_disk(&k), 0);
    assert_int_equal(check_disk(&other), 0);
    free(k.bytes);
    free(other.bytes);
}

/* Any one bit of any block in use is found. */
static void damage_is_found(void **unused)
{
    model m = {0};
    disk k = new_disk(300);
    (void)unused;
    state = 3;
    assert_int_equal(pxfs_make(&k.device, 83, 1000), 0);
    mount_disk(&k);
    for (int i = 0; i < 60; i++)
        work(&m);
    unmount_disk(0);
    mount_disk(&k); /* both root records are of the same tree, nearly */
    unmount_disk(0);
    static uint8_t used[300];
    fs_node root;
    static uint64_t own[FS_OWN_MOST / 8];
    fs f = {&pxfs_type, &k.device, own, 0, true, NULL};
    assert_int_equal(pxfs_type.mount(&f, &root), 0);
    for (uint32_t block = pxfs_first(300); block < 300; block++)
        used[block] = pxfs_used(&f, block) == 1;
    for (uint32_t block = 0; block < 300; block++)
        if (used[block])
            for (int tries = 0; tries < 3; tries++) {
                uint8_t *byte = &k.bytes[block * PXFS_BYTES + chance(PXFS_BYTES)], bit = (uint8_t)(1 << chance(8));
                *byte ^= bit;
                assert_true(check(&k, &m) > 0);
                *byte ^= bit;
            }
    assert_int_equal(check_disk(&k), 0);
    free(k.bytes);
    forget_all(&m);
}

/* A folder that is in itself, with a right seal: an error for who walks there, and named by the check. */
static void circle(void **unused)
{
    disk k = new_disk(300);
    vfs_about about;
    (void)unused;
    assert_int_equal(pxfs_make(&k.device, 84, 1000), 0);
    mount_disk(&k);
    assert_int_equal(vfs_make_folder("/a"), 0);
    assert_int_equal(vfs_make_folder("/a/b"), 0);
    assert_int_equal(vfs_about_path("/a", &about), 0);
    unmount_disk(0);
    for (uint32_t block = pxfs_first(300); block < 300; block++) {
        uint32_t *words = (uint32_t *)(void *)(k.bytes + (size_t)block * PXFS_BYTES);
        if (memcmp(words + 1, "b\0\0", 4) == 0 && words[2] == 0) {
            words[0] = (uint32_t)about.id;
            words[PXFS_PAYLOAD] = run_seal(words, PXFS_PAYLOAD, 84 + block * UINT32_C(0x2545F491));
        }
    }
    assert_true(check(&k, &k) > 0);
    mount_disk(&k);
    assert_int_equal(vfs_about_path("/a", &about), 0);
    assert_int_equal(vfs_about_path("/a/b", &about), FS_E_IO);
    assert_int_equal(vfs_remove("/a/b"), FS_E_IO);
    unmount_disk(0);
    free(k.bytes);
}

/* Folders in folders, deeper than any path is long: each is moved below those that are made after it. */
static void very_deep(void **unused)
{
    enum { MOVES = 45, DEEP = 110 };
    disk k = new_disk(20000);
    char path[VFS_PATH];
    (void)unused;
    assert_int_equal(pxfs_make(&k.device, 87, 1000), 0);
    mount_disk(&k);
    assert_int_equal(vfs_make_folder("/t"), 0);
    for (int move = 0; move < MOVES; move++) {
        strcpy(path, "/n");
        assert_int_equal(vfs_make_folder(path), 0);
        for (int i = 0; i < DEEP; i++)
            assert_int_equal(vfs_make_folder(strcat(path, "/a")), 0);
        assert_int_equal(vfs_rename("/t", strcat(path, "/t")), 0);
        assert_int_equal(vfs_rename("/n", "/t"), 0);
    }
    unmount_disk(0);
    assert_int_equal(check_disk(&k), 0);
    free(k.bytes);
}

static void put_row(disk *k, uint32_t block, const uint32_t *content, uint32_t id)
{
    uint32_t *row = (uint32_t *)(void *)(k->bytes + (size_t)block * PXFS_BYTES);
    memcpy(row, content, 4 * PXFS_PAYLOAD);
    row[PXFS_PAYLOAD] = run_seal(row, PXFS_PAYLOAD, id + block * UINT32_C(0x2545F491));
}

/* A folder that holds as many names as one can: its groups are all the same one. Nothing can be moved there, and
 * afterwards all is well. */
static void full_folder(void **unused)
{
    enum { ID = 88, TOP = 580 };
    disk k = new_disk(BLOCKS);
    uint32_t words[PXFS_PAYLOAD];
    (void)unused;
    assert_int_equal(pxfs_make(&k.device, ID, 1000), 0);
    mount_disk(&k);
    assert_int_equal(vfs_make_folder("/full"), 0);
    assert_int_equal(vfs_make_folder("/x"), 0);
    unmount_disk(0);
    for (uint32_t i = 0; i < PXFS_PAYLOAD; i++)
        words[i] = 7 + i;
    put_row(&k, TOP, words, ID); /* hashes */
    for (uint32_t child = 0; child < 17; child++) {
        for (uint32_t i = 0; i < PXFS_PAYLOAD; i++)
            words[i] = (child * PXFS_PAYLOAD + i) % PXFS_GROUP == 0 ? TOP : 0;
        put_row(&k, TOP + 2 + child, words, ID);
    }
    for (uint32_t i = 0; i < PXFS_PAYLOAD; i++)
        words[i] = i < 17 ? TOP + 2 + i : 0;
    put_row(&k, TOP + 1, words, ID);
    pxfs_root root;
    assert_true(pxfs_read_root(&k.device, 0, &root));
    memcpy(words, k.bytes + (size_t)root.table[1] * PXFS_BYTES, sizeof words);
    uint32_t *node = words + (size_t)(PXFS_ROOT_NODE + 1) * PXFS_NODE_WORDS;
    node[0] = FS_FOLDER | 2 << 8 | 1 << 16;
    node[1] = PXFS_MOST_GROUPS * PXFS_GROUP * PXFS_CONTENT;
    node[5] = PXFS_MOST_GROUPS * PXFS_PAYLOAD;
    node[PXFS_NODE_WORDS - PXFS_ROOTS] = TOP + 1;
    put_row(&k, root.table[1], words, ID);
    mount_disk(&k);
    assert_int_equal(vfs_make_folder("/full/y"), FS_E_FULL);
    assert_int_equal(vfs_rename("/x", "/full/x"), FS_E_FULL);
    assert_int_equal(vfs_rename("/x", "/y"), 0);
    assert_int_equal(vfs_make_folder("/y/z"), 0);
    unmount_disk(0);
    free(k.bytes);
}

static void paths(void **unused)
{
    static const char *const cases[][3] = {
        {"/", "a", "/a"},          {"/a/b", "c", "/a/b/c"},   {"/a/b", "../c", "/a/c"},     {"/a/b", "/c", "/c"},
        {"/a", "..", "/"},         {"/", "../../x", "/x"},    {"/a", "./b//c/.", "/a/b/c"}, {"/a", "...", "/a/..."},
        {"/a", "b/../../..", "/"}, {"/a", "/x/./y//", "/x/y"}};
    char path[VFS_PATH], long_name[300];
    (void)unused;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(vfs_path(cases[i][0], cases[i][1], (uint32_t)strlen(cases[i][1]), path), 0);
        assert_string_equal(path, cases[i][2]);
    }
    memset(long_name, 'x', sizeof long_name);
    assert_int_equal(vfs_path("/", long_name, 254, path), 0);
    assert_int_equal(vfs_path("/", long_name, 255, path), FS_E_NAME);
    assert_int_equal(vfs_path("/", "a\0b", 3, path), FS_E_NAME);
    assert_int_equal(vfs_path("/", "", 0, path), FS_E_NAME);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths),
        cmocka_unit_test(circle),
        cmocka_unit_test(very_deep),
        cmocka_unit_test(full_folder),
        cmocka_unit_test(same_as_the_model),
        cmocka_unit_test(power_cut_at_every_write),
        cmocka_unit_test(full),
        cmocka_unit_test(many_names),
        cmocka_unit_test(removed_while_open),
        cmocka_unit_test(broken_disk),
        cmocka_unit_test(flushed_when_written),
        cmocka_unit_test(broken_disk_beside),
        cmocka_unit_test(damage_is_found),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

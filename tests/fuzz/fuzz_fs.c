/* fuzz_fs.c - no image and no device harms a file system: every operation answers a result or an error, in bounded
 * time, and asks for nothing that the device does not have.
 *
 * The input says which of the images of tests/fs/images.sh it is about, what is changed in it, after how many accesses
 * the device fails, and what is done. Where there are no images, it is about zeros. */
#include <glob.h>
#include <string.h>

#include "os/fs/fs.h"
#include "tests/fuzz/input.h"

enum { IMAGES = 16, PATCHES = 24, STEPS = 40, DEEP = 8, ENTRIES = 400, NAMES = 6, CHUNK = 5000 };

typedef struct image {
    uint8_t *bytes, *now; /* as it was made, and what has become of it */
    uint32_t *changed, changes;
    bool *is_changed;       /* of each sector */
    uint32_t sectors, used; /* used: those that are not all zeros, and where they are */
    uint32_t *place;
    bool fat;
} image;

static image of[IMAGES];
static size_t images;

typedef struct disk {
    fs_device device;
    image *of;
    uint32_t left; /* accesses until it fails */
} disk;

static int32_t access_disk(fs_device *d, uint64_t sector, uint32_t count)
{
    disk *self = (disk *)d;
    require(sector <= d->sectors && count <= d->sectors - sector, "sectors that there are");
    return self->left == 0 || --self->left == 0 ? FS_E_IO : 0;
}

static int32_t disk_read(fs_device *d, uint64_t sector, uint32_t count, void *to)
{
    const int32_t e = access_disk(d, sector, count);
    if (e == 0)
        memcpy(to, ((disk *)d)->of->now + sector * FS_SECTOR, (size_t)count * FS_SECTOR);
    return e;
}

static void note_change(image *i, uint32_t sector)
{
    if (!i->is_changed[sector])
        i->changed[i->changes++] = sector;
    i->is_changed[sector] = true;
}

static int32_t disk_write(fs_device *d, uint64_t sector, uint32_t count, const void *from)
{
    image *i = ((disk *)d)->of;
    const int32_t e = access_disk(d, sector, count);
    if (e < 0)
        return e;
    for (uint32_t k = 0; k < count; k++)
        note_change(i, (uint32_t)sector + k);
    memcpy(i->now + sector * FS_SECTOR, from, (size_t)count * FS_SECTOR);
    return 0;
}

static int32_t disk_flush(fs_device *d) { return access_disk(d, 0, 0); }

/* ---- images ---- */

static void add_image(uint8_t *bytes, size_t size, bool fat)
{
    static const uint8_t zeros[FS_SECTOR];
    image *i = &of[images++];
    const uint32_t sectors = (uint32_t)(size / FS_SECTOR);
    *i = (image){.bytes = bytes, .now = malloc(size), .sectors = sectors, .fat = fat};
    i->changed = malloc(sectors * sizeof(uint32_t));
    i->place = malloc(sectors * sizeof(uint32_t));
    i->is_changed = calloc(sectors, sizeof(bool));
    require(bytes != NULL && i->now != NULL && i->changed != NULL && i->place != NULL && i->is_changed != NULL,
            "memory");
    memcpy(i->now, bytes, size);
    for (uint32_t s = 0; s < i->sectors; s++)
        if (s < 4 || memcmp(bytes + (size_t)s * FS_SECTOR, zeros, FS_SECTOR) != 0)
            i->place[i->used++] = s;
}

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    glob_t found = {0};
    glob(FS_IMAGES "/*", 0, NULL, &found);
    for (size_t i = 0; i < found.gl_pathc && images < IMAGES; i++) {
        FILE *f = fopen(found.gl_pathv[i], "rb");
        require(f != NULL && fseek(f, 0, SEEK_END) == 0, found.gl_pathv[i]);
        const size_t size = (size_t)ftell(f);
        uint8_t *bytes = malloc(size);
        rewind(f);
        require(bytes != NULL && fread(bytes, 1, size, f) == size, found.gl_pathv[i]);
        fclose(f);
        add_image(bytes, size, strstr(found.gl_pathv[i], ".fat") != NULL);
    }
    globfree(&found);
    if (images == 0)
        add_image(calloc(256, FS_SECTOR), (size_t)256 * FS_SECTOR, true);
    return 0;
}

static void restore(image *i)
{
    while (i->changes > 0) {
        const uint32_t sector = i->changed[--i->changes];
        memcpy(i->now + (size_t)sector * FS_SECTOR, i->bytes + (size_t)sector * FS_SECTOR, FS_SECTOR);
        i->is_changed[sector] = false;
    }
}

static void patch(image *i, input *in)
{
    for (int left = byte(in) % PATCHES; left > 0; left--) {
        const uint32_t at = byte(in) | (uint32_t)byte(in) << 8, where = byte(in) | (uint32_t)(byte(in) & 1) << 8;
        const uint32_t sector = i->place[at % i->used];
        uint8_t *to = i->now + (size_t)sector * FS_SECTOR + where;
        note_change(i, sector);
        *to = (byte(in) & 1) != 0 ? byte(in) : (uint8_t)(*to ^ 1u << (byte(in) & 7));
    }
}

/* ---- what is done ---- */

typedef struct work {
    fs f;
    fs_node root, folder[NAMES]; /* folders and files that were seen, with their names */
    fs_entry entry[NAMES];
    uint32_t seen;
    uint8_t bytes[CHUNK];
} work;

static void check(int32_t answer) { require(answer >= FS_E_IO, "an answer is a result or an error of the list"); }

static void read_file(work *w, fs_node *n)
{
    const uint64_t at[] = {0, 1, 511, n->size / 2, n->size - 1, n->size};
    for (size_t i = 0; i < sizeof at / sizeof *at; i++)
        check(w->f.type->read(&w->f, n, at[i], CHUNK, w->bytes));
}

static void look_at_all(work *w)
{
    fs_node folder[DEEP];
    uint64_t place[DEEP] = {0};
    int depth = 0;
    folder[0] = w->root;
    for (int left = ENTRIES; left > 0 && depth >= 0; left--) {
        fs_entry e;
        fs_node n;
        const int32_t got = w->f.type->list(&w->f, &folder[depth], &place[depth], &e);
        check(got);
        if (got <= 0) {
            depth--;
            continue;
        }
        require(e.length > 0 && e.length <= FS_NAME && memchr(e.name, '/', e.length) == NULL &&
                    memchr(e.name, 0, e.length) == NULL,
                "a name");
        const int32_t there = w->f.type->find(&w->f, &folder[depth], e.name, e.length, &n);
        check(there);
        if (there < 0)
            continue;
        require(n.id != 0, "an id");
        w->folder[w->seen % NAMES] = folder[depth];
        w->entry[w->seen++ % NAMES] = e;
        if (n.kind == FS_FILE)
            read_file(w, &n);
        if (n.kind == FS_FOLDER && depth + 1 < DEEP) {
            folder[++depth] = n;
            place[depth] = 0;
        }
    }
}

static uint32_t new_name(input *in, uint8_t *name)
{
    const uint32_t length = 1 + byte(in) % (byte(in) % 8 == 0 ? 200 : 14), letter = byte(in);
    for (uint32_t i = 0; i < length; i++)
        name[i] = (uint8_t)(letter % 96 + 32 == '/' ? 'x' : letter % 96 + 32);
    name[length / 2] = byte(in) % 4 == 0 ? 0xE9 : 'm';
    return length;
}

static void change_one(work *w, input *in, uint32_t what, uint32_t k, fs_node *n)
{
    const fs_type *t = w->f.type;
    const fs_entry *e = &w->entry[k];
    uint8_t name[256];
    if (what == 0) {
        const int32_t got = t->remove(&w->f, &w->folder[k], e->name, e->length, n);
        check(got);
        if (got >= 0)
            check(t->release(&w->f, n));
    } else if (what == 1) {
        const uint32_t length = new_name(in, name), to = byte(in) % NAMES;
        fs_node replaced;
        if (w->folder[to].kind != FS_FOLDER)
            return;
        const int32_t there = t->find(&w->f, &w->folder[to], name, length, &replaced);
        check(there);
        if (there < 0 || replaced.kind == n->kind)
            check(t->rename(&w->f, &w->folder[k], e->name, e->length, n, &w->folder[to], name, length,
                            there < 0 ? NULL : &replaced));
    } else if (n->kind == FS_FILE && what == 2) {
        check(t->write(&w->f, n, byte(in) * 97u, byte(in) * 16u, w->bytes));
    } else if (n->kind == FS_FILE) {
        check(t->resize(&w->f, n, byte(in) * 61u));
    }
}

static void change(work *w, input *in)
{
    const uint32_t what = byte(in) % 6, k = byte(in) % NAMES;
    uint8_t name[256];
    fs_node n;
    if (w->folder[k].kind != FS_FOLDER)
        return;
    if (what >= 4) {
        const uint32_t length = new_name(in, name);
        check(w->f.type->create(&w->f, &w->folder[k], name, length, what == 4 ? FS_FILE : FS_FOLDER, &n));
        return;
    }
    const int32_t there = w->f.type->find(&w->f, &w->folder[k], w->entry[k].name, w->entry[k].length, &n);
    check(there);
    if (there >= 0)
        change_one(w, in, what, k, &n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    input in = {data, size};
    image *i = &of[byte(&in) % images];
    const uint32_t fails = byte(&in);
    static work w;
    disk d = {.device = {disk_read, disk_write, disk_flush, i->sectors, false},
              .of = i,
              .left = fails == 0 ? UINT32_MAX : fails * fails};
    patch(i, &in);
    memset(&w, 0, sizeof w);
    w.f = (fs){.type = i->fat ? &fat_type : &ext4_type, .device = &d.device, .now = 1234567890};
    w.f.own = malloc(w.f.type->own_bytes);
    require(w.f.own != NULL, "memory");
    const int32_t mounted = w.f.type->mount(&w.f, &w.root);
    check(mounted);
    if (mounted >= 0) {
        fs_space space;
        look_at_all(&w);
        check(w.f.type->space(&w.f, &space));
        for (int step = 0; step < STEPS && in.size > 0 && w.f.type->write != NULL; step++)
            change(&w, &in);
        look_at_all(&w);
        check(w.f.type->sync(&w.f));
    } else if (mounted == FS_E_INVALID) {
        require(w.f.refusal != NULL, "a refusal has a name");
    }
    free(w.f.own);
    restore(i);
    return 0;
}

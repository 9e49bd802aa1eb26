/* mkos.c - puts a kernel, programs and empty slots into one picture, os.pxi: `mkos [--slots PIXELS=COUNT,PIXELS=COUNT]
 * KERNEL OUTPUT PROGRAM..`. What it puts where is in map.h; a line for each region is printed. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "os/map.h"
#include "pxi/png/picture_file.h"

enum { MOST_PROGRAMS = 256, MOST_SLOTS = 128, NAME_BYTES = 4 * OS_NAME_WORDS, FIRST_HEAP = 7 };

typedef struct program {
    char name[NAME_BYTES];
    px_picture picture;
    uint32_t pixels; /* that are not heap */
} program;

typedef struct system {
    program kernel, programs[MOST_PROGRAMS];
    uint32_t count, at; /* the next pixel */
    os_class class[OS_CLASSES];
    px_picture picture;
} system_picture;

/* One word for each program, from a row's begin on. */
typedef struct runs {
    uint32_t names, image, pixels, width, height, entry;
} runs;

static bool read_program(program *p, const char *path, px_error *error)
{
    const char *base = strrchr(path, '/'), *name = base == NULL ? path : base + 1;
    const size_t length = strcspn(name, ".");
    if (length == 0 || length >= sizeof p->name)
        return px_fail(error, PX_E_INPUT, "%s: a program's name has 1 to %zu bytes", path, sizeof p->name - 1);
    memcpy(p->name, name, length);
    if (!px_picture_read(&p->picture, path, error))
        return false;
    const uint32_t *px = p->picture.px, all = p->picture.w * p->picture.h;
    if (all <= FIRST_HEAP || px[0] != PX_MAGIC_PROGRAM || px[FIRST_HEAP] % 4 != 0 || px[FIRST_HEAP] / 4 > all)
        return px_fail(error, PX_E_INPUT, "%s is no program that px cc has made (cc/ABI.md)", path);
    p->pixels = px[FIRST_HEAP] / 4;
    for (uint32_t i = p->pixels; i < all; i++)
        if (px[i] != 0)
            return px_fail(error, PX_E_INPUT, "%s: pixel %" PRIu32 " is heap, and not 0", path, i);
    return true;
}

static bool read_slots(const char *text, os_class class[OS_CLASSES], px_error *error)
{
    uint64_t slots = 0;
    for (unsigned c = 0; c < OS_CLASSES; c++) {
        char comma = '\0';
        int used = 0;
        if (sscanf(text, "%" SCNu32 "=%" SCNu32 "%n%c", &class[c].pixels, &class[c].count, &used, &comma) < 2 ||
            comma != (c + 1 < OS_CLASSES ? ',' : '\0') || class[c].pixels < 1024 || class[c].pixels > PX_MAX_PIXELS)
            return px_fail(error, PX_E_USAGE, "--slots %s: not PIXELS=COUNT,PIXELS=COUNT, with 1024 pixels or more",
                           text);
        text += used + 1;
        slots += class[c].count;
    }
    if (slots < 1 || slots > MOST_SLOTS || class[0].pixels > class[1].pixels)
        return px_fail(error, PX_E_USAGE, "--slots: 1 to %d slots, the smaller ones first", MOST_SLOTS);
    return true;
}

/* Whether the kernel will find a slot for it: os/kernel/process.c, free_slot. */
static bool fits_slot(const system_picture *s, const program *p, px_error *error)
{
    const uint64_t needed = (uint64_t)p->picture.w * (px_state_rows(p->picture.w) + p->picture.h);
    for (unsigned c = 0; c < OS_CLASSES; c++)
        if (s->class[c].count > 0 && needed <= s->class[c].pixels)
            return true;
    return px_fail(error, PX_E_INPUT, "%s fits in no slot: it needs %" PRIu64 " pixels", p->name, needed);
}

/* ---- places ---- */

static uint32_t take(system_picture *s, uint32_t pixels)
{
    const uint32_t at = s->at;
    s->at += (pixels + OS_WIDTH - 1) / OS_WIDTH * OS_WIDTH;
    return at;
}

static uint32_t slot_pixels(const system_picture *s)
{
    uint64_t all = 0;
    for (unsigned c = 0; c < OS_CLASSES; c++)
        all += (uint64_t)s->class[c].pixels * s->class[c].count;
    return all < PX_MAX_PIXELS ? (uint32_t)all : PX_MAX_PIXELS;
}

static void region(const char *name, uint32_t from, uint32_t behind)
{
    printf("%-10s rows %5" PRIu32 " to %5" PRIu32 "\n", name, from / OS_WIDTH, (behind - 1) / OS_WIDTH);
}

static void place_programs(system_picture *s, runs *r, uint32_t *images)
{
    const uint32_t begin = s->at;
    r->names = take(s, s->count * OS_NAME_WORDS);
    r->image = take(s, s->count);
    r->pixels = take(s, s->count);
    r->width = take(s, s->count);
    r->height = take(s, s->count);
    r->entry = take(s, s->count);
    for (uint32_t i = 0; i < s->count; i++)
        images[i] = take(s, s->programs[i].pixels);
    region("programs", begin, s->at);
}

static void put_programs(system_picture *s, const runs *r, const uint32_t *images)
{
    uint32_t *px = s->picture.px;
    for (uint32_t i = 0; i < s->count; i++) {
        const program *p = &s->programs[i];
        for (uint32_t byte = 0; byte < NAME_BYTES; byte++)
            px[r->names + byte / 4 * s->count + i] |= (uint32_t)(unsigned char)p->name[byte] << 8 * (byte % 4);
        px[r->image + i] = 4 * images[i];
        px[r->pixels + i] = p->pixels;
        px[r->width + i] = p->picture.w;
        px[r->height + i] = p->picture.h;
        px[r->entry + i] = p->picture.px[PX_HEADER_ENTRY];
        memcpy(px + images[i], p->picture.px, 4 * (size_t)p->pixels);
    }
}

static bool build(system_picture *s, px_error *error)
{
    static uint32_t images[MOST_PROGRAMS];
    runs r;
    if (s->kernel.picture.w != OS_WIDTH)
        return px_fail(error, PX_E_INPUT, "the kernel is not %d pixels wide", OS_WIDTH);
    (void)take(s, s->kernel.pixels);
    region("kernel", 0, s->at);
    const uint32_t at = take(s, sizeof(os_map) / 4);
    region("map", at, s->at);
    place_programs(s, &r, images);
    const uint32_t slots = take(s, slot_pixels(s));
    region("slots", slots, s->at);
    if (!px_picture_new(&s->picture, OS_WIDTH, s->at / OS_WIDTH, error))
        return false;
    memcpy(s->picture.px, s->kernel.picture.px, 4 * (size_t)s->kernel.pixels);
    const os_map map = {OS_MAP_MAGIC, s->count,     4 * r.names, 4 * r.image, 4 * r.pixels,
                        4 * r.width,  4 * r.height, 4 * r.entry, 4 * slots,   {s->class[0], s -> class[1]}};
    memcpy(s->picture.px + at, &map, sizeof map);
    put_programs(s, &r, images);
    s->picture.px[PX_HEADER_CHECKSUM] = 0;
    s->picture.px[PX_HEADER_CHECKSUM] = px_checksum(OS_WIDTH, s->picture.h, s->picture.px);
    return true;
}

static bool make(int argc, char **argv, system_picture *s, px_error *error)
{
    const bool sized = argc > 2 && strcmp(argv[1], "--slots") == 0;
    const int first = sized ? 3 : 1;
    if (argc - first < 3 || argc - first - 2 > MOST_PROGRAMS)
        return px_fail(error, PX_E_USAGE, "usage: mkos [--slots PIXELS=COUNT,PIXELS=COUNT] KERNEL OUTPUT PROGRAM..");
    if (!read_slots(sized ? argv[2] : "8192=64,65536=6", s->class, error) ||
        !read_program(&s->kernel, argv[first], error))
        return false;
    for (int i = first + 2; i < argc; i++) {
        program *p = &s->programs[s->count++];
        if (!read_program(p, argv[i], error) || !fits_slot(s, p, error))
            return false;
    }
    return build(s, error) && px_picture_write(&s->picture, argv[first + 1], error);
}

int main(int argc, char **argv)
{
    static system_picture s;
    px_error error = {0};
    const bool ok = make(argc, argv, &s, &error);
    if (!ok)
        fprintf(stderr, "mkos: %s\n", error.text);
    px_picture_free(&s.picture);
    px_picture_free(&s.kernel.picture);
    for (uint32_t i = 0; i < s.count; i++)
        px_picture_free(&s.programs[i].picture);
    return ok ? 0 : 2;
}

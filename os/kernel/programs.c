/* programs.c - programs are files: a header and pixels (os/map.h), which are read into the slot that one is to run in.
 * A column of the map's names keeps a program's name as long as a process has it. */
#include "os/fs/vfs.h"
#include "os/kernel/kernel.h"

enum { WIDTH = 1, HEIGHT, ENTRY, PIXELS, KIND, FIRST_HEAP = 7 };

/* Which no process has; there are more than processes. */
static uint32_t free_column(void)
{
    static uint32_t last;
    do {
        last = (last + 1) % map->programs;
        px_vl(columns);
        px_vseq_vx(t.scratch, t.program, last);
        px_vmul_vv(t.scratch, t.scratch, t.pid);
    } while (px_sum(t.scratch) != 0);
    return last;
}

static bool is_sound(const uint32_t h[OS_PROGRAM_HEADER])
{
    return h[0] == OS_PROGRAM_MAGIC && h[WIDTH] > 0 && h[WIDTH] <= slot_pixels && h[HEIGHT] > 0 &&
           h[HEIGHT] <= slot_pixels / h[WIDTH] && h[ENTRY] < h[WIDTH] * h[HEIGHT] && h[PIXELS] > 0 &&
           h[PIXELS] <= h[WIDTH] * h[HEIGHT] && h[KIND] <= OS_PROGRAM_PLAIN;
}

/* A compiled program's pixels end where it says that its heap begins. */
static bool is_whole(uint32_t open, const uint32_t h[OS_PROGRAM_HEADER])
{
    const uint64_t at = 4 * (OS_PROGRAM_HEADER + FIRST_HEAP);
    uint32_t heap;
    return h[KIND] == OS_PROGRAM_PLAIN ||
           (h[PIXELS] > FIRST_HEAP && vfs_read(open, &at, 4, &heap) == 4 && heap == 4 * h[PIXELS]);
}

/* The last part of a path, as long as a name may be. */
static void keep_name(uint32_t column, const char *path)
{
    uint8_t name[PXO_NAME_BYTES] = {0};
    uint32_t begin = 0, words[OS_NAME_WORDS];
    for (uint32_t i = 0; path[i] != '\0'; i++)
        if (path[i] == '/')
            begin = i + 1;
    for (uint32_t i = 0; i < PXO_NAME_BYTES - 1 && path[begin + i] != '\0'; i++)
        name[i] = (uint8_t)path[begin + i];
    memcpy(words, name, sizeof words);
    for (unsigned k = 0; k < OS_NAME_WORDS; k++)
        px_image(map->names >> 2)[k * map->programs + column] = words[k];
}

/* ABSENT: there is none of that name, or the file is no program; NAME: nothing can have it. One that is there is to be
 * closed. */
int32_t program_open(const char *from, const uint8_t *name, uint32_t length, program *what)
{
    uint32_t h[OS_PROGRAM_HEADER], i = 0;
    char path[VFS_PATH];
    while (i < length && name[i] != '/')
        i++;
    if (vfs_path(i < length ? from : "/bin", name, length, path) < 0)
        return PXH_E_NAME;
    const int32_t open = vfs_open(path, PXH_FOR_READ);
    if (open < 0)
        return PXH_E_ABSENT;
    if (vfs_read((uint32_t)open, NULL, sizeof h, h) < (int32_t)sizeof h || !is_sound(h) ||
        !is_whole((uint32_t)open, h)) {
        vfs_close((uint32_t)open);
        return PXH_E_ABSENT;
    }
    *what =
        (program){free_column(), (uint32_t)open, h[WIDTH], h[HEIGHT], h[ENTRY], h[PIXELS], h[KIND] == OS_PROGRAM_PLAIN};
    keep_name(what->column, path);
    return 0;
}

bool program_read(const program *what, px_pixel *to)
{
    const uint64_t behind_header = 4 * OS_PROGRAM_HEADER;
    return vfs_read(what->open, &behind_header, 4 * what->pixels, to) == (int32_t)(4 * what->pixels);
}

void program_close(const program *what) { vfs_close(what->open); }

void program_name(uint32_t column, uint32_t name[OS_NAME_WORDS])
{
    px_vl(OS_NAME_WORDS);
    px_copys(name, 1, px_image(map->names >> 2) + column, map->programs);
}

/* programs.c - programs are files: a header and pixels (os/map.h). What is to be started is read into rows of its own;
 * a column of the map's runs says what is there, and keeps the name as long as a process has it. */
#include "os/fs/vfs.h"
#include "os/kernel/kernel.h"

enum { WIDTH = 1, HEIGHT, ENTRY, PIXELS, FIRST_HEAP = 7 };

static uint32_t *run_of(uint32_t address) { return px_image(address >> 2); }

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
           h[HEIGHT] <= slot_pixels / h[WIDTH] && h[ENTRY] < h[WIDTH] * h[HEIGHT] && h[PIXELS] > FIRST_HEAP &&
           h[PIXELS] <= h[WIDTH] * h[HEIGHT] && h[PIXELS] <= map->stage_pixels;
}

static bool read_all(uint32_t open, void *to, uint32_t bytes)
{
    return vfs_read(open, NULL, bytes, to) == (int32_t)bytes;
}

static bool read_program(uint32_t open, uint32_t header[OS_PROGRAM_HEADER])
{
    uint32_t *image = run_of(map->stage);
    return read_all(open, header, 4 * OS_PROGRAM_HEADER) && is_sound(header) &&
           read_all(open, image, 4 * header[PIXELS]) && image[FIRST_HEAP] == 4 * header[PIXELS];
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
        run_of(map->names)[k * map->programs + column] = words[k];
}

uint32_t program_named(const char *from, const uint8_t *name, uint32_t length)
{
    uint32_t header[OS_PROGRAM_HEADER], i = 0;
    char path[VFS_PATH];
    while (i < length && name[i] != '/')
        i++;
    if (vfs_path(i < length ? from : "/bin", name, length, path) < 0)
        return map->programs;
    const int32_t open = vfs_open(path, PXH_FOR_READ);
    if (open < 0)
        return map->programs;
    const bool good = read_program((uint32_t)open, header);
    vfs_close((uint32_t)open);
    if (!good)
        return map->programs;
    const uint32_t column = free_column();
    keep_name(column, path);
    run_of(map->image)[column] = map->stage;
    run_of(map->pixels)[column] = header[PIXELS];
    run_of(map->width)[column] = header[WIDTH];
    run_of(map->height)[column] = header[HEIGHT];
    run_of(map->entry)[column] = header[ENTRY];
    return column;
}

void program_name(uint32_t program, uint32_t name[OS_NAME_WORDS])
{
    px_vl(OS_NAME_WORDS);
    px_copys(name, 1, px_image(map->names >> 2) + program, map->programs);
}

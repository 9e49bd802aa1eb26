/* mkfs.c - px mkfs: an empty file system in a file, a disk for px os and px run --host. */
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "host/commands.h"
#include "host/disk_image.h"
#include "host/files.h"
#include "os/fs/pxfs.h"

static const char about[] = "Make an empty pxFS in FILE, to be a disk: px os --disk FILE.\v"
                            "With --size the file is made; its name ends in .png for the form that is a picture. "
                            "Without, FILE is there, and all "
                            "that it held is lost. os/fs/PXFS.md says what lies where.\n\n"
                            "Examples:\n"
                            "  px mkfs disk.raw --size 4M && px cp notes.txt disk.raw:/ && px os --disk disk.raw\n\n"
                            "Exit status: 0 made; 2 wrong usage, or it cannot be made.\n\n"
                            "See also: px cp, px fsck.";

typedef struct arguments {
    const char *file;
    uint64_t size, id;
} arguments;

static void read_arguments(arguments *a, int argc, char **argv)
{
    const px_option options[] = {
        {"size", 0, "BYTES", "how large it is: 262144 (256 rows) to 4294967296; 4M is 4000000", .count = &a->size},
        {"id", 0, "N", "what tells it from others; otherwise of clock and process", .count = &a->id},
        {0}};
    const px_command_line line = {.about = about,
                                  .options = options,
                                  .usage = "FILE",
                                  .what = "disk",
                                  .text = &a->file,
                                  .missing = "no file given",
                                  .arguments = a};
    px_read_arguments(&line, argc, argv);
}

int px_cmd_mkfs(int argc, char **argv)
{
    arguments a = {.id = UINT64_MAX};
    px_disk_image image;
    px_error error = {0};
    const int64_t now = (int64_t)time(NULL);
    read_arguments(&a, argc, argv);
    if (!px_is_name_of("a file", "the disk", a.file, &error))
        return px_complain(argv[0], &error);
    const uint32_t id = a.id != UINT64_MAX ? (uint32_t)a.id : (uint32_t)now * 2654435761u ^ (uint32_t)getpid();
    if (a.size > 0 && (a.size < (uint64_t)PXFS_LEAST * PXFS_BYTES || a.size > (uint64_t)PXFS_MOST * PXFS_BYTES)) {
        px_fail(&error, PX_E_USAGE, "--size: a pxFS has %d to %llu bytes", PXFS_LEAST * PXFS_BYTES,
                (unsigned long long)PXFS_MOST * PXFS_BYTES);
        return px_complain(argv[0], &error);
    }
    if (!(a.size > 0 ? px_disk_image_new(&image, a.file, a.size / PXFS_BYTES * PXFS_BYTES, &error)
                     : px_disk_image_open(&image, a.file, false, &error)))
        return px_complain(argv[0], &error);
    const int32_t answer = pxfs_make(&image.device, id, now);
    const bool small = image.device.sectors * FS_SECTOR < (uint64_t)PXFS_LEAST * PXFS_BYTES;
    if (answer < 0)
        px_fail(&error, small ? PX_E_INPUT : PX_E_SYSTEM, "%s: %s", a.file,
                small ? "too small for a pxFS, which has 256 rows or more" : px_fs_error(answer));
    if (answer < 0 && a.size > 0)
        unlink(a.file);
    const bool closed = px_disk_image_close(&image, answer == 0, answer == 0 ? &error : NULL);
    return answer == 0 && closed ? 0 : px_complain(argv[0], &error);
}

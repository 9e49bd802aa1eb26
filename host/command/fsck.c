/* fsck.c - px fsck: whether all of a file system is as it should be. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "host/commands.h"
#include "host/disk_image.h"
#include "os/fs/pxfs.h"

enum { CLEAN = 0, WRONG = 4, UNKNOWN = 8 }; /* as other programs of this name have them */

static const char about[] =
    "Check a pxFS: every block, node, folder and name, and the map of blocks in use. Nothing is changed.\v"
    "What is wrong is named with the block, or with the path of the file or folder. A disk that lost its power is "
    "clean: "
    "what was not finished then is not part of it.\n\n"
    "Example:\n"
    "  px fsck disk.raw\n\n"
    "Exit status, as fsck's: 0 clean; 4 something is wrong; 8 it is no pxFS, or cannot be read; 2 wrong usage.\n\n"
    "See also: px mkfs, px cp.";

typedef struct arguments {
    const char *file;
    bool quiet;
} arguments;

static void read_arguments(arguments *a, int argc, char **argv)
{
    const px_option options[] = {PX_OPTION_QUIET(&a->quiet, "only say what is wrong"), {0}};
    const px_command_line line = {.about = about,
                                  .options = options,
                                  .usage = "FILE",
                                  .what = "disk",
                                  .input = &a->file,
                                  .missing = "no disk given",
                                  .arguments = a};
    px_read_arguments(&line, argc, argv);
}

static void complain(pxfs_check *c, const char *what, uint32_t block, const char *name)
{
    const char *file = c->context;
    if (block > 0 && name[0] != '\0')
        printf("%s: block %" PRIu32 " of %s %s\n", file, block, name, what);
    else if (block > 0)
        printf("%s: block %" PRIu32 " %s\n", file, block, what);
    else
        printf("%s: %s%s%s\n", file, name, name[0] != '\0' ? " " : "", what);
}

static int check(const arguments *a, fs_device *device)
{
    static pxfs own;
    fs f = {&pxfs_type, device, &own, 0, true};
    fs_node root;
    const int32_t answer = pxfs_type.mount(&f, &root);
    const pxfs_root *now = &own.now;
    if (answer < 0) {
        fprintf(stderr, "px fsck: %s: %s\n", a->file,
                answer == FS_E_KIND ? "there is no pxFS in it" : "its root is damaged, or it is not all there");
        return answer == FS_E_KIND ? UNKNOWN : WRONG;
    }
    pxfs_check c = {.complain = complain,
                    .context = (void *)(uintptr_t)a->file,
                    .blocks = calloc(now->blocks / 8 + 1, 1),
                    .names = calloc(now->nodes, sizeof *c.names)};
    if (c.blocks != NULL && c.names != NULL) {
        pxfs_check_all(&f, &c);
        if (c.wrong > PXFS_COMPLAINTS)
            printf("%s: %" PRIu32 " more are not shown\n", a->file, c.wrong - PXFS_COMPLAINTS);
        if (!a->quiet)
            printf("%s: %s; %" PRIu32 " files, %" PRIu32 " folders, %" PRIu32 " of %" PRIu32 " blocks in use\n",
                   a->file, c.wrong == 0 ? "clean" : "not clean", c.files, c.folders, c.used,
                   now->blocks - pxfs_first(now->blocks));
    }
    const bool checked = c.blocks != NULL && c.names != NULL;
    free(c.blocks);
    free(c.names);
    return !checked ? UNKNOWN : c.wrong > 0 ? WRONG : CLEAN;
}

int px_cmd_fsck(int argc, char **argv)
{
    arguments a = {0};
    px_disk_image image;
    px_error error = {0};
    read_arguments(&a, argc, argv);
    if (!px_disk_image_open(&image, a.file, true, &error)) {
        px_complain(argv[0], &error);
        return UNKNOWN;
    }
    const int status = check(&a, &image.device);
    px_disk_image_close(&image, false, NULL);
    return status;
}

/* fsck.c - px fsck: whether all of a file system is as it should be, and what can be done where it is not. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "host/commands.h"
#include "host/disk_image.h"
#include "host/json.h"
#include "os/fs/pxfs.h"

enum { CLEAN = 0, REPAIRED = 1, WRONG = 4, UNKNOWN = 8 }; /* as other programs of this name have them */

static const char about[] =
    "Check a pxFS: every block, node, folder and name, and the map of blocks in use. Nothing is changed without "
    "--repair.\v"
    "What is wrong is named with the block, or with the path of the file or folder. A disk that lost its power is "
    "clean: what was not finished then is not part of it.\n\n"
    "--repair sets the map and all counts right: blocks that are in use and nobody has become free. Where a block is "
    "damaged, nothing is changed, because what it led to is not known: copy what can be read with px cp -r, and make "
    "a new file system. Names that lead to nothing, and files without a name, stay as they are. What is left is "
    "told.\n\n"
    "Examples:\n"
    "  px fsck disk.raw\n"
    "  px fsck --repair disk.raw\n\n"
    "Exit status, as fsck's: 0 clean; 1 it was not, and is repaired; 4 something is wrong; 8 it is no pxFS, or cannot "
    "be read; 2 wrong usage.\n\n"
    "See also: px mkfs, px cp.";

typedef struct arguments {
    const char *file;
    bool quiet, repair, json;
} arguments;

typedef struct job {
    arguments a;
    fs_device *device;
    px_json out;
    pxfs own;
    fs f;
    pxfs_check check;
    bool again; /* it is looked at once more, behind a repair */
} job;

static void read_arguments(arguments *a, int argc, char **argv)
{
    const px_option options[] = {{"repair", 0, NULL, "set the map and wrong counts right", .flag = &a->repair},
                                 PX_OPTION_JSON(&a->json),
                                 PX_OPTION_QUIET(&a->quiet, "only say what is wrong"),
                                 {0}};
    const px_command_line line = {.about = about,
                                  .options = options,
                                  .usage = "FILE",
                                  .what = "disk",
                                  .input = &a->file,
                                  .missing = "no disk given",
                                  .arguments = a};
    px_read_arguments(&line, argc, argv);
}

/* ---- what is said ---- */

static void complain(pxfs_check *c, const char *what, uint32_t block, const char *name)
{
    job *j = c->context;
    if (j->a.json) {
        px_json_open(&j->out, NULL, '{');
        px_json_string(&j->out, "what", what);
        if (block > 0)
            px_json_number(&j->out, "block", block);
        if (name[0] != '\0')
            px_json_string(&j->out, "path", name);
        px_json_close(&j->out, '}');
        return;
    }
    printf("%s: %s", j->a.file, j->again ? "not repaired: " : "");
    if (block > 0)
        printf("block %" PRIu32 " %s%s%s", block, name[0] != '\0' ? "of " : "", name, name[0] != '\0' ? " " : "");
    else
        printf("%s%s", name, name[0] != '\0' ? " " : "");
    printf("%s\n", what);
}

static void tell(job *j, int status)
{
    const pxfs_check *c = &j->check;
    const pxfs_root *now = &j->own.now;
    const uint32_t blocks = now->blocks - pxfs_first(now->blocks);
    const char *const outcome = status == CLEAN ? "clean" : status == REPAIRED ? "repaired" : "not clean";
    if (j->a.json) {
        px_json_string(&j->out, "outcome", outcome);
        px_json_number(&j->out, "files", c->files);
        px_json_number(&j->out, "folders", c->folders);
        px_json_number(&j->out, "used", c->used);
        px_json_number(&j->out, "blocks", blocks);
    } else if (!j->a.quiet) {
        printf("%s: %s; %" PRIu32 " files, %" PRIu32 " folders, %" PRIu32 " of %" PRIu32 " blocks in use\n", j->a.file,
               outcome, c->files, c->folders, c->used, blocks);
    }
}

/* ---- looking ---- */

static int32_t mount(job *j, bool readonly)
{
    fs_node root;
    j->f = (fs){&pxfs_type, j->device, &j->own, 0, readonly, NULL};
    const int32_t answer = pxfs_type.mount(&j->f, &root);
    if (answer < 0)
        fprintf(stderr, "px fsck: %s: %s\n", j->a.file,
                answer == FS_E_KIND ? "there is no pxFS in it" : "its root is damaged, or it is not all there");
    return answer;
}

/* Room for a check of what is mounted; false: there is none. */
static bool begin_check(job *j)
{
    free(j->check.blocks);
    free(j->check.names);
    free(j->check.walked);
    j->check = (pxfs_check){.complain = complain,
                            .context = j,
                            .blocks = calloc(j->own.now.blocks / 8 + 1, 1),
                            .names = calloc(j->own.now.nodes, sizeof *j->check.names),
                            .walked = calloc(j->own.now.nodes / 4 + 1, 1)};
    return j->check.blocks != NULL && j->check.names != NULL && j->check.walked != NULL;
}

/* All that is wrong is told. */
static int look(job *j)
{
    const int32_t answer = mount(j, true);
    if (answer < 0 || !begin_check(j))
        return answer == FS_E_IO ? WRONG : UNKNOWN;
    if (j->a.json)
        px_json_open(&j->out, j->again ? "left" : "problems", '[');
    pxfs_check_all(&j->f, &j->check);
    if (j->a.json)
        px_json_close(&j->out, ']');
    if (j->check.wrong > PXFS_COMPLAINTS && !j->a.json)
        printf("%s: %" PRIu32 " more are not shown\n", j->a.file, j->check.wrong - PXFS_COMPLAINTS);
    return j->check.wrong > 0 ? WRONG : CLEAN;
}

static void keep_silent(pxfs_check *c, const char *what, uint32_t block, const char *name)
{
    (void)c, (void)what, (void)block, (void)name;
}

/* What can be, of what a look has found wrong; then what is left is told. */
static int repair(job *j)
{
    int32_t answer = pxfs_repair_map(&j->f, &j->check);
    if (answer == 0)
        answer = mount(j, false);
    if (answer == 0 && begin_check(j)) {
        j->check.complain = keep_silent; /* the next look tells it */
        pxfs_repair_counts(&j->f, &j->check);
        answer = pxfs_type.sync(&j->f);
    }
    if (answer < 0) {
        fprintf(stderr, "px fsck: %s: %s\n", j->a.file, px_fs_error(answer));
        return WRONG;
    }
    j->again = true;
    const int left = look(j);
    return left == CLEAN ? REPAIRED : left;
}

static int check(job *j)
{
    if (j->a.json)
        px_json_open(&j->out, NULL, '{');
    int status = look(j);
    if (status == WRONG && j->a.repair && j->check.damaged == 0 && j->check.blocks != NULL)
        status = repair(j);
    else if (status == WRONG && j->a.repair && !j->a.json)
        printf("%s: nothing is repaired: blocks are damaged, and what they led to is not known\n", j->a.file);
    if (j->check.blocks != NULL)
        tell(j, status);
    if (j->a.json)
        px_json_close(&j->out, '}');
    free(j->check.blocks);
    free(j->check.names);
    free(j->check.walked);
    return status;
}

int px_cmd_fsck(int argc, char **argv)
{
    static job j = {.out = {.to = NULL}};
    px_disk_image image;
    px_error error = {0};
    read_arguments(&j.a, argc, argv);
    if (!px_disk_image_open(&image, j.a.file, !j.a.repair, &error)) {
        px_complain(argv[0], &error);
        return UNKNOWN;
    }
    j.device = &image.device;
    j.out.to = stdout;
    const int status = check(&j);
    if (px_disk_image_close(&image, status == REPAIRED || j.again, &error))
        return status;
    px_complain(argv[0], &error);
    return UNKNOWN;
}

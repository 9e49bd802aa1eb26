/* cp.c - px cp: files between this machine and the file system in a disk, and a disk's two forms. */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "host/commands.h"
#include "host/disk_image.h"
#include "host/files.h"
#include "os/fs/cache.h"
#include "os/fs/vfs.h"
#include "os/root.h"
#include "pxi/output_file.h"
#include "pxi/png/picture_file.h"

enum { PIECE = 65536, HOST_PATH = 4096, ENTRIES = 32 };

static const char about[] =
    "Copy files into the file system of a disk, and out of it. DISK:/PATH is a place in a disk, anything else a file "
    "or "
    "folder of this machine, and - its standard input or output.\v"
    "Folders are copied with -r, with all that is in them. What is there is written over. Links and devices are passed "
    "over with a note. -l lists instead.\n\n"
    "A disk is a raw file or a PNG of the same pixels. --png and --raw make one form from the other, exactly.\n\n"
    "Examples:\n"
    "  px cp notes.txt disk.raw:/\n"
    "  px cp -r disk.raw:/home saved\n"
    "  sort words | px cp - disk.raw:/sorted\n"
    "  px cp -l disk.raw:/\n"
    "  px cp --png disk.raw disk.png\n\n"
    "Exit status: 0 all copied; 1 something was not; 2 wrong usage, or nothing could be done.\n\n"
    "See also: px mkfs, px fsck.";

typedef struct arguments {
    px_operands operands;
    bool recursive, list, png, raw, program, plain;
} arguments;

static bool failed;

static void note(const char *name, const char *what)
{
    fprintf(stderr, "px cp: %s: %s\n", name, what);
    failed = true;
}

static void complain(const px_error *error)
{
    fprintf(stderr, "px cp: %s\n", error->text);
    failed = true;
}

/* Whether an operand is a place in a disk; then *path is where its path begins. */
static bool is_inside(const char *operand, const char **path)
{
    const char *colon = strstr(operand, ":/");
    *path = colon == NULL ? operand : colon + 1;
    return colon != NULL && colon > operand;
}

static bool check(void *arguments_read, px_error *error)
{
    const arguments *a = arguments_read;
    const bool forms = a->png || a->raw, inside = a->list || a->recursive || a->program || a->plain;
    if ((a->png && a->raw) || (forms && inside) || a->list + a->recursive + a->program + a->plain > 1)
        return px_fail(error, PX_E_USAGE, "-l, -r, --program, --picture, --png and --raw are each for themselves");
    if (forms && a->operands.count != 2)
        return px_fail(error, PX_E_USAGE, "two files are wanted: what there is, and what is made");
    if (a->raw && !px_is_name_of("a file", "the raw disk", a->operands.at[1], error))
        return false;
    if (!forms && !a->list && a->operands.count < 2)
        return px_fail(error, PX_E_USAGE, "what is copied and where to are wanted");
    return true;
}

static void read_arguments(arguments *a, int argc, char **argv)
{
    const px_option options[] = {
        {"recursive", 'r', NULL, "folders too, with all below them", .flag = &a->recursive},
        {"list", 'l', NULL, "list what is there: kind, size, name", .flag = &a->list},
        {"program", 0, NULL, "a picture of px cc becomes a program for pxOS on the way in", .flag = &a->program},
        {"picture", 0, NULL,
         "any picture that is a program becomes one for pxOS on the way in, and a PNG on the way out",
         .flag = &a->plain},
        {"png", 0, NULL, "make a PNG from a raw disk: RAW PNG", .flag = &a->png},
        {"raw", 0, NULL, "make a raw disk from a PNG: PNG RAW", .flag = &a->raw},
        {0}};
    const px_command_line line = {.about = about,
                                  .options = options,
                                  .usage = "SOURCE.. TARGET",
                                  .what = "file",
                                  .operands = &a->operands,
                                  .missing = "nothing to copy given",
                                  .check = check,
                                  .arguments = a};
    px_read_arguments(&line, argc, argv);
}

/* ---- one file ---- */

/* Standard input or output. */
static bool is_standard(const char *name) { return strcmp(name, "-") == 0; }

static void file_in(const char *from, const char *to)
{
    static uint8_t bytes[PIECE];
    FILE *in = is_standard(from) ? stdin : fopen(from, "rb");
    if (in == NULL) {
        note(from, strerror(errno));
        return;
    }
    const int32_t open = vfs_open(to, FS_FOR_WRITE | FS_CREATE | FS_TRUNCATE);
    int32_t answer = open;
    for (size_t count; answer >= 0 && (count = fread(bytes, 1, sizeof bytes, in)) > 0;)
        for (size_t done = 0; answer >= 0 && done < count; done += (size_t)(answer > 0 ? answer : 0))
            answer = vfs_write((uint32_t)open, NULL, (uint32_t)(count - done), bytes + done);
    if (ferror(in))
        note(from, strerror(errno));
    if (in != stdin)
        fclose(in);
    if (open >= 0) {
        const int32_t closed = vfs_close((uint32_t)open);
        answer = answer < 0 ? answer : closed;
    }
    if (answer < 0)
        note(to, px_fs_error(answer));
}

static void file_out(const char *from, const char *to)
{
    static uint8_t bytes[PIECE];
    const int32_t open = vfs_open(from, FS_FOR_READ);
    int32_t count = open;
    if (open < 0) {
        note(from, px_fs_error(open));
        return;
    }
    px_output out;
    px_error error;
    bool ok = px_output_open(&out, px_output_file(to), &error);
    if (ok) {
        while ((count = vfs_read((uint32_t)open, NULL, sizeof bytes, bytes)) > 0 &&
               fwrite(bytes, 1, (size_t)count, out.file) == (size_t)count)
            continue;
        ok = px_output_close(&out, count >= 0, &error) || count < 0;
    }
    vfs_close((uint32_t)open);
    if (!ok)
        complain(&error);
    else if (count < 0)
        note(from, px_fs_error(count));
}

/* A picture, as pxOS starts it. */
static void program_in(const char *from, const char *to, bool plain)
{
    px_picture picture = {0};
    px_error error = {0};
    uint32_t *words = NULL, count = 0;
    if (!px_picture_read(&picture, px_input_file(from), &error) ||
        !os_program_words(&picture, from, plain, &words, &count, &error)) {
        complain(&error);
    } else {
        const int32_t open = vfs_open(to, FS_FOR_WRITE | FS_CREATE | FS_TRUNCATE);
        const int32_t put = open < 0 ? open : vfs_write((uint32_t)open, NULL, 4 * count, words);
        if (put < 0 || (uint32_t)put < 4 * count)
            note(to, px_fs_error(put < 0 ? put : FS_E_FULL));
        if (open >= 0)
            vfs_close((uint32_t)open);
    }
    free(words);
    px_picture_free(&picture);
}

/* And back. */
static void picture_out(const char *from, const char *to)
{
    px_picture picture = {0};
    px_error error = {0};
    vfs_about found = {0};
    const int32_t open = vfs_open(from, FS_FOR_READ);
    int32_t got = open < 0 ? open : vfs_about_open((uint32_t)open, &found);
    const uint32_t bytes = found.size > 4 * (PX_MAX_PIXELS + OS_PROGRAM_HEADER) ? 0 : (uint32_t)found.size;
    uint32_t *words = malloc((size_t)bytes + 4);
    if (got >= 0)
        got = words == NULL ? FS_E_LIMIT : vfs_read((uint32_t)open, NULL, bytes, words);
    if (got < 0)
        note(from, px_fs_error(got));
    else if (!os_program_picture(words, (uint32_t)got / 4, from, &picture, &error) ||
             !px_picture_write(&picture, px_output_file(to), &error))
        note(from, error.text);
    if (open >= 0)
        vfs_close((uint32_t)open);
    free(words);
    px_picture_free(&picture);
}

/* ---- folders ---- */

/* above/name; false, with a note: too long. */
static bool join(char *path, size_t size, const char *above, const char *name)
{
    const bool slash = above[0] != '\0' && above[strlen(above) - 1] == '/';
    const int length = snprintf(path, size, "%s%s%s", above, slash ? "" : "/", name);
    if (length >= 0 && (size_t)length < size)
        return true;
    note(name, "its path is too long");
    return false;
}

static const char *base_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

static void copy_in(const char *from, const char *to, bool recursive);

static void folder_in(const char *from, const char *to)
{
    const int32_t made = vfs_make_folder(to);
    DIR *dir = opendir(from);
    if ((made < 0 && made != FS_E_EXISTS) || dir == NULL) {
        note(dir == NULL ? from : to, dir == NULL ? strerror(errno) : px_fs_error(made));
    } else {
        for (const struct dirent *e; (e = readdir(dir)) != NULL;) {
            char below[HOST_PATH], inside[VFS_PATH];
            if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0 &&
                join(below, sizeof below, from, e->d_name) && join(inside, sizeof inside, to, e->d_name))
                copy_in(below, inside, true);
        }
    }
    if (dir != NULL)
        closedir(dir);
}

static void copy_in(const char *from, const char *to, bool recursive)
{
    struct stat s;
    if (is_standard(from))
        file_in(from, to);
    else if ((recursive ? lstat(from, &s) : stat(from, &s)) != 0)
        note(from, strerror(errno));
    else if (S_ISREG(s.st_mode))
        file_in(from, to);
    else if (S_ISDIR(s.st_mode) && recursive)
        folder_in(from, to);
    else
        note(from, S_ISDIR(s.st_mode) ? "a folder, which needs -r" : "neither file nor folder");
}

static void copy_out(const char *from, const char *to, bool recursive);

/* All names of a folder, which is closed again: those below it may be as deep as a path is long. How many; what there
 * is before an error is told, and it is noted. */
static int32_t names_of(const char *folder, fs_entry **names)
{
    const int32_t open = vfs_open(folder, FS_DIRECTORY);
    int32_t count = open;
    uint32_t all = 0;
    *names = NULL;
    while (open >= 0 && count >= 0) {
        fs_entry *const more = realloc(*names, (all + ENTRIES) * sizeof **names);
        *names = more != NULL ? more : *names;
        count = more == NULL ? FS_E_LIMIT : vfs_list((uint32_t)open, all, more + all, ENTRIES);
        if (count == 0)
            break;
        all += count > 0 ? (uint32_t)count : 0;
    }
    if (open >= 0)
        vfs_close((uint32_t)open);
    if (count < 0)
        note(folder, px_fs_error(count));
    return (int32_t)all;
}

static void folder_out(const char *from, const char *to)
{
    fs_entry *names = NULL;
    if (mkdir(to, 0777) != 0 && errno != EEXIST) {
        note(to, strerror(errno));
        return;
    }
    const int32_t count = names_of(from, &names);
    for (int32_t i = 0; i < count; i++) {
        char below[VFS_PATH], outside[HOST_PATH];
        if (join(below, sizeof below, from, (char *)names[i].name) &&
            join(outside, sizeof outside, to, (char *)names[i].name))
            copy_out(below, outside, true);
    }
    free(names);
}

static void copy_out(const char *from, const char *to, bool recursive)
{
    vfs_about found;
    const int32_t answer = vfs_about_path(from, &found);
    if (answer < 0)
        note(from, px_fs_error(answer));
    else if (found.kind == FS_FILE)
        file_out(from, to);
    else if (found.kind == FS_FOLDER && recursive)
        folder_out(from, to);
    else
        note(from, found.kind == FS_FOLDER ? "a folder, which needs -r" : "neither file nor folder");
}

/* ---- the command ---- */

static void list(const char *path)
{
    fs_entry entries[ENTRIES];
    vfs_about found;
    int32_t count = vfs_about_path(path, &found);
    if (count == 0 && found.kind != FS_FOLDER) {
        printf("%c %12" PRIu64 " %s\n", found.kind == FS_FILE ? '-' : '?', found.size, base_of(path));
        return;
    }
    const int32_t open = count < 0 ? count : vfs_open(path, FS_DIRECTORY);
    count = open;
    for (uint32_t first = 0; open >= 0 && (count = vfs_list((uint32_t)open, first, entries, ENTRIES)) > 0;
         first += (uint32_t)count)
        for (int32_t i = 0; i < count; i++)
            printf("%c %12" PRIu64 " %s\n", "?-d?"[entries[i].kind & 3],
                   entries[i].kind == FS_FILE ? entries[i].size : 0, (char *)entries[i].name);
    if (open >= 0)
        vfs_close((uint32_t)open);
    if (count < 0)
        note(path, px_fs_error(count));
}

/* One source to the target; into it, if that is a folder. */
static void copy(const char *from, const char *to, bool in, const arguments *a)
{
    char source[VFS_PATH], target[VFS_PATH], path[HOST_PATH];
    const char *inside = in ? to : from, *name = NULL;
    vfs_about found;
    struct stat s;
    if (vfs_path("/", inside, (uint32_t)strlen(inside), in ? target : source) < 0) {
        note(inside, px_fs_error(FS_E_NAME));
        return;
    }
    if (in) {
        const bool folder = vfs_about_path(target, &found) == 0 && found.kind == FS_FOLDER;
        if (folder && is_standard(from)) {
            note(inside, "a folder; what comes from standard input needs a name there");
            return;
        }
        snprintf(path, sizeof path, "%s", from);
        for (size_t length = strlen(path); length > 1 && path[length - 1] == '/';)
            path[--length] = '\0';
        name = base_of(path);
        char below[VFS_PATH];
        if (!folder || join(below, sizeof below, target, name))
            (a->program || a->plain ? program_in(from, folder ? below : target, a->plain)
                                    : copy_in(from, folder ? below : target, a->recursive));
    } else {
        const bool folder = stat(to, &s) == 0 && S_ISDIR(s.st_mode);
        if (!folder || join(path, sizeof path, to, base_of(source)))
            (a->plain ? picture_out(source, folder ? path : to) : copy_out(source, folder ? path : to, a->recursive));
    }
}

/* The disk of all operands that are inside one. NULL: they are of two, or of none. */
static char *disk_of(const arguments *a, px_error *error)
{
    const char *path;
    char *disk = NULL;
    for (size_t i = 0; i < a->operands.count; i++) {
        const char *operand = a->operands.at[i];
        const bool inside = is_inside(operand, &path);
        const size_t length = (size_t)(path - operand) - (inside ? 1 : 0);
        const bool wanted = a->list || a->operands.count < 2 ||
                            inside != is_inside(a->operands.at[a->operands.count - 1], &path) ||
                            i == a->operands.count - 1;
        if (!wanted || (a->list && !inside)) {
            free(disk);
            px_fail(error, PX_E_USAGE, "%s: %s", operand,
                    a->list ? "not DISK:/PATH" : "copies go into a disk, or out of it: one side is DISK:/PATH");
            return NULL;
        }
        if (!inside)
            continue;
        if (disk != NULL && (strlen(disk) != length || memcmp(disk, operand, length) != 0)) {
            free(disk);
            px_fail(error, PX_E_USAGE, "%s: only one disk at a time", operand);
            return NULL;
        }
        if (disk == NULL)
            disk = strndup(operand, length);
    }
    if (disk == NULL)
        px_fail(error, PX_E_USAGE, "%s: one side is to be DISK:/PATH", a->operands.at[0]);
    return disk;
}

static void do_all(const arguments *a)
{
    const char *path, *target = a->operands.at[a->operands.count - 1], *to;
    const bool in = is_inside(target, &to);
    for (size_t i = 0; i < a->operands.count - (a->list ? 0 : 1); i++) {
        is_inside(a->operands.at[i], &path);
        if (a->list)
            list(path);
        else
            copy(path, to, in, a);
    }
}

static int with_disk(const char *command, const arguments *a, const char *disk)
{
    const char *unused;
    const bool readonly = a->list || !is_inside(a->operands.at[a->operands.count - 1], &unused);
    px_disk_image image;
    px_error error = {0};
    if (!px_disk_image_open(&image, disk, readonly, &error))
        return px_complain(command, &error);
    fs_device *cached = cache_over(&image.device);
    vfs_clock((int64_t)time(NULL));
    const fs_type *type;
    int32_t answer = vfs_mount(cached, "/", readonly, &type);
    if (answer == 0 && !type->barriers)
        cache_in_order(cached);
    if (answer < 0) {
        px_fail(&error, PX_E_INPUT, "%s: %s%s", disk,
                answer == FS_E_KIND      ? "there is no file system in it that px knows"
                : answer == FS_E_INVALID ? "its file system has what px does not read: "
                                         : "its file system is damaged",
                answer == FS_E_INVALID ? vfs_refusal() : "");
    } else {
        do_all(a);
        answer = vfs_unmount("/", &cached);
        if (answer < 0)
            px_fail(&error, PX_E_SYSTEM, "%s: %s", disk, px_fs_error(answer));
    }
    const int32_t left = cache_leave(cached);
    if (answer >= 0 && left < 0)
        px_fail(&error, PX_E_SYSTEM, "%s: %s", disk, px_fs_error(left));
    const bool ok = px_disk_image_close(&image, answer >= 0 && left >= 0, answer >= 0 && left >= 0 ? &error : NULL);
    return answer < 0 || left < 0 || !ok ? px_complain(command, &error) : failed ? 1 : 0;
}

int px_cmd_cp(int argc, char **argv)
{
    arguments a = {0};
    px_error error = {0};
    read_arguments(&a, argc, argv);
    if (a.png || a.raw) {
        const bool done =
            (a.png ? px_disk_image_to_png : px_disk_image_to_raw)(a.operands.at[0], a.operands.at[1], &error);
        return done ? 0 : px_complain(argv[0], &error);
    }
    char *disk = disk_of(&a, &error);
    if (disk == NULL)
        return px_complain(argv[0], &error);
    const int status = with_disk(argv[0], &a, disk);
    free(disk);
    return status;
}

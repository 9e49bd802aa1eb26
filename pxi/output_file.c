/* output_file.c - files that are there as a whole or not at all. */
#define _XOPEN_SOURCE 700 /* realpath */
#include "pxi/output_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The descriptor that a name stands for, or -1. Opened by its name, a file would be cut, and a socket not be opened. */
static int descriptor_of(const char *path)
{
    static const char *const folders[] = {"/dev/fd/", "/proc/self/fd/"};
    if (strcmp(path, "/dev/stdout") == 0)
        return STDOUT_FILENO;
    if (strcmp(path, "/dev/stderr") == 0)
        return STDERR_FILENO;
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        const char *digits = path + strlen(folders[i]);
        if (strncmp(path, folders[i], strlen(folders[i])) != 0)
            continue;
        const size_t length = strspn(digits, "0123456789");
        if (length > 0 && length < 10 && digits[length] == '\0')
            return atoi(digits);
    }
    return -1;
}

/* ---- places ---- */

static bool cannot_write(const char *path, px_error *error)
{
    return px_fail(error, PX_E_SYSTEM, "%s: cannot write it: %s; choose another name or change its rights", path,
                   strerror(errno));
}

static bool cannot_create(const char *path, px_error *error)
{
    return px_fail(error, PX_E_SYSTEM, "%s: cannot create a file beside it: %s; choose another place to write", path,
                   strerror(errno));
}

static bool check_descriptor(const char *path, int fd, px_error *error)
{
    const int flags = fcntl(fd, F_GETFL);
    if (flags >= 0 && (flags & O_ACCMODE) != O_RDONLY)
        return true;
    return px_fail(error, PX_E_SYSTEM, "%s: cannot write it: it is not open for writing", path);
}

/* Whether a file can be made in the folder of target. */
static bool check_folder(const char *path, const char *target, px_error *error)
{
    char *folder = strdup(target);
    if (folder == NULL)
        return px_fail(error, PX_E_SYSTEM, "%s: no memory for its name", path);
    char *slash = strrchr(folder, '/');
    if (slash != NULL)
        slash[slash == folder] = '\0';
    const char *name = slash != NULL ? folder : ".";
    const bool good =
        access(name, W_OK | X_OK) == 0 ||
        px_fail(error, PX_E_SYSTEM, "%s: no file can be made in the directory %s: %s; choose another place to write",
                path, name, strerror(errno));
    free(folder);
    return good;
}

/* Where a new file is to be made: behind symbolic links that lead to no file yet. NULL, with errno, when there is no
 * saying. */
static char *new_target(const char *path)
{
    enum { MOST_LINKS = 40 }; /* as the system follows */
    char *at = strdup(path), link[4096];
    ssize_t length = 0;
    for (int i = 0; at != NULL && i < MOST_LINKS && (length = readlink(at, link, sizeof link - 1)) >= 0; i++) {
        link[length] = '\0';
        const char *slash = strrchr(at, '/');
        const size_t folder = slash != NULL && link[0] != '/' ? (size_t)(slash + 1 - at) : 0;
        char *next = malloc(folder + (size_t)length + 1);
        if (next != NULL) {
            memcpy(next, at, folder);
            memcpy(next + folder, link, (size_t)length + 1);
        }
        free(at);
        at = next;
    }
    return at;
}

static bool check_new(const char *path, px_error *error)
{
    char *target = new_target(path);
    const bool good = target != NULL ? check_folder(path, target, error) : cannot_write(path, error);
    free(target);
    return good;
}

static bool check_existing(const char *path, mode_t mode, px_error *error)
{
    if (S_ISDIR(mode))
        return px_fail(error, PX_E_SYSTEM, "%s is a directory; name a file in it", path);
    if (S_ISBLK(mode) || S_ISSOCK(mode))
        return px_fail(error, PX_E_SYSTEM, "%s is a %s; a file, a pipe or a device without blocks can be written", path,
                       S_ISBLK(mode) ? "disk" : "socket");
    if (access(path, W_OK) != 0)
        return cannot_write(path, error);
    if (!S_ISREG(mode))
        return true;
    char *target = realpath(path, NULL);
    const bool good = target != NULL ? check_folder(path, target, error) : cannot_write(path, error);
    free(target);
    return good;
}

bool px_output_check(const char *path, px_error *error)
{
    struct stat old;
    const int fd = descriptor_of(path);
    if (*path == '\0')
        return px_fail(error, PX_E_USAGE, "the name of an output is empty");
    if (fd >= 0)
        return check_descriptor(path, fd, error);
    if (stat(path, &old) == 0)
        return check_existing(path, old.st_mode, error);
    return errno == ENOENT ? check_new(path, error) : cannot_write(path, error);
}

bool px_output_is_terminal(const char *path)
{
    struct stat about;
    int fd = descriptor_of(path);
    if (fd >= 0)
        return isatty(fd) != 0;
    if (stat(path, &about) != 0 || !S_ISCHR(about.st_mode))
        return false;
    fd = open(path, O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    const bool terminal = fd >= 0 && isatty(fd);
    if (fd >= 0)
        close(fd);
    return terminal;
}

/* ---- writing ---- */

/* Creates a new file beside the target, under a name that is not too long where the target's is not. */
static FILE *create_beside(px_output *output, const struct stat *old)
{
    enum { LONGEST = 200 };
    const char *slash = strrchr(output->target, '/');
    const int folder = slash != NULL ? (int)(slash + 1 - output->target) : 0;
    const size_t size = strlen(output->target) + 48;
    output->temporary = malloc(size);
    if (output->temporary == NULL)
        return NULL;
    int fd = -1;
    for (int i = 0; i < 1000 && fd < 0 && (i == 0 || errno == EEXIST); i++) {
        snprintf(output->temporary, size, "%.*s%.*s.%ld.%d.tmp", folder, output->target, LONGEST,
                 output->target + folder, (long)getpid(), i);
        fd = open(output->temporary, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0666);
    }
    if (fd < 0)
        return NULL;
    if (old != NULL)
        (void)fchmod(fd, old->st_mode & 0777); /* a file system without modes still holds files */
    FILE *file = fdopen(fd, "wb");
    if (file == NULL) {
        close(fd);
        unlink(output->temporary);
    }
    return file;
}

static void forget(px_output *output)
{
    free(output->target);
    free(output->temporary);
}

static bool open_directly(px_output *output, int fd, px_error *error)
{
    fd = fd >= 0 ? fcntl(fd, F_DUPFD_CLOEXEC, 0) : open(output->path, O_WRONLY | O_NOCTTY | O_CLOEXEC);
    output->file = fd >= 0 ? fdopen(fd, "wb") : NULL;
    if (output->file != NULL)
        return true;
    if (fd >= 0)
        close(fd);
    return cannot_write(output->path, error);
}

bool px_output_open(px_output *output, const char *path, px_error *error)
{
    struct stat old;
    const bool exists = stat(path, &old) == 0;
    const int fd = descriptor_of(path);
    *output = (px_output){.path = path};
    if (!px_output_check(path, error))
        return false;
    if (fd >= 0 || (exists && !S_ISREG(old.st_mode)))
        return open_directly(output, fd, error);
    output->target = exists ? realpath(path, NULL) : new_target(path);
    if (output->target != NULL)
        output->file = create_beside(output, exists ? &old : NULL);
    if (output->file != NULL)
        return true;
    cannot_create(path, error);
    forget(output);
    return false;
}

bool px_output_failed(const px_output *output, px_error *error)
{
    return px_fail(error, PX_E_SYSTEM, "%s: writing failed: %s%s", output->path, strerror(errno != 0 ? errno : EIO),
                   output->temporary != NULL ? "; the file is as it was before" : "");
}

/* Why a stream failed a while ago: what is written next to a file that is thrown away fails likewise. */
static void ask_why(FILE *file)
{
    clearerr(file);
    if (fputc('\n', file) == EOF || fflush(file) != 0)
        return;
    errno = 0;
}

bool px_output_close(px_output *output, bool good, px_error *error)
{
    FILE *file = output->file;
    const bool whole = output->temporary != NULL, failed = ferror(file) != 0;
    errno = 0;
    if (whole && failed)
        ask_why(file);
    if (good && (failed || fflush(file) != 0 || (whole && fsync(fileno(file)) != 0)))
        good = px_output_failed(output, error);
    if (fclose(file) != 0 && good)
        good = px_output_failed(output, error);
    if (whole && good && rename(output->temporary, output->target) != 0)
        good = px_fail(error, PX_E_SYSTEM, "%s: cannot replace it: %s", output->path, strerror(errno));
    if (whole && !good)
        unlink(output->temporary);
    forget(output);
    return good;
}

bool px_output_text(const char *path, const char *text, px_error *error)
{
    px_output output;
    if (!px_output_open(&output, path, error))
        return false;
    fputs(text, output.file); /* closing sees a failure */
    return px_output_close(&output, true, error);
}

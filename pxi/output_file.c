/* output_file.c - files that are there as a whole or not at all. */
#define _XOPEN_SOURCE 700 /* realpath */
#include "pxi/output_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Creates a new file beside the target. */
static FILE *create_beside(px_output *output, const struct stat *old)
{
    const size_t size = strlen(output->target) + 48;
    output->temporary = malloc(size);
    if (output->temporary == NULL)
        return NULL;
    int fd = -1;
    for (int i = 0; i < 1000 && fd < 0 && (i == 0 || errno == EEXIST); i++) {
        snprintf(output->temporary, size, "%s.%ld.%d.tmp", output->target, (long)getpid(), i);
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

bool px_output_open(px_output *output, const char *path, px_error *error)
{
    struct stat old;
    const bool exists = stat(path, &old) == 0;
    *output = (px_output){.path = path};
    if (exists && access(path, W_OK) != 0)
        return px_fail(error, PX_E_SYSTEM, "%s: cannot write it: %s; choose another name or change its rights", path,
                       strerror(errno));
    if (exists && !S_ISREG(old.st_mode)) {
        output->file = fopen(path, "wb");
        return output->file != NULL || px_fail(error, PX_E_SYSTEM, "%s: cannot write it: %s", path, strerror(errno));
    }
    output->target = exists ? realpath(path, NULL) : strdup(path);
    if (output->target != NULL)
        output->file = create_beside(output, exists ? &old : NULL);
    if (output->file != NULL)
        return true;
    px_fail(error, PX_E_SYSTEM, "%s: cannot create a file beside it: %s; choose another place to write", path,
            strerror(errno));
    forget(output);
    return false;
}

static bool write_failed(const px_output *output, px_error *error)
{
    return px_fail(error, PX_E_SYSTEM, "%s: writing failed: %s%s", output->path, strerror(errno != 0 ? errno : EIO),
                   output->temporary != NULL ? "; the file is as it was before" : "");
}

bool px_output_close(px_output *output, bool good, px_error *error)
{
    FILE *file = output->file;
    const bool whole = output->temporary != NULL;
    errno = 0;
    if (good && (ferror(file) != 0 || fflush(file) != 0 || (whole && fsync(fileno(file)) != 0)))
        good = write_failed(output, error);
    if (fclose(file) != 0 && good)
        good = write_failed(output, error);
    if (whole && good && rename(output->temporary, output->target) != 0)
        good = px_fail(error, PX_E_SYSTEM, "%s: cannot replace it: %s", output->path, strerror(errno));
    if (whole && !good)
        unlink(output->temporary);
    forget(output);
    return good;
}

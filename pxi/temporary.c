/* temporary.c - see temporary.h. */
#define _GNU_SOURCE /* mkostemp */
#include "pxi/temporary.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The name that is filled in. */
static bool name(char *path, const char *what)
{
    const char *folder = getenv("TMPDIR");
    const int length =
        snprintf(path, PX_TEMPORARY_NAME, "%s/px-%s-XXXXXX", folder != NULL && *folder != '\0' ? folder : "/tmp", what);
    errno = ENAMETOOLONG;
    return length > 0 && length < PX_TEMPORARY_NAME;
}

static bool fail(char *path, const char *kind, px_error *error)
{
    px_fail(error, PX_E_SYSTEM, "no temporary %s %s can be made: %s; TMPDIR says where they go", kind, path,
            strerror(errno));
    *path = '\0';
    return false;
}

bool px_temporary_folder(char path[PX_TEMPORARY_NAME], const char *what, px_error *error)
{
    return (name(path, what) && mkdtemp(path) != NULL) || fail(path, "folder", error);
}

int px_temporary_file(char path[PX_TEMPORARY_NAME], const char *what, px_error *error)
{
    const int fd = name(path, what) ? mkostemp(path, O_CLOEXEC) : -1;
    if (fd < 0)
        (void)fail(path, "file", error);
    return fd;
}

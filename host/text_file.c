/* text_file.c - text files that are there as a whole or not at all. */
#include "host/text_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool cannot_write(const char *path, px_error *error)
{
    return px_fail(error, PX_E_SYSTEM, "%s: cannot write it: %s", path, strerror(errno));
}

/* A new file beside path, with the rights that the user's umask gives. */
static FILE *create_beside(const char *path, char **name)
{
    *name = malloc(strlen(path) + sizeof ".XXXXXX");
    if (*name == NULL)
        return NULL;
    const int fd = mkstemp(strcat(strcpy(*name, path), ".XXXXXX"));
    if (fd < 0)
        return NULL;
    const mode_t mask = umask(0);
    umask(mask);
    (void)fchmod(fd, 0666 & ~mask); /* a file system without modes still holds text */
    FILE *file = fdopen(fd, "w");
    if (file == NULL) {
        close(fd);
        unlink(*name);
    }
    return file;
}

bool px_text_open(px_text_file *text, const char *path, px_error *error)
{
    struct stat old;
    *text = (px_text_file){.path = path};
    if (stat(path, &old) == 0 && !S_ISREG(old.st_mode))
        text->file = fopen(path, "w");
    else
        text->file = create_beside(path, &text->temporary);
    if (text->file != NULL)
        return true;
    cannot_write(path, error);
    free(text->temporary);
    return false;
}

bool px_text_close(px_text_file *text, bool good, px_error *error)
{
    errno = 0;
    if (ferror(text->file) != 0 && good)
        good = cannot_write(text->path, error);
    if (fclose(text->file) != 0 && good)
        good = cannot_write(text->path, error);
    if (text->temporary != NULL && good && rename(text->temporary, text->path) != 0)
        good = cannot_write(text->path, error);
    if (text->temporary != NULL && !good)
        unlink(text->temporary);
    free(text->temporary);
    return good;
}

bool px_same_file(const char *a, const char *b)
{
    struct stat x, y;
    return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

/* input_file.c - see input_file.h. */
#include "pxi/input_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A picture of the greatest size is at most half of this when it does not compress at all; its text may be longer. */
#define MAX_FILE_BYTES (UINT64_C(1) << 30)

static bool read_all(FILE *file, uint8_t **data, size_t *size, const char *name, px_error *error)
{
    struct stat about; /* a file's size, and one byte to see its end; a guess, as it may be written to meanwhile */
    const bool sized = fstat(fileno(file), &about) == 0 && S_ISREG(about.st_mode) && about.st_size > 0 &&
                       (uint64_t)about.st_size < MAX_FILE_BYTES;
    size_t room = sized ? (size_t)about.st_size + 1 : 1 << 16;
    for (;;) {
        uint8_t *more = realloc(*data, room);
        if (more == NULL)
            return px_fail(error, PX_E_SYSTEM, "%s: no memory for a file of more than %zu bytes", name, *size);
        *data = more;
        *size += fread(*data + *size, 1, room - *size, file);
        if (ferror(file))
            return px_fail(error, PX_E_SYSTEM, "%s: cannot read it: %s", name, strerror(errno));
        if (*size < room)
            return true;
        if (room >= MAX_FILE_BYTES)
            return px_fail(error, PX_E_INPUT, "%s is longer than %" PRIu64 " bytes, the most that is read", name,
                           MAX_FILE_BYTES);
        room *= 2;
    }
}

bool px_stream_read(uint8_t **data, size_t *size, FILE *file, const char *name, px_error *error)
{
    *data = NULL;
    *size = 0;
    if (read_all(file, data, size, name, error))
        return true;
    free(*data);
    *data = NULL;
    return false;
}

bool px_file_read(uint8_t **data, size_t *size, const char *path, px_error *error)
{
    *data = NULL;
    *size = 0;
    static bool read_before;
    const bool is_stdin = strcmp(path, "/dev/stdin") == 0;
    if (is_stdin && read_before)
        return px_fail(error, PX_E_USAGE, "standard input can be read once, so - can stand for one file of a call");
    read_before = read_before || is_stdin;
    /* Opened by its name, standard input would not be read from where it is, and a socket not at all. */
    const int fd = is_stdin ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0) : open(path, O_RDONLY | O_NOCTTY | O_CLOEXEC);
    FILE *file = fd >= 0 ? fdopen(fd, "rb") : NULL;
    if (file == NULL) {
        if (fd >= 0)
            close(fd);
        return px_fail(error, PX_E_SYSTEM, "%s: cannot read it: %s", path, strerror(errno));
    }
    const bool done = px_stream_read(data, size, file, path, error);
    fclose(file);
    return done;
}

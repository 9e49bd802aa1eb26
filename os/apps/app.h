/* app.h - what small programs share: texts and numbers to a handle, without the C library. */
#ifndef OS_APPS_APP_H
#define OS_APPS_APP_H

#include <stdbool.h>
#include <stddef.h>

#include "os/pxos.h"

PX_INLINE uint32_t length_of(const char *text)
{
    uint32_t length = 0;
    while (text[length] != '\0')
        length++;
    return length;
}

/* All of it, however many calls that takes; false: nobody takes it. */
static inline bool put_bytes(uint32_t handle, const char *bytes, uint32_t count)
{
    while (count > 0) {
        const pxh_write block = {PXO_ADDRESS(bytes), count, 0, 0};
        const int32_t done = px_sys(PXH_REQUEST(PXH_WRITE, handle), PXO_ADDRESS(&block));
        if (done <= 0)
            return false;
        bytes += done;
        count -= (uint32_t)done;
    }
    return true;
}

PX_INLINE bool put(const char *text) { return put_bytes(1, text, length_of(text)); }
PX_INLINE bool complain(const char *text) { return put_bytes(2, text, length_of(text)); }

/* Right-aligned in `width` places, at most 20. */
static inline const char *number_text(uint32_t number, unsigned width, char text[21])
{
    unsigned at = 20;
    text[at] = '\0';
    do
        text[--at] = (char)('0' + number % 10);
    while ((number /= 10) > 0);
    while (at > 20 - width)
        text[--at] = ' ';
    return text + at;
}

static inline bool put_number(uint32_t number, unsigned width)
{
    char text[21];
    return put(number_text(number, width, text));
}

PX_INLINE int32_t get_bytes(char *bytes, uint32_t count)
{
    return px_sys(PXH_REQUEST(PXH_INPUT, count), PXO_ADDRESS(bytes));
}

/* A decimal number; false: it is none. */
static inline bool read_number(const char *text, uint32_t *number)
{
    *number = 0;
    if (*text == '\0')
        return false;
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9' || *number > 99999999)
            return false;
        *number = *number * 10 + (uint32_t)(*text - '0');
    }
    return true;
}

/* Why a call of the kernel failed. */
static inline const char *error_text(int32_t answer)
{
    switch (answer) {
#define PXH_ERROR(id, number, text)                                                                                    \
    case number:                                                                                                       \
        return text;
#include "pxi/host.def"
    default:
        return "an unknown error";
    }
}

/* "program: name: why", for an answer below 0; returns whether it was one. */
static inline bool failed(const char *program, const char *name, int32_t answer)
{
    if (answer >= 0)
        return false;
    (void)(complain(program) && complain(": ") && complain(name) && complain(": ") && complain(error_text(answer)) &&
           complain("\n"));
    return true;
}

PX_INLINE int32_t open_file(const char *name, uint32_t flags) { return pxo_open(name, length_of(name), flags); }
PX_INLINE int32_t read_file(uint32_t handle, void *bytes, uint32_t count)
{
    const pxh_read block = {PXO_ADDRESS(bytes), count, 0, 0};
    return px_sys(PXH_REQUEST(PXH_READ, handle), PXO_ADDRESS(&block));
}

enum { MOST_PATH = 256 };

/* above/name; false: it is too long. */
static inline bool join_path(char path[MOST_PATH], const char *above, const char *name)
{
    uint32_t used = 0;
    for (; *above != '\0' && used < MOST_PATH - 1; above++)
        path[used++] = *above;
    if (used > 0 && path[used - 1] != '/' && used < MOST_PATH - 1)
        path[used++] = '/';
    for (; *name != '\0' && used < MOST_PATH - 1; name++)
        path[used++] = *name;
    path[used] = '\0';
    return *above == '\0' && *name == '\0';
}

/* The last part of a path. */
static inline const char *base_of(const char *path)
{
    const char *base = path;
    for (; *path != '\0'; path++)
        if (*path == '/' && path[1] != '\0')
            base = path + 1;
    return base;
}

static inline bool is_folder(const char *name)
{
    pxo_stat about;
    return pxo_stat_of(name, length_of(name), &about) >= 0 && about.kind == PXH_FOLDER;
}

/* Where a file goes: into the target, if that is a folder. */
static inline bool target_of(char path[MOST_PATH], const char *from, const char *target)
{
    return is_folder(target) ? join_path(path, target, base_of(from)) : join_path(path, "", target);
}

#endif

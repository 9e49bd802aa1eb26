/* text_file.h - text written to a temporary name beside its place, and renamed when all of it is there. */
#ifndef HOST_TEXT_FILE_H
#define HOST_TEXT_FILE_H

#include <stdbool.h>
#include <stdio.h>

#include "pxi/error.h"

typedef struct px_text_file {
    FILE *file;
    const char *path;
    char *temporary; /* NULL: a terminal, a pipe or a device, written directly */
} px_text_file;

bool px_text_open(px_text_file *text, const char *path, px_error *error);

/* Puts the file in its place if good; otherwise, and when writing failed, path is as it was. Returns whether it is
 * there; error is kept when good is false. */
bool px_text_close(px_text_file *text, bool good, px_error *error);

/* Whether two names mean one existing file: what is read must not be written over. */
bool px_same_file(const char *a, const char *b);

#endif

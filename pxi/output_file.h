/* output_file.h - files written to a temporary name beside their place, and renamed when all of it is there. */
#ifndef PXI_OUTPUT_FILE_H
#define PXI_OUTPUT_FILE_H

#include <stdbool.h>
#include <stdio.h>

#include "pxi/error.h"

typedef struct px_output {
    FILE *file;
    const char *path; /* as it was given, for messages */
    char *target;     /* what is replaced: the file, where path is a symbolic link to it */
    char *temporary;  /* NULL: a terminal, a pipe or a device, written directly */
} px_output;

/* Whether px_output_open would find a place there, for asking before a long run. /dev/stdout, /dev/stderr and /dev/fd/N
 * are the descriptors themselves. */
bool px_output_check(const char *path, px_error *error);
bool px_output_is_terminal(const char *path);

/* An existing file keeps its rights; a new one has those that the user's umask gives. */
bool px_output_open(px_output *output, const char *path, px_error *error);

/* "FILE: writing failed: ..", by errno; returns false. */
bool px_output_failed(const px_output *output, px_error *error);

/* Puts the file in its place if good; otherwise, and when writing failed, path is as it was. Returns whether it is
 * there; error is kept when good is false. */
bool px_output_close(px_output *output, bool good, px_error *error);

/* A whole text. */
bool px_output_text(const char *path, const char *text, px_error *error);

#endif

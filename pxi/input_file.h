/* input_file.h - the bytes of a file that somebody named, /dev/stdin among them. */
#ifndef PXI_INPUT_FILE_H
#define PXI_INPUT_FILE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "pxi/error.h"

/* The whole file, whatever it holds, to be freed by the caller. */
bool px_file_read(uint8_t **data, size_t *size, const char *path, px_error *error);
bool px_stream_read(uint8_t **data, size_t *size, FILE *file, const char *name, px_error *error);

#endif

/* pxt_png.h - the input files of the conformance set: PNG files as other programs write them. */
#ifndef HOST_PXT_PNG_H
#define HOST_PXT_PNG_H

#include <stddef.h>
#include <stdint.h>

#include "pxi/picture.h"

typedef struct pxt_file {
    uint8_t *data; /* owned */
    size_t size;
} pxt_file;

/* Row y with filter type y mod 5, the compressed pixels in three IDAT chunks. */
bool pxt_png_of(pxt_file *file, const px_picture *picture, px_error *error);

/* w x h pixels of 0, however many that claims to be, in about a thousandth of their bytes. */
bool pxt_png_of_zeros(pxt_file *file, uint32_t w, uint32_t h, px_error *error);

void pxt_file_free(pxt_file *file);

#endif

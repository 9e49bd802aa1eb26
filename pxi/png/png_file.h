/* png_file.h - PNG files below the picture: the bytes, the list of chunks, and libpng's decoder without transforms.
 *
 * libpng takes surplus data, trailing bytes and wrong ancillary CRCs with a warning at most, and cannot say at which
 * byte a file is broken. So the chunks are walked here first, and libpng sees only files whose frame is sound. */
#ifndef PXI_PNG_PNG_FILE_H
#define PXI_PNG_PNG_FILE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "pxi/error.h"

/* Colour types as in IHDR. */
enum { PX_PNG_GREY = 0, PX_PNG_RGB = 2, PX_PNG_PALETTE = 3, PX_PNG_GREY_ALPHA = 4, PX_PNG_RGBA = 6 };

typedef struct px_png {
    const char *name; /* for messages */
    const uint8_t *data;
    size_t size;
    uint32_t w, h;
    uint8_t depth, colour, interlace;
} px_png;

typedef struct px_png_chunk {
    size_t at; /* of its length field */
    char type[5];
    uint32_t length;
    const uint8_t *data;
} px_png_chunk;

/* Checks the frame of the file: signature, every chunk's length, type and CRC, a sensible IHDR, the rules below, IEND
 * last with nothing after it. Fills in *png, which keeps pointing at data and name. */
bool px_png_open(px_png *png, const void *data, size_t size, const char *name, px_error *error);

/* Steps through an opened file: start with a zeroed chunk; false after IEND. */
bool px_png_next(const px_png *png, px_png_chunk *chunk);

/* The first chunk of a type, or false. */
bool px_png_find(const px_png *png, const char *type, px_png_chunk *chunk);

/* Whether the pixels are in the one form that a picture has: 8-bit RGBA, not interlaced. */
bool px_png_strict(const px_png *png);

/* The form of the pixels in words: "8-bit RGBA", "interlaced 4-bit palette". */
const char *px_png_form(const px_png *png, char *text, size_t size);

/* Fails for what px wrote as a copy for viewing (picture.h): a tEXt chunk with this keyword and text says so. */
#define PX_COPY_KEY  "Comment"
#define PX_COPY_TEXT "pxOS: a copy for viewing, no program"
bool px_png_no_copy(const px_png *png, px_error *error);

/* Samples in a pixel: 1 to 4. */
uint8_t px_png_channels(const px_png *png);

/* Bytes in a row of stored samples. */
size_t px_png_row_bytes(const px_png *png);

/* Fails unless the file's dimensions are those of a picture (picture.h); to be called before pixels are allocated. */
bool px_png_fits(const px_png *png, px_error *error);

/* Decodes into h rows of px_png_row_bytes bytes, samples as stored, every oddity an error. */
bool px_png_decode(const px_png *png, uint8_t *rows, px_error *error);

/* Pixels from the bytes of 8-bit RGBA, in place. */
void px_png_words(uint32_t *px, size_t count);

/* ---- for px_png_open and px_png_decode ---- */

/* png_rules.c: whether the critical chunks are known, where they may be, and as many. */
bool px_png_keeps_rules(const px_png *png, px_error *error);

/* png_data.c: whether the compressed pixels unpack to exactly the rows of the picture. px_png_window_matters tells when
 * libpng alone would not see a distance that is too large. */
bool px_png_data_sound(const px_png *png, px_error *error);
bool px_png_window_matters(const px_png *png);

#endif

/* picture.h - a picture in memory, and PNG files read and written without changing one bit of it. */
#ifndef PXI_PICTURE_H
#define PXI_PICTURE_H

#include <stddef.h>
#include <stdint.h>

#include "pxi/error.h"

#define PX_MAX_PIXELS (UINT32_C(1) << 26) /* SPEC.md section 1 */

typedef struct px_picture {
    uint32_t w, h;
    uint32_t *px; /* w*h pixels in address order, owned; pixel.h */
} px_picture;

/* Whether a picture can be w x h: it has at most PX_MAX_PIXELS pixels, or has so many without the ceil(266 / w) rows
 * that a saved state puts on top of its image (SPEC.md section 9). */
bool px_picture_fits(uint32_t w, uint32_t h);

/* All pixels 0. Fails with PX_E_INPUT unless px_picture_fits, PX_E_SYSTEM without memory. */
bool px_picture_new(px_picture *picture, uint32_t w, uint32_t h, px_error *error);
void px_picture_free(px_picture *picture); /* also fine on a zeroed one, and twice */

/* Strict: SPEC.md section 2. The pixel cap is checked before the pixels are allocated. On failure *picture is zeroed.
 */
bool px_picture_read(px_picture *picture, const char *path, px_error *error);
bool px_picture_read_memory(px_picture *picture, const void *data, size_t size, const char *name, px_error *error);

/* Written to a temporary name beside path, synced, and renamed: path is the whole new picture or what it was. A pipe or
 * a device is written directly, a terminal not at all. */
bool px_picture_write(const px_picture *picture, const char *path, px_error *error);

/* A copy for viewing: the colours alone, each pixel zoom x zoom. It is an RGB PNG, which no executor takes for a
 * program (SPEC.md section 2), and says so in a text chunk (px_png_no_copy). At most PX_MAX_COPY pixels, which
 * px_copy_fits asks before. */
#define PX_MAX_COPY (UINT32_C(1) << 28)
bool px_copy_write(const px_picture *picture, uint32_t zoom, const char *path, px_error *error);
bool px_copy_fits(uint32_t w, uint32_t h, uint32_t zoom, px_error *error);

/* Whether a picture could be written there, as far as can be told before. */
bool px_picture_place(const char *path, px_error *error);

#endif

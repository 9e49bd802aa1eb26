/* picture.h - a picture in memory; png/picture_file.h reads and writes it. */
#ifndef PXI_PICTURE_H
#define PXI_PICTURE_H

#include <stddef.h>
#include <stdint.h>

#include "pxi/error.h"

#define PX_MAX_PIXELS (UINT32_C(1) << 26) /* SPEC.md section 1 */
enum { PX_STATE_WORDS = 266 };            /* pixels of a saved state before its image, padding aside: section 9 */

/* The rows of a saved state above its image, for w columns, 1 or more. */
static inline uint32_t px_state_rows(uint32_t w) { return (uint32_t)(((uint64_t)PX_STATE_WORDS + w - 1) / w); }

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

/* A picture whose pixels are somewhere else, and are fetched from there. */
typedef struct px_rows {
    uint32_t w, h; /* which fit */
    /* Rows y..y+count-1 to px; any rows, and again when they are wanted again. */
    bool (*get)(void *context, uint32_t y, uint32_t count, uint32_t *px, px_error *error);
    void *context;
} px_rows;

px_rows px_picture_rows(const px_picture *picture); /* which must outlive them */

#endif

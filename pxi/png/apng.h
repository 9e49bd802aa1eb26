/* apng.h - animated PNG files (PNG Third Edition, section 11.3.6): frames of a run for viewers. They are RGB, each
 * pixel zoom x zoom, and marked as copies for viewing (png_file.h), so none is taken for a program. */
#ifndef PXI_PNG_APNG_H
#define PXI_PNG_APNG_H

#include <stdint.h>

#include "pxi/error.h"

enum { PX_APNG_FRAMES = 65535 }; /* of a file, at most */

typedef struct px_apng px_apng;

/* An animation of w x h pixels; each frame is shown for 1/fps seconds. Fails when a copy of this size would. */
bool px_apng_open(px_apng **apng, uint32_t w, uint32_t h, uint32_t zoom, uint32_t fps, px_error *error);

/* The next frame, w*h pixels. One that is as the last makes that last longer. */
bool px_apng_add(px_apng *apng, const uint32_t *px, px_error *error);

/* Writes the file: it plays for ever, its last frame for a second. One frame at least must be there. */
bool px_apng_write(const px_apng *apng, const char *path, px_error *error);

/* How many frames it has; also of several that were alike, one. */
uint32_t px_apng_frames(const px_apng *apng);

void px_apng_close(px_apng *apng); /* also fine with NULL */

#endif

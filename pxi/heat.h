/* heat.h - how often each pixel of an image was executed, read and written: what an executor counts while it runs, for
 * profiles and pictures of them.
 *
 * An instruction counts when it retires: in executed, where it stands; in read and written, what touch.h says that it
 * touches, each piece of it by itself. Of machines in slots the pixels are those of the outermost image that they lie
 * in; RESUME itself touches nothing, and its machines' registers are no pixels. What a host gets and puts is not
 * counted. */
#ifndef PXI_HEAT_H
#define PXI_HEAT_H

#include <stdbool.h>
#include <stdint.h>

#include "pxi/error.h"
#include "pxi/touch.h"

/* n counts each. No run is so long that one of them goes round. */
typedef struct px_heat {
    uint32_t n;
    uint64_t *executed, *read, *written;
} px_heat;

/* All counts are 0. */
bool px_heat_new(px_heat *heat, uint32_t n, px_error *error);
void px_heat_free(px_heat *heat);

/* What has to be looked for before an instruction is executed, by the low byte of its pixel: one pixel, all of
 * px_touches, or nothing. */
typedef struct px_heat_look {
    bool pixel, runs;
    bool read, written; /* what happens to the one pixel */
} px_heat_look;
extern const px_heat_look px_heat_looks[256];

/* An instruction with these touches, in the image that begins at pixel base, has retired. */
void px_heat_touched(const px_heat *heat, uint32_t base, const px_touch *touch, unsigned touches);

#endif

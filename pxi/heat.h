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

/* What is counted of the touches of the instruction in pixel: those of px_touches, or none. To be asked for before it
 * is executed. */
unsigned px_heat_touches(uint32_t pixel, uint32_t pc, const uint32_t reg[256], uint32_t vl, px_touch touch[PX_TOUCHES]);

/* The instruction at pc of the image that begins at pixel base has retired. */
void px_heat_retired(const px_heat *heat, uint32_t base, uint32_t pc, const px_touch *touch, unsigned touches);

#endif

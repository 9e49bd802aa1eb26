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

/* What has to be looked for before an instruction is executed: nothing, one pixel, runs of vl, or all of px_touches. */
typedef enum px_heat_kind { PX_HEAT_NOTHING, PX_HEAT_PIXEL, PX_HEAT_VL, PX_HEAT_TOUCHES } px_heat_kind;
typedef struct px_heat_look {
    uint8_t kind; /* px_heat_kind */
    bool read[PX_TOUCHES], written[PX_TOUCHES]; /* of a run of vl, by operand */
    bool reads, writes;                         /* the one pixel */
} px_heat_look;

/* By shape, and the shape by the low byte of the pixel. */
extern const px_heat_look px_heat_looks[];
extern const uint8_t px_heat_shapes[256];

/* count pixels from at on are counted. Four at a time: a compiler that counts on small code leaves it one by one. */
static inline void px_heat_run(uint64_t *at, uint64_t count)
{
    for (; count >= 4; count -= 4, at += 4) {
        at[0]++;
        at[1]++;
        at[2]++;
        at[3]++;
    }
    for (; count > 0; count--)
        ++*at++;
}

/* An instruction with these touches, in the image that begins at pixel base, has retired. */
void px_heat_touched(const px_heat *heat, uint32_t base, const px_touch *touch, unsigned touches);

#endif

/* heat.c - see heat.h. */
#include "pxi/heat.h"

#include <inttypes.h>
#include <stdlib.h>

#include "pxi/isa.h"

bool px_heat_new(px_heat *heat, uint32_t n, px_error *error)
{
    *heat = (px_heat){.n = n,
                      .executed = calloc(n, sizeof *heat->executed),
                      .read = calloc(n, sizeof *heat->read),
                      .written = calloc(n, sizeof *heat->written)};
    if (heat->executed != NULL && heat->read != NULL && heat->written != NULL)
        return true;
    px_heat_free(heat);
    return px_fail(error, PX_E_SYSTEM, "no memory to count what happens to %" PRIu32 " pixels", n);
}

void px_heat_free(px_heat *heat)
{
    free(heat->executed);
    free(heat->read);
    free(heat->written);
    *heat = (px_heat){0};
}

#define IS(extent, other) (PX_EXTENT_##extent == PX_EXTENT_##other)
#define PLAIN(extent)     (IS(extent, VL) || IS(extent, NO))
#define READS(use)        ((use) == 'r' || (use) == 'u')
#define WRITES(use)       ((use) == 'w' || (use) == 'u')
const px_heat_look px_heat_looks[] = {
#define PXI_SHAPE(id, a, b, c, use, ab, ac, regs)                                                                      \
    [PX_SHAPE_##id] = {.kind = (IS(a, NO) && IS(b, NO) && IS(c, NO)) || PX_SHAPE_##id == PX_SHAPE_RESUME               \
                                   ? PX_HEAT_NOTHING                                                                   \
                               : IS(a, NEXT) || IS(b, PIXEL)      ? PX_HEAT_PIXEL                                      \
                               : PLAIN(a) && PLAIN(b) && PLAIN(c) ? PX_HEAT_VL                                         \
                                                                  : PX_HEAT_TOUCHES,                                   \
                       .read = {READS((use)[0]), READS((use)[1]), READS((use)[2])},                                    \
                       .written = {WRITES((use)[0]), WRITES((use)[1]), WRITES((use)[2])},                              \
                       .reads = READS((use)[0]) || READS((use)[1]),                                                    \
                       .writes = WRITES((use)[0]) || WRITES((use)[1])},
#include "pxi/isa.def"
};

const uint8_t px_heat_shapes[256] = {
#define PXI_OP(id, mnemonic, number, class, function, operands, shape, colour, effect) [number] = PX_SHAPE_##shape,
#include "pxi/isa.def"
};

static void add(uint64_t *counts, const px_touch *touch)
{
    for (uint64_t row = 0; row < touch->rows; row++)
        px_heat_run(counts + touch->base + row * touch->pitch, touch->columns);
}

void px_heat_touched(const px_heat *heat, uint32_t base, const px_touch *touch, unsigned touches)
{
    for (unsigned k = 0; k < touches; k++) {
        if (touch[k].read)
            add(heat->read + base, &touch[k]);
        if (touch[k].written)
            add(heat->written + base, &touch[k]);
    }
}

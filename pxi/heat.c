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

/* Most instructions touch nothing, and are not worth the look at their operands. */
unsigned px_heat_touches(uint32_t pixel, uint32_t pc, const uint32_t reg[256], uint32_t vl, px_touch touch[PX_TOUCHES])
{
    const px_opcode *opcode = px_opcode_of(PX_V1, (uint8_t)pixel);
    if (opcode->mnemonic == NULL || opcode->shape == PX_SHAPE_NONE || opcode->shape == PX_SHAPE_PAIR ||
        opcode->shape == PX_SHAPE_RESUME)
        return 0;
    return px_touches(pixel, pc, reg, vl, touch);
}

static void add(uint64_t *counts, const px_touch *touch)
{
    for (uint64_t row = 0; row < touch->rows; row++) {
        uint64_t *const at = counts + touch->base + row * touch->pitch;
        for (uint64_t i = 0; i < touch->columns; i++)
            at[i]++;
    }
}

void px_heat_retired(const px_heat *heat, uint32_t base, uint32_t pc, const px_touch *touch, unsigned touches)
{
    heat->executed[base + pc]++;
    for (unsigned k = 0; k < touches; k++) {
        if (touch[k].read)
            add(heat->read + base, &touch[k]);
        if (touch[k].written)
            add(heat->written + base, &touch[k]);
    }
}

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

#define IS(shape, other) (PX_SHAPE_##shape == PX_SHAPE_##other)
const px_heat_look px_heat_looks[256] = {
#define PXI_OP(id, mnemonic, number, class, function, operands, shape, colour, effect)                                 \
    [number] = {.pixel = IS(shape, LITERAL) || IS(shape, LOAD) || IS(shape, STORE) || IS(shape, STOREB),               \
                .read = !IS(shape, STORE),                                                                             \
                .written = IS(shape, STORE) || IS(shape, STOREB),                                                      \
                .runs = !IS(shape, NONE) && !IS(shape, PAIR) && !IS(shape, RESUME) && !IS(shape, LITERAL) &&           \
                        !IS(shape, LOAD) && !IS(shape, STORE) && !IS(shape, STOREB)},
#include "pxi/isa.def"
};

/* Four at a time: a compiler that counts on small code leaves it one by one. */
static void add_run(uint64_t *at, uint64_t count)
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

static void add(uint64_t *counts, const px_touch *touch)
{
    for (uint64_t row = 0; row < touch->rows; row++)
        add_run(counts + touch->base + row * touch->pitch, touch->columns);
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

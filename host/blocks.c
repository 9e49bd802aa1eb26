/* blocks.c - see blocks.h. Colours are those of ISO 8613-6 with 24 bits, which every terminal of today knows. */
#include "host/blocks.h"

#include <inttypes.h>
#include <stddef.h>

#include "pxi/pixel.h"

static void colour(FILE *to, int ground, uint32_t px)
{
    fprintf(to, "\033[%d;2;%" PRIu32 ";%" PRIu32 ";%" PRIu32 "m", ground, px_byte(px, 0), px_byte(px, 1),
            px_byte(px, 2));
}

static void print(FILE *to, const uint32_t *px, uint32_t w, uint32_t h, size_t stride, uint32_t step)
{
    for (uint32_t y = 0; y < h; y += 2 * step) {
        const uint32_t *upper = px + y * stride, *lower = y + step < h ? upper + step * stride : NULL;
        for (uint32_t x = 0; x < w; x += step) {
            colour(to, 38, upper[x]);
            if (lower != NULL)
                colour(to, 48, lower[x]);
            fputs("\u2580", to);
        }
        fputs("\033[0m\n", to);
    }
}

void px_blocks_print(FILE *to, const uint32_t *px, uint32_t w, uint32_t h, uint32_t stride)
{
    print(to, px, w, h, stride, 1);
}

void px_blocks_fit(FILE *to, const uint32_t *px, uint32_t w, uint32_t h, uint32_t columns, uint32_t rows)
{
    uint32_t step = 1;
    while (((uint64_t)w + step - 1) / step > columns || ((uint64_t)h + step - 1) / step > 2 * (uint64_t)rows)
        step++;
    print(to, px, w, h, w, step);
}

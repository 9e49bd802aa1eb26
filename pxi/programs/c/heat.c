/* heat.c - heat that spreads over a plate with two edges kept hot, by the machine's vector instructions. With -DSCALAR,
 * and where there are none, loops do the same. */
/* px cc: --width 64 --stack 256 --heap 3072 */
#include "canvas.h"

#ifndef __riscv
#define SCALAR
#endif

enum { WIDTH = 64, HEIGHT = 48, ALL = WIDTH * HEIGHT, INNER = ALL - 2 * WIDTH - 2, STEPS = 40 };

static uint32_t plate[ALL], sums[ALL];
static uint32_t palette[256];

/* Each inner point becomes the mean of itself, weighed four times, and its neighbours. */
static void step(void)
{
    uint32_t *const at = plate + WIDTH + 1, *const sum = sums + WIDTH + 1;
#ifdef SCALAR
    for (int i = 0; i < INNER; i++)
        sum[i] = (4 * at[i] + at[i - 1] + at[i + 1] + at[i - WIDTH] + at[i + WIDTH]) >> 3;
    for (int i = 0; i < INNER; i++)
        at[i] = sum[i];
#else
    px_vl(INNER);
    px_vshl_vx(sum, at, 2);
    px_vadd_vv(sum, sum, at - 1);
    px_vadd_vv(sum, sum, at + 1);
    px_vadd_vv(sum, sum, at - WIDTH);
    px_vadd_vv(sum, sum, at + WIDTH);
    px_vshr_vx(at, sum, 3);
#endif
}

/* The edges that stay as they are. */
static void keep_edges(void)
{
    for (int x = 0; x < WIDTH; x++)
        plate[x] = x < WIDTH / 2 ? 255 << 8 : 0;
    for (int y = 0; y < HEIGHT; y++) {
        plate[y * WIDTH] = 0;
        plate[y * WIDTH + WIDTH - 1] = y > HEIGHT / 3 ? 200 << 8 : 0;
    }
}

static void show(uint32_t *canvas)
{
#ifdef SCALAR
    for (int i = 0; i < ALL; i++)
        canvas[i] = plate[i] >> 8 < 256 ? palette[plate[i] >> 8] : 0;
#else
    px_vl(ALL);
    px_vshr_vx(sums, plate, 8);
    px_gather(canvas, palette, 256, sums);
#endif
}

int main(void)
{
    uint32_t *const canvas = CANVAS(WIDTH, HEIGHT);
    for (uint32_t i = 0; i < 256; i++)
        palette[i] = rgb(i < 128 ? 2 * i : 255,
                         i < 128             ? i
                         : 2 * i - 128 > 255 ? 255
                                             : 2 * i - 128,
                         i < 64    ? 64 - i
                         : i > 192 ? 4 * (i - 192)
                                   : 0);
    for (int i = 0; i < STEPS; i++) {
        keep_edges();
        step();
    }
    keep_edges();
    show(canvas);
    SHOW(canvas, WIDTH, HEIGHT);
    return 0;
}

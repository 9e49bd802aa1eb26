/* dragon.c - the dragon curve by recursion, each step in the colour of its time. */
/* px cc: --width 64 --stack 512 --heap 4096 */
#include "canvas.h"

enum { SIDE = 64, ORDER = 11 };

static uint32_t *canvas;
static int x = 22, y = 40, facing, drawn;

static void forward(void)
{
    static const signed char dx[4] = {1, 0, -1, 0}, dy[4] = {0, 1, 0, -1};
    const uint32_t t = (uint32_t)drawn++ >> 3;
    x += dx[facing & 3];
    y += dy[facing & 3];
    if (x >= 0 && x < SIDE && y >= 0 && y < SIDE)
        canvas[y * SIDE + x] = rgb(255 - t % 256, t % 256, 128 + ((uint32_t)facing & 3) * 40);
}

/* right: 1, left: -1 */
static void curve(int order, int turn)
{
    if (order == 0) {
        forward();
        return;
    }
    curve(order - 1, 1);
    facing += turn;
    curve(order - 1, -1);
}

int main(void)
{
    canvas = CANVAS(SIDE, SIDE);
    for (int i = 0; i < SIDE * SIDE; i++)
        canvas[i] = rgb(16, 16, 20);
    curve(ORDER, 1);
    SHOW(canvas, SIDE, SIDE);
    return 0;
}

/* julia.c - a Julia set in floating point, made by software: 8 bits of colour from how soon a point escapes. */
/* px cc: --width 64 --stack 256 --heap 1536 */
#include "canvas.h"

enum { WIDTH = 64, HEIGHT = 24, MOST = 9 };

static int escape(float x, float y)
{
    int n = 0;
    for (; n < MOST; n++) {
        const float xx = x * x, yy = y * y;
        if (xx + yy > 4.0f)
            break;
        y = 2.0f * x * y + 0.27015f;
        x = xx - yy - 0.7f;
    }
    return n;
}

int main(void)
{
    uint32_t *const canvas = CANVAS(WIDTH, HEIGHT);
    for (int row = 0; row < HEIGHT; row++)
        for (int column = 0; column < WIDTH; column++) {
            const float x = (float)(column - WIDTH / 2) * (3.2f / WIDTH),
                        y = (float)(row - HEIGHT / 2) * (2.0f / HEIGHT);
            const uint32_t n = (uint32_t)escape(x, y);
            canvas[row * WIDTH + column] = n == MOST ? rgb(8, 8, 24) : rgb(255 - 24 * n, 26 * n, 60 + 20 * n);
        }
    SHOW(canvas, WIDTH, HEIGHT);
    return 0;
}

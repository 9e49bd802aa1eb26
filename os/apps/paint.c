/* paint - a picture to draw on
 *
 * usage: paint
 *
 * The host must have a display, `px os --screen`, or the machine a screen. The
 * arrows move, the space bar draws, and so does the pointer's left button; its
 * right one draws black. 0 to 7 are colours, c makes all black, and q ends. One
 * program at a time has display, keyboard and pointer: who asks for them while
 * another has them is told so, with status 1. */
#include "os/apps/app.h"

enum { WIDTH = 64, HEIGHT = 40, MOST = 8, WHITE = 0xFFFFFF };

static uint32_t picture[HEIGHT][WIDTH];
static uint32_t x = WIDTH / 2, y = HEIGHT / 2, colour = WHITE;

/* Bits of 0 to 7: blue, green, red. A pixel has red in its low byte. */
static uint32_t colour_of(uint32_t digit)
{
    return (digit & 4 ? 0xFF : 0) | (digit & 2 ? 0xFF00 : 0) | (digit & 1 ? 0xFF0000 : 0);
}

static void clear(void)
{
    for (uint32_t i = 0; i < HEIGHT; i++)
        for (uint32_t k = 0; k < WIDTH; k++)
            picture[i][k] = 0;
}

/* False: it is the last one. */
static bool press(uint32_t key)
{
    if (key == PXH_KEY_LEFT && x > 0)
        x--;
    else if (key == PXH_KEY_RIGHT && x < WIDTH - 1)
        x++;
    else if (key == PXH_KEY_UP && y > 0)
        y--;
    else if (key == PXH_KEY_DOWN && y < HEIGHT - 1)
        y++;
    else if (key == ' ')
        picture[y][x] = colour;
    else if (key >= '0' && key <= '7')
        colour = colour_of(key - '0');
    else if (key == 'c')
        clear();
    return key != 'q';
}

static void point(uint32_t place, uint32_t buttons)
{
    const uint32_t to_x = place >> 16, to_y = place & 0xFFFF;
    if (buttons == 0 || to_x >= WIDTH || to_y >= HEIGHT)
        return;
    x = to_x;
    y = to_y;
    picture[y][x] = (buttons & 1) != 0 ? colour : 0;
}

static bool take(const pxo_event *e)
{
    if (e->kind == PXH_EVENT_POINTER)
        point(e->a, e->b);
    return e->kind != PXH_EVENT_KEY || e->b == 0 || press(e->a);
}

int main(int argc, char **argv)
{
    pxo_event events[MOST];
    if (asks_help(argc, argv))
        return 0;
    if (argc > 1)
        return usage();
    if (failed("paint", "keyboard", pxo_keyboard(true)) || failed("paint", "pointer", pxo_pointer(true)))
        return 1;
    for (bool goes_on = true; goes_on;) {
        if (failed("paint", "display", pxo_display(picture[0], WIDTH, HEIGHT)))
            return 1;
        const int32_t count = pxo_wait_events(events, MOST, 0);
        for (int32_t i = 0; i < count && goes_on; i++)
            goes_on = take(&events[i]);
    }
    return 0;
}

/* maze.c - a maze dug from cell to cell, and the way through it by a queue; the further from the entrance, the bluer.
 */
/* px cc: --width 64 --stack 256 --heap 3072 */
#include "canvas.h"

enum { WIDTH = 64, HEIGHT = 48, COLUMNS = 31, ROWS = 23 };

static uint32_t *canvas, seed = 2463534242u;
static unsigned short distance[WIDTH * HEIGHT], queue[WIDTH * HEIGHT];
static const int steps[4] = {1, -1, WIDTH, -WIDTH};

static uint32_t chance(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 17;
    return seed ^= seed << 5;
}

static int place(int x, int y) { return (2 * y + 1) * WIDTH + 2 * x + 1; }

/* From the newest cell that has a neighbour left; the cells on the way to it are a stack. */
static void dig(void)
{
    static const signed char dx[4] = {1, -1, 0, 0}, dy[4] = {0, 0, 1, -1};
    int depth = 0;
    queue[0] = 0;
    canvas[place(0, 0)] = rgb(255, 255, 255);
    while (depth >= 0) {
        const int x = queue[depth] % COLUMNS, y = queue[depth] / COLUMNS;
        const uint32_t first = chance() >> 9, turn = chance() & 8 ? 1 : 3;
        int found = 0;
        for (uint32_t i = 0; i < 4 && !found; i++) {
            const uint32_t way = (first + i * turn) & 3;
            const int nx = x + dx[way], ny = y + dy[way];
            if (nx < 0 || ny < 0 || nx >= COLUMNS || ny >= ROWS || canvas[place(nx, ny)] != rgb(32, 24, 40))
                continue;
            canvas[place(x, y) + steps[way]] = canvas[place(nx, ny)] = rgb(255, 255, 255);
            queue[++depth] = (unsigned short)(ny * COLUMNS + nx);
            found = 1;
        }
        depth -= !found;
    }
}

static void flood(int from)
{
    unsigned head = 0, tail = 0;
    distance[from] = 1;
    queue[tail++] = (unsigned short)from;
    while (head < tail) {
        const int at = queue[head++];
        for (int way = 0; way < 4; way++) {
            const int next = at + steps[way];
            if (canvas[next] != rgb(255, 255, 255) || distance[next] != 0)
                continue;
            distance[next] = (unsigned short)(distance[at] + 1);
            queue[tail++] = (unsigned short)next;
        }
    }
}

static void walk_back(int at)
{
    while (distance[at] > 1) {
        canvas[at] = rgb(255, 40, 40);
        for (int way = 0; way < 4; way++)
            if (distance[at + steps[way]] == distance[at] - 1) {
                at += steps[way];
                break;
            }
    }
    canvas[at] = rgb(255, 40, 40);
}

int main(void)
{
    canvas = CANVAS(WIDTH, HEIGHT);
    for (int i = 0; i < WIDTH * HEIGHT; i++)
        canvas[i] = rgb(32, 24, 40);
    dig();
    flood(place(0, 0));
    for (int i = 0; i < WIDTH * HEIGHT; i++)
        if (distance[i] != 0)
            canvas[i] = rgb(240 - distance[i] * 200u / 1500, 250 - distance[i] * 120u / 1500, 255);
    walk_back(place(COLUMNS - 1, ROWS - 1));
    SHOW(canvas, WIDTH, HEIGHT);
    return 0;
}

/* sorts.c - four ways to sort the same row, through a table of functions: a line of the picture whenever 24 exchanges
 * are done. */
/* px cc: --width 64 --stack 256 --heap 4096 */
#include "canvas.h"

enum { SIZE = 64, LINES = 16, EACH = 24 };

static uint32_t *line, *end;
static unsigned char row[SIZE];
static int exchanges;

static void draw(void)
{
    if (line == end)
        return;
    for (int i = 0; i < SIZE; i++)
        *line++ = rgb(row[i] * 4u, 255 - row[i] * 3u, 90 + row[i] * 2u);
}

static void exchange(int a, int b)
{
    const unsigned char kept = row[a];
    row[a] = row[b];
    row[b] = kept;
    if (++exchanges % EACH == 0)
        draw();
}

static void bubble(void)
{
    for (int last = SIZE - 1; last > 0; last--)
        for (int i = 0; i < last; i++)
            if (row[i] > row[i + 1])
                exchange(i, i + 1);
}

static void shell(void)
{
    for (int gap = SIZE / 2; gap > 0; gap /= 2)
        for (int i = gap; i < SIZE; i++)
            for (int j = i; j >= gap && row[j - gap] > row[j]; j -= gap)
                exchange(j - gap, j);
}

static void quick_part(int low, int high)
{
    if (low >= high)
        return;
    int place = low;
    for (int i = low; i < high; i++)
        if (row[i] < row[high])
            exchange(i, place++);
    exchange(place, high);
    quick_part(low, place - 1);
    quick_part(place + 1, high);
}

static void quick(void) { quick_part(0, SIZE - 1); }

static void heap(void)
{
    for (int start = SIZE / 2, last = SIZE; last > 1;) {
        if (start > 0)
            start--;
        else
            exchange(0, --last);
        for (int at = start, child; (child = 2 * at + 1) < last; at = child) {
            if (child + 1 < last && row[child] < row[child + 1])
                child++;
            if (row[at] >= row[child])
                break;
            exchange(at, child);
        }
    }
}

int main(void)
{
    static void (*const ways[])(void) = {bubble, shell, quick, heap};
    uint32_t *const canvas = CANVAS(SIZE, SIZE);
    for (int way = 0; way < 4; way++) {
        line = canvas + way * LINES * SIZE;
        end = line + LINES * SIZE;
        exchanges = 0;
        for (int i = 0; i < SIZE; i++)
            row[i] = (unsigned char)(i * 37 % SIZE);
        draw();
        ways[way]();
        while (line != end)
            draw();
    }
    SHOW(canvas, SIZE, SIZE);
    return 0;
}

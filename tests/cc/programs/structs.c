/* structs.c - structs by value, in arrays, nested, with bit-fields of both signs; unions; copies. */
#include "tests/cc/say.h"

typedef struct point {
    short x, y;
    signed char z;
} point;

typedef struct box {
    point low, high;
    struct {
        unsigned colour : 5, kind : 3;
        int depth : 7;
        unsigned long long id : 40;
    } flags;
    char name[11];
} box;

typedef union word {
    uint32_t u;
    float f;
    struct {
        uint8_t r, g, b, a;
    } c;
    int16_t h[2];
} word;

static point middle(point a, point b)
{
    return (point){(short)((a.x + b.x) / 2), (short)((a.y + b.y) / 2), (signed char)((a.z + b.z) / 2)};
}

static box grown(box b, int by)
{
    b.low.x = (short)(b.low.x - by);
    b.high.y = (short)(b.high.y + by);
    b.flags.colour += 3;
    b.flags.depth -= by;
    b.flags.id = b.flags.id * 5 + 1;
    b.name[by % 11] = (char)('A' + by % 26);
    return b;
}

static box boxes[40];

int main(void)
{
    uint32_t sum = 0;
    for (int i = 0; i < 40; i++) {
        boxes[i] = (box){
            .low = {(short)i, (short)-i, 1}, .high = {(short)(i * 3), 100, -5}, .flags = {7, 5, -i, 99}, .name = "box"};
        for (int k = 0; k < 6; k++)
            boxes[i] = grown(boxes[i], i + k);
    }
    for (int i = 1; i < 40; i++) {
        box kept = boxes[i];
        boxes[i] = boxes[i - 1];
        boxes[i - 1] = kept;
        boxes[i].low = middle(boxes[i].low, boxes[i - 1].high);
    }
    for (int i = 0; i < 40; i++) {
        const box *b = &boxes[i];
        sum = mixed(sum, (uint32_t)(b->low.x * 3 + b->low.y * 5 + b->low.z + b->high.x + b->high.y));
        sum = mixed(sum, b->flags.colour * 64u + b->flags.kind + (uint32_t)b->flags.depth);
        sum = mixed(sum, (uint32_t)b->flags.id ^ (uint32_t)(b->flags.id >> 32));
        for (int k = 0; k < 11; k++)
            sum = mixed(sum, (unsigned char)b->name[k]);
    }
    word w = {.f = 1.5f};
    w.c.r = 7;
    w.h[1] = (int16_t)(w.h[1] - 3);
    say("%x %x %d %u\n", sum, w.u, w.h[1], (unsigned)sizeof(point));
    return 0;
}

/* memory.c - memcpy, memmove, memset and memcmp at all alignments, lengths and overlaps, and long; against loops of
 * bytes. */
#include <stdio.h>
#include <string.h>

#ifdef __riscv
#include "px.h"
#else
#define px_vl(n)    ((void)0)
#define px_get_vl() 7
#endif

enum { ROOM = 2400 };
static unsigned char got[ROOM], wanted[ROOM], other[ROOM];
static int wrong;
static int room = 160; /* bytes that are looked at */

static void prepare(unsigned seed)
{
    for (int i = 0; i < room; i++) {
        got[i] = wanted[i] = (unsigned char)(i * 7 + (int)seed + (i >> 5));
        other[i] = (unsigned char)(i * 13 + 5);
    }
}

static void check(const char *what, int x, int y, int length)
{
    for (int i = 0; i < room; i++)
        if (got[i] != wanted[i]) {
            if (wrong++ < 5)
                printf("%s to %d from %d of %d: byte %d is %d, not %d\n", what, x, y, length, i, got[i], wanted[i]);
            return;
        }
}

static void copies(int length)
{
    for (int x = 0; x < 4; x++)
        for (int y = 0; y < 4; y++) {
            prepare((unsigned)length);
            for (int i = 0; i < length; i++)
                wanted[40 + x + i] = other[8 + y + i];
            memcpy(got + 40 + x, other + 8 + y, (size_t)length);
            check("memcpy", x, y, length);
        }
}

static void moves(int length, int low, int high)
{
    for (int x = 0; x < 4; x++)
        for (int by = low; by <= high; by += room == ROOM ? 7 : 1) {
            const int from = (room == ROOM ? 400 : 40) + x, to = from + by;
            prepare((unsigned)by);
            for (int i = 0; i < length; i++)
                wanted[to + i] = got[from + i];
            memmove(got + to, got + from, (size_t)length);
            check("memmove", to, from, length);
        }
}

static void sets(int length)
{
    for (int x = 0; x < 4; x++) {
        prepare(9);
        for (int i = 0; i < length; i++)
            wanted[20 + x + i] = 0xA5;
        memset(got + 20 + x, 0x7A5, (size_t)length);
        check("memset", x, 0, length);
    }
}

static int sign(int x) { return (x > 0) - (x < 0); }

static void comparisons(int length)
{
    for (int x = 0; x < 4; x++)
        for (int y = 0; y < 4; y++)
            for (int at = -1; at<length; at += length> 70 ? 61 : 5) {
                for (int i = 0; i < length; i++)
                    got[40 + x + i] = other[40 + y + i] = (unsigned char)(i * 3);
                if (at >= 0)
                    other[40 + y + at] ^= 0x81;
                const int first = at < 0 ? 0 : got[40 + x + at] - other[40 + y + at];
                if (sign(memcmp(got + 40 + x, other + 40 + y, (size_t)length)) != sign(first) && wrong++ < 5)
                    printf("memcmp %d %d of %d, different at %d\n", x, y, length, at);
            }
}

typedef struct block {
    int words[40];
    char rest[3];
} block;

int main(void)
{
    px_vl(7);
    for (int length = 0; length < 68; length++) {
        copies(length);
        moves(length, -12, 12);
        sets(length);
        comparisons(length);
    }
    room = ROOM;
    static const int lengths[] = {127, 260, 1001, 1500};
    for (unsigned i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        copies(lengths[i]);
        moves(lengths[i], -36, 36);
        sets(lengths[i]);
        comparisons(lengths[i]);
    }
    moves(300, -200, -190);
    moves(300, 129, 135);
    block one = {{1, 2, 3}, "ab"}, two;
    two = one;
    block three = two;
    printf("%d wrong, %d %s %u\n", wrong, three.words[2], three.rest, (unsigned)px_get_vl());
    return wrong != 0;
}

/* calls.c - static functions with many arguments of every kind, which compilers may pass as they like; tail calls both
 * ways; calls through pointers, which they may not. */
#include "tests/cc/say.h"

typedef struct pair {
    int a;
    char b;
} pair;
typedef struct large {
    int v[6];
} large;

#define NOINLINE static __attribute__((noinline))

NOINLINE int sixteen(int a, int b, int c, int d, int e, int f, int g, int h, int i, int j, int k, int l, int m, int n,
                     int o, int p)
{
    return a - 2 * b + 3 * c - 4 * d + 5 * e - 6 * f + 7 * g - 8 * h + 9 * i - 10 * j + 11 * k - 12 * l + 13 * m -
           14 * n + 15 * o - 16 * p;
}

NOINLINE uint64_t mixed_up(char a, uint64_t b, short c, double d, int e, pair f, uint64_t g, float h, large i,
                           int64_t j, unsigned char k, pair l, double m, int n, uint64_t o, int p)
{
    return (uint64_t)(a + c + e) * b + g * (uint64_t)f.a + (uint64_t)j + (uint64_t)(int)(d * 4) +
           (uint64_t)(int)(h * 8) + (uint64_t)(i.v[0] + i.v[5]) + k * o + (uint64_t)(l.b + f.b) + (uint64_t)(int)m +
           (uint64_t)(n - p);
}

NOINLINE large returned(int seed, large by)
{
    for (int i = 0; i < 6; i++)
        by.v[i] = by.v[i] * seed + i;
    return by;
}

NOINLINE pair small(pair x, int by) { return (pair){x.a * by, (char)(x.b + by)}; }
NOINLINE uint64_t wide(int a, uint64_t b) { return b << a | b >> (64 - a); }

/* Tail calls: from few arguments to many, and back. */
NOINLINE int many(int n, int a, int b, int c, int d, int e, int f, int g, int h, int sum);
NOINLINE int few(int n, int sum) { return n == 0 ? sum : many(n - 1, n, n + 1, n + 2, 3, 4, 5, 6, n * 7, sum ^ n); }
NOINLINE int many(int n, int a, int b, int c, int d, int e, int f, int g, int h, int sum)
{
    return few(n, sum * 3 + a - b + c * d - e + f * g - h);
}

static uint64_t (*volatile pointed)(char, uint64_t, short, double, int, pair, uint64_t, float, large, int64_t,
                                    unsigned char, pair, double, int, uint64_t, int) = mixed_up;
static int (*volatile back)(int, int) = few;

int main(void)
{
    const large start = {{1, 2, 3, 4, 5, 6}};
    uint64_t sum = 0;
    for (int i = 0; i < 50; i++) {
        sum = sum * 7 + (uint64_t)sixteen(i, 1, i * 2, 3, 4, i, 6, 7, i - 8, 9, 10, i, 12, 13, 14, i * 15);
        sum += mixed_up((char)i, 1000 + sum, (short)-i, i * 0.25, 5, (pair){i, 7}, 3, 1.5f, start, -9, 200,
                        (pair){8, 9}, -2.75, i, sum, 16);
        sum ^= pointed((char)i, sum, 3, 2.5, i, (pair){3, 4}, sum, 0.125f, start, i, 6, (pair){7, 8}, 9.0, 10, 11, i);
        const large l = returned(i, start);
        sum += (uint64_t)(l.v[3] * l.v[5]) + wide(1 + i, sum);
        sum += (uint64_t)small((pair){i, 3}, 5).a + (uint64_t)small((pair){1, (char)i}, 2).b;
    }
    say("%q %d %d %d\n", sum, few(100, 1), back(77, 5), returned(3, returned(2, start)).v[4]);
    return 0;
}

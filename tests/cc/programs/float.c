/* float.c - floating point: a matrix inverted, a series summed, an equation solved; every result by its bits. */
#include "tests/cc/say.h"

enum { SIZE = 12 };
static double a[SIZE][2 * SIZE];

static uint64_t bits(double x)
{
    union {
        double d;
        uint64_t u;
    } both = {.d = x};
    return both.u;
}

static uint32_t bits_single(float x)
{
    union {
        float f;
        uint32_t u;
    } both = {.f = x};
    return both.u;
}

static void invert(void)
{
    for (int i = 0; i < SIZE; i++)
        for (int j = 0; j < SIZE; j++) {
            a[i][j] = 1.0 / (i + j + 1) + (i == j);
            a[i][SIZE + j] = i == j;
        }
    for (int k = 0; k < SIZE; k++) {
        const double pivot = a[k][k];
        for (int j = 0; j < 2 * SIZE; j++)
            a[k][j] = a[k][j] / pivot;
        for (int i = 0; i < SIZE; i++) {
            const double factor = a[i][k];
            for (int j = 0; i != k && j < 2 * SIZE; j++)
                a[i][j] = a[i][j] - factor * a[k][j];
        }
    }
}

static double root(double x)
{
    double guess = x > 1 ? x / 2 : 1;
    for (int i = 0; i < 40; i++)
        guess = (guess + x / guess) / 2;
    return guess;
}

int main(void)
{
    uint32_t sum = 0;
    double series = 0;
    float single = 0;
    invert();
    for (int i = 0; i < SIZE; i++)
        for (int j = 0; j < SIZE; j++)
            sum = mixed(sum, (uint32_t)(bits(a[i][SIZE + j]) >> 20));
    for (int i = 1; i < 800; i++) {
        series += (i & 1 ? 4.0 : -4.0) / (2 * i - 1);
        single = single * 0.875f + (float)i / 3.0f;
    }
    say("%x %q %x %q %q\n", sum, bits(series), bits_single(single), bits(root(2)), bits(root(1e300)));
    say("%d %d %u %d %d\n", (int)-2.75, (int)series, (unsigned)3e9, (int)(float)16777217, series > 3.14);
    say("%q %q %q\n", bits((double)(int64_t)-123456789012345), bits((double)UINT32_MAX), (uint64_t)(int64_t)-1.5e15);
    return 0;
}

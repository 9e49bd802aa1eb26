/* numbers.c - 64 bits, divisions, shifts at their corners, floating point. */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>

static const int64_t values[] = {0,         1,         -1,           2, -2, 10, 0x7FFFFFFF, -0x80000000LL, 0xFFFFFFFF,
                                 1LL << 40, INT64_MAX, INT64_MIN + 1};
enum { COUNT = sizeof values / sizeof *values };

static int64_t shifted(int64_t x, unsigned by)
{
    return (x << (by & 31)) ^ (x >> (by & 63)) ^ (int64_t)((uint64_t)x >> (by & 63));
}

int main(void)
{
    int64_t sum = 0;
    for (int i = 0; i < COUNT; i++)
        for (int k = 0; k < COUNT; k++) {
            const int64_t a = values[i], b = values[k];
            const int32_t c = (int32_t)a, d = (int32_t)b;
            sum = sum * 31 + (int64_t)((uint64_t)a * (uint64_t)b);
            if (b != 0)
                sum += a / b * 3 + a % b + (int64_t)((uint64_t)a / (uint64_t)b) + (int64_t)((uint64_t)a % (uint64_t)b);
            if (d != 0 && !(c == INT32_MIN && d == -1))
                sum += c / d - c % d + (uint32_t)c / (uint32_t)d + (uint32_t)c % (uint32_t)d;
            sum ^= ((int64_t)c * d) >> 32;
            sum += (int64_t)((uint64_t)(uint32_t)c * (uint32_t)d >> 32);
            sum += ((int64_t)c * (int64_t)(uint32_t)d) >> 32;
            sum ^= shifted(a >> 8, (unsigned)k * 5);
            sum += (a < b) + 2 * ((uint64_t)a < (uint64_t)b) + 4 * (a == b);
        }
    printf("%" PRId64 "\n", sum);
    double x = 1;
    float f = 0;
    for (int i = 1; i < 30; i++) {
        x = x * 1.25 + 1.0 / i;
        f += (float)x / (float)(i * i);
        printf("%d %.9f %.6f %d %u\n", i, x, (double)f, (int)x - i, (unsigned)(x * 3));
    }
    return 0;
}

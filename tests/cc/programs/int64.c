/* int64.c - 64-bit arithmetic: products, quotients, shifts by variable amounts, comparisons; powers modulo a prime. */
#include "tests/cc/say.h"

static uint64_t power(uint64_t base, uint32_t exponent, uint64_t modulus)
{
    uint64_t result = 1;
    for (base %= modulus; exponent > 0; exponent >>= 1) {
        if (exponent & 1)
            result = result * base % modulus;
        base = base * base % modulus;
    }
    return result;
}

static uint64_t wide(void) { return (uint64_t)chance() << 32 | chance(); }

int main(void)
{
    uint64_t sum = 0;
    for (int i = 0; i < 300; i++) {
        const uint64_t x = wide(), y = wide() >> (i & 63);
        const int64_t sx = (int64_t)x, sy = (int64_t)y;
        sum = sum * 31 + x * y + (x << (i & 63)) + (x >> (y & 63)) + (uint64_t)(sx >> (i & 63));
        sum += (x < y) + 2 * (sx < sy) + 4 * (sx == sy) + (sx > -sy ? 8 : 0);
        if (y != 0) {
            sum ^= x / y;
            sum += x % y;
            if (sy != -1) {
                sum ^= (uint64_t)(sx / sy);
                sum += (uint64_t)(sx % sy);
            }
        }
    }
    say("%q\n", sum);
    say("%q %q\n", power(3, 1000003, 4294967291u), power(7, 0xFFFFFFFFu, 2147483647));
    say("%q %q\n", (uint64_t)(INT64_MIN / 3), (uint64_t)(INT64_MIN % 1000));
    return 0;
}

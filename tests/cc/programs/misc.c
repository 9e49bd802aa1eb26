/* misc.c - variable arguments, arrays of variable length, compound literals, bit tricks, string tables. */
#include "tests/cc/say.h"

static int total(int count, ...)
{
    va_list list, again;
    int sum = 0;
    va_start(list, count);
    va_copy(again, list);
    for (int i = 0; i < count; i++)
        sum += va_arg(list, int) * (i + 1);
    for (int i = 0; i < count; i++)
        sum -= va_arg(again, int);
    va_end(again);
    va_end(list);
    return sum;
}

static uint64_t wide_total(int count, ...)
{
    va_list list;
    uint64_t sum = 0;
    va_start(list, count);
    for (int i = 0; i < count; i++)
        sum = sum * 3 + (i & 1 ? va_arg(list, uint64_t) : (uint64_t)va_arg(list, int));
    va_end(list);
    return sum;
}

static uint32_t variable(int count)
{
    int row[count], square[count][3];
    for (int i = 0; i < count; i++) {
        row[i] = i * i;
        for (int j = 0; j < 3; j++)
            square[i][j] = row[i] + j;
    }
    uint32_t sum = sizeof row + sizeof square;
    for (int i = count - 1; i >= 0; i--)
        sum = mixed(sum, (uint32_t)(square[i][i % 3] + row[count - 1 - i]));
    return sum;
}

static uint32_t bit_work(uint32_t x)
{
    uint32_t sum = (uint32_t)__builtin_popcount(x) + 64u * (uint32_t)__builtin_parity(x);
    sum = mixed(sum, x == 0 ? 32u : (uint32_t)__builtin_clz(x));
    sum = mixed(sum, x == 0 ? 32u : (uint32_t)__builtin_ctz(x));
    sum = mixed(sum, __builtin_bswap32(x));
    sum = mixed(sum, x << (x & 31) | x >> (-x & 31));
    return mixed(sum, x & -x) ^ (uint16_t)(x * 3) ^ (uint32_t)(int8_t)x;
}

int main(void)
{
    uint32_t sum = 0;
    for (int i = 1; i < 40; i++)
        sum = mixed(sum, variable(i));
    for (int i = 0; i < 200; i++)
        sum = mixed(sum, bit_work(i < 3 ? (uint32_t)i : chance()));
    const int *literal = (int[]){1, -2, [5] = 7};
    say("%d %d %q %x\n", total(3, 10, 20, 30), total(12, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12),
        wide_total(4, -1, UINT64_C(0x123456789ABCDEF0), 7, UINT64_C(1) << 63), sum);
    say("%d %d %s\n", literal[1] + literal[5], literal[3], (const char *[]){"zero", "one", "two"}[literal[0]]);
    return 0;
}

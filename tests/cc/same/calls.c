/* calls.c - many arguments, calls by pointers, callbacks, varargs, tail calls, recursion, setjmp, frames of all sizes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct big {
    int32_t a[7];
    int64_t b;
    double c;
} big;

static __attribute__((noinline)) int64_t many(int a, int64_t b, double c, big d, int e, int f, int g, int64_t h, int i,
                                              int j, int k, int l, int64_t m, int n, int o, int p)
{
    return a + 2 * b + (int64_t)(3 * c) + d.a[3] + d.b + 5 * e + 6 * f + 7 * g + 8 * h + 9 * i + 10 * j + 11 * k +
           12 * l + 13 * m + 14 * n + 15 * o + 16 * p;
}

static __attribute__((noinline)) int all_words(int a, int b, int c, int d, int e, int f, int g, int h, int i, int j,
                                               int k, int l, int m)
{
    return ((((((((((((a * 3 + b) * 3 + c) * 3 + d) * 3 + e) * 3 + f) * 3 + g) * 3 + h) * 3 + i) * 3 + j) * 3 + k) * 3 +
             l) *
                3 +
            m);
}

static __attribute__((noinline)) big make(int x)
{
    big b = {{x, x + 1, x + 2, x + 3, x + 4, x + 5, x + 6}, x * 100000LL * 100000, x / 7.0};
    return b;
}

static int even(int n);
static __attribute__((noinline)) int odd(int n) { return n == 0 ? 0 : even(n - 1); }
static __attribute__((noinline)) int even(int n) { return n == 0 ? 1 : odd(n - 1); }

static int compare(const void *a, const void *b)
{
    const int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
    return (x > y) - (x < y);
}

static int sum(int count, ...)
{
    va_list list;
    va_start(list, count);
    int s = 0;
    for (int i = 0; i < count; i++)
        s += i % 3 == 2 ? (int)va_arg(list, double) : i % 3 == 1 ? (int)va_arg(list, long long) : va_arg(list, int);
    va_end(list);
    return s;
}

static int add(int a, int b) { return a + b; }
static int sub(int a, int b) { return a - b; }
static int mul(int a, int b) { return a * b; }
static int (*const operation[])(int, int) = {add, sub, mul};

static jmp_buf back;
static __attribute__((noinline)) void deep(int n)
{
    volatile char frame[100];
    frame[n % 100] = (char)n;
    if (n == 0)
        longjmp(back, 42);
    deep(n - 1);
    frame[0]++;
}

#define FRAME(size)                                                                                                    \
    static __attribute__((noinline)) int frame_##size(int n)                                                           \
    {                                                                                                                  \
        volatile unsigned char room[size];                                                                             \
        for (int i = 0; i < size; i += 1 + size / 16)                                                                  \
            room[i] = (unsigned char)(i + n);                                                                          \
        int s = 0;                                                                                                     \
        for (int i = 0; i < size; i += 1 + size / 16)                                                                  \
            s = s * 3 + room[i];                                                                                       \
        return s;                                                                                                      \
    }
FRAME(16)
FRAME(508)
FRAME(512)
FRAME(2032)
FRAME(2048)
FRAME(4096)
FRAME(9000)

static __attribute__((noinline)) int variable(int n)
{
    int s = 0;
    for (int i = 1; i < n; i++) {
        int32_t *room = __builtin_alloca((size_t)i * 4);
        int32_t other[i];
        for (int k = 0; k < i; k++)
            room[k] = other[k] = k * i;
        s += room[i / 2] + other[i - 1];
    }
    return s;
}

static int ackermann(int m, int n)
{
    return m == 0 ? n + 1 : n == 0 ? ackermann(m - 1, 1) : ackermann(m - 1, ackermann(m, n - 1));
}

int main(void)
{
    const big b = make(9);
    printf("%lld %d\n", (long long)many(1, -2, 3.5, b, 4, 5, 6, 7LL << 33, 8, 9, 10, 11, -12, 13, 14, 15),
           all_words(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13));
    printf("%d %d %d\n", even(200), odd(201), ackermann(2, 6));
    int32_t numbers[200];
    uint32_t x = 3;
    for (int i = 0; i < 200; i++)
        numbers[i] = (int32_t)(x = x * 1664525 + 1013904223);
    qsort(numbers, 200, sizeof *numbers, compare);
    int sorted = 1;
    for (int i = 1; i < 200; i++)
        sorted &= numbers[i - 1] <= numbers[i];
    printf("%d %d %d\n", sorted, (int)numbers[0], sum(9, 1, 2LL, 3.5, 4, 5LL, 6.5, 7, 8LL, 9.5));
    int value = 5;
    for (int i = 0; i < 12; i++)
        value = operation[(unsigned)(value ^ i) % 3](value, i + 2);
    printf("%d\n", value);
    volatile int times = 0;
    const int got = setjmp(back);
    if (got == 0)
        deep(20);
    times++;
    printf("%d %d\n", got, times);
    printf("%d %d %d %d %d %d %d\n", frame_16(1), frame_508(2), frame_512(3), frame_2032(4), frame_2048(5),
           frame_4096(6), frame_9000(7));
    printf("%d\n", variable(30));
    return 0;
}

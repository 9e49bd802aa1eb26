/* vector.c - the machine's vector instructions against loops in C, with copies, sums and saxpy. Only RISC-V has them.
 */
#include "tests/cc/say.h"

enum { SIZE = 1024 };
static int x[SIZE], y[SIZE], z[SIZE];

static __attribute__((noinline)) void saxpy(int *to, const int *a, const int *b, int factor, int count)
{
    for (int i = 0; i < count; i++)
        to[i] = a[i] * factor + b[i];
}

static __attribute__((noinline)) void saxpy_vector(int *to, const int *a, const int *b, int factor, int count)
{
    px_vl((uint32_t)count);
    px_vmul_vx(to, a, (uint32_t)factor);
    px_vadd_vv(to, to, b);
}

static __attribute__((noinline)) int total(const int *a, int count)
{
    int sum = 0;
    for (int i = 0; i < count; i++)
        sum += a[i];
    return sum;
}

static __attribute__((noinline)) int total_vector(const int *a, int count)
{
    px_vl((uint32_t)count);
    return (int)px_sum(a);
}

static uint32_t check(const int *a, int count)
{
    uint32_t sum = 0;
    for (int i = 0; i < count; i++)
        sum = mixed(sum, (uint32_t)a[i]);
    return sum;
}

int main(void)
{
    for (int i = 0; i < SIZE; i++) {
        x[i] = (int)chance();
        y[i] = i * i - 7;
    }
    for (int count = 4; count <= SIZE; count *= 4) {
        saxpy(z, x, y, count - 77, count);
        const uint32_t one = check(z, count);
        saxpy_vector(z, x, y, count - 77, count);
        say("%d %d %d %d\n", count, one == check(z, count), total(z, count) == total_vector(z, count), px_rmin(z) < 0);
    }
    px_vl(SIZE);
    px_iota(z, 5, 3);
    say("%u %d %u\n", px_get_vl(), z[SIZE - 1], px_argmax(z));
    return 0;
}

/* model.c - whether px.h hands each operand to the right place: instructions that tell their operands apart, against
 * loops in C. What every instruction computes is the business of wrappers.c. */
#include "tests/cc/say.h"

enum { N = 20 };
static int a[64], b[64], c[64], d[256], want[256];
static int wrong;

static void prepare(void)
{
    for (int i = 0; i < 64; i++) {
        a[i] = (int)chance() >> 20;
        b[i] = (int)chance() >> 20;
        c[i] = (int)(chance() % 30);
    }
    for (int i = 0; i < 256; i++)
        d[i] = want[i] = i * 3;
    px_vl(N);
}

static void check(const char *name, int got, int expected)
{
    int differ = got != expected;
    for (int i = 0; i < 256; i++)
        differ += d[i] != want[i];
    wrong += differ != 0;
    say("%s %s\n", name, differ == 0 ? "right" : "WRONG");
    prepare();
}

static int dot4(int x, int y)
{
    int sum = 0;
    for (int k = 0; k < 32; k += 8)
        sum += (signed char)(x >> k) * (signed char)(y >> k);
    return sum;
}

static void two_operands(void)
{
    px_vsub_vv(d + 5, a, b);
    for (int i = 0; i < N; i++)
        want[5 + i] = a[i] - b[i];
    check("vsub.vv", 0, 0);
    px_vsub_vx(d, a, 7);
    for (int i = 0; i < N; i++)
        want[i] = a[i] - 7;
    check("vsub.vx", 0, 0);
    px_iota(d, 5, 9);
    for (int i = 0; i < N; i++)
        want[i] = 5 + 9 * i;
    check("iota", 0, 0);
    px_select(d, a, c);
    for (int i = 0; i < N; i++)
        want[i] = c[i] != 0 ? a[i] : want[i];
    check("select", 0, 0);
}

static void moving(void)
{
    int total = 50, count = 0;
    const int got = (int)px_scanadd(d, a, 50);
    for (int i = 0; i < N; i++) {
        want[i] = total;
        total += a[i];
    }
    check("scanadd", got, total);
    const int packed = (int)(px_pack(d, a, c) - (px_pixel *)d);
    for (int i = 0; i < N; i++)
        if (c[i] != 0)
            want[count++] = a[i];
    check("pack", packed, count);
    px_copys(d, 3, a, 2);
    for (int i = 0; i < N; i++)
        want[3 * i] = a[2 * i];
    check("copys", 0, 0);
    px_gather(d, a, 25, c);
    for (int i = 0; i < N; i++)
        want[i] = c[i] < 25 ? a[c[i]] : 0;
    check("gather", 0, 0);
    px_scatadd(d, 25, b, c);
    for (int i = 0; i < N; i++)
        if (c[i] < 25)
            want[c[i]] += b[i];
    check("scatadd", 0, 0);
}

static void tensors(void)
{
    int sum = 1000;
    for (int i = 0; i < N; i++)
        sum += dot4(a[i], b[i]);
    check("vdot", (int)px_vdot(1000, a, b), sum);
    px_matmul(d, 11, a, 4, b, 5, 6, 10, 3);
    for (int m = 0; m < 6; m++)
        for (int n = 0; n < 10; n++)
            for (int k = 0; k < 3; k++)
                want[m * 11 + n] += dot4(a[m * 4 + k], b[n * 5 + k]);
    check("matmul", 0, 0);
    px_vl(9);
    px_req(d, a, 0x60000000, 2, 5);
    for (int i = 0; i < 9; i++) {
        uint32_t made = 0;
        for (int k = 0; k < 4; k++) {
            const int h = (int)((int64_t)a[4 * i + k] * 0x60000000 >> 32), q = (h >> 2) + (h >> 1 & 1) + 5;
            made |= ((uint32_t)(q < -128 ? -128 : q > 127 ? 127 : q) & 255) << (8 * k);
        }
        want[i] = (int)made;
    }
    check("req", 0, 0);
    for (int i = 0; i < 256; i++)
        d[i] = want[i] = (int)((unsigned)i * 0x01020305u);
    px_vl(N);
    int out[N], bad = 0;
    px_lut(out, a, d);
    for (int i = 0; i < N; i++) {
        uint32_t made = 0;
        for (int k = 0; k < 32; k += 8)
            made |= (uint32_t)d[a[i] >> k & 255] & 255u << k;
        bad += out[i] != (int)made;
    }
    check("lut", bad, 0);
}

int main(void)
{
    prepare();
    two_operands();
    moving();
    tensors();
    say("%d wrong\n", wrong);
    return wrong != 0;
}

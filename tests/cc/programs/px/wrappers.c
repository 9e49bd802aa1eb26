/* wrappers.c - every function of px.h on the same data; a line for each that is made of the pixels it leaves. What is
 * expected comes from the simulator's own model. wrappers.inc lists the regular ones, made from px.h. */
#include "tests/cc/say.h"

enum { SIZE = 48 };
static uint32_t area[4 * SIZE + 512], big[300];
static uint32_t *const a = area, *const b = area + SIZE, *const c = area + 2 * SIZE, *const d = area + 3 * SIZE;

static void prepare(void)
{
    chance_state = 4711;
    for (unsigned i = 0; i < sizeof area / sizeof *area; i++)
        area[i] = i % 5 == 0 ? i - 20 : i % 7 == 0 ? 0 : chance();
    for (unsigned i = 0; i < 300; i++)
        big[i] = i * 0x01030507u;
}

static void report(const char *name, uint32_t result)
{
    uint32_t sum = result;
    for (unsigned i = 0; i < sizeof area / sizeof *area; i++)
        sum = mixed(sum, area[i]);
    say("%s %x %x\n", name, sum, result);
}

/* A callee that changes vl, as any may. */
static __attribute__((noinline)) void other_length(void) { px_vl(3); }

#define VV(name)                                                                                                       \
    do {                                                                                                               \
        prepare();                                                                                                     \
        px_vl(29);                                                                                                     \
        name(a, b, c);                                                                                                 \
        name(b, b, c);                                                                                                 \
        name(c + 1, a, c + 1);                                                                                         \
        report(#name, 0);                                                                                              \
    } while (0);
#define VX(name)                                                                                                       \
    do {                                                                                                               \
        prepare();                                                                                                     \
        px_vl(31);                                                                                                     \
        name(a, b, 0x01FE0305);                                                                                        \
        name(c, c, 3);                                                                                                 \
        report(#name, 0);                                                                                              \
    } while (0);
#define FOLD(name)                                                                                                     \
    do {                                                                                                               \
        prepare();                                                                                                     \
        px_vl(37);                                                                                                     \
        report(#name, (uint32_t)name(a + 2));                                                                          \
        px_vl(0);                                                                                                      \
        report(#name, (uint32_t)name(a));                                                                              \
    } while (0);
#define SCAN(name)                                                                                                     \
    do {                                                                                                               \
        prepare();                                                                                                     \
        px_vl(40);                                                                                                     \
        report(#name, name(a, b, 99));                                                                                 \
        px_vl(0);                                                                                                      \
        report(#name, name(a, b, 99));                                                                                 \
    } while (0);

/* Groups while many other values are alive. */
static __attribute__((noinline)) void under_pressure(uint32_t p, uint32_t q, uint32_t r, uint32_t s, uint32_t t,
                                                     uint32_t u)
{
    uint32_t v[10];
    for (unsigned i = 0; i < 10; i++)
        v[i] = chance();
    prepare();
    for (unsigned i = 0; i < SIZE; i++)
        d[i] = i * 7 % (SIZE + 9);
    px_vl(20);
    px_copys(a, 2, b, 1);
    report("copys", p ^ v[0]);
    px_gather(a, b, SIZE, d);
    report("gather", q ^ v[1]);
    px_scatadd(b, SIZE - 5, a, d);
    report("scatadd", r ^ v[2]);
    px_matmul(big, 12, a, 4, b, 3, 5, 11, 3);
    for (unsigned i = 0; i < 60; i++)
        v[3] = mixed(v[3], big[i]);
    report("matmul", s ^ v[3]);
    px_vl(10);
    px_req(a, b, 0x40000000, 9, t & 7);
    report("req", t ^ v[4] ^ v[5]);
    px_lut(a, b, area + 4 * SIZE);
    report("lut", u ^ v[6] ^ v[7] ^ v[8] ^ v[9]);
}

int main(void)
{
#include "wrappers.inc"
    prepare();
    px_vl(33);
    px_fill(a, 77);
    px_iota(b, 5, 0xFFFFFFF9u);
    report("fill, iota", px_get_vl());
    uint32_t *const end = px_pack(d, a, c);
    report("pack", (uint32_t)(end - d));
    report("vdot", px_vdot(1000, b, c));
    px_blend(a, c);
    report("blend", 0);
    px_dot4_vx(a, b, 0x7F80FF01);
    report("dot4.vx", 0);
    under_pressure(1, 2, 3, 4, 5, 6);
    say("%d %d\n", px_min((uint32_t)-5, 3), px_max((uint32_t)-5, 3));

    /* scalar stores around vectors on the same memory, and a callee with another vl */
    prepare();
    a[3] = 1111;
    px_vl(8);
    px_vadd_vx(b, a, 1);
    b[3] += 5;
    other_length();
    px_vadd_vx(c, b, 10);
    c[2] = b[2];
    report("order", c[1] + c[3]);
    px_rgba colour[3] = {{1, 2, 3, 255}, {4, 5, 6, 0}, {7, 8, 9, 128}};
    px_badd_vx(colour, colour, 0x00010000);
    say("%u %u %u\n", colour[2].r, colour[2].g, colour[0].b);
    return 0;
}

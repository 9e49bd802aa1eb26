// lanes.cpp - px_alu, px_mul and px_lane_mul, Verilated alone, against the reference VM's arithmetic: every pair of
// bytes in each byte of a word for each byte function, and words from a list of corners and at random for each word function.
// TAP.
#include <cstdint>
#include <cstdio>

#include "Vpx_alu.h"
#include "Vpx_alu_ctl.h"
#include "Vpx_lane_mul.h"
#include "Vpx_mul.h"
#include <verilated.h>

extern "C" {
uint32_t px_word(unsigned fn, uint32_t x, uint32_t y);
uint32_t px_bytes(unsigned fn, uint32_t x, uint32_t y);
}

// pxi/isa.h is C only.
enum {
#define PXI_FN(set, id, number, text) PX_##set##_##id = number,
#include "pxi/isa.def"
};

enum { DOT4 = 0x24 }; // ALU_MUL of rtl/core/px_ops.vh

static VerilatedContext context;
static Vpx_alu alu(&context);
static Vpx_alu_ctl ctl(&context);
static Vpx_mul mul(&context);
static Vpx_lane_mul lane_mul(&context);
static int count, bad;

static void tick()
{
    mul.i_clk = 0;
    mul.eval();
    mul.i_clk = 1;
    mul.eval();
}

static uint32_t product(bool bytes, unsigned fn, uint32_t x, uint32_t y)
{
    mul.i_byte = bytes;
    mul.i_high = fn != PX_WORD_MUL;
    mul.i_signed = fn == PX_WORD_MULH;
    mul.i_x = x;
    mul.i_y = y;
    mul.i_start = 1;
    tick();
    mul.i_start = 0;
    for (int cycle = 0; cycle < 20 && !mul.o_done; cycle++)
        tick();
    return mul.o_done ? mul.o_r : ~px_word(fn, x, y);
}

// A product of a lane: four cycles from operands to result. px_lane adds nothing else to px_alu.
static uint32_t lane_product(unsigned op, uint32_t x, uint32_t y, uint32_t plus)
{
    lane_mul.i_op = static_cast<CData>(op);
    lane_mul.i_x = x;
    lane_mul.i_y = y;
    lane_mul.i_plus = plus;
    for (int cycle = 0; cycle < 3; cycle++) {
        lane_mul.i_clk = 0;
        lane_mul.eval();
        lane_mul.i_clk = 1;
        lane_mul.eval();
    }
    return lane_mul.o_r;
}

static uint32_t hardware(bool bytes, unsigned fn, uint32_t x, uint32_t y)
{
    const unsigned op = (bytes ? 16 : 0) | fn;
    ctl.i_on = 1;
    ctl.i_op = static_cast<CData>(op);
    ctl.eval();
    alu.i_on = 1;
    alu.i_ctl = ctl.o_ctl;
    alu.i_x = x;
    alu.i_y = y;
    alu.i_mul = 0;
    if (bytes ? fn == PX_BYTE_MULU : fn >= PX_WORD_MUL)
        alu.i_mul = product(bytes, fn, x, y);
    alu.eval();
    return alu.o_r;
}

static uint32_t random_word()
{
    static uint64_t state = 88172645463325252u;
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return static_cast<uint32_t>(state >> 16);
}

static bool agree(bool bytes, unsigned fn, uint32_t x, uint32_t y)
{
    const uint32_t want = bytes ? px_bytes(fn, x, y) : px_word(fn, x, y), got = hardware(bytes, fn, x, y);
    if (want != got)
        printf("# x 0x%08x, y 0x%08x: expected 0x%08x, got 0x%08x\n", x, y, want, got);
    if (want != got || !(bytes ? fn == PX_BYTE_MULU : fn >= PX_WORD_MUL))
        return want == got;
    const uint32_t plus = !bytes && fn == PX_WORD_MUL ? x ^ ~y : 0; // as IOTA uses it
    const uint32_t lane = lane_product((bytes ? 16 : 0) | fn, x, y, plus);
    if (want + plus != lane)
        printf("# a lane, x 0x%08x, y 0x%08x: expected 0x%08x, got 0x%08x\n", x, y, want + plus, lane);
    return want + plus == lane;
}

static void result(bool ok, const char *kind, const char *name)
{
    bad += !ok;
    printf("%s %d - %s %s\n", ok ? "ok" : "not ok", ++count, kind, name);
}

// Every pair of bytes in byte 0; what stands beside it differs, so that a carry that leaks is seen.
static void byte_function(const char *name, unsigned fn)
{
    bool ok = true;
    for (uint32_t pair = 0; pair < 65536 && ok; pair++) {
        const uint32_t x = pair & 255, y = pair >> 8;
        ok = agree(true, fn, x | y << 8 | (x ^ 255) << 16 | x << 24, y | x << 8 | y << 16 | (y ^ 255) << 24);
    }
    result(ok, "byte", name);
}

static void word_function(const char *name, unsigned fn)
{
    static const uint32_t corners[] = {0,          1,          2,          31,         32,         33,
                                       127,        128,        255,        256,        0x7FFF,     0x8000,
                                       0xFFFF,     0x10000,    0x7FFFFFFF, 0x80000000, 0x80000001, 0xFFFFFFFF,
                                       0xFFFFFF80, 0xFFFF8000, 0xFFFFFFFE, 0x55555555, 0xAAAAAAAA, 0x01010101};
    bool ok = true;
    for (uint32_t x : corners)
        for (uint32_t y : corners)
            ok = ok && agree(false, fn, x, y);
    for (int i = 0; i < 200000 && ok; i++)
        ok = agree(false, fn, random_word(), random_word() >> (i & 31));
    result(ok, "word", name);
}

// The sum of four products of signed bytes.
static uint32_t product_sum(uint32_t x, uint32_t y)
{
    int32_t sum = 0;
    for (int at = 0; at < 32; at += 8)
        sum += static_cast<int8_t>(x >> at) * static_cast<int8_t>(y >> at);
    return static_cast<uint32_t>(sum);
}

static void dot4()
{
    bool ok = true;
    for (int i = 0; i < 500000 && ok; i++) {
        const uint32_t pick = random_word(), x = i < 1000 && (pick & 1) ? 0x80808080 : random_word();
        const uint32_t y = i < 1000 && (pick & 2) ? 0x80808080 : random_word(), want = product_sum(x, y);
        mul.i_x = x;
        mul.i_y = ~y; // the first half of y comes from memory
        mul.i_m = static_cast<SData>(y);
        mul.i_clear = 1;
        mul.i_dot_a = 1;
        tick();
        mul.i_dot_a = 0;
        mul.i_dot_b = 1;
        mul.i_y = y;
        tick();
        mul.i_dot_b = 0;
        tick();
        mul.eval();
        const uint32_t lane = lane_product(DOT4, x, y, y);
        ok = mul.o_dot == want && lane == want;
        if (!ok)
            printf("# x 0x%08x, y 0x%08x: expected 0x%08x, got 0x%08x, a lane 0x%08x\n", x, y, want, mul.o_dot, lane);
    }
    result(ok, "dot4", "of random pixels");
}

int main()
{
    mul.i_rst = 1;
    tick();
    mul.i_rst = 0;
#define WORD(id, number)              word_function(#id, number);
#define BYTE(id, number)              byte_function(#id, number);
#define PXI_FN(set, id, number, text) set(id, number)
#include "pxi/isa.def"
    dot4();
    printf("1..%d\n", count);
    return bad != 0;
}

/* test_rtl_lanes.c - the core with four lanes against the reference VM: every vector instruction that lanes carry out,
 * or that shares their memory, at every alignment of its runs and every length up to two groups and one pixel.
 *
 * An alignment is a program of its own: lengths 0 to LONGEST into destinations side by side, then onto the sources.
 * Whatever is written beside a run is seen, because whole states are compared. */
#ifndef PX_HAVE_RTL
#include <stdio.h>
int main(void)
{
    puts("1..0 # SKIP built without Verilator");
    return 0;
}
#else
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "pxi/executor.h"
#include "pxi/isa.h"
#include "tests/unit/held.h"

enum {
    LANES = 4,
    LONGEST = 2 * LANES + 1,
    SIDE = 24,
    PIXELS = SIDE * SIDE,
    CODE = 5,
    SOURCE_S = 64,
    SOURCE_T = 96,
    ROOM = 16, /* between two destinations, whose alignment it keeps */
    DESTINATION = 128,
    LATE = PIXELS - 2 * ROOM, /* a last destination, which ends where the image does */
};
enum { R_LENGTH = 8, R_S = 10, R_T = 11, R_D = 16 }; /* R_D + length holds a destination, or what a sum is added to */

typedef struct program {
    px_state state;
    uint32_t at;
} program;

static uint32_t word(unsigned op, unsigned a, unsigned b, unsigned c) { return op | a << 8 | b << 16 | c << 24; }
static void put(program *p, uint32_t instruction) { p->state.mem[p->at++] = instruction; }

static uint32_t next_random(uint32_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed;
}

static void put_length(program *p, unsigned length)
{
    put(p, word(PX_OP_LI, R_LENGTH, length, 0));
    put(p, word(PX_OP_VL, 0, R_LENGTH, 0));
}

static void make(program *p, const px_opcode *op, unsigned d, unsigned s, unsigned t)
{
    uint32_t seed = 1 + d + 4 * s + 16 * t + 64u * op->number;
    assert_true(px_state_new(&p->state, PX_V1, SIDE, SIDE, NULL));
    for (uint32_t i = 0; i < PIXELS; i++) /* zeros and small words too: SELECT, PACK and shifts see more of them */
        p->state.mem[i] = next_random(&seed) >> (next_random(&seed) & 31) & (0u - (next_random(&seed) % 3 != 0));
    for (unsigned i = 0; i < 256; i++)
        p->state.reg[i] = next_random(&seed);
    p->state.reg[R_S] = SOURCE_S + s;
    p->state.reg[R_T] = SOURCE_T + t;
    for (unsigned length = 0; length <= LONGEST; length++)
        p->state.reg[R_D + length] = DESTINATION + ROOM * length + d;
    p->state.reg[R_D + LONGEST + 1] = LATE + ROOM + d;
    p->state.reg[R_D + LONGEST + 2] = t; /* before the sources, at the image's beginning */

    const bool writes = px_shape_of(op)->extent[0] != PX_EXTENT_NO;
    p->at = p->state.pc = CODE;
    for (unsigned length = 0; length <= LONGEST; length++) {
        put_length(p, length);
        put(p, word(op->number, R_D + length, R_S, R_T));
    }
    put_length(p, ROOM - d);
    put(p, word(op->number, R_D + LONGEST + 1, R_S, R_D + LONGEST + 2));
    if (writes && op->class != PX_CLASS_REDUCE && op->number != PX_OP_PACK) { /* where the rules allow it */
        put_length(p, LONGEST);
        put(p, word(op->number, R_S, R_S, R_T));
        put(p, word(op->number, R_T, R_S, R_T));
    }
    put(p, word(PX_OP_HALT, 0, 0, 0));
    assert_true(p->at <= SOURCE_S);
}

static void run(px_executor *x, px_state *state)
{
    px_error error = {0};
    px_stop stop;
    if (!held_load(x, state, &error) || !held_run(x, PX_NO_BUDGET, &stop, &error) || !held_read(x, state, &error))
        fail_msg("%s", error.text);
    if (stop.status != PX_HALTED)
        fail_msg("%s stopped at pc %u with cause %u, not at HALT", x->name, (unsigned)stop.pc, (unsigned)stop.cause);
}

static void check(px_executor *ref, px_executor *lanes, const px_opcode *op, unsigned d, unsigned s, unsigned t)
{
    char difference[256];
    program p;
    px_state found = {0};
    make(&p, op, d, s, t);
    assert_true(px_state_copy(&found, &p.state, NULL));
    run(ref, &p.state);
    run(lanes, &found);
    if (!px_state_equal(&p.state, ref->name, &found, lanes->name, difference, sizeof difference))
        fail_msg("%s with d, s, t %u, %u, %u from a row: %s", op->mnemonic, d, s, t, difference);
    px_state_free(&p.state);
    px_state_free(&found);
}

/* Instructions whose runs all have vl pixels. */
static bool belongs(const px_opcode *op)
{
    if (op->mnemonic == NULL || op->class < PX_CLASS_VV)
        return false;
    for (unsigned k = 0; k < 3; k++)
        if (px_shape_of(op)->extent[k] != PX_EXTENT_NO && px_shape_of(op)->extent[k] != PX_EXTENT_VL)
            return false;
    return true;
}

static void check_class(unsigned class)
{
    px_executor *ref, *lanes;
    unsigned checked = 0;
    assert_true(px_ref_driver.open(&ref, NULL, NULL));
    assert_true(px_rtl4_driver.open(&lanes, NULL, NULL));
    assert_int_equal(lanes->caps.lanes, LANES);
    for (unsigned number = 0; number < 256; number++) {
        const px_opcode *op = px_opcode_of(PX_V1, (uint8_t)number);
        if (!belongs(op) || op->class != class)
            continue;
        for (unsigned alignment = 0; alignment < LANES * LANES * LANES; alignment++)
            check(ref, lanes, op, alignment % LANES, alignment / LANES % LANES, alignment / LANES / LANES);
        checked++;
    }
    assert_true(checked > 0);
    held_close(ref);
    held_close(lanes);
}

static void word_maps(void **state) { (void)state, check_class(PX_CLASS_VV); }
static void word_maps_with_a_register(void **state) { (void)state, check_class(PX_CLASS_VX); }
static void byte_maps(void **state) { (void)state, check_class(PX_CLASS_BVV); }
static void byte_maps_with_a_register(void **state) { (void)state, check_class(PX_CLASS_BVX); }
static void reductions_and_scans(void **state) { (void)state, check_class(PX_CLASS_REDUCE); }
static void runs_made_and_combined(void **state) { (void)state, check_class(PX_CLASS_RUN); }
static void dot_products(void **state) { (void)state, check_class(PX_CLASS_TENSOR); }

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(word_maps),
        cmocka_unit_test(word_maps_with_a_register),
        cmocka_unit_test(byte_maps),
        cmocka_unit_test(byte_maps_with_a_register),
        cmocka_unit_test(reductions_and_scans),
        cmocka_unit_test(runs_made_and_combined),
        cmocka_unit_test(dot_products),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
#endif

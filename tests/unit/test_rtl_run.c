/* test_rtl_run.c - how long the Verilated core is waited for, and what it counts.
 *
 * No legal instruction may be called a hang, wherever it stands in a run; a core that is stuck must be; and the cycles
 * of a run do not depend on the slices that it is given in. */
#ifndef PX_HAVE_RTL
#include <stdio.h>
int main(void)
{
    puts("1..0 # SKIP built without Verilator");
    return 0;
}
#else
#include "pxi/executor.h"
#include "sim/rtl_shim.h"
#include "tests/unit/asm_text.h"
#include "tests/unit/held.h"

/* The executor a second time, around a core that gets stuck. */
static const px_rtl_model stuck_model;
#define px_rtl_plain   stuck_model
#define px_rtl_lanes   stuck_model
#define px_rtl_driver  stuck_driver
#define px_rtl4_driver stuck4_driver
#include "sim/rtl.c"
#undef px_rtl_plain
#undef px_rtl_lanes
#undef px_rtl_driver
#undef px_rtl4_driver

/* ---- a core that does so many instructions and then no more ---- */

static uint32_t stuck_after, held_back;
static uint64_t last_wait;

static bool stuck_host(void *core, bool write, unsigned space, uint32_t address, uint32_t *word)
{
    uint32_t budget = stuck_after;
    if (!write || space != PX_RTL_CTL || address != PX_RTL_BUDGET)
        return px_rtl_plain.host(core, write, space, address, word);
    held_back = *word - budget;
    return px_rtl_plain.host(core, true, space, address, &budget);
}

static void stuck_pins(void *core, px_rtl_pins *out)
{
    px_rtl_plain.pins(core, out);
    out->budget += held_back;
}

static bool stuck_run(void *core, uint64_t patience, uint64_t *cycles, const px_rtl_watch *watch)
{
    if (!px_rtl_plain.run(core, patience, cycles, watch))
        return false;
    last_wait = patience;
    return false;
}

static void *stuck_open(uint32_t seed) { return px_rtl_plain.open(seed); }
static void stuck_close(void *core) { px_rtl_plain.close(core); }
static void stuck_reset(void *core) { px_rtl_plain.reset(core); }
static bool stuck_write(void *core, uint32_t address, const uint32_t *pixels, uint32_t count)
{
    return px_rtl_plain.write_pixels(core, address, pixels, count);
}
static bool stuck_read(void *core, uint32_t address, uint32_t *pixels, uint32_t count)
{
    return px_rtl_plain.read_pixels(core, address, pixels, count);
}
static bool stuck_peek(void *core, unsigned space, uint32_t address, uint32_t *word)
{
    return px_rtl_plain.peek(core, space, address, word);
}
static const px_rtl_model stuck_model = {.name = "stuck",
                                         .max_pixels = 1 << 20,
                                         .lanes = 1,
                                         .open = stuck_open,
                                         .close = stuck_close,
                                         .reset = stuck_reset,
                                         .write_pixels = stuck_write,
                                         .read_pixels = stuck_read,
                                         .peek = stuck_peek,
                                         .host = stuck_host,
                                         .pins = stuck_pins,
                                         .run = stuck_run};

/* ---- programs: a slow instruction behind quick ones, right before HALT ---- */

/* C, its stride, A, its stride, B, its stride, M, N', K in r10..r18; A and B are the last K pixels. */
#define MATMUL_OF(c, stride, m, n, k)                                                                                  \
    "set r10, " #c "\nset r11, " #stride "\nset r12, N - " #k "\nset r13, 0\nset r14, N - " #k "\nset r15, 0\n"        \
    "set r16, " #m "\nset r17, " #n "\nset r18, " #k "\nset r20, " #k "\nvl r20\nset r21, 0x01010101\n"                \
    "fill [r12], r21\nset r20, 0\nvl r20\n"

static const struct {
    const char *name, *text;
} programs[] = {
    {"add", ".size 16, 4\nset r1, 5\nadd r1, r1, r1\nhalt\n"},
    {"div", ".size 16, 4\nset r1, 5\ndiv r1, r1, r1\nhalt\n"},
    {"a small matmul", ".size 64, 66\n" MATMUL_OF(100, 4, 3, 4, 5) "matmul r10\nhalt\n"},
    {"a matmul of 30x30x1300", ".size 64, 66\n" MATMUL_OF(100, 30, 30, 30, 1300) "matmul r10\nhalt\n"},
    /* Its first result falls on the instruction itself. */
    {"a matmul over itself", ".size 256, 64\n" MATMUL_OF(it, 64, 240, 1, 1000) "it: matmul r10\nhalt\n"},
    {"req", ".size 64, 128\nset r1, 1500\nvl r1\nset r2, 200\nset r3, 2000\nset r4, 3\nset r5, 5\nset r6, 1\n"
            "req [r2], [r3], r4\nhalt\n"},
    {"lut", ".size 64, 128\nset r1, 3000\nvl r1\nset r2, 400\nset r3, 4000\nset r4, 100\nlut [r2], [r3], [r4]\nhalt\n"},
    {"blend", ".size 64, 128\nset r1, 3000\nvl r1\nset r2, 400\nset r3, 4000\nblend [r2], [r3]\nhalt\n"},
    {"gather", ".size 64, 128\nset r1, 2500\nvl r1\nset r2, 400\nset r3, 100\nset r4, 200\nset r5, 4000\n"
               "gather [r2], [r3], [r5]\nhalt\n"},
    {"scatadd", ".size 64, 128\nset r1, 2500\nvl r1\nset r2, 400\nset r3, 200\nset r4, 1000\nset r5, 4000\n"
                "scatadd [r2], [r4], [r5]\nhalt\n"},
    {"copys", ".size 64, 128\nset r1, 2500\nvl r1\nset r2, 400\nset r3, 1\nset r4, 4000\nset r5, 1\n"
              "copys [r2], [r4]\nhalt\n"},
    {"vmul", ".size 64, 128\nset r1, 2500\nvl r1\nset r2, 400\nset r3, 4000\nvmul.vv [r2], [r3], [r3]\nhalt\n"},
};
enum { PROGRAMS = sizeof programs / sizeof *programs };

/* The classic profile: matrices of 16 x 16 at rows a and 7; the answer goes to row c. RELU comes first, and does
 * nothing. */
static const struct {
    const char *name;
    uint8_t a, c, at;
} classics[] = {
    {"classic matmul", 1, 13, 1}, {"classic matmul over itself", 1, 0, 0}, {"classic matmul in place", 1, 1, 1}};
enum { CLASSICS = sizeof classics / sizeof *classics, CASES = PROGRAMS + CLASSICS };

static const char *name_of(unsigned i) { return i < PROGRAMS ? programs[i].name : classics[i - PROGRAMS].name; }

static void make(px_state *state, unsigned i)
{
    px_error error = {0};
    if (i < PROGRAMS) {
        px_assembly x = assemble_with(programs[i].text, NULL);
        if (!px_state_load(state, &x.picture, programs[i].name, &error))
            fail_msg("%s", error.text);
        px_assembly_free(&x);
        return;
    }
    const uint32_t header = 16u << 16 | 16u;
    assert_true(px_state_new(state, PX_CLASSIC, 64, 20, &error));
    for (uint32_t at = 64; at < 12 * 64; at++)
        state->mem[at] = at % 5;
    state->mem[0] = PX_OP_C_RELU;
    state->mem[classics[i - PROGRAMS].at] =
        PX_OP_C_MATMUL | (uint32_t)classics[i - PROGRAMS].a << 8 | 7u << 16 | (uint32_t)classics[i - PROGRAMS].c << 24;
    state->mem[64] = state->mem[(size_t)7 * 64] = header;
}

static px_executor *opened(const px_driver *driver)
{
    px_executor *x;
    px_error error = {0};
    if (!driver->open(&x, NULL, &error))
        fail_msg("%s", error.text);
    return x;
}

static uint64_t last_cycle;
static void on_trace(void *context, const px_retire *retire) { *(uint64_t *)context = retire->cycle; }

/* Every SYS is answered with 7. */
static px_stop run_traced(px_executor *x, bool tracing, const px_state *start, uint64_t slice, px_state *end)
{
    px_error error = {0};
    px_stop all = {0}, part;
    bool answers = false;
    bool ok = held_load(x, start, &error);
    if (ok && tracing)
        ok = px_on_retire(*held_by(x), on_trace, &last_cycle, &error);
    while (ok && all.status == PX_RUNNING) {
        px_turn turn = {.machine = *held_by(x), .budget = slice, .answers = answers, .answer = 7};
        ok = px_run(x, &turn, 1, NULL, &error) && !turn.failed;
        part = turn.stop;
        all.executed += part.executed;
        all.cycles += part.cycles;
        all.status = part.status;
        answers = part.status == PX_WAITING;
        if (answers)
            all.status = PX_RUNNING;
    }
    if (!ok || !held_read(x, end, &error))
        fail_msg("%s", error.text);
    return all;
}

static px_stop run(px_executor *x, const px_state *start, uint64_t slice, px_state *end)
{
    return run_traced(x, false, start, slice, end);
}

/* ---- nothing legal is a hang, everything else is ---- */

static void test_legal(void **state)
{
    (void)state;
    px_executor *ref = opened(&px_ref_driver), *on[] = {opened(&px_rtl_driver), opened(&px_rtl4_driver)};
    for (unsigned i = 0; i < CASES; i++) {
        px_state start = {0}, expected = {0}, found = {0};
        char difference[256];
        make(&start, i);
        run(ref, &start, PX_NO_BUDGET, &expected);
        assert_int_equal(expected.status, PX_HALTED);
        for (unsigned k = 0; k < 2; k++) {
            run(on[k], &start, PX_NO_BUDGET, &found);
            if (!px_state_equal(&expected, "ref", &found, on[k]->name, difference, sizeof difference))
                fail_msg("%s: %s", name_of(i), difference);
        }
        px_state_free(&start);
        px_state_free(&expected);
        px_state_free(&found);
    }
    for (unsigned k = 0; k < 2; k++)
        held_close(on[k]);
    held_close(ref);
}

/* The core gets stuck in the slow instruction: it has had twice the time that the whole program takes, and not so much
 * that nobody would live to see the end. A loop of few cycles a pixel is waited for as if it were millicode. */
enum { A_MOMENT = 2000000 }; /* cycles, some tenths of a second */
static void test_stuck(void **state)
{
    (void)state;
    px_executor *rtl = opened(&px_rtl_driver), *stuck = opened(&stuck_driver);
    for (unsigned i = 0; i < CASES; i++) {
        px_state start = {0}, end = {0};
        px_error error = {0};
        px_stop stop;
        if (i >= PROGRAMS && classics[i - PROGRAMS].at == 0)
            continue; /* nothing stands before it */
        make(&start, i);
        const px_stop whole = run(rtl, &start, PX_NO_BUDGET, &end);
        stuck_after = (uint32_t)whole.executed - 2;
        assert_true(held_load(stuck, &start, NULL));
        assert_false(held_run(stuck, PX_NO_BUDGET, &stop, &error));
        assert_non_null(strstr(error.text, "hangs at pc"));
        if (last_wait < 2 * whole.cycles || last_wait > 60 * whole.cycles + A_MOMENT)
            fail_msg("%s: takes %" PRIu64 " cycles, was waited for %" PRIu64, name_of(i), whole.cycles, last_wait);
        px_state_free(&start);
        px_state_free(&end);
    }
    held_close(stuck);
    held_close(rtl);
}

/* ---- cycles ---- */

/* rtl/README.md, "One instruction", of one lane: what an instruction takes among others of its kind. */
static const struct {
    const char *code;
    unsigned cycles;
} prices[] = {
    {"add r5, r3, r4", 3},
    {"addi r5, r3, 6", 3},
    {"add r5, r5, r4", 4},
    {"add r5, r3, r5", 4},
    {"addi r5, r3, 5", 4}, /* 5 might be the register */
    {"ins r5, r3, 1", 4},
    {"vl r3", 4},
    {"bne r0, r0, .+1", 4},
    {"ld r5, [r3 + 1]", 5},
    {"lit r5, 0x12345678", 5},
    {"st [r3 + 1], r4", 6},
    {"jmp .+1", 6},
    {"call r5, .+1", 6},
    {"beq r0, r0, .+1", 7},
    {"ldb r5, [r3 : r4]", 9},
    {"stb [r3 : r4], r5", 11},
    {"mul r5, r3, r4", 12},
    {"mulh r5, r3, r4", 14},
};

static uint64_t cycles_of_copies(px_executor *rtl, const char *code, unsigned copies)
{
    char text[1024] = ".size 16, 16\nli r3, 100\nli r4, 9\n";
    px_state start = {0}, end = {0};
    for (unsigned i = 0; i < copies; i++) {
        strcat(text, code);
        strcat(text, "\n");
    }
    strcat(text, "halt\n");
    px_assembly x = assemble_with(text, NULL);
    assert_true(px_state_load(&start, &x.picture, code, NULL));
    px_assembly_free(&x);
    const px_stop stop = run_traced(rtl, false, &start, PX_NO_BUDGET, &end);
    assert_int_equal(stop.executed, copies + 3);
    px_state_free(&start);
    px_state_free(&end);
    return stop.cycles;
}

static void test_prices(void **state)
{
    (void)state;
    px_executor *rtl = opened(&px_rtl_driver);
    for (unsigned i = 0; i < sizeof prices / sizeof *prices; i++) {
        const uint64_t took = cycles_of_copies(rtl, prices[i].code, 12) - cycles_of_copies(rtl, prices[i].code, 2);
        if (took != 10 * prices[i].cycles)
            fail_msg("ten times %s: %" PRIu64 " cycles, not %u", prices[i].code, took, 10 * prices[i].cycles);
    }
    held_close(rtl);
}

static void test_slices(void **state)
{
    (void)state;
    static const uint64_t slices[] = {1, 2, 7, 1000};
    static const char text[] = ".size 64, 16\n"
                               "        set r1, 40\n"
                               "loop:   vl r1\n"
                               "        set r2, 400\n"
                               "        set r3, 500\n"
                               "        iota [r2], r1, r1\n"
                               "        vadd.vv [r3], [r2], [r2]\n"
                               "        sum r4, [r3]\n"
                               "        div r5, r4, r1\n"
                               "        mul r5, r5, r4\n"
                               "        st [r3 + 2], r5\n"
                               "        ldb r6, [r3 : r1]\n"
                               "        call r8, leaf\n"
                               "        subi r1, r1, 1\n"
                               "        bne r1, r0, loop\n"
                               "        set r9, 1 << 20\n"
                               "        ld r1, [r9]\n" /* ends in a trap */
                               "leaf:   sys r7\n"
                               "        jr r8\n";
    px_executor *on[] = {opened(&px_rtl_driver), opened(&px_rtl4_driver), opened(&px_rtl_driver)};
    for (unsigned i = 0; i <= PROGRAMS; i++) {
        px_state start = {0}, end = {0};
        if (i < PROGRAMS) {
            make(&start, i);
        } else {
            px_assembly x = assemble_with(text, NULL);
            assert_true(px_state_load(&start, &x.picture, "slices", NULL));
            px_assembly_free(&x);
        }
        uint64_t plain = 0; /* the core with its trace port takes as long as the one without */
        for (unsigned k = 0; k < 3; k++) {
            const px_stop whole = run_traced(on[k], k == 2, &start, PX_NO_BUDGET, &end);
            if (whole.cycles > 200000)
                break;
            assert_true(whole.cycles > whole.executed);
            if (k == 0)
                plain = whole.cycles;
            if (k == 2)
                assert_int_equal(whole.cycles, plain);
            for (unsigned s = 0; s < sizeof slices / sizeof *slices; s++) {
                const px_stop sliced = run_traced(on[k], k == 2, &start, slices[s], &end);
                assert_int_equal(sliced.executed, whole.executed);
                if (sliced.cycles != whole.cycles)
                    fail_msg("%s in slices of %" PRIu64 " on %s: %" PRIu64 " cycles, in one %" PRIu64,
                             i < PROGRAMS ? name_of(i) : "a loop", slices[s], on[k]->name, sliced.cycles, whole.cycles);
            }
        }
        px_state_free(&start);
        px_state_free(&end);
    }
    for (unsigned k = 0; k < 3; k++)
        held_close(on[k]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_legal), cmocka_unit_test(test_stuck),
                                       cmocka_unit_test(test_prices), cmocka_unit_test(test_slices)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
#endif

/* test_rtl_slots.c - machines in slots on the Verilated core against the reference VM: nothing legal is called a hang,
 * pieces of a run end where a budget ends, so does a run that is stopped at any cycle, and traces are the same. */
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
#include "tests/random/rng.h"
#include "tests/unit/asm_text.h"
#include "tests/unit/held.h"

/* The executor a second time, for what is inside its machines. */
#define px_rtl_driver  inner_driver
#define px_rtl4_driver inner4_driver
#include "sim/rtl.c"
#undef px_rtl_driver
#undef px_rtl4_driver

/* ---- programs ---- */

/* clang-format off */
#define SLOT_AT(at, w, h, code)                                                                                        \
    ".org " at "\n.pixel 0x01535850, 1, " #w ", " #h ", 0, 0\n"                                                        \
    ".org " at " + (265 + " #w ") / " #w " * " #w "\n" code
#define KERNEL(size, vl, q, allowance, rounds)                                                                         \
    ".size " size "\nset r1, slots\nset r2, " #q "\nset r3, allow\nset r4, " #vl "\nvl r4\nset r6, " #rounds "\n"      \
    "round: set r5, " #allowance "\nfill [r3], r5\nresume [r1], [r3]\nsubi r6, r6, 1\nbne r6, r0, round\nhalt\n"       \
    "allow: .zero " #vl "\n.row 20\nslots:\n"
#define ONE_SLOT(w, h, code) SLOT_AT("slots", w, h, code)

static const struct {
    const char *name, *text;
    uint32_t slots, size; /* the first slot's machine goes into so many slots of so many pixels */
} programs[] = {
    {"several", KERNEL("64, 64", 7, 320, 11, 5)
        SLOT_AT("slots", 8, 5, "a: addi r1, r1, 3\nmul r2, r1, r1\ndiv r3, r2, r1\nst [r0 + 30], r3\n"
                               "ldb r4, [r1 : r0]\nbne r1, r0, a\njmp a\n")
        SLOT_AT("slots + 320", 8, 5, "li r9, 5\nb: subi r9, r9, 1\nbne r9, r0, b\nhalt\n")
        SLOT_AT("slots + 640", 7, 6, "li r1, 4\nli r2, 5\nsys r1\nhalt\n")
        SLOT_AT("slots + 960", 16, 2, "addi r7, r7, 1\naddi r8, r8, 2\nld r9, [r0 + 32]\n") /* outside */
        SLOT_AT("slots + 1280", 8, 5, "li r1, 4\nvl r1\nli r2, 20\nli r3, 28\nc: iota [r2], r1, r1\n"
                                      "vadd.vv [r3], [r2], [r2]\nli r4, 40\ngather [r2], [r0], [r3]\n"
                                      "sum r5, [r3]\njmp c\n")
        SLOT_AT("slots + 1600", 8, 5, "addi r1, r1, 1\nresume [r1], [r2]\n")
        SLOT_AT("slots + 1920", 8, 5, ".pixel 0xFF\n"), 1, 0},
    {"matmul, in one slot after the other", KERNEL("64, 100", 2, 2000, 100, 1)
        ONE_SLOT(16, 100, "set r1, 40\nset r2, 600\nset r3, 640\nset r4, 0\nset r5, 640\nset r6, 0\nset r7, 1\n"
                          "set r8, 600\nset r9, 900\nmatmul r1\nhalt\n"), 2, 2000},
    {"matmul over itself", KERNEL("64, 100", 2, 2000, 1000000, 1)
        ONE_SLOT(16, 100, "set r1, it - slots - 272\nset r2, 32\nset r3, 640\nset r4, 0\nset r5, 640\nset r6, 0\n"
                          "set r7, 40\nset r8, 1\nset r9, 900\nset r20, 900\nvl r20\nset r21, 0x01010101\n"
                          "fill [r3], r21\nit: matmul r1\nhalt\n"), 2, 2000},
    {"req", KERNEL("64, 100", 1, 4000, 100, 1)
        ONE_SLOT(16, 220, "set r1, 500\nvl r1\nset r2, 40\nset r3, 1000\nset r4, 3\nset r5, 5\nset r6, 1\n"
                          "req [r2], [r3], r4\nhalt\n"), 1, 4000},
    {"a trap in each of 200 slots", KERNEL("256, 260", 200, 300, 5, 1) ONE_SLOT(2, 4, ".pixel 0xFF\n"), 200, 300},
    {"3,700 slots without a machine", KERNEL("1024, 1000", 3700, 270, 5, 1), 1, 0},
};
#define COUNTED(allowance)                                                                                             \
    KERNEL("64, 40", 1, 1000, allowance, 1) ONE_SLOT(16, 20, "addi r3, r3, 1\naddi r4, r4, 1\nhalt\n")
/* clang-format on */
enum { PROGRAMS = sizeof programs / sizeof *programs };

static void make(px_state *state, unsigned i)
{
    px_error error = {0};
    px_assembly x = assemble_with(programs[i].text, NULL);
    if (!px_state_load(state, &x.picture, programs[i].name, &error))
        fail_msg("%s: %s", programs[i].name, error.text);
    px_assembly_free(&x);
    uint32_t first = 0;
    while (state->mem[first] != PX_MAGIC_STATE && programs[i].size != 0)
        first++;
    for (uint32_t k = 1; k < programs[i].slots; k++)
        memcpy(state->mem + first + (size_t)k * programs[i].size, state->mem + first,
               programs[i].size * sizeof *state->mem);
}

static px_executor *opened(const px_driver *driver)
{
    px_executor *x;
    px_error error = {0};
    if (!driver->open(&x, NULL, &error))
        fail_msg("%s", error.text);
    return x;
}

static void equal(const px_state *expected, px_executor *found, const char *what, uint64_t at)
{
    px_state end = {0};
    px_error error = {0};
    char difference[256];
    if (!held_read(found, &end, &error))
        fail_msg("%s", error.text);
    if (!px_state_equal(expected, "ref", &end, found->name, difference, sizeof difference))
        fail_msg("%s after %" PRIu64 " instructions: %s", what, at, difference);
    px_state_free(&end);
}

/* So many instructions more on each. */
static px_stop step(px_executor *ref, px_executor *rtl, uint64_t budget, const char *what, uint64_t at)
{
    px_error error = {0};
    px_stop expected, found;
    px_state end = {0};
    if (!held_run(ref, budget, &expected, &error) || !held_run(rtl, budget, &found, &error) ||
        !held_read(ref, &end, &error))
        fail_msg("%s on %s: %s", what, rtl->name, error.text);
    assert_int_equal(found.executed, expected.executed);
    equal(&end, rtl, what, at + found.executed);
    px_state_free(&end);
    return found;
}

static void test_whole(void **state)
{
    (void)state;
    px_executor *ref = opened(&px_ref_driver), *on[] = {opened(&px_rtl_driver), opened(&px_rtl4_driver)};
    for (unsigned i = 0; i < PROGRAMS; i++)
        for (unsigned k = 0; k < 2; k++) {
            px_state start = {0};
            make(&start, i);
            assert_true(held_load(ref, &start, NULL) && held_load(on[k], &start, NULL));
            assert_int_equal(step(ref, on[k], PX_NO_BUDGET, programs[i].name, 0).status, PX_HALTED);
            px_state_free(&start);
        }
    held_close(on[0]);
    held_close(on[1]);
    held_close(ref);
}

/* ---- pieces, each saved and loaded ---- */

static void test_pieces(void **state)
{
    (void)state;
    static const uint64_t pieces[] = {1, 2, 3, 7, 10, 11, 12, 23, 78};
    px_executor *ref = opened(&px_ref_driver), *on[] = {opened(&px_rtl_driver), opened(&px_rtl4_driver)};
    for (unsigned k = 0; k < 2; k++)
        for (unsigned p = 0; p < sizeof pieces / sizeof *pieces; p++) {
            px_state start = {0};
            px_stop stop = {0};
            uint64_t at = 0;
            make(&start, 0);
            assert_true(held_load(ref, &start, NULL));
            do {
                assert_true(held_load(on[k], &start, NULL));
                stop = step(ref, on[k], pieces[p], "several", at);
                at += stop.executed;
                px_state_free(&start);
                assert_true(held_read(on[k], &start, NULL));
            } while (stop.status == PX_RUNNING);
            assert_int_equal(start.retired, at);
            px_state_free(&start);
        }
    held_close(on[0]);
    held_close(on[1]);
    held_close(ref);
}

/* ---- STOP at any cycle ---- */

/* A run that hears STOP after so many cycles, for a while; its instructions. */
static uint32_t stopped_run(rtl_machine *m, uint64_t cycles, uint64_t pulse)
{
    const uint32_t budget = 1000000;
    px_rtl_pins pins;
    assert_true(host_put(m, PX_RTL_CTL, PX_RTL_BUDGET, budget, NULL));
    m->model->clock(m->core, cycles);
    m->model->stop(m->core, true);
    m->model->clock(m->core, pulse);
    m->model->stop(m->core, false);
    do {
        m->model->clock(m->core, 5000);
        m->model->stop(m->core, true);
        m->model->pins(m->core, &pins);
    } while (pins.running);
    m->model->stop(m->core, false);
    return budget - pins.budget;
}

static void test_stop(void **state)
{
    (void)state;
    px_executor *ref = opened(&px_ref_driver), *rtl = opened(&inner_driver);
    rng dice = rng_of_case(1, 0);
    for (unsigned round = 0; round < 12; round++) {
        px_state start = {0}, end = {0};
        px_rtl_pins pins;
        px_stop stop;
        uint64_t at = 0;
        make(&start, 0);
        assert_true(held_load(ref, &start, NULL) && held_load(rtl, &start, NULL));
        rtl_machine *m = (rtl_machine *)*held_by(rtl);
        do {
            const uint32_t pulse = rng_below(&dice, 2) == 0 ? 1 : 1 + rng_below(&dice, 3000);
            const uint32_t executed = stopped_run(m, 1 + rng_below(&dice, 4000), pulse);
            (*held_by(rtl))->retired += executed;
            at += executed;
            assert_true(held_run(ref, executed, &stop, NULL) && held_read(ref, &end, NULL));
            assert_int_equal(stop.executed, executed);
            equal(&end, rtl, "stopped", at);
            px_state_free(&end);
            m->model->pins(m->core, &pins);
        } while (pins.status == PX_RUNNING);
        assert_int_equal(pins.status, PX_HALTED);
        px_state_free(&start);
    }
    held_close(rtl);
    held_close(ref);
}

/* ---- cycles: rtl/README.md ---- */

static uint64_t cycles_of(px_executor *rtl, const char *text)
{
    px_state start = {0};
    px_stop stop;
    px_assembly x = assemble_with(text, NULL);
    assert_true(px_state_load(&start, &x.picture, "cycles", NULL));
    px_assembly_free(&x);
    assert_true(held_load(rtl, &start, NULL) && held_run(rtl, PX_NO_BUDGET, &stop, NULL));
    px_state_free(&start);
    return stop.cycles;
}

static void test_cycles(void **state)
{
    (void)state;
    px_executor *rtl = opened(&px_rtl_driver);
    const uint64_t none = cycles_of(rtl, COUNTED(0)), one = cycles_of(rtl, COUNTED(1)),
                   two = cycles_of(rtl, COUNTED(2));
    assert_int_equal(two - one, 3); /* as outside */
    assert_int_equal(one - none, 1367 + 3);
    held_close(rtl);
}

/* ---- a run that is asked whether it is to end ---- */

/* Two machines that go on, for some hundred thousand cycles: long enough to be asked. */
#define LONG_RUN                                                                                                       \
    KERNEL("64, 64", 2, 320, 50, 300)                                                                                  \
    SLOT_AT("slots", 8, 5, "a: addi r1, r1, 3\nmul r2, r1, r1\ndiv r3, r2, r1\njmp a\n")                               \
    SLOT_AT("slots + 320", 8, 5, "b: addi r9, r9, 1\njmp b\n")

typedef struct patient {
    unsigned asked, until; /* says yes from then on */
    uint64_t executed;
} patient;

static bool on_ask(void *context, uint64_t executed)
{
    patient *p = context;
    assert_true(executed >= p->executed);
    p->executed = executed;
    return ++p->asked >= p->until;
}

static bool never(void *context)
{
    (void)context;
    return false;
}

/* The core's own count, of one budget and nothing else; TO_START are the driver's. */
static uint64_t bare_cycles(px_executor *rtl)
{
    rtl_machine *m = (rtl_machine *)*held_by(rtl);
    const px_rtl_watch watch = {NULL, never, NULL};
    uint64_t cycles = 0;
    assert_true(host_put(m, PX_RTL_CTL, PX_RTL_BUDGET, UINT32_MAX, NULL));
    while (!m->model->run(m->core, 1000000, &cycles, &watch))
        assert_true(cycles < 100000000);
    return cycles - TO_START;
}

static px_stop run_patiently(px_executor *rtl, patient *p)
{
    px_stop stop;
    px_error error = {0};
    if (!px_run_one(*held_by(rtl), PX_NO_BUDGET, p == NULL ? NULL : &(px_cancel){on_ask, p}, &stop, &error))
        fail_msg("%s", error.text);
    return stop;
}

static void test_asked(void **state)
{
    (void)state;
    px_executor *ref = opened(&px_ref_driver), *rtl = opened(&inner_driver);
    px_assembly x = assemble_with(LONG_RUN, NULL);
    px_state start = {0}, end = {0};
    px_stop stop;
    assert_true(px_state_load(&start, &x.picture, "asked", NULL));
    px_assembly_free(&x);
    assert_true(held_load(rtl, &start, NULL));
    const uint64_t cycles = bare_cycles(rtl);
    patient refuses = {.until = UINT32_MAX};
    for (unsigned i = 0; i < 3; i++) {
        refuses.executed = 0;
        assert_true(held_load(rtl, &start, NULL));
        assert_int_equal(run_patiently(rtl, i == 0 ? NULL : &refuses).cycles, cycles);
    }
    assert_true(refuses.asked > 2);

    /* And when the answer is yes: the state is that of a budget. */
    uint64_t at = 0;
    assert_true(held_load(ref, &start, NULL) && held_load(rtl, &start, NULL));
    for (unsigned i = 1;; i = i % 3 + 1) {
        patient gives_up = {.until = i};
        const px_stop found = run_patiently(rtl, &gives_up);
        assert_true(found.executed > 0 && gives_up.asked <= i);
        at += found.executed;
        assert_true(held_run(ref, found.executed, &stop, NULL) && held_read(ref, &end, NULL));
        equal(&end, rtl, "asked to end", at);
        px_state_free(&end);
        if (found.status != PX_RUNNING)
            break;
    }
    assert_int_equal(stop.status, PX_HALTED);
    px_state_free(&start);
    held_close(rtl);
    held_close(ref);
}

/* ---- traces ---- */

enum { LINES = 1000 };
typedef struct trace_list {
    px_retire line[LINES];
    unsigned count;
} trace_list;

static void on_line(void *context, const px_retire *retire)
{
    trace_list *list = context;
    assert_true(list->count < LINES);
    list->line[list->count++] = *retire;
}

static void test_trace(void **state)
{
    (void)state;
    static trace_list expected, found;
    px_executor *ref = opened(&px_ref_driver), *rtl = opened(&px_rtl_driver);
    px_state start = {0};
    unsigned inside = 0;
    make(&start, 0);
    assert_true(held_load(ref, &start, NULL) && held_load(rtl, &start, NULL));
    assert_true(px_on_retire(*held_by(ref), on_line, &expected, NULL));
    assert_true(px_on_retire(*held_by(rtl), on_line, &found, NULL));
    step(ref, rtl, PX_NO_BUDGET, "several, traced", 0);
    assert_int_equal(found.count, expected.count);
    for (unsigned i = 0; i < found.count; i++) {
        const px_retire *a = &expected.line[i], *b = &found.line[i];
        if (a->slot != b->slot || a->pc != b->pc || a->instruction != b->instruction || a->reg != b->reg ||
            (a->reg >= 0 && a->value != b->value))
            fail_msg("line %u: slot %" PRId64 " pc %" PRIu32 " %08" PRIX32 " r%d = %" PRIu32 ", expected slot %" PRId64
                     " pc %" PRIu32 " %08" PRIX32 " r%d = %" PRIu32,
                     i, b->slot, b->pc, b->instruction, b->reg, b->value, a->slot, a->pc, a->instruction, a->reg,
                     a->value);
        inside += a->slot >= 0;
    }
    assert_true(inside > 100 && inside < found.count);
    px_state_free(&start);
    held_close(rtl);
    held_close(ref);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_whole), cmocka_unit_test(test_pieces),
                                       cmocka_unit_test(test_stop),  cmocka_unit_test(test_cycles),
                                       cmocka_unit_test(test_asked), cmocka_unit_test(test_trace)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
#endif

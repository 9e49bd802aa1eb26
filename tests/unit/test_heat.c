/* test_heat.c - what executors count of a run: how often each pixel was executed, read and written. Small programs'
 * counts are worked by hand from SPEC.md; the fast executor's of larger ones are held against the reference VM's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "exec/drivers.h"
#include "exec/machine.h"
#include "pxi/asm/asm.h"

static px_error error;

static const struct {
    const char *name;
    const px_driver *driver;
} executors[] = {{"ref", &px_ref_driver}, {"fast", &px_fast_driver}};
enum { EXECUTORS = sizeof executors / sizeof *executors };

static px_state assembled(const char *text)
{
    px_assembly assembly;
    px_state state = {0};
    if (!px_assemble(&assembly, "test", text, strlen(text), NULL))
        fail_msg("%u: %s", (unsigned)assembly.diagnostics[0].line, assembly.diagnostics[0].text);
    assert_true(px_state_load(&state, &assembly.picture, "test", &error));
    px_assembly_free(&assembly);
    return state;
}

/* What one executor counts of one machine. */
typedef struct run {
    px_executor *executor;
    px_machine *machine;
    px_heat heat;
} run;

static run begin(unsigned which, const px_state *state)
{
    run r;
    assert_true(px_heat_new(&r.heat, px_state_pixels(state), &error));
    if (!executors[which].driver->open(&r.executor, NULL, &error) ||
        !px_machine_create(r.executor, state, &r.machine, &error) || !px_count_heat(r.machine, &r.heat, &error))
        fail_msg("%s", error.text);
    return r;
}

static void go(const run *r, uint64_t budget)
{
    px_stop stop;
    if (!px_run_one(r->machine, budget, NULL, &stop, &error))
        fail_msg("%s", error.text);
}

static void end(run *r)
{
    assert_true(px_machine_drop(r->machine, &error));
    r->executor->ops->close(r->executor);
    px_heat_free(&r->heat);
}

/* ---- worked by hand ---- */

/* One letter a pixel: 0 to 9, then a.. for 10 and so on. */
static void expect_counts(const char *name, const char *what, const uint64_t *counts, const char *expected)
{
    static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyz";
    for (size_t i = 0; expected[i] != '\0'; i++)
        if (counts[i] != (uint64_t)(strchr(digits, expected[i]) - digits))
            fail_msg("%s: pixel %zu was %s %llu times, not %c", name, i, what, (unsigned long long)counts[i],
                     expected[i]);
}

static void expect(const px_state *state, uint64_t budget, const char *executed, const char *read, const char *written)
{
    for (unsigned i = 0; i < EXECUTORS; i++) {
        run r = begin(i, state);
        go(&r, budget);
        expect_counts(executors[i].name, "executed", r.heat.executed, executed);
        expect_counts(executors[i].name, "read", r.heat.read, read);
        expect_counts(executors[i].name, "written", r.heat.written, written);
        end(&r);
    }
}

static void expect_of(const char *text, uint64_t budget, const char *executed, const char *read, const char *written)
{
    px_state state = assembled(text);
    expect(&state, budget, executed, read, written);
    px_state_free(&state);
}

static void scalars(void **context)
{
    (void)context;
    static const char text[] = "        .size 8, 4\n"
                               "        li r1, 24\n"
                               "        li r3, 3\n"
                               "loop:   lit r2, 7\n" /* reads the next pixel, and does not execute it */
                               "        st [r1 + 1], r2\n"
                               "        ld r4, [r1 + 1]\n"
                               "        stb [r1 : r3], r4\n" /* a byte of pixel 24 */
                               "        addi r3, r3, -1\n"
                               "        bne r3, r0, loop\n"
                               "        halt\n";
    expect_of(text, PX_NO_BUDGET, "00000113033333100000000000000000", "00000000300000000000000033000000",
              "00000000000000000000000033000000");
    expect_of(text, 5, "00000111011000000000000000000000", "00000000100000000000000001000000",
              "00000000000000000000000001000000");
    expect_of("        .size 4, 4\n" /* a trap is no execution, and has read nothing */
              "        li r1, 100\n"
              "        ld r1, [r1 + 0]\n",
              PX_NO_BUDGET, "0000010000000000", "0000000000000000", "0000000000000000");
}

static void runs(void **context)
{
    (void)context;
    expect_of("        .size 8, 4\n"
              "        li r1, 3\n"
              "        vl r1\n"
              "        li r2, 16\n"
              "        li r3, 20\n"
              "        vadd.vv [r3], [r2], [r3]\n" /* reads 16..18 and 20..22, writes 20..22 */
              "        sum r4, [r3]\n"
              "        set r5, 24\n"
              "        li r6, 2\n" /* the stride behind r5, and behind r2 */
              "        li r3, 0\n"
              "        copys [r5], [r2]\n" /* writes 24, 26, 28; reads 16 three times */
              "        halt\n",
              PX_NO_BUDGET, "0000011111111111000000000", "000000000000000041102220",
              "00000000000000000000111010101000");
}

/* ---- machines in slots ---- */

/* One slot, at pixel 24, that holds a machine of 4 x 3 pixels, whose image begins at 24 + 268: a loop that reads and
 * writes its last pixel. */
static void slots(void **context)
{
    (void)context;
    px_state state = assembled("        .size 31, 10\n"
                               "        li r1, 1\n"
                               "        vl r1\n"
                               "        li r2, 24\n"
                               "        lit r3, 280\n"
                               "        li r4, 23\n"
                               "        li r5, 7\n"
                               "        st [r4 + 0], r5\n"
                               "        resume [r2], [r4]\n"
                               "        halt\n");
    px_state inner = assembled("        .size 4, 3\n"
                               "loop:   ld r1, [r2 + 11]\n"
                               "        st [r2 + 11], r1\n"
                               "        jmp loop\n");
    uint32_t *slot = state.mem + 24;
    slot[PX_SAVED_MAGIC] = PX_MAGIC_STATE;
    slot[PX_SAVED_PROFILE] = PX_V1;
    slot[PX_SAVED_W] = 4;
    slot[PX_SAVED_H] = 3;
    slot[PX_SAVED_PC] = inner.pc;
    memcpy(slot + 268, inner.mem, 12 * sizeof *slot);
    for (unsigned i = 0; i < EXECUTORS; i++) {
        run r = begin(i, &state);
        go(&r, PX_NO_BUDGET);
        expect_counts(executors[i].name, "executed", r.heat.executed, "000001111011111000000000");
        expect_counts(executors[i].name, "read", r.heat.read, "000000000100000000000000");
        expect_counts(executors[i].name, "written", r.heat.written, "000000000000000000000001");
        expect_counts(executors[i].name, "executed", r.heat.executed + 292, "000003220000");
        expect_counts(executors[i].name, "read", r.heat.read + 292, "000000000003");
        expect_counts(executors[i].name, "written", r.heat.written + 292, "000000000002");
        end(&r);
    }
    px_state_free(&inner);
    px_state_free(&state);
}

/* ---- between turns ---- */

static void turn_by_turn(void **context)
{
    (void)context;
    px_state state = assembled("        .size 4, 3\n"
                               "loop:   addi r1, r1, 1\n"
                               "        st [r0 + 9], r1\n"
                               "        jmp loop\n");
    for (unsigned i = 0; i < EXECUTORS; i++) {
        run r = begin(i, &state);
        for (uint64_t k = 0; k < 7; k++)
            go(&r, 1);
        expect_counts(executors[i].name, "executed", r.heat.executed, "000003220000");
        memset(r.heat.executed, 0, r.heat.n * sizeof *r.heat.executed);
        go(&r, 2);
        expect_counts(executors[i].name, "executed", r.heat.executed, "000000110000");
        assert_true(px_count_heat(r.machine, NULL, &error));
        go(&r, 9);
        expect_counts(executors[i].name, "executed", r.heat.executed, "000000110000");
        expect_counts(executors[i].name, "written", r.heat.written, "000000000300");
        assert_true(px_count_heat(r.machine, &r.heat, &error));
        go(&r, 3);
        expect_counts(executors[i].name, "executed", r.heat.executed, "000001220000");
        end(&r);
    }
    px_state_free(&state);
}

static void refusals(void **context)
{
    (void)context;
    px_state state = assembled("        .size 4, 2\n        halt\n"), old = {0};
    assert_true(px_state_new(&old, PX_CLASSIC, 4, 2, &error));
    px_heat small;
    px_machine *classic;
    assert_true(px_heat_new(&small, 7, &error));
    for (unsigned i = 0; i < EXECUTORS; i++) {
        run r = begin(i, &state);
        assert_false(px_count_heat(r.machine, &small, &error));
        assert_string_equal(error.text, "counts of 7 pixels were given to a machine of 8");
        assert_true(px_machine_create(r.executor, &old, &classic, &error));
        assert_false(px_count_heat(classic, &r.heat, &error));
        assert_int_equal(error.code, PX_E_USAGE);
        assert_true(px_machine_drop(classic, &error));
        end(&r);
    }
    px_heat_free(&small);
    px_state_free(&old);
    px_state_free(&state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scalars),      cmocka_unit_test(runs),     cmocka_unit_test(slots),
        cmocka_unit_test(turn_by_turn), cmocka_unit_test(refusals),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("heat", tests, NULL, NULL);
}

/* test_lockstep.c - the lockstep comparer names the very instruction at which an executor goes wrong. The faulty
 * executor is the reference VM with one fault at a known instruction, so the number to find is known beforehand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "pxi/pixel.h"
#include "sim/lockstep.h"

typedef enum fault { FAULT_NONE, FAULT_REGISTER, FAULT_PIXEL, FAULT_TRAP, FAULT_LOAD, FAULT_FAILS } fault;

typedef struct faulty {
    px_executor base;
    px_executor *ref;
    fault fault;
    uint64_t at;   /* the instruction after which the fault shows, counted from 1 */
    uint64_t done; /* instructions since the first load */
} faulty;

static bool load(px_executor *e, const px_state *state, px_error *error)
{
    faulty *f = (faulty *)e;
    px_state copy = {0};
    if (!px_state_copy(&copy, state, error))
        return false;
    f->done = state->retired;
    if (f->fault == FAULT_LOAD)
        copy.reg[200] ^= 1;
    const bool ok = f->ref->ops->load(f->ref, &copy, error);
    px_state_free(&copy);
    return ok;
}

static bool spoil(faulty *f, px_error *error)
{
    px_state s = {0};
    bool ok = f->ref->ops->read(f->ref, &s, error);
    if (f->fault == FAULT_REGISTER)
        s.reg[77] ^= 0x100;
    if (f->fault == FAULT_PIXEL)
        s.mem[9] ^= 0x100;
    if (f->fault == FAULT_TRAP) {
        s.status = PX_TRAPPED;
        s.cause = PX_TRAP_RANGE;
    }
    ok = ok && f->ref->ops->load(f->ref, &s, error);
    px_state_free(&s);
    return ok;
}

static bool run(px_executor *e, uint64_t budget, px_stop *stop, px_error *error)
{
    faulty *f = (faulty *)e;
    uint64_t executed = 0;
    if (f->fault == FAULT_FAILS)
        return px_fail(error, PX_E_SYSTEM, "the device is gone");
    if (f->done < f->at && f->at - f->done <= budget && f->fault != FAULT_NONE && f->fault != FAULT_LOAD) {
        const uint64_t first = f->at - f->done;
        if (!f->ref->ops->run(f->ref, first, stop, error))
            return false;
        executed = stop->executed;
        f->done += executed;
        if (executed == first && !spoil(f, error))
            return false;
    }
    if (!f->ref->ops->run(f->ref, budget - executed, stop, error))
        return false;
    f->done += stop->executed;
    stop->executed += executed;
    return true;
}

static bool read(px_executor *e, px_state *out, px_error *error)
{
    faulty *f = (faulty *)e;
    return f->ref->ops->read(f->ref, out, error);
}

static void close_both(px_executor *e)
{
    faulty *f = (faulty *)e;
    f->ref->ops->close(f->ref);
}

static const px_executor_ops ops = {.load = load, .run = run, .read = read, .close = close_both};

static void open_pair(px_executor **ref, faulty *f, fault kind, uint64_t at)
{
    px_error error;
    *f = (faulty){.base = {.ops = &ops, .name = "faulty", .max_pixels = PX_MAX_PIXELS, .lanes = 1}};
    f->fault = kind;
    f->at = at;
    assert_true(px_ref_driver.open(ref, NULL, &error));
    assert_true(px_ref_driver.open(&f->ref, NULL, &error));
}

/* A program that counts for ever and asks the host in every round: sys, addi r1, jmp. */
static px_state counting_program(void)
{
    px_state s;
    px_error error;
    assert_true(px_state_new(&s, PX_V1, 4, 4, &error));
    s.mem[0] = px_rgba(PX_OP_SYS, 0, 5, 0);
    s.mem[1] = px_rgba(PX_OP_ADDI, 1, 1, 1);
    s.mem[2] = px_rgba(PX_OP_JMP, 0, 0xFE, 0xFF);
    return s;
}

static void expect_at(fault kind, uint64_t at, uint64_t budget, bool found)
{
    static const uint32_t answers[400] = {7, 8, 9};
    px_executor *ref;
    faulty f;
    px_error error;
    px_divergence d;
    px_state start = counting_program();
    open_pair(&ref, &f, kind, at);
    assert_true(px_first_difference(ref, &f.base, &start, answers, 400, budget, &d, &error));
    assert_int_equal(d.found, found);
    if (found) {
        assert_int_equal(d.executed, at);
        /* The program is a ring of three instructions. */
        assert_int_equal(d.pc, at == 0 ? 0 : (at - 1) % 3);
        assert_int_equal(d.instruction, start.mem[d.pc]);
        assert_true(d.difference[0] != '\0');
    }
    ref->ops->close(ref);
    f.base.ops->close(&f.base);
    px_state_free(&start);
}

static void a_wrong_register_is_located(void **state)
{
    (void)state;
    for (uint64_t at = 1; at <= 40; at++)
        expect_at(FAULT_REGISTER, at, 1000, true);
    expect_at(FAULT_REGISTER, 999, 1000, true);
    expect_at(FAULT_REGISTER, 1000, 1000, true);
}

static void a_wrong_pixel_is_located(void **state)
{
    (void)state;
    expect_at(FAULT_PIXEL, 17, PX_NO_BUDGET, true);
    expect_at(FAULT_PIXEL, 513, PX_NO_BUDGET, true);
}

static void a_wrong_trap_is_located(void **state)
{
    (void)state;
    expect_at(FAULT_TRAP, 5, 100, true);
    expect_at(FAULT_TRAP, 65, PX_NO_BUDGET, true);
}

static void a_difference_on_loading_is_number_0(void **state)
{
    (void)state;
    expect_at(FAULT_LOAD, 0, 100, true);
}

static void what_lies_beyond_the_budget_is_not_found(void **state)
{
    (void)state;
    expect_at(FAULT_REGISTER, 101, 100, false);
}

/* Without a budget the search must end by itself: here when the answers are used up. */
static void equal_executors_do_not_differ(void **state)
{
    (void)state;
    expect_at(FAULT_NONE, 0, PX_NO_BUDGET, false);
    expect_at(FAULT_NONE, 0, 0, false);
}

static void a_failing_executor_is_an_error(void **state)
{
    (void)state;
    px_executor *ref;
    faulty f;
    px_error error;
    px_divergence d;
    px_state start = counting_program();
    open_pair(&ref, &f, FAULT_FAILS, 0);
    assert_false(px_first_difference(ref, &f.base, &start, NULL, 0, 10, &d, &error));
    assert_int_equal(error.code, PX_E_SYSTEM);
    assert_string_equal(error.text, "the device is gone");
    ref->ops->close(ref);
    f.base.ops->close(&f.base);
    px_state_free(&start);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wrong_register_is_located),
        cmocka_unit_test(a_wrong_pixel_is_located),
        cmocka_unit_test(a_wrong_trap_is_located),
        cmocka_unit_test(a_difference_on_loading_is_number_0),
        cmocka_unit_test(what_lies_beyond_the_budget_is_not_found),
        cmocka_unit_test(equal_executors_do_not_differ),
        cmocka_unit_test(a_failing_executor_is_an_error),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

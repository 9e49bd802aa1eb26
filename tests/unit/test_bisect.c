/* test_bisect.c - the lockstep comparer names the very instruction at which an executor goes wrong. The faulty
 * executor is the reference VM with one fault at a known instruction, so the number to find is known beforehand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "exec/bisect.h"
#include "exec/drivers.h"
#include "pxi/pixel.h"

typedef enum fault { FAULT_NONE, FAULT_REGISTER, FAULT_PIXEL, FAULT_SLOT, FAULT_TRAP, FAULT_LOAD, FAULT_FAILS } fault;

/* The image in which two machines lie. */
enum { ALLOWANCES = 2, FIRST_SLOT = 10, SECOND_SLOT = 310, SLOT_SIZE = 300 };

typedef struct faulty {
    px_executor base;
    px_executor *ref;
    fault fault;
    uint64_t at; /* the instruction after which the fault shows, counted from 1 */
} faulty;

typedef struct faulty_machine {
    px_machine base;
    px_machine *ref;
    uint64_t done; /* instructions since the beginning */
} faulty_machine;

static bool create(px_executor *e, px_state *state, px_machine **machine, px_error *error)
{
    faulty_machine *m = calloc(1, sizeof *m);
    assert_non_null(m);
    *machine = &m->base;
    if (((faulty *)e)->fault == FAULT_LOAD)
        state->reg[200] ^= 1;
    return px_machine_create(((faulty *)e)->ref, state, &m->ref, error);
}

static void drop(px_machine *machine)
{
    px_machine_drop(((faulty_machine *)machine)->ref, NULL);
    free(machine);
}

static bool spoil(px_machine *m, fault kind, px_error *error)
{
    px_state s = {0};
    bool ok = px_machine_read(m, &s, error);
    if (kind == FAULT_REGISTER)
        s.reg[77] ^= 0x100;
    if (kind == FAULT_PIXEL)
        s.mem[9] ^= 0x100;
    if (kind == FAULT_SLOT) /* r7 of the machine that has just done something */
        s.mem[(s.mem[ALLOWANCES] > 0 ? FIRST_SLOT : SECOND_SLOT) + PX_SAVED_REG + 7] ^= 0x100;
    if (kind == FAULT_TRAP) {
        s.status = PX_TRAPPED;
        s.cause = PX_TRAP_RANGE;
        s.value = 0;
    }
    ok = ok && px_machine_write(m, &s, error);
    px_state_free(&s);
    return ok;
}

static bool run(px_executor *e, px_turn *turn, size_t count, const px_cancel *cancel, px_error *error)
{
    const faulty *f = (const faulty *)e;
    faulty_machine *m = (faulty_machine *)turn->machine;
    px_turn own = *turn;
    own.machine = m->ref;
    (void)count;
    if (f->fault == FAULT_FAILS)
        return px_fail(error, PX_E_SYSTEM, "the device is gone");
    uint64_t executed = 0;
    if (m->done < f->at && f->at - m->done <= turn->budget && f->fault != FAULT_NONE && f->fault != FAULT_LOAD) {
        own.budget = f->at - m->done;
        if (!px_run(f->ref, &own, 1, cancel, error))
            return false;
        executed = own.stop.executed;
        if (executed == own.budget && !spoil(m->ref, f->fault, error))
            return false;
        own.answers = false;
    }
    own.budget = turn->budget - executed;
    if (!px_run(f->ref, &own, 1, cancel, error))
        return false;
    turn->stop = own.stop;
    turn->stop.executed += executed;
    m->done += turn->stop.executed;
    return true;
}

static bool get(px_machine *m, enum px_space space, uint32_t at, uint32_t *words, uint32_t count, px_error *error)
{
    return px_get(((faulty_machine *)m)->ref, space, at, words, count, error);
}

static bool put(px_machine *m, enum px_space space, uint32_t at, const uint32_t *words, uint32_t count, px_error *error)
{
    return px_put(((faulty_machine *)m)->ref, space, at, words, count, error);
}

static void close_both(px_executor *e) { ((faulty *)e)->ref->ops->close(((faulty *)e)->ref); }

static const px_executor_ops ops = {
    .create = create, .drop = drop, .run = run, .get = get, .put = put, .close = close_both};

static void open_pair(px_executor **ref, faulty *f, fault kind, uint64_t at)
{
    px_error error;
    *f = (faulty){
        .base = {.ops = &ops,
                 .name = "faulty",
                 .caps = {.max_pixels = PX_MAX_PIXELS, .machines = 1, .total_pixels = PX_MAX_PIXELS, .lanes = 1}}};
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
    static uint32_t values[400] = {7, 8, 9};
    px_answers answers = {.value = values, .count = 400};
    const px_answerer answerer = px_scripted(&answers);
    px_executor *ref;
    faulty f;
    px_error error;
    px_divergence d;
    px_state start = counting_program();
    open_pair(&ref, &f, kind, at);
    assert_true(px_first_difference(ref, &f.base, &start, &answerer, budget, &d, NULL, &error));
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

/* Both machines count for ever; the first may do six instructions. */
static px_state nested_program(void)
{
    px_state s;
    px_error error;
    assert_true(px_state_new(&s, PX_V1, 1, 700, &error));
    s.mem[0] = px_rgba(PX_OP_RESUME, 1, 3, 0);
    s.mem[ALLOWANCES] = 6;
    s.mem[ALLOWANCES + 1] = 1000;
    s.reg[1] = FIRST_SLOT;
    s.reg[2] = SLOT_SIZE;
    s.reg[3] = ALLOWANCES;
    s.vl = 2;
    for (uint32_t at = FIRST_SLOT; at <= SECOND_SLOT; at += SLOT_SIZE) {
        const uint32_t header[] = {PX_MAGIC_STATE, PX_V1, 1, 2};
        memcpy(s.mem + at, header, sizeof header);
        s.mem[at + PX_STATE_WORDS] = px_rgba(PX_OP_ADDI, 1, 1, 1);
        s.mem[at + PX_STATE_WORDS + 1] = px_rgba(PX_OP_JMP, 0, 0xFF, 0xFF);
    }
    return s;
}

static void expect_in_slot(fault kind, uint64_t at, uint32_t slot, const char *difference)
{
    px_executor *ref;
    faulty f;
    px_error error;
    px_divergence d;
    px_state start = nested_program();
    open_pair(&ref, &f, kind, at);
    assert_true(px_first_difference(ref, &f.base, &start, NULL, 500, &d, NULL, &error));
    assert_true(d.found);
    assert_int_equal(d.executed, at);
    assert_int_equal(d.slot, slot);
    assert_int_equal(d.outer_pc, 0);
    assert_int_equal(d.pc, (at - 1) % 2); /* the first machine does an even number of instructions */
    assert_int_equal(d.instruction, start.mem[slot + PX_STATE_WORDS + d.pc]);
    assert_non_null(strstr(d.difference, difference));
    ref->ops->close(ref);
    f.base.ops->close(&f.base);
    px_state_free(&start);
}

static void a_machine_in_a_slot_is_named(void **state)
{
    (void)state;
    expect_in_slot(FAULT_SLOT, 1, FIRST_SLOT, "r7 of the machine saved at 10: ref 0x00000000, faulty 0x00000100");
    expect_in_slot(FAULT_SLOT, 4, FIRST_SLOT, "r7 of the machine saved at 10");
    expect_in_slot(FAULT_SLOT, 7, SECOND_SLOT, "r7 of the machine saved at 310");
    expect_in_slot(FAULT_SLOT, 256, SECOND_SLOT, "r7 of the machine saved at 310");
    /* What goes wrong outside goes wrong while that machine runs. */
    expect_in_slot(FAULT_REGISTER, 3, FIRST_SLOT, "r77: ");
    expect_in_slot(FAULT_REGISTER, 300, SECOND_SLOT, "r77: ");
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
    assert_false(px_first_difference(ref, &f.base, &start, NULL, 10, &d, NULL, &error));
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
        cmocka_unit_test(a_machine_in_a_slot_is_named),
        cmocka_unit_test(a_failing_executor_is_an_error),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

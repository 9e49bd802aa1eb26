/* test_machine.c - machines in executors: what exec/machine.c refuses before a driver hears of it, what it keeps when a
 * driver fails, and that words, turns, answers and copies mean what executor.h says - on every executor that is here.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "exec/machine.h"
#include "exec/registry.h"
#include "pxi/pixel.h"
#include "pxi/words.h"

static px_error error;

static void expect_error(px_error_code code, const char *part)
{
    assert_int_equal(error.code, code);
    if (strstr(error.text, part) == NULL)
        fail_msg("found '%s', expected '%s' in it", error.text, part);
}

/* sys r5; addi r6, r6, 1; jmp 0: it asks for ever, r5 the request and r6 the argument. */
static px_state asking(void)
{
    px_state s;
    assert_true(px_state_new(&s, PX_V1, 6, 4, &error));
    s.mem[0] = px_rgba(PX_OP_SYS, 0, 5, 0);
    s.mem[1] = px_rgba(PX_OP_ADDI, 6, 6, 1);
    s.mem[2] = px_rgba(PX_OP_JMP, 0, 0xFE, 0xFF);
    s.reg[5] = 0x81000000;
    s.reg[6] = 40;
    return s;
}

static px_machine *make(px_executor *x, const px_state *state)
{
    px_machine *m;
    if (!px_machine_create(x, state, &m, &error))
        fail_msg("%s: %s", x->name, error.text);
    return m;
}

static px_executor *opened(const char *spec)
{
    px_executor *x;
    if (!px_executor_open(&x, spec, &error))
        fail_msg("%s", error.text);
    return x;
}

/* ---- on every executor ---- */

typedef void on_one(px_executor *x);

/* Opened before others have threads, and kept. */
static px_executor *worker;

static void on_each(on_one *test)
{
    test(worker);
    assert_int_equal(worker->machines, 0);
    char list[256];
    snprintf(list, sizeof list, "%s,cmd:python3 -sS tests/conformance/pxvm.py", px_executors_alone);
    px_executors all;
    assert_true(px_executors_open(&all, list, true, &error));
    for (size_t i = 0; i < all.count; i++) {
        test(all.at[i]);
        assert_int_equal(all.at[i]->machines, 0);
        assert_int_equal(all.at[i]->pixels, 0);
    }
    px_executors_close(&all);
}

/* What isa.def lists, and an executor does not know, traps OPCODE there: a new instruction fails here by name. */
static void carries_out(px_executor *x)
{
    char missing[1024] = "";
    for (unsigned number = 0; number < 256; number++) {
        const px_opcode *op = px_opcode_of(PX_V1, (uint8_t)number);
        px_stop stop;
        px_state s = {0};
        if (op->mnemonic == NULL)
            continue;
        assert_true(px_state_new(&s, PX_V1, 16, 16, &error));
        s.vl = 1;
        s.reg[10] = 64;
        s.reg[20] = 80;
        s.reg[30] = 96;
        s.mem[0] = px_rgba(number, 10, 20, 30);
        assert_true(px_run_state(x, &s, 1, &stop, &error));
        if (stop.cause == PX_TRAP_OPCODE)
            snprintf(missing + strlen(missing), sizeof missing - strlen(missing), " %s", op->mnemonic);
        px_state_free(&s);
    }
    if (*missing != '\0')
        fail_msg("%s does not carry out%s", x->name, missing);
}

static void answer_turns(px_executor *x)
{
    px_state s = asking();
    px_turn turn = {.machine = make(x, &s), .budget = PX_NO_BUDGET};
    for (uint32_t i = 0; i < 3; i++) {
        assert_true(px_run(x, &turn, 1, NULL, &error) && !turn.failed);
        assert_int_equal(turn.stop.status, PX_WAITING);
        assert_int_equal(turn.stop.value, 5);
        assert_int_equal(turn.stop.pc, 1);
        assert_int_equal(turn.stop.request, i == 0 ? 0x81000000 : 1000 + i);
        assert_int_equal(turn.stop.argument, 40 + i);
        assert_int_equal(turn.stop.executed, i == 0 ? 1 : 3);
        turn.answers = true;
        turn.answer = 1001 + i;
    }
    turn.budget = 0; /* the answer alone */
    assert_true(px_run(x, &turn, 1, NULL, &error) && !turn.failed);
    assert_int_equal(turn.stop.status, PX_RUNNING);
    assert_int_equal(turn.stop.executed, 0);
    px_state end = {0};
    assert_true(px_machine_read(turn.machine, &end, &error));
    assert_int_equal(end.status, PX_RUNNING);
    assert_int_equal(end.value, 0);
    assert_int_equal(end.reg[5], 1003);
    assert_int_equal(end.retired, 7);
    turn.budget = 1;
    assert_false(px_run(x, &turn, 1, NULL, &error)); /* it waits for nothing now */
    expect_error(PX_E_USAGE, "waits for nothing");
    assert_true(px_machine_drop(turn.machine, &error));
    px_state_free(&end);
    px_state_free(&s);
}

/* A machine that waits when it is made, and is run without an answer, tells what it waits for. */
static void made_waiting(px_executor *x)
{
    px_state s = asking();
    px_stop stop;
    s.status = PX_WAITING;
    s.value = 255;
    s.reg[255] = 7;
    s.reg[0] = 8;
    px_machine *m = make(x, &s);
    assert_true(px_run_one(m, 10, NULL, &stop, &error));
    assert_int_equal(stop.status, PX_WAITING);
    assert_int_equal(stop.request, 7);
    assert_int_equal(stop.argument, 8);
    assert_int_equal(stop.executed, 0);
    assert_true(px_machine_drop(m, &error));
    px_state_free(&s);
}

static void words_of_spaces(px_executor *x)
{
    px_state s = asking(), end = {0};
    px_machine *m = make(x, &s);
    const uint32_t pixels[] = {0xA, 0xB, 0xC}, registers[] = {21, 22}, fields[] = {2, 3, PX_V1 << 16, 0};
    uint32_t got[6];
    assert_true(px_put(m, PX_SPACE_PIXEL, 21, pixels, 3, &error)); /* the last three */
    assert_true(px_put(m, PX_SPACE_REGISTER, 254, registers, 2, &error));
    assert_true(px_put(m, PX_SPACE_STATE, 0, fields, 4, &error));
    assert_true(px_put(m, PX_SPACE_PIXEL, 24, pixels, 0, &error)); /* nothing, at the very end */
    assert_true(px_get(m, PX_SPACE_PIXEL, 20, got, 4, &error));
    assert_int_equal(got[0], 0);
    assert_memory_equal(got + 1, pixels, sizeof pixels);
    assert_true(px_get(m, PX_SPACE_REGISTER, 253, got, 3, &error));
    assert_int_equal(got[0], 0);
    assert_memory_equal(got + 1, registers, sizeof registers);
    assert_true(px_get(m, PX_SPACE_STATE, 1, got, 2, &error));
    assert_memory_equal(got, fields + 1, 2 * sizeof *got);
    px_stop stop;
    assert_true(px_run_one(m, 1, NULL, &stop, &error)); /* the jump at address 2 */
    assert_int_equal(stop.pc, 0);
    assert_int_equal(stop.vl, 3);
    assert_true(px_machine_read(m, &end, &error));
    assert_int_equal(end.mem[23], 0xC);
    assert_int_equal(end.vl, 3);
    assert_int_equal(end.retired, 1);
    assert_true(px_machine_drop(m, &error));
    px_state_free(&end);
    px_state_free(&s);
}

/* Many at once, each with its own budget; one is copied from another in between. */
static void side_by_side(px_executor *x)
{
    enum { COUNT = 5 };
    if (x->caps.machines < COUNT)
        return;
    px_state s = asking();
    px_turn turns[COUNT] = {0};
    uint32_t word = 0x77;
    s.mem[0] = px_rgba(PX_OP_ADDI, 6, 6, 2);
    for (uint32_t i = 0; i < COUNT; i++) {
        s.mem[20] = i;
        turns[i] = (px_turn){.machine = make(x, &s), .budget = 3 * i};
    }
    assert_int_equal(x->machines, COUNT);
    assert_int_equal(x->pixels, COUNT * 24);
    assert_true(px_copy(turns[4].machine, 23, turns[1].machine, 20, 1, &error));
    assert_true(px_copy(turns[4].machine, 22, turns[4].machine, 23, 1, &error));
    assert_true(px_run(x, turns, COUNT, NULL, &error));
    for (uint32_t i = 0; i < COUNT; i++) {
        assert_false(turns[i].failed);
        assert_int_equal(turns[i].stop.executed, 3 * i);
        assert_int_equal(turns[i].machine->retired, 3 * i);
        assert_true(px_get(turns[i].machine, PX_SPACE_REGISTER, 6, &word, 1, &error));
        assert_int_equal(word, 40 + 3 * i);
    }
    assert_true(px_get(turns[4].machine, PX_SPACE_PIXEL, 22, &word, 1, &error));
    assert_int_equal(word, 1);
    for (uint32_t i = 0; i < COUNT; i++)
        assert_true(px_machine_drop(turns[(i + 2) % COUNT].machine, &error));
    px_state_free(&s);
}

static bool at_once(void *context, uint64_t executed)
{
    *(uint64_t *)context = executed;
    return true;
}

/* Cancelled at the first question, it stands at an instruction boundary and goes on from there. */
static void cancelled(px_executor *x)
{
    px_state s = asking();
    uint64_t seen = 0;
    px_stop stop;
    uint32_t word;
    s.mem[0] = px_rgba(PX_OP_ADDI, 6, 6, 1);
    px_machine *m = make(x, &s);
    assert_true(px_run_one(m, UINT64_C(1) << 40, &(px_cancel){at_once, &seen}, &stop, &error));
    assert_int_equal(stop.status, PX_RUNNING);
    assert_true(seen <= stop.executed);
    if (x != worker) /* which runs on meanwhile; a core hears of it some cycles later */
        assert_in_range(stop.executed - seen, 0, 3);
    assert_true(px_get(m, PX_SPACE_REGISTER, 6, &word, 1, &error));
    const uint64_t rounds = stop.executed / 3, rest = stop.executed % 3;
    assert_int_equal(word, (uint32_t)(40 + 2 * rounds + rest));
    assert_int_equal(stop.pc, rest);
    assert_true(px_run_one(m, 3 - rest, NULL, &stop, &error));
    assert_int_equal(stop.pc, 0);
    assert_true(px_machine_drop(m, &error));
    px_state_free(&s);
}

/* Pictures made straight from a machine are those that its state makes. */
static void drawn(px_executor *x)
{
    px_state s = asking(), end = {0};
    px_stop stop;
    px_machine *m = make(x, &s);
    assert_true(px_run_one(m, 10, NULL, &stop, &error));
    assert_true(px_machine_read(m, &end, &error));
    for (int image = 0; image < 2; image++) {
        px_picture expected = {0}, found = {0};
        assert_true((image ? px_state_image : px_state_save)(&end, &expected, &error));
        px_view view;
        px_rows rows;
        assert_true(px_machine_rows(m, image, &view, &rows, &error));
        assert_true(px_picture_new(&found, rows.w, rows.h, &error));
        for (uint32_t most = 1; most < 8; most++) /* at a time: blocks end above the image, in it, and on its edge */
            for (uint32_t y = 0, count; y < rows.h; y += count) {
                count = rows.h - y < most ? rows.h - y : most;
                assert_true(rows.get(rows.context, y, count, found.px + y * rows.w, &error));
            }
        assert_int_equal(found.w, expected.w);
        assert_int_equal(found.h, expected.h);
        assert_memory_equal(found.px, expected.px, (size_t)found.w * found.h * sizeof *found.px);
        px_picture_free(&expected);
        px_picture_free(&found);
    }
    assert_true(px_machine_drop(m, &error));
    px_state_free(&end);
    px_state_free(&s);
}

static void answers_are_turns(void **state) { (void)state, on_each(answer_turns); }
static void who_waits_says_for_what(void **state) { (void)state, on_each(made_waiting); }
static void words_are_those_of_the_machine(void **state) { (void)state, on_each(words_of_spaces); }
static void machines_live_side_by_side(void **state) { (void)state, on_each(side_by_side); }
static void pictures_are_those_of_the_state(void **state) { (void)state, on_each(drawn); }
static void a_cancelled_turn_ends_at_a_boundary(void **state) { (void)state, on_each(cancelled); }

/* ---- what is refused ---- */

static void wrong_turns_run_nothing(void **state)
{
    (void)state;
    px_executor *x = opened("ref"), *other = opened("ref");
    px_state s = asking();
    px_machine *m = make(x, &s), *n = make(x, &s), *foreign = make(other, &s);
    px_turn twice[] = {{.machine = n, .budget = 1}, {.machine = m, .budget = 1}, {.machine = n, .budget = 1}};
    assert_false(px_run(x, twice, 3, NULL, &error));
    expect_error(PX_E_USAGE, "turn 3 of a run of ref is for a machine that has one already");
    assert_int_equal(m->retired, 0);
    px_turn stranger[] = {{.machine = m, .budget = 1}, {.machine = foreign, .budget = 1}};
    assert_false(px_run(x, stranger, 2, NULL, &error));
    expect_error(PX_E_USAGE, "turn 2 of a run of ref is not for one of its machines");
    assert_false(px_run(x, &(px_turn){.budget = 1}, 1, NULL, &error));
    expect_error(PX_E_USAGE, "turn 1");
    assert_false(px_run(x, &(px_turn){.machine = m, .budget = 1, .answers = true}, 1, NULL, &error));
    expect_error(PX_E_USAGE, "waits for nothing");
    assert_true(px_run(x, NULL, 0, NULL, &error));
    px_turn good[] = {{.machine = m, .budget = 1}, {.machine = n, .budget = 1}};
    assert_true(px_run(x, good, 2, NULL, &error)); /* nothing stayed marked */
    assert_int_equal(m->retired + n->retired, 2);
    assert_true(px_machine_drop(m, &error) && px_machine_drop(n, &error) && px_machine_drop(foreign, &error));
    assert_true(px_machine_drop(NULL, &error));
    px_executor_close(x);
    px_executor_close(other);
    px_state_free(&s);
}

static void ranges_end_with_the_space(void **state)
{
    (void)state;
    static const struct {
        enum px_space space;
        uint32_t at, count;
    } cases[] = {{PX_SPACE_PIXEL, 24, 1},         {PX_SPACE_PIXEL, 0, 25},     {PX_SPACE_PIXEL, 23, 2},
                 {PX_SPACE_PIXEL, UINT32_MAX, 2}, {PX_SPACE_PIXEL, 25, 0},     {PX_SPACE_PIXEL, 1, UINT32_MAX},
                 {PX_SPACE_REGISTER, 256, 1},     {PX_SPACE_REGISTER, 1, 256}, {PX_SPACE_STATE, 4, 1},
                 {PX_SPACE_STATE, 1, 4}};
    px_executor *x = opened("ref");
    px_state s = asking();
    px_machine *m = make(x, &s);
    uint32_t word = 0;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_false(px_get(m, cases[i].space, cases[i].at, &word, cases[i].count, &error));
        assert_int_equal(error.code, PX_E_USAGE);
        assert_false(px_put(m, cases[i].space, cases[i].at, &word, cases[i].count, &error));
        assert_int_equal(error.code, PX_E_USAGE);
    }
    assert_false(px_copy(m, 0, m, 1, 2, &error));
    expect_error(PX_E_USAGE, "over themselves");
    assert_false(px_copy(m, 5, m, 5, 1, &error));
    assert_false(px_copy(m, 20, m, 0, 5, &error));
    assert_false(px_copy(m, 0, m, 20, 5, &error));
    assert_true(px_copy(m, 12, m, 0, 12, &error)); /* they touch */
    assert_true(px_machine_drop(m, &error));
    px_executor_close(x);
    px_state_free(&s);
}

static void what_cannot_be_is_not_made(void **state)
{
    (void)state;
    px_executor *x = opened("ref");
    px_machine *m = NULL;
    px_state s = asking();
    s.w = s.h = 1 << 16; /* a product that is 0 in 32 bits */
    assert_false(px_machine_create(x, &s, &m, &error));
    expect_error(PX_E_INPUT, "65536 x 65536");
    s.w = 6, s.h = 4;
    s.pc = 25;
    assert_false(px_machine_create(x, &s, &m, &error));
    expect_error(PX_E_INPUT, "pc");
    s.pc = 0;
    x->caps.max_pixels = 23;
    assert_false(px_machine_create(x, &s, &m, &error));
    expect_error(PX_E_TOO_LARGE, "the image has 24 pixels and ref holds at most 23");
    x->caps = (px_caps){.max_pixels = 100, .machines = 1, .total_pixels = 40, .lanes = 1};
    m = make(x, &s);
    px_machine *second;
    assert_false(px_machine_create(x, &s, &second, &error));
    expect_error(PX_E_TOO_LARGE, "ref holds 1 machine");
    x->caps.machines = 2;
    assert_false(px_machine_create(x, &s, &second, &error));
    expect_error(PX_E_TOO_LARGE, "holds 40 pixels, 24 of them in use");
    assert_true(px_machine_drop(m, &error));
    m = make(x, &s);
    px_state wrong = asking();
    wrong.w = 4, wrong.h = 6;
    assert_false(px_machine_write(m, &wrong, &error));
    expect_error(PX_E_USAGE, "cannot become one of 4x6");
    assert_true(px_machine_drop(m, &error));
    px_executor_close(x);
    px_state_free(&wrong);
    px_state_free(&s);
}

/* Fields that nobody's machine has are found before the next turn, and can be put right. */
static void put_fields_are_looked_at(void **state)
{
    (void)state;
    px_executor *x = opened("ref");
    px_state s = asking(), end = {0};
    px_machine *m = make(x, &s);
    px_stop stop;
    const uint32_t pc[] = {25}, good[] = {0}, waiting[] = {PX_V1 << 16 | PX_WAITING, 256};
    assert_true(px_put(m, PX_SPACE_STATE, PX_WORD_PC, pc, 1, &error));
    assert_false(px_run_one(m, 1, NULL, &stop, &error));
    expect_error(PX_E_INPUT, "pc");
    assert_false(px_machine_read(m, &end, &error));
    assert_true(px_put(m, PX_SPACE_STATE, PX_WORD_PC, good, 1, &error));
    assert_true(px_run_one(m, 1, NULL, &stop, &error));
    assert_true(px_put(m, PX_SPACE_STATE, PX_WORD_FLAGS, waiting, 2, &error));
    assert_false(px_run_one(m, 1, NULL, &stop, &error));
    expect_error(PX_E_INPUT, "value");
    assert_true(px_machine_drop(m, &error));
    px_executor_close(x);
    px_state_free(&end);
    px_state_free(&s);
}

/* ---- executors that fail ---- */

static const px_executor_ops *sound;

static bool dead_run(px_executor *x, px_turn *turns, size_t count, const px_cancel *cancel, px_error *e)
{
    (void)x, (void)turns, (void)count, (void)cancel;
    return px_fail(e, PX_E_SYSTEM, "the device is gone");
}

static bool half_dead_run(px_executor *x, px_turn *turns, size_t count, const px_cancel *cancel, px_error *e)
{
    const bool ok = sound->run(x, turns, count, cancel, e);
    turns[0].failed = !px_fail(&turns[0].error, PX_E_SYSTEM, "this one is gone");
    return ok;
}

static bool dead_get(px_machine *m, enum px_space space, uint32_t at, uint32_t *words, uint32_t count, px_error *e)
{
    (void)m, (void)space, (void)at, (void)words, (void)count;
    return px_fail(e, PX_E_SYSTEM, "nothing comes back");
}

static bool dropping(void *machine, uint64_t executed)
{
    (void)executed;
    assert_false(px_machine_drop(machine, &error));
    expect_error(PX_E_USAGE, "dropped while it runs");
    uint32_t word;
    assert_false(px_get(machine, PX_SPACE_PIXEL, 0, &word, 1, &error));
    expect_error(PX_E_USAGE, "looked into while it runs");
    return true;
}

static void who_fails_loses_what_it_had(void **state)
{
    (void)state;
    px_executor *x = opened("ref");
    px_state s = asking();
    px_executor_ops broken = *x->ops;
    px_machine *m = make(x, &s), *n = make(x, &s);
    px_turn turns[] = {{.machine = m, .budget = 1}, {.machine = n, .budget = 1}};
    uint32_t word;
    px_stop stop;
    sound = x->ops;
    x->ops = &broken;
    assert_true(px_run_one(n, 1000000, &(px_cancel){dropping, n}, &stop, &error));

    broken.run = half_dead_run; /* one turn fails, the other does not */
    assert_true(px_run(x, turns, 2, NULL, &error));
    assert_true(turns[0].failed && !turns[1].failed);
    assert_false(px_get(m, PX_SPACE_PIXEL, 0, &word, 1, &error));
    expect_error(PX_E_SYSTEM, "the machine in ref is lost: this one is gone");
    assert_false(px_run_one(m, 1, NULL, &stop, &error));
    assert_true(px_get(n, PX_SPACE_PIXEL, 0, &word, 1, &error));
    assert_true(px_machine_drop(m, &error));

    m = make(x, &s);
    broken.get = dead_get;
    assert_false(px_get(m, PX_SPACE_PIXEL, 0, &word, 1, &error));
    expect_error(PX_E_SYSTEM, "nothing comes back");
    broken.get = sound->get;
    assert_false(px_get(m, PX_SPACE_PIXEL, 0, &word, 1, &error));
    expect_error(PX_E_SYSTEM, "is lost: nothing comes back");
    assert_true(px_machine_drop(m, &error));

    broken.run = dead_run; /* and now all of it */
    assert_false(px_run_one(n, 1, NULL, &stop, &error));
    assert_string_equal(error.text, "the device is gone");
    broken.run = sound->run;
    assert_false(px_run_one(n, 1, NULL, &stop, &error));
    expect_error(PX_E_SYSTEM, "ref is lost with its machines: the device is gone");
    assert_false(px_machine_create(x, &s, &m, &error));
    assert_true(px_machine_drop(n, &error));
    x->ops = sound;
    px_executor_close(x);
    px_state_free(&s);
}

static void copies_cross_executors(void **state)
{
    (void)state;
    px_executor *x = opened("ref"), *y = opened("ref");
    px_state s, t = asking();
    uint32_t word;
    assert_true(px_state_new(&s, PX_V1, 100, 100, &error));
    for (uint32_t i = 0; i < 10000; i++)
        s.mem[i] = 3 * i;
    px_machine *m = make(x, &s), *n = make(y, &s), *small = make(y, &t);
    assert_true(px_copy(n, 4999, m, 1, 5001, &error)); /* more than a block, and an odd one */
    assert_true(px_get(n, PX_SPACE_PIXEL, 9999, &word, 1, &error));
    assert_int_equal(word, 3 * 5001);
    assert_true(px_get(n, PX_SPACE_PIXEL, 4998, &word, 1, &error));
    assert_int_equal(word, 3 * 4998);
    assert_true(px_copy(small, 0, m, 9976, 24, &error));
    assert_true(px_get(small, PX_SPACE_PIXEL, 23, &word, 1, &error));
    assert_int_equal(word, 3 * 9999);
    assert_true(px_machine_drop(m, &error) && px_machine_drop(n, &error) && px_machine_drop(small, &error));
    px_executor_close(x);
    px_executor_close(y);
    px_state_free(&s);
    px_state_free(&t);
}

static void every_instruction_is_carried_out(void **context)
{
    (void)context;
    on_each(carries_out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_instruction_is_carried_out), cmocka_unit_test(answers_are_turns),
        cmocka_unit_test(who_waits_says_for_what),          cmocka_unit_test(words_are_those_of_the_machine),
        cmocka_unit_test(machines_live_side_by_side),       cmocka_unit_test(a_cancelled_turn_ends_at_a_boundary),
        cmocka_unit_test(pictures_are_those_of_the_state),  cmocka_unit_test(wrong_turns_run_nothing),
        cmocka_unit_test(ranges_end_with_the_space),        cmocka_unit_test(what_cannot_be_is_not_made),
        cmocka_unit_test(put_fields_are_looked_at),         cmocka_unit_test(who_fails_loses_what_it_had),
        cmocka_unit_test(copies_cross_executors),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    if (!px_executor_open(&worker, "worker:ref", &error)) {
        fprintf(stderr, "%s\n", error.text);
        return 1;
    }
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    px_executor_close(worker);
    return failed;
}

/* test_tape.c - a tape winds to the states that a plain run goes through, and stops where instructions worked by hand
 * say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "exec/drivers.h"
#include "exec/tape.h"
#include "pxi/asm/asm.h"

static px_executor *executor;
static px_tape *tape;
static px_state start;
static px_error error;

static void load(const char *text)
{
    px_assembly assembly;
    if (!px_assemble(&assembly, "test", text, strlen(text), NULL)) {
        px_assembly_print(stderr, &assembly, false);
        fail();
    }
    assert_true(px_state_take(&start, &assembly.picture, "test", &error));
    px_assembly_free(&assembly);
}

static void open_on(const px_driver *driver, const px_answerer *answerer)
{
    assert_true(driver->open(&executor, NULL, &error));
    assert_true(px_tape_open(&tape, executor, &start, answerer, 0, &error));
}

static void done(void)
{
    px_tape_close(tape);
    executor->ops->close(executor);
    px_state_free(&start);
}

/* The tape's machine is what a plain run of so many instructions leaves. */
static void same_as_plain(uint64_t at)
{
    px_executor *ref;
    px_machine *plain;
    px_stop stop;
    px_state a = {0}, b = {0};
    char difference[256] = "";
    assert_true(px_ref_driver.open(&ref, NULL, &error));
    assert_true(px_machine_create(ref, &start, &plain, &error));
    assert_true(px_run_one(plain, at, NULL, &stop, &error));
    assert_true(px_machine_read(plain, &a, &error));
    assert_true(px_machine_read(px_tape_machine(tape), &b, &error));
    if (!px_state_equal(&a, "plain", &b, "tape", difference, sizeof difference))
        fail_msg("at %llu: %s", (unsigned long long)at, difference);
    px_machine_drop(plain, NULL);
    ref->ops->close(ref);
    px_state_free(&a);
    px_state_free(&b);
}

/* 0 li r1,3; 1 li r2,0; 2 add; 3 call; 4..5 st, jr; 6 addi; 7 bne: 2 + 3 * 6 instructions, then halt. */
static const char loop[] = ".size 16, 4\n"
                           "      li r1, 3\n"
                           "      li r2, 0\n"
                           "again: add r2, r2, r1\n"
                           "      call r9, store\n"
                           "      addi r1, r1, -1\n"
                           "      bne r1, r0, again\n"
                           "      halt\n"
                           "store: li r3, 40\n"
                           "      st [r3 + 0], r2\n"
                           "      jr r9\n";

enum { AGAIN = 7, CALL = 8, STORE = 12, END = 2 + 3 * 7 + 1 };

static px_tape_hit run(px_breakpoint b, bool back)
{
    const px_breakpoints list = {&b, 1};
    px_tape_hit hit;
    assert_true((back ? px_tape_back(tape, &list, 0, NULL, &hit, &error)
                      : px_tape_run(tape, &list, UINT64_MAX, NULL, &hit, &error)));
    if (hit.end == PX_END_BREAK)
        assert_ptr_equal(hit.breakpoint, &b);
    hit.breakpoint = NULL;
    return hit;
}

static void at(uint64_t position, uint32_t pc)
{
    assert_int_equal(px_tape_about(tape).at, position);
    assert_int_equal(px_tape_stop(tape)->pc, pc);
    same_as_plain(position);
}

static void winds(const px_driver *driver)
{
    load(loop);
    open_on(driver, NULL);
    px_tape_hit hit;
    assert_true(px_tape_seek(tape, UINT64_MAX, NULL, &hit, &error));
    assert_int_equal(hit.end, PX_END_STOPPED);
    assert_int_equal(px_tape_about(tape).at, END);
    for (uint64_t k = END; k-- > 0;) {
        assert_true(px_tape_seek(tape, k, NULL, NULL, &error));
        same_as_plain(k);
    }
    done();
}

static void stops(const px_driver *driver)
{
    load(loop);
    open_on(driver, NULL);
    const px_breakpoint pc = {.kind = PX_BREAK_PC, .at = AGAIN}, reg = {.kind = PX_BREAK_REGISTER, .at = 1};
    const px_breakpoint wrote = {.kind = PX_BREAK_PIXELS, .at = 38, .count = 5, .written = true};
    const px_breakpoint over = {.kind = PX_BREAK_OVER}, out = {.kind = PX_BREAK_RETURN};
    assert_int_equal(run(pc, false).end, PX_END_BREAK);
    at(2, AGAIN);
    run(pc, false);
    at(9, AGAIN);
    assert_int_equal(run(wrote, false).by, 12); /* add, call, li, st */
    at(13, STORE + 2);
    run(out, false);
    at(14, CALL + 1);
    run(reg, true);
    at(7, CALL + 1);
    run(wrote, true);
    at(5, STORE + 1);
    run(pc, true);
    at(2, AGAIN);
    run((px_breakpoint){.kind = PX_BREAK_OP, .at = PX_OP_CALL}, false);
    at(3, CALL);
    run(over, false);
    at(7, CALL + 1);
    px_tape_hit hit;
    assert_true(px_tape_back_over(tape, NULL, &hit, &error));
    at(3, CALL);
    assert_true(px_tape_back_over(tape, NULL, &hit, &error));
    at(2, AGAIN);
    run((px_breakpoint){.kind = PX_BREAK_COUNT, .number = 20}, false);
    at(20, STORE + 2);
    run((px_breakpoint){.kind = PX_BREAK_COUNT, .number = 4}, true);
    at(4, STORE);
    run((px_breakpoint){.kind = PX_BREAK_CLASS, .at = PX_CLASS_BRANCH}, false);
    at(8, AGAIN + 3);
    assert_int_equal(run((px_breakpoint){.kind = PX_BREAK_OP, .at = PX_OP_DIV}, true).end, PX_END_FIRST);
    at(0, 5);
    done();
}

/* Beside a run that is written, and between the pieces of one with a stride, nothing is. */
static void watches_exactly(const px_driver *driver)
{
    load(".size 16, 8\n li r1, 3\n vl r1\n li r2, 64\n fill [r2], r1\n li r4, 80\n li r5, 4\n li r6, 64\n"
         " li r7, 1\n copys [r4], [r6]\n halt\n");
    open_on(driver, NULL);
    const struct {
        uint32_t at, count;
        uint64_t hit; /* 0: none */
    } watched[] = {{63, 1, 0}, {64, 1, 4}, {66, 1, 4}, {67, 1, 0}, {60, 5, 4}, {67, 13, 0},
                   {80, 1, 9}, {81, 3, 0}, {84, 1, 9}, {83, 2, 9}, {88, 8, 9}, {89, 8, 0}};
    for (size_t i = 0; i < sizeof watched / sizeof *watched; i++) {
        const px_breakpoint b = {
            .kind = PX_BREAK_PIXELS, .at = watched[i].at, .count = watched[i].count, .written = true};
        assert_true(px_tape_seek(tape, 0, NULL, NULL, &error));
        const px_tape_hit hit = run(b, false);
        assert_int_equal(hit.end, watched[i].hit > 0 ? PX_END_BREAK : PX_END_STOPPED);
        if (watched[i].hit > 0)
            assert_int_equal(px_tape_about(tape).at, watched[i].hit);
    }
    done();
}

static void note(void *context, const px_retire *r) { px_follow_retired(context, r); }

/* Registers, vl and pc are the machine's after each instruction, branches on either side of 0 among them. */
static void follows(const px_driver *driver)
{
    load(".size 16, 4\n li r1, -1\n li r2, 1\n vl r2\n blt r1, r2, one\n halt\n"
         "one: bltu r1, r2, bad\n bge r1, r2, bad\n bgeu r1, r2, two\nbad: halt\n"
         "two: beq r1, r2, bad\n bne r1, r2, three\n halt\n"
         "three: lit r3, 0x12345678\n call r9, four\n jmp bad\nfour: get r4, 3\n jr r9\n");
    open_on(driver, NULL);
    px_follow follow = {0};
    assert_true(px_follow_begin(&follow, px_tape_machine(tape), &error));
    assert_true(px_on_retire(px_tape_machine(tape), note, &follow, &error));
    for (uint64_t k = 1; k <= 15; k++) {
        px_follow now = {0};
        assert_true(px_tape_seek(tape, k, NULL, NULL, &error));
        assert_true(px_follow_look(&now, px_tape_machine(tape), &error));
        assert_int_equal(follow.pc, now.pc);
        assert_int_equal(follow.vl, now.vl);
        assert_memory_equal(follow.reg, now.reg, sizeof now.reg);
    }
    assert_int_equal(px_tape_stop(tape)->status, PX_HALTED);
    assert_int_equal(follow.depth, 0);
    done();
}

/* Two machines, each of two instructions again and again, run by RESUME: three steps each, after five instructions. */
static const char nested[] = ".size 1, 700\n"
                             "  li r1, 40\n  li r2, 300\n  li r3, 30\n  li r4, 2\n  vl r4\n"
                             "here: resume [r1], [r3]\n  halt\n"
                             ".org 30\n.word 3, 3\n";

static void sees_slots(const px_driver *driver)
{
    load(nested);
    for (uint32_t slot = 40; slot <= 340; slot += 300) {
        const uint32_t header[] = {PX_MAGIC_STATE, PX_V1, 1, 4};
        memcpy(start.mem + slot, header, sizeof header);
        start.mem[slot + PX_STATE_WORDS] = PX_OP_ADDI | 1 << 8 | 1 << 16 | 1 << 24;
        start.mem[slot + PX_STATE_WORDS + 1] = PX_OP_ST | 3 << 8 | 0 << 16 | 1 << 24; /* st [r0 + 3], r1 */
    }
    open_on(driver, NULL);
    const px_breakpoint inner = {.kind = PX_BREAK_PIXELS, .at = 340 + PX_STATE_WORDS + 3, .count = 1, .written = true};
    const px_breakpoint here = {.kind = PX_BREAK_PC, .at = 10};
    run(here, false);
    assert_int_equal(px_tape_about(tape).at, 5);
    run(inner, false); /* three of the first machine, addi, st */
    assert_int_equal(px_tape_about(tape).at, 10);
    same_as_plain(10);
    run(inner, true);
    assert_int_equal(px_tape_about(tape).at, 9);
    same_as_plain(9);
    done();
}

static bool low(void *context, const px_moment *m) { return m->reg[1] == *(uint32_t *)context; }
static bool six(void *context, const px_moment *m)
{
    uint32_t pixel = 0;
    (void)context;
    assert_true(px_get(m->machine, PX_SPACE_PIXEL, 40, &pixel, 1, NULL));
    return pixel == 5;
}

static void conditions(const px_driver *driver)
{
    uint32_t one = 1;
    load(loop);
    open_on(driver, NULL);
    run((px_breakpoint){.kind = PX_BREAK_PC, .at = AGAIN, .holds = low, .context = &one}, false);
    at(16, AGAIN);
    run((px_breakpoint){.kind = PX_BREAK_PC, .at = CALL, .holds = six, .pixels = true}, true);
    assert_int_equal(px_tape_about(tape).at, 0); /* 3 before the first call: 0, before the second 3, the third 5 */
    run((px_breakpoint){.kind = PX_BREAK_PC, .at = CALL, .holds = six, .pixels = true}, false);
    at(17, CALL);
    done();
}

/* The answers count up; each request is told. */
static unsigned asked;
static px_answered count_up(void *context, px_machine *machine, const px_stop *stop, uint64_t executed, uint32_t *word,
                            px_error *reason)
{
    const uint32_t pixel = 100 + asked;
    (void)context, (void)stop, (void)executed;
    assert_true(px_put(machine, PX_SPACE_PIXEL, 50, &pixel, 1, reason));
    *word = asked++;
    return PX_ANSWERED;
}

static void answers_once(const px_driver *driver)
{
    const px_answerer answerer = {.answer = count_up};
    asked = 0;
    load(".size 16, 4\nagain: li r1, 0\n sys r1\n li r3, 50\n ld r2, [r3 + 0]\n jmp again\n");
    open_on(driver, &answerer);
    assert_true(px_tape_seek(tape, 5 * 3 + 4, NULL, NULL, &error));
    assert_int_equal(asked, 4);
    uint32_t got[2];
    for (uint64_t turn = 4; turn-- > 0;) {
        assert_true(px_tape_seek(tape, 5 * turn + 4, NULL, NULL, &error));
        assert_true(px_get(px_tape_machine(tape), PX_SPACE_REGISTER, 1, got, 2, &error));
        assert_int_equal(got[0], turn);
        assert_int_equal(got[1], 100 + turn);
    }
    assert_int_equal(asked, 4);
    const px_breakpoint host = {.kind = PX_BREAK_PIXELS, .at = 50, .count = 1, .written = true};
    const px_tape_hit hit = run(host, false);
    assert_true(hit.answered);
    assert_int_equal(px_tape_about(tape).at, 7);
    run((px_breakpoint){.kind = PX_BREAK_SYS}, false);
    assert_int_equal(px_tape_about(tape).at, 12);
    run((px_breakpoint){.kind = PX_BREAK_SYS}, true);
    assert_int_equal(px_tape_about(tape).at, 7);
    assert_int_equal(run(host, true).by, 2);
    assert_int_equal(px_tape_about(tape).at, 2);
    done();
}

static void puts_begin_anew(const px_driver *driver)
{
    const uint32_t two = 2;
    uint32_t got;
    load(loop);
    open_on(driver, NULL);
    assert_true(px_tape_seek(tape, END, NULL, NULL, &error));
    assert_true(px_tape_seek(tape, 2, NULL, NULL, &error));
    assert_true(px_tape_put(tape, PX_SPACE_REGISTER, 1, &two, 1, &error));
    for (int again = 0; again < 2; again++) {
        assert_true(px_tape_seek(tape, UINT64_MAX, NULL, NULL, &error));
        assert_int_equal(px_tape_about(tape).at, END - 7); /* two rounds, not three */
        assert_true(px_get(px_tape_machine(tape), PX_SPACE_PIXEL, 40, &got, 1, &error));
        assert_int_equal(got, 2 + 1);
        assert_true(px_tape_seek(tape, 0, NULL, NULL, &error));
        assert_true(px_get(px_tape_machine(tape), PX_SPACE_REGISTER, 1, &got, 1, &error));
        assert_int_equal(got, 0);
    }
    done();
}

/* A long run has snapshots, within their memory, and its states are those of a plain run. */
static void long_run(const px_driver *driver)
{
    load(".size 64, 64\n lit r1, 3000000\n li r4, 100\n"
         "again: st [r4 + 0], r1\n addi r1, r1, -1\n bne r1, r0, again\n halt\n");
    assert_true(driver->open(&executor, NULL, &error));
    assert_true(px_tape_open(&tape, executor, &start, NULL, 200000, &error));
    assert_true(px_tape_seek(tape, UINT64_MAX, NULL, NULL, &error));
    const px_tape_facts facts = px_tape_about(tape);
    assert_int_equal(facts.at, 2 + 9000000 + 1);
    assert_true(facts.bytes < 400000);
    const uint64_t places[] = {8999999, 5000001, 77, 4123456};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        assert_true(px_tape_seek(tape, places[i], NULL, NULL, &error));
        same_as_plain(places[i]);
    }
    done();
}

/* A mark shortens the way of further steps back; what is put before it is not undone by it. */
static void steps_back(const px_driver *driver)
{
    load(".size 64, 64\n"
         "      set r6, 3000000\n"
         "      set r3, 1000\n"
         "again: addi r2, r2, 1\n"
         "      st [r3 + 0], r2\n"
         "      bltu r2, r6, again\n"
         "      halt\n");
    open_on(driver, NULL);
    const uint64_t first = 4000000;
    const uint32_t nine = 9;
    uint32_t got;
    assert_true(px_tape_seek(tape, first, NULL, NULL, &error));
    for (uint64_t k = 1; k < 8; k++) {
        assert_true(px_tape_seek(tape, first - k, NULL, NULL, &error));
        same_as_plain(first - k);
    }
    assert_true(px_tape_seek(tape, 1000, NULL, NULL, &error));
    assert_true(px_tape_put(tape, PX_SPACE_REGISTER, 77, &nine, 1, &error));
    for (uint64_t k = 0; k < 4; k++) {
        assert_true(px_tape_seek(tape, first - k, NULL, NULL, &error));
        assert_true(px_get(px_tape_machine(tape), PX_SPACE_REGISTER, 77, &got, 1, &error));
        assert_int_equal(got, 9);
    }
    done();
}

#define BOTH(name)                                                                                                     \
    static void name##_ref(void **state)                                                                               \
    {                                                                                                                  \
        (void)state;                                                                                                   \
        name(&px_ref_driver);                                                                                          \
    }                                                                                                                  \
    static void name##_fast(void **state)                                                                              \
    {                                                                                                                  \
        (void)state;                                                                                                   \
        name(&px_fast_driver);                                                                                         \
    }
BOTH(winds)
BOTH(stops)
BOTH(conditions)
BOTH(answers_once)
BOTH(puts_begin_anew)
BOTH(long_run)
BOTH(steps_back)
BOTH(watches_exactly)
BOTH(follows)
BOTH(sees_slots)

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(winds_ref),           cmocka_unit_test(winds_fast),
                                       cmocka_unit_test(stops_ref),           cmocka_unit_test(stops_fast),
                                       cmocka_unit_test(conditions_ref),      cmocka_unit_test(conditions_fast),
                                       cmocka_unit_test(answers_once_ref),    cmocka_unit_test(answers_once_fast),
                                       cmocka_unit_test(puts_begin_anew_ref), cmocka_unit_test(puts_begin_anew_fast),
                                       cmocka_unit_test(long_run_ref),        cmocka_unit_test(long_run_fast),
                                       cmocka_unit_test(steps_back_ref),      cmocka_unit_test(steps_back_fast),
                                       cmocka_unit_test(watches_exactly_ref), cmocka_unit_test(watches_exactly_fast),
                                       cmocka_unit_test(follows_ref),         cmocka_unit_test(follows_fast),
                                       cmocka_unit_test(sees_slots_ref),      cmocka_unit_test(sees_slots_fast)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_fast.c - what the fast executor keeps of code, and must forget: whatever is written, by whomever, and wherever a
 * budget ends, it is where the reference VM is. The programs are made so that what was kept wrongly shows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define px_run px_run_of_pixels /* a type there, a function of exec/machine.h */
#include "vm/fast_machine.h"
#undef px_run

#include "exec/drivers.h"
#include "exec/machine.h"
#include "pxi/asm/asm.h"
#include "pxi/pixel.h"

enum { LONG = 3000 }; /* beyond what is asked for before each instruction */

static px_error error;
static px_executor *ref, *fast;

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

static px_machine *made(px_executor *on, const px_state *state)
{
    px_machine *machine;
    if (!px_machine_create(on, state, &machine, &error))
        fail_msg("%s", error.text);
    return machine;
}

static void run(px_machine *machine, uint64_t budget)
{
    px_stop stop;
    if (!px_run_one(machine, budget, NULL, &stop, &error))
        fail_msg("%s", error.text);
}

static void expect_same(px_machine *on_ref, px_machine *on_fast, const char *when, uint64_t budget)
{
    px_state a = {0}, b = {0};
    char difference[200];
    assert_true(px_machine_read(on_ref, &a, &error) && px_machine_read(on_fast, &b, &error));
    if (!px_state_equal(&a, "ref", &b, "fast", difference, sizeof difference))
        fail_msg("%s, budget %llu: %s", when, (unsigned long long)budget, difference);
    px_state_free(&a);
    px_state_free(&b);
}

/* After first instructions in one piece, and then for each number of instructions up to more. */
static void same_from(const char *text, uint64_t first, uint64_t more)
{
    px_state state = assembled(text);
    px_machine *stepped[2] = {made(ref, &state), made(fast, &state)};
    for (int i = 0; i < 2; i++)
        run(stepped[i], first);
    for (uint64_t k = 0; k < more; k++) {
        px_machine *whole = made(fast, &state);
        run(whole, first + k);
        expect_same(stepped[0], whole, "in one piece", first + k);
        expect_same(stepped[0], stepped[1], "in steps", first + k);
        px_machine_drop(whole, NULL);
        for (int i = 0; i < 2; i++)
            run(stepped[i], 1);
    }
    for (int i = 0; i < 2; i++)
        px_machine_drop(stepped[i], NULL);
    px_state_free(&state);
}

static void same(const char *text)
{
    same_from(text, 0, 60);
    same_from(text, LONG, 40);
}

/* ---- a budget, wherever it ends ---- */

static void budgets(void **context)
{
    (void)context;
    same("        .size 16, 4\n"
         "loop:   addi r1, r1, 1\n"
         "        lit r2, 77\n"
         "        add r3, r3, r2\n"
         "        andi r4, r1, 3\n"
         "        beq r4, r0, skip\n"
         "        xor r5, r5, r3\n"
         "skip:   call r6, sub\n"
         "        jmp loop\n"
         "sub:    mul r7, r5, r3\n"
         "        jr r6\n");
    same("        .size 48, 60\n" /* across pages, and to the last pixel */
         "loop:   addi r1, r1, 1\n"
         "        call r6, far\n"
         "        jmp loop\n"
         "        .org 2000\n"
         "far:    add r2, r2, r1\n"
         "        set r7, last\n"
         "        jr r7\n"
         "        .org 2879\n"
         "last:   jr r6\n");
    same("        .size 16, 4\n" /* off the end */
         "        jmp end\n"
         "        .org 60\n"
         "end:    addi r1, r1, 1\n"
         "        addi r1, r1, 1\n"
         "        addi r1, r1, 1\n"
         "        addi r1, r1, 1\n");
    same("        .size 32, 64\n" /* straight code over the edge of a page, a literal upon it */
         "        jmp over\n"
         "        .org 1020\n"
         "over:   addi r1, r1, 1\n"
         "        addi r1, r1, 1\n"
         "        addi r1, r1, 1\n"
         "        lit r2, 5\n"
         "        add r1, r1, r2\n"
         "        set r3, over\n"
         "        jr r3\n");
}

/* ---- code that is written ---- */

static void next_pixel(void **context)
{
    (void)context;
    same("        .size 16, 4\n" /* the very next instruction, another one each turn */
         "        lit r9, 0x01000000\n"
         "        set r1, target\n"
         "loop:   ld r2, [r1 + 0]\n"
         "        add r2, r2, r9\n"
         "        st [r1 + 0], r2\n"
         "target: addi r3, r3, 0\n"
         "        jmp loop\n");
    same("        .size 16, 4\n" /* by a byte, and behind itself */
         "loop:   add r5, r5, r3\n"
         "        set r1, loop\n"
         "        li r2, 2\n"
         "        addi r4, r4, 3\n"
         "        andi r6, r4, 7\n"
         "        stb [r1 : r2], r6\n"
         "        jmp loop\n");
}

/* The second of two that are done at once. */
static void second_of_pair(void **context)
{
    (void)context;
    same("        .size 16, 16\n"
         "        lit r9, 0x01000000\n"
         "        set r1, target\n"
         "loop:   ld r2, [r1 + 0]\n"
         "        add r2, r2, r9\n"
         "        st [r1 + 0], r2\n"
         "        addi r7, r0, 0\n"
         "target: ld r8, [r7 + 0]\n" /* another pixel each turn */
         "        add r3, r3, r8\n"
         "        jmp loop\n");
}

/* The last pixel of what is reached, to and fro between two jumps. */
static void last_pixel(void **context)
{
    (void)context;
    same("        .size 16, 4\n"
         "        set r1, last\n"
         "        ld r2, [r1 + 0]\n"
         "        set r3, other\n"
         "        ld r4, [r3 + 0]\n"
         "        xor r4, r4, r2\n"
         "        jmp loop\n"
         "other:  .word 0xFFFD0006\n" /* at last: jmp twice */
         "loop:   addi r5, r5, 1\n"
         "twice:  addi r5, r5, 3\n"
         "        xor r2, r2, r4\n"
         "        st [r1 + 0], r2\n"
         "last:   jmp loop\n");
}

static void literal(void **context)
{
    (void)context;
    same("        .size 16, 4\n"
         "        set r1, value + 1\n"
         "loop:   addi r2, r2, 1\n"
         "        st [r1 + 0], r2\n"
         "value:  lit r3, 5\n"
         "        add r4, r4, r3\n"
         "        jmp loop\n");
    same("        .size 32, 64\n" /* the literal is the next page's first pixel */
         "        set r1, 1024\n"
         "        set r5, value\n"
         "loop:   addi r2, r2, 1\n"
         "        st [r1 + 0], r2\n"
         "        jr r5\n"
         "        .org 1023\n"
         "value:  lit r3, 5\n"
         "        add r4, r4, r3\n"
         "        set r6, loop\n"
         "        jr r6\n");
}

static void vectors(void **context)
{
    (void)context;
    same("        .size 16, 16\n" /* a map, in place */
         "        li r1, 3\n"
         "        vl r1\n"
         "        set r1, code\n"
         "        lit r2, 0x01000000\n"
         "loop:   vadd.vx [r1], [r1], r2\n"
         "code:   addi r3, r3, 0\n"
         "        addi r4, r4, 5\n"
         "        addi r5, r5, 9\n"
         "        jmp loop\n");
    same("        .size 16, 16\n" /* every other pixel; then the instruction itself, too */
         "        li r1, 4\n"
         "        vl r1\n"
         "        set r1, code\n"
         "        li r2, 2\n"
         "        set r3, table\n"
         "        li r4, 1\n"
         "loop:   copys [r1], [r3]\n"
         "code:   addi r5, r5, 1\n"
         "        addi r5, r5, 2\n"
         "        addi r5, r5, 3\n"
         "        addi r5, r5, 4\n"
         "        addi r5, r5, 5\n"
         "        addi r5, r5, 6\n"
         "        addi r5, r5, 7\n"
         "        xori r4, r4, 1\n"
         "        jmp loop\n"
         "table:  addi r6, r6, 1\n"
         "        subi r6, r5, 2\n"
         "        muli r6, r6, 3\n"
         "        xor r5, r5, r6\n");
    same("        .size 16, 16\n" /* a table that grows */
         "        li r1, 2\n"
         "        vl r1\n"
         "        set r1, code\n"
         "        li r2, 3\n"
         "        set r3, more\n"
         "        set r4, which\n"
         "loop:   scatadd [r1], [r3], [r4]\n"
         "code:   addi r5, r5, 1\n"
         "        addi r5, r5, 2\n"
         "        addi r5, r5, 3\n"
         "        jmp loop\n"
         "more:   .word 0x01000000, 0x02000000\n"
         "which:  .word 0, 2\n");
}

/* Pixels that come from outside. */
static void from_outside(void **context)
{
    (void)context;
    px_state state =
        assembled("        .size 64, 64\nloop:   addi r1, r1, 1\n        addi r2, r2, 1\n        jmp loop\n");
    px_state other =
        assembled("        .size 64, 64\nloop:   addi r1, r1, 7\n        addi r2, r2, 9\n        jmp loop\n");
    const uint32_t at = state.pc, word = px_rgba(PX_OP_ADDI, 1, 1, 100), shorter = px_rgba(PX_OP_JMP, 0, 0xFF, 0xFF);
    px_machine *m[2] = {made(ref, &state), made(fast, &state)}, *from[2] = {made(ref, &other), made(fast, &other)};
    for (int i = 0; i < 2; i++) {
        run(m[i], LONG);
        assert_true(px_put(m[i], PX_SPACE_PIXEL, at, &word, 1, &error));
        run(m[i], LONG);
    }
    expect_same(m[0], m[1], "put", 2 * LONG);
    for (int i = 0; i < 2; i++) {
        assert_true(px_put(m[i], PX_SPACE_PIXEL, at + 2, &shorter, 1, &error)); /* the last pixel of a region */
        run(m[i], LONG);
    }
    expect_same(m[0], m[1], "the last one put", 3 * LONG);
    for (int i = 0; i < 2; i++) {
        assert_true(px_copy(m[i], at, from[i], at, 2, &error));
        run(m[i], LONG);
    }
    expect_same(m[0], m[1], "copied", 4 * LONG);
    for (int i = 0; i < 2; i++) {
        assert_true(px_machine_drop(m[i], &error) && px_machine_drop(from[i], &error));
    }
    px_state_free(&state);
    px_state_free(&other);
}

static void count_retired(void *context, const px_retire *retire)
{
    (void)retire;
    ++*(uint64_t *)context;
}

/* Traced instructions write, too. */
static void traced_between(void **context)
{
    (void)context;
    px_state state = assembled("        .size 16, 4\n"
                               "        lit r9, 0x01000000\n"
                               "        set r1, target\n"
                               "loop:   ld r2, [r1 + 0]\n"
                               "        add r2, r2, r9\n"
                               "        st [r1 + 0], r2\n"
                               "target: addi r3, r3, 0\n"
                               "        jmp loop\n");
    px_machine *m[2] = {made(ref, &state), made(fast, &state)};
    for (int i = 0; i < 2; i++) {
        uint64_t retired = 0;
        run(m[i], LONG);
        assert_true(px_on_retire(m[i], count_retired, &retired, &error));
        run(m[i], 13);
        assert_int_equal(retired, 13);
        assert_true(px_on_retire(m[i], NULL, NULL, &error));
        run(m[i], LONG);
    }
    expect_same(m[0], m[1], "traced between", 2 * LONG + 13);
    for (int i = 0; i < 2; i++)
        px_machine_drop(m[i], NULL);
    px_state_free(&state);
}

/* ---- machines in slots ---- */

/* Two slots of a pixel more than they need, their machines 8 x 8; the outer one goes round, gives each `allowance` and
 * rewrites what is at `pixel` of the first slot's image. The inner machines are made by hand: SPEC.md section 9. */
static const char turning[] = "        .size 8, 8\n"
                              "loop:   addi r1, r1, 1\n"
                              "        xor r2, r2, r1\n"
                              "        add r3, r3, r6\n"
                              "        st [r5 + 0], r2\n"
                              "        call r8, again\n" /* an address that depends on where its image lies */
                              "again:  jmp loop\n";

/* After 60 turns it branches (bltu r5, r1) out of its image, to what lies within the same page. */
static const char leaving[] = "        .size 8, 8\n"
                              "loop:   addi r1, r1, 1\n"
                              "        jmp end\n"
                              "        .org 62\n"
                              "end:    .word 0x01050214\n"
                              "        jmp loop\n";

static px_state with_slots(const char *outer, const char *text)
{
    enum { ROWS = (PX_STATE_WORDS + 7) / 8, IMAGE = ROWS * 8, SLOT = IMAGE + 64 + 1, FIRST = 1200 };
    px_state state = assembled(outer), inner = assembled(text);
    for (uint32_t i = 0; i < 2; i++) {
        uint32_t *slot = state.mem + FIRST + i * SLOT;
        slot[PX_SAVED_MAGIC] = PX_MAGIC_STATE;
        slot[PX_SAVED_PROFILE] = PX_V1;
        slot[PX_SAVED_W] = slot[PX_SAVED_H] = 8;
        slot[PX_SAVED_PC] = inner.pc;
        slot[PX_SAVED_REG + 3] = px_rgba(PX_OP_ADDI, 7, 7, 0); /* code for the outer machine */
        slot[PX_SAVED_REG + 4] = px_rgba(PX_OP_JR, 0, 9, 0);
        slot[PX_SAVED_REG + 5] = 60;
        slot[PX_SAVED_REG + 6] = 0x01000000;
        memcpy(slot + IMAGE, inner.mem, 64 * sizeof *slot);
    }
    state.reg[10] = FIRST;
    state.reg[11] = SLOT;
    state.reg[14] = FIRST + IMAGE + inner.pc;
    state.reg[15] = FIRST + PX_SAVED_REG + 3;
    px_state_free(&inner);
    return state;
}

#define OUTER(head, allowance, body)                                                                                   \
    "        .size 64, 64\n        li r1, 2\n        vl r1\n        set r12, 1100\n        lit r8, 0x01000000\n" head  \
    "loop:   set r1, " allowance "\n        fill [r12], r1\n        resume [r10], [r12]\n" body "        jmp loop\n"

static void same_slots(const char *outer, const char *inner)
{
    px_state state = with_slots(outer, inner);
    static const uint64_t first[] = {0, 30, LONG, 5 * LONG};
    for (size_t k = 0; k < sizeof first / sizeof *first; k++) {
        px_machine *m[2] = {made(ref, &state), made(fast, &state)};
        for (int i = 0; i < 2; i++)
            run(m[i], first[k]);
        for (uint64_t more = 0; more < 60; more++) {
            expect_same(m[0], m[1], outer, first[k] + more);
            for (int i = 0; i < 2; i++)
                run(m[i], more % 7);
        }
        for (int i = 0; i < 2; i++)
            px_machine_drop(m[i], NULL);
    }
    px_state_free(&state);
}

static void slots(void **context)
{
    (void)context;
    same_slots(OUTER("", "9", ""), turning);
    same_slots(OUTER("", "2500", ""), turning);
    same_slots(OUTER("", "2500", /* the outer machine writes the inner one's code */
                     "        ld r2, [r14 + 0]\n        add r2, r2, r8\n        st [r14 + 0], r2\n"),
               turning);
    same_slots(OUTER("", "2500", "        vadd.vx [r14], [r14], r8\n"), turning); /* by a vector */
    same_slots(OUTER("", "40", "        call r9, over\n        jmp loop\nover:   jr r14\n"),
               turning); /* runs it where it lies */
    same_slots(OUTER("", "40", "        call r9, over\n        jmp loop\nover:   jr r15\n"),
               turning); /* and registers, as code */
    same_slots(
        OUTER("", "40", /* both with the second slot, which another thread may have run */
              "        add r7, r14, r11\n        ld r2, [r7 + 0]\n        add r2, r2, r8\n        st [r7 + 0], r2\n"),
        turning);
    same_slots(OUTER("", "40", "        add r7, r15, r11\n        call r9, over\n        jmp loop\nover:   jr r7\n"),
               turning);
    same_slots(OUTER("", "2500", ""), leaving);
}

/* Native code as it comes, none, and as much of it as there can be. */
/* ---- processes ---- */

/* A process makes native code, and then one that was forked from it before does, where the first one's lies if they
 * share the memory. */
static void forked(void **context)
{
    (void)context;
    px_state ours =
        assembled("        .size 16, 4\nloop:   addi r1, r1, 1\n        xor r2, r2, r1\n        jmp loop\n");
    px_state theirs =
        assembled("        .size 16, 4\nloop:   subi r1, r1, 5\n        or r2, r2, r1\n        jmp loop\n");
    int go[2], status;
    char byte;
    assert_int_equal(pipe(go), 0);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        close(go[1]);
        (void)!read(go[0], &byte, 1); /* until the parent has closed it */
        run(made(fast, &theirs), 10 * LONG);
        _exit(0);
    }
    px_machine *m[2] = {made(ref, &ours), made(fast, &ours)};
    for (int i = 0; i < 2; i++)
        run(m[i], 10 * LONG);
    close(go[0]);
    close(go[1]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    for (int i = 0; i < 2; i++)
        run(m[i], LONG);
    expect_same(m[0], m[1], "after a child", 11 * LONG);
    for (int i = 0; i < 2; i++)
        px_machine_drop(m[i], NULL);
    px_state_free(&ours);
    px_state_free(&theirs);
}

/* ---- PX_FAST_VERIFY ---- */

/* A constant that is kept is made another one: the run fails, and the instruction is named. */
static void verified(void **context)
{
    (void)context;
    px_state state =
        assembled("        .size 16, 4\nloop:   addi r1, r1, 1\n        addi r2, r2, 5\n        jmp loop\n");
    px_executor *checked = NULL;
    px_stop stop;
    char expected[100];
    assert_true(setenv("PX_FAST_JIT", "off", 1) == 0 && setenv("PX_FAST_VERIFY", "2", 1) == 0 &&
                px_fast_driver.open(&checked, NULL, &error));
    unsetenv("PX_FAST_VERIFY");
    px_machine *m = made(checked, &state);
    for (int i = 0; i < 4; i++)
        run(m, 10);
    px_fast_page *page = ((px_fast_machine *)m)->fast.page[0];
    assert_int_equal(page->op[state.pc + 1].imm, 5);
    page->op[state.pc + 1].imm = 6;
    run(m, 10);
    assert_false(px_run_one(m, 10, NULL, &stop, &error));
    snprintf(expected, sizeof expected, "the instruction at pc %u, number 3 from pc %u: r2: ref 0x",
             (unsigned)state.pc + 1, (unsigned)state.pc + 2);
    if (strstr(error.text, expected) == NULL)
        fail_msg("'%s', expected '%s' in it", error.text, expected);
    px_machine_drop(m, NULL);
    checked->ops->close(checked);
    px_state_free(&state);
}

static int open_both(void **context)
{
    (void)context;
    return px_ref_driver.open(&ref, NULL, &error) && px_fast_driver.open(&fast, NULL, &error) ? 0 : -1;
}

static int close_both(void **context)
{
    (void)context;
    ref->ops->close(ref);
    fast->ops->close(fast);
    return 0;
}

static int open_off(void **context) { return setenv("PX_FAST_JIT", "off", 1) == 0 ? open_both(context) : -1; }

static int open_eager(void **context) { return setenv("PX_FAST_JIT", "eager", 1) == 0 ? open_both(context) : -1; }

/* Whatever slots run, threads run it. */
static int open_threads(void **context)
{
    px_pool_set_threads(3);
    return setenv("PX_FAST_SLOTS", "1", 1) == 0 ? open_eager(context) : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(budgets),        cmocka_unit_test(next_pixel),     cmocka_unit_test(last_pixel),
        cmocka_unit_test(literal),        cmocka_unit_test(vectors),        cmocka_unit_test(from_outside),
        cmocka_unit_test(traced_between), cmocka_unit_test(slots),          cmocka_unit_test(forked),
        cmocka_unit_test(verified),       cmocka_unit_test(second_of_pair),
    };
    static const struct {
        const char *name;
        CMFixtureFunction open;
    } ways[] = {
        {"as it comes", open_both}, {"no native code", open_off}, {"eager", open_eager}, {"threads", open_threads}};
    enum { TESTS = sizeof tests / sizeof *tests, ALL = TESTS * (sizeof ways / sizeof *ways) };
    static char names[ALL][64];
    struct CMUnitTest all[ALL];
    for (size_t i = 0; i < ALL; i++) {
        all[i] = tests[i % TESTS];
        snprintf(names[i], sizeof names[i], "%s, %s", tests[i % TESTS].name, ways[i / TESTS].name);
        all[i].name = names[i];
        all[i].setup_func = ways[i / TESTS].open;
        all[i].teardown_func = close_both;
    }
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("fast", all, NULL, NULL);
}

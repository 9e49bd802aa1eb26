/* test_endpoint.c - the C endpoint against LINK.md sections 2 and 3: every request, every error and their order, and
 * what a repeated or damaged request does. The machine behind is the reference VM, or one that fails. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "exec/endpoint.h"
#include "pxi/pixel.h"
#include "tests/unit/held.h"

enum { PIXEL = 0u << 28, REGISTER = 1u << 28, STATE = 2u << 28, WIRE = 3u << 28 };

static px_executor *executor;
static px_endpoint *endpoint;
static px_link_frame reply;
static uint8_t sequence;

static int open_ref(void **state)
{
    (void)state;
    sequence = 100;
    return px_ref_driver.open(&executor, NULL, NULL) && px_endpoint_open(&endpoint, executor, "ref", NULL) ? 0 : -1;
}

static int close_ref(void **state)
{
    (void)state;
    px_endpoint_close(endpoint);
    held_close(executor);
    return 0;
}

/* ---- asking ---- */

static void ask_again(unsigned type, const uint32_t *words, uint32_t length)
{
    const px_link_frame request = {1, (uint8_t)type, sequence, length, words};
    px_endpoint_request(endpoint, &request, &reply);
    assert_int_equal(reply.version, 1);
    assert_int_equal(reply.sequence, sequence);
}

static void ask(unsigned type, const uint32_t *words, uint32_t length)
{
    sequence++;
    ask_again(type, words, length);
}

#define ASK(type, ...)                                                                                                 \
    ask(type, (const uint32_t[]){__VA_ARGS__}, sizeof((const uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t))

static void expect_done(unsigned type, uint32_t length)
{
    assert_int_equal(reply.type, type | 0x80);
    assert_int_equal(reply.length, length);
}

static void expect_error(unsigned number)
{
    assert_int_equal(reply.type, 0xFF);
    assert_true(reply.length >= 1);
    assert_int_equal(reply.payload[0], number);
}

static void expect_status(uint32_t flags, uint32_t pc, uint32_t vl, uint32_t value, uint32_t left)
{
    ask(PXL_STATUS, NULL, 0);
    expect_done(PXL_STATUS, 5);
    assert_int_equal(reply.payload[0], flags);
    assert_int_equal(reply.payload[1], pc);
    assert_int_equal(reply.payload[2], vl);
    assert_int_equal(reply.payload[3], value);
    assert_int_equal(reply.payload[4], left);
}

static void expect_word(uint32_t where, uint32_t word)
{
    ASK(PXL_READ, where, 1);
    expect_done(PXL_READ, 1);
    assert_int_equal(reply.payload[0], word);
}

static void run_to_end(void)
{
    while (px_endpoint_step(endpoint))
        ;
}

static void reset_8x8(void)
{
    ASK(PXL_RESET, 1, 8, 8, 64);
    expect_done(PXL_RESET, 0);
}

static uint32_t addi(uint8_t a, uint8_t b, uint8_t c) { return px_rgba(PX_OP_ADDI, a, b, c); }
static uint32_t jump(int by) { return px_rgba(PX_OP_JMP, 0, (uint8_t)(by & 0xFF), (uint8_t)(by >> 8 & 0xFF)); }

/* addi r1, r1, 1; jmp back: two instructions a round, for ever. */
static void counting_program(void)
{
    reset_8x8();
    ASK(PXL_WRITE, PIXEL, addi(1, 1, 1), jump(-1));
    expect_done(PXL_WRITE, 0);
}

/* ---- requests ---- */

static void hello(void **state)
{
    (void)state;
    ask(PXL_HELLO, NULL, 0);
    expect_done(PXL_HELLO, 9);
    assert_int_equal(reply.payload[0], 0x014C5850);
    assert_int_equal(reply.payload[1], 1 | 1 << 8 | 1 << 16 | 1 << 20 | 1 << 21);
    assert_int_equal(reply.payload[2], 1 << 26);
    assert_int_equal(reply.payload[3], 257);
    assert_int_equal(reply.payload[4], 0);
    assert_int_equal(reply.payload[5], 'r' | 'e' << 8 | 'f' << 16);
    for (int i = 6; i < 9; i++)
        assert_int_equal(reply.payload[i], 0);
    ASK(PXL_HELLO, 1, 2); /* a session means nothing here, and is no error */
    expect_done(PXL_HELLO, 9);
}

static void a_program_runs(void **state)
{
    (void)state;
    reset_8x8();
    expect_status(1u << 16, 0, 0, 0, 0);
    /* r1 = 5 + 9, then VL 14, then HALT, then a word that stays. */
    ASK(PXL_WRITE, PIXEL | 3, addi(1, 1, 9), px_rgba(PX_OP_VL, 0, 1, 0), px_rgba(PX_OP_HALT, 0, 0, 0), 0xCAFE);
    expect_done(PXL_WRITE, 0);
    ASK(PXL_WRITE, REGISTER | 1, 5);
    ASK(PXL_WRITE, STATE, 3);
    ASK(PXL_RUN, 10);
    expect_done(PXL_RUN, 0);
    assert_true(px_endpoint_running(endpoint));
    run_to_end();
    expect_status(1u << 16 | PX_HALTED, 5, 14, 0, 7);
    ASK(PXL_READ, REGISTER, 2);
    expect_done(PXL_READ, 2);
    assert_int_equal(reply.payload[0], 0);
    assert_int_equal(reply.payload[1], 14);
    expect_word(PIXEL | 6, 0xCAFE);
}

static void a_trap_is_told_and_a_waiting_machine_goes_on(void **state)
{
    (void)state;
    reset_8x8();
    ASK(PXL_WRITE, PIXEL, px_rgba(PX_OP_SYS, 0, 7, 0), 0x000000EE);
    ASK(PXL_RUN, 100);
    run_to_end();
    expect_status(1u << 16 | PX_WAITING, 1, 0, 7, 99);
    ASK(PXL_WRITE, REGISTER | 7, 1234); /* the answer */
    ASK(PXL_WRITE, STATE | PXL_STATE_FLAGS, 1u << 16, 0);
    ASK(PXL_RUN, 100);
    run_to_end();
    expect_status(1u << 16 | PX_TRAP_OPCODE << 8 | PX_TRAPPED, 1, 0, 0xEE, 100);
    expect_word(REGISTER | 7, 1234);
    ASK(PXL_RUN, 100); /* a trapped machine ends its run at once */
    expect_done(PXL_RUN, 0);
    assert_false(px_endpoint_running(endpoint));
    expect_status(1u << 16 | PX_TRAP_OPCODE << 8 | PX_TRAPPED, 1, 0, 0xEE, 100);
}

static void the_longer_status_tells_what_is_waited_for(void **state)
{
    (void)state;
    reset_8x8();
    ASK(PXL_WRITE, PIXEL, px_rgba(PX_OP_SYS, 0, 255, 0), 0x000000EE);
    ASK(PXL_WRITE, REGISTER | 255, 0x81000041);
    ASK(PXL_WRITE, REGISTER | 0, 99);
    ASK(PXL_STATUS, 1);
    expect_done(PXL_STATUS, 7);
    assert_int_equal(reply.payload[0], 1u << 16);
    assert_int_equal(reply.payload[5], 0); /* it waits for nothing */
    assert_int_equal(reply.payload[6], 0);
    ASK(PXL_RUN, 100);
    run_to_end();
    ASK(PXL_STATUS, 1);
    expect_done(PXL_STATUS, 7);
    assert_int_equal(reply.payload[0], 1u << 16 | PX_WAITING);
    assert_int_equal(reply.payload[3], 255);
    assert_int_equal(reply.payload[4], 99);
    assert_int_equal(reply.payload[5], 0x81000041);
    assert_int_equal(reply.payload[6], 99); /* register numbers wrap */
    ASK(PXL_STATUS, 2);
    expect_error(PXL_E_RANGE);
}

static void the_budget_is_exact_and_a_run_goes_on(void **state)
{
    (void)state;
    counting_program();
    for (uint32_t budget = 0; budget < 9; budget++) {
        ASK(PXL_RUN, budget);
        run_to_end();
        ask(PXL_STATUS, NULL, 0);
        assert_int_equal(reply.payload[4], 0);
    }
    expect_word(REGISTER | 1, 18); /* 0 + 1 + .. + 8 = 36 instructions */
    ASK(PXL_RUN, UINT32_MAX);
    px_endpoint_step(endpoint);
    ask(PXL_STOP, NULL, 0);
    ask(PXL_STATUS, NULL, 0);
    const uint32_t executed = UINT32_MAX - reply.payload[4];
    assert_true(executed > 0);
    expect_word(REGISTER | 1, 18 + (executed + 1) / 2);
}

static void while_a_run_is_under_way(void **state)
{
    (void)state;
    counting_program();
    ASK(PXL_RUN, 1000000000);
    for (int i = 0; i < 3; i++) {
        ask(PXL_STATUS, NULL, 0);
        expect_done(PXL_STATUS, 5);
        assert_int_equal(reply.payload[0] >> 31, 1);
        ask(PXL_HELLO, NULL, 0);
        expect_done(PXL_HELLO, 9);
        ASK(PXL_RESET, 1, 8, 8, 64);
        expect_error(PXL_E_RUNNING);
        ASK(PXL_READ, PIXEL, 1);
        expect_error(PXL_E_RUNNING);
        ASK(PXL_WRITE, PIXEL, 1);
        expect_error(PXL_E_RUNNING);
        ASK(PXL_RUN, 1);
        expect_error(PXL_E_RUNNING);
        assert_true(px_endpoint_step(endpoint));
    }
    ask(PXL_STOP, NULL, 0);
    expect_done(PXL_STOP, 0);
    assert_false(px_endpoint_step(endpoint));
    ask(PXL_STATUS, NULL, 0);
    assert_int_equal(reply.payload[0], 1u << 16);
    expect_word(PIXEL, addi(1, 1, 1));
    ask(PXL_STOP, NULL, 0); /* without a run it does nothing */
    expect_done(PXL_STOP, 0);
}

static void reset_clears_all_but_the_pixels(void **state)
{
    (void)state;
    reset_8x8();
    ASK(PXL_WRITE, PIXEL | 63, 0x12345678);
    ASK(PXL_WRITE, REGISTER | 255, 9);
    ASK(PXL_WRITE, STATE, 1, 2, 1u << 16 | PX_TRAP_VL << 8 | PX_TRAPPED, 4);
    expect_status(1u << 16 | PX_TRAP_VL << 8 | PX_TRAPPED, 1, 2, 4, 0);
    ASK(PXL_RESET, 0, 4, 2, 8);
    expect_done(PXL_RESET, 0);
    expect_status(0, 0, 0, 0, 0);
    expect_word(REGISTER | 255, 0);
    ASK(PXL_READ, PIXEL | 63, 1);
    expect_error(PXL_E_RANGE);
    ASK(PXL_RESET, 1, 64, 2, 128);
    expect_word(PIXEL | 63, 0x12345678);
    /* Also those that a run has made: m[2] = r[0] = 0 over 77. */
    ASK(PXL_WRITE, PIXEL, px_rgba(PX_OP_ST, 2, 0, 0), 0, 77);
    ASK(PXL_RUN, 1);
    run_to_end();
    ASK(PXL_RESET, 1, 8, 8, 64);
    expect_word(PIXEL | 2, 0);
}

/* ---- errors ---- */

static void ranges(void **state)
{
    (void)state;
    static const uint32_t block[257] = {0};
    ASK(PXL_READ, PIXEL, 1); /* before the first RESET N is 0 */
    expect_error(PXL_E_RANGE);
    ASK(PXL_WRITE, PIXEL, 1);
    expect_error(PXL_E_RANGE);
    static const uint32_t resets[][4] = {{2, 8, 8, 64},        {1, 0, 8, 0},
                                         {1, 8, 8, 0},         {1, 1 << 13, (1 << 13) + 1, 67117056},
                                         {1, 8, 8, 65},        {1, 0x10000, 0x10000, 0},
                                         {1, 0x80000001, 2, 2}};
    for (size_t i = 0; i < sizeof resets / sizeof *resets; i++) {
        ask(PXL_RESET, resets[i], 4);
        expect_error(PXL_E_RANGE);
    }
    ASK(PXL_RESET, 1, 20, 15, 300);
    static const struct {
        uint32_t where, count;
        bool good;
    } reads[] = {{PIXEL, 256, true},
                 {PIXEL | 44, 256, true},
                 {PIXEL | 45, 256, false},
                 {PIXEL | 299, 1, true},
                 {PIXEL | 300, 1, false},
                 {PIXEL, 0, false},
                 {PIXEL, 257, false},
                 {PIXEL | 300, 0, false},
                 {PIXEL | 0xFFFFFFF, 1, false},
                 {PIXEL | 299, UINT32_MAX, false},
                 {REGISTER, 256, true},
                 {REGISTER | 255, 1, true},
                 {REGISTER | 1, 256, false},
                 {REGISTER | 256, 1, false},
                 {STATE, 1, false},
                 {WIRE, 1, false},
                 {4u << 28, 1, false},
                 {15u << 28, 1, false}};
    for (size_t i = 0; i < sizeof reads / sizeof *reads; i++) {
        ASK(PXL_READ, reads[i].where, reads[i].count);
        if (reads[i].good)
            expect_done(PXL_READ, reads[i].count);
        else
            expect_error(PXL_E_RANGE);
    }
    ASK(PXL_WRITE, PIXEL | 299, 1, 2);
    expect_error(PXL_E_RANGE);
    expect_word(PIXEL | 299, 0); /* nothing of it is written */
    ASK(PXL_WRITE, REGISTER | 255, 1, 2);
    expect_error(PXL_E_RANGE);
    ASK(PXL_WRITE, STATE | 3, 1, 2);
    expect_error(PXL_E_RANGE);
    ASK(PXL_WRITE, STATE | 4, 1);
    expect_error(PXL_E_RANGE);
    ASK(PXL_WRITE, WIRE, 1);
    expect_error(PXL_E_RANGE);
    ask(PXL_WRITE, block, 257);
    expect_done(PXL_WRITE, 0);
}

static void lengths(void **state)
{
    (void)state;
    static const uint32_t words[300] = {1, 1, 1, 1};
    static const struct {
        uint8_t type;
        uint32_t least, most;
    } types[] = {{PXL_RESET, 4, 4}, {PXL_READ, 2, 2},   {PXL_WRITE, 2, 257},
                 {PXL_RUN, 1, 1},   {PXL_STATUS, 0, 1}, {PXL_STOP, 0, 0}};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        for (uint32_t length = 0; length < 300; length++) {
            ask(types[i].type, words, length);
            const bool refused = reply.type == PXL_ERROR && reply.payload[0] == PXL_E_LENGTH;
            if (refused != (length < types[i].least || length > types[i].most))
                fail_msg("%s of %u words", px_link_type_name(types[i].type), (unsigned)length);
            ask(PXL_STOP, NULL, 0);
        }
}

static void the_first_check_that_fails_decides(void **state)
{
    (void)state;
    static const uint32_t words[300] = {0};
    counting_program();
    ASK(PXL_RUN, UINT32_MAX);
    for (unsigned type = 0; type < 256; type++) {
        const px_link_frame other = {2, (uint8_t)type, ++sequence, 300, words};
        px_endpoint_request(endpoint, &other, &reply);
        expect_error(PXL_E_VERSION);
        const bool known = type >= PXL_HELLO && type <= PXL_STOP;
        if (known)
            continue;
        ask(type, words, 300);
        expect_error(PXL_E_TYPE);
    }
    ask(PXL_READ, words, 300); /* too long, under way, and a count of 0 */
    expect_error(PXL_E_LENGTH);
    ASK(PXL_READ, PIXEL, 0);
    expect_error(PXL_E_RUNNING);
    ask(PXL_STOP, NULL, 0);
    ASK(PXL_READ, PIXEL, 0);
    expect_error(PXL_E_RANGE);
}

/* ---- repeated requests ---- */

static void a_repeated_request_is_answered_again_and_not_done_again(void **state)
{
    (void)state;
    counting_program();
    ASK(PXL_RUN, 10);
    ask_again(PXL_RUN, (const uint32_t[]){10}, 1); /* under way, and still not an error */
    expect_done(PXL_RUN, 0);
    run_to_end();
    ask_again(PXL_RUN, (const uint32_t[]){10}, 1);
    expect_done(PXL_RUN, 0);
    assert_false(px_endpoint_running(endpoint));
    expect_word(REGISTER | 1, 5);

    ASK(PXL_WRITE, REGISTER | 1, 100);
    ask_again(PXL_WRITE, (const uint32_t[]){REGISTER | 1, 200}, 2);
    expect_done(PXL_WRITE, 0);
    expect_word(REGISTER | 1, 100);

    ASK(PXL_WRITE, REGISTER | 300, 1); /* errors are remembered too, and each kind of request asks for the last */
    ask_again(PXL_WRITE, (const uint32_t[]){REGISTER | 1, 300}, 2);
    expect_error(PXL_E_RANGE);
    ask_again(PXL_RESET, (const uint32_t[]){1, 8, 8, 64}, 4);
    expect_error(PXL_E_RANGE);

    ask(PXL_STOP, NULL, 0);
    ask_again(PXL_RESET, (const uint32_t[]){1, 8, 8, 64}, 4);
    expect_done(PXL_RESET, 0);
    expect_word(REGISTER | 1, 100);
}

static void reads_and_status_are_done_again(void **state)
{
    (void)state;
    counting_program();
    ASK(PXL_READ, PIXEL, 1);
    ask_again(PXL_READ, (const uint32_t[]){PIXEL | 1, 2}, 2);
    expect_done(PXL_READ, 2);
    assert_int_equal(reply.payload[0], jump(-1));
    ask_again(PXL_STATUS, NULL, 0);
    expect_done(PXL_STATUS, 5);
}

static void hello_forgets(void **state)
{
    (void)state;
    reset_8x8();
    ASK(PXL_WRITE, REGISTER, 1);
    ask_again(PXL_HELLO, NULL, 0);
    expect_done(PXL_HELLO, 9);
    ask_again(PXL_WRITE, (const uint32_t[]){REGISTER, 2}, 2);
    expect_done(PXL_WRITE, 0);
    expect_word(REGISTER, 2);
}

static void the_number_before_the_first_request_is_not_a_repeat(void **state)
{
    (void)state;
    for (unsigned number = 0; number < 256; number++) {
        px_endpoint *fresh;
        assert_true(px_endpoint_open(&fresh, executor, "", NULL));
        const px_link_frame request = {1, PXL_RESET, (uint8_t)number, 4, (const uint32_t[]){1, 2, 3, 6}};
        const px_link_frame read = {1, PXL_READ, (uint8_t)(number + 1), 2, (const uint32_t[]){5, 1}};
        px_endpoint_request(fresh, &request, &reply);
        px_endpoint_request(fresh, &read, &reply);
        assert_int_equal(reply.type, 0x83);
        px_endpoint_close(fresh);
    }
}

/* ---- states that cannot be, executors that fail ---- */

static void no_state_stops_the_endpoint(void **state)
{
    (void)state;
    static const uint32_t odd[][4] = {
        {65, 0, 1u << 16, 0},          {UINT32_MAX, 0, 1u << 16, 0}, {0, 65, 1u << 16, 0}, {0, UINT32_MAX, 1u << 16, 0},
        {0, 0, 1u << 16 | 7u << 8, 0}, {0, 0, 1u << 16, 5},          {0, 5, 0, 0},         {9, 0, 0, 0},
        {0, 0, UINT32_MAX, 0}};
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        counting_program();
        ASK(PXL_WRITE, STATE, odd[i][0], odd[i][1], odd[i][2], odd[i][3]);
        expect_done(PXL_WRITE, 0);
        ASK(PXL_RUN, 5);
        expect_done(PXL_RUN, 0);
        run_to_end();
        ask(PXL_STATUS, NULL, 0);
        if (i + 1 < sizeof odd / sizeof *odd) /* the last is a machine that is not RUNNING: it is not looked at */
            expect_error(PXL_E_EXECUTOR);
        else
            expect_done(PXL_STATUS, 5);
    }
    counting_program();
    ASK(PXL_RUN, 5);
    run_to_end();
    expect_status(1u << 16, 1, 0, 0, 0);
}

static void a_run_before_the_first_reset_traps(void **state)
{
    (void)state;
    ASK(PXL_RUN, 5);
    expect_done(PXL_RUN, 0);
    run_to_end();
    ask(PXL_STATUS, NULL, 0);
    assert_int_equal(reply.payload[0] & 3, PX_TRAPPED);
}

static const px_executor_ops *sound;
static bool failing_run(px_executor *e, px_turn *turn, size_t count, const px_cancel *cancel, px_error *error)
{
    (void)e, (void)count, (void)cancel, (void)error;
    turn->failed = !px_fail(&turn->error, PX_E_SYSTEM, "the device is gone");
    return true;
}

static bool lying_run(px_executor *e, px_turn *turn, size_t count, const px_cancel *cancel, px_error *error)
{
    (void)e, (void)count, (void)cancel, (void)error;
    turn->stop = (px_stop){.executed = turn->budget + 1};
    return true;
}

static void an_executor_that_fails_is_told_and_can_be_used_again(void **state)
{
    (void)state;
    bool (*const runs[])(px_executor *, px_turn *, size_t, const px_cancel *, px_error *) = {failing_run, lying_run};
    for (int i = 0; i < 2; i++) {
        px_executor_ops broken = *executor->ops;
        sound = executor->ops;
        counting_program();
        broken.run = runs[i];
        executor->ops = &broken;
        ASK(PXL_RUN, 5);
        expect_done(PXL_RUN, 0);
        assert_false(px_endpoint_step(endpoint));
        ask(PXL_STATUS, NULL, 0);
        expect_error(PXL_E_EXECUTOR);
        assert_true(reply.length > 1);
        if (i == 0) {
            char text[64] = {0};
            for (uint32_t k = 0; k < 4 * (reply.length - 1); k++)
                text[k] = (char)(reply.payload[1 + k / 4] >> 8 * (k % 4) & 0xFF);
            assert_string_equal(text, "the device is gone");
        }
        ASK(PXL_READ, PIXEL, 1);
        expect_error(PXL_E_EXECUTOR);
        ASK(PXL_WRITE, PIXEL, 1);
        expect_error(PXL_E_EXECUTOR);
        ASK(PXL_RUN, 1);
        expect_error(PXL_E_EXECUTOR);
        executor->ops = sound;
        counting_program();
        ASK(PXL_RUN, 4);
        run_to_end();
        expect_word(REGISTER | 1, 2);
    }
}

static void a_text_is_cut_between_characters(void **state)
{
    (void)state;
    uint32_t words[PX_ENDPOINT_ERROR];
    char text[400];
    memset(text, 'x', sizeof text);
    text[255] = '\xC3';
    text[256] = '\xA4';
    text[399] = '\0';
    px_endpoint_refuse(&(px_link_frame){.sequence = 5}, PXL_E_EXECUTOR, text, words, &reply);
    assert_int_equal(reply.length, 65);
    assert_int_equal(words[64], 0x00787878);
    text[255] = 'x';
    px_endpoint_refuse(&(px_link_frame){.sequence = 5}, PXL_E_EXECUTOR, "", words, &reply);
    assert_int_equal(reply.length, 1);
}

/* ---- an exchange in which each bit is flipped once ---- */

enum { SCRIPT = 10 };
static const uint32_t s_program[] = {PIXEL, 0, 0, 0, 0xAB}, s_register[] = {REGISTER | 2, 40};
static const uint32_t s_state[] = {STATE, 0, 3, 1u << 16, 0}, s_budget[] = {1001}, s_read[] = {REGISTER, 256};
static const uint32_t s_reset[] = {1, 4, 4, 16}, s_pixels[] = {PIXEL, 16};

/* Plays the script into a new endpoint as bytes; request number bad comes first with one bit changed, or with none (its
 * reply was the damaged one), then again whole. Leaves the last two replies' words in result. */
enum { NO_BIT = 8 * 64 };
static const size_t sizes[SCRIPT] = {15, 31, 35, 23, 35, 19, 15, 15, 23, 23};

static void play(int bad, size_t bit, uint32_t *result)
{
    static uint32_t program[5], room[260 + 3];
    memcpy(program, s_program, sizeof program);
    program[1] = addi(1, 1, 1);
    program[2] = jump(-1);
    const px_link_frame script[SCRIPT] = {{1, PXL_HELLO, 0, 0, NULL},    {1, PXL_RESET, 1, 4, s_reset},
                                          {1, PXL_WRITE, 2, 5, program}, {1, PXL_WRITE, 3, 2, s_register},
                                          {1, PXL_WRITE, 4, 5, s_state}, {1, PXL_RUN, 5, 1, s_budget},
                                          {1, PXL_STATUS, 6, 0, NULL},   {1, PXL_STOP, 7, 0, NULL},
                                          {1, PXL_READ, 8, 2, s_read},   {1, PXL_READ, 9, 2, s_pixels}};
    px_endpoint *fresh;
    px_link_rx rx;
    px_link_frame request, answer;
    uint8_t bytes[64];
    assert_true(px_endpoint_open(&fresh, executor, "ref", NULL));
    px_link_rx_init(&rx, room, sizeof room / sizeof *room);
    memset(result, 0, 272 * sizeof *result);
    for (int i = 0; i < SCRIPT; i++) {
        const size_t size = px_link_encode(&script[i], bytes);
        assert_int_equal(size, sizes[i]);
        for (int turn = i == bad ? 0 : 1; turn < 2; turn++) {
            if (turn == 0 && bit != NO_BIT)
                bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
            for (size_t k = 0; k < size; k++) {
                if (!px_link_rx_byte(&rx, bytes[k], &request))
                    continue;
                px_endpoint_request(fresh, &request, &answer);
                if (answer.type == 0x83 && i >= SCRIPT - 2)
                    memcpy(result + (i == SCRIPT - 2 ? 0 : 256), answer.payload, answer.length * sizeof *result);
                while (px_endpoint_step(fresh))
                    ;
            }
            if (turn == 0 && bit != NO_BIT)
                bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
    }
    px_endpoint_close(fresh);
}

static void no_flipped_bit_writes_wrongly_or_runs_twice(void **state)
{
    (void)state;
    uint32_t good[272], found[272];
    play(-1, 0, good);
    assert_int_equal(good[1], 501);
    assert_int_equal(good[2], 40);
    assert_int_equal(good[256 + 3], 0xAB);
    for (int bad = 0; bad < SCRIPT; bad++)
        for (size_t bit = 0; bit <= 8 * sizes[bad]; bit++) {
            play(bad, bit < 8 * sizes[bad] ? bit : NO_BIT, found);
            if (memcmp(good, found, sizeof good) != 0)
                fail_msg("request %d, bit %zu: the machine ended differently", bad, bit);
        }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_ref, close_ref)
    const struct CMUnitTest tests[] = {
        TEST(hello),
        TEST(a_program_runs),
        TEST(a_trap_is_told_and_a_waiting_machine_goes_on),
        TEST(the_longer_status_tells_what_is_waited_for),
        TEST(the_budget_is_exact_and_a_run_goes_on),
        TEST(while_a_run_is_under_way),
        TEST(reset_clears_all_but_the_pixels),
        TEST(ranges),
        TEST(lengths),
        TEST(the_first_check_that_fails_decides),
        TEST(a_repeated_request_is_answered_again_and_not_done_again),
        TEST(reads_and_status_are_done_again),
        TEST(hello_forgets),
        TEST(the_number_before_the_first_request_is_not_a_repeat),
        TEST(no_state_stops_the_endpoint),
        TEST(a_run_before_the_first_reset_traps),
        TEST(an_executor_that_fails_is_told_and_can_be_used_again),
        TEST(a_text_is_cut_between_characters),
        TEST(no_flipped_bit_writes_wrongly_or_runs_twice),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

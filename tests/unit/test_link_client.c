/* test_link_client.c - the asking end of the link against peers that answer wrongly, late, twice, with trash, or not at
 * all. A peer is a child process with one end of a socket pair; what it answers is written out here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "exec/endpoint.h"
#include "pxi/pixel.h"
#include "tests/random/rng.h"
#include "tests/unit/held.h"
#include "wire/link_client.h"

static px_error error;

/* ---- peers ---- */

typedef struct peer {
    px_transport *transport;
    px_link_rx rx;
    uint32_t words[300];
    uint8_t bytes[4096];
    size_t from, to;
} peer;

/* The next request; ends the process when the client has gone. */
static void take(peer *p, px_link_frame *request)
{
    for (;;) {
        while (p->from < p->to)
            if (px_link_rx_byte(&p->rx, p->bytes[p->from++], request))
                return;
        p->from = 0;
        if (px_transport_read(p->transport, p->bytes, sizeof p->bytes, &p->to, 10000, NULL) != PX_IO_DONE)
            _exit(0);
    }
}

static void give(peer *p, unsigned version, unsigned type, unsigned sequence, const uint32_t *words, uint32_t length)
{
    uint8_t bytes[PX_LINK_BYTES(300)];
    const px_link_frame frame = {(uint8_t)version, (uint8_t)type, (uint8_t)sequence, length, words};
    px_transport_write(p->transport, bytes, px_link_encode(&frame, bytes), 1000, NULL);
}

static void pause_ms(long ms) { nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL); }

static const uint32_t good_hello[9] = {
    PX_LINK_MAGIC, 0x00010401, 4096, 257, 48000000, 'b' | 'o' << 8 | 'a' << 16 | 'r' << 24, 'd'};

typedef void behaviour(peer *p, const void *context);

/* A client of a peer that behaves so, with a short patience: 20 ms, five tries. */
static px_link_client *client_of(behaviour *behave, const void *context)
{
    int ends[2];
    px_transport *mine;
    px_link_client *client = NULL;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    fflush(NULL);
    if (fork() == 0) {
        close(ends[0]);
        peer *p = calloc(1, sizeof *p);
        if (p == NULL || !px_transport_adopt(&p->transport, ends[1], "client", NULL))
            _exit(1);
        px_link_rx_init(&p->rx, p->words, 300);
        behave(p, context);
        _exit(0);
    }
    close(ends[1]);
    assert_true(px_transport_adopt(&mine, ends[0], "peer", &error));
    assert_true(px_link_client_on(&client, mine, false, &error));
    client->patience = 20;
    return client;
}

static void done(px_link_client *client)
{
    px_link_client_close(client);
    wait(NULL);
}

static void expect_error(const char *part)
{
    if (strstr(error.text, part) == NULL)
        fail_msg("found '%s', expected '%s' in it", error.text, part);
}

/* ---- HELLO ---- */

/* Answers everything with the words of the context, the first being their number, the second the type if not 0. */
static void answer_words(peer *p, const void *context)
{
    const uint32_t *words = context;
    for (px_link_frame r;;) {
        take(p, &r);
        give(p, 1, words[1] != 0 ? words[1] : r.type | 0x80u, r.sequence, words + 2, words[0]);
    }
}

static void hello_is_read(void **state)
{
    (void)state;
    uint32_t words[11] = {9, 0};
    memcpy(words + 2, good_hello, sizeof good_hello);
    px_link_client *c = client_of(answer_words, words);
    assert_true(px_link_say_hello(c, NULL, &error));
    assert_int_equal(c->hello.lanes, 4);
    assert_int_equal(c->hello.capabilities, PXL_CAP_CLASSIC);
    assert_int_equal(c->hello.max_pixels, 4096);
    assert_int_equal(c->hello.max_payload, 257);
    assert_int_equal(c->hello.clock, 48000000);
    assert_string_equal(c->hello.name, "board");
    assert_string_equal(c->who, "link:peer (board)");
    done(c);
}

/* Its board may be older than RESUME. */
static void an_end_without_resume_is_known(void **state)
{
    (void)state;
    for (unsigned knows = 0; knows < 2; knows++) {
        uint32_t words[11] = {9, 0};
        px_executor *x = NULL;
        memcpy(words + 2, good_hello, sizeof good_hello);
        words[2 + PXR_HELLO_ABOUT] |= knows ? (uint32_t)PXL_CAP_RESUME : 0;
        px_link_client *c = client_of(answer_words, words);
        assert_true(px_link_say_hello(c, NULL, &error) && px_link_executor(&x, c, &error));
        assert_int_equal(x->caps.flat, knows == 0);
        x->ops->close(x);
        wait(NULL);
    }
}

static void a_hello_that_cannot_be_is_refused(void **state)
{
    (void)state;
    static const struct {
        uint32_t length;
        int at;
        uint32_t value;
        const char *says;
    } cases[] = {{8, 0, PX_LINK_MAGIC, "words are 8, expected 9"}, {9, 0, 0x024C5850, "magic is 38557776"},
                 {9, 1, 0x00010102, "machine of version 2"},       {9, 2, 0, "largest image of pixels 0"},
                 {9, 3, 256, "largest payload of words 256"},      {0, 0, 0, "words are 0"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint32_t words[11] = {cases[i].length, 0};
        memcpy(words + 2, good_hello, sizeof good_hello);
        words[2 + cases[i].at] = cases[i].value;
        px_link_client *c = client_of(answer_words, words);
        assert_false(px_link_say_hello(c, NULL, &error));
        expect_error(cases[i].says);
        done(c);
    }
}

static void a_name_cannot_harm_a_terminal(void **state)
{
    (void)state;
    uint32_t words[11] = {9, 0};
    memcpy(words + 2, good_hello, sizeof good_hello);
    words[7] = 0x1B | '[' << 8 | '2' << 16 | 'J' << 24;
    words[8] = 0x9BC2 | 0x7Fu << 16 | 'x' << 24;
    words[9] = words[10] = 0x61616161; /* no 0 at the end */
    px_link_client *c = client_of(answer_words, words);
    assert_true(px_link_say_hello(c, NULL, &error));
    assert_string_equal(c->hello.name, "?[2J?\x9B?xaaaaaaaa");
    done(c);
}

/* ---- answers that are wrong ---- */

static void errors_of_the_endpoint_are_told(void **state)
{
    (void)state;
    static const uint32_t range[] = {1, PXL_ERROR, PXL_E_RANGE};
    static const uint32_t text[] = {3, PXL_ERROR, PXL_E_EXECUTOR, 'i' | 't' << 8 | '\n' << 16 | 'd' << 24,
                                    'i' | 'e' << 8 | 'd' << 16};
    static const uint32_t unknown[] = {1, PXL_ERROR, 4000000000u}, none[] = {0, PXL_ERROR};
    px_link_client *c = client_of(answer_words, range);
    assert_false(px_link_stop(c, &error));
    assert_int_equal(c->refused, PXL_E_RANGE);
    expect_error("link:peer answers STOP with error 4 (RANGE): profile, size");
    done(c);
    c = client_of(answer_words, text);
    assert_false(px_link_run(c, 3, &error));
    assert_int_equal(c->refused, PXL_E_EXECUTOR);
    expect_error("it says: it?died");
    done(c);
    c = client_of(answer_words, unknown);
    assert_false(px_link_stop(c, &error));
    expect_error("error 4000000000 (?)");
    done(c);
    c = client_of(answer_words, none);
    assert_false(px_link_stop(c, &error));
    expect_error("error 0 (?)");
    done(c);
}

static void replies_of_a_wrong_length_are_refused(void **state)
{
    (void)state;
    static const uint32_t words[300] = {6, 0, 1, 2, 3};
    uint32_t into[256];
    px_link_status status;
    px_link_client *c = client_of(answer_words, words);
    assert_false(px_link_get_status(c, &status, &error));
    expect_error("answers STATUS with 6 words, expected 5");
    assert_false(px_link_read(c, PXL_SPACE_PIXEL, 0, into, 256, &error));
    expect_error("answers READ with 6 words, expected 256");
    assert_false(px_link_write(c, PXL_SPACE_PIXEL, 0, into, 1, &error));
    expect_error("answers WRITE with 6 words, expected 0");
    done(c);
}

static void another_version(peer *p, const void *context)
{
    (void)context;
    for (px_link_frame r;;) {
        take(p, &r);
        give(p, 3, PXL_ERROR, r.sequence, (const uint32_t[]){PXL_E_VERSION}, 1);
    }
}

static void another_version_is_named(void **state)
{
    (void)state;
    px_link_client *c = client_of(another_version, NULL);
    c->tries = 2;
    assert_false(px_link_say_hello(c, NULL, &error));
    expect_error("peer speaks version 3 of the link, this px version 1");
    done(c);
}

/* ---- time ---- */

/* Answers the request for the third time; before, with all that is no answer to it. */
static void third_time(peer *p, const void *context)
{
    static const uint8_t noise[] = {0, 3, 1, 7, 0, 255, 255, 0};
    (void)context;
    for (px_link_frame r;;) {
        take(p, &r);
        give(p, 1, 0x87, r.sequence - 1u, NULL, 0); /* of an earlier request */
        take(p, &r);
        give(p, 1, 0x86, r.sequence, (const uint32_t[]){0, 1, 2, 3, 4}, 5); /* of another type */
        px_transport_write(p->transport, noise, sizeof noise, 100, NULL);
        take(p, &r);
        give(p, 1, 0x87, r.sequence, NULL, 0);
        give(p, 1, 0x87, r.sequence, NULL, 0); /* once too often */
    }
}

static void requests_are_repeated_until_they_are_answered(void **state)
{
    (void)state;
    px_link_client *c = client_of(third_time, NULL);
    c->patience = 80; /* the wrong answers must have come before the next try, on a busy machine too */
    for (unsigned i = 1; i <= 4; i++) {
        assert_true(px_link_stop(c, &error));
        assert_int_equal(c->retries, 2 * i);
    }
    assert_true(c->strays >= 2 * 4);
    assert_int_equal(px_link_client_dropped(c), 2 * 4);
    done(c);
}

static void busy(peer *p, const void *context)
{
    px_link_frame r;
    take(p, &r);
    for (int i = 0; i < *(const int *)context; i++) {
        give(p, 1, PXL_BUSY, r.sequence, NULL, 0);
        pause_ms(15);
    }
    give(p, 1, r.type | 0x80u, r.sequence, NULL, 0);
    pause_ms(1000);
}

static void busy_makes_the_client_wait(void **state)
{
    (void)state;
    const int times = 60; /* 900 ms, where the patience of one try is 400 */
    px_link_client *c = client_of(busy, &times);
    c->tries = 1;
    c->patience = 400;
    assert_true(px_link_stop(c, &error));
    assert_int_equal(c->retries, 0);
    done(c);
}

static void silent(peer *p, const void *context)
{
    (void)context;
    for (px_link_frame r;;)
        take(p, &r);
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void waiting_doubles_and_ends(void **state)
{
    (void)state;
    px_link_client *c = client_of(silent, NULL);
    const double start = now();
    assert_false(px_link_stop(c, &error));
    const double took = now() - start;
    assert_true(took >= 0.020 * 31); /* 1 + 2 + 4 + 8 + 16 */
    assert_int_equal(c->retries, 4);
    expect_error("no answer to STOP from peer");
    expect_error("(5 tries)");
    done(c);
}

/* Hangs up in the middle of its answer, after so many bytes. */
static void half_a_frame(peer *p, const void *context)
{
    uint8_t bytes[64];
    px_link_frame r;
    take(p, &r);
    const px_link_frame frame = {1, 0x87, r.sequence, 0, NULL};
    px_link_encode(&frame, bytes);
    px_transport_write(p->transport, bytes, *(const size_t *)context, 100, NULL);
}

static void a_peer_that_hangs_up_is_told(void **state)
{
    (void)state;
    for (size_t bytes = 0; bytes <= 15; bytes++) {
        px_link_client *c = client_of(half_a_frame, &bytes);
        assert_int_equal(px_link_stop(c, &error), bytes == 15);
        if (bytes < 15)
            expect_error("peer hung up");
        done(c);
    }
}

/* ---- the executor ---- */

/* A real endpoint, one of whose replies has a word changed by xor. */
typedef struct twist {
    unsigned type, at; /* the at-th reply of this type, counted from 1; 0: none */
    uint32_t word, by;
    uint32_t max_pixels; /* 0: 4096 */
} twist;

static void endpoint_peer(peer *p, const void *context)
{
    const twist *t = context;
    px_executor *ref;
    px_endpoint *endpoint;
    uint32_t words[300];
    unsigned seen = 0;
    if (!px_ref_driver.open(&ref, NULL, NULL))
        _exit(1);
    ref->caps.max_pixels = t->max_pixels != 0 ? t->max_pixels : 4096;
    if (!px_endpoint_open(&endpoint, ref, "ref", NULL))
        _exit(1);
    for (px_link_frame r, reply;;) {
        take(p, &r);
        px_endpoint_request(endpoint, &r, &reply);
        while (px_endpoint_step(endpoint))
            ;
        if (reply.length > 0)
            memcpy(words, reply.payload, reply.length * sizeof *words);
        if (reply.type == t->type && ++seen == t->at)
            words[t->word] ^= t->by;
        give(p, 1, reply.type, reply.sequence, words, reply.length);
    }
}

static px_executor *executor_of(px_link_client *c)
{
    px_executor *executor;
    c->patience = 250;
    assert_true(px_link_say_hello(c, NULL, &error));
    assert_true(px_link_executor(&executor, c, &error));
    return executor;
}

static void finished(px_executor *executor)
{
    held_close(executor);
    wait(NULL);
}

/* 600 pixels: r1 counts up for ever, each round into m[500]. */
static px_state program(void)
{
    px_state s;
    assert_true(px_state_new(&s, PX_V1, 30, 20, &error));
    s.mem[0] = px_rgba(PX_OP_ADDI, 1, 1, 1);
    s.mem[1] = px_rgba(PX_OP_ST, 0, 2, 1);
    s.mem[2] = px_rgba(PX_OP_JMP, 0, 0xFE, 0xFF);
    s.mem[599] = 7;
    s.reg[2] = 500;
    return s;
}

static void each_call_sends_what_it_must(void **state)
{
    (void)state;
    px_link_client *c = client_of(endpoint_peer, &(twist){0});
    px_executor *x = executor_of(c);
    px_machine *m;
    px_state s = program(), out = {0};
    px_stop stop;
    uint32_t word = 0;
    uint64_t before = c->requests;
    assert_true(px_machine_create(x, &s, &m, &error));
    assert_int_equal(c->requests - before, 1 + 3 + 1 + 1); /* RESET, three blocks of pixels, registers, state */
    before = c->requests;
    assert_true(px_run_one(m, 9, NULL, &stop, &error));
    assert_int_equal(stop.executed, 9);
    assert_true(px_get(m, PX_SPACE_PIXEL, 500, &word, 1, &error));
    assert_int_equal(word, 3);
    assert_int_equal(c->requests - before, 1 + 1 + 1); /* RUN, STATUS, READ */

    before = c->requests;
    assert_true(px_machine_read(m, &out, &error));
    assert_int_equal(c->requests - before, 3 + 1); /* the fields are known */
    assert_int_equal(out.mem[500], 3);
    assert_int_equal(out.reg[1], 3);
    assert_int_equal(out.retired, 9);
    word = 10;
    before = c->requests;
    assert_true(px_put(m, PX_SPACE_REGISTER, 1, &word, 1, &error));
    assert_int_equal(c->requests - before, 1);
    assert_true(px_run_one(m, 3, NULL, &stop, &error));
    assert_true(px_get(m, PX_SPACE_PIXEL, 500, &word, 1, &error));
    assert_int_equal(word, 11);
    assert_true(px_machine_drop(m, &error));
    px_state_free(&s);
    px_state_free(&out);
    finished(x);
}

/* sys r5, addi, jmp, for ever: no image crosses for an answer. */
static void an_answer_is_a_few_words(void **state)
{
    (void)state;
    px_link_client *c = client_of(endpoint_peer, &(twist){0});
    px_executor *x = executor_of(c);
    px_state s = program();
    px_turn turn = {.budget = PX_NO_BUDGET};
    for (uint32_t r = 5; r <= 255; r += 250) { /* the pair of r255 is r255 and r0 */
        s.mem[0] = px_rgba(PX_OP_SYS, 0, r, 0);
        s.mem[1] = px_rgba(PX_OP_ADDI, (r + 1) & 255, (r + 1) & 255, 1);
        s.reg[r] = 0x12000034;
        s.reg[(r + 1) & 255] = 77;
        turn.answers = false;
        assert_true(px_machine_create(x, &s, &turn.machine, &error));
        for (uint32_t i = 0; i < 4; i++) {
            const uint64_t before = c->requests;
            assert_true(px_run(x, &turn, 1, NULL, &error) && !turn.failed);
            assert_int_equal(turn.stop.status, PX_WAITING);
            assert_int_equal(turn.stop.value, r);
            assert_int_equal(turn.stop.request, i == 0 ? 0x12000034 : 100 + i - 1);
            assert_int_equal(turn.stop.argument, 77 + i);
            assert_int_equal(c->requests - before, i == 0 ? 2 : 4); /* two WRITEs for the answer, RUN, STATUS */
            turn.answers = true;
            turn.answer = 100 + i;
        }
        assert_true(px_machine_drop(turn.machine, &error));
    }
    px_state_free(&s);
    finished(x);
}

static void a_machine_that_does_not_fit_is_refused(void **state)
{
    (void)state;
    px_executor *x = executor_of(client_of(endpoint_peer, &(twist){.max_pixels = 599}));
    px_state s = program(), out = {0};
    px_stop stop;
    assert_false(held_load(x, &s, &error));
    assert_int_equal(error.code, PX_E_TOO_LARGE);
    expect_error("the image has 600 pixels and link:peer (ref) holds at most 599");
    assert_false(held_run(x, 1, &stop, &error));
    assert_false(held_read(x, &out, &error));
    expect_error("no machine was made");
    px_state_free(&s);
    finished(x);
}

static void a_budget_beyond_32_bits_goes_in_pieces(void **state)
{
    (void)state;
    px_executor *x = executor_of(client_of(endpoint_peer, &(twist){0}));
    px_state s = program();
    px_stop stop;
    s.mem[2] = px_rgba(PX_OP_HALT, 0, 0, 0);
    assert_true(held_load(x, &s, &error));
    assert_true(held_run(x, PX_NO_BUDGET, &stop, &error));
    assert_int_equal(stop.status, PX_HALTED);
    assert_int_equal(stop.executed, 3);
    assert_true(held_run(x, PX_NO_BUDGET, &stop, &error));
    assert_int_equal(stop.executed, 0);
    px_state_free(&s);
    finished(x);
}

static void a_status_that_cannot_be_is_no_result(void **state)
{
    (void)state;
    static const struct {
        uint32_t word, by;
        const char *says;
    } cases[] = {{0, 1u << 16, "profile 1 and has one of 0"},
                 {0, PX_HALTED | 1u << 8, "cause"},
                 {0, PX_TRAPPED, "cause"},
                 {0, PX_TRAPPED | 7u << 8, "cause"},
                 {1, 1u << 20, "pc"},
                 {2, 601, "vl"},
                 {3, 1, "value"},
                 {4, 1, "stopped a running program with 1 of 9"},
                 {4, 10, "given a budget of 9 and says that 10 is left"},
                 {4, UINT32_MAX, "4294967295 is left"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        px_executor *x = executor_of(
            client_of(endpoint_peer, &(twist){.type = 0x86, .at = 1, .word = cases[i].word, .by = cases[i].by}));
        px_state s = program(), out = {0};
        px_stop stop;
        assert_true(held_load(x, &s, &error));
        assert_false(held_run(x, 9, &stop, &error));
        expect_error(cases[i].says);
        assert_false(held_read(x, &out, &error)); /* lost until it is loaded anew */
        assert_true(held_load(x, &s, &error));
        assert_true(held_run(x, 9, &stop, &error));
        px_state_free(&s);
        px_state_free(&out);
        finished(x);
    }
}

/* As a board does that was switched off and on since the load: it has no pixels, and traps at address 0. */
static void a_machine_that_moved_without_executing_is_not_ours(void **state)
{
    (void)state;
    px_executor *x = executor_of(client_of(endpoint_peer, &(twist){.type = 0x86, .at = 1, .word = 1, .by = 5}));
    px_state s = program();
    px_stop stop;
    s.mem[5] = 0xEE;
    s.pc = 5;
    assert_true(held_load(x, &s, &error));
    assert_false(held_run(x, 9, &stop, &error));
    expect_error("executed nothing and went from pc 5 to 0; was the board reset?");
    assert_true(held_load(x, &s, &error));
    assert_true(held_run(x, 9, &stop, &error));
    assert_int_equal(stop.cause, PX_TRAP_OPCODE);
    px_state_free(&s);
    finished(x);
}

/* ---- streams that lose, change, delay and double, both ways ---- */

static void chaos(peer *p, const void *context)
{
    px_executor *ref;
    px_endpoint *endpoint;
    rng r = rng_of_case(*(const uint64_t *)context, 1);
    uint8_t bytes[PX_LINK_BYTES(300)];
    if (!px_ref_driver.open(&ref, NULL, NULL) || !px_endpoint_open(&endpoint, ref, "ref", NULL))
        _exit(1);
    for (px_link_frame request, reply;;) {
        take(p, &request);
        if (rng_chance(&r, 8))
            continue;
        px_endpoint_request(endpoint, &request, &reply);
        px_endpoint_step(endpoint);
        if (rng_chance(&r, 4))
            pause_ms(rng_below(&r, 40));
        size_t size = px_link_encode(&reply, bytes);
        if (rng_chance(&r, 8))
            bytes[rng_below(&r, (uint32_t)size)] ^= (uint8_t)(1u << rng_below(&r, 8));
        if (rng_chance(&r, 4))
            size = rng_below(&r, (uint32_t)size);
        for (int i = rng_chance(&r, 8) ? 2 : 1; i > 0; i--)
            px_transport_write(p->transport, bytes, size, 1000, NULL);
    }
}

static void on_bad_streams_the_machine_ends_right_or_with_an_error(void **state)
{
    (void)state;
    unsigned right = 0;
    for (uint64_t seed = 0; seed < 40; seed++) {
        px_link_client *c = client_of(chaos, &seed);
        px_executor *x;
        px_state s = program(), out = {0};
        px_stop stop;
        c->patience = 4;
        c->tries = 8;
        if (!px_link_say_hello(c, NULL, &error)) {
            done(c);
            continue;
        }
        assert_true(px_link_executor(&x, c, &error));
        bool ok = held_load(x, &s, &error);
        for (int i = 0; ok && i < 5; i++)
            ok = held_run(x, 30, &stop, &error) && held_read(x, &out, &error);
        if (ok) {
            assert_int_equal(out.mem[500], 50);
            assert_int_equal(out.mem[599], 7);
            assert_int_equal(out.retired, 150);
            assert_int_equal(out.pc, 0);
            right++;
        } else
            expect_error("no answer");
        px_state_free(&s);
        px_state_free(&out);
        finished(x);
    }
    assert_true(right >= 35);
}

/* ---- what no frame can carry ---- */

/* A peer that answers nothing: whatever is sent fails by waiting, and these fail before. */
static void never(peer *p, const void *context)
{
    (void)context;
    for (px_link_frame r;;)
        take(p, &r);
}

static void a_block_is_1_to_256_words_below_2_28(void **state)
{
    (void)state;
    static const struct {
        uint32_t address, count;
    } cases[] = {{0, 0},          {0, 257},        {0, 258},        {0, 65536},        {0, UINT32_MAX},
                 {0, 0x40000001}, {0x10000000, 1}, {0x0FFFFFFF, 2}, {0x0FFFFF01, 256}, {UINT32_MAX, 1}};
    uint32_t words[257] = {0};
    px_link_client *c = client_of(never, NULL);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_false(px_link_write(c, PXL_SPACE_PIXEL, cases[i].address, words, cases[i].count, &error));
        expect_error("a WRITE of ");
        assert_false(px_link_read(c, PXL_SPACE_PIXEL, cases[i].address, words, cases[i].count, &error));
        expect_error("a READ of ");
    }
    assert_false(px_link_reset(c, 1, 65536, 65536, &error));
    expect_error("a RESET to 65536 x 65536 pixels");
    px_link_frame reply;
    assert_false(px_link_ask(c, PXL_BATCH, words, 65536, 0, &reply, &error));
    expect_error("a frame of the link holds at most 65535");
    assert_int_equal(c->requests, 0);
    c->tries = 1;
    assert_false(px_link_write(c, PXL_SPACE_PIXEL, 0x0FFFFF00, words, 256, &error)); /* the last that is one */
    expect_error("no answer to WRITE");
    assert_int_equal(c->requests, 1);
    done(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hello_is_read),
        cmocka_unit_test(an_end_without_resume_is_known),
        cmocka_unit_test(a_hello_that_cannot_be_is_refused),
        cmocka_unit_test(a_name_cannot_harm_a_terminal),
        cmocka_unit_test(errors_of_the_endpoint_are_told),
        cmocka_unit_test(replies_of_a_wrong_length_are_refused),
        cmocka_unit_test(another_version_is_named),
        cmocka_unit_test(requests_are_repeated_until_they_are_answered),
        cmocka_unit_test(busy_makes_the_client_wait),
        cmocka_unit_test(waiting_doubles_and_ends),
        cmocka_unit_test(a_peer_that_hangs_up_is_told),
        cmocka_unit_test(each_call_sends_what_it_must),
        cmocka_unit_test(an_answer_is_a_few_words),
        cmocka_unit_test(a_machine_that_does_not_fit_is_refused),
        cmocka_unit_test(a_budget_beyond_32_bits_goes_in_pieces),
        cmocka_unit_test(a_status_that_cannot_be_is_no_result),
        cmocka_unit_test(a_machine_that_moved_without_executing_is_not_ours),
        cmocka_unit_test(a_block_is_1_to_256_words_below_2_28),
        cmocka_unit_test(on_bad_streams_the_machine_ends_right_or_with_an_error),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

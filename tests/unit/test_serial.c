/* test_serial.c - the serial driver: frames and times worked out by hand, and on every executor here the same as the
 * plain C version, for batches of any size, cut anywhere. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "exec/drive.h"
#include "exec/registry.h"
#include "pxi/pixel.h"
#include "pxi/png/picture_file.h"
#include "tests/random/rng.h"
#include "tests/unit/held.h"
#include "tests/unit/run_command.h"
#include "wire/serial.h"

#define COUNT(array) ((uint32_t)(sizeof(array) / sizeof *(array)))

/* ---- help ---- */

static px_executor *open_executor(const char *spec)
{
    px_executor *e = NULL;
    px_error error = {0};
    if (px_executor_open(&e, spec, &error))
        return e;
    if (error.code != PX_E_ABSENT)
        fail_msg("%s", error.text);
    print_message("%s\n", error.text);
    return NULL;
}

static px_serial_result run_on(px_executor *e, const px_serial_batch *batch)
{
    px_serial_result r = {0};
    px_error error = {0};
    if (!px_serial_run(e, batch, &r, &error))
        fail_msg("%s", error.text);
    return r;
}

static px_serial_result run_ref(const px_serial_batch *batch)
{
    px_executor *e = open_executor("ref");
    const px_serial_result r = run_on(e, batch);
    px_executor_close(e);
    return r;
}

static px_serial_result run_cpu(const px_serial_batch *batch)
{
    px_serial_result r = {0};
    px_error error = {0};
    if (!px_serial_cpu(batch, &r, &error))
        fail_msg("%s", error.text);
    return r;
}

static void expect_same(const px_serial_result *a, const px_serial_result *b, const char *name)
{
    char text[256];
    if (!px_serial_equal(a, "C", b, name, text, sizeof text))
        fail_msg("%s", text);
}

/* The batch on an executor against plain C. */
static void expect_like_c(px_executor *e, const px_serial_batch *batch)
{
    px_serial_result c = run_cpu(batch), r = run_on(e, batch);
    expect_same(&c, &r, e->name);
    px_serial_free(&c);
    px_serial_free(&r);
}

static px_serial_batch batch_of(const uint32_t *operations, uint32_t count)
{
    return (px_serial_batch){.operations = operations, .count = count, .setup = PX_SERIAL_FIRST_SETUP};
}

/* Operations of every kind, the wrong ones too, with the divisors and line controls that a mixture has. */
static uint32_t random_operation(rng *r)
{
    const uint32_t word = rng_next(r), kind = rng_below(r, 20);
    uint32_t g = px_byte(word, 1);
    if (rng_chance(r, 60))
        g = 0;
    const uint32_t a = kind < 1    ? PX_SERIAL_NONE
                       : kind < 11 ? PX_SERIAL_WRITE
                       : kind < 15 ? PX_SERIAL_READ
                       : kind < 18 ? PX_SERIAL_SETUP
                                   : px_byte(word, 3);
    uint32_t data = px_byte(word, 0);
    if (a == PX_SERIAL_SETUP && rng_chance(r, 30))
        data = 0;
    return px_rgba(data, g, px_byte(word, 2), a);
}

static uint32_t *random_words(rng *r, uint32_t count, uint32_t (*make)(rng *))
{
    uint32_t *words = calloc(count + 1, sizeof *words);
    assert_non_null(words);
    for (uint32_t i = 0; i < count; i++)
        words[i] = make(r);
    return words;
}

/* ---- by hand ---- */

static void frames_and_times_are_those_worked_by_hand(void **state)
{
    (void)state;
    const uint32_t operations[] = {
        px_rgba('A', 1, 0x03, 1),  /* 8N1: 10 bits, 160 units */
        px_rgba('B', 0, 0x1B, 1),  /* 8E1, divisor of the first set-up, 1: 176 */
        px_rgba(0x01, 0x02, 3, 3), /* set-up 0x0201 = 513 */
        px_rgba(0xFF, 0, 0x04, 1), /* 5 bits, 1.5 stop: 7.5 bits = 120 units, times 513 = 61560 */
        px_rgba(0, 0, 0x1A, 3),    /* divisor 0 keeps 513 */
        px_rgba(0xFF, 0, 0x82, 1), /* 7N1, bit 7 goes: 9 bits = 144, times 513 = 73872 */
        px_rgba(0xFF, 3, 0x4D, 1), /* 6 bits, parity, 2 stop, break: 10 bits = 160, times 3 = 480 */
        px_rgba('z', 0, 0x07, 1),  /* 8N2: 11 bits = 176, times 513 = 90288 */
    };
    const uint32_t frames[] = {
        px_rgba('A', 1, 0x03, 0),  px_rgba('B', 1, 0x1B, 0),  px_rgba(0x1F, 1, 0x04, 2),
        px_rgba(0x7F, 1, 0x02, 2), px_rgba(0x3F, 3, 0x4D, 0), px_rgba('z', 1, 0x07, 2),
    };
    const uint32_t starts[] = {1000, 1160, 1336, 62896, 136768, 137248};
    px_serial_batch batch = batch_of(operations, COUNT(operations));
    batch.clock = 1000;
    px_serial_result r = run_ref(&batch), c = run_cpu(&batch);
    assert_int_equal(r.frame_count, 6);
    assert_memory_equal(r.frames, frames, sizeof frames);
    assert_memory_equal(r.starts, starts, sizeof starts);
    assert_int_equal(r.clock, 227536);
    assert_int_equal(r.setup, px_rgba(1, 2, 0x1A, 3));
    expect_same(&c, &r, "ref");
    px_serial_free(&r);
    px_serial_free(&c);
}

static void statistics_follow_the_founding_rules(void **state)
{
    (void)state;
    /* None counts nothing, a write an operation and a character, a read an operation, a set-up nothing, the rest
     * errors. */
    const uint32_t operations[] = {px_rgba('a', 1, 3, 1), px_rgba(0, 0, 0, 0),  px_rgba(0, 0, 0, 2),
                                   px_rgba(5, 0, 3, 3),   px_rgba(0, 0, 0, 4),  px_rgba(0, 0, 0, 255),
                                   px_rgba('b', 1, 3, 1), px_rgba(0, 1, 3, 128)};
    const px_serial_batch batch = batch_of(operations, COUNT(operations));
    px_serial_result r = run_ref(&batch);
    assert_int_equal(r.operations, 3);
    assert_int_equal(r.characters, 2);
    assert_int_equal(r.errors, 3);
    px_serial_free(&r);
}

static void reads_take_received_characters_in_order(void **state)
{
    (void)state;
    const uint32_t read = px_rgba(0, 0, 0, 2);
    const uint32_t operations[] = {read, px_rgba('a', 1, 3, 1), read, read, read};
    const uint32_t received[] = {px_rgba('x', 9, 9, 0), px_rgba(0, 0, 0, 0), px_rgba('y', 0, 0, 0x1E)};
    px_serial_batch batch = batch_of(operations, COUNT(operations));
    px_serial_result r = run_ref(&batch);
    assert_int_equal(r.read_count, 4);
    assert_int_equal(r.taken, 0);
    for (int i = 0; i < 4; i++)
        assert_int_equal(r.reads[i], 0);
    px_serial_free(&r);

    batch.received = received;
    batch.received_count = 3;
    r = run_ref(&batch);
    const uint32_t reads[] = {px_rgba('x', 0, 1, 0), px_rgba(0, 0, 1, 0), px_rgba('y', 0, 1, 0x1E), 0};
    assert_int_equal(r.taken, 3);
    assert_memory_equal(r.reads, reads, sizeof reads);
    px_serial_free(&r);

    batch.received_count = 1;
    r = run_ref(&batch);
    assert_int_equal(r.taken, 1);
    assert_int_equal(r.reads[0], reads[0]);
    assert_int_equal(r.reads[1], 0);
    px_serial_free(&r);
}

static void the_clock_wraps(void **state)
{
    (void)state;
    const uint32_t operations[] = {px_rgba('a', 1, 3, 1), px_rgba('b', 1, 3, 1)};
    px_serial_batch batch = batch_of(operations, 2);
    batch.clock = UINT32_MAX - 99;
    px_serial_result r = run_ref(&batch);
    assert_int_equal(r.starts[0], UINT32_MAX - 99);
    assert_int_equal(r.starts[1], 60);
    assert_int_equal(r.clock, 220);
    px_serial_free(&r);
}

/* Before any set-up, and where even the batch's own has none, the divisor is 1. */
static void no_divisor_at_all_means_1(void **state)
{
    (void)state;
    const uint32_t operations[] = {px_rgba('a', 0, 3, 1), px_rgba(0, 0, 7, 3), px_rgba('b', 0, 3, 1)};
    px_serial_batch batch = batch_of(operations, 3);
    batch.setup = 0;
    px_serial_result r = run_ref(&batch), c = run_cpu(&batch);
    assert_int_equal(r.frames[0], px_rgba('a', 1, 3, 0));
    assert_int_equal(r.frames[1], px_rgba('b', 1, 3, 0));
    assert_int_equal(r.setup, px_rgba(1, 0, 7, 3));
    expect_same(&c, &r, "ref");
    px_serial_free(&r);
    px_serial_free(&c);
}

/* ---- against plain C ---- */

static void every_line_control_and_character(void **state)
{
    (void)state;
    uint32_t *operations = calloc(65536, sizeof *operations);
    assert_non_null(operations);
    for (uint32_t i = 0; i < 65536; i++)
        operations[i] = px_rgba(i, i % 7, i >> 8, PX_SERIAL_WRITE);
    px_serial_batch batch = batch_of(operations, 65536);
    batch.setup = px_rgba(0x34, 0x12, 3, 3);
    px_executor *e = open_executor("ref");
    expect_like_c(e, &batch);
    px_executor_close(e);
    free(operations);
}

static void random_batches(const char *spec, const uint32_t *sizes, uint32_t count)
{
    rng r = {2026};
    px_executor *e = open_executor(spec);
    if (e == NULL) {
        skip();
        return;
    }
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t received_count = rng_below(&r, sizes[i] / 2 + 2);
        uint32_t *operations = random_words(&r, sizes[i], random_operation);
        uint32_t *received = random_words(&r, received_count, rng_next);
        const px_serial_batch batch = {.operations = operations,
                                       .count = sizes[i],
                                       .received = received,
                                       .received_count = received_count,
                                       .clock = rng_next(&r),
                                       .setup = px_rgba(rng_below(&r, 256), 0, 3, 3)};
        expect_like_c(e, &batch);
        free(operations);
        free(received);
    }
    px_executor_close(e);
}

static const uint32_t small_sizes[] = {1, 2, 3, 4, 5, 7, 31, 63, 64, 65, 100, 255, 256, 257, 511, 512, 513, 1000};

static void batches_of_any_size_on_ref(void **state)
{
    (void)state;
    static const uint32_t large[] = {4095, 16384, 65535, 65536};
    random_batches("ref", small_sizes, COUNT(small_sizes));
    random_batches("ref", large, COUNT(large));
}

static void batches_on_rtl(void **state)
{
    (void)state;
    static const uint32_t large[] = {4095, 16384};
    random_batches("rtl", small_sizes, COUNT(small_sizes));
    random_batches("rtl", large, COUNT(large));
}

static void batches_on_opencl(void **state)
{
    (void)state;
    static const uint32_t large[] = {4095, 65536};
    random_batches("opencl", small_sizes, COUNT(small_sizes));
    random_batches("opencl", large, COUNT(large));
}

/* ---- cutting ---- */

/* What is left of a stream, and what became of it so far. */
typedef struct stream {
    px_serial_batch rest;
    px_serial_result sum;
} stream;

static void append(uint32_t *to, uint32_t *count, const uint32_t *from, uint32_t more)
{
    if (more > 0)
        memcpy(to + *count, from, more * sizeof *to);
    *count += more;
}

/* The next operations of the stream as a batch that stands alone. */
static void take_batch(stream *s, px_executor *e, uint32_t count)
{
    px_serial_batch batch = s->rest;
    batch.count = count;
    px_serial_result r = run_on(e, &batch);
    append(s->sum.frames, &s->sum.frame_count, r.frames, r.frame_count);
    s->sum.frame_count -= r.frame_count;
    append(s->sum.starts, &s->sum.frame_count, r.starts, r.frame_count);
    append(s->sum.reads, &s->sum.read_count, r.reads, r.read_count);
    s->sum.taken += r.taken;
    s->sum.operations += r.operations;
    s->sum.characters += r.characters;
    s->sum.errors += r.errors;
    s->sum.clock = s->rest.clock = r.clock;
    s->sum.setup = s->rest.setup = r.setup;
    s->rest.operations += count;
    s->rest.count -= count;
    s->rest.received += r.taken;
    s->rest.received_count -= r.taken;
    px_serial_free(&r);
}

static void cuts_do_not_show(void **state)
{
    (void)state;
    enum { LENGTH = 3000, RECEIVED = 400 };
    px_executor *e = open_executor("ref");
    for (uint64_t seed = 1; seed <= 12; seed++) {
        rng r = {seed};
        uint32_t *operations = random_words(&r, LENGTH, random_operation),
                 *received = random_words(&r, RECEIVED, rng_next);
        px_serial_batch whole = batch_of(operations, LENGTH);
        whole.received = received;
        whole.received_count = RECEIVED;
        whole.clock = rng_next(&r);
        px_serial_result expected = run_cpu(&whole);
        stream s = {.rest = whole,
                    .sum = {.frames = calloc(LENGTH, 4), .starts = calloc(LENGTH, 4), .reads = calloc(LENGTH, 4)}};
        while (s.rest.count > 0) {
            const uint32_t most = seed % 3 == 0 ? 8 : 600, size = 1 + rng_below(&r, most);
            take_batch(&s, e, size < s.rest.count ? size : s.rest.count);
        }
        expect_same(&expected, &s.sum, "cut");
        px_serial_free(&expected);
        px_serial_free(&s.sum);
        free(operations);
        free(received);
    }
    px_executor_close(e);
}

/* ---- the picture ---- */

static void small_batches_fit_the_smallest_board(void **state)
{
    (void)state;
    uint32_t operations[256] = {0}, received[256] = {0};
    px_error error = {0};
    for (uint32_t n = 1; n <= 256; n++) {
        px_picture picture = {0};
        px_serial_batch batch = batch_of(operations, n);
        batch.received = received;
        batch.received_count = n;
        assert_true(px_serial_picture(&picture, &batch, &error));
        assert_int_equal(picture.w * picture.h, 2048);
        px_picture_free(&picture);
    }
}

static void expect_zeros(const px_state *s, uint32_t from, uint32_t to)
{
    for (uint32_t i = from; i < to; i++)
        assert_int_equal(s->mem[i], 0);
}

/* The addresses are those of SERIAL.md. */
static void nothing_but_the_result_is_left(void **state)
{
    (void)state;
    enum { N = 300 };
    rng r = {78};
    uint32_t *operations = random_words(&r, N, random_operation);
    const px_serial_batch batch = batch_of(operations, N);
    px_picture picture = {0};
    px_state end = {0};
    px_stop stop;
    px_error error = {0};
    px_executor *e = open_executor("ref");
    assert_true(px_serial_picture(&picture, &batch, &error) && px_state_load(&end, &picture, "picture", &error));
    assert_true(held_load(e, &end, &error) && held_run(e, 1000, &stop, &error) && held_read(e, &end, &error));
    const uint32_t frames = end.mem[14], reads = end.mem[15];
    assert_true(frames > 0 && frames < N && reads > 0 && reads < N);
    expect_zeros(&end, end.mem[9] + frames, end.mem[9] + N);
    expect_zeros(&end, end.mem[10] + frames, end.mem[10] + N);
    expect_zeros(&end, end.mem[11] + reads, end.mem[11] + N);
    expect_zeros(&end, end.mem[12], end.mem[12] + 2 * N);
    px_picture_free(&picture);
    px_state_free(&end);
    held_close(e);
    free(operations);
}

/* The driver only computes: its result, run again, is its result. */
static void running_it_twice_changes_nothing(void **state)
{
    (void)state;
    rng r = {77};
    uint32_t *operations = random_words(&r, 300, random_operation), *received = random_words(&r, 40, rng_next);
    px_serial_batch batch = batch_of(operations, 300);
    px_picture picture = {0};
    px_state first = {0}, second = {0};
    px_stop stop;
    px_error error = {0};
    batch.received = received;
    batch.received_count = 40;
    px_executor *e = open_executor("ref");
    assert_true(px_serial_picture(&picture, &batch, &error));
    assert_true(px_state_load(&first, &picture, "picture", &error));
    assert_true(held_load(e, &first, &error) && held_run(e, 1000, &stop, &error) && held_read(e, &first, &error));
    px_picture_free(&picture);
    assert_true(px_state_image(&first, &picture, &error));
    assert_true(px_state_load(&second, &picture, "result", &error));
    assert_true(held_load(e, &second, &error) && held_run(e, 1000, &stop, &error) && held_read(e, &second, &error));
    assert_int_equal(stop.status, PX_HALTED);
    assert_memory_equal(first.mem, second.mem, px_state_pixels(&first) * sizeof *first.mem);
    px_picture_free(&picture);
    px_state_free(&first);
    px_state_free(&second);
    held_close(e);
    free(operations);
    free(received);
}

static void impossible_batches_and_results_are_refused(void **state)
{
    (void)state;
    uint32_t operations[4] = {0};
    px_picture picture = {0};
    px_state image = {0};
    px_serial_result r = {0};
    px_error error = {0};
    px_serial_batch batch = batch_of(operations, 0);
    assert_false(px_serial_picture(&picture, &batch, &error));
    assert_string_equal(error.text, "a batch of 0 serial operations; expected 1 to 65536");
    batch.count = PX_SERIAL_MOST + 1;
    assert_false(px_serial_cpu(&batch, &r, &error));
    batch.count = 4;
    assert_true(px_serial_picture(&picture, &batch, &error));
    assert_true(px_state_load(&image, &picture, "picture", &error));
    /* Whatever one of the counts claims, an executor's word is not taken for more than the batch can hold. */
    uint32_t refused = 0;
    for (uint32_t at = PX_HEADER_PIXELS; at < 40; at++) {
        const uint32_t kept = image.mem[at];
        image.mem[at] = 5;
        if (!px_serial_collect(&r, &batch, &image, &error))
            refused++;
        image.mem[at] = kept;
    }
    assert_int_equal(refused, 3);
    px_serial_free(&r);
    px_picture_free(&picture);
    px_state_free(&image);
}

/* ---- px serial ---- */

static void expect_line(const run_result *r, const char *line)
{
    if (strstr(r->text, line) == NULL)
        fail_msg("'%s' is not in:\n%s", line, r->text);
}

static void a_founding_picture_goes_through_the_driver(void **state)
{
    (void)state;
    char folder[] = "/tmp/px-serial-XXXXXX", path[64], program[64];
    px_picture picture = {0};
    px_error error = {0};
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/operations.png", folder);
    snprintf(program, sizeof program, "%s/driver.pxi", folder);
    assert_true(px_picture_new(&picture, 256, 1, &error));
    picture.px[0] = px_rgba('H', 1, 3, 1);
    picture.px[1] = px_rgba('i', 12, 0x1B, 1);
    picture.px[100] = px_rgba(0, 1, 3, 2);
    picture.px[200] = px_rgba(0, 1, 3, 2);
    picture.px[255] = px_rgba(0, 1, 3, 9);
    assert_true(px_picture_write(&picture, path, &error));
    run_result r = run_command(
        px_cmd_serial, (char *[]){"px serial", "--ops", path, "--received", "k", "--check", "-o", program, NULL});
    assert_int_equal(r.status, 0);
    expect_line(&r, "       0            0       0.0000    115200  8N1        'H'\n");
    expect_line(&r, "       1          160       0.0868      9600  8E1        'i'\n");
    expect_line(&r, "read 0: 'k'\nread 1: none\n");
    expect_line(&r, "4 operations, 2 characters, 1 errors; the wire is free at 2,272, 1.2326 ms\n");
    expect_line(&r, "fast: the same as the C version\n");
    /* The driver's own picture is a program, not a picture of operations. */
    r = run_command(px_cmd_serial, (char *[]){"px serial", "--ops", program, NULL});
    assert_int_equal(r.status, 2);
    expect_line(&r, "expected a picture of serial operations");
    px_picture_free(&picture);
    unlink(path);
    unlink(program);
    rmdir(folder);
}

static void a_text_is_sent_and_wrong_usage_refused(void **state)
{
    (void)state;
    run_result r = run_command(px_cmd_serial, (char *[]){"px serial", "ok", "--divisor", "258", "--lcr", "7", NULL});
    assert_int_equal(r.status, 0);
    /* 8N2: 11 bits of 16 * 258 units. */
    expect_line(&r, "       1        45408      24.6354   446.512  8N2        'k'\n");
    assert_int_equal(run_command(px_cmd_serial, (char *[]){"px serial", NULL}).status, 2);
    assert_int_equal(run_command(px_cmd_serial, (char *[]){"px serial", "", NULL}).status, 2);
    assert_int_equal(run_command(px_cmd_serial, (char *[]){"px serial", "a", "--ops", "b", NULL}).status, 2);
    assert_int_equal(run_command(px_cmd_serial, (char *[]){"px serial", "a", "--lcr", "128", NULL}).status, 2);
    assert_int_equal(run_command(px_cmd_serial, (char *[]){"px serial", "a", "--divisor", "0", NULL}).status, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_and_times_are_those_worked_by_hand),
        cmocka_unit_test(statistics_follow_the_founding_rules),
        cmocka_unit_test(reads_take_received_characters_in_order),
        cmocka_unit_test(the_clock_wraps),
        cmocka_unit_test(no_divisor_at_all_means_1),
        cmocka_unit_test(every_line_control_and_character),
        cmocka_unit_test(batches_of_any_size_on_ref),
        cmocka_unit_test(batches_on_rtl),
        cmocka_unit_test(batches_on_opencl),
        cmocka_unit_test(cuts_do_not_show),
        cmocka_unit_test(small_batches_fit_the_smallest_board),
        cmocka_unit_test(nothing_but_the_result_is_left),
        cmocka_unit_test(running_it_twice_changes_nothing),
        cmocka_unit_test(impossible_batches_and_results_are_refused),
        cmocka_unit_test(a_founding_picture_goes_through_the_driver),
        cmocka_unit_test(a_text_is_sent_and_wrong_usage_refused),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

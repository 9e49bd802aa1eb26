/* test_route.c - route.c against an endpoint that does everything wrong that one can: what has been sent once is never
 * sent again, what may have been sent is reported, and the order holds, for every size of batch. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/machine/time.h"
#include "firmware/serial/route.h"
#include "tests/firmware/endpoint.h"
#include "tests/firmware/native.h"

#define COUNT 20000u

static endpoint_mood bad, then; /* one bad request, what comes after it */
static unsigned after;          /* requests that go well first; then one bad one, or all */
static bool forever;

static endpoint_mood mood(void)
{
    if (after > 0) {
        after--;
        return GOOD;
    }
    const endpoint_mood now = bad;
    if (!forever)
        bad = then;
    return now;
}

/* Each operation is a number, so that order and repetition show. */
static uint32_t numbered(uint32_t i) { return 0x01000000 | i; }

static void run(uint32_t batch)
{
    route_init(&(route_options){.batch = batch, .patience = PC_SECOND, .link = true, .now = time_now});
    for (uint32_t i = 0; i < COUNT; i++) {
        route_operation(numbered(i));
        if (i % 100 == 0)
            route_poll(false);
    }
    route_flush(true);
}

static void drive(uint32_t batch, bool remembers, endpoint_mood wrong, unsigned good_ones, bool always)
{
    native_reset();
    bad = wrong;
    after = good_ones;
    forever = always;
    native_link_patience = wrong == GOOD ? 0 : PC_SECOND / 10; /* time stands still: only full batches leave */
    endpoint_reset(remembers, mood);
    if (!NATIVE_TRY(run(batch)))
        fail_msg("stopped: %s", native_stop);
}

/* The wire, then pxHV's own path, without set-ups: strictly rising. Returns how many operations are missing. */
static uint32_t missing(void)
{
    const uint32_t seen = endpoint_rising();
    assert_int_not_equal(seen, UINT32_MAX);
    return COUNT - seen;
}

static const uint32_t sizes[] = {1, 16, 256, 4096};
#define EACH_SIZE(s) for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)

static void good_and_counted(void **state)
{
    (void)state;
    EACH_SIZE(s)
    {
        drive(sizes[s], false, GOOD, 0, true);
        assert_int_equal(missing(), 0);
        assert_int_equal(endpoint_count, COUNT);
        assert_int_equal(endpoint_batches, (COUNT + sizes[s] - 1) / sizes[s]);
    }
}

static void lost_late_and_double_answers_cost_nothing(void **state)
{
    (void)state;
    static const endpoint_mood harmless[] = {LATE, DEAF, MUTE, TWICE, REFUSES};
    for (size_t i = 0; i < sizeof harmless / sizeof *harmless; i++)
        EACH_SIZE(s)
        {
            drive(sizes[s], false, harmless[i], 3, false);
            assert_int_equal(missing(), 0);
            assert_int_equal(endpoint_count, COUNT);
            assert_null(strstr(native_log, "in doubt"));
        }
}

static void impossible_answers_end_the_executor(void **state)
{
    (void)state;
    static const endpoint_mood broken[] = {SHORT, WRONG_COUNT, WRONG_TOTAL, WRONG_NUMBER, TOO_MUCH, NONSENSE};
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++)
        EACH_SIZE(s)
        {
            drive(sizes[s], false, broken[i], 3, false);
            assert_int_equal(missing(), 0); /* they were done, once */
            assert_non_null(strstr(native_log, "in doubt"));
            assert_non_null(strstr(native_log, "executor lost"));
            assert_true(native_own_count > 0);
        }
}

static void a_death_after_emission_doubles_nothing(void **state)
{
    (void)state;
    EACH_SIZE(s)
    {
        drive(sizes[s], false, DIES, 3, false);
        assert_int_equal(missing(), 0);
        assert_non_null(strstr(native_log, "in doubt"));
        drive(sizes[s], true, DIES, 3, false); /* the wire remembers: no doubt */
        assert_int_equal(missing(), 0);
        assert_int_equal(endpoint_count, COUNT);
        assert_null(strstr(native_log, "in doubt"));
    }
}

static void whoever_never_answers_is_given_up(void **state)
{
    (void)state;
    static const endpoint_mood never[] = {DEAF, MUTE, REFUSES};
    for (size_t i = 0; i < sizeof never / sizeof *never; i++)
        EACH_SIZE(s)
        {
            drive(sizes[s], false, never[i], 3, true);
            const uint32_t lost = missing();
            assert_true(lost <= sizes[s]);
            assert_true(lost == 0 || strstr(native_log, "in doubt") != NULL);
            assert_true(native_own_count > 0);
        }
}

/* A UART without anybody at it, as most machines have: 250 ms, doubled four times, are 7.75 s. */
static void nobody_is_there_for_eight_seconds(void **state)
{
    (void)state;
    native_reset();
    native_link_reset();
    native_link = NULL;
    native_link_patience = PC_SECOND / 1000;
    const route_options ten_seconds = {.batch = 1, .patience = 10 * PC_SECOND, .link = true, .now = time_now};
    assert_true(NATIVE_TRY(route_init(&ten_seconds)));
    assert_in_range(native_time, 7 * PC_SECOND, 8 * PC_SECOND);
    assert_non_null(strstr(native_log, "no executor (no answer)"));
}

static bool silent;
static void answers_with_characters(const px_link_frame *f)
{
    static const uint32_t hello[17] = {PX_LINK_MAGIC, PXL_CAP_BATCH, [3] = 4352, [9] = 1, [13] = 4097, [14] = 1024};
    uint32_t done[27] = {f->payload[2], 0, [6] = 20};
    for (uint32_t i = 0; i < 20; i++)
        done[7 + i] = 'a' + i;
    if (silent)
        return;
    silent = f->type == PXL_BATCH;
    native_reply(&(px_link_frame){PX_LINK_VERSION, f->type | PX_LINK_REPLY, f->sequence, silent ? 27 : 17,
                                  silent ? done : hello});
}

/* Twenty characters come with the last answer of an executor; the UART without its FIFO holds one. */
static void received_characters_outlive_the_executor(void **state)
{
    (void)state;
    native_reset();
    native_link_reset();
    silent = false;
    native_link = answers_with_characters;
    native_link_patience = 0;
    const route_options some = {.batch = 16, .patience = PC_SECOND, .link = true, .now = time_now};
    assert_true(NATIVE_TRY(route_init(&some)));
    native_link_patience = PC_SECOND / 10;
    for (unsigned i = 0; i < 2000; i++)
        route_poll(true);
    assert_non_null(strstr(native_log, "executor lost (no answer)"));
    for (uint32_t i = 0; i < 20; i++) {
        assert_int_equal(pc_in(0x3F8, 1), 'a' + i);
        route_poll(false);
    }
    assert_int_equal(pc_in(0x3FD, 1) & 1, 0);
}

/* The wire remembers the half that the server before this one has sent; this one's executor is gone for good. What is
 * out must not take pxHV's own path as well. */
static void half_a_batch_that_nobody_can_finish_doubles_nothing(void **state)
{
    (void)state;
    EACH_SIZE(s)
    {
        then = REFUSES;
        drive(sizes[s], true, HALF, 3, false);
        then = GOOD;
        assert_true(missing() <= sizes[s]);
        assert_true(missing() == 0 || strstr(native_log, "in doubt") != NULL);
        assert_true(native_own_count > 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(good_and_counted),
                                       cmocka_unit_test(lost_late_and_double_answers_cost_nothing),
                                       cmocka_unit_test(impossible_answers_end_the_executor),
                                       cmocka_unit_test(a_death_after_emission_doubles_nothing),
                                       cmocka_unit_test(whoever_never_answers_is_given_up),
                                       cmocka_unit_test(half_a_batch_that_nobody_can_finish_doubles_nothing),
                                       cmocka_unit_test(nobody_is_there_for_eight_seconds),
                                       cmocka_unit_test(received_characters_outlive_the_executor)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

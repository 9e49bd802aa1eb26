/* test_driver.c - pxHV's own driver: out of the disk's part, into px serve before the first batch and after each
 * restart; and the option that says where the link is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/machine/time.h"
#include "firmware/serial/link_option.h"
#include "firmware/serial/route.h"
#include "serial_driver.h" /* made from pxi/programs/serial_driver.pxa */
#include "tests/firmware/endpoint.h"
#include "tests/firmware/native.h"

#define COUNT 2000u

/* ---- the part ---- */

/* The part as mkimage writes it. */
static uint32_t part[2 + 2048];

static serial_driver from_part(size_t bytes)
{
    native_log[0] = 0;
    return driver_of(part, bytes);
}

static void the_part_is_looked_at(void **state)
{
    (void)state;
    part[0] = 256;
    part[1] = 8;
    memcpy(part + 2, serial_driver_pixels, sizeof serial_driver_pixels);
    serial_driver d = from_part(sizeof part);
    assert_int_equal(d.count, 256);
    assert_ptr_equal(d.pixels, part + 2);
    assert_int_equal(d.crc, px_link_crc(0, (const uint8_t *)serial_driver_pixels, 1024));
    assert_int_equal(driver_of(NULL, 0).count, 0);
    static const struct {
        uint32_t at, value, count;
    } cases[] = {{2 + DRIVER_END, 255, 256},
                 {2 + DRIVER_END, 256, 512},
                 {2 + DRIVER_END, 2047, 2048},
                 {2 + DRIVER_END, 2048, 0},
                 {2 + DRIVER_END, UINT32_MAX, 0},
                 {2 + DRIVER_END, 38, 0},
                 {2 + DRIVER_ENTRY, 21, 0},
                 {2 + DRIVER_ENTRY, 22, 256},
                 {2 + DRIVER_ENTRY, UINT32_MAX, 0},
                 {2, 0x02495850, 0},
                 {2 + DRIVER_FLAGS, 1, 0},
                 {0, 255, 0},
                 {1, 9, 0},
                 {0, UINT32_MAX, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const uint32_t kept = part[cases[i].at];
        part[cases[i].at] = cases[i].value;
        assert_int_equal(from_part(sizeof part).count, cases[i].count);
        assert_true((strstr(native_log, "cannot be used") == NULL) == (cases[i].count != 0));
        part[cases[i].at] = kept;
    }
    for (size_t bytes = 1; bytes < sizeof part; bytes += 119)
        assert_int_equal(from_part(bytes).count, 0);
}

/* ---- to px serve ---- */

static serial_driver own;

static endpoint_mood bad;
static unsigned after, times; /* requests that go well first; bad ones that follow, where not all do */
static bool forever;
static endpoint_mood mood(void)
{
    if (after > 0) {
        after--;
        return GOOD;
    }
    const endpoint_mood now = bad;
    if (!forever && --times == 0)
        bad = GOOD;
    return now;
}

static void run(uint32_t size)
{
    route_init(&(route_options){.batch = size, .patience = PC_SECOND, .link = true, .driver = &own, .now = time_now});
    for (uint32_t i = 0; i < COUNT; i++) {
        route_operation(0x01000000 | i);
        route_poll(false);
    }
    route_flush(true);
}

static void drive(bool remembers, endpoint_mood wrong, unsigned good_ones, bool always)
{
    native_reset();
    bad = wrong;
    after = good_ones;
    times = 1;
    forever = always;
    native_link_patience = PC_SECOND / 50;
    endpoint_reset(remembers, mood);
    own = from_part(sizeof part);
}

static void go(uint32_t size)
{
    if (!NATIVE_TRY(run(size)))
        fail_msg("stopped: %s", native_stop);
}

/* Operations that neither the wire nor pxHV's own path has; fails where one is there twice or out of order. */
static uint32_t missing(void)
{
    const uint32_t seen = endpoint_rising();
    assert_int_not_equal(seen, UINT32_MAX);
    return COUNT - seen;
}

static void expect_driven(unsigned drivers)
{
    assert_int_equal(missing(), 0);
    assert_int_equal(native_own_count, 0);
    assert_int_equal(endpoint_undriven, 0);
    assert_int_equal(endpoint_drivers, drivers);
    assert_int_equal(endpoint_driver_count, own.count);
    assert_memory_equal(endpoint_driver, own.pixels, 4 * own.count);
    assert_non_null(strstr(native_log, "in force"));
}

static void it_is_sent_before_the_first_batch(void **state)
{
    (void)state;
    static const uint32_t ends[] = {158, 300, 2047};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        part[2 + DRIVER_END] = ends[i];
        drive(false, GOOD, 0, true);
        go(64);
        expect_driven(1);
        /* A server that has it already does not get it. */
        drive(false, GOOD, 0, true);
        memcpy(endpoint_driver, own.pixels, 4 * own.count);
        endpoint_driver_count = own.count;
        go(64);
        expect_driven(0);
        static const endpoint_mood harmless[] = {LATE, DEAF, MUTE, TWICE};
        for (size_t m = 0; m < sizeof harmless / sizeof *harmless; m++)
            for (unsigned when = 0; when < 12; when++) {
                drive(false, harmless[m], when, false);
                go(64);
                expect_driven(harmless[m] == MUTE && when == ends[i] / 256 + 1 ? 2
                                                                               : 1); /* the endpoint does it again */
            }
    }
    part[2 + DRIVER_END] = 158;
}

static void a_new_server_gets_it_again(void **state)
{
    (void)state;
    part[2 + DRIVER_END] = 300;
    for (unsigned when = 0; when < 20; when++)
        for (int remembers = 0; remembers < 2; remembers++) {
            drive(remembers, NEW, when, false);
            go(64);
            expect_driven(when > 2 ? 2 : 1);             /* HELLO, two blocks: from then on it is in force */
            assert_null(strstr(native_log, "in doubt")); /* the one before had not got what the new one refused */
            drive(true, DIES, when, false);
            go(64);
            assert_int_equal(missing(), 0);
            assert_int_equal(endpoint_undriven, 0);
        }
    part[2 + DRIVER_END] = 158;
}

static void who_does_not_take_it_runs_its_own(void **state)
{
    (void)state;
    drive(false, GOOD, 0, true);
    endpoint_old = true;
    go(64);
    assert_int_equal(missing(), 0);
    assert_int_equal(native_own_count, 0);
    assert_non_null(strstr(native_log, "does not take the driver; its own runs"));
    drive(false, GOOD, 0, true);
    endpoint_forgetful = true; /* and what it says is no reason to go on for ever */
    go(64);
    assert_int_equal(missing(), 0);
    assert_true(endpoint_drivers <= 3);
    drive(false, NONSENSE, 1, false);
    go(64);
    assert_int_equal(missing(), 0);
    assert_int_equal(endpoint_count, 0);
    assert_non_null(strstr(native_log, "no executor (an answer that cannot be)"));
    assert_null(strstr(native_log, "in doubt"));
}

static void who_is_busy_is_waited_for(void **state)
{
    (void)state;
    drive(false, AT_WORK, 5, false);
    times = 40;
    go(64);
    expect_driven(1);
}

/* The own path takes over the divisor that is in force, though no set-up comes any more. */
static void the_own_path_knows_the_divisor(void **state)
{
    (void)state;
    drive(false, MUTE, 2, true);
    if (!NATIVE_TRY(
            (route_init(
                 &(route_options){.batch = 64, .patience = PC_SECOND, .link = true, .driver = &own, .now = time_now}),
             route_operation(0x03030060), route_operation(0x01030041), route_flush(true), route_operation(0x01030042))))
        fail_msg("stopped: %s", native_stop);
    assert_non_null(strstr(native_log, "operations 0 to 1 are in doubt"));
    assert_int_equal(native_own_count, 2);
    assert_int_equal(native_own[0], 0x03030060);
    assert_int_equal(native_own[1], 0x01030042);
}

/* ---- where the link is ---- */

static void link_options(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        link_choice choice;
    } good[] = {{NULL, {true, 0x2F8, 1}},         {"com1", {true, 0x3F8, 1}},       {"com2", {true, 0x2F8, 1}},
                {"com3@57600", {true, 0x3E8, 2}}, {"com4@9600", {true, 0x2E8, 12}}, {"2f8@57600", {true, 0x2F8, 2}},
                {"E010", {true, 0xE010, 1}},      {"100@2", {true, 0x100, 57600}},  {"fff8@115200", {true, 0xFFF8, 1}}};
    static const char *const bad_ones[] = {
        "",         " com2",     "com",       "com0",        "com5",      "com22",         "COM2",
        "com2@",    "com2@0",    "com2@9601", "com2@230400", "com2@1",    "com2@9600baud", "com2@4294976896",
        "2f9",      "60",        "0",         "10000",       "1000002f8", "2f8h",          "2f8@57600@",
        "nonesuch", "none@9600", "@9600",     "-8"};
    link_choice choice;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_true(link_option(good[i].text, &choice));
        assert_int_equal(choice.link, good[i].choice.link);
        assert_int_equal(choice.port, good[i].choice.port);
        assert_int_equal(choice.divisor, good[i].choice.divisor);
    }
    assert_true(link_option("none", &choice) && !choice.link);
    for (size_t i = 0; i < sizeof bad_ones / sizeof *bad_ones; i++)
        if (link_option(bad_ones[i], &choice))
            fail_msg("link=%s is taken", bad_ones[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_part_is_looked_at),
                                       cmocka_unit_test(it_is_sent_before_the_first_batch),
                                       cmocka_unit_test(a_new_server_gets_it_again),
                                       cmocka_unit_test(who_does_not_take_it_runs_its_own),
                                       cmocka_unit_test(who_is_busy_is_waited_for),
                                       cmocka_unit_test(the_own_path_knows_the_divisor),
                                       cmocka_unit_test(link_options)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_tsc.c - the rate of the time stamp counter, on machines with a PIT, without one, and with one that stands still.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "firmware/machine/tsc.h"
#include "tests/firmware/native.h"

static uint64_t ticks_a_read; /* what one read of port 61h takes, in ticks */
static uint64_t rises_at;     /* the output of channel 2 */
static cpuid_words leaf_15, leaf_16;
static uint32_t leaves;

static uint8_t pit(uint16_t port)
{
    assert_int_equal(port, 0x61);
    native_time += ticks_a_read / 2; /* native.c's TSC counts two in a nanosecond */
    return 2 * native_time >= rises_at ? 0x21 : 0x01;
}
static uint8_t absent(uint16_t port)
{
    (void)port;
    return 0xFF;
}
static cpuid_words processor(uint32_t leaf)
{
    return leaf == 0 ? (cpuid_words){.a = leaves} : leaf == 0x15 ? leaf_15 : leaf == 0x16 ? leaf_16 : (cpuid_words){0};
}

static int setup(void **state)
{
    (void)state;
    native_reset();
    native_cpuid = processor;
    leaves = 0xD;
    leaf_15 = leaf_16 = (cpuid_words){0};
    return 0;
}

static uint64_t rate(const char *expected)
{
    const char *source = NULL;
    const uint64_t hz = tsc_rate(&source);
    assert_string_equal(source, expected);
    return hz;
}

/* 11,932 periods of 1,193,182 Hz are 10.00015 ms. */
static void by_the_pit(void **state)
{
    static const uint64_t hz[] = {1000000, 5000000, 2400000000, 5000000000, 6000000000};
    for (size_t i = 0; i < sizeof hz / sizeof *hz; i++) {
        setup(state);
        native_in8 = pit;
        rises_at = hz[i] * 11932 / 1193182;
        ticks_a_read = hz[i] / 1000000 + 2; /* about a microsecond, as on an LPC bus */
        const uint64_t found = rate("the PIT");
        assert_in_range(found, hz[i] - hz[i] / 500, hz[i] + hz[i] / 500 + 1000);
    }
}

static void by_cpuid(void **state)
{
    (void)state;
    native_in8 = pit; /* its clock is stopped: 24 MHz * 188 / 2 */
    rises_at = UINT64_MAX;
    ticks_a_read = 4000;
    leaves = 0x16;
    leaf_15 = (cpuid_words){2, 188, 24000000, 0};
    assert_int_equal(rate("CPUID"), 2256000000);
    leaf_15.c =
        0; /* a processor that does not tell its crystal: the base frequency, 2,200 MHz; other bits are reserved */
    leaf_16 = (cpuid_words){.a = 0xABCD0000 | 2200};
    native_time = 0;
    assert_int_equal(rate("CPUID"), 2200000000);
    native_in8 = absent; /* ones: an output that is high at once */
    assert_int_equal(rate("CPUID"), 2200000000);
}

static void by_nothing(void **state)
{
    (void)state;
    native_in8 = absent;
    assert_int_equal(rate("CPUID"), 0);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup(f, setup)
    const struct CMUnitTest tests[] = {TEST(by_the_pit), TEST(by_cpuid), TEST(by_nothing)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

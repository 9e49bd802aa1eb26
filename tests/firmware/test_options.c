/* test_options.c - the image's options, each word by hand: what is taken, and the sentence about what is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/hv/options.h"
#include "tests/firmware/native.h"

static hv_options o;
static void read(const char *text, size_t bytes) { o = options_read(text, bytes); }

static int setup(void **state)
{
    (void)state;
    native_reset();
    return 0;
}

#define READ(text) assert_true(NATIVE_TRY(read(text, sizeof text)))

static void refused(const char *text, size_t bytes, const char *why)
{
    if (NATIVE_TRY(read(text, bytes)))
        fail_msg("\"%s\" was taken", text);
    if (strncmp(native_stop, why, strlen(why)) != 0)
        fail_msg("\"%s\": \"%s\", and not \"%s\"", text, native_stop, why);
}
#define REFUSED(text, why) refused(text, sizeof text, why)

static void nothing_is_said(void **state)
{
    (void)state;
    assert_true(NATIVE_TRY(read(NULL, 0)));
    assert_int_equal(o.batch, 4096);
    assert_int_equal(o.patience, 10);
    assert_true(o.link.link && o.link.port == 0x2F8 && o.link.divisor == 1);
    assert_false(o.end_bochs || o.console_serial);
    assert_string_equal(o.append, "console=ttyS0,115200");
    READ("");
    READ("  ");
}

static void every_word(void **state)
{
    (void)state;
    READ(" batch=1  patience=100000 link=com1@57600 console=serial provoke=check end=bochs append=quiet  batch=x ");
    assert_int_equal(o.batch, 1);
    assert_int_equal(o.patience, 100000);
    assert_true(o.link.link && o.link.port == 0x3F8 && o.link.divisor == 2);
    assert_true(o.end_bochs && o.console_serial);
    assert_string_equal(o.append, "quiet  batch=x "); /* Linux' business */
    READ("link=none append=");
    assert_false(o.link.link);
    assert_string_equal(o.append, "");
}

static void what_is_none_is_named(void **state)
{
    (void)state;
    REFUSED("bacth=3", "option bacth=3: expected batch=, ");
    REFUSED("batch=16 console", "option console: expected ");
    REFUSED("end=bochsx", "option end=bochsx: expected ");
    REFUSED("batch=0", "option batch=0: expected operations from 1 to 4096");
    REFUSED("batch=", "option batch=: expected operations from 1 to 4096");
    REFUSED("batch=4097", "option batch=4097: expected operations from 1 to 4096");
    REFUSED("batch=99999999999999999999", "option batch=99999999999999999999: expected operations");
    REFUSED("batch=16k", "option batch=16k: expected operations from 1 to 4096");
    REFUSED("patience=100001", "option patience=100001: expected seconds from 1 to 100000");
    REFUSED("link=lpt1", "option link=lpt1: expected none, com1 to com4 ");
    REFUSED("link=com2@115201", "option link=com2@115201: expected none, com1 to com4 ");
    REFUSED("provoke=check provoke=much", "option provoke=much: expected invalid, valid, ");
    REFUSED("first second", "option first: expected "); /* the first is told */
}

static void bytes_that_are_no_text(void **state)
{
    (void)state;
    static char large[5000];
    refused("batch=1", 7, "options: 7 bytes; expected at most 4096, the last of them 0");
    refused(large, sizeof large, "options: 5000 bytes; expected at most 4096");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, setup)
    const struct CMUnitTest tests[] = {TEST(nothing_is_said), TEST(every_word), TEST(what_is_none_is_named),
                                       TEST(bytes_that_are_no_text)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

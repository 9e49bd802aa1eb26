/* test_options.c - the image's options, each word by hand: what is taken, and the sentence about what is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/image/options.h"

static hv_options o;
static const char *wrong, *expected;

static bool parse(const void *text, size_t bytes)
{
    memset(&o, 0xEE, sizeof o);
    return options_parse(text, bytes, &o, &wrong, &expected);
}

#define READ(text) assert_true(parse(text, sizeof text))

static void refused(const char *text, size_t bytes, const char *word, const char *why)
{
    if (parse(text, bytes))
        fail_msg("\"%s\" was taken", text);
    if (strcmp(wrong, word) != 0 || strncmp(expected, why, strlen(why)) != 0)
        fail_msg("\"%s\": \"%s: expected %s\", and not \"%s: expected %s\"", text, wrong, expected, word, why);
}
#define REFUSED(text, word, why) refused(text, sizeof text, word, why)

static void nothing_is_said(void **state)
{
    (void)state;
    assert_true(parse(NULL, 0));
    assert_int_equal(o.batch, 4096);
    assert_int_equal(o.patience, 10);
    assert_true(o.link.link && o.link.port == 0x2F8 && o.link.divisor == 1);
    assert_false(o.end_bochs || o.console_serial);
    assert_int_equal(o.provoke, PROVOKE_NOTHING);
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
    assert_int_equal(o.provoke, PROVOKE_CHECK);
    assert_string_equal(o.append, "quiet  batch=x "); /* Linux' business */
    READ("link=none append=");
    assert_false(o.link.link);
    assert_string_equal(o.append, "");
}

/* By name, in the order of provoke.h. */
static void every_provocation(void **state)
{
    (void)state;
    static const struct {
        const char text[20];
        provocation way;
    } all[] = {{"provoke=invalid", PROVOKE_INVALID}, {"provoke=valid", PROVOKE_VALID},
               {"provoke=state", PROVOKE_STATE},     {"provoke=msr", PROVOKE_MSR},
               {"provoke=check", PROVOKE_CHECK},     {"provoke=write", PROVOKE_WRITE},
               {"provoke=execute", PROVOKE_EXECUTE}, {"provoke=null", PROVOKE_NULL_READ},
               {"provoke=nmi", PROVOKE_NMI},         {"provoke=late", PROVOKE_LATE}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        assert_true(parse(all[i].text, strlen(all[i].text) + 1));
        assert_int_equal(o.provoke, all[i].way);
    }
}

static void what_is_none_is_named(void **state)
{
    (void)state;
    static const char words[] = "one of batch=N patience=S link=WHERE console=serial end=bochs provoke=WAY append=...";
    REFUSED("bacth=3", "bacth=3", words);
    REFUSED("batch=16 console", "console", words);
    REFUSED("end=bochsx", "end=bochsx", words);
    REFUSED("end=boch", "end=boch", words);
    REFUSED("batch", "batch", words);
    REFUSED("=", "=", words);
    REFUSED("batch=0", "batch=0", "operations from 1 to 4096");
    REFUSED("batch=", "batch=", "operations from 1 to 4096");
    REFUSED("batch=4097", "batch=4097", "operations from 1 to 4096");
    REFUSED("batch=99999999999999999999", "batch=99999999999999999999", "operations from 1 to 4096");
    REFUSED("batch=16k", "batch=16k", "operations from 1 to 4096");
    REFUSED("patience=100001", "patience=100001", "seconds from 1 to 100000");
    REFUSED("link=lpt1", "link=lpt1", "none, com1 to com4 ");
    REFUSED("link=com2@115201", "link=com2@115201", "none, com1 to com4 ");
    REFUSED("provoke=check provoke=much", "provoke=much",
            "one of invalid valid state msr check write execute null nmi late");
    REFUSED("provoke=", "provoke=", "one of invalid ");
    REFUSED("first second end=bochs", "first", words); /* the first is told, and what is good is taken */
    assert_true(o.end_bochs);
}

static void bytes_that_are_no_text(void **state)
{
    (void)state;
    static char large[4097];
    refused("batch=1", 7, "their text", "at most 4096 bytes, the last of them 0");
    refused(large, sizeof large, "their text", "at most 4096 bytes, the last of them 0");
    memset(large, ' ', 4095);
    large[4095] = 0;
    assert_true(parse(large, 4096));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(nothing_is_said), cmocka_unit_test(every_word),
                                       cmocka_unit_test(every_provocation), cmocka_unit_test(what_is_none_is_named),
                                       cmocka_unit_test(bytes_that_are_no_text)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

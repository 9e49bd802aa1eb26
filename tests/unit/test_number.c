/* Numbers as people type them: what each text is worth, worked by hand, and what is no number. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "exec/run.h"
#include "pxi/number.h"
#include "wire/transport_internal.h"

#define MOST UINT64_MAX

static void test_counts(void **state)
{
    static const struct {
        const char *text;
        uint64_t value;
    } good[] = {{"0", 0},
                {"00", 0},
                {"010", 10}, /* eight in C, and in no other place that people know */
                {"0x10", 16},
                {"0X1f", 31},
                {"0xE3", 227},
                {"1e6", 1000000},
                {"2E010", 20000000000},
                {"0e99999", 0},
                {"10k", 10000},
                {"3K", 3000},
                {"2M", 2000000},
                {"1G", 1000000000},
                {"18446744073709551615", MOST},
                {"0xffffffffffffffff", MOST},
                {"0x0000000000000000000001", 1},
                {"000000000000000000000000018446744073709551615", MOST}};
    static const char *const bad[] = {"",
                                      " 1",
                                      "1 ",
                                      "-1",
                                      "+1",
                                      "-18446744073709551615",
                                      "18446744073709551616",
                                      "0x10000000000000000",
                                      "0x",
                                      "0xg",
                                      "x10",
                                      "1e",
                                      "1e-3",
                                      "1e+3",
                                      "1e0x3",
                                      "1e20",
                                      "18446744073709552k",
                                      "1kk",
                                      "1Mx",
                                      "1_000",
                                      "1.5",
                                      "ten",
                                      "99999999999999999999",
                                      "\xD9\xA1"};
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        uint64_t value = 77;
        px_error error = {0};
        if (!px_parse_count(good[i].text, &value, &error) || value != good[i].value)
            fail_msg("'%s' is %llu: %s", good[i].text, (unsigned long long)value, error.text);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        uint64_t value;
        px_error error = {0};
        if (px_parse_count(bad[i], &value, &error) || strstr(error.text, "is not a count") == NULL)
            fail_msg("'%s' is a count", bad[i]);
    }
}

static void test_limits(void **state)
{
    uint64_t value;
    int64_t with_sign;
    double real;
    px_error error = {0};
    (void)state;
    assert_true(px_parse_number("--n", "65535", 1, 65535, &value, &error) && value == 65535);
    assert_false(px_parse_number("--n", "65536", 1, 65535, &value, &error));
    assert_string_equal(error.text, "--n is '65536', expected a number from 1 to 65535");
    assert_false(px_parse_number("--n", "0", 1, 65535, &value, NULL));
    assert_false(px_parse_number("--n", "4294967297", 1, 65535, &value, NULL));
    assert_false(px_parse_number("--n", "1k", 1, 65535, &value, NULL)); /* short forms are for counts */
    assert_true(px_parse_count_within("--n", "64k", 1, 65535, &value, NULL) && value == 64000);
    assert_false(px_parse_count_within("--n", "66k", 1, 65535, &value, NULL));
    assert_true(px_parse_signed("--n", "-0x80000000", INT32_MIN, INT32_MAX, &with_sign, NULL) &&
                with_sign == INT32_MIN);
    assert_false(px_parse_signed("--n", "-2147483649", INT32_MIN, INT32_MAX, &with_sign, NULL));
    assert_false(px_parse_signed("--n", "18446744073709551615", INT32_MIN, INT32_MAX, &with_sign, NULL));
    assert_false(px_parse_signed("--n", "--1", INT32_MIN, INT32_MAX, &with_sign, NULL));
    assert_true(px_parse_real("--s", "1e-1", 0.1, 10, &real, NULL) && real == 0.1);
    for (size_t i = 0; i < 9; i++)
        assert_false(px_parse_real("--s",
                                   (const char *const[]){"nan", "inf", "", " 1", "1 ", "0x1", "1s", "1e99", "-1"}[i],
                                   0.1, 10, &real, NULL));
}

/* A scripted answer is any 32-bit number, with a sign or without. */
static void test_answers(void **state)
{
    px_answers answers;
    px_error error;
    (void)state;
    assert_true(px_answers_parse(&answers, "010,0x20,-3,-2147483648,4294967295", &error));
    assert_int_equal(answers.count, 5);
    const uint32_t expected[5] = {10, 32, 0xFFFFFFFD, 0x80000000, 0xFFFFFFFF};
    assert_memory_equal(answers.value, expected, sizeof expected);
    px_answers_free(&answers);
    for (size_t i = 0; i < 6; i++)
        assert_false(px_answers_parse(
            &answers,
            (const char *const[]){"4294967296", "-2147483649", "1,,2", "- 1", "1;2", "-18446744073709551615"}[i],
            &error));
}

static void test_places(void **state)
{
    static const struct {
        const char *spec;
        const char *host, *port;
    } good[] = {{"tcp:7000", "127.0.0.1", "7000"},         {"tcp:0", "127.0.0.1", "0"},
                {"tcp:65535", "127.0.0.1", "65535"},       {"tcp:00080", "127.0.0.1", "80"},
                {"tcp:0x1b58", "127.0.0.1", "7000"},       {"tcp:localhost:7000", "localhost", "7000"},
                {"tcp:10.0.0.7:7000", "10.0.0.7", "7000"}, {"tcp:[::1]:7000", "::1", "7000"}};
    static const char *const bad[] = {"tcp:",      "tcp:abc",          "tcp:65536",     "tcp:70000",
                                      "tcp:-1",    "tcp: 80",          "tcp:localhost", "tcp:localhost:http",
                                      "tcp:h:",    "tcp:h:4294967376", "tcp:h:-65456",  "tcp::80",
                                      "tcp:[]:80", "tcp:[::1]",        "tcp:80x"};
    px_tcp place;
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_true(px_tcp_place(good[i].spec, 0, &place, NULL));
        assert_string_equal(place.host, good[i].host);
        assert_string_equal(place.port, good[i].port);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (px_tcp_place(bad[i], 0, &place, NULL))
            fail_msg("'%s' is %s port %s", bad[i], place.host, place.port);
    assert_false(px_tcp_place("tcp:0", 1, &place, NULL)); /* nobody can be called there */
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_counts), cmocka_unit_test(test_limits),
                                       cmocka_unit_test(test_answers), cmocka_unit_test(test_places)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

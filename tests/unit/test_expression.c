/* test_expression.c - expressions about a machine: values worked by hand, and what is wrong with others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "pxi/asm/expression.h"

static const px_symbol symbols[] = {{"again", 7, PX_SYMBOL_CODE},
                                    {"table", 12, PX_SYMBOL_DATA},
                                    {"limit", 300, PX_SYMBOL_CONSTANT},
                                    {"total", 9, PX_SYMBOL_REGISTER}};
enum { SYMBOLS = sizeof symbols / sizeof *symbols };

static bool pixel(void *context, uint32_t address, uint32_t *value)
{
    (void)context;
    *value = 1000 + address;
    return true;
}

static int64_t value(const char *text)
{
    uint32_t reg[256] = {[1] = 0xFFFFFFFF, [9] = 5};
    const px_asked asked = {.count = 40, .pc = 8, .vl = 3, .reg = reg, .pixel = pixel};
    px_expression *x;
    px_error error;
    int64_t got = 0;
    if (!px_expression_read(&x, text, symbols, SYMBOLS, 16, 4, &error) ||
        !px_expression_value(x, &asked, &got, &error) || !px_expression_value(x, &asked, &got, &error))
        fail_msg("%s", error.text);
    px_expression_free(x);
    return got;
}

static void values(void **state)
{
    (void)state;
    assert_int_equal(value("r1"), 0xFFFFFFFF);
    assert_int_equal(value("r1 + 1 == 1 << 32"), 1);
    assert_int_equal(value("total * 2 + r0"), 10);
    assert_int_equal(value("pc == again + 1 && vl == 3"), 1);
    assert_int_equal(value("[table + 1] - [at(1, 2)]"), 13 - 33);
    assert_int_equal(value("[[0] - 990]"), 1010);
    assert_int_equal(value("count > limit || W * H == N"), 1);
    assert_int_equal(value("r0 && 1 / r0"), 0);
}

static void wrong(const char *text, const char *sentence)
{
    uint32_t reg[256] = {0};
    const px_asked asked = {.reg = reg, .pixel = pixel};
    px_expression *x;
    px_error error = {0};
    int64_t got;
    if (px_expression_read(&x, text, symbols, SYMBOLS, 16, 4, &error) && px_expression_value(x, &asked, &got, &error))
        fail_msg("'%s' is %lld", text, (long long)got);
    if (strstr(error.text, sentence) == NULL)
        fail_msg("'%s' says: %s", text, error.text);
    px_expression_free(x);
}

static void errors(void **state)
{
    (void)state;
    wrong("r1 +", "column 5");
    wrong("r256", "r256");
    wrong("agian", "did you mean 'again'");
    wrong("1 / r0", "division by zero");
    wrong("[64]", "address 64 is outside the image; addresses are 0 to 63");
    wrong("[3", "expected an operator or ']'");
    wrong("r1 r2", "column 4");
    wrong("", "column 1");
    wrong("1\n2", "expected");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(values), cmocka_unit_test(errors)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

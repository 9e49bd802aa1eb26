/* test_font.c - each character that ASCII prints has dots of its own, within its cell. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "host/font.h"

enum { FIRST = '!', LAST = '~', W = 2 * PX_FONT_WIDTH, H = PX_FONT_HEIGHT + 1 };

static void drawn(int c, uint32_t px[W * H])
{
    px_picture picture = {.w = W, .h = H, .px = px};
    const char text[2] = {(char)c, '\0'};
    memset(px, 0, W * H * sizeof *px);
    px_font_write(&picture, 0, 0, 1, 1, text);
}

static void each_has_dots(void **state)
{
    uint32_t px[W * H], dots;
    (void)state;
    for (int c = FIRST; c <= LAST; c++) {
        drawn(c, px);
        dots = 0;
        for (uint32_t at = 0; at < W * H; at++) {
            dots += px[at];
            if (px[at] != 0 && (at % W >= PX_FONT_WIDTH - 1 || at / W >= PX_FONT_HEIGHT))
                fail_msg("'%c' has a dot at %u, %u", c, at % W, at / W);
        }
        if (dots == 0)
            fail_msg("'%c' has no dots", c);
    }
}

static void each_is_its_own(void **state)
{
    uint32_t one[W * H], other[W * H];
    (void)state;
    for (int c = FIRST; c <= LAST; c++)
        for (int d = FIRST - 1; d < c; d++) {
            drawn(c, one);
            drawn(d, other);
            if (memcmp(one, other, sizeof one) == 0)
                fail_msg("'%c' looks like '%c'", c, d);
        }
}

static void others_are_a_box(void **state)
{
    uint32_t one[W * H], other[W * H];
    (void)state;
    drawn('\n', one);
    drawn('\x80', other);
    assert_memory_equal(one, other, sizeof one);
    drawn('D', other);
    assert_memory_not_equal(one, other, sizeof one);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_has_dots), cmocka_unit_test(each_is_its_own),
                                       cmocka_unit_test(others_are_a_box)};
    return cmocka_run_group_tests_name("font", tests, NULL, NULL);
}

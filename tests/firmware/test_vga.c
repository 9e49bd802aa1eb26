/* test_vga.c - the registers of a VGA, as IBM's PS/2 hardware reference has them: indexes, the attribute flip-flop, the
 * DAC's triples, what is protected, retrace, and what of the CRTC reaches the real display. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "firmware/pc/pc.h"

static void out(unsigned port, unsigned value) { pc_out((uint16_t)port, 1, value); }
static unsigned in(unsigned port) { return pc_in((uint16_t)port, 1); }

static uint8_t shown[32];
static unsigned shown_count;
static void display(uint8_t index, uint8_t value)
{
    shown[index & 31] = value;
    shown_count++;
}

static int setup(void **state)
{
    (void)state;
    pc_reset(0);
    pc_advance(0);
    pc_vga_connect(display);
    shown_count = 0;
    return 0;
}

static void attribute_flip_flop(void **state)
{
    (void)state;
    (void)in(0x3DA);  /* the next write is an index */
    out(0x3C0, 0x31); /* index 11h, display on */
    out(0x3C0, 0x05);
    assert_int_equal(in(0x3C0), 0x31);
    assert_int_equal(in(0x3C1), 0x05);
    out(0x3C0, 0x32);
    (void)in(0x3DA); /* in the middle of a pair */
    out(0x3C0, 0x31);
    out(0x3C0, 0x06);
    assert_int_equal(in(0x3C1), 0x06);
    (void)in(0x3C1); /* reads do not move it */
    out(0x3C0, 0x3F);
    out(0x3C0, 0x77);
    assert_int_equal(in(0x3C1), 0x77);
}

static void dac_triples(void **state)
{
    (void)state;
    out(0x3C8, 254);
    assert_int_equal(in(0x3C7) & 3, 0);
    for (unsigned i = 0; i < 9; i++) /* colours 254, 255, 0 */
        out(0x3C9, 0xC0 | (i + 1));
    assert_int_equal(in(0x3C8), 1);
    out(0x3C7, 255);
    assert_int_equal(in(0x3C7) & 3, 3);
    assert_int_equal(in(0x3C9), 4); /* six bits */
    assert_int_equal(in(0x3C9), 5);
    assert_int_equal(in(0x3C9), 6);
    assert_int_equal(in(0x3C9), 7);
    out(0x3C6, 0x0F);
    assert_int_equal(in(0x3C6), 0x0F);
}

static void dac_begins_with_the_colours_of_an_ega(void **state)
{
    (void)state;
    static const struct {
        uint8_t colour, red, green, blue;
    } some[] = {{0, 0, 0, 0},          {1, 0, 0, 0x2A},          {4, 0x2A, 0, 0},
                {0x14, 0x2A, 0x15, 0}, {0x38, 0x15, 0x15, 0x15}, {0x3F, 0x3F, 0x3F, 0x3F}};
    for (size_t i = 0; i < sizeof some / sizeof *some; i++) {
        out(0x3C7, some[i].colour);
        assert_int_equal(in(0x3C9), some[i].red);
        assert_int_equal(in(0x3C9), some[i].green);
        assert_int_equal(in(0x3C9), some[i].blue);
    }
}

static void indexed_registers(void **state)
{
    (void)state;
    static const struct {
        uint16_t port;
        uint8_t index, value;
    } some[] = {{0x3C4, 2, 0x0F}, {0x3CE, 5, 0x40}, {0x3D4, 0x14, 0x1F}, {0x3D4, 0x18, 0x55}};
    for (size_t i = 0; i < sizeof some / sizeof *some; i++) {
        pc_out(some[i].port, 2, some[i].index | (unsigned)some[i].value << 8); /* both by one OUT */
        assert_int_equal(pc_in(some[i].port, 2), some[i].index | some[i].value << 8);
    }
    out(0x3C2, 0xE3);
    assert_int_equal(in(0x3CC), 0xE3);
    for (unsigned index = 0; index < 256; index++) { /* any index at all */
        out(0x3C4, index);
        out(0x3C5, 1);
        out(0x3CE, index);
        out(0x3CF, 1);
        out(0x3D4, index);
        out(0x3D5, 1);
        (void)in(0x3C5), (void)in(0x3CF), (void)in(0x3D5);
    }
}

static void crtc(unsigned index, unsigned value)
{
    out(0x3D4, index);
    out(0x3D5, value);
}

static void cursor_and_start_reach_the_display(void **state)
{
    (void)state;
    for (unsigned index = 0; index < 0x19; index++)
        crtc(index, 0x40 | index);
    assert_int_equal(shown_count, 6);
    for (unsigned index = 0x0A; index <= 0x0F; index++)
        assert_int_equal(shown[index], 0x40 | index);
}

static void timing_is_protected(void **state)
{
    (void)state;
    crtc(0x11, 0x8E);
    crtc(0, 0x11);
    assert_int_equal(in(0x3D5), 0x5F); /* 80 columns */
    crtc(7, 0x00);
    assert_int_equal(in(0x3D5), 0x0F); /* 1Fh, but for bit 4 */
    crtc(0x11, 0x0E);
    crtc(0, 0x11);
    assert_int_equal(in(0x3D5), 0x11);
}

/* 449 lines of 31,469 a second: 400 are seen, and the retrace comes in each frame once. */
static void retrace(void **state)
{
    (void)state;
    unsigned begun = 0, blank = 0, last = 0, samples = 0;
    for (pc_time t = 0; t < PC_SECOND / 10; t += 3000, samples++) {
        pc_advance(t);
        const unsigned status = in(0x3DA);
        begun += (status & 8) != 0 && last == 0;
        last = status & 8;
        blank += status & 1;
        if ((status & 8) != 0)
            assert_int_equal(status & 1, 1);
    }
    assert_int_equal(begun, 7);
    assert_true(blank * 100 / samples > 15 && blank * 100 / samples < 40);
}

static void a_reset_is_mode_3(void **state)
{
    (void)state;
    crtc(0x01, 0x27);
    out(0x3C8, 0);
    out(0x3C9, 0x3F);
    pc_reset(0);
    out(0x3D4, 0x01);
    assert_int_equal(in(0x3D5), 0x4F); /* 80 columns, less one */
    out(0x3D4, 0x09);
    assert_int_equal(in(0x3D5) & 0x1F, 0x0F); /* 16 lines, less one */
    out(0x3C7, 0);
    assert_int_equal(in(0x3C9), 0);
    assert_int_equal(in(0x3CC) & 1, 1); /* 3D4h, not 3B4h */
    assert_int_equal(in(0x3B4), 0xFF);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup(f, setup)
    const struct CMUnitTest tests[] = {TEST(attribute_flip_flop),
                                       TEST(dac_triples),
                                       TEST(dac_begins_with_the_colours_of_an_ega),
                                       TEST(indexed_registers),
                                       TEST(cursor_and_start_reach_the_display),
                                       TEST(timing_is_protected),
                                       TEST(retrace),
                                       TEST(a_reset_is_mode_3)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

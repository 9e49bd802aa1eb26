/* test_bios_video.c - INT 10h: the cursor's shape and the colours, by Ralf Brown's list and by what VGABIOS answers. */
#include "tests/firmware/bios_call.h"

static int setup(void **state)
{
    (void)state;
    reset_native();
    return 0;
}

/* ---- the cursor: shapes of 8 lines in characters of 16, what VGABIOS and SeaVGABIOS make of them ---- */

static void shapes_are_stretched(void **state)
{
    (void)state;
    static const struct {
        uint16_t given, kept, shown;
    } shapes[] = {{0x0607, 0x0607, 0x0E0F}, {0x0007, 0x0007, 0x010F}, {0x0407, 0x0407, 0x090F},
                  {0x0304, 0x0304, 0x0809}, {0x0707, 0x0707, 0x0F0F}, {0x2607, 0x2607, 0x2607},
                  {0x2000, 0x2000, 0x2000}, {0x0B0C, 0x0B0C, 0x0B0C}, {0x0D0E, 0x0D0E, 0x0D0E},
                  {0xE6E7, 0x2607, 0x2607}};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        registers(0x0100, 0, shapes[i].given, 0);
        (void)interrupt(0x10, 0);
        pc_out(0x3D4, 1, 0x0A);
        const unsigned first = pc_in(0x3D5, 1);
        pc_out(0x3D4, 1, 0x0B);
        assert_int_equal(first << 8 | pc_in(0x3D5, 1), shapes[i].shown);
        registers(0x0300, 0, 0, 0);
        (void)interrupt(0x10, 0);
        assert_int_equal(CX, shapes[i].kept);
    }
}

static unsigned shape(void)
{
    pc_out(0x3D4, 1, 0x0A);
    const unsigned first = pc_in(0x3D5, 1);
    pc_out(0x3D4, 1, 0x0B);
    return first << 8 | pc_in(0x3D5, 1);
}

static void stretching_can_be_switched_off(void **state)
{
    (void)state;
    assert_int_equal(shape(), 0x0E0F); /* of 0607h, which mode 3 has */
    registers(0x1201, 0x0034, 0, 0);
    (void)interrupt(0x10, 0);
    assert_int_equal(AL, 0x12);
    assert_int_equal(*at(0x487) & 1, 1);
    registers(0x0100, 0, 0x0607, 0);
    (void)interrupt(0x10, 0);
    assert_int_equal(shape(), 0x0607);
    registers(0x0003, 0, 0, 0); /* the next mode keeps it, but has its own cursor */
    (void)interrupt(0x10, 0);
    assert_int_equal(*at(0x487) & 1, 1);
    assert_int_equal(shape(), 0x0E0F);
    registers(0x0100, 0, 0x0607, 0);
    (void)interrupt(0x10, 0);
    assert_int_equal(shape(), 0x0607);
    registers(0x1200, 0x0034, 0, 0);
    (void)interrupt(0x10, 0);
    registers(0x0100, 0, 0x0607, 0);
    (void)interrupt(0x10, 0);
    assert_int_equal(shape(), 0x0E0F);
    registers(0x1200, 0x0036, 0, 0); /* what cannot be done is not said to be known */
    (void)interrupt(0x10, 0);
    assert_int_not_equal(AL, 0x12);
    registers(0x0083, 0, 0, 0);
    (void)interrupt(0x10, 0);
    assert_int_equal(*at(0x487), 0xE0); /* bit 7: the text was kept */
    registers(0x0F00, 0, 0, 0);
    (void)interrupt(0x10, 0);
    assert_int_equal(AX, 0x5083); /* as the mode was set */
}

/* ---- colours ---- */

static void call(unsigned ax, unsigned bx, unsigned cx, unsigned dx)
{
    registers(ax, bx, cx, dx);
    set_es(0x3000);
    (void)interrupt(0x10, 0);
    assert_true(upper_halves_survive());
}

static unsigned attribute(unsigned index)
{
    (void)pc_in(0x3DA, 1);
    pc_out(0x3C0, 1, index | 0x20);
    return pc_in(0x3C1, 1);
}

static void the_16_colours(void **state)
{
    (void)state;
    call(0x1007, 0x0006, 0, 0);
    assert_int_equal(BX, 0x1406); /* brown, as mode 3 has it */
    call(0x1000, 0x3B06, 0, 0);
    assert_int_equal(attribute(6), 0x3B);
    call(0x1001, 0x0100, 0, 0);
    assert_int_equal(attribute(0x11), 1);
    call(0x1008, 0, 0, 0);
    assert_int_equal(BX >> 8, 1);
    assert_int_equal(attribute(0x10) & 8, 8);
    call(0x1003, 0, 0, 0);
    assert_int_equal(attribute(0x10) & 8, 0);
    call(0x1003, 1, 0, 0);
    assert_int_equal(attribute(0x10), 0x0C);
    for (unsigned i = 0; i < 17; i++)
        *at(0x30010 + i) = (uint8_t)(0x3F - i);
    call(0x1002, 0, 0, 0x0010);
    assert_int_equal(attribute(0), 0x3F);
    assert_int_equal(attribute(15), 0x30);
    assert_int_equal(attribute(0x11), 0x2F);
    assert_int_equal(attribute(0x10), 0x0C); /* which is no colour */
    *at(0x30111) = 0xEE;
    call(0x1009, 0, 0, 0x0100);
    assert_memory_equal(at(0x30100), at(0x30010), 17);
    assert_int_equal(*at(0x30111), 0xEE);
    pc_out(0x3C0, 1, 0x05); /* the next write is an index */
    assert_int_equal(pc_in(0x3C0, 1), 0x05);
}

static void the_256_colours(void **state)
{
    (void)state;
    call(0x1015, 0x0004, 0, 0); /* red of 16: two thirds of 63 */
    assert_int_equal(DX >> 8, 0x2A);
    assert_int_equal(CX, 0);
    call(0x1010, 0x00C8, 0x1122, 0x3355);
    call(0x1015, 0x00C8, 0, 0x0055);
    assert_int_equal(CX, 0x1122);
    assert_int_equal(DX, 0x3355);
    static const uint8_t two[] = {1, 2, 3, 61, 62, 63};
    memcpy(at(0x30000), two, sizeof two);
    call(0x1012, 0x00FE, 2, 0);
    call(0x1017, 0x00FE, 900, 0x0200); /* there are no more than two */
    assert_memory_equal(at(0x30200), two, sizeof two);
    assert_int_equal(*at(0x30206), 0);
    call(0x1017, 0x00C8, 1, 0x0300);
    assert_int_equal(*at(0x30300), 0x33);
    assert_int_equal(word_at(0x30301), 0x2211);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup(f, setup)
    const struct CMUnitTest tests[] = {TEST(shapes_are_stretched), TEST(stretching_can_be_switched_off),
                                       TEST(the_16_colours), TEST(the_256_colours)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

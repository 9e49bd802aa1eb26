/* test_keyboard.c - the 8042 and the keyboard behind it, port 92h and port E9h, as IBM's AT and PS/2 technical
 * references describe them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/pc/pc.h"
#include "tests/firmware/native.h"

#define FULL 0x01u

static pc_time t;

static void out(unsigned port, unsigned value) { pc_out((uint16_t)port, 1, value); }
static unsigned in(unsigned port) { return pc_in((uint16_t)port, 1); }
static unsigned status(void) { return in(0x64); }

static void later(void) { pc_advance(t += PC_SECOND / 1000); }

static int setup(void **state)
{
    (void)state;
    pc_reset(t = 0);
    pc_advance(t);
    out(0x20, 0x13); /* the interrupt controller: line 1 is vector 09h, and ends by itself */
    out(0x21, 0x08);
    out(0x21, 0x03);
    out(0x21, 0xFD);
    return 0;
}

static bool interrupted(void) { return pc_interrupt_pending() && pc_interrupt_vector() == 0x09; }

/* The next byte must be there, or come within a millisecond. */
static void want(unsigned byte)
{
    if ((status() & FULL) == 0)
        later();
    assert_int_equal(status() & FULL, FULL);
    assert_int_equal(in(0x60), byte);
}
static void want_none(void)
{
    later();
    assert_int_equal(status() & FULL, 0);
}

static void command(unsigned byte, unsigned argument)
{
    out(0x64, byte);
    out(0x60, argument);
}

static void controller_commands(void **state)
{
    (void)state;
    assert_int_equal(status(), 0x14); /* system, not inhibited */
    out(0x64, 0xAA);
    assert_int_equal(status(), 0x1D); /* a byte; the last write was a command */
    want(0x55);
    out(0x64, 0xAB);
    want(0x00);
    out(0x64, 0xA4);
    want(0xF1); /* no password */
    out(0x64, 0xC0);
    assert_int_equal(in(0x60) & 0x80, 0x80); /* not inhibited */
    out(0x64, 0xA9);
    assert_int_not_equal(in(0x60), 0x00); /* no mouse */
    want_none();
}

static void command_byte(void **state)
{
    (void)state;
    out(0x64, 0x20);
    want(0x45); /* interrupt, system, translate */
    command(0x60, 0x41);
    assert_int_equal(status(), 0x10); /* the system flag is its bit 2; the last write was data */
    out(0x64, 0x20);
    want(0x41);
    out(0x64, 0xAD);
    out(0x64, 0x20);
    want(0x51);
    out(0x64, 0xAE);
    out(0x64, 0x20);
    want(0x41);
}

static void a_key_interrupts_once(void **state)
{
    (void)state;
    assert_true(pc_keyboard_byte(0x1E));
    assert_true(interrupted());
    assert_false(interrupted());
    want(0x1E);
    assert_false(interrupted());
    assert_true(pc_keyboard_byte(0x9E));
    later();
    assert_true(interrupted());
    command(0x60, 0x44); /* no interrupts */
    want(0x9E);
    pc_keyboard_byte(0x1F);
    later();
    assert_false(interrupted());
    want(0x1F);
}

/* What hooks INT 09h reads 60h, and then the BIOS reads it again. */
static void the_buffer_keeps_its_byte(void **state)
{
    (void)state;
    pc_keyboard_byte(0x1E);
    pc_keyboard_byte(0x1F);
    assert_int_equal(in(0x60), 0x1E);
    assert_int_equal(in(0x60), 0x1E);
    assert_int_equal(status() & FULL, 0);
    const pc_time next = pc_deadline();
    assert_true(next > t && next <= t + PC_SECOND / 1000);
    pc_advance(t = next - 1);
    assert_int_equal(in(0x60), 0x1E);
    pc_advance(t = next);
    assert_true(interrupted());
    assert_int_equal(in(0x60), 0x1F);
}

static void a_disabled_keyboard_keeps_its_keys(void **state)
{
    (void)state;
    out(0x64, 0xAD);
    assert_true(pc_keyboard_byte(0x10));
    assert_true(pc_keyboard_byte(0x90));
    want_none();
    assert_int_equal(pc_deadline(), PC_NEVER);
    out(0x64, 0xD0); /* the controller itself still answers */
    assert_int_equal(in(0x60) & 0x03, 0x03);
    want_none();
    out(0x64, 0xAE);
    want(0x10);
    want(0x90);
    out(0x64, 0xAD);
    out(0x60, 0xEE); /* a byte for the keyboard opens the line */
    want(0xEE);
}

static void keys_are_not_kept_without_end(void **state)
{
    (void)state;
    unsigned taken = 0;
    while (pc_keyboard_byte(0x1E))
        assert_true(++taken < 1000);
    assert_true(taken >= 16);
    for (unsigned i = 0; i < 1000; i++)
        out(0x64, 0x20);
    unsigned keys = 0, answers = 0;
    for (; (status() & FULL) != 0; later())
        in(0x60) == 0x1E ? keys++ : answers++;
    assert_int_equal(keys, taken);
    assert_true(answers >= 1 && answers <= 64);
}

static void keyboard_commands(void **state)
{
    (void)state;
    out(0x60, 0xEE);
    want(0xEE);
    out(0x60, 0xED);
    want(0xFA);
    out(0x60, 0x07);
    want(0xFA);
    out(0x60, 0xF3);
    want(0xFA);
    out(0x60, 0x20);
    want(0xFA);
    out(0x60, 0xF2);
    want(0xFA);
    want(0xAB);
    want(0x41); /* 83h, translated */
    out(0x60, 0x01);
    want(0xFE); /* no command */
    out(0x60, 0xED);
    want(0xFA);
    out(0x60, 0xEE); /* a command where an argument was expected */
    want(0xEE);
    out(0x60, 0xF5);
    want(0xFA);
    assert_false(pc_keyboard_byte(0x1E));
    out(0x60, 0xF4);
    want(0xFA);
    assert_true(pc_keyboard_byte(0x1E));
    want(0x1E);
    out(0x60, 0xFF);
    want(0xFA);
    want(0xAA);
    want_none();
}

static void scan_code_sets(void **state)
{
    (void)state;
    out(0x60, 0xF0);
    want(0xFA);
    out(0x60, 0);
    want(0xFA);
    want(0x41);          /* set 2, translated */
    command(0x60, 0x05); /* no translation: set 2 as it is */
    out(0x60, 0xF0);
    want(0xFA);
    out(0x60, 0);
    want(0xFA);
    want(0x02);
    static const struct {
        uint8_t one[6], two[8];
    } keys[] = {{{0x1E, 0x9E}, {0x1C, 0xF0, 0x1C}},                         /* A */
                {{0x01, 0x81}, {0x76, 0xF0, 0x76}},                         /* Esc */
                {{0x1C, 0x9C}, {0x5A, 0xF0, 0x5A}},                         /* Enter */
                {{0x2A, 0xAA}, {0x12, 0xF0, 0x12}},                         /* left shift */
                {{0x39, 0xB9}, {0x29, 0xF0, 0x29}},                         /* blank */
                {{0x41, 0xC1}, {0x83, 0xF0, 0x83}},                         /* F7 */
                {{0x57, 0xD7}, {0x78, 0xF0, 0x78}},                         /* F11 */
                {{0x58, 0xD8}, {0x07, 0xF0, 0x07}},                         /* F12 */
                {{0xE0, 0x48, 0xE0, 0xC8}, {0xE0, 0x75, 0xE0, 0xF0, 0x75}}, /* up */
                {{0xE1, 0x1D, 0x45, 0xE1, 0x9D, 0xC5}, {0xE1, 0x14, 0x77, 0xE1, 0xF0, 0x14, 0xF0, 0x77}}}; /* pause */
    for (size_t k = 0; k < sizeof keys / sizeof *keys; k++) {
        for (size_t i = 0; i < sizeof keys[k].one && keys[k].one[i] != 0; i++)
            assert_true(pc_keyboard_byte(keys[k].one[i]));
        for (size_t i = 0; i < sizeof keys[k].two && keys[k].two[i] != 0; i++)
            want(keys[k].two[i]);
    }
    out(0x60, 0xF0);
    want(0xFA);
    out(0x60, 1);
    want(0xFA);
    pc_keyboard_byte(0x9E);
    want(0x9E); /* set 1, asked for */
    out(0x60, 0xF6);
    want(0xFA);
    pc_keyboard_byte(0x9E);
    want(0xF0); /* defaults: set 2 */
    want(0x1C);
}

/* Every key has a code of its own in set 2. */
static void set_2_is_one_to_one(void **state)
{
    (void)state;
    bool seen[256] = {false};
    command(0x60, 0x04);
    for (unsigned code = 1; code <= 0x58; code++) {
        assert_true(pc_keyboard_byte((uint8_t)code));
        later();
        const unsigned two = in(0x60);
        assert_true(two != 0 && two < 0x85 && !seen[two]);
        seen[two] = true;
    }
}

static void bytes_as_if_from_the_keyboard(void **state)
{
    (void)state;
    command(0xD2, 0x33);
    assert_true(interrupted());
    want(0x33);
    command(0xD3, 0x5A); /* as if from the mouse that is not there */
    want_none();
    command(0xD4, 0xF4); /* for it */
    want_none();
}

static void a20_by_three_ways(void **state)
{
    (void)state;
    assert_true(pc_a20());
    command(0xD1, 0xDD);
    assert_false(pc_a20());
    assert_int_equal(in(0x92) & 2, 0);
    out(0x64, 0xD0);
    assert_int_equal(in(0x60) & 2, 0);
    command(0xD1, 0xDF);
    assert_true(pc_a20());
    out(0x92, 0);
    assert_false(pc_a20());
    out(0x92, 2);
    assert_true(pc_a20());
    assert_int_equal(in(0x92), 2);
    out(0x64, 0xDD);
    assert_false(pc_a20());
    out(0x64, 0xDF);
    assert_true(pc_a20());
    assert_false(pc_take_reset());
}

static void resets(void **state)
{
    (void)state;
    out(0x64, 0xFE);
    assert_true(pc_take_reset());
    assert_false(pc_take_reset());
    out(0x64, 0xFF); /* pulses nothing */
    assert_false(pc_take_reset());
    command(0xD1, 0xDE); /* reset by the output port */
    assert_true(pc_take_reset());
    out(0x92, 3);
    assert_true(pc_take_reset());
    pc_reset(t);
    assert_true(pc_a20());
    assert_int_equal(status(), 0x14);
}

static void port_e9(void **state)
{
    (void)state;
    native_log[0] = 0;
    assert_int_equal(in(0xE9), 0xE9);
    for (const char *p = "it \x1b\r\tworks\n\n"; *p != 0; p++)
        out(0xE9, (uint8_t)*p);
    assert_string_equal(native_log, "guest: it works\n"); /* printable characters, by the line */
    native_log[0] = 0;
    for (unsigned i = 0; i < 121; i++)
        out(0xE9, 'x');
    assert_int_equal(strlen(native_log), sizeof "guest: \n" - 1 + 120); /* no line is longer */
    pc_reset(t);                                                        /* what is left of one */
    assert_non_null(strstr(native_log, "\nguest: x\n"));
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup(f, setup)
    const struct CMUnitTest tests[] = {TEST(controller_commands),
                                       TEST(command_byte),
                                       TEST(a_key_interrupts_once),
                                       TEST(the_buffer_keeps_its_byte),
                                       TEST(a_disabled_keyboard_keeps_its_keys),
                                       TEST(keys_are_not_kept_without_end),
                                       TEST(keyboard_commands),
                                       TEST(scan_code_sets),
                                       TEST(set_2_is_one_to_one),
                                       TEST(bytes_as_if_from_the_keyboard),
                                       TEST(a20_by_three_ways),
                                       TEST(resets),
                                       TEST(port_e9)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

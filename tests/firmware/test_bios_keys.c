/* test_bios_keys.c - IRQ 1 by its contract: what IBM's AT technical reference and Ralf Brown's list (INT 09h, 15h
 * AH=4Fh, 85h, 91h, 1Bh, 05h, memory 40:17 to 40:97) say that a sequence of scan codes does. The ROM's part, which
 * reads port 60h and makes the calls, is tried by biostest.asm. */
#include "tests/firmware/bios_call.h"

#define POSTED 0x9102u

static int setup(void **state)
{
    (void)state;
    reset_native();
    pc_out(0x21, 1, 0xFD); /* no ticks in between */
    return 0;
}

/* The keyboard sends a byte; what the BIOS wants called next. */
static unsigned key_byte(unsigned byte)
{
    assert_true(pc_keyboard_byte((uint8_t)byte));
    native_time += PC_SECOND / 1000;
    pc_advance(native_time);
    assert_true(pc_interrupt_pending());
    assert_int_equal(pc_interrupt_vector(), 0x09);
    (void)interrupt(0x09, 0);
    pc_out(0x20, 1, 0x0B);
    assert_int_equal(pc_in(0x20, 1), 0); /* the interrupt has ended */
    return AX;
}

static unsigned flags(void) { return *at(0x417); }

static unsigned waiting_keys(void) { return (word_at(0x41C) - word_at(0x41A)) / 2; }
static unsigned take(void)
{
    registers(0x1000, 0, 0, 0);
    assert_int_not_equal(waiting_keys(), 0);
    (void)interrupt(0x16, 0);
    return AX;
}
static unsigned held(void)
{
    registers(0x1200, 0, 0, 0);
    (void)interrupt(0x16, 0);
    return AH;
}

#define SEND(...)                                                                                                      \
    do {                                                                                                               \
        static const uint8_t sent[] = {__VA_ARGS__};                                                                   \
        for (size_t sent_i = 0; sent_i < sizeof sent; sent_i++)                                                        \
            last = key_byte(sent[sent_i]);                                                                             \
    } while (0)
static unsigned last; /* behind the last byte sent */

static void a_key_is_posted(void **state)
{
    (void)state;
    assert_int_equal(key_byte(0x1E), POSTED);
    assert_int_equal(key_byte(0x9E), 0);
    assert_int_equal(take(), 0x1E61);
    for (unsigned i = 0; i < 15; i++)
        assert_int_equal(key_byte(0x1E), POSTED);
    assert_int_equal(key_byte(0x1E), 0); /* the ring is full */
}

/* CF = 0 of INT 15h AH=4Fh: the byte is not the BIOS' any more, but the interrupt still ends. */
static void a_byte_that_is_kept(void **state)
{
    (void)state;
    (void)pc_keyboard_byte(0x3A);
    pc_advance(native_time += PC_SECOND / 1000);
    (void)pc_interrupt_vector();
    native_set(VMCS_GUEST_CS_BASE, 0xF0000);
    native_set(VMCS_GUEST_RFLAGS, 2);
    native_set(VMCS_GUEST_RIP, BIOS_KEY);
    guest.rax = UPPER | 0x4F3A;
    native_exit(VMX_EXIT_VMCALL, 0, 3);
    assert_int_equal(AX, 0);
    assert_int_equal(flags(), 0);
    assert_int_equal(waiting_keys(), 0);
    pc_out(0x20, 1, 0x0B);
    assert_int_equal(pc_in(0x20, 1), 0);
}

/* Who feeds the keyboard waits while the ring has no room, but not for ever: Ctrl-Alt-Del must come through. */
static void typing_ahead(void **state)
{
    (void)state;
    const pc_time begin = native_time;
    for (unsigned i = 0; i < 15; i++) {
        assert_true(bios_keyboard_room(native_time));
        SEND(0x1E, 0x9E);
    }
    assert_false(bios_keyboard_room(native_time));
    assert_int_equal(take(), 0x1E61);
    assert_true(bios_keyboard_room(native_time));
    (void)pc_keyboard_byte(0x1E); /* a key that is on its way takes the last place */
    (void)pc_keyboard_byte(0x9E);
    assert_false(bios_keyboard_room(native_time));
    assert_false(bios_keyboard_room(native_time + 3 * PC_SECOND - 1));
    assert_true(bios_keyboard_room(native_time + 3 * PC_SECOND));
    native_set(VMCS_GUEST_CR0, 0x31); /* protected mode: the ring is nobody's */
    assert_true(bios_keyboard_room(native_time));
    native_set(VMCS_GUEST_CR0, 0x30);
    assert_false(bios_keyboard_room(native_time));
    put_word_at(0x482, 0x1E); /* no ring at all */
    assert_true(bios_keyboard_room(begin));
}

static void ctrl_break(void **state)
{
    (void)state;
    SEND(0x1E, 0x9E, 0x1D, 0xE0, 0x46);
    assert_int_equal(last, 0x1B);
    assert_int_equal(*at(0x471), 0x80);
    assert_int_equal(waiting_keys(), 0); /* what was typed before is gone */
    native_set(VMCS_GUEST_RFLAGS, 2);    /* INT 1Bh has come back */
    native_set(VMCS_GUEST_RIP, BIOS_KEY);
    guest.rax = UPPER | 0x1B00;
    native_exit(VMX_EXIT_VMCALL, 0, 3);
    assert_int_equal(AX, POSTED);
    SEND(0xE0, 0xC6, 0x9D);
    assert_int_equal(last, 0);
    assert_int_equal(waiting_keys(), 1);
    registers(0x0100, 0, 0, 0);
    assert_int_equal(interrupt(0x16, ZF) & ZF, 0); /* an old caller sees the 0 too */
    assert_int_equal(AX, 0);
    assert_int_equal(flags(), 0); /* Scroll Lock is another key */
    SEND(0x46, 0xC6);
    assert_int_equal(flags(), 0x10);
}

static void print_screen(void **state)
{
    (void)state;
    SEND(0xE0, 0x2A, 0xE0, 0x37);
    assert_int_equal(last, 0x05);
    SEND(0xE0, 0xB7, 0xE0, 0xAA);
    assert_int_equal(flags(), 0);
    assert_int_equal(waiting_keys(), 0);
    SEND(0x2A, 0x37, 0xB7, 0xAA); /* the star of the pad is one with shift too */
    assert_int_equal(take(), 0x372A);
    SEND(0x1D, 0xE0, 0x37, 0xE0, 0xB7, 0x9D);
    assert_int_equal(take(), 0x7200);
    registers(0, 0, 0, 0);
    (void)interrupt(0x05, 0);
    assert_int_equal(*at(0x500), 0xFF); /* there is no printer */
}

static void sysreq(void **state)
{
    (void)state;
    SEND(0x38, 0x54);
    assert_int_equal(last, 0x8500);
    assert_int_equal(held(), 0x82);
    assert_int_equal(key_byte(0x54), 0); /* held */
    assert_int_equal(key_byte(0xD4), 0x8501);
    SEND(0xB8);
    assert_int_equal(held(), 0);
    assert_int_equal(waiting_keys(), 0);
    registers(0x8500, 0, 0, 0); /* and what nobody has hooked succeeds */
    assert_int_equal(interrupt(0x15, CF) & CF, 0);
    assert_int_equal(AH, 0);
}

static void pause_waits_for_a_key(void **state)
{
    (void)state;
    SEND(0xE1, 0x1D, 0x45);
    assert_int_equal(last, 0x08);
    assert_int_equal(*at(0x418) & 0x08, 0x08);
    SEND(0xE1, 0x9D, 0xC5);
    assert_int_equal(last, 0);
    SEND(0x2A, 0xAA, 0xE0, 0xCB); /* shift, and a key that comes up, do not end it */
    assert_int_equal(*at(0x418) & 0x08, 0x08);
    SEND(0x1E, 0x9E);
    assert_int_equal(*at(0x418), 0);
    assert_int_equal(waiting_keys(), 0); /* the key that ends it is nothing else */
    assert_int_equal(flags(), 0);        /* no Num Lock, no control */
    assert_int_equal(held(), 0);
    SEND(0x1E, 0x9E);
    assert_int_equal(take(), 0x1E61);
}

/* Who sends the sequence itself would wait for itself. */
static void a_program_does_not_pause_itself(void **state)
{
    (void)state;
    static const uint8_t pause[] = {0xE1, 0x1D, 0x45, 0xE1, 0x9D, 0xC5};
    for (size_t i = 0; i < sizeof pause; i++) {
        pc_out(0x64, 1, 0xD2);
        pc_out(0x60, 1, pause[i]);
        (void)pc_interrupt_vector();
        (void)interrupt(0x09, 0);
        assert_int_equal(AX, 0);
    }
    assert_int_equal(flags(), 0);
    assert_int_equal(*at(0x418), 0);
}

/* E1h without its 1Dh is forgotten. */
static void half_a_pause(void **state)
{
    (void)state;
    SEND(0xE1, 0x1E, 0x9E);
    assert_int_equal(take(), 0x1E61);
    SEND(0xE1, 0xE0, 0x4B, 0xE0, 0xCB);
    assert_int_equal(take(), 0x4BE0);
    SEND(0x45, 0xC5);
    assert_int_equal(flags(), 0x20);
}

static void lock_keys_do_not_repeat(void **state)
{
    (void)state;
    static const struct {
        uint8_t code, flag, light;
    } locks[] = {{0x3A, 0x40, 0x04}, {0x45, 0x20, 0x02}, {0x46, 0x10, 0x01}};
    for (size_t i = 0; i < 3; i++) {
        const uint8_t code = locks[i].code;
        for (unsigned n = 0; n < 3; n++) {
            assert_int_equal(key_byte(code), 0);
            assert_int_equal(flags(), locks[i].flag);
            assert_int_equal(*at(0x418), locks[i].flag);
            assert_int_equal(held(), locks[i].flag);
            assert_int_equal(*at(0x497) & 7, locks[i].light);
        }
        assert_int_equal(key_byte(code | 0x80u), 0);
        assert_int_equal(flags(), locks[i].flag);
        assert_int_equal(held(), 0);
        (void)key_byte(code);
        assert_int_equal(flags(), 0);
        (void)key_byte(code | 0x80u);
        assert_int_equal(*at(0x497) & 7, 0);
    }
    assert_int_equal(waiting_keys(), 0);
}

static void insert_is_a_state_and_a_key(void **state)
{
    (void)state;
    SEND(0xE0, 0x52, 0xE0, 0x52); /* held */
    assert_int_equal(flags(), 0x80);
    assert_int_equal(*at(0x418), 0x80);
    SEND(0xE0, 0xD2);
    assert_int_equal(*at(0x418), 0);
    assert_int_equal(take(), 0x52E0);
    assert_int_equal(take(), 0x52E0);
    SEND(0x52, 0xD2); /* that of the pad */
    assert_int_equal(flags(), 0);
    assert_int_equal(take(), 0x5200);
    SEND(0x45, 0xC5, 0x52, 0xD2); /* a digit */
    assert_int_equal(flags(), 0x20);
    assert_int_equal(take(), 0x5230);
    SEND(0x38, 0x52, 0xD2, 0xB8); /* one of a number: none, for 0 is no character */
    assert_int_equal(flags(), 0x20);
    assert_int_equal(waiting_keys(), 0);
}

static void alt_and_digits(void **state)
{
    (void)state;
    SEND(0x38, 0x4F, 0xCF, 0x4C, 0xCC, 0x50, 0xD0); /* 1, 5, 2 */
    assert_int_equal(waiting_keys(), 0);
    SEND(0xB8);
    assert_int_equal(last, POSTED);
    assert_int_equal(take(), 152);
    SEND(0x38, 0x50, 0xD0, 0x49, 0xC9, 0x49, 0xC9, 0xB8); /* 299 is 43 in a byte */
    assert_int_equal(take(), 299 & 0xFF);
    SEND(0x38, 0x4F, 0xCF, 0x1E, 0x9E, 0xB8); /* another key: there is no number */
    assert_int_equal(take(), 0x1E00);
    assert_int_equal(waiting_keys(), 0);
    SEND(0xE0, 0x38, 0x4D, 0xCD, 0x4C, 0xCC, 0xE0, 0xB8); /* the right one too: 65 */
    assert_int_equal(take(), 'A');
    SEND(0x38, 0xE0, 0x48, 0xE0, 0xC8, 0xB8); /* a grey key is no digit */
    assert_int_equal(take(), 0x9800);
    assert_int_equal(waiting_keys(), 0);
}

static void grey_keys(void **state)
{
    (void)state;
    SEND(0xE0, 0x2A, 0xE0, 0x48, 0xE0, 0xC8, 0xE0, 0xAA); /* as a keyboard with Num Lock on sends it */
    assert_int_equal(take(), 0x48E0);
    SEND(0xE0, 0xAA, 0x2A, 0xE0, 0x4B, 0xE0, 0xCB, 0xE0, 0x2A);
    assert_int_equal(flags(), 0x02);
    SEND(0xAA);
    assert_int_equal(flags(), 0);
    assert_int_equal(take(), 0x4BE0);
    SEND(0xE0, 0x1C, 0xE0, 0x9C, 0xE0, 0x35, 0xE0, 0xB5);
    assert_int_equal(take(), 0xE00D);
    assert_int_equal(take(), 0xE02F);
    SEND(0xE0, 0x1D, 0xE0, 0x38);
    assert_int_equal(held(), 0x0C);
    SEND(0x1D, 0xE0, 0x9D);
    assert_int_equal(flags(), 0x0C); /* the left control is still down */
    SEND(0x9D, 0xE0, 0xB8);
    assert_int_equal(flags(), 0);
    SEND(0xE0, 0x5B, 0xE0, 0xDB, 0xE0, 0x5D, 0xE0, 0xDD); /* keys that no BIOS knows */
    assert_int_equal(waiting_keys(), 0);
    SEND(0x56, 0xD6, 0x2A, 0x56, 0xD6, 0xAA); /* the 102nd */
    assert_int_equal(take(), 0x565C);
    assert_int_equal(take(), 0x567C);
}

/* The machine starts again, and finds at 40:72 that it was asked to. */
static void ctrl_alt_del(void **state)
{
    (void)state;
    SEND(0x1D, 0x38);
    native_set(VMCS_GUEST_CS_BASE, 0xF0000);
    native_set(VMCS_GUEST_RFLAGS, 2 | CF);
    native_set(VMCS_GUEST_RIP, BIOS_KEY);
    guest.rax = UPPER | 0x4F53;
    native_exit(VMX_EXIT_VMCALL, 0, 3);
    assert_int_equal(vmcs_read(VMCS_GUEST_RIP), 0xFFF0);
    native_set(VMCS_GUEST_RIP, BIOS_RESET + 8);
    native_exit(VMX_EXIT_VMCALL, 0, 3);
    assert_int_equal(word_at(0x472), 0x1234);
    assert_int_equal(flags(), 0);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup(f, setup)
    const struct CMUnitTest tests[] = {TEST(a_key_is_posted),
                                       TEST(a_byte_that_is_kept),
                                       TEST(typing_ahead),
                                       TEST(ctrl_break),
                                       TEST(print_screen),
                                       TEST(sysreq),
                                       TEST(pause_waits_for_a_key),
                                       TEST(a_program_does_not_pause_itself),
                                       TEST(half_a_pause),
                                       TEST(lock_keys_do_not_repeat),
                                       TEST(insert_is_a_state_and_a_key),
                                       TEST(alt_and_digits),
                                       TEST(grey_keys),
                                       TEST(ctrl_alt_del)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

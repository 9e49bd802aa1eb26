/* test_bios_calls.c - BIOS services by their contracts: what IBM's technical references, the EDD document and Ralf
 * Brown's list say goes in and comes out. biostest.asm tries the same from inside a guest; here are those that need a
 * second caller, an interrupt at the right moment, or an end. */
#include "tests/firmware/bios_call.h"

static int setup(void **state)
{
    (void)state;
    reset_native();
    call_step = PC_SECOND / 100;
    return 0;
}

static void call(uint8_t vector, unsigned ax)
{
    registers(ax, 0, 0, 0);
    (void)interrupt(vector, 0);
}

/* Guest time passes; what the interrupt controllers ask for is delivered to the BIOS. Returns whether INT 4Ah was. */
static bool alarmed;
static void until(pc_time end)
{
    while (native_time < end) {
        native_time = pc_deadline() < end ? pc_deadline() : end;
        pc_advance(native_time);
        if (!pc_interrupt_pending())
            continue;
        const uint8_t vector = pc_interrupt_vector();
        call_step = 0;
        registers(0, 0, 0, 0);
        (void)interrupt(vector, 0x200);
        if (vector == 0x08)
            pc_out(0x20, 1, 0x20); /* the stub, behind INT 1Ch */
        assert_true(upper_halves_survive());
        alarmed |= vector == 0x70 && (vmcs_read(VMCS_GUEST_RFLAGS) & CF) != 0;
    }
}

static unsigned lines_with(const char *text)
{
    unsigned n = 0;
    for (const char *p = native_log; (p = strstr(p, text)) != NULL; p++)
        n++;
    return n;
}

/* The first test: what has been logged is remembered beyond a reset. */
static void unlisted_calls_are_logged_once(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 3; i++)
        call(0x15, 0x7701);
    assert_int_equal(lines_with("bios: unlisted call INT 15 AX=7701"), 1);
    call(0x13, 0x7701);
    assert_int_equal(lines_with("bios: unlisted call INT 13 AX=7701"), 1);
    unsigned lines = 0;
    for (unsigned ax = 0x5500; ax < 0x5600; ax++) {
        native_log[0] = 0;
        call(0x10, ax);
        lines += lines_with("unlisted");
    }
    assert_int_equal(lines, 62); /* 64 in all */
}

/* ---- INT 16h ---- */

static void store(unsigned key)
{
    registers(0x0500, 0, key, 0);
    (void)interrupt(0x16, 0);
    assert_int_equal(AL, 0);
}

/* The word by AH = ah; 0 when it would wait. */
static unsigned key(unsigned ah)
{
    registers(ah << 8, 0, 0, 0);
    if ((ah & 0xF) == 1)
        return (interrupt(0x16, 0) & ZF) != 0 ? 0 : AX;
    call_interrupt = NULL;
    const unsigned head = word_at(0x41A), tail = word_at(0x41C);
    if (head == tail)
        return 0;
    (void)interrupt(0x16, 0);
    return AX;
}

static void old_callers_get_old_keys(void **state)
{
    (void)state;
    static const struct {
        uint16_t stored, old;
    } keys[] = {{0x1E61, 0x1E61}, {0x3B00, 0x3B00}, {0x48E0, 0x4800}, {0xE00D, 0x1C0D}, {0xE00A, 0x1C0A},
                {0xE02F, 0x352F}, {0x8400, 0x8400}, {0x00E0, 0x00E0}, {0x0000, 0x0000}};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        store(keys[i].stored);
        registers(0x0100, 0, 0, 0);
        assert_int_equal(interrupt(0x16, ZF) & ZF, 0);
        assert_int_equal(AX, keys[i].old);
        registers(0x1000, 0, 0, 0);
        (void)interrupt(0x16, 0);
        assert_int_equal(AX, keys[i].stored);
    }
}

/* What SeaBIOS and Bochs' BIOS make of it, for both kinds of callers. */
static void f0_is_no_character(void **state)
{
    (void)state;
    static const uint16_t stored[] = {0x1EF0, 0x01F0, 0x00F0}, wanted[] = {0x1E00, 0x0100, 0x00F0};
    for (size_t i = 0; i < sizeof stored / sizeof *stored; i++)
        for (unsigned function = 0x00; function <= 0x10; function += 0x10) {
            store(stored[i]);
            assert_int_equal(key(function + 1), wanted[i]);
            assert_int_equal(key(function), wanted[i]);
        }
}

static void old_callers_never_see_f11(void **state)
{
    (void)state;
    static const uint16_t newer[] = {0x8500, 0x8600, 0x8700, 0x8A00, 0x8B00, 0x8C00, 0x8DE0, 0x92E0, 0x9500, 0xA600};
    for (size_t i = 0; i < sizeof newer / sizeof *newer; i++) {
        store(newer[i]);
        assert_int_equal(key(0x11), newer[i]);
        assert_int_equal(key(0x10), newer[i]);
        store(newer[i]);
        store(0x1E61);
        assert_int_equal(key(0x01), 0x1E61); /* looking has thrown it away */
        assert_int_equal(key(0x10), 0x1E61);
        store(newer[i]);
        store(newer[i]);
        store(0x1E61);
        assert_int_equal(key(0x00), 0x1E61);
        store(newer[i]);
        assert_int_equal(key(0x01), 0);
        assert_int_equal(key(0x11), 0);
    }
}

static void a_hook_and_the_bios_read_one_scan_code(void **state)
{
    (void)state;
    assert_true(pc_keyboard_byte(0x1E));
    assert_true(pc_keyboard_byte(0x9E));
    assert_int_equal(pc_in(0x60, 1), 0x1E); /* who has hooked INT 09h */
    call(0x09, 0);                          /* and calls on */
    assert_int_equal(key(0x10), 0x1E61);
    assert_int_equal(key(0x11), 0);
}

/* ---- INT 10h ---- */

static void font_pointers(void **state)
{
    (void)state;
    put_long_at(0x1F * 4, 0x12345678);
    put_long_at(0x43 * 4, 0x9ABCDEF0);
    static const struct {
        uint8_t which;
        uint16_t segment, offset;
    } fonts[] = {{0, 0x1234, 0x5678}, {1, 0x9ABC, 0xDEF0}, {2, 0, 0}, {3, 0, 0}, {6, 0, 0}, {7, 0, 0}};
    for (size_t i = 0; i < sizeof fonts / sizeof *fonts; i++) {
        registers(0x1130, (unsigned)fonts[i].which << 8, 0, 0);
        (void)interrupt(0x10, 0);
        assert_int_equal(vmcs_read(VMCS_GUEST_ES), fonts[i].segment);
        assert_int_equal(vmcs_read(VMCS_GUEST_ES_BASE), fonts[i].segment * 16);
        assert_int_equal(guest.rbp & 0xFFFF, fonts[i].offset);
        assert_int_equal(CX, 16);
        assert_int_equal(guest.rdx & 0xFF, 24);
    }
    reset_native();
    assert_int_equal(word_at(0x1F * 4) | word_at(0x1F * 4 + 2), 0); /* there is none until a program has one */
}

static void a_long_string_is_written_in_parts(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 5000; i++)
        *at(0x20000 + i) = (uint8_t)('a' + i % 26);
    set_es(0x2000);
    registers(0x1301, 0x001E, 5000, 0);
    guest.rbp = UPPER;
    (void)interrupt(0x10, 0);
    assert_true(upper_halves_survive());
    assert_int_equal(CX, 5000);
    /* 5000 characters are 62 lines and 40: the screen shows lines 38 to 62, the last with 40. */
    assert_int_equal(word_at(0xB8000), 0x1E00 | ('a' + 38 * 80 % 26));
    assert_int_equal(word_at(0xB8000 + 2 * (24 * 80 + 39)), 0x1E00 | ('a' + 4999 % 26));
    assert_int_equal(*at(0xB8000 + 2 * (24 * 80 + 40)), ' ');
    assert_int_equal(word_at(0x450), 24 << 8 | 40);
}

/* ---- INT 15h ---- */

static void pause_takes_its_time(void **state)
{
    (void)state;
    call_step = PC_SECOND / 1000000;
    registers(0x8600, 0, 0, 250);
    const pc_time begin = native_time;
    assert_int_equal(interrupt(0x15, CF) & CF, 0);
    assert_true(native_time - begin >= 250 * (PC_SECOND / 1000000));
    assert_true(native_time - begin <= 253 * (PC_SECOND / 1000000));
    registers(0x8600, 0, 0, 0);
    assert_int_equal(interrupt(0x15, CF) & CF, 0);
}

static unsigned nested_flags, nested_ah;
static bool nest(void)
{
    if (nested_ah == 0) {
        call_interrupt = NULL;
        const uint64_t kept = vmcs_read(VMCS_GUEST_RSP), flags = vmcs_read(VMCS_GUEST_RFLAGS);
        const guest_registers outer = guest;
        native_set(VMCS_GUEST_RSP, kept - 12);
        registers(0x8600, 0, 0, 10);
        nested_flags = interrupt(0x15, 0);
        nested_ah = AH;
        guest = outer;
        native_set(VMCS_GUEST_RSP, kept);
        native_set(VMCS_GUEST_RFLAGS, flags);
        call_interrupt = nest;
    }
    return true;
}

static void a_pause_in_a_pause_is_refused(void **state)
{
    (void)state;
    nested_ah = 0;
    call_interrupt = nest;
    registers(0x8600, 0, 4, 0); /* 262 ms */
    const pc_time begin = native_time;
    assert_int_equal(interrupt(0x15, CF) & CF, 0);
    assert_int_equal(nested_flags & CF, CF);
    assert_int_equal(nested_ah, 0x83);
    assert_true(native_time - begin >= 262144 * UINT64_C(1000));
    reset_native(); /* a reset in the middle of one leaves nothing behind */
    registers(0x8600, 1, 0, 0);
    guest.rcx = 0x1000;
    call_interrupt = NULL;
    assert_false(try_interrupt(0x15, 0) && native_time < PC_SECOND);
    reset_native();
    registers(0x8600, 0, 0, 10);
    assert_int_equal(interrupt(0x15, CF) & CF, 0);
}

static void event_wait(void **state)
{
    (void)state;
    call_step = 0;
    set_es(0x3000);
    registers(0x8300, 0x0010, 0, 20000); /* 20 ms: 21 periods of 976 us */
    const pc_time begin = native_time;
    assert_int_equal(interrupt(0x15, CF) & CF, 0);
    registers(0x8300, 0x0010, 0, 20000);
    assert_int_equal(interrupt(0x15, 0) & CF, CF); /* one at a time */
    assert_int_equal(AH, 0x83);
    *at(0x30010) = 0x01;
    until(begin + 20 * PC_SECOND / 1000 - PC_SECOND / 1000);
    assert_int_equal(*at(0x30010), 0x01);
    until(begin + 23 * PC_SECOND / 1000);
    assert_int_equal(*at(0x30010), 0x81);
    pc_out(0x70, 1, 0x0B);
    assert_int_equal(pc_in(0x71, 1) & 0x40, 0); /* no interrupts for nobody */
    *at(0x30010) = 0;
    registers(0x8300, 0x0010, 0, 20000);
    assert_int_equal(interrupt(0x15, CF) & CF, 0);
    registers(0x8301, 0, 0, 0);
    assert_int_equal(interrupt(0x15, CF) & CF, 0);
    until(native_time + PC_SECOND / 10);
    assert_int_equal(*at(0x30010), 0);
    registers(0x8302, 0, 0, 0);
    assert_int_equal(interrupt(0x15, 0) & CF, CF);
    assert_int_equal(AH, 0x86);
}

static void extended_data_area(void **state)
{
    (void)state;
    call(0x15, 0xC100);
    assert_int_equal(vmcs_read(VMCS_GUEST_ES), 0x9FC0);
    assert_int_equal(*at(0x9FC00), 1); /* KB */
    assert_int_equal(word_at(0x40E), 0x9FC0);
}

/* ---- INT 1Ah ---- */

static void clock_set_and_read(void **state)
{
    (void)state;
    registers(0x0500, 0, 0x2024, 0x0229);
    assert_int_equal(interrupt(0x1A, CF) & CF, 0);
    registers(0x0300, 0, 0x2359, 0x5800);
    assert_int_equal(interrupt(0x1A, CF) & CF, 0);
    call_step = 0;
    registers(0x0200, 0, 0, 0);
    assert_int_equal(interrupt(0x1A, CF) & CF, 0);
    assert_int_equal(CX, 0x2359);
    assert_int_equal(DX, 0x5800);
    until(native_time + 3 * PC_SECOND);
    registers(0x0400, 0, 0, 0);
    assert_int_equal(interrupt(0x1A, CF) & CF, 0);
    assert_int_equal(CX, 0x2024);
    assert_int_equal(DX, 0x0301);
    registers(0x0300, 0, 0x0100, 0x0001); /* daylight saving */
    (void)interrupt(0x1A, 0);
    registers(0x0200, 0, 0, 0);
    (void)interrupt(0x1A, 0);
    assert_int_equal(CX, 0x0100);
    assert_int_equal(DX, 0x0001);
}

static void alarm_calls_int_4a(void **state)
{
    (void)state;
    call_step = 0;
    registers(0x0300, 0, 0x2359, 0x5900);
    (void)interrupt(0x1A, 0);
    until(native_time + 3 * PC_SECOND); /* midnight: the clock's alarm registers are 0, and its flag comes up */
    registers(0x0300, 0, 0x0659, 0x5800);
    (void)interrupt(0x1A, 0);
    registers(0x0600, 0, 0x0700, 0x0000);
    assert_int_equal(interrupt(0x1A, CF) & CF, 0);
    registers(0x0600, 0, 0x0800, 0x0000);
    assert_int_equal(interrupt(0x1A, 0) & CF, CF); /* there is one */
    alarmed = false;
    const pc_time begin = native_time;
    until(begin + 1);
    until(begin + PC_SECOND);
    assert_false(alarmed);
    until(begin + 3 * PC_SECOND);
    assert_true(alarmed);
    alarmed = false;
    registers(0x0700, 0, 0, 0);
    assert_int_equal(interrupt(0x1A, CF) & CF, 0);
    pc_out(0x21, 1, 0xFB); /* a day without its ticks */
    until(begin + 86410 * PC_SECOND);
    assert_false(alarmed);
    registers(0x0600, 0, 0x0800, 0x0000);
    assert_int_equal(interrupt(0x1A, CF) & CF, 0);
}

static void a_day_has_1573040_ticks(void **state)
{
    (void)state;
    registers(0x0100, 0, 0x0018, 0x00AF);
    (void)interrupt(0x1A, 0);
    call(0x08, 0);
    call(0x1A, 0);
    assert_int_equal(AL, 1);
    assert_int_equal(CX | DX, 0);
    call(0x1A, 0);
    assert_int_equal(AL, 0);
}

/* ---- interrupts that nobody has taken ---- */

static unsigned in_service(unsigned port)
{
    pc_out((uint16_t)port, 1, 0x0B);
    return pc_in((uint16_t)port, 1);
}

static void raise(unsigned line)
{
    pc_out(0x21, 1, 0);
    pc_out(0xA1, 1, 0);
    pc_irq(line, false);
    pc_irq(line, true);
    assert_true(pc_interrupt_pending());
    (void)pc_interrupt_vector();
}

static void spare_interrupts_are_ended(void **state)
{
    (void)state;
    raise(5);
    call(0x0D, 0);
    assert_int_equal(in_service(0x20), 0);
    raise(10);
    call(0x72, 0);
    assert_int_equal(in_service(0xA0) | in_service(0x20), 0);
}

static void spurious_interrupts_end_nobody(void **state)
{
    (void)state;
    raise(3); /* a handler is at work */
    assert_int_equal(in_service(0x20), 0x08);
    call(0x0F, 0);
    assert_int_equal(in_service(0x20), 0x08);
    pc_out(0x20, 1, 0x20);
    raise(9);
    pc_out(0x20, 1, 0x20);
    raise(8); /* more urgent; then the slave's input 7 without a cause */
    pc_out(0xA0, 1, 0x20);
    assert_int_equal(in_service(0x20), 0x04);
    call(0x77, 0);
    assert_int_equal(in_service(0xA0), 0x02);
    assert_int_equal(in_service(0x20), 0x00); /* the master has delivered one */
}

/* A driver that has ended its interrupt may go on at the vector's old handler, which is the BIOS' own. */
static void a_handler_that_goes_on_here(void **state)
{
    (void)state;
    for (unsigned line = 3; line <= 5; line++) {
        raise(line);
        pc_out(0x20, 1, 0x20);
        call((uint8_t)(8 + line), 0);
    }
    raise(14);
    pc_out(0xA0, 1, 0x20);
    pc_out(0x20, 1, 0x20);
    raise(0); /* another handler at work is not ended */
    call(0x76, 0);
    assert_int_equal(in_service(0x20), 0x01);
}

/* INT n in front of the place to return to, as SeaBIOS and Bochs' BIOS take it: nothing happens. */
static void exceptions_called_by_int(void **state)
{
    (void)state;
    static const uint8_t vectors[] = {0x00, 0x06, 0x07, 0x0A, 0x0B, 0x0C, 0x0D, 0x0E, 0x0F, 0x76};
    for (size_t i = 0; i < sizeof vectors; i++) {
        put_word_at(0x9000, (unsigned)vectors[i] << 8 | 0xCD);
        put_word_at(frame_at(0), 0x0002);
        put_word_at(frame_at(2), 0x0900);
        call(vectors[i], 0);
    }
}

static void an_exception_ends_the_guest(void **state)
{
    (void)state;
    assert_true(try_interrupt(0x0D, 0));
    assert_string_equal(native_stop, "guest: an exception that the guest does not handle");
}

/* ---- INT 14h ---- */

static void receiving_tells_of_errors(void **state)
{
    (void)state;
    pc_com1_receive('k' | 8u << 24); /* framing */
    call(0x14, 0x0200);
    assert_int_equal(AX, 0x0800 | 'k');
    pc_com1_receive('l');
    call(0x14, 0x0200);
    assert_int_equal(AX, 'l');
}

static bool wait_on(void) { return true; }

static void receiving_gives_up(void **state)
{
    (void)state;
    for (unsigned seconds = 0; seconds < 3; seconds++) {
        *at(0x47C) = (uint8_t)seconds;
        const pc_time begin = native_time;
        call_interrupt = wait_on;
        call(0x14, 0x0200);
        assert_int_equal(AH & 0x80, 0x80);
        assert_true(native_time - begin >= seconds * PC_SECOND);
        assert_true(native_time - begin <= seconds * PC_SECOND + PC_SECOND / 20);
    }
    call(0x14, 0x0300);
    assert_int_equal(AX, 0x60B0);
    registers(0x0141, 0, 0, 1); /* COM2 is not the guest's */
    (void)interrupt(0x14, 0);
    assert_int_equal(AH & 0x80, 0x80);
}

static void speeds(void **state)
{
    (void)state;
    static const uint16_t divisors[] = {1047, 768, 384, 192, 96, 48, 24, 12}; /* 115,200 / 110 to 9600 */
    for (unsigned i = 0; i < 8; i++) {
        call(0x14, i << 5 | 0x1F);
        pc_out(0x3FB, 1, 0x9F);
        assert_int_equal(pc_in(0x3F8, 1) | pc_in(0x3F9, 1) << 8, divisors[i]);
        pc_out(0x3FB, 1, 0x1F);
    }
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup(f, setup)
    const struct CMUnitTest tests[] = {TEST(unlisted_calls_are_logged_once),
                                       TEST(old_callers_get_old_keys),
                                       TEST(f0_is_no_character),
                                       TEST(old_callers_never_see_f11),
                                       TEST(a_hook_and_the_bios_read_one_scan_code),
                                       TEST(font_pointers),
                                       TEST(a_long_string_is_written_in_parts),
                                       TEST(pause_takes_its_time),
                                       TEST(a_pause_in_a_pause_is_refused),
                                       TEST(event_wait),
                                       TEST(extended_data_area),
                                       TEST(clock_set_and_read),
                                       TEST(alarm_calls_int_4a),
                                       TEST(a_day_has_1573040_ticks),
                                       TEST(spare_interrupts_are_ended),
                                       TEST(spurious_interrupts_end_nobody),
                                       TEST(a_handler_that_goes_on_here),
                                       TEST(exceptions_called_by_int),
                                       TEST(an_exception_ends_the_guest),
                                       TEST(receiving_tells_of_errors),
                                       TEST(receiving_gives_up),
                                       TEST(speeds)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

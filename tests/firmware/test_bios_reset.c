/* test_bios_reset.c - power-on and the resets that end elsewhere: what IBM's AT technical reference says that the data
 * area and the CMOS memory hold afterwards, and where CMOS byte 0Fh sends a program that has reset the processor. */
#include "tests/firmware/bios_call.h"

static int setup(void **state)
{
    (void)state;
    reset_native();
    return 0;
}

static unsigned cmos(unsigned index)
{
    pc_out(0x70, 1, index);
    return pc_in(0x71, 1);
}
static void put_cmos(unsigned index, unsigned value)
{
    pc_out(0x70, 1, index);
    pc_out(0x71, 1, value);
}

static void power_on(void)
{
    native_set(VMCS_GUEST_CS_BASE, 0xF0000);
    native_set(VMCS_GUEST_RFLAGS, 2);
    native_set(VMCS_GUEST_RIP, BIOS_RESET + 8);
    native_exit(VMX_EXIT_VMCALL, 0, 3);
    assert_int_equal(vmcs_read(VMCS_GUEST_RIP), BIOS_RESET + 8 + 3);
}

/* Ticks by hand: seconds x 1,193,182 / 65,536. */
static void ticks_of_the_day(void **state)
{
    (void)state;
    static const struct {
        unsigned seconds;
        uint32_t ticks;
    } times[] = {{0, 0}, {1, 18}, {60, 1092}, {12 * 3600, 786521}, {15 * 3600 + 1800, 1015923}, {86399, 1573024}};
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        pc_cmos_set(946684800 + times[i].seconds);
        *at(0x470) = 1;
        power_on();
        assert_int_equal(word_at(0x46C) | (uint32_t)word_at(0x46E) << 16, times[i].ticks);
        assert_int_equal(*at(0x470), 0); /* no midnight has passed */
    }
}

/* native.c's disk has 100 sectors: one cylinder. */
static void the_disk_is_described(void **state)
{
    (void)state;
    const unsigned table = word_at(0x41 * 4) + 16 * word_at(0x41 * 4 + 2);
    assert_int_equal(word_at(table), 1);
    assert_int_equal(*at(table + 2), 16);
    assert_int_equal(*at(table + 8), 0x08); /* more than 8 heads */
    assert_int_equal(*at(table + 14), 63);
    assert_int_equal(cmos(0x12), 0xF0);
    assert_int_equal(cmos(0x19), 47);
    assert_int_equal(cmos(0x1B) | cmos(0x1C) << 8, 1);
    assert_int_equal(cmos(0x1D), 16);
    assert_int_equal(cmos(0x23), 63);
    unsigned sum = 0;
    for (unsigned i = 0x10; i <= 0x2D; i++)
        sum += cmos(i);
    assert_int_equal(cmos(0x2E) << 8 | cmos(0x2F), sum);
    assert_int_equal(bios_byte(0xF0000 + BIOS_DISKETTE + 4), 18); /* the floppy's */
}

/* 05h, 09h to 0Ch: devices, vectors and data area are as they were; the code counts once. */
static void a_program_comes_back(void **state)
{
    (void)state;
    static const uint8_t codes[] = {0x05, 0x09, 0x0A, 0x0B, 0x0C};
    for (size_t i = 0; i < sizeof codes; i++) {
        reset_native();
        pc_out(0x21, 1, 0x12);
        put_word_at(0x60 * 4, 0x5678);
        *at(0x4F0) = 0x5A;
        put_cmos(0x0F, codes[i]);
        guest.rax = 0;
        pc_out(0x64, 1, 0xFE);
        native_set(VMCS_GUEST_RIP, 0x1234); /* an exit of no importance: the reset follows it */
        native_exit(VMX_EXIT_PREEMPTION_TIMER, 0, 0);
        assert_int_equal(vmcs_read(VMCS_GUEST_RIP), 0xFFF0);
        assert_int_equal(vmcs_read(VMCS_GUEST_CS_BASE), 0xF0000);
        power_on();
        assert_int_equal(vmcs_read(VMCS_GUEST_RFLAGS) & CF, CF);
        assert_int_equal(AL, codes[i]);
        assert_int_equal(cmos(0x0F), 0);
        assert_int_equal(pc_in(0x21, 1), 0x12);
        assert_int_equal(word_at(0x60 * 4), 0x5678);
        assert_int_equal(*at(0x4F0), 0x5A);
    }
}

static void code_5_ends_interrupts(void **state)
{
    (void)state;
    pc_out(0x21, 1, 0xFD);
    assert_true(pc_keyboard_byte(0x1E));
    assert_int_equal(pc_interrupt_vector(), 0x09);
    put_cmos(0x0F, 0x05);
    power_on();
    pc_out(0x20, 1, 0x0B);
    assert_int_equal(pc_in(0x20, 1), 0);
    assert_int_equal(pc_in(0x64, 1) & 1, 0); /* and the keyboard's byte is gone */
}

static void other_codes_are_a_reset(void **state)
{
    (void)state;
    static const uint8_t codes[] = {0x00, 0x01, 0x04, 0x06, 0x08, 0x0D, 0xFF};
    for (size_t i = 0; i < sizeof codes; i++) {
        pc_out(0x21, 1, 0x12);
        put_word_at(0x13 * 4, 0x5678);
        put_cmos(0x0F, codes[i]);
        pc_out(0x64, 1, 0xFE);
        native_exit(VMX_EXIT_PREEMPTION_TIMER, 0, 0);
        power_on();
        assert_int_equal(vmcs_read(VMCS_GUEST_RFLAGS) & CF, 0);
        assert_int_equal(cmos(0x0F), 0);
        assert_int_equal(word_at(0x13 * 4), BIOS_STUBS + 16 * 0x13);
        assert_int_equal(pc_in(0x21, 1), 0xB8);
    }
}

/* INT 40h: floppies alone. */
static void the_floppys_own_vector(void **state)
{
    (void)state;
    registers(0x0800, 0, 0, 0);
    assert_int_equal(interrupt(0x40, CF) & CF, 0);
    assert_int_equal(CX, 0x4F12);
    registers(0x0201, 0, 1, 0x80);
    assert_int_equal(interrupt(0x40, 0) & CF, CF);
    assert_int_equal(AH, 0x01);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup(f, setup)
    const struct CMUnitTest tests[] = {TEST(ticks_of_the_day),        TEST(the_disk_is_described),
                                       TEST(a_program_comes_back),    TEST(code_5_ends_interrupts),
                                       TEST(other_codes_are_a_reset), TEST(the_floppys_own_vector)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

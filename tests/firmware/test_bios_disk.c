/* test_bios_disk.c - INT 13h, 18h and 19h by their contracts: what IBM's technical references, the EDD document and
 * Ralf Brown's list say goes in and comes out. */
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

/* ---- INT 13h ---- */

static void disk_answers(void **state)
{
    (void)state;
    call(0x13, 0x0800);
    assert_int_equal(AX, 0);
    assert_int_equal(BX & 0xFF, 4);
    assert_int_equal(CX, 0x4F12);
    assert_int_equal(DX, 0x0101);
    assert_int_equal(vmcs_read(VMCS_GUEST_ES), 0xF000);
    registers(0x0800, 0xBBBB, 0, 0); /* IBM: BH = 0 */
    (void)interrupt(0x13, 0);
    assert_int_equal(BX, 4);
    registers(0x0800, 0xBBBB, 0, 0x80); /* SeaBIOS, Bochs: a hard disk has no type there */
    (void)interrupt(0x13, 0);
    assert_int_equal(BX, 0xBBBB);
    for (unsigned function = 0x0900; function <= 0x1400; function += 0x0B00) {
        registers(function, 0, 0, 0x80);
        assert_int_equal(interrupt(0x13, CF) & CF, 0);
        assert_int_equal(AH, 0);
        registers(function, 0, 0, 0);
        assert_int_equal(interrupt(0x13, 0) & CF, CF);
        assert_int_equal(AH, 1);
    }
    call(0x13, 0x1500);
    assert_int_equal(AH, 1);
    registers(0x1500, 0, 0, 0x80);
    assert_int_equal(interrupt(0x13, CF) & CF, 0);
    assert_int_equal(AH, 3);
    assert_int_equal(CX, 0);
    assert_int_equal(DX, 100); /* native.c's disk */
    registers(0x4100, 0x55AA, 0, 0x80);
    assert_int_equal(interrupt(0x13, CF) & CF, 0);
    assert_int_equal(BX, 0xAA55);
    assert_int_equal(AH, 0x30);
    assert_int_equal(CX & 1, 1);
    registers(0x4100, 0x55AA, 0, 0x81);
    assert_int_equal(interrupt(0x13, 0) & CF, CF);
}

/* An AT's hard disk takes ES:BX as a place, as SeaBIOS and Bochs' BIOS do; a floppy's DMA ends with 64 KB. */
static void buffers_at_the_end_of_a_segment(void **state)
{
    (void)state;
    static const struct {
        uint8_t drive;
        unsigned sectors, offset, status;
    } reads[] = {{0x80, 2, 0xFE00, 0}, {0x80, 1, 0xFFFF, 0}, {0x80, 63, 0xFE0F, 0},
                 {0x00, 2, 0xFE00, 9}, {0x00, 1, 0xFFFF, 9}, {0x00, 1, 0xFE00, 0}};
    set_es(0x2000);
    for (size_t i = 0; i < sizeof reads / sizeof *reads; i++) {
        const uint64_t behind = 0x20000 + reads[i].offset + 512 * reads[i].sectors;
        *at(behind - 1) = *at(behind) = 0x5A;
        registers(0x0200 | reads[i].sectors, reads[i].offset, 1, reads[i].drive);
        assert_int_equal(interrupt(0x13, 0) & CF, reads[i].status != 0);
        assert_int_equal(AX, reads[i].status == 0 ? reads[i].sectors : reads[i].status << 8);
        assert_int_equal(*at(behind), 0x5A);
        assert_true((*at(behind - 1) == 0x5A) == (reads[i].status != 0));
    }
}

static void a_packet_ends_at_the_disks_end(void **state)
{
    (void)state;
    set_ds(0x0800);
    *at(0x8000) = 16;
    put_word_at(0x8002, 3);
    put_long_at(0x8004, 0x30000000); /* 3000:0000 */
    put_long_at(0x8008, 97);
    put_long_at(0x800C, 0);
    registers(0x4200, 0, 0, 0x80);
    guest.rsi = UPPER;
    assert_int_equal(interrupt(0x13, CF) & CF, 0);
    assert_int_equal(*at(0x30000), 0xD1);
    assert_int_equal(*at(0x30000 + 1535), 0xD1);
    assert_int_equal(*at(0x30000 + 1536), 0);
    put_long_at(0x8008, 98);
    registers(0x4200, 0, 0, 0x80);
    guest.rsi = UPPER;
    assert_int_equal(interrupt(0x13, 0) & CF, CF);
    assert_int_equal(word_at(0x8002), 0);
    put_word_at(0x8002, 1);
    put_long_at(0x800C, 0x80000000);
    registers(0x4300, 0, 0, 0x80);
    guest.rsi = UPPER;
    assert_int_equal(interrupt(0x13, 0) & CF, CF);
    put_long_at(0x800C, 0);
    put_long_at(0x8008, 99); /* AH=47h, which AH=41h promises too: a seek */
    registers(0x4700, 0, 0, 0x80);
    guest.rsi = UPPER;
    assert_int_equal(interrupt(0x13, CF) & CF, 0);
    assert_int_equal(AH, 0);
    put_long_at(0x8008, 100);
    registers(0x4700, 0, 0, 0x80);
    guest.rsi = UPPER;
    assert_int_equal(interrupt(0x13, 0) & CF, CF);
    *at(0x8000) = 15; /* too short a packet */
    registers(0x4200, 0, 0, 0x80);
    guest.rsi = UPPER;
    assert_int_equal(interrupt(0x13, 0) & CF, CF);
    assert_int_equal(AH, 1);
}

/* ---- INT 18h and 19h ---- */

static void no_disk_to_boot_from(void **state)
{
    (void)state;
    assert_true(try_interrupt(0x18, 0));
    assert_string_equal(native_stop, "guest: no disk to boot from");
    static const char text[] = "pxHV: no disk to boot from.";
    for (unsigned i = 0; i < sizeof text - 1; i++)
        assert_int_equal(*at(0xB8000 + 2 * i), text[i]);
    reset_native();
    call(0x19, 0); /* native.c's disks have no signature: the stub goes on to INT 18h, which may be a program's */
    assert_int_equal(vmcs_read(VMCS_GUEST_RFLAGS) & CF, CF);
}

static void booting(void **state)
{
    (void)state;
    set_es(0x5000);
    memset(at(0x50000), 0x90, 512);
    put_word_at(0x501FE, 0xAA55);
    registers(0x0301, 0, 1, 0x80); /* a boot sector for the disk */
    assert_int_equal(interrupt(0x13, CF) & CF, 0);
    native_set(VMCS_GUEST_SS_BASE, 0x20000);
    native_set(VMCS_GUEST_RSP, 0xFFFC); /* FLAGS lie at 0 */
    *at(0x30000) = 0xEE;
    (void)interrupt(0x19, 0);
    assert_int_equal(word_at(0x2FFFC), 0x7C00);
    assert_int_equal(word_at(0x2FFFE), 0x0000);
    assert_int_equal(word_at(0x20000), 0x0202); /* IF = 1 */
    assert_int_equal(*at(0x30000), 0xEE);
    assert_int_equal(word_at(0x7DFE), 0xAA55);
    assert_int_equal(guest.rdx, 0x80);
}
int main(void)
{
#define TEST(f) cmocka_unit_test_setup(f, setup)
    const struct CMUnitTest tests[] = {TEST(disk_answers), TEST(buffers_at_the_end_of_a_segment),
                                       TEST(a_packet_ends_at_the_disks_end), TEST(no_disk_to_boot_from), TEST(booting)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

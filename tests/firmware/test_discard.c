/* test_discard.c - writes of the guest to ROM and to nothing: what EPT shows before, in and after the one step that
 * each of them takes, and that the guest sees nothing of that step but its own exceptions, traps and interrupts.
 * Expectations are the Intel SDM's, worked by hand; the EPT is walked here a second time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/vcpu/event.h"
#include "firmware/vcpu/guest_memory.h"
#include "firmware/vmx/check.h"
#include "tests/firmware/native.h"

#define READ_WRITE_EXECUTE 7u
#define READ_EXECUTE       5u
#define WRITE              2u /* of the exit qualification */

#define TF      UINT64_C(0x100)
#define IF      UINT64_C(0x200)
#define BS      UINT64_C(0x4000)
#define USUAL   (1u << 18 | 1u << 17 | 1u << 1) /* exceptions that always exit */
#define DB      0x80000301u
#define NOWHERE 0xFEE00000u
#define SLICE   1001u /* time_ticks() of native.c, for 1 ms, and 1 */

/* "EPT Translation Mechanism": 4 levels of 512 entries, 2 MB pages; rights are the AND of all. */
static uint8_t *page_at(uint64_t physical, unsigned *rights)
{
    uint64_t table = vmcs_read(VMCS_EPT_POINTER) & ~UINT64_C(0xFFF), entry = 0;
    *rights = READ_WRITE_EXECUTE;
    for (unsigned shift = 39; shift >= 12; shift -= 9) {
        memcpy(&entry, native_memory + table + (physical >> shift & 511) * 8, 8);
        *rights &= (unsigned)entry & 7;
        if ((entry & 7) == 0)
            return NULL;
        if (shift == 21 && (entry & 0x80) != 0)
            return native_memory + (entry & ~UINT64_C(0x1FFFFF)) + (physical & 0x1FF000);
        table = entry & UINT64_C(0x000FFFFFFFFFF000);
    }
    return native_memory + table;
}

static unsigned rights_at(uint64_t physical)
{
    unsigned rights;
    (void)page_at(physical, &rights);
    return rights;
}

static uint8_t *byte_at(uint64_t physical)
{
    unsigned rights;
    return page_at(physical, &rights) + physical % 4096;
}

static uint8_t rom[0x10000];

static int setup(void **state)
{
    (void)state;
    native_reset();
    for (unsigned i = 0; i < sizeof rom; i++)
        rom[i] = (uint8_t)(i * 7 + (i >> 8));
    guest_write_rom(0, rom, sizeof rom);
    return 0;
}

static void write_to(uint64_t physical)
{
    native_set(VMCS_GUEST_PHYSICAL_ADDRESS, physical);
    native_exit(VMX_EXIT_EPT_VIOLATION, WRITE, 0);
}

static void exception(uint32_t information, uint32_t error, uint64_t qualification)
{
    native_set(VMCS_EXIT_INTERRUPTION, information);
    native_set(VMCS_EXIT_INTERRUPTION_ERROR, error);
    native_exit(VMX_EXIT_EXCEPTION, qualification, 1);
}

static void nothing_is_open(void)
{
    for (uint64_t at = 0xC0000; at < 0x100000; at += 0x1000)
        assert_int_equal(rights_at(at), READ_EXECUTE);
    for (unsigned i = 0; i < sizeof rom; i++)
        assert_int_equal(*byte_at(0xF0000 + i), rom[i]);
    static const uint64_t holes[] = {0xC0000, 0xEFFFF, NATIVE_RAM, 0xFEE00000, 0xFFFFFFFF, UINT64_C(0x123456789ABC)};
    for (size_t i = 0; i < sizeof holes / sizeof *holes; i++) {
        assert_int_equal(rights_at(holes[i]), READ_EXECUTE);
        assert_int_equal(*byte_at(holes[i]), 0xFF);
    }
    assert_int_equal(vmcs_read(VMCS_EXCEPTION_BITMAP), USUAL);
    assert_int_equal(vmcs_read(VMCS_GUEST_RFLAGS) & TF, 0);
    assert_true(native_untouched());
}

/* ---- one step ---- */

static void the_map_at_rest(void **state)
{
    (void)state;
    nothing_is_open();
    assert_int_equal(rights_at(0x9FFFF), READ_WRITE_EXECUTE);
    assert_int_equal(rights_at(0xB8000), READ_WRITE_EXECUTE);
    assert_int_equal(rights_at(0x100000), READ_WRITE_EXECUTE);
    assert_int_equal(rights_at(NATIVE_RAM - 1), READ_WRITE_EXECUTE);
    assert_ptr_equal(byte_at(0x123456), native_memory + 0x123456);
}

static void a_write_to_rom_is_one_step(void **state)
{
    (void)state;
    const unsigned flushed = native_invept;
    write_to(0xF1234);
    assert_true(native_invept > flushed);
    assert_int_equal(rights_at(0xF1234), READ_WRITE_EXECUTE);
    assert_int_equal(rights_at(0xF2234), READ_EXECUTE);
    assert_memory_equal(byte_at(0xF1000), rom + 0x1000, 0x1000); /* the instruction may read there, or be there */
    assert_int_equal(vmcs_read(VMCS_GUEST_RFLAGS), 2 | TF);
    assert_int_equal(vmcs_read(VMCS_EXCEPTION_BITMAP), UINT32_MAX);
    assert_int_equal(vmcs_read(VMCS_PREEMPTION_TIMER), SLICE);
    assert_int_equal(vmcs_read(VMCS_GUEST_RIP), 0x7C00);
    assert_int_equal(native_injected(), 0);
    *byte_at(0xF1234) = (uint8_t)~rom[0x1234];
    native_set(VMCS_GUEST_RIP, 0x7C05);
    exception(DB, 0, BS);
    nothing_is_open();
    assert_int_equal(native_injected(), 0);
    assert_int_equal(vmcs_read(VMCS_GUEST_RIP), 0x7C05);
    assert_int_equal(vmcs_read(VMCS_GUEST_PENDING_DEBUG), 0);
}

static void a_write_to_nothing_is_lost(void **state)
{
    (void)state;
    static const uint64_t at[] = {0xC0000, 0xEFFF8, NATIVE_RAM, NOWHERE, UINT64_C(0x100000000)};
    for (size_t i = 0; i < sizeof at / sizeof *at; i++) {
        write_to(at[i]);
        assert_int_equal(rights_at(at[i]), READ_WRITE_EXECUTE);
        assert_int_equal(*byte_at(at[i]), 0xFF);
        assert_int_equal(rights_at(0xF0000), READ_EXECUTE);
        *byte_at(at[i]) = 0x55;
        exception(DB, 0, BS);
        nothing_is_open();
    }
}

static void a_second_page_is_opened_beside_the_first(void **state)
{
    (void)state;
    write_to(0xF1FFE);
    *byte_at(0xF1FFE) = 0x11;
    write_to(0xF2000);
    assert_int_equal(rights_at(0xF1FFE), READ_WRITE_EXECUTE);
    assert_int_equal(rights_at(0xF2000), READ_WRITE_EXECUTE);
    assert_int_equal(vmcs_read(VMCS_GUEST_RFLAGS), 2 | TF);
    write_to(0xEFFFF); /* and one where nothing is */
    assert_int_equal(rights_at(0xF1FFE), READ_WRITE_EXECUTE);
    exception(DB, 0, BS);
    nothing_is_open();
}

static void any_number_of_pages(void **state)
{
    (void)state;
    for (uint64_t at = 0xC0000; at < 0x100000; at += 0x1000)
        write_to(at);
    assert_int_equal(rights_at(0xFF000), READ_WRITE_EXECUTE);
    exception(DB, 0, BS);
    nothing_is_open();
}

static void ram_is_no_business_of_it(void **state)
{
    (void)state;
    write_to(0x1000);
    assert_int_equal(native_injected(), 0x8000030D);
    assert_int_equal(vmcs_read(VMCS_EXCEPTION_BITMAP), USUAL);
}

/* ---- what the guest sees of it: nothing ---- */

static void an_exception_of_the_instruction(void **state)
{
    (void)state;
    native_set(VMCS_GUEST_CR0, 0x31);
    write_to(0xF1000);
    exception(0x80000B0E, 7, 0x123456); /* a page fault at 123456h */
    nothing_is_open();
    assert_int_equal(native_injected(), 0x80000B0E);
    assert_int_equal(vmcs_read(VMCS_ENTRY_ERROR_CODE), 7);
    assert_int_equal(native_cr2, 0x123456);
    setup(state);
    native_set(VMCS_GUEST_CR0, 0x31);
    write_to(0xF1000);
    exception(0x80000B0C, 0x18, 0);
    assert_int_equal(native_injected(), 0x80000B0C);
    assert_int_equal(vmcs_read(VMCS_ENTRY_ERROR_CODE), 0x18);
    setup(state);
    write_to(0xF1000);
    exception(0x80000306, 0, 0); /* #UD */
    assert_int_equal(native_injected(), 0x80000306);
    setup(state);
    write_to(0xF1000);
    exception(0x80000603, 0, 0); /* INT3 */
    assert_int_equal(native_injected(), 0x80000603);
    assert_int_equal(vmcs_read(VMCS_ENTRY_INSTRUCTION_LENGTH), 1);
    assert_int_equal(vmcs_read(VMCS_GUEST_RIP), 0x7C00);
    setup(state);
    write_to(0xF1000);
    exception(0x80000202, 0, 0); /* an NMI of the machine */
    nothing_is_open();
    assert_int_equal(native_injected(), 0);
}

static void a_guest_that_steps_gets_its_trap(void **state)
{
    (void)state;
    native_set(VMCS_GUEST_RFLAGS, 2 | TF);
    native_dr6 = 0xFFFF0FF0;
    native_set(VMCS_GUEST_PENDING_DEBUG, BS); /* too early: the instruction is still to come */
    write_to(0xF1000);
    assert_int_equal(vmcs_read(VMCS_GUEST_PENDING_DEBUG), 0);
    assert_int_equal(vmcs_read(VMCS_EXCEPTION_BITMAP), UINT32_MAX);
    exception(DB, 0, BS);
    assert_int_equal(native_injected(), DB);
    assert_int_equal(native_dr6, 0xFFFF4FF0);
    assert_int_equal(vmcs_read(VMCS_GUEST_RFLAGS) & TF, TF);
    assert_int_equal(rights_at(0xF1000), READ_EXECUTE);
    native_set(VMCS_ENTRY_INTERRUPTION, 0);
    native_set(VMCS_GUEST_INTERRUPTIBILITY, 2); /* behind MOV SS its trap has waited */
    native_set(VMCS_GUEST_PENDING_DEBUG, BS);
    write_to(0xF1000);
    assert_int_equal(vmcs_read(VMCS_GUEST_PENDING_DEBUG), BS);
    assert_null(check_guest_state());
}

/* "DR6": B0 to B3 may be set for breakpoints that are not enabled. */
static void breakpoints_of_the_guest(void **state)
{
    (void)state;
    native_dr6 = 0xFFFF0FF0;
    write_to(0xF1000);
    exception(DB, 0, BS | 4); /* met, but not enabled */
    assert_int_equal(native_injected(), 0);
    assert_int_equal(native_dr6, 0xFFFF0FF0);
    native_set(VMCS_GUEST_DR7, 0x420); /* G2 */
    write_to(0xF1000);
    exception(DB, 0, BS | 4);
    assert_int_equal(native_injected(), DB);
    assert_int_equal(native_dr6, 0xFFFF0FF4);
    nothing_is_open();
}

static void interrupts_wait_for_one_step(void **state)
{
    (void)state;
    static const uint8_t words[][2] = {{0x20, 0x11}, {0x21, 8}, {0x21, 4}, {0x21, 1}, {0x21, 0xFD}};
    write_to(0xF1000);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        pc_out(words[i][0], 1, words[i][1]);
    pc_irq(1, true);
    exception(DB, 0, BS);
    assert_int_equal(vmcs_read(VMCS_PRIMARY_CONTROLS) & PRIMARY_INTERRUPT_WINDOW, PRIMARY_INTERRUPT_WINDOW);
    write_to(0xF1000);
    assert_int_equal(vmcs_read(VMCS_PRIMARY_CONTROLS) & PRIMARY_INTERRUPT_WINDOW, 0); /* which would exit at once */
    native_set(VMCS_GUEST_RFLAGS, 2 | IF | TF);
    write_to(0xF2000); /* the second page of one instruction */
    assert_int_equal(native_injected(), 0);
    assert_int_equal(vmcs_read(VMCS_PRIMARY_CONTROLS) & PRIMARY_INTERRUPT_WINDOW, 0);
    exception(DB, 0, BS);
    assert_int_equal(native_injected(), 0x80000009);
    nothing_is_open();
}

/* Between MOV SS and MOV SP the stack is nobody's: a step that was cut short leaves the blocking as it was. */
static void blocking_survives_a_step_that_did_not_happen(void **state)
{
    (void)state;
    native_set(VMCS_GUEST_RFLAGS, 2 | IF);
    native_set(VMCS_GUEST_INTERRUPTIBILITY, 2);
    write_to(0xF1000);
    assert_null(check_guest_state());
    native_exit(VMX_EXIT_PREEMPTION_TIMER, 0, 0);
    assert_int_equal(vmcs_read(VMCS_GUEST_INTERRUPTIBILITY), 2);
    nothing_is_open();
    write_to(0xF1000);
    native_set(VMCS_GUEST_RIP, 0x7C01);
    exception(DB, 0, BS);
    assert_int_equal(vmcs_read(VMCS_GUEST_INTERRUPTIBILITY), 0);
    nothing_is_open();
}

/* A trap that an exit has found pending is not the guest's either. */
static void a_pending_step_is_dropped(void **state)
{
    (void)state;
    write_to(0xF1000);
    native_set(VMCS_GUEST_PENDING_DEBUG, BS);
    native_set(VMCS_GUEST_RIP, 0x7C02);
    native_exit(VMX_EXIT_CPUID, 0, 2);
    assert_int_equal(vmcs_read(VMCS_GUEST_PENDING_DEBUG), 0);
    assert_int_equal(vmcs_read(VMCS_GUEST_RIP), 0x7C04);
    nothing_is_open();
}

/* An interrupt whose frame goes to ROM: it is delivered, and the guest exits in front of its handler. Its flags are
 * pushed as they are. */
static void an_event_that_is_delivered_to_rom(void **state)
{
    (void)state;
    native_set(VMCS_GUEST_RFLAGS, 2 | IF);
    native_vectoring = 0x80000008;
    write_to(0xF1000);
    assert_int_equal(native_injected(), 0x80000008);
    assert_int_equal(vmcs_read(VMCS_GUEST_RFLAGS), 2 | IF);
    assert_int_equal(vmcs_read(VMCS_EXCEPTION_BITMAP), USUAL);
    assert_int_equal(vmcs_read(VMCS_PREEMPTION_TIMER), 0);
    assert_int_equal(rights_at(0xF1000), READ_WRITE_EXECUTE);
    native_vectoring = 0x80000008;
    write_to(0xF0FFE); /* the frame crosses a page */
    assert_int_equal(native_injected(), 0x80000008);
    assert_int_equal(rights_at(0xF1000), READ_WRITE_EXECUTE);
    assert_int_equal(rights_at(0xF0000), READ_WRITE_EXECUTE);
    native_set(VMCS_ENTRY_INTERRUPTION, 0);
    native_exit(VMX_EXIT_PREEMPTION_TIMER, 0, 0);
    assert_int_equal(native_injected(), 0);
    nothing_is_open();
    native_vectoring = 0x80000421; /* INT 21h keeps its length */
    native_set(VMCS_GUEST_PHYSICAL_ADDRESS, 0xF1000);
    native_exit(VMX_EXIT_EPT_VIOLATION, WRITE, 2);
    assert_int_equal(native_injected(), 0x80000421);
    assert_int_equal(vmcs_read(VMCS_ENTRY_INSTRUCTION_LENGTH), 2);
}

/* REP STOS: every element is a step of its own, between which interrupts come. */
static void each_element_of_a_string_is_a_step(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        write_to(0xF1000 + i);
        assert_int_equal(rights_at(0xF1000), READ_WRITE_EXECUTE);
        exception(DB, 0, BS); /* at the same RIP */
        nothing_is_open();
    }
}

static void a_reset_forgets_the_step(void **state)
{
    (void)state;
    write_to(0xF1000);
    native_exit(VMX_EXIT_TRIPLE_FAULT, 0, 0);
    memset(rom, 0, sizeof rom); /* the bios_rom of these tests */
    nothing_is_open();
    assert_int_equal(vmcs_read(VMCS_GUEST_RIP), 0xFFF0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, setup)
    const struct CMUnitTest tests[] = {TEST(the_map_at_rest),
                                       TEST(a_write_to_rom_is_one_step),
                                       TEST(a_write_to_nothing_is_lost),
                                       TEST(a_second_page_is_opened_beside_the_first),
                                       TEST(any_number_of_pages),
                                       TEST(ram_is_no_business_of_it),
                                       TEST(an_exception_of_the_instruction),
                                       TEST(a_guest_that_steps_gets_its_trap),
                                       TEST(breakpoints_of_the_guest),
                                       TEST(interrupts_wait_for_one_step),
                                       TEST(blocking_survives_a_step_that_did_not_happen),
                                       TEST(a_pending_step_is_dropped),
                                       TEST(an_event_that_is_delivered_to_rom),
                                       TEST(each_element_of_a_string_is_a_step),
                                       TEST(a_reset_forgets_the_step)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

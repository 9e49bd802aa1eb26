/* test_event.c - what reaches the guest and when: debug and alignment exceptions on their way through pxHV, single
 * steps beside interrupts, the resume flag, page-directory pointers that a move to CR0 loads, device time. Expectations
 * are the Intel SDM's, worked by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/vcpu/event.h"
#include "firmware/vcpu/guest.h"
#include "tests/firmware/native.h"

#define GP_REAL 0x8000030Du
#define GP_CODE 0x80000B0Du

#define TF 0x100u
#define IF 0x200u
#define RF 0x10000u
#define BS UINT64_C(0x4000) /* of DR6 and of the pending debug exceptions */

#define OUT_80    (UINT64_C(0x80) << 16) /* one byte to a port where nothing is */
#define REP_OUTSB (OUT_80 | 1 << 4 | 1 << 5)
#define PAE       UINT64_C(0x2020)
#define CD_NW_PG  UINT64_C(0xE0000000)

static int setup(void **state)
{
    (void)state;
    native_reset();
    return 0;
}

static void exception(uint32_t information, uint64_t qualification, unsigned length)
{
    native_set(VMCS_EXIT_INTERRUPTION, information);
    native_exit(VMX_EXIT_EXCEPTION, qualification, length);
}

/* IRQ 1 asks; the master's vectors begin at 8. */
static void ask_for_interrupt(void)
{
    static const uint8_t words[][2] = {{0x20, 0x11}, {0x21, 8}, {0x21, 4}, {0x21, 1}, {0x21, 0xFD}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        pc_out(words[i][0], 1, words[i][1]);
    pc_irq(1, true);
}

/* ---- exceptions that exit on their way ---- */

static void alignment_check_goes_on(void **state)
{
    (void)state;
    native_set(VMCS_GUEST_CR0, 0x31);
    exception(0x80000B11, 0, 0);
    assert_int_equal(native_injected(), 0x80000B11);
    assert_int_equal(vmcs_read(VMCS_ENTRY_ERROR_CODE), 0);
    assert_string_equal(native_stop, "");
}

/* "Debug Exceptions": what DR6 would have got is in the qualification; B0 to B3 are of this exception alone, BT and the
 * bits above stay; GD falls, or the handler could not look. */
static void debug_exception_leaves_its_cause(void **state)
{
    (void)state;
    native_dr6 = 0xFFFF8FF5;
    native_set(VMCS_GUEST_DR7, 0x2400);
    native_set(VMCS_GUEST_INTERRUPTIBILITY, 1);
    exception(0x80000301, BS | 2, 0);
    assert_int_equal(native_injected(), 0x80000301);
    assert_int_equal(native_dr6, 0xFFFFCFF2);
    assert_int_equal(vmcs_read(VMCS_GUEST_DR7), 0x400);
    assert_int_equal(vmcs_read(VMCS_GUEST_INTERRUPTIBILITY), 0);
    assert_int_equal(vmcs_read(VMCS_GUEST_RIP), 0x7C00);
}

static void int1_is_a_trap(void **state)
{
    (void)state;
    exception(0x80000501, 0, 1);
    assert_int_equal(native_injected(), 0x80000301);
    assert_int_equal(vmcs_read(VMCS_GUEST_RIP), 0x7C01);
}

/* ---- single steps ---- */

/* "Delivery of Pending Debug Exceptions after VM Entry": an entry that injects an interrupt has none. */
static unsigned polls;
static void interrupt_at_second_poll(bool waiting)
{
    (void)waiting;
    if (++polls == 2)
        ask_for_interrupt();
}

static void a_step_goes_before_an_interrupt(void **state)
{
    (void)state;
    polls = 0;
    native_poll = interrupt_at_second_poll; /* behind the exit */
    native_set(VMCS_GUEST_RFLAGS, 2 | TF | IF);
    native_exit(VMX_EXIT_IO, OUT_80, 2);
    native_poll = NULL;
    assert_int_equal(native_injected(), 0);
    assert_int_equal(vmcs_read(VMCS_GUEST_PENDING_DEBUG), BS);
    assert_int_equal(vmcs_read(VMCS_PRIMARY_CONTROLS) & PRIMARY_INTERRUPT_WINDOW, PRIMARY_INTERRUPT_WINDOW);
    native_set(VMCS_GUEST_PENDING_DEBUG, 0); /* delivered: the next entry has the interrupt */
    native_exit(VMX_EXIT_INTERRUPT_WINDOW, 0, 0);
    pc_out(0x20, 1, 0x0B);
    assert_int_equal(pc_in(0x20, 1), 2); /* in service */
}

static void each_element_of_a_string_is_a_step(void **state)
{
    (void)state;
    native_set(VMCS_GUEST_RFLAGS, 2 | TF);
    guest.rcx = 3;
    guest.rsi = 0x100;
    for (unsigned i = 1; i <= 3; i++) {
        native_set(VMCS_GUEST_PENDING_DEBUG, 0);
        native_set(VMCS_EXIT_INSTRUCTION, 3 << 15);
        native_exit(VMX_EXIT_IO, REP_OUTSB, 2);
        assert_int_equal(guest.rcx, 3 - i);
        assert_int_equal(guest.rsi, 0x100 + i);
        assert_int_equal(vmcs_read(VMCS_GUEST_RIP), i < 3 ? 0x7C00 : 0x7C02);
        assert_int_equal(vmcs_read(VMCS_GUEST_PENDING_DEBUG), BS);
    }
}

/* "RF": set in what a fault pushes, clear behind an instruction that has been executed. */
static void faults_push_the_resume_flag(void **state)
{
    (void)state;
    native_exit(VMX_EXIT_VMXON, 0, 4); /* #UD */
    assert_int_equal(vmcs_read(VMCS_GUEST_RFLAGS) & RF, RF);
    native_exit(VMX_EXIT_IO, OUT_80, 2);
    assert_int_equal(vmcs_read(VMCS_GUEST_RFLAGS) & RF, 0);
    exception(0x80000301, BS, 0); /* a trap pushes none */
    assert_int_equal(vmcs_read(VMCS_GUEST_RFLAGS) & RF, 0);
}

/* With automatic end of interrupt the next request waits for its window, not for the next slice. */
static void a_second_request_gets_its_window(void **state)
{
    (void)state;
    ask_for_interrupt();
    pc_out(0x20, 1, 0x11);
    pc_out(0x21, 1, 8);
    pc_out(0x21, 1, 4);
    pc_out(0x21, 1, 3); /* AEOI */
    pc_out(0x21, 1, 0xE5);
    for (unsigned irq = 1; irq < 5; irq++) {
        pc_irq(irq, false);
        pc_irq(irq, true);
    }
    native_set(VMCS_GUEST_RFLAGS, 2 | IF);
    native_exit(VMX_EXIT_EXTERNAL_INTERRUPT, 0, 0);
    assert_int_equal(native_injected(), 0x8000000B); /* 1 entered before the exit, 3 behind it, 4 waits */
    assert_int_equal(vmcs_read(VMCS_PRIMARY_CONTROLS) & PRIMARY_INTERRUPT_WINDOW, PRIMARY_INTERRUPT_WINDOW);
}

/* ---- moves to CR0 ---- */

static void pdpte(unsigned i, uint64_t entry) { memcpy(native_memory + 0x1000 + 8 * i, &entry, 8); }

static void move_to_cr0(uint64_t value)
{
    native_set(VMCS_ENTRY_INTERRUPTION, 0);
    guest.rax = value;
    native_exit(VMX_EXIT_CR_ACCESS, 0, 3);
}

/* "PDPTE Registers": loaded when a move to CR0 changes CD, NW or PG with PAE paging; reserved bits are #GP(0), not an
 * entry that fails. */
static void a_bad_pdpte_is_the_guests_fault(void **state)
{
    (void)state;
    static const uint64_t bad[] = {0x1E7, 3, 5, 0x21, 0x41, 0x81, 0x101, UINT64_C(1) << 39 | 1};
    native_set(VMCS_GUEST_CR0, 0x31);
    native_set(VMCS_GUEST_CR4, PAE);
    native_set(VMCS_GUEST_CR3, 0x1000);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        pdpte(i & 3, bad[i]);
        move_to_cr0(0xC0000011);
        assert_int_equal(native_injected(), GP_CODE);
        assert_int_equal(vmcs_read(VMCS_GUEST_CR0), 0x31);
        pdpte(i & 3, 0);
    }
    pdpte(0, 0x1E6); /* not present: the rest is the guest's */
    pdpte(1, 0x5019);
    move_to_cr0(0xC0000011);
    assert_int_equal(native_injected(), 0);
    assert_int_equal(vmcs_read(VMCS_GUEST_PDPTE1), 0x5019);
    pdpte(1, 0x6001);
    move_to_cr0(0xC0000011); /* nothing of the three changes */
    assert_int_equal(vmcs_read(VMCS_GUEST_PDPTE1), 0x5019);
    move_to_cr0(0x80000011); /* CD falls */
    assert_int_equal(vmcs_read(VMCS_GUEST_PDPTE1), 0x6001);
}

static void a_move_to_cr0_has_32_bits_outside_64_bit_code(void **state)
{
    (void)state;
    move_to_cr0(UINT64_C(0x1200000060000011));
    assert_int_equal(native_injected(), 0);
    assert_int_equal(vmcs_read(VMCS_CR0_SHADOW) & (CD_NW_PG | 1), 0x60000001);
    native_set(VMCS_GUEST_CR0, 0x80000031);
    native_set(VMCS_GUEST_CR4, PAE);
    native_set(VMCS_GUEST_EFER, 0x500);
    native_set(VMCS_GUEST_CS_RIGHTS, 0xA09B);
    move_to_cr0(UINT64_C(0x1200000080000011));
    assert_int_equal(native_injected(), GP_CODE);
}

/* ---- time ---- */

static pc_time written_at;
static unsigned step;

/* Three exits, 1.5 ms apart: each OUT happens when it exits. */
static bool program_the_timer(void)
{
    static const struct {
        uint16_t port;
        uint8_t value;
    } out[] = {{0x43, 0x30}, {0x40, 0x00}, {0x40, 0x10}};
    if (step == 3)
        return false;
    native_time += 3 * PC_SECOND / 2000;
    written_at = native_time;
    guest.rax = out[step].value;
    native_set(VMCS_EXIT_REASON, VMX_EXIT_IO);
    native_set(VMCS_EXIT_QUALIFICATION, (uint64_t)out[step].port << 16);
    native_set(VMCS_EXIT_INSTRUCTION_LENGTH, 2);
    step++;
    return true;
}

static void nothing(bool waiting) { (void)waiting; }

/* A count of 4,096 in mode 0, loaded at t, ends 4,097 clocks of 1.193182 MHz behind t: 3,433.7 us. */
static void a_timer_counts_from_its_write(void **state)
{
    (void)state;
    jmp_buf outer;
    memcpy(outer, native_stopped, sizeof outer);
    step = 0;
    native_next_exit = program_the_timer;
    if (setjmp(native_stopped) == 0)
        guest_loop(nothing);
    memcpy(native_stopped, outer, sizeof outer);
    assert_in_range(pc_deadline(), written_at + 3430 * (PC_SECOND / 1000000),
                    written_at + 3436 * (PC_SECOND / 1000000));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, setup)
    const struct CMUnitTest tests[] = {TEST(alignment_check_goes_on),
                                       TEST(debug_exception_leaves_its_cause),
                                       TEST(int1_is_a_trap),
                                       TEST(a_step_goes_before_an_interrupt),
                                       TEST(each_element_of_a_string_is_a_step),
                                       TEST(faults_push_the_resume_flag),
                                       TEST(a_second_request_gets_its_window),
                                       TEST(a_bad_pdpte_is_the_guests_fault),
                                       TEST(a_move_to_cr0_has_32_bits_outside_64_bit_code),
                                       TEST(a_timer_counts_from_its_write)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

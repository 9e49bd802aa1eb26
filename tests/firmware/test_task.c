/* test_task.c - hardware task switches over a fake VMCS: what each of the four ways does to both task states, to
 * descriptors and to the processor, and each condition of the Intel SDM's table "Exception Conditions Checked During a
 * Task Switch": which exception, which error code, in which task. Expectations are worked by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/vcpu/event.h"
#include "firmware/vcpu/linear.h"
#include "firmware/vmx/check.h"
#include "tests/firmware/native.h"

#define CALL  (UINT64_C(0) << 30)
#define IRET  (UINT64_C(1) << 30)
#define JMP   (UINT64_C(2) << 30)
#define EVENT (UINT64_C(3) << 30)

#define GDT   0x10000u
#define OLD   0x11000u
#define NEW   0x12000u
#define LDT   0x13000u
#define STACK 0x15000u

/* Selectors. */
#define CODE_0  0x08u
#define DATA_0  0x10u
#define TASK_1  0x18u
#define TASK_2  0x20u
#define CODE_3  0x2Bu
#define DATA_3  0x33u
#define TABLE   0x38u /* an LDT of two descriptors */
#define SPARE   0x40u /* what a test wants */
#define GDT_END 0x47u

#define FAULT(vector)    (0x80000B00u | (vector))
#define TSS_32_AVAILABLE 0x89u
#define TSS_32_BUSY      0x8Bu
#define EFLAGS_AND_CARRY 0x00003203u
#define NT               0x4000u
#define RF               0x10000u
#define VM               0x20000u

static void put8(uint32_t at, unsigned value) { native_memory[at] = (uint8_t)value; }
static void put16(uint32_t at, unsigned value) { memcpy(native_memory + at, &(uint16_t){(uint16_t)value}, 2); }
static void put32(uint32_t at, uint32_t value) { memcpy(native_memory + at, &value, 4); }
static uint32_t get(uint32_t at, unsigned bytes)
{
    uint32_t value = 0;
    memcpy(&value, native_memory + at, bytes);
    return value;
}

static void put_descriptor(uint32_t at, uint32_t base, uint32_t limit, unsigned rights)
{
    put16(at, limit & 0xFFFF);
    put16(at + 2, base & 0xFFFF);
    put8(at + 4, base >> 16 & 0xFF);
    put8(at + 5, rights & 0xFF);
    put8(at + 6, (rights >> 8 & 0xF0) | (limit >> 16 & 15));
    put8(at + 7, base >> 24);
}
static void spare(uint32_t base, uint32_t limit, unsigned rights) { put_descriptor(GDT + SPARE, base, limit, rights); }

static void put_segment(unsigned which, unsigned selector, uint32_t rights)
{
    vcpu_set_segment((vcpu_segment)which, (uint16_t)selector, 0, UINT32_MAX, rights);
}

/* A new task of CPL 0: registers A0 + their number in each byte. */
static void make_new_task(void)
{
    put32(NEW + 0x1C, 0x200000);
    put32(NEW + 0x20, 0x00012345);
    put32(NEW + 0x24, EFLAGS_AND_CARRY);
    for (unsigned i = 0; i < 8; i++)
        put32(NEW + 0x28 + 4 * i, 0x01010101 * (0xA0 + i));
    put32(NEW + 0x38, STACK);
    static const unsigned selectors[] = {DATA_0, CODE_0, DATA_0, DATA_0, 0, DATA_0};
    for (unsigned i = 0; i < 6; i++)
        put16(NEW + 0x48 + 4 * i, selectors[i]);
    put16(NEW + 0x60, 0);
    put16(NEW + 0x64, 0);
    put16(NEW + 0x66, 0x68);
}

/* Protected mode without paging; the old task is at 7C00h with registers 10h + their number. */
static int setup(void **state)
{
    (void)state;
    native_reset();
    native_set(VMCS_GUEST_CR0, 0x31);
    native_set(VMCS_GUEST_GDTR_BASE, GDT);
    native_set(VMCS_GUEST_GDTR_LIMIT, GDT_END);
    put_descriptor(GDT + CODE_0, 0, 0xFFFFF, 0xC09A);
    put_descriptor(GDT + DATA_0, 0, 0xFFFFF, 0xC092);
    put_descriptor(GDT + TASK_1, OLD, 0x67, TSS_32_BUSY);
    put_descriptor(GDT + TASK_2, NEW, 0x67, TSS_32_AVAILABLE);
    put_descriptor(GDT + (CODE_3 & 0xF8), 0, 0xFFFFF, 0xC0FA);
    put_descriptor(GDT + (DATA_3 & 0xF8), 0, 0xFFFFF, 0xC0F2);
    put_descriptor(GDT + TABLE, LDT, 0xF, 0x82);
    put_descriptor(LDT, 0x1000, 0xFFFF, 0x92);
    put_descriptor(LDT + 8, 0x2000, 0xFFFF, 0x92);
    for (unsigned i = SEGMENT_ES; i < SEGMENT_GS; i++)
        put_segment(i, i == SEGMENT_CS ? CODE_0 : DATA_0, i == SEGMENT_CS ? 0xC09B : 0xC093);
    put_segment(SEGMENT_GS, 3, 0x10000); /* null */
    put_segment(SEGMENT_LDTR, 0, 0x10000);
    put_segment(SEGMENT_TR, TASK_1, TSS_32_BUSY);
    native_set(VMCS_GUEST_TR_BASE, OLD);
    native_set(VMCS_GUEST_TR_LIMIT, 0x67);
    uint64_t *const registers[] = {&guest.rax, &guest.rcx, &guest.rdx, &guest.rbx, &guest.rbp, &guest.rsi, &guest.rdi};
    for (unsigned i = 0; i < 7; i++)
        *registers[i] = 0x10 + i;
    native_set(VMCS_GUEST_RSP, 0x7000);
    native_set(VMCS_GUEST_RIP, 0x7C00);
    native_set(VMCS_GUEST_RFLAGS, 0x206);
    native_set(VMCS_GUEST_DR7, 0x7FF);
    make_new_task();
    return 0;
}

static void switch_to(uint64_t how, unsigned selector, unsigned length)
{
    native_set(VMCS_ENTRY_INTERRUPTION, 0);
    native_exit(VMX_EXIT_TASK_SWITCH, how | selector, length);
}

static void event(uint32_t information, uint32_t error, unsigned length)
{
    native_vectoring = information;
    native_vectoring_error = error;
    switch_to(EVENT, TASK_2, length);
}

/* ---- what a switch does ---- */

static void old_task_is(uint32_t eip, uint32_t eflags)
{
    static const uint32_t registers[] = {0x10, 0x11, 0x12, 0x13, 0x7000, 0x14, 0x15, 0x16};
    assert_int_equal(get(OLD + 0x20, 4), eip);
    assert_int_equal(get(OLD + 0x24, 4), eflags);
    for (unsigned i = 0; i < 8; i++)
        assert_int_equal(get(OLD + 0x28 + 4 * i, 4), registers[i]);
    static const unsigned selectors[] = {DATA_0, CODE_0, DATA_0, DATA_0, DATA_0, 3};
    for (unsigned i = 0; i < 6; i++)
        assert_int_equal(get(OLD + 0x48 + 4 * i, 2), selectors[i]);
}

static void new_task_runs(uint32_t eflags)
{
    assert_string_equal(native_stop, "");
    assert_int_equal(native_injected(), 0);
    assert_null(check_guest_state());
    assert_int_equal(vmcs_read(VMCS_GUEST_RIP), 0x12345);
    assert_int_equal(vmcs_read(VMCS_GUEST_RFLAGS), eflags);
    assert_int_equal(guest.rax, 0xA0A0A0A0);
    assert_int_equal(guest.rcx, 0xA1A1A1A1);
    assert_int_equal(guest.rdx, 0xA2A2A2A2);
    assert_int_equal(guest.rbx, 0xA3A3A3A3);
    assert_int_equal(guest.rbp, 0xA5A5A5A5);
    assert_int_equal(guest.rsi, 0xA6A6A6A6);
    assert_int_equal(guest.rdi, 0xA7A7A7A7);
    assert_int_equal(vmcs_read(VMCS_GUEST_TR), TASK_2);
    assert_int_equal(vmcs_read(VMCS_GUEST_TR_BASE), NEW);
    assert_int_equal(vmcs_read(VMCS_GUEST_TR_LIMIT), 0x67);
    assert_int_equal(vmcs_read(VMCS_GUEST_TR_RIGHTS), TSS_32_BUSY);
    assert_int_equal(vmcs_read(VMCS_GUEST_CR0), 0x39);  /* TS */
    assert_int_equal(vmcs_read(VMCS_GUEST_DR7), 0x6AA); /* L0 to L3 and LE are a task's own */
    assert_int_equal(get(GDT + TASK_2 + 5, 1), TSS_32_BUSY);
}

static void jmp_leaves_a_task(void **state)
{
    (void)state;
    put32(OLD + 0x48, 0xBEEF0000); /* what stands above a selector is not the processor's */
    put16(NEW, 0x5555);
    native_set(VMCS_GUEST_RFLAGS, 0x206 | NT);
    switch_to(JMP, TASK_2, 7);
    old_task_is(0x7C07, 0x206 | NT);
    assert_int_equal(get(OLD + 0x48, 4), 0xBEEF0000 | DATA_0);
    new_task_runs(EFLAGS_AND_CARRY);
    assert_int_equal(vmcs_read(VMCS_GUEST_RSP), STACK);
    assert_int_equal(get(GDT + TASK_1 + 5, 1), TSS_32_AVAILABLE);
    assert_int_equal(get(NEW, 2), 0x5555);            /* no link */
    assert_int_equal(get(GDT + DATA_0 + 5, 1), 0x93); /* accessed */
    assert_int_equal(get(GDT + CODE_0 + 5, 1), 0x9B);
}

static void call_nests(void **state)
{
    (void)state;
    switch_to(CALL, TASK_2, 2);
    old_task_is(0x7C02, 0x206);
    new_task_runs(EFLAGS_AND_CARRY | NT);
    assert_int_equal(get(GDT + TASK_1 + 5, 1), TSS_32_BUSY);
    assert_int_equal(get(NEW, 2), TASK_1);
}

static void iret_comes_back(void **state)
{
    (void)state;
    put8(GDT + TASK_2 + 5, TSS_32_BUSY);
    native_set(VMCS_GUEST_RFLAGS, 0x206 | NT | RF);
    switch_to(IRET, TASK_2, 1);
    old_task_is(0x7C01, 0x206);
    new_task_runs(EFLAGS_AND_CARRY);
    assert_int_equal(get(GDT + TASK_1 + 5, 1), TSS_32_AVAILABLE);
}

static void an_interrupt_through_a_gate(void **state)
{
    (void)state;
    native_set(VMCS_GUEST_ACTIVITY, 1);
    event(0x80000020, 0, 0);
    old_task_is(0x7C00, 0x206);
    new_task_runs(EFLAGS_AND_CARRY | NT);
    assert_int_equal(get(NEW, 2), TASK_1);
    assert_int_equal(vmcs_read(VMCS_GUEST_RSP), STACK);
    assert_int_equal(vmcs_read(VMCS_GUEST_ACTIVITY), 0);
}

static void software_interrupts_are_left_behind(void **state)
{
    (void)state;
    static const uint32_t kinds[] = {0x80000421, 0x80000501, 0x80000603}; /* INT 21h, INT1, INT3 */
    for (size_t i = 0; i < 3; i++) {
        setup(state);
        event(kinds[i], 0, 2);
        old_task_is(0x7C02, 0x206);
        new_task_runs(EFLAGS_AND_CARRY | NT);
    }
}

/* The fault's own task goes on at the instruction, with RF, and the error code is on the new stack: 32 bits. */
static void a_fault_pushes_its_error_code(void **state)
{
    (void)state;
    put32(STACK - 4, 0x77777777);
    native_set(VMCS_GUEST_RFLAGS, 0x206 | RF); /* as the exit leaves it */
    event(FAULT(GUEST_GP), 0x1234, 0);
    old_task_is(0x7C00, 0x206 | RF);
    new_task_runs(EFLAGS_AND_CARRY | NT);
    assert_int_equal(vmcs_read(VMCS_GUEST_RSP), STACK - 4);
    assert_int_equal(get(STACK - 4, 4), 0x1234);
}

static void a_stack_of_16_bits_wraps(void **state)
{
    (void)state;
    spare(0x20000, 0xFFFF, 0x92);
    put16(NEW + 0x50, SPARE);
    put32(NEW + 0x38, 0x00050000);
    event(FAULT(GUEST_GP), 0x18, 0);
    new_task_runs(EFLAGS_AND_CARRY | NT);
    assert_int_equal(vmcs_read(VMCS_GUEST_RSP), 0x0005FFFC);
    assert_int_equal(get(0x2FFFC, 4), 0x18);
}

static void into_virtual_8086_mode_and_out(void **state)
{
    (void)state;
    put32(NEW + 0x24, 0x00023202);
    for (unsigned i = 0; i < 6; i++)
        put16(NEW + 0x48 + 4 * i, 0x1000 + i);
    switch_to(JMP, TASK_2, 5);
    assert_null(check_guest_state());
    assert_int_equal(native_injected(), 0);
    assert_int_equal(vmcs_read(VMCS_GUEST_RFLAGS), 0x00023202);
    assert_int_equal(vmcs_read(VMCS_GUEST_CS_BASE), 0x10010);
    assert_int_equal(vmcs_read(VMCS_GUEST_GS_BASE), 0x10050);
    assert_int_equal(vmcs_read(VMCS_GUEST_SS_RIGHTS), 0xF3);
    make_new_task();
    put32(OLD + 0x20, 0x12345);
    put32(OLD + 0x24, 2);
    put8(GDT + TASK_1 + 5, TSS_32_AVAILABLE);
    native_vectoring = 0x80000020;
    switch_to(EVENT, TASK_1, 0);
    assert_null(check_guest_state());
    assert_int_equal(get(NEW + 0x24, 4), 0x00023202);
    assert_int_equal(get(NEW + 0x4C, 2), 0x1001);
    assert_int_equal(vmcs_read(VMCS_GUEST_RFLAGS), 2 | NT);
    assert_int_equal(vmcs_read(VMCS_GUEST_CS_RIGHTS), 0xC09B);
}

static void a_task_of_cpl_3_with_an_ldt(void **state)
{
    (void)state;
    put16(NEW + 0x4C, CODE_3);
    put16(NEW + 0x50, DATA_3);
    put16(NEW + 0x48, DATA_3);
    put16(NEW + 0x54, 0x0F);
    put16(NEW + 0x5C, 0);
    put16(NEW + 0x60, TABLE);
    put_descriptor(LDT + 8, 0x2000, 0xFFFF, 0xF2);
    switch_to(JMP, TASK_2, 5);
    assert_null(check_guest_state());
    assert_int_equal(native_injected(), 0);
    assert_int_equal(vmcs_read(VMCS_GUEST_SS_RIGHTS), 0xC0F3);
    assert_int_equal(vmcs_read(VMCS_GUEST_DS_BASE), 0x2000);
    assert_int_equal(vmcs_read(VMCS_GUEST_LDTR), TABLE);
    assert_int_equal(vmcs_read(VMCS_GUEST_LDTR_BASE), LDT);
    assert_int_equal(vmcs_read(VMCS_GUEST_LDTR_RIGHTS), 0x82);
    assert_int_equal(vmcs_read(VMCS_GUEST_GS_RIGHTS) & 0x10000, 0x10000);
    assert_int_equal(get(LDT + 13, 1), 0xF3);
}

/* "Debug Exceptions": BT, in front of the new task's first instruction. */
static void the_t_flag_traps(void **state)
{
    (void)state;
    put16(NEW + 100, 1);
    native_dr6 = 0xFFFF0FF1;
    switch_to(JMP, TASK_2, 5);
    assert_int_equal(native_injected(), 0x80000301);
    assert_int_equal(native_dr6, 0xFFFF8FF0);
    assert_int_equal(vmcs_read(VMCS_GUEST_RIP), 0x12345);
    assert_int_equal(vmcs_read(VMCS_GUEST_RFLAGS), EFLAGS_AND_CARRY);
}

/* The 80286's state: 16 bits of each register, no CR3, FS, GS. */
static void a_task_of_the_80286(void **state)
{
    (void)state;
    put_descriptor(GDT + TASK_2, NEW, 0x2B, 0x81);
    memset(native_memory + NEW, 0, 0x68);
    put16(NEW + 0x0E, 0x4321);
    put16(NEW + 0x10, 0x3202);
    for (unsigned i = 0; i < 8; i++)
        put16(NEW + 0x12 + 2 * i, 0xB000 + i);
    static const unsigned selectors[] = {DATA_0, CODE_0, DATA_0, DATA_0};
    for (unsigned i = 0; i < 4; i++)
        put16(NEW + 0x22 + 2 * i, selectors[i]);
    native_set(VMCS_GUEST_CR3, 0x123000);
    native_set(VMCS_GUEST_RFLAGS, 0x206 | RF);
    event(FAULT(GUEST_GP), 0x28, 0);
    old_task_is(0x7C00, 0x206 | RF);
    assert_null(check_guest_state());
    assert_int_equal(native_injected(), 0);
    assert_int_equal(vmcs_read(VMCS_GUEST_TR_RIGHTS), 0x83);
    assert_int_equal(vmcs_read(VMCS_GUEST_RIP), 0x4321);
    assert_int_equal(vmcs_read(VMCS_GUEST_RFLAGS), 0x7202);
    assert_int_equal(guest.rbx & 0xFFFF, 0xB003);
    assert_int_equal(vmcs_read(VMCS_GUEST_CR3), 0x123000);
    assert_int_equal(vmcs_read(VMCS_GUEST_FS_RIGHTS) & 0x10000, 0x10000);
    assert_int_equal(vmcs_read(VMCS_GUEST_RSP) & 0xFFFF, 0xB002); /* a word */
    assert_int_equal(get(NEW, 2), TASK_1);
    memset(native_memory + OLD + 0x20, 0, 0x48);
    make_new_task();
    memcpy(native_memory + OLD, native_memory + NEW, 0x68);
    put8(GDT + TASK_1 + 5, TSS_32_BUSY);
    memset(native_memory + NEW, 0, 0x68);
    switch_to(IRET, TASK_1, 1);
    assert_int_equal(get(NEW + 0x0E, 2), 0x4322);
    assert_int_equal(get(NEW + 0x10, 2), 0x3202);
    assert_int_equal(get(NEW + 0x18, 2), 0xB003);
    assert_int_equal(get(NEW + 0x24, 2), CODE_0);
    assert_int_equal(get(NEW + 0x2A, 2), 0); /* the LDT is not written */
    assert_int_equal(guest.rdi, 0xA7A7A7A7);
}

/* ---- paging ---- */

/* 4 MB as they are, in 32-bit paging at `at`. */
static void make_pages(uint32_t at)
{
    put32(at, (at + 0x1000) | 7);
    for (uint32_t i = 0; i < 1024; i++)
        put32(at + 0x1000 + 4 * i, i << 12 | 7);
}
static void missing(uint32_t tables, uint32_t page) { put32(tables + 0x1000 + (page >> 12) * 4, 0); }
static void read_only(uint32_t tables, uint32_t page) { put32(tables + 0x1000 + (page >> 12) * 4, page | 5); }

static void page(void)
{
    make_pages(0x200000);
    make_pages(0x210000);
    native_set(VMCS_GUEST_CR0, 0x80010031); /* with WP */
    native_set(VMCS_GUEST_CR3, 0x200000);
    put32(NEW + 0x1C, 0x210000);
}

static void cr3_is_the_new_tasks(void **state)
{
    (void)state;
    page();
    missing(0x210000, OLD);                             /* the old task is written by the old tables */
    put32(0x211000 + ((STACK - 4) >> 12) * 4, 0x30007); /* and the error code by the new */
    event(FAULT(GUEST_GP), 0x99, 0);
    old_task_is(0x7C00, 0x206);
    assert_int_equal(native_injected(), 0);
    assert_int_equal(vmcs_read(VMCS_GUEST_CR3), 0x210000);
    assert_int_equal(get(0x30FFC, 4), 0x99);
    assert_null(check_guest_state());
}

/* With PAE the four entries come with it. */
static void pdptes_come_with_cr3(void **state)
{
    (void)state;
    page();
    native_set(VMCS_GUEST_CR4, 0x2020);
    native_set(VMCS_GUEST_PDPTE0, 0x220001);
    static const uint64_t entries[] = {0x230001, 0x231000, 0, 0x234001};
    memcpy(native_memory + 0x210000, entries, sizeof entries);
    static const uint64_t large[] = {0xE3, 0x2000E3};
    memcpy(native_memory + 0x220000, large, sizeof large);
    memcpy(native_memory + 0x230000, large, sizeof large);
    switch_to(JMP, TASK_2, 5);
    assert_int_equal(native_injected(), 0);
    assert_int_equal(vmcs_read(VMCS_GUEST_PDPTE0), 0x230001);
    assert_int_equal(vmcs_read(VMCS_GUEST_PDPTE3), 0x234001);
    setup(state);
    page();
    native_set(VMCS_GUEST_CR4, 0x2020);
    native_set(VMCS_GUEST_PDPTE0, 0x220001);
    memcpy(native_memory + 0x220000, large, sizeof large);
    memcpy(native_memory + 0x210000, (uint64_t[]){0x1E7}, 8); /* reserved bits */
    switch_to(JMP, TASK_2, 5);
    assert_int_equal(native_injected(), FAULT(GUEST_GP));
    assert_null(check_guest_state());
}

static void nothing_has_happened(uint32_t vector, uint32_t error)
{
    assert_int_equal(native_injected(), FAULT(vector));
    assert_int_equal(vmcs_read(VMCS_ENTRY_ERROR_CODE), error);
    assert_int_equal(vmcs_read(VMCS_GUEST_RIP), 0x7C00);
    assert_int_equal(vmcs_read(VMCS_GUEST_TR), TASK_1);
    assert_int_equal(vmcs_read(VMCS_GUEST_CR0) & 8, 0);
    assert_int_equal(guest.rax, 0x10);
    assert_int_equal(get(OLD + 0x28, 4), 0);
    assert_int_equal(get(GDT + TASK_1 + 5, 1), TSS_32_BUSY);
    assert_null(check_guest_state());
}

static void page_faults_of_the_old_task(void **state)
{
    (void)state;
    page();
    native_set(VMCS_GUEST_SS_RIGHTS, 0xC0F3); /* CPL 3: descriptors and task states are a supervisor's all the same */
    native_set(VMCS_GUEST_CS_RIGHTS, 0xC0FB);
    missing(0x200000, NEW);
    switch_to(JMP, TASK_2, 5);
    nothing_has_happened(GUEST_PF, 0);
    assert_int_equal(native_cr2, NEW);
    page();
    read_only(0x200000, OLD);
    switch_to(CALL, TASK_2, 5);
    nothing_has_happened(GUEST_PF, 3);
    assert_int_equal(native_cr2, OLD + 0x20);
    page();
    read_only(0x200000, NEW);
    switch_to(CALL, TASK_2, 5); /* the link cannot be written */
    nothing_has_happened(GUEST_PF, 3);
    assert_int_equal(native_cr2, NEW);
    page();
    read_only(0x200000, GDT);
    switch_to(JMP, TASK_2, 5);
    nothing_has_happened(GUEST_PF, 3);
    page();
    missing(0x200000, GDT);
    switch_to(JMP, TASK_2, 5);
    nothing_has_happened(GUEST_PF, 0);
    assert_int_equal(native_cr2, GDT + TASK_2);
}

/* ---- "Exception Conditions Checked During a Task Switch" ---- */

static void the_new_tss_is_looked_at_again(void **state)
{
    (void)state;
    put_descriptor(GDT + TASK_2, NEW, 0x66, TSS_32_AVAILABLE);
    switch_to(JMP, TASK_2, 5);
    nothing_has_happened(GUEST_TS, TASK_2);
    put_descriptor(GDT + TASK_2, NEW, 0x67, 0x09);
    switch_to(JMP, TASK_2, 5);
    nothing_has_happened(GUEST_NP, TASK_2);
    put_descriptor(GDT + TASK_2, NEW, 0x67, TSS_32_BUSY);
    switch_to(CALL, TASK_2, 5);
    nothing_has_happened(GUEST_GP, TASK_2);
    put_descriptor(GDT + TASK_2, NEW, 0x67, TSS_32_AVAILABLE);
    switch_to(IRET, TASK_2, 5);
    nothing_has_happened(GUEST_TS, TASK_2);
    switch_to(IRET, 0x48, 5); /* beyond the GDT */
    nothing_has_happened(GUEST_TS, 0x48);
    switch_to(JMP, 0x48, 5);
    nothing_has_happened(GUEST_GP, 0x48);
    switch_to(JMP, 0x24, 5); /* in an LDT */
    nothing_has_happened(GUEST_GP, 0x24);
    put_descriptor(GDT + TASK_2, NEW, 0x2A, 0x81);
    switch_to(JMP, TASK_2, 5);
    nothing_has_happened(GUEST_TS, TASK_2);
    put_descriptor(GDT + TASK_2, NEW, 0x67, 0x66);
    event(0x80000020, 0, 0); /* by an event from outside: EXT */
    nothing_has_happened(GUEST_GP, TASK_2 | 1);
    native_set(VMCS_GUEST_TR_LIMIT, 0x5E);
    put_descriptor(GDT + TASK_2, NEW, 0x67, TSS_32_AVAILABLE);
    switch_to(JMP, TASK_2, 5);
    nothing_has_happened(GUEST_TS, TASK_1);
}

/* Each field of the new TSS that is wrong, with the descriptor at SPARE. */
static void faults_of_the_new_task(void **state)
{
    static const struct {
        unsigned field, selector, rights;
        uint32_t vector, error;
    } wrong[] = {
        {0x60, 0x4C, 0x82, GUEST_TS, 0x4C},         /* LDT: in an LDT */
        {0x60, 0x50, 0x82, GUEST_TS, 0x50},         /* beyond the GDT */
        {0x60, SPARE, 0x92, GUEST_TS, SPARE},       /* data */
        {0x60, SPARE, 0x02, GUEST_TS, SPARE},       /* not present */
        {0x4C, 0, 0, GUEST_TS, 0},                  /* CS: null */
        {0x4C, 0x48, 0, GUEST_TS, 0x48},            /* beyond */
        {0x4C, 0x0C, 0, GUEST_TS, 0x0C},            /* no LDT */
        {0x4C, SPARE, 0xC092, GUEST_TS, SPARE},     /* data */
        {0x4C, SPARE, 0xC0FA, GUEST_TS, SPARE},     /* RPL 0, DPL 3 */
        {0x4C, SPARE, 0xC0FE, GUEST_TS, SPARE},     /* conforming, DPL 3 */
        {0x4C, SPARE, 0xC01A, GUEST_NP, SPARE},     /* not present */
        {0x4C, SPARE, 0x82, GUEST_TS, SPARE},       /* a system descriptor */
        {0x50, 0, 0, GUEST_TS, 0},                  /* SS: null */
        {0x50, 0x48, 0, GUEST_TS, 0x48},            /* beyond */
        {0x50, SPARE, 0xC090, GUEST_TS, SPARE},     /* read-only */
        {0x50, SPARE, 0xC09A, GUEST_TS, SPARE},     /* code */
        {0x50, SPARE, 0xC0F2, GUEST_TS, SPARE},     /* DPL 3 */
        {0x50, SPARE | 3, 0xC092, GUEST_TS, SPARE}, /* RPL 3 */
        {0x50, SPARE, 0xC012, GUEST_SS, SPARE},     /* not present */
        {0x54, 0x48, 0, GUEST_TS, 0x48},            /* DS: beyond */
        {0x48, SPARE, 0x82, GUEST_TS, SPARE},       /* ES: a system descriptor */
        {0x58, SPARE, 0xC098, GUEST_TS, SPARE},     /* FS: code that cannot be read */
        {0x5C, SPARE | 1, 0xC092, GUEST_TS, SPARE}, /* GS: RPL above DPL */
        {0x54, SPARE, 0xC012, GUEST_NP, SPARE},     /* not present */
        {0x54, SPARE | 3, 0xC09E, 0, 0},            /* conforming code may be read by anyone */
        {0x54, SPARE, 0xC096, 0, 0},                /* expand-down */
        {0x54, 3, 0, 0, 0},                         /* null, RPL 3 */
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        setup(state);
        spare(0, 0xFFFFF, wrong[i].rights);
        put16(NEW + wrong[i].field, wrong[i].selector);
        switch_to(CALL, TASK_2, 5);
        const uint32_t error = (uint32_t)vmcs_read(VMCS_ENTRY_ERROR_CODE);
        if (native_injected() != (wrong[i].vector != 0 ? FAULT(wrong[i].vector) : 0) ||
            (wrong[i].vector != 0 && error != wrong[i].error))
            fail_msg("row %zu: %x(%x), expected %x(%x)", i, native_injected(), error, wrong[i].vector, wrong[i].error);
        assert_int_equal(vmcs_read(VMCS_GUEST_TR), TASK_2);
        assert_int_equal(vmcs_read(VMCS_GUEST_RIP), 0x12345);
        assert_int_equal(guest.rax, 0xA0A0A0A0);
        assert_int_equal(get(OLD + 0x28, 4), 0x10);
        for (unsigned s = 0; s < 6; s++) /* every selector is the new one, checked or not */
            assert_int_equal(vcpu_get(VCPU_OF(VCPU_SELECTOR, s)), get(NEW + 0x48 + 4 * s, 2));
        assert_null(check_guest_state());
    }
}

static void a_fault_of_a_user_task_finds_cpl_3(void **state)
{
    (void)state;
    put16(NEW + 0x4C, CODE_3);
    put16(NEW + 0x50, DATA_0); /* DPL 0 */
    switch_to(JMP, TASK_2, 5);
    assert_int_equal(native_injected(), FAULT(GUEST_TS));
    assert_int_equal(vmcs_read(VMCS_GUEST_SS_RIGHTS) >> 5 & 3, 3);
    assert_null(check_guest_state());
}

/* An exception that meets another in delivery: contributory ones make a double fault, which then needs a task of its
 * own to be survived. */
static void a_fault_while_an_exception_is_delivered(void **state)
{
    (void)state;
    put16(NEW + 0x50, 0);
    event(FAULT(GUEST_GP), 0x10, 0);
    assert_int_equal(native_injected(), FAULT(GUEST_DF));
    setup(state);
    put16(NEW + 0x50, 0);
    event(FAULT(GUEST_DF), 0, 0);
    assert_non_null(strstr(native_log, "guest: triple fault"));
    assert_int_equal(vmcs_read(VMCS_GUEST_RIP), 0xFFF0);
    setup(state);
    spare(0x20000, 0x0FFF, 0x92); /* a stack that is full */
    put16(NEW + 0x50, SPARE);
    put32(NEW + 0x38, 2);
    event(FAULT(GUEST_PF), 7, 0);
    assert_int_equal(native_injected(), FAULT(GUEST_DF));
    setup(state);
    put16(NEW + 0x50, 0);
    event(0x80000421, 0, 2); /* INT n: no EXT */
    assert_int_equal(native_injected(), FAULT(GUEST_TS));
    assert_int_equal(vmcs_read(VMCS_ENTRY_ERROR_CODE), 0);
    setup(state);
    put16(NEW + 0x50, 0);
    event(0x80000020, 0, 0);
    assert_int_equal(native_injected(), FAULT(GUEST_TS));
    assert_int_equal(vmcs_read(VMCS_ENTRY_ERROR_CODE), 1);
}

static void task_states_may_lie_anywhere(void **state)
{
    (void)state;
    put_descriptor(GDT + TASK_2, 0xFFFFFFF0, 0x67, TSS_32_AVAILABLE); /* where nothing is: ones */
    switch_to(JMP, TASK_2, 5);
    assert_int_equal(native_injected() & 0x800007FF, FAULT(GUEST_TS) & 0x800007FF);
    assert_null(check_guest_state());
    setup(state);
    native_set(VMCS_GUEST_TR_BASE, NATIVE_RAM - 8);
    switch_to(JMP, TASK_2, 5);
    new_task_runs(EFLAGS_AND_CARRY);
    assert_true(native_untouched());
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, setup)
    const struct CMUnitTest tests[] = {TEST(jmp_leaves_a_task),
                                       TEST(call_nests),
                                       TEST(iret_comes_back),
                                       TEST(an_interrupt_through_a_gate),
                                       TEST(software_interrupts_are_left_behind),
                                       TEST(a_fault_pushes_its_error_code),
                                       TEST(a_stack_of_16_bits_wraps),
                                       TEST(into_virtual_8086_mode_and_out),
                                       TEST(a_task_of_cpl_3_with_an_ldt),
                                       TEST(the_t_flag_traps),
                                       TEST(a_task_of_the_80286),
                                       TEST(cr3_is_the_new_tasks),
                                       TEST(pdptes_come_with_cr3),
                                       TEST(page_faults_of_the_old_task),
                                       TEST(the_new_tss_is_looked_at_again),
                                       TEST(faults_of_the_new_task),
                                       TEST(a_fault_of_a_user_task_finds_cpl_3),
                                       TEST(a_fault_while_an_exception_is_delivered),
                                       TEST(task_states_may_lie_anywhere)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

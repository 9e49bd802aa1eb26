/* test_exits.c - pxHV's exit handlers, driven one exit at a time over a fake VMCS. Expectations are the Intel SDM's,
 * worked by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/bios/bios.h"
#include "firmware/vcpu/event.h"
#include "firmware/vcpu/guest.h"
#include "firmware/vcpu/guest_memory.h"
#include "firmware/vmx/check.h"
#include "tests/firmware/native.h"

#define IO_IN                 (1u << 3)
#define IO_STRING             (1u << 4)
#define IO_REP                (1u << 5)
#define IO(port, bytes, bits) ((uint64_t)(port) << 16 | (bits) | ((bytes)-1))

#define GP_REAL 0x8000030Du
#define GP_CODE 0x80000B0Du
#define UD      0x80000306u
#define SS_REAL 0x8000030Cu
#define PF_CODE 0x80000B0Eu
#define DF_CODE 0x80000B08u

#define CR0_PROTECTED       0x31u
#define PROTECTED(cr0_more) native_set(VMCS_GUEST_CR0, CR0_PROTECTED | (cr0_more))

static int setup(void **state)
{
    (void)state;
    native_reset();
    return 0;
}

static uint64_t rip(void) { return vmcs_read(VMCS_GUEST_RIP); }

/* ---- IN and OUT ---- */

static uint32_t operations[65536];
static unsigned operation_count;
static void take(uint32_t operation) { operations[operation_count++ % 65536] = operation; }

static void in_keeps_the_upper_parts(void **state)
{
    (void)state;
    guest.rax = UINT64_C(0x1122334455667788);
    native_exit(VMX_EXIT_IO, IO(0x1234, 1, IO_IN), 1); /* nothing is there: ones */
    assert_int_equal(guest.rax, UINT64_C(0x11223344556677FF));
    native_exit(VMX_EXIT_IO, IO(0x1234, 2, IO_IN), 2);
    assert_int_equal(guest.rax, UINT64_C(0x112233445566FFFF));
    native_exit(VMX_EXIT_IO, IO(0x1234, 4, IO_IN), 1);
    assert_int_equal(guest.rax, UINT64_C(0x00000000FFFFFFFF));
    assert_int_equal(rip(), 0x7C04);
}

static void ports_end_at_ffff(void **state)
{
    (void)state;
    guest.rax = 0;
    native_exit(VMX_EXIT_IO, IO(0xFFFF, 4, IO_IN), 1);
    assert_int_equal(guest.rax, UINT32_MAX);
    native_exit(VMX_EXIT_IO, IO(0xFFFD, 4, 0), 1);
    /* A word at 3FFh: COM1's scratch register and nothing behind it. */
    guest.rax = 0xABCD;
    native_exit(VMX_EXIT_IO, IO(0x3FF, 2, 0), 1);
    guest.rax = 0;
    native_exit(VMX_EXIT_IO, IO(0x3FE, 4, IO_IN), 1); /* MSR: CTS, DSR, DCD; scratch; nothing, nothing */
    assert_int_equal(guest.rax, 0xFFFFCDB0);
}

static void pci_is_not_there(void **state)
{
    (void)state;
    guest.rax = 0x80000000;
    native_exit(VMX_EXIT_IO, IO(0xCF8, 4, 0), 1);
    native_exit(VMX_EXIT_IO, IO(0xCFC, 4, IO_IN), 1);
    assert_int_equal(guest.rax, UINT32_MAX);
}

/* ---- strings ---- */

/* 16-bit addresses, segment DS. */
static void outs(unsigned bytes, unsigned bits, uint64_t information)
{
    native_set(VMCS_EXIT_INSTRUCTION, information);
    native_exit(VMX_EXIT_IO, IO(0x3F8, bytes, IO_STRING | bits), 2);
}
#define ADDRESS_16 (3u << 15)
#define ADDRESS_32 (3u << 15 | 1u << 7)
#define ADDRESS_64 (3u << 15 | 2u << 7)

static void string_with_count_zero(void **state)
{
    (void)state;
    guest.rcx = 0xFFFF0000; /* CX = 0 */
    guest.rsi = 0x12340010;
    operation_count = 0;
    pc_com1_connect(take);
    outs(1, IO_REP, ADDRESS_16);
    assert_int_equal(operation_count, 0);
    assert_int_equal(rip(), 0x7C02);
    assert_int_equal(guest.rcx, 0xFFFF0000);
    assert_int_equal(guest.rsi, 0x12340010);
}

static void string_wraps_at_64k_and_goes_down(void **state)
{
    (void)state;
    memset(native_memory + 0xFFF0, 'a', 16);
    native_memory[0] = 'z';
    guest.rcx = 3;
    guest.rsi = UINT64_C(0x5555AAAA0000FFFF);
    operation_count = 0;
    pc_com1_connect(take);
    outs(1, IO_REP, ADDRESS_16);
    assert_int_equal(guest.rsi, UINT64_C(0x5555AAAA00000002)); /* SI wrapped, nothing above it moved */
    assert_int_equal(guest.rcx, 0);
    assert_int_equal(operations[operation_count - 3] & 0xFF, 'a');
    assert_int_equal(operations[operation_count - 2] & 0xFF, 'z');
    native_set(VMCS_GUEST_RFLAGS, 0x402); /* DF */
    guest.rcx = 3;
    guest.rsi = 1;
    outs(1, IO_REP, ADDRESS_16);
    assert_int_equal(guest.rsi, 0xFFFE);
}

static void string_with_count_all_ones(void **state)
{
    (void)state;
    pc_com1_connect(NULL);
    guest.rcx = UINT64_MAX;
    guest.rsi = 0;
    outs(1, IO_REP, ADDRESS_32); /* a slice; the guest executes the rest, interrupts come between */
    assert_int_equal(rip(), 0x7C00);
    assert_int_equal(guest.rcx, UINT32_MAX - 4096); /* a 32-bit result clears the upper half */
    assert_int_equal(guest.rsi, 4096);
}

static void string_meets_the_segment_limit(void **state)
{
    (void)state;
    pc_com1_connect(take);
    operation_count = 0;
    guest.rcx = 4;
    guest.rsi = 0xFFFD;
    outs(2, IO_REP, ADDRESS_16); /* FFFDh fits, FFFFh does not */
    assert_int_equal(native_injected(), GP_REAL);
    assert_int_equal(rip(), 0x7C00);
    assert_int_equal(guest.rcx, 3);
    assert_int_equal(guest.rsi, 0xFFFF);
    native_set(VMCS_ENTRY_INTERRUPTION, 0);
    guest.rsi = 0xFFFF;
    outs(2, 0, 2u << 15); /* SS: */
    assert_int_equal(native_injected(), SS_REAL);
    native_set(VMCS_ENTRY_INTERRUPTION, 0);
    native_set(VMCS_GUEST_DS_LIMIT, 0xFF);
    guest.rsi = 0x100;
    outs(1, 0, 7u << 15); /* no segment: taken for DS */
    assert_int_equal(native_injected(), GP_REAL);
}

static void string_in_segments_that_forbid(void **state)
{
    (void)state;
    PROTECTED(0);
    guest.rsi = guest.rdi = 0x2000;
    native_set(VMCS_GUEST_DS_RIGHTS, 0x10000); /* a null selector */
    outs(1, 0, ADDRESS_32);
    assert_int_equal(native_injected(), GP_CODE);
    native_set(VMCS_ENTRY_INTERRUPTION, 0);
    native_set(VMCS_GUEST_ES_RIGHTS, 0x91); /* read-only */
    native_exit(VMX_EXIT_IO, IO(0x3F8, 1, IO_STRING | IO_IN), 1);
    assert_int_equal(native_injected(), GP_CODE);
    native_set(VMCS_ENTRY_INTERRUPTION, 0);
    native_set(VMCS_GUEST_ES_RIGHTS, 0x97); /* expand-down, 64 KB: offsets above the limit */
    native_set(VMCS_GUEST_ES_LIMIT, 0x1FFF);
    native_set(VMCS_EXIT_INSTRUCTION, ADDRESS_16);
    native_exit(VMX_EXIT_IO, IO(0x1234, 1, IO_STRING | IO_IN), 1);
    assert_int_equal(native_injected(), 0);
    assert_int_equal(native_memory[0x2000], 0xFF);
    guest.rdi = 0x1FFF;
    native_exit(VMX_EXIT_IO, IO(0x1234, 1, IO_STRING | IO_IN), 1);
    assert_int_equal(native_injected(), GP_CODE);
}

static void put64(uint64_t at, uint64_t value) { memcpy(native_memory + at, &value, 8); }

/* 32-bit paging: linear 0 to 7FFFh as it is, 8000h not present. */
static void page_32(void)
{
    static const uint32_t directory = 0x101007;
    memcpy(native_memory + 0x100000, &directory, 4);
    for (uint32_t i = 0; i < 8; i++) {
        const uint32_t entry = i << 12 | 7;
        memcpy(native_memory + 0x101000 + 4 * i, &entry, 4);
    }
    PROTECTED(0x80000000);
    native_set(VMCS_GUEST_CR3, 0x100000);
}

static void string_faults_in_its_middle(void **state)
{
    (void)state;
    page_32();
    memset(native_memory + 0x7FF0, 0x55, 16);
    guest.rdi = 0x7FFA;
    guest.rcx = 4;
    native_set(VMCS_EXIT_INSTRUCTION, ADDRESS_32);
    native_exit(VMX_EXIT_IO, IO(0x1234, 4, IO_STRING | IO_IN | IO_REP), 2);
    assert_int_equal(native_injected(), PF_CODE);
    assert_int_equal(native_cr2, 0x8000);
    assert_int_equal(vmcs_read(VMCS_ENTRY_ERROR_CODE), 2); /* not present, a write, CPL 0 */
    assert_int_equal(guest.rdi, 0x7FFE);                   /* one element is done, the second not begun */
    assert_int_equal(guest.rcx, 3);
    assert_int_equal(native_memory[0x7FFD], 0xFF);
    assert_int_equal(native_memory[0x7FFE], 0x55);
    assert_int_equal(rip(), 0x7C00);
}

static void string_crosses_4_gb(void **state)
{
    (void)state;
    PROTECTED(0);
    native_set(VMCS_GUEST_DS_LIMIT, UINT32_MAX);
    native_set(VMCS_GUEST_DS_RIGHTS, 0xC093);
    native_set(VMCS_GUEST_DS_BASE, 0xFFFFFFFF);
    native_memory[0] = 'm';
    guest.rsi = 1; /* base + 1 is linear 0 */
    operation_count = 0;
    pc_com1_connect(take);
    outs(1, 0, ADDRESS_32);
    assert_int_equal(operations[operation_count - 1] & 0xFF, 'm');
    guest.rsi = 0xFFFFFFFE; /* the last two offsets, then from 0 */
    guest.rcx = 3;
    outs(2, IO_REP, ADDRESS_32);
    assert_int_equal(guest.rsi, 4); /* FFFFFFFEh, 0, 2 */
    assert_int_equal(guest.rcx, 0);
}

static void string_at_an_address_that_is_not_canonical(void **state)
{
    (void)state;
    PROTECTED(0x80000000);
    native_set(VMCS_GUEST_EFER, 0x500);
    native_set(VMCS_GUEST_CS_RIGHTS, 0xA09B);
    guest.rsi = UINT64_C(0x0000800000000000);
    outs(1, 0, ADDRESS_64);
    assert_int_equal(native_injected(), GP_CODE);
}

/* Four levels, as 64-bit guests have them: a table that lies outside RAM is a page that is not there. */
static void page_tables_beyond_ram(void **state)
{
    (void)state;
    PROTECTED(0x80000000);
    native_set(VMCS_GUEST_EFER, 0x500);
    native_set(VMCS_GUEST_CS_RIGHTS, 0xA09B);
    native_set(VMCS_GUEST_CR3, 0x200000);
    put64(0x200000, NATIVE_RAM | 7); /* pxHV's guard page as a page table */
    guest.rsi = 0x1000;
    outs(1, 0, ADDRESS_64);
    assert_int_equal(native_injected(), PF_CODE);
    put64(0x200000, UINT64_C(0x000FFFFFFFFFF007));
    native_set(VMCS_ENTRY_INTERRUPTION, 0);
    outs(4, 0, ADDRESS_64);
    assert_int_equal(native_injected(), PF_CODE);
    /* A page that lies there: reads ones, writes go nowhere. */
    put64(0x200000, 0x201007);
    put64(0x201000, 0x202007);
    put64(0x202000, 0x203007);
    put64(0x203008, NATIVE_RAM | 7);
    guest.rdi = 0x1000;
    native_set(VMCS_ENTRY_INTERRUPTION, 0);
    native_exit(VMX_EXIT_IO, IO(0x3FD, 1, IO_STRING | IO_IN), 1);
    assert_int_equal(native_injected(), 0);
    assert_true(native_untouched());
}

/* ---- control registers ---- */

#define MOV_TO(cr, reg) ((cr) | (uint64_t)(reg) << 8)

static void cr0_keeps_ne_and_the_cache(void **state)
{
    (void)state;
    guest.rax = 0x60000010; /* CD, NW */
    native_exit(VMX_EXIT_CR_ACCESS, MOV_TO(0, 0), 3);
    assert_int_equal(vmcs_read(VMCS_GUEST_CR0), 0x30);
    assert_int_equal(vmcs_read(VMCS_CR0_SHADOW) & 0x60000020, 0x60000000);
    guest.rax = 0x20000010; /* NW without CD */
    native_exit(VMX_EXIT_CR_ACCESS, MOV_TO(0, 0), 3);
    assert_int_equal(native_injected(), GP_REAL);
    assert_int_equal(rip(), 0x7C03);
    native_set(VMCS_ENTRY_INTERRUPTION, 0);
    guest.rbx = 0x80000010; /* PG without PE */
    native_exit(VMX_EXIT_CR_ACCESS, MOV_TO(0, 3), 3);
    assert_int_equal(native_injected(), GP_REAL);
}

static void cr0_into_long_mode_and_out(void **state)
{
    (void)state;
    PROTECTED(0);
    native_set(VMCS_GUEST_EFER, 0x100);
    guest.rax = 0xC0000011; /* PG, PE, CD: exits for CD */
    native_exit(VMX_EXIT_CR_ACCESS, MOV_TO(0, 0), 3);
    assert_int_equal(native_injected(), GP_CODE); /* LME without PAE */
    native_set(VMCS_ENTRY_INTERRUPTION, 0);
    native_set(VMCS_GUEST_CR4, 0x2020);
    native_set(VMCS_GUEST_CS_RIGHTS, 0xA09B); /* L */
    native_exit(VMX_EXIT_CR_ACCESS, MOV_TO(0, 0), 3);
    assert_int_equal(native_injected(), GP_CODE);
    native_set(VMCS_ENTRY_INTERRUPTION, 0);
    native_set(VMCS_GUEST_CS_RIGHTS, 0xC09B);
    native_exit(VMX_EXIT_CR_ACCESS, MOV_TO(0, 0), 3);
    assert_int_equal(native_injected(), 0);
    assert_int_equal(vmcs_read(VMCS_GUEST_EFER), 0x500);
    assert_int_equal(vmcs_read(VMCS_ENTRY_CONTROLS) & ENTRY_GUEST_64, ENTRY_GUEST_64);
    assert_int_equal(vmcs_read(VMCS_GUEST_CR0), 0x80000031);
    guest.rax = 0x00000011;
    native_exit(VMX_EXIT_CR_ACCESS, MOV_TO(0, 0), 3);
    assert_int_equal(vmcs_read(VMCS_GUEST_EFER), 0x100);
    assert_int_equal(vmcs_read(VMCS_ENTRY_CONTROLS) & ENTRY_GUEST_64, 0);
}

static void cr4_is_a_list(void **state)
{
    (void)state;
    assert_int_equal(vmcs_read(VMCS_CR4_MASK), ~UINT64_C(0x3107BF));
    static const uint64_t forbidden[] = {1 << 6, 1 << 13, 1 << 14, 1 << 17, 1 << 18, 1 << 12, 1 << 22};
    for (size_t i = 0; i < sizeof forbidden / sizeof *forbidden; i++) {
        native_set(VMCS_ENTRY_INTERRUPTION, 0);
        guest.rax = forbidden[i];
        native_exit(VMX_EXIT_CR_ACCESS, MOV_TO(4, 0), 3);
        assert_int_equal(native_injected(), GP_REAL);
        assert_int_equal(vmcs_read(VMCS_GUEST_CR4), 0x2000);
    }
}

static void reset_leaves_long_mode(void **state)
{
    (void)state;
    native_set(VMCS_ENTRY_CONTROLS, vmcs_read(VMCS_ENTRY_CONTROLS) | ENTRY_GUEST_64);
    native_set(VMCS_GUEST_EFER, 0x500);
    guest.rax = 0xFE;
    native_exit(VMX_EXIT_IO, IO(0x64, 1, 0), 2); /* the keyboard controller's reset */
    assert_null(check_guest_state());
    assert_int_equal(rip(), 0xFFF0);
    assert_int_equal(vmcs_read(VMCS_GUEST_CS), 0xF000);
}

/* F0000h is ROM: a BIOS call or a string instruction writes there in vain, as the guest's other instructions do
 * (test_discard.c). */
static void the_bios_is_rom(void **state)
{
    (void)state;
    uint8_t byte = 0xCF;
    assert_true(guest_write(0xF2120, &byte, 1));
    assert_true(guest_write(0xFFFFF, &byte, 1));
    assert_true(guest_read(&byte, 0xF2120, 1));
    assert_int_equal(byte, 0); /* as the bios_rom of these tests */
    assert_true(guest_read(&byte, 0xFFFFF, 1));
    assert_int_equal(byte, 0);
}

/* ---- CPUID and MSRs ---- */

static void cpuid_is_a_list(void **state)
{
    (void)state;
    guest.rax = 1;
    native_exit(VMX_EXIT_CPUID, 0, 2);
    /* MONITOR 3, VMX 5, SMX 6, PCID 17, x2APIC 21, deadline 24, XSAVE 26, OSXSAVE 27, AVX 28; APIC 9, MTRR 12 */
    assert_int_equal(guest.rcx & 0x1D220068, 0);
    assert_int_equal(guest.rcx >> 31, 1);
    assert_int_equal(guest.rdx & 0x1200, 0);
    guest.rax = 7;
    guest.rcx = 0;
    native_exit(VMX_EXIT_CPUID, 0, 2);
    assert_int_equal(guest.rbx & 1 << 10, 0); /* INVPCID */
    assert_int_equal(guest.rcx | guest.rdx | guest.rax, 0);
    guest.rax = 0x80000001;
    native_exit(VMX_EXIT_CPUID, 0, 2);
    assert_int_equal(guest.rdx & (1 << 27 | 1 << 26), 0); /* RDTSCP, 1 GB pages */
    guest.rax = 0xD;
    native_exit(VMX_EXIT_CPUID, 0, 2);
    assert_int_equal(guest.rax | guest.rbx | guest.rcx | guest.rdx, 0);
}

static void msrs_are_a_list(void **state)
{
    (void)state;
    static const uint32_t none[] = {0x1B, 0x3A, 0x79, 0x480, 0x48C, 0x808, 0xC0000103, 0xC0010000, 0x9B, 0x17A};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        for (unsigned write = 0; write < 2; write++) {
            native_set(VMCS_ENTRY_INTERRUPTION, 0);
            guest.rcx = none[i];
            native_exit(write ? VMX_EXIT_WRMSR : VMX_EXIT_RDMSR, 0, 2);
            assert_int_equal(native_injected(), GP_REAL);
            assert_int_equal(rip(), 0x7C00);
        }
    native_set(VMCS_ENTRY_INTERRUPTION, 0);
    guest.rcx = 0xC0000082; /* LSTAR: canonical or refused */
    guest.rax = 0;
    guest.rdx = 0x8000;
    native_exit(VMX_EXIT_WRMSR, 0, 2);
    assert_int_equal(native_injected(), GP_REAL);
    native_set(VMCS_ENTRY_INTERRUPTION, 0);
    guest.rdx = 0xFFFF8000;
    native_exit(VMX_EXIT_WRMSR, 0, 2);
    assert_int_equal(native_wrmsr_value, UINT64_C(0xFFFF800000000000));
    guest.rcx = 0xC0000084; /* FMASK: 32 bits */
    guest.rdx = 1;
    native_exit(VMX_EXIT_WRMSR, 0, 2);
    assert_int_equal(native_injected(), GP_REAL);
    native_set(VMCS_ENTRY_INTERRUPTION, 0);
    guest.rcx = 0x277; /* PAT: type 2 does not exist */
    guest.rdx = 0;
    guest.rax = 2;
    native_exit(VMX_EXIT_WRMSR, 0, 2);
    assert_int_equal(native_injected(), GP_REAL);
    native_set(VMCS_ENTRY_INTERRUPTION, 0);
    guest.rcx = 0xC0000080; /* EFER: a guest cannot set LMA, nor what is reserved */
    guest.rax = 0x500;
    native_exit(VMX_EXIT_WRMSR, 0, 2);
    assert_int_equal(vmcs_read(VMCS_GUEST_EFER), 0x100);
    guest.rax = 0x1000;
    native_exit(VMX_EXIT_WRMSR, 0, 2);
    assert_int_equal(native_injected(), GP_REAL);
}

/* ---- events ---- */

static void what_an_exit_cuts_short_comes_again(void **state)
{
    (void)state;
    PROTECTED(0);
    native_vectoring = PF_CODE;
    native_vectoring_error = 5;
    native_exit(VMX_EXIT_EXTERNAL_INTERRUPT, 0, 0);
    assert_int_equal(native_injected(), PF_CODE);
    assert_int_equal(vmcs_read(VMCS_ENTRY_ERROR_CODE), 5);
    native_set(VMCS_ENTRY_INTERRUPTION, 0);
    native_vectoring = 0x80000421; /* INT 21h of two bytes */
    native_exit(VMX_EXIT_EXTERNAL_INTERRUPT, 0, 2);
    assert_int_equal(native_injected(), 0x80000421);
    assert_int_equal(vmcs_read(VMCS_ENTRY_INSTRUCTION_LENGTH), 2);
    native_set(VMCS_ENTRY_INTERRUPTION, 0);
    native_set(VMCS_GUEST_CR0, 0x30); /* real mode pushes no error code */
    native_vectoring = GP_CODE;
    native_exit(VMX_EXIT_EXTERNAL_INTERRUPT, 0, 0);
    assert_int_equal(native_injected(), GP_REAL);
}

/* A shutdown, which the chipset of a PC answers with a reset. */
static void delivery_that_fails_becomes_a_double_then_a_reset(void **state)
{
    (void)state;
    PROTECTED(0);
    native_vectoring = GP_CODE; /* which meets something that is the guest's fault */
    native_set(VMCS_GUEST_PHYSICAL_ADDRESS, 0x1000);
    native_exit(VMX_EXIT_EPT_VIOLATION, 2, 0);
    assert_int_equal(native_injected(), DF_CODE);
    assert_int_equal(vmcs_read(VMCS_ENTRY_ERROR_CODE), 0);
    native_set(VMCS_ENTRY_INTERRUPTION, 0);
    native_vectoring = DF_CODE;
    native_exit(VMX_EXIT_EPT_VIOLATION, 2, 0);
    assert_string_equal(native_stop, "");
    assert_non_null(strstr(native_log, "guest: triple fault"));
    assert_non_null(strstr(native_log, "guest: reset"));
    assert_int_equal(rip(), 0xFFF0);
    assert_int_equal(vmcs_read(VMCS_GUEST_CR0) & 1, 0);
    assert_int_equal(native_injected(), 0);
}

/* The log keeps its head however often. */
static void a_triple_fault_is_a_reset_however_often(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 200; i++) {
        native_log[0] = 0;
        PROTECTED(0);
        native_set(VMCS_GUEST_RIP, 0x1234);
        pc_set_a20(false);
        native_exit(VMX_EXIT_TRIPLE_FAULT, 0, 0);
        assert_string_equal(native_stop, "");
        assert_int_equal(rip(), 0xFFF0);
        assert_true(pc_a20());
        assert_null(check_guest_state());
    }
    assert_string_equal(native_log, "");
}

static void interrupt_waits_for_its_window(void **state)
{
    (void)state;
    static const uint8_t words[][2] = {{0x20, 0x11}, {0x21, 8}, {0x21, 4}, {0x21, 1}, {0x21, 0xFD}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        pc_out(words[i][0], 1, words[i][1]);
    pc_irq(1, true);
    native_exit(VMX_EXIT_EXTERNAL_INTERRUPT, 0, 0); /* IF = 0 */
    assert_int_equal(native_injected(), 0);
    assert_int_equal(vmcs_read(VMCS_PRIMARY_CONTROLS) & PRIMARY_INTERRUPT_WINDOW, PRIMARY_INTERRUPT_WINDOW);
    native_set(VMCS_GUEST_RFLAGS, 0x202);
    native_set(VMCS_GUEST_INTERRUPTIBILITY, 1); /* STI has just been executed */
    native_exit(VMX_EXIT_EXTERNAL_INTERRUPT, 0, 0);
    assert_int_equal(native_injected(), 0);
    native_set(VMCS_GUEST_INTERRUPTIBILITY, 0);
    native_exit(VMX_EXIT_INTERRUPT_WINDOW, 0, 0);
    assert_int_equal(vmcs_read(VMCS_ENTRY_INTERRUPTION), 9); /* and that entry has taken it */
    assert_int_equal(vmcs_read(VMCS_PRIMARY_CONTROLS) & PRIMARY_INTERRUPT_WINDOW, 0);
}

/* STI and MOV SS block interrupts for one instruction; an NMI's blocking (bit 3) goes on. */
static void blocking_ends_with_its_instruction(void **state)
{
    (void)state;
    native_set(VMCS_GUEST_RFLAGS, 0x202);
    for (unsigned kind = 1; kind <= 2; kind++) {
        native_set(VMCS_GUEST_INTERRUPTIBILITY, 8 | kind);
        native_exit(VMX_EXIT_IO, IO(0x1234, 1, IO_IN), 1);
        assert_int_equal(vmcs_read(VMCS_GUEST_INTERRUPTIBILITY), 8);
    }
}

/* "Processor State After Reset", as far as a guest could see what was before. */
static void a_reset_has_its_registers(void **state)
{
    (void)state;
    static const struct {
        vcpu_register which;
        uint64_t before, after;
    } all[] = {{VCPU_OF(VCPU_SELECTOR, SEGMENT_CS), 8, 0xF000},
               {VCPU_OF(VCPU_SELECTOR, SEGMENT_GS), 0x18, 0},
               {VCPU_OF(VCPU_BASE, SEGMENT_FS), 0x12345, 0},
               {VCPU_OF(VCPU_LIMIT, SEGMENT_DS), UINT32_MAX, 0xFFFF},
               {VCPU_OF(VCPU_RIGHTS, SEGMENT_SS), 0xC093, 0x93},
               {VCPU_GDTR_BASE, 0x1000, 0},
               {VCPU_IDTR_LIMIT, 7, 0xFFFF},
               {VCPU_RIP, 5, 0xFFF0},
               {VCPU_RSP, 5, 0},
               {VCPU_RFLAGS, 0x246, 2},
               {VCPU_CR2, 5, 0},
               {VCPU_CR3, 0x1000, 0},
               {VCPU_DR6, 0xFFFF4FF1, 0xFFFF0FF0},
               {VCPU_DR7, 0x455, 0x400},
               {VCPU_EFER, 0xD01, 0},
               {VCPU_PAT, 0x06, UINT64_C(0x0007040600070406)},
               {VCPU_SYSENTER_CS, 8, 0},
               {VCPU_SYSENTER_ESP, 8, 0},
               {VCPU_HALTED, 1, 0},
               {VCPU_BLOCKING, 1, 0},
               {VCPU_PENDING_DEBUG, 0x4000, 0}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        vcpu_set(all[i].which, all[i].before);
    guest_reset();
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        assert_int_equal(vcpu_get(all[i].which), all[i].after);
    assert_null(check_guest_state());
}

static void single_step_survives(void **state)
{
    (void)state;
    native_set(VMCS_GUEST_RFLAGS, 0x302);
    native_exit(VMX_EXIT_HLT, 0, 1); /* IF is on: a HLT with a pending single step is a state that must be consistent */
    assert_int_equal(vmcs_read(VMCS_GUEST_PENDING_DEBUG), 0x4000);
    assert_int_equal(vmcs_read(VMCS_GUEST_ACTIVITY), 1);
    assert_null(check_guest_state());
}

static void rip_wraps_where_it_must(void **state)
{
    (void)state;
    PROTECTED(0);
    native_set(VMCS_GUEST_RIP, UINT32_MAX);
    native_exit(VMX_EXIT_CPUID, 0, 2);
    assert_int_equal(rip(), 1);
}

/* Every basic exit reason that the SDM's appendix lists up to 61, and what becomes of it: an exception for the guest,
 * the end of the guest, or pxHV's own, each by name. Those that a guest's instructions do and that pxHV carries out
 * have tests of their own. */
static void each_reason_is_dealt_with(void **state)
{
    enum { UNDEFINED = 1, FORBIDDEN, ON, NOT_ASKED };
    static const struct {
        unsigned reason;
        int becomes;
        const char *stops;
    } reasons[] = {{0, 0, "exit: an exception that was not asked for"},
                   {1, ON, NULL}, /* external interrupt: masked, counted */
                   {3, 0, "exit: the machine asks this processor to start anew"}, /* INIT */
                   {4, 0, "exit: the machine asks this processor to start anew"}, /* SIPI */
                   {7, ON, NULL},                                                 /* interrupt window */
                   {8, NOT_ASKED, NULL},                                          /* NMI window */
                   {11, UNDEFINED, NULL},                                         /* GETSEC */
                   {14, NOT_ASKED, NULL},                                         /* INVLPG */
                   {15, FORBIDDEN, NULL},                                         /* RDPMC: no counters */
                   {16, NOT_ASKED, NULL},                                         /* RDTSC */
                   {17, UNDEFINED, NULL},                                         /* RSM */
                   {18, UNDEFINED, NULL},                                         /* VMCALL outside the stubs */
                   {19, UNDEFINED, NULL},
                   {20, UNDEFINED, NULL},
                   {21, UNDEFINED, NULL},
                   {22, UNDEFINED, NULL},
                   {23, UNDEFINED, NULL},
                   {24, UNDEFINED, NULL},
                   {25, UNDEFINED, NULL},
                   {26, UNDEFINED, NULL},
                   {27, UNDEFINED, NULL}, /* VMCLEAR to VMXON */
                   {29, NOT_ASKED, NULL}, /* debug registers */
                   {33, NOT_ASKED, NULL}, /* a failed entry without bit 31 */
                   {34, NOT_ASKED, NULL},
                   {36, UNDEFINED, NULL}, /* MWAIT */
                   {37, NOT_ASKED, NULL}, /* monitor trap flag */
                   {39, UNDEFINED, NULL}, /* MONITOR */
                   {40, NOT_ASKED, NULL}, /* PAUSE */
                   {41, NOT_ASKED, NULL},
                   {46, NOT_ASKED, NULL}, /* descriptor tables */
                   {47, NOT_ASKED, NULL},
                   {49, 0, "ept: an entry for"},
                   {50, UNDEFINED, NULL}, /* INVEPT */
                   {51, NOT_ASKED, NULL}, /* RDTSCP */
                   {52, ON, NULL},        /* preemption timer */
                   {53, UNDEFINED, NULL}, /* INVVPID */
                   {54, NOT_ASKED, NULL}, /* WBINVD */
                   {55, UNDEFINED, NULL}, /* XSETBV */
                   {57, NOT_ASKED, NULL}, /* RDRAND */
                   {58, NOT_ASKED, NULL}, /* INVPCID */
                   {59, NOT_ASKED, NULL}, /* VMFUNC */
                   {61, NOT_ASKED, NULL}, /* RDSEED */
                   {5, 0, "exit: reason 5, "},
                   {6, 0, "exit: reason 6, "},
                   {35, 0, "exit: reason 35, "},
                   {62, 0, "exit: reason 62, "},
                   {200, 0, "exit: reason 200, "}};
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++) {
        const int becomes = reasons[i].becomes;
        setup(state);
        native_set(VMCS_EXIT_INTERRUPTION, 0x80000306);
        native_exit(reasons[i].reason, 0, 3);
        assert_int_equal(rip(), 0x7C00);
        assert_int_equal(native_injected(), becomes == UNDEFINED ? UD : becomes == FORBIDDEN ? GP_REAL : 0);
        const char *const stops = reasons[i].stops != NULL ? reasons[i].stops
                                  : becomes == NOT_ASKED   ? "was not asked for"
                                                           : NULL;
        if (stops == NULL ? native_stop[0] != 0 : strstr(native_stop, stops) == NULL)
            fail_msg("reason %u: stopped by '%s', expected '%s'", reasons[i].reason, native_stop,
                     stops != NULL ? stops : "");
    }
}

static void what_is_the_machines_and_not_the_guests(void **state)
{
    (void)state;
    assert_int_equal(vmcs_read(VMCS_EXCEPTION_BITMAP), 1 << 18 | 1 << 17 | 1 << 1);
    native_set(VMCS_EXIT_INTERRUPTION, 0x80000202);
    native_exit(VMX_EXIT_EXCEPTION, 0, 0); /* an NMI is counted */
    assert_string_equal(native_stop, "");
    native_set(VMCS_EXIT_INTERRUPTION, 0x80000312);
    native_exit(VMX_EXIT_EXCEPTION, 0, 0);
    assert_non_null(strstr(native_stop, "machine check while the guest ran"));
    setup(state);
    native_exit(VMX_EXIT_INVD, 0, 2); /* written back, not thrown away */
    assert_int_equal(native_wbinvd, 1);
    assert_int_equal(rip(), 0x7C02);
    native_exit(VMX_EXIT_GUEST_STATE | 0x80000000, 0, 0);
    assert_non_null(strstr(native_stop, "vmx: entry failed, reason 33"));
    setup(state);
    native_exit(VMX_EXIT_MSR_LOAD | 0x80000000, 0, 0);
    assert_non_null(strstr(native_stop, "vmx: entry failed, reason 34"));
    setup(state);
    native_exit(VMX_EXIT_MACHINE_CHECK | 0x80000000, 0, 0);
    assert_non_null(strstr(native_stop, "vmx: entry failed, reason 41"));
}

/* MOV to and from CR8: 4 bits that the guest keeps for itself, whatever the machine's local APIC has. */
static void cr8_is_the_guests_own(void **state)
{
    (void)state;
    PROTECTED(0);
    assert_int_equal(vmcs_read(VMCS_PRIMARY_CONTROLS) & 0x180800, 0x180800); /* exits on CR8 both ways, and on RDPMC */
    guest.rbx = 9;
    native_exit(VMX_EXIT_CR_ACCESS, MOV_TO(8, 3), 4);
    assert_int_equal(rip(), 0x7C04);
    native_exit(VMX_EXIT_CR_ACCESS, MOV_TO(8, 10) | 1 << 4, 4); /* MOV R10, CR8 */
    assert_int_equal(guest.r10, 9);
    native_exit(VMX_EXIT_CR_ACCESS, MOV_TO(8, 4) | 1 << 4, 4); /* MOV RSP, CR8 */
    assert_int_equal(vmcs_read(VMCS_GUEST_RSP), 9);
    guest.rbx = 16;
    native_exit(VMX_EXIT_CR_ACCESS, MOV_TO(8, 3), 4);
    assert_int_equal(native_injected(), GP_CODE); /* bits 63:4 are reserved */
    native_set(VMCS_ENTRY_INTERRUPTION, 0);
    native_exit(VMX_EXIT_CR_ACCESS, MOV_TO(8, 10) | 1 << 4, 4);
    assert_int_equal(guest.r10, 9);
    guest_reset();
    native_exit(VMX_EXIT_CR_ACCESS, MOV_TO(8, 10) | 1 << 4, 4);
    assert_int_equal(guest.r10, 0);
}

static void hlt_with_interrupts_off_ends(void **state)
{
    (void)state;
    native_exit(VMX_EXIT_HLT, 0, 1);
    assert_non_null(strstr(native_stop, "HLT with interrupts off"));
}

/* ---- VMCALL and EPT ---- */

static void vmcall_only_at_a_stub(void **state)
{
    (void)state;
    native_set(VMCS_GUEST_CS_BASE, 0xF0000);
    native_set(VMCS_GUEST_RIP, 0x2000 + 16 * 0x12);
    native_exit(VMX_EXIT_VMCALL, 0, 3); /* INT 12h: AX = 639 */
    assert_int_equal(native_injected(), 0);
    assert_int_equal(guest.rax & 0xFFFF, 639);
    native_set(VMCS_GUEST_RIP, 0x2000 + 16 * 0x12 + 1);
    native_exit(VMX_EXIT_VMCALL, 0, 3);
    assert_int_equal(native_injected(), UD);
    native_set(VMCS_ENTRY_INTERRUPTION, 0);
    native_set(VMCS_GUEST_RIP, 0x2000 + 16 * 0x12);
    PROTECTED(0);
    native_exit(VMX_EXIT_VMCALL, 0, 3);
    assert_int_equal(native_injected(), UD);
    native_set(VMCS_ENTRY_INTERRUPTION, 0);
    native_set(VMCS_GUEST_RFLAGS, 0x20002); /* virtual-8086 mode is as good as real mode */
    native_exit(VMX_EXIT_VMCALL, 0, 3);
    assert_int_equal(native_injected(), 0);
    native_set(VMCS_GUEST_RIP, 0x3000); /* but not for the reset entry */
    native_exit(VMX_EXIT_VMCALL, 0, 3);
    assert_int_equal(native_injected(), UD);
}

static void holes_read_ones_and_forget(void **state)
{
    (void)state;
    uint8_t byte = 0;
    for (uint64_t at = NATIVE_RAM; at < NATIVE_RAM + 0x4000; at += 0x1000) {
        assert_false(guest_read(&byte, at, 1));
        assert_false(guest_write(at, &byte, 1));
        assert_false(guest_write(at - 1, "ab", 2));
    }
    assert_false(guest_read(&byte, UINT64_MAX, 1));
    assert_false(guest_read(&byte, 0, UINT64_MAX));
    assert_false(guest_read(&byte, 0xC0000, 1));
    native_set(VMCS_GUEST_PHYSICAL_ADDRESS, 0x1000); /* RAM never violates: whatever it was is not to be repeated */
    native_exit(VMX_EXIT_EPT_VIOLATION, 2, 0);
    assert_int_equal(native_injected(), GP_REAL);
    assert_true(native_untouched());
}

static void a20_closed_is_closed_for_everyone(void **state)
{
    (void)state;
    uint8_t byte = 0;
    native_memory[0x10] = 'l';
    native_memory[0x100010] = 'h';
    guest.rax = 0;
    native_exit(VMX_EXIT_IO, IO(0x92, 1, 0), 2);
    assert_true(native_invept > 0);
    assert_true(guest_read(&byte, 0x100010, 1));
    assert_int_equal(byte, 'l');
    assert_true(guest_read(&byte, 0x110010, 1)); /* only 64 KB are folded */
    guest.rax = 2;
    native_exit(VMX_EXIT_IO, IO(0x92, 1, 0), 2);
    assert_true(guest_read(&byte, 0x100010, 1));
    assert_int_equal(byte, 'h');
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup(f, setup)
    const struct CMUnitTest tests[] = {TEST(in_keeps_the_upper_parts),
                                       TEST(ports_end_at_ffff),
                                       TEST(pci_is_not_there),
                                       TEST(string_with_count_zero),
                                       TEST(string_wraps_at_64k_and_goes_down),
                                       TEST(string_with_count_all_ones),
                                       TEST(string_meets_the_segment_limit),
                                       TEST(string_in_segments_that_forbid),
                                       TEST(string_faults_in_its_middle),
                                       TEST(string_crosses_4_gb),
                                       TEST(string_at_an_address_that_is_not_canonical),
                                       TEST(page_tables_beyond_ram),
                                       TEST(cr0_keeps_ne_and_the_cache),
                                       TEST(cr0_into_long_mode_and_out),
                                       TEST(cr4_is_a_list),
                                       TEST(reset_leaves_long_mode),
                                       TEST(the_bios_is_rom),
                                       TEST(cpuid_is_a_list),
                                       TEST(msrs_are_a_list),
                                       TEST(what_an_exit_cuts_short_comes_again),
                                       TEST(delivery_that_fails_becomes_a_double_then_a_reset),
                                       TEST(a_triple_fault_is_a_reset_however_often),
                                       TEST(interrupt_waits_for_its_window),
                                       TEST(blocking_ends_with_its_instruction),
                                       TEST(a_reset_has_its_registers),
                                       TEST(single_step_survives),
                                       TEST(rip_wraps_where_it_must),
                                       TEST(each_reason_is_dealt_with),
                                       TEST(what_is_the_machines_and_not_the_guests),
                                       TEST(cr8_is_the_guests_own),
                                       TEST(hlt_with_interrupts_off_ends),
                                       TEST(vmcall_only_at_a_stub),
                                       TEST(holes_read_ones_and_forget),
                                       TEST(a20_closed_is_closed_for_everyone)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* exit_cpu.c - the processor that the guest sees: CPUID and MSRs by lists of what it may have, and the bits of CR0 and
 * CR4 that VMX keeps for itself. What is on no list reads 0 (CPUID) or is a general protection exception (MSR). */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "firmware/machine/cpu.h"
#include "firmware/machine/log.h"
#include "firmware/vcpu/event.h"
#include "firmware/vcpu/linear.h"
#include "firmware/vcpu/vcpu.h"
#include "firmware/vmx/check.h"
#include "firmware/vmx/ept.h"
#include "firmware/vmx/exit.h"
#include "firmware/vmx/vmx.h"

/* ---- CPUID ---- */

#define BIT(n) (UINT32_C(1) << (n))

/* Leaf 1. Hidden: MONITOR, VMX, SMX, x2APIC, TSC deadline, XSAVE and what needs it, RDRAND; APIC, MTRR, machine checks.
 */
#define LEAF1_C (BIT(0) | BIT(1) | BIT(9) | BIT(13) | BIT(19) | BIT(20) | BIT(22) | BIT(23) | BIT(25))
#define LEAF1_D                                                                                                        \
    (BIT(0) | BIT(1) | BIT(2) | BIT(3) | BIT(4) | BIT(5) | BIT(6) | BIT(8) | BIT(11) | BIT(13) | BIT(15) | BIT(16) |   \
     BIT(17) | BIT(19) | BIT(23) | BIT(24) | BIT(25) | BIT(26))
#define HYPERVISOR BIT(31) /* of leaf 1 C: leaf 40000000h tells which */
/* Leaf 7: FSGSBASE, BMI1, SMEP, BMI2, ERMS, SMAP. Hidden above all: INVPCID, whose control is off. */
#define LEAF7_B (BIT(0) | BIT(3) | BIT(7) | BIT(8) | BIT(9) | BIT(20))
/* Leaf 80000001h: LAHF, LZCNT, PREFETCHW; SYSCALL, NX, long mode. Hidden: RDTSCP, pages of 1 GB. */
#define LEAF8_C (BIT(0) | BIT(5) | BIT(8))
#define LEAF8_D (BIT(11) | BIT(20) | BIT(29))

static cpuid_words guest_cpuid(uint32_t leaf, uint32_t subleaf)
{
    cpuid_words w = cpuid(leaf, subleaf);
    switch (leaf) {
    case 0:
        w.a = w.a < 7 ? w.a : 7;
        return w;
    case 1:
        w.b = (w.b & 0xFF00) | 1 << 16; /* the CLFLUSH line; one processor, APIC 0 */
        w.c = (w.c & LEAF1_C) | HYPERVISOR;
        w.d &= LEAF1_D;
        return w;
    case 2:
        return w;
    case 4:
        w.a &= 0x3FFF; /* caches shared by one processor, in a package of one */
        return w;
    case 7:
        return (cpuid_words){.b = subleaf == 0 ? w.b & LEAF7_B : 0};
    case 0x40000000:
        return (cpuid_words){leaf, 0x56487870, 0x56487870, 0x56487870}; /* "pxHV" three times */
    case 0x80000000:
        w.a = w.a < 0x80000008 ? w.a : 0x80000008;
        return w;
    case 0x80000001:
        return (cpuid_words){w.a, 0, w.c & LEAF8_C, w.d & LEAF8_D};
    case 0x80000002:
    case 0x80000003:
    case 0x80000004:
    case 0x80000006:
        return w;
    case 0x80000007:
        return (cpuid_words){.d = w.d & BIT(8)}; /* invariant TSC */
    case 0x80000008:
        return (cpuid_words){.a = w.a & 0xFFFF};
    default:
        return (cpuid_words){0};
    }
}

void exit_cpuid(void)
{
    const cpuid_words w = guest_cpuid((uint32_t)guest.rax, (uint32_t)guest.rcx);
    guest.rax = w.a;
    guest.rbx = w.b;
    guest.rcx = w.c;
    guest.rdx = w.d;
    vcpu_skip_instruction();
}

/* ---- MSRs ---- */

/* How an MSR of the guest is kept. */
enum msr_kind {
    MSR_ZERO,     /* reads 0, writes are ignored */
    MSR_PHYSICAL, /* the processor's own: pxHV does not use it */
    MSR_WORD,     /* the same, of which bits 63:32 are reserved */
    MSR_ADDRESS,  /* the same, and holds an address that must be canonical */
    MSR_FIELD,    /* a field of the VMCS */
    MSR_FIELD_ADDRESS,
    MSR_TSC,
    MSR_EFER
};

static const struct msr {
    uint32_t number;
    enum msr_kind kind;
    enum vmcs_field field;
} msrs[] = {
    {0x10, MSR_TSC, 0},  /* IA32_TIME_STAMP_COUNTER */
    {0x17, MSR_ZERO, 0}, /* IA32_PLATFORM_ID */
    {0x8B, MSR_ZERO, 0}, /* IA32_BIOS_SIGN_ID: microcode */
    {0x174, MSR_FIELD, VMCS_GUEST_SYSENTER_CS},
    {0x175, MSR_FIELD_ADDRESS, VMCS_GUEST_SYSENTER_ESP},
    {0x176, MSR_FIELD_ADDRESS, VMCS_GUEST_SYSENTER_EIP},
    {0x1A0, MSR_ZERO, 0}, /* IA32_MISC_ENABLE */
    {0x1D9, MSR_ZERO, 0}, /* IA32_DEBUGCTL */
    {0x277, MSR_FIELD, VMCS_GUEST_PAT},
    {0xC0000080, MSR_EFER, VMCS_GUEST_EFER},
    {0xC0000081, MSR_PHYSICAL, 0}, /* STAR */
    {0xC0000082, MSR_ADDRESS, 0},  /* LSTAR */
    {0xC0000083, MSR_ADDRESS, 0},  /* CSTAR */
    {0xC0000084, MSR_WORD, 0},     /* FMASK */
    {0xC0000100, MSR_FIELD_ADDRESS, VMCS_GUEST_FS_BASE},
    {0xC0000101, MSR_FIELD_ADDRESS, VMCS_GUEST_GS_BASE},
    {0xC0000102, MSR_ADDRESS, 0}, /* KERNEL_GS_BASE */
};

#define EFER_SCE UINT64_C(1)
#define EFER_LME (UINT64_C(1) << 8)
#define EFER_LMA (UINT64_C(1) << 10)
#define EFER_NXE (UINT64_C(1) << 11)
#define CR0_PG   (UINT64_C(1) << 31)

#define MSRS_LOGGED 64u

static const struct msr *msr_of(uint32_t number)
{
    for (size_t i = 0; i < sizeof msrs / sizeof *msrs; i++)
        if (msrs[i].number == number)
            return &msrs[i];
    return NULL;
}

/* A guest that tries them all does not fill the log. */
static void log_unknown(const char *what, uint32_t number)
{
    static unsigned logged;
    if (logged < MSRS_LOGGED)
        hv_log("msr: the guest %s %x, which it does not have%s", what, number,
               ++logged == MSRS_LOGGED ? "; further ones are not logged" : "");
}

void exit_rdmsr(void)
{
    const uint32_t number = (uint32_t)guest.rcx;
    const struct msr *msr = msr_of(number);
    uint64_t value = 0;
    if (msr == NULL) {
        log_unknown("reads", number);
        event_exception(GUEST_GP, 0);
        return;
    }
    switch (msr->kind) {
    case MSR_ZERO:
        break;
    case MSR_PHYSICAL:
    case MSR_WORD:
    case MSR_ADDRESS:
        value = rdmsr(number);
        break;
    case MSR_TSC:
        value = rdtsc();
        break;
    default:
        value = vmcs_read(msr->field);
        break;
    }
    guest.rax = (uint32_t)value;
    guest.rdx = value >> 32;
    vcpu_skip_instruction();
}

/* "IA32_PAT MSR": each byte a memory type. */
static bool good_pat(uint64_t value)
{
    for (; value != 0; value >>= 8)
        if ((value & 0xFF) > 7 || (value & 0xFF) == 2 || (value & 0xFF) == 3)
            return false;
    return true;
}

static bool write_efer(uint64_t value)
{
    const uint64_t old = vmcs_read(VMCS_GUEST_EFER);
    if ((value & ~(EFER_SCE | EFER_LME | EFER_LMA | EFER_NXE)) != 0)
        return false;
    if ((vmcs_read(VMCS_GUEST_CR0) & CR0_PG) != 0 && ((old ^ value) & EFER_LME) != 0)
        return false;
    vmcs_write(VMCS_GUEST_EFER, (value & ~EFER_LMA) | (old & EFER_LMA));
    return true;
}

static bool write_msr(const struct msr *msr, uint64_t value)
{
    switch (msr->kind) {
    case MSR_ZERO:
    case MSR_TSC:
        return true;
    case MSR_EFER:
        return write_efer(value);
    case MSR_ADDRESS:
    case MSR_WORD:
    case MSR_PHYSICAL: /* a WRMSR that the processor refused would be pxHV's own exception */
        if ((msr->kind == MSR_ADDRESS && !linear_canonical(value)) || (msr->kind == MSR_WORD && value >> 32 != 0))
            return false;
        wrmsr(msr->number, value);
        return true;
    case MSR_FIELD_ADDRESS:
        if (!linear_canonical(value))
            return false;
        break;
    case MSR_FIELD:
        if (msr->field == VMCS_GUEST_PAT && !good_pat(value))
            return false;
        break;
    }
    vmcs_write(msr->field, value);
    return true;
}

void exit_wrmsr(void)
{
    const uint32_t number = (uint32_t)guest.rcx;
    const struct msr *msr = msr_of(number);
    if (msr == NULL)
        log_unknown("writes", number);
    if (msr == NULL || !write_msr(msr, guest.rdx << 32 | (uint32_t)guest.rax))
        event_exception(GUEST_GP, 0);
    else
        vcpu_skip_instruction();
}

/* ---- control registers ---- */

#define CR0_PE   UINT64_C(1)
#define CR0_TS   (UINT64_C(1) << 3)
#define CR0_ET   (UINT64_C(1) << 4)
#define CR0_NE   (UINT64_C(1) << 5)
#define CR0_NW   (UINT64_C(1) << 29)
#define CR0_CD   (UINT64_C(1) << 30)
#define CR0_OWN  (CR0_NE | CR0_NW | CR0_CD)
#define CR4_PAE  (UINT64_C(1) << 5)
#define CR0_BITS UINT64_C(0xE005003F) /* the others are reserved, and writes to them ignored */

#define CS_LONG     (UINT64_C(1) << 13)
#define BUSY_TSS_32 11u

/* "PDPTE Registers": with PAE paging, a move to CR0 or CR4 that exits loads them, which VM entry then takes from the
 * VMCS. */
bool exit_load_pdptes(void)
{
    static const enum vmcs_field field[] = {VMCS_GUEST_PDPTE0, VMCS_GUEST_PDPTE1, VMCS_GUEST_PDPTE2, VMCS_GUEST_PDPTE3};
    uint64_t entry[4];
    if (!guest_read(entry, vmcs_read(VMCS_GUEST_CR3) & UINT64_C(0xFFFFFFE0), sizeof entry))
        return false;
    for (unsigned i = 0; i < 4; i++)
        if (!check_pdpte(entry[i]))
            return false;
    for (unsigned i = 0; i < 4; i++)
        vmcs_write(field[i], entry[i]);
    return true;
}

/* As the guest reads it. */
static uint64_t guest_cr0(void)
{
    return (vmcs_read(VMCS_GUEST_CR0) & ~CR0_OWN) | (vmcs_read(VMCS_CR0_SHADOW) & CR0_OWN);
}

/* A new CR0 whole: what belongs to VMX stays, paging goes on or off with what hangs on it. */
static bool write_guest_cr0(uint64_t value)
{
    const uint64_t old = vmcs_read(VMCS_GUEST_CR0), cr4 = vmcs_read(VMCS_GUEST_CR4);
    uint64_t efer = vmcs_read(VMCS_GUEST_EFER);
    const bool code_64 = (vmcs_read(VMCS_GUEST_CS_RIGHTS) & CS_LONG) != 0;
    if (value >> 32 != 0 || ((value & CR0_PG) != 0 && (value & CR0_PE) == 0) ||
        ((value & CR0_NW) != 0 && (value & CR0_CD) == 0))
        return false;
    value &= CR0_BITS;
    const bool on = (value & CR0_PG) != 0, long_mode = on && (efer & EFER_LME) != 0;
    if (on && !long_mode && (cr4 & CR4_PAE) != 0 && ((guest_cr0() ^ value) & (CR0_PG | CR0_NW | CR0_CD)) != 0 &&
        !exit_load_pdptes())
        return false;
    if (((old ^ value) & CR0_PG) != 0) {
        if (long_mode && ((cr4 & CR4_PAE) == 0 || code_64 || (vmcs_read(VMCS_GUEST_TR_RIGHTS) & 15) != BUSY_TSS_32))
            return false;
        if (!on && (efer & EFER_LMA) != 0 && code_64)
            return false;
        efer = long_mode ? efer | EFER_LMA : efer & ~EFER_LMA;
        vmcs_write(VMCS_GUEST_EFER, efer);
        const uint64_t entry = vmcs_read(VMCS_ENTRY_CONTROLS) & ~(uint64_t)ENTRY_GUEST_64;
        vmcs_write(VMCS_ENTRY_CONTROLS, entry | (long_mode ? ENTRY_GUEST_64 : 0));
    }
    vmcs_write(VMCS_CR0_SHADOW, value);
    vmcs_write(VMCS_GUEST_CR0, (value & ~(CR0_NW | CR0_CD)) | CR0_NE | CR0_ET);
    return true;
}

static uint64_t *general_register(unsigned number)
{
    static uint64_t *const table[] = {&guest.rax, &guest.rcx, &guest.rdx, &guest.rbx, NULL,       &guest.rbp,
                                      &guest.rsi, &guest.rdi, &guest.r8,  &guest.r9,  &guest.r10, &guest.r11,
                                      &guest.r12, &guest.r13, &guest.r14, &guest.r15};
    return table[number & 15];
}

/* CR8 is the priority of the local APIC's processor: the guest has no APIC, and its CR8 nothing to say. It is kept. */
static uint64_t cr8;

/* What the guest's next life would find in registers that the VMCS does not have. */
void exit_cpu_reset(void)
{
    cr8 = 0;
    write_cr2(0);
    write_dr6(UINT64_C(0xFFFF0FF0));
    for (size_t i = 0; i < sizeof msrs / sizeof *msrs; i++)
        if (msrs[i].kind == MSR_PHYSICAL || msrs[i].kind == MSR_ADDRESS)
            wrmsr(msrs[i].number, 0);
}

static bool write_cr8(uint64_t value)
{
    if (value > 15)
        return false;
    cr8 = value;
    return true;
}

static bool read_cr8(uint64_t *to)
{
    if (to != NULL)
        *to = cr8;
    else
        vmcs_write(VMCS_GUEST_RSP, cr8);
    return true;
}

/* "Exit Qualification for Control-Register Accesses": MOV to CR0, CLTS, LMSW, MOV to and from CR8. A MOV to CR4 exits
 * only when it sets a bit that the guest may not have; nothing else exits. */
void exit_cr(void)
{
    const uint64_t q = vmcs_read(VMCS_EXIT_QUALIFICATION);
    const unsigned cr = (unsigned)(q & 15), kind = (unsigned)(q >> 4 & 3);
    uint64_t *const source = general_register((unsigned)(q >> 8 & 15));
    const uint64_t whole = source != NULL ? *source : vmcs_read(VMCS_GUEST_RSP);
    const uint64_t value = vcpu_64_bit_code() ? whole : whole & UINT32_MAX, cr0 = guest_cr0();
    bool good = false;
    if (kind == 0 && cr == 0)
        good = write_guest_cr0(value);
    else if (kind == 0 && cr == 8)
        good = write_cr8(value);
    else if (kind == 1 && cr == 8)
        good = read_cr8(source);
    else if (kind == 2)
        good = write_guest_cr0(cr0 & ~CR0_TS);
    else if (kind == 3)
        good = write_guest_cr0((cr0 & ~UINT64_C(0xE)) | (q >> 16 & 0xF)); /* LMSW sets PE, never clears it */
    if (good)
        vcpu_skip_instruction();
    else
        event_exception(GUEST_GP, 0);
}

void exit_undefined(void) { event_exception(GUEST_UD, 0); }
void exit_forbidden(void) { event_exception(GUEST_GP, 0); }

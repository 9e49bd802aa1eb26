/* exit_cpu.c - the processor that the guest sees: CPUID and MSRs by lists of what it may have. What is on no list reads
 * 0 (CPUID) or is a general protection exception (MSR). */
#include "firmware/vcpu/exits.h"

#include <stddef.h>

#include "firmware/machine/cpu.h"
#include "firmware/machine/log.h"
#include "firmware/vcpu/event.h"
#include "firmware/vcpu/linear.h"

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
    MSR_REGISTER, /* a register of vcpu.h */
    MSR_WORD,     /* the same, of which bits 63:32 are reserved */
    MSR_ADDRESS,  /* the same, and holds an address that must be canonical */
    MSR_TSC,
    MSR_EFER
};

static const struct msr {
    uint32_t number;
    enum msr_kind kind;
    vcpu_register in;
} msrs[] = {
    {0x10, MSR_TSC, 0},  /* IA32_TIME_STAMP_COUNTER */
    {0x17, MSR_ZERO, 0}, /* IA32_PLATFORM_ID */
    {0x8B, MSR_ZERO, 0}, /* IA32_BIOS_SIGN_ID: microcode */
    {0x174, MSR_REGISTER, VCPU_SYSENTER_CS},
    {0x175, MSR_ADDRESS, VCPU_SYSENTER_ESP},
    {0x176, MSR_ADDRESS, VCPU_SYSENTER_EIP},
    {0x1A0, MSR_ZERO, 0}, /* IA32_MISC_ENABLE */
    {0x1D9, MSR_ZERO, 0}, /* IA32_DEBUGCTL */
    {0x277, MSR_REGISTER, VCPU_PAT},
    {0xC0000080, MSR_EFER, VCPU_EFER},
    {IA32_STAR, MSR_REGISTER, VCPU_STAR},
    {IA32_LSTAR, MSR_ADDRESS, VCPU_LSTAR},
    {IA32_CSTAR, MSR_ADDRESS, VCPU_CSTAR},
    {IA32_FMASK, MSR_WORD, VCPU_FMASK},
    {0xC0000100, MSR_ADDRESS, VCPU_OF(VCPU_BASE, SEGMENT_FS)},
    {0xC0000101, MSR_ADDRESS, VCPU_OF(VCPU_BASE, SEGMENT_GS)},
    {IA32_KERNEL_GS_BASE, MSR_ADDRESS, VCPU_KERNEL_GS_BASE},
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
    case MSR_TSC:
        value = rdtsc();
        break;
    default:
        value = vcpu_get(msr->in);
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
    const uint64_t old = vcpu_get(VCPU_EFER);
    if ((value & ~(EFER_SCE | EFER_LME | EFER_LMA | EFER_NXE)) != 0)
        return false;
    if ((vcpu_get(VCPU_CR0) & CR0_PG) != 0 && ((old ^ value) & EFER_LME) != 0)
        return false;
    vcpu_set(VCPU_EFER, (value & ~EFER_LMA) | (old & EFER_LMA));
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
    case MSR_WORD: /* a WRMSR that the processor refused would be pxHV's own exception */
        if (value >> 32 != 0)
            return false;
        break;
    case MSR_ADDRESS:
        if (!linear_canonical(value))
            return false;
        break;
    case MSR_REGISTER:
        if (msr->in == VCPU_PAT && !good_pat(value))
            return false;
        break;
    }
    vcpu_set(msr->in, value);
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

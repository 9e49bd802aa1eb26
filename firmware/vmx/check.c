/* check.c - see check.h. One function for each heading of the SDM's section. */
#include "firmware/vmx/check.h"

#include <stddef.h>

#include "firmware/machine/cpu.h"
#include "firmware/vcpu/linear.h"
#include "firmware/vmx/vmx.h"

#define BIT(n) (UINT64_C(1) << (n))

#define CR0_PE    BIT(0)
#define CR0_PG    BIT(31)
#define CR4_PAE   BIT(5)
#define CR4_PCIDE BIT(17)
#define EFER_LME  BIT(8)
#define EFER_LMA  BIT(10)
#define RFLAGS_VM BIT(17)
#define RFLAGS_IF BIT(9)
#define RFLAGS_TF BIT(8)

static bool long_mode(void) { return (vmcs_read(VMCS_ENTRY_CONTROLS) & ENTRY_GUEST_64) != 0; }
static bool virtual_8086(void) { return (vmcs_read(VMCS_GUEST_RFLAGS) & RFLAGS_VM) != 0; }

/* "Checks on Guest Control Registers, Debug Registers, and MSRs" */
static const char *check_control_registers(void)
{
    const uint64_t cr0 = vmcs_read(VMCS_GUEST_CR0), cr4 = vmcs_read(VMCS_GUEST_CR4), efer = vmcs_read(VMCS_GUEST_EFER);
    const uint64_t must0 = rdmsr(IA32_VMX_CR0_FIXED0) & ~(CR0_PE | CR0_PG); /* unrestricted: PE and PG are free */
    if ((cr0 & must0) != must0 || (cr0 & ~rdmsr(IA32_VMX_CR0_FIXED1)) != 0)
        return "CR0 has a bit that VMX does not support";
    if ((cr0 & CR0_PG) != 0 && (cr0 & CR0_PE) == 0)
        return "CR0.PG without PE";
    if ((cr4 & rdmsr(IA32_VMX_CR4_FIXED0)) != rdmsr(IA32_VMX_CR4_FIXED0) || (cr4 & ~rdmsr(IA32_VMX_CR4_FIXED1)) != 0)
        return "CR4 has a bit that VMX does not support";
    if (long_mode() && ((cr0 & CR0_PG) == 0 || (cr4 & CR4_PAE) == 0))
        return "a 64-bit guest without paging or PAE";
    if (!long_mode() && (cr4 & CR4_PCIDE) != 0)
        return "CR4.PCIDE outside long mode";
    if (vmcs_read(VMCS_GUEST_CR3) >= linear_physical_limit())
        return "CR3 is beyond the physical address width";
    if (vmcs_read(VMCS_GUEST_DR7) >> 32 != 0)
        return "DR7 has bits above 31";
    if (!linear_canonical(vmcs_read(VMCS_GUEST_SYSENTER_ESP)) || !linear_canonical(vmcs_read(VMCS_GUEST_SYSENTER_EIP)))
        return "a SYSENTER address is not canonical";
    for (uint64_t pat = vmcs_read(VMCS_GUEST_PAT); pat != 0; pat >>= 8)
        if ((pat & 0xFF) > 7 || (pat & 0xFF) == 2 || (pat & 0xFF) == 3)
            return "PAT has a memory type that does not exist";
    if ((efer & ~UINT64_C(0xD01)) != 0)
        return "EFER has a reserved bit";
    if (((efer & EFER_LMA) != 0) != long_mode())
        return "EFER.LMA is not what the entry control says";
    if ((cr0 & CR0_PG) != 0 && ((efer & EFER_LMA) != 0) != ((efer & EFER_LME) != 0))
        return "EFER.LMA and LME differ with paging on";
    return NULL;
}

typedef struct segment {
    enum vmcs_field selector, base, limit, rights;
} segment;
#define SEGMENT(s)                                                                                                     \
    {                                                                                                                  \
        VMCS_GUEST_##s, VMCS_GUEST_##s##_BASE, VMCS_GUEST_##s##_LIMIT, VMCS_GUEST_##s##_RIGHTS                         \
    }
static const segment segments[] = {SEGMENT(CS), SEGMENT(SS), SEGMENT(DS), SEGMENT(ES), SEGMENT(FS), SEGMENT(GS)};
enum { CS, SS, DS, FS = 4, GS };
static const segment ldtr = SEGMENT(LDTR), tr = SEGMENT(TR);

#define UNUSABLE BIT(16)

static unsigned type_of(uint64_t rights) { return (unsigned)(rights & 15); }
static unsigned dpl_of(uint64_t rights) { return (unsigned)(rights >> 5 & 3); }

/* Limit and granularity: with low bits that are not all ones G is 0, with high bits that are not all zeros G is 1. */
static bool good_limit(uint64_t limit, uint64_t rights)
{
    const bool granular = (rights & BIT(15)) != 0;
    return !((limit & 0xFFF) != 0xFFF && granular) && !((limit & 0xFFF00000) != 0 && !granular);
}

static const char *check_v8086_segment(const segment *s)
{
    const uint64_t selector = vmcs_read(s->selector);
    if (vmcs_read(s->base) != selector << 4 || vmcs_read(s->limit) != 0xFFFF || vmcs_read(s->rights) != 0xF3)
        return "a segment that virtual-8086 mode cannot have";
    return NULL;
}

static const char *check_code(uint64_t rights)
{
    const unsigned type = type_of(rights), dpl = dpl_of(rights), ss_dpl = dpl_of(vmcs_read(VMCS_GUEST_SS_RIGHTS));
    if (type != 3 && (type & 9) != 9)
        return "CS: type is neither accessed code nor read-write data";
    if (type == 3 && dpl != 0)
        return "CS: data with a DPL that is not 0";
    if ((type == 9 || type == 11) && dpl != ss_dpl)
        return "CS: DPL differs from SS's";
    if ((type == 13 || type == 15) && dpl > ss_dpl)
        return "CS: conforming with a DPL above SS's";
    if (long_mode() && (rights & BIT(13)) != 0 && (rights & BIT(14)) != 0)
        return "CS: L and D are both set";
    return NULL;
}

static const char *check_stack(uint64_t rights)
{
    const unsigned type = type_of(rights), dpl = dpl_of(rights);
    const bool real = (vmcs_read(VMCS_GUEST_CR0) & CR0_PE) == 0;
    if ((rights & UNUSABLE) == 0 && type != 3 && type != 7)
        return "SS: type is no writable data";
    if ((type_of(vmcs_read(VMCS_GUEST_CS_RIGHTS)) == 3 || real) && dpl != 0)
        return "SS: DPL is not 0 in real mode";
    return NULL;
}

static const char *check_segment(unsigned which)
{
    const segment *const s = &segments[which];
    const uint64_t rights = vmcs_read(s->rights), base = vmcs_read(s->base);
    const bool unusable = (rights & UNUSABLE) != 0 && which != CS;
    const char *reason = which == CS ? check_code(rights) : which == SS ? check_stack(rights) : NULL;
    if (reason != NULL)
        return reason;
    if ((which == FS || which == GS) && !linear_canonical(base))
        return "FS or GS: base is not canonical";
    if (unusable)
        return NULL;
    if (which != FS && which != GS && base >> 32 != 0)
        return "a segment's base is above 4 GB";
    if ((rights & BIT(4)) == 0 || (rights & BIT(7)) == 0 || (rights & 0xF00) != 0 || rights >> 17 != 0)
        return "a segment is a system segment, not present, or has reserved bits";
    if (which >= DS && ((rights & 1) == 0 || (type_of(rights) & 10) == 8))
        return "a data segment is not accessed, or code that cannot be read";
    return good_limit(vmcs_read(s->limit), rights) ? NULL : "a segment's limit and granularity do not fit";
}

/* "Checks on Guest Segment Registers" */
static const char *check_segments(void)
{
    const uint64_t tr_rights = vmcs_read(tr.rights), ldtr_rights = vmcs_read(ldtr.rights);
    for (unsigned i = CS; i <= GS; i++) {
        const char *const reason = virtual_8086() ? check_v8086_segment(&segments[i]) : check_segment(i);
        if (reason != NULL)
            return reason;
    }
    if ((vmcs_read(tr.selector) & 4) != 0 || !linear_canonical(vmcs_read(tr.base)))
        return "TR: in the LDT, or its base is not canonical";
    if (type_of(tr_rights) != 11 && !(type_of(tr_rights) == 3 && !long_mode()))
        return "TR: no busy TSS";
    if ((tr_rights & BIT(4)) != 0 || (tr_rights & BIT(7)) == 0 || (tr_rights & UNUSABLE) != 0 ||
        !good_limit(vmcs_read(tr.limit), tr_rights))
        return "TR: rights or limit";
    if ((ldtr_rights & UNUSABLE) == 0 &&
        (type_of(ldtr_rights) != 2 || (ldtr_rights & BIT(4)) != 0 || (ldtr_rights & BIT(7)) == 0 ||
         (vmcs_read(ldtr.selector) & 4) != 0 || !linear_canonical(vmcs_read(ldtr.base)) ||
         !good_limit(vmcs_read(ldtr.limit), ldtr_rights)))
        return "LDTR: rights, selector, base or limit";
    return NULL;
}

/* RIP need not be canonical: of N linear address bits, bit N - 1 may differ from those above it. A guest gets there by
 * running into the end of the lower half; its next fetch is what faults. */
static bool rip_fits(uint64_t rip)
{
    const uint32_t bits = cpuid(0x80000000, 0).a >= 0x80000008 ? cpuid(0x80000008, 0).a >> 8 & 0xFF : 48;
    return bits >= 64 || rip >> bits == 0 || rip >> bits == UINT64_MAX >> bits;
}

/* "Checks on Guest Descriptor-Table Registers" and "Checks on Guest RIP, RFLAGS, and SSP" */
static const char *check_tables_and_flags(void)
{
    const uint64_t rflags = vmcs_read(VMCS_GUEST_RFLAGS), rip = vmcs_read(VMCS_GUEST_RIP);
    const bool code_64 = long_mode() && (vmcs_read(VMCS_GUEST_CS_RIGHTS) & BIT(13)) != 0;
    if (!linear_canonical(vmcs_read(VMCS_GUEST_GDTR_BASE)) || !linear_canonical(vmcs_read(VMCS_GUEST_IDTR_BASE)) ||
        vmcs_read(VMCS_GUEST_GDTR_LIMIT) > 0xFFFF || vmcs_read(VMCS_GUEST_IDTR_LIMIT) > 0xFFFF)
        return "GDTR or IDTR: base is not canonical, or limit is above FFFFh";
    if (!code_64 && rip >> 32 != 0)
        return "RIP is above 4 GB outside 64-bit code";
    if (code_64 && !rip_fits(rip))
        return "RIP has bits above the linear address width that differ";
    if (rflags >> 22 != 0 || (rflags & (BIT(15) | BIT(5) | BIT(3))) != 0 || (rflags & 2) == 0)
        return "RFLAGS has a reserved bit";
    if ((rflags & RFLAGS_VM) != 0 && (long_mode() || (vmcs_read(VMCS_GUEST_CR0) & CR0_PE) == 0))
        return "RFLAGS.VM in long or real mode";
    if ((vmcs_read(VMCS_ENTRY_INTERRUPTION) & 0x80000700) == 0x80000000 && (rflags & RFLAGS_IF) == 0)
        return "an external interrupt is injected with RFLAGS.IF = 0";
    return NULL;
}

/* "Checks on Guest Non-Register State" */
static const char *check_other(void)
{
    const uint64_t activity = vmcs_read(VMCS_GUEST_ACTIVITY), blocked = vmcs_read(VMCS_GUEST_INTERRUPTIBILITY);
    const uint64_t rflags = vmcs_read(VMCS_GUEST_RFLAGS);
    if (activity > 1)
        return "activity state is neither active nor HLT";
    if (activity == 1 && dpl_of(vmcs_read(VMCS_GUEST_SS_RIGHTS)) != 0)
        return "HLT outside CPL 0";
    if (activity != 0 && (blocked & 3) != 0)
        return "HLT while STI or MOV SS blocks interrupts";
    if (blocked >> 5 != 0 || (blocked & 3) == 3)
        return "interruptibility has reserved bits, or both kinds of blocking";
    if ((blocked & 1) != 0 && (rflags & RFLAGS_IF) == 0)
        return "blocking by STI with RFLAGS.IF = 0";
    const bool step = (rflags & RFLAGS_TF) != 0 && (vmcs_read(VMCS_GUEST_DEBUGCTL) & 2) == 0;
    if (((blocked & 3) != 0 || activity != 0) && ((vmcs_read(VMCS_GUEST_PENDING_DEBUG) & BIT(14)) != 0) != step)
        return "the pending single step does not fit RFLAGS.TF";
    if (vmcs_read(VMCS_LINK_POINTER) != UINT64_MAX)
        return "the VMCS link pointer is not all ones";
    return NULL;
}

/* "Checks on Guest Page-Directory-Pointer-Table Entries" */
static const char *check_pdptes(void)
{
    static const enum vmcs_field field[] = {VMCS_GUEST_PDPTE0, VMCS_GUEST_PDPTE1, VMCS_GUEST_PDPTE2, VMCS_GUEST_PDPTE3};
    if ((vmcs_read(VMCS_GUEST_CR0) & CR0_PG) == 0 || (vmcs_read(VMCS_GUEST_CR4) & CR4_PAE) == 0 || long_mode())
        return NULL;
    for (unsigned i = 0; i < 4; i++)
        if (!linear_good_pdpte(vmcs_read(field[i])))
            return "a PDPTE has reserved bits";
    return NULL;
}

const char *check_guest_state(void)
{
    static const char *(*const checks[])(void) = {check_control_registers, check_segments, check_tables_and_flags,
                                                  check_other, check_pdptes};
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
        const char *const reason = checks[i]();
        if (reason != NULL)
            return reason;
    }
    return NULL;
}

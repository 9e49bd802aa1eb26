/* vmx_capability.c - whether this processor can carry pxHV, and its control words. Intel SDM volume 3, appendix "VMX
 * Capability Reporting Facility". */
#include <stddef.h>

#include "firmware/machine/cpu.h"
#include "firmware/machine/log.h"
#include "firmware/vmx/vmx.h"

/* IA32_FEATURE_CONTROL: "Enabling and Entering VMX Operation". */
#define FEATURE_LOCKED UINT64_C(1)
#define FEATURE_VMX    UINT64_C(4) /* outside SMX */

/* The TRUE form of a capability register where VMX_BASIC bit 55 says that there is one. */
static uint64_t control_capability(uint32_t msr)
{
    if (msr != IA32_VMX_PROCBASED_CTLS2 && (rdmsr(IA32_VMX_BASIC) >> 55 & 1) != 0)
        msr += IA32_VMX_TRUE_OFFSET;
    return rdmsr(msr);
}

static bool can(uint32_t msr, uint32_t bits) { return (control_capability(msr) >> 32 & bits) == bits; }

static const char *refusal_of_controls(void)
{
    static const struct {
        uint32_t msr, bits;
        const char *reason;
    } needed[] = {
        {IA32_VMX_PINBASED_CTLS, PIN_EXTERNAL_INTERRUPT | PIN_NMI, "no exits on interrupts"},
        {IA32_VMX_PINBASED_CTLS, PIN_PREEMPTION_TIMER, "no VMX preemption timer"},
        {IA32_VMX_PROCBASED_CTLS, PRIMARY_HLT | PRIMARY_INTERRUPT_WINDOW, "no exits on HLT or interrupt windows"},
        {IA32_VMX_PROCBASED_CTLS, PRIMARY_MWAIT | PRIMARY_MONITOR, "no exits on MONITOR and MWAIT"},
        {IA32_VMX_PROCBASED_CTLS, PRIMARY_RDPMC, "no exits on RDPMC"},
        {IA32_VMX_PROCBASED_CTLS, PRIMARY_CR8_LOAD | PRIMARY_CR8_STORE, "no exits on CR8"},
        {IA32_VMX_PROCBASED_CTLS, PRIMARY_IO_BITMAPS, "no I/O bitmaps"},
        {IA32_VMX_PROCBASED_CTLS, PRIMARY_MSR_BITMAPS, "no MSR bitmaps"},
        {IA32_VMX_PROCBASED_CTLS2, SECONDARY_EPT, "no extended page tables (EPT)"},
        {IA32_VMX_PROCBASED_CTLS2, SECONDARY_UNRESTRICTED, "no unrestricted guest"},
        {IA32_VMX_EXIT_CTLS, EXIT_HOST_64 | EXIT_SAVE_EFER | EXIT_LOAD_EFER, "exits cannot switch EFER"},
        {IA32_VMX_EXIT_CTLS, EXIT_SAVE_DEBUG, "exits cannot save DR7"},
        {IA32_VMX_EXIT_CTLS, EXIT_ACKNOWLEDGE, "exits cannot acknowledge interrupts"},
        {IA32_VMX_EXIT_CTLS, EXIT_SAVE_PAT | EXIT_LOAD_PAT, "exits cannot switch PAT"},
        {IA32_VMX_ENTRY_CTLS, ENTRY_LOAD_DEBUG, "entries cannot load DR7"},
        {IA32_VMX_ENTRY_CTLS, ENTRY_GUEST_64, "entries cannot lead to 64-bit guests"},
        {IA32_VMX_ENTRY_CTLS, ENTRY_LOAD_EFER | ENTRY_LOAD_PAT, "entries cannot load EFER and PAT"},
    };
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
        if (!can(needed[i].msr, needed[i].bits))
            return needed[i].reason;
    return NULL;
}

/* Exits that pxHV has no handler for, because it does not ask for them. */
#define PRIMARY_UNWANTED                                                                                               \
    (PRIMARY_INVLPG | PRIMARY_RDTSC | PRIMARY_CR3_LOAD | PRIMARY_CR3_STORE | PRIMARY_MOV_DR | PRIMARY_PAUSE)

/* "IA32_VMX_EPT_VPID_CAP": walks of four levels, write-back, 2 MB pages, INVEPT of a single context. */
static const char *refusal_of_ept(void)
{
    const uint64_t ept = rdmsr(IA32_VMX_EPT_VPID_CAP);
    if ((ept & 1 << 6) == 0)
        return "EPT without four levels";
    if ((ept & 1 << 14) == 0)
        return "EPT without write-back memory";
    if ((ept & 1 << 16) == 0)
        return "EPT without pages of 2 MB";
    if ((ept & 1 << 20) == 0 || (ept & 1 << 25) == 0)
        return "no INVEPT of a single context";
    return NULL;
}

const char *vmx_refusal(void)
{
    if ((cpuid(1, 0).c & 1 << 5) == 0)
        return "the processor has no VMX";
    if ((rdmsr(IA32_FEATURE_CONTROL) & (FEATURE_LOCKED | FEATURE_VMX)) == FEATURE_LOCKED)
        return "the firmware has switched VMX off (IA32_FEATURE_CONTROL)";
    const uint64_t basic = rdmsr(IA32_VMX_BASIC);
    if ((basic >> 50 & 15) != 6)
        return "the VMCS is not kept in write-back memory";
    if ((basic >> 54 & 1) == 0)
        return "exits of INS and OUTS do not tell the instruction";
    if (!can(IA32_VMX_PROCBASED_CTLS, PRIMARY_SECONDARY)) /* without them two of the registers below do not exist */
        return "no secondary processor controls";
    if (((uint32_t)control_capability(IA32_VMX_PROCBASED_CTLS) & PRIMARY_UNWANTED) != 0)
        return "exits on CR3, INVLPG, RDTSC, MOV DR or PAUSE cannot be switched off";
    const char *reason = refusal_of_controls();
    return reason != NULL ? reason : refusal_of_ept();
}

void vmx_unlock(void)
{
    const uint64_t feature = rdmsr(IA32_FEATURE_CONTROL);
    if ((feature & FEATURE_LOCKED) == 0)
        wrmsr(IA32_FEATURE_CONTROL, feature | FEATURE_LOCKED | FEATURE_VMX);
}

uint32_t vmx_controls(uint32_t msr, uint32_t wanted)
{
    const uint64_t capability = control_capability(msr);
    const uint32_t must = (uint32_t)capability, may = (uint32_t)(capability >> 32);
    if ((wanted & ~may) != 0)
        hv_stop("vmx: control bits %x of register %x are not to be had", wanted & ~may, msr);
    return wanted | must;
}

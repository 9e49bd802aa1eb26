/* vmx.c - see vmx.h. */
#include "firmware/hv/vmx.h"

#include <stddef.h>

#include "firmware/hv/cpu.h"
#include "firmware/hv/log.h"
#include "firmware/hv/memory.h"

#define CR0_NE   (UINT64_C(1) << 5)
#define CR4_VMXE (UINT64_C(1) << 13)

const char *vmx_exit_name(unsigned reason)
{
    switch (reason) {
#define VMX_EXIT(name, number, text)                                                                                   \
    case number:                                                                                                       \
        return text;
#include "firmware/hv/exits.def"
    default:
        return "unknown";
    }
}

/* "VM-Instruction Error Numbers". */
const char *vmx_error_text(unsigned error)
{
    static const char *const text[] = {
        [1] = "VMCALL in root operation",
        [2] = "VMCLEAR with an invalid address",
        [3] = "VMCLEAR with the VMXON pointer",
        [4] = "VMLAUNCH of a VMCS that is not clear",
        [5] = "VMRESUME of a VMCS that is not launched",
        [6] = "VMRESUME after VMXOFF",
        [7] = "entry with invalid control fields",
        [8] = "entry with invalid host-state fields",
        [9] = "VMPTRLD with an invalid address",
        [10] = "VMPTRLD with the VMXON pointer",
        [11] = "VMPTRLD of another VMCS revision",
        [12] = "VMREAD or VMWRITE of a component that is not supported",
        [13] = "VMWRITE to a read-only component",
        [15] = "VMXON in root operation",
        [25] = "entry with an invalid executive-VMCS pointer",
        [26] = "entry with events blocked by MOV SS",
        [28] = "invalid operand of INVEPT or INVVPID",
    };
    return error < sizeof text / sizeof *text && text[error] != NULL ? text[error] : "unknown";
}

/* ---- capabilities ---- */

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
        {IA32_VMX_PROCBASED_CTLS, PRIMARY_IO_BITMAPS, "no I/O bitmaps"},
        {IA32_VMX_PROCBASED_CTLS, PRIMARY_MSR_BITMAPS, "no MSR bitmaps"},
        {IA32_VMX_PROCBASED_CTLS2, SECONDARY_EPT, "no extended page tables (EPT)"},
        {IA32_VMX_PROCBASED_CTLS2, SECONDARY_UNRESTRICTED, "no unrestricted guest"},
        {IA32_VMX_EXIT_CTLS, EXIT_HOST_64 | EXIT_SAVE_EFER | EXIT_LOAD_EFER, "exits cannot switch EFER"},
        {IA32_VMX_EXIT_CTLS, EXIT_SAVE_PAT | EXIT_LOAD_PAT, "exits cannot switch PAT"},
        {IA32_VMX_ENTRY_CTLS, ENTRY_LOAD_EFER | ENTRY_LOAD_PAT, "entries cannot load EFER and PAT"},
    };
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
        if (!can(needed[i].msr, needed[i].bits))
            return needed[i].reason;
    return NULL;
}

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
    const uint64_t feature = rdmsr(IA32_FEATURE_CONTROL);
    if ((feature & 1) != 0 && (feature & 4) == 0)
        return "the firmware has switched VMX off (IA32_FEATURE_CONTROL)";
    const uint64_t basic = rdmsr(IA32_VMX_BASIC);
    if ((basic >> 50 & 15) != 6)
        return "the VMCS is not kept in write-back memory";
    if ((basic >> 54 & 1) == 0)
        return "exits of INS and OUTS do not tell the instruction";
    if (!can(IA32_VMX_PROCBASED_CTLS, PRIMARY_SECONDARY)) /* without them two of the registers below do not exist */
        return "no secondary processor controls";
    const char *reason = refusal_of_controls();
    return reason != NULL ? reason : refusal_of_ept();
}

uint32_t vmx_controls(uint32_t msr, uint32_t wanted)
{
    const uint64_t capability = control_capability(msr);
    const uint32_t must = (uint32_t)capability, may = (uint32_t)(capability >> 32);
    if ((wanted & ~may) != 0)
        hv_stop("vmx: control bits %x of register %x are not to be had", wanted & ~may, msr);
    return wanted | must;
}

/* ---- instructions ---- */

/* One VMX instruction with one operand in memory; its flags become a vmx_result. */
#define VMX_INSTRUCTION(name)                                                                                          \
    static vmx_result name(uint64_t physical)                                                                          \
    {                                                                                                                  \
        bool carry, zero;                                                                                              \
        __asm__ volatile(#name " %2" : "=@ccc"(carry), "=@ccz"(zero) : "m"(physical) : "memory");                      \
        return carry ? VMX_FAIL_INVALID : zero ? VMX_FAIL_VALID : VMX_OK;                                              \
    }
VMX_INSTRUCTION(vmxon)
VMX_INSTRUCTION(vmclear)
VMX_INSTRUCTION(vmptrld)
#undef VMX_INSTRUCTION

static void must(vmx_result result, const char *what)
{
    if (result == VMX_FAIL_INVALID)
        hv_stop("vmx: %s failed: no current VMCS, or an invalid operand", what);
    if (result == VMX_FAIL_VALID) {
        const unsigned error = (unsigned)vmcs_read(VMCS_INSTRUCTION_ERROR);
        hv_stop("vmx: %s failed: error %u, %s", what, error, vmx_error_text(error));
    }
}

uint64_t vmcs_read(enum vmcs_field field)
{
    uint64_t value;
    bool carry, zero;
    __asm__ volatile("vmread %3, %0" : "=r"(value), "=@ccc"(carry), "=@ccz"(zero) : "r"((uint64_t)field) : "memory");
    if (carry || zero)
        hv_stop("vmx: VMREAD of field %x failed, %s", (unsigned)field, carry ? "no current VMCS" : "not supported");
    return value;
}

void vmcs_write(enum vmcs_field field, uint64_t value)
{
    bool carry, zero;
    __asm__ volatile("vmwrite %3, %2" : "=@ccc"(carry), "=@ccz"(zero) : "r"((uint64_t)field), "rm"(value) : "memory");
    if (carry || zero)
        hv_stop("vmx: VMWRITE of field %x failed, %s", (unsigned)field, carry ? "no current VMCS" : "not supported");
}

/* A page that begins with the revision number. */
static uint64_t new_region(void)
{
    uint32_t *const region = page_alloc(1);
    *region = (uint32_t)rdmsr(IA32_VMX_BASIC) & 0x7FFFFFFF;
    return physical_of(region);
}

static uint64_t current;

void vmx_forget(void) { must(vmclear(current), "VMCLEAR"); }

void vmx_start(void)
{
    const uint64_t feature = rdmsr(IA32_FEATURE_CONTROL);
    if ((feature & 1) == 0)
        wrmsr(IA32_FEATURE_CONTROL, feature | 5); /* VMX outside SMX, and locked */
    write_cr0((read_cr0() | CR0_NE | rdmsr(IA32_VMX_CR0_FIXED0)) & rdmsr(IA32_VMX_CR0_FIXED1));
    write_cr4((read_cr4() | CR4_VMXE | rdmsr(IA32_VMX_CR4_FIXED0)) & rdmsr(IA32_VMX_CR4_FIXED1));
    must(vmxon(new_region()), "VMXON");
    current = new_region();
    must(vmclear(current), "VMCLEAR");
    must(vmptrld(current), "VMPTRLD");
}

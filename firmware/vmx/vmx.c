/* vmx.c - see vmx.h: names, and the instructions. */
#include "firmware/vmx/vmx.h"

#include "firmware/machine/cpu.h"
#include "firmware/machine/log.h"
#include "firmware/machine/memory.h"

#define CR0_NE   (UINT64_C(1) << 5)
#define CR4_MCE  (UINT64_C(1) << 6)
#define CR4_VMXE (UINT64_C(1) << 13)

const char *vmx_exit_name(unsigned reason)
{
    switch (reason) {
#define VMX_EXIT(name, number, text)                                                                                   \
    case number:                                                                                                       \
        return text;
#include "firmware/vmx/exits.def"
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
    bool failed, carry; /* one test for both flags: an exit reads two dozen fields */
    __asm__ volatile("vmread %3, %0" : "=r"(value), "=@ccbe"(failed), "=@ccc"(carry) : "r"((uint64_t)field) : "memory");
    if (failed)
        hv_stop("vmx: VMREAD of field %x failed, %s", (unsigned)field, carry ? "no current VMCS" : "not supported");
    return value;
}

void vmcs_write(enum vmcs_field field, uint64_t value)
{
    bool failed, carry;
    __asm__ volatile("vmwrite %3, %2"
                     : "=@ccbe"(failed), "=@ccc"(carry)
                     : "r"((uint64_t)field), "rm"(value)
                     : "memory");
    if (failed)
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
    vmx_unlock();
    write_cr0((read_cr0() | CR0_NE | rdmsr(IA32_VMX_CR0_FIXED0)) & rdmsr(IA32_VMX_CR0_FIXED1));
    const uint64_t machine_check = (cpuid(1, 0).d & 1 << 7) != 0 ? CR4_MCE : 0; /* an exception and not a shutdown */
    write_cr4((read_cr4() | CR4_VMXE | machine_check | rdmsr(IA32_VMX_CR4_FIXED0)) & rdmsr(IA32_VMX_CR4_FIXED1));
    must(vmxon(new_region()), "VMXON");
    current = new_region();
    must(vmclear(current), "VMCLEAR");
    must(vmptrld(current), "VMPTRLD");
}

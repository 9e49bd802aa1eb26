/* check.c - svm_check() and svm_check_guest(): APM, "Canonicalization and Consistency Checks", a function for each kind. Rules about features
 * that pxHV never uses (LBR, CET, AVIC, SEV) are left out. */
#include "firmware/machine/cpu.h"
#include "firmware/svm/svm.h"
#include "firmware/vcpu/linear.h"

#define BIT(n) (UINT64_C(1) << (n))

#define CR0_PE   BIT(0)
#define CR0_NW   BIT(29)
#define CR0_CD   BIT(30)
#define CR0_PG   BIT(31)
#define CR4_PAE  BIT(5)
#define CR4_BITS UINT64_C(0xF77FFF)
#define EFER_LME BIT(8)
#define EFER_ALL UINT64_C(0x3FD01)

#define CODE_LONG 0x200u /* L and D in attributes */
#define CODE_BIG  0x400u

#define IO_MAP_BYTES  UINT64_C(0x3000)
#define MSR_MAP_BYTES UINT64_C(0x2000)

static const char *check_control(void)
{
    const uint64_t limit = linear_physical_limit();
    if ((vmcb->intercept[1] & INTERCEPT1_VMRUN) == 0)
        return "VMRUN does not exit";
    if (vmcb->asid == 0)
        return "the address space is the host's";
    if (vmcb->io_map > limit - IO_MAP_BYTES || vmcb->msr_map > limit - MSR_MAP_BYTES)
        return "a permission map is beyond the physical address width";
    return NULL;
}

const char *svm_check_guest(void)
{
    const uint64_t cr0 = vmcb->cr0, cr4 = vmcb->cr4, efer = vmcb->efer;
    if ((efer & EFER_SVME) == 0)
        return "EFER.SVME is 0";
    if ((efer & ~EFER_ALL) != 0)
        return "EFER has a reserved bit";
    if ((cr0 & CR0_CD) == 0 && (cr0 & CR0_NW) != 0)
        return "CR0.NW without CD";
    if (cr0 >> 32 != 0)
        return "CR0 has bits above 31";
    if ((cr4 & ~CR4_BITS) != 0)
        return "CR4 has a reserved bit";
    if (vmcb->dr6 >> 32 != 0 || vmcb->dr7 >> 32 != 0)
        return "DR6 or DR7 has bits above 31";
    if ((efer & EFER_LME) != 0 && (cr0 & CR0_PG) != 0) {
        if ((cr4 & CR4_PAE) == 0 || (cr0 & CR0_PE) == 0)
            return "long mode without PAE or protection";
        if ((vmcb->cs.attributes & (CODE_LONG | CODE_BIG)) == (CODE_LONG | CODE_BIG))
            return "CS: L and D are both set";
        if (vmcb->cr3 >= linear_physical_limit())
            return "CR3 is beyond the physical address width";
    }
    return NULL;
}

/* "Event Injection". */
static const char *check_event(void)
{
    const unsigned type = (unsigned)(vmcb->event >> 8 & 7), vector = (unsigned)(vmcb->event & 0xFF);
    if ((vmcb->event & SVM_EVENT_VALID) == 0)
        return NULL;
    if (type == 1 || type > EVENT_INT_N)
        return "an event of a type that is none";
    if (type == EVENT_EXCEPTION && (vector == 2 || vector > 31))
        return "an exception of a vector that is none";
    return NULL;
}

const char *svm_check(void)
{
    static const char *(*const checks[])(void) = {check_control, svm_check_guest, check_event};
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
        const char *const reason = checks[i]();
        if (reason != NULL)
            return reason;
    }
    return NULL;
}

/* svm_capability.c - whether this processor can carry pxHV, and what it spares us. APM, "Enabling SVM"; volume 3,
 * "Feature Identification". */
#include <stddef.h>

#include "firmware/machine/cpu.h"
#include "firmware/svm/svm.h"

#define BIT(n) (UINT32_C(1) << (n))

#define LEAF_EXTENDED 0x80000000u
#define LEAF_FEATURES 0x80000001u
#define LEAF_SIZES    0x80000008u
#define LEAF_SVM      0x8000000Au

#define VM_CR_SVMDIS UINT64_C(0x10)

static bool has_leaf(uint32_t leaf) { return cpuid(LEAF_EXTENDED, 0).a >= leaf; }

const char *svm_refusal(void)
{
    if (!has_leaf(LEAF_FEATURES) || (cpuid(LEAF_FEATURES, 0).c & BIT(2)) == 0)
        return "the processor has no SVM";
    if (!has_leaf(LEAF_SVM))
        return "CPUID has no leaf for SVM";
    const cpuid_words svm = cpuid(LEAF_SVM, 0);
    if ((rdmsr(VM_CR) & VM_CR_SVMDIS) != 0)
        return (svm.d & BIT(2)) != 0 ? "the firmware has switched SVM off and locked it with a key (VM_CR)"
                                     : "the firmware has switched SVM off (VM_CR)";
    if ((svm.a & 0xFF) == 0)
        return "SVM has no revision";
    if (svm.b < 2)
        return "no address space number but the host's";
    if ((svm.d & BIT(0)) == 0)
        return "no nested paging";
    if ((cpuid(1, 0).d & BIT(9)) == 0)
        return "no local APIC, whose timer wakes pxHV";
    return NULL;
}

svm_features svm_find(void)
{
    const uint32_t svm = cpuid(LEAF_SVM, 0).d, sizes = has_leaf(LEAF_SIZES) ? cpuid(LEAF_SIZES, 0).b : 0;
    const uint32_t leaf7 = cpuid(0, 0).a >= 7 ? cpuid(7, 0).b : 0;
    return (svm_features){.next_rip = (svm & BIT(3)) != 0,
                          .decodes = (svm & BIT(7)) != 0,
                          .flushes_guest = (svm & BIT(6)) != 0,
                          .intercept1 = (sizes & BIT(4)) != 0 ? INTERCEPT1_RDPRU : 0,
                          .intercept2 = ((sizes & BIT(3)) != 0 ? INTERCEPT2_INVLPGB | INTERCEPT2_TLBSYNC : 0) |
                                        ((sizes & BIT(8)) != 0 ? INTERCEPT2_MCOMMIT : 0) |
                                        ((leaf7 & BIT(10)) != 0 ? INTERCEPT2_INVPCID : 0)};
}

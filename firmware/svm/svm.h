/* svm.h - AMD's virtualization: the VMCB as the processor has it, exit codes by name, and what the processor must have.
 *
 * Here and in its neighbours "APM" is the AMD64 Architecture Programmer's Manual, volume 2, order number 24593,
 * revision 3.41, chapter "Secure Virtual Machine" and its appendices; sections go by their titles. */
#ifndef SVM_SVM_H
#define SVM_SVM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "firmware/vcpu/vcpu.h"

enum svm_exit {
#define SVM_EXIT(name, code, bytes, text)         SVM_EXIT_##name = code,
#define SVM_EXITS(name, first, last, bytes, text) SVM_EXIT_##name = first,
#include "firmware/svm/exits.def"
    SVM_EXIT_INVALID = 0xFFFF /* the processor says -1 */
};

/* The rows of exits.def. */
enum svm_row {
#define SVM_EXIT(name, code, bytes, text)         SVM_ROW_##name,
#define SVM_EXITS(name, first, last, bytes, text) SVM_ROW_##name,
#include "firmware/svm/exits.def"
    SVM_ROWS
};

/* "Layout of VMCB": the segment registers, in an order of its own. */
typedef struct vmcb_segment {
    uint16_t selector, attributes; /* bytes 5 and 6 of a descriptor without the limit's four bits */
    uint32_t limit;
    uint64_t base;
} vmcb_segment;

typedef struct vmcb_state {
    uint32_t intercept_cr, intercept_dr; /* reads in bits 15:0, writes in 31:16 */
    uint32_t intercept_exceptions, intercept[3];
    uint8_t reserved0[0x28];
    uint64_t io_map, msr_map, tsc_offset;
    uint32_t asid, tlb_control;
    uint32_t interrupts, interrupt_vector; /* INTERRUPTS_ below */
    uint64_t shadow;
    uint64_t exit_code, exit_info1, exit_info2, exit_event;
    uint64_t nested, avic_bar, ghcb;
    uint64_t event, nested_cr3, lbr;
    uint64_t clean, next_rip;
    uint8_t fetched[16], reserved1[0x320];
    vmcb_segment es, cs, ss, ds, fs, gs, gdtr, ldtr, idtr, tr;
    uint8_t reserved2[0x2B], cpl;
    uint32_t reserved3;
    uint64_t efer, reserved4[14];
    uint64_t cr4, cr3, cr0, dr7, dr6, rflags, rip, reserved5[11];
    uint64_t rsp, reserved6[3], rax;
    uint64_t star, lstar, cstar, fmask, kernel_gs_base;
    uint64_t sysenter_cs, sysenter_esp, sysenter_eip;
    uint64_t cr2, reserved7[4], pat;
    uint8_t reserved8[0x990];
} vmcb_state;
#define VMCB_AT(field, offset) _Static_assert(offsetof(vmcb_state, field) == (offset), "APM: Layout of VMCB")
VMCB_AT(io_map, 0x40);
VMCB_AT(interrupts, 0x60);
VMCB_AT(exit_code, 0x70);
VMCB_AT(event, 0xA8);
VMCB_AT(next_rip, 0xC8);
VMCB_AT(es, 0x400);
VMCB_AT(cpl, 0x4CB);
VMCB_AT(efer, 0x4D0);
VMCB_AT(cr4, 0x548);
VMCB_AT(rip, 0x578);
VMCB_AT(rsp, 0x5D8);
VMCB_AT(rax, 0x5F8);
VMCB_AT(cr2, 0x640);
VMCB_AT(pat, 0x668);
_Static_assert(sizeof(vmcb_state) == 4096, "a page");

/* The guest's, in a page that svm_start() has taken; and the map of its MSRs and ports in its control area. */
extern vmcb_state *vmcb;

/* "Intercept Vectors": bits of intercept[0], [1] and [2]. */
#define INTERCEPT0_INTR        (1u << 0)
#define INTERCEPT0_NMI         (1u << 1)
#define INTERCEPT0_INIT        (1u << 3)
#define INTERCEPT0_VINTR       (1u << 4)
#define INTERCEPT0_RDPMC       (1u << 15)
#define INTERCEPT0_CPUID       (1u << 18)
#define INTERCEPT0_RSM         (1u << 19)
#define INTERCEPT0_INVD        (1u << 22)
#define INTERCEPT0_HLT         (1u << 24)
#define INTERCEPT0_INVLPGA     (1u << 26)
#define INTERCEPT0_IO          (1u << 27)
#define INTERCEPT0_MSR         (1u << 28)
#define INTERCEPT0_FERR_FREEZE (1u << 30)
#define INTERCEPT0_SHUTDOWN    (1u << 31)
#define INTERCEPT1_VMRUN       (1u << 0)
#define INTERCEPT1_VMMCALL     (1u << 1)
#define INTERCEPT1_VMLOAD      (1u << 2)
#define INTERCEPT1_VMSAVE      (1u << 3)
#define INTERCEPT1_STGI        (1u << 4)
#define INTERCEPT1_CLGI        (1u << 5)
#define INTERCEPT1_SKINIT      (1u << 6)
#define INTERCEPT1_RDTSCP      (1u << 7)
#define INTERCEPT1_ICEBP       (1u << 8)
#define INTERCEPT1_MONITOR     (1u << 10)
#define INTERCEPT1_MWAIT       (3u << 11)
#define INTERCEPT1_XSETBV      (1u << 13)
#define INTERCEPT1_RDPRU       (1u << 14)
#define INTERCEPT2_INVLPGB     (3u << 0)
#define INTERCEPT2_INVPCID     (1u << 2)
#define INTERCEPT2_MCOMMIT     (1u << 3)
#define INTERCEPT2_TLBSYNC     (1u << 4)
#define INTERCEPT_CR_READ(n)   (1u << (n))
#define INTERCEPT_CR_WRITE(n)  (1u << (16 + (n)))

/* Of the word interrupts. */
#define INTERRUPTS_TPR        0xFFu
#define INTERRUPTS_PENDING    (1u << 8)
#define INTERRUPTS_IGNORE_TPR (1u << 20)
#define INTERRUPTS_MASKING    (1u << 24) /* the host's IF masks the machine's interrupts, the guest's its own */

/* Of event and exit_event: the type is in bits 10:8, the vector in 7:0, the error code in 63:32. */
#define SVM_EVENT_CODED (UINT64_C(1) << 11)
#define SVM_EVENT_VALID (UINT64_C(1) << 31)

/* Of exit_info1 of a nested page fault. */
#define NESTED_WRITE UINT64_C(2)

#define EFER_SVME (UINT64_C(1) << 12)

/* What this processor spares us. */
typedef struct svm_features {
    bool next_rip;                   /* exits tell where the next instruction is */
    bool decodes;                    /* and what its operands are */
    bool flushes_guest;              /* one address space can be flushed alone */
    uint32_t intercept1, intercept2; /* of instructions that not every processor has */
} svm_features;
svm_features svm_find(void);
extern svm_features svm_has; /* since its start */

/* Why this processor cannot carry pxHV, or NULL. Looks only at CPUID and MSRs. */
const char *svm_refusal(void);

/* NULL, or the first rule of "Canonicalization and Consistency Checks" that the VMCB breaks. Processors say only that
 * it is invalid. */
const char *svm_check(void);
const char *svm_check_guest(void); /* the rules about the guest's registers alone */

/* After an entry that the processor calls invalid: whether the guest is why. Then the exit has a code that says so. */
bool svm_guest_refused(void);

const char *svm_exit_name(unsigned code);
void svm_handle(unsigned code);
void svm_exit_reset(void); /* what exit.c keeps of the guest, as after a reset */

/* Until the first entry is made the VMCB is broken as provoke.h asks; behind the first exit, pxHV is. */
void svm_provoke_before_check(void);
void svm_provoke_before_entry(void);
void svm_provoke_after_exit(void);

/* Before the next entry, what the processor has kept of the guest's page tables goes. */
void svm_flush(void);

extern const vcpu_vendor svm_vendor;

#endif

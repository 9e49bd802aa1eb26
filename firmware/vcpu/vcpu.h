/* vcpu.h - the guest's processor: its registers, how it starts, and one run of it up to its next exit. */
#ifndef VCPU_VCPU_H
#define VCPU_VCPU_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/vcpu/event.h"
#include "firmware/vmx/vmx.h"

/* What a VM exit leaves in the host's registers; entry.asm knows the order. RSP, RIP, RFLAGS are in the VMCS. */
typedef struct guest_registers {
    uint64_t rax, rcx, rdx, rbx, rbp, rsi, rdi, r8, r9, r10, r11, r12, r13, r14, r15;
} guest_registers;
/* What of CR4 the guest may set: VME, PVI, TSD, DE, PSE, PAE, PGE, PCE, OSFXSR, OSXMMEXCPT, FSGSBASE, SMEP, SMAP. The
 * rest belongs to features that its CPUID hides, or to VMX; MCE is pxHV's. */
#define GUEST_CR4_BITS UINT64_C(0x3107BF)

_Static_assert(sizeof(guest_registers) == 15 * 8, "entry.asm");

extern guest_registers guest;

/* The segment registers' fields, in the order of TSSs. */
typedef struct vcpu_segment {
    enum vmcs_field selector, base, limit, rights;
} vcpu_segment;
enum { VCPU_ES, VCPU_CS, VCPU_SS, VCPU_DS, VCPU_FS, VCPU_GS, VCPU_LDTR, VCPU_TR, VCPU_SEGMENTS };
extern const vcpu_segment vcpu_segments[VCPU_SEGMENTS];

/* The exceptions that exit: exit.c on_exception() says why. */
#define VCPU_EXCEPTIONS (1u << GUEST_DB | 1u << GUEST_AC | 1u << GUEST_MC)

/* Fills the whole VMCS: host state, controls, and a guest in real mode at its reset vector F000:FFF0. */
void vcpu_init(void);

/* The guest as after a reset; controls stay. */
void vcpu_reset(void);

/* Enters the guest and comes back with its next exit reason. An entry that fails, in any of its four ways, is logged
 * with the whole guest state and stops pxHV. */
unsigned vcpu_run(void);

/* To be called by whoever has emulated the exiting instruction: RIP moves behind it. */
void vcpu_skip_instruction(void);

/* Whether it executes 64-bit code. */
bool vcpu_64_bit_code(void);

/* A guest that executes step by step gets its trap at the next entry; false when it does not. */
bool vcpu_end_step(void);

/* Guest state, one greppable line a group. */
void vcpu_dump(void);

#endif

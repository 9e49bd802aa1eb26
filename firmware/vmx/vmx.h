/* vmx.h - the VMX instructions, each with its whole result, the fields of the VMCS by name, and what the processor must
 * have. Intel SDM volume 3, "Introduction to Virtual Machine Extensions" to "VMX Capability Reporting Facility".
 *
 * Here and in its neighbours "SDM" is order number 325384, revision 083; sections go by their titles, since numbers
 * move. */
#ifndef VMX_VMX_H
#define VMX_VMX_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/vcpu/vcpu.h"

enum vmcs_field {
#define VMCS_FIELD(name, encoding) VMCS_##name = encoding,
#include "firmware/vmx/vmcs.def"
};

enum vmx_exit {
#define VMX_EXIT(name, number, text) VMX_EXIT_##name = number,
#include "firmware/vmx/exits.def"
    VMX_EXITS
};

/* "VMX Instruction Reference", "Conventions": CF is fail-invalid, ZF fail-valid with a number in INSTRUCTION_ERROR. */
typedef enum vmx_result { VMX_OK, VMX_FAIL_INVALID, VMX_FAIL_VALID } vmx_result;

/* Controls; those that pxHV names. */
#define PIN_EXTERNAL_INTERRUPT   (1u << 0)
#define PIN_NMI                  (1u << 3)
#define PIN_PREEMPTION_TIMER     (1u << 6)
#define PRIMARY_INTERRUPT_WINDOW (1u << 2)
#define PRIMARY_HLT              (1u << 7)
#define PRIMARY_INVLPG           (1u << 9)
#define PRIMARY_MWAIT            (1u << 10)
#define PRIMARY_RDPMC            (1u << 11)
#define PRIMARY_RDTSC            (1u << 12)
#define PRIMARY_CR3_LOAD         (1u << 15)
#define PRIMARY_CR3_STORE        (1u << 16)
#define PRIMARY_CR8_LOAD         (1u << 19)
#define PRIMARY_CR8_STORE        (1u << 20)
#define PRIMARY_MOV_DR           (1u << 23)
#define PRIMARY_IO_BITMAPS       (1u << 25)
#define PRIMARY_MSR_BITMAPS      (1u << 28)
#define PRIMARY_MONITOR          (1u << 29)
#define PRIMARY_PAUSE            (1u << 30)
#define PRIMARY_SECONDARY        (1u << 31)
#define SECONDARY_EPT            (1u << 1)
#define SECONDARY_VPID           (1u << 5)
#define SECONDARY_UNRESTRICTED   (1u << 7)
#define EXIT_SAVE_DEBUG          (1u << 2)
#define EXIT_HOST_64             (1u << 9)
#define EXIT_ACKNOWLEDGE         (1u << 15)
#define EXIT_SAVE_PAT            (1u << 18)
#define EXIT_LOAD_PAT            (1u << 19)
#define EXIT_SAVE_EFER           (1u << 20)
#define EXIT_LOAD_EFER           (1u << 21)
#define ENTRY_LOAD_DEBUG         (1u << 2)
#define ENTRY_GUEST_64           (1u << 9)
#define ENTRY_LOAD_PAT           (1u << 14)
#define ENTRY_LOAD_EFER          (1u << 15)

/* In EXIT_QUALIFICATION of an EPT violation. */
#define VIOLATION_WRITE (1u << 1)

/* Events in the VMCS, whichever of its fields: the type is in bits 10:8, the vector in 7:0. */
#define EVENT_VALID (1u << 31)
#define EVENT_CODED (1u << 11)
vcpu_event vmx_event(uint32_t information); /* without error code and length, which have fields of their own */

/* In EXIT_REASON. */
#define EXIT_ENTRY_FAILED (1u << 31)

const char *vmx_exit_name(unsigned reason);
const char *vmx_error_text(unsigned error); /* of INSTRUCTION_ERROR */

/* Why this processor cannot carry pxHV, or NULL. Looks only at CPUID and MSRs. */
const char *vmx_refusal(void);

/* Switches VMX on where the firmware has left that open, and locks it. */
void vmx_unlock(void);

/* VMXON, and a VMCS made current. Stops with a named reason when the processor refuses. */
void vmx_start(void);

/* Leaves no VMCS current: for tests of what follows. */
void vmx_forget(void);

/* A control word: wanted, and whatever the processor wants to be 1. Stops when it cannot have a wanted bit. */
uint32_t vmx_controls(uint32_t msr, uint32_t wanted);

uint64_t vmcs_read(enum vmcs_field field);
void vmcs_write(enum vmcs_field field, uint64_t value);

extern const vcpu_vendor vmx_vendor;

#endif

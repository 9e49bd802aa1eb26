/* native.h - pxHV's handlers without hardware: a VMCS that is an array, memory that is a buffer, a processor that
 * records.
 *
 * Compiled from firmware/ as it is: NATIVE_FW in tests/firmware/firmware.mk.
 * Played here: the VMX instructions, cpu.h, page_alloc, time, the log, the link's port and pxHV's own serial path. What
 * would end pxHV comes back to NATIVE_TRY. */
#ifndef TESTS_FIRMWARE_NATIVE_H
#define TESTS_FIRMWARE_NATIVE_H

#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "firmware/machine/cpu.h"
#include "firmware/pc/pc.h"
#include "firmware/vcpu/vcpu.h"
#include "firmware/vmx/vmx.h"
#include "pxi/link.h"

#define NATIVE_RAM UINT64_C(0x400000) /* the guest's; pxHV's pages lie above it, behind a guard */

extern uint8_t native_memory[];
extern char native_log[4096];  /* the last lines */
extern char native_stop[256];  /* why it stopped */
extern jmp_buf native_stopped; /* by NATIVE_TRY */
extern pc_time native_time;    /* of time_now() */
extern uint64_t native_cr2, native_dr6, native_wrmsr_value;
extern uint32_t native_wrmsr_number;
extern unsigned native_invept, native_wbinvd;
extern uint64_t native_cr4_fixed1;

/* What the processor has, where a test wants another one; and what has been written to IA32_FEATURE_CONTROL. */
extern uint64_t (*native_rdmsr)(uint32_t msr);
extern cpuid_words (*native_cpuid)(uint32_t leaf);
extern uint64_t native_feature_control;

/* The machine's own ports, where a test has some: reads come here, writes are taken. */
extern uint8_t (*native_in8)(uint16_t port);

/* true: it ran to its end; false: hv_stop, with native_stop saying why. */
#define NATIVE_TRY(statement) (setjmp(native_stopped) == 0 ? ((statement), true) : false)

/* Everything as at power-up, the guest in real mode at 0000:7C00 with SS:SP = 0000:7C00. */
void native_reset(void);

/* The next exit that vmx_enter() plays; the loop ends (hv_stop "native: no more exits") when the function says false.
 */
extern bool (*native_next_exit)(void);

/* One exit of the guest: handled as guest_loop would, once. */
void native_exit(unsigned reason, uint64_t qualification, unsigned length);

/* What the next entry delivers, or 0. */
uint32_t native_injected(void);

/* Any field, also those that only the processor writes. */
void native_set(enum vmcs_field field, uint64_t value);

/* What the next exit finds interrupted: IDT_VECTORING and its error code. */
extern uint32_t native_vectoring, native_vectoring_error;

/* The guard behind the guest's memory, and pxHV's pages behind it, are as they were. */
bool native_untouched(void);

/* Host work so far, in reads of the VMCS: every access to guest memory and every exit costs some. What a guest can make
 * an exit cost has a bound. */
extern uint64_t native_work;

/* Where guest_loop's poll goes; NULL: nowhere. */
extern void (*native_poll)(bool waiting);

/* ---- the link ---- */

/* What is sent comes here; reply(frame) queues an answer. */
extern void (*native_link)(const px_link_frame *frame);
void native_reply(const px_link_frame *frame);
void native_link_reset(void);
extern bool native_link_present;
extern unsigned native_link_polls;
extern pc_time native_link_patience; /* what a poll that finds nothing takes */

/* Operations that took pxHV's own path. */
extern uint32_t native_own[];
extern size_t native_own_count;
#define NATIVE_OWN 65536u

/* Frames of a board without a wire, which leave at COM1. */
extern uint32_t native_frames[];
extern size_t native_frame_count;
extern bool native_com1; /* the guest has it */
extern uint16_t native_link_port, native_link_divisor;

#endif

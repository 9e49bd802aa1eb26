/* discard.c - see discard.h. No instruction is decoded: the processor executes the one that writes, once, with a copy
 * of the page in place of the page.
 *
 *   MOV, PUSH, REP STOS, FXSAVE, an accessed bit ...      an event that is delivered to such a stack
 *        |                                                    |
 *   EPT violation, a write ----------------------------------+
 *        |  ept_open(): a copy of the page, to be written
 *        |  TF = 1, every exception exits                     |  the preemption timer is at 0
 *   entry: one instruction, or one element of a REP       entry: the event is delivered
 *        |                                                    |
 *   #DB, or whatever else exits ----------------------------- timer
 *        |  ept_close(): the page is as it was; TF and the exception bitmap too
 *   the guest goes on; an exception of the instruction is delivered to it
 *
 * A second page of the same instruction is a second violation, and is opened beside the first. An exit that comes
 * before the instruction is done closes everything, and the instruction violates again. Interrupts wait for one step,
 * as they do for one instruction. The guest sees nothing of TF but in one place: PUSHF with its upper byte in RAM at 1
 * MB and its lower byte in ROM. Where TF is the guest's own, its trap is the guest's.
 *
 * Intel SDM volume 3, "EPT Violations", "Single-Step Exception Condition", "VMX-Preemption Timer". The monitor trap
 * flag would do the same, but not every processor has it. */
#include "firmware/vcpu/discard.h"

#include <stdint.h>

#include "firmware/vcpu/event.h"
#include "firmware/vcpu/vcpu.h"
#include "firmware/vmx/ept.h"
#include "firmware/vmx/vmx.h"

#define RFLAGS_TF UINT64_C(0x100)
#define DEBUG_BS  UINT64_C(0x4000) /* of DR6, and of the pending debug exceptions */
#define DEBUG_BD  UINT64_C(0x2000)
#define BLOCKED   UINT64_C(3) /* by STI or MOV SS */

#define VIOLATION_WRITE UINT64_C(2)

/* "VM-Exit Interruption Information" */
#define EVENT_VALID    (UINT64_C(1) << 31)
#define TYPE_EXCEPTION 3u

static discard_step step;
static bool own_trap; /* TF is ours, not the guest's */
static uint64_t blocked, rip;

discard_step discard_under_way(void) { return step; }

void discard_reset(void)
{
    step = DISCARD_NONE;
    own_trap = false;
}

/* TF with interrupts blocked would be a state that no processor has. */
static void begin(void)
{
    own_trap = false;
    if ((vmcs_read(VMCS_ENTRY_INTERRUPTION) & EVENT_VALID) != 0) {
        step = DISCARD_DELIVERY;
        return;
    }
    step = DISCARD_INSTRUCTION;
    vmcs_write(VMCS_EXCEPTION_BITMAP, UINT32_MAX);
    const uint64_t flags = vmcs_read(VMCS_GUEST_RFLAGS);
    blocked = vmcs_read(VMCS_GUEST_INTERRUPTIBILITY);
    if ((flags & RFLAGS_TF) != 0) {
        if ((blocked & BLOCKED) == 0) /* Bochs has the trap pending already, in front of the instruction */
            vmcs_write(VMCS_GUEST_PENDING_DEBUG, vmcs_read(VMCS_GUEST_PENDING_DEBUG) & ~DEBUG_BS);
        return;
    }
    own_trap = true;
    vmcs_write(VMCS_GUEST_RFLAGS, flags | RFLAGS_TF);
    rip = vmcs_read(VMCS_GUEST_RIP);
    vmcs_write(VMCS_GUEST_INTERRUPTIBILITY, blocked & ~BLOCKED);
}

static void end(unsigned reason)
{
    step = DISCARD_NONE;
    vmcs_write(VMCS_EXCEPTION_BITMAP, VCPU_EXCEPTIONS);
    if (!own_trap)
        return;
    vmcs_write(VMCS_GUEST_RFLAGS, vmcs_read(VMCS_GUEST_RFLAGS) & ~RFLAGS_TF);
    vmcs_write(VMCS_GUEST_PENDING_DEBUG, vmcs_read(VMCS_GUEST_PENDING_DEBUG) & ~DEBUG_BS);
    if (reason != VMX_EXIT_EXCEPTION && vmcs_read(VMCS_GUEST_RIP) == rip) /* it has not been executed */
        vmcs_write(VMCS_GUEST_INTERRUPTIBILITY, blocked);
}

/* Breakpoints that the instruction has met. The causes name each one that fits, switched on or not. */
static uint64_t guest_breakpoints(uint64_t causes)
{
    const uint64_t dr7 = vmcs_read(VMCS_GUEST_DR7);
    uint64_t met = causes & DEBUG_BD;
    for (unsigned i = 0; i < 4; i++)
        if ((causes >> i & 1) != 0 && (dr7 >> 2 * i & 3) != 0)
            met |= causes & 15;
    return met;
}

/* The end of the step, or an exception that only the step has made exit; others are as ever. */
static bool exception(void)
{
    const uint32_t information = (uint32_t)vmcs_read(VMCS_EXIT_INTERRUPTION);
    const uint8_t vector = (uint8_t)information;
    const bool hardware = (information >> 8 & 7) == TYPE_EXCEPTION;
    if (hardware && vector == GUEST_DB && own_trap) {
        const uint64_t met = guest_breakpoints(vmcs_read(VMCS_EXIT_QUALIFICATION));
        if (met != 0)
            event_debug(met);
        return true;
    }
    if ((VCPU_EXCEPTIONS >> (vector & 31) & 1) != 0 || (information >> 8 & 7) == 2) /* an NMI */
        return false;
    if (vector == GUEST_PF)
        event_page_fault(vmcs_read(VMCS_EXIT_QUALIFICATION), (uint32_t)vmcs_read(VMCS_EXIT_INTERRUPTION_ERROR));
    else if (hardware)
        event_exception(vector, (uint32_t)vmcs_read(VMCS_EXIT_INTERRUPTION_ERROR));
    else
        event_software(information);
    return true;
}

static bool writes_nowhere(unsigned reason)
{
    return reason == VMX_EXIT_EPT_VIOLATION && (vmcs_read(VMCS_EXIT_QUALIFICATION) & VIOLATION_WRITE) != 0 &&
           ept_open(vmcs_read(VMCS_GUEST_PHYSICAL_ADDRESS));
}

bool discard_exit(unsigned reason)
{
    const discard_step was = step;
    if (was != DISCARD_NONE)
        end(reason);
    if (writes_nowhere(reason)) {
        begin();
        return true;
    }
    if (was == DISCARD_NONE)
        return false;
    ept_close();
    return was == DISCARD_INSTRUCTION && reason == VMX_EXIT_EXCEPTION && exception();
}

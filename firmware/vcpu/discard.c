/* discard.c - see discard.h. No instruction is decoded: the processor executes the one that writes, once, with a copy
 * of the page in place of the page.
 *
 *   MOV, PUSH, REP STOS, FXSAVE, an accessed bit ...      an event that is delivered to such a stack
 *        |                                                    |
 *   the map refuses a write ---------------------------------+
 *        |  map_open(): a copy of the page, to be written
 *        |  TF = 1, every exception exits                     |  it is woken at once
 *   entry: one instruction, or one element of a REP       entry: the event is delivered
 *        |                                                    |
 *   #DB, or whatever else exits ----------------------------- woken
 *        |  map_close(): the page is as it was; TF and the exception bitmap too
 *   the guest goes on; an exception of the instruction is delivered to it
 *
 * A second page of the same instruction is a second violation, and is opened beside the first. An exit that comes
 * before the instruction is done closes everything, and the instruction violates again. Interrupts wait for one step,
 * as they do for one instruction. The guest sees nothing of TF but in one place: PUSHF with its upper byte in RAM at 1
 * MB and its lower byte in ROM. Where TF is the guest's own, its trap is the guest's.
 *
 * Intel SDM volume 3, "Single-Step Exception Condition", "EPT Violations". VMX' monitor trap flag would do the same,
 * but not every processor has it. */
#include "firmware/vcpu/discard.h"

#include <stdint.h>

#include "firmware/vcpu/event.h"

#define RFLAGS_TF UINT64_C(0x100)
#define DEBUG_BS  UINT64_C(0x4000) /* of DR6, and of the pending debug exceptions */
#define DEBUG_BD  UINT64_C(0x2000)

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
    vcpu_event queued;
    own_trap = false;
    if (vcpu->queued(&queued)) {
        step = DISCARD_DELIVERY;
        return;
    }
    step = DISCARD_INSTRUCTION;
    vcpu->want_exceptions(UINT32_MAX);
    const uint64_t flags = vcpu_get(VCPU_RFLAGS);
    blocked = vcpu_get(VCPU_BLOCKING);
    if ((flags & RFLAGS_TF) != 0) {
        if ((blocked & BLOCKED_ONE_INSTRUCTION) == 0) /* Bochs has the trap pending already, before the instruction */
            vcpu_set(VCPU_PENDING_DEBUG, vcpu_get(VCPU_PENDING_DEBUG) & ~DEBUG_BS);
        return;
    }
    own_trap = true;
    vcpu_set(VCPU_RFLAGS, flags | RFLAGS_TF);
    rip = vcpu_get(VCPU_RIP);
    vcpu_set(VCPU_BLOCKING, blocked & ~BLOCKED_ONE_INSTRUCTION);
}

static void end(bool by_exception)
{
    step = DISCARD_NONE;
    vcpu->want_exceptions(VCPU_EXCEPTIONS);
    if (!own_trap)
        return;
    vcpu_set(VCPU_RFLAGS, vcpu_get(VCPU_RFLAGS) & ~RFLAGS_TF);
    vcpu_set(VCPU_PENDING_DEBUG, vcpu_get(VCPU_PENDING_DEBUG) & ~DEBUG_BS);
    if (!by_exception && vcpu_get(VCPU_RIP) == rip) /* it has not been executed */
        vcpu_set(VCPU_BLOCKING, blocked);
}

/* Breakpoints that the instruction has met. The causes name each one that fits, switched on or not. */
static uint64_t guest_breakpoints(uint64_t causes)
{
    const uint64_t dr7 = vcpu_get(VCPU_DR7);
    uint64_t met = causes & DEBUG_BD;
    for (unsigned i = 0; i < 4; i++)
        if ((causes >> i & 1) != 0 && (dr7 >> 2 * i & 3) != 0)
            met |= causes & 15;
    return met;
}

/* The end of the step, or an exception that only the step has made exit; others are as ever. */
static bool exception(const vcpu_exit *exit)
{
    const vcpu_event *const e = &exit->event;
    const bool hardware = e->type == EVENT_EXCEPTION;
    if (hardware && e->vector == GUEST_DB && own_trap) {
        const uint64_t met = guest_breakpoints(exit->cause);
        if (met != 0)
            event_debug(met);
        return true;
    }
    if ((VCPU_EXCEPTIONS >> (e->vector & 31) & 1) != 0 || e->type == EVENT_NMI)
        return false;
    if (e->vector == GUEST_PF)
        event_page_fault(exit->cause, e->error);
    else if (hardware)
        event_exception(e->vector, e->error);
    else
        event_software(e);
    return true;
}

bool discard_exit(const vcpu_exit *exit)
{
    const discard_step was = step;
    if (was != DISCARD_NONE)
        end(exit->exception);
    if (exit->write && vcpu->map_open(exit->physical)) {
        begin();
        return true;
    }
    if (was == DISCARD_NONE)
        return false;
    vcpu->map_close();
    return was == DISCARD_INSTRUCTION && exit->exception && exception(exit);
}

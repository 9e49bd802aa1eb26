/* event.c - see event.h. Intel SDM volume 3, "VM-Entry Controls for Event Injection", "Information for VM Exits That
 * Occur During Event Delivery". */
#include "firmware/vcpu/event.h"

#include "firmware/pc/pc.h"

#define RFLAGS_IF    UINT64_C(0x200)
#define RFLAGS_RF    UINT64_C(0x10000)
#define DR7_GD       UINT64_C(0x2000)
#define DR6_B        UINT64_C(0xF)    /* breakpoints 0 to 3 */
#define DR6_BD_BS_BT UINT64_C(0xE000) /* debug registers touched; a single step; a task switch */

#define SHUTDOWN 0xFFu /* no vector */

/* "Conditions for Generating a Double Fault": what an exception becomes while another event is being delivered. */
static uint8_t met_while_delivering(const vcpu_event *first, uint8_t vector)
{
    const unsigned old = first->vector;
    if (first->type != EVENT_EXCEPTION)
        return vector; /* an interrupt is forgotten for it */
    if (old == GUEST_DF)
        return SHUTDOWN;
    const bool old_contributes = old == GUEST_DE || (old >= 10 && old <= 13),
               contributes = vector == GUEST_DE || (vector >= 10 && vector <= 13);
    if ((old_contributes && contributes) || (old == GUEST_PF && (contributes || vector == GUEST_PF)))
        return GUEST_DF;
    return vector;
}

void event_exception(uint8_t vector, uint32_t error)
{
    vcpu_event first;
    if (vcpu->queued(&first) && (vector = met_while_delivering(&first, vector)) == GUEST_DF)
        error = 0;
    if (vector == SHUTDOWN) {
        vcpu_triple_fault();
        return;
    }
    const bool coded = vector == GUEST_DF || (vector >= 10 && vector <= 14) || vector == GUEST_AC;
    vcpu->queue(
        &(vcpu_event){.type = EVENT_EXCEPTION, .vector = vector, .coded = coded && !vcpu_real_mode(), .error = error});
    if (vector != GUEST_DB && vector != GUEST_DF) /* a fault pushes RF, that its instruction breaks once */
        vcpu_set(VCPU_RFLAGS, vcpu_get(VCPU_RFLAGS) | RFLAGS_RF);
}

void event_page_fault(uint64_t linear, uint32_t error)
{
    vcpu_set(VCPU_CR2, linear);
    event_exception(GUEST_PF, error);
}

void event_software(const vcpu_event *event)
{
    vcpu->queue(&(vcpu_event){.type = event->type, .vector = event->vector, .length = vcpu->instruction_length()});
}

/* "Debug Exceptions": an exit leaves DR6 and DR7 as they were, and so does the injection; what they would have got is
 * the cause. */
void event_debug(uint64_t cause)
{
    vcpu_set(VCPU_DR6, (vcpu_get(VCPU_DR6) & ~DR6_B) | (cause & (DR6_B | DR6_BD_BS_BT)));
    vcpu_set(VCPU_DR7, vcpu_get(VCPU_DR7) & ~DR7_GD);
    vcpu_set(VCPU_BLOCKING, vcpu_get(VCPU_BLOCKING) & ~BLOCKED_ONE_INSTRUCTION);
    event_exception(GUEST_DB, 0);
}

void event_after_exit(void)
{
    vcpu_event cut;
    if (!vcpu->interrupted(&cut))
        return;
    cut.coded = cut.coded && !vcpu_real_mode(); /* there a code is recorded and not pushed: it would be refused */
    vcpu->queue(&cut);
}

/* An entry that injects an interrupt forgets a debug exception that is pending: that one goes first. */
static bool takes_interrupts(void)
{
    vcpu_event queued;
    return !vcpu->queued(&queued) && (vcpu_get(VCPU_RFLAGS) & RFLAGS_IF) != 0 &&
           (vcpu_get(VCPU_BLOCKING) & BLOCKED_ONE_INSTRUCTION) == 0 && vcpu_get(VCPU_PENDING_DEBUG) == 0;
}

void event_before_entry(void)
{
    bool wanted = pc_interrupt_pending();
    if (wanted && takes_interrupts()) {
        vcpu->queue(&(vcpu_event){.type = EVENT_INTERRUPT, .vector = pc_interrupt_vector()});
        vcpu_set(VCPU_HALTED, 0);
        wanted = pc_interrupt_pending();
    }
    vcpu->want_window(wanted);
}

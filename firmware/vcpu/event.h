/* event.h - what is delivered to the guest at its next entry: exceptions, interrupts, and what an exit has cut short.
 */
#ifndef VCPU_EVENT_H
#define VCPU_EVENT_H

#include <stdint.h>

#include "firmware/vcpu/vcpu.h"

/* Queues an exception of the instruction that has exited; RIP must stand at it. Those that have an error code get it
 * where the guest is not in real mode. */
void event_exception(uint8_t vector, uint32_t error);
void event_page_fault(uint64_t linear, uint32_t error);

/* Queues INT3 or INTO, as its exit has described it; RIP must stand at it. */
void event_software(const vcpu_event *event);

/* Queues a debug exception, with its cause in DR6. */
void event_debug(uint64_t cause);

/* After every exit: an event whose delivery the exit has interrupted is queued again. */
void event_after_exit(void);

/* Before every entry: the interrupt controllers' request enters, or the guest exits as soon as it could. */
void event_before_entry(void);

#endif

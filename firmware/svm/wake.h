/* wake.h - what ends a guest's turn: the timer of the local APIC. AMD's processors have no timer of the guest's own; an
 * interrupt of the machine is what exits. */
#ifndef SVM_WAKE_H
#define SVM_WAKE_H

#include <stdint.h>

void wake_init(void);

/* An interrupt in so many nanoseconds, or one that waits already. */
void wake_after(uint64_t nanoseconds);
void wake_at_once(void);

/* Waits for it. */
void wake_wait(void);

/* After interrupts have been open: whatever came has been taken, and is told to the APIC. */
void wake_done(void);

#endif

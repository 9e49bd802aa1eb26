/* discard.h - writes of the guest that nobody keeps: to its ROM, and to places where nothing is. On a PC they are bus
 * cycles without an effect; here they are EPT violations. */
#ifndef VCPU_DISCARD_H
#define VCPU_DISCARD_H

#include <stdbool.h>

/* After each exit, in front of its handler: true when the exit was this file's business alone. */
bool discard_exit(unsigned reason);

void discard_reset(void);

/* Whether the guest is about to do one step: nothing may be injected, and its timer is not for others. */
typedef enum discard_step { DISCARD_NONE, DISCARD_INSTRUCTION, DISCARD_DELIVERY } discard_step;
discard_step discard_under_way(void);

#endif

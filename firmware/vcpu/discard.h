/* discard.h - writes of the guest that nobody keeps: to its ROM, and to places where nothing is. On a PC they are bus
 * cycles without an effect; here the memory map refuses them. */
#ifndef VCPU_DISCARD_H
#define VCPU_DISCARD_H

#include <stdbool.h>

#include "firmware/vcpu/vcpu.h"

/* After each write that the memory map refused, and after every exit while a step is under way, before its handler:
 * true when the exit was this file's business alone. */
bool discard_exit(const vcpu_exit *exit);

void discard_reset(void);

/* Whether the guest is about to do one step: nothing may be injected, and its timer is not for others. */
typedef enum discard_step { DISCARD_NONE, DISCARD_INSTRUCTION, DISCARD_DELIVERY } discard_step;
discard_step discard_under_way(void);

#endif

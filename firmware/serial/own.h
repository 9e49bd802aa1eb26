/* own.h - pxHV's own serial path: the guest's operations on the real COM1, without a pixel program. It serves when no
 * executor answers on the link. */
#ifndef SERIAL_OWN_H
#define SERIAL_OWN_H

#include <stdbool.h>
#include <stdint.h>

/* False when the machine has no COM1: then characters are counted and lost. */
bool own_open(void);

/* A pc_serial_sink. It waits while the transmitter is full: that is the guest's back-pressure. */
void own_operation(uint32_t operation);

/* Characters that have come in go to the guest. */
void own_poll(void);

#endif

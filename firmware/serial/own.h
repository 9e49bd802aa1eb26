/* own.h - pxHV's own serial path: the guest's operations on the real COM1, without a pixel program. It serves when no
 * executor answers on the link; frames of a board that has no wire leave here too. */
#ifndef SERIAL_OWN_H
#define SERIAL_OWN_H

#include <stdbool.h>
#include <stdint.h>

/* Before the rest: false when COM1 is the link's, and not for the guest. */
void own_allow(bool com1);

/* False when there is no COM1 for the guest: then characters are counted and lost. Once open it stays as it is. */
bool own_open(void);

/* A pc_serial_sink. It waits while the transmitter is full: that is the guest's back-pressure. */
void own_operation(uint32_t operation);

/* A frame of the serial driver (pxi/programs/SERIAL.md), or false: not now. */
bool own_frame(uint32_t frame);

/* Characters that have come in go to the guest. */
void own_poll(void);

#endif

/* hypercall.h - what a guest may ask pxHV for: its counters, and that what has gathered for the serial line leaves now.
 * It reads and changes nothing else. Two ways lead here.
 *
 * INT 15h AX=5058h ("PX"), in real or virtual-8086 mode, as every call of the BIOS:
 *   BL=00h version   out CF = 0, EAX = 56487870h ("pxHV"), EDX = 1
 *   BL=01h log       every counter into pxHV's log; out CF = 0, or CF = 1 and AH = 86h from the ninth time on
 *   BL=02h flush     comes back when everything sent so far is on the wire; out CF = 0
 *   BL=03h count     in BH = kind, CX = which; out CF = 0, EDX:EAX = the count
 *   anything else    out CF = 1, AH = 86h
 *   kinds: 0 exits for reason CX, as the processor's vendor numbers them, 1 reads of port CX, 2 writes of port CX
 *   Registers not named keep their value.
 *
 * Ports 5058h to 505Fh, in every mode, for whom IOPL or the TSS lets use them (protected and long mode have no stubs):
 * a doubleword written to 5058h is BL in its bits 7:0, BH in 15:8, CX in 31:16; doublewords read from 5058h and 505Ch
 * are then EAX and EDX, ones where CF would be 1. Accesses of other sizes, other ports of the eight and string
 * instructions find nothing there. */
#ifndef VCPU_HYPERCALL_H
#define VCPU_HYPERCALL_H

#include <stdbool.h>
#include <stdint.h>

#define HYPERCALL_AX   0x5058u
#define HYPERCALL_PORT 0x5058u
#define HYPERCALL_LOGS 8u /* so often a guest may fill the log */

/* function: BL, kind: BH, which: CX. False, and *value untouched, for what is not there. */
bool hypercall(uint8_t function, uint8_t kind, uint16_t which, uint64_t *value);

/* The ports; false where an access is none of theirs. *value is read or written. */
bool hypercall_port(uint16_t port, unsigned bytes, bool in, uint32_t *value);

#endif

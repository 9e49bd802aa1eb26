/* decode.h - the instruction that has exited, as far as a processor without next RIP and decode assists leaves it to
 * us: its prefixes, and what stands behind them. */
#ifndef SVM_DECODE_H
#define SVM_DECODE_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/vcpu/vcpu.h"

#define DECODE_BYTES 15u /* the longest instruction */

typedef struct decoded {
    uint8_t bytes[DECODE_BYTES]; /* all that could be read; zeros behind them */
    unsigned prefixes;           /* as many, REX among them */
    uint8_t rex;
    vcpu_segment segment; /* DS, or by prefix */
    uint64_t mask;        /* of addresses */
} decoded;

/* The instruction at CS:RIP. A guest that has taken the page away from under it, and whose processor still knows it,
 * has an instruction of zeros: its own fault, and nobody else's. */
decoded decode(void);

/* What stands behind the prefixes; 0 where that is beyond the 15 bytes. */
uint8_t decode_byte(const decoded *d, unsigned at);

/* The general register that the ModRM byte of MOV to and from a control register names, 0 to 15. */
unsigned decode_general(const decoded *d);

/* INT n, INT3, INTO, INT1: how long it is. */
unsigned decode_software_interrupt(void);

#endif

/* touch.h - which pixels an instruction reads and writes, from its shape in isa.def: for tracers, heat maps, caches of
 * decoded code, and the tests that hold isa.def's shapes against the executors. */
#ifndef PXI_TOUCH_H
#define PXI_TOUCH_H

#include <stdbool.h>
#include <stdint.h>

#include "pxi/isa.h"
#include "pxi/pixel.h"

enum { PX_TOUCHES = 3 };

/* rows pieces of columns pixels, pitch apart; a plain run is one piece. None is empty. */
typedef struct px_touch {
    uint32_t base, pitch;
    uint64_t rows, columns;
    bool read, written;
    uint8_t operand; /* 0, 1, 2: a, b, c */
} px_touch;

/* The touches of the v1 instruction in pixel, at pc, as its registers and vl are before it; the fetch itself is none.
 * They are in the order a, b, c. A touch is what the checks of SPEC.md section 7 look at, and so an upper bound of what
 * is touched: PACK may write less of its run, GATHER read less of its table. Bases count modulo 2^32, and an
 * instruction that traps touches nothing, whatever stands here. */
unsigned px_touches(uint32_t pixel, uint32_t pc, const uint32_t reg[256], uint32_t vl, px_touch touch[PX_TOUCHES]);

/* That of an instruction which touches a single one: LD, ST, LDB, STB and LIT. */
static inline uint32_t px_touched_pixel(uint32_t pixel, uint32_t pc, const uint32_t reg[256])
{
    const uint32_t base = reg[px_byte(pixel, 2)];
    switch (px_byte(pixel, 0)) {
    case PX_OP_LD:
        return base + px_byte(pixel, 3);
    case PX_OP_ST:
        return base + px_byte(pixel, 1);
    case PX_OP_LIT:
        return pc + 1;
    default: /* LDB, STB */
        return base + (reg[px_byte(pixel, 3)] >> 2);
    }
}

/* From the first pixel to the last, the pixels between the pieces included; exact, at most (2^32 - 1)^2. */
uint64_t px_touch_length(const px_touch *touch);

#endif

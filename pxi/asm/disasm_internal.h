/* disasm_internal.h - one instruction, taken apart. */
#ifndef PXI_ASM_DISASM_INTERNAL_H
#define PXI_ASM_DISASM_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pxi/isa.h"

/* Text put together in a buffer; length counts what did not fit, too. */
typedef struct px_text {
    char *text;
    size_t size, length;
} px_text;

void px_text_put(px_text *to, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* opcode is NULL for a pixel that the assembler writes only as .pixel. */
typedef struct px_instruction {
    const px_opcode *opcode;
    bool jumps, literal;
    int32_t distance;
} px_instruction;

px_instruction px_instruction_of(uint32_t profile, uint32_t pixel);
void px_instruction_put(px_text *to, px_instruction i, uint32_t pixel, const char *target, const char *literal);

#endif

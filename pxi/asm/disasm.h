/* disasm.h - pixels back to assembly that assembles to the same pixels. */
#ifndef PXI_ASM_DISASM_H
#define PXI_ASM_DISASM_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "pxi/asm/asm.h"
#include "pxi/picture.h"

/* One pixel as an instruction of the profile: "ld r1, [r2 + 3]". Jumps are written as distances, "jmp . + 5", and the
 * literal after LIT as "...". A pixel that the assembler would not write so (an opcode without meaning, a byte in an
 * operand that is not used) is written ".pixel 0x01020304". The result is the length, as of snprintf. */
int px_disassemble_one(uint32_t profile, uint32_t pixel, char *text, size_t size);

/* Those at px, of which there are count, 1 or more: the literal after LIT is written where it is there. Returns how
 * many pixels the instruction has. */
uint32_t px_disassemble_at(uint32_t profile, const uint32_t *px, uint32_t count, char *text, size_t size);

/* The whole picture as source on to; assembling that gives the identical picture, whatever the picture holds. A saved
 * state is told in comments and its image disassembled. name is for the opening comment; symbols (count of them, may be
 * 0) name addresses. False when writing failed or there is no memory. */
bool px_disassemble(FILE *to, const px_picture *picture, const char *name, const px_symbol *symbols, size_t count,
                    px_error *error);

#endif

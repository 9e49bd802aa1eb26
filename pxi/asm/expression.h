/* expression.h - the assembler's expressions, about a machine: its registers r0 to r255, pc, vl, and count, the
 * instructions that it has retired, are values, and so is the pixel [address]. They are all unsigned. */
#ifndef PXI_ASM_EXPRESSION_H
#define PXI_ASM_EXPRESSION_H

#include "pxi/asm/asm.h"

typedef struct px_expression px_expression;

/* Symbols may be named, aliases of registers among them; w and h are the image's. The sentence of an error names the
 * column. */
bool px_expression_read(px_expression **expression, const char *text, const px_symbol *symbols, size_t count,
                        uint32_t w, uint32_t h, px_error *error);
void px_expression_free(px_expression *expression); /* also fine with NULL */

/* Whether it looks at pixels. */
bool px_expression_pixels(const px_expression *expression);

/* The machine that it is asked about. */
typedef struct px_asked {
    uint64_t count;
    uint32_t pc, vl;
    const uint32_t *reg;
    bool (*pixel)(void *context, uint32_t address, uint32_t *pixel); /* false: it cannot be had */
    void *context;
} px_asked;

bool px_expression_value(px_expression *expression, const px_asked *asked, int64_t *value, px_error *error);

#endif

/* select.h - what the last passes know of pixels. */
#ifndef CC_SELECT_H
#define CC_SELECT_H

#include "cc/internal.h"
#include "pxi/isa.h"

enum { CC_ARGC = 5, CC_ARGV = 6, CC_HEAP = 7 }; /* pixels of every translated program */
enum { CC_ILLEGAL = 0xFF };                     /* an opcode that traps */

/* Pixel addresses of sums are taken modulo 2^30, as byte addresses are modulo 2^32. */
#define CC_INDEX_MASK UINT32_C(0x3FFFFFFF)

/* x >> 2, the sign entering, as shadows are made: a base that lies below 0 is still right when an index is added. */
static inline uint32_t cc_pixel_of_byte(uint32_t x)
{
    return x >> 2 | ((x & UINT32_C(0x80000000)) != 0 ? UINT32_C(0xC0000000) : 0);
}

/* Where code begins, which is the stack's top: a multiple of 16 bytes. The header has it in pixel 1, which is to be no
 * instruction: a call through a null pointer traps there, behind the magic number, which is a division. */
static inline uint32_t cc_code_first(const px_cc_options *options)
{
    uint32_t first = (CC_STACK_FIRST + options->stack + 3) & ~UINT32_C(3);
    while (px_opcode_of(PX_V1, (uint8_t)first)->mnemonic != NULL)
        first += 4;
    return first;
}

/* Whether a half without sign, of which it is not known where in its pixel it lies, is put together of its bytes: that
 * takes an instruction less than its pixel, shifted and masked, unless a shadow of its base does for it. */
static inline bool cc_half_by_bytes(const cc_insn *n)
{
    return n->op == CC_LHU && n->demand > 2 && (n->imm == 0 || n->imm % 4 != 0);
}

/* LI, LUI or LIT. */
void cc_put_constant(cc_program *p, uint8_t to, cc_value v);

/* ---- pool.c ---- */

/* Whether a register holds it. */
bool cc_pool_holds(const cc_program *p, cc_value v, uint8_t *held);
/* Whether one holds an address at most 255 pixels before it. */
bool cc_pool_window(const cc_program *p, uint32_t pixel, uint8_t *base, uint8_t *offset);

#endif

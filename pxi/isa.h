/* isa.h - isa.def as C: enums, and a table to look an opcode up by number or mnemonic. */
#ifndef PXI_ISA_H
#define PXI_ISA_H

#include <stdbool.h>
#include <stdint.h>

enum { PX_CLASSIC = 0, PX_V1 = 1 }; /* profile, as in a saved state */

enum px_class {
#define PXI_CLASS(id, number, text) PX_CLASS_##id = (number),
#include "pxi/isa.def"
};

enum px_word_fn {
#define PX_FN_WORD(id, number) PX_WORD_##id = (number),
#define PX_FN_BYTE(id, number)
#define PXI_FN(set, id, number, text) PX_FN_##set(id, number)
#include "pxi/isa.def"
#undef PX_FN_WORD
#undef PX_FN_BYTE
};

enum px_byte_fn {
#define PX_FN_WORD(id, number)
#define PX_FN_BYTE(id, number)        PX_BYTE_##id = (number),
#define PXI_FN(set, id, number, text) PX_FN_##set(id, number)
#include "pxi/isa.def"
#undef PX_FN_WORD
#undef PX_FN_BYTE
};

enum px_op {
#define PXI_OP(id, mnemonic, number, class, function, operands, colour, effect) PX_OP_##id = (number),
#define PXI_CLASSIC(id, mnemonic, number, operands, colour, effect)             PX_OP_##id = (number),
#include "pxi/isa.def"
};

enum px_status {
#define PXI_STATUS(id, number, text) PX_##id = (number),
#include "pxi/isa.def"
};

enum px_cause {
#define PXI_CAUSE(id, number, text) PX_TRAP_##id = (number),
#include "pxi/isa.def"
};

enum px_get {
#define PXI_GET(id, number, text) PX_GET_##id = (number),
#include "pxi/isa.def"
};

/* One opcode. mnemonic is NULL for a number that is illegal in the profile. */
typedef struct px_opcode {
    const char *mnemonic;
    const char *function; /* the function column */
    const char *operands; /* the syntax pattern of isa.def */
    const char *effect;
    uint32_t colour; /* 0xRRGGBB */
    uint8_t number;
    uint8_t class; /* enum px_class; PX_CLASS_CTRL for the classic opcodes */
} px_opcode;

/* Always a valid entry; check mnemonic. */
const px_opcode *px_opcode_of(int profile, uint8_t number);

/* NULL when there is none. Case does not matter. */
const px_opcode *px_opcode_named(int profile, const char *mnemonic);

/* The id in capitals ("HALTED", "RANGE") and the sentence; "?" for a number without meaning. */
const char *px_status_name(uint32_t status);
const char *px_status_text(uint32_t status);
const char *px_cause_name(uint32_t cause);
const char *px_cause_text(uint32_t cause);

#endif

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
#define PXI_OP(id, mnemonic, number, class, function, operands, shape, colour, effect) PX_OP_##id = (number),
#define PXI_CLASSIC(id, mnemonic, number, operands, colour, effect)                    PX_OP_##id = (number),
#include "pxi/isa.def"
};

/* Which run an operand names, how one may lie to another, and the shapes made of these: isa.def says it. */
enum px_extent {
    PX_EXTENT_NO,
    PX_EXTENT_VL,
    PX_EXTENT_VL4,
    PX_EXTENT_TABLE,
    PX_EXTENT_COUNT,
    PX_EXTENT_STRIDED,
    PX_EXTENT_PIXEL,
    PX_EXTENT_NEXT,
    PX_EXTENT_SLOTS,
    PX_EXTENT_HERE,
    PX_EXTENT_C,
    PX_EXTENT_A,
    PX_EXTENT_B
};

enum px_lie { PX_LIE_FREE, PX_LIE_SAME, PX_LIE_APART };

enum px_shape_id {
#define PXI_SHAPE(id, a, b, c, use, ab, ac, regs) PX_SHAPE_##id,
#include "pxi/isa.def"
};

typedef struct px_shape {
    uint8_t extent[3]; /* enum px_extent, of operands a, b, c */
    uint8_t ab, ac;    /* enum px_lie */
    uint8_t regs[3];   /* registers that each operand takes, from the named one on */
    const char *use;   /* a letter an operand: w r u - */
} px_shape;

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
    uint8_t shape; /* enum px_shape_id; PX_SHAPE_NONE for the classic opcodes */
} px_opcode;

/* Always a valid entry; check mnemonic. */
const px_opcode *px_opcode_of(int profile, uint8_t number);

/* NULL when there is none. Case does not matter. */
const px_opcode *px_opcode_named(int profile, const char *mnemonic);

const px_shape *px_shape_of(const px_opcode *opcode);

/* What a reduction leaves in r[a] when its run is empty; false for an opcode that leaves its registers as they are. */
bool px_empty_value(uint8_t number, uint32_t *value);

/* ---- operand patterns ---- */

/* One piece of a pattern: an operand, or a character that stands for itself. */
typedef struct px_piece {
    char kind;     /* r # $ @ = for an operand; else a bracket, comma, colon, plus or blank */
    uint8_t bytes; /* the bytes of the instruction that an operand takes: bit 1 for a, 2 for b, 3 for c; else 0 */
} px_piece;

/* Takes the next piece off *pattern; false at its end. */
bool px_piece_next(const char **pattern, px_piece *piece);
bool px_piece_is_operand(px_piece piece);

/* What an operand byte says. */
enum px_role {
    PX_ROLE_UNUSED,
    PX_ROLE_REG,     /* a register */
    PX_ROLE_RUN,     /* a register that holds the base of a run */
    PX_ROLE_ADDRESS, /* a register that holds an address, in a load or store */
    PX_ROLE_INDEX,   /* a register that holds a byte number, in a load or store */
    PX_ROLE_OFFSET,  /* a byte added to an address */
    PX_ROLE_BYTE,    /* a byte that is a number */
    PX_ROLE_HALF,    /* half of a 16-bit number */
    PX_ROLE_LABEL,   /* a signed distance */
    PX_ROLE_LABEL16  /* half of a 16-bit distance */
};

/* The roles of a, b, c, and whether a literal pixel follows. */
typedef struct px_roles {
    enum px_role of[3];
    bool literal;
} px_roles;

px_roles px_roles_of(const char *pattern);

/* The id in capitals ("HALTED", "RANGE") and the sentence; "?" for a number without meaning. */
const char *px_status_name(uint32_t status);
const char *px_status_text(uint32_t status);
const char *px_cause_name(uint32_t cause);
const char *px_cause_text(uint32_t cause);

#endif

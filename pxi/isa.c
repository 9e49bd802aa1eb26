/* isa.c - the tables made from isa.def. */
#include "pxi/isa.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

static const px_opcode v1[256] = {
#define PXI_OP(id, mnemonic, number, class, function, operands, shape, colour, effect)                                 \
    [number] = {mnemonic, #function, operands, effect, colour, number, PX_CLASS_##class, PX_SHAPE_##shape},
#include "pxi/isa.def"
};

/* The high nibble of an opcode is its class; in the regular classes the low nibble is its function. Executors use the
 * nibbles and the names alike. */
#define PXI_OP(id, mnemonic, number, class, function, operands, shape, colour, effect)                                 \
    _Static_assert((number) >> 4 == PX_CLASS_##class, "the class of " mnemonic);
#include "pxi/isa.def"

#define NIBBLE_ALU(function)    PX_WORD_##function
#define NIBBLE_ALUI(function)   PX_WORD_##function
#define NIBBLE_VV(function)     PX_WORD_##function
#define NIBBLE_VX(function)     PX_WORD_##function
#define NIBBLE_BVV(function)    PX_BYTE_##function
#define NIBBLE_BVX(function)    PX_BYTE_##function
#define NIBBLE_CTRL(function)   -1
#define NIBBLE_BRANCH(function) -1
#define NIBBLE_MOVE(function)   -1
#define NIBBLE_DIV(function)    -1
#define NIBBLE_REDUCE(function) -1
#define NIBBLE_RUN(function)    -1
#define NIBBLE_TENSOR(function) -1
#define PXI_OP(id, mnemonic, number, class, function, operands, shape, colour, effect)                                 \
    _Static_assert(NIBBLE_##class(function) == -1 || ((number)&15) == NIBBLE_##class(function),                        \
                   "the function of " mnemonic);
#include "pxi/isa.def"

static const px_shape shapes[] = {
#define PXI_SHAPE(id, a, b, c, use, ab, ac, regs)                                                                      \
    [PX_SHAPE_##id] = {{PX_EXTENT_##a, PX_EXTENT_##b, PX_EXTENT_##c},                                                  \
                       PX_LIE_##ab,                                                                                    \
                       PX_LIE_##ac,                                                                                    \
                       {regs[0] - '0', regs[1] - '0', regs[2] - '0'},                                                  \
                       use},
#include "pxi/isa.def"
};

static const px_opcode classic[256] = {
#define PXI_CLASSIC(id, mnemonic, number, operands, colour, effect)                                                    \
    [number] = {mnemonic, #id, operands, effect, colour, number, PX_CLASS_CTRL, PX_SHAPE_NONE},
#include "pxi/isa.def"
};

static const struct {
    const char *name, *text;
} statuses[] =
    {
#define PXI_STATUS(id, number, text) [number] = {#id, text},
#include "pxi/isa.def"
},
  causes[] = {
#define PXI_CAUSE(id, number, text) [number] = {#id, text},
#include "pxi/isa.def"
};

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const px_opcode *table_of(int profile) { return profile == PX_CLASSIC ? classic : v1; }

const px_opcode *px_opcode_of(int profile, uint8_t number) { return &table_of(profile)[number]; }

const px_opcode *px_opcode_named(int profile, const char *mnemonic)
{
    const px_opcode *table = table_of(profile);
    for (int i = 0; i < 256; i++)
        if (table[i].mnemonic != NULL && strcasecmp(table[i].mnemonic, mnemonic) == 0)
            return &table[i];
    return NULL;
}

const px_shape *px_shape_of(const px_opcode *opcode) { return &shapes[opcode->shape]; }

bool px_empty_value(uint8_t number, uint32_t *value)
{
    switch (number) {
#define PXI_EMPTY(id, empty)                                                                                           \
    case PX_OP_##id:                                                                                                   \
        *value = (empty);                                                                                              \
        return true;
#include "pxi/isa.def"
    default:
        return false;
    }
}

/* ---- operand patterns ---- */

bool px_piece_is_operand(px_piece piece) { return piece.kind != '\0' && strchr("r#$@=", piece.kind) != NULL; }

bool px_piece_next(const char **pattern, px_piece *piece)
{
    *piece = (px_piece){.kind = **pattern};
    if (piece->kind == '\0')
        return false;
    ++*pattern;
    if (px_piece_is_operand(*piece))
        for (; **pattern >= 'a' && **pattern <= 'c'; ++*pattern)
            piece->bytes |= (uint8_t)(2u << (**pattern - 'a'));
    return true;
}

/* In brackets a register is a run's base; with a plus or a colon behind it an address, and behind a colon a byte
 * number. */
static enum px_role role_in(px_piece piece, bool bracket, char before, char after)
{
    const bool two = (piece.bytes & (piece.bytes - 1)) != 0;
    switch (piece.kind) {
    case 'r':
        return !bracket ? PX_ROLE_REG : before == ':' ? PX_ROLE_INDEX : after == ']' ? PX_ROLE_RUN : PX_ROLE_ADDRESS;
    case '@':
        return two ? PX_ROLE_LABEL16 : PX_ROLE_LABEL;
    default:
        return two ? PX_ROLE_HALF : bracket ? PX_ROLE_OFFSET : PX_ROLE_BYTE;
    }
}

px_roles px_roles_of(const char *pattern)
{
    px_roles roles = {0};
    px_piece piece;
    bool bracket = false;
    char before = '\0'; /* the last character that is neither a blank nor an operand */
    while (px_piece_next(&pattern, &piece)) {
        if (piece.kind == '=')
            roles.literal = true;
        else if (px_piece_is_operand(piece)) {
            for (int k = 0; k < 3; k++)
                if (piece.bytes >> (k + 1) & 1)
                    roles.of[k] = role_in(piece, bracket, before, *pattern);
        } else if (piece.kind != ' ') {
            bracket = piece.kind == '[' || (bracket && piece.kind != ']');
            before = piece.kind;
        }
    }
    return roles;
}

const char *px_status_name(uint32_t status) { return status < COUNT(statuses) ? statuses[status].name : "?"; }
const char *px_status_text(uint32_t status) { return status < COUNT(statuses) ? statuses[status].text : "?"; }
const char *px_cause_name(uint32_t cause) { return cause < COUNT(causes) ? causes[cause].name : "?"; }
const char *px_cause_text(uint32_t cause) { return cause < COUNT(causes) ? causes[cause].text : "?"; }

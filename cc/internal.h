/* internal.h - what the passes of the translator share: the program, from RISC-V instructions to pixels.
 *
 * A pass is a function over struct cc_program, a file each, in this order: elf, decode, relocate, flow, constants,
 * bounds, indices, pool, liveness, loops, shadow, select, layout, picture, symbols, lines. */
#ifndef CC_INTERNAL_H
#define CC_INTERNAL_H

#include "cc/cc.h"

#define CC_TEXT        UINT32_C(0x40000000) /* where code is linked: no picture reaches there */
#define CC_LEAST_DATA  UINT32_C(2048)       /* a base register may lie so far below its object, and must not wrap */
#define CC_NO_INDEX    UINT32_MAX
#define CC_STACK_FIRST UINT32_C(8) /* the pixel behind header, argc, argv and heap */

/* ---- registers of pixel code: cc/ABI.md ---- */
enum {
    CC_RA = 1,
    CC_SP = 2,
    CC_SHADOW = 32,     /* r[32 + i] = x[i] >> 2 where valid */
    CC_SP_PIXEL = 34,   /* always */
    CC_SCRATCH = 64,    /* to 79: within one instruction */
    CC_GROUP = 80,      /* to 95: operand groups */
    CC_POOL_FIRST = 96, /* constants and windows, */
    CC_POOL_LAST = 239  /* written once, at the start */
};

/* What an instruction does. The first sixteen are in the order of isa.def's WORD functions. */
enum cc_op {
    CC_ADD,
    CC_SUB,
    CC_AND,
    CC_OR,
    CC_XOR,
    CC_SHL,
    CC_SHR,
    CC_SAR, /* clang-format off */
    CC_SLT, CC_SLTU, CC_SEQ, CC_MIN, CC_MAX, CC_MUL, CC_MULH, CC_MULHU,
    CC_MULHSU, CC_DIV, CC_DIVU, CC_REM, CC_REMU,
    CC_CONST,                         /* rd = v2 */
    CC_LB, CC_LBU, CC_LH, CC_LHU, CC_LW, CC_SB, CC_SH, CC_SW, /* rs1 + imm; stores rs2 */
    CC_BEQ, CC_BNE, CC_BLT, CC_BGE, CC_BLTU, CC_BGEU,
    CC_JUMP, CC_CALL,                 /* to target; CALL links to rd */
    CC_JR, CC_CALLR,                  /* to rs1 */
    CC_AMO,                           /* imm: funct5 */
    CC_SYS, CC_HALT, CC_TRAP, CC_NOP,
    CC_VECTOR,                        /* a pixel of its own, imm: which operands rd, rs1, rs2 are */
    CC_GROUPSET                       /* r[80 + imm] = rs1 */
}; /* clang-format on */

static inline bool cc_is_alu(uint8_t op) { return op <= CC_MULHU; }
static inline bool cc_is_load(uint8_t op) { return op >= CC_LB && op <= CC_LW; }
static inline bool cc_is_store(uint8_t op) { return op >= CC_SB && op <= CC_SW; }
static inline bool cc_is_branch(uint8_t op) { return op >= CC_BEQ && op <= CC_BGEU; }
/* Calls do not: what is behind them follows. */
static inline bool cc_ends_block(uint8_t op)
{
    return cc_is_branch(op) || op == CC_JUMP || op == CC_JR || op == CC_HALT || op == CC_TRAP;
}

/* What is known of a value. */
enum cc_kind { CC_UNKNOWN, CC_NUMBER, CC_CODE /* the pixel address of the instruction with that index */ };

typedef struct cc_value {
    uint8_t kind;
    uint32_t value;
} cc_value;

enum { CC_POOL_SLOTS = 512 }; /* a power of two, some times CC_POOL_LAST - CC_POOL_FIRST + 1 */

enum {
    CC_LEADER = 1,    /* something jumps here, or a function begins */
    CC_TAKEN = 2,     /* its address is a value of the program */
    CC_FUNCTION = 4,  /* a function's first */
    CC_DEAD = 8,      /* makes nothing that anybody reads */
    CC_RELATIVE = 16, /* auipc: what it makes depends on where code lies, and somebody must say how */
    CC_ADDS_UP = 32   /* a sum that is known not to wrap, nor with the offset of a load or store */
};

/* A sum that is made as a pixel address alone, in the shadow of rd, and the loads and stores that it is for; or the
 * loads and stores of bytes that a sum was for which is not made. */
enum cc_form {
    CC_FORM_PLAIN,
    CC_FORM_MAKES,
    CC_FORM_USES,
    CC_FORM_STEP, /* an addition to the shadow of rd, which is in use alone */
    CC_FORM_BYTE  /* at v1 + imm, a multiple of 4, and rs1 */
};

/* Where rs1 is an address of words: r[32 + rs1] is not used, is there, or is made by this instruction. */
enum cc_shadow_state {
    CC_SHADOW_NONE,
    CC_SHADOW_THERE,
    CC_SHADOW_MAKE,
    CC_SHADOW_LOOP /* there, for the loop's sake */
};

/* An operand is a register, or where k1, k2 are not CC_UNKNOWN the constants v1, v2. Passes rewrite instructions in
 * place. */
typedef struct cc_insn {
    uint8_t op, rd, rs1, rs2;
    cc_value k1, k2;
    cc_value c1, c2; /* what constants.c knows of operands that are registers, until pool.c has decided */
    int32_t imm;
    uint32_t target; /* index, of branches, jumps and calls */
    uint32_t word;   /* as it was read */
    uint8_t flags;
    uint8_t demand; /* bytes of rd that somebody reads: 0, 1, 2, 4 */
    uint8_t form;   /* enum cc_form */
    uint8_t shadow; /* enum cc_shadow_state, of rs1 */
} cc_insn;

typedef struct cc_section {
    const char *name;
    uint32_t type, flags, address, offset, size, link, info, align, entry_size;
} cc_section;

typedef struct cc_symbol {
    const char *name;
    uint32_t value, size;
    uint8_t type, binding;
    uint16_t section;
} cc_symbol;

typedef struct cc_relocation {
    uint32_t address, type, symbol;
    int32_t addend;
} cc_relocation;

/* A word of data that depends on where code lies: each adds the distance from RISC-V address to pixel address; or where
 * data lie: each adds how far they are moved. */
typedef struct cc_patch {
    uint32_t address, target; /* target: index; CC_NO_INDEX: data */
    int32_t sign;
} cc_patch;

enum cc_fix {
    CC_FIX_NONE,
    CC_FIX_LITERAL, /* value is the literal behind it */
    CC_FIX_CODE,    /* the literal is the pixel address of instruction `value` */
    CC_FIX_RETURN,  /* the literal is the pixel address behind the next item */
    CC_FIX_BRANCH,  /* to instruction `value` */
    CC_FIX_JUMP,
    CC_FIX_CALL
};

/* A pixel instruction that is not yet placed. */
typedef struct cc_item {
    uint32_t word, value;
    uint8_t fix, form; /* form: 0 one pixel, 1 over a JMP, 2 over LIT and JR */
    uint32_t address;
} cc_item;

typedef struct cc_pool_entry {
    cc_value value;
    bool window; /* value is a pixel address, the first of 256 */
    uint64_t weight;
} cc_pool_entry;

typedef struct cc_block {
    uint32_t first, end;        /* instructions */
    uint8_t depth;              /* of loops */
    uint32_t at_end;            /* shadows that are made before its jump, */
    uint32_t at_fall;           /* and where it goes on to the next block */
    uint32_t live_in, live_out; /* registers that are read in it or behind it; behind it */
    uint32_t signs_of_bytes;    /* registers whose lowest byte alone is right in it, */
    uint32_t signs_of_halves;   /* lowest half; the sign is extended where it goes on to the next */
    uint32_t busy;              /* registers that live in their shadows alone here, */
    uint32_t busy_before;       /* and before it */
} cc_block;

/* A pixel that a pass puts between: at a block's start, or where it goes on to the next block. */
enum cc_where { CC_AT_START, CC_AT_FALL };

typedef struct cc_insert {
    uint32_t block, where, order, word;
    uint8_t fix; /* as of cc_item */
    uint32_t value;
} cc_insert;

typedef struct cc_program {
    const char *name;
    const px_cc_options *options;
    px_error *error;
    void *memory; /* everything that cc_allocate gave */

    const uint8_t *elf;
    size_t size;
    uint32_t entry; /* RISC-V address */
    uint32_t move;  /* how far data are moved from where they are linked; symbols and sections are moved already */
    cc_section *sections;
    uint32_t section_count;
    cc_symbol *symbols;
    uint32_t symbol_count;

    cc_insn *insns; /* one a word of the text, from text on */
    uint32_t count, text;
    cc_patch *patches;
    uint32_t patch_count, patch_room;

    cc_block *blocks;
    uint32_t block_count;
    uint32_t *block_of;    /* of each instruction */
    uint32_t *function_of; /* of each block: the first block of its function */
    bool *jumps;           /* of each such block: whether its function goes to addresses that it takes from a table */
    bool split;            /* parts of functions lie apart: such an address may be in another function */

    cc_pool_entry pool[CC_POOL_LAST - CC_POOL_FIRST + 1];
    uint32_t pool_count;
    uint8_t pool_at[CC_POOL_SLOTS]; /* entries by their value, from 1 on; 0: none */

    cc_insert *inserts; /* by block and place */
    uint32_t insert_count, insert_room, inserted;

    cc_item *items;
    uint32_t item_count, item_room;
    bool near; /* ADDRESS of select.c holds near_base + near_offset */
    uint8_t near_base;
    uint32_t near_offset;
    uint32_t *first_item; /* of each instruction, and one more */
    bool no_memory;
    uint32_t code_first, code_end; /* pixels */
} cc_program;

/* ---- program.c ---- */

/* Zeroed, and freed with the program; NULL after an error. */
void *cc_allocate(cc_program *p, size_t count, size_t size);
/* Room for one more element in an array that starts as NULL, 0, 0. NULL after an error; the array is as it was. */
void *cc_grow(cc_program *p, void *array, uint32_t count, uint32_t *room, size_t size);
/* "NAME: TEXT"; returns false. */
bool cc_fail(const cc_program *p, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* "NAME: 0x40000010 (main + 16): TEXT". */
bool cc_fail_at(const cc_program *p, uint32_t address, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Index of the instruction at a RISC-V address, or CC_NO_INDEX. The address behind the last counts. */
uint32_t cc_index(const cc_program *p, uint32_t address);
static inline uint32_t cc_address(const cc_program *p, uint32_t index) { return p->text + 4 * index; }

/* ---- the passes; false after an error ---- */

bool cc_read_elf(cc_program *p);
/* The relocations of a section; NULL after an error, *count 0 where there are none. */
bool cc_next_relocation(const cc_program *p, const cc_section *table, uint32_t *at, cc_relocation *relocation);
bool cc_decode(cc_program *p);
bool cc_relocate(cc_program *p);
bool cc_flow(cc_program *p);
bool cc_constants(cc_program *p);
bool cc_bounds(cc_program *p);
bool cc_indices(cc_program *p);
bool cc_pool(cc_program *p);
bool cc_liveness(cc_program *p);
bool cc_loops(cc_program *p);
bool cc_shadow(cc_program *p);
bool cc_select(cc_program *p);
bool cc_layout(cc_program *p);
bool cc_picture(cc_program *p, px_cc_result *result);
bool cc_collect_symbols(cc_program *p, px_cc_result *result);
bool cc_collect_lines(cc_program *p, px_cc_result *result);

/* ---- flow.c ---- */

typedef struct cc_edges {
    uint32_t of[2]; /* blocks: where it falls to, where it jumps; or CC_NO_INDEX */
} cc_edges;
cc_edges cc_edges_of(const cc_program *p, uint32_t block);

/* ---- indices.c ---- */

/* Whether what instruction i of a block makes in x is the address of words, and nothing else; and saying so to them. */
bool cc_only_addresses(const cc_program *p, const cc_block *block, uint32_t i, uint8_t x);
void cc_mark_addresses(cc_program *p, const cc_block *block, uint32_t i, uint8_t x);

/* ---- layout.c ---- */

/* After cc_layout: the pixel address of an instruction. */
uint32_t cc_pixel_of(const cc_program *p, uint32_t index);

#endif

/* select.c - pixel instructions for each RISC-V instruction. */
#include "cc/select.h"
#include "cc/vector.h"
#include "pxi/isa.h"

/* Scratch registers within one instruction. */
enum { ADDRESS = CC_SCRATCH, NUMBER, VALUE, OTHER, NOWHERE };

enum { REQUEST = 10 }; /* of ecall */

static uint32_t pixel(uint8_t op, uint32_t a, uint32_t b, uint32_t c)
{
    return (uint32_t)op | (a & 255) << 8 | (b & 255) << 16 | (c & 255) << 24;
}

/* Whether an instruction writes register a, of those that write a scratch register or a shadow. */
static bool writes_a(uint8_t op)
{
    return op == PX_OP_LIT || op == PX_OP_GET || (op >= PX_OP_ADD && op != PX_OP_ST && op != PX_OP_STB);
}

static void put(cc_program *p, uint32_t word, uint8_t fix, uint32_t value)
{
    if (p->no_memory)
        return;
    cc_item *items = cc_grow(p, p->items, p->item_count, &p->item_room, sizeof *items);
    p->no_memory = items == NULL;
    if (items == NULL)
        return;
    const uint8_t op = (uint8_t)word, a = (uint8_t)(word >> 8);
    if (op == PX_OP_CALL || op == PX_OP_JR || (writes_a(op) && (a == ADDRESS || a == p->near_base)))
        p->near = false;
    p->items = items;
    p->items[p->item_count++] = (cc_item){.word = word, .fix = fix, .value = value};
}

static void emit(cc_program *p, uint8_t op, uint32_t a, uint32_t b, uint32_t c)
{
    put(p, pixel(op, a, b, c), CC_FIX_NONE, 0);
}

static void move(cc_program *p, uint32_t to, uint32_t from)
{
    if (to != from)
        emit(p, PX_OP_ADDI, to, from, 0);
}

static bool fits8(uint32_t value) { return value + 128 < 256; }
static bool fits16(uint32_t value) { return value + 32768 < 65536; }

void cc_put_constant(cc_program *p, uint8_t to, cc_value v)
{
    if (v.kind == CC_CODE)
        put(p, pixel(PX_OP_LIT, to, 0, 0), CC_FIX_CODE, v.value);
    else if (fits16(v.value))
        emit(p, PX_OP_LI, to, v.value, v.value >> 8);
    else if ((v.value & 0xFFFF) == 0)
        emit(p, PX_OP_LUI, to, v.value >> 16, v.value >> 24);
    else
        put(p, pixel(PX_OP_LIT, to, 0, 0), CC_FIX_LITERAL, v.value);
}

/* ---- operands ---- */

static uint8_t constant(cc_program *p, cc_value v, uint8_t scratch)
{
    uint8_t held;
    if (v.kind == CC_NUMBER && v.value == 0)
        return 0;
    if (cc_pool_holds(p, v, &held))
        return held;
    cc_put_constant(p, scratch, v);
    return scratch;
}

/* One pixel instead of two where a register holds it. */
static void move_constant(cc_program *p, uint8_t to, cc_value v)
{
    uint8_t held;
    const bool one = v.kind == CC_NUMBER && (fits16(v.value) || (v.value & 0xFFFF) == 0);
    if (!one && cc_pool_holds(p, v, &held))
        move(p, to, held);
    else
        cc_put_constant(p, to, v);
}

static uint8_t number(cc_program *p, uint32_t value, uint8_t scratch)
{
    return constant(p, (cc_value){CC_NUMBER, value}, scratch);
}

/* The stack pointer is kept as a pixel address; from level 1 on as nothing else. */
static bool sp_is_pixel(const cc_program *p) { return p->options->level >= 1; }

static uint8_t source(cc_program *p, uint8_t x, uint8_t scratch)
{
    if (x != CC_SP || !sp_is_pixel(p))
        return x;
    emit(p, PX_OP_SHLI, scratch, CC_SP_PIXEL, 2);
    return scratch;
}

static uint8_t first(cc_program *p, const cc_insn *n, uint8_t scratch)
{
    return n->k1.kind != CC_UNKNOWN ? constant(p, n->k1, scratch) : source(p, n->rs1, scratch);
}

static uint8_t second(cc_program *p, const cc_insn *n, uint8_t scratch)
{
    return n->k2.kind != CC_UNKNOWN ? constant(p, n->k2, scratch) : source(p, n->rs2, scratch);
}

static uint8_t destination(const cc_insn *n) { return n->rd != 0 ? n->rd : NOWHERE; }

/* After rd was written. */
static void written(cc_program *p, uint8_t rd)
{
    if (rd == CC_SP)
        emit(p, PX_OP_SHRI, CC_SP_PIXEL, CC_SP, 2);
}

/* ---- arithmetic ---- */

static bool commutes(uint8_t op)
{
    return op == CC_ADD || op == CC_AND || op == CC_OR || op == CC_XOR || op == CC_SEQ || op >= CC_MIN;
}

/* sp = sp + 16 k, without its byte address. */
static bool select_sp(cc_program *p, const cc_insn *n)
{
    if (!sp_is_pixel(p) || n->op != CC_ADD || n->rd != CC_SP || n->rs1 != CC_SP || n->k1.kind != CC_UNKNOWN ||
        n->k2.kind != CC_NUMBER || n->k2.value % 4 != 0)
        return false;
    const uint32_t pixels = (uint32_t)((int32_t)n->k2.value / 4);
    if (fits8(pixels))
        emit(p, PX_OP_ADDI, CC_SP_PIXEL, CC_SP_PIXEL, pixels);
    else
        emit(p, PX_OP_ADD, CC_SP_PIXEL, CC_SP_PIXEL, number(p, pixels, NUMBER));
    return true;
}

static void select_alu(cc_program *p, const cc_insn *n)
{
    const uint8_t rd = destination(n);
    if (n->k1.kind == CC_NUMBER && n->k2.kind == CC_UNKNOWN && fits8(n->k1.value) && commutes(n->op)) {
        emit(p, (uint8_t)(PX_OP_ADDI + n->op), rd, source(p, n->rs2, NUMBER), n->k1.value);
        written(p, n->rd);
        return;
    }
    const uint8_t a = first(p, n, ADDRESS);
    if (n->k2.kind == CC_NUMBER && n->op == CC_AND && n->k2.value == 255)
        emit(p, PX_OP_EXT, rd, a, 0);
    else if (n->k2.kind == CC_NUMBER && n->op == CC_ADD && n->k2.value == 0)
        move(p, rd, a);
    else if (n->k2.kind == CC_NUMBER && fits8(n->k2.value))
        emit(p, (uint8_t)(PX_OP_ADDI + n->op), rd, a, n->k2.value);
    else
        emit(p, (uint8_t)(PX_OP_ADD + n->op), rd, a, second(p, n, NUMBER));
    written(p, n->rd);
}

static uint8_t pixel_base(cc_program *p, const cc_insn *n);

/* A sum that is the address of words, in the shadow of rd. */
static void select_index(cc_program *p, const cc_insn *n)
{
    const uint8_t to = (uint8_t)(CC_SHADOW + n->rd);
    uint8_t base = CC_SP_PIXEL;
    if (n->k1.kind == CC_NUMBER)
        base = number(p, cc_pixel_of_byte(n->k1.value), ADDRESS);
    else if (n->rs1 != CC_SP)
        base = pixel_base(p, n);
    emit(p, PX_OP_ADD, to, base, n->rs2);
    if (n->imm != 0)
        emit(p, PX_OP_AND, to, to, number(p, CC_INDEX_MASK, NUMBER));
}

/* A step of a pointer that lives in its shadow. */
static void select_step(cc_program *p, const cc_insn *n)
{
    const uint8_t to = (uint8_t)(CC_SHADOW + n->rd);
    const uint32_t pixels = (uint32_t)((int32_t)n->k2.value / 4);
    if (fits8(pixels))
        emit(p, PX_OP_ADDI, to, to, pixels);
    else
        emit(p, PX_OP_ADD, to, to, number(p, pixels, NUMBER));
}

/* The high word of signed times unsigned: that of unsigned times unsigned, less rs2 where rs1 is negative. */
static void select_mulhsu(cc_program *p, const cc_insn *n)
{
    const uint8_t a = first(p, n, ADDRESS), b = second(p, n, NUMBER);
    emit(p, PX_OP_SARI, VALUE, a, 31);
    emit(p, PX_OP_AND, VALUE, VALUE, b);
    emit(p, PX_OP_MULHU, destination(n), a, b);
    emit(p, PX_OP_SUB, destination(n), destination(n), VALUE);
    written(p, n->rd);
}

static void select_divide(cc_program *p, const cc_insn *n)
{
    const uint8_t a = first(p, n, ADDRESS);
    emit(p, (uint8_t)(PX_OP_DIV + n->op - CC_DIV), destination(n), a, second(p, n, NUMBER));
    written(p, n->rd);
}

/* ---- memory ---- */

typedef struct place {
    uint8_t base, offset;
} place;

/* ceil(imm / 4): x + imm is a multiple of 4, so its pixel is x / 4, cut off, plus that. */
static uint32_t pixels_up(int32_t imm) { return (uint32_t)((imm + 3) >> 2); }

static place word_at_pixel(cc_program *p, uint32_t at)
{
    place to;
    if (at < 256)
        return (place){0, (uint8_t)at};
    if (cc_pool_window(p, at, &to.base, &to.offset))
        return to;
    return (place){number(p, at, ADDRESS), 0};
}

/* rs1 as a pixel address. */
static uint8_t pixel_base(cc_program *p, const cc_insn *n)
{
    const bool there = n->shadow == CC_SHADOW_THERE || n->shadow == CC_SHADOW_LOOP || n->form == CC_FORM_USES;
    const uint8_t to = there || n->shadow == CC_SHADOW_MAKE ? (uint8_t)(CC_SHADOW + n->rs1) : ADDRESS;
    if (!there)
        emit(p, PX_OP_SARI, to, first(p, n, ADDRESS), 2);
    return to;
}

/* Before a base, where no load reaches: a little further before it, for those that follow. */
static place place_near(cc_program *p, uint8_t base, uint32_t offset)
{
    enum { MORE = 4 };
    if (!p->near || p->near_base != base || offset - p->near_offset > 255) {
        const uint32_t from = fits8(offset - MORE) ? offset - MORE : offset;
        emit(p, PX_OP_ADDI, ADDRESS, base, from);
        p->near = true;
        p->near_base = base;
        p->near_offset = from;
    }
    return (place){ADDRESS, (uint8_t)(offset - p->near_offset)};
}

static place word_place(cc_program *p, const cc_insn *n)
{
    if (n->k1.kind == CC_NUMBER)
        return word_at_pixel(p, (n->k1.value + (uint32_t)n->imm) >> 2);
    place to = {CC_SP_PIXEL, 0};
    if (n->k1.kind != CC_UNKNOWN || n->rs1 != CC_SP)
        to.base = pixel_base(p, n);
    const uint32_t offset = pixels_up(n->imm);
    if (offset < 256)
        to.offset = (uint8_t)offset;
    else if (p->options->level >= 2 && to.base != ADDRESS && offset + 128 < 256)
        return place_near(p, to.base, offset);
    else {
        if (fits8(offset))
            emit(p, PX_OP_ADDI, ADDRESS, to.base, offset);
        else
            emit(p, PX_OP_ADD, ADDRESS, to.base, number(p, offset, NUMBER));
        to.base = ADDRESS;
    }
    return to;
}

typedef struct byte_place {
    uint8_t base, index;
} byte_place;

/* rs1 + imm as a byte address in a register. */
static uint8_t byte_address(cc_program *p, const cc_insn *n)
{
    if (n->k1.kind == CC_NUMBER)
        return number(p, n->k1.value + (uint32_t)n->imm, ADDRESS);
    const uint8_t base = first(p, n, ADDRESS);
    if (n->imm == 0)
        return base;
    if (fits8((uint32_t)n->imm))
        emit(p, PX_OP_ADDI, ADDRESS, base, (uint32_t)n->imm);
    else
        emit(p, PX_OP_ADD, ADDRESS, base, number(p, (uint32_t)n->imm, NUMBER));
    return ADDRESS;
}

static byte_place byte_place_of(cc_program *p, const cc_insn *n)
{
    uint8_t held;
    if (n->form == CC_FORM_BYTE)
        return (byte_place){number(p, (n->k1.value + (uint32_t)n->imm) / 4, ADDRESS), n->rs1};
    if (n->k1.kind == CC_UNKNOWN && n->rs1 == CC_SP && n->imm >= 0)
        return (byte_place){CC_SP_PIXEL, number(p, (uint32_t)n->imm, NUMBER)};
    if (n->k1.kind == CC_UNKNOWN && n->rs1 != CC_SP && n->imm > 0 && n->imm % 4 == 0 &&
        cc_pool_holds(p, (cc_value){CC_NUMBER, (uint32_t)n->imm / 4}, &held))
        return (byte_place){held, n->rs1};
    return (byte_place){0, byte_address(p, n)};
}

/* Whether it is known which half of its pixel is meant; *upper which. */
static bool known_half(const cc_insn *n, bool *upper)
{
    if (n->k1.kind != CC_NUMBER && (n->k1.kind != CC_UNKNOWN || n->rs1 != CC_SP))
        return false;
    *upper = ((n->k1.kind == CC_NUMBER ? n->k1.value : 0) + (uint32_t)n->imm) >> 1 & 1;
    return true;
}

/* A half that is bits 15:0 of `from`, with whatever above, to rd as the instruction wants it. */
static void extend_half(cc_program *p, const cc_insn *n, uint8_t from)
{
    const uint8_t rd = destination(n);
    uint8_t held;
    if (n->demand <= 2)
        move(p, rd, from);
    else if (n->op == CC_LHU && cc_pool_holds(p, (cc_value){CC_NUMBER, 0xFFFF}, &held))
        emit(p, PX_OP_AND, rd, from, held);
    else {
        emit(p, PX_OP_SHLI, rd, from, 16);
        emit(p, n->op == CC_LH ? PX_OP_SARI : PX_OP_SHRI, rd, rd, 16);
    }
}

static void load_half(cc_program *p, const cc_insn *n)
{
    const uint8_t rd = destination(n);
    bool upper;
    if (known_half(n, &upper)) {
        cc_insn whole = *n;
        whole.imm = n->imm & ~3;
        if (n->k1.kind == CC_NUMBER)
            whole.k1.value = (n->k1.value + (uint32_t)n->imm) & ~UINT32_C(3), whole.imm = 0;
        const place at = word_place(p, &whole);
        emit(p, PX_OP_LD, VALUE, at.base, at.offset);
        if (upper)
            emit(p, n->op == CC_LH ? PX_OP_SARI : PX_OP_SHRI, rd, VALUE, 16);
        else
            extend_half(p, n, VALUE);
        return;
    }
    if (cc_half_by_bytes(n)) {
        const uint8_t at = byte_address(p, n);
        emit(p, PX_OP_ADDI, OTHER, at, 1);
        emit(p, PX_OP_LDB, OTHER, 0, OTHER);
        emit(p, PX_OP_LDB, rd, 0, at);
        emit(p, PX_OP_INS, rd, OTHER, 1);
        return;
    }
    if (n->shadow != CC_SHADOW_NONE) { /* the offset is of whole words */
        emit(p, PX_OP_LD, VALUE, pixel_base(p, n), pixels_up(n->imm));
        emit(p, PX_OP_SHLI, OTHER, n->rs1, 3);
    } else {
        const uint8_t at = byte_address(p, n);
        emit(p, PX_OP_SHRI, VALUE, at, 2);
        emit(p, PX_OP_LD, VALUE, VALUE, 0);
        emit(p, PX_OP_SHLI, OTHER, at, 3);
    }
    emit(p, PX_OP_SHR, VALUE, VALUE, OTHER);
    extend_half(p, n, VALUE);
}

static void store_half(cc_program *p, const cc_insn *n)
{
    const uint8_t at = byte_address(p, n), value = second(p, n, VALUE);
    emit(p, PX_OP_STB, value, 0, at);
    emit(p, PX_OP_ADDI, ADDRESS, at, 1);
    emit(p, PX_OP_SHRI, VALUE, value, 8);
    emit(p, PX_OP_STB, VALUE, 0, ADDRESS);
}

static void load_byte(cc_program *p, const cc_insn *n)
{
    const uint8_t rd = destination(n);
    const byte_place at = byte_place_of(p, n);
    emit(p, PX_OP_LDB, rd, at.base, at.index);
    if (n->op != CC_LB || n->demand <= 1)
        return;
    emit(p, PX_OP_SHLI, rd, rd, 24);
    emit(p, PX_OP_SARI, rd, rd, 24);
}

static void select_load(cc_program *p, const cc_insn *n)
{
    if (n->op == CC_LW) {
        const place at = word_place(p, n);
        emit(p, PX_OP_LD, destination(n), at.base, at.offset);
    } else if (n->op == CC_LB || n->op == CC_LBU)
        load_byte(p, n);
    else
        load_half(p, n);
    written(p, n->rd);
}

static void select_store(cc_program *p, const cc_insn *n)
{
    if (n->op == CC_SW) {
        const uint8_t value = second(p, n, VALUE);
        const place at = word_place(p, n);
        emit(p, PX_OP_ST, at.offset, at.base, value);
    } else if (n->op == CC_SB) {
        const uint8_t value = second(p, n, VALUE);
        const byte_place at = byte_place_of(p, n);
        emit(p, PX_OP_STB, value, at.base, at.index);
    } else
        store_half(p, n);
}

/* ---- atomics: nothing comes between two instructions ---- */

enum {
    AMO_ADD = 0,
    AMO_SWAP = 1,
    LOAD_RESERVED = 2,
    STORE_CONDITIONAL = 3,
    AMO_XOR = 4,
    AMO_OR = 8,
    AMO_AND = 12,
    AMO_MIN = 16,
    AMO_MAX = 20,
    AMO_MINU = 24,
    AMO_MAXU = 28
};

/* OTHER = what becomes of VALUE and b. */
static void combine(cc_program *p, int32_t function, uint8_t b)
{
    switch (function) {
    case AMO_ADD:
        emit(p, PX_OP_ADD, OTHER, VALUE, b);
        return;
    case AMO_SWAP:
        move(p, OTHER, b);
        return;
    case AMO_XOR:
        emit(p, PX_OP_XOR, OTHER, VALUE, b);
        return;
    case AMO_OR:
        emit(p, PX_OP_OR, OTHER, VALUE, b);
        return;
    case AMO_AND:
        emit(p, PX_OP_AND, OTHER, VALUE, b);
        return;
    case AMO_MIN:
    case AMO_MAX:
        emit(p, function == AMO_MIN ? PX_OP_MIN : PX_OP_MAX, OTHER, VALUE, b);
        return;
    default:
        move(p, OTHER, VALUE);
        emit(p, function == AMO_MINU ? PX_OP_BLTU : PX_OP_BGEU, 2, VALUE, b); /* over the next */
        emit(p, PX_OP_ADDI, OTHER, b, 0);
    }
}

static void select_amo(cc_program *p, const cc_insn *n)
{
    const uint8_t b = second(p, n, NUMBER), at = pixel_base(p, n);
    if (n->imm == STORE_CONDITIONAL) {
        emit(p, PX_OP_ST, 0, at, b);
        emit(p, PX_OP_LI, destination(n), 0, 0);
    } else if (n->imm == LOAD_RESERVED)
        emit(p, PX_OP_LD, destination(n), at, 0);
    else {
        emit(p, PX_OP_LD, VALUE, at, 0);
        combine(p, n->imm, b);
        emit(p, PX_OP_ST, 0, at, OTHER);
        if (n->rd != 0)
            move(p, n->rd, VALUE);
    }
    written(p, n->rd);
}

/* ---- control, and pixels as they are ---- */

static void select_branch(cc_program *p, const cc_insn *n)
{
    const uint8_t a = first(p, n, ADDRESS), b = second(p, n, NUMBER);
    put(p, pixel((uint8_t)(PX_OP_BEQ + n->op - CC_BEQ), 0, a, b), CC_FIX_BRANCH, n->target);
}

static void select_indirect_call(cc_program *p, const cc_insn *n)
{
    uint8_t to = first(p, n, ADDRESS);
    if (to == n->rd) {
        move(p, ADDRESS, to);
        to = ADDRESS;
    }
    put(p, pixel(PX_OP_LIT, n->rd, 0, 0), CC_FIX_RETURN, 0);
    emit(p, PX_OP_JR, 0, to, 0);
}

/* The bytes of operands that are groups: they lie one behind the other from r80 on. */
static void put_groups(uint8_t op, uint8_t byte[3])
{
    const px_shape *shape = px_shape_of(px_opcode_of(PX_V1, op));
    uint8_t at = CC_GROUP;
    for (int k = 0; k < 3; k++) {
        if (shape->regs[k] < 2)
            continue;
        byte[k] = at;
        at = (uint8_t)(at + shape->regs[k]);
    }
}

static void select_vector(cc_program *p, const cc_insn *n)
{
    const bool reads = (n->imm & CC_READS_RD) != 0, writes = (n->imm & CC_WRITES_RD) != 0;
    uint8_t rd = n->rd;
    if (writes && rd == 0) { /* whatever it makes, x0 stays */
        if (reads)
            emit(p, PX_OP_LI, NOWHERE, 0, 0);
        rd = NOWHERE;
    } else if (writes && rd == CC_SP && reads)
        source(p, rd, CC_SP);
    else if (!writes && reads)
        rd = source(p, rd, ADDRESS);
    const uint8_t rs1 = n->imm & CC_READS_RS1 ? source(p, n->rs1, NUMBER) : n->rs1;
    const uint8_t rs2 = n->imm & CC_READS_RS2 ? source(p, n->rs2, VALUE) : n->rs2;
    const bool turned = (n->imm & CC_RD_IS_C) != 0;
    uint8_t byte[3] = {turned ? rs1 : rd, turned ? rs2 : rs1, turned ? rd : rs2};
    if (n->imm & CC_GROUPS)
        put_groups((uint8_t)n->target, byte);
    emit(p, (uint8_t)n->target, byte[0], byte[1], byte[2]);
    if (writes)
        written(p, n->rd);
}

static void select_control(cc_program *p, const cc_insn *n)
{
    switch (n->op) {
    case CC_JUMP:
        put(p, pixel(PX_OP_JMP, 0, 0, 0), CC_FIX_JUMP, n->target);
        return;
    case CC_CALL:
        put(p, pixel(PX_OP_CALL, n->rd, 0, 0), CC_FIX_CALL, n->target);
        return;
    case CC_JR:
        emit(p, PX_OP_JR, 0, first(p, n, ADDRESS), 0);
        return;
    case CC_CALLR:
        select_indirect_call(p, n);
        return;
    case CC_SYS:
        emit(p, PX_OP_SYS, 0, REQUEST, 0);
        return;
    case CC_HALT:
        emit(p, PX_OP_HALT, 0, 0, 0);
        return;
    case CC_GROUPSET:
        emit(p, PX_OP_ADDI, (uint32_t)(CC_GROUP + n->imm), first(p, n, ADDRESS), 0);
        return;
    default:
        emit(p, CC_ILLEGAL, 0, 0, 0);
    }
}

static void select_one(cc_program *p, const cc_insn *n)
{
    if (n->op == CC_NOP || (n->flags & CC_DEAD) != 0)
        return;
    if (n->form == CC_FORM_MAKES || n->form == CC_FORM_STEP) {
        (n->form == CC_FORM_MAKES ? select_index : select_step)(p, n);
        return;
    }
    if (select_sp(p, n))
        return;
    if (n->rd == 0 && (n->op <= CC_CONST)) /* what computes and is thrown away */
        return;
    if (cc_is_alu(n->op))
        select_alu(p, n);
    else if (n->op == CC_MULHSU)
        select_mulhsu(p, n);
    else if (n->op <= CC_REMU)
        select_divide(p, n);
    else if (n->op == CC_CONST) {
        move_constant(p, destination(n), n->k2);
        written(p, n->rd);
    } else if (cc_is_load(n->op))
        select_load(p, n);
    else if (cc_is_store(n->op))
        select_store(p, n);
    else if (cc_is_branch(n->op))
        select_branch(p, n);
    else if (n->op == CC_AMO)
        select_amo(p, n);
    else if (n->op == CC_VECTOR)
        select_vector(p, n);
    else
        select_control(p, n);
}

/* What runs before the program: the pool, and the stack. */
static void select_start(cc_program *p)
{
    const uint32_t top = cc_code_first(p->options);
    for (uint32_t i = 0; i < p->pool_count; i++)
        cc_put_constant(p, (uint8_t)(CC_POOL_FIRST + i), p->pool[i].value);
    cc_put_constant(p, CC_SP_PIXEL, (cc_value){CC_NUMBER, top});
    if (!sp_is_pixel(p))
        cc_put_constant(p, CC_SP, (cc_value){CC_NUMBER, 4 * top});
    put(p, pixel(PX_OP_JMP, 0, 0, 0), CC_FIX_JUMP, cc_index(p, p->entry));
}

static void make_shadows(cc_program *p, uint32_t of)
{
    for (uint32_t x = 1; of != 0 && x < 32; x++)
        if (of >> x & 1)
            emit(p, PX_OP_SARI, CC_SHADOW + x, x, 2);
}

static void extend_signs(cc_program *p, uint32_t of, uint32_t bits)
{
    for (uint32_t x = 1; of != 0 && x < 32; x++)
        if (of >> x & 1) {
            emit(p, PX_OP_SHLI, x, x, 32 - bits);
            emit(p, PX_OP_SARI, x, x, 32 - bits);
        }
}

/* What passes have put at a place of block b; the places come in their order. */
static void put_inserts(cc_program *p, uint32_t b, enum cc_where where)
{
    for (; p->inserted < p->insert_count; p->inserted++) {
        const cc_insert *at = &p->inserts[p->inserted];
        if (at->block != b || at->where != where)
            return;
        put(p, at->word, at->fix, at->value);
    }
}

static void select_block(cc_program *p, uint32_t b)
{
    const cc_block *block = &p->blocks[b];
    p->near = false;
    for (uint32_t i = block->first; i < block->end; i++) {
        const cc_insn *n = &p->insns[i];
        p->first_item[i] = p->item_count;
        if (i == block->first)
            put_inserts(p, b, CC_AT_START);
        if (i + 1 < block->end || !cc_ends_block(n->op)) {
            select_one(p, n);
            continue;
        }
        extend_signs(p, block->signs_of_bytes & block->at_end, 8);
        extend_signs(p, block->signs_of_halves & block->at_end, 16);
        make_shadows(p, block->at_end);
        select_one(p, n);
    }
    if (!cc_ends_block(p->insns[block->end - 1].op))
        make_shadows(p, block->at_end);
    extend_signs(p, block->signs_of_bytes & ~block->at_end, 8);
    extend_signs(p, block->signs_of_halves & ~block->at_end, 16);
    put_inserts(p, b, CC_AT_FALL);
    make_shadows(p, block->at_fall);
}

bool cc_select(cc_program *p)
{
    p->first_item = cc_allocate(p, p->count + 1, sizeof *p->first_item);
    if (p->first_item == NULL)
        return false;
    select_start(p);
    for (uint32_t b = 0; b < p->block_count; b++)
        select_block(p, b);
    p->first_item[p->count] = p->item_count;
    return !p->no_memory;
}

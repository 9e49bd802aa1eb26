/* indices.c - base + 4 * i as a pixel address: slli, add and a load become an addition to the base's shadow and a load;
 * and base + i, for bytes, where the base is a constant: add and a load become a load.
 *
 * (base + 4 i) >> 2 is (base >> 2) + i modulo 2^30, and compilers rely on that modulus: they leave out a mask whose
 * bits the shift throws away. So the sum is masked, unless it is known not to wrap. */
#include "cc/select.h"
#include "cc/uses.h"

static bool reads(const cc_insn *n, uint8_t x)
{
    if (n->op == CC_CALL || n->op == CC_CALLR || n->op == CC_JR || n->op == CC_SYS)
        return true;
    if (n->flags & CC_DEAD)
        return false;
    return (cc_reads_rs1(n) && n->rs1 == x) || (cc_reads_rs2(n) && n->rs2 == x) ||
           (n->op == CC_VECTOR && (n->imm & CC_READS_RD) != 0 && n->rd == x);
}

static bool writes(const cc_insn *n, uint8_t x) { return (n->flags & CC_DEAD) == 0 && cc_writes(n) == x; }

/* What made x before instruction i, if nothing else reads it and its block has it; or NULL. */
static cc_insn *made_before(cc_program *p, const cc_block *block, uint32_t i, uint8_t x)
{
    while (i-- > block->first) {
        cc_insn *n = &p->insns[i];
        if (writes(n, x))
            return n;
        if (reads(n, x))
            return NULL;
    }
    return NULL;
}

static bool is_shift(const cc_insn *n)
{
    return n->op == CC_SHL && n->k2.kind == CC_NUMBER && n->k2.value == 2 && n->k1.kind == CC_UNKNOWN &&
           n->c1.kind == CC_UNKNOWN && n->rs1 != CC_SP;
}

/* Whether nobody reads x behind instruction i. */
static bool ends_at(const cc_program *p, const cc_block *block, uint32_t i, uint8_t x)
{
    if (cc_writes(&p->insns[i]) == x)
        return true;
    for (i++; i < block->end; i++) {
        if (reads(&p->insns[i], x))
            return false;
        if (writes(&p->insns[i], x))
            return true;
    }
    return (block->live_out & CC_BIT(x)) == 0;
}

static bool is_word_at(const cc_insn *n, uint8_t x)
{
    return (n->op == CC_LW || (n->op == CC_SW && n->rs2 != x)) && n->rs1 == x && n->k1.kind == CC_UNKNOWN;
}

bool cc_only_addresses(const cc_program *p, const cc_block *block, uint32_t i, uint8_t x)
{
    uint32_t count = 0;
    for (i++; i < block->end; i++) {
        const cc_insn *n = &p->insns[i];
        if (is_word_at(n, x))
            count++;
        else if (reads(n, x))
            return false;
        if (writes(n, x))
            return count > 0;
    }
    return count > 0 && (block->live_out & CC_BIT(x)) == 0;
}

void cc_mark_addresses(cc_program *p, const cc_block *block, uint32_t i, uint8_t x)
{
    for (i++; i < block->end; i++) {
        cc_insn *n = &p->insns[i];
        if (is_word_at(n, x)) {
            n->form = CC_FORM_USES;
            n->c1 = (cc_value){0};
        }
        if (writes(n, x))
            return;
    }
}

/* Whether a base and x before instruction i, as far as its block shows, add up without wrapping: x is less than 2^29,
 * or has the sign of a byte or half, and the base is known to lie farther from both ends than such an x reaches. */
static bool adds_up(const cc_program *p, const cc_block *block, uint32_t i, uint8_t x, cc_value base)
{
    const uint32_t pixel = base.kind == CC_NUMBER ? base.value >> 2 : 0;
    while (i-- > block->first) {
        const cc_insn *n = &p->insns[i];
        if (!writes(n, x))
            continue;
        const bool number = n->k2.kind == CC_NUMBER;
        if (n->op == CC_LB || n->op == CC_LH)
            return pixel - (n->op == CC_LB ? 128 : 32768) < UINT32_C(1) << 28;
        return n->op == CC_LBU || n->op == CC_LHU || n->op == CC_SLT || n->op == CC_SLTU ||
               (n->op == CC_AND && number && n->k2.value < UINT32_C(1) << 29) ||
               (n->op == CC_SHR && number && (n->k2.value & 31) >= 3);
    }
    return false;
}

/* The index as it is, without its shift. A signed byte that is for this index alone is made 128 less in one
 * instruction, where extending its sign takes two; the base, which is a constant, makes up for it. */
static void unshift(cc_program *p, const cc_block *block, cc_insn *shift, cc_value *base)
{
    const uint32_t at = (uint32_t)(shift - p->insns);
    cc_insn *byte = made_before(p, block, at, shift->rs1);
    const bool biased =
        byte != NULL && byte->op == CC_LB && base->kind == CC_NUMBER && ends_at(p, block, at, shift->rs1);
    shift->op = biased ? CC_XOR : CC_ADD;
    shift->k2 = (cc_value){CC_NUMBER, biased ? (uint32_t)-128 : 0};
    if (biased) {
        byte->op = CC_LBU;
        base->value += 4 * 128;
    }
}

static void try(cc_program *p, const cc_block *block, uint32_t i)
{
    cc_insn *n = &p->insns[i];
    if (n->op != CC_ADD || n->k1.kind != CC_UNKNOWN || n->k2.kind != CC_UNKNOWN || n->rd == 0 || n->rd == CC_SP ||
        (n->flags & CC_DEAD) != 0 || !cc_only_addresses(p, block, i, n->rd))
        return;
    for (int turn = 0; turn < 2; turn++) {
        const uint8_t base = turn == 0 ? n->rs1 : n->rs2, index = turn == 0 ? n->rs2 : n->rs1;
        cc_value known = turn == 0 ? n->c1 : n->c2;
        cc_insn *shift = base != index ? made_before(p, block, i, index) : NULL;
        if (shift == NULL || !is_shift(shift) || known.kind == CC_CODE || !ends_at(p, block, i, index))
            continue;
        const bool small =
            (n->flags & CC_ADDS_UP) != 0 || adds_up(p, block, (uint32_t)(shift - p->insns), shift->rs1, known);
        unshift(p, block, shift, &known);
        cc_mark_addresses(p, block, i, n->rd);
        n->form = CC_FORM_MAKES;
        n->rs1 = base;
        n->rs2 = index;
        n->k1 = known;
        n->c1 = n->c2 = (cc_value){0};
        n->imm = small ? 0 : 1; /* 1: masked */
        return;
    }
}

/* ---- bytes of what lies at a constant ---- */

static bool is_byte_at(const cc_insn *n, uint8_t x)
{
    return (n->op == CC_LB || n->op == CC_LBU || (n->op == CC_SB && n->rs2 != x)) && n->rs1 == x &&
           n->k1.kind == CC_UNKNOWN && n->form == CC_FORM_PLAIN;
}

/* Whether base + index, which instruction i makes in x, is for bytes alone, at pixels' first of the base's, and the
 * index is still there where they are. */
static bool is_for_bytes(const cc_program *p, const cc_block *block, uint32_t i, uint32_t base, uint8_t index)
{
    const uint8_t x = p->insns[i].rd;
    bool there = true;
    for (i++; i < block->end; i++) {
        const cc_insn *n = &p->insns[i];
        const int64_t at = (int64_t)base + n->imm;
        if (is_byte_at(n, x) ? !there || at < 0 || at % 4 != 0 : reads(n, x))
            return false;
        if (writes(n, x))
            return true;
        there = there && !writes(n, index);
    }
    return (block->live_out & CC_BIT(x)) == 0;
}

/* A byte's instruction takes the sum itself, as a pixel and a number of bytes without sign. */
static void leave_to_bytes(cc_program *p, const cc_block *block, uint32_t i, cc_value base, uint8_t index)
{
    cc_insn *sum = &p->insns[i];
    for (i++; i < block->end; i++) {
        cc_insn *n = &p->insns[i];
        if (is_byte_at(n, sum->rd)) {
            n->form = CC_FORM_BYTE;
            n->rs1 = index;
            n->k1 = base;
            n->c1 = (cc_value){0};
        }
        if (writes(n, sum->rd))
            break;
    }
    sum->op = CC_NOP;
    sum->k1 = sum->k2 = sum->c1 = sum->c2 = (cc_value){0};
}

static void try_bytes(cc_program *p, const cc_block *block, uint32_t i)
{
    const cc_insn *n = &p->insns[i];
    if ((n->flags & CC_ADDS_UP) == 0 || (n->flags & CC_DEAD) != 0 || n->form != CC_FORM_PLAIN)
        return;
    const cc_value first = n->k1.kind != CC_UNKNOWN ? n->k1 : n->c1, second = n->k2.kind != CC_UNKNOWN ? n->k2 : n->c2;
    const cc_value base = first.kind == CC_NUMBER ? first : second;
    const uint8_t index = first.kind == CC_NUMBER ? n->rs2 : n->rs1;
    if (index != 0 && index != CC_SP && is_for_bytes(p, block, i, base.value, index))
        leave_to_bytes(p, block, i, base, index);
}

bool cc_indices(cc_program *p)
{
    for (uint32_t b = 0; b < p->block_count; b++)
        for (uint32_t i = p->blocks[b].first; i < p->blocks[b].end; i++) {
            try(p, &p->blocks[b], i);
            try_bytes(p, &p->blocks[b], i);
        }
    return true;
}

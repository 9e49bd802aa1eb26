/* liveness.c - how many bytes of each register somebody reads, backward over the whole program, and which instructions
 * nobody needs.
 *
 * A call reads what its function reads, not what the rules for arguments say: LLVM passes the arguments of functions
 * that it knows all calls of in other registers, too. What a function leaves in a0 and a1 is read where its callers
 * read it. A call takes no register for written: gcc keeps values in registers that it knows a function not to touch.
 */
#include <string.h>

#include "cc/uses.h"

/* Registers of which at least 1, 2, 4 bytes are read. */
typedef struct live {
    uint32_t bytes[3];
} live;

static live all_of(uint32_t registers) { return (live){{registers, registers, registers}}; }

/* Whether *to changed. */
static bool join(live *to, live from)
{
    const uint32_t more =
        (from.bytes[0] & ~to->bytes[0]) | (from.bytes[1] & ~to->bytes[1]) | (from.bytes[2] & ~to->bytes[2]);
    to->bytes[0] |= from.bytes[0];
    to->bytes[1] |= from.bytes[1];
    to->bytes[2] |= from.bytes[2];
    return more != 0;
}

static live only(live l, uint32_t registers)
{
    return (live){{l.bytes[0] & registers, l.bytes[1] & registers, l.bytes[2] & registers}};
}

static uint8_t demand(const live *l, uint8_t x)
{
    return (l->bytes[2] >> x & 1) != 0 ? 4 : (l->bytes[1] >> x & 1) != 0 ? 2 : l->bytes[0] >> x & 1;
}

static void need(live *l, uint8_t x, uint8_t width)
{
    l->bytes[0] |= width >= 1 ? CC_BIT(x) : 0;
    l->bytes[1] |= width >= 2 ? CC_BIT(x) : 0;
    l->bytes[2] |= width >= 4 ? CC_BIT(x) : 0;
}

typedef struct analysis {
    cc_program *p;
    live *out;      /* of each block, when it was last looked at; */
    uint32_t *seen; /* and by which age of what functions read, for those that call or return; 0: never */
    live *in;       /* of each block */
    live *result;   /* of each function, by the number of its first block: what its callers read */
    live *taken;    /* of each function: what is read where its jumps to values may lead */
    live called;    /* what functions read whose address is a value */
    uint32_t age;   /* of what blocks read of others than those behind them: grows with each change */
    bool changed;
} analysis;

/* ---- one instruction ---- */

static uint8_t least(uint8_t a, uint8_t b) { return a < b ? a : b; }

static uint8_t width_of_mask(uint32_t mask) { return mask <= 0xFF ? 1 : mask <= 0xFFFF ? 2 : 4; }

/* Bytes of the first operand that make the d low bytes of the result. */
static uint8_t first_width(const cc_insn *n, uint8_t d)
{
    const bool known = n->k2.kind == CC_NUMBER;
    switch (n->op) {
    case CC_ADD:
    case CC_SUB:
    case CC_OR:
    case CC_XOR:
    case CC_MUL:
        return d;
    case CC_AND:
        return known ? least(d, width_of_mask(n->k2.value)) : d;
    case CC_SHL:
        return known ? least(d, (n->k2.value & 31) >= 24 ? 1 : (n->k2.value & 31) >= 16 ? 2 : 4) : d;
    default:
        return 4;
    }
}

static uint8_t second_width(const cc_insn *n, uint8_t d)
{
    switch (n->op) {
    case CC_ADD:
    case CC_SUB:
    case CC_OR:
    case CC_XOR:
    case CC_MUL:
    case CC_AND:
        return d;
    case CC_SHL:
    case CC_SHR:
    case CC_SAR:
    case CC_SB:
        return 1;
    case CC_SH:
        return 2;
    default:
        return 4;
    }
}

/* What blocks read of others than those behind them. */
static void grow(analysis *a, live *to, live more)
{
    const bool grew = join(to, more);
    a->changed |= grew;
    a->age += grew;
}

static void step_call(analysis *a, live *l, const cc_insn *n)
{
    if (n->rd != CC_RA) { /* keeps to rules of its own */
        *l = all_of(UINT32_MAX);
        return;
    }
    if (n->op == CC_CALL) {
        const uint32_t callee = a->p->block_of[n->target];
        grow(a, &a->result[a->p->function_of[callee]], only(*l, CC_RESULTS));
        *l = only(*l, ~CC_BIT(CC_RA));
        join(l, only(a->in[callee], ~(CC_SAVED | CC_BIT(CC_RA))));
    } else {
        *l = only(*l, ~CC_BIT(CC_RA));
        join(l, only(a->called, ~(CC_SAVED | CC_BIT(CC_RA))));
        need(l, n->rs1, 4);
    }
    join(l, all_of(CC_FIXED));
}

/* Labels are known by their function, or all together. */
static uint32_t labels_of(const analysis *a, uint32_t block) { return a->p->split ? 0 : a->p->function_of[block]; }

static void step_return(const analysis *a, live *l, const cc_insn *n, uint32_t block)
{
    if (n->rs1 == CC_RA) {
        *l = a->result[a->p->function_of[block]];
        join(l, all_of(CC_SAVED | CC_FIXED));
    } else if (n->rs1 == 5) /* where calls link that keep to rules of their own */
        *l = all_of(UINT32_MAX);
    else {
        *l = a->taken[labels_of(a, block)];
        join(l, a->called);
        join(l, all_of(CC_SAVED | CC_FIXED | CC_BIT(CC_RA)));
    }
    need(l, n->rs1, 4);
}

/* What instruction n reads. */
static void read(live *l, const cc_insn *n)
{
    const uint8_t d = cc_writes(n) == CC_SP ? 4 : n->demand;
    if (n->form == CC_FORM_MAKES) { /* and leaves rd as it is */
        if (n->k1.kind == CC_UNKNOWN)
            need(l, n->rs1, 4);
        need(l, n->rs2, 4);
        return;
    }
    if (cc_reads_rs1(n))
        need(l, n->rs1, cc_is_pure(n) ? first_width(n, d) : 4);
    if (cc_reads_rs2(n))
        need(l, n->rs2, second_width(n, d));
    if (n->op == CC_VECTOR && (n->imm & CC_READS_RD))
        need(l, n->rd, 4);
    if (n->op == CC_SYS)
        join(l, all_of(CC_RESULTS));
    *l = only(*l, ~UINT32_C(1));
}

static void step(analysis *a, live *l, cc_insn *n, uint32_t block)
{
    if (n->op == CC_CALL || n->op == CC_CALLR) {
        step_call(a, l, n);
        return;
    }
    if (n->op == CC_JR) {
        step_return(a, l, n, block);
        return;
    }
    const uint8_t rd = cc_writes(n), d = rd != 0 ? demand(l, rd) : 0;
    n->demand = d;
    n->flags = (uint8_t)(cc_is_pure(n) && d == 0 && rd != CC_SP && n->form == CC_FORM_PLAIN ? n->flags | CC_DEAD
                                                                                            : n->flags & ~CC_DEAD);
    if (n->flags & CC_DEAD)
        return;
    if (rd != 0)
        *l = only(*l, ~CC_BIT(rd));
    read(l, n);
}

/* ---- blocks ---- */

/* What is read behind a block's last instruction. */
static live out_of(analysis *a, uint32_t b)
{
    const cc_program *p = a->p;
    const cc_insn *last = &p->insns[p->blocks[b].end - 1];
    live l = {{0}};
    if (cc_is_branch(last->op) || last->op == CC_JUMP) {
        const uint32_t to = p->block_of[last->target];
        join(&l, a->in[to]);
        if (a->p->function_of[to] != a->p->function_of[b]) /* returns to this function's callers */
            grow(a, &a->result[a->p->function_of[to]], a->result[a->p->function_of[b]]);
    }
    if ((cc_is_branch(last->op) || !cc_ends_block(last->op)) && b + 1 < p->block_count) {
        join(&l, a->in[b + 1]);
        if (a->p->function_of[b + 1] != a->p->function_of[b])
            grow(a, &a->result[a->p->function_of[b + 1]], a->result[a->p->function_of[b]]);
    }
    return l;
}

/* A block that has been looked at changes nothing when what is behind it has not changed, nor, if it calls or returns,
 * what functions read. */
static void update(analysis *a, uint32_t b)
{
    const cc_block *block = &a->p->blocks[b];
    live l = out_of(a, b);
    if (a->seen[b] >= a->age && memcmp(&l, &a->out[b], sizeof l) == 0)
        return;
    a->out[b] = l;
    a->seen[b] = UINT32_MAX;
    const uint32_t age = a->age;
    for (uint32_t i = block->end; i-- > block->first;) {
        const uint8_t op = a->p->insns[i].op;
        if (op == CC_CALL || op == CC_CALLR || op == CC_JR)
            a->seen[b] = age;
        step(a, &l, &a->p->insns[i], b);
    }
    const uint8_t flags = a->p->insns[block->first].flags;
    const bool more = join(&a->in[b], l);
    if ((flags & (CC_FUNCTION | CC_TAKEN)) != 0 && more)
        a->age++;
    if ((flags & CC_TAKEN) != 0)
        grow(a, (flags & CC_FUNCTION) != 0 ? &a->called : &a->taken[labels_of(a, b)], a->in[b]);
    a->changed |= more;
}

/* Whether a function may return to others than its callers, as longjmp does: it takes ra or sp from where no function
 * that is called and returns has left them. */
static bool goes_elsewhere(const cc_insn *n)
{
    if (n->op == CC_LW && n->rd == CC_RA)
        return n->rs1 != CC_SP;
    return cc_writes(n) == CC_SP && !(n->op == CC_ADD && n->rs1 == CC_SP && n->k2.kind == CC_NUMBER);
}

static bool begin(analysis *a)
{
    cc_program *p = a->p;
    a->in = cc_allocate(p, p->block_count, sizeof *a->in);
    a->result = cc_allocate(p, p->block_count, sizeof *a->result);
    a->taken = cc_allocate(p, p->block_count, sizeof *a->taken);
    a->out = cc_allocate(p, p->block_count, sizeof *a->out);
    a->seen = cc_allocate(p, p->block_count, sizeof *a->seen);
    if (a->in == NULL || a->out == NULL || a->seen == NULL || a->result == NULL || a->taken == NULL)
        return false;
    for (uint32_t b = 0; b < p->block_count; b++) {
        const uint8_t flags = p->insns[p->blocks[b].first].flags;
        if ((flags & CC_TAKEN) != 0 || p->blocks[b].first == cc_index(p, p->entry))
            a->result[a->p->function_of[b]] = all_of(CC_RESULTS);
        for (uint32_t i = p->blocks[b].first; i < p->blocks[b].end; i++)
            if (goes_elsewhere(&p->insns[i]))
                a->result[a->p->function_of[b]] = all_of(CC_RESULTS);
    }
    return true;
}

/* ---- signs ---- */

static bool has_signs(const cc_program *p, const cc_block *block)
{
    for (uint32_t i = block->first; i < block->end; i++)
        if (p->insns[i].op == CC_LB || p->insns[i].op == CC_LH)
            return true;
    return false;
}

/* A byte or half that is loaded with its sign, which is read only where the block's branch falls through: its sign is
 * extended there, behind the loop for the most part. */
static void defer_signs(const analysis *a, uint32_t b)
{
    cc_block *block = &a->p->blocks[b];
    const cc_insn *last = &a->p->insns[block->end - 1];
    block->signs_of_bytes = block->signs_of_halves = 0;
    if (!cc_is_branch(last->op) || !has_signs(a->p, block))
        return;
    live l = a->in[a->p->block_of[last->target]];
    uint32_t changed = CC_BIT(CC_SP) | 1;
    for (uint32_t i = block->end; i-- > block->first;) {
        cc_insn *n = &a->p->insns[i];
        const uint8_t rd = cc_writes(n), width = n->op == CC_LB ? 1 : 2;
        if (n->op == CC_CALL || n->op == CC_CALLR)
            return;
        if (n->flags & CC_DEAD)
            continue;
        if ((n->op == CC_LB || n->op == CC_LH) && (changed & CC_BIT(rd)) == 0 && n->demand > width &&
            demand(&l, rd) <= width) {
            n->demand = width;
            *(n->op == CC_LB ? &block->signs_of_bytes : &block->signs_of_halves) |= CC_BIT(rd);
        }
        changed |= CC_BIT(rd);
        l = only(l, ~CC_BIT(rd));
        read(&l, n);
    }
}

/* A signed byte that the block's branch compares with a bound of at most 127, without regard to signs: a negative one
 * is beyond it with and without its sign, and where it is not beyond, it has none. */
static void drop_sign(const analysis *a, uint32_t b)
{
    const cc_block *block = &a->p->blocks[b];
    const cc_insn *last = &a->p->insns[block->end - 1];
    const bool bound_first = last->k1.kind == CC_NUMBER;
    const cc_value bound = bound_first ? last->k1 : last->k2, other = bound_first ? last->k2 : last->k1;
    const uint8_t x = bound_first ? last->rs2 : last->rs1;
    if ((last->op != CC_BLTU && last->op != CC_BGEU) || bound.kind != CC_NUMBER || bound.value > 127 ||
        other.kind != CC_UNKNOWN || x == 0 || x == CC_SP || b + 1 >= a->p->block_count || !has_signs(a->p, block))
        return;
    const bool jumps_beyond = (last->op == CC_BLTU) == bound_first;
    live l = a->in[jumps_beyond ? a->p->block_of[last->target] : b + 1];
    for (uint32_t i = block->end - 1; i-- > block->first;) {
        cc_insn *n = &a->p->insns[i];
        if (n->op == CC_CALL || n->op == CC_CALLR)
            return;
        if (n->flags & CC_DEAD)
            continue;
        if (cc_writes(n) == x) {
            if (n->op == CC_LB && demand(&l, x) <= 1)
                n->op = CC_LBU;
            return;
        }
        l = only(l, ~CC_BIT(cc_writes(n)));
        read(&l, n);
    }
}

bool cc_liveness(cc_program *p)
{
    analysis a = {.p = p, .age = 1};
    if (!begin(&a))
        return false;
    do {
        a.changed = false;
        for (uint32_t b = p->block_count; b-- > 0;)
            update(&a, b);
    } while (a.changed);
    for (uint32_t b = 0; b < p->block_count; b++) {
        p->blocks[b].live_in = a.in[b].bytes[0];
        p->blocks[b].live_out = out_of(&a, b).bytes[0];
        drop_sign(&a, b);
        defer_signs(&a, b);
    }
    return true;
}

/* loops.c - pointers that run through words in an innermost loop, as pixel addresses alone: shifted once before the
 * loop, and back behind it where somebody asks.
 *
 * Such a pointer is dereferenced in the loop's first block, so it is a multiple of 4; it grows by multiples of 4; and
 * else it is only compared with what the loop leaves alone, which is brought to the same form. */
#include <stdlib.h>

#include "cc/select.h"
#include "cc/uses.h"
#include "pxi/isa.h"

enum { LIMIT_FIRST = CC_SCRATCH + 9, LIMITS = 7 }; /* registers for what is compared with */

typedef struct loop {
    uint32_t first, last; /* blocks */
    uint32_t written;     /* registers */
} loop;

typedef struct analysis {
    cc_program *p;
    uint32_t limits; /* that are used in the loop at hand */
} analysis;

static bool inside(const loop *l, uint32_t b) { return b >= l->first && b <= l->last; }

static bool put(cc_program *p, uint32_t block, enum cc_where where, uint8_t op, uint32_t a, uint32_t b, uint32_t c)
{
    cc_insert *inserts = cc_grow(p, p->inserts, p->insert_count, &p->insert_room, sizeof *inserts);
    if (inserts == NULL)
        return false;
    p->inserts = inserts;
    p->inserts[p->insert_count++] =
        (cc_insert){block, where, 0, (uint32_t)op | a << 8 | (b & 255) << 16 | (c & 255) << 24, CC_FIX_NONE, 0};
    return true;
}

/* ---- loops ---- */

/* Blocks from the target of a jump back to that jump, entered at the first alone, without calls. */
static bool is_loop(const cc_program *p, const cc_edges *next, const loop *l)
{
    for (uint32_t b = l->first; b <= l->last; b++) {
        if (p->insns[p->blocks[b].first].flags & (CC_FUNCTION | CC_TAKEN))
            return false;
        if (b < l->last && next[b].of[1] != CC_NO_INDEX && next[b].of[1] <= b)
            return false; /* an inner one */
        for (uint32_t i = p->blocks[b].first; i < p->blocks[b].end; i++) {
            const uint8_t op = p->insns[i].op;
            if (op == CC_CALL || op == CC_CALLR || op == CC_JR || op == CC_SYS || op == CC_TRAP || op == CC_HALT)
                return false;
        }
    }
    return true;
}

/* Whether jumps from without reach only its first block, and that from where something can be put before. */
static bool is_entered_well(const cc_edges *next, const uint32_t *jumps_in, const loop *l)
{
    for (uint32_t b = l->first; b <= l->last; b++) {
        uint32_t within = 0;
        for (uint32_t from = l->first; from <= l->last; from++)
            within += next[from].of[1] == b;
        if (jumps_in[b] != within)
            return false;
    }
    return true;
}

static uint32_t registers_written(const cc_program *p, const loop *l)
{
    uint32_t written = 0;
    for (uint32_t i = p->blocks[l->first].first; i < p->blocks[l->last].end; i++)
        if ((p->insns[i].flags & CC_DEAD) == 0)
            written |= CC_BIT(cc_writes(&p->insns[i]));
    return written & ~UINT32_C(1);
}

/* ---- pointers ---- */

static bool is_step(const cc_insn *n, uint8_t x)
{
    return n->op == CC_ADD && n->rd == x && n->rs1 == x && n->k1.kind == CC_UNKNOWN && n->k2.kind == CC_NUMBER &&
           n->k2.value % 4 == 0 && n->form == CC_FORM_PLAIN;
}

static bool is_word_at(const cc_insn *n, uint8_t x)
{
    return ((n->op == CC_LW && n->rd != x) || (n->op == CC_SW && (n->rs2 != x || n->k2.kind != CC_UNKNOWN))) &&
           n->rs1 == x && n->k1.kind == CC_UNKNOWN && n->form == CC_FORM_PLAIN;
}

/* A sum with x as its base, made as a pixel address. */
static bool is_base(const cc_insn *n, uint8_t x)
{
    return n->form == CC_FORM_MAKES && n->rs1 == x && n->k1.kind == CC_UNKNOWN && n->rs2 != x && n->rd != x;
}

/* A comparison of x with what the loop does not write, or with a constant; *other is 2 where that is rs2. */
static bool is_comparison(const loop *l, const cc_insn *n, uint8_t x, int *other)
{
    if (!cc_is_branch(n->op))
        return false;
    *other = n->rs1 == x && n->k1.kind == CC_UNKNOWN ? 2 : 1;
    const uint8_t mine = *other == 2 ? n->rs1 : n->rs2, with = *other == 2 ? n->rs2 : n->rs1;
    const cc_value mine_known = *other == 2 ? n->k1 : n->k2, known = *other == 2 ? n->k2 : n->k1;
    if (mine != x || mine_known.kind != CC_UNKNOWN)
        return false;
    if (known.kind != CC_UNKNOWN)
        return known.kind == CC_NUMBER && known.value % 4 == 0;
    return with == 0 || (with != x && with != CC_SP && (l->written & CC_BIT(with)) == 0);
}

/* A sum of x, which is a distance, and an address; it is for loads and stores alone. */
static bool is_sum(const cc_program *p, uint32_t i, uint8_t x)
{
    const cc_insn *n = &p->insns[i];
    return n->op == CC_ADD && n->form == CC_FORM_PLAIN && n->k1.kind == CC_UNKNOWN && n->k2.kind == CC_UNKNOWN &&
           n->rd != 0 && n->rd != CC_SP && n->rd != x && n->rs1 != n->rs2 && n->rs1 != 0 && n->rs2 != 0 &&
           (n->rs1 == x || n->rs2 == x) && cc_only_addresses(p, &p->blocks[p->block_of[i]], i, n->rd);
}

/* Whether x is a multiple of 4 where the loop is entered, as far as the block before it shows. */
static bool starts_even(const cc_program *p, const loop *l, uint8_t x)
{
    const cc_block *before = &p->blocks[l->first - 1];
    for (uint32_t i = before->end; i-- > before->first;) {
        const cc_insn *n = &p->insns[i];
        if ((n->flags & CC_DEAD) == 0 && cc_writes(n) == x)
            return n->op == CC_CONST && n->k2.kind == CC_NUMBER && n->k2.value % 4 == 0;
    }
    return false;
}

static bool mentions(const cc_insn *n, uint8_t x)
{
    return (n->flags & CC_DEAD) == 0 &&
           ((cc_reads_rs1(n) && n->rs1 == x) || (cc_reads_rs2(n) && n->rs2 == x) || cc_writes(n) == x ||
            (n->op == CC_VECTOR && n->rd == x) || (n->form != CC_FORM_PLAIN && (n->rd == x || n->rs1 == x)));
}

static bool is_pointer(const cc_program *p, const loop *l, uint8_t x)
{
    bool steps = false, useful = false, aligned = starts_even(p, l, x);
    int other;
    for (uint32_t i = p->blocks[l->first].first; i < p->blocks[l->last].end; i++) {
        const cc_insn *n = &p->insns[i];
        if (!mentions(n, x))
            continue;
        const bool word = is_word_at(n, x) && n->imm % 4 == 0, address = word || is_base(n, x) || is_sum(p, i, x);
        steps |= is_step(n, x);
        useful |= address;
        aligned |= word && i < p->blocks[l->first].end;
        if (!is_step(n, x) && !address && !is_comparison(l, n, x, &other))
            return false;
    }
    return steps && useful && aligned;
}

/* Registers that the loop adds multiples of 4 to: the only ones worth a longer look. */
static uint32_t stepped(const cc_program *p, const loop *l)
{
    uint32_t registers = 0;
    for (uint32_t i = p->blocks[l->first].first; i < p->blocks[l->last].end; i++)
        if (is_step(&p->insns[i], p->insns[i].rd))
            registers |= CC_BIT(p->insns[i].rd);
    return registers & ~(CC_BIT(CC_SP) | 1);
}

/* Whether x can be shifted back on each way out where it is read. */
static bool leaves_well(const cc_program *p, const cc_edges *next, const uint32_t *jumps_in, const loop *l, uint8_t x)
{
    for (uint32_t b = l->first; b <= l->last; b++) {
        const uint32_t to = next[b].of[1];
        if (to == CC_NO_INDEX || inside(l, to) || (p->blocks[to].live_in & CC_BIT(x)) == 0)
            continue;
        uint32_t within = 0;
        for (uint32_t from = l->first; from <= l->last; from++)
            within += next[from].of[1] == to;
        const bool falls = to > 0 && next[to - 1].of[0] == to && !inside(l, to - 1);
        if (falls || within != jumps_in[to] || (p->insns[p->blocks[to].first].flags & (CC_FUNCTION | CC_TAKEN)) != 0)
            return false;
    }
    return true;
}

/* ---- the change ---- */

/* Equality: all its bits, the lowest two where no multiple of 4 has them. Order: p < y is the pixel of p being less
 * than y / 4, rounded up, and y < p that y / 4, rounded down, is less than it. */
static bool put_limit(cc_program *p, uint32_t before, uint8_t to, const cc_insn *n, uint8_t with, bool up)
{
    if (n->op == CC_BEQ || n->op == CC_BNE)
        return put(p, before, CC_AT_FALL, PX_OP_SARI, to, with, 2) &&
               put(p, before, CC_AT_FALL, PX_OP_SHLI, CC_SCRATCH, with, 30) &&
               put(p, before, CC_AT_FALL, PX_OP_XOR, to, to, CC_SCRATCH);
    if (!up)
        return put(p, before, CC_AT_FALL, PX_OP_SARI, to, with, 2);
    /* (with >> 2) + (whether there is a rest); with + 3 could wrap */
    return put(p, before, CC_AT_FALL, PX_OP_ANDI, CC_SCRATCH, with, 3) &&
           put(p, before, CC_AT_FALL, PX_OP_SLTU, CC_SCRATCH, 0, CC_SCRATCH) &&
           put(p, before, CC_AT_FALL, PX_OP_SARI, to, with, 2) &&
           put(p, before, CC_AT_FALL, PX_OP_ADD, to, to, CC_SCRATCH);
}

static bool put_number(cc_program *p, uint32_t before, uint8_t to, uint32_t number)
{
    if (!put(p, before, CC_AT_FALL, PX_OP_LIT, to, 0, 0))
        return false;
    p->inserts[p->insert_count - 1].fix = CC_FIX_LITERAL;
    p->inserts[p->insert_count - 1].value = number;
    return true;
}

/* Brings the other side of a comparison to the pointer's form, in a register of its own. */
static bool change_comparison(analysis *a, const loop *l, cc_insn *n, uint8_t x, int other)
{
    const uint8_t with = other == 2 ? n->rs2 : n->rs1;
    const cc_value known = other == 2 ? n->k2 : n->k1;
    uint8_t limit = 0;
    if (known.kind == CC_NUMBER ? known.value != 0 : with != 0) {
        limit = (uint8_t)(LIMIT_FIRST + a->limits++);
        if (known.kind == CC_NUMBER ? !put_number(a->p, l->first - 1, limit, cc_pixel_of_byte(known.value))
                                    : !put_limit(a->p, l->first - 1, limit, n, with, other == 2))
            return false;
    }
    n->k1 = n->k2 = (cc_value){0};
    n->rs1 = other == 2 ? (uint8_t)(CC_SHADOW + x) : limit;
    n->rs2 = other == 2 ? limit : (uint8_t)(CC_SHADOW + x);
    return true;
}

static void change_sum(cc_program *p, uint32_t i, uint8_t x)
{
    cc_insn *n = &p->insns[i];
    n->rs1 = n->rs1 == x ? n->rs2 : n->rs1;
    n->rs2 = (uint8_t)(CC_SHADOW + x);
    n->form = CC_FORM_MAKES;
    n->imm = 0;
    cc_mark_addresses(p, &p->blocks[p->block_of[i]], i, n->rd);
}

static bool change(analysis *a, const cc_edges *next, const loop *l, uint8_t x)
{
    cc_program *p = a->p;
    int other;
    for (uint32_t i = p->blocks[l->first].first; i < p->blocks[l->last].end; i++) {
        cc_insn *n = &p->insns[i];
        if (!mentions(n, x))
            continue;
        if (is_step(n, x))
            n->form = CC_FORM_STEP;
        else if (is_sum(p, i, x))
            change_sum(p, i, x);
        else if (is_word_at(n, x))
            n->form = CC_FORM_USES;
        else if (n->form == CC_FORM_MAKES)
            n->shadow = CC_SHADOW_LOOP;
        else if (is_comparison(l, n, x, &other) && !change_comparison(a, l, n, x, other))
            return false;
    }
    bool good = put(p, l->first - 1, CC_AT_FALL, PX_OP_SARI, (uint32_t)CC_SHADOW + x, x, 2);
    for (uint32_t b = l->first; b <= l->last; b++) {
        p->blocks[b].busy |= CC_BIT(x);
        const uint32_t fall = next[b].of[0], jump = next[b].of[1];
        if (fall != CC_NO_INDEX && !inside(l, fall) && (p->blocks[fall].live_in & CC_BIT(x)) != 0)
            good = good && put(p, b, CC_AT_FALL, PX_OP_SHLI, x, (uint32_t)CC_SHADOW + x, 2);
        if (jump != CC_NO_INDEX && !inside(l, jump) && (p->blocks[jump].live_in & CC_BIT(x)) != 0 &&
            (p->blocks[jump].busy_before & CC_BIT(x)) == 0) {
            p->blocks[jump].busy_before |= CC_BIT(x); /* once, though several jumps go there */
            good = good && put(p, jump, CC_AT_START, PX_OP_SHLI, x, (uint32_t)CC_SHADOW + x, 2);
        }
    }
    return good;
}

static bool improve(analysis *a, const cc_edges *next, const uint32_t *jumps_in, loop *l)
{
    /* What is put before the loop stands where the block before falls into it. */
    if (l->first == 0 || next[l->first - 1].of[0] != l->first || !is_loop(a->p, next, l) ||
        !is_entered_well(next, jumps_in, l))
        return true;
    l->written = registers_written(a->p, l);
    a->limits = 0;
    const uint32_t candidates = stepped(a->p, l);
    uint32_t comparisons = 0;
    for (uint8_t x = 1; x < 32; x++) {
        int other;
        uint32_t more = 0;
        if ((candidates & CC_BIT(x)) == 0 || !is_pointer(a->p, l, x) || !leaves_well(a->p, next, jumps_in, l, x))
            continue;
        for (uint32_t i = a->p->blocks[l->first].first; i < a->p->blocks[l->last].end; i++)
            more += is_comparison(l, &a->p->insns[i], x, &other);
        if (comparisons + more > LIMITS)
            continue;
        comparisons += more;
        if (!change(a, next, l, x))
            return false;
    }
    return true;
}

static int by_place(const void *a, const void *b)
{
    const cc_insert *x = a, *y = b;
    if (x->block != y->block)
        return x->block < y->block ? -1 : 1;
    if (x->where != y->where)
        return x->where < y->where ? -1 : 1;
    return x->order < y->order ? -1 : 1;
}

bool cc_loops(cc_program *p)
{
    analysis a = {.p = p};
    cc_edges *next = cc_allocate(p, p->block_count, sizeof *next);
    uint32_t *jumps_in = cc_allocate(p, p->block_count, sizeof *jumps_in);
    if (next == NULL || jumps_in == NULL)
        return false;
    for (uint32_t b = 0; b < p->block_count; b++) {
        next[b] = cc_edges_of(p, b);
        if (next[b].of[1] != CC_NO_INDEX)
            jumps_in[next[b].of[1]]++;
    }
    for (uint32_t b = 0; b < p->block_count; b++) {
        loop l = {next[b].of[1], b, 0};
        if (l.first != CC_NO_INDEX && l.first <= b && !improve(&a, next, jumps_in, &l))
            return false;
    }
    for (uint32_t i = 0; i < p->insert_count; i++)
        p->inserts[i].order = i;
    if (p->insert_count > 0)
        qsort(p->inserts, p->insert_count, sizeof *p->inserts, by_place);
    return true;
}

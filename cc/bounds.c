/* bounds.c - how large numbers get: which sums of a constant and a register do not wrap.
 *
 * Forward through a function: each register is at most so much, as a number without sign. A branch says more of what it
 * compares on both its ways. What grows in a loop is raised to the next number that its function compares with, and
 * after some of those it may be anything. */
#include <string.h>

#include "cc/uses.h"

enum { MOST_NUMBERS = 16, MOST_RAISES = 12, FARTHEST = 2048 /* a load from its base */ };

typedef struct bounds {
    uint32_t most[32];
    bool reached;
} bounds;

typedef struct analysis {
    cc_program *p;
    bounds *in;
    uint8_t (*raises)[32]; /* of each block and register */
    bool *waiting, *entered;
    uint32_t numbers[MOST_NUMBERS]; /* that the function at hand compares with */
    uint32_t number_count;
} analysis;

static uint32_t least(uint32_t a, uint32_t b) { return a < b ? a : b; }

/* Every number less than 2^k, where there are as large ones as x. */
static uint32_t filled(uint32_t x)
{
    for (uint32_t by = 1; by < 32; by *= 2)
        x |= x >> by;
    return x;
}

static bool is_number(cc_value fixed, cc_value known, uint32_t *number)
{
    *number = fixed.kind == CC_NUMBER ? fixed.value : known.value;
    return fixed.kind == CC_NUMBER || (fixed.kind == CC_UNKNOWN && known.kind == CC_NUMBER);
}

static uint32_t most_of(const bounds *s, uint8_t x, cc_value fixed, cc_value known)
{
    uint32_t number;
    if (is_number(fixed, known, &number))
        return number;
    return fixed.kind != CC_UNKNOWN ? UINT32_MAX : s->most[x];
}

/* ---- one instruction ---- */

static uint32_t shifted(uint32_t most, uint32_t by) { return most > UINT32_MAX >> by ? UINT32_MAX : most << by; }

static uint32_t most_made(const bounds *s, const cc_insn *n)
{
    const uint32_t a = most_of(s, n->rs1, n->k1, n->c1), b = most_of(s, n->rs2, n->k2, n->c2);
    uint32_t by;
    const bool fixed = is_number(n->k2, n->c2, &by);
    switch (n->op) {
    case CC_CONST:
        return b;
    case CC_ADD:
        return a > UINT32_MAX - b ? UINT32_MAX : a + b;
    case CC_AND:
        return least(a, b);
    case CC_OR:
    case CC_XOR:
        return filled(a | b);
    case CC_SHL:
        return fixed ? shifted(a, by & 31) : UINT32_MAX;
    case CC_SHR:
        return fixed ? a >> (by & 31) : a;
    case CC_MUL:
        return (uint64_t)a * b > UINT32_MAX ? UINT32_MAX : a * b;
    case CC_DIVU:
        return fixed && by != 0 ? a / by : UINT32_MAX;
    case CC_REMU:
        return fixed && by != 0 ? least(a, by - 1) : a;
    case CC_SLT:
    case CC_SLTU:
    case CC_SEQ:
        return 1;
    case CC_LBU:
        return UINT8_MAX;
    case CC_LHU:
        return UINT16_MAX;
    default:
        return UINT32_MAX;
    }
}

static void step(bounds *s, const cc_insn *n)
{
    if (n->op == CC_CALL || n->op == CC_CALLR) {
        /* who links elsewhere than in ra keeps to rules of its own */
        for (uint8_t x = 1; x < 32; x++)
            if (n->rd != CC_RA || (CC_SAVED & CC_BIT(x)) == 0)
                s->most[x] = UINT32_MAX;
        return;
    }
    const uint8_t rd = cc_writes(n);
    if (rd != 0 && rd != CC_SP)
        s->most[rd] = most_made(s, n);
}

/* ---- what a branch says ---- */

typedef struct side {
    uint8_t x; /* 0: none */
    bool fixed;
    uint32_t most; /* or the number that it is */
} side;

static void lower(bounds *s, side a, uint32_t most)
{
    if (a.x != 0 && a.x != CC_SP && most < s->most[a.x])
        s->most[a.x] = most;
}

static void is_less(bounds *s, side a, side b)
{
    if (b.most > 0)
        lower(s, a, b.most - 1);
}

static void is_not(bounds *s, side a, side b)
{
    if (b.fixed && a.most == b.most && b.most > 0)
        lower(s, a, b.most - 1);
}

/* a < b, or a <= b, as numbers with signs: whoever is beyond one without sign has none either. */
static void is_below(bounds *s, side a, side b, bool equal)
{
    if (a.most > INT32_MAX)
        return;
    lower(s, b, INT32_MAX);
    if (b.most > INT32_MAX)
        b.most = INT32_MAX;
    if (equal)
        lower(s, a, b.most);
    else
        is_less(s, a, b);
}

static side side_of(const bounds *s, uint8_t x, cc_value fixed, cc_value known)
{
    uint32_t number;
    return (side){fixed.kind == CC_UNKNOWN ? x : 0, is_number(fixed, known, &number), most_of(s, x, fixed, known)};
}

/* What is known behind a branch that was taken, or not. */
static void learn(bounds *s, const cc_insn *n, bool taken)
{
    const side a = side_of(s, n->rs1, n->k1, n->c1), b = side_of(s, n->rs2, n->k2, n->c2);
    switch (n->op) {
    case CC_BEQ:
    case CC_BNE:
        if (taken == (n->op == CC_BEQ)) {
            lower(s, a, b.most);
            lower(s, b, a.most);
        } else {
            is_not(s, a, b);
            is_not(s, b, a);
        }
        return;
    case CC_BLTU:
    case CC_BGEU:
        if (taken == (n->op == CC_BLTU))
            is_less(s, a, b);
        else
            lower(s, b, a.most);
        return;
    case CC_BLT:
    case CC_BGE:
        if (taken == (n->op == CC_BLT))
            is_below(s, a, b, false);
        else
            is_below(s, b, a, true);
        return;
    default:
        return;
    }
}

/* ---- through a function ---- */

static void remember(analysis *a, uint32_t number)
{
    for (uint32_t i = 0; i < a->number_count; i++)
        if (a->numbers[i] == number)
            return;
    if (a->number_count < MOST_NUMBERS)
        a->numbers[a->number_count++] = number;
}

/* The numbers that branches compare with, where a loop ends, and those before them, where it goes on. */
static void find_numbers(analysis *a, uint32_t first, uint32_t end)
{
    a->number_count = 0;
    for (uint32_t b = first; b < end; b++) {
        const cc_insn *n = &a->p->insns[a->p->blocks[b].end - 1];
        uint32_t number;
        if (cc_is_branch(n->op) && (is_number(n->k1, n->c1, &number) || is_number(n->k2, n->c2, &number)))
            remember(a, number);
    }
}

static uint32_t raised(const analysis *a, uint32_t most)
{
    uint32_t best = UINT32_MAX;
    for (uint32_t i = 0; i < a->number_count; i++) {
        const uint32_t number = a->numbers[i];
        if (number >= most)
            best = least(best, number > most ? number - 1 : number);
    }
    return best;
}

static bool join(analysis *a, uint32_t to, const bounds *from, bool back)
{
    bounds *in = &a->in[to];
    bool changed = !in->reached;
    if (!in->reached) {
        *in = *from;
        in->reached = true;
        return true;
    }
    for (uint8_t x = 1; x < 32; x++) {
        if (from->most[x] <= in->most[x])
            continue;
        in->most[x] = from->most[x];
        if (back)
            in->most[x] = ++a->raises[to][x] > MOST_RAISES ? UINT32_MAX : raised(a, in->most[x]);
        changed = true;
    }
    return changed;
}

static bool look_at(analysis *a, uint32_t b)
{
    const cc_block *block = &a->p->blocks[b];
    const cc_edges next = cc_edges_of(a->p, b);
    bounds out = a->in[b];
    bool changed = false;
    a->waiting[b] = false;
    for (uint32_t i = block->first; i < block->end; i++)
        step(&out, &a->p->insns[i]);
    for (int k = 0; k < 2; k++) {
        const uint32_t to = next.of[k];
        bounds there = out;
        if (to == CC_NO_INDEX || a->entered[to])
            continue;
        learn(&there, &a->p->insns[block->end - 1], k == 1);
        if (join(a, to, &there, to <= b))
            changed = a->waiting[to] = true;
    }
    return changed;
}

/* A sum of a constant and a register, neither of which is the stack pointer. */
static bool is_candidate(const cc_insn *n)
{
    uint32_t number;
    return n->op == CC_ADD && n->rd != 0 && n->rd != CC_SP &&
           is_number(n->k1, n->c1, &number) != is_number(n->k2, n->c2, &number);
}

static void mark(const analysis *a, uint32_t b)
{
    bounds s = a->in[b];
    for (uint32_t i = a->p->blocks[b].first; s.reached && i < a->p->blocks[b].end; i++) {
        cc_insn *n = &a->p->insns[i];
        if (is_candidate(n) && most_made(&s, n) < UINT32_MAX - FARTHEST)
            n->flags |= CC_ADDS_UP;
        step(&s, n);
    }
}

static void look_through(analysis *a, uint32_t first, uint32_t end)
{
    bool again = true;
    find_numbers(a, first, end);
    while (again) {
        again = false;
        for (uint32_t b = first; b < end; b++)
            again |= a->waiting[b] && look_at(a, b);
    }
    for (uint32_t b = first; b < end; b++)
        mark(a, b);
}

/* Nothing is known where a function begins, and where something else than its own blocks goes. */
static void begin(analysis *a)
{
    const cc_program *p = a->p;
    for (uint32_t b = 0; b < p->block_count; b++) {
        const cc_edges next = cc_edges_of(p, b);
        for (int k = 0; k < 2; k++)
            if (next.of[k] != CC_NO_INDEX && p->function_of[next.of[k]] != p->function_of[b])
                a->entered[next.of[k]] = true;
        a->entered[b] |= b == 0 || (p->insns[p->blocks[b].first].flags & (CC_FUNCTION | CC_TAKEN)) != 0;
    }
    for (uint32_t b = 0; b < p->block_count; b++) {
        memset(a->in[b].most, 0xFF, sizeof a->in[b].most);
        a->in[b].most[0] = 0;
        a->in[b].reached = a->waiting[b] = a->entered[b];
    }
}

bool cc_bounds(cc_program *p)
{
    analysis a = {.p = p,
                  .in = cc_allocate(p, p->block_count, sizeof *a.in),
                  .raises = cc_allocate(p, p->block_count, sizeof *a.raises),
                  .waiting = cc_allocate(p, p->block_count, sizeof *a.waiting),
                  .entered = cc_allocate(p, p->block_count, sizeof *a.entered)};
    if (a.in == NULL || a.raises == NULL || a.waiting == NULL || a.entered == NULL)
        return false;
    begin(&a);
    for (uint32_t first = 0, end; first < p->block_count; first = end) {
        bool wanted = false;
        end = first;
        while (end < p->block_count && p->function_of[end] == p->function_of[first]) {
            for (uint32_t i = p->blocks[end].first; i < p->blocks[end].end && !wanted; i++)
                wanted = is_candidate(&p->insns[i]);
            end++;
        }
        if (wanted)
            look_through(&a, first, end);
    }
    return true;
}

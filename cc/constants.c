/* constants.c - which registers hold a constant where, and what instructions become of it.
 *
 * Forward over the blocks of all functions at once: at a function's first instruction nothing is known, behind a call
 * what it must keep. Labels whose address is a value are reached by their own function's jumps to values. */
#include "cc/uses.h"

/* Of a block that has not been reached yet anything could be said. */
enum { ANYTHING = 3 };

typedef struct state {
    cc_value of[32];
} state;

static bool same(cc_value a, cc_value b) { return a.kind == b.kind && a.value == b.value; }

/* Whether *to changed. */
static bool meet(state *to, const state *from)
{
    bool changed = false;
    for (int x = 1; x < 32; x++) {
        if (to->of[x].kind == CC_UNKNOWN || from->of[x].kind == ANYTHING || same(to->of[x], from->of[x]))
            continue;
        to->of[x] = to->of[x].kind == ANYTHING ? from->of[x] : (cc_value){0};
        changed = true;
    }
    return changed;
}

static void forget(state *s, uint32_t registers)
{
    for (int x = 1; x < 32; x++)
        if (registers & CC_BIT(x))
            s->of[x] = (cc_value){0};
}

static uint32_t compute(uint8_t op, uint32_t x, uint32_t y)
{
    const int32_t a = (int32_t)x, b = (int32_t)y;
    const uint32_t by = y & 31;
    switch (op) {
    case CC_ADD:
        return x + y;
    case CC_SUB:
        return x - y;
    case CC_AND:
        return x & y;
    case CC_OR:
        return x | y;
    case CC_XOR:
        return x ^ y;
    case CC_SHL:
        return x << by;
    case CC_SHR:
        return x >> by;
    case CC_SAR:
        return a < 0 ? ~(~x >> by) : x >> by;
    case CC_SLT:
        return a < b;
    case CC_SLTU:
        return x < y;
    case CC_MUL:
        return x * y;
    case CC_MULH:
        return (uint32_t)((uint64_t)((int64_t)a * b) >> 32);
    default: /* CC_MULHU */
        return (uint32_t)((uint64_t)x * y >> 32);
    }
}

static bool can_compute(uint8_t op) { return op <= CC_SLTU || op == CC_MUL || op == CC_MULH || op == CC_MULHU; }

static cc_value first_of(const state *s, const cc_insn *n) { return n->k1.kind != CC_UNKNOWN ? n->k1 : s->of[n->rs1]; }
static cc_value second_of(const state *s, const cc_insn *n) { return n->k2.kind != CC_UNKNOWN ? n->k2 : s->of[n->rs2]; }

static cc_value result_of(const state *s, const cc_insn *n)
{
    if (n->op == CC_CONST)
        return n->k2;
    if (!can_compute(n->op))
        return (cc_value){0};
    const cc_value a = first_of(s, n), b = second_of(s, n);
    if (n->op == CC_ADD && b.kind == CC_NUMBER && b.value == 0)
        return a;
    if (a.kind == CC_NUMBER && b.kind == CC_NUMBER)
        return (cc_value){CC_NUMBER, compute(n->op, a.value, b.value)};
    return a.kind == ANYTHING || b.kind == ANYTHING ? (cc_value){ANYTHING, 0} : (cc_value){0};
}

static void step(state *s, const cc_insn *n)
{
    if (n->op == CC_CALL || n->op == CC_CALLR) {
        /* who links elsewhere than in ra keeps to rules of its own */
        forget(s, n->rd == CC_RA ? ~(CC_SAVED | CC_FIXED) : UINT32_MAX);
        return;
    }
    const uint8_t rd = cc_writes(n);
    const cc_value value = result_of(s, n);
    if (rd != 0 && rd != CC_SP)
        s->of[rd] = value;
}

/* ---- to the end ---- */

static bool flow_to(state *in, bool *waiting, uint32_t block, const state *out)
{
    const bool changed = meet(&in[block], out);
    waiting[block] |= changed;
    return changed;
}

/* Whether block b is a label whose address is a value, and it is known from where it is reached. */
static bool is_label(const cc_program *p, uint32_t b)
{
    return (p->insns[p->blocks[b].first].flags & (CC_TAKEN | CC_FUNCTION)) == CC_TAKEN && !p->split &&
           p->jumps[p->function_of[b]];
}

static bool flow_to_labels(const cc_program *p, state *in, bool *waiting, uint32_t from, const state *out)
{
    bool changed = false;
    const uint32_t function = p->function_of[from];
    for (uint32_t b = function; b < p->block_count && p->function_of[b] == function; b++)
        if (is_label(p, b))
            changed |= flow_to(in, waiting, b, out);
    return changed;
}

static bool propagate(const cc_program *p, state *in, bool *waiting)
{
    bool again = false;
    for (uint32_t b = 0; b < p->block_count; b++) {
        if (!waiting[b])
            continue;
        waiting[b] = false;
        state s = in[b];
        for (uint32_t i = p->blocks[b].first; i < p->blocks[b].end; i++)
            step(&s, &p->insns[i]);
        const cc_insn *last = &p->insns[p->blocks[b].end - 1];
        if (cc_is_branch(last->op) || last->op == CC_JUMP)
            again |= flow_to(in, waiting, p->block_of[last->target], &s);
        if (cc_goes_by_table(last))
            again |= flow_to_labels(p, in, waiting, b, &s);
        if ((cc_is_branch(last->op) || !cc_ends_block(last->op)) && b + 1 < p->block_count)
            again |= flow_to(in, waiting, b + 1, &s);
    }
    return again;
}

static void begin(const cc_program *p, state *in, bool *waiting)
{
    for (uint32_t b = 0; b < p->block_count; b++) {
        const bool entered =
            b == 0 || ((p->insns[p->blocks[b].first].flags & (CC_FUNCTION | CC_TAKEN)) != 0 && !is_label(p, b));
        waiting[b] = entered;
        for (int x = 1; x < 32; x++)
            in[b].of[x].kind = entered ? CC_UNKNOWN : ANYTHING;
        in[b].of[0] = (cc_value){CC_NUMBER, 0};
    }
}

/* ---- what becomes of the instructions ---- */

/* Operands that are constants: whether a register or a constant is better is decided when it is known which constants
 * have registers of their own. */
static void note(const state *s, cc_insn *n)
{
    if (cc_reads_rs1(n) && s->of[n->rs1].kind != ANYTHING)
        n->c1 = s->of[n->rs1];
    if (cc_reads_rs2(n) && s->of[n->rs2].kind != ANYTHING)
        n->c2 = s->of[n->rs2];
    if ((n->op == CC_JR || n->op == CC_CALLR) && n->c1.kind == CC_CODE) {
        n->op = n->op == CC_JR ? CC_JUMP : CC_CALL;
        n->target = n->c1.value;
        n->c1 = (cc_value){0};
        return;
    }
    const cc_value value = result_of(s, n);
    if (n->op == CC_CONST || n->rd == 0 || n->rd == CC_SP || !cc_is_pure(n) ||
        (value.kind != CC_NUMBER && value.kind != CC_CODE))
        return;
    n->op = CC_CONST;
    n->k1 = n->c1 = n->c2 = (cc_value){0};
    n->k2 = value;
}

bool cc_constants(cc_program *p)
{
    state *in = cc_allocate(p, p->block_count, sizeof *in);
    bool *waiting = cc_allocate(p, p->block_count, sizeof *waiting);
    if (in == NULL || waiting == NULL)
        return false;
    begin(p, in, waiting);
    while (propagate(p, in, waiting))
        continue;
    for (uint32_t b = 0; b < p->block_count; b++) {
        state s = in[b];
        for (uint32_t i = p->blocks[b].first; i < p->blocks[b].end; i++) {
            const cc_insn as_it_was = p->insns[i];
            note(&s, &p->insns[i]);
            step(&s, &as_it_was);
        }
    }
    return true;
}

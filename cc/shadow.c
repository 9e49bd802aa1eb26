/* shadow.c - addresses of words: x >> 2 is computed once, kept in r[32 + i] while it holds, and computed where it costs
 * least.
 *
 * Level 2 uses what is there on every way to an instruction. Level 3 also puts computations where they make others
 * unnecessary, before a loop above all (Morel and Renvoise's partial redundancies): never one more on any way through
 * the program. Whether a shadow holds is then found out anew from what stands where, so nothing depends on the wisdom
 * of the placement. */
#include "cc/select.h"
#include "cc/uses.h"

/* Bit i of each is the shadow of x[i]. */
typedef struct facts {
    uint32_t wanted;          /* before anything in the block ends it */
    uint32_t left;            /* at the block's end, made within */
    uint32_t kept;            /* through the block */
    uint32_t in, out;         /* there on every way */
    uint32_t some;            /* there on some way, at the end */
    uint32_t ahead;           /* wanted on every way ahead, at the block's beginning */
    uint32_t put_in, put_out; /* could be computed before, in and behind the block */
    uint32_t at_end;          /* computed before the block's jump */
} facts;

typedef struct analysis {
    cc_program *p;
    facts *f;
    cc_edges *next;
    uint32_t *made; /* of each block that begins a function: shadows that it, and what it calls, may write */
    struct use *uses;
    uint32_t use_count, use_room;
} analysis;

/* ---- instructions ---- */

/* The register whose shadow an instruction takes for its address, or 0. */
static uint8_t wants(const cc_insn *n)
{
    if ((n->flags & CC_DEAD) != 0 || n->k1.kind != CC_UNKNOWN || n->rs1 == CC_SP || n->rs1 == 0)
        return 0;
    if (n->form == CC_FORM_USES || n->shadow == CC_SHADOW_LOOP)
        return 0;
    if (n->form == CC_FORM_MAKES)
        return n->rs1;
    if (n->op == CC_LW || n->op == CC_SW || n->op == CC_AMO)
        return n->rs1;
    /* Which half it is tell the low bits of the whole address. */
    const bool half = n->op == CC_LH || (n->op == CC_LHU && !cc_half_by_bytes(n));
    return half && n->imm % 4 == 0 && n->imm >= 0 && n->imm < 4 * 256 ? n->rs1 : 0;
}

static uint32_t ends(const analysis *a, const cc_insn *n)
{
    if (n->op == CC_CALL && n->rd == CC_RA)
        return a->made[a->p->function_of[a->p->block_of[n->target]]] | ~CC_SAVED;
    if (n->op == CC_CALL || n->op == CC_CALLR)
        return UINT32_MAX;
    if ((n->flags & CC_DEAD) != 0)
        return 0;
    const uint8_t rd = cc_writes(n);
    return rd != 0 ? CC_BIT(rd) : 0;
}

/* The register whose shadow becomes something else than its x >> 2. */
static uint32_t made_anew(const cc_insn *n)
{
    return n->form == CC_FORM_MAKES || n->form == CC_FORM_STEP ? CC_BIT(n->rd) : 0;
}

/* ---- functions ---- */

/* Shadows that are not what they were behind a call of whoever does this. Who puts ra or sp where it is not its own
 * frame, as setjmp does, may return again, after anything. */
static uint32_t made_by(const cc_insn *n)
{
    if (n->op == CC_SW && n->rs1 != CC_SP && n->k2.kind == CC_UNKNOWN && (n->rs2 == CC_RA || n->rs2 == CC_SP))
        return UINT32_MAX;
    if (n->op == CC_CALL && n->rd == CC_RA)
        return 0; /* what that function does */
    if (n->op == CC_CALL || n->op == CC_CALLR || n->op == CC_JR)
        return n->op == CC_JR && n->rs1 == CC_RA ? 0 : UINT32_MAX;
    const uint8_t x = wants(n);
    return (x != 0 ? CC_BIT(x) : 0) | made_anew(n);
}

/* A function that another calls, or goes on to. */
typedef struct use {
    uint32_t by, of;
} use;

static bool add_use(analysis *a, uint32_t from, uint32_t to)
{
    const use new = {a->p->function_of[from], a->p->function_of[to]};
    if (new.by == new.of)
        return true;
    use *uses = cc_grow(a->p, a->uses, a->use_count, &a->use_room, sizeof *uses);
    if (uses == NULL)
        return false;
    a->uses = uses;
    a->uses[a->use_count++] = new;
    return true;
}

/* What each function makes itself, and which others it uses. */
static bool collect_own(analysis *a)
{
    const cc_program *p = a->p;
    for (uint32_t b = 0; b < p->block_count; b++) {
        for (uint32_t i = p->blocks[b].first; i < p->blocks[b].end; i++) {
            const cc_insn *n = &p->insns[i];
            a->made[p->function_of[b]] |= made_by(n);
            if (n->op == CC_CALL && n->rd == CC_RA && !add_use(a, b, p->block_of[n->target]))
                return false;
        }
        for (int k = 0; k < 2; k++)
            if (a->next[b].of[k] != CC_NO_INDEX && !add_use(a, b, a->next[b].of[k]))
                return false;
    }
    return true;
}

static bool collect_made(analysis *a)
{
    bool changed = false;
    for (uint32_t i = 0; i < a->use_count; i++) {
        uint32_t *made = &a->made[a->uses[i].by];
        const uint32_t all = *made | a->made[a->uses[i].of];
        changed |= all != *made;
        *made = all;
    }
    return changed;
}

/* ---- blocks ---- */

static bool is_entered(const cc_program *p, uint32_t b)
{
    return b == 0 || (p->insns[p->blocks[b].first].flags & (CC_FUNCTION | CC_TAKEN)) != 0;
}

static void look_into(analysis *a, uint32_t b)
{
    facts *f = &a->f[b];
    f->kept = ~a->p->blocks[b].busy;
    for (uint32_t i = a->p->blocks[b].first; i < a->p->blocks[b].end; i++) {
        const cc_insn *n = &a->p->insns[i];
        const uint8_t x = wants(n);
        if (x != 0) {
            f->wanted |= f->kept & CC_BIT(x);
            f->left |= CC_BIT(x);
        }
        const uint32_t over = ends(a, n) | made_anew(n);
        f->kept &= ~over;
        f->left &= ~over;
    }
}

/* Where a fall into block b brings what it could compute before itself. */
static uint32_t along(const analysis *a, uint32_t from, int k)
{
    const uint32_t to = a->next[from].of[k];
    return a->f[from].out | (k == 0 ? a->f[to].put_in : 0);
}

/* What block b leaves is brought to those behind it (ahead), or to itself and those before it. */
static void bring(analysis *a, uint32_t b, bool ahead)
{
    for (int k = 0; k < 2; k++) {
        const uint32_t to = a->next[b].of[k];
        if (to != CC_NO_INDEX && (to > b) == ahead)
            a->f[to].in &= along(a, b, k);
    }
}

/* Forward: what is there on every way, on some way. What goes ahead goes all the way in one round: with a block a round
 * a function would take the square of its length. */
static bool forward(analysis *a)
{
    bool changed = false;
    for (uint32_t b = 0; b < a->p->block_count; b++)
        a->f[b].in = is_entered(a->p, b) ? 0 : UINT32_MAX;
    for (uint32_t b = 0; b < a->p->block_count; b++)
        bring(a, b, false);
    for (uint32_t b = 0; b < a->p->block_count; b++) {
        facts *f = &a->f[b];
        const uint32_t out = f->left | (f->in & f->kept) | f->at_end;
        changed |= out != f->out;
        f->out = out;
        bring(a, b, true);
    }
    return changed;
}

static bool forward_some(analysis *a)
{
    bool changed = false;
    for (uint32_t b = 0; b < a->p->block_count; b++) {
        const uint32_t some = a->f[b].some | a->f[b].left;
        for (int k = 0; k < 2; k++) {
            if (a->next[b].of[k] == CC_NO_INDEX)
                continue;
            facts *to = &a->f[a->next[b].of[k]];
            const uint32_t more = to->some | (some & to->kept) | to->left;
            changed |= more != to->some;
            to->some = more;
        }
    }
    return changed;
}

static bool backward(analysis *a)
{
    bool changed = false;
    for (uint32_t b = a->p->block_count; b-- > 0;) {
        uint32_t ahead = UINT32_MAX;
        for (int k = 0; k < 2; k++)
            if (a->next[b].of[k] != CC_NO_INDEX)
                ahead &= a->f[a->next[b].of[k]].ahead;
        if (a->next[b].of[0] == CC_NO_INDEX && a->next[b].of[1] == CC_NO_INDEX)
            ahead = 0;
        ahead = a->f[b].wanted | (ahead & a->f[b].kept);
        changed |= ahead != a->f[b].ahead;
        a->f[b].ahead = ahead;
    }
    return changed;
}

/* What could be computed in front of each block, and behind it: falls with less each round. partly: there on some way
 * into it. */
static bool possible(analysis *a, const uint32_t *partly, uint32_t *ways)
{
    bool changed = false;
    for (uint32_t b = 0; b < a->p->block_count; b++)
        ways[b] = is_entered(a->p, b) ? 0 : UINT32_MAX;
    for (uint32_t b = 0; b < a->p->block_count; b++) {
        if (a->next[b].of[1] != CC_NO_INDEX)
            ways[a->next[b].of[1]] &= a->f[b].out | a->f[b].put_out;
    }
    for (uint32_t b = a->p->block_count; b-- > 0;) {
        facts *f = &a->f[b];
        uint32_t out = UINT32_MAX;
        for (int k = 0; k < 2; k++)
            if (a->next[b].of[k] != CC_NO_INDEX)
                out &= a->f[a->next[b].of[k]].put_in;
        if (a->next[b].of[0] == CC_NO_INDEX && a->next[b].of[1] == CC_NO_INDEX)
            out = 0;
        out &= ~a->p->blocks[b].busy;
        const uint32_t in = f->ahead & partly[b] & (f->wanted | (f->kept & out)) & ways[b];
        changed |= in != f->put_in || out != f->put_out;
        f->put_in = in;
        f->put_out = out;
    }
    return changed;
}

static bool place(analysis *a)
{
    uint32_t *partly = cc_allocate(a->p, a->p->block_count, sizeof *partly);
    uint32_t *ways = cc_allocate(a->p, a->p->block_count, sizeof *ways);
    if (partly == NULL || ways == NULL)
        return false;
    while (forward_some(a))
        continue;
    while (backward(a))
        continue;
    for (uint32_t b = 0; b < a->p->block_count; b++) {
        a->f[b].put_in = a->f[b].put_out = UINT32_MAX;
        for (int k = 0; k < 2; k++)
            if (a->next[b].of[k] != CC_NO_INDEX)
                partly[a->next[b].of[k]] |= a->f[b].some;
    }
    while (possible(a, partly, ways))
        continue;
    for (uint32_t b = 0; b < a->p->block_count; b++) {
        facts *f = &a->f[b];
        f->at_end = f->put_out & ~f->out & ~(f->put_in & f->kept);
    }
    return true;
}

/* Says to each instruction whether its shadow is there, and to each block what to compute at its end. */
static void settle(analysis *a)
{
    for (uint32_t b = 0; b < a->p->block_count; b++) {
        cc_block *block = &a->p->blocks[b];
        uint32_t there = a->f[b].in;
        for (uint32_t i = block->first; i < block->end; i++) {
            cc_insn *n = &a->p->insns[i];
            const uint8_t x = wants(n);
            if (x != 0) {
                n->shadow = there & CC_BIT(x) ? CC_SHADOW_THERE : CC_SHADOW_MAKE;
                there |= CC_BIT(x);
            }
            there &= ~(ends(a, n) | made_anew(n));
        }
        block->at_end = a->f[b].at_end & ~there;
        block->at_fall = a->next[b].of[0] != CC_NO_INDEX ? a->f[a->next[b].of[0]].put_in & ~a->f[b].out : 0;
    }
}

static bool begin(analysis *a)
{
    cc_program *p = a->p;
    a->f = cc_allocate(p, p->block_count, sizeof *a->f);
    a->next = cc_allocate(p, p->block_count, sizeof *a->next);
    a->made = cc_allocate(p, p->block_count, sizeof *a->made);
    if (a->f == NULL || a->next == NULL || a->made == NULL)
        return false;
    for (uint32_t b = 0; b < p->block_count; b++)
        a->next[b] = cc_edges_of(p, b);
    if (!collect_own(a))
        return false;
    while (collect_made(a))
        continue;
    for (uint32_t b = 0; b < p->block_count; b++)
        look_into(a, b);
    return true;
}

static void solve(analysis *a)
{
    for (uint32_t b = 0; b < a->p->block_count; b++)
        a->f[b].out = UINT32_MAX;
    while (forward(a))
        continue;
}

bool cc_shadow(cc_program *p)
{
    analysis a = {.p = p};
    if (!begin(&a))
        return false;
    solve(&a);
    if (p->options->level >= 3) {
        if (!place(&a))
            return false;
        solve(&a);
    }
    settle(&a);
    return true;
}

/* gen_nested.c - random programs that run machines in their own image: slots of many shapes at odd addresses, headers
 * that are right and such as are not, allowances, and an outer program that edits its slots between two RESUMEs. */
#include <string.h>

#include "tests/random/case.h"
#include "tests/random/gen.h"

enum { SLOTS = 12, GAP = 5, LONGEST_ROUND = 50 /* pixels of code */ };

/* A nested program being laid out. */
typedef struct nest {
    gen g;         /* the outer program */
    uint32_t code; /* pixels of the outer program */
    uint32_t count, size, first, allowances;
    struct nest_slot {
        uint32_t w, h, before; /* before: pixels of its header and padding */
    } slot[SLOTS];
    uint8_t base; /* r[base..base + 5] are S, q, t, two for the outer edits, and the number of slots */
} nest;

/* ---- shapes ---- */

enum shapes { NARROW, WIDE, WIDEST };

static uint32_t width_of(rng *r, enum shapes shapes)
{
    static const uint32_t narrow[] = {1, 2, 3, 5, 7, 16, 17, 40}, wide[] = {133, 264, 265, 266, 267, 300};
    return shapes == NARROW ? narrow[rng_below(r, 8)] : shapes == WIDE ? wide[rng_below(r, 6)] : 1000;
}

/* Slots of one size, of which the largest machine takes all or nearly all. */
static void choose_slots(nest *n, enum shapes shapes, uint32_t room)
{
    rng *r = &n->g.rng;
    const uint32_t wanted = rng_between(r, 1, rng_chance(r, 70) ? 4 : SLOTS);
    n->size = n->count = 0;
    while (n->count < wanted) {
        struct nest_slot *s = &n->slot[n->count];
        s->w = width_of(r, shapes);
        s->before = (PX_STATE_WORDS + s->w - 1) / s->w * s->w;
        s->h = s->w > 60 ? 1 : rng_between(r, 1, 1 + 120 / s->w);
        const uint32_t pixels = s->before + s->w * s->h, size = pixels > n->size ? pixels : n->size;
        if ((uint64_t)size * (n->count + 1) > room)
            break;
        n->size = size;
        n->count++;
    }
    if (n->count > 0 && rng_chance(r, 60) && (n->size + 4) * n->count <= room)
        n->size += rng_below(r, 4);
}

/* Code, allowances and slots in any order, with a few pixels between them. Returns the image's pixels. */
static uint32_t place(nest *n)
{
    static const uint8_t orders[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    const uint8_t *order = orders[rng_below(&n->g.rng, 6)];
    uint32_t at = rng_below(&n->g.rng, 2 * GAP);
    for (int i = 0; i < 3; i++) {
        if (order[i] == 0) {
            n->g.start = n->g.at = at;
            n->g.end = at += n->code;
        } else if (order[i] == 1) {
            n->allowances = at;
            at += n->count;
        } else {
            n->first = at;
            at += n->size * n->count;
        }
        at += rng_chance(&n->g.rng, 50) ? rng_below(&n->g.rng, GAP) : 0;
    }
    return at;
}

/* ---- slots ---- */

static uint32_t allowance(nest *n)
{
    rng *r = &n->g.rng;
    return rng_chance(r, 80)   ? rng_below(r, 100)
           : rng_chance(r, 40) ? UINT32_MAX - rng_below(r, 2)
                               : gen_interesting(&n->g);
}

/* A field that a loader, or RESUME, looks at becomes another. */
static void break_header(nest *n, uint32_t *slot, uint32_t pixels)
{
    rng *r = &n->g.rng;
    const uint32_t field = rng_below(r, PX_SAVED_RETIRED);
    if (field == PX_SAVED_MAGIC)
        slot[field] ^= UINT32_C(1) << rng_below(r, 32);
    else if (field == PX_SAVED_H && rng_chance(r, 50))
        slot[field] += 1 + rng_below(r, 3);
    else if ((field == PX_SAVED_PC || field == PX_SAVED_VL) && rng_chance(r, 50))
        slot[field] = pixels + rng_below(r, 2);
    else
        slot[field] = gen_interesting(&n->g);
}

/* Any v1 machine, as another executor might have left it. */
static bool fill_slot(nest *n, uint32_t i, px_error *error)
{
    const struct nest_slot *s = &n->slot[i];
    uint32_t *slot = n->g.state->mem + n->first + (size_t)i * n->size;
    px_state inner = {0};
    if (!px_state_new(&inner, PX_V1, s->w, s->h, error))
        return false;
    gen g = {.rng = n->g.rng, .state = &inner, .n = s->w * s->h};
    gen_machine(&g);
    n->g.rng = g.rng;
    if (rng_chance(&n->g.rng, 90))
        memset(slot, 0, s->before * sizeof *slot);
    px_state_words(&inner, slot);
    memcpy(slot + s->before, inner.mem, (size_t)g.n * sizeof *slot);
    px_state_free(&inner);
    if (rng_chance(&n->g.rng, 20))
        break_header(n, slot, g.n);
    n->g.state->mem[n->allowances + i] = allowance(n);
    return true;
}

/* ---- the outer program ---- */

static void store(nest *n, uint32_t address, uint32_t value)
{
    const uint8_t at = (uint8_t)(n->base + 3), word = (uint8_t)(n->base + 4);
    gen_put(&n->g, at, address);
    gen_put(&n->g, word, value);
    gen_emit(&n->g, PX_OP_ST, 0, at, word);
}

/* What a kernel does to a slot: more allowance, an answer, another register, another instruction; or any field. */
static void edit(nest *n)
{
    rng *r = &n->g.rng;
    const uint32_t i = rng_below(r, n->count), kind = rng_below(r, 100);
    const struct nest_slot *s = &n->slot[i];
    const uint32_t slot = n->first + i * n->size;
    if (kind < 45) {
        store(n, n->allowances + i, allowance(n));
    } else if (kind < 65) {
        store(n, slot + PX_SAVED_STATUS, PX_RUNNING);
        store(n, slot + PX_SAVED_VALUE, 0);
        if (rng_chance(r, 60))
            store(n, slot + PX_SAVED_CAUSE, 0);
        if (rng_chance(r, 60))
            store(n, slot + PX_SAVED_PC, rng_below(r, s->w * s->h));
    } else if (kind < 75) {
        store(n, slot + PX_SAVED_REG + rng_below(r, 256), gen_interesting(&n->g));
    } else if (kind < 90) {
        const uint32_t opcode = rng_between(r, PX_OP_ADD, PX_OP_MULHUI), operands = rng_next(r);
        store(n, slot + s->before + rng_below(r, s->w * s->h), px_with_byte(operands, 0, opcode));
    } else {
        const uint32_t field = rng_below(r, PX_SAVED_REG);
        store(n, slot + field, rng_chance(r, 50) ? rng_below(r, 4) : gen_interesting(&n->g));
    }
}

/* Mostly with the vector length that its slots want; what came before may have set another. */
static void resume(nest *n)
{
    gen *g = &n->g;
    if (g->vl != n->count && rng_chance(&g->rng, 90)) {
        gen_emit(g, PX_OP_VL, 0, n->base + 5, 0);
        g->vl = n->count;
    }
    gen_emit(g, PX_OP_RESUME, n->base, n->base + 2, 0);
}

static void outer_program(nest *n)
{
    gen *g = &n->g;
    const uint32_t top = g->at, rounds = rng_between(&g->rng, 1, 5);
    resume(n);
    for (uint32_t i = 1; i < rounds && g->at + LONGEST_ROUND < g->end; i++) {
        for (uint32_t edits = n->count > 0 ? rng_below(&g->rng, 4) : 0; edits > 0; edits--)
            edit(n);
        gen_block(g, rng_below(&g->rng, 3));
        resume(n);
    }
    const uint32_t back = top - g->at;
    if (rng_chance(&g->rng, 50))
        gen_emit(g, PX_OP_JMP, 0, back, back >> 8);
    else
        gen_emit(g, PX_OP_HALT, 0, 0, 0);
}

/* S, q, t and vl; now and then wrong ones. */
static void outer_registers(nest *n)
{
    px_state *s = n->g.state;
    rng *r = &n->g.rng;
    s->reg[n->base] = n->first;
    s->reg[(n->base + 1) & 255] = n->size;
    s->reg[(n->base + 2) & 255] = n->allowances;
    s->reg[(n->base + 5) & 255] = s->vl = n->count;
    if (!rng_chance(r, 8))
        return;
    switch (rng_below(r, 5)) {
    case 0:
        s->vl = rng_below(r, n->g.n + 1);
        break;
    case 1:
        s->reg[(n->base + 2) & 255] = n->first + rng_below(r, n->size * n->count + 1) - rng_below(r, 2);
        break;
    case 2:
        s->reg[(n->base + 1) & 255] = rng_below(r, PX_STATE_WORDS + 3);
        break;
    default:
        s->reg[(n->base + rng_below(r, 3)) & 255] = gen_interesting(&n->g);
    }
}

bool gen_nested(rng *r, px_state *state, uint32_t most, px_error *error)
{
    static const uint32_t widths[] = {1, 3, 16, 31, 64, 100, 267};
    nest n = {.g = {.rng = *r, .state = state}};
    const uint32_t kind = rng_below(&n.g.rng, 100);
    const enum shapes shapes = kind < 75 ? NARROW : kind < 96 ? WIDE : WIDEST;
    n.code = shapes == WIDEST ? 20 : 220;
    choose_slots(&n, shapes, most - n.code - (shapes == WIDEST ? 1 : SLOTS + 267) - 5 * GAP);
    const uint32_t pixels = place(&n), w = shapes == WIDEST ? 1 : widths[rng_below(&n.g.rng, 7)];
    if (!px_state_new(state, PX_V1, w, (pixels + w - 1) / w, error))
        return false;
    n.g.n = px_state_pixels(state);
    gen_data(&n.g);
    gen_registers(&n.g);
    n.base = (uint8_t)(n.g.zero + 10);
    for (unsigned i = 0; i < 256; i++)
        state->reg[i] = gen_base(&n.g, 8);
    bool ok = true;
    for (uint32_t i = 0; ok && i < n.count; i++)
        ok = fill_slot(&n, i, error);
    outer_registers(&n);
    n.g.vl = state->vl;
    outer_program(&n);
    state->reg[n.g.zero] = 0;
    state->pc = n.g.start;
    state->retired = rng_chance(&n.g.rng, 30) ? UINT32_MAX - rng_below(&n.g.rng, 8) : rng_next(&n.g.rng);
    *r = n.g.rng;
    return ok;
}

/* gen_program.c - random v1 programs: data that means something as masks, indices and bytes, and code with forward
 * branches, bounded loops, calls, and stores into itself. */
#include "tests/random/gen.h"

void gen_registers(gen *g)
{
    /* Neighbours and both ends of the file, because r[x+1] wraps. */
    const uint8_t first = (uint8_t)(rng_chance(&g->rng, 40) ? 250 + rng_below(&g->rng, 6) : rng_next(&g->rng));
    g->pool_size = rng_between(&g->rng, 4, GEN_POOL);
    for (unsigned i = 0; i < g->pool_size; i++)
        g->pool[i] = (uint8_t)(first + i);
    for (unsigned i = 0; i < GEN_DEPTH; i++)
        g->counter[i] = (uint8_t)(first + 30 + i);
    g->zero = (uint8_t)(first + 50);
}

static uint32_t data_word(gen *g, uint32_t kind, uint32_t i)
{
    switch (kind) {
    case 0:
        return 0;
    case 1:
        return rng_below(&g->rng, 3) == 0; /* masks */
    case 2:
        return rng_below(&g->rng, 24); /* indices */
    case 3:
        return i;
    case 4: {
        static const uint8_t edges[8] = {0, 1, 127, 128, 129, 254, 255, 64};
        const uint32_t pick = rng_next(&g->rng);
        return px_rgba(edges[pick & 7u], edges[pick >> 3 & 7u], edges[pick >> 6 & 7u], edges[pick >> 9 & 7u]);
    }
    case 5:
        return gen_interesting(g);
    default:
        return rng_next(&g->rng);
    }
}

void gen_data(gen *g)
{
    for (uint32_t at = 0; at < g->n;) {
        const uint32_t kind = rng_below(&g->rng, 9), length = 1 + rng_below(&g->rng, 60);
        for (uint32_t i = 0; i < length && at < g->n; i++)
            g->state->mem[at++] = data_word(g, kind, i);
    }
}

/* The instructions of a class, weighted evenly: a wide class is not drawn more often than a narrow one. */
static const px_opcode *draw(gen *g, uint8_t class)
{
    uint8_t candidate[256];
    uint32_t count = 0;
    for (unsigned i = 0; i < 256; i++) {
        const px_opcode *op = px_opcode_of(PX_V1, (uint8_t)i);
        /* HALT and the jumps by register are placed by hand: drawn blindly they end a program too soon. */
        if (op->mnemonic != NULL && op->class == class && i != PX_OP_HALT && i != PX_OP_JR)
            candidate[count++] = (uint8_t)i;
    }
    return px_opcode_of(PX_V1, candidate[rng_below(&g->rng, count)]);
}

static void plain(gen *g)
{
    static const struct {
        uint8_t class, weight;
    } mix[] = {{PX_CLASS_CTRL, 6},   {PX_CLASS_BRANCH, 7}, {PX_CLASS_ALU, 9},   {PX_CLASS_ALUI, 9}, {PX_CLASS_MOVE, 12},
               {PX_CLASS_DIV, 6},    {PX_CLASS_VV, 8},     {PX_CLASS_VX, 7},    {PX_CLASS_BVV, 8},  {PX_CLASS_BVX, 7},
               {PX_CLASS_REDUCE, 9}, {PX_CLASS_RUN, 16},   {PX_CLASS_TENSOR, 8}};
    uint32_t sum = 0;
    for (size_t i = 0; i < sizeof mix / sizeof *mix; i++)
        sum += mix[i].weight;
    uint32_t pick = rng_below(&g->rng, sum);
    size_t i = 0;
    while (pick >= mix[i].weight)
        pick -= mix[i++].weight;
    gen_instruction(g, draw(g, mix[i].class));
}

static void block(gen *g, uint32_t length, unsigned depth);

static void loop(gen *g, unsigned depth)
{
    const uint8_t counter = g->counter[depth];
    gen_put(g, counter, rng_between(&g->rng, 1, 4));
    const uint32_t top = g->at;
    block(g, rng_between(&g->rng, 1, 5), depth + 1);
    gen_emit(g, PX_OP_ADDI, counter, counter, 255);
    if (g->at - top < 128)
        gen_emit(g, PX_OP_BNE, top - g->at, counter, g->zero);
}

/* A subroutine of one instruction, jumped over and then called. */
static void call(gen *g)
{
    const uint8_t link = gen_reg(g);
    const uint32_t skip = g->at;
    gen_emit(g, PX_OP_JMP, 0, 1, 0);
    const uint32_t body = g->at;
    plain(g);
    gen_emit(g, PX_OP_JR, 0, link, 0);
    if (g->at - skip < 128 && g->at < g->end) {
        g->state->mem[skip] = px_rgba(PX_OP_JMP, 0, g->at - skip, 0);
        const uint32_t back = body - g->at;
        gen_emit(g, PX_OP_CALL, link, back, back >> 8);
    }
}

/* An instruction on any three registers. (One call after the other: the order in which arguments are evaluated is the
 * compiler's, and a seed must mean the same program everywhere.) */
static uint32_t on_registers(gen *g, uint32_t op)
{
    const uint32_t a = gen_reg(g), b = gen_reg(g), c = gen_reg(g);
    return px_rgba(op, a, b, c);
}

/* A store into code that is about to run: the next pixel, or one a little later. */
static void rewrite(gen *g)
{
    const uint8_t base = gen_reg(g), word = gen_reg(g);
    const px_opcode *op = draw(g, rng_chance(&g->rng, 50) ? PX_CLASS_ALU : PX_CLASS_ALUI);
    const uint32_t instruction = on_registers(g, op->number);
    gen_put(g, word, instruction);
    const uint32_t ahead = rng_between(&g->rng, 1, 4);
    if (rng_chance(&g->rng, 60)) {
        const uint32_t store = g->at + 1;
        gen_emit(g, PX_OP_LI, base, store, store >> 8);
        gen_emit(g, PX_OP_ST, ahead, base, word);
    } else if (g->vl > 0 && g->vl < 6) {
        const uint32_t target = g->at + 1 + ahead;
        gen_emit(g, PX_OP_LI, base, target, target >> 8);
        gen_emit(g, PX_OP_FILL, base, 0, word);
    }
    for (uint32_t i = 0; i < ahead; i++)
        plain(g);
}

/* Jumps and branches to nowhere, illegal opcodes, noise. */
static void stray(gen *g)
{
    switch (rng_below(&g->rng, 4)) {
    case 0:
        gen_literal(g, px_with_byte(rng_next(&g->rng), 0, PX_OP_JMP));
        break;
    case 1: {
        const uint8_t to = gen_reg(g);
        gen_put(g, to, gen_interesting(g));
        gen_emit(g, PX_OP_JR, 0, to, 0);
        break;
    }
    case 2:
        gen_literal(g, on_registers(g, rng_next(&g->rng)));
        break;
    default: {
        const px_opcode *op = draw(g, PX_CLASS_BRANCH);
        gen_literal(g, px_with_byte(rng_next(&g->rng), 0, op->number));
    }
    }
}

static void block(gen *g, uint32_t length, unsigned depth)
{
    for (uint32_t i = 0; i < length && g->at < g->end; i++) {
        const uint32_t kind = rng_below(&g->rng, 100);
        if (kind < 5 && depth < GEN_DEPTH)
            loop(g, depth);
        else if (kind < 8)
            call(g);
        else if (kind < 13)
            rewrite(g);
        else if (kind < 14)
            stray(g);
        else
            plain(g);
    }
}

void gen_block(gen *g, uint32_t length) { block(g, length, 0); }

/* ---- loops of many turns ---- */

static void scalar(gen *g)
{
    static const uint8_t classes[] = {PX_CLASS_ALU,  PX_CLASS_ALU,  PX_CLASS_ALUI,
                                      PX_CLASS_ALUI, PX_CLASS_MOVE, PX_CLASS_DIV};
    const px_opcode *op = draw(g, classes[rng_below(&g->rng, sizeof classes)]);
    const bool pixel = px_shape_of(op)->extent[1] == PX_EXTENT_PIXEL;
    if (pixel)
        gen_instruction(g, op);
    else
        gen_literal(g, on_registers(g, op->number));
}

/* The code from top on changes: an operand byte of one pixel, or of a few at once, grows each turn. */
static void change(gen *g, uint32_t top)
{
    const uint8_t base = g->counter[1], word = gen_reg(g), step = gen_reg(g);
    const uint32_t ahead = rng_below(&g->rng, 6), target = top + rng_below(&g->rng, g->at + 4 + ahead - top);
    gen_emit(g, PX_OP_LUI, step, 0, rng_chance(&g->rng, 80) ? 1 : 255);
    gen_emit(g, PX_OP_LI, base, target, target >> 8);
    if (rng_chance(&g->rng, 30)) {
        gen_emit(g, PX_OP_VADD_VX, base, base, step);
        return;
    }
    gen_emit(g, PX_OP_LD, word, base, 0);
    gen_emit(g, PX_OP_ADD, word, word, step);
    gen_emit(g, PX_OP_ST, 0, base, word);
}

/* Over one instruction, or two. */
static void skip(gen *g)
{
    const px_opcode *op = draw(g, PX_CLASS_BRANCH);
    const uint32_t b = gen_reg(g), c = gen_reg(g), over = rng_between(&g->rng, 1, 2);
    gen_emit(g, op->number, over + 1, b, c);
    for (uint32_t i = 0; i < over; i++)
        scalar(g);
}

void gen_hot(gen *g)
{
    const uint32_t length = rng_between(&g->rng, 2, 25), changes = rng_chance(&g->rng, 50) ? 5 : 0;
    gen_registers(g);
    gen_set_vl(g, rng_between(&g->rng, 1, 4));
    gen_put(g, g->counter[0], rng_between(&g->rng, 10, 3000));
    const uint32_t top = g->at;
    for (uint32_t i = 0; i < length && g->at + 8 < g->end; i++) {
        const uint32_t kind = rng_below(&g->rng, 100);
        if (kind < changes)
            change(g, top);
        else if (kind < 15)
            skip(g);
        else if (kind < 18)
            call(g);
        else if (kind < 22)
            plain(g);
        else
            scalar(g);
    }
    const uint32_t again = top - (g->at + 2);
    gen_emit(g, PX_OP_ADDI, g->counter[0], g->counter[0], 255);
    gen_emit(g, PX_OP_BEQ, 2, g->counter[0], g->zero);
    gen_emit(g, PX_OP_JMP, 0, again, again >> 8);
    gen_emit(g, PX_OP_HALT, 0, 0, 0);
}

/* ---- whole programs ---- */

void gen_program(gen *g)
{
    gen_registers(g);
    if (g->state->retired == 0 && g->state->vl == 0 && rng_chance(&g->rng, 90))
        gen_set_vl(g, gen_length(g));
    block(g, rng_between(&g->rng, 5, 100), 0);
    if (rng_chance(&g->rng, 92))
        gen_emit(g, PX_OP_HALT, 0, 0, 0);
}

/* gen_operands.c - one random instruction at a time: the values that its registers should hold so that it mostly does
 * something, and now and then stands at an edge or traps. */
#include <string.h>

#include "tests/random/case.h"
#include "tests/random/gen.h"

/* The jump at address from goes to here; its distance is operand a, or b and c. */
static void set_target(gen *g, uint32_t from)
{
    uint32_t *word = &g->state->mem[from];
    const px_roles roles = px_roles_of(px_opcode_of(PX_V1, (uint8_t)px_byte(*word, 0))->operands);
    if (g->at - from < 128)
        *word = px_with_byte(*word, roles.of[0] == PX_ROLE_LABEL ? 1 : 2, g->at - from);
}

void gen_emit(gen *g, uint32_t op, uint32_t a, uint32_t b, uint32_t c)
{
    if (g->at >= g->end)
        return;
    for (int i = 0; i < GEN_LABELS; i++)
        if (g->label[i].after > 0 && --g->label[i].after == 0)
            set_target(g, g->label[i].at);
    g->state->mem[g->at++] = px_rgba(op, a, b, c);
}

/* The jump just written goes over the next few instructions. Without a free slot its distance stays as it is, and may
 * well lead into the middle of a literal. */
static void go_forward(gen *g)
{
    for (int i = 0; i < GEN_LABELS; i++)
        if (g->label[i].after == 0) {
            g->label[i] = (struct gen_label){g->at - 1, rng_between(&g->rng, 1, 6)};
            return;
        }
}

uint32_t gen_interesting(gen *g)
{
    static const uint32_t edges[] = {0,          1,          2,          3,          4,          5,          7,
                                     8,          15,         16,         31,         32,         33,         63,
                                     64,         127,        128,        255,        256,        32767,      32768,
                                     65535,      65536,      0x7FFFFFFF, 0x80000000, 0x80000001, 0xFFFFFFFF, 0xFFFFFFFE,
                                     0xFFFFFF80, 0x80808080, 0x7F7F7F7F, 0x01010101, 0xFF00FF00, 0x80FF7F01};
    switch (rng_below(&g->rng, 5)) {
    case 0:
        return rng_next(&g->rng);
    case 1:
        return g->n - 1 + rng_below(&g->rng, 3);
    case 2:
        return rng_below(&g->rng, 16);
    default:
        return edges[rng_below(&g->rng, sizeof edges / sizeof *edges)];
    }
}

uint32_t gen_length(gen *g)
{
    const uint32_t kind = rng_below(&g->rng, 100);
    uint32_t length = 0;
    if (kind >= 3)
        length = 1 + rng_below(&g->rng, 5);
    if (kind >= 40)
        length = 1 + rng_below(&g->rng, 20);
    if (kind >= 85)
        length = 1 + rng_below(&g->rng, 70);
    if (kind >= 97 || (kind >= 60 && g->n > CASE_PIXELS))
        length = 1 + rng_below(&g->rng, g->n / 4);
    return length < g->n ? length : g->n;
}

static bool over_code(const gen *g, uint32_t base, uint32_t length)
{
    return base < g->end && base + length > g->start;
}

uint32_t gen_base(gen *g, uint32_t length)
{
    const uint32_t kind = rng_below(&g->rng, 100);
    if (kind < 1)
        return rng_chance(&g->rng, 50) ? gen_interesting(g) : g->n - length + 1;
    if (length > g->n)
        return 0;
    if (kind < 10)
        return g->n - length;
    uint32_t base = rng_below(&g->rng, g->n - length + 1);
    for (int tries = 0; kind >= 14 && tries < 6 && over_code(g, base, length); tries++)
        base = rng_below(&g->rng, g->n - length + 1);
    return base;
}

void gen_put(gen *g, uint8_t reg, uint32_t value)
{
    if (value == px_sign_extend16(value) && !rng_chance(&g->rng, 10)) {
        gen_emit(g, PX_OP_LI, reg, value & 255u, value >> 8 & 255u);
    } else if (g->at + 1 < g->end) {
        gen_emit(g, PX_OP_LIT, reg, 0, 0);
        gen_literal(g, value);
    }
}

void gen_set_vl(gen *g, uint32_t length)
{
    const uint8_t reg = gen_reg(g);
    g->vl = length;
    gen_put(g, reg, g->vl);
    gen_emit(g, PX_OP_VL, 0, reg, 0);
    if (g->vl > g->n)
        g->vl = 0;
}

/* How many pixels an operand's run covers, as far as vl alone tells. */
static uint32_t run_length(const gen *g, const px_shape *shape, int operand)
{
    switch (shape->extent[operand]) {
    case PX_EXTENT_TABLE:
        return 256;
    case PX_EXTENT_VL4:
        return 4 * g->vl;
    default:
        return g->vl;
    }
}

/* A base that stands in some relation to another run: the same, next to it, overlapping it by a part, or none. */
static uint32_t any_relation(gen *g, uint32_t other, uint32_t other_length, uint32_t length, bool same_allowed)
{
    const uint32_t kind = rng_below(&g->rng, 100);
    if (kind < (same_allowed ? 25u : 4u))
        return other;
    if (kind < 40 && other + other_length + length <= g->n)
        return other + other_length;
    if (kind < 50 && other >= length)
        return other - length;
    if (kind < 52)
        return other + 1;
    return gen_base(g, length);
}

static uint32_t related_base(gen *g, uint32_t other, uint32_t other_length, uint32_t length, bool same_allowed)
{
    uint32_t base = any_relation(g, other, other_length, length, same_allowed);
    for (int tries = 0; tries < 4 && over_code(g, base, length); tries++)
        base = any_relation(g, other, other_length, length, same_allowed);
    return base;
}

/* The registers beside an operand's, for the instructions that take more than three. */
static void put_neighbours(gen *g, const px_opcode *op, const uint8_t r[3])
{
    const px_shape *shape = px_shape_of(op);
    for (int k = 0; k < 3; k++) {
        if (shape->extent[k] == PX_EXTENT_STRIDED)
            gen_put(g, (uint8_t)(r[k] + 1), rng_below(&g->rng, 4));
        if (shape->extent[k] == PX_EXTENT_COUNT)
            gen_put(g, (uint8_t)(r[k] + 1), rng_chance(&g->rng, 30) ? g->vl : gen_length(g));
    }
    if (op->number == PX_OP_REQ) { /* multiplier, shift, zero point */
        gen_put(g, r[2], rng_chance(&g->rng, 50) ? rng_next(&g->rng) >> 4 : gen_interesting(g));
        gen_put(g, (uint8_t)(r[2] + 1), rng_chance(&g->rng, 60) ? rng_below(&g->rng, 3) : gen_interesting(g));
        gen_put(g, (uint8_t)(r[2] + 2), rng_chance(&g->rng, 20) ? gen_interesting(g) : rng_below(&g->rng, 32) - 16);
    }
}

static void put_runs(gen *g, const px_opcode *op, const px_roles *roles, const uint8_t r[3])
{
    const px_shape *shape = px_shape_of(op);
    uint32_t first = 0, first_length = 0;
    bool have_first = false;
    for (int k = 0; k < 3; k++) {
        if (roles->of[k] != PX_ROLE_RUN)
            continue;
        uint32_t length = run_length(g, shape, k);
        if (shape->extent[k] == PX_EXTENT_STRIDED)
            length *= 1 + rng_below(&g->rng, 4);
        const bool same_allowed = (k == 1 ? shape->ab : shape->ac) != PX_LIE_APART;
        const uint32_t base =
            have_first ? related_base(g, first, first_length, length, same_allowed) : gen_base(g, length);
        if (!have_first) {
            first = base;
            first_length = length;
            have_first = true;
        }
        if (!rng_chance(&g->rng, 4))
            gen_put(g, r[k], base);
    }
}

/* Nine registers, mostly of a small product that fits. */
static void put_matmul(gen *g, uint8_t a)
{
    const uint32_t m = rng_below(&g->rng, 5), n = rng_below(&g->rng, 5), k = rng_below(&g->rng, 6);
    const uint32_t cs = n + (rng_chance(&g->rng, 95) ? rng_below(&g->rng, 3) : UINT32_MAX);
    const uint32_t as = rng_chance(&g->rng, 80) ? k : rng_below(&g->rng, 8);
    const uint32_t bs = rng_chance(&g->rng, 80) ? k : rng_below(&g->rng, 8);
    const uint32_t length = m * (n + 3), c = gen_base(g, length);
    const uint32_t a_base = related_base(g, c, length, m * (k + 3), false);
    const uint32_t b_base = related_base(g, c, length, n * (k + 3), false);
    uint32_t value[9] = {c, cs, a_base, as, b_base, bs, m, n, k};
    /* Square matrices can be the very same run, which MATMUL does not allow either. */
    if (rng_chance(&g->rng, 6)) {
        value[1] = value[3] = value[5] = value[6] = value[7] = value[8] = m;
        value[rng_chance(&g->rng, 50) ? 2 : 4] = c;
    }
    for (uint32_t i = 0; i < 9; i++)
        if (!rng_chance(&g->rng, 1))
            gen_put(g, (uint8_t)(a + i), value[i]);
}

/* The pairs that a divider gets wrong are rare among words drawn evenly. */
static void put_division(gen *g, const uint8_t r[3])
{
    static const uint32_t dividends[4] = {0x80000000, 0x80000001, 0xFFFFFFFF, 0x7FFFFFFF};
    static const uint32_t divisors[4] = {0, 0xFFFFFFFF, 1, 0x80000000};
    gen_put(g, r[1], rng_chance(&g->rng, 70) ? dividends[rng_below(&g->rng, 4)] : gen_interesting(g));
    gen_put(g, r[2], rng_chance(&g->rng, 70) ? divisors[rng_below(&g->rng, 4)] : gen_interesting(g));
}

/* What a shifter gets wrong shows at its ends, and on words that have their ends set. */
static void put_shift(gen *g, const px_roles *roles, uint8_t byte[3])
{
    static const uint32_t ends[4] = {0, 1, 31, 32};
    const uint32_t number = ends[rng_below(&g->rng, 4)];
    gen_put(g, byte[1], rng_chance(&g->rng, 50) ? rng_next(&g->rng) : gen_interesting(g));
    if (roles->of[2] == PX_ROLE_BYTE)
        byte[2] = (uint8_t)number;
    else
        gen_put(g, byte[2], number);
}

static bool is_shift(const px_opcode *op)
{
    return (op->class == PX_CLASS_ALU || op->class == PX_CLASS_ALUI) &&
           (strcmp(op->function, "SHL") == 0 || strcmp(op->function, "SHR") == 0 || strcmp(op->function, "SAR") == 0);
}

static void put_scalars(gen *g, const px_roles *roles, const uint8_t r[3])
{
    for (int k = 0; k < 3; k++) {
        if (roles->of[k] == PX_ROLE_ADDRESS && !rng_chance(&g->rng, 15))
            gen_put(g, r[k], gen_base(g, 1));
        if (roles->of[k] == PX_ROLE_INDEX && !rng_chance(&g->rng, 15))
            gen_put(g, r[k], rng_chance(&g->rng, 95) ? rng_below(&g->rng, 16) : gen_interesting(g));
        if (roles->of[k] == PX_ROLE_REG && rng_chance(&g->rng, 15))
            gen_put(g, r[k], gen_interesting(g));
    }
}

static bool is_vector(const px_roles *roles)
{
    return roles->of[0] == PX_ROLE_RUN || roles->of[1] == PX_ROLE_RUN || roles->of[2] == PX_ROLE_RUN;
}

/* Two runs from one register are always the same run, and a stride or a length may stand in the next register: using
 * those again is rarely meant. */
static bool collides(const uint8_t byte[3], int k)
{
    for (int i = 0; i < k; i++)
        if ((uint8_t)(byte[k] - byte[i]) <= 1 || (uint8_t)(byte[i] - byte[k]) <= 1)
            return true;
    return false;
}

static void choose_bytes(gen *g, const px_roles *roles, uint8_t byte[3])
{
    for (int k = 0; k < 3; k++)
        switch (roles->of[k]) {
        case PX_ROLE_UNUSED:
            byte[k] = rng_chance(&g->rng, 20) ? (uint8_t)rng_next(&g->rng) : 0;
            break;
        case PX_ROLE_OFFSET:
            byte[k] = (uint8_t)rng_below(&g->rng, rng_chance(&g->rng, 80) ? 4 : 256);
            break;
        case PX_ROLE_BYTE:
            byte[k] = (uint8_t)(rng_chance(&g->rng, 50) ? rng_below(&g->rng, 5) + 30 * rng_below(&g->rng, 2)
                                                        : rng_next(&g->rng));
            break;
        case PX_ROLE_HALF:
            byte[k] = (uint8_t)rng_next(&g->rng);
            break;
        case PX_ROLE_LABEL:
            byte[k] = (uint8_t)(1 + rng_below(&g->rng, 7));
            break;
        case PX_ROLE_LABEL16:
            byte[k] = (uint8_t)(k == 1 ? 1 + rng_below(&g->rng, 7) : 0);
            break;
        default:
            byte[k] = gen_reg(g);
            for (int tries = 0; tries < 6 && k > 0 && collides(byte, k) && rng_chance(&g->rng, 90); tries++)
                byte[k] = gen_reg(g);
        }
}

void gen_instruction(gen *g, const px_opcode *op)
{
    const px_roles roles = px_roles_of(op->operands);
    uint8_t byte[3];
    choose_bytes(g, &roles, byte);
    if (is_vector(&roles)) {
        if (op->number == PX_OP_LUT && g->n >= 768 && rng_chance(&g->rng, 30))
            gen_set_vl(g, 256); /* as long as its table */
        else if (g->vl == 0 || rng_chance(&g->rng, 25))
            gen_set_vl(g, rng_chance(&g->rng, 1) ? gen_interesting(g) : gen_length(g));
        if (!rng_chance(&g->rng, 8))
            put_neighbours(g, op, byte);
        put_runs(g, op, &roles, byte);
    } else if (op->number == PX_OP_MATMUL) {
        if (!rng_chance(&g->rng, 4))
            put_matmul(g, byte[0]);
    } else {
        put_scalars(g, &roles, byte);
        if (op->class == PX_CLASS_DIV && rng_chance(&g->rng, 40))
            put_division(g, byte);
        if (is_shift(op) && rng_chance(&g->rng, 70))
            put_shift(g, &roles, byte);
    }
    if (roles.literal && g->at + 1 >= g->end)
        return;
    if (g->at >= g->end)
        return;
    gen_emit(g, op->number, byte[0], byte[1], byte[2]);
    if (roles.literal)
        gen_literal(g, gen_interesting(g));
    if ((roles.of[0] == PX_ROLE_LABEL || roles.of[1] == PX_ROLE_LABEL16) && !rng_chance(&g->rng, 5))
        go_forward(g);
}

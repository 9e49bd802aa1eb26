/* gen_operands.c - one random instruction at a time: the values that its registers should hold so that it mostly does
 * something, and now and then stands at an edge or traps. */
#include <string.h>

#include "tests/random/case.h"
#include "tests/random/gen.h"

static gen_role role_of_register(const char *token, bool bracket)
{
    if (!bracket)
        return GEN_REG;
    if (token[2] == ']')
        return GEN_RUN;
    /* In "[rb : rc]" the second register is the byte number; it alone has a space before it. */
    return token[-1] == ' ' ? GEN_INDEX : GEN_ADDRESS;
}

void gen_roles(const char *pattern, gen_role role[3], bool *literal)
{
    bool bracket = false;
    role[0] = role[1] = role[2] = GEN_UNUSED;
    *literal = false;
    for (const char *p = pattern; *p != '\0'; p++) {
        if (*p == '[' || *p == ']')
            bracket = *p == '[';
        else if (*p == '=')
            *literal = true;
        else if (*p == 'r')
            role[p[1] - 'a'] = role_of_register(p, bracket);
        else if (strncmp(p + 1, "bc", 2) == 0 && strchr("#$@", *p) != NULL)
            role[1] = role[2] = *p == '@' ? GEN_LABEL16 : GEN_HALF;
        else if (strchr("#$@", *p) != NULL)
            role[p[1] - 'a'] = *p == '@' ? GEN_LABEL : bracket ? GEN_OFFSET : GEN_BYTE;
    }
}

/* The jump at address from goes to here; its distance is operand a, or b and c. */
static void set_target(gen *g, uint32_t from)
{
    uint32_t *word = &g->state->mem[from];
    gen_role role[3];
    bool literal;
    gen_roles(px_opcode_of(PX_V1, (uint8_t)px_byte(*word, 0))->operands, role, &literal);
    if (g->at - from < 128)
        *word = px_with_byte(*word, role[0] == GEN_LABEL ? 1 : 2, g->at - from);
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
static uint32_t run_length(const gen *g, uint8_t op, int operand)
{
    if (op == PX_OP_LUT && operand == 2)
        return 256;
    if (op == PX_OP_REQ && operand == 1)
        return 4 * g->vl;
    return g->vl;
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

static bool same_allowed(uint8_t op, int operand)
{
    switch (op) {
    case PX_OP_COPYS:
    case PX_OP_REQ:
    case PX_OP_SCATADD:
        return false;
    case PX_OP_GATHER:
        return operand != 1;
    case PX_OP_LUT:
    case PX_OP_PACK:
        return operand != 2;
    default:
        return true;
    }
}

/* The registers beside an operand's, for the instructions that take more than three. */
static void put_neighbours(gen *g, uint8_t op, const uint8_t r[3])
{
    switch (op) {
    case PX_OP_COPYS:
        gen_put(g, (uint8_t)(r[0] + 1), rng_below(&g->rng, 4));
        gen_put(g, (uint8_t)(r[1] + 1), rng_below(&g->rng, 4));
        break;
    case PX_OP_GATHER:
        gen_put(g, (uint8_t)(r[1] + 1), rng_chance(&g->rng, 30) ? g->vl : gen_length(g));
        break;
    case PX_OP_SCATADD:
        gen_put(g, (uint8_t)(r[0] + 1), rng_chance(&g->rng, 30) ? g->vl : gen_length(g));
        break;
    case PX_OP_REQ:
        gen_put(g, r[2], rng_chance(&g->rng, 50) ? rng_next(&g->rng) >> 4 : gen_interesting(g));
        gen_put(g, (uint8_t)(r[2] + 1), rng_chance(&g->rng, 60) ? rng_below(&g->rng, 3) : gen_interesting(g));
        gen_put(g, (uint8_t)(r[2] + 2), rng_chance(&g->rng, 20) ? gen_interesting(g) : rng_below(&g->rng, 32) - 16);
        break;
    default:
        break;
    }
}

static void put_runs(gen *g, uint8_t op, const gen_role role[3], const uint8_t r[3])
{
    uint32_t first = 0, first_length = 0;
    bool have_first = false;
    for (int k = 0; k < 3; k++) {
        if (role[k] != GEN_RUN)
            continue;
        uint32_t length = run_length(g, op, k);
        if (op == PX_OP_COPYS)
            length *= 1 + rng_below(&g->rng, 4);
        const uint32_t base =
            have_first ? related_base(g, first, first_length, length, same_allowed(op, k)) : gen_base(g, length);
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

static void put_scalars(gen *g, const gen_role role[3], const uint8_t r[3])
{
    for (int k = 0; k < 3; k++) {
        if (role[k] == GEN_ADDRESS && !rng_chance(&g->rng, 15))
            gen_put(g, r[k], gen_base(g, 1));
        if (role[k] == GEN_INDEX && !rng_chance(&g->rng, 15))
            gen_put(g, r[k], rng_chance(&g->rng, 95) ? rng_below(&g->rng, 16) : gen_interesting(g));
        if (role[k] == GEN_REG && rng_chance(&g->rng, 15))
            gen_put(g, r[k], gen_interesting(g));
    }
}

static bool is_vector(const gen_role role[3]) { return role[0] == GEN_RUN || role[1] == GEN_RUN || role[2] == GEN_RUN; }

/* Two runs from one register are always the same run, and a stride or a length may stand in the next register: using
 * those again is rarely meant. */
static bool collides(const uint8_t byte[3], int k)
{
    for (int i = 0; i < k; i++)
        if ((uint8_t)(byte[k] - byte[i]) <= 1 || (uint8_t)(byte[i] - byte[k]) <= 1)
            return true;
    return false;
}

static void choose_bytes(gen *g, const gen_role role[3], uint8_t byte[3])
{
    for (int k = 0; k < 3; k++)
        switch (role[k]) {
        case GEN_UNUSED:
            byte[k] = rng_chance(&g->rng, 20) ? (uint8_t)rng_next(&g->rng) : 0;
            break;
        case GEN_OFFSET:
            byte[k] = (uint8_t)rng_below(&g->rng, rng_chance(&g->rng, 80) ? 4 : 256);
            break;
        case GEN_BYTE:
            byte[k] = (uint8_t)(rng_chance(&g->rng, 50) ? rng_below(&g->rng, 5) + 30 * rng_below(&g->rng, 2)
                                                        : rng_next(&g->rng));
            break;
        case GEN_HALF:
            byte[k] = (uint8_t)rng_next(&g->rng);
            break;
        case GEN_LABEL:
            byte[k] = (uint8_t)(1 + rng_below(&g->rng, 7));
            break;
        case GEN_LABEL16:
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
    gen_role role[3];
    bool literal;
    uint8_t byte[3];
    gen_roles(op->operands, role, &literal);
    choose_bytes(g, role, byte);
    if (is_vector(role)) {
        if (op->number == PX_OP_LUT && g->n >= 768 && rng_chance(&g->rng, 30))
            gen_set_vl(g, 256); /* as long as its table */
        else if (g->vl == 0 || rng_chance(&g->rng, 25))
            gen_set_vl(g, rng_chance(&g->rng, 1) ? gen_interesting(g) : gen_length(g));
        if (!rng_chance(&g->rng, 8))
            put_neighbours(g, op->number, byte);
        put_runs(g, op->number, role, byte);
    } else if (op->number == PX_OP_MATMUL) {
        if (!rng_chance(&g->rng, 4))
            put_matmul(g, byte[0]);
    } else {
        put_scalars(g, role, byte);
        if (op->class == PX_CLASS_DIV && rng_chance(&g->rng, 40))
            put_division(g, byte);
    }
    if (literal && g->at + 1 >= g->end)
        return;
    if (g->at >= g->end)
        return;
    gen_emit(g, op->number, byte[0], byte[1], byte[2]);
    if (literal)
        gen_literal(g, gen_interesting(g));
    if ((role[0] == GEN_LABEL || role[1] == GEN_LABEL16) && !rng_chance(&g->rng, 5))
        go_forward(g);
}

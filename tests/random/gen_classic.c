/* gen_classic.c - random programs of the classic profile: rows that end in zero pixels, matrices whose headers mostly
 * fit, instructions that may write over row 0. */
#include "tests/random/gen.h"

static uint32_t row(rng *r, const px_state *state)
{
    if (rng_chance(r, 4))
        return rng_below(r, 256);
    if (rng_chance(r, 4))
        return state->h;
    return rng_below(r, state->h);
}

static void fill_rows(rng *r, px_state *state)
{
    for (uint32_t y = 0; y < state->h; y++) {
        const uint32_t length = rng_below(r, state->w + 2), kind = rng_below(r, 3);
        for (uint32_t x = 0; x < state->w && x < length; x++) {
            uint32_t word = rng_below(r, 256);
            if (kind == 1)
                word = rng_below(r, 8);
            if (kind == 2)
                word = rng_next(r) & rng_next(r);
            state->mem[y * state->w + x] = word;
        }
    }
}

static uint32_t header(rng *r, uint32_t cols, uint32_t rows)
{
    if (rng_chance(r, 4))
        return rng_next(r);
    return (cols & 0xFFFF) | rows << 16;
}

static void put_matrices(rng *r, px_state *state, uint32_t a, uint32_t b)
{
    const uint32_t m = rng_below(r, 6), k = rng_below(r, 7), n = rng_below(r, 6);
    if (a < state->h)
        state->mem[a * state->w] = header(r, k, m);
    if (b < state->h)
        state->mem[b * state->w] = header(r, n, k);
}

void gen_classic(rng *r, px_state *state)
{
    fill_rows(r, state);
    uint32_t length = rng_below(r, 24);
    if (length > state->w)
        length = state->w;
    for (uint32_t x = 0; x < length; x++) {
        static const uint8_t mix[8] = {PX_OP_C_DOT, PX_OP_C_DOT,  PX_OP_C_ADD,    PX_OP_C_ADD,
                                       PX_OP_C_ADD, PX_OP_C_RELU, PX_OP_C_MATMUL, PX_OP_C_MATMUL};
        const uint32_t op = rng_chance(r, 8) ? rng_below(r, 256) : mix[rng_below(r, 8)];
        const uint32_t a = row(r, state), b = row(r, state);
        if (op == PX_OP_C_MATMUL && a > 0 && b > 0)
            put_matrices(r, state, a, b);
        state->mem[x] = px_rgba(op, a, b, row(r, state));
    }
    if (length < state->w && rng_chance(r, 50))
        state->mem[length] = px_rgba(PX_OP_C_HALT, 0, 0, 0);
}

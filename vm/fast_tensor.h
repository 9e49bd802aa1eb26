/* fast_tensor.h - VDOT, REQ, MATMUL. Part of each level; see fast_level.h. */

/* ---- VDOT ---- */

static uint32_t dot(const uint32_t *x, const uint32_t *y, size_t n)
{
    words s0 = {0}, s1 = {0};
    for (; n >= 2 * LANES; n -= 2 * LANES, x += 2 * LANES, y += 2 * LANES) {
        s0 = add_dot4(s0, load(x), load(y));
        s1 = add_dot4(s1, load(x + LANES), load(y + LANES));
    }
    if (n >= LANES) {
        s0 = add_dot4(s0, load(x), load(y));
        n -= LANES, x += LANES, y += LANES;
    }
    if (n > 0)
        s1 = add_dot4(s1, load_some(x, n), load_some(y, n));
    return across(s0 + s1, added)[0];
}

/* ---- REQ ---- */

typedef uint8_t narrow __attribute__((vector_size(LEVEL_BYTES / 4))); /* a byte a lane */

INLINE narrow scaled(words x, const px_scaling *scaling)
{
    const uint32_t half = scaling->e == 0 ? 0 : scaling->e - 1, one = scaling->e != 0;
    const words h = signed_high_product(x, splat(scaling->multiplier));
    const words q = (words)((signed_words)h >> (int32_t)scaling->e) + (h >> half & one);
    const words limited = greater(lesser(q + scaling->zero, splat(127)), splat(UINT32_MAX - 127));
    return __builtin_convertvector(limited & 255, narrow);
}

static void requantise(uint32_t *d, const uint32_t *x, const px_scaling *scaling, size_t n)
{
    for (; n >= LANES / 4; n -= LANES / 4, d += LANES / 4, x += LANES) {
        const narrow result = scaled(load(x), scaling);
        memcpy(d, &result, sizeof result);
    }
    if (n > 0) {
        const narrow result = scaled(load_some(x, 4 * n), scaling);
        memcpy(d, &result, 4 * n);
    }
}

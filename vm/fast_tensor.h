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

/* LANES words make LANES / 4 pixels. */
typedef struct some_pixels {
    uint32_t of[LEVEL_BYTES / 16];
} some_pixels;

/* Each word limited to -128..127, as a byte. */
INLINE some_pixels limited_bytes(words x)
{
    some_pixels result;
#if defined MM && LEVEL_BYTES <= 32
    /* These instructions limit as they narrow, and leave a pixel in the first word of each 16 bytes. */
    const mm halves_of = MM(packs_epi32)((mm)x, (mm)x);
    const words narrow = (words)MM(packs_epi16)(halves_of, halves_of);
    for (size_t k = 0; k < LEVEL_BYTES / 16; k++)
        result.of[k] = narrow[4 * k];
#else
    typedef uint8_t lane_bytes __attribute__((vector_size(LEVEL_BYTES / 4)));
    const words limited = greater(lesser(x, splat(127)), splat(UINT32_MAX - 127));
    const lane_bytes narrow = __builtin_convertvector(limited & 255, lane_bytes);
    memcpy(&result, &narrow, sizeof result);
#endif
    return result;
}

INLINE some_pixels scaled(words x, const px_scaling *scaling)
{
    const uint32_t half = scaling->e == 0 ? 0 : scaling->e - 1, one = scaling->e != 0;
    const words h = signed_high_product(x, splat(scaling->multiplier));
    const words q = (words)((signed_words)h >> (int32_t)scaling->e) + (h >> half & one);
    return limited_bytes(q + scaling->zero);
}

static void requantise(uint32_t *d, const uint32_t *x, const px_scaling *scaling, size_t n)
{
    for (; n >= LANES / 4; n -= LANES / 4, d += LANES / 4, x += LANES) {
        const some_pixels result = scaled(load(x), scaling);
        memcpy(d, &result, sizeof result);
    }
    if (n > 0) {
        const some_pixels result = scaled(load_some(x, 4 * n), scaling);
        memcpy(d, &result, 4 * n);
    }
}

/* fast_folds.h - a register of a run: sums, extremes and where they are; and scans. Part of each level; see
 * fast_level.h. */

/* f of all lanes, in each of them. */
INLINE words across(words x, words (*f)(words, words))
{
    x = f(x, UP(x, x, 1));
    x = f(x, UP(x, x, 2));
#if LEVEL_BYTES > 16
    x = f(x, UP(x, x, 4));
#endif
#if LEVEL_BYTES > 32
    x = f(x, UP(x, x, 8));
#endif
    return x;
}

/* f over whole vectors, four side by side, so that none waits for the one before. */
INLINE words fold_many(const uint32_t *x, size_t vectors, words (*f)(words, words))
{
    words r0 = load(x), r1 = load(x + LANES), r2 = load(x + 2 * LANES), r3 = load(x + 3 * LANES);
    for (size_t k = 4; k < vectors; k += 4) {
        r0 = f(r0, load(x + k * LANES));
        r1 = f(r1, load(x + (k + 1) * LANES));
        r2 = f(r2, load(x + (k + 2) * LANES));
        r3 = f(r3, load(x + (k + 3) * LANES));
    }
    return f(f(r0, r1), f(r2, r3));
}

/* f over the run; it is associative and commutative, and f(none, x) is x. */
INLINE uint32_t fold(const uint32_t *x, size_t n, uint32_t none, words (*f)(words, words))
{
    const size_t many = n / LANES / 4 * 4;
    words r = many == 0 ? splat(none) : fold_many(x, many, f);
    x += many * LANES;
    n -= many * LANES;
    for (; n >= LANES; n -= LANES, x += LANES)
        r = f(r, load(x));
    if (n > 0)
        r = f(r, pick(first_lanes(n), load_some(x, n), splat(none)));
    return across(r, f)[0];
}

INLINE words added(words x, words y) { return x + y; }

static uint32_t sum(const uint32_t *x, size_t n) { return fold(x, n, 0, added); }
static uint32_t least(const uint32_t *x, size_t n) { return fold(x, n, UINT32_C(0x7FFFFFFF), lesser); }
static uint32_t greatest(const uint32_t *x, size_t n) { return fold(x, n, UINT32_C(0x80000000), greater); }

/* Where value stands first; it is somewhere in the run. */
INLINE size_t where(const uint32_t *x, uint32_t value)
{
    size_t k = 0;
    while (x[k] != value)
        k++;
    return k;
}

/* The index of the first extreme; 0 in an empty run. Only the piece that has it is looked at twice. */
INLINE uint32_t first_of(const uint32_t *x, size_t n, px_lanes_fold *extreme)
{
    enum { PIECE = 1024 };
    size_t at = 0;
    uint32_t best = 0;
    for (size_t k = 0; k < n; k += PIECE) {
        const uint32_t pair[2] = {best, extreme(x + k, n - k < PIECE ? n - k : PIECE)};
        if (k == 0 || (pair[1] != best && extreme(pair, 2) != best)) {
            at = k;
            best = pair[1];
        }
    }
    return n == 0 ? 0 : (uint32_t)(at + where(x + at, best));
}

static uint32_t first_least(const uint32_t *x, size_t n) { return first_of(x, n, least); }
static uint32_t first_greatest(const uint32_t *x, size_t n) { return first_of(x, n, greatest); }

/* ---- scans ---- */

/* Each lane: f of the lanes up to it. */
INLINE words scanned(words x, words none, words (*f)(words, words))
{
    x = f(x, UP(none, x, 1));
    x = f(x, UP(none, x, 2));
#if LEVEL_BYTES > 16
    x = f(x, UP(none, x, 4));
#endif
#if LEVEL_BYTES > 32
    x = f(x, UP(none, x, 8));
#endif
    return x;
}

/* One f a vector waits for the vector before: that of the carry. */
INLINE uint32_t scan(uint32_t *d, const uint32_t *x, uint32_t first, size_t n, uint32_t nothing,
                     words (*f)(words, words))
{
    const words none = splat(nothing);
    words carry = splat(first);
    for (; n >= LANES; n -= LANES, d += LANES, x += LANES) {
        const words s = scanned(load(x), none, f);
        store(d, f(carry, UP(none, s, 1)));
        carry = f(carry, __builtin_shufflevector(s, s, LAST_LANE));
    }
    if (n > 0) {
        const words s = scanned(pick(first_lanes(n), load_some(x, n), none), none, f);
        store_some(d, n, f(carry, UP(none, s, 1)));
        carry = f(carry, __builtin_shufflevector(s, s, LAST_LANE));
    }
    return carry[0];
}

static uint32_t scan_add(uint32_t *d, const uint32_t *x, uint32_t carry, size_t n)
{
    return scan(d, x, carry, n, 0, added);
}

static uint32_t scan_max(uint32_t *d, const uint32_t *x, uint32_t carry, size_t n)
{
    return scan(d, x, carry, n, UINT32_C(0x80000000), greater);
}

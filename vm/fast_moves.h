/* fast_moves.h - runs made and moved: IOTA, PACK, GATHER. Part of each level; see fast_level.h. */

static void iota(uint32_t *d, uint32_t first, uint32_t step, size_t n)
{
    words x = splat(first) + (words){LANE_NUMBERS} * step;
    const words further = splat(step * (uint32_t)LANES);
    for (; n >= LANES; n -= LANES, d += LANES, x += further)
        store(d, x);
    if (n > 0)
        store_some(d, n, x);
}

#ifdef LEVEL_512
/* The store that compresses is slow on some processors; the instruction between registers is not. What lies behind the
 * packed pixels may be a source still. */
INLINE size_t pack_some(uint32_t *d, words x, __mmask16 chosen)
{
    const unsigned count = (unsigned)__builtin_popcount(chosen);
    store_some(d, count, (words)_mm512_maskz_compress_epi32(chosen, (mm)x));
    return count;
}

static size_t pack(uint32_t *d, const uint32_t *x, const uint32_t *flags, size_t n)
{
    size_t count = 0;
    for (; n >= LANES; n -= LANES, x += LANES, flags += LANES) {
        const mm f = (mm)load(flags);
        count += pack_some(d + count, load(x), _mm512_test_epi32_mask(f, f));
    }
    if (n > 0) {
        const mm f = (mm)load_some(flags, n);
        count += pack_some(d + count, load_some(x, n), _mm512_test_epi32_mask(f, f));
    }
    return count;
}

static void gather(uint32_t *d, const uint32_t *table, uint32_t length, const uint32_t *index, size_t n)
{
    const mm end = (mm)splat(length), zero = _mm512_setzero_si512();
    for (; n >= LANES; n -= LANES, d += LANES, index += LANES) {
        const mm j = (mm)load(index);
        store(d, (words)_mm512_mask_i32gather_epi32(zero, _mm512_cmplt_epu32_mask(j, end), j, table, 4));
    }
    for (size_t k = 0; k < n; k++)
        d[k] = index[k] < length ? table[index[k]] : 0;
}
#else
/* A pixel that is not chosen is written where the next chosen one will be, so that there is no branch to guess: at the
 * end that place gets back what it had. */
static size_t pack(uint32_t *d, const uint32_t *x, const uint32_t *flags, size_t n)
{
    size_t total = 0, count = 0;
    for (size_t k = 0; k < n; k++)
        total += flags[k] != 0;
    const uint32_t behind = total < n ? d[total] : 0;
    for (size_t k = 0; k < n; k++) {
        d[count] = x[k];
        count += flags[k] != 0;
    }
    if (total < n)
        d[total] = behind;
    return total;
}

static void gather(uint32_t *d, const uint32_t *table, uint32_t length, const uint32_t *index, size_t n)
{
    for (size_t k = 0; k < n; k++)
        d[k] = index[k] < length ? table[index[k]] : 0;
}
#endif

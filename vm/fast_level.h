/* fast_level.h - the vectors of one level, for the file of that level, as fast_level_avx2.c, which defines
 *
 *   LEVEL         the level's name
 *   LEVEL_BYTES   bytes of a vector: 16, 32 or 64
 *   MM(op), mm    the name of an intrinsic function, and the type of its vectors; not defined in the plain level
 *   LEVEL_512     for what only AVX-512 has
 *
 * The vectors are GNU C's: gcc and clang compile one source for every level and for processors that are not x86, and
 * arithmetic, comparisons and shifts become the instructions that intrinsics would name. Intrinsics stand only where
 * neither compiler finds the instruction: saturated bytes, products that are added, masked ends of runs, compression.
 * Loops over pixels would not do: gcc 12 makes them 2.7 (BADDU) and 2.2 times (DOT4) slower than these. */
#include "pxi/isa.h"
#include "vm/fast_lanes.h"

#include <string.h>

#define LANES       ((size_t)LEVEL_BYTES / 4)
#define INLINE      static inline __attribute__((always_inline))
#define JOIN_(x, y) x##y
#define JOIN(x, y)  JOIN_(x, y)
#if defined __clang__
#define UNROLLED _Pragma("clang loop unroll(full)")
#else
#define UNROLLED _Pragma("GCC unroll 16")
#endif

typedef uint32_t words __attribute__((vector_size(LEVEL_BYTES)));
typedef int32_t signed_words __attribute__((vector_size(LEVEL_BYTES)));
typedef uint64_t doubles __attribute__((vector_size(LEVEL_BYTES)));
typedef uint16_t halves __attribute__((vector_size(LEVEL_BYTES)));
typedef int16_t signed_halves __attribute__((vector_size(LEVEL_BYTES)));
typedef uint8_t bytes __attribute__((vector_size(LEVEL_BYTES)));
typedef int8_t signed_bytes __attribute__((vector_size(LEVEL_BYTES)));

/* Each lane's number; and, for shuffles of a filler and a vector, the lanes of the vector 1, 2, 4, 8 lanes up. */
#if LEVEL_BYTES == 16
#define LANE_NUMBERS 0, 1, 2, 3
#define LAST_LANE    3, 3, 3, 3
#define UP_1         3, 4, 5, 6
#define UP_2         2, 3, 4, 5
#elif LEVEL_BYTES == 32
#define LANE_NUMBERS 0, 1, 2, 3, 4, 5, 6, 7
#define LAST_LANE    7, 7, 7, 7, 7, 7, 7, 7
#define UP_1         7, 8, 9, 10, 11, 12, 13, 14
#define UP_2         6, 7, 8, 9, 10, 11, 12, 13
#define UP_4         4, 5, 6, 7, 8, 9, 10, 11
#else
#define LANE_NUMBERS 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
#define LAST_LANE    15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15
#define UP_1         15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30
#define UP_2         14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29
#define UP_4         12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27
#define UP_8         8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23
#endif

INLINE words splat(uint32_t x) { return (words){0} + x; }

/* yes where mask is all ones, no where it is 0. */
INLINE words pick(words mask, words yes, words no) { return (mask & yes) | (~mask & no); }

INLINE words load(const uint32_t *p)
{
    words x;
    memcpy(&x, p, sizeof x);
    return x;
}

INLINE void store(uint32_t *p, words x) { memcpy(p, &x, sizeof x); }

/* x n lanes up, and below it the end of filler. */
#define UP(filler, x, n) ((words)__builtin_shufflevector(filler, x, UP_##n))

/* All ones in the first n lanes. */
INLINE words first_lanes(size_t n) { return (words)((words){LANE_NUMBERS} < splat((uint32_t)n)); }

/* The end of a run: n pixels, fewer than LANES and at least one; the other lanes are 0, and no other pixel is touched.
 */
#if defined LEVEL_512
INLINE words load_some(const uint32_t *p, size_t n)
{
    return (words)_mm512_maskz_loadu_epi32((__mmask16)((1u << n) - 1), p);
}

INLINE void store_some(uint32_t *p, size_t n, words x)
{
    _mm512_mask_storeu_epi32(p, (__mmask16)((1u << n) - 1), (mm)x);
}
#elif LEVEL_BYTES == 32
INLINE words load_some(const uint32_t *p, size_t n)
{
    return (words)_mm256_maskload_epi32((const int *)p, (mm)first_lanes(n));
}

INLINE void store_some(uint32_t *p, size_t n, words x) { _mm256_maskstore_epi32((int *)p, (mm)first_lanes(n), (mm)x); }
#else
INLINE words load_some(const uint32_t *p, size_t n)
{
    words x = {p[0]};
    if (n > 1)
        x[1] = p[1];
    if (n > 2)
        x[2] = p[2];
    return x;
}

INLINE void store_some(uint32_t *p, size_t n, words x)
{
    p[0] = x[0];
    if (n > 1)
        p[1] = x[1];
    if (n > 2)
        p[2] = x[2];
}
#endif

/* ---- arithmetic that maps, folds and tensors share ---- */

INLINE words lesser(words x, words y) { return pick((words)((signed_words)x < (signed_words)y), x, y); }
INLINE words greater(words x, words y) { return pick((words)((signed_words)x < (signed_words)y), y, x); }

/* The product of each even lane, of 64 bits. */
INLINE doubles even_product(words x, words y)
{
#ifdef MM
    return (doubles)MM(mul_epu32)((mm)x, (mm)y);
#else
    const doubles low = (doubles){0} + UINT32_MAX;
    return ((doubles)x & low) * ((doubles)y & low);
#endif
}

INLINE words high_product(words x, words y)
{
    const doubles even = even_product(x, y), odd = even_product((words)((doubles)x >> 32), (words)((doubles)y >> 32));
    return (words)(even >> 32 | (odd & ((doubles){0} + (UINT64_MAX << 32))));
}

INLINE words signed_high_product(words x, words y)
{
    const words x_negative = (words)((signed_words)x >> 31), y_negative = (words)((signed_words)y >> 31);
    return high_product(x, y) - (x_negative & y) - (y_negative & x);
}

/* The even and the odd bytes of each pixel, as two signed numbers of 16 bits. */
INLINE words even_bytes(words x) { return (words)((signed_halves)((halves)x << 8) >> 8); }
INLINE words odd_bytes(words x) { return (words)((signed_halves)x >> 8); }

/* Each lane: the sum of the products of its two signed halves. */
INLINE words dot_halves(words x, words y)
{
#ifdef MM
    return (words)MM(madd_epi16)((mm)x, (mm)y);
#else
    const signed_words low = ((signed_words)(x << 16) >> 16) * ((signed_words)(y << 16) >> 16);
    return (words)low + (words)(((signed_words)x >> 16) * ((signed_words)y >> 16));
#endif
}

/* sum + dot4(x, y) */
INLINE words add_dot4(words sum, words x, words y)
{
#ifdef LEVEL_512
    /* The instruction multiplies unsigned by signed bytes: x with 128 added to each byte, and 128 times y's bytes taken
     * off again. It does not saturate. */
    const words bias = splat(UINT32_C(0x80808080));
    const mm more = _mm512_dpbusd_epi32((mm)sum, (mm)(x ^ bias), (mm)y);
    return (words)more - (words)_mm512_dpbusd_epi32(_mm512_setzero_si512(), (mm)bias, (mm)y);
#else
    return sum + dot_halves(even_bytes(x), even_bytes(y)) + dot_halves(odd_bytes(x), odd_bytes(y));
#endif
}

/* ---- along a run ---- */

INLINE void map_vv(uint32_t *d, const uint32_t *x, const uint32_t *y, size_t n, words (*f)(words, words))
{
    for (; n >= LANES; n -= LANES, d += LANES, x += LANES, y += LANES)
        store(d, f(load(x), load(y)));
    if (n > 0)
        store_some(d, n, f(load_some(x, n), load_some(y, n)));
}

INLINE void map_vx(uint32_t *d, const uint32_t *x, uint32_t scalar, size_t n, words (*f)(words, words))
{
    const words y = splat(scalar);
    for (; n >= LANES; n -= LANES, d += LANES, x += LANES)
        store(d, f(load(x), y));
    if (n > 0)
        store_some(d, n, f(load_some(x, n), y));
}

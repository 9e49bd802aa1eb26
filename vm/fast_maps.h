/* fast_maps.h - pixel by pixel: the maps of words and bytes, DOT4, BLEND, SELECT, LUT. Part of each level; see
 * fast_level.h. The functions of isa.def are written down once; the list makes the loops and tables of them. */

/* ---- words ---- */

INLINE words word_ADD(words x, words y) { return x + y; }
INLINE words word_SUB(words x, words y) { return x - y; }
INLINE words word_AND(words x, words y) { return x & y; }
INLINE words word_OR(words x, words y) { return x | y; }
INLINE words word_XOR(words x, words y) { return x ^ y; }
INLINE words word_SHL(words x, words y) { return x << (y & 31); }
INLINE words word_SHR(words x, words y) { return x >> (y & 31); }
INLINE words word_SAR(words x, words y) { return (words)((signed_words)x >> (signed_words)(y & 31)); }
INLINE words word_SLT(words x, words y) { return (words)((signed_words)x < (signed_words)y) & 1; }
INLINE words word_SLTU(words x, words y) { return (words)(x < y) & 1; }
INLINE words word_SEQ(words x, words y) { return (words)(x == y) & 1; }
INLINE words word_MIN(words x, words y) { return lesser(x, y); }
INLINE words word_MAX(words x, words y) { return greater(x, y); }
INLINE words word_MUL(words x, words y) { return x * y; }
INLINE words word_MULH(words x, words y) { return signed_high_product(x, y); }
INLINE words word_MULHU(words x, words y) { return high_product(x, y); }

/* ---- bytes ---- */

INLINE bytes pick_bytes(bytes mask, bytes yes, bytes no) { return (mask & yes) | (bytes)(~mask & no); }

/* -1 in the bytes of x that are negative. */
INLINE bytes negative(bytes x) { return (bytes)((signed_bytes)x < (signed_bytes){0}); }

INLINE bytes byte_ADD(bytes x, bytes y) { return x + y; }
INLINE bytes byte_SUB(bytes x, bytes y) { return x - y; }

#ifdef MM
INLINE bytes byte_ADDU(bytes x, bytes y) { return (bytes)MM(adds_epu8)((mm)x, (mm)y); }
INLINE bytes byte_SUBU(bytes x, bytes y) { return (bytes)MM(subs_epu8)((mm)x, (mm)y); }
INLINE bytes byte_ADDS(bytes x, bytes y) { return (bytes)MM(adds_epi8)((mm)x, (mm)y); }
INLINE bytes byte_SUBS(bytes x, bytes y) { return (bytes)MM(subs_epi8)((mm)x, (mm)y); }
#else
INLINE bytes byte_ADDU(bytes x, bytes y)
{
    const bytes sum = x + y;
    return sum | (bytes)(sum < x);
}

INLINE bytes byte_SUBU(bytes x, bytes y) { return (x - y) & (bytes)(x > y); }

/* Where the exact result is out of range it has x's sign. */
INLINE bytes limited(bytes x, bytes wrapped, bytes overflows)
{
    return pick_bytes(negative(overflows), negative(x) ^ 0x7F, wrapped);
}

INLINE bytes byte_ADDS(bytes x, bytes y)
{
    const bytes sum = x + y;
    return limited(x, sum, (x ^ sum) & (y ^ sum));
}

INLINE bytes byte_SUBS(bytes x, bytes y)
{
    const bytes difference = x - y;
    return limited(x, difference, (x ^ y) & (x ^ difference));
}
#endif

/* x shifted by 4, 2 and 1 where y has that bit. There are no shifts of bytes: halves are shifted, and the bits that
 * come from the neighbour taken away. */
#define STEP_LEFT(x, y, by)                                                                                            \
    pick_bytes((bytes)((y & by) != 0), (bytes)((halves)x << by) & (bytes)((bytes){0} + (uint8_t)(0xFF << by)), x)
#define STEP_RIGHT(x, y, by)                                                                                           \
    pick_bytes((bytes)((y & by) != 0), (bytes)((halves)x >> by) & (bytes)((bytes){0} + (uint8_t)(0xFF >> by)), x)

INLINE bytes byte_SHL(bytes x, bytes y)
{
    x = STEP_LEFT(x, y, 4);
    x = STEP_LEFT(x, y, 2);
    return STEP_LEFT(x, y, 1);
}

INLINE bytes byte_SHR(bytes x, bytes y)
{
    x = STEP_RIGHT(x, y, 4);
    x = STEP_RIGHT(x, y, 2);
    return STEP_RIGHT(x, y, 1);
}

INLINE bytes byte_SLT(bytes x, bytes y) { return (bytes)((signed_bytes)x < (signed_bytes)y) & 1; }
INLINE bytes byte_SLTU(bytes x, bytes y) { return (bytes)(x < y) & 1; }
INLINE bytes byte_SEQ(bytes x, bytes y) { return (bytes)(x == y) & 1; }
INLINE bytes byte_MIN(bytes x, bytes y) { return pick_bytes((bytes)((signed_bytes)x < (signed_bytes)y), x, y); }
INLINE bytes byte_MAX(bytes x, bytes y) { return pick_bytes((bytes)((signed_bytes)x < (signed_bytes)y), y, x); }
INLINE bytes byte_MINU(bytes x, bytes y) { return pick_bytes((bytes)(x < y), x, y); }
INLINE bytes byte_MAXU(bytes x, bytes y) { return pick_bytes((bytes)(x < y), y, x); }

/* p / 255 to nearest, p + 128 given: all of it fits 16 bits. */
INLINE halves by_255(halves u) { return (u + (u >> 8)) >> 8; }

INLINE bytes byte_MULU(bytes x, bytes y)
{
    const halves even = ((halves)x & 255) * ((halves)y & 255), odd = ((halves)x >> 8) * ((halves)y >> 8);
    return (bytes)(by_255(even + 128) | by_255(odd + 128) << 8);
}

/* ---- combinations ---- */

INLINE words dot4_of(words x, words y) { return add_dot4((words){0}, x, y); }

INLINE words blend_of(words over, words under)
{
    const words a = over >> 24;
    const halves alpha = (halves)(a | a << 16), rest = 255 - alpha;
    const halves even = ((halves)over & 255) * alpha + ((halves)under & 255) * rest;
    const halves odd = ((halves)over >> 8) * alpha + ((halves)under >> 8) * rest;
    return (words)(by_255(even + 128) | by_255(odd + 128) << 8);
}

static void blend(uint32_t *d, const uint32_t *x, const uint32_t *y, size_t n) { map_vv(d, x, y, n, blend_of); }
static void dot4_vv(uint32_t *d, const uint32_t *x, const uint32_t *y, size_t n) { map_vv(d, x, y, n, dot4_of); }
static void dot4_vx(uint32_t *d, const uint32_t *x, uint32_t y, size_t n) { map_vx(d, x, y, n, dot4_of); }

static void select_where(uint32_t *d, const uint32_t *x, const uint32_t *flags, size_t n)
{
    for (; n >= LANES; n -= LANES, d += LANES, x += LANES, flags += LANES)
        store(d, pick((words)(load(flags) != 0), load(x), load(d)));
    if (n > 0)
        store_some(d, n, pick((words)(load_some(flags, n) != 0), load_some(x, n), load_some(d, n)));
}

static void lut(uint32_t *d, const uint32_t *x, const uint32_t *table, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        const uint32_t in = x[k];
        d[k] = (table[in & 255] & 0xFF) | (table[in >> 8 & 255] & 0xFF00) | (table[in >> 16 & 255] & 0xFF0000) |
               (table[in >> 24] & UINT32_C(0xFF000000));
    }
}

/* ---- the loops of every function in the list ---- */

#define LOOPS_WORD(id, f)                                                                                              \
    static void id##_vv(uint32_t *d, const uint32_t *x, const uint32_t *y, size_t n) { map_vv(d, x, y, n, f); }        \
    static void id##_vx(uint32_t *d, const uint32_t *x, uint32_t y, size_t n) { map_vx(d, x, y, n, f); }
#define LOOPS_BYTE(id, f)                                                                                              \
    INLINE words id##_words(words x, words y) { return (words)f((bytes)x, (bytes)y); }                                 \
    LOOPS_WORD(id, id##_words)

#define PX_FN_WORD(id, number)        LOOPS_WORD(words_##id, word_##id)
#define PX_FN_BYTE(id, number)        LOOPS_BYTE(bytes_##id, byte_##id)
#define PXI_FN(set, id, number, text) PX_FN_##set(id, number)
#include "pxi/isa.def"
#undef PX_FN_WORD
#undef PX_FN_BYTE

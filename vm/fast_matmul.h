/* fast_matmul.h - MATMUL. Part of each level; see fast_level.h.
 *
 * B's pixels are packed, PANEL vectors of columns and DEPTH pixels deep, so that one vector has the same pixel of LANES
 * columns. A tile of TILE rows of C stays in registers while A's pixels go by, each spread over a vector and multiplied
 * with the panel's. C is touched once every DEPTH pixels. */
enum {
    PANEL = 2,   /* vectors of columns */
    DEPTH = 256, /* a panel of these fits the first cache */
    BLOCK = 768  /* rows of A that stay in the second cache while the panels go by */
};

/* A step multiplies what one word of A and of B hold. AVX-512 multiplies four bytes, A's signed and B's unsigned: B is
 * packed with 128 added, and the sum begins with 128 times A's bytes taken off. Else a step is two halves, and a pixel
 * takes two, its even bytes and its odd ones. */
#ifdef LEVEL_512
enum { TILE = 12, STEPS = 1 };
INLINE words step(words sum, words a, words b) { return (words)_mm512_dpbusd_epi32((mm)sum, (mm)b, (mm)a); }
#else
enum { TILE = 4, STEPS = 2 };
INLINE words step(words sum, words a, words b) { return sum + dot_halves(a, b); }
#endif

/* Of a panel that is depth pixels deep, step s of pixel k is the row s * depth + k; of A's words likewise. */
typedef struct panel {
    words of[DEPTH * STEPS][PANEL];
} panel;

typedef uint32_t quad __attribute__((vector_size(16)));
typedef uint16_t quad_halves __attribute__((vector_size(16)));
typedef int16_t quad_signed_halves __attribute__((vector_size(16)));

/* What B's, and A's, pixels are in step s. */
#ifdef LEVEL_512
INLINE quad step_of(quad pixels, size_t s) { return s == 0 ? pixels ^ UINT32_C(0x80808080) : pixels; }
#else
INLINE quad step_of(quad pixels, size_t s)
{
    const quad_halves up = s == 0 ? (quad_halves)pixels << 8 : (quad_halves)pixels;
    return (quad)((quad_signed_halves)up >> 8);
}
#endif

/* Rows become columns. */
INLINE void transpose(quad q[4])
{
    const quad low0 = (quad)__builtin_shufflevector(q[0], q[1], 0, 4, 1, 5),
               low1 = (quad)__builtin_shufflevector(q[2], q[3], 0, 4, 1, 5),
               high0 = (quad)__builtin_shufflevector(q[0], q[1], 2, 6, 3, 7),
               high1 = (quad)__builtin_shufflevector(q[2], q[3], 2, 6, 3, 7);
    q[0] = (quad)__builtin_shufflevector(low0, low1, 0, 1, 4, 5);
    q[1] = (quad)__builtin_shufflevector(low0, low1, 2, 3, 6, 7);
    q[2] = (quad)__builtin_shufflevector(high0, high1, 0, 1, 4, 5);
    q[3] = (quad)__builtin_shufflevector(high0, high1, 2, 3, 6, 7);
}

/* Up to four columns of B from column j on, and up to four pixels of each from k on. */
INLINE void pack_quads(panel *to, size_t depth, const uint32_t *b, size_t stride, size_t j, size_t columns, size_t k,
                       size_t pixels)
{
    quad q[4] = {{0}, {0}, {0}, {0}};
    for (size_t i = 0; i < columns; i++)
        memcpy(&q[i], b + (j + i) * stride + k, pixels * sizeof *b);
    transpose(q);
    for (size_t i = 0; i < pixels; i++)
        for (size_t s = 0; s < STEPS; s++) {
            const quad x = step_of(q[i], s);
            memcpy((char *)to->of[s * depth + k + i] + 4 * j, &x, sizeof x);
        }
}

/* Columns that are not there are some number, and what comes of them is not stored. */
static void pack_panel(panel *to, const uint32_t *b, size_t stride, size_t columns, size_t depth)
{
    if (columns < PANEL * LANES)
        memset(to->of, 0, depth * STEPS * sizeof *to->of);
    for (size_t j = 0; j < columns; j += 4) {
        const size_t wide = columns - j < 4 ? columns - j : 4;
        size_t k = 0;
        if (wide == 4)
            for (; depth - k >= 4; k += 4)
                pack_quads(to, depth, b, stride, j, 4, k, 4);
        for (; k < depth; k += 4)
            pack_quads(to, depth, b, stride, j, wide, k, depth - k < 4 ? depth - k : 4);
    }
}

/* ---- a tile ---- */

INLINE void add_to(uint32_t *c, size_t n, words x)
{
    if (n >= LANES)
        store(c, load(c) + x);
    else if (n > 0)
        store_some(c, n, load_some(c, n) + x);
}

/* rows is a constant. Every third row has a pointer, so that they all fit the processor's registers. */
INLINE void tile(size_t rows, uint32_t *c, size_t c_stride, size_t columns, const uint32_t *a, size_t a_stride,
                 const uint32_t *bias, const panel *b, size_t steps)
{
    words sum[TILE][PANEL];
    UNROLLED
    for (size_t r = 0; r < rows; r++)
        sum[r][0] = sum[r][1] = splat(bias[r]);
    for (size_t k = 0; k < steps; k++) {
        const words b0 = b->of[k][0], b1 = b->of[k][1];
        UNROLLED
        for (size_t r = 0; r < rows; r++) {
            const words x = splat(a[r * a_stride + k]);
            sum[r][0] = step(sum[r][0], x, b0);
            sum[r][1] = step(sum[r][1], x, b1);
        }
    }
    UNROLLED
    for (size_t r = 0; r < rows; r++) {
        add_to(c + r * c_stride, columns, sum[r][0]);
        add_to(c + r * c_stride + LANES, columns > LANES ? columns - LANES : 0, sum[r][1]);
    }
}

/* ---- A's words ---- */

#ifdef LEVEL_512
static uint32_t bias_of(const uint32_t *a, size_t depth)
{
    words sum = {0};
    const words ones = splat(0x01010101);
    for (; depth >= LANES; depth -= LANES, a += LANES)
        sum = step(sum, load(a), ones);
    if (depth > 0)
        sum = step(sum, load_some(a, depth), ones);
    return 0 - 128 * across(sum, added)[0];
}
#else
static void widen(uint32_t *to, const uint32_t *a, size_t depth)
{
    size_t k = 0;
    for (; depth - k >= LANES; k += LANES) {
        store(to + k, even_bytes(load(a + k)));
        store(to + depth + k, odd_bytes(load(a + k)));
    }
    if (k < depth) {
        store_some(to + k, depth - k, even_bytes(load_some(a + k, depth - k)));
        store_some(to + depth + k, depth - k, odd_bytes(load_some(a + k, depth - k)));
    }
}
#endif

/* rows of A with one panel; bias is for each of them. */
INLINE void rows_of(size_t rows, uint32_t *c, const px_product *p, size_t columns, const uint32_t *a,
                    const uint32_t *bias, const panel *b, size_t depth)
{
#ifdef LEVEL_512
    tile(rows, c, p->c_stride, columns, a, p->a_stride, bias, b, depth);
#else
    uint32_t wide[TILE][DEPTH * STEPS];
    for (size_t r = 0; r < rows; r++)
        widen(wide[r], a + r * p->a_stride, depth);
    tile(rows, c, p->c_stride, columns, wide[0], DEPTH * STEPS, bias, b, depth * STEPS);
#endif
}

/* rows, at most BLOCK, and depth, at most DEPTH, of the product. */
static void block(const px_product *p, uint32_t *c, const uint32_t *a, const uint32_t *b, size_t rows, size_t depth)
{
    panel packed;
    uint32_t bias[BLOCK] = {0};
#ifdef LEVEL_512
    for (size_t m = 0; m < rows; m++)
        bias[m] = bias_of(a + m * p->a_stride, depth);
#endif
    for (size_t n = 0; n < p->columns; n += PANEL * LANES) {
        const size_t columns = p->columns - n < PANEL * LANES ? p->columns - n : PANEL * LANES;
        size_t m = 0;
        pack_panel(&packed, b + n * p->b_stride, p->b_stride, columns, depth);
        for (; rows - m >= TILE; m += TILE)
            rows_of(TILE, c + m * p->c_stride + n, p, columns, a + m * p->a_stride, bias + m, &packed, depth);
        for (; rows - m >= 4; m += 4)
            rows_of(4, c + m * p->c_stride + n, p, columns, a + m * p->a_stride, bias + m, &packed, depth);
        for (; m < rows; m++)
            rows_of(1, c + m * p->c_stride + n, p, columns, a + m * p->a_stride, bias + m, &packed, depth);
    }
}

/* Few rows or columns do not pay for packing B. */
static void by_dots(const px_product *p)
{
    for (size_t m = 0; m < p->rows; m++)
        for (size_t n = 0; n < p->columns; n++)
            p->c[m * p->c_stride + n] += dot(p->a + m * p->a_stride, p->b + n * p->b_stride, p->depth);
}

static void matmul(const px_product *p)
{
    if (p->rows < 4 || p->columns < 4) {
        by_dots(p);
        return;
    }
    for (size_t k = 0; k < p->depth; k += DEPTH)
        for (size_t m = 0; m < p->rows; m += BLOCK)
            block(p, p->c + m * p->c_stride, p->a + m * p->a_stride + k, p->b + k,
                  p->rows - m < BLOCK ? p->rows - m : BLOCK, p->depth - k < DEPTH ? p->depth - k : DEPTH);
}

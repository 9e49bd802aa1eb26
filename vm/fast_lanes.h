/* fast_lanes.h - runs of pixels by one instruction set's vectors. The same source is compiled once a level (plain,
 * sse2, avx2, avx512): fast_level.h has its types, fast_maps.h, fast_folds.h, fast_moves.h and fast_tensor.h what it
 * does.
 *
 * A run may have any length, 0 too, and any alignment of a pixel. d may be x or y, or lie apart from it, as SPEC.md
 * section 6 allows for the instruction; the functions check nothing. */
#ifndef VM_FAST_LANES_H
#define VM_FAST_LANES_H

#include <stddef.h>
#include <stdint.h>

typedef void px_lanes_vv(uint32_t *d, const uint32_t *x, const uint32_t *y, size_t n);
typedef void px_lanes_vx(uint32_t *d, const uint32_t *x, uint32_t y, size_t n);
typedef uint32_t px_lanes_fold(const uint32_t *x, size_t n);
typedef uint32_t px_lanes_scan(uint32_t *d, const uint32_t *x, uint32_t carry, size_t n); /* returns the carry after */

/* MATMUL's operands; rows, columns and depth are 1 or more. */
typedef struct px_product {
    uint32_t *c;
    const uint32_t *a, *b;
    size_t c_stride, a_stride, b_stride;
    size_t rows, columns, depth;
} px_product;

/* REQ's. */
typedef struct px_scaling {
    uint32_t multiplier, e, zero;
} px_scaling;

typedef struct px_lanes {
    const char *name;
    px_lanes_vv *word_vv[16], *byte_vv[16]; /* enum px_word_fn, enum px_byte_fn */
    px_lanes_vx *word_vx[16], *byte_vx[16];
    px_lanes_vv *dot4_vv;
    px_lanes_vx *dot4_vx;
    px_lanes_vv *blend;  /* y is under x */
    px_lanes_vv *select; /* y is flags */
    px_lanes_vv *lut;    /* y is the table */
    px_lanes_fold *sum, *least, *greatest, *first_least, *first_greatest;
    px_lanes_scan *scan_add, *scan_max;
    void (*iota)(uint32_t *d, uint32_t first, uint32_t step, size_t n);
    size_t (*pack)(uint32_t *d, const uint32_t *x, const uint32_t *flags, size_t n); /* returns how many */
    void (*gather)(uint32_t *d, const uint32_t *table, uint32_t length, const uint32_t *index, size_t n);
    uint32_t (*dot)(const uint32_t *x, const uint32_t *y, size_t n);
    void (*requantise)(uint32_t *d, const uint32_t *x, const px_scaling *scaling, size_t n);
    void (*matmul)(const px_product *product);
} px_lanes;

extern const px_lanes px_lanes_plain;
#ifdef __x86_64__
extern const px_lanes px_lanes_sse2, px_lanes_avx2, px_lanes_avx512;
#endif

/* The best level that this processor has, at most the one named; NULL when none has that name. limit may be NULL. */
const px_lanes *px_lanes_of(const char *limit);

/* The level in use: what PX_FAST_SIMD allows, or what px_lanes_use has set. */
const px_lanes *px_lanes_now(void);
void px_lanes_use(const px_lanes *lanes);

#endif

/* fast_long.h - long runs and large products in parts, by all cores; short ones at once. */
#ifndef VM_FAST_LONG_H
#define VM_FAST_LONG_H

#include "vm/fast_lanes.h"

/* From as many pixels a run is done in parts, and from as many products of pixels a MATMUL: below, waking a thread
 * costs more time than it saves. */
enum { PX_LONG_RUN = 1 << 20, PX_LONG_PRODUCT = 1 << 24 };

void px_long_vv(px_lanes_vv *f, uint32_t *d, const uint32_t *x, const uint32_t *y, size_t n);
void px_long_vx(px_lanes_vx *f, uint32_t *d, const uint32_t *x, uint32_t y, size_t n);
void px_long_lut(px_lanes_vv *f, uint32_t *d, const uint32_t *x, const uint32_t *table, size_t n);
void px_long_iota(const px_lanes *lanes, uint32_t *d, uint32_t first, uint32_t step, size_t n);
void px_long_gather(const px_lanes *lanes, uint32_t *d, const uint32_t *table, uint32_t length, const uint32_t *index,
                    size_t n);
void px_long_requantise(const px_lanes *lanes, uint32_t *d, const uint32_t *x, const px_scaling *scaling, size_t n);

/* f of a run is f of f's results for its parts. */
uint32_t px_long_fold(px_lanes_fold *f, const uint32_t *x, size_t n);
/* f finds an index. */
uint32_t px_long_first(px_lanes_fold *f, const uint32_t *x, size_t n);
/* fold is that of the scan's function: a part's total is the carry that it adds. */
uint32_t px_long_scan(px_lanes_scan *f, px_lanes_fold *fold, uint32_t *d, const uint32_t *x, uint32_t carry, size_t n);
uint32_t px_long_dot(const px_lanes *lanes, const uint32_t *x, const uint32_t *y, size_t n);

void px_long_matmul(const px_lanes *lanes, const px_product *product);

#endif

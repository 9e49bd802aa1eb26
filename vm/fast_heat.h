/* fast_heat.h - how the fast executor counts what it executes, reads and writes (pxi/heat.h), by pieces of straight
 * code and by runs: where one begins, 1 is added to a difference, and where it ends, 1 is taken away. After a turn, at
 * the latest, the differences become counts. */
#ifndef VM_FAST_HEAT_H
#define VM_FAST_HEAT_H

#include "pxi/heat.h"
#include "vm/fast.h"

/* After so many instructions the differences, which are modulo 2^32, have to become counts. */
enum { PX_FAST_HEAT_MOST = 1 << 28 };

/* NULL and error when there is no memory. heat's arrays stay the caller's. */
struct px_fast_heat *px_fast_heat_new(const px_heat *heat, px_error *error);
void px_fast_heat_free(struct px_fast_heat *heat);

/* An instruction with these touches, in the image that begins at base, has retired. */
void px_fast_heat_touched(struct px_fast_heat *heat, uint32_t base, const px_touch *touch, unsigned touches);

/* The page's differences, or those of all that fast has, become counts. */
void px_fast_heat_of_page(struct px_fast_heat *heat, px_fast_page *page);
void px_fast_heat_settle(px_fast *fast);

#endif

/* ram.c - see ram.h. Rows of a real memory map come in any order, may touch, overlap and be empty; where two overlap,
 * the one that is not RAM holds. */
#include "firmware/machine/ram.h"

#include <stdbool.h>

#define MB  (UINT64_C(1) << 20)
#define RAM 1u

static uint64_t end_of(const hv_range *r)
{
    return r->length > UINT64_MAX - r->base ? UINT64_MAX : r->base + r->length;
}

/* What RAM reaches from 1 MB on without a gap. */
static uint64_t end_of_ram(const hv_boot *boot)
{
    uint64_t top = MB;
    for (bool grown = true; grown;) {
        grown = false;
        for (uint32_t i = 0; i < boot->ranges; i++) {
            const hv_range *const r = &boot->range[i];
            if (r->type == RAM && r->base <= top && end_of(r) > top) {
                top = end_of(r);
                grown = true;
            }
        }
    }
    return top;
}

uint64_t ram_top(const hv_boot *boot)
{
    uint64_t top = end_of_ram(boot);
    for (uint32_t i = 0; i < boot->ranges; i++) {
        const hv_range *const r = &boot->range[i];
        if (r->type != RAM && r->length != 0 && end_of(r) > MB && r->base < top)
            top = r->base;
    }
    if (top > boot->base)
        top = boot->base;
    top &= ~(2 * MB - 1);
    return top >= 2 * MB ? top : 0;
}

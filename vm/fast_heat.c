/* fast_heat.c - see fast_heat.h. */
#include "vm/fast_heat.h"

#include <inttypes.h>
#include <stdlib.h>

px_fast_heat *px_fast_heat_new(const px_heat *counts, px_error *error)
{
    const size_t cells = (size_t)counts->n + 1;
    px_fast_heat *heat = calloc(1, sizeof *heat);
    if (heat != NULL) {
        *heat = (px_fast_heat){.counts = *counts,
                               .read = calloc(cells, sizeof *heat->read),
                               .written = calloc(cells, sizeof *heat->written),
                               .low = counts->n};
        if (heat->read != NULL && heat->written != NULL)
            return heat;
        px_fast_heat_free(heat);
    }
    px_fail(error, PX_E_SYSTEM, "no memory to count what happens to %" PRIu32 " pixels", counts->n);
    return NULL;
}

void px_fast_heat_free(px_fast_heat *heat)
{
    if (heat != NULL) {
        free(heat->read);
        free(heat->written);
    }
    free(heat);
}

/* A run in several pieces is counted at once: they may lie upon each other, more often than a difference can hold. */
void px_fast_heat_touched(px_fast_heat *heat, uint32_t base, const px_touch *touch, unsigned touches)
{
    for (unsigned k = 0; k < touches; k++) {
        if (touch[k].rows != 1) {
            px_heat_touched(&heat->counts, base, &touch[k], 1);
            continue;
        }
        const uint32_t from = base + touch[k].base, end = from + (uint32_t)touch[k].columns;
        heat->low = from < heat->low ? from : heat->low;
        heat->high = end > heat->high ? end : heat->high;
        if (touch[k].read) {
            heat->read[from]++;
            heat->read[end]--;
        }
        if (touch[k].written) {
            heat->written[from]++;
            heat->written[end]--;
        }
    }
}

/* cells differences become counts; the last one ends what has begun before it. */
static void settle(uint64_t *counts, uint32_t *differences, uint32_t cells)
{
    uint32_t now = 0;
    for (uint32_t i = 0; i + 1 < cells; i++) {
        now += differences[i];
        counts[i] += now;
        differences[i] = 0;
    }
    differences[cells - 1] = 0;
}

/* What was counted behind the end of the image is behind a page's last pixel, too: nothing was executed there. */
void px_fast_heat_of_page(px_fast_heat *heat, px_fast_page *page)
{
    const uint32_t left = heat->counts.n - page->first;
    if (page->counted)
        settle(heat->counts.executed + page->first, page->edges, (left < PX_FAST_PAGE ? left : PX_FAST_PAGE) + 1);
    page->counted = false;
}

void px_fast_heat_settle(px_fast *fast)
{
    px_fast_heat *heat = fast->heat;
    for (size_t i = 0; i < fast->pages; i++)
        if (fast->page[i] != NULL)
            px_fast_heat_of_page(heat, fast->page[i]);
    if (heat->low < heat->high) {
        settle(heat->counts.read + heat->low, heat->read + heat->low, heat->high - heat->low + 1);
        settle(heat->counts.written + heat->low, heat->written + heat->low, heat->high - heat->low + 1);
    }
    heat->low = heat->counts.n;
    heat->high = 0;
    heat->since = 0;
}

/* grow - asks for heap until there is none: where it moves, all that it has is where it was, and what it gets is 0.
 * Then prints how much it had, and what the last refusal was. */
#include "os/apps/app.h"

static uint32_t pattern(uint32_t i) { return i * 2654435761u ^ 0x5A5A5A5A; }

int main(void)
{
    const uint32_t begin = px_image(0)[7] / 4;
    uint32_t filled = begin, wrong = 0, kilobytes = 4;
    const uint32_t *const first = px_image(begin);
    int32_t answer;
    while ((answer = pxo_heap(1024 * kilobytes)) == 0) {
        const uint32_t all = px_get_n();
        wrong += all < 256 * kilobytes || px_image(begin) != first;
        for (uint32_t i = begin; i < filled; i++)
            wrong += px_image(i)[0] != pattern(i);
        for (uint32_t i = filled; i < all; i++) {
            wrong += px_image(i)[0] != 0;
            px_image(i)[0] = pattern(i);
        }
        filled = all;
        kilobytes += 4;
    }
    wrong += pxo_heap(0) != 0 || pxo_heap(4 * px_get_n()) != 0 || pxo_heap(0xFFFFFFFF) != PXH_E_LIMIT;
    put(wrong == 0 ? "grown to " : "wrong, to ");
    put_number(kilobytes - 4, 0);
    put(answer == PXH_E_LIMIT ? " KB, LIMIT\n" : answer == PXH_E_FULL ? " KB, FULL\n" : " KB, ?\n");
    return wrong != 0;
}

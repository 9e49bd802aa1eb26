/* dirty - tells whether all of its heap is 0, and leaves it full. */
#include "os/apps/app.h"

int main(void)
{
    px_pixel *from = px_image(px_image(0)[7] / 4);
    const uint32_t count = px_get_n() - px_image(0)[7] / 4;
    uint32_t all = 0;
    for (uint32_t i = 0; i < count; i++)
        all |= from[i];
    put(all == 0 && count > 512 ? "clean\n" : "dirty\n");
    px_vl(count);
    px_fill(from, 0xDEADBEEF);
    return 0;
}

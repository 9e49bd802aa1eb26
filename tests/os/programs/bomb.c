/* bomb - starts itself without end, and so does each of these; then asks for pipes without end. */
#include "os/apps/app.h"

int main(void)
{
    static const char name[] = "bomb";
    const pxo_spawn what = {PXO_ADDRESS(name), sizeof name - 1, PXO_ADDRESS(name), sizeof name, 0, 1};
    uint32_t ends[2];
    for (;;) {
        pxo_start(&what);
        pxo_pipe(ends);
    }
}

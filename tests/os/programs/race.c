/* race - kills a child that reads, in the round in which it asks for that, and in those before and after. */
#include "os/apps/app.h"

int main(void)
{
    static const char name[] = "cat";
    uint32_t killed = 0;
    for (unsigned rounds = 0; rounds < 8; rounds++) {
        uint32_t ends[2] = {0};
        pxo_ended how = {0};
        pxo_pipe(ends);
        const pxo_spawn what = {PXO_ADDRESS(name), sizeof name - 1, PXO_ADDRESS(name), sizeof name, ends[0], 1};
        const int32_t child = pxo_start(&what);
        for (unsigned i = 0; i < rounds; i++)
            px_sys(PXH_REQUEST(PXH_YIELD, 0), 0);
        killed += child > 0 && pxo_kill((uint32_t)child) == 0 && pxo_wait((uint32_t)child, &how) == child &&
                  how.how == PXO_KILLED;
        pxo_close(ends[0]);
        pxo_close(ends[1]);
    }
    put("killed ");
    put_number(killed, 0);
    put("\n");
    return 0;
}

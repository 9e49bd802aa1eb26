/* race - kills a child that asks for a pipe, mostly in the round in which it asks, and makes one itself: what is dead
 * gets none, which nobody would give back. */
#include "os/apps/app.h"

int main(int argc, char **argv)
{
    static const char name[] = "race", words[] = "race\0child";
    const pxo_spawn what = {PXO_ADDRESS(name), sizeof name - 1, PXO_ADDRESS(words), sizeof words, 0, 1};
    uint32_t killed = 0, ends[2];
    (void)argv;
    if (argc > 1)
        for (pxo_pipe(ends);;)
            px_sys(PXH_REQUEST(PXH_YIELD, 0), 0);
    for (unsigned turn = 0; turn < 24; turn++) {
        pxo_ended how = {0};
        const int32_t child = pxo_start(&what);
        for (unsigned i = 20; i < turn; i++)
            px_sys(PXH_REQUEST(PXH_YIELD, 0), 0);
        killed += child > 0 && pxo_kill((uint32_t)child) == 0 && pxo_wait((uint32_t)child, &how) == child &&
                  how.how == PXO_KILLED && pxo_pipe(ends) == 0 && pxo_close(ends[0]) == 0 && pxo_close(ends[1]) == 0;
    }
    put("killed ");
    put_number(killed, 0);
    put("\n");
    return 0;
}

/* needy - a neighbour that cannot do without: ten times a child, a pipe from it, and a message. */
#include "os/apps/app.h"

static void give(uint32_t end, uint32_t parent, uint32_t turn)
{
    const uint32_t words[PXO_MESSAGE_WORDS] = {turn + 1};
    put_bytes(end, (const char *)&turn, 4);
    px_sys(PXH_REQUEST(PXH_EXIT, pxo_post(parent, words) == 0 ? 5 : 6), 0);
}

int main(void)
{
    const uint32_t own = (uint32_t)pxo_getpid();
    for (uint32_t turn = 1; turn <= 10; turn++) {
        uint32_t ends[2], word = 0, words[PXO_MESSAGE_WORDS] = {0};
        pxo_ended how = {0};
        if (pxo_pipe(ends) != 0)
            return 1;
        const int32_t child = pxo_fork();
        if (child == 0)
            give(ends[1], own, turn);
        const pxh_read block = {PXO_ADDRESS(&word), 4, 0, 0};
        if (child < 0 || px_sys(PXH_REQUEST(PXH_READ, ends[0]), PXO_ADDRESS(&block)) != 4 || word != turn)
            return 2;
        if (pxo_take(0, words) != child || words[0] != turn + 1 || pxo_wait(0, &how) != child || how.status != 5)
            return 3;
        if (pxo_close(ends[0]) != 0 || pxo_close(ends[1]) != 0)
            return 4;
    }
    put("needy has had all\n");
    return 0;
}

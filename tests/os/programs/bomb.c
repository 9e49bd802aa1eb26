/* bomb [KIND] - does without end what takes something from all: starts itself, and makes pipes; f forks, h asks for
 * heap, m sends messages to process 1, which takes none, from ever more processes. */
#include "os/apps/app.h"

static void start_and_pipe(void)
{
    static const char name[] = "bomb";
    const pxo_spawn what = {PXO_ADDRESS(name), sizeof name - 1, PXO_ADDRESS(name), sizeof name, 0, 1};
    uint32_t ends[2];
    for (;;) {
        pxo_start(&what);
        pxo_pipe(ends);
    }
}

int main(int argc, char **argv)
{
    const char kind = argc > 1 ? argv[1][0] : 's';
    const uint32_t words[PXO_MESSAGE_WORDS] = {0};
    if (kind == 's')
        start_and_pipe();
    for (;;) {
        pxo_fork();
        if (kind == 'h')
            pxo_heap(4 * px_get_n() + 4);
        if (kind == 'm')
            pxo_post(1, words);
    }
}

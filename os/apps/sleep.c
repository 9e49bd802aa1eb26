/* sleep - waits
 *
 * usage: sleep SECONDS
 *
 * 16000 at most. */
#include "os/apps/app.h"

int main(int argc, char **argv)
{
    uint32_t seconds;
    if (asks_help(argc, argv))
        return 0;
    if (argc != 2 || !read_number(argv[1], &seconds) || seconds > 16000)
        return usage();
    return seconds == 0 || pxo_sleep(1000 * seconds) == 0 ? 0 : 1;
}

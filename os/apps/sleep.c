/* sleep SECONDS */
#include "os/apps/app.h"

int main(int argc, char **argv)
{
    uint32_t seconds;
    if (argc != 2 || !read_number(argv[1], &seconds) || seconds > 16000)
        return complain("usage: sleep SECONDS (16000 at most)\n"), 2;
    return seconds == 0 || pxo_sleep(1000 * seconds) == 0 ? 0 : 1;
}

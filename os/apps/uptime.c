/* uptime - how long the system has run
 *
 * usage: uptime */
#include "os/apps/app.h"

int main(int argc, char **argv)
{
    uint32_t words[2];
    if (asks_help(argc, argv))
        return 0;
    if (px_sys(PXH_REQUEST(PXH_CLOCK, 0), PXO_ADDRESS(words)) != 0)
        return 1;
    put("up ");
    put_number((uint32_t)(((uint64_t)words[1] << 32 | words[0]) / 1000000000), 0);
    return put(" s\n") ? 0 : 1;
}

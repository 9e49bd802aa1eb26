/* uptime - how long the system has run, in seconds. */
#include "os/apps/app.h"

int main(void)
{
    uint32_t words[2];
    if (px_sys(PXH_REQUEST(PXH_CLOCK, 0), PXO_ADDRESS(words)) != 0)
        return 1;
    put("up ");
    put_number((uint32_t)(((uint64_t)words[1] << 32 | words[0]) / 1000000000), 0);
    return put(" s\n") ? 0 : 1;
}

/* touch - makes files that are not there
 *
 * usage: touch FILE..
 *
 * One that is there stays as it is: its time cannot be set. */
#include "os/apps/app.h"

int main(int argc, char **argv)
{
    bool good = true;
    if (asks_help(argc, argv))
        return 0;
    if (argc < 2)
        return usage();
    for (int i = 1; i < argc; i++) {
        const int32_t handle = open_file(argv[i], PXH_FOR_WRITE | PXH_CREATE);
        good = !failed("touch", argv[i], handle) && good;
        if (handle >= 0)
            pxo_close((uint32_t)handle);
    }
    return !good;
}

/* rmdir - removes empty folders
 *
 * usage: rmdir FOLDER.. */
#include "os/apps/app.h"

int main(int argc, char **argv)
{
    bool good = true;
    if (asks_help(argc, argv))
        return 0;
    if (argc == 1)
        return usage();
    for (int i = 1; i < argc; i++) {
        pxo_stat about;
        const int32_t there = pxo_stat_of(argv[i], length_of(argv[i]), &about);
        const int32_t answer = there < 0                  ? there
                               : about.kind != PXH_FOLDER ? PXH_E_KIND
                                                          : pxo_remove(argv[i], length_of(argv[i]));
        good = !failed("rmdir", argv[i], answer) && good;
    }
    return !good;
}

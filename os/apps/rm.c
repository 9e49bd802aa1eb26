/* rm - removes files, and folders that are empty. */
#include "os/apps/app.h"

int main(int argc, char **argv)
{
    bool good = argc > 1 || (complain("usage: rm FILE..\n") && false);
    for (int i = 1; i < argc; i++)
        good = !failed("rm", argv[i], pxo_remove(argv[i], length_of(argv[i]))) && good;
    return !good;
}

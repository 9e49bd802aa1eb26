/* mkdir - makes folders. */
#include "os/apps/app.h"

int main(int argc, char **argv)
{
    bool good = argc > 1 || (complain("usage: mkdir FOLDER..\n") && false);
    for (int i = 1; i < argc; i++)
        good = !failed("mkdir", argv[i], pxo_mkdir(argv[i], length_of(argv[i]))) && good;
    return !good;
}

/* ln - gives a file one name more
 *
 * usage: ln FILE NAME
 *
 * Both are the same file then, which is gone with its last name. Into a
 * folder: under its own name. FAT has one name for each, folders have one. */
#include "os/apps/app.h"

int main(int argc, char **argv)
{
    char path[MOST_PATH];
    if (asks_help(argc, argv))
        return 0;
    if (argc != 3)
        return usage();
    if (!target_of(path, argv[1], argv[2]))
        return failed("ln", argv[2], PXH_E_NAME);
    return failed("ln", path, pxo_link(argv[1], length_of(argv[1]), path, length_of(path)));
}

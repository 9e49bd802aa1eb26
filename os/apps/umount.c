/* umount - a folder is itself again
 *
 * usage: umount FOLDER
 *
 * What was changed in its file system is on the disk then. A disk that has
 * failed is told of, and the folder is itself again all the same; mount finds
 * what was there when it was written last. */
#include "os/apps/app.h"

int main(int argc, char **argv)
{
    if (asks_help(argc, argv))
        return 0;
    if (argc != 2)
        return usage();
    return failed("umount", argv[1], pxo_detach(argv[1], length_of(argv[1])));
}

/* px-snap - saves the running system to a disk
 *
 * usage: px-snap DISK
 *
 * DISK is the number, 0 to 3, of a disk of the host or of the machine, which is
 * not mounted and has room for the whole picture: it is written row after row,
 * and what was on the disk is gone. On the host `px os --disk later.png` leaves
 * a PNG that `px os later.png` goes on from; `px cp --png later.raw later.png`
 * makes one of a raw disk.
 *
 * Other disks must be then as they are now. */
#include "os/apps/app.h"

int main(int argc, char **argv)
{
    uint32_t disk;
    if (asks_help(argc, argv))
        return 0;
    if (argc != 2 || !read_number(argv[1], &disk))
        return usage();
    return failed("px-snap", argv[1], pxo_save(disk));
}

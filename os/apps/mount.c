/* mount - file systems, and disks that become one
 *
 * usage: mount [-r] [DISK FOLDER]
 *
 * Without arguments: what is mounted. DISK is a number, 0 to 3, of the host's
 * disks; -r: it is only read. */
#include "os/apps/app.h"

int main(int argc, char **argv)
{
    static pxo_mount m;
    uint32_t readonly, disk;
    int first;
    if (asks_help(argc, argv))
        return 0;
    if (!read_options(argc, argv, "r", &readonly, &first) || (argc > first && argc != first + 2) ||
        (argc > first && (!read_number(argv[first], &disk) || disk > 255)))
        return usage();
    if (argc > first)
        return failed(
            "mount", argv[first + 1],
            pxo_attach(disk | (readonly != 0 ? PXO_READONLY : 0), argv[first + 1], length_of(argv[first + 1])));
    bool good = true;
    for (uint32_t i = 0; good && pxo_mounted(i, &m) == 1; i++)
        good = put(m.type) && put(" at ") && put(m.path) && put(m.readonly != 0 ? ", only read\n" : "\n");
    return !good;
}

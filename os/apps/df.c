/* df - file systems and their room
 *
 * usage: df
 *
 * Type, kilobytes for files, those that are used and free, and where each is
 * mounted. */
#include "os/apps/app.h"

static uint32_t kilobytes(uint32_t low, uint32_t high) { return low >> 10 | high << 22; }

int main(int argc, char **argv)
{
    static pxo_mount m;
    pxo_space space;
    if (asks_help(argc, argv))
        return 0;
    bool good = put("type          KiB       used       free  mounted at\n");
    for (uint32_t i = 0; good && pxo_mounted(i, &m) == 1; i++) {
        const uint32_t length = length_of(m.path);
        if (failed("df", m.path, pxo_free(m.path, length, &space)))
            continue;
        const uint32_t all = kilobytes(space.bytes, space.bytes_high), left = kilobytes(space.free, space.free_high);
        good = put(m.type);
        for (uint32_t at = length_of(m.type); at < 6 && good; at++)
            good = put(" ");
        good = good && put_number(all, 11) && put_number(all - left, 11) && put_number(left, 11) && put("  ") &&
               put(m.path) && put(m.readonly != 0 ? " (only read)\n" : "\n");
    }
    return !good;
}

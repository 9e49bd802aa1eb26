/* cat - copies files to its output
 *
 * usage: cat [FILE..]
 *
 * Without a FILE, or for -, it copies its input. */
#include "os/apps/app.h"

static bool copy(const char *name, uint32_t handle)
{
    char bytes[512];
    int32_t got;
    while ((got = read_file(handle, bytes, sizeof bytes)) > 0)
        if (!put_bytes(1, bytes, (uint32_t)got))
            return false;
    return handle == 0 ? got == 0 : !failed("cat", name, got);
}

int main(int argc, char **argv)
{
    if (asks_help(argc, argv))
        return 0;
    bool good = argc > 1 || copy("input", 0);
    for (int i = 1; i < argc; i++) {
        const bool own = same(argv[i], "-");
        const int32_t handle = own ? 0 : open_file(argv[i], PXH_FOR_READ);
        if (failed("cat", argv[i], handle)) {
            good = false;
            continue;
        }
        good = copy(argv[i], (uint32_t)handle) && good;
        if (!own)
            pxo_close((uint32_t)handle);
    }
    return !good;
}

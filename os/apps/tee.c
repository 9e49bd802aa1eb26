/* tee - copies its input to its output and to files
 *
 * usage: tee [-a] [FILE..]
 *
 * -a: behind what is in them. */
#include "os/apps/app.h"

enum { MOST = 4 };

int main(int argc, char **argv)
{
    uint32_t behind, handles[MOST], count = 0;
    int first;
    bool good = true;
    char bytes[512];
    if (asks_help(argc, argv))
        return 0;
    if (!read_options(argc, argv, "a", &behind, &first) || argc - first > MOST)
        return usage();
    for (int i = first; i < argc; i++) {
        pxo_stat about;
        const int32_t handle = open_file(argv[i], PXH_FOR_WRITE | PXH_CREATE | (behind != 0 ? 0 : PXH_TRUNCATE));
        if (failed("tee", argv[i], handle)) {
            good = false;
            continue;
        }
        if (behind != 0 && px_sys(PXH_REQUEST(PXO_FSTAT, (uint32_t)handle), PXO_ADDRESS(&about)) == 0) {
            const uint32_t end[] = {about.size, about.size_high};
            px_sys(PXH_REQUEST(PXO_SEEK, (uint32_t)handle), PXO_ADDRESS(end));
        }
        handles[count++] = (uint32_t)handle;
    }
    for (int32_t got; (got = read_file(0, bytes, sizeof bytes)) > 0;) {
        good = put_bytes(1, bytes, (uint32_t)got) && good;
        for (uint32_t i = 0; i < count; i++)
            good = put_bytes(handles[i], bytes, (uint32_t)got) && good;
    }
    return !good;
}

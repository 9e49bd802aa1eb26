/* cp - copies files: cp FILE NAME, cp FILE.. FOLDER. */
#include "os/apps/app.h"

static char bytes[1024];

static bool copy_open(const char *from, uint32_t in, const char *to, uint32_t out)
{
    int32_t got;
    while ((got = read_file(in, bytes, sizeof bytes)) > 0)
        for (uint32_t done = 0; done < (uint32_t)got;) {
            const pxh_write block = {PXO_ADDRESS(bytes + done), (uint32_t)got - done, 0, 0};
            const int32_t put = px_sys(PXH_REQUEST(PXH_WRITE, out), PXO_ADDRESS(&block));
            if (failed("cp", to, put))
                return false;
            done += (uint32_t)put;
        }
    return !failed("cp", from, got);
}

static bool copy(const char *from, const char *target)
{
    char to[MOST_PATH];
    pxo_stat a, b;
    const int32_t in = open_file(from, PXH_FOR_READ);
    if (failed("cp", from, in) || !target_of(to, from, target))
        return false;
    const bool there = pxo_stat_of(from, length_of(from), &a) >= 0 && pxo_stat_of(to, length_of(to), &b) >= 0;
    if (there && a.number == b.number && a.file_system == b.file_system)
        return failed("cp", from, PXH_E_EXISTS), false;
    const int32_t out = open_file(to, PXH_FOR_WRITE | PXH_CREATE | PXH_TRUNCATE);
    const bool good = !failed("cp", to, out) && copy_open(from, (uint32_t)in, to, (uint32_t)out);
    pxo_close((uint32_t)in);
    return (out < 0 || !failed("cp", to, pxo_close((uint32_t)out))) && good;
}

int main(int argc, char **argv)
{
    bool good = argc == 3 || (argc > 3 && is_folder(argv[argc - 1]));
    if (!good)
        complain("usage: cp FILE NAME, or cp FILE.. FOLDER\n");
    for (int i = 1; i < argc - 1; i++)
        good = copy(argv[i], argv[argc - 1]) && good;
    return !good;
}

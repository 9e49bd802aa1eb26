/* mkdir - makes folders
 *
 * usage: mkdir [-p] FOLDER..
 *
 * -p: also those above it, and one that is there is no error. */
#include "os/apps/app.h"

/* Those above it, each in its turn. */
static void make_above(const char *name)
{
    for (uint32_t i = 1; name[i] != '\0'; i++)
        if (name[i] == '/')
            pxo_mkdir(name, i);
}

int main(int argc, char **argv)
{
    uint32_t above;
    int first;
    bool good = true;
    if (asks_help(argc, argv))
        return 0;
    if (!read_options(argc, argv, "p", &above, &first) || first == argc)
        return usage();
    for (int i = first; i < argc; i++) {
        if (above != 0)
            make_above(argv[i]);
        const int32_t answer = pxo_mkdir(argv[i], length_of(argv[i]));
        good =
            (above != 0 && answer == PXH_E_EXISTS && is_folder(argv[i])) || (!failed("mkdir", argv[i], answer) && good);
    }
    return !good;
}

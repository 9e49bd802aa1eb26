/* mv - gives files and folders other names: mv FILE NAME, mv FILE.. FOLDER. */
#include "os/apps/app.h"

int main(int argc, char **argv)
{
    char path[MOST_PATH];
    bool good = argc == 3 || (argc > 3 && is_folder(argv[argc - 1]));
    if (!good)
        complain("usage: mv FILE NAME, or mv FILE.. FOLDER\n");
    for (int i = 1; i < argc - 1 && good; i++) {
        const bool fits = target_of(path, argv[i], argv[argc - 1]);
        const int32_t answer =
            fits ? pxo_move(argv[i], length_of(argv[i]), path, length_of(path)) : (int32_t)PXH_E_NAME;
        good = !failed("mv", argv[i], answer);
    }
    return !good;
}

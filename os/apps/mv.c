/* mv - gives files and folders other names
 *
 * usage: mv FILE.. TO
 *
 * TO is a folder, or for one FILE a name. From one file system to another it
 * copies nothing: cp and rm do. */
#include "os/apps/app.h"

int main(int argc, char **argv)
{
    char path[MOST_PATH];
    bool good = true;
    if (asks_help(argc, argv))
        return 0;
    if (argc < 3 || (argc > 3 && !is_folder(argv[argc - 1])))
        return usage();
    for (int i = 1; i < argc - 1 && good; i++) {
        const bool fits = target_of(path, argv[i], argv[argc - 1]);
        const int32_t answer =
            fits ? pxo_move(argv[i], length_of(argv[i]), path, length_of(path)) : (int32_t)PXH_E_NAME;
        good = !failed("mv", argv[i], answer);
    }
    return !good;
}

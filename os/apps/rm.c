/* rm - removes files and empty folders
 *
 * usage: rm [-rf] FILE..
 *
 * -r: folders with all that is in them. -f: what is not there is no error. */
#include "os/apps/app.h"

enum { DEEP = 1, FORCE = 2, DEPTH = 16 };

static uint32_t options;

/* Always the first name in a folder: what was there before is gone. */
static bool empty(char path[MOST_PATH], uint32_t depth)
{
    static folder f;
    uint32_t length;
    for (;;) {
        if (failed("rm", path, folder_open(&f, path)))
            return false;
        const int32_t got = folder_next(&f);
        if (got <= 0)
            return !failed("rm", path, got);
        pxo_close((uint32_t)f.handle);
        const bool below = f.kind == PXH_FOLDER;
        if (depth == DEPTH || !extend_path(path, &length, f.name))
            return failed("rm", path, PXH_E_LIMIT), false;
        if ((below && !empty(path, depth + 1)) || failed("rm", path, pxo_remove(path, length_of(path))))
            return false;
        path[length] = '\0';
    }
}

#ifndef OS_MINI
/* All that there is: nobody means that. */
static bool is_root(const char *name)
{
    pxo_stat root, about;
    return pxo_stat_of("/", 1, &root) >= 0 && pxo_stat_of(name, length_of(name), &about) >= 0 &&
           about.number == root.number && about.file_system == root.file_system;
}
#endif

static bool remove(const char *name)
{
    char path[MOST_PATH];
#ifndef OS_MINI
    if (is_root(name))
        return failed("rm", name, PXH_E_READONLY), false;
#endif
    if ((options & DEEP) != 0 && is_folder(name) && !(join_path(path, "", name) && empty(path, 0)))
        return false;
    const int32_t answer = pxo_remove(name, length_of(name));
    return (answer == PXH_E_ABSENT && (options & FORCE) != 0) || !failed("rm", name, answer);
}

int main(int argc, char **argv)
{
    int first;
    bool good = true;
    if (asks_help(argc, argv))
        return 0;
    if (!read_options(argc, argv, "rf", &options, &first) || (argc == first && (options & FORCE) == 0))
        return usage();
    for (int i = first; i < argc; i++)
        good = remove(argv[i]) && good;
    return !good;
}

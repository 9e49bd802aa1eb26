/* du - how much is in folders
 *
 * usage: du [-s] [FOLDER..]
 *
 * Kilobytes of the files in each folder and below it, rounded up; -s: only
 * those that are named. */
#include "os/apps/app.h"

enum { DEPTH = 12 };

static uint32_t silent;
static bool good = true;

static uint32_t sum_of(char path[MOST_PATH], uint32_t depth)
{
    static folder f;
    uint32_t length, sum = 0;
    for (uint32_t n = 0;; n++) {
        int32_t got = folder_open(&f, path);
        f.first = n;
        got = got < 0 ? got : folder_next(&f);
        good = !failed("du", path, got) && good;
        if (got <= 0)
            break;
        pxo_close((uint32_t)f.handle);
        if (f.kind != PXH_FOLDER)
            sum += (f.size + 1023) / 1024;
        else {
            const bool fits = extend_path(path, &length, f.name) && depth < DEPTH;
            if (fits)
                sum += sum_of(path, depth + 1);
            else
                good = !failed("du", path, PXH_E_LIMIT);
            path[length] = '\0';
        }
    }
    if (silent == 0 || depth == 0)
        (void)(put_number(sum, 7) && put("  ") && put(path) && put("\n"));
    return sum;
}

int main(int argc, char **argv)
{
    static char path[MOST_PATH] = ".";
    int first;
    if (asks_help(argc, argv))
        return 0;
    if (!read_options(argc, argv, "s", &silent, &first))
        return usage();
    if (argc == first)
        sum_of(path, 0);
    for (int i = first; i < argc; i++) {
        pxo_stat about;
        const int32_t there = pxo_stat_of(argv[i], length_of(argv[i]), &about);
        if (failed("du", argv[i], there) || !join_path(path, "", argv[i]))
            good = false;
        else if (about.kind == PXH_FOLDER)
            sum_of(path, 0);
        else
            (void)(put_number((about.size + 1023) / 1024, 7) && put("  ") && put(path) && put("\n"));
    }
    return !good || unwritten;
}

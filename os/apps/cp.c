/* cp - copies files
 *
 * usage: cp [-r] FILE.. TO
 *
 * TO is a folder, or for one FILE a name. -r: folders with all that is in them.
 * A file that is there is overwritten. */
#include "os/apps/app.h"

enum { DEPTH = 8 };

static char bytes[1024];
static bool deep;

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

static bool copy_file(const char *from, const char *to)
{
    pxo_stat a, b;
    const int32_t in = open_file(from, PXH_FOR_READ);
    if (failed("cp", from, in))
        return false;
    const bool there = pxo_stat_of(from, length_of(from), &a) >= 0 && pxo_stat_of(to, length_of(to), &b) >= 0;
    if (there && a.number == b.number && a.file_system == b.file_system) {
        pxo_close((uint32_t)in);
        return failed("cp", from, PXH_E_EXISTS), false;
    }
    const int32_t out = open_file(to, PXH_FOR_WRITE | PXH_CREATE | PXH_TRUNCATE);
    const bool good = !failed("cp", to, out) && copy_open(from, (uint32_t)in, to, (uint32_t)out);
    pxo_close((uint32_t)in);
    return (out < 0 || !failed("cp", to, pxo_close((uint32_t)out))) && good;
}

/* The n-th name in a folder is asked for each time, so that none stays open while what is below it is copied. */
static bool copy(char from[MOST_PATH], char to[MOST_PATH], uint32_t depth)
{
    static folder f;
    uint32_t from_length, to_length;
    bool good = true;
    if (!is_folder(from))
        return copy_file(from, to);
    if (!deep || depth == DEPTH)
        return failed("cp", from, deep ? PXH_E_LIMIT : PXH_E_KIND), false;
    const int32_t made = pxo_mkdir(to, length_of(to));
    if (made != PXH_E_EXISTS && failed("cp", to, made))
        return false;
    for (uint32_t n = 0;; n++) {
        if (failed("cp", from, folder_open(&f, from)))
            return false;
        f.first = n;
        const int32_t got = folder_next(&f);
        if (got <= 0)
            return !failed("cp", from, got) && good;
        pxo_close((uint32_t)f.handle);
        const bool fits = extend_path(from, &from_length, f.name) & extend_path(to, &to_length, f.name);
        good = fits && copy(from, to, depth + 1) && good;
        from[from_length] = to[to_length] = '\0';
    }
}

int main(int argc, char **argv)
{
    static char from[MOST_PATH], to[MOST_PATH];
    int first;
    uint32_t options;
    if (asks_help(argc, argv))
        return 0;
    if (!read_options(argc, argv, "r", &options, &first) || argc < first + 2 ||
        (argc > first + 2 && !is_folder(argv[argc - 1])))
        return usage();
    deep = options != 0;
    bool good = true;
    for (int i = first; i < argc - 1; i++) {
        const bool fits = target_of(to, argv[i], argv[argc - 1]) && join_path(from, "", argv[i]);
        if (deep && begins_with(to, from) && (to[length_of(from)] == '/' || to[length_of(from)] == '\0'))
            good = !failed("cp", from, PXH_E_INVALID);
        else
            good = (fits || (failed("cp", argv[i], PXH_E_NAME), false)) && copy(from, to, 0) && good;
    }
    return !good;
}

/* man - the page of a program
 *
 * usage: man [NAME]
 *
 * Without NAME: all programs, each with what it is for. /man has the pages. */
#include "os/apps/app.h"

static bool put_page(const char *path, bool first_line)
{
    static reader r;
    bool good = true;
    int byte;
    if (!open_reader(&r, "man", path))
        return false;
    while (good && (byte = next_of(&r)) >= 0) {
        const char c = (char)byte;
        good = put_bytes(1, &c, 1);
        if (first_line && byte == '\n')
            break;
    }
    close_reader(&r);
    return good;
}

int main(int argc, char **argv)
{
    static folder f;
    char path[MOST_PATH];
    bool good = true;
    pxo_stat about;
    if (asks_help(argc, argv))
        return 0;
    if (argc > 2)
        return usage();
    if (argc == 2) {
        if (!join_path(path, "/man", argv[1]) || pxo_stat_of(path, length_of(path), &about) < 0)
            return complain("man: there is no page of that name\n"), 1;
        return !put_page(path, false);
    }
    if (failed("man", "/man", folder_open(&f, "/man")))
        return 1;
    while (folder_next(&f) > 0)
        good = join_path(path, "/man", f.name) && put_page(path, true) && good;
    return !good;
}

/* head - the first lines
 *
 * usage: head [-n LINES] [FILE..]
 *
 * 10 of them, of each FILE or of its input. head LINES is -n LINES. */
#include "os/apps/app.h"

static bool head(const char *name, uint32_t lines, bool named, bool first)
{
    static reader r;
    if (!open_reader(&r, "head", name))
        return false;
    if (named && !(put(first ? "==> " : "\n==> ") && put(name) && put(" <==\n")))
        return false;
    char byte;
    int32_t got = 1;
    while (lines > 0 && (got = read_file(r.handle, &byte, 1)) == 1) {
        if (!put_bytes(1, &byte, 1))
            return false;
        lines -= byte == '\n';
    }
    close_reader(&r);
    return name == NULL || !failed("head", name, got);
}

int main(int argc, char **argv)
{
    uint32_t lines = 10, number;
    int first = 1;
    if (asks_help(argc, argv))
        return 0;
    if (argc > 1 && same(argv[1], "-n")) {
        if (argc < 3 || !read_number(argv[2], &lines))
            return usage();
        first = 3;
    } else if (argc > 1 && argv[1][0] == '-' && argv[1][1] != '\0') {
        if (!read_number(argv[1] + 1, &lines))
            return usage();
        first = 2;
    } else if (argc == 2 && read_number(argv[1], &number)) {
        lines = number;
        first = 2;
    }
    bool good = argc > first || head(NULL, lines, false, true);
    for (int i = first; i < argc; i++)
        good = head(argv[i], lines, argc > first + 1, i == first) && good;
    return !good;
}

/* wc - counts lines, words and bytes
 *
 * usage: wc [-lwc] [FILE..]
 *
 * Of each FILE, and of all together; or of its input. -l, -w, -c: only lines,
 * words, bytes. */
#include "os/apps/app.h"

enum { LINES = 1, WORDS = 2, BYTES = 4 };

static uint32_t shown;

static bool tell(const uint32_t counts[3], const char *name)
{
    bool first = true, good = true;
    for (unsigned i = 0; i < 3; i++)
        if ((shown & 1u << i) != 0) {
            const bool alone = name == NULL && (shown & (shown - 1)) == 0;
            good = (first || put(" ")) && put_number(counts[i], alone ? 0 : 7) && good;
            first = false;
        }
    return (name == NULL || (put(" ") && put(name))) && put("\n") && good;
}

static bool count(const char *name, uint32_t sums[3])
{
    static reader r;
    uint32_t counts[3] = {0};
    bool inside = false;
    if (!open_reader(&r, "wc", name))
        return false;
    for (int byte; (byte = next_of(&r)) >= 0;) {
        const bool space = byte == ' ' || (byte >= '\t' && byte <= '\r');
        counts[0] += byte == '\n';
        counts[1] += !space && !inside;
        counts[2]++;
        inside = !space;
    }
    close_reader(&r);
    for (unsigned i = 0; i < 3; i++)
        sums[i] += counts[i];
    return tell(counts, name) && !(r.failed && failed("wc", name == NULL ? "input" : name, PXH_E_KIND));
}

int main(int argc, char **argv)
{
    uint32_t sums[3] = {0};
    int first;
    if (asks_help(argc, argv))
        return 0;
    if (!read_options(argc, argv, "lwc", &shown, &first))
        return usage();
    shown = shown == 0 ? LINES | WORDS | BYTES : shown;
    bool good = argc > first || count(NULL, sums);
    for (int i = first; i < argc; i++)
        good = count(argv[i], sums) && good;
    return !((argc <= first + 1 || tell(sums, "total")) && good);
}

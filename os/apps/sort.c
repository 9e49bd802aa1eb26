/* sort - sorts lines
 *
 * usage: sort [-rnu] [FILE..]
 *
 * By their bytes, lines of all files together; -n: by the number that they
 * begin with; -r: the other way round; -u: of lines that are the same only one.
 * All lines are in memory: it grows while the system has room. */
#include "os/apps/app.h"

enum { REVERSED = 1, NUMBERS = 2, UNIQUE = 4 };

static uint32_t options, count, begin, end;

/* Text from `begin` on, and from the picture's end down the places of lines, once all are read. */
static char *byte_at(uint32_t address) { return (char *)(uintptr_t)address; }

static uint32_t room(void) { return 4 * px_get_n(); }

static bool read_all(const char *name)
{
    static reader r;
    int byte, last = '\n';
    if (!open_reader(&r, "sort", name))
        return false;
    while ((byte = next_of(&r)) >= 0 || last != '\n') {
        if (end + 8 > room() && pxo_heap(2 * room()) < 0)
            return complain("sort: there is no room for so much\n"), false;
        byte = byte < 0 ? '\n' : byte;
        count += byte == '\n';
        *byte_at(end++) = (char)(byte == '\n' ? '\0' : byte);
        last = byte;
    }
    const bool wrong = r.failed && failed("sort", name == NULL ? "input" : name, PXH_E_KIND);
    close_reader(&r);
    return !wrong;
}

/* The number that a text begins with: its sign, its digits and how many. */
static const char *number_in(const char *text, bool *minus, uint32_t *digits)
{
    while (*text == ' ' || *text == '\t')
        text++;
    *minus = *text == '-';
    text += *minus;
    while (*text == '0')
        text++;
    for (*digits = 0; text[*digits] >= '0' && text[*digits] <= '9';)
        ++*digits;
    return text;
}

static int by_bytes(const char *a, const char *b)
{
    for (; *a != '\0' && *a == *b; a++)
        b++;
    return (uint8_t)*a - (uint8_t)*b;
}

static int by_number(const char *a, const char *b)
{
    bool minus_a, minus_b;
    uint32_t digits_a, digits_b;
    a = number_in(a, &minus_a, &digits_a);
    b = number_in(b, &minus_b, &digits_b);
    minus_a = minus_a && digits_a > 0;
    minus_b = minus_b && digits_b > 0;
    if (minus_a != minus_b)
        return minus_a ? -1 : 1;
    int order = (int)digits_a - (int)digits_b;
    for (uint32_t i = 0; i < digits_a && order == 0; i++)
        order = a[i] - b[i];
    return minus_a ? -order : order;
}

static int compare(const char *a, const char *b)
{
    int order = (options & NUMBERS) != 0 ? by_number(a, b) : by_bytes(a, b);
    if (order == 0 && (options & NUMBERS) != 0 && (options & UNIQUE) == 0)
        order = by_bytes(a, b);
    return (options & REVERSED) != 0 ? -order : order;
}

/* Merging runs of 1, 2, 4.. lines: lines that are the same stay in their order. */
static uint32_t *merge_all(uint32_t *from, uint32_t *to)
{
    for (uint32_t size = 1; size < count; size *= 2) {
        for (uint32_t first = 0; first < count; first += 2 * size) {
            const uint32_t middle = first + size < count ? first + size : count;
            const uint32_t last = middle + size < count ? middle + size : count;
            for (uint32_t i = first, a = first, b = middle; i < last; i++)
                to[i] = b == last || (a < middle && compare(byte_at(from[a]), byte_at(from[b])) <= 0) ? from[a++]
                                                                                                      : from[b++];
        }
        uint32_t *const swap = from;
        from = to;
        to = swap;
    }
    return from;
}

int main(int argc, char **argv)
{
    int first;
    if (asks_help(argc, argv))
        return 0;
    if (!read_options(argc, argv, "rnu", &options, &first))
        return usage();
    begin = end = px_image(0)[7];
    bool good = argc > first || read_all(NULL);
    for (int i = first; i < argc; i++)
        good = read_all(argv[i]) && good;
    end = (end + 3) & ~3u;
    if (pxo_heap(end + 8 * count) < 0)
        return complain("sort: there is no room for so much\n"), 2;
    uint32_t *lines = (uint32_t *)(void *)byte_at(end), at = begin;
    for (uint32_t i = 0; i < count; i++, at += length_of(byte_at(at)) + 1)
        lines[i] = at;
    lines = merge_all(lines, lines + count);
    bool written = true;
    for (uint32_t i = 0; i < count && written; i++)
        if ((options & UNIQUE) == 0 || i == 0 || compare(byte_at(lines[i - 1]), byte_at(lines[i])) != 0)
            written = put(byte_at(lines[i])) && put("\n");
    return good && written ? 0 : 2;
}

/* diff - what differs in two files
 *
 * usage: diff FILE FILE
 *
 * Lines of the first that go (<), of the second that come (>), and where, as
 * ed's commands: 3c4, 5,6d4, 2a3,5. The status is 0: nothing differs, 1:
 * something, 2: something was wrong. */
#include "os/apps/app.h"

/* Myers' greedy search: after d steps, the farthest line of the first file on each diagonal; all of these are kept, to
 * find the way back. */

static char *byte_at(uint32_t address) { return (char *)(uintptr_t)address; }

static uint32_t end; /* of what is used of the heap: a byte address, a multiple of 4 */

static bool has_room(uint32_t bytes)
{
    const uint32_t now = 4 * px_get_n(), wanted = end + bytes;
    if (wanted <= now || pxo_heap(wanted + wanted / 2) >= 0 || pxo_heap(wanted) >= 0)
        return true;
    complain("diff: there is no room for so much\n");
    return false;
}

typedef struct text {
    uint32_t *line; /* byte addresses */
    int32_t count;
    bool open; /* its last line has no end */
} text;

static bool read_text(const char *name, text *t)
{
    static reader r;
    int byte, last = '\n';
    const uint32_t begin = end;
    if (!open_reader(&r, "diff", name))
        return false;
    *t = (text){NULL, 0, false};
    while ((byte = next_of(&r)) >= 0 || last != '\n') {
        if (!has_room(8))
            return false;
        t->open = byte < 0;
        byte = byte < 0 ? '\n' : byte;
        t->count += byte == '\n';
        *byte_at(end++) = (char)(byte == '\n' ? '\0' : byte);
        last = byte;
    }
    close_reader(&r);
    if (r.failed)
        return failed("diff", name, PXH_E_KIND), false;
    end = (end + 3) & ~3u;
    if (!has_room(4 * (uint32_t)t->count + 4))
        return false;
    t->line = (uint32_t *)(void *)byte_at(end);
    uint32_t at = begin;
    for (int32_t i = 0; i < t->count; i++, at += length_of(byte_at(at)) + 1)
        t->line[i] = at;
    end += 4 * (uint32_t)t->count;
    return true;
}

static text a, b;
static uint32_t found; /* where the steps are kept: 2 * d + 1 words for step d, one behind the other */

static bool alike(int32_t x, int32_t y)
{
    return same(byte_at(a.line[x]), byte_at(b.line[y])) && (a.open && x == a.count - 1) == (b.open && y == b.count - 1);
}

static int32_t *step(int32_t d) { return (int32_t *)(void *)byte_at(found) + d * d + d; } /* [k], -d <= k <= d */

static int32_t farthest(int32_t d, int32_t k)
{
    if (d == 0)
        return 0;
    const int32_t *v = step(d - 1);
    const bool down = k == -d || (k != d && (k - 1 < -(d - 1) ? -1 : v[k - 1]) < (k + 1 > d - 1 ? -1 : v[k + 1]));
    return down ? v[k + 1] : v[k - 1] + 1;
}

/* How many steps there are, or -1. */
static int32_t search(void)
{
    found = end;
    for (int32_t d = 0;; d++) {
        if (!has_room(4 * (uint32_t)(d + 1) * (uint32_t)(d + 1)))
            return -1;
        for (int32_t k = -d; k <= d; k += 2) {
            int32_t x = farthest(d, k), y = x - k;
            while (x < a.count && y < b.count && y >= 0 && alike(x, y)) {
                x++;
                y++;
            }
            step(d)[k] = x;
            if (x == a.count && y == b.count)
                return d;
        }
    }
}

/* The way back: lines that go and come are marked by bit 31 of their places. */
enum { BYTES_OF_A_PLACE = 0x7FFFFFFF };
static const uint32_t marked = 0x80000000;

static void mark_all(int32_t d)
{
    int32_t x = a.count, y = b.count;
    for (; d > 0; d--) {
        const int32_t k = x - y, *v = step(d - 1);
        const bool down = k == -d || (k != d && (k - 1 < -(d - 1) ? -1 : v[k - 1]) < (k + 1 > d - 1 ? -1 : v[k + 1]));
        x = down ? v[k + 1] : v[k - 1];
        y = x - (down ? k + 1 : k - 1);
        if (down)
            b.line[y] |= marked;
        else
            a.line[x] |= marked;
    }
}

static bool put_range(int32_t from, int32_t to)
{
    return put_number((uint32_t)(to > from ? from + 1 : from), 0) &&
           (to <= from + 1 || (put(",") && put_number((uint32_t)to, 0)));
}

static bool put_lines(const text *t, int32_t from, int32_t to, const char *before)
{
    bool good = true;
    for (int32_t i = from; i < to && good; i++)
        good = put(before) && put(byte_at(t->line[i] & BYTES_OF_A_PLACE)) && put("\n") &&
               (!t->open || i + 1 < t->count || put("\\ No newline at end of file\n"));
    return good;
}

static bool put_changes(void)
{
    bool good = true;
    for (int32_t x = 0, y = 0; good && (x < a.count || y < b.count);) {
        const int32_t from_x = x, from_y = y;
        while (x < a.count && (a.line[x] & marked) != 0)
            x++;
        while (y < b.count && (b.line[y] & marked) != 0)
            y++;
        if (x == from_x && y == from_y) {
            x++;
            y++;
            continue;
        }
        good = put_range(from_x, x) &&
               put(x == from_x   ? "a"
                   : y == from_y ? "d"
                                 : "c") &&
               put_range(from_y, y) && put("\n") && put_lines(&a, from_x, x, "< ") &&
               (x == from_x || y == from_y || put("---\n")) && put_lines(&b, from_y, y, "> ");
    }
    return good;
}

int main(int argc, char **argv)
{
    if (asks_help(argc, argv))
        return 0;
    if (argc != 3)
        return usage();
    end = (px_image(0)[7] + 3) & ~3u;
    if (!read_text(argv[1], &a) || !read_text(argv[2], &b))
        return 2;
    const int32_t steps = search();
    if (steps < 0)
        return 2;
    mark_all(steps);
    return put_changes() ? steps > 0 : 2;
}

/* ls - what is in folders
 *
 * usage: ls [-la] [NAME..]
 *
 * A name a line, by name; of a file itself. -l: kind (d: a folder) and size
 * before it; -a: names that begin with a dot, too. */
#include "os/apps/app.h"

enum { LONG = 1, ALL = 2 };

static uint32_t options;

static bool put_entry(uint32_t kind, uint32_t size, const char *name)
{
    if ((options & LONG) != 0 && !(put(kind == PXH_FOLDER ? "d "
                                       : kind == PXH_FILE ? "- "
                                                          : "? ") &&
                                   put_number(size, 10) && put(" ")))
        return false;
    return put(name) && put("\n");
}

/* Entries lie in the heap, which grows: kind, size, the name, each at a multiple of 4. */
static bool list(const char *name)
{
    static folder f;
    pxo_stat about;
    int32_t got = pxo_stat_of(name, length_of(name), &about);
    if (got >= 0 && about.kind != PXH_FOLDER)
        return put_entry(about.kind, about.size, name);
    const uint32_t begin = (px_image(0)[7] + 3) / 4;
    uint32_t at = begin, count = 0;
    got = got < 0 ? got : folder_open(&f, name);
    while (got >= 0 && (got = folder_next(&f)) > 0) {
        const uint32_t words = 3 + length_of(f.name) / 4;
        if (f.name[0] == '.' && (options & ALL) == 0)
            continue;
        if (at + words + 1 > px_get_n() && (got = pxo_heap(8 * px_get_n())) < 0) {
            pxo_close((uint32_t)f.handle);
            break;
        }
        uint32_t *entry = px_image(at);
        entry[0] = f.kind;
        entry[1] = f.size;
        join_path((char *)(entry + 2), "", f.name);
        at += words;
        count++;
    }
    if (failed("ls", name, got))
        return false;
    for (const uint32_t end = at; count > 0; count--) { /* the first by name of those that are left */
        uint32_t *least = NULL;
        for (uint32_t *e = px_image(begin); e < px_image(end); e += 3 + length_of((char *)(e + 2)) / 4) {
            const uint8_t *a = (uint8_t *)(e + 2), *b = least == NULL ? a : (uint8_t *)(least + 2);
            for (; *a != 0 && *a == *b; a++)
                b++;
            if (e[0] != UINT32_MAX && (least == NULL || *a < *b))
                least = e;
        }
        if (!put_entry(least[0], least[1], (char *)(least + 2)))
            return false;
        least[0] = UINT32_MAX;
    }
    return true;
}

int main(int argc, char **argv)
{
    int first;
    if (asks_help(argc, argv))
        return 0;
    if (!read_options(argc, argv, "la", &options, &first))
        return usage();
    bool good = argc > first || list(".");
    for (int i = first; i < argc; i++)
        good = list(argv[i]) && good;
    return !good;
}

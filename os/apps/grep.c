/* grep - the lines that a pattern is in
 *
 * usage: grep [-vinclqr] PATTERN [FILE..]
 *
 * PATTERN is text with . (any byte), * (the one before, any number of times),
 * [abc] [a-z] [^x], ^ and $ (begin and end of a line), and \ before what is
 * meant as it is. -v: the lines without it; -i: a is A; -n: with their numbers;
 * -c: how many; -l: names of files with such a line; -q: only the status; -r:
 * folders with all that is in them. The status is 0: there is one, 1: there is
 * none, 2: something was wrong. Lines have 1,023 bytes at most. */
#include "os/apps/app.h"

enum { WITHOUT = 1, ANY_CASE = 2, NUMBERS = 4, COUNT = 8, NAMES = 16, QUIET = 32, DEEP = 64, LINE = 1024, DEPTH = 8 };

static uint32_t options;
static const char *pattern;
static bool found, wrong, named;

static char lower(char c) { return (options & ANY_CASE) != 0 && c >= 'A' && c <= 'Z' ? (char)(c + 32) : c; }

/* Behind the one that p begins with: a byte, \x, ., [..]. */
static const char *behind(const char *p)
{
    if (*p == '\\' && p[1] != '\0')
        return p + 2;
    if (*p != '[')
        return p + 1;
    p += p[1] == '^' ? 2 : 1;
    do
        p++;
    while (*p != '\0' && *p != ']');
    return p + (*p != '\0');
}

static bool is_one(const char *p, char c)
{
    if (*p == '\\' && p[1] != '\0')
        return lower(p[1]) == lower(c);
    if (*p != '[')
        return *p == '.' || lower(*p) == lower(c);
    const bool not = p[1] == '^';
    const char *const end = behind(p) - 1;
    bool is = false;
    for (p += 1 + not ; p < end; p++)
        if (p + 2 < end && p[1] == '-') {
            is = is || ((uint8_t)lower(c) >= (uint8_t)lower(*p) && (uint8_t)lower(c) <= (uint8_t)lower(p[2]));
            p += 2;
        } else {
            is = is || lower(*p) == lower(c);
        }
    return is != not ;
}

static bool is_here(const char *p, const char *text)
{
    for (; *p != '\0'; p = behind(p)) {
        if (*p == '$' && p[1] == '\0')
            return *text == '\0';
        const char *const next = behind(p);
        if (*next == '*') {
            const char *end = text;
            while (*end != '\0' && is_one(p, *end))
                end++;
            for (;; end--) {
                if (is_here(next + 1, end))
                    return true;
                if (end == text)
                    return false;
            }
        }
        if (*text == '\0' || !is_one(p, *text))
            return false;
        text++;
    }
    return true;
}

static bool is_in(const char *text)
{
    if (*pattern == '^')
        return is_here(pattern + 1, text);
    for (;; text++) {
        if (is_here(pattern, text))
            return true;
        if (*text == '\0')
            return false;
    }
}

static bool put_name(const char *name) { return !named || (put(name) && put(":")); }

static void search(const char *name)
{
    static reader r;
    static char line[LINE];
    uint32_t number = 0, count = 0, length;
    const char *told = name == NULL || same(name, "-") ? "(standard input)" : name;
    if (!open_reader(&r, "grep", name)) {
        wrong = true;
        return;
    }
    while (next_line_of(&r, line, LINE, &length)) {
        number++;
        if (is_in(line) == ((options & WITHOUT) != 0))
            continue;
        found = true;
        count++;
        if ((options & (QUIET | NAMES)) != 0)
            break;
        if ((options & COUNT) != 0)
            continue;
        if (!(put_name(told) && ((options & NUMBERS) == 0 || (put_number(number, 0) && put(":"))) &&
              put_bytes(1, line, length) && put("\n")))
            break;
    }
    if (r.failed)
        wrong = failed("grep", told, PXH_E_KIND);
    close_reader(&r);
    if ((options & QUIET) != 0)
        return;
    if ((options & NAMES) != 0)
        (void)(count > 0 && put(told) && put("\n"));
    else if ((options & COUNT) != 0)
        (void)(put_name(told) && put_number(count, 0) && put("\n"));
}

static void search_all(char path[MOST_PATH], uint32_t depth)
{
    static folder f;
    uint32_t length;
    if ((options & DEEP) == 0 || !is_folder(path)) {
        search(path);
        return;
    }
    for (uint32_t n = 0;; n++) {
        int32_t got = depth < DEPTH ? folder_open(&f, path) : PXH_E_LIMIT;
        f.first = n;
        got = got < 0 ? got : folder_next(&f);
        wrong = failed("grep", path, got) || wrong;
        if (got <= 0)
            return;
        pxo_close((uint32_t)f.handle);
        if (extend_path(path, &length, f.name))
            search_all(path, depth + 1);
        else
            wrong = failed("grep", path, PXH_E_LIMIT);
        path[length] = '\0';
    }
}

int main(int argc, char **argv)
{
    static char path[MOST_PATH];
    int first;
    if (asks_help(argc, argv))
        return 0;
    if (!read_options(argc, argv, "vinclqr", &options, &first) || first >= argc)
        return usage();
    pattern = argv[first++];
    named = argc > first + 1 || (options & DEEP) != 0;
    if (argc == first)
        search(NULL);
    for (int i = first; i < argc; i++)
        if (join_path(path, "", argv[i]))
            search_all(path, 0);
    return wrong || unwritten ? 2 : !found;
}

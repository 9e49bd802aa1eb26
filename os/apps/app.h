/* app.h - what small programs share: texts and numbers to a handle, without the C library. */
#ifndef OS_APPS_APP_H
#define OS_APPS_APP_H

#include <stdbool.h>
#include <stddef.h>

#include "os/map.h"
#include "os/pxos.h"

PX_INLINE uint32_t length_of(const char *text)
{
    uint32_t length = 0;
    while (text[length] != '\0')
        length++;
    return length;
}

/* All of it, however many calls that takes. 0, or why nobody takes it. */
static inline int32_t write_all(uint32_t handle, const char *bytes, uint32_t count)
{
    while (count > 0) {
        const pxh_write block = {PXO_ADDRESS(bytes), count, 0, 0};
        const int32_t done = px_sys(PXH_REQUEST(PXH_WRITE, handle), PXO_ADDRESS(&block));
        if (done <= 0)
            return done < 0 ? done : PXH_E_IO;
        bytes += done;
        count -= (uint32_t)done;
    }
    return 0;
}

static bool unwritten; /* some of the output was not taken */
static void tell_unwritten(int32_t answer);

/* False: nobody takes it. */
static inline bool put_bytes(uint32_t handle, const char *bytes, uint32_t count)
{
    const int32_t answer = write_all(handle, bytes, count);
    if (answer < 0 && handle == 1)
        tell_unwritten(answer);
    return answer == 0;
}

PX_INLINE bool put(const char *text) { return put_bytes(1, text, length_of(text)); }
PX_INLINE bool complain(const char *text) { return put_bytes(2, text, length_of(text)); }

/* Right-aligned in `width` places, at most 20. */
static inline const char *number_text(uint32_t number, unsigned width, char text[21])
{
    unsigned at = 20;
    text[at] = '\0';
    do
        text[--at] = (char)('0' + number % 10);
    while ((number /= 10) > 0);
    while (at > 20 - width)
        text[--at] = ' ';
    return text + at;
}

static inline bool put_number(uint32_t number, unsigned width)
{
    char text[21];
    return put(number_text(number, width, text));
}

PX_INLINE int32_t get_bytes(char *bytes, uint32_t count)
{
    return px_sys(PXH_REQUEST(PXH_INPUT, count), PXO_ADDRESS(bytes));
}

/* A line of the input, byte by byte, so that what is behind it is left for others; what has no room is left out. Its
 * bytes without the end, all of them counted; -1: there is none. */
static inline int32_t read_typed(char *line, uint32_t room)
{
    uint32_t length = 0;
    int32_t all = 0, got;
    char byte;
    while ((got = get_bytes(&byte, 1)) == 1 && byte != '\n')
        if (byte != '\0' && (uint32_t)all++ < room - 1)
            line[length++] = byte;
    line[length] = '\0';
    return got == 1 || all > 0 ? all : -1;
}

/* A decimal number; false: it is none. */
static inline bool read_number(const char *text, uint32_t *number)
{
    *number = 0;
    if (*text == '\0')
        return false;
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9' || *number > 99999999)
            return false;
        *number = *number * 10 + (uint32_t)(*text - '0');
    }
    return true;
}

/* Why a call of the kernel failed; of what people type, where host.def has the words for who writes programs. */
static inline const char *error_text(int32_t answer)
{
    if (answer == PXH_E_KIND)
        return "it is of another kind";
    if (answer == PXH_E_INVALID)
        return "that cannot be";
    switch (answer) {
#define PXH_ERROR(id, number, text)                                                                                    \
    case number:                                                                                                       \
        return text;
#include "pxi/host.def"
    default:
        return "an unknown error";
    }
}

/* "program: name: why", for an answer below 0; returns whether it was one. */
static inline bool failed(const char *program, const char *name, int32_t answer)
{
    if (answer >= 0)
        return false;
    (void)(complain(program) && complain(": ") && complain(name) && complain(": ") && complain(error_text(answer)) &&
           complain("\n"));
    return true;
}

/* A handle of one's own for a child: one that one has not, it has not either. */
static inline uint32_t inherited(uint32_t handle)
{
    pxo_stat about;
    return px_sys(PXH_REQUEST(PXO_FSTAT, handle), PXO_ADDRESS(&about)) == PXH_E_HANDLE ? PXO_NOTHING : handle;
}

/* Starts argv[first] with all that is behind it, side by side as arguments lie; its number. */
static inline int32_t start_rest(int argc, char **argv, int first)
{
    const char *const begin = argv[first], *const end = argv[argc - 1] + length_of(argv[argc - 1]) + 1;
    const pxo_spawn what = {PXO_ADDRESS(begin),      length_of(begin), PXO_ADDRESS(begin),
                            (uint32_t)(end - begin), inherited(0),     inherited(1)};
    return pxo_start(&what);
}

/* How a program ended, as the shell has it. */
PX_INLINE uint32_t status_of(const pxo_ended *how)
{
    enum { TRAPS = 128, WAS_KILLED = 137 };
    return how->how == PXO_EXITED ? how->status : how->how == PXO_TRAPPED ? TRAPS + how->status : WAS_KILLED;
}

PX_INLINE int32_t open_file(const char *name, uint32_t flags) { return pxo_open(name, length_of(name), flags); }
PX_INLINE int32_t read_file(uint32_t handle, void *bytes, uint32_t count)
{
    const pxh_read block = {PXO_ADDRESS(bytes), count, 0, 0};
    return px_sys(PXH_REQUEST(PXH_READ, handle), PXO_ADDRESS(&block));
}

static inline bool same(const char *a, const char *b)
{
    for (; *a != '\0' && *a == *b; a++)
        b++;
    return *a == *b;
}

static inline bool begins_with(const char *text, const char *begin)
{
    while (*begin != '\0' && *text == *begin) {
        text++;
        begin++;
    }
    return *begin == '\0';
}

/* ---- what a program is told ---- */

/* OS_USAGE is the line of the comment at the program's top, which is its page in /man, too (os/man.awk). */
#ifdef OS_USAGE
PX_INLINE int usage(void)
{
    complain("usage: " OS_USAGE "\n");
    return 2;
}

/* --help: true, and it is told. */
static inline bool asks_help(int argc, char **argv)
{
    return argc == 2 && same(argv[1], "--help") && put("usage: " OS_USAGE "\n");
}
#endif

/* Why output was not taken is told once, but for a reader that has ended. */
__attribute__((noinline, unused)) static void tell_unwritten(int32_t answer)
{
#if defined OS_USAGE && !defined OS_MINI && !defined APP_TELLS_ITSELF
    char name[16];
    uint32_t length = 0;
    for (; length < sizeof name - 1 && OS_USAGE[length] != '\0' && OS_USAGE[length] != ' '; length++)
        name[length] = OS_USAGE[length];
    name[length] = '\0';
    const bool again = unwritten;
    unwritten = true;
    if (!again && answer != PXH_E_CLOSED)
        failed(name, "output", answer);
#else
    (void)answer;
    unwritten = true;
#endif
}

/* The letters of argv[1], argv[2].. that begin with -, of those in `known`: a bit for each, in its order. *first is
 * what is behind them. False: another letter. */
static inline bool read_options(int argc, char **argv, const char *known, uint32_t *options, int *first)
{
    *options = 0;
    for (*first = 1; *first < argc && argv[*first][0] == '-' && argv[*first][1] != '\0'; ++*first) {
        if (same(argv[*first], "--"))
            return ++*first, true;
        for (const char *letter = argv[*first] + 1; *letter != '\0'; letter++) {
            uint32_t bit = 0;
            while (known[bit] != '\0' && known[bit] != *letter)
                bit++;
            if (known[bit] == '\0')
                return false;
            *options |= UINT32_C(1) << bit;
        }
    }
    return true;
}

/* ---- input that is read byte by byte: a file, or what the program has as its input ---- */

typedef struct reader {
    uint32_t handle, at, count;
    bool failed;
    char bytes[256];
} reader;

static inline int next_of(reader *r)
{
    if (r->at == r->count) {
        const int32_t got = read_file(r->handle, r->bytes, sizeof r->bytes);
        r->failed = got < 0;
        r->at = 0;
        r->count = got > 0 ? (uint32_t)got : 0;
        if (got <= 0)
            return -1;
    }
    return (uint8_t)r->bytes[r->at++];
}

/* A line without its end; what has no room is left out. False: there is none. */
static inline bool next_line_of(reader *r, char *line, uint32_t room, uint32_t *length)
{
    int byte = next_of(r);
    const bool some = byte >= 0;
    uint32_t used = 0;
    for (; byte >= 0 && byte != '\n'; byte = next_of(r))
        if (used < room - 1)
            line[used++] = (char)byte;
    line[used] = '\0';
    *length = used;
    return some;
}

/* The file, or for - or NULL the input. */
static inline bool open_reader(reader *r, const char *program, const char *name)
{
    const bool own = name == NULL || same(name, "-");
    const int32_t handle = own ? 0 : open_file(name, PXH_FOR_READ);
    *r = (reader){.handle = (uint32_t)handle};
    return !failed(program, name, handle);
}

PX_INLINE void close_reader(const reader *r)
{
    if (r->handle != 0)
        pxo_close(r->handle);
}

enum { MOST_PATH = OS_PATH };

/* above/name; false: it is too long. */
static inline bool join_path(char path[MOST_PATH], const char *above, const char *name)
{
    uint32_t used = 0;
    for (; *above != '\0' && used < MOST_PATH - 1; above++)
        path[used++] = *above;
    if (used > 0 && path[used - 1] != '/' && used < MOST_PATH - 1)
        path[used++] = '/';
    for (; *name != '\0' && used < MOST_PATH - 1; name++)
        path[used++] = *name;
    path[used] = '\0';
    return *above == '\0' && *name == '\0';
}

/* The last part of a path. */
static inline const char *base_of(const char *path)
{
    const char *base = path;
    for (; *path != '\0'; path++)
        if (*path == '/' && path[1] != '\0')
            base = path + 1;
    return base;
}

static inline bool is_folder(const char *name)
{
    pxo_stat about;
    return pxo_stat_of(name, length_of(name), &about) >= 0 && about.kind == PXH_FOLDER;
}

/* ---- what is in a folder ---- */

enum { MOST_NAME = OS_NAME + 1, LIST_WORDS = OS_LISTED };

typedef struct folder {
    uint32_t words[LIST_WORDS];
    int32_t handle, left;
    uint32_t first, *at;
    uint32_t kind, size; /* of the one that was told last */
    char name[MOST_NAME];
} folder;

static inline int32_t folder_open(folder *f, const char *path)
{
    f->first = 0;
    f->left = 0;
    return f->handle = open_file(path, PXH_DIRECTORY);
}

/* 1: f->name is the next; 0: there is none; or an error. After either of these it is closed. */
static inline int32_t folder_next(folder *f)
{
    if (f->handle < 0)
        return f->handle;
    if (f->left == 0) {
        const pxh_list block = {PXO_ADDRESS(f->words), sizeof f->words, f->first};
        f->left = px_sys(PXH_REQUEST(PXH_LIST, (uint32_t)f->handle), PXO_ADDRESS(&block));
        f->at = f->words;
        if (f->left <= 0) {
            pxo_close((uint32_t)f->handle);
            return f->left;
        }
        f->first += (uint32_t)f->left;
    }
    const char *name = (const char *)(f->at + 4);
    const uint32_t length = f->at[3] < MOST_NAME ? f->at[3] : MOST_NAME - 1;
    for (uint32_t i = 0; i < length; i++)
        f->name[i] = name[i];
    f->name[length] = '\0';
    f->kind = f->at[0];
    f->size = f->at[1];
    f->at += 4 + (f->at[3] + 3) / 4;
    f->left--;
    return 1;
}

/* path/name in place; false: it is too long. The path alone again: shorten to the length that is told. */
static inline bool extend_path(char path[MOST_PATH], uint32_t *length, const char *name)
{
    uint32_t used = *length = length_of(path);
    if (used > 0 && path[used - 1] != '/' && used < MOST_PATH - 1)
        path[used++] = '/';
    for (; *name != '\0' && used < MOST_PATH - 1; name++)
        path[used++] = *name;
    path[used] = '\0';
    return *name == '\0';
}

/* Where a file goes: into the target, if that is a folder. */
static inline bool target_of(char path[MOST_PATH], const char *from, const char *target)
{
    return is_folder(target) ? join_path(path, target, base_of(from)) : join_path(path, "", target);
}

#endif

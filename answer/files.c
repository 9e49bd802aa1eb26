/* files.c - files below the granted folder, and nowhere else: names are taken apart by the kernel (openat2), which
 * follows links only as long as they stay below; where it cannot, component by component, and links are refused. */
#define _DEFAULT_SOURCE /* syscall */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/syscall.h>
#ifdef SYS_openat2
#include <linux/openat2.h>
#endif
#endif

#include "answer/internal.h"

enum { FIRST_HANDLE = 3, MOST_NAMES = 65536, ENTRY_WORDS = 4 };

/* ---- names ---- */

/* A component of a name, from *name on, and the rest behind it; false when there is none. */
static bool component(const char **name, char *part, size_t size)
{
    while (**name == '/')
        ++*name;
    const size_t length = strcspn(*name, "/");
    if (length == 0 || length >= size)
        return false;
    memcpy(part, *name, length);
    part[length] = '\0';
    *name += length;
    while (**name == '/')
        ++*name;
    return true;
}

static int walk_beneath(int root, const char *name, int flags, unsigned mode)
{
    char part[256];
    int folder = root, fd = -1;
    errno = ENAMETOOLONG;
    while (component(&name, part, sizeof part)) {
        const bool last = *name == '\0';
        fd = last ? openat(folder, part, flags | O_NOFOLLOW, mode)
                  : openat(folder, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        const int number = errno;
        if (folder != root)
            close(folder);
        errno = number;
        if (fd < 0 || last)
            return fd;
        folder = fd;
    }
    if (folder != root)
        close(folder);
    return -1;
}

int px_open_beneath(int root, const char *name, int flags, unsigned mode, bool walk)
{
#ifdef SYS_openat2
    const struct open_how how = {.flags = (unsigned)flags,
                                 .mode = (flags & O_CREAT) != 0 ? mode : 0,
                                 .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS};
    for (int tries = 0; !walk && tries < 16; tries++) { /* EAGAIN: somebody renames folders meanwhile */
        const long fd = syscall(SYS_openat2, root, name, &how, sizeof how);
        if (fd >= 0)
            return (int)fd;
        if (errno == ENOSYS || errno == EPERM) /* an old kernel, or a sandbox that does not know it */
            break;
        if (errno != EAGAIN)
            return -1;
    }
#else
    (void)walk;
#endif
    return walk_beneath(root, name, flags, mode);
}

static bool leads_up(const char *name)
{
    char part[HOST_PATH];
    while (component(&name, part, sizeof part))
        if (strcmp(part, "..") == 0)
            return true;
    return false;
}

static px_reply get_name(px_host *host, uint32_t address, uint32_t length, char name[HOST_PATH])
{
    px_reply bad = host_within(host, address, length);
    if (bad == 0 && (length == 0 || length >= HOST_PATH))
        bad = PXH_E_NAME;
    if (bad == 0)
        bad = host_get_bytes(host, address, (uint8_t *)name, length);
    if (bad != 0)
        return bad;
    name[length] = '\0';
    return strlen(name) != length || name[0] == '/' || leads_up(name) ? PXH_E_NAME : 0;
}

/* ---- handles ---- */

static px_open *handle(px_host *host, uint32_t number)
{
    px_open *const file = number >= FIRST_HANDLE && number < HOST_HANDLES ? &host->files.at[number] : NULL;
    return file != NULL && file->fd >= 0 ? file : NULL;
}

static bool sound_flags(uint32_t flags)
{
    if (flags == PXH_DIRECTORY)
        return true;
    return flags < PXH_DIRECTORY && (flags & (PXH_FOR_READ | PXH_FOR_WRITE)) != 0 &&
           ((flags & PXH_FOR_WRITE) != 0 || (flags & (PXH_CREATE | PXH_TRUNCATE | PXH_APPEND)) == 0) &&
           ((flags & PXH_CREATE) != 0 || (flags & PXH_NEW) == 0);
}

static int system_flags(uint32_t flags)
{
    if (flags == PXH_DIRECTORY)
        return O_RDONLY | O_DIRECTORY | O_CLOEXEC;
    return ((flags & PXH_FOR_WRITE) == 0  ? O_RDONLY
            : (flags & PXH_FOR_READ) == 0 ? O_WRONLY
                                          : O_RDWR) |
           ((flags & PXH_CREATE) != 0 ? O_CREAT : 0) | ((flags & PXH_NEW) != 0 ? O_EXCL : 0) |
           ((flags & PXH_APPEND) != 0 ? O_APPEND : 0) | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
}

/* Whether it is a file, or a folder where one is wanted; a file is emptied if that was wanted. */
static px_reply accept(int fd, uint32_t flags)
{
    struct stat s;
    if (fstat(fd, &s) != 0)
        return host_error(errno);
    if (flags == PXH_DIRECTORY ? !S_ISDIR(s.st_mode) : !S_ISREG(s.st_mode))
        return PXH_E_KIND;
    return (flags & PXH_TRUNCATE) != 0 && ftruncate(fd, 0) != 0 ? host_error(errno) : 0;
}

px_reply answer_OPEN(px_host *host, uint32_t payload, uint32_t argument)
{
    char name[HOST_PATH];
    uint32_t block[2], number = FIRST_HANDLE;
    px_reply bad = sound_flags(payload) ? host_get_words(host, argument, block, 2) : PXH_E_INVALID;
    if (bad == 0)
        bad = get_name(host, block[0], block[1], name);
    if (bad == 0 && host->files.read_only && payload != PXH_DIRECTORY && (payload & PXH_FOR_WRITE) != 0)
        bad = PXH_E_READONLY;
    if (bad != 0 || host->showing)
        return bad;
    while (number < HOST_HANDLES && host->files.at[number].fd >= 0)
        number++;
    if (number == HOST_HANDLES)
        return PXH_E_LIMIT;
    const int fd = px_open_beneath(host->files.root, name, system_flags(payload), 0666, false);
    bad = fd < 0 ? host_error(errno) : accept(fd, payload);
    if (bad == 0)
        host->files.at[number] = (px_open){.fd = fd,
                                           .folder = payload == PXH_DIRECTORY,
                                           .readable = (payload & PXH_FOR_READ) != 0,
                                           .writable = (payload & PXH_FOR_WRITE) != 0,
                                           .append = (payload & PXH_APPEND) != 0};
    else if (fd >= 0)
        close(fd);
    return bad != 0 ? bad : (px_reply)number;
}

px_reply answer_CLOSE(px_host *host, uint32_t payload, uint32_t argument)
{
    px_open *const file = handle(host, payload);
    (void)argument;
    if (file == NULL)
        return PXH_E_HANDLE;
    const int fd = file->fd;
    file->fd = -1;
    return close(fd) == 0 ? 0 : host_error(errno);
}

/* ---- reading and writing ---- */

typedef struct transfer {
    int fd;
    bool append;
    uint64_t at;
} transfer;

static px_reply read_piece(px_host *host, void *context, uint8_t *bytes, uint32_t count)
{
    transfer *t = context;
    ssize_t n;
    (void)host;
    if (t->at > (uint64_t)INT64_MAX - count)
        return 0;
    do
        n = pread(t->fd, bytes, count, (off_t)t->at);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return host_error(errno);
    t->at += (uint64_t)n;
    return (px_reply)n;
}

static px_reply write_piece(px_host *host, void *context, uint8_t *bytes, uint32_t count)
{
    transfer *t = context;
    uint32_t done = 0;
    (void)host;
    if (t->at > (uint64_t)INT64_MAX - count)
        return PXH_E_FULL;
    while (done < count) {
        const ssize_t n = t->append ? write(t->fd, bytes + done, count - done)
                                    : pwrite(t->fd, bytes + done, count - done, (off_t)(t->at + done));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return done > 0 ? (px_reply)done : n == 0 ? PXH_E_FULL : host_error(errno);
        done += (uint32_t)n;
    }
    t->at += count;
    return (px_reply)count;
}

/* The block of READ and WRITE, and which handle; the console's have no place. */
static px_reply get_transfer(px_host *host, uint32_t payload, uint32_t argument, uint32_t block[4])
{
    const bool at = (payload & PXH_AT) != 0;
    if ((payload & ~(uint32_t)(PXH_AT | 0xFFFF)) != 0)
        return PXH_E_INVALID;
    const px_reply bad = host_get_words(host, argument, block, at ? 4 : 2);
    return bad == 0 && at && (payload & 0xFFFF) < FIRST_HANDLE ? PXH_E_KIND : bad;
}

static px_reply move(px_host *host, px_open *file, uint32_t payload, const uint32_t block[4], bool out)
{
    const bool at = (payload & PXH_AT) != 0;
    transfer t = {file->fd, file->append, at ? block[2] | (uint64_t)block[3] << 32 : file->place};
    if (host->showing)
        return 0;
    const px_reply reply = out ? host_from_image(host, block[0], block[1], write_piece, &t)
                               : host_to_image(host, block[0], block[1], read_piece, &t);
    if (!at && reply > 0)
        file->place += (uint32_t)reply;
    return reply;
}

px_reply answer_READ(px_host *host, uint32_t payload, uint32_t argument)
{
    uint32_t block[4];
    const px_reply bad = get_transfer(host, payload, argument, block);
    if (bad != 0)
        return bad;
    const uint32_t number = payload & 0xFFFF;
    if (number < FIRST_HANDLE)
        return number == 0 ? console_read(host, block[0], block[1]) : PXH_E_KIND;
    px_open *const file = handle(host, number);
    return file == NULL ? PXH_E_HANDLE : file->readable ? move(host, file, payload, block, false) : PXH_E_KIND;
}

static px_reply print(px_host *host, void *context, uint8_t *bytes, uint32_t count)
{
    return *(const bool *)context ? host_write_errors(host, bytes, count) : console_write(host, bytes, count);
}

px_reply answer_WRITE(px_host *host, uint32_t payload, uint32_t argument)
{
    uint32_t block[4];
    const px_reply bad = get_transfer(host, payload, argument, block);
    if (bad != 0)
        return bad;
    const uint32_t number = payload & 0xFFFF;
    bool errors = number == 2;
    if (number < FIRST_HANDLE)
        return number == 0 ? PXH_E_KIND : host_from_image(host, block[0], block[1], print, &errors);
    px_open *const file = handle(host, number);
    return file == NULL ? PXH_E_HANDLE : file->writable ? move(host, file, payload, block, true) : PXH_E_KIND;
}

px_reply answer_SIZE(px_host *host, uint32_t payload, uint32_t argument)
{
    struct stat s;
    const px_open *const file = handle(host, payload);
    if (file == NULL)
        return PXH_E_HANDLE;
    if (file->folder)
        return PXH_E_KIND;
    if (fstat(file->fd, &s) != 0)
        return host_error(errno);
    const uint32_t words[2] = {(uint32_t)s.st_size, (uint32_t)((uint64_t)s.st_size >> 32)};
    return host_put_words(host, argument, words, 2);
}

/* ---- folders ---- */

typedef struct names {
    char **at;
    size_t count;
} names;

static void free_names(names *n)
{
    for (size_t i = 0; i < n->count; i++)
        free(n->at[i]);
    free(n->at);
}

static bool add_name(names *n, const char *name)
{
    if (n->count % 64 == 0) {
        char **const more = realloc(n->at, (n->count + 64) * sizeof *more);
        if (more == NULL)
            return false;
        n->at = more;
    }
    n->at[n->count] = strdup(name);
    return n->at[n->count] != NULL && ++n->count <= MOST_NAMES;
}

static int by_name(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

/* All but . and .., by name. */
static px_reply get_names(int fd, names *n)
{
    const int own = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *const dir = own >= 0 ? fdopendir(own) : NULL;
    bool room = true;
    if (dir == NULL) {
        const px_reply bad = host_error(errno);
        if (own >= 0)
            close(own);
        return bad;
    }
    for (const struct dirent *entry; room && (entry = readdir(dir)) != NULL;)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            room = add_name(n, entry->d_name);
    closedir(dir);
    if (n->count > 0)
        qsort(n->at, n->count, sizeof *n->at, by_name);
    return room ? 0 : PXH_E_LIMIT;
}

/* Kind, size and length of the name, then the name, filled up with 0 to whole words. */
static uint32_t make_entry(int folder, const char *name, uint32_t words[ENTRY_WORDS + 64])
{
    struct stat s;
    const uint32_t length = (uint32_t)strnlen(name, 255), size = ENTRY_WORDS + (length + 3) / 4;
    if (fstatat(folder, name, &s, AT_SYMLINK_NOFOLLOW) != 0)
        s = (struct stat){0};
    memset(words, 0, size * sizeof *words);
    words[0] = S_ISREG(s.st_mode) ? PXH_FILE : S_ISDIR(s.st_mode) ? PXH_FOLDER : PXH_OTHER;
    words[1] = words[0] == PXH_FILE ? (uint32_t)s.st_size : 0;
    words[2] = words[0] == PXH_FILE ? (uint32_t)((uint64_t)s.st_size >> 32) : 0;
    words[3] = length;
    for (uint32_t i = 0; i < length; i++)
        words[ENTRY_WORDS + i / 4] |= (uint32_t)(uint8_t)name[i] << i % 4 * 8;
    return size;
}

/* block: address, bytes, first. */
static px_reply put_entries(px_host *host, int folder, const names *n, const uint32_t block[3])
{
    uint32_t used = 0, count = 0;
    px_reply bad = 0;
    for (size_t i = block[2]; bad == 0 && i < n->count; i++, count++) {
        uint32_t words[ENTRY_WORDS + 64];
        const uint32_t size = make_entry(folder, n->at[i], words) * 4;
        if (size > block[1] - used)
            break;
        bad = host_put_words(host, block[0] + used, words, size / 4);
        used += size;
    }
    return bad != 0 ? bad : count == 0 && block[2] < n->count ? PXH_E_LIMIT : (px_reply)count;
}

px_reply answer_LIST(px_host *host, uint32_t payload, uint32_t argument)
{
    uint32_t block[3];
    names n = {0};
    px_reply reply = host_get_words(host, argument, block, 3);
    if (reply == 0)
        reply = block[0] % 4 != 0 ? PXH_E_INVALID : host_within(host, block[0], block[1]);
    const px_open *const file = handle(host, payload);
    if (reply == 0)
        reply = file == NULL ? PXH_E_HANDLE : file->folder ? get_names(file->fd, &n) : PXH_E_KIND;
    if (reply == 0)
        reply = put_entries(host, file->fd, &n, block);
    free_names(&n);
    return reply;
}

/* ---- opening and closing ---- */

bool host_read_only_name(const char *text, char *name, size_t size)
{
    const size_t length = strlen(text);
    const bool cut = length > 3 && length < size && strcmp(text + length - 3, ":ro") == 0;
    strncpy(name, text, size - 1);
    name[size - 1] = '\0';
    if (cut)
        name[length - 3] = '\0';
    return cut;
}

bool files_open(px_host *host, const char *folder, px_error *error)
{
    char name[HOST_PATH];
    host->files.read_only = host_read_only_name(folder, name, sizeof name);
    host->files.root = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    host->granted[PXH_GRANT_FILES] = true;
    return host->files.root >= 0 ||
           px_fail(error, PX_E_SYSTEM, "--grant: %s: cannot open this folder: %s", name, strerror(errno));
}

void files_close(px_host *host)
{
    for (int i = 0; i < HOST_HANDLES; i++)
        if (host->files.at[i].fd >= 0)
            close(host->files.at[i].fd);
    if (host->files.root >= 0)
        close(host->files.root);
}

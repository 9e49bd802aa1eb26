/* disk.c - disk images: files whose sectors a program reads and writes. */
#define _DEFAULT_SOURCE /* flock */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "answer/internal.h"
#include "pxi/png/picture_file.h"
#include "pxi/temporary.h"

enum { SECTOR = 512, PIECE_WORDS = 4, DISK_WIDTH = 256 };

typedef struct transfer {
    const px_disk *disk;
    uint64_t at; /* bytes */
} transfer;

static px_reply read_sectors(px_host *host, void *context, uint8_t *bytes, uint32_t count)
{
    transfer *t = context;
    (void)host;
    for (uint32_t done = 0; done < count;) {
        const ssize_t n = pread(t->disk->fd, bytes + done, count - done, (off_t)(t->at + done));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) /* 0: somebody has cut the file off */
            return PXH_E_IO;
        done += (uint32_t)n;
    }
    t->at += count;
    return (px_reply)count;
}

static px_reply write_sectors(px_host *host, void *context, uint8_t *bytes, uint32_t count)
{
    transfer *t = context;
    (void)host;
    for (uint32_t done = 0; done < count;) {
        const ssize_t n = pwrite(t->disk->fd, bytes + done, count - done, (off_t)(t->at + done));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n == 0 ? PXH_E_FULL : host_error(errno);
        done += (uint32_t)n;
    }
    t->at += count;
    return (px_reply)count;
}

/* piece: sector, its high word, sectors, address. 0, or why not. */
static px_reply move_piece(px_host *host, const px_disk *disk, const uint32_t piece[PIECE_WORDS], bool out)
{
    const uint64_t sector = piece[0] | (uint64_t)piece[1] << 32, bytes = (uint64_t)piece[2] * SECTOR;
    if (sector > disk->sectors || piece[2] > disk->sectors - sector)
        return PXH_E_RANGE;
    const px_reply bad = host_within(host, piece[3], bytes);
    transfer t = {disk, sector * SECTOR};
    if (bad != 0 || host->showing)
        return bad;
    const px_reply done = out ? host_from_image(host, piece[3], (uint32_t)bytes, write_sectors, &t)
                              : host_to_image(host, piece[3], (uint32_t)bytes, read_sectors, &t);
    return done < 0 ? done : (uint32_t)done == bytes ? 0 : PXH_E_IO;
}

static const px_disk *disk_of(const px_host *host, uint32_t number)
{
    return number < host->disk_count ? &host->disks[number] : NULL;
}

static px_reply move(px_host *host, uint32_t payload, uint32_t argument, bool out)
{
    const px_disk *const disk = disk_of(host, payload & 0xFF);
    const uint32_t pieces = payload >> 8;
    px_reply bad = argument % 4 != 0 ? PXH_E_INVALID : host_within(host, argument, (uint64_t)pieces * PIECE_WORDS * 4);
    if (bad == 0 && disk == NULL)
        bad = PXH_E_ABSENT;
    if (bad == 0 && out && disk->read_only)
        bad = PXH_E_READONLY;
    if (bad == 0 && out)
        host->disks[payload & 0xFF].written = true;
    for (uint32_t i = 0; bad == 0 && i < pieces; i++) {
        uint32_t piece[PIECE_WORDS];
        bad = host_get_words(host, argument + i * PIECE_WORDS * 4, piece, PIECE_WORDS);
        if (bad == 0)
            bad = move_piece(host, disk, piece, out);
        if (bad != 0 && i > 0)
            return (px_reply)i;
    }
    return bad != 0 ? bad : (px_reply)pieces;
}

px_reply answer_DISK_READ(px_host *host, uint32_t payload, uint32_t argument)
{
    return move(host, payload, argument, false);
}

px_reply answer_DISK_WRITE(px_host *host, uint32_t payload, uint32_t argument)
{
    return move(host, payload, argument, true);
}

px_reply answer_DISK_SIZE(px_host *host, uint32_t payload, uint32_t argument)
{
    const px_disk *const disk = disk_of(host, payload);
    if (disk == NULL)
        return PXH_E_ABSENT;
    const uint32_t words[3] = {(uint32_t)disk->sectors, (uint32_t)(disk->sectors >> 32), disk->read_only};
    return host_put_words(host, argument, words, 3);
}

px_reply answer_DISK_FLUSH(px_host *host, uint32_t payload, uint32_t argument)
{
    const px_disk *const disk = disk_of(host, payload);
    (void)argument;
    return disk == NULL ? PXH_E_ABSENT : disk->read_only || fsync(disk->fd) == 0 ? 0 : host_error(errno);
}

/* ---- pictures ---- */

static bool is_png(int fd)
{
    static const uint8_t signature[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
    uint8_t begin[sizeof signature];
    return pread(fd, begin, sizeof begin, 0) == (ssize_t)sizeof begin && memcmp(begin, signature, sizeof begin) == 0;
}

/* All of a file without a name, in or out. */
static bool move_all(int fd, uint8_t *to, const uint8_t *from, size_t size)
{
    for (size_t done = 0; done < size;) {
        const ssize_t n = to != NULL ? pread(fd, to + done, size - done, (off_t)done)
                                     : pwrite(fd, from + done, size - done, (off_t)done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        done += (size_t)n;
    }
    return true;
}

/* A file without a name that has its pixels takes the place of a picture. */
static bool unpack(px_disk *disk, const char *name, px_error *error)
{
    px_picture picture = {0};
    if (!px_picture_read(&picture, name, error))
        return false;
    const uint32_t w = picture.w;
    const size_t size = (size_t)4 * w * picture.h;
    char place[PX_TEMPORARY_NAME];
    const int fd = w == DISK_WIDTH ? px_temporary_file(place, "disk", error) : -1;
    const bool moved = fd >= 0 && move_all(fd, NULL, (const uint8_t *)picture.px, size);
    if (fd >= 0)
        unlink(place);
    px_picture_free(&picture);
    disk->held = disk->fd; /* nobody else uses it meanwhile */
    disk->fd = fd;
    disk->sectors = size / SECTOR;
    disk->png = strdup(name);
    if (w != DISK_WIDTH)
        return px_fail(error, PX_E_INPUT, "--disk: %s is %u pixels wide, expected a disk, which has %d", name, w,
                       DISK_WIDTH);
    if (fd < 0)
        return false;
    return (moved && disk->png != NULL) ||
           px_fail(error, PX_E_SYSTEM, "--disk: %s: no room for its pixels: %s", name, strerror(errno));
}

static bool pack(const px_disk *disk, px_error *error)
{
    px_picture picture = {0};
    const uint32_t rows = (uint32_t)(disk->sectors / (4 * DISK_WIDTH / SECTOR));
    if (!px_picture_new(&picture, DISK_WIDTH, rows, error))
        return false;
    const bool read =
        move_all(disk->fd, (uint8_t *)picture.px, NULL, (size_t)4 * DISK_WIDTH * rows) ||
        px_fail(error, PX_E_SYSTEM, "--disk: %s: what was written cannot be read: %s", disk->png, strerror(errno));
    const bool written = read && px_picture_write(&picture, disk->png, error);
    px_picture_free(&picture);
    return written;
}

/* ---- opening and closing ---- */

static bool use_disk(px_disk *disk, const char *name, px_error *error)
{
    const off_t size = disk->fd >= 0 ? lseek(disk->fd, 0, SEEK_END) : -1;
    if (size < 0)
        return px_fail(error, PX_E_SYSTEM, "--disk: %s: cannot open it as a disk: %s", name, strerror(errno));
    const bool png = is_png(disk->fd);
    if (size < SECTOR && !png)
        return px_fail(error, PX_E_INPUT, "--disk: %s has %lld bytes, expected at least a sector of 512", name,
                       (long long)size);
    if (flock(disk->fd, (disk->read_only ? LOCK_SH : LOCK_EX) | LOCK_NB) != 0 && errno == EWOULDBLOCK)
        return px_fail(error, PX_E_SYSTEM, "--disk: %s is in use by another program", name);
    disk->sectors = (uint64_t)size / SECTOR;
    return !png || unpack(disk, name, error);
}

static bool open_disk(px_disk *disk, const char *text, px_error *error)
{
    char name[HOST_PATH];
    disk->read_only = host_read_only_name(text, name, sizeof name);
    disk->fd = open(name, (disk->read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC | O_NONBLOCK);
    if (disk->fd < 0 && (errno == EACCES || errno == EROFS))
        return px_fail(error, PX_E_SYSTEM, "--disk: %s may not be written: %s; %s:ro is only read", name,
                       strerror(errno), name);
    return use_disk(disk, name, error);
}

bool disks_open(px_host *host, const char *const *disks, size_t count, px_error *error)
{
    if (count == 0)
        return true;
    if (count > 256)
        return px_fail(error, PX_E_USAGE, "%zu disks, expected at most 256", count);
    host->disks = calloc(count, sizeof *host->disks);
    if (host->disks == NULL)
        return px_fail(error, PX_E_SYSTEM, "no memory for the disks");
    for (size_t i = 0; i < count; i++)
        host->disks[i].fd = host->disks[i].held = -1;
    host->disk_count = count;
    host->granted[PXH_GRANT_DISKS] = true;
    for (size_t i = 0; i < count; i++)
        if (!open_disk(&host->disks[i], disks[i], error))
            return false;
    return true;
}

bool disks_close(px_host *host, px_error *error)
{
    bool kept = true;
    for (size_t i = 0; i < host->disk_count; i++) {
        px_disk *disk = &host->disks[i];
        if (host->keeps && disk->png != NULL && disk->written)
            kept = pack(disk, kept ? error : NULL) && kept;
        if (disk->fd >= 0)
            close(disk->fd);
        if (disk->held >= 0)
            close(disk->held);
        free(disk->png);
    }
    free(host->disks);
    return kept;
}

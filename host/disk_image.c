/* disk_image.c - see disk_image.h. */
#include "host/disk_image.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <strings.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pxi/png/picture_file.h"

/* ---- a raw file ---- */

static int32_t move_bytes(px_disk_image *image, uint64_t at, size_t count, uint8_t *to, const uint8_t *from)
{
    for (size_t done = 0; done < count;) {
        const off_t place = (off_t)(at + done);
        const ssize_t n = to != NULL ? pread(image->fd, to + done, count - done, place)
                                     : pwrite(image->fd, from + done, count - done, place);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 && (errno == ENOSPC || errno == EDQUOT) ? FS_E_FULL : FS_E_IO;
        done += (size_t)n;
    }
    return 0;
}

static int32_t raw_read(fs_device *d, uint64_t sector, uint32_t count, void *to)
{
    return move_bytes((px_disk_image *)(void *)d, sector * FS_SECTOR, (size_t)count * FS_SECTOR, to, NULL);
}

static int32_t raw_write(fs_device *d, uint64_t sector, uint32_t count, const void *from)
{
    return move_bytes((px_disk_image *)(void *)d, sector * FS_SECTOR, (size_t)count * FS_SECTOR, NULL, from);
}

static int32_t raw_flush(fs_device *d) { return fsync(((px_disk_image *)(void *)d)->fd) == 0 ? 0 : FS_E_IO; }

/* ---- a picture ---- */

static int32_t png_read(fs_device *d, uint64_t sector, uint32_t count, void *to)
{
    const px_disk_image *image = (px_disk_image *)(void *)d;
    memcpy(to, (const uint8_t *)image->picture.px + sector * FS_SECTOR, (size_t)count * FS_SECTOR);
    return 0;
}

static int32_t png_write(fs_device *d, uint64_t sector, uint32_t count, const void *from)
{
    px_disk_image *image = (px_disk_image *)(void *)d;
    memcpy((uint8_t *)image->picture.px + sector * FS_SECTOR, from, (size_t)count * FS_SECTOR);
    image->changed = true;
    return 0;
}

static int32_t png_flush(fs_device *d) { return (void)d, 0; }

static void use_picture(px_disk_image *image, bool readonly)
{
    image->fd = -1;
    image->device = (fs_device){png_read, png_write, png_flush, (uint64_t)image->picture.h * (PX_DISK_ROW / FS_SECTOR),
                                readonly, NULL,      NULL};
}

/* ---- opening ---- */

static bool is_png(int fd)
{
    static const uint8_t signature[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
    uint8_t begin[sizeof signature];
    return pread(fd, begin, sizeof begin, 0) == (ssize_t)sizeof begin && memcmp(begin, signature, sizeof begin) == 0;
}

static bool read_picture(px_disk_image *image, bool readonly, px_error *error)
{
    if (!px_picture_read(&image->picture, image->path, error))
        return false;
    if (image->picture.w != PX_DISK_WIDTH) {
        const uint32_t w = image->picture.w;
        px_picture_free(&image->picture);
        return px_fail(error, PX_E_INPUT, "%s is %" PRIu32 " pixels wide, expected a disk, which has %d", image->path,
                       w, PX_DISK_WIDTH);
    }
    use_picture(image, readonly);
    return true;
}

static bool lock(int fd, const char *path, bool readonly, px_error *error)
{
    if (flock(fd, (readonly ? LOCK_SH : LOCK_EX) | LOCK_NB) != 0 && errno == EWOULDBLOCK)
        return px_fail(error, PX_E_SYSTEM, "%s is in use by another program", path);
    return true;
}

static bool use_raw(px_disk_image *image, bool readonly, px_error *error)
{
    struct stat s;
    if (!lock(image->fd, image->path, readonly, error))
        return false;
    const bool block = fstat(image->fd, &s) == 0 && S_ISBLK(s.st_mode);
    const off_t size = block ? lseek(image->fd, 0, SEEK_END) : s.st_size;
    if (!block && !S_ISREG(s.st_mode))
        return px_fail(error, PX_E_INPUT, "%s is neither a file nor a disk", image->path);
    if (size < FS_SECTOR)
        return px_fail(error, PX_E_INPUT, "%s has %lld bytes, expected at least a sector of %d", image->path,
                       (long long)size, FS_SECTOR);
    image->device = (fs_device){raw_read, raw_write, raw_flush, (uint64_t)size / FS_SECTOR, readonly, NULL, NULL};
    return true;
}

bool px_disk_image_open(px_disk_image *image, const char *path, bool readonly, px_error *error)
{
    *image = (px_disk_image){.path = path, .held = -1};
    image->fd = open(path, (readonly ? O_RDONLY : O_RDWR) | O_CLOEXEC | O_NONBLOCK);
    if (image->fd < 0)
        return px_fail(error, PX_E_SYSTEM, "%s: cannot open it: %s", path, strerror(errno));
    const bool png = is_png(image->fd);
    if (png && lock(image->fd, path, readonly, error)) {
        image->held = image->fd;
        image->fd = -1;
    }
    if (image->held >= 0 ? read_picture(image, readonly, error) : !png && use_raw(image, readonly, error))
        return true;
    close(image->held >= 0 ? image->held : image->fd);
    image->fd = image->held = -1;
    return false;
}

static bool ends_in_png(const char *path)
{
    const size_t length = strlen(path);
    return length > 4 && strcasecmp(path + length - 4, ".png") == 0;
}

static bool new_picture(px_disk_image *image, uint64_t bytes, px_error *error)
{
    const uint64_t rows = bytes / PX_DISK_ROW;
    if (rows < 1 || rows > PX_MAX_PIXELS / PX_DISK_WIDTH)
        return px_fail(error, PX_E_USAGE, "%s: a picture has %d to %" PRIu32 " bytes", image->path, PX_DISK_ROW,
                       4 * PX_MAX_PIXELS);
    if (!px_picture_place(image->path, error) || !px_picture_new(&image->picture, PX_DISK_WIDTH, (uint32_t)rows, error))
        return false;
    use_picture(image, false);
    return true;
}

bool px_disk_image_new(px_disk_image *image, const char *path, uint64_t bytes, px_error *error)
{
    struct stat s;
    *image = (px_disk_image){.path = path, .fd = -1, .held = -1};
    if (stat(path, &s) == 0 && s.st_size > 0)
        return px_fail(error, PX_E_USAGE, "%s is there already", path);
    if (ends_in_png(path))
        return new_picture(image, bytes, error);
    image->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (image->fd < 0)
        return px_fail(error, PX_E_SYSTEM, "%s: cannot make it: %s", path, strerror(errno));
    if (ftruncate(image->fd, (off_t)bytes) != 0)
        px_fail(error, PX_E_SYSTEM, "%s: cannot make it %" PRIu64 " bytes long: %s", path, bytes, strerror(errno));
    else if (use_raw(image, false, error))
        return true;
    close(image->fd);
    return false;
}

bool px_disk_image_close(px_disk_image *image, bool keep, px_error *error)
{
    bool ok = true;
    if (image->fd >= 0)
        close(image->fd);
    else if (keep && image->changed)
        ok = px_picture_write(&image->picture, image->path, error);
    if (image->held >= 0)
        close(image->held);
    px_picture_free(&image->picture);
    image->fd = image->held = -1;
    return ok;
}

/* ---- one form from the other ---- */

static bool copy_sectors(px_disk_image *from, px_disk_image *to, px_error *error)
{
    uint8_t row[PX_DISK_ROW];
    for (uint64_t sector = 0; sector < from->device.sectors; sector += PX_DISK_ROW / FS_SECTOR) {
        int32_t answer = from->device.read(&from->device, sector, PX_DISK_ROW / FS_SECTOR, row);
        if (answer >= 0)
            answer = to->device.write(&to->device, sector, PX_DISK_ROW / FS_SECTOR, row);
        if (answer < 0)
            return px_fail(error, PX_E_SYSTEM, "copying %s to %s failed at sector %" PRIu64 ": %s", from->path,
                           to->path, sector, px_fs_error(answer));
    }
    return true;
}

static bool convert(px_disk_image *from, const char *path, px_error *error)
{
    px_disk_image to;
    if (!px_disk_image_new(&to, path, from->device.sectors * FS_SECTOR, error))
        return false;
    const bool copied = copy_sectors(from, &to, error);
    return px_disk_image_close(&to, copied, error) && copied;
}

bool px_disk_image_to_png(const char *raw, const char *png, px_error *error)
{
    px_disk_image from;
    struct stat s;
    if (!ends_in_png(png))
        return px_fail(error, PX_E_USAGE, "%s: the name of a PNG ends in .png", png);
    if (!px_disk_image_open(&from, raw, true, error))
        return false;
    const bool rows = from.fd >= 0 && fstat(from.fd, &s) == 0 && s.st_size % PX_DISK_ROW == 0;
    const bool ok = from.fd < 0 ? px_fail(error, PX_E_INPUT, "%s is a PNG already", raw)
                    : !rows     ? px_fail(error, PX_E_INPUT, "%s has no whole rows of %d pixels", raw, PX_DISK_WIDTH)
                                : convert(&from, png, error);
    return px_disk_image_close(&from, false, error) && ok;
}

bool px_disk_image_to_raw(const char *png, const char *raw, px_error *error)
{
    px_disk_image from;
    if (ends_in_png(raw))
        return px_fail(error, PX_E_USAGE, "%s: that is the name of a PNG", raw);
    if (!px_disk_image_open(&from, png, true, error))
        return false;
    const bool ok = from.fd >= 0 ? px_fail(error, PX_E_INPUT, "%s is no PNG", png) : convert(&from, raw, error);
    return px_disk_image_close(&from, false, error) && ok;
}

const char *px_fs_error(int32_t answer)
{
    switch (answer) {
#define PXH_ERROR(id, number, text)                                                                                    \
    case number:                                                                                                       \
        return text;
#include "pxi/host.def"
    default:
        return "an unknown error";
    }
}

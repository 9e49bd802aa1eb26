/* root.c - see root.h. */
#include "os/root.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "os/fs/pxfs.h"
#include "os/fs/ramfs.h"
#include "os/fs/vfs.h"
#include "pxi/state.h"

enum { ENTRY = 1, FIRST_HEAP = 7, ID = 0x534F5850 /* "PXOS" */ };

static fs_device root;

static int32_t rows_read(fs_device *d, uint64_t sector, uint32_t count, void *to)
{
    memcpy(to, (uint8_t *)d->memory + sector * FS_SECTOR, (size_t)count * FS_SECTOR);
    return 0;
}

static int32_t rows_write(fs_device *d, uint64_t sector, uint32_t count, const void *from)
{
    memcpy((uint8_t *)d->memory + sector * FS_SECTOR, from, (size_t)count * FS_SECTOR);
    return 0;
}

static int32_t rows_flush(fs_device *d) { return (void)d, 0; }

bool os_is_compiled(const px_picture *picture)
{
    const uint32_t *px = picture->px, all = picture->w * picture->h;
    return all > FIRST_HEAP && px[0] == PX_MAGIC_PROGRAM && px[ENTRY] > FIRST_HEAP && px[FIRST_HEAP] % 4 == 0 &&
           px[FIRST_HEAP] / 4 >= px[PX_HEADER_END] && px[FIRST_HEAP] / 4 <= all;
}

/* Of those that are not behind the last that is not 0; the first that is said to be 0 and is not: a complaint. */
static bool count_pixels(const px_picture *picture, const char *name, bool plain, uint32_t *pixels, px_error *error)
{
    uint32_t used = picture->w * picture->h;
    while (used > 1 && picture->px[used - 1] == 0)
        used--;
    *pixels = plain ? used : picture->px[FIRST_HEAP] / 4;
    return used <= *pixels || px_fail(error, PX_E_INPUT, "%s: pixel %" PRIu32 " is heap, and not 0", name, used - 1);
}

bool os_program_words(const px_picture *picture, const char *name, bool plain, uint32_t **words, uint32_t *count,
                      px_error *error)
{
    uint32_t pixels;
    if (picture->px[0] != PX_MAGIC_PROGRAM)
        return px_fail(error, PX_E_INPUT, "%s is no program of SPEC.md's profile v1", name);
    if (!plain && !os_is_compiled(picture))
        return px_fail(error, PX_E_INPUT, "%s is no program that px cc has made (cc/ABI.md); px cp --picture takes any", name);
    if (!count_pixels(picture, name, plain, &pixels, error))
        return false;
    *count = OS_PROGRAM_HEADER + pixels;
    *words = calloc(*count, 4);
    if (*words == NULL)
        return px_fail(error, PX_E_SYSTEM, "no memory for %s", name);
    const uint32_t header[OS_PROGRAM_HEADER] = {OS_PROGRAM_MAGIC,   picture->w, picture->h,
                                                picture->px[ENTRY], pixels,     plain ? OS_PROGRAM_PLAIN : 0};
    memcpy(*words, header, sizeof header);
    memcpy(*words + OS_PROGRAM_HEADER, picture->px, (size_t)4 * pixels);
    return true;
}

bool os_program_picture(const uint32_t *words, uint32_t count, const char *name, px_picture *picture, px_error *error)
{
    if (count < OS_PROGRAM_HEADER || words[0] != OS_PROGRAM_MAGIC || words[4] != count - OS_PROGRAM_HEADER)
        return px_fail(error, PX_E_INPUT, "%s is no program of pxOS", name);
    if (!px_picture_new(picture, words[1], words[2], error))
        return false;
    if (words[4] > picture->w * picture->h)
        return px_fail(error, PX_E_INPUT, "%s has more pixels than it has room for", name);
    memcpy(picture->px, words + OS_PROGRAM_HEADER, (size_t)4 * words[4]);
    return true;
}

static bool told(int32_t answer, const char *path, px_error *error)
{
    return answer >= 0 || px_fail(error, PX_E_INPUT,
                                  answer == FS_E_FULL ? "%s: no room is left in the root file system"
                                                      : "%s: it does not get into the root file system",
                                  path);
}

/* Places of disks are the last: a ramfs is for systems that have none. */
bool os_root_begin(uint32_t *pixels, uint32_t count, enum os_root_kind kind, px_error *error)
{
    static const char *const folders[] = {"/bin", "/dev", "/home", "/tmp", "/disk0", "/disk1", "/disk2", "/disk3"};
    const unsigned all = kind == OS_ROOT_THERE ? 0 : kind == OS_ROOT_RAMFS ? 4 : sizeof folders / sizeof *folders;
    fs_device *const d = &root;
    root = (fs_device){rows_read, rows_write, rows_flush, count / (FS_SECTOR / 4), false, pixels, NULL};
    if ((kind == OS_ROOT_PXFS && pxfs_make(d, ID, 0) < 0) || (kind == OS_ROOT_RAMFS && ramfs_make(d) < 0))
        return px_fail(error, PX_E_INPUT, "%" PRIu32 " pixels are no room for a root file system", count);
    if (vfs_mount(d, "/", false, NULL) < 0)
        return px_fail(error, PX_E_INPUT, "the root file system is damaged");
    for (unsigned i = 0; i < all; i++)
        if (!told(vfs_make_folder(folders[i]), folders[i], error))
            return false;
    return kind == OS_ROOT_THERE || os_root_file("/dev/null", "", 0, error); /* for its name: the kernel has what it does */
}

bool os_root_folder(const char *path, px_error *error)
{
    const int32_t made = vfs_make_folder(path);
    return made == FS_E_EXISTS || told(made, path, error);
}

bool os_root_file(const char *path, const void *bytes, uint32_t count, px_error *error)
{
    const int32_t open = vfs_open(path, FS_FOR_WRITE | FS_CREATE | FS_TRUNCATE);
    if (!told(open, path, error))
        return false;
    const int32_t put = count == 0 ? 0 : vfs_write((uint32_t)open, NULL, count, bytes);
    const int32_t closed = vfs_close((uint32_t)open);
    return told(put < 0 ? put : (uint32_t)put < count ? FS_E_FULL : closed, path, error);
}

bool os_root_add(const char *name, const uint32_t *words, uint32_t count, px_error *error)
{
    char path[VFS_PATH];
    snprintf(path, sizeof path, "/bin/%s", name);
    return os_root_file(path, words, 4 * count, error);
}

bool os_root_end(px_error *error)
{
    fs_device *device;
    const int32_t answer = vfs_unmount("/", &device);
    return answer == FS_E_ABSENT || told(answer, "/", error);
}

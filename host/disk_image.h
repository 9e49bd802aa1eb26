/* disk_image.h - disks in files, for the commands that look into them: raw, as --disk has them, or the same pixels as a
 * PNG, 256 wide, which is written anew when all has gone well. */
#ifndef HOST_DISK_IMAGE_H
#define HOST_DISK_IMAGE_H

#include "os/fs/fs.h"
#include "pxi/picture.h"

enum { PX_DISK_WIDTH = 256, PX_DISK_ROW = 4 * PX_DISK_WIDTH };

typedef struct px_disk_image {
    fs_device device; /* first */
    const char *path;
    int fd;             /* below 0: a PNG */
    int held;           /* of a PNG that was there, so that nobody else uses it; below 0: none */
    px_picture picture; /* of a PNG */
    bool changed;
} px_disk_image;

bool px_disk_image_open(px_disk_image *image, const char *path, bool readonly, px_error *error);

/* A file that is not there yet, or is empty; a PNG if its name says so. */
bool px_disk_image_new(px_disk_image *image, const char *path, uint64_t bytes, px_error *error);

/* keep: a PNG that was changed is written; a raw file has been all along. False if that fails. */
bool px_disk_image_close(px_disk_image *image, bool keep, px_error *error);

/* One form from the other, exactly. */
bool px_disk_image_to_png(const char *raw, const char *png, px_error *error);
bool px_disk_image_to_raw(const char *png, const char *raw, px_error *error);

/* What an answer of a file system means, in words. */
const char *px_fs_error(int32_t answer);

#endif

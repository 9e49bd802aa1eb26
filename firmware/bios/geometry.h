/* geometry.h - cylinders, heads and sectors of a disk image, for the guest's BIOS and for mkimage: one rule for both.
 *
 * A floppy's geometry is told by the first of these that says something:
 *   1. its BIOS parameter block, where that is sound and says as many sectors as the image has;
 *   2. its exact size, by the table floppy_formats;
 *   3. a sound parameter block that says more: the image is not finished;
 *   4. for every other image, however short: the smaller of 1.44 MB and 2.88 MB that holds it.
 * What the geometry has and the image has not is zeros: the loader sees to that (boot/loader.h).
 * A hard disk's geometry:
 *   1. a partition whose first and last sector have the same place by number as by cylinder, head and sector;
 *   2. a sound parameter block in its first sector;
 *   3. 63 sectors a track and 16 heads, or 255 where 1,024 cylinders of 16 heads are too few.
 * What is not said to be a floppy or a hard disk is a hard disk when it has a partition table that lies within it, but
 * the size of no floppy, or when it is larger than any floppy by these rules. */
#ifndef BIOS_GEOMETRY_H
#define BIOS_GEOMETRY_H

#include <stdbool.h>
#include <stdint.h>

#define GEOMETRY_SECTOR 512u

typedef struct disk_geometry {
    unsigned cylinders, heads, sectors;
    uint8_t drive; /* of a floppy: the drive's type, as INT 13h AH=08h and CMOS byte 10h have it */
} disk_geometry;

/* What a format's image has. */
uint64_t geometry_bytes(const disk_geometry *g);

/* size bytes from image on; no more than the first sector is read. False: too large for a floppy. */
bool geometry_of_floppy(const uint8_t *image, uint64_t size, disk_geometry *g);
disk_geometry geometry_of_disk(const uint8_t *image, uint64_t size);
bool geometry_is_floppy(const uint8_t *image, uint64_t size);

#endif

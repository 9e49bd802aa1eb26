/* geometry.c - see geometry.h. */
#include "firmware/bios/geometry.h"

#include <stddef.h>

#define MOST_SECTORS   63u
#define MOST_CYLINDERS 1024u

/* Types of drives: the smallest that takes the format. */
enum { DRIVE_360K = 1, DRIVE_1200K, DRIVE_720K, DRIVE_1440K, DRIVE_2880K };

/* Every size that IBM's PCs have had, and those that fdformat, 2M, Microsoft's distribution format and Linux' floppy
 * driver make on the same drives. Of two formats with one size the commoner comes first; the other is told by its
 * parameter block. */
static const disk_geometry floppy_formats[] = {
    {40, 1, 8, DRIVE_360K},   {40, 1, 9, DRIVE_360K},   {40, 2, 8, DRIVE_360K},   {40, 2, 9, DRIVE_360K},
    {40, 2, 10, DRIVE_360K},  {41, 2, 10, DRIVE_360K},  {42, 2, 10, DRIVE_360K},  {80, 2, 8, DRIVE_720K},
    {80, 2, 9, DRIVE_720K},   {80, 2, 10, DRIVE_720K},  {82, 2, 10, DRIVE_720K},  {83, 2, 10, DRIVE_720K},
    {80, 2, 11, DRIVE_720K},  {80, 2, 13, DRIVE_720K},  {80, 2, 14, DRIVE_720K},  {80, 2, 15, DRIVE_1200K},
    {80, 2, 18, DRIVE_1440K}, {82, 2, 18, DRIVE_1440K}, {83, 2, 18, DRIVE_1440K}, {80, 2, 20, DRIVE_1440K},
    {80, 2, 21, DRIVE_1440K}, {82, 2, 21, DRIVE_1440K}, {83, 2, 21, DRIVE_1440K}, {80, 2, 22, DRIVE_1440K},
    {80, 2, 23, DRIVE_1440K}, {80, 2, 24, DRIVE_1440K}, {80, 2, 36, DRIVE_2880K}, {80, 2, 39, DRIVE_2880K},
    {80, 2, 40, DRIVE_2880K}, {80, 2, 44, DRIVE_2880K}, {80, 2, 48, DRIVE_2880K}};
static const disk_geometry unfinished[] = {{80, 2, 18, DRIVE_1440K}, {80, 2, 36, DRIVE_2880K}};

uint64_t geometry_bytes(const disk_geometry *g)
{
    return (uint64_t)g->cylinders * g->heads * g->sectors * GEOMETRY_SECTOR;
}

static unsigned word_of(const uint8_t *at) { return at[0] | (unsigned)at[1] << 8; }
static uint32_t long_of(const uint8_t *at) { return word_of(at) | (uint32_t)word_of(at + 2) << 16; }

static bool signed_sector(const uint8_t *image, uint64_t size)
{
    return size >= GEOMETRY_SECTOR && image[510] == 0x55 && image[511] == 0xAA;
}

/* ---- the parameter block of DOS, which begins at 0Bh ---- */

static bool power_of_two(unsigned n) { return n != 0 && (n & (n - 1)) == 0; }

/* Sectors that the block speaks of; 0 where it is none, or says what cannot be. */
static uint32_t parameters(const uint8_t *image, uint64_t size, unsigned *heads, unsigned *sectors)
{
    if (size < GEOMETRY_SECTOR || word_of(image + 0x0B) != GEOMETRY_SECTOR || !power_of_two(image[0x0D]) ||
        word_of(image + 0x0E) == 0 || image[0x10] == 0 || image[0x10] > 2 || image[0x15] < 0xF0)
        return 0;
    *sectors = word_of(image + 0x18);
    *heads = word_of(image + 0x1A);
    if (*sectors == 0 || *sectors > MOST_SECTORS || *heads == 0 || *heads > 255)
        return 0;
    const unsigned few = word_of(image + 0x13);
    return few != 0 ? few : long_of(image + 0x20);
}

static uint8_t drive_for(unsigned cylinders, unsigned sectors)
{
    if (cylinders < 50)
        return DRIVE_360K;
    return sectors <= 14 ? DRIVE_720K : sectors == 15 ? DRIVE_1200K : sectors <= 24 ? DRIVE_1440K : DRIVE_2880K;
}

static bool floppy_by_parameters(const uint8_t *image, uint64_t size, disk_geometry *g)
{
    unsigned heads, sectors;
    const uint32_t total = parameters(image, size, &heads, &sectors);
    if (total == 0 || heads > 2 || total % (heads * sectors) != 0)
        return false;
    const unsigned cylinders = total / (heads * sectors);
    if (cylinders < 35 || cylinders > 85)
        return false;
    *g = (disk_geometry){cylinders, heads, sectors, drive_for(cylinders, sectors)};
    return true;
}

static bool floppy_by_size(uint64_t size, disk_geometry *g)
{
    for (size_t i = 0; i < sizeof floppy_formats / sizeof *floppy_formats; i++)
        if (size == geometry_bytes(&floppy_formats[i])) {
            *g = floppy_formats[i];
            return true;
        }
    return false;
}

bool geometry_of_floppy(const uint8_t *image, uint64_t size, disk_geometry *g)
{
    disk_geometry said;
    const bool sound = floppy_by_parameters(image, size, &said), whole = sound && geometry_bytes(&said) == size;
    if (!whole && floppy_by_size(size, g))
        return true;
    if (sound && (geometry_bytes(&said) >= size || size <= geometry_bytes(&unfinished[1]))) {
        *g = said;
        return true;
    }
    for (size_t i = 0; i < sizeof unfinished / sizeof *unfinished; i++)
        if (size <= geometry_bytes(&unfinished[i])) {
            *g = unfinished[i];
            return true;
        }
    return false;
}

/* ---- the partition table, four rows of 16 bytes at 1BEh ---- */

#define PARTITIONS 4u
#define TYPE       4u
#define FIRST      8u
#define COUNT      12u

static const uint8_t *partition(const uint8_t *image, unsigned i) { return image + 0x1BE + (size_t)16 * i; }

/* It is one when every row is empty or a part of the disk, and one of them is not empty. */
static bool partitioned(const uint8_t *image, uint64_t size)
{
    unsigned used = 0;
    if (!signed_sector(image, size))
        return false;
    for (unsigned i = 0; i < PARTITIONS; i++) {
        const uint8_t *const row = partition(image, i);
        const uint64_t first = long_of(row + FIRST), count = long_of(row + COUNT);
        if ((row[0] & 0x7F) != 0 || (row[TYPE] == 0) != (count == 0))
            return false;
        if (row[TYPE] == 0)
            continue;
        if (first == 0 || first + count > size / GEOMETRY_SECTOR)
            return false;
        used++;
    }
    return used > 0;
}

/* Head, sector and cylinder, as a row has them, against the sector's number. */
static bool same_place(const uint8_t *chs, uint64_t number, unsigned heads, unsigned sectors)
{
    const unsigned cylinder = chs[2] | (chs[1] & 0xC0u) << 2, sector = chs[1] & 0x3Fu;
    return sector != 0 && sector <= sectors && chs[0] < heads &&
           ((uint64_t)cylinder * heads + chs[0]) * sectors + sector - 1 == number;
}

static bool tells(const uint8_t *row, unsigned heads, unsigned sectors)
{
    const uint64_t first = long_of(row + FIRST), last = first + long_of(row + COUNT) - 1;
    return row[TYPE] != 0 && heads <= 255 && same_place(row + 1, first, heads, sectors) &&
           same_place(row + 5, last, heads, sectors);
}

/* DOS' partitions end where a cylinder ends; those of newer tools where a megabyte ends, by 255 heads and 63 sectors.
 */
static bool disk_by_partition(const uint8_t *image, uint64_t size, unsigned *heads, unsigned *sectors)
{
    if (!partitioned(image, size))
        return false;
    for (unsigned i = 0; i < PARTITIONS; i++) {
        const uint8_t *const row = partition(image, i);
        *heads = row[5] + 1u;
        *sectors = row[6] & 0x3Fu;
        if (tells(row, *heads, *sectors))
            return true;
        *heads = 255;
        *sectors = MOST_SECTORS;
        if (tells(row, *heads, *sectors))
            return true;
    }
    return false;
}

disk_geometry geometry_of_disk(const uint8_t *image, uint64_t size)
{
    unsigned heads, sectors;
    if (!disk_by_partition(image, size, &heads, &sectors)) {
        const uint64_t total = parameters(image, size, &heads, &sectors);
        if (total == 0 || total > size / GEOMETRY_SECTOR) {
            sectors = MOST_SECTORS;
            heads = size <= (uint64_t)MOST_CYLINDERS * 16 * MOST_SECTORS * GEOMETRY_SECTOR ? 16 : 255;
        }
    }
    const uint64_t cylinders = size / ((uint64_t)heads * sectors * GEOMETRY_SECTOR);
    return (disk_geometry){cylinders == 0               ? 1
                           : cylinders > MOST_CYLINDERS ? MOST_CYLINDERS
                                                        : (unsigned)cylinders,
                           heads, sectors, 0};
}

bool geometry_is_floppy(const uint8_t *image, uint64_t size)
{
    disk_geometry g;
    if (floppy_by_size(size, &g))
        return true;
    return !partitioned(image, size) && geometry_of_floppy(image, size, &g);
}

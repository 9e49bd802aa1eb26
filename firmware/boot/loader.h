/* loader.h - what the boot loader, the image tool and pxHV must agree on: the disk image, and what is handed over.
 *
 * A disk image, in sectors of 512 bytes:
 *
 *     0        boot sector (boot.asm)
 *     1..64    stage 2 (entry.asm, loader.c), at most 32 KB
 *     65       directory: an hv_directory
 *     66..     the parts that the directory lists, each from a sector's start; part 0 is pxHV itself
 */
#ifndef BOOT_LOADER_H
#define BOOT_LOADER_H

#include <stdint.h>

#define HV_SECTOR           512u
#define HV_STAGE2_AT        0x8000u
#define HV_STAGE2_SECTORS   64u
#define HV_DIRECTORY_SECTOR (1u + HV_STAGE2_SECTORS)
#define HV_BOUNCE           0x10000u /* 64 KB below 1 MB that the BIOS reads sectors into */
#define HV_BOUNCE_SECTORS   127u     /* the most that one INT 13h packet may ask for */

#define HV_DIRECTORY_MAGIC UINT32_C(0x56485850) /* "PXHV" */
#define HV_IMAGE_MAGIC     UINT32_C(0x52485850) /* "PXHR", first word of pxHV's own part */

/* What a part is. */
enum hv_kind {
    HV_PART_NONE,
    HV_PART_HV,
    HV_PART_DRIVER,
    HV_PART_FLOPPY,
    HV_PART_DISK,
    HV_PART_KERNEL,
    HV_PART_INITRD,
    HV_PART_OPTIONS
};

typedef struct hv_part {
    uint32_t kind;   /* enum hv_kind */
    uint32_t sector; /* its first */
    uint32_t bytes;  /* its length */
    uint32_t crc;    /* CRC-32 of PNG over the bytes */
} hv_part;

#define HV_FLOPPY_MOST (4u << 20)

#define HV_PARTS 31u
typedef struct hv_directory {
    uint32_t magic, count;
    uint32_t floppy; /* bytes of the floppy in memory: what its part has not is zeros */
    uint32_t crc;    /* CRC-32 over part[0..count-1] */
    hv_part part[HV_PARTS];
} hv_directory;
_Static_assert(sizeof(hv_directory) == HV_SECTOR, "the directory is one sector");

/* pxHV's part begins with this; firmware/machine/hv.ld makes it. */
typedef struct hv_header {
    uint32_t magic;
    uint32_t memory; /* bytes that pxHV takes once it runs, a multiple of 2 MB; its part is loaded at the start */
    uint64_t entry;  /* virtual address of the entry */
} hv_header;

/* pxHV is linked at this address; the loader maps it to where there is RAM. */
#define HV_VIRTUAL UINT64_C(0xFFFFFFFF80000000)

/* What INT 15h AX=E820h says. */
typedef struct hv_range {
    uint64_t base, length;
    uint32_t type; /* 1: RAM */
} __attribute__((packed)) hv_range;
_Static_assert(sizeof(hv_range) == 20, "as the BIOS writes it");

#define HV_RANGES 64u
typedef struct hv_boot {
    uint64_t base;  /* physical: pxHV's own memory, page tables and parts lie from here ... */
    uint64_t end;   /* ... to here; nothing of it is the guest's */
    uint64_t spare; /* physical: free from here to end */
    uint32_t drive; /* BIOS number of the boot drive */
    uint32_t ranges, parts;
    uint32_t image;                      /* CRC of the directory: another disk image has another */
    uint64_t loader_began, loader_ended; /* what the time stamp counter was */
    hv_range range[HV_RANGES];
    struct {
        uint32_t kind, bytes;
        uint64_t address; /* physical, a multiple of 4,096 */
    } part[HV_PARTS];
} hv_boot;

#endif

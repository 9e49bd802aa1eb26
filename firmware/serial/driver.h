/* driver.h - the serial driver from pxHV's disk: the first rows of its picture, and where things lie in it
 * (pxi/programs/SERIAL.md, "The picture" and "Other drivers"). */
#ifndef SERIAL_DRIVER_H
#define SERIAL_DRIVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DRIVER_ROW  256u
#define DRIVER_MOST 4096u /* pixels */

/* The program's header, and the parameters and results behind it. */
enum {
    DRIVER_ENTRY = 1,
    DRIVER_END = 2,
    DRIVER_FLAGS = 3,
    DRIVER_CHECKSUM = 4,
    DRIVER_OPERATIONS = 5,
    DRIVER_AT_OPERATIONS = 6,
    DRIVER_RECEIVED = 7,
    DRIVER_AT_RECEIVED = 8,
    DRIVER_AT_FRAMES = 9,
    DRIVER_AT_STARTS = 10,
    DRIVER_AT_READS = 11,
    DRIVER_AT_SCRATCH = 12,
    DRIVER_CLOCK = 13,
    DRIVER_FRAMES = 14,
    DRIVER_READS = 15,
    DRIVER_TAKEN = 16,
    DRIVER_CHARACTERS = 18,
    DRIVER_ERRORS = 19,
    DRIVER_CLOCK_AFTER = 20,
    DRIVER_SETUP_AFTER = 21,
    DRIVER_CODE = 22 /* and tables, from here on */
};

typedef struct serial_driver {
    const uint32_t *pixels;
    uint32_t count; /* whole rows of 256; 0: there is none */
    uint32_t crc;   /* CRC-32 of the pixels, least significant bytes first */
} serial_driver;

/* Out of the boot disk's part: W, H and the pixels. A part that holds no driver is said in the log, and gives none. */
serial_driver driver_of(const void *part, size_t bytes);

#endif

/* driver.h - the serial driver from pxHV's disk: the first rows of its picture, and where things lie in it
 * (pxi/programs/SERIAL.md, "The picture" and "Other drivers"). */
#ifndef SERIAL_DRIVER_H
#define SERIAL_DRIVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pxi/serial.h"

/* The program's header; parameters and results are behind it. */
enum { DRIVER_ENTRY = 1, DRIVER_END = 2, DRIVER_FLAGS = 3, DRIVER_CHECKSUM = 4 };

typedef struct serial_driver {
    const uint32_t *pixels;
    uint32_t count; /* whole rows of 256; 0: there is none */
    uint32_t crc;   /* CRC-32 of the pixels, least significant bytes first */
} serial_driver;

/* Out of the boot disk's part: W, H and the pixels. A part that holds no driver is said in the log, and gives none. */
serial_driver driver_of(const void *part, size_t bytes);

#endif

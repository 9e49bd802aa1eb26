/* expected.h - what programs are known to draw: a CRC for each region of a picture, from models that are no pixel
 * machine (tests/gallery). Executors that agree may all be wrong; the assembler is beneath them all. */
#ifndef HOST_EXPECTED_H
#define HOST_EXPECTED_H

#include "pxi/state.h"

typedef struct px_region {
    char name[64]; /* the program's */
    uint32_t x, y, w, h, crc;
} px_region;

typedef struct px_expected {
    px_region *at; /* owned */
    size_t count;
    const char *path;
} px_expected;

/* A text with a line "NAME X Y W H CRC" a region; empty lines and what follows # are no regions. */
bool px_expected_read(px_expected *expected, const char *path, px_error *error);
void px_expected_free(px_expected *expected);

typedef enum px_expectation { PX_UNKNOWN, PX_RIGHT, PX_WRONG } px_expectation;

/* Whether the image of the program of that name is the expected one; text tells what is not. */
px_expectation px_expected_check(const px_expected *expected, const char *name, const px_state *state, char *text,
                                 size_t size);

#endif

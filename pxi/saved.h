/* saved.h - machines that lie in an image as saved states (SPEC.md section 9): found and named for people. What RESUME
 * runs is the executors' business. */
#ifndef PXI_SAVED_H
#define PXI_SAVED_H

#include <stddef.h>

#include "pxi/state.h"

typedef struct px_saved {
    uint32_t at;      /* the address of its first pixel */
    uint32_t image;   /* the address of its image */
    uint32_t end;     /* the first address behind that */
    px_state machine; /* without registers, and without pixels of its own */
} px_saved;

/* Whether a v1 machine that a loader would accept begins at address at of an image of n pixels, and ends within it.
 * Padding is not looked at. */
bool px_saved_at(const uint32_t *mem, uint32_t n, uint32_t at, px_saved *saved);

/* The next machine from address *at of the image on, those in others left out; *at moves behind it. */
bool px_saved_next(const px_state *state, uint32_t *at, px_saved *saved);

/* The machine that pixel address is of: the one that begins last before it, where some lie in others. */
bool px_saved_around(const uint32_t *mem, uint32_t n, uint32_t address, px_saved *saved);

/* What the pixel is to the machine that it is of: "pc", "r7", "pixel (3,1)". */
void px_saved_part(const px_saved *saved, uint32_t address, char *text, size_t size);

#endif

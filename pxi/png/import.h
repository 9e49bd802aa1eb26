/* import.h - PNGs of other kinds as pictures, where that loses and invents nothing. */
#ifndef PXI_PNG_IMPORT_H
#define PXI_PNG_IMPORT_H

#include <stddef.h>

#include "pxi/error.h"
#include "pxi/picture.h"

/* Makes the 8-bit RGBA pixels that a PNG of any kind stands for: palettes looked up, grey spread over R, G and B, tRNS
 * made alpha (the colour under it kept), interlacing undone. Samples are used as stored; gamma and profiles mean
 * nothing. Fails with PX_E_INPUT for a sample that is no 8-bit number (16 bits whose bytes differ) and for anything
 * damaged. On failure *picture is zeroed. */
bool px_import_memory(px_picture *picture, const void *data, size_t size, const char *name, px_error *error);

#endif

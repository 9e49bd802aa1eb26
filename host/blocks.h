/* blocks.h - pixels on a terminal: two rows of them are one row of characters, the upper half of each in its colour. */
#ifndef HOST_BLOCKS_H
#define HOST_BLOCKS_H

#include <stdint.h>
#include <stdio.h>

/* w x h pixels, stride apart from row to row; their alpha is not looked at. */
void px_blocks_print(FILE *to, const uint32_t *px, uint32_t w, uint32_t h, uint32_t stride);

/* The same of every n-th pixel, n as small as it can be for at most columns x rows characters. */
void px_blocks_fit(FILE *to, const uint32_t *px, uint32_t w, uint32_t h, uint32_t columns, uint32_t rows);

#endif

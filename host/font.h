/* font.h - words in pictures: names on a contact sheet, titles of a comparison. */
#ifndef HOST_FONT_H
#define HOST_FONT_H

#include "pxi/picture.h"

enum { PX_FONT_WIDTH = 6, PX_FONT_HEIGHT = 9 }; /* of a character with the space behind it */

/* Writes text with its upper left corner at (x, y), each dot scale x scale; what is beyond the picture is left out. */
void px_font_write(px_picture *picture, uint32_t x, uint32_t y, uint32_t scale, uint32_t colour, const char *text);

#endif

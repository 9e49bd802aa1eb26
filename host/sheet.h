/* sheet.h - a contact sheet: result pictures side by side, each enlarged by a whole number, its name below.
 *
 * Rows that a program left empty are not shown where there is more than one, and alpha counts as opaque: the colours of
 * the instructions themselves have an alpha that is an operand. */
#ifndef HOST_SHEET_H
#define HOST_SHEET_H

#include "pxi/state.h"

typedef struct px_sheet {
    px_picture picture;
    uint32_t columns, used;
    bool whole; /* empty rows are shown, too: for pictures of one run */
} px_sheet;

/* An empty sheet with room for count pictures; sheet->whole is kept. */
bool px_sheet_new(px_sheet *sheet, uint32_t count, px_error *error);

/* Puts the machine's image into the next cell. A picture larger than the cell is shown by every second, third .. pixel.
 */
bool px_sheet_add(px_sheet *sheet, const char *name, const px_state *state, px_error *error);

#endif

/* difference.h - how two states differ, for people: a table, and a picture. */
#ifndef HOST_DIFFERENCE_H
#define HOST_DIFFERENCE_H

#include <stdio.h>

#include "pxi/state.h"

/* Lines, indented by two: each register, pixel and field that is not the same, up to a dozen. */
void px_difference_tell(FILE *to, const px_state *a, const char *a_name, const px_state *b, const char *b_name);

/* The two images side by side, as on a contact sheet, and a third that shows where they differ: red there, and dark
 * elsewhere. Large ones are shown by squares of pixels, red where one of them differs. */
bool px_difference_write(const px_state *a, const char *a_name, const px_state *b, const char *b_name, const char *path,
                         px_error *error);

#endif

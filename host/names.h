/* names.h - labels and source lines for addresses: labels from a symbol file (`px asm -s`), both from a source that was
 * assembled. */
#ifndef HOST_NAMES_H
#define HOST_NAMES_H

#include "pxi/asm/asm.h"

typedef struct px_names {
    px_symbol *at; /* owned; by kind, then value */
    size_t count;
    px_line *lines; /* owned, and their files; by address */
    size_t line_count;
} px_names;

bool px_names_read(px_names *names, const char *path, px_error *error);
bool px_names_take(px_names *names, const px_assembly *assembly, px_error *error); /* copies them */
void px_names_free(px_names *names);

/* The line of the instruction at address or right before it (a literal belongs to the one before), or NULL. */
const px_line *px_line_of(const px_names *names, uint32_t address);

/* The label of code at address, or NULL. */
const char *px_name_at(const px_names *names, uint32_t address);

/* "draw", "draw + 2", or "" before the first label of code. */
const char *px_name_near(const px_names *names, uint32_t address, char *text, size_t size);

#endif

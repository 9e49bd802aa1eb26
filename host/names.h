/* names.h - labels for addresses, from a symbol file (`px asm -s`) or from a source that was assembled. */
#ifndef HOST_NAMES_H
#define HOST_NAMES_H

#include "pxi/asm.h"

typedef struct px_names {
    px_symbol *at; /* owned; by kind, then value */
    size_t count;
} px_names;

bool px_names_read(px_names *names, const char *path, px_error *error);
bool px_names_take(px_names *names, const px_assembly *assembly, px_error *error); /* copies them */
void px_names_free(px_names *names);

/* The label of code at address, or NULL. */
const char *px_name_at(const px_names *names, uint32_t address);

/* "draw", "draw + 2", or "" before the first label of code. */
const char *px_name_near(const px_names *names, uint32_t address, char *text, size_t size);

#endif

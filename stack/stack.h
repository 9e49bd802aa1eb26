/* stack.h - the founding stack machine: a text becomes byte-code, byte-code becomes a pixel program that interprets it,
 * and each way back. README.md has the language and the machine. */
#ifndef STACK_STACK_H
#define STACK_STACK_H

#include <stdio.h>

#include "pxi/picture.h"

enum { STACK_MOST_BYTES = 1 << 22 }; /* of code */

typedef struct stack_code {
    uint8_t *bytes; /* owned, count of them, 1 or more */
    uint32_t count;
    uint32_t *lines; /* of a text: the line that each byte is from; NULL: not known. Owned */
} stack_code;

void stack_code_free(stack_code *code); /* also fine on a zeroed one */

/* Assembles a clean text (pxi/text_file.h). Diagnostics go to `to`, the first 20 of them; false: there was one, or no
 * memory. */
bool stack_assemble(stack_code *code, const char *name, const char *text, FILE *to, px_error *error);

/* Text that assembles to the same bytes. */
bool stack_disassemble(FILE *to, const stack_code *code, const char *name, px_error *error);

/* The pixel program with this byte-code in it, as source (free it) and as a picture. */
bool stack_source(char **text, size_t *size, const stack_code *code, px_error *error);
bool stack_picture(px_picture *picture, const stack_code *code, px_error *error);

/* The byte-code of a picture that stack_picture has made, whatever it has run to since. name is for messages. */
bool stack_of_picture(stack_code *code, const px_picture *picture, const char *name, px_error *error);

/* What a stack machine's image says of its end. */
typedef struct stack_end {
    uint32_t error, where, depth;
    uint32_t top; /* the word on top of the stack, if there is one */
} stack_end;
stack_end stack_end_of(const uint32_t *image);
const char *stack_error_text(uint32_t error); /* NULL: no such error */
const char *stack_name_of(uint8_t byte);      /* NULL: no such byte-code */

#endif

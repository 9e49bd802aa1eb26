/* files.h - the files that commands are told to read and write: "-" is standard input or output, and where a program is
 * wanted, a source stands for the picture that it assembles to. */
#ifndef HOST_FILES_H
#define HOST_FILES_H

#include <stdio.h>

#include "host/names.h"
#include "pxi/asm/asm.h"
#include "pxi/state.h"

/* The name to open and to use in messages: "-" is /dev/stdin or /dev/stdout. */
const char *px_input_file(const char *name);
const char *px_output_file(const char *name);

/* Where a command says what it did: stdout, or stderr when one of its outputs is there. NULL: none. */
FILE *px_messages(const char *output);

/* The same for commands that print much: from here on all of it goes to stderr if output is standard output. Returns
 * the name under which output is still to be had. */
const char *px_reserve_output(const char *output);

/* Whether two names mean one existing file: what is read must not be written over. */
bool px_same_file(const char *a, const char *b);

/* Whether writing output leaves input as it is. A picture may be replaced by its successor, the state or image that it
 * ran to; a source by nothing. */
bool px_spares_input(const char *input, const char *output, bool successor, px_error *error);

/* Whether an option's value can be "a directory", or "a file": - is standard output. */
bool px_is_name_of(const char *expected, const char *option, const char *name, px_error *error);

/* Assembles a source. False, with error, when it cannot be read; otherwise assembly->ok tells. */
bool px_assemble_input(px_assembly *assembly, const char *path, const px_asm_options *options, px_error *error);

/* A program or saved state from a picture or a source; a source's diagnostics go to stderr, and its symbols to names,
 * which may be NULL. */
bool px_read_program_picture(px_picture *picture, const char *path, px_names *names, px_error *error);
/* Names of a picture that px cc has made are in a file beside it, FILE.sym, which is read if it belongs to it. */
bool px_read_program(px_state *state, const char *path, px_names *names, px_error *error);

/* Writes the picture, or with zoom a copy for viewing. When that fails, the picture is kept elsewhere, and the error
 * tells where. */
bool px_write_or_keep(const px_rows *rows, uint32_t zoom, const char *path, px_error *error);

#endif

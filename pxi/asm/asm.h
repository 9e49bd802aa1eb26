/* asm.h - the assembler: text to a picture. ASSEMBLY.md is the language.
 *
 * It keeps no global state, reads no file but through options->read, and the same text always gives the same result. */
#ifndef PXI_ASM_ASM_H
#define PXI_ASM_ASM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "pxi/error.h"
#include "pxi/picture.h"

enum { PX_ASM_MAX_ERRORS = 20 }; /* that are told of one text, and as many warnings */

typedef enum px_severity { PX_NOTE, PX_WARNING, PX_ERROR } px_severity;

/* A note belongs to the error or warning before it. */
typedef struct px_diagnostic {
    px_severity severity;
    const char *file;
    uint32_t line, column; /* from 1; columns count characters. 0, 0: the file as a whole */
    uint32_t span;         /* characters marked, at least 1 */
    const char *text;
    const char *source; /* the line, without its end; "" when there is none */
    uint32_t hidden;    /* characters of a very long line before source */
} px_diagnostic;

typedef enum px_symbol_kind { PX_SYMBOL_CODE, PX_SYMBOL_DATA, PX_SYMBOL_CONSTANT, PX_SYMBOL_REGISTER } px_symbol_kind;

typedef struct px_symbol {
    const char *name; /* a local label's is "global.local" */
    int64_t value;    /* address, value or register number */
    px_symbol_kind kind;
} px_symbol;

/* Where an instruction was written; what a macro or a repeat makes is where its body stands. */
typedef struct px_line {
    uint32_t address, line;
    uint32_t pixels; /* from the address on; a literal belongs to the instruction before it */
    const char *file;
} px_line;

/* Reads a file that .include or .incimage names. *data is from malloc and becomes the assembler's. */
typedef bool px_asm_reader(void *context, const char *path, uint8_t **data, size_t *size, px_error *error);

typedef struct px_asm_options {
    px_asm_reader *read; /* NULL: .include and .incimage are errors */
    void *context;
    const char *const *defines; /* "name=value" each; they come before the source's own */
    size_t define_count;
    uint32_t max_pixels; /* 0: PX_MAX_PIXELS */
    uint32_t max_lines;  /* that macros and repeats make; 0: 2^20 */
    bool werror;         /* a warning counts as an error */
} px_asm_options;

typedef struct px_assembly {
    bool ok;            /* no error: picture and symbols are the result. Otherwise only the diagnostics */
    px_picture picture; /* the caller may take it and zero it */
    uint32_t profile;
    uint32_t instructions, code_pixels, data_pixels, free_pixels;
    const px_diagnostic *diagnostics; /* in the order of the text */
    size_t diagnostic_count;
    size_t errors, warnings;  /* all of them; assembling ends at the 200th error */
    const px_symbol *symbols; /* by kind, value, name */
    size_t symbol_count;
    const px_line *lines; /* one an instruction, by address */
    size_t line_count;
    void *memory;
} px_assembly;

/* Assembles size bytes of text; name is for messages and for finding included files. Returns assembly->ok; free the
 * result in either case. options may be NULL. */
bool px_assemble(px_assembly *assembly, const char *name, const char *text, size_t size, const px_asm_options *options);

/* The same from a file, with px_asm_read_file if options has no reader. A file that cannot be read is a diagnostic. */
bool px_assemble_file(px_assembly *assembly, const char *path, const px_asm_options *options);
bool px_asm_read_file(void *context, const char *path, uint8_t **data, size_t *size, px_error *error);

void px_assembly_free(px_assembly *assembly);

/* "file:1:2: error: text", the line, and a caret below. */
void px_diagnostic_print(FILE *to, const px_diagnostic *diagnostic, bool colour);

/* All of them, then a line with their number if there are several. */
void px_assembly_print(FILE *to, const px_assembly *assembly, bool colour);

/* A symbol file: a line "value kind name" each; and where source lines begin, "address line number pixels file". Each
 * reader passes over what is the other's. Reading gives an array to free with px_symbols_free. */
bool px_symbols_write(FILE *to, const px_symbol *symbols, size_t count);
bool px_symbols_read(px_symbol **symbols, size_t *count, const char *text, size_t size, const char *name,
                     px_error *error);
void px_symbols_free(px_symbol *symbols, size_t count);
bool px_lines_write(FILE *to, const px_line *lines, size_t count);
bool px_lines_read(px_line **lines, size_t *count, const char *text, size_t size, const char *name, px_error *error);
void px_lines_free(px_line *lines, size_t count);

#endif

/* asm.c - the assembler's way in and out. */
#include "pxi/asm/asm.h"

#include <stdlib.h>
#include <string.h>

#include "pxi/asm/asm_internal.h"
#include "pxi/text_file.h"

static asm_file *new_file(assembler *as, const char *name, const char *text, size_t size)
{
    asm_file *file = asm_allocate(as, sizeof *file);
    char *copy = asm_allocate(as, size + 1);
    px_error error;
    if (size > 0)
        memcpy(copy, text, size);
    if (!px_text_clean(copy, &size, name, &error)) {
        asm_error(as, (asm_place){.file = as->main_file}, "%s", error.text);
        size = 0;
    }
    *file = (asm_file){
        .name = asm_format(as, "%s", name), .text = copy, .end = copy + size, .first_line = 1, .number = as->files++};
    return file;
}

/* Whether a text is one line with one word before its '='. */
static bool is_define(const char *text)
{
    static const char blanks[] = " \t";
    const char *word = text + strspn(text, blanks), *end = word + strcspn(word, " \t=:;\r\n\"");
    return end > word && end[strspn(end, blanks)] == '=' && strpbrk(text, "\r\n") == NULL;
}

/* -D name=value: a line each, in a file of its own, which may hold nothing but a constant. */
static void read_defines(assembler *as)
{
    for (size_t i = 0; i < as->options.define_count; i++) {
        const char *define = as->options.defines[i];
        const asm_file *file = new_file(as, "-D", define, strlen(define));
        const size_t errors = as->out->errors, statements = as->statement_count;
        if (is_define(define))
            asm_parse_file(as, file);
        const asm_statement *last = as->statement_count > 0 ? as->statements[as->statement_count - 1] : NULL;
        if (as->out->errors > errors)
            continue;
        if (as->statement_count != statements + 1 || last->kind != ASM_CONSTANT)
            asm_error(as, (asm_place){.file = file}, "'%s', expected name=value", define);
        else
            last->symbol->from_command_line = true;
    }
}

static bool assemble(assembler *as, const char *name, const char *text, size_t size)
{
    as->main_file = new_file(as, name, "", 0);
    if (size > ASM_MAX_SOURCE)
        return asm_error(as, (asm_place){.file = as->main_file}, "the file is larger than %d MiB",
                         ASM_MAX_SOURCE >> 20);
    as->source_bytes += size;
    read_defines(as);
    as->main_file = new_file(as, name, text, size);
    if (as->out->errors > 0)
        return false;
    asm_parse_file(as, as->main_file);
    asm_report_undefined(as);
    if (as->out->errors > 0 || !asm_layout(as) || !asm_emit(as)) {
        asm_check(as);
        return false;
    }
    asm_collect_symbols(as);
    asm_collect_lines(as);
    return as->out->errors == 0 && !(as->options.werror && as->out->warnings > 0);
}

static const px_diagnostic no_memory = {
    .severity = PX_ERROR, .file = "px asm", .text = "no memory to assemble", .source = "", .span = 1};

/* What is limited for all programs of one picture together. */
static void share_limits(assembler *to, const assembler *from)
{
    to->files = from->files;
    to->source_bytes = from->source_bytes;
    to->expanded_lines = from->expanded_lines;
    to->expanded_bytes = from->expanded_bytes;
}

bool asm_assemble(px_assembly *assembly, const char *name, const char *text, size_t size, const px_asm_options *options,
                  assembler *whole)
{
    *assembly = (px_assembly){.profile = PX_V1};
    assembler *as = calloc(1, sizeof *as);
    assembly->memory = as;
    if (as == NULL || setjmp(as->no_memory) != 0) {
        assembly->diagnostics = &no_memory;
        assembly->diagnostic_count = assembly->errors = 1;
        px_picture_free(&assembly->picture);
        return false;
    }
    as->out = assembly;
    as->whole = whole;
    as->last_symbol = &as->first_symbol;
    if (options != NULL)
        as->options = *options;
    if (as->options.max_pixels == 0 || as->options.max_pixels > PX_MAX_PIXELS)
        as->options.max_pixels = PX_MAX_PIXELS;
    if (as->options.max_lines == 0 || as->options.max_lines > ASM_MAX_EXPANDED_LINES)
        as->options.max_lines = ASM_MAX_EXPANDED_LINES;
    if (whole != NULL) {
        share_limits(as, whole);
        as->source_bytes -= size; /* which assemble() adds */
    }
    assembly->ok = assemble(as, name, text, size);
    asm_sort_diagnostics(as);
    if (!assembly->ok)
        px_picture_free(&assembly->picture);
    if (whole != NULL)
        share_limits(whole, as);
    return assembly->ok;
}

bool px_assemble(px_assembly *assembly, const char *name, const char *text, size_t size, const px_asm_options *options)
{
    return asm_assemble(assembly, name, text, size, options, NULL);
}

bool px_assemble_file(px_assembly *assembly, const char *path, const px_asm_options *options)
{
    px_asm_options own = options != NULL ? *options : (px_asm_options){0};
    if (own.read == NULL)
        own.read = px_asm_read_file;
    uint8_t *data;
    size_t size;
    px_error error;
    if (!own.read(own.context, path, &data, &size, &error)) {
        *assembly = (px_assembly){0};
        assembler *as = calloc(1, sizeof *as);
        assembly->memory = as;
        assembly->errors = assembly->diagnostic_count = 1;
        assembly->diagnostics = &no_memory;
        if (as != NULL && setjmp(as->no_memory) == 0) {
            px_diagnostic *d = asm_allocate(as, sizeof *d);
            *d = (px_diagnostic){PX_ERROR, "px asm", 0, 0, 1, asm_format(as, "%s", error.text), "", 0};
            assembly->diagnostics = d;
        }
        return false;
    }
    const bool good = px_assemble(assembly, path, (const char *)data, size, &own);
    free(data);
    return good;
}

void px_assembly_free(px_assembly *assembly)
{
    assembler *as = assembly->memory;
    if (as != NULL)
        asm_free_all(as);
    free(as);
    px_picture_free(&assembly->picture);
    *assembly = (px_assembly){0};
}

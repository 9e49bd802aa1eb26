/* asm_include.c - other files: .include for text, .incimage for pixels, and for programs as the pixels they become. */
#include <stdlib.h>
#include <string.h>

#include "pxi/asm/asm_internal.h"
#include "pxi/input_file.h"
#include "pxi/png/import.h"
#include "pxi/png/png_file.h"
#include "pxi/text_file.h"

bool px_asm_read_file(void *context, const char *path, uint8_t **data, size_t *size, px_error *error)
{
    (void)context;
    return px_file_read(data, size, path, error);
}

/* Relative to the directory of the including file. */
static const char *resolve(assembler *as, const asm_file *from, const asm_token *path)
{
    const char *slash = strrchr(from->name, '/');
    const int directory = path->string[0] == '/' || slash == NULL ? 0 : (int)(slash + 1 - from->name);
    return asm_format(as, "%.*s%.*s", directory, from->name, (int)path->string_length, path->string);
}

/* The file name after a directive. */
static bool parse_path(assembler *as, asm_token *path)
{
    *path = as->token;
    if (path->kind == ASM_T_BAD)
        return false;
    if (path->kind != ASM_T_STRING)
        return asm_form_error(as, path->place, "", "%s, expected a file name in quotes", asm_found(as));
    if (path->string_length == 0 || path->string_length > 1000 ||
        memchr(path->string, '\0', path->string_length) != NULL)
        return asm_error(as, path->place, "this cannot be the name of a file");
    asm_next(as);
    return true;
}

/* Reads it; the bytes are the caller's to free. */
static bool load(assembler *as, const asm_token *path, const char **name, uint8_t **data, size_t *size)
{
    px_error error = {0};
    const bool built_in = asm_is_builtin(path->string, path->string_length);
    if (as->options.read == NULL && !built_in)
        return asm_error(as, path->place, "files cannot be included here: the text was not read from a file");
    if (++as->files > ASM_MAX_FILES)
        return asm_error(as, path->place, "more than %d files included", ASM_MAX_FILES);
    *name = resolve(as, path->place.file, path);
    if (as->options.read == NULL || !as->options.read(as->options.context, *name, data, size, &error)) {
        if (!built_in)
            return asm_error(as, path->place, "%s", error.text);
        *name = asm_format(as, "%.*s", (int)path->string_length, path->string);
        if (!asm_builtin(data, size))
            return asm_error(as, path->place, "no memory for a file");
    }
    if (*size > ASM_MAX_SOURCE - as->source_bytes) {
        free(*data);
        return asm_error(as, path->place, "the files are more than %d MiB together", ASM_MAX_SOURCE >> 20);
    }
    as->source_bytes += *size;
    return true;
}

/* Which files led to this one. */
static void note_includes(assembler *as, const asm_file *file)
{
    for (; file != NULL && file->parent != NULL; file = file->parent)
        asm_note(as, file->included, "'%s' is included here", file->name);
}

static bool includes_itself(assembler *as, const asm_file *parent, const char *name, asm_place place)
{
    for (const asm_file *file = parent; file != NULL; file = file->parent) {
        if (file->expansion != NULL || strcmp(file->name, name) != 0)
            continue;
        asm_error(as, place, "'%s' includes itself", name);
        note_includes(as, parent);
        return true;
    }
    return false;
}

/* The file's text, cleaned, as a file to read. */
static const asm_file *open_included(assembler *as, const asm_file *parent, const asm_token *path)
{
    const char *name;
    uint8_t *data;
    size_t size;
    px_error error;
    if (!load(as, path, &name, &data, &size))
        return NULL;
    char *text = asm_allocate(as, size + 1);
    memcpy(text, data, size);
    free(data);
    if (!px_text_clean(text, &size, name, &error)) {
        asm_error(as, path->place, "%s", error.text);
        return NULL;
    }
    if (includes_itself(as, parent, name, path->place))
        return NULL;
    asm_file *file = asm_allocate(as, sizeof *file);
    *file = (asm_file){.name = name,
                       .text = text,
                       .end = text + size,
                       .first_line = 1,
                       .number = as->files,
                       .parent = parent,
                       .included = path->place,
                       .depth = parent->depth + 1,
                       .expansion_depth = parent->expansion_depth};
    return file;
}

bool asm_include(assembler *as, asm_statement *statement)
{
    const asm_file *parent = statement->place.file;
    asm_token path;
    if (!parse_path(as, &path))
        return false;
    if (parent->depth >= ASM_MAX_INCLUDE_DEPTH) {
        asm_error(as, path.place, "files included more than %d deep", ASM_MAX_INCLUDE_DEPTH);
        note_includes(as, parent);
        return false;
    }
    const asm_file *file = open_included(as, parent, &path);
    if (file == NULL) {
        as->incomplete = true;
        return false;
    }
    asm_parse_file(as, file);
    return true;
}

/* ", column, row" or ", linear" */
static bool parse_corner(assembler *as, asm_statement *statement)
{
    if (!asm_take(as, ','))
        return true;
    statement->linear = as->token.kind == ASM_T_NAME && asm_same_name(&as->token.place, "linear");
    if (statement->linear) {
        asm_next(as);
        return true;
    }
    statement->x = asm_expr_parse(as);
    if (statement->x == NULL)
        return false;
    if (!asm_take(as, ','))
        return as->token.kind != ASM_T_BAD &&
               asm_form_error(as, as->token.place, "", "%s, expected ',' and the row", asm_found(as));
    statement->y = asm_expr_parse(as);
    return statement->y != NULL;
}

static bool keep_picture(assembler *as, asm_statement *statement, px_picture *picture, const asm_token *path)
{
    const size_t pixels = (size_t)picture->w * picture->h;
    if (pixels > as->options.max_pixels - as->image_pixels)
        return asm_error(as, path->place,
                         "the included pictures are together larger than any that they could be part of");
    as->image_pixels += pixels;
    px_picture *copy = asm_allocate(as, sizeof *copy);
    *copy = (px_picture){picture->w, picture->h, asm_allocate(as, pixels * sizeof *copy->px)};
    memcpy(copy->px, picture->px, pixels * sizeof *copy->px);
    statement->picture = copy;
    return true;
}

/* As px takes a program: what begins as a PNG is one, whatever its name. */
static bool is_source(const char *name, const uint8_t *data, size_t size)
{
    const size_t length = strlen(name);
    return length >= 4 && strcmp(name + length - 4, ".pxa") == 0 && !(size > 0 && data[0] == 0x89);
}

/* Whether the program is one of those that it would become a part of, perhaps by another of its names. */
static bool holds_itself(assembler *as, const char *name, asm_place place)
{
    unsigned depth = 0;
    for (const assembler *whole = as; whole != NULL; whole = whole->whole, depth++)
        if (strcmp(whole->main_file->name, name) == 0)
            return !asm_error(as, place, "the picture of '%s' would hold itself", name);
    return depth > ASM_MAX_PART_DEPTH &&
           !asm_error(as, place, "programs in programs more than %d deep", ASM_MAX_PART_DEPTH);
}

/* What was wrong or doubtful there, said where the picture was to come in. */
static void pass_on(assembler *as, const px_assembly *part, asm_place place)
{
    for (size_t i = 0; i < part->diagnostic_count; i++) {
        const px_diagnostic *d = &part->diagnostics[i];
        if (d->severity == PX_ERROR)
            asm_error(as, place, "%s:%u:%u: %s", d->file, (unsigned)d->line, (unsigned)d->column, d->text);
        else if (d->severity == PX_WARNING)
            asm_warning(as, place, "%s:%u:%u: %s", d->file, (unsigned)d->line, (unsigned)d->column, d->text);
    }
}

/* A program of its own: none of its names are known outside, nor -D within. */
static bool assemble_part(assembler *as, px_picture *picture, const char *name, const uint8_t *data, size_t size,
                          asm_place place)
{
    px_assembly part;
    px_asm_options options = as->options;
    options.define_count = 0;
    options.werror = false; /* its warnings are the whole's */
    if (holds_itself(as, name, place))
        return false;
    const bool ok = asm_assemble(&part, name, (const char *)data, size, &options, as);
    pass_on(as, &part, place);
    *picture = part.picture;
    part.picture = (px_picture){0};
    px_assembly_free(&part);
    return ok;
}

/* Any kind of PNG will do, if it is one exactly. */
static bool read_picture(assembler *as, px_picture *picture, const char *name, const uint8_t *data, size_t size,
                         asm_place place)
{
    px_error error = {0};
    if (is_source(name, data, size))
        return assemble_part(as, picture, name, data, size, place);
    return px_import_memory(picture, data, size, name, &error) || asm_error(as, place, "%s", error.text);
}

bool asm_incimage(assembler *as, asm_statement *statement)
{
    asm_token path;
    const char *name;
    uint8_t *data;
    size_t size;
    if (!parse_path(as, &path) || !parse_corner(as, statement) || !load(as, &path, &name, &data, &size))
        return false;
    px_picture picture = {0};
    const bool read = read_picture(as, &picture, name, data, size, path.place);
    free(data);
    if (!read)
        return false;
    const bool kept = keep_picture(as, statement, &picture, &path);
    px_picture_free(&picture);
    return kept;
}

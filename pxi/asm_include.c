/* asm_include.c - other files: .include for text, .incimage for pixels. */
#include <stdlib.h>
#include <string.h>

#include "pxi/asm_internal.h"
#include "pxi/png_file.h"
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
static bool parse_path(assembler *as, const asm_statement *statement, asm_token *path)
{
    *path = as->token;
    if (path->kind == ASM_T_BAD)
        return false;
    if (path->kind != ASM_T_STRING)
        return asm_error(as, path->place, "%s, expected a file name in quotes; the form is '%s %s'", asm_found(as),
                         statement->directive->name, statement->directive->usage);
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
    if (as->options.read == NULL)
        return asm_error(as, path->place, "files cannot be included here: the text was not read from a file");
    if (++as->files > ASM_MAX_FILES)
        return asm_error(as, path->place, "more than %d files included", ASM_MAX_FILES);
    *name = resolve(as, path->place.file, path);
    if (!as->options.read(as->options.context, *name, data, size, &error))
        return asm_error(as, path->place, "%s", error.text);
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

bool asm_include(assembler *as, asm_statement *statement)
{
    const asm_file *parent = statement->place.file;
    asm_token path;
    const char *name;
    uint8_t *data;
    size_t size;
    if (!parse_path(as, statement, &path))
        return false;
    const asm_place place = path.place;
    if (parent->depth >= ASM_MAX_INCLUDE_DEPTH) {
        asm_error(as, place, "files included more than %d deep", ASM_MAX_INCLUDE_DEPTH);
        note_includes(as, parent);
        return false;
    }
    if (!load(as, &path, &name, &data, &size))
        return false;
    char *text = asm_allocate(as, size + 1);
    px_error error;
    memcpy(text, data, size);
    free(data);
    if (!px_text_clean(text, &size, name, &error))
        return asm_error(as, place, "%s", error.text);
    for (const asm_file *file = parent; file != NULL; file = file->parent) {
        if (strcmp(file->name, name) != 0)
            continue;
        asm_error(as, place, "'%s' includes itself", name);
        note_includes(as, parent);
        return false;
    }

    asm_file *file = asm_allocate(as, sizeof *file);
    *file = (asm_file){name, text, text + size, parent, place, parent->depth + 1, as->files};
    const asm_lexer lexer = as->lexer;
    const asm_token token = as->token;
    asm_parse_file(as, file);
    as->lexer = lexer;
    as->token = token;
    return true;
}

bool asm_incimage(assembler *as, asm_statement *statement)
{
    asm_token path;
    const char *name;
    uint8_t *data;
    size_t size;
    if (!parse_path(as, statement, &path) || !load(as, &path, &name, &data, &size))
        return false;
    px_picture picture = {0};
    px_error error = {0};
    const bool good = px_picture_read_memory(&picture, data, size, name, &error);
    free(data);
    if (!good)
        return asm_error(as, path.place, "%s", error.text);
    const size_t pixels = (size_t)picture.w * picture.h;
    if (pixels > as->options.max_pixels) {
        px_picture_free(&picture);
        return asm_error(as, path.place, "%s is larger than any picture it could be part of", name);
    }
    px_picture *copy = asm_allocate(as, sizeof *copy);
    *copy = (px_picture){picture.w, picture.h, asm_allocate(as, pixels * sizeof *copy->px)};
    memcpy(copy->px, picture.px, pixels * sizeof *copy->px);
    px_picture_free(&picture);
    statement->picture = copy;
    return true;
}

/* names.c - see names.h. */
#include "host/names.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "pxi/text_file.h"

bool px_names_read(px_names *names, const char *path, px_error *error)
{
    char *text;
    size_t size;
    *names = (px_names){0};
    if (!px_text_read(&text, &size, path, error))
        return false;
    const bool good = px_symbols_read(&names->at, &names->count, text, size, path, error) &&
                      px_lines_read(&names->lines, &names->line_count, text, size, path, error);
    free(text);
    if (!good)
        px_names_free(names);
    return good;
}

static bool take_lines(px_names *names, const px_assembly *assembly)
{
    names->lines = calloc(assembly->line_count + 1, sizeof *names->lines);
    for (size_t i = 0; names->lines != NULL && i < assembly->line_count; i++) {
        px_line *line = &names->lines[i];
        *line = assembly->lines[i];
        line->file = strdup(line->file);
        if (line->file == NULL)
            return false;
        names->line_count++;
    }
    return names->lines != NULL;
}

bool px_names_take(px_names *names, const px_assembly *assembly, px_error *error)
{
    *names = (px_names){.at = calloc(assembly->symbol_count + 1, sizeof *names->at)};
    for (size_t i = 0; names->at != NULL && i < assembly->symbol_count; i++) {
        px_symbol *symbol = &names->at[names->count];
        *symbol = assembly->symbols[i];
        symbol->name = strdup(symbol->name);
        if (symbol->name == NULL)
            break;
        names->count++;
    }
    if (names->at != NULL && names->count == assembly->symbol_count && take_lines(names, assembly))
        return true;
    px_names_free(names);
    return px_fail(error, PX_E_SYSTEM, "no memory for the names of a program");
}

void px_names_free(px_names *names)
{
    px_symbols_free(names->at, names->count);
    px_lines_free(names->lines, names->line_count);
    *names = (px_names){0};
}

const px_line *px_line_of(const px_names *names, uint32_t address)
{
    for (size_t i = names->line_count; i-- > 0;)
        if (names->lines[i].address <= address)
            return address - names->lines[i].address < names->lines[i].pixels ? &names->lines[i] : NULL;
    return NULL;
}

/* The last label of code at or before an address. */
static const px_symbol *near(const px_names *names, uint32_t address)
{
    const px_symbol *best = NULL;
    for (size_t i = 0; i < names->count; i++) {
        const px_symbol *s = &names->at[i];
        if (s->kind == PX_SYMBOL_CODE && s->value <= (int64_t)address && (best == NULL || s->value > best->value))
            best = s;
    }
    return best;
}

const char *px_name_at(const px_names *names, uint32_t address)
{
    const px_symbol *symbol = near(names, address);
    return symbol != NULL && symbol->value == (int64_t)address ? symbol->name : NULL;
}

const char *px_name_near(const px_names *names, uint32_t address, char *text, size_t size)
{
    const px_symbol *symbol = near(names, address);
    if (symbol == NULL)
        snprintf(text, size, "%s", "");
    else if (symbol->value == (int64_t)address)
        snprintf(text, size, "%s", symbol->name);
    else
        snprintf(text, size, "%s + %" PRId64, symbol->name, (int64_t)address - symbol->value);
    return text;
}

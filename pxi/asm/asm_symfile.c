/* asm_symfile.c - symbols as a text file, a line "value kind name" each, for the disassembler and for traces. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "pxi/asm/asm.h"
#include "pxi/text_file.h"

static const char *const kinds[] = {[PX_SYMBOL_CODE] = "code",
                                    [PX_SYMBOL_DATA] = "data",
                                    [PX_SYMBOL_CONSTANT] = "constant",
                                    [PX_SYMBOL_REGISTER] = "register"};

enum { KINDS = sizeof kinds / sizeof *kinds };

bool px_symbols_write(FILE *to, const px_symbol *symbols, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (fprintf(to, "%" PRId64 " %s %s\n", symbols[i].value, kinds[symbols[i].kind], symbols[i].name) < 0)
            return false;
    return true;
}

/* One line of a writable text into *symbol; its name is allocated. */
static bool read_line(char *line, px_symbol *symbol, const char **wrong)
{
    char *end, *rest, *kind;
    errno = 0;
    symbol->value = strtoll(line, &end, 10);
    *wrong = "it does not begin with a number";
    if (end == line || errno != 0 || *end != ' ')
        return false;
    kind = strtok_r(end, " ", &rest);
    char *name = strtok_r(NULL, " ", &rest);
    *wrong = "expected 'value kind name'";
    if (kind == NULL || name == NULL || strtok_r(NULL, " ", &rest) != NULL)
        return false;
    *wrong = "the kind is none of code, data, constant, register";
    int k = 0;
    while (k < KINDS && strcmp(kinds[k], kind) != 0)
        k++;
    if (k == KINDS)
        return false;
    symbol->kind = (px_symbol_kind)k;
    *wrong = "no memory";
    symbol->name = strdup(name);
    return symbol->name != NULL;
}

/* Not a symbol: where a source line begins. */
static bool is_source_line(const char *line)
{
    const size_t digits = strspn(line, "0123456789");
    return digits > 0 && strncmp(line + digits, " line ", 6) == 0;
}

static bool read_lines(px_symbol *symbols, size_t *count, char *text, const char *name, px_error *error)
{
    char *rest;
    size_t number = 0;
    for (char *line = text; line != NULL; line = rest) {
        rest = strchr(line, '\n');
        if (rest != NULL)
            *rest++ = '\0';
        number++;
        const char *wrong;
        if (*line == '\0' || is_source_line(line))
            continue;
        if (!read_line(line, &symbols[*count], &wrong))
            return px_fail(error, PX_E_INPUT, "%s:%zu: not a line of a symbol file: %s", name, number, wrong);
        ++*count;
    }
    return true;
}

bool px_symbols_read(px_symbol **symbols, size_t *count, const char *text, size_t size, const char *name,
                     px_error *error)
{
    size_t lines = 1;
    for (size_t i = 0; i < size; i++)
        lines += text[i] == '\n' || text[i] == '\r';
    *count = 0;
    *symbols = calloc(lines, sizeof **symbols);
    char *copy = malloc(size + 1);
    bool good = *symbols != NULL && copy != NULL;
    if (!good)
        px_fail(error, PX_E_SYSTEM, "%s: no memory to read it", name);
    if (good) {
        if (size > 0)
            memcpy(copy, text, size);
        good = px_text_clean(copy, &size, name, error);
        copy[size] = '\0';
        good = good && read_lines(*symbols, count, copy, name, error);
    }
    free(copy);
    if (!good) {
        px_symbols_free(*symbols, *count);
        *symbols = NULL;
        *count = 0;
    }
    return good;
}

void px_symbols_free(px_symbol *symbols, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free((char *)symbols[i].name);
    free(symbols);
}

/* ---- where source lines begin ---- */

bool px_lines_write(FILE *to, const px_line *lines, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (fprintf(to, "%" PRIu32 " line %" PRIu32 " %" PRIu32 " %s\n", lines[i].address, lines[i].line,
                    lines[i].pixels, lines[i].file) < 0)
            return false;
    return true;
}

static bool read_source_line(const char *text, const char *end, px_line *line)
{
    char *rest;
    const unsigned long address = strtoul(text, &rest, 10), number = strtoul(rest + strlen(" line "), &rest, 10);
    const unsigned long pixels = *rest == ' ' ? strtoul(rest, &rest, 10) : 0;
    if (address > UINT32_MAX || number > UINT32_MAX || pixels > UINT32_MAX || *rest != ' ')
        return false;
    *line =
        (px_line){(uint32_t)address, (uint32_t)number, (uint32_t)pixels, strndup(rest + 1, (size_t)(end - rest - 1))};
    return line->file != NULL;
}

bool px_lines_read(px_line **lines, size_t *count, const char *text, size_t size, const char *name, px_error *error)
{
    size_t most = 0, number = 0;
    for (size_t i = 0; i < size; i++)
        most += text[i] == '\n';
    *count = 0;
    *lines = calloc(most + 1, sizeof **lines);
    if (*lines == NULL)
        return px_fail(error, PX_E_SYSTEM, "%s: no memory to read it", name);
    for (const char *at = text, *end; at < text + size; at = end + 1) {
        end = memchr(at, '\n', (size_t)(text + size - at));
        number++;
        if (end == NULL)
            break;
        if (!is_source_line(at))
            continue;
        if (read_source_line(at, end, &(*lines)[*count])) {
            ++*count;
            continue;
        }
        px_lines_free(*lines, *count);
        *lines = NULL;
        *count = 0;
        return px_fail(error, PX_E_INPUT, "%s:%zu: expected 'address line number pixels file'", name, number);
    }
    return true;
}

void px_lines_free(px_line *lines, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free((char *)lines[i].file);
    free(lines);
}

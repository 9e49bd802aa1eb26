/* asm_diag.c - what went wrong and where: collected, put in the order of the text, printed with the line and a caret.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "pxi/asm_internal.h"

static const char *line_start(asm_place place)
{
    const char *start = place.at;
    while (start > place.file->text && start[-1] != '\n')
        start--;
    return start;
}

static uint32_t characters(const char *from, const char *to)
{
    uint32_t count = 0;
    for (; from < to; from++)
        count += ((unsigned char)*from & 0xC0) != 0x80; /* all but UTF-8's continuation bytes */
    return count;
}

/* The line without its end; a byte that could disturb a terminal becomes '?', a very long line is cut. */
static const char *source_line(assembler *as, asm_place place)
{
    const char *start = line_start(place), *end = start;
    while (end < place.file->end && *end != '\n' && end - start < 1000)
        end++;
    if (end > start && end[-1] == '\r')
        end--;
    char *line = asm_allocate(as, (size_t)(end - start) + 1);
    for (const char *at = start; at < end; at++)
        line[at - start] = ((unsigned char)*at < ' ' && *at != '\t') || *at == 127 ? '?' : *at;
    return line;
}

/* Diagnostics sort by file, as first read, then by place; notes keep behind theirs by the running number. */
static uint64_t key_of(asm_place place)
{
    const size_t offset = place.at != NULL ? (size_t)(place.at - place.file->text) : 0;
    return (uint64_t)place.file->order << 32 | (offset & UINT32_MAX);
}

static void add(assembler *as, px_severity severity, asm_place place, const char *format, va_list arguments)
{
    char text[1024];
    vsnprintf(text, sizeof text, format, arguments);
    as->diagnostics =
        asm_grow(as, as->diagnostics, as->diagnostic_count, &as->diagnostic_room, sizeof *as->diagnostics);
    asm_diagnostic *d = &as->diagnostics[as->diagnostic_count];
    d->shown.severity = severity;
    d->shown.file = place.file->name;
    d->shown.text = asm_format(as, "%s", text);
    d->shown.source = "";
    d->shown.span = 1;
    if (place.at != NULL) {
        d->shown.line = place.line;
        d->shown.column = characters(line_start(place), place.at) + 1;
        const uint32_t span = characters(place.at, place.at + place.length);
        d->shown.span = span > 0 ? span : 1;
        d->shown.source = source_line(as, place);
    }
    d->number = as->diagnostic_count;
    d->key = severity == PX_NOTE && as->diagnostic_count > 0 ? d[-1].key : key_of(place);
    as->diagnostic_count++;
}

bool asm_error(assembler *as, asm_place place, const char *format, ...)
{
    if (as->quiet)
        return false;
    if (!asm_too_many(as)) {
        va_list arguments;
        va_start(arguments, format);
        add(as, PX_ERROR, place, format, arguments);
        va_end(arguments);
    }
    as->out->errors++;
    return false;
}

bool asm_warning(assembler *as, asm_place place, const char *format, ...)
{
    if (as->out->warnings < PX_ASM_MAX_ERRORS) {
        va_list arguments;
        va_start(arguments, format);
        add(as, PX_WARNING, place, format, arguments);
        va_end(arguments);
    }
    as->out->warnings++;
    return false;
}

void asm_note(assembler *as, asm_place place, const char *format, ...)
{
    if (as->out->errors > PX_ASM_MAX_ERRORS || as->out->warnings > PX_ASM_MAX_ERRORS)
        return;
    va_list arguments;
    va_start(arguments, format);
    add(as, PX_NOTE, place, format, arguments);
    va_end(arguments);
}

bool asm_too_many(const assembler *as) { return as->out->errors >= PX_ASM_MAX_ERRORS; }

static int compare(const void *x, const void *y)
{
    const asm_diagnostic *a = x, *b = y;
    if (a->key != b->key)
        return a->key < b->key ? -1 : 1;
    return a->number < b->number ? -1 : a->number > b->number;
}

void asm_sort_diagnostics(assembler *as)
{
    if (as->diagnostic_count == 0)
        return;
    qsort(as->diagnostics, as->diagnostic_count, sizeof *as->diagnostics, compare);
    px_diagnostic *shown = asm_allocate(as, as->diagnostic_count * sizeof *shown);
    for (size_t i = 0; i < as->diagnostic_count; i++)
        shown[i] = as->diagnostics[i].shown;
    as->out->diagnostics = shown;
    as->out->diagnostic_count = as->diagnostic_count;
}

/* ---- guesses ---- */

const char *asm_guess_text(assembler *as, const px_guess *guess)
{
    return guess->best == NULL ? "" : asm_format(as, "; did you mean '%s'?", guess->best);
}

/* ---- printing ---- */

static void print_marks(FILE *to, const px_diagnostic *d, const char *on, const char *off)
{
    uint32_t column = 1;
    const char *at = d->source;
    for (; *at != '\0' && column < d->column; at++) {
        if (((unsigned char)at[0] & 0xC0) == 0x80)
            continue;
        fputc(*at == '\t' ? '\t' : ' ', to); /* a tab is as wide below as above */
        column++;
    }
    uint32_t left = 0;
    for (; *at != '\0'; at++)
        left += ((unsigned char)*at & 0xC0) != 0x80;
    fprintf(to, "%s^", on);
    for (uint32_t i = 1; i < d->span && i < left; i++)
        fputc('~', to);
    fprintf(to, "%s\n", off);
}

void px_assembly_print(FILE *to, const px_assembly *x, bool colour)
{
    for (size_t i = 0; i < x->diagnostic_count; i++)
        px_diagnostic_print(to, &x->diagnostics[i], colour);
    if (x->errors >= PX_ASM_MAX_ERRORS)
        fprintf(to, "%zu errors, and there may be more\n", x->errors);
    else if (x->errors > 1 || (x->errors == 0 && !x->ok))
        fprintf(to, "%zu error%s, %zu warning%s\n", x->errors, x->errors == 1 ? "" : "s", x->warnings,
                x->warnings == 1 ? "" : "s");
}

void px_diagnostic_print(FILE *to, const px_diagnostic *d, bool colour)
{
    static const char *const names[] = {[PX_NOTE] = "note", [PX_WARNING] = "warning", [PX_ERROR] = "error"};
    static const char *const colours[] = {
        [PX_NOTE] = "\033[1;36m", [PX_WARNING] = "\033[1;35m", [PX_ERROR] = "\033[1;31m"};
    const char *on = colour ? colours[d->severity] : "", *off = colour ? "\033[0m" : "";
    if (d->line == 0)
        fprintf(to, "%s: %s%s:%s %s\n", d->file, on, names[d->severity], off, d->text);
    else
        fprintf(to, "%s:%" PRIu32 ":%" PRIu32 ": %s%s:%s %s\n", d->file, d->line, d->column, on, names[d->severity],
                off, d->text);
    if (d->line == 0)
        return;
    fprintf(to, "%s\n", d->source);
    print_marks(to, d, on, off);
}

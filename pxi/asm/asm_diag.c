/* asm_diag.c - what went wrong and where: collected, put in the order of the text, printed with the line and a caret.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "pxi/asm/asm_internal.h"

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

/* The line without its end; a byte that could disturb a terminal becomes '?', and of a very long line, what is around
 * the place remains. */
static const char *source_line(assembler *as, asm_place place, uint32_t *hidden)
{
    enum { MOST = 1000, BEFORE = 400 };
    const char *start = line_start(place);
    *hidden = 0;
    if (place.at - start > MOST) {
        const char *const line = start;
        for (start = place.at - BEFORE; ((unsigned char)*start & 0xC0) == 0x80 && start < place.at;)
            start++;
        *hidden = characters(line, start);
    }
    const char *end = start;
    while (end < place.file->end && *end != '\n' && end - start < MOST)
        end++;
    char *line = asm_allocate(as, (size_t)(end - start) + 1);
    for (const char *at = start; at < end; at++)
        line[at - start] = ((unsigned char)*at < ' ' && *at != '\t') || *at == 127 ? '?' : *at;
    return line;
}

/* Whether the last error or warning was told before, by an earlier pass. */
static bool told(const assembler *as, px_severity severity, asm_place place, const char *text)
{
    for (size_t i = 0; i < as->diagnostic_count; i++) {
        const asm_diagnostic *d = &as->diagnostics[i];
        if (d->shown.severity == severity && d->place.file == place.file && d->place.at == place.at &&
            strcmp(d->shown.text, text) == 0)
            return true;
    }
    return false;
}

static void keep(assembler *as, px_severity severity, asm_place place, const char *text)
{
    as->diagnostics =
        asm_grow(as, as->diagnostics, as->diagnostic_count, &as->diagnostic_room, sizeof *as->diagnostics);
    asm_diagnostic *d = &as->diagnostics[as->diagnostic_count];
    d->shown = (px_diagnostic){
        .severity = severity, .file = place.file->name, .text = asm_format(as, "%s", text), .source = "", .span = 1};
    if (place.at != NULL) {
        d->shown.line = place.line;
        d->shown.column = characters(line_start(place), place.at) + 1;
        const uint32_t span = characters(place.at, place.at + place.length);
        d->shown.span = span > 0 ? span : 1;
        d->shown.source = source_line(as, place, &d->shown.hidden);
    }
    d->number = as->diagnostic_count;
    d->place = severity == PX_NOTE && as->diagnostic_count > 0 ? d[-1].place : place;
    as->diagnostic_count++;
}

/* For what is in an expansion: who asked for it, from the inside out; of a deep chain the first and the last. */
static void note_expansions(assembler *as, const asm_file *file)
{
    enum { TOLD = 4 };
    unsigned depth = 0, between = 0;
    for (; file != NULL && file->expansion_depth > 0; file = file->parent) {
        if (file->expansion == NULL)
            continue; /* a file that an expansion includes */
        const bool last = file->parent->expansion_depth == 0;
        if (depth++ < TOLD || last)
            asm_note(as, file->included, "%s is expanded here%s", file->expansion,
                     between > 0 ? asm_format(as, ", after %u more", between) : "");
        else
            between++;
    }
}

static void add(assembler *as, px_severity severity, asm_place place, size_t *count, const char *text)
{
    as->muted = *count >= ASM_MAX_COLLECTED || told(as, severity, place, text);
    if (as->muted)
        return;
    ++*count;
    keep(as, severity, place, text);
    note_expansions(as, place.file);
}

bool asm_error(assembler *as, asm_place place, const char *format, ...)
{
    char text[1024];
    as->muted = as->quiet;
    if (as->quiet)
        return false;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    add(as, PX_ERROR, place, &as->out->errors, text);
    return false;
}

bool asm_form_error(assembler *as, asm_place place, const char *hint, const char *format, ...)
{
    char text[800];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    const char *form = as->quiet ? NULL : asm_form(as);
    if (form == NULL)
        return asm_error(as, place, "%s%s", text, hint);
    return asm_error(as, place, "%s; the form is '%s'%s", text, form, hint);
}

bool asm_warning(assembler *as, asm_place place, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    add(as, PX_WARNING, place, &as->out->warnings, text);
    return false;
}

void asm_note(assembler *as, asm_place place, const char *format, ...)
{
    char text[1024];
    if (as->muted)
        return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    keep(as, PX_NOTE, place, text);
}

bool asm_too_many(const assembler *as) { return as->out->errors >= ASM_MAX_COLLECTED; }

/* ---- the order of the text ---- */

static unsigned depth_of(const asm_file *file)
{
    unsigned depth = 0;
    for (; file->parent != NULL; file = file->parent)
        depth++;
    return depth;
}

/* What is in an included file or an expansion comes where that is asked for. */
static int compare_places(asm_place a, asm_place b)
{
    unsigned x = depth_of(a.file), y = depth_of(b.file);
    const int deeper = x == y ? 0 : x < y ? -1 : 1;
    for (; x > y; x--)
        a = a.file->included;
    for (; y > x; y--)
        b = b.file->included;
    if (a.file == b.file && a.at == b.at)
        return deeper;
    while (a.file != b.file && a.file->parent != NULL && b.file->parent != NULL) {
        const asm_file *first = a.file;
        a = a.file->included;
        if (b.file->included.file == a.file && b.file->included.at == a.at)
            return first->number < b.file->number ? -1 : 1; /* two repeats of one .rept */
        b = b.file->included;
    }
    if (a.file != b.file)
        return a.file->number < b.file->number ? -1 : 1;
    return a.at == b.at ? 0 : (uintptr_t)a.at < (uintptr_t)b.at ? -1 : 1; /* NULL, the whole file, comes first */
}

static int compare(const void *x, const void *y)
{
    const asm_diagnostic *a = x, *b = y;
    const int order = compare_places(a->place, b->place);
    if (order != 0)
        return order;
    return a->number < b->number ? -1 : a->number > b->number;
}

/* Keeps the first of the errors and of the warnings, with their notes. */
void asm_sort_diagnostics(assembler *as)
{
    if (as->diagnostic_count == 0)
        return;
    qsort(as->diagnostics, as->diagnostic_count, sizeof *as->diagnostics, compare);
    px_diagnostic *shown = asm_allocate(as, as->diagnostic_count * sizeof *shown);
    size_t told_of[PX_ERROR + 1] = {0}, count = 0;
    bool kept = false;
    for (size_t i = 0; i < as->diagnostic_count; i++) {
        const px_diagnostic *d = &as->diagnostics[i].shown;
        if (d->severity != PX_NOTE)
            kept = told_of[d->severity]++ < PX_ASM_MAX_ERRORS;
        if (kept)
            shown[count++] = *d;
    }
    as->out->diagnostics = shown;
    as->out->diagnostic_count = count;
}

/* ---- guesses ---- */

const char *asm_guess_text(assembler *as, const px_guess *guess)
{
    return guess->best == NULL ? "" : asm_format(as, "; did you mean '%s'?", guess->best);
}

/* ---- printing ---- */

/* So many characters of UTF-8 further, or at the end. */
static const char *skip_characters(const char *at, uint32_t count)
{
    for (; *at != '\0' && count > 0; count--)
        for (at++; ((unsigned char)*at & 0xC0) == 0x80;)
            at++;
    return at;
}

/* The line, or of a long one the part around the place, and marks below. */
static void print_source(FILE *to, const px_diagnostic *d, const char *on, const char *off)
{
    enum { WIDEST = 200, BEFORE = 80 };
    const uint32_t column = d->column - d->hidden;
    const char *const mark = skip_characters(d->source, column - 1), *from = d->source;
    if (*skip_characters(from, WIDEST) != '\0' && column > BEFORE)
        from = skip_characters(from, column - BEFORE);
    const char *const end = skip_characters(from, WIDEST);
    const char *cut = from == d->source && d->hidden == 0 ? "" : ".. ";
    fprintf(to, "%s%.*s%s\n%*s", cut, (int)(end - from), from, *end == '\0' ? "" : " ..", (int)strlen(cut), "");
    for (const char *at = from; at < mark; at = skip_characters(at, 1))
        fputc(*at == '\t' ? '\t' : ' ', to); /* a tab is as wide below as above */
    fprintf(to, "%s^", on);
    const char *at = skip_characters(mark, 1);
    for (uint32_t i = 1; i < d->span && at < end; i++, at = skip_characters(at, 1))
        fputc('~', to);
    fprintf(to, "%s\n", off);
}

void px_assembly_print(FILE *to, const px_assembly *x, bool colour)
{
    for (size_t i = 0; i < x->diagnostic_count; i++)
        px_diagnostic_print(to, &x->diagnostics[i], colour);
    const bool capped = x->errors > PX_ASM_MAX_ERRORS || x->warnings > PX_ASM_MAX_ERRORS;
    if (x->errors > 1 || capped || (x->errors == 0 && !x->ok))
        fprintf(to, "%zu error%s, %zu warning%s%s\n", x->errors, x->errors == 1 ? "" : "s", x->warnings,
                x->warnings == 1 ? "" : "s", capped ? "; the first 20 of each are shown" : "");
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
    print_source(to, d, on, off);
}

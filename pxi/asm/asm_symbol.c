/* asm_symbol.c - names: labels, constants, register aliases. */
#include <stdlib.h>
#include <string.h>

#include "pxi/asm/asm_internal.h"

/* What a name is looked up by: ".x" with the scope before it, so that nothing need be copied to look. */
typedef struct key {
    const char *scope, *name;
    uint32_t scope_length, length;
} key;

static uint32_t hash(key k)
{
    uint32_t h = 2166136261u; /* FNV-1a */
    for (uint32_t i = 0; i < k.scope_length; i++)
        h = (h ^ (unsigned char)k.scope[i]) * 16777619u;
    for (uint32_t i = 0; i < k.length; i++)
        h = (h ^ (unsigned char)k.name[i]) * 16777619u;
    return h;
}

static bool has_key(const asm_symbol *symbol, key k)
{
    return symbol->length == k.scope_length + k.length && memcmp(symbol->name, k.scope, k.scope_length) == 0 &&
           memcmp(symbol->name + k.scope_length, k.name, k.length) == 0;
}

static asm_symbol *lookup(const assembler *as, key k)
{
    if (as->bucket_count == 0)
        return NULL;
    asm_symbol *symbol = as->buckets[hash(k) % as->bucket_count];
    while (symbol != NULL && !has_key(symbol, k))
        symbol = symbol->bucket;
    return symbol;
}

/* The part of an expansion's text around a place that an argument gave, or NULL. */
static const asm_argument *argument_at(const asm_file *file, const char *at)
{
    size_t low = 0, high = file->argument_count;
    while (low < high) {
        const size_t middle = (low + high) / 2;
        if (file->arguments[middle].at + file->arguments[middle].length <= at)
            low = middle + 1;
        else
            high = middle;
    }
    const bool inside = low < file->argument_count && file->arguments[low].at <= at;
    return inside && file->arguments[low].written.at != NULL ? &file->arguments[low] : NULL;
}

static key with_scope(const char *scope, uint32_t length, asm_place name)
{
    return (key){scope, name.at, length, name.length};
}

/* ".x" is "scope.x", where the scope is the expansion whose body defines .x, or the last global label. A name that an
 * argument gave belongs where the argument is written. */
static key key_of(const assembler *as, asm_place name)
{
    if (name.at[0] != '.')
        return with_scope("", 0, name);
    for (asm_place place = name; place.file->parent != NULL;) {
        const asm_file *file = place.file;
        const asm_argument *argument = argument_at(file, place.at);
        if (argument != NULL) {
            const ptrdiff_t offset = place.at - argument->at;
            place = argument->written;
            place.at += offset;
            continue;
        }
        if (file->scope != NULL) {
            const key own = with_scope(file->scope, (uint32_t)strlen(file->scope), name);
            if (lookup(as, own) != NULL)
                return own;
        }
        place = file->included;
    }
    return with_scope(as->scope_length == 0 ? "" : as->scope, as->scope_length, name);
}

/* Twice the buckets, once there are as many symbols. */
static void spread(assembler *as)
{
    if (as->symbol_count < as->bucket_count)
        return;
    as->bucket_count = as->bucket_count == 0 ? 1024 : 2 * as->bucket_count;
    as->buckets = asm_allocate(as, as->bucket_count * sizeof(asm_symbol *));
    for (asm_symbol *s = as->first_symbol; s != NULL; s = s->next) {
        asm_symbol **bucket = &as->buckets[hash((key){"", s->name, 0, s->length}) % as->bucket_count];
        s->bucket = *bucket;
        *bucket = s;
    }
}

static asm_symbol *get(assembler *as, key k, asm_place name)
{
    asm_symbol *symbol = lookup(as, k);
    if (symbol != NULL)
        return symbol;
    spread(as);
    symbol = asm_allocate(as, sizeof *symbol);
    char *copy = asm_allocate(as, (size_t)k.scope_length + k.length + 1);
    memcpy(copy, k.scope, k.scope_length);
    memcpy(copy + k.scope_length, k.name, k.length);
    symbol->name = copy;
    symbol->length = k.scope_length + k.length;
    symbol->place = name;
    asm_symbol **bucket = &as->buckets[hash(k) % as->bucket_count];
    symbol->bucket = *bucket;
    *bucket = symbol;
    *as->last_symbol = symbol;
    as->last_symbol = &symbol->next;
    as->symbol_count++;
    return symbol;
}

asm_symbol *asm_symbol_get(assembler *as, asm_place name) { return get(as, key_of(as, name), name); }

asm_symbol *asm_symbol_find(const assembler *as, asm_place name) { return lookup(as, key_of(as, name)); }

void asm_symbol_reserve(assembler *as, const char *scope, asm_place name)
{
    get(as, with_scope(scope, (uint32_t)strlen(scope), name), name);
}

void asm_guess_symbols(assembler *as, px_guess *guess, asm_place name, bool registers)
{
    for (const asm_symbol *s = as->first_symbol; s != NULL && as->guesses < ASM_MAX_GUESSES; s = s->next) {
        if (s->kind == ASM_S_UNDEFINED || registers != (s->kind == ASM_S_REGISTER))
            continue;
        as->guesses++;
        px_guess_try(guess, name.at, name.length, s->name);
    }
}

const char *asm_kind_name(asm_symbol_kind kind)
{
    return kind == ASM_S_LABEL ? "a label" : kind == ASM_S_CONSTANT ? "a constant" : "a register's name";
}

bool asm_define(assembler *as, asm_symbol *symbol, asm_symbol_kind kind, asm_place place)
{
    if (symbol->kind != ASM_S_UNDEFINED) {
        asm_error(as, place, "'%s' is already %s; choose another name", symbol->name, asm_kind_name(symbol->kind));
        asm_note(as, symbol->place, "'%s' is first defined here", symbol->name);
        return false;
    }
    symbol->kind = kind;
    symbol->place = place;
    return true;
}

/* ---- after parsing ---- */

void asm_report_undefined(assembler *as)
{
    for (size_t i = 0; i < as->reference_count; i++) {
        const asm_item *reference = &as->references[i];
        asm_symbol *symbol = reference->symbol;
        if (symbol->complained)
            continue;
        symbol->complained = symbol->kind == ASM_S_REGISTER || symbol->kind == ASM_S_UNDEFINED;
        if (symbol->kind == ASM_S_REGISTER) {
            asm_error(as, reference->place, "'%s' is a register, expected a number, a label or a constant",
                      symbol->name);
            continue;
        }
        if (symbol->kind != ASM_S_UNDEFINED)
            continue;
        if (as->incomplete)
            continue;
        px_guess guess = {0};
        const asm_place full = {.at = symbol->name, .length = symbol->length};
        asm_guess_symbols(as, &guess, full, false);
        asm_error(as, reference->place, "'%s' is not defined%s", symbol->name, asm_guess_text(as, &guess));
    }
}

void asm_report_unused(assembler *as, int64_t entry)
{
    for (const asm_symbol *s = as->first_symbol; s != NULL; s = s->next) {
        if (s->used || s->place.file->expansion != NULL)
            continue;
        if (s->from_command_line)
            asm_warning(as, s->place, "'%s' is set on the command line, but nothing uses it", s->name);
        else if (s->kind == ASM_S_LABEL && s->value != entry && s->place.at[s->place.at[0] == '.'] != '_')
            asm_warning(as, s->place,
                        "label '%s' is not used; begin its name with _ if it is there for people or other tools",
                        s->name);
    }
}

/* ---- the symbol table for others ---- */

static px_symbol_kind shown_kind(const asm_symbol *symbol)
{
    switch (symbol->kind) {
    case ASM_S_LABEL:
        return symbol->code ? PX_SYMBOL_CODE : PX_SYMBOL_DATA;
    case ASM_S_REGISTER:
        return PX_SYMBOL_REGISTER;
    default:
        return PX_SYMBOL_CONSTANT;
    }
}

static int group(px_symbol_kind kind) { return kind == PX_SYMBOL_CODE ? (int)PX_SYMBOL_DATA : (int)kind; }

static int compare(const void *x, const void *y)
{
    const px_symbol *a = x, *b = y;
    if (group(a->kind) != group(b->kind))
        return group(a->kind) - group(b->kind);
    if (a->value != b->value)
        return a->value < b->value ? -1 : 1;
    return strcmp(a->name, b->name);
}

void asm_collect_symbols(assembler *as)
{
    size_t count = 0;
    for (const asm_symbol *s = as->first_symbol; s != NULL; s = s->next)
        count += s->kind != ASM_S_UNDEFINED;
    if (count == 0)
        return;
    px_symbol *symbols = asm_allocate(as, count * sizeof *symbols);
    size_t i = 0;
    for (const asm_symbol *s = as->first_symbol; s != NULL; s = s->next)
        if (s->kind != ASM_S_UNDEFINED)
            symbols[i++] = (px_symbol){s->name, s->value, shown_kind(s)};
    qsort(symbols, count, sizeof *symbols, compare);
    as->out->symbols = symbols;
    as->out->symbol_count = count;
}

/* ---- where instructions were written ---- */

static bool is_code(const asm_statement *s) { return s->kind == ASM_INSTRUCTION || s->kind == ASM_SET; }

static int by_address(const void *a, const void *b)
{
    const uint32_t x = ((const px_line *)a)->address, y = ((const px_line *)b)->address;
    return (x > y) - (x < y);
}

void asm_collect_lines(assembler *as)
{
    size_t count = 0;
    for (size_t i = 0; i < as->statement_count; i++)
        count += is_code(as->statements[i]);
    if (count == 0)
        return;
    px_line *lines = asm_allocate(as, count * sizeof *lines);
    count = 0;
    for (size_t i = 0; i < as->statement_count; i++) {
        const asm_statement *s = as->statements[i];
        if (is_code(s))
            lines[count++] = (px_line){(uint32_t)s->address, s->place.line, 2, s->place.file->name};
    }
    qsort(lines, count, sizeof *lines, by_address);
    as->out->lines = lines;
    as->out->line_count = count;
}

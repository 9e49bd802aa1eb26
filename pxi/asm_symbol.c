/* asm_symbol.c - names: labels, constants, register aliases. */
#include <stdlib.h>
#include <string.h>

#include "pxi/asm_internal.h"

static uint32_t hash(const char *name, size_t length)
{
    uint32_t h = 2166136261u; /* FNV-1a */
    for (size_t i = 0; i < length; i++)
        h = (h ^ (unsigned char)name[i]) * 16777619u;
    return h;
}

/* ".x" is "global.x": local to the last global label. */
static const char *full_name(assembler *as, asm_place name, uint32_t *length)
{
    *length = name.length;
    if (name.at[0] != '.' || as->scope_length == 0)
        return name.at;
    *length += as->scope_length;
    char *full = asm_allocate(as, (size_t)*length + 1);
    memcpy(full, as->scope, as->scope_length);
    memcpy(full + as->scope_length, name.at, name.length);
    return full;
}

static asm_symbol *lookup(assembler *as, const char *name, uint32_t length)
{
    asm_symbol *symbol = as->buckets[hash(name, length) % ASM_BUCKETS];
    while (symbol != NULL && (symbol->length != length || memcmp(symbol->name, name, length) != 0))
        symbol = symbol->bucket;
    return symbol;
}

asm_symbol *asm_symbol_get(assembler *as, asm_place name)
{
    uint32_t length;
    const char *full = full_name(as, name, &length);
    asm_symbol *symbol = lookup(as, full, length);
    if (symbol != NULL)
        return symbol;
    symbol = asm_allocate(as, sizeof *symbol);
    char *copy = asm_allocate(as, (size_t)length + 1);
    memcpy(copy, full, length);
    symbol->name = copy;
    symbol->length = length;
    symbol->place = name;
    asm_symbol **bucket = &as->buckets[hash(full, length) % ASM_BUCKETS];
    symbol->bucket = *bucket;
    *bucket = symbol;
    *as->last_symbol = symbol;
    as->last_symbol = &symbol->next;
    return symbol;
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
        px_guess guess = {0};
        for (const asm_symbol *s = as->first_symbol; s != NULL && !asm_too_many(as); s = s->next)
            if (s->kind == ASM_S_LABEL || s->kind == ASM_S_CONSTANT)
                px_guess_try(&guess, symbol->name, symbol->length, s->name);
        asm_error(as, reference->place, "'%s' is not defined%s", symbol->name, asm_guess_text(as, &guess));
    }
}

void asm_report_unused(assembler *as, int64_t entry)
{
    for (const asm_symbol *s = as->first_symbol; s != NULL; s = s->next) {
        if (s->used)
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

/* symbols.c - the program's names at pixel addresses, in words that px asm takes. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cc/elf.h"
#include "cc/select.h"
#include "pxi/state.h"

typedef struct named {
    const cc_symbol *symbol;
    px_symbol_kind kind;
    int64_t value;
} named;

/* A symbol that names a place of the picture; false for sections, files, numbers and what has no place. */
static bool place_of(const cc_program *p, const cc_symbol *s, named *n)
{
    if (s->type > ELF_FUNCTION || s->section == 0 || s->section >= p->section_count || *s->name == '\0' ||
        *s->name == '.' || *s->name == '$')
        return false;
    const uint32_t index = cc_index(p, s->value);
    *n = (named){s, PX_SYMBOL_CODE, 0};
    if (cc_is_text(&p->sections[s->section]) && index < p->count) {
        n->value = cc_pixel_of(p, index);
        return true;
    }
    n->kind = PX_SYMBOL_DATA;
    n->value = s->value / 4;
    return s->value % 4 == 0 && cc_is_data(&p->sections[s->section]) &&
           s->value - p->sections[s->section].address < p->sections[s->section].size;
}

static int by_place(const void *a, const void *b)
{
    const named *x = a, *y = b;
    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    if (x->value != y->value)
        return x->value < y->value ? -1 : 1;
    /* Of several names of one place the first is told: global ones, then by the alphabet. */
    if (x->symbol->binding != y->symbol->binding)
        return x->symbol->binding > y->symbol->binding ? -1 : 1;
    return strcmp(x->symbol->name, y->symbol->name);
}

static int by_value(const void *a, const void *b)
{
    const px_symbol *x = a, *y = b;
    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    return x->value < y->value ? -1 : x->value > y->value;
}

static bool is_reserved(const char *name)
{
    if (strlen(name) == 1)
        return strchr("WHN", *name) != NULL;
    return *name == 'r' && strspn(name + 1, "0123456789") == strlen(name + 1);
}

/* Letters, digits and _ alone; a second of the same name gets a number. */
static char *word_of(const named *n, unsigned copy)
{
    const char *name = n->symbol->name;
    const size_t size = strlen(name) + 16;
    char *word = malloc(size);
    if (word == NULL)
        return NULL;
    snprintf(word, size, "%s%s", is_reserved(name) || isdigit((unsigned char)*name) ? "_" : "", name);
    for (char *at = word; *at != '\0'; at++)
        if (!isalnum((unsigned char)*at) && *at != '_')
            *at = '_';
    if (copy > 0)
        snprintf(word + strlen(word), 16, "_%u", copy + 1);
    return word;
}

static int by_name(const void *a, const void *b)
{
    const named *x = a, *y = b;
    const int order = strcmp(x->symbol->name, y->symbol->name);
    return order != 0 ? order : by_place(a, b);
}

/* Where several have one name, all but the first get numbers: C's static functions are many's. */
static bool name_all(const cc_program *p, px_cc_result *result, named *all, size_t count)
{
    qsort(all, count, sizeof *all, by_name);
    unsigned copy = 0;
    for (size_t i = 0; i < count; i++) {
        copy = i > 0 && strcmp(all[i].symbol->name, all[i - 1].symbol->name) == 0 ? copy + 1 : 0;
        result->symbols[i] = (px_symbol){word_of(&all[i], copy), all[i].value, all[i].kind};
        if (result->symbols[i].name == NULL)
            return cc_fail(p, "no memory for its names");
        result->symbol_count++;
    }
    qsort(result->symbols, count, sizeof *result->symbols, by_value);
    return true;
}

bool cc_collect_symbols(cc_program *p, px_cc_result *result)
{
    named *all = cc_allocate(p, p->symbol_count + 1, sizeof *all);
    if (all == NULL)
        return false;
    size_t count = 0;
    for (uint32_t i = 0; i < p->symbol_count; i++)
        count += place_of(p, &p->symbols[i], &all[count]);
    qsort(all, count, sizeof *all, by_place);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || all[i].kind != all[kept - 1].kind || all[i].value != all[kept - 1].value)
            all[kept++] = all[i];
    result->symbols = calloc(kept + 1, sizeof *result->symbols);
    if (result->symbols == NULL || !name_all(p, result, all, kept))
        return cc_fail(p, "no memory for its names");
    px_symbol *last = &result->symbols[result->symbol_count];
    *last = (px_symbol){strdup(PX_CC_CHECKSUM), result->picture.px[PX_HEADER_CHECKSUM], PX_SYMBOL_CONSTANT};
    result->symbol_count += last->name != NULL;
    return last->name != NULL || cc_fail(p, "no memory for its names");
}

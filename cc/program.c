/* program.c - the translator from one end to the other, its memory, its complaints. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cc/elf.h"

typedef struct piece {
    struct piece *next;
    max_align_t data[];
} piece;

void *cc_allocate(cc_program *p, size_t count, size_t size)
{
    if (size != 0 && count > (SIZE_MAX - sizeof(piece)) / size) {
        cc_fail(p, "no memory to translate it");
        return NULL;
    }
    piece *new = calloc(1, sizeof *new + count *size);
    if (new == NULL) {
        cc_fail(p, "no memory to translate it");
        return NULL;
    }
    new->next = p->memory;
    p->memory = new;
    return new->data;
}

void *cc_grow(cc_program *p, void *array, uint32_t count, uint32_t *room, size_t size)
{
    if (count < *room)
        return array;
    const uint32_t wanted = *room == 0 ? 256 : 2 * *room;
    void *larger = wanted > *room ? cc_allocate(p, wanted, size) : NULL;
    if (larger == NULL)
        return NULL;
    if (count > 0)
        memcpy(larger, array, count * size);
    *room = wanted;
    return larger;
}

static void free_memory(cc_program *p)
{
    for (piece *at = p->memory, *next; at != NULL; at = next) {
        next = at->next;
        free(at);
    }
}

bool cc_fail(const cc_program *p, const char *format, ...)
{
    char text[800];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return px_fail(p->error, PX_E_INPUT, "%s: %s", p->name, text);
}

/* The function that an address is in, by its symbol. */
static const cc_symbol *function_at(const cc_program *p, uint32_t address)
{
    const cc_symbol *best = NULL;
    for (uint32_t i = 0; i < p->symbol_count; i++) {
        const cc_symbol *s = &p->symbols[i];
        if (s->type <= ELF_FUNCTION && *s->name != '\0' && *s->name != '$' && s->value >= p->text &&
            s->value <= address && (best == NULL || s->value > best->value))
            best = s;
    }
    return best;
}

bool cc_fail_at(const cc_program *p, uint32_t address, const char *format, ...)
{
    char text[700];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    const cc_symbol *in = function_at(p, address);
    if (in == NULL)
        return cc_fail(p, "0x%08x: %s", (unsigned)address, text);
    return cc_fail(p, "0x%08x (%.200s + %u): %s", (unsigned)address, in->name, (unsigned)(address - in->value), text);
}

uint32_t cc_index(const cc_program *p, uint32_t address)
{
    const uint32_t offset = address - p->text;
    return address >= p->text && offset % 4 == 0 && offset / 4 <= p->count ? offset / 4 : CC_NO_INDEX;
}

static bool optimise(cc_program *p, int level)
{
    return (level < 1 || cc_constants(p)) && (level < 4 || (cc_liveness(p) && cc_bounds(p) && cc_indices(p))) &&
           (level < 1 || (cc_pool(p) && cc_liveness(p))) && (level < 4 || cc_loops(p)) && (level < 2 || cc_shadow(p));
}

static bool translate(cc_program *p, px_cc_result *result)
{
    return cc_read_elf(p) && cc_decode(p) && cc_relocate(p) && cc_flow(p) && optimise(p, p->options->level) &&
           cc_select(p) && cc_layout(p) && cc_picture(p, result) &&
           (result->picture.px == NULL || (cc_collect_symbols(p, result) && cc_collect_lines(p, result)));
}

bool px_cc_translate(px_cc_result *result, const uint8_t *elf, size_t size, const char *name,
                     const px_cc_options *options, px_error *error)
{
    px_error unread = {0};
    cc_program *p = calloc(1, sizeof *p);
    *result = (px_cc_result){0};
    if (p == NULL)
        return px_fail(error, PX_E_SYSTEM, "no memory to translate %s", name);
    *p = (cc_program){
        .name = name, .options = options, .error = error != NULL ? error : &unread, .elf = elf, .size = size};
    const bool good = translate(p, result);
    if (!good)
        px_cc_free(result);
    free_memory(p);
    free(p);
    return good;
}

void px_cc_free(px_cc_result *result)
{
    px_picture_free(&result->picture);
    px_symbols_free(result->symbols, result->symbol_count);
    for (size_t i = 0; i < result->line_count; i++)
        free((char *)result->lines[i].file);
    free(result->lines);
    *result = (px_cc_result){0};
}

/* asm_memory.c - the arena everything of one assembly lives in. */
#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pxi/asm/asm_internal.h"

struct asm_arena_chunk {
    struct asm_arena_chunk *next;
    size_t used, size;
    alignas(max_align_t) unsigned char bytes[];
};

void *asm_allocate(assembler *as, size_t size)
{
    const size_t align = alignof(max_align_t);
    size = (size + align - 1) / align * align;
    struct asm_arena_chunk *chunk = as->chunks;
    if (chunk == NULL || chunk->size - chunk->used < size) {
        const size_t room = size > 65536 / 4 ? size : 65536;
        chunk = calloc(1, sizeof *chunk + room);
        if (chunk == NULL)
            longjmp(as->no_memory, 1);
        chunk->size = room;
        /* A chunk made for one large thing is full: the one in use stays in front. */
        if (room == size && as->chunks != NULL) {
            chunk->next = as->chunks->next;
            as->chunks->next = chunk;
        } else {
            chunk->next = as->chunks;
            as->chunks = chunk;
        }
    }
    void *result = chunk->bytes + chunk->used;
    chunk->used += size;
    return result;
}

void *asm_grow(assembler *as, void *array, size_t count, size_t *room, size_t size)
{
    if (count < *room)
        return array;
    *room = *room == 0 ? 16 : *room * 2;
    void *larger = asm_allocate(as, *room * size);
    if (count > 0)
        memcpy(larger, array, count * size);
    return larger;
}

char *asm_format(assembler *as, const char *format, ...)
{
    char text[2048];
    va_list arguments;
    va_start(arguments, format);
    const int length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    const size_t kept = length < 0 ? 0 : (size_t)length < sizeof text ? (size_t)length : sizeof text - 1;
    char *result = asm_allocate(as, kept + 1);
    memcpy(result, text, kept);
    return result;
}

void asm_free_all(assembler *as)
{
    while (as->chunks != NULL) {
        struct asm_arena_chunk *next = as->chunks->next;
        free(as->chunks);
        as->chunks = next;
    }
}

/* input.h - what fuzzers take their input apart with: a byte or a word at a time, 0 when there is no more. */
#ifndef TESTS_FUZZ_INPUT_H
#define TESTS_FUZZ_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct input {
    const uint8_t *data;
    size_t size;
} input;

static inline uint8_t byte(input *in)
{
    if (in->size == 0)
        return 0;
    in->size--;
    return *in->data++;
}

static inline uint32_t word(input *in)
{
    uint32_t value = 0;
    for (unsigned shift = 0; shift < 32; shift += 8)
        value |= (uint32_t)byte(in) << shift;
    return value;
}

static inline void require(bool truth, const char *text)
{
    if (truth)
        return;
    fprintf(stderr, "broken: %s\n", text);
    abort();
}

#endif

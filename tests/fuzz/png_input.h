/* png_input.h - makes PNG files of a fuzzer's bytes. Raw bytes alone would end at the first CRC, so the first byte
 * chooses how much of a file is put in order. */
#ifndef TESTS_PNG_INPUT_H
#define TESTS_PNG_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/unit/make_png.h"

typedef struct fuzz_input {
    const uint8_t *data;
    size_t size;
} fuzz_input;

static inline uint8_t take(fuzz_input *in)
{
    if (in->size == 0)
        return 0;
    in->size--;
    return *in->data++;
}

static inline fuzz_input take_some(fuzz_input *in, size_t size)
{
    const fuzz_input some = {in->data, size < in->size ? size : in->size};
    in->data += some.size;
    in->size -= some.size;
    return some;
}

/* Every chunk that is there as a whole gets the CRC that it should have. */
static inline bytes with_right_crcs(fuzz_input in)
{
    bytes b = {0};
    put_signature(&b);
    put(&b, in.data, in.size);
    for (size_t at = 8; at + 12 <= b.size;) {
        const uint8_t *p = b.data + at;
        const size_t length = (size_t)p[0] << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3];
        if (length > b.size - at - 12)
            break;
        const uint32_t crc = (uint32_t)crc32(0, p + 4, (uInt)length + 4);
        for (int i = 0; i < 4; i++)
            b.data[at + 8 + length + (size_t)i] = (uint8_t)(crc >> (24 - 8 * i));
        at += length + 12;
    }
    return b;
}

/* A file in order but for what the bytes say: form, size, palette, transparency, and the rows behind the compression.
 */
static inline bytes with_sound_frame(fuzz_input in)
{
    bytes b = {0};
    put_signature(&b);
    const uint8_t depth = take(&in), colour = take(&in), w = take(&in), h = take(&in), flags = take(&in);
    put_ihdr(&b, w, h, depth, colour, flags & 1);
    if (flags & 2) {
        const fuzz_input palette = take_some(&in, take(&in));
        put_chunk(&b, "PLTE", palette.data, palette.size);
    }
    if (flags & 4) {
        const fuzz_input alpha = take_some(&in, take(&in));
        put_chunk(&b, flags & 8 ? "tRNS" : "gAMA", alpha.data, alpha.size);
    }
    if (flags & 32) {
        const fuzz_input late = take_some(&in, take(&in));
        put_chunk(&b, flags & 64 ? "PLTE" : "tRNS", late.data, late.size);
    }
    const uint8_t header = flags & 128 ? take(&in) : 0x78;
    bytes z = deflated(in.data, in.size);
    z.data[0] = header; /* another window, or method */
    z.data[1] = (uint8_t)(31 - header * 256 % 31) % 31;
    const size_t first = flags & 16 ? z.size / 2 : z.size;
    put_chunk(&b, "IDAT", z.data, first);
    if (first < z.size)
        put_chunk(&b, "IDAT", z.data + first, z.size - first);
    put_iend(&b);
    bytes_free(&z);
    return b;
}

static inline bytes fuzzed_png(const uint8_t *data, size_t size)
{
    fuzz_input in = {data, size};
    bytes b = {0};
    switch (take(&in) & 3) {
    case 0:
        put(&b, in.data, in.size);
        return b;
    case 1:
        return with_right_crcs(in);
    default:
        return with_sound_frame(in);
    }
}

#endif

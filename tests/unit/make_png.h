/* make_png.h - PNG files put together chunk by chunk, so that a test can make every kind of bad one. */
#ifndef TESTS_MAKE_PNG_H
#define TESTS_MAKE_PNG_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

typedef struct bytes {
    uint8_t *data;
    size_t size;
} bytes;

static inline void bytes_free(bytes *b)
{
    free(b->data);
    *b = (bytes){0};
}

static inline void put(bytes *b, const void *data, size_t size)
{
    if (size == 0)
        return;
    b->data = realloc(b->data, b->size + size);
    if (b->data == NULL)
        abort();
    memcpy(b->data + b->size, data, size);
    b->size += size;
}

static inline void put_byte(bytes *b, int byte) { put(b, &(uint8_t){(uint8_t)byte}, 1); }

static inline void put32(bytes *b, uint32_t n)
{
    put(b, (uint8_t[]){(uint8_t)(n >> 24), (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n}, 4);
}

static inline void put_signature(bytes *b) { put(b, "\x89PNG\r\n\x1A\n", 8); }

static inline void put_chunk(bytes *b, const char *type, const void *data, size_t size)
{
    put32(b, (uint32_t)size);
    const size_t start = b->size;
    put(b, type, 4);
    put(b, data, size);
    put32(b, (uint32_t)crc32(0, b->data + start, (uInt)(b->size - start)));
}

static inline void put_ihdr(bytes *b, uint32_t w, uint32_t h, int depth, int colour, int interlace)
{
    bytes ihdr = {0};
    put32(&ihdr, w);
    put32(&ihdr, h);
    put_byte(&ihdr, depth);
    put_byte(&ihdr, colour);
    put(&ihdr, "\0\0", 2);
    put_byte(&ihdr, interlace);
    put_chunk(b, "IHDR", ihdr.data, ihdr.size);
    bytes_free(&ihdr);
}

static inline bytes deflated(const void *data, size_t size)
{
    uLongf room = compressBound((uLong)size);
    bytes b = {malloc(room), 0};
    if (b.data == NULL || compress2(b.data, &room, data, (uLong)size, 6) != Z_OK)
        abort();
    b.size = room;
    return b;
}

/* raw: each row behind its filter byte. */
static inline void put_idat(bytes *b, const void *raw, size_t size)
{
    bytes z = deflated(raw, size);
    put_chunk(b, "IDAT", z.data, z.size);
    bytes_free(&z);
}

static inline void put_iend(bytes *b) { put_chunk(b, "IEND", NULL, 0); }

/* Rows of row_bytes each, with filter bytes 0 put before them. */
static inline bytes filtered(const uint8_t *rows, size_t row_bytes, uint32_t h)
{
    bytes raw = {0};
    for (uint32_t y = 0; y < h; y++) {
        put_byte(&raw, 0);
        put(&raw, rows + y * row_bytes, row_bytes);
    }
    return raw;
}

/* A whole file of unfiltered rows; extra (may be NULL) is put between IHDR and IDAT. */
static inline bytes png_file(uint32_t w, uint32_t h, int depth, int colour, const void *rows, size_t row_bytes,
                             const bytes *extra)
{
    bytes b = {0}, raw = filtered(rows, row_bytes, h);
    put_signature(&b);
    put_ihdr(&b, w, h, depth, colour, 0);
    if (extra != NULL)
        put(&b, extra->data, extra->size);
    put_idat(&b, raw.data, raw.size);
    put_iend(&b);
    bytes_free(&raw);
    return b;
}

/* An RGBA file of pixels that are words with R in the low byte. */
static inline bytes png_of_pixels(uint32_t w, uint32_t h, const uint32_t *px)
{
    bytes rows = {0};
    for (size_t i = 0; i < (size_t)w * h; i++)
        for (int k = 0; k < 4; k++)
            put_byte(&rows, (int)(px[i] >> 8 * k & 255));
    bytes b = png_file(w, h, 8, 6, rows.data, (size_t)w * 4, NULL);
    bytes_free(&rows);
    return b;
}

#endif

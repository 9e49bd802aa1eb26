/* pxt_png.c - see pxt_png.h. Not pxi/picture.c: that writes without filters and in one IDAT, so an executor that knows
 * nothing else would agree. The functions are those of the PNG specification, section 9. */
#include "host/pxt_png.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "pxi/pixel.h"

enum { PIECES = 3, PIXEL_BYTES = 4, FILTERS = 5 };

void pxt_file_free(pxt_file *file)
{
    free(file->data);
    *file = (pxt_file){0};
}

/* ---- bytes ---- */

/* A file being put together; room is known beforehand. */
static void put(pxt_file *file, const void *data, size_t size)
{
    if (size > 0)
        memcpy(file->data + file->size, data, size);
    file->size += size;
}

static void put32(pxt_file *file, uint32_t n)
{
    put(file, (uint8_t[]){(uint8_t)(n >> 24), (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n}, 4);
}

static void put_chunk(pxt_file *file, const char *type, const void *body, size_t size)
{
    put32(file, (uint32_t)size);
    const size_t start = file->size;
    put(file, type, 4);
    put(file, body, size);
    put32(file, (uint32_t)crc32(0, file->data + start, (uInt)(4 + size)));
}

/* The whole file around a compressed stream. */
static bool frame(pxt_file *file, uint32_t w, uint32_t h, const uint8_t *stream, size_t size, px_error *error)
{
    uint8_t header[13] = {0};
    for (unsigned k = 0; k < 4; k++) {
        header[k] = (uint8_t)(w >> (24 - 8 * k));
        header[4 + k] = (uint8_t)(h >> (24 - 8 * k));
    }
    header[8] = 8; /* bits */
    header[9] = 6; /* RGBA */
    *file = (pxt_file){malloc(size + 200), 0};
    if (file->data == NULL)
        return px_fail(error, PX_E_SYSTEM, "no memory for an input file");
    put(file, "\x89PNG\r\n\x1A\n", 8);
    put_chunk(file, "IHDR", header, sizeof header);
    for (size_t piece = 0; piece < PIECES; piece++) {
        const size_t from = size * piece / PIECES, to = size * (piece + 1) / PIECES;
        put_chunk(file, "IDAT", stream + from, to - from);
    }
    put_chunk(file, "IEND", NULL, 0);
    return true;
}

/* ---- filters ---- */

static uint32_t paeth(uint32_t left, uint32_t up, uint32_t corner)
{
    const int from_left = abs((int)up - (int)corner), from_up = abs((int)left - (int)corner);
    const int from_corner = abs((int)left + (int)up - 2 * (int)corner);
    return from_left <= from_up && from_left <= from_corner ? left : from_up <= from_corner ? up : corner;
}

static uint8_t filtered(unsigned type, uint32_t x, uint32_t left, uint32_t up, uint32_t corner)
{
    const uint32_t guess[FILTERS] = {0, left, up, (left + up) / 2, paeth(left, up, corner)};
    return (uint8_t)(x - guess[type]);
}

/* Byte x of a row of the picture. */
static uint32_t byte_at(const px_picture *picture, uint32_t y, size_t x)
{
    return px_byte(picture->px[(size_t)y * picture->w + x / PIXEL_BYTES], x % PIXEL_BYTES);
}

static void filter_row(uint8_t *out, const px_picture *picture, uint32_t y)
{
    const unsigned type = y % FILTERS;
    *out++ = (uint8_t)type;
    for (size_t x = 0; x < (size_t)picture->w * PIXEL_BYTES; x++) {
        const bool first = x < PIXEL_BYTES;
        const uint32_t left = first ? 0 : byte_at(picture, y, x - PIXEL_BYTES);
        const uint32_t up = y == 0 ? 0 : byte_at(picture, y - 1, x);
        const uint32_t corner = first || y == 0 ? 0 : byte_at(picture, y - 1, x - PIXEL_BYTES);
        *out++ = filtered(type, byte_at(picture, y, x), left, up, corner);
    }
}

bool pxt_png_of(pxt_file *file, const px_picture *picture, px_error *error)
{
    const size_t row = (size_t)picture->w * PIXEL_BYTES + 1, size = row * picture->h;
    uLongf packed = compressBound((uLong)size);
    uint8_t *raw = malloc(size), *stream = malloc(packed);
    bool good = raw != NULL && stream != NULL;
    if (good) {
        for (uint32_t y = 0; y < picture->h; y++)
            filter_row(raw + y * row, picture, y);
        good = compress2(stream, &packed, raw, (uLong)size, 6) == Z_OK;
    }
    good = good ? frame(file, picture->w, picture->h, stream, packed, error)
                : px_fail(error, PX_E_SYSTEM, "no memory for an input file");
    free(raw);
    free(stream);
    return good;
}

/* ---- zeros ---- */

/* A mebibyte of zeros packs to a piece that begins and ends at a whole byte, and may be repeated as it is. */
enum { PIECE = 1 << 20, PIECE_ROOM = 1 << 12, REST_ROOM = 1 << 12 };

static bool pack_zeros(uint8_t *out, size_t *size, const uint8_t *zeros, size_t count, int flush)
{
    z_stream z = {0};
    if (deflateInit2(&z, 9, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        return false;
    z.next_in = (z_const Bytef *)(uintptr_t)zeros;
    z.avail_in = (uInt)count;
    z.next_out = out;
    z.avail_out = (uInt)*size;
    const bool good = deflate(&z, flush) >= Z_OK && z.avail_in == 0 && z.avail_out > 0;
    *size -= z.avail_out;
    deflateEnd(&z);
    return good;
}

bool pxt_png_of_zeros(pxt_file *file, uint32_t w, uint32_t h, px_error *error)
{
    const uint64_t bytes = ((uint64_t)w * PIXEL_BYTES + 1) * h, pieces = bytes / PIECE;
    uint8_t *zeros = calloc(PIECE, 1), piece[PIECE_ROOM], rest[REST_ROOM];
    uint8_t *stream = malloc((size_t)pieces * PIECE_ROOM + REST_ROOM + 8);
    size_t piece_size = sizeof piece, rest_size = sizeof rest;
    bool good = zeros != NULL && stream != NULL && pack_zeros(piece, &piece_size, zeros, PIECE, Z_FULL_FLUSH) &&
                pack_zeros(rest, &rest_size, zeros, bytes % PIECE, Z_FINISH);
    if (good) {
        pxt_file packed = {stream, 0};
        put(&packed, "\x78\xDA", 2);
        for (uint64_t i = 0; i < pieces; i++)
            put(&packed, piece, piece_size);
        put(&packed, rest, rest_size);
        put32(&packed, (uint32_t)(bytes % 65521) << 16 | 1); /* Adler-32 */
        good = frame(file, w, h, stream, packed.size, error);
    } else {
        px_fail(error, PX_E_SYSTEM, "no memory for an input file");
    }
    free(zeros);
    free(stream);
    return good;
}

/* import.c - exact conversion of other PNGs to 8-bit RGBA. libpng undoes compression, filters and interlacing; what the
 * samples mean is decided here, since libpng's own conversions round. */
#include "pxi/png/import.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "pxi/pixel.h"
#include "pxi/png/png_file.h"

/* A file on its way to pixels. */
struct import {
    px_png png;
    uint8_t channels;
    const uint8_t *palette; /* R G B each */
    uint32_t colours;
    const uint8_t *alpha; /* tRNS of a palette */
    uint32_t alphas;
    bool keyed; /* tRNS of grey and RGB: this colour is transparent */
    uint32_t key[3];
};

/* ---- PLTE and tRNS ---- */

static void find_palette(struct import *import)
{
    px_png_chunk chunk; /* sound and before the pixels: px_png_open has seen to it */
    if (!px_png_find(&import->png, "PLTE", &chunk))
        return;
    import->palette = chunk.data;
    import->colours = chunk.length / 3;
}

static bool refuse_transparency(const px_png *png, const px_png_chunk *chunk, const char *why, px_error *error)
{
    return px_fail(
        error, PX_E_INPUT,
        "%s: the tRNS chunk at byte %zu %s; readers differ on what such a file shows, so it is taken for damaged",
        png->name, chunk->at, why);
}

/* PNG allows one tRNS, after PLTE and before IDAT, and none beside a real alpha channel. */
static bool transparency_in_place(const px_png *png, px_error *error)
{
    px_png_chunk chunk = {0}, palette;
    const bool has_palette = px_png_find(png, "PLTE", &palette);
    bool image = false, seen = false;
    while (px_png_next(png, &chunk)) {
        image = image || strcmp(chunk.type, "IDAT") == 0;
        if (strcmp(chunk.type, "tRNS") != 0)
            continue;
        if (png->colour == PX_PNG_GREY_ALPHA || png->colour == PX_PNG_RGBA)
            return refuse_transparency(png, &chunk, "stands beside an alpha channel", error);
        if (seen)
            return refuse_transparency(png, &chunk, "is a second one, expected one", error);
        if (image)
            return refuse_transparency(png, &chunk, "comes after the pixels (IDAT), expected before", error);
        if (has_palette && chunk.at < palette.at)
            return refuse_transparency(png, &chunk, "comes before the palette (PLTE), expected after", error);
        seen = true;
    }
    return true;
}

static bool find_transparency(struct import *import, px_error *error)
{
    const px_png *png = &import->png;
    px_png_chunk chunk;
    if (!transparency_in_place(png, error))
        return false;
    if (!px_png_find(png, "tRNS", &chunk))
        return true;

    const bool palette = png->colour == PX_PNG_PALETTE;
    const uint32_t expected = palette ? import->colours : 2u * import->channels;
    if (palette ? chunk.length > expected : chunk.length != expected)
        return px_fail(error, PX_E_INPUT,
                       "%s: the tRNS chunk at byte %zu has %" PRIu32 " bytes, expected %s%" PRIu32
                       "; the file is damaged",
                       png->name, chunk.at, chunk.length, palette ? "at most " : "", expected);
    if (palette) {
        import->alpha = chunk.data;
        import->alphas = chunk.length;
        return true;
    }
    const uint32_t mask = (1u << png->depth) - 1;
    import->keyed = true;
    for (unsigned c = 0; c < import->channels; c++)
        import->key[c] = ((uint32_t)chunk.data[2 * c] << 8 | chunk.data[2 * c + 1]) & mask;
    return true;
}

/* ---- samples ---- */

static uint32_t sample(const uint8_t *row, uint8_t depth, size_t index)
{
    if (depth == 16)
        return (uint32_t)row[2 * index] << 8 | row[2 * index + 1];
    const size_t bit = index * depth;
    return row[bit / 8] >> (8 - depth - bit % 8) & ((1u << depth) - 1);
}

/* The 8-bit number that is the same part of full scale; for 16 bits there is one when both bytes agree. */
static uint32_t to_8_bits(uint32_t value, uint8_t depth)
{
    return depth == 16 ? value & 255 : value * 255 / ((1u << depth) - 1);
}

static bool convert_index(const struct import *import, uint32_t index, uint32_t *px)
{
    if (index >= import->colours)
        return false;
    const uint8_t *rgb = import->palette + (size_t)3 * index;
    *px = px_rgba(rgb[0], rgb[1], rgb[2], index < import->alphas ? import->alpha[index] : 255);
    return true;
}

/* *channel tells which sample has no 8-bit equal. */
static bool convert_samples(const struct import *import, const uint32_t *value, uint32_t *px, unsigned *channel)
{
    const uint8_t depth = import->png.depth, channels = import->channels;
    uint32_t byte[4];
    bool key = import->keyed;
    for (unsigned c = 0; c < channels; c++) {
        *channel = c;
        if (depth == 16 && value[c] >> 8 != (value[c] & 255))
            return false;
        byte[c] = to_8_bits(value[c], depth);
        key = key && value[c] == import->key[c];
    }
    const bool grey = channels < 3;
    const uint32_t a = channels == 2 || channels == 4 ? byte[channels - 1] : key ? 0 : 255;
    *px = px_rgba(byte[0], byte[grey ? 0 : 1], byte[grey ? 0 : 2], a);
    return true;
}

static bool convert_row(const struct import *import, const uint8_t *row, uint32_t y, uint32_t *px, px_error *error)
{
    static const char *const names[4][4] = {{"grey"}, {"grey", "alpha"}, {"R", "G", "B"}, {"R", "G", "B", "A"}};
    const px_png *png = &import->png;
    for (uint32_t x = 0; x < png->w; x++) {
        uint32_t value[4];
        unsigned channel = 0;
        for (unsigned c = 0; c < import->channels; c++)
            value[c] = sample(row, png->depth, (size_t)x * import->channels + c);
        if (png->colour == PX_PNG_PALETTE) {
            if (!convert_index(import, value[0], px + x))
                return px_fail(error, PX_E_INPUT,
                               "%s: pixel (%" PRIu32 ",%" PRIu32 ") is colour %" PRIu32 " of a palette of %" PRIu32
                               "; the file is damaged",
                               png->name, x, y, value[0], import->colours);
        } else if (!convert_samples(import, value, px + x, &channel)) {
            return px_fail(error, PX_E_INPUT,
                           "%s: pixel (%" PRIu32 ",%" PRIu32 ") has %s = 0x%04" PRIX32
                           ", expected a 16-bit sample whose two bytes are equal; it has no exact 8-bit value, so save "
                           "the picture with 8 bits where it was made",
                           png->name, x, y, names[import->channels - 1][channel], value[channel]);
        }
    }
    return true;
}

/* ---- the whole ---- */

static bool convert(const struct import *import, const uint8_t *rows, px_picture *picture, px_error *error)
{
    const px_png *png = &import->png;
    for (uint32_t y = 0; y < png->h; y++)
        if (!convert_row(import, rows + y * px_png_row_bytes(png), y, picture->px + (size_t)y * png->w, error))
            return false;
    return true;
}

/* By way of the samples as they are stored. */
static bool decode(const struct import *import, px_picture *picture, px_error *error)
{
    const px_png *png = &import->png;
    uint8_t *rows = calloc(png->h, px_png_row_bytes(png));
    if (rows == NULL)
        return px_fail(error, PX_E_SYSTEM, "%s: no memory for its %" PRIu32 " x %" PRIu32 " pixels", png->name, png->w,
                       png->h);
    const bool done = px_png_decode(png, rows, error) && px_picture_new(picture, png->w, png->h, error) &&
                      convert(import, rows, picture, error);
    free(rows);
    return done;
}

/* 8-bit RGBA, interlaced perhaps: the samples are the pixels. */
static bool take(const struct import *import, px_picture *picture, px_error *error)
{
    const px_png *png = &import->png;
    if (!px_picture_new(picture, png->w, png->h, error) || !px_png_decode(png, (uint8_t *)picture->px, error))
        return false;
    px_png_words(picture->px, (size_t)png->w * png->h);
    return true;
}

bool px_import_memory(px_picture *picture, const void *data, size_t size, const char *name, px_error *error)
{
    struct import import = {0};
    *picture = (px_picture){0};
    if (!px_png_open(&import.png, data, size, name, error) || !px_png_no_copy(&import.png, error) ||
        !px_png_fits(&import.png, error))
        return false;
    import.channels = px_png_channels(&import.png);
    find_palette(&import);
    if (!find_transparency(&import, error))
        return false;

    const bool done = import.png.colour == PX_PNG_RGBA && import.png.depth == 8 ? take(&import, picture, error)
                                                                                : decode(&import, picture, error);
    if (!done)
        px_picture_free(picture);
    return done;
}

/* picture_file.c - pictures in strict 8-bit RGBA PNG files. */
#include "pxi/png/picture_file.h"

#include <errno.h>
#include <inttypes.h>
#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pxi/input_file.h"
#include "pxi/output_file.h"
#include "pxi/pixel.h"
#include "pxi/png/png_file.h"

/* Pixels to and from the bytes of a PNG row, in place; nothing to do where words are stored least byte first. */
static void words_of_bytes(uint32_t *px, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint8_t bytes[4];
        memcpy(bytes, px + i, 4);
        px[i] = px_rgba(bytes[0], bytes[1], bytes[2], bytes[3]);
    }
}

static void bytes_of_words(uint8_t *bytes, const uint32_t *px, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (unsigned k = 0; k < 4; k++)
            bytes[4 * i + k] = (uint8_t)px_byte(px[i], k);
}

/* Each pixel zoom times, without its alpha. */
static void colours_of_words(uint8_t *bytes, const uint32_t *px, size_t count, uint32_t zoom)
{
    for (size_t i = 0; i < count; i++)
        for (uint32_t k = 0; k < zoom; k++)
            for (unsigned c = 0; c < 3; c++)
                *bytes++ = (uint8_t)px_byte(px[i], c);
}

/* ---- reading ---- */

static bool require_rgba(const px_png *png, px_error *error)
{
    if (px_png_strict(png))
        return true;
    char form[64];
    return px_png_no_copy(png, error) &&
           px_fail(error, PX_E_INPUT,
                   "%s is %s PNG (%s, colour type %d), expected 8-bit RGBA, not interlaced; "
                   "`px import %s -o NEW.pxi` converts it exactly%s",
                   png->name,
                   png->interlace                  ? "an interlaced"
                   : png->colour == PX_PNG_PALETTE ? "a palette"
                   : png->depth == 16              ? "a 16-bit"
                   : png->colour == PX_PNG_RGB     ? "an RGB"
                                                   : "a grey",
                   px_png_form(png, form, sizeof form), png->colour, png->name,
                   png->depth == 16 ? " if its samples fit in 8 bits, and says so if not" : "");
}

bool px_picture_read_memory(px_picture *picture, const void *data, size_t size, const char *name, px_error *error)
{
    px_png png;
    *picture = (px_picture){0};
    if (!px_png_open(&png, data, size, name, error) || !require_rgba(&png, error) || !px_png_fits(&png, error) ||
        !px_picture_new(picture, png.w, png.h, error))
        return false;
    if (!px_png_decode(&png, (uint8_t *)picture->px, error)) {
        px_picture_free(picture);
        return false;
    }
    words_of_bytes(picture->px, (size_t)picture->w * picture->h);
    return true;
}

bool px_picture_read(px_picture *picture, const char *path, px_error *error)
{
    uint8_t *data;
    size_t size;
    *picture = (px_picture){0};
    if (!px_file_read(&data, &size, path, error))
        return false;
    const bool done = px_picture_read_memory(picture, data, size, path, error);
    free(data);
    return done;
}

/* ---- writing ---- */

/* What libpng's callbacks and the writer share; nothing of it lives in a frame that longjmp leaves. */
struct writer {
    const px_picture *picture;
    FILE *file;
    uint32_t zoom; /* 0: a picture; otherwise a copy for viewing, so many times as large */
    uint8_t *row;
    png_structp png;
    png_infop info;
    char complaint[128];
};

static void on_error(png_structp png, png_const_charp text)
{
    struct writer *writer = png_get_error_ptr(png);
    snprintf(writer->complaint, sizeof writer->complaint, "%s", text);
    png_longjmp(png, 1);
}

/* A copy says what it is to whoever looks, and to px_png_no_copy. */
static void mark_copy(struct writer *writer)
{
    png_text text = {.compression = PNG_TEXT_COMPRESSION_NONE,
                     .key = (png_charp)(uintptr_t)PX_COPY_KEY,
                     .text = (png_charp)(uintptr_t)PX_COPY_TEXT};
    png_set_text(writer->png, writer->info, &text, 1);
}

static bool write_png(struct writer *writer)
{
    if (setjmp(png_jmpbuf(writer->png)) != 0)
        return false;
    png_init_io(writer->png, writer->file);
    png_set_user_limits(writer->png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
    /* The same pixels shall always give the same file, so nothing is left to libpng's choice. */
    png_set_filter(writer->png, PNG_FILTER_TYPE_BASE, PNG_FILTER_NONE);
    png_set_compression_level(writer->png, 6);
    png_set_compression_strategy(writer->png, 0);
    const uint32_t zoom = writer->zoom > 0 ? writer->zoom : 1, w = writer->picture->w, h = writer->picture->h;
    png_set_IHDR(writer->png, writer->info, w * zoom, h * zoom, 8,
                 writer->zoom > 0 ? PNG_COLOR_TYPE_RGB : PNG_COLOR_TYPE_RGB_ALPHA, PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_BASE, PNG_FILTER_TYPE_BASE);
    if (writer->zoom > 0)
        mark_copy(writer);
    png_write_info(writer->png, writer->info);
    for (uint32_t y = 0; y < h; y++) {
        const uint32_t *px = writer->picture->px + (size_t)y * w;
        if (writer->zoom > 0)
            colours_of_words(writer->row, px, w, zoom);
        else
            bytes_of_words(writer->row, px, w);
        for (uint32_t i = 0; i < zoom; i++)
            png_write_row(writer->png, writer->row);
    }
    png_write_end(writer->png, writer->info);
    return true;
}

static bool write_stream(const px_picture *picture, uint32_t zoom, const px_output *output, px_error *error)
{
    struct writer writer = {.picture = picture, .file = output->file, .zoom = zoom};
    writer.row = malloc((size_t)picture->w * (zoom > 0 ? 3 * zoom : 4));
    writer.png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &writer, on_error, on_error);
    if (writer.png != NULL)
        writer.info = png_create_info_struct(writer.png);

    bool done = false;
    errno = 0;
    if (writer.row == NULL || writer.info == NULL)
        px_fail(error, PX_E_SYSTEM, "%s: no memory to write a picture", output->path);
    else if (write_png(&writer))
        done = true;
    else if (errno != 0)
        px_output_failed(output, error);
    else
        px_fail(error, PX_E_SYSTEM, "%s: writing failed: %s", output->path, writer.complaint);
    png_destroy_write_struct(&writer.png, &writer.info);
    free(writer.row);
    return done;
}

bool px_picture_place(const char *path, px_error *error)
{
    if (!px_output_check(path, error))
        return false;
    return !px_output_is_terminal(path) ||
           px_fail(error, PX_E_SYSTEM, "%s is a terminal, and a picture is no text; name a file, or send it to a pipe",
                   path);
}

static bool write_file(const px_picture *picture, uint32_t zoom, const char *path, px_error *error)
{
    px_output output;
    return px_picture_place(path, error) && px_output_open(&output, path, error) &&
           px_output_close(&output, write_stream(picture, zoom, &output, error), error);
}

bool px_picture_write(const px_picture *picture, const char *path, px_error *error)
{
    return write_file(picture, 0, path, error);
}

bool px_copy_fits(uint32_t w, uint32_t h, uint32_t zoom, px_error *error)
{
    if (zoom > 0 && (uint64_t)w * h * zoom * zoom <= PX_MAX_COPY && (uint64_t)h * zoom <= INT32_MAX)
        return true;
    return px_fail(error, PX_E_USAGE,
                   "a copy %" PRIu32 " times as large as %" PRIu32 " x %" PRIu32
                   " pixels; expected at most 2^28 pixels, so a smaller zoom",
                   zoom, w, h);
}

bool px_copy_write(const px_picture *picture, uint32_t zoom, const char *path, px_error *error)
{
    return px_copy_fits(picture->w, picture->h, zoom, error) && write_file(picture, zoom, path, error);
}

bool px_state_read(px_state *state, const char *path, px_error *error)
{
    px_picture picture;
    *state = (px_state){0};
    if (!px_picture_read(&picture, path, error))
        return false;
    const bool done = px_state_load(state, &picture, path, error);
    px_picture_free(&picture);
    return done;
}

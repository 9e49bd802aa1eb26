/* picture.c - pictures in memory, and strict 8-bit RGBA PNG files. */
#include "pxi/picture.h"

#include <errno.h>
#include <inttypes.h>
#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "pxi/output_file.h"
#include "pxi/pixel.h"
#include "pxi/png_file.h"
#include "pxi/state.h"

/* ---- in memory ---- */

bool px_picture_fits(uint32_t w, uint32_t h)
{
    if (w == 0 || h == 0 || w > PX_MAX_PIXELS)
        return false;
    const uint32_t words = (PX_STATE_WORDS + w - 1) / w; /* rows */
    return (uint64_t)w * (h > words ? h - words : h) <= PX_MAX_PIXELS;
}

bool px_picture_new(px_picture *picture, uint32_t w, uint32_t h, px_error *error)
{
    *picture = (px_picture){0};
    if (!px_picture_fits(w, h))
        return px_fail(error, PX_E_INPUT, "a picture of %" PRIu32 " x %" PRIu32 " pixels; expected 1 to 2^26 pixels", w,
                       h);
    uint32_t *px = calloc((size_t)w * h, sizeof *px);
    if (px == NULL)
        return px_fail(error, PX_E_SYSTEM, "no memory for a picture of %" PRIu32 " x %" PRIu32 " pixels", w, h);
    *picture = (px_picture){w, h, px};
    return true;
}

void px_picture_free(px_picture *picture)
{
    free(picture->px);
    *picture = (px_picture){0};
}

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

/* ---- reading ---- */

static bool require_rgba(const px_png *png, px_error *error)
{
    if (px_png_strict(png))
        return true;
    char form[64];
    return px_fail(error, PX_E_INPUT,
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
    png_set_IHDR(writer->png, writer->info, writer->picture->w, writer->picture->h, 8, PNG_COLOR_TYPE_RGB_ALPHA,
                 PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_BASE, PNG_FILTER_TYPE_BASE);
    png_write_info(writer->png, writer->info);
    for (uint32_t y = 0; y < writer->picture->h; y++) {
        bytes_of_words(writer->row, writer->picture->px + (size_t)y * writer->picture->w, writer->picture->w);
        png_write_row(writer->png, writer->row);
    }
    png_write_end(writer->png, writer->info);
    return true;
}

static bool write_stream(const px_picture *picture, FILE *file, const char *path, px_error *error)
{
    struct writer writer = {.picture = picture, .file = file, .row = malloc((size_t)picture->w * 4)};
    writer.png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &writer, on_error, on_error);
    if (writer.png != NULL)
        writer.info = png_create_info_struct(writer.png);

    bool done = false;
    errno = 0;
    if (writer.row == NULL || writer.info == NULL)
        px_fail(error, PX_E_SYSTEM, "%s: no memory to write a picture", path);
    else if (!write_png(&writer))
        px_fail(error, PX_E_SYSTEM, "%s: writing failed: %s; the file is as it was before", path,
                errno != 0 ? strerror(errno) : writer.complaint);
    else
        done = true;
    png_destroy_write_struct(&writer.png, &writer.info);
    free(writer.row);
    return done;
}

bool px_picture_write(const px_picture *picture, const char *path, px_error *error)
{
    struct stat old;
    px_output output;
    if (stat(path, &old) == 0 && !S_ISREG(old.st_mode))
        return px_fail(error, PX_E_SYSTEM,
                       "%s is not an ordinary file; a picture is written to a file that it replaces", path);
    return px_output_open(&output, path, error) &&
           px_output_close(&output, write_stream(picture, output.file, path, error), error);
}

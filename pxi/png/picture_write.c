/* picture_write.c - pictures written as PNG files, by libpng, row by row from wherever they are.
 *
 * What costs time is zlib's search: level 6 looks long where there is little to find, in a smooth gradient for example,
 * which a filter would have turned into zeros. Which filter and level suit a picture is tried on a part of it; of a
 * small one on all, and there the best is not too slow. */
#include <errno.h>
#include <inttypes.h>
#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "pxi/output_file.h"
#include "pxi/pixel.h"
#include "pxi/png/picture_file.h"
#include "pxi/png/png_file.h"
#include "pxi/progress.h"

enum {
    BLOCK = 1 << 18,       /* pixels fetched at a time, or one row */
    SMALL = 1 << 16,       /* pixels of a file that is tried as a whole */
    SAMPLE_WIDTH = 1 << 12 /* of a part that stands for the whole, at most */
};

/* A way to compress: a filter, or all of them for libpng to choose among row by row, and zlib's level and strategy. */
typedef struct way {
    int filter, level, strategy;
} way;

/* For what is noise, noise of few values, slopes, columns, and patterns. */
static const way quick[] = {{PNG_FILTER_NONE, 0, Z_DEFAULT_STRATEGY},
                            {PNG_FILTER_NONE, 1, Z_RLE},
                            {PNG_FILTER_SUB, 1, Z_DEFAULT_STRATEGY},
                            {PNG_FILTER_UP, 1, Z_DEFAULT_STRATEGY},
                            {PNG_FILTER_NONE, 1, Z_DEFAULT_STRATEGY}};
static const way plain = {PNG_FILTER_NONE, 6, Z_DEFAULT_STRATEGY};
static const way thorough[] = {{PNG_FILTER_SUB, 6, Z_DEFAULT_STRATEGY},
                               {PNG_FILTER_UP, 6, Z_DEFAULT_STRATEGY},
                               {PNG_ALL_FILTERS, 6, Z_DEFAULT_STRATEGY}};

/* What libpng's callbacks and the writer share; nothing of it lives in a frame that longjmp leaves. */
typedef struct writer {
    const px_rows *rows;
    uint32_t zoom; /* 0: a picture; otherwise a copy for viewing, so many times as large */
    way way;
    FILE *file;    /* NULL: nothing is written, the bytes are counted */
    uint64_t size; /* bytes so far */
    uint32_t *block;
    uint8_t *line; /* of a copy */
    png_structp png;
    png_infop info;
    px_progress progress;
    px_error reason; /* code 0: it is libpng's */
    char complaint[128];
} writer;

/* ---- bytes of a row ---- */

/* In place; nothing to do where words are stored least byte first. */
static const uint8_t *bytes_of_words(uint32_t *px, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const uint8_t bytes[4] = {(uint8_t)px_byte(px[i], 0), (uint8_t)px_byte(px[i], 1), (uint8_t)px_byte(px[i], 2),
                                  (uint8_t)px_byte(px[i], 3)};
        memcpy(px + i, bytes, 4);
    }
    return (const uint8_t *)px;
}

/* Each pixel zoom times, without its alpha. */
static const uint8_t *colours_of_words(uint8_t *line, const uint32_t *px, size_t count, uint32_t zoom)
{
    uint8_t *at = line;
    for (size_t i = 0; i < count; i++)
        for (uint32_t k = 0; k < zoom; k++)
            for (unsigned c = 0; c < 3; c++)
                *at++ = (uint8_t)px_byte(px[i], c);
    return line;
}

/* ---- one file ---- */

static void on_error(png_structp png, png_const_charp text)
{
    writer *w = png_get_error_ptr(png);
    snprintf(w->complaint, sizeof w->complaint, "%s", text);
    png_longjmp(png, 1);
}

static void on_bytes(png_structp png, png_bytep bytes, size_t count)
{
    writer *w = png_get_io_ptr(png);
    w->size += count;
    if (w->file != NULL && fwrite(bytes, 1, count, w->file) != count)
        png_error(png, "Write Error");
}

static void on_flush(png_structp png) { (void)png; }

/* A copy says what it is to whoever looks, and to px_png_no_copy. */
static void mark_copy(writer *w)
{
    png_text text = {.compression = PNG_TEXT_COMPRESSION_NONE,
                     .key = (png_charp)(uintptr_t)PX_COPY_KEY,
                     .text = (png_charp)(uintptr_t)PX_COPY_TEXT};
    png_set_text(w->png, w->info, &text, 1);
}

static void write_head(writer *w)
{
    const uint32_t zoom = w->zoom > 0 ? w->zoom : 1;
    png_set_write_fn(w->png, w, on_bytes, on_flush);
    png_set_user_limits(w->png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
    /* The same pixels shall always give the same file, so nothing is left to libpng's choice. */
    png_set_filter(w->png, PNG_FILTER_TYPE_BASE, w->way.filter);
    png_set_compression_level(w->png, w->way.level);
    png_set_compression_strategy(w->png, w->way.strategy);
    png_set_compression_buffer_size(w->png, 1 << 16);
    png_set_IHDR(w->png, w->info, w->rows->w * zoom, w->rows->h * zoom, 8,
                 w->zoom > 0 ? PNG_COLOR_TYPE_RGB : PNG_COLOR_TYPE_RGB_ALPHA, PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_BASE, PNG_FILTER_TYPE_BASE);
    if (w->zoom > 0)
        mark_copy(w);
    png_write_info(w->png, w->info);
}

static void write_row(writer *w, uint32_t *px)
{
    const uint32_t width = w->rows->w;
    if (w->zoom == 0)
        png_write_row(w->png, bytes_of_words(px, width));
    else
        (void)colours_of_words(w->line, px, width, w->zoom);
    for (uint32_t i = 0; i < w->zoom; i++)
        png_write_row(w->png, w->line);
}

static uint32_t rows_at_a_time(const px_rows *rows) { return rows->w < BLOCK ? BLOCK / rows->w : 1; }

static bool write_rows(writer *w)
{
    const px_rows *rows = w->rows;
    if (setjmp(png_jmpbuf(w->png)) != 0)
        return false;
    write_head(w);
    for (uint32_t y = 0, count; y < rows->h; y += count) {
        count = rows->h - y < rows_at_a_time(rows) ? rows->h - y : rows_at_a_time(rows);
        if (!rows->get(rows->context, y, count, w->block, &w->reason))
            return false;
        for (uint32_t i = 0; i < count; i++)
            write_row(w, w->block + (size_t)i * rows->w);
        px_progress_show(&w->progress, (uint64_t)y * rows->w);
    }
    png_write_end(w->png, w->info);
    return true;
}

static bool begin(writer *w)
{
    const uint32_t h = w->rows->h, most = rows_at_a_time(w->rows);
    w->block = malloc((size_t)(h < most ? h : most) * w->rows->w * sizeof *w->block);
    w->line = w->zoom > 0 ? malloc((size_t)w->rows->w * 3 * w->zoom) : NULL;
    w->png = png_create_write_struct(PNG_LIBPNG_VER_STRING, w, on_error, on_error);
    if (w->png != NULL)
        w->info = png_create_info_struct(w->png);
    return w->block != NULL && (w->line != NULL || w->zoom == 0) && w->info != NULL;
}

/* To file, or nowhere where that is NULL; *size: the bytes of it. */
static bool write_stream(const px_rows *rows, uint32_t zoom, way how, FILE *file, uint64_t *size, px_error *error)
{
    writer w = {.rows = rows, .zoom = zoom, .way = how, .file = file};
    w.progress = px_progress_begin("writing", (uint64_t)rows->w * rows->h);
    bool done = false;
    errno = 0;
    if (!begin(&w))
        px_fail(error, PX_E_SYSTEM, "no memory to write a picture");
    else if (write_rows(&w))
        done = true;
    else if (w.reason.code != PX_OK)
        px_fail(error, w.reason.code, "%s", w.reason.text);
    else
        px_fail(error, PX_E_SYSTEM, "writing failed: %s", errno != 0 ? strerror(errno) : w.complaint);
    px_progress_end(&w.progress);
    png_destroy_write_struct(&w.png, &w.info);
    free(w.block);
    free(w.line);
    *size = w.size;
    return done;
}

/* ---- the way ---- */

/* Tries ways that may make fewer bytes than *best does. */
static bool improve(const px_rows *rows, uint32_t zoom, const way *ways, size_t count, way *best, uint64_t *fewest,
                    px_error *error)
{
    for (size_t i = 0; i < count; i++) {
        uint64_t size;
        if (!write_stream(rows, zoom, ways[i], NULL, &size, error))
            return false;
        if (size < *fewest) {
            *best = ways[i];
            *fewest = size;
        }
    }
    return true;
}

/* A quick way will do where it makes no more than the plain one, which is best for many programs' pictures. */
static bool choose(const px_rows *sample, uint32_t zoom, bool whole, way *best, px_error *error)
{
    uint64_t most, fewest;
    *best = plain;
    if (!write_stream(sample, zoom, plain, NULL, &most, error))
        return false;
    fewest = most + 1;
    if (!whole && !improve(sample, zoom, quick, sizeof quick / sizeof *quick, best, &fewest, error))
        return false;
    if (fewest <= most)
        return true;
    fewest = most;
    return improve(sample, zoom, thorough, sizeof thorough / sizeof *thorough, best, &fewest, error);
}

/* ---- the sample ---- */

/* Pairs of rows, or parts of them, from all over the picture: its fractional parts of multiples of the golden ratio are
 * spread evenly, however many, and in step with nothing. */
static uint32_t place(uint32_t i, uint32_t room)
{
    return (uint32_t)((uint64_t)(i * UINT32_C(0x9E3779B9)) * room >> 32);
}

static bool gather(const px_rows *rows, px_picture *sample, px_error *error)
{
    uint32_t *row = malloc((size_t)rows->w * sizeof *row);
    bool ok = row != NULL || px_fail(error, PX_E_SYSTEM, "no memory to write a picture");
    for (uint32_t y = 0; ok && y < sample->h; y++) {
        const uint32_t from = rows->h > 1 ? place(y / 2, rows->h - 1) + y % 2 : 0;
        const uint32_t x = place(rows->h > 1 ? y / 2 : y, rows->w - sample->w + 1);
        ok = rows->get(rows->context, from, 1, row, error);
        if (ok)
            memcpy(sample->px + (size_t)y * sample->w, row + x, sample->w * sizeof *row);
    }
    free(row);
    return ok;
}

/* All of a small picture; of a larger one a 64th, but at least 2^14 and at most 2^18 pixels. */
static bool take_sample(const px_rows *rows, bool whole, px_picture *sample, px_error *error)
{
    if (whole)
        return px_picture_new(sample, rows->w, rows->h, error) &&
               rows->get(rows->context, 0, rows->h, sample->px, error);
    const uint64_t n = (uint64_t)rows->w * rows->h / 64;
    const uint32_t pixels = (uint32_t)(n < 1 << 14 ? 1 << 14 : n > 1 << 18 ? 1 << 18 : n);
    const uint32_t w = rows->w < SAMPLE_WIDTH ? rows->w : SAMPLE_WIDTH;
    const uint32_t h = pixels / w;
    return px_picture_new(sample, w, h, error) && gather(rows, sample, error);
}

static bool write_well(const px_rows *rows, uint32_t zoom, FILE *file, px_error *error)
{
    const uint64_t scale = zoom > 0 ? zoom : 1;
    const bool whole = (uint64_t)rows->w * rows->h * scale * scale <= SMALL;
    px_picture sample = {0};
    way best;
    uint64_t size;
    bool ok = take_sample(rows, whole, &sample, error);
    const px_rows tried = px_picture_rows(&sample);
    ok = ok && choose(&tried, zoom, whole, &best, error) &&
         write_stream(whole ? &tried : rows, zoom, best, file, &size, error);
    px_picture_free(&sample);
    return ok;
}

/* ---- files ---- */

bool px_picture_place(const char *path, px_error *error)
{
    if (!px_output_check(path, error))
        return false;
    return !px_output_is_terminal(path) ||
           px_fail(error, PX_E_SYSTEM, "%s is a terminal, and a picture is no text; name a file, or send it to a pipe",
                   path);
}

static bool write_file(const px_rows *rows, uint32_t zoom, const char *path, px_error *error)
{
    px_output output;
    px_error reason = {0};
    if (!px_picture_place(path, error) || !px_output_open(&output, path, error))
        return false;
    const bool good = write_well(rows, zoom, output.file, &reason) ||
                      px_fail(error, reason.code, "%s: %s%s", path, reason.text,
                              output.temporary != NULL ? "; the file is as it was before" : "");
    return px_output_close(&output, good, error);
}

bool px_rows_write(const px_rows *rows, const char *path, px_error *error) { return write_file(rows, 0, path, error); }

bool px_picture_write(const px_picture *picture, const char *path, px_error *error)
{
    const px_rows rows = px_picture_rows(picture);
    return px_rows_write(&rows, path, error);
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

bool px_copy_write(const px_rows *rows, uint32_t zoom, const char *path, px_error *error)
{
    return px_copy_fits(rows->w, rows->h, zoom, error) && write_file(rows, zoom, path, error);
}

/* png_file.c - PNG files read strictly: frame first, then libpng's push reader, in which every warning is an error.
 *
 * The push reader is the one of libpng's readers that notices all surplus data: the pulling one skips IDAT chunks after
 * the end of the compressed stream in silence. */
#include "pxi/png/png_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "pxi/picture.h"
#include "pxi/pixel.h"
#include "pxi/progress.h"
#include "pxi/text_file.h"

static const uint8_t signature[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};

static uint32_t big_endian(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* ---- the frame ---- */

static bool is_type(const uint8_t *p)
{
    for (int i = 0; i < 4; i++)
        if (!((p[i] >= 'A' && p[i] <= 'Z') || (p[i] >= 'a' && p[i] <= 'z')))
            return false;
    return true;
}

static bool truncated(const px_png *png, size_t at, const char *what, px_error *error)
{
    return px_fail(error, PX_E_INPUT,
                   "%s is truncated: it ends after %zu bytes, within %s at byte %zu; copy it again from its source",
                   png->name, png->size, what, at);
}

/* The chunk at byte at, complete. */
static bool find_chunk(const px_png *png, size_t at, px_png_chunk *chunk, px_error *error)
{
    const size_t left = png->size - at;
    if (left == 0)
        return px_fail(error, PX_E_INPUT,
                       "%s is truncated: it ends after %zu bytes without an IEND chunk; copy it again from its source",
                       png->name, png->size);
    if (left < 8)
        return truncated(png, at, "the head of the chunk", error);

    const uint8_t *p = png->data + at;
    if (!is_type(p + 4))
        return px_fail(error, PX_E_INPUT,
                       "%s: the chunk at byte %zu has the type %02X %02X %02X %02X, expected four letters; "
                       "the file is damaged, copy it again from its source",
                       png->name, at, p[4], p[5], p[6], p[7]);
    chunk->at = at;
    memcpy(chunk->type, p + 4, 4);
    chunk->type[4] = '\0';
    chunk->length = big_endian(p);
    chunk->data = p + 8;
    if (chunk->length > INT32_MAX)
        return px_fail(error, PX_E_INPUT,
                       "%s: the %s chunk at byte %zu claims %" PRIu32 " bytes, beyond PNG's 2^31 - 1", png->name,
                       chunk->type, at, chunk->length);
    if (left - 8 < (size_t)chunk->length + 4) {
        char what[16];
        snprintf(what, sizeof what, "the %s chunk", chunk->type);
        return truncated(png, at, what, error);
    }
    return true;
}

static bool check_chunk(const px_png *png, const px_png_chunk *chunk, px_error *error)
{
    const uint32_t stored = big_endian(chunk->data + chunk->length);
    const uint32_t found = (uint32_t)crc32(0, chunk->data - 4, chunk->length + 4);
    if (stored != found)
        return px_fail(error, PX_E_INPUT,
                       "%s: the %s chunk at byte %zu has CRC 0x%08" PRIX32 ", but its bytes give 0x%08" PRIX32
                       "; the file is damaged, copy it again from its source",
                       png->name, chunk->type, chunk->at, stored, found);
    return true;
}

static const char *first_bytes(const px_png *png, char *text, size_t size)
{
    for (size_t i = 0; i < 4 && i < png->size; i++)
        snprintf(text + 3 * i, size - 3 * i, "%02X ", png->data[i]);
    text[strlen(text) - 1] = '\0';
    return text;
}

/* A bit for each allowed depth. */
static unsigned depths_of(uint8_t colour)
{
    switch (colour) {
    case PX_PNG_GREY:
        return 1u << 1 | 1u << 2 | 1u << 4 | 1u << 8 | 1u << 16;
    case PX_PNG_PALETTE:
        return 1u << 1 | 1u << 2 | 1u << 4 | 1u << 8;
    case PX_PNG_RGB:
    case PX_PNG_GREY_ALPHA:
    case PX_PNG_RGBA:
        return 1u << 8 | 1u << 16;
    default:
        return 0;
    }
}

static bool read_header(px_png *png, const px_png_chunk *chunk, px_error *error)
{
    if (strcmp(chunk->type, "IHDR") != 0 || chunk->length != 13)
        return px_fail(error, PX_E_INPUT, "%s begins with a %s chunk of %" PRIu32 " bytes, expected IHDR of 13",
                       png->name, chunk->type, chunk->length);
    const uint8_t *p = chunk->data;
    png->w = big_endian(p);
    png->h = big_endian(p + 4);
    png->depth = p[8];
    png->colour = p[9];
    png->interlace = p[12];
    if (png->depth > 16 || (depths_of(png->colour) >> png->depth & 1) == 0 || p[10] != 0 || p[11] != 0 || p[12] > 1)
        return px_fail(error, PX_E_INPUT,
                       "%s: IHDR has bit depth %d, colour type %d, compression %d, filter %d, interlace %d, "
                       "which PNG does not define; expected 8, 6, 0, 0, 0",
                       png->name, p[8], p[9], p[10], p[11], p[12]);
    return true;
}

/* What else pictures are saved as, by how such files begin; "" for what is not known. */
static const char *other_format(const uint8_t *data, size_t size)
{
    static const struct {
        const char *name, *begin;
        size_t at, length;
    } formats[] = {{"JPEG, which changes pixels", "\xFF\xD8\xFF", 0, 3},
                   {"GIF", "GIF8", 0, 4},
                   {"WebP", "WEBP", 8, 4},
                   {"AVIF", "ftypavif", 4, 8},
                   {"TIFF", "II*\0", 0, 4},
                   {"TIFF", "MM\0*", 0, 4},
                   {"BMP", "BM", 0, 2}};
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (size >= formats[i].at + formats[i].length &&
            memcmp(data + formats[i].at, formats[i].begin, formats[i].length) == 0)
            return formats[i].name;
    return "";
}

bool px_png_open(px_png *png, const void *data, size_t size, const char *name, px_error *error)
{
    *png = (px_png){.name = name, .data = data, .size = size};
    const size_t head = size < sizeof signature ? size : sizeof signature;
    if (size == 0)
        return px_fail(error, PX_E_INPUT, "%s is empty, expected a PNG picture", name);
    if (memcmp(data, signature, head) != 0 && head >= 4 && memcmp(data, signature, 4) == 0)
        return px_fail(
            error, PX_E_INPUT,
            "%s was a PNG file whose line ends were converted: it was copied as text; copy it again as binary", name);
    if (memcmp(data, signature, head) != 0 && px_text_looks(data, size))
        return px_fail(error, PX_E_INPUT,
                       "%s is not a PNG file but text; if it is a program's source, `px asm %s` makes the picture",
                       name, name);
    if (memcmp(data, signature, head) != 0)
        return px_fail(error, PX_E_INPUT,
                       "%s is not a PNG file%s%s: it begins with %s, a PNG with 89 50 4E 47; expected a picture saved "
                       "as PNG, 8-bit RGBA",
                       name, *other_format(data, size) != '\0' ? " but " : "", other_format(data, size),
                       first_bytes(png, (char[16]){""}, 16));
    if (head < sizeof signature)
        return truncated(png, 0, "the signature", error);

    px_png_chunk chunk = {0};
    for (size_t at = sizeof signature; strcmp(chunk.type, "IEND") != 0; at += (size_t)chunk.length + 12)
        if (!find_chunk(png, at, &chunk, error) || !check_chunk(png, &chunk, error) ||
            (at == sizeof signature && !read_header(png, &chunk, error)))
            return false;
    const size_t end = chunk.at + chunk.length + 12;
    if (end != size)
        return px_fail(error, PX_E_INPUT,
                       "%s has %zu bytes after its end (IEND), from byte %zu on; "
                       "something was appended, cut the file to %zu bytes",
                       name, size - end, end, end);
    return px_png_keeps_rules(png, error);
}

bool px_png_next(const px_png *png, px_png_chunk *chunk)
{
    if (strcmp(chunk->type, "IEND") == 0)
        return false;
    const size_t at = chunk->at == 0 ? sizeof signature : chunk->at + chunk->length + 12;
    return find_chunk(png, at, chunk, NULL);
}

bool px_png_find(const px_png *png, const char *type, px_png_chunk *chunk)
{
    *chunk = (px_png_chunk){0};
    while (px_png_next(png, chunk))
        if (strcmp(chunk->type, type) == 0)
            return true;
    return false;
}

const char *px_png_form(const px_png *png, char *text, size_t size)
{
    static const char *const names[] = {"grey", "?", "RGB", "palette", "grey and alpha", "?", "RGBA"};
    snprintf(text, size, "%s%d-bit %s", png->interlace ? "interlaced " : "", png->depth, names[png->colour]);
    return text;
}

bool px_png_no_copy(const px_png *png, px_error *error)
{
    static const char body[] = PX_COPY_KEY "\0" PX_COPY_TEXT;
    px_png_chunk chunk = {0};
    while (px_png_next(png, &chunk))
        if (strcmp(chunk.type, "tEXt") == 0 && chunk.length == sizeof body - 1 &&
            memcmp(chunk.data, body, sizeof body - 1) == 0)
            return px_fail(
                error, PX_E_INPUT,
                "%s is a copy for viewing, as px makes with --zoom, --opaque and --sheet; it holds no program",
                png->name);
    return true;
}

bool px_png_strict(const px_png *png) { return png->colour == PX_PNG_RGBA && png->depth == 8 && !png->interlace; }

uint8_t px_png_channels(const px_png *png)
{
    static const uint8_t channels[] = {1, 0, 3, 1, 2, 0, 4};
    return channels[png->colour];
}

size_t px_png_row_bytes(const px_png *png)
{
    return (size_t)(((uint64_t)png->w * px_png_channels(png) * png->depth + 7) / 8);
}

bool px_png_fits(const px_png *png, px_error *error)
{
    if (px_picture_fits(png->w, png->h))
        return true;
    return px_fail(error, PX_E_INPUT, "%s claims %" PRIu32 " x %" PRIu32 " pixels; a picture has 1 to 2^26 pixels",
                   png->name, png->w, png->h);
}

/* ---- the pixels ---- */

/* What libpng's callbacks share. Nothing of it lives in a frame that longjmp leaves. */
struct decoder {
    const px_png *file;
    uint8_t *rows;
    size_t row_bytes;
    png_structp png;
    png_infop info;
    uint32_t rows_seen; /* of the last pass */
    px_progress progress;
    bool ended;
    char complaint[128];
};

static void on_error(png_structp png, png_const_charp text)
{
    struct decoder *decoder = png_get_error_ptr(png);
    snprintf(decoder->complaint, sizeof decoder->complaint, "%s", text);
    png_longjmp(png, 1);
}

static void on_info(png_structp png, png_infop info)
{
    png_set_interlace_handling(png);
    png_start_read_image(png);
    (void)info;
}

static void on_row(png_structp png, png_bytep row, png_uint_32 y, int pass)
{
    struct decoder *decoder = png_get_progressive_ptr(png);
    if (y >= decoder->file->h)
        png_error(png, "a row beyond the last");
    if (row != NULL)
        png_progressive_combine_row(png, decoder->rows + y * decoder->row_bytes, row);
    if (pass == (decoder->file->interlace ? 6 : 0))
        decoder->rows_seen = y + 1;
    px_progress_show(&decoder->progress, (uint64_t)decoder->rows_seen * decoder->file->w);
}

static void on_end(png_structp png, png_infop info)
{
    struct decoder *decoder = png_get_progressive_ptr(png);
    decoder->ended = true;
    (void)info;
}

static void configure(struct decoder *decoder)
{
    png_structp png = decoder->png;
    png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
    png_set_chunk_malloc_max(png, 0);
    png_set_crc_action(png, PNG_CRC_ERROR_QUIT, PNG_CRC_ERROR_QUIT);
    /* Ancillary chunks mean nothing: libpng is not to have an opinion on them. */
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, (png_const_bytep) "tRNS", 1);
    png_set_progressive_read_fn(png, decoder, on_info, on_row, on_end);
}

/* Everything that may longjmp happens below this frame, which has no locals to lose. */
static bool decode(struct decoder *decoder)
{
    if (setjmp(png_jmpbuf(decoder->png)) != 0)
        return false;
    configure(decoder);
    /* libpng does not write to its input. */
    png_process_data(decoder->png, decoder->info, (png_bytep)(uintptr_t)decoder->file->data, decoder->file->size);
    return true;
}

/* libpng's words, once its habit of naming the chunk (twice) is taken off them. */
static const char *without_chunk_name(const char *text)
{
    while (strlen(text) > 6 && text[4] == ':' && text[5] == ' ' && is_type((const uint8_t *)text))
        text += 6;
    return text;
}

bool px_png_decode(const px_png *png, uint8_t *rows, px_error *error)
{
    if (px_png_window_matters(png) && !px_png_data_sound(png, error))
        return false;
    struct decoder decoder = {.file = png, .rows = rows, .row_bytes = px_png_row_bytes(png)};
    decoder.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &decoder, on_error, on_error);
    if (decoder.png != NULL)
        decoder.info = png_create_info_struct(decoder.png);
    if (decoder.info == NULL) {
        png_destroy_read_struct(&decoder.png, NULL, NULL);
        return px_fail(error, PX_E_SYSTEM, "%s: libpng cannot start: %s", png->name,
                       decoder.complaint[0] != '\0' ? decoder.complaint : "no memory");
    }
    decoder.progress = px_progress_begin("reading", (uint64_t)png->w * png->h);
    const bool sound = decode(&decoder);
    px_progress_end(&decoder.progress);
    png_destroy_read_struct(&decoder.png, &decoder.info, NULL);
    if (sound && decoder.ended && decoder.rows_seen == png->h)
        return true;
    /* libpng knows that something is wrong; what it is, png_data.c says better. */
    return px_png_data_sound(png, error) &&
           px_fail(error, PX_E_INPUT, "%s: the pixels cannot be read: %s; the file is damaged", png->name,
                   decoder.complaint[0] != '\0' ? without_chunk_name(decoder.complaint) : "they end too early");
}

/* Nothing to do where words are stored least byte first, and compilers see it. */
void px_png_words(uint32_t *px, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint8_t bytes[4];
        memcpy(bytes, px + i, 4);
        px[i] = px_rgba(bytes[0], bytes[1], bytes[2], bytes[3]);
    }
}

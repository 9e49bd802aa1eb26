/* png_data.c - the compressed pixels of a PNG file, unpacked and thrown away, to say exactly what is wrong with them.
 *
 * libpng has one sentence for everything that zlib refuses, and whether zlib sees a distance beyond the declared window
 * depends on how the caller cuts its output. Unpacked byte by byte, zlib sees each. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <zlib.h>

#include "pxi/png/png_file.h"

/* ---- where in the picture an unpacked byte is ---- */

typedef struct rows {
    const px_png *png;
    unsigned pass;      /* of 7, or of 1 when not interlaced */
    uint32_t y;         /* within the pass */
    uint64_t left;      /* bytes of the row to come; 0: the next byte is a filter type */
    uint8_t bad_filter; /* above 4, at (pass, y) */
    bool ended, surplus;
} rows;

static unsigned passes(const px_png *png) { return png->interlace ? 7 : 1; }

/* Columns and rows of a pass of Adam7 (PNG section 8.2), or of the whole picture. */
static void pass_size(const px_png *png, unsigned pass, uint32_t *w, uint32_t *h)
{
    static const uint8_t x0[7] = {0, 4, 0, 2, 0, 1, 0}, dx[7] = {8, 8, 4, 4, 2, 2, 1};
    static const uint8_t y0[7] = {0, 0, 4, 0, 2, 0, 1}, dy[7] = {8, 8, 8, 4, 4, 2, 2};
    *w = png->w;
    *h = png->h;
    if (!png->interlace)
        return;
    *w = (uint32_t)(((uint64_t)png->w + dx[pass] - 1 - x0[pass]) / dx[pass]);
    *h = (uint32_t)(((uint64_t)png->h + dy[pass] - 1 - y0[pass]) / dy[pass]);
}

static uint64_t row_bytes(const px_png *png, uint32_t w)
{
    return ((uint64_t)w * px_png_channels(png) * png->depth + 7) / 8;
}

/* To the first pass at or after this one that has pixels. */
static void settle(rows *r)
{
    uint32_t w, h;
    for (; r->pass < passes(r->png); r->pass++, r->y = 0) {
        pass_size(r->png, r->pass, &w, &h);
        if (w > 0 && r->y < h)
            return;
    }
    r->ended = true;
}

static void next_row(rows *r)
{
    r->y++;
    settle(r);
}

/* False at a filter type that there is not, and at a byte beyond the last row. */
static bool follow(rows *r, const uint8_t *bytes, size_t count)
{
    while (count > 0) {
        if (r->ended) {
            r->surplus = true;
            return false;
        }
        if (r->left > 0) {
            const size_t now = r->left < count ? (size_t)r->left : count;
            bytes += now;
            count -= now;
            r->left -= now;
        } else {
            uint32_t w, h;
            pass_size(r->png, r->pass, &w, &h);
            r->bad_filter = *bytes > 4 ? *bytes : 0;
            if (r->bad_filter != 0)
                return false;
            r->left = row_bytes(r->png, w);
            bytes++;
            count--;
        }
        if (r->left == 0)
            next_row(r);
    }
    return true;
}

/* ---- unpacking ---- */

typedef struct unpacking {
    const px_png *png;
    rows rows;
    z_stream z;
    int result;  /* zlib's last */
    size_t at;   /* the byte of the file behind the last one that was used */
    size_t step; /* bytes asked of zlib at a time */
    bool followed;
} unpacking;

static void unpack_chunk(unpacking *u, const px_png_chunk *chunk)
{
    uint8_t out[1 << 14];
    u->z.next_in = (z_const Bytef *)(uintptr_t)chunk->data; /* zlib does not write to its input */
    u->z.avail_in = chunk->length;
    do {
        u->z.next_out = out;
        u->z.avail_out = (uInt)u->step;
        u->result = inflate(&u->z, Z_NO_FLUSH);
        u->followed = follow(&u->rows, out, u->step - u->z.avail_out);
    } while (u->followed && u->result == Z_OK && (u->z.avail_in > 0 || u->z.avail_out == 0));
    u->at = chunk->at + 8 + (chunk->length - u->z.avail_in);
}

/* Up to the end of the stream or the first thing that is wrong; false without memory. */
static bool unpack(unpacking *u, const px_png *png, int window, size_t step)
{
    px_png_chunk chunk = {0};
    *u = (unpacking){.png = png, .rows = {.png = png}, .step = step, .followed = true};
    settle(&u->rows);
    if (inflateInit2(&u->z, window) != Z_OK)
        return false;
    while (u->followed && (u->result == Z_OK || u->result == Z_BUF_ERROR) && px_png_next(png, &chunk))
        if (strcmp(chunk.type, "IDAT") == 0)
            unpack_chunk(u, &chunk);
    return true;
}

/* What stands behind the end of the compressed stream. */
static size_t bytes_behind(const unpacking *u)
{
    size_t count = 0;
    px_png_chunk chunk = {0};
    while (px_png_next(u->png, &chunk))
        if (strcmp(chunk.type, "IDAT") == 0 && chunk.at + 8 + chunk.length > u->at)
            count += chunk.at + 8 < u->at ? chunk.at + 8 + chunk.length - u->at : chunk.length;
    return count;
}

static bool is_sound(const unpacking *u)
{
    return u->followed && u->result == Z_STREAM_END && u->rows.ended && bytes_behind(u) == 0;
}

/* ---- the zlib header ---- */

static uint64_t unpacked_bytes(const px_png *png)
{
    uint64_t bytes = 0;
    for (unsigned pass = 0; pass < passes(png); pass++) {
        uint32_t w, h;
        pass_size(png, pass, &w, &h);
        bytes += w > 0 ? h * (row_bytes(png, w) + 1) : 0;
    }
    return bytes;
}

/* The window that the first byte of the pixels declares. */
static uint32_t window_of(const px_png *png)
{
    px_png_chunk chunk = {0};
    while (px_png_next(png, &chunk))
        if (strcmp(chunk.type, "IDAT") == 0 && chunk.length > 0)
            return UINT32_C(1) << (8 + (chunk.data[0] >> 4));
    return UINT32_C(1) << 15;
}

bool px_png_window_matters(const px_png *png)
{
    return window_of(png) < UINT32_C(1) << 15 && unpacked_bytes(png) > window_of(png);
}

/* ---- words ---- */

static bool refuse(const unpacking *u, px_error *error, const char *what)
{
    return px_fail(error, PX_E_INPUT, "%s: the compressed pixels (IDAT) %s; the file is damaged, copy it again",
                   u->png->name, what);
}

/* Only the window is too small, which encoders get wrong, and libpng's own repair tool sets right. */
static bool refuse_window(const px_png *png, px_error *error)
{
    return px_fail(
        error, PX_E_INPUT,
        "%s: the compressed pixels (IDAT) reach back farther than the window of %" PRIu32
        " bytes that their zlib header declares: an encoder's mistake; `pngfix --out=NEW.png %s` (libpng-tools) "
        "mends it without loss",
        png->name, window_of(png), png->name);
}

static bool refuse_stream(const unpacking *u, px_error *error)
{
    char text[160];
    const char *said = u->z.msg != NULL ? u->z.msg : "no end";
    if (u->result == Z_NEED_DICT)
        return refuse(u, error, "want a preset dictionary (FDICT), which PNG does not allow");
    if (strcmp(said, "incorrect data check") == 0)
        return refuse(u, error, "unpack, but not to what was packed: their Adler-32 is wrong");
    snprintf(text, sizeof text, "cannot be unpacked: %.80s, found at byte %zu", said, u->at);
    return refuse(u, error, text);
}

static bool refuse_rows(const unpacking *u, px_error *error)
{
    char text[160], pass[32] = "";
    const rows *r = &u->rows;
    if (u->png->interlace)
        snprintf(pass, sizeof pass, " of pass %u", r->pass + 1);
    if (r->bad_filter != 0)
        snprintf(text, sizeof text, "have filter type %d in row %" PRIu32 "%s, expected 0 to 4", r->bad_filter, r->y,
                 pass);
    else
        snprintf(text, sizeof text, "are more than the header's %" PRIu32 " x %" PRIu32 " pixels", u->png->w,
                 u->png->h);
    return refuse(u, error, text);
}

static bool refuse_end(const unpacking *u, px_error *error)
{
    const rows *r = &u->rows;
    char text[160], pass[32] = "";
    if (u->png->interlace)
        snprintf(pass, sizeof pass, " of pass %u", r->pass + 1);
    if (!r->ended)
        return px_fail(error, PX_E_INPUT,
                       "%s: the compressed pixels end in row %" PRIu32 "%s, expected %" PRIu32
                       " rows; the file is damaged",
                       u->png->name, r->y, pass, u->png->h);
    if (u->result != Z_STREAM_END)
        return refuse(u, error, "are cut short: their last bytes (Adler-32) are missing");
    snprintf(text, sizeof text, "have %zu bytes behind their end", bytes_behind(u));
    return refuse(u, error, text);
}

static bool say(const unpacking *u, px_error *error)
{
    if (!u->followed)
        return refuse_rows(u, error);
    if (u->result != Z_OK && u->result != Z_BUF_ERROR && u->result != Z_STREAM_END)
        return refuse_stream(u, error);
    return refuse_end(u, error);
}

/* Whether nothing is wrong but that the window is declared too small. */
static bool sound_with_a_wider_window(const px_png *png)
{
    unpacking wide;
    if (window_of(png) >= UINT32_C(1) << 15 || !unpack(&wide, png, 15, 1 << 14))
        return false;
    const bool sound = is_sound(&wide);
    inflateEnd(&wide.z);
    return sound;
}

bool px_png_data_sound(const px_png *png, px_error *error)
{
    unpacking exact;
    if (!unpack(&exact, png, 0, px_png_window_matters(png) ? 1 : 1 << 14))
        return px_fail(error, PX_E_SYSTEM, "%s: no memory to unpack it", png->name);
    const bool sound = is_sound(&exact);
    if (!sound && sound_with_a_wider_window(png))
        refuse_window(png, error);
    else if (!sound)
        say(&exact, error);
    inflateEnd(&exact.z);
    return sound;
}

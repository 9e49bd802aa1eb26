/* apng.c - see apng.h. libpng as Debian has it writes no animations, so the chunks are put together here, and zlib
 * packs their rows. Of each frame but the first only the rectangle is kept in which it differs from the one before. */
#include "pxi/png/apng.h"

#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "pxi/output_file.h"
#include "pxi/pixel.h"
#include "pxi/png/picture_file.h"
#include "pxi/png/png_file.h"

/* A rectangle of pixels, and how many frames long it is shown. */
typedef struct frame {
    uint32_t x, y, w, h, lasts;
    uint8_t *data; /* zlib's stream */
    uLong size;
} frame;

struct px_apng {
    uint32_t w, h, zoom, fps;
    uint32_t *last; /* the pixels of the last frame */
    frame *frames;
    uint32_t count;
};

bool px_apng_open(px_apng **apng, uint32_t w, uint32_t h, uint32_t zoom, uint32_t fps, px_error *error)
{
    *apng = NULL;
    if (!px_copy_fits(w, h, zoom, error))
        return false;
    px_apng *a = calloc(1, sizeof *a);
    if (a == NULL || (a->last = calloc((size_t)w * h, sizeof *a->last)) == NULL) {
        free(a);
        return px_fail(error, PX_E_SYSTEM, "no memory for an animation of %" PRIu32 " x %" PRIu32 " pixels", w, h);
    }
    a->w = w;
    a->h = h;
    a->zoom = zoom;
    a->fps = fps;
    *apng = a;
    return true;
}

void px_apng_close(px_apng *a)
{
    if (a == NULL)
        return;
    for (uint32_t i = 0; i < a->count; i++)
        free(a->frames[i].data);
    free(a->frames);
    free(a->last);
    free(a);
}

uint32_t px_apng_frames(const px_apng *a) { return a->count; }

/* ---- frames ---- */

/* Where a frame differs from the last; w is 0 when it does not. Alpha is not shown, so it does not count. */
static frame difference(const px_apng *a, const uint32_t *px)
{
    uint32_t left = a->w, right = 0, top = a->h, bottom = 0;
    for (uint32_t y = 0; y < a->h; y++)
        for (uint32_t x = 0; x < a->w; x++) {
            const size_t at = (size_t)y * a->w + x;
            if (((px[at] ^ a->last[at]) & 0xFFFFFF) == 0)
                continue;
            left = x < left ? x : left;
            right = x + 1 > right ? x + 1 : right;
            top = y < top ? y : top;
            bottom = y + 1;
        }
    return right == 0 ? (frame){0} : (frame){left, top, right - left, bottom - top, 1, NULL, 0};
}

/* The rows of a frame as PNG has them, each less the row above it (filter 2), or as they are: whichever packs better.
 */
static uint8_t *rows_of(const px_apng *a, const uint32_t *px, const frame *f, bool above, size_t *size)
{
    const size_t row = 1 + (size_t)f->w * a->zoom * 3;
    *size = row * f->h * a->zoom;
    uint8_t *bytes = calloc(*size, 1);
    for (uint32_t y = 0; bytes != NULL && y < f->h * a->zoom; y++) {
        uint8_t *to = bytes + y * row;
        const uint32_t *now = px + (size_t)(f->y + y / a->zoom) * a->w + f->x;
        const uint32_t *before = y == 0 ? NULL : px + (size_t)(f->y + (y - 1) / a->zoom) * a->w + f->x;
        *to++ = above ? 2 : 0;
        for (uint32_t x = 0; x < f->w * a->zoom; x++)
            for (unsigned k = 0; k < 3; k++)
                *to++ = (uint8_t)(px_byte(now[x / a->zoom], k) -
                                  (above && before != NULL ? px_byte(before[x / a->zoom], k) : 0));
    }
    return bytes;
}

static bool pack(const px_apng *a, const uint32_t *px, frame *f)
{
    for (int above = 0; above < 2; above++) {
        size_t raw;
        uint8_t *bytes = rows_of(a, px, f, above == 1, &raw);
        uLong size = bytes != NULL ? compressBound((uLong)raw) : 0;
        uint8_t *data = bytes != NULL ? malloc(size) : NULL;
        const bool ok = data != NULL && compress2(data, &size, bytes, (uLong)raw, 6) == Z_OK;
        free(bytes);
        if (ok && (f->data == NULL || size < f->size)) {
            free(f->data);
            f->data = data;
            f->size = size;
        } else {
            free(data);
        }
        if (!ok)
            return false;
    }
    return true;
}

bool px_apng_add(px_apng *a, const uint32_t *px, px_error *error)
{
    frame f = a->count == 0 ? (frame){0, 0, a->w, a->h, 1, NULL, 0} : difference(a, px);
    if (f.w == 0) {
        a->frames[a->count - 1].lasts++;
        return true;
    }
    if (a->count == PX_APNG_FRAMES)
        return px_fail(error, PX_E_INPUT, "an animation of more than %d frames; show fewer of the run", PX_APNG_FRAMES);
    frame *more = realloc(a->frames, (a->count + 1) * sizeof *more);
    a->frames = more != NULL ? more : a->frames;
    if (more == NULL || !pack(a, px, &f)) {
        free(f.data);
        return px_fail(error, PX_E_SYSTEM, "no memory for frame %" PRIu32 " of an animation", a->count + 1);
    }
    memcpy(a->last, px, (size_t)a->w * a->h * sizeof *px);
    a->frames[a->count++] = f;
    return true;
}

/* ---- chunks ---- */

static void put32(uint8_t *to, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        to[i] = (uint8_t)(value >> (24 - 8 * i));
}

/* A chunk of two parts, either of which may be empty; writing errors are seen when the file is closed. */
static void chunk(FILE *to, const char *type, const uint8_t *head, size_t head_size, const uint8_t *data, size_t size)
{
    uint8_t word[4];
    put32(word, (uint32_t)(head_size + size));
    fwrite(word, 1, 4, to);
    fwrite(type, 1, 4, to);
    if (head_size > 0)
        fwrite(head, 1, head_size, to);
    if (size > 0)
        fwrite(data, 1, size, to);
    uLong crc = crc32(0, (const Bytef *)type, 4);
    if (head_size > 0)
        crc = crc32(crc, head, (uInt)head_size);
    for (size_t done = 0, now; done < size; done += now) {
        now = size - done < UINT_MAX ? size - done : UINT_MAX;
        crc = crc32(crc, data + done, (uInt)now);
    }
    put32(word, (uint32_t)crc);
    fwrite(word, 1, 4, to);
}

static void put_head(FILE *to, const px_apng *a)
{
    static const char comment[] = PX_COPY_KEY "\0" PX_COPY_TEXT;
    uint8_t header[13] = {0}, control[8] = {0};
    fwrite("\x89PNG\r\n\x1a\n", 1, 8, to);
    put32(header, a->w * a->zoom);
    put32(header + 4, a->h * a->zoom);
    header[8] = 8;
    header[9] = PX_PNG_RGB;
    chunk(to, "IHDR", header, sizeof header, NULL, 0);
    chunk(to, "tEXt", (const uint8_t *)comment, sizeof comment - 1, NULL, 0);
    put32(control, a->count); /* and 0 plays: for ever */
    chunk(to, "acTL", control, sizeof control, NULL, 0);
}

static void put_frame(FILE *to, const px_apng *a, uint32_t i, uint32_t *sequence)
{
    const frame *f = &a->frames[i];
    uint8_t control[26] = {0}, number[4];
    const uint64_t lasts = f->lasts + (i + 1 == a->count ? a->fps : 0);
    const uint32_t numerator = lasts > 65535 ? 65535 : (uint32_t)lasts;
    put32(control, (*sequence)++);
    put32(control + 4, f->w * a->zoom);
    put32(control + 8, f->h * a->zoom);
    put32(control + 12, f->x * a->zoom);
    put32(control + 16, f->y * a->zoom);
    control[20] = (uint8_t)(numerator >> 8);
    control[21] = (uint8_t)numerator;
    control[22] = (uint8_t)(a->fps >> 8);
    control[23] = (uint8_t)a->fps; /* then: leave what is there, and put this over it */
    chunk(to, "fcTL", control, sizeof control, NULL, 0);
    if (i == 0) {
        chunk(to, "IDAT", NULL, 0, f->data, f->size);
        return;
    }
    put32(number, (*sequence)++);
    chunk(to, "fdAT", number, sizeof number, f->data, f->size);
}

bool px_apng_write(const px_apng *a, const char *path, px_error *error)
{
    px_output output;
    uint32_t sequence = 0;
    if (!px_picture_place(path, error) || !px_output_open(&output, path, error))
        return false;
    put_head(output.file, a);
    for (uint32_t i = 0; i < a->count; i++)
        put_frame(output.file, a, i, &sequence);
    chunk(output.file, "IEND", NULL, 0, NULL, 0);
    return px_output_close(&output, true, error);
}

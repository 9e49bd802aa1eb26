/* png_rules.c - which chunks a PNG file may hold, how often and in what order: the list of SPEC.md section 2, as far as
 * it is about chunks. Ancillary chunks are free to stand anywhere. */
#include <inttypes.h>
#include <string.h>

#include "pxi/png/png_file.h"

/* What has been met on the way through the file. */
typedef struct progress {
    const px_png *png;
    px_error *error;
    char before[5]; /* the last chunk's type */
    bool palette, image;
} progress;

static bool is(const px_png_chunk *chunk, const char *type) { return strcmp(chunk->type, type) == 0; }

static bool refuse(const progress *p, const px_png_chunk *chunk, const char *why)
{
    return px_fail(p->error, PX_E_INPUT, "%s: the %s chunk at byte %zu %s; the file is damaged", p->png->name,
                   chunk->type, chunk->at, why);
}

/* Also for RGB and RGBA, where a palette only suggests colours. */
static bool check_palette(progress *p, const px_png_chunk *chunk)
{
    const px_png *png = p->png;
    if (png->colour == PX_PNG_GREY || png->colour == PX_PNG_GREY_ALPHA)
        return refuse(p, chunk, "is a palette, which a grey picture may not have");
    if (p->palette)
        return refuse(p, chunk, "is a second palette, expected one");
    if (p->image)
        return refuse(p, chunk, "comes after the pixels (IDAT), expected before");
    if (chunk->length == 0 || chunk->length % 3 != 0 || chunk->length > 768)
        return px_fail(p->error, PX_E_INPUT,
                       "%s: the PLTE chunk at byte %zu has %" PRIu32
                       " bytes, expected 3 for each of 1 to 256 colours; the file is damaged",
                       png->name, chunk->at, chunk->length);
    if (png->colour == PX_PNG_PALETTE && chunk->length / 3 > 1u << png->depth)
        return px_fail(p->error, PX_E_INPUT,
                       "%s: the PLTE chunk at byte %zu has %" PRIu32
                       " colours, but %d bits can name only %u; the file is damaged",
                       png->name, chunk->at, chunk->length / 3, png->depth, 1u << png->depth);
    p->palette = true;
    return true;
}

static bool check_image(progress *p, const px_png_chunk *chunk)
{
    if (p->image && strcmp(p->before, "IDAT") != 0)
        return refuse(p, chunk, "does not follow the one before it, expected all IDAT chunks in a row");
    if (p->png->colour == PX_PNG_PALETTE && !p->palette)
        return refuse(p, chunk, "comes without a palette (PLTE) before it");
    p->image = true;
    return true;
}

static bool check_chunk(progress *p, const px_png_chunk *chunk)
{
    const bool critical = (chunk->type[0] & 0x20) == 0;
    if (is(chunk, "IHDR"))
        return p->before[0] == '\0' || refuse(p, chunk, "is a second header, expected one, at the start");
    if (is(chunk, "PLTE"))
        return check_palette(p, chunk);
    if (is(chunk, "IDAT"))
        return check_image(p, chunk);
    if (is(chunk, "IEND"))
        return chunk->length == 0 || refuse(p, chunk, "is not empty");
    return !critical || refuse(p, chunk, "is critical and not known, expected none but IHDR, PLTE, IDAT and IEND");
}

bool px_png_keeps_rules(const px_png *png, px_error *error)
{
    progress p = {.png = png, .error = error};
    px_png_chunk chunk = {0};
    while (px_png_next(png, &chunk)) {
        if (!check_chunk(&p, &chunk))
            return false;
        memcpy(p.before, chunk.type, sizeof p.before);
    }
    return p.image || px_fail(error, PX_E_INPUT, "%s has no IDAT chunk, so it holds no pixels", png->name);
}

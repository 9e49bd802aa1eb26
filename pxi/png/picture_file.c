/* picture_file.c - pictures read from strict 8-bit RGBA PNG files. */
#include "pxi/png/picture_file.h"

#include <stdlib.h>
#include <string.h>

#include "pxi/input_file.h"
#include "pxi/png/png_file.h"

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
    px_png_words(picture->px, (size_t)picture->w * picture->h);
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

bool px_state_read(px_state *state, const char *path, px_error *error)
{
    px_picture picture;
    *state = (px_state){0};
    if (!px_picture_read(&picture, path, error))
        return false;
    const bool done = px_state_take(state, &picture, path, error);
    px_picture_free(&picture);
    return done;
}

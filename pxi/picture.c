/* picture.c - see picture.h. */
#include "pxi/picture.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

bool px_picture_fits(uint32_t w, uint32_t h)
{
    if (w == 0 || h == 0 || w > PX_MAX_PIXELS)
        return false;
    const uint32_t words = px_state_rows(w);
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

static bool rows_of_picture(void *context, uint32_t y, uint32_t count, uint32_t *px, px_error *error)
{
    const px_picture *picture = context;
    (void)error;
    memcpy(px, picture->px + (size_t)y * picture->w, (size_t)count * picture->w * sizeof *px);
    return true;
}

px_rows px_picture_rows(const px_picture *picture)
{
    return (px_rows){picture->w, picture->h, rows_of_picture, (void *)(uintptr_t)picture};
}

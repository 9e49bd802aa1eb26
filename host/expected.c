/* expected.c - see expected.h. */
#include "host/expected.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "pxi/number.h"
#include "pxi/pixel.h"
#include "pxi/text_file.h"

static bool field(const char **at, uint32_t *value)
{
    uint64_t wide;
    *at += strspn(*at, " \t");
    if (!px_scan_number(at, &wide) || wide > UINT32_MAX)
        return false;
    *value = (uint32_t)wide;
    return true;
}

/* A line without its end; true when it is empty or a region. */
static bool one_line(px_expected *expected, char *line, unsigned number, px_error *error)
{
    px_region r;
    int end = 0;
    line[strcspn(line, "#")] = '\0';
    if (line[strspn(line, " \t")] == '\0')
        return true;
    const char *at = line;
    if (sscanf(line, "%63s%n", r.name, &end) == 1)
        at += end;
    if (at == line || !field(&at, &r.x) || !field(&at, &r.y) || !field(&at, &r.w) || !field(&at, &r.h) ||
        sscanf(at, " %8" SCNx32 " %n", &r.crc, &end) != 1 || at[end] != '\0')
        return px_fail(error, PX_E_INPUT, "%s:%u: '%s', expected NAME X Y W H CRC", expected->path, number, line);
    px_region *more = realloc(expected->at, (expected->count + 1) * sizeof *more);
    if (more == NULL)
        return px_fail(error, PX_E_SYSTEM, "%s: no memory", expected->path);
    expected->at = more;
    expected->at[expected->count++] = r;
    return true;
}

bool px_expected_read(px_expected *expected, const char *path, px_error *error)
{
    char *text;
    size_t size;
    *expected = (px_expected){.path = path};
    if (!px_text_read(&text, &size, path, error))
        return false;
    bool ok = true;
    char *rest = text;
    char *line;
    for (unsigned number = 1; ok && (line = px_text_line(&rest)) != NULL; number++)
        ok = one_line(expected, line, number, error);
    free(text);
    if (!ok)
        px_expected_free(expected);
    return ok;
}

void px_expected_free(px_expected *expected)
{
    free(expected->at);
    *expected = (px_expected){0};
}

/* Of the bytes R, G, B, A of each pixel, row by row. */
static uint32_t crc_of(const px_state *state, const px_region *r)
{
    uLong crc = crc32(0, NULL, 0);
    for (uint32_t y = 0; y < r->h; y++)
        for (uint32_t x = 0; x < r->w; x++) {
            const uint32_t pixel = state->mem[(size_t)(r->y + y) * state->w + r->x + x];
            uint8_t bytes[4];
            for (unsigned k = 0; k < 4; k++)
                bytes[k] = (uint8_t)px_byte(pixel, k);
            crc = crc32(crc, bytes, sizeof bytes);
        }
    return (uint32_t)crc;
}

static bool is_inside(const px_state *state, const px_region *r)
{
    return (uint64_t)r->x + r->w <= state->w && (uint64_t)r->y + r->h <= state->h;
}

px_expectation px_expected_check(const px_expected *expected, const char *name, const px_state *state, char *text,
                                 size_t size)
{
    px_expectation all = PX_UNKNOWN;
    for (size_t i = 0; i < expected->count; i++) {
        const px_region *r = &expected->at[i];
        if (strcmp(r->name, name) != 0)
            continue;
        const bool inside = is_inside(state, r);
        const uint32_t crc = inside ? crc_of(state, r) : 0;
        if (inside && crc == r->crc) {
            all = PX_RIGHT;
            continue;
        }
        int at =
            snprintf(text, size, "it is not the picture: %" PRIu32 "x%" PRIu32 " pixels at (%" PRIu32 ",%" PRIu32 ")",
                     r->w, r->h, r->x, r->y);
        if (at >= 0 && (size_t)at < size)
            snprintf(text + at, size - (size_t)at,
                     inside ? " have CRC %08" PRIX32 ", expected %08" PRIX32 " (%s)" : " are not there", crc, r->crc,
                     expected->path);
        return PX_WRONG;
    }
    return all;
}

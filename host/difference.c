/* difference.c - see difference.h. */
#include "host/difference.h"

#include <inttypes.h>
#include <string.h>

#include "host/font.h"
#include "pxi/number.h"
#include "pxi/pixel.h"
#include "pxi/png/picture_file.h"

enum { MOST_ROWS = 12, PANEL = 512, GAP = 8, TITLE = PX_FONT_HEIGHT + 4, MOST_ZOOM = 16 };

/* ---- the table ---- */

typedef struct table {
    FILE *to;
    int width;
    uint64_t rows;
} table;

static void row(table *t, const char *what, uint32_t a, uint32_t b)
{
    if (a != b && t->rows++ < MOST_ROWS)
        fprintf(t->to, "  %-20s 0x%08" PRIX32 "%*s 0x%08" PRIX32 "\n", what, a, t->width - 10, "", b);
}

void px_difference_tell(FILE *to, const px_state *a, const char *a_name, const px_state *b, const char *b_name)
{
    char what[64];
    const int length = (int)strlen(a_name);
    table t = {to, length > 10 ? length : 10, 0};
    fprintf(to, "  %-20s %-*s %s\n", "", t.width, a_name, b_name);
    row(&t, "pc", a->pc, b->pc);
    row(&t, "vl", a->vl, b->vl);
    row(&t, "status", a->status, b->status);
    row(&t, "cause", a->cause, b->cause);
    row(&t, "value", a->value, b->value);
    row(&t, "retired", a->retired, b->retired);
    for (unsigned i = 0; i < 256; i++) {
        snprintf(what, sizeof what, "r%u", i);
        row(&t, what, a->reg[i], b->reg[i]);
    }
    for (uint32_t at = 0; at < px_state_pixels(a); at++)
        if (a->mem[at] != b->mem[at]) {
            snprintf(what, sizeof what, "%" PRIu32 " (%" PRIu32 ",%" PRIu32 ")", at, at % a->w, at / a->w);
            row(&t, what, a->mem[at], b->mem[at]);
        }
    if (t.rows > MOST_ROWS)
        fprintf(to, "  and %s more\n", px_grouped(t.rows - MOST_ROWS));
}

/* ---- the picture ---- */

/* How an image is shown: each pixel zoom x zoom, or a square of them as one. */
typedef struct scale {
    uint32_t zoom, square, w, h; /* w, h: of a panel */
} scale;

static scale scale_of(const px_state *s)
{
    const uint32_t larger = s->w > s->h ? s->w : s->h;
    scale c = {larger < PANEL ? PANEL / larger : 1, (larger + PANEL - 1) / PANEL, 0, 0};
    c.zoom = c.zoom < MOST_ZOOM ? c.zoom : MOST_ZOOM;
    c.w = (s->w + c.square - 1) / c.square * c.zoom;
    c.h = (s->h + c.square - 1) / c.square * c.zoom;
    return c;
}

static bool differs(const px_state *a, const px_state *b, uint32_t x, uint32_t y, uint32_t square)
{
    for (uint32_t v = y; v < y + square && v < a->h; v++)
        for (uint32_t u = x; u < x + square && u < a->w; u++)
            if (a->mem[v * a->w + u] != b->mem[v * a->w + u])
                return true;
    return false;
}

static uint32_t opaque(uint32_t pixel) { return px_with_byte(pixel, 3, 255); }

static uint32_t marked(const px_state *a, const px_state *b, uint32_t x, uint32_t y, uint32_t square)
{
    const uint32_t px = a->mem[y * a->w + x];
    return differs(a, b, x, y, square) ? px_rgba(255, 40, 40, 255)
                                       : px_rgba(px_byte(px, 0) / 4, px_byte(px, 1) / 4, px_byte(px, 2) / 4, 255);
}

static void paint(px_picture *to, const px_state *a, const px_state *b, unsigned panel, scale c)
{
    const uint32_t left = GAP + panel * (c.w + GAP);
    for (uint32_t y = 0; y < c.h; y++)
        for (uint32_t x = 0; x < c.w; x++) {
            const uint32_t u = x / c.zoom * c.square, v = y / c.zoom * c.square;
            to->px[(TITLE + y) * to->w + left + x] = panel == 0   ? opaque(a->mem[v * a->w + u])
                                                     : panel == 1 ? opaque(b->mem[v * a->w + u])
                                                                  : marked(a, b, u, v, c.square);
        }
}

bool px_difference_write(const px_state *a, const char *a_name, const px_state *b, const char *b_name, const char *path,
                         px_error *error)
{
    const scale c = scale_of(a);
    const char *const title[] = {a_name, b_name, "difference"};
    px_picture picture;
    if (!px_picture_new(&picture, GAP + 3 * (c.w + GAP), TITLE + c.h + GAP, error))
        return false;
    for (uint32_t at = 0; at < picture.w * picture.h; at++)
        picture.px[at] = px_rgba(32, 32, 32, 255);
    for (unsigned panel = 0; panel < 3; panel++) {
        paint(&picture, a, b, panel, c);
        char text[128]; /* as much as fits over the panel */
        snprintf(text, sizeof text, "%.*s", (int)(c.w / PX_FONT_WIDTH), title[panel]);
        px_font_write(&picture, GAP + panel * (c.w + GAP), 2, 1, px_rgba(220, 220, 220, 255), text);
    }
    const px_rows rows = px_picture_rows(&picture);
    const bool ok = px_copy_write(&rows, 1, path, error);
    px_picture_free(&picture);
    return ok;
}

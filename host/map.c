/* map.c - see map.h. */
#include "host/map.h"

#include <stdlib.h>
#include <string.h>

#include "host/font.h"
#include "pxi/pixel.h"
#include "pxi/saved.h"

enum {
    LARGEST_SCALE = 8,
    MOST_PIXELS = 1 << 24, /* of a map; browsers and editors open 4096 x 4096 without complaint */
    GRID_SCALE = 4,        /* from here on cells are apart */
    TEXT_SCALE = 2,
    LINE = (PX_FONT_HEIGHT + 2) * TEXT_SCALE,
    SWATCH = PX_FONT_HEIGHT * TEXT_SCALE,
    MOST_SHADES = 8,
    MOST_ENTRIES = 24,
    LEGEND_WIDTH = MOST_SHADES * SWATCH + 34 * PX_FONT_WIDTH * TEXT_SCALE
};

static uint32_t opaque(uint32_t rgb) { return px_rgba(rgb >> 16, rgb >> 8, rgb, 255); }

static const uint32_t background = 0xFF181818, ink = 0xFFE0E0E0, grid = 0xFF000000;

/* ---- what is code ---- */

/* The addresses of the code: from start to before end. */
typedef struct code {
    uint32_t start, end;
} code;

static code code_of_v1(const uint32_t *mem, uint32_t n)
{
    if (n < PX_HEADER_PIXELS)
        return (code){0, 0};
    const uint32_t end = mem[PX_HEADER_END]; /* a program may have written its header since it was loaded */
    return (code){PX_HEADER_PIXELS, end < n ? end : n};
}

static code code_of(const px_state *s)
{
    if (s->profile == PX_CLASSIC)
        return (code){0, s->w < PX_CLASSIC_STEPS ? s->w : PX_CLASSIC_STEPS};
    return code_of_v1(s->mem, px_state_pixels(s));
}

/* As large as so many of its rows can be. */
static px_map_size size_with(const px_state *s, uint32_t rows)
{
    uint32_t scale = LARGEST_SCALE;
    while (scale > 1 && (uint64_t)s->w * rows * scale * scale > MOST_PIXELS)
        scale /= 2;
    const uint32_t room = MOST_PIXELS / (scale * scale) / s->w;
    return (px_map_size){room == 0 ? 1 : room < s->h ? room : s->h, scale};
}

px_map_size px_map_size_of(const px_state *s)
{
    const code c = code_of(s);
    return size_with(s, c.end == 0 ? 1 : (c.end - 1) / s->w + 1);
}

px_map_size px_map_size_of_regions(const px_state *s) { return size_with(s, s->h); }

/* ---- the legend ---- */

typedef struct entry {
    const char *text;
    uint32_t shade[MOST_SHADES];
    unsigned shades;
} entry;

typedef struct legend {
    entry at[MOST_ENTRIES];
    unsigned count;
} legend;

static void mention(legend *l, const char *text, uint32_t colour)
{
    unsigned i = 0;
    while (i < l->count && strcmp(l->at[i].text, text) != 0)
        i++;
    if (i == MOST_ENTRIES)
        return;
    if (i == l->count)
        l->at[l->count++] = (entry){.text = text};
    entry *e = &l->at[i];
    for (unsigned k = 0; k < e->shades; k++)
        if (e->shade[k] == colour)
            return;
    if (e->shades < MOST_SHADES)
        e->shade[e->shades++] = colour;
}

static void fill(px_picture *map, uint32_t x, uint32_t y, uint32_t w, uint32_t h, uint32_t colour)
{
    for (uint32_t j = y; j < y + h && j < map->h; j++)
        for (uint32_t i = x; i < x + w && i < map->w; i++)
            map->px[(size_t)j * map->w + i] = colour;
}

static void draw_legend(px_picture *map, const legend *l, uint32_t top)
{
    for (unsigned i = 0; i < l->count; i++) {
        const entry *e = &l->at[i];
        const uint32_t y = top + LINE / 2 + i * LINE;
        for (uint32_t k = 0; k < e->shades; k++)
            fill(map, 2 + k * SWATCH, y, SWATCH - 2, SWATCH - 2, e->shade[k]);
        px_font_write(map, 8 + e->shades * SWATCH, y, TEXT_SCALE, ink, e->text);
    }
}

/* ---- cells ---- */

static const char *name_of(const px_state *s, const px_opcode *op)
{
    static const char *const class_text[] = {
#define PXI_CLASS(id, number, text) [number] = text,
#include "pxi/isa.def"
    };
    return s->profile == PX_CLASSIC ? op->mnemonic : class_text[op->class];
}

/* What stands at each address: 0 for data, else the colour. mem and colour begin with the image that has the code. */
static void colour_code(const px_state *s, const uint32_t *mem, code c, uint32_t *colour, legend *l)
{
    for (uint32_t at = 0; at < c.start; at++)
        mention(l, "header", colour[at] = opaque(0x808080));
    for (uint32_t at = c.start; at < c.end; at++) {
        const px_opcode *op = px_opcode_of((int)s->profile, (uint8_t)mem[at]);
        if (op->mnemonic == NULL)
            continue;
        mention(l, name_of(s, op), colour[at] = opaque(op->colour));
        if (s->profile == PX_V1 && op->number == PX_OP_LIT && ++at < c.end)
            mention(l, "literal", colour[at] = opaque(0xFFFFFF));
    }
}

/* ---- machines in the image ---- */

static const struct {
    const char *text;
    uint32_t colour;
} statuses[] = {[PX_RUNNING] = {"a saved machine, RUNNING", 0x40E060},
                [PX_HALTED] = {"a saved machine, HALTED", 0xA0A0A0},
                [PX_WAITING] = {"a saved machine, WAITING", 0x40A0FF},
                [PX_TRAPPED] = {"a saved machine, TRAPPED", 0xFF4040}};

/* The words of a machine's header up to retired have the colour of its status, and in its image its own code is drawn.
 */
static void colour_machines(const px_state *s, uint32_t *colour, legend *l)
{
    px_saved m;
    for (uint32_t at = 0; px_saved_next(s, &at, &m);) {
        const uint32_t mark = opaque(statuses[m.machine.status].colour), pixels = m.end - m.image;
        mention(l, statuses[m.machine.status].text, mark);
        for (uint32_t i = m.at; i < m.end; i++)
            colour[i] = i < m.at + PX_SAVED_REG ? mark : 0;
        if (pixels >= PX_HEADER_PIXELS && s->mem[m.image] == PX_MAGIC_PROGRAM)
            colour_code(s, s->mem + m.image, code_of_v1(s->mem + m.image, pixels), colour + m.image, l);
    }
}

/* Dark where there is nothing. */
static uint32_t shade(uint32_t rgb, bool full) { return opaque(full ? rgb : rgb >> 1 & 0x7F7F7F); }

static void colour_regions(const px_state *s, const px_map_region *regions, size_t count, uint32_t *colour, legend *l)
{
    for (size_t i = 0; i < count; i++) {
        mention(l, regions[i].text, opaque(regions[i].colour));
        for (uint32_t at = regions[i].from; at < regions[i].end; at++)
            colour[at] = shade(regions[i].colour, s->mem[at] != 0);
    }
}

/* A pixel of data as it looks without its alpha; nothing at all where all its bytes are 0. */
static uint32_t colour_of_data(uint32_t pixel) { return pixel == 0 ? background : pixel | 0xFF000000; }

static void draw_cells(px_picture *map, const px_state *s, const uint32_t *colour, px_map_size size)
{
    for (uint32_t y = 0; y < size.rows; y++)
        for (uint32_t x = 0; x < s->w; x++) {
            const size_t at = (size_t)y * s->w + x;
            const bool is_code = colour[at] != 0;
            const uint32_t shown = is_code ? colour[at] : colour_of_data(s->mem[at]);
            const uint32_t inner = is_code && size.scale >= GRID_SCALE ? size.scale - 1 : size.scale;
            if (inner < size.scale)
                fill(map, x * size.scale, y * size.scale, size.scale, size.scale, grid);
            fill(map, x * size.scale, y * size.scale, inner, inner, shown);
        }
}

/* Lines where a cell's neighbour is not of its machine. */
static void draw_frame(px_picture *map, const px_state *s, const px_saved *m, px_map_size size)
{
    const uint32_t scale = size.scale, mark = opaque(statuses[m->machine.status].colour);
    for (uint32_t at = m->at; at < m->end && at / s->w < size.rows; at++) {
        const uint32_t x = at % s->w, left = x * scale, top = at / s->w * scale;
        if (at < m->at + s->w)
            fill(map, left, top, scale, 1, mark);
        if (m->end - at <= s->w)
            fill(map, left, top + scale - 1, scale, 1, mark);
        if (x == 0 || at == m->at)
            fill(map, left, top, 1, scale, mark);
        if (x + 1 == s->w || at + 1 == m->end)
            fill(map, left + scale - 1, top, 1, scale, mark);
    }
}

static void draw_frames(px_picture *map, const px_state *s, px_map_size size)
{
    px_saved m;
    for (uint32_t at = 0; size.scale >= GRID_SCALE && px_saved_next(s, &at, &m);)
        draw_frame(map, s, &m, size);
}

bool px_map_draw(px_picture *map, const px_state *s, const px_map_region *regions, size_t count, px_error *error)
{
    const px_map_size size = count > 0 ? px_map_size_of_regions(s) : px_map_size_of(s);
    const uint32_t top = size.rows * size.scale;
    uint32_t *colour = calloc(px_state_pixels(s), sizeof *colour);
    legend l = {0};
    *map = (px_picture){0};
    if (colour == NULL)
        return px_fail(error, PX_E_SYSTEM, "no memory for the map");
    if (count > 0) {
        colour_regions(s, regions, count, colour, &l);
    } else {
        colour_code(s, s->mem, code_of(s), colour, &l);
        colour_machines(s, colour, &l);
    }

    uint32_t w = s->w * size.scale, h = top;
    const uint32_t wide = w < LEGEND_WIDTH ? LEGEND_WIDTH : w, high = h + LINE * (l.count + 1);
    if ((uint64_t)wide * high <= 2 * MOST_PIXELS) { /* very long and very wide maps go without a legend */
        w = wide;
        h = high;
    }
    const bool good = px_picture_new(map, w, h, error);
    if (good) {
        fill(map, 0, 0, w, h, opaque(0x303030));
        draw_cells(map, s, colour, size);
        if (count == 0)
            draw_frames(map, s, size);
        draw_legend(map, &l, top);
    }
    free(colour);
    return good;
}

/* sheet.c - see sheet.h. */
#include "host/sheet.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "host/font.h"
#include "pxi/pixel.h"

/* The largest gallery program fits a cell unreduced. */
enum { CELL_W = 516, CELL_H = 420, MARGIN = 12, LABEL_SCALE = 2, LABEL_H = PX_FONT_HEIGHT * LABEL_SCALE + 4 };

static const uint32_t ground = UINT32_C(0xFF181410), ink = UINT32_C(0xFFC8C0B8);

/* A sheet somewhat wider than high: cells are. */
static uint32_t columns_for(uint32_t count)
{
    uint32_t columns = 1;
    while ((uint64_t)columns * columns * 4 < (uint64_t)count * 3)
        columns++;
    return columns;
}

bool px_sheet_new(px_sheet *sheet, uint32_t count, px_error *error)
{
    *sheet = (px_sheet){.columns = columns_for(count), .whole = sheet->whole};
    const uint64_t lines = (count + sheet->columns - 1) / sheet->columns;
    const uint64_t w = (uint64_t)sheet->columns * (CELL_W + MARGIN) + MARGIN;
    const uint64_t h = lines * (CELL_H + LABEL_H + MARGIN) + MARGIN;
    if (w * h > PX_MAX_PIXELS)
        return px_fail(error, PX_E_TOO_LARGE, "%" PRIu32 " programs are too many for one sheet", count);
    if (!px_picture_new(&sheet->picture, (uint32_t)w, (uint32_t)h, error))
        return false;
    for (uint64_t i = 0; i < w * h; i++)
        sheet->picture.px[i] = ground;
    return true;
}

static bool is_empty(const px_state *state, uint32_t y)
{
    const uint32_t *row = state->mem + (size_t)y * state->w;
    for (uint32_t x = 0; x < state->w; x++)
        if (row[x] != 0)
            return false;
    return true;
}

/* The numbers of the rows that are shown. */
static uint32_t choose_rows(const px_state *state, bool whole, uint32_t *rows)
{
    uint32_t count = 0;
    bool before = false;
    for (uint32_t y = 0; y < state->h; y++) {
        const bool empty = is_empty(state, y);
        if (whole || !empty || !before)
            rows[count++] = y;
        before = empty;
    }
    return count;
}

/* How many pixels of the picture are one of the cell, or the other way round. */
typedef struct scale {
    uint32_t up, down;
} scale;

static scale scale_for(uint32_t w, uint32_t h)
{
    scale s = {1, 1};
    while (w * (s.up + 1) <= CELL_W && h * (s.up + 1) <= CELL_H)
        s.up++;
    while (w / s.down > CELL_W || h / s.down > CELL_H)
        s.down++;
    return s;
}

static void draw(px_picture *to, uint32_t x0, uint32_t y0, const px_state *state, const uint32_t *rows, uint32_t count)
{
    const scale s = scale_for(state->w, count);
    const uint32_t w = state->w / s.down * s.up, h = count / s.down * s.up;
    x0 += (CELL_W - w) / 2;
    y0 += (CELL_H - h) / 2;
    for (uint32_t y = 0; y < h; y++) {
        const uint32_t *from = state->mem + (size_t)rows[y / s.up * s.down] * state->w;
        uint32_t *line = to->px + (size_t)(y0 + y) * to->w + x0;
        for (uint32_t x = 0; x < w; x++)
            line[x] = px_with_byte(from[x / s.up * s.down], 3, 255);
    }
}

/* In the middle below the cell; a name too long loses its end. */
static void label(px_picture *to, uint32_t x0, uint32_t y0, const char *name)
{
    enum { MOST = CELL_W / (PX_FONT_WIDTH * LABEL_SCALE) };
    char text[MOST + 1] = {0};
    strncpy(text, name, MOST);
    const uint32_t w = (uint32_t)strlen(text) * PX_FONT_WIDTH * LABEL_SCALE;
    px_font_write(to, x0 + (CELL_W - w) / 2, y0 + CELL_H + 4, LABEL_SCALE, ink, text);
}

bool px_sheet_add(px_sheet *sheet, const char *name, const px_state *state, px_error *error)
{
    const uint32_t x0 = MARGIN + sheet->used % sheet->columns * (CELL_W + MARGIN);
    const uint32_t y0 = MARGIN + sheet->used / sheet->columns * (CELL_H + LABEL_H + MARGIN);
    uint32_t *rows = malloc(state->h * sizeof *rows);
    if (rows == NULL)
        return px_fail(error, PX_E_SYSTEM, "no memory for a contact sheet");
    draw(&sheet->picture, x0, y0, state, rows, choose_rows(state, sheet->whole, rows));
    label(&sheet->picture, x0, y0, name);
    free(rows);
    sheet->used++;
    return true;
}

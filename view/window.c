/* window.c - what can be seen of an image: a part of it, sampled, as pixels, heat, or classes of instructions. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "pxi/pixel.h"
#include "view/view.h"

enum { TOGETHER = 1 << 17 };

const char *const px_layer_names[PX_LAYERS] = {"picture", "heat", "classes"};

static uint32_t within(uint32_t value, uint32_t least, uint32_t most)
{
    return value < least ? least : value > most ? most : value;
}

/* From row to row, where `down` of them are to be seen: rows evenly apart are fetched at once. */
static uint32_t step_of(uint32_t h, uint32_t down) { return (h - 1) / down + 1; }

px_window px_window_fit(const px_viewer *v, px_window window)
{
    const px_debugger *d = &v->debugger;
    window.w = within(window.w, 1, d->w);
    window.h = within(window.h, 1, d->h);
    window.x = within(window.x, 0, d->w - window.w);
    window.y = within(window.y, 0, d->h - window.h);
    window.across = within(window.across, 1, window.w < PX_SHOWN_WIDTH ? window.w : PX_SHOWN_WIDTH);
    window.down = within(window.down, 1, window.h < PX_SHOWN_HEIGHT ? window.h : PX_SHOWN_HEIGHT);
    window.down = (window.h - 1) / step_of(window.h, window.down) + 1;
    return window;
}

/* 0 for never, 64 for once, 255 for what is most. */
static uint32_t shade(uint64_t count, double most)
{
    return count == 0 ? 0 : most <= 0 ? 255 : 64 + within((uint32_t)(191 * log2((double)count) / most), 0, 191);
}

static uint32_t sample(uint32_t from, uint32_t size, uint32_t i, uint32_t count)
{
    return from + (uint32_t)((uint64_t)i * size / count);
}

/* Where row j of what is shown begins in the image: as far from the one before as that is from its own. */
static uint32_t row_at(const px_viewer *v, const px_window *w, uint32_t j)
{
    return (w->y + j * step_of(w->h, w->down)) * v->debugger.w + w->x;
}

/* The greatest counts of all that was ever looked at: to look at all would take too long where the image is large. */
static void find_most(px_viewer *v, const px_window *w, double most[3])
{
    const uint64_t *const counts[3] = {v->heat.written, v->heat.executed, v->heat.read};
    for (int k = 0; k < 3; k++) {
        for (uint32_t j = 0; j < w->down; j++)
            for (uint32_t i = 0; i < w->across; i++) {
                const uint64_t count = counts[k][row_at(v, w, j) + sample(0, w->w, i, w->across)];
                v->heat_most[k] = count > v->heat_most[k] ? count : v->heat_most[k];
            }
        most[k] = v->heat_most[k] > 1 ? log2((double)v->heat_most[k]) : 0;
    }
}

/* An instruction's colour of isa.def; dark where the pixel is known not to have run. */
static uint32_t class_colour(const px_viewer *v, uint32_t address, uint32_t pixel)
{
    const px_opcode *op = px_opcode_of((int)v->debugger.profile, (uint8_t)px_byte(pixel, 0));
    const bool ran = !v->heats || v->heat.executed[address] > 0;
    if (pixel == 0 || op->mnemonic == NULL || !ran)
        return px_rgba(px_byte(pixel, 0) / 5, px_byte(pixel, 1) / 5, px_byte(pixel, 2) / 5, 255);
    return px_rgba(op->colour >> 16, op->colour >> 8, op->colour, 255);
}

/* What nothing has touched is there to find one's way by: its brightness, below 255. */
static uint32_t grey(uint32_t pixel)
{
    return (2 * px_byte(pixel, 0) + 5 * px_byte(pixel, 1) + px_byte(pixel, 2)) * 254 / (8 * 255);
}

/* Heat is written, executed and read as R, G and B, with an alpha of 255; what has none of it is its grey in alpha. */
static uint32_t seen(const px_viewer *v, px_layer layer, const double most[3], uint32_t address, uint32_t pixel)
{
    if (layer == PX_LAYER_CLASS)
        return class_colour(v, address, pixel);
    if (layer != PX_LAYER_HEAT || !v->heats)
        return pixel;
    const uint32_t written = shade(v->heat.written[address], most[0]),
                   executed = shade(v->heat.executed[address], most[1]), read = shade(v->heat.read[address], most[2]);
    return px_rgba(written, executed, read, (written | executed | read) != 0 ? 255 : grey(pixel));
}

/* column: what of a row is shown. */
static void show_row(const px_viewer *v, const px_window *w, const double most[3], const uint32_t *column,
                     uint32_t start, const uint32_t *row, uint32_t *pixels)
{
    const uint32_t across = w->across; /* or it would be fetched for each pixel */
    if (w->layer == PX_LAYER_PICTURE)
        for (uint32_t i = 0; i < across; i++)
            pixels[i] = row[column[i]];
    else
        for (uint32_t i = 0; i < across; i++)
            pixels[i] = seen(v, w->layer, most, start + column[i], row[column[i]]);
}

bool px_window_read(px_viewer *v, const px_window *w, uint32_t *pixels, px_error *error)
{
    const uint32_t most_rows = w->w < TOGETHER ? TOGETHER / w->w : 1, pitch = row_at(v, w, 1) - row_at(v, w, 0);
    uint32_t *block = malloc((size_t)most_rows * w->w * sizeof *block);
    uint32_t column[PX_SHOWN_WIDTH];
    double most[3] = {0};
    bool ok = block != NULL || px_fail(error, PX_E_SYSTEM, "no memory for rows of the image");
    if (w->layer == PX_LAYER_HEAT && v->heats)
        find_most(v, w, most);
    for (uint32_t i = 0; i < w->across; i++)
        column[i] = sample(0, w->w, i, w->across);
    for (uint32_t j = 0; ok && j < w->down;) {
        const uint32_t count = w->down - j < most_rows ? w->down - j : most_rows;
        ok = px_get_rows(px_tape_machine(v->debugger.tape), row_at(v, w, j), pitch, count, block, w->w, error);
        for (uint32_t i = 0; ok && i < count; i++, j++)
            show_row(v, w, most, column, row_at(v, w, j), block + (size_t)i * w->w, pixels + j * w->across);
    }
    free(block);
    return ok;
}

uint32_t *px_window_cut(const px_window *w, const uint32_t *pixels, uint32_t x, uint32_t y, uint32_t size, uint32_t *to)
{
    const uint32_t across = w->across - x < size ? w->across - x : size, down = w->down - y < size ? w->down - y : size;
    for (uint32_t j = y; j < y + down; j++, to += across)
        memcpy(to, pixels + j * w->across + x, across * sizeof *to);
    return to;
}

/* profile_pictures.c - see profile.h: heat and flames. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "host/profile.h"
#include "pxi/output_file.h"
#include "pxi/pixel.h"
#include "pxi/png/picture_file.h"

/* ---- heat ---- */

enum { VIEWED = 512, MOST_ZOOM = 16 };

static uint64_t greatest(const uint64_t *counts, uint32_t n)
{
    uint64_t most = 0;
    for (uint32_t i = 0; i < n; i++)
        most = counts[i] > most ? counts[i] : most;
    return most;
}

/* 0 for never, 64 for once, 255 for what is most. */
static uint32_t shade(uint64_t count, uint64_t most)
{
    if (count == 0)
        return 0;
    return most < 2 ? 255 : 64 + (uint32_t)lround(191 * log((double)count) / log((double)most));
}

bool px_profile_heat(const px_profile *p, const char *path, px_error *error)
{
    const px_heat *h = &p->heat;
    const uint64_t written = greatest(h->written, h->n), executed = greatest(h->executed, h->n),
                   read = greatest(h->read, h->n);
    px_picture picture;
    if (!px_picture_new(&picture, p->end.w, p->end.h, error))
        return false;
    for (uint32_t i = 0; i < h->n; i++)
        picture.px[i] =
            px_rgba(shade(h->written[i], written), shade(h->executed[i], executed), shade(h->read[i], read), 255);
    const uint32_t larger = picture.w > picture.h ? picture.w : picture.h;
    const uint32_t zoom = larger >= VIEWED ? 1 : VIEWED / larger > MOST_ZOOM ? MOST_ZOOM : VIEWED / larger;
    const px_rows rows = px_picture_rows(&picture);
    const bool ok = px_copy_write(&rows, zoom, path, error);
    px_picture_free(&picture);
    return ok;
}

/* ---- flames ---- */

enum { WIDTH = 1200, ROW = 18, LETTER = 7 };

static const char *name_of(const px_names *names, uint32_t entry, char *text, size_t size)
{
    px_name_near(names, entry, text, size);
    if (*text == '\0')
        snprintf(text, size, "pc %" PRIu32, entry);
    return text;
}

static void fold(FILE *to, const px_profile *p, const px_names *names, uint32_t at)
{
    char name[160];
    if (at != 0) {
        fold(to, p, names, p->call[at].parent);
        fputc(';', to);
    }
    fputs(name_of(names, p->call[at].entry, name, sizeof name), to);
}

static void write_folded(FILE *to, const px_profile *p, const px_names *names)
{
    for (uint32_t at = 0; at < p->calls; at++)
        if (p->call[at].self > 0) {
            fold(to, p, names, at);
            fprintf(to, " %" PRIu64 "\n", p->call[at].self);
        }
}

typedef struct drawing {
    FILE *to;
    const px_profile *of;
    const px_names *names;
    const uint64_t *total; /* of each call, with what it called */
    uint32_t height;
} drawing;

static void escaped(FILE *to, const char *text, size_t most)
{
    for (size_t i = 0; text[i] != '\0' && i < most; i++)
        if (text[i] == '<' || text[i] == '&' || text[i] == '>')
            fprintf(to, text[i] == '<' ? "&lt;" : text[i] == '>' ? "&gt;" : "&amp;");
        else
            fputc(text[i], to);
}

/* A bar as wide as what it took; those that it called stand on it. */
static void draw(const drawing *d, uint32_t at, double x, uint32_t level)
{
    const px_profile_call *call = &d->of->call[at];
    const double unit = (double)WIDTH / (double)d->total[0], width = (double)d->total[at] * unit;
    const uint32_t y = d->height - (level + 1) * ROW, hue = call->entry * 37 % 50;
    char name[160];
    if (width < 0.3)
        return;
    name_of(d->names, call->entry, name, sizeof name);
    fprintf(d->to, "<g><title>");
    escaped(d->to, name, sizeof name);
    fprintf(d->to,
            ": %" PRIu64 " of %" PRIu64 ", %" PRIu64 " of its own</title><rect x=\"%.2f\" y=\"%" PRIu32
            "\" width=\"%.2f\" height=\"%d\" fill=\"hsl(%" PRIu32 ",80%%,60%%)\"/><text x=\"%.2f\" y=\"%" PRIu32 "\">",
            d->total[at], d->total[0], call->self, x, y, width, ROW - 1, hue, x + 3, y + 13);
    escaped(d->to, name, width > 3 * LETTER ? (size_t)(width / LETTER) - 1 : 0);
    fputs("</text></g>\n", d->to);
    for (uint32_t k = call->child; k != 0; k = d->of->call[k].sibling) {
        draw(d, k, x, level + 1);
        x += (double)d->total[k] * unit;
    }
}

static uint32_t levels(const px_profile *p)
{
    uint32_t most = 0;
    for (uint32_t at = 0; at < p->calls; at++) {
        uint32_t level = 1;
        for (uint32_t up = at; up != 0; up = p->call[up].parent)
            level++;
        most = level > most ? level : most;
    }
    return most;
}

static bool write_svg(FILE *to, const px_profile *p, const px_names *names, px_error *error)
{
    uint64_t *total = calloc(p->calls, sizeof *total);
    if (total == NULL)
        return px_fail(error, PX_E_SYSTEM, "no memory for a picture of calls");
    for (uint32_t at = (uint32_t)p->calls; at-- > 0;) { /* who is called stands behind its caller */
        total[at] += p->call[at].self;
        if (at != 0)
            total[p->call[at].parent] += total[at];
    }
    const drawing d = {to, p, names, total, levels(p) * ROW + 4};
    fprintf(to,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%" PRIu32 "\" viewBox=\"0 0 %d %" PRIu32
            "\" font-family=\"monospace\" font-size=\"12\">\n<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n",
            WIDTH, d.height, WIDTH, d.height);
    if (total[0] > 0)
        draw(&d, 0, 0, 0);
    fputs("</svg>\n", to);
    free(total);
    return true;
}

bool px_profile_flame(const px_profile *p, const px_names *names, const char *path, px_error *error)
{
    px_output output;
    const size_t length = strlen(path);
    bool ok = true;
    if (!px_output_open(&output, path, error))
        return false;
    if (length > 4 && strcmp(path + length - 4, ".svg") == 0)
        ok = write_svg(output.file, p, names, error);
    else
        write_folded(output.file, p, names);
    return px_output_close(&output, ok, error);
}

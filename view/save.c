/* save.c - see view.h: the page as one file, with what is to be seen in it. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "host/files.h"
#include "pxi/asm/disasm.h"
#include "pxi/output_file.h"
#include "pxi/pixel.h"
#include "view/page_files.h"
#include "view/view.h"

enum { FRAMES = 16, FRAME_WIDTH = 160, FRAME_HEIGHT = 120, FIRST_GAP = 256, MOST_RAN = 65536 };

typedef struct frame {
    uint64_t count;
    uint32_t *pixels; /* owned */
} frame;

typedef struct saving {
    px_viewer *viewer;
    px_window small; /* of a frame */
    frame frame[FRAMES];
    unsigned frames;
    uint64_t gap;
    FILE *to;
} saving;

/* ---- frames of the run, each as far from the next ---- */

static void drop_frames(saving *s)
{
    for (unsigned i = 0; i < s->frames; i++)
        free(s->frame[i].pixels);
    s->frames = 0;
}

static bool take_frame(saving *s, px_error *error)
{
    frame f = {px_tape_about(s->viewer->debugger.tape).at, malloc((size_t)s->small.across * s->small.down * 4)};
    if (f.pixels == NULL)
        return px_fail(error, PX_E_SYSTEM, "no memory for a frame");
    if (s->frames == FRAMES) {
        for (unsigned i = 0; i < FRAMES; i++)
            if (i % 2 == 0)
                s->frame[i / 2] = s->frame[i];
            else
                free(s->frame[i].pixels);
        s->frames = FRAMES / 2;
        s->gap *= 2;
    }
    s->frame[s->frames++] = f;
    return px_window_read(s->viewer, &s->small, f.pixels, error);
}

static bool run(saving *s, uint64_t budget, px_error *error)
{
    px_viewer *v = s->viewer;
    px_tape *tape = v->debugger.tape;
    px_tape_hit hit = {.end = PX_END_LIMIT};
    bool ok = !v->heats || px_count_heat(px_tape_machine(tape), &v->heat, error);
    while (ok && (ok = take_frame(s, error)) && hit.end == PX_END_LIMIT) {
        const uint64_t at = px_tape_about(tape).at;
        if (at >= budget)
            break;
        ok = px_tape_seek(tape, budget - at < s->gap ? budget : at + s->gap, &v->cancel, &hit, error);
    }
    v->heat_at = px_tape_about(tape).furthest;
    return ok;
}

/* ---- the file ---- */

/* In a script no text may end it. */
static void put_json(FILE *to, char *text)
{
    for (const char *at = text; at != NULL && *at != '\0'; at++)
        if (*at == '<')
            fputs("\\u003c", to);
        else
            fputc(*at, to);
    free(text);
}

static void put_base64(FILE *to, const uint8_t *bytes, size_t count)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < count; i += 3) {
        const uint32_t three = (uint32_t)bytes[i] << 16 | (i + 1 < count ? (uint32_t)bytes[i + 1] << 8 : 0) |
                               (i + 2 < count ? bytes[i + 2] : 0);
        fputc(digits[three >> 18], to);
        fputc(digits[three >> 12 & 63], to);
        fputc(i + 1 < count ? digits[three >> 6 & 63] : '=', to);
        fputc(i + 2 < count ? digits[three & 63] : '=', to);
    }
}

static bool put_deflated(FILE *to, const void *bytes, size_t count, px_error *error)
{
    uLongf size = compressBound(count);
    uint8_t *small = malloc(size);
    const bool ok = small != NULL && compress2(small, &size, bytes, count, 6) == Z_OK;
    if (ok) {
        fputc('"', to);
        put_base64(to, small, size);
        fputc('"', to);
    }
    free(small);
    return ok || px_fail(error, PX_E_SYSTEM, "no memory for the page");
}

static bool put_picture(saving *s, px_error *error)
{
    px_debugger *d = &s->viewer->debugger;
    const uint32_t n = d->w * d->h;
    uint32_t *pixels = malloc((size_t)n * 4);
    bool ok = (pixels != NULL || px_fail(error, PX_E_SYSTEM, "no memory for the page")) &&
              px_get(px_tape_machine(d->tape), PX_SPACE_PIXEL, 0, pixels, n, error);
    fputs(", \"picture\": ", s->to);
    ok = ok && put_deflated(s->to, pixels, (size_t)n * 4, error);
    free(pixels);
    return ok;
}

/* Row by row, as it is seen. */
static bool put_heat(saving *s, px_error *error)
{
    const px_debugger *d = &s->viewer->debugger;
    uint32_t *pixels = malloc((size_t)d->w * d->h * 4);
    bool ok = pixels != NULL;
    if (!ok)
        px_fail(error, PX_E_SYSTEM, "no memory for the page");
    for (int pass = 0; pass < 2; pass++) /* the first finds what is most */
        for (uint32_t y = 0; ok && y < d->h; y++)
            for (uint32_t x = 0; ok && x < d->w; x += PX_SHOWN_WIDTH) {
                const px_window w =
                    px_window_fit(s->viewer, (px_window){x, y, d->w - x, 1, d->w - x, 1, PX_LAYER_HEAT});
                ok = px_window_read(s->viewer, &w, pixels + (size_t)y * d->w + x, error);
            }
    fputs(", \"heat\": ", s->to);
    ok = ok && put_deflated(s->to, pixels, (size_t)d->w * d->h * 4, error);
    free(pixels);
    return ok;
}

/* Code that has run, as it stands now. */
static bool put_ran(saving *s, px_error *error)
{
    px_viewer *v = s->viewer;
    const px_debugger *d = &v->debugger;
    uint32_t told = 0, pixel;
    px_json json = {.to = s->to, .line = true, .depth = 1, .first = false};
    px_json_open(&json, "ran", '[');
    for (uint32_t at = 0; v->heats && at < v->heat.n && told < MOST_RAN; at++) {
        char text[128];
        if (v->heat.executed[at] == 0)
            continue;
        if (!px_get(px_tape_machine(d->tape), PX_SPACE_PIXEL, at, &pixel, 1, error))
            return false;
        px_disassemble_one(d->profile, pixel, text, sizeof text);
        px_json_open(&json, NULL, '[');
        px_json_number(&json, NULL, at);
        px_json_string(&json, NULL, text);
        px_json_number(&json, NULL, v->heat.executed[at]);
        px_json_number(&json, NULL, px_opcode_of((int)d->profile, (uint8_t)px_byte(pixel, 0))->colour);
        px_json_close(&json, ']');
        told++;
    }
    px_json_close(&json, ']');
    return true;
}

static bool put_frames(saving *s, px_error *error)
{
    bool ok = true;
    fputs(", \"frames\": [", s->to);
    for (unsigned i = 0; ok && i < s->frames; i++) {
        fprintf(s->to,
                "%s{\"count\": %" PRIu64 ", \"w\": %" PRIu32 ", \"h\": %" PRIu32 ", \"pixels\": ", i > 0 ? ", " : "",
                s->frame[i].count, s->small.across, s->small.down);
        ok = put_deflated(s->to, s->frame[i].pixels, (size_t)s->small.across * s->small.down * 4, error);
        fputc('}', s->to);
    }
    fputs("]}", s->to);
    return ok;
}

static bool put_data(saving *s, px_error *error)
{
    size_t size;
    const px_beside beside = {0};
    fputs("<script id=\"saved\" type=\"application/json\">{\"program\": ", s->to);
    put_json(s->to, px_tell_program(s->viewer));
    fputs(", \"state\": ", s->to);
    put_json(s->to, px_tell_state(s->viewer, &beside, &size));
    const bool ok =
        put_picture(s, error) && (!s->viewer->heats || put_heat(s, error)) && put_ran(s, error) && put_frames(s, error);
    fputs("</script>\n", s->to);
    return ok;
}

/* The page up to a line that names a file of the server's; what stands in its place is the caller's to write. */
static const char *put_until(FILE *to, const char *at, const char *line)
{
    const char *found = strstr(at, line);
    const size_t count = found != NULL ? (size_t)(found - at) : strlen(at);
    fwrite(at, 1, count, to);
    return found != NULL ? found + strlen(line) : at + count;
}

static bool put_page(saving *s, px_error *error)
{
    char *page = malloc(sizeof page_html + 1);
    if (page == NULL)
        return px_fail(error, PX_E_SYSTEM, "no memory for the page");
    memcpy(page, page_html, sizeof page_html);
    page[sizeof page_html] = '\0';
    const char *at = put_until(s->to, page, "<link rel=\"stylesheet\" href=\"page.css\">");
    fputs("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src 'unsafe-inline'; "
          "style-src 'unsafe-inline'; img-src data:\">\n<style>\n",
          s->to);
    fwrite(page_css, 1, sizeof page_css, s->to);
    fputs("</style>", s->to);
    at = put_until(s->to, at, "<script src=\"page.js\"></script>");
    const bool ok = put_data(s, error);
    fputs("<script>\n", s->to);
    fwrite(page_js, 1, sizeof page_js, s->to);
    fputs("</script>", s->to);
    fputs(at, s->to);
    free(page);
    return ok;
}

bool px_view_save(px_viewer *v, uint64_t budget, const char *path, px_error *error)
{
    px_output output;
    saving s = {.viewer = v, .gap = FIRST_GAP};
    const px_debugger *d = &v->debugger;
    const uint32_t step = 1 + (d->w - 1) / FRAME_WIDTH > 1 + (d->h - 1) / FRAME_HEIGHT ? 1 + (d->w - 1) / FRAME_WIDTH
                                                                                       : 1 + (d->h - 1) / FRAME_HEIGHT;
    s.small = px_window_fit(v, (px_window){.w = d->w, .h = d->h, .across = d->w / step, .down = d->h / step});
    bool ok = px_output_check(path, error) && run(&s, budget, error) && px_output_open(&output, path, error);
    if (ok) {
        s.to = output.file;
        ok = put_page(&s, error);
        ok = px_output_close(&output, ok, error);
    }
    if (ok) {
        char text[256];
        const px_stop *stop = px_tape_stop(d->tape);
        px_stop_text(stop, d->w, px_interrupted(), text, sizeof text);
        fprintf(px_messages(path), "%s: a page, %u frames; %s\n", path, s.frames, text);
    }
    drop_frames(&s);
    return ok;
}

/* frames.c - see frames.h. */
#include "host/frames.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/sheet.h"
#include "pxi/number.h"
#include "pxi/png/apng.h"
#include "pxi/png/picture_file.h"

enum { USUAL_FPS = 20, MOST_FPS = 1000, STRIP_FRAMES = 64 };

struct px_frames {
    bool strip;
    uint64_t every;
    uint32_t fps;
    px_apng *animation;
    px_sheet sheet;
    px_state seen; /* the frame that is taken */
    uint32_t taken;
};

/* ---- "every=1000,fps=10" ---- */

static bool read_part(px_frames *f, const char *option, const char *part, size_t length, px_error *error)
{
    char text[32], what[48];
    const char *equals = memchr(part, '=', length);
    const size_t name = equals != NULL ? (size_t)(equals - part) : length;
    const bool fits = equals != NULL && length - name < sizeof text;
    if (fits) {
        memcpy(text, equals + 1, length - name - 1);
        text[length - name - 1] = '\0';
    }
    snprintf(what, sizeof what, "%s %.*s", option, (int)(name < 16 ? name : 16), part);
    if (fits && name == 5 && memcmp(part, "every", 5) == 0)
        return px_parse_count_within(what, text, 1, UINT64_MAX, &f->every, error);
    uint64_t fps;
    if (fits && name == 3 && memcmp(part, "fps", 3) == 0 && !f->strip) {
        if (!px_parse_count_within(what, text, 1, MOST_FPS, &fps, error))
            return false;
        f->fps = (uint32_t)fps;
        return true;
    }
    return px_fail(error, PX_E_USAGE, "%s: '%.*s' is not known, expected every=1000%s", option, (int)length, part,
                   f->strip ? "" : " and fps=20");
}

px_frames *px_frames_parse(const char *option, const char *spec, bool strip, px_error *error)
{
    px_frames *f = calloc(1, sizeof *f);
    bool ok = f != NULL || px_fail(error, PX_E_SYSTEM, "no memory for frames");
    if (ok) {
        f->strip = strip;
        f->fps = USUAL_FPS;
    }
    for (const char *part = spec; ok && part != NULL;) {
        const size_t length = strcspn(part, ",");
        ok = read_part(f, option, part, length, error);
        part = part[length] == ',' ? part + length + 1 : NULL;
    }
    if (ok && f->every == 0)
        ok = px_fail(error, PX_E_USAGE, "%s: every=N is missing: a frame each N instructions", option);
    if (ok)
        return f;
    px_frames_free(f);
    return NULL;
}

void px_frames_free(px_frames *f)
{
    if (f == NULL)
        return;
    px_apng_close(f->animation);
    px_picture_free(&f->sheet.picture);
    px_state_free(&f->seen);
    free(f);
}

/* ---- taking them ---- */

static bool begin(px_frames *f, const px_machine *machine, uint32_t zoom, px_error *error)
{
    f->sheet.whole = true;
    return f->strip ? px_sheet_new(&f->sheet, STRIP_FRAMES, error)
                    : px_apng_open(&f->animation, machine->w, machine->h, zoom > 0 ? zoom : 1, f->fps, error);
}

static bool take(px_frames *f, px_machine *machine, uint64_t executed, px_error *error)
{
    if (!px_machine_read(machine, &f->seen, error))
        return false;
    if (!f->strip)
        return px_apng_add(f->animation, f->seen.mem, error);
    if (f->taken == STRIP_FRAMES)
        return px_fail(error, PX_E_USAGE,
                       "a filmstrip of more than %d frames; show fewer of the run, with a larger every=", STRIP_FRAMES);
    f->taken++;
    return px_sheet_add(&f->sheet, px_grouped(executed), &f->seen, error);
}

bool px_frames_run(px_frames *f, px_machine *machine, uint64_t budget, uint32_t zoom, const px_answerer *answerer,
                   px_stop *stop, px_error *error)
{
    uint64_t executed = 0, cycles = 0;
    if (!begin(f, machine, zoom, error) || !take(f, machine, 0, error))
        return false;
    for (;;) {
        const uint64_t left = budget - executed, now = left < f->every ? left : f->every;
        if (!px_run_answering(machine, now, answerer, false, stop, error))
            return false;
        executed += stop->executed;
        cycles += stop->cycles;
        if (stop->executed > 0 && !take(f, machine, executed, error))
            return false;
        if (stop->status != PX_RUNNING || executed >= budget || stop->executed < now || px_interrupted())
            break;
    }
    stop->executed = executed;
    stop->cycles = cycles;
    return true;
}

bool px_frames_write(px_frames *f, const char *path, uint32_t *count, px_error *error)
{
    *count = f->strip ? f->taken : px_apng_frames(f->animation);
    if (!f->strip)
        return px_apng_write(f->animation, path, error);
    const uint32_t cell = f->sheet.picture.h / ((STRIP_FRAMES + f->sheet.columns - 1) / f->sheet.columns);
    const px_picture used = {f->sheet.picture.w, cell * ((f->taken + f->sheet.columns - 1) / f->sheet.columns),
                             f->sheet.picture.px};
    return px_picture_write(&used, path, error);
}

/* session.c - see view.h: the machine's side. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exec/run.h"
#include "pxi/pace.h"
#include "view/view.h"

enum { FIRST_PIECE = 256 };

/* ---- what the host shows ---- */

static void print(void *context, const uint8_t *bytes, size_t count)
{
    px_viewer *v = context;
    px_shown_print(&v->shown, bytes, count);
    v->version += count > 0;
}

static void picture(void *context, const px_picture *shown)
{
    px_viewer *v = context;
    px_shown_picture(&v->shown, shown);
    v->version++;
}

static bool host_waits(void *context)
{
    px_viewer *v = context;
    v->disturbed = v->meanwhile != NULL ? v->meanwhile(v->context, true) : px_interrupted();
    return v->disturbed;
}

/* ---- running ---- */

static bool to_rest(void *context, uint64_t executed)
{
    px_viewer *v = context;
    (void)executed;
    return (v->meanwhile != NULL ? v->meanwhile(v->context, false) : px_interrupted()) ||
           (v->slice_until != 0 && px_seconds() >= v->slice_until);
}

void px_viewer_init(px_viewer *v)
{
    memset(v, 0, sizeof *v);
    v->onlooker = (px_onlooker){print, picture, host_waits, v};
    v->cancel = (px_cancel){to_rest, v};
}

bool px_viewer_begin(px_viewer *v, px_error *error)
{
    px_debugger *d = &v->debugger;
    d->json = true;
    d->cancel = &v->cancel;
    d->shown = &v->shown;
    v->shown.tape = d->tape;
    if (!px_debugger_begin(d, error) || !px_heat_new(&v->heat, d->w * d->h, error))
        return false;
    v->heats =
        px_count_heat(px_tape_machine(d->tape), &v->heat, NULL) && px_count_heat(px_tape_machine(d->tape), NULL, NULL);
    v->version = 1;
    v->piece = FIRST_PIECE;
    return true;
}

void px_viewer_end(px_viewer *v)
{
    px_debugger_end(&v->debugger);
    px_heat_free(&v->heat);
    px_shown_free(&v->shown);
}

static px_tape_facts about(const px_viewer *v) { return px_tape_about(v->debugger.tape); }

/* The counts are those of the run so far, each instruction once however often the tape is wound over it. */
static void check_heat(px_viewer *v)
{
    if (v->heat_at <= about(v).furthest)
        return;
    const size_t size = v->heat.n * sizeof *v->heat.executed;
    memset(v->heat.executed, 0, size);
    memset(v->heat.read, 0, size);
    memset(v->heat.written, 0, size);
    memset(v->heat_most, 0, sizeof v->heat_most);
    v->heat_at = 0;
}

/* Whether a slice ended because of its time, or because of its instructions: not where the machine or the user ends a
 * run. */
static bool on_the_way(const px_debugger *d)
{
    return d->why != NULL && (strcmp(d->why, "interrupted") == 0 ||
                              (strcmp(d->why, "done") == 0 && px_tape_about(d->tape).at < d->limit));
}

/* An executor may look at the time only between pieces, whose instructions can be long: so slices begin short, and
 * become as long as the last ones suggest. */
static void set_piece(px_viewer *v, double took, double seconds)
{
    const double most = (double)(UINT64_C(1) << 40), next = (double)v->piece * (took < seconds / 2 ? 2 : seconds / took);
    v->piece = next < 1 ? 1 : (uint64_t)(next < most ? next : most);
}

static bool perform(px_viewer *v, const char *line, char **answer, px_error *error)
{
    size_t size;
    FILE *to = open_memstream(answer, &size);
    px_error reason = {0};
    if (to == NULL)
        return px_fail(error, PX_E_SYSTEM, "no memory for an answer");
    const bool ok = px_debugger_do(&v->debugger, line, to, &reason);
    fclose(to);
    v->version++;
    check_heat(v);
    if (!ok && px_tape_machine(v->debugger.tape)->lost) {
        *error = reason;
        return false;
    }
    return true;
}

bool px_viewer_do(px_viewer *v, const char *line, char **answer, px_error *error)
{
    v->slice_until = 0;
    return perform(v, line, answer, error);
}

/* Where nothing is looked for on the way, a run is counted as it goes. */
static bool plain(const px_viewer *v)
{
    for (size_t i = 0; i < v->debugger.count; i++)
        if (!v->debugger.places[i]->what.off)
            return false;
    return v->heats && v->heat_at == about(v).at;
}

bool px_viewer_slice(px_viewer *v, double seconds, char **answer, px_error *error)
{
    px_machine *machine = px_tape_machine(v->debugger.tape);
    bool stands = false;
    /* A slice may have ended right where one of the user's breakpoints is. */
    if (v->resumed && !px_debugger_stands_at_break(&v->debugger, &stands, error))
        return false;
    if (stands) {
        v->running = v->resumed = false;
        return perform(v, "where", answer, error);
    }
    const bool counts = plain(v) && px_count_heat(machine, &v->heat, error);
    char line[32];
    const double began = px_seconds();
    v->slice_until = began + seconds;
    v->disturbed = false;
    snprintf(line, sizeof line, "run %" PRIu64, v->piece);
    const bool ok = perform(v, line, answer, error);
    set_piece(v, px_seconds() - began, seconds);
    if (counts && ok) {
        v->heat_at = about(v).at;
        if (!px_count_heat(machine, NULL, error))
            return false;
    }
    v->running = v->resumed = ok && (v->disturbed || on_the_way(&v->debugger));
    if (v->running) {
        free(*answer);
        *answer = NULL;
    }
    return ok;
}

bool px_viewer_count(px_viewer *v, double seconds, bool *all, px_error *error)
{
    px_tape *tape = v->debugger.tape;
    const px_tape_facts now = about(v);
    *all = !v->heats || v->heat_at >= now.furthest;
    if (*all)
        return true;
    v->slice_until = px_seconds() + seconds;
    /* Run, not sought: a snapshot on the way would leave out what is before it. */
    const px_breakpoints none = {0};
    px_tape_hit hit;
    bool ok = px_tape_seek(tape, v->heat_at, NULL, NULL, error) &&
              px_count_heat(px_tape_machine(tape), &v->heat, error) &&
              px_tape_run(tape, &none, now.furthest, &v->cancel, &hit, error);
    v->heat_at = about(v).at;
    *all = v->heat_at >= now.furthest;
    ok = ok && px_count_heat(px_tape_machine(tape), NULL, error) && px_tape_seek(tape, now.at, NULL, NULL, error);
    v->version++;
    return ok;
}

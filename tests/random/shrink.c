/* shrink.c - first in time, then in space: start as late as possible and run as few instructions as possible, then drop
 * machines in the image and instructions, clear pixels and registers, and cut off rows. A step stays when the smaller
 * case still shows a difference, whichever it is. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/random/shrink.h"

#include "pxi/pixel.h"
#include "pxi/saved.h"

typedef struct shrinker {
    random_case best;
    finding finding; /* of best */
    random_case trial;
    uint8_t *held; /* pixels of best that are headers of machines in it */
    executor_list *list;
    time_t deadline;
    px_error *error;
} shrinker;

/* A difference that shows only in an executor's own time limit can take a second a trial. */
enum { SECONDS = 20 };

static bool begin_trial(shrinker *s) { return case_copy(&s->trial, &s->best, s->error); }

/* Keeps the trial if it still shows a difference. */
static bool keep_trial(shrinker *s)
{
    finding f;
    if (time(NULL) > s->deadline)
        return false;
    if (s->error->code != PX_OK || !compare_case(&s->trial, s->list, NULL, &f, s->error) || !f.found)
        return false;
    const random_case old = s->best;
    s->best = s->trial;
    s->trial = old;
    s->finding = f;
    return true;
}

/* ---- time ---- */

/* The machine as the first executor has it after the first events of the case and then after a few instructions, and
 * what is left of the script from there. */
static bool advance(shrinker *s, size_t events, uint64_t instructions)
{
    random_case *c = &s->trial;
    px_executor *e = s->list->at[0];
    px_stop stop;
    bool ok = begin_trial(s);
    case_progress progress = case_begin(c);
    for (size_t i = 0; ok && i < events && !progress.over; i++) {
        ok = px_run_state(e, &c->start, progress.rest, &stop, s->error);
        if (ok)
            (void)case_next(c, &progress, &c->start, stop.executed);
    }
    if (!ok || progress.over || instructions > progress.rest)
        return false;
    if (!px_run_state(e, &c->start, instructions, &stop, s->error))
        return false;
    if (stop.executed != instructions)
        return false;
    c->legs[progress.leg] = progress.rest - instructions;
    c->legs_count -= progress.leg;
    memmove(c->legs, c->legs + progress.leg, c->legs_count * sizeof *c->legs);
    c->answers_count -= progress.answered;
    memmove(c->answers, c->answers + progress.answered, c->answers_count * sizeof *c->answers);
    c->skips -= progress.skipped;
    return true;
}

static void start_at_the_event(shrinker *s)
{
    for (size_t event = s->finding.event; event > 0; event--)
        if (advance(s, event, 0) && keep_trial(s))
            return;
}

static void drop_script(shrinker *s)
{
    if (begin_trial(s)) {
        s->trial.legs_count = 1;
        s->trial.skips = 0;
        s->trial.answers_count = 0;
        if (keep_trial(s))
            return;
    }
    while (s->best.legs_count > 1 && begin_trial(s)) {
        s->trial.legs_count--;
        if (!keep_trial(s))
            break;
    }
    while (s->best.skips > 0 && begin_trial(s)) {
        s->trial.skips--;
        if (!keep_trial(s))
            break;
    }
    while (s->best.answers_count > 0 && begin_trial(s)) {
        s->trial.answers_count--;
        if (!keep_trial(s))
            break;
    }
    if (s->best.legs_count > 1 && begin_trial(s)) {
        s->trial.legs[0] = case_budget(&s->best);
        s->trial.legs_count = 1;
        (void)keep_trial(s);
    }
}

static bool try_budget(shrinker *s, size_t leg, uint64_t budget)
{
    if (!begin_trial(s))
        return false;
    s->trial.legs[leg] = budget;
    return keep_trial(s);
}

/* From few to many, because a trial that still differs may be slow: the difference may be a machine that hangs. */
static void fewest_instructions(shrinker *s)
{
    for (size_t leg = 0; leg < s->best.legs_count; leg++) {
        const uint64_t *now = &s->best.legs[leg];
        uint64_t low = 0;
        if (*now == 0 || try_budget(s, leg, 0))
            continue;
        for (uint64_t budget = 1; budget < *now && !try_budget(s, leg, budget); budget *= 2)
            low = budget;
        while (*now - low > 1) {
            const uint64_t middle = low + (*now - low) / 2;
            if (!try_budget(s, leg, middle))
                low = middle;
        }
    }
}

static void latest_start(shrinker *s)
{
    for (uint64_t step = s->best.legs[0] > 0 ? s->best.legs[0] - 1 : 0; step > 0; step /= 2)
        while (s->best.legs[0] > step && advance(s, 0, step) && keep_trial(s))
            ;
}

/* ---- space ---- */

/* Sets words first..first+count-1 to fill, but those that are held; false when they all are. */
static bool clear(uint32_t *word, const uint8_t *held, uint32_t first, uint32_t count, uint32_t fill)
{
    bool changed = false;
    for (uint32_t i = first; i < first + count; i++) {
        if (word[i] == fill || (held != NULL && held[i]))
            continue;
        changed = true;
        word[i] = fill;
    }
    return changed;
}

typedef uint32_t *words_fn(random_case *c);
static uint32_t *pixels(random_case *c) { return c->start.mem; }
static uint32_t *registers(random_case *c) { return c->start.reg; }

/* Clears ever smaller pieces of the words. */
static void clear_pieces(shrinker *s, words_fn *words, uint32_t count, uint32_t fill)
{
    const uint8_t *held = words == pixels ? s->held : NULL;
    for (uint32_t piece = count; piece > 0; piece /= 2)
        for (uint32_t at = 0; at < count && s->error->code == PX_OK; at += piece) {
            const uint32_t length = at + piece <= count ? piece : count - at;
            if (begin_trial(s) && clear(words(&s->trial), held, at, length, fill))
                (void)keep_trial(s);
        }
}

/* ---- machines in the image ---- */

/* The next machine in best from address *at on, which moves behind its first pixel. */
static bool next_saved(const shrinker *s, uint32_t *at, px_saved *saved)
{
    const px_state *start = &s->best.start;
    const uint32_t n = px_state_pixels(start);
    while (start->profile == PX_V1 && *at < n)
        if (px_saved_at(start->mem, n, (*at)++, saved))
            return true;
    return false;
}

/* From here on a header stays as it is, or goes with its machine: one that is broken by the way would be another case.
 */
static void hold_headers(shrinker *s)
{
    px_saved saved;
    memset(s->held, 0, px_state_pixels(&s->best.start));
    for (uint32_t at = 0; next_saved(s, &at, &saved);)
        memset(s->held + saved.at, 1, PX_SAVED_RETIRED);
}

static void drop_slots(shrinker *s)
{
    px_saved saved;
    for (uint32_t at = 0; next_saved(s, &at, &saved);)
        if (begin_trial(s) && clear(s->trial.start.mem, NULL, saved.at, saved.end - saved.at, 0))
            (void)keep_trial(s);
}

static void shorten_slots(shrinker *s)
{
    px_saved saved;
    for (uint32_t at = 0; next_saved(s, &at, &saved);) {
        for (uint32_t cut = saved.machine.h / 2; cut > 0; cut /= 2)
            while (s->best.start.mem[saved.at + PX_SAVED_H] > cut && begin_trial(s)) {
                px_saved less;
                s->trial.start.mem[saved.at + PX_SAVED_H] -= cut;
                if (!px_saved_at(s->trial.start.mem, px_state_pixels(&s->trial.start), saved.at, &less) ||
                    !keep_trial(s))
                    break;
            }
        if (begin_trial(s) && clear(s->trial.start.mem, NULL, saved.at + PX_SAVED_VL, 1, 0))
            (void)keep_trial(s);
    }
}

/* Pixels become instructions that do nothing, where that keeps the difference. */
static void drop_run(shrinker *s, uint32_t first, uint32_t end)
{
    const uint32_t nothing = px_rgba(PX_OP_ADDI, 0, 0, 0);
    for (uint32_t at = first; at < end && at < first + 250; at++)
        if (begin_trial(s) && clear(s->trial.start.mem, s->held, at, 1, nothing))
            (void)keep_trial(s);
}

/* Those from the first instruction on, of all machines. */
static void drop_instructions(shrinker *s)
{
    px_saved saved;
    if (s->best.start.profile == PX_CLASSIC || case_budget(&s->best) < 2)
        return;
    drop_run(s, s->best.start.pc, px_state_pixels(&s->best.start));
    for (uint32_t at = 0; next_saved(s, &at, &saved);)
        drop_run(s, saved.image + saved.machine.pc, saved.end);
}

static void clear_field(shrinker *s, uint32_t *field_of_trial, uint32_t value)
{
    if (*field_of_trial == value)
        return;
    *field_of_trial = value;
    (void)keep_trial(s);
}

static void clear_fields(shrinker *s)
{
    for (uint32_t vl = 0; vl < 4 && vl < s->best.start.vl && begin_trial(s); vl++)
        clear_field(s, &s->trial.start.vl, vl);
    for (uint32_t cut = s->best.start.vl / 2; cut > 0; cut /= 2)
        while (s->best.start.vl > cut && begin_trial(s)) {
            s->trial.start.vl -= cut;
            if (!keep_trial(s))
                break;
        }
    if (begin_trial(s))
        clear_field(s, &s->trial.start.retired, 0);
}

/* Rows are cut off the end. The machine must stay one that can exist. */
static void fewest_rows(shrinker *s)
{
    for (uint32_t cut = s->best.start.h / 2; cut > 0; cut /= 2)
        while (s->best.start.h > cut && begin_trial(s)) {
            s->trial.start.h -= cut;
            if (!px_state_valid(&s->trial.start, "trial", NULL) || !keep_trial(s))
                break;
        }
}

/* Bytes of the literals, immediates and data that are left become zero one by one. */
static void clear_bytes(shrinker *s)
{
    const uint32_t n = px_state_pixels(&s->best.start);
    for (uint32_t at = 0; at < n && s->error->code == PX_OK; at++)
        for (unsigned channel = 0; channel < 4; channel++) {
            const uint32_t word = s->best.start.mem[at];
            if (px_byte(word, channel) == 0 || s->held[at] || !begin_trial(s))
                continue;
            s->trial.start.mem[at] = px_with_byte(word, channel, 0);
            (void)keep_trial(s);
        }
}

static void shrink(shrinker *s)
{
    start_at_the_event(s);
    drop_script(s);
    fewest_instructions(s);
    latest_start(s);
    drop_slots(s);
    shorten_slots(s);
    hold_headers(s);
    fewest_rows(s);
    drop_instructions(s);
    fewest_instructions(s);
    latest_start(s);
    hold_headers(s);
    clear_pieces(s, registers, 256, 0);
    clear_fields(s);
    clear_pieces(s, pixels, px_state_pixels(&s->best.start), 0);
    fewest_rows(s);
    clear_bytes(s);
}

bool shrink_case(random_case *c, executor_list *list, finding *out, px_error *error)
{
    shrinker s = {.list = list, .deadline = time(NULL) + SECONDS, .error = error, .finding = *out};
    *error = (px_error){0};
    s.held = calloc(px_state_pixels(&c->start), 1);
    if (s.held == NULL)
        return px_fail(error, PX_E_SYSTEM, "no memory to shrink a case");
    if (!case_copy(&s.best, c, error)) {
        free(s.held);
        return false;
    }
    list->only = out->relayed ? 0 : out->executor;
    shrink(&s);
    list->only = 0;
    const bool ok = error->code == PX_OK && case_copy(c, &s.best, error);
    *out = s.finding;
    case_free(&s.best);
    case_free(&s.trial);
    free(s.held);
    return ok;
}

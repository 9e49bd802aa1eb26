/* tape_run.c - see tape.h: runs that stop at breakpoints. An executor that traces is run in pieces, its instructions
 * looked at as they retire; a piece that turns out to have gone too far is wound back. What cannot be known from
 * outside of a running machine - pixels in a condition, what RESUME's machines touch - is looked at step by step. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "exec/tape_internal.h"
#include "pxi/pixel.h"

enum { MOST_BREAKPOINTS = 256, LEAST_PIECE = 1 << 10, MOST_PIECE = 1 << 20 };

typedef struct scan {
    px_tape *tape;
    const px_breakpoints *list;
    bool last;      /* the last hit is wanted, not the first */
    uint64_t start; /* what stops before an instruction does not stop there; UINT64_MAX: anywhere */
    px_follow follow;
    uint64_t at; /* of the next instruction */
    bool found;
    px_tape_hit hit;
    uint64_t hit_at;
    bool pixels, watches, traces;
    bool in_slots; /* RESUME has been arrived at */
    bool unsure;   /* from at on, steps are needed */
    bool stepping;
    bool matched[MOST_BREAKPOINTS];
    px_retire retired; /* of a step, if it told */
    bool told;
} scan;

/* ---- hits ---- */

static void found(scan *s, const px_breakpoint *b, uint64_t at, uint64_t by, bool answered)
{
    s->found = true;
    s->hit = (px_tape_hit){.end = PX_END_BREAK, .breakpoint = b, .by = by, .answered = answered};
    s->hit_at = at;
}

static bool ended(const scan *s) { return s->found && !s->last; }

static bool arrive(scan *s, uint32_t pc, uint32_t instruction, px_machine *machine)
{
    const px_moment moment = {s->at, pc, s->follow.vl, s->follow.reg, machine};
    const px_breakpoint *b = s->at == s->start ? NULL : px_break_before(s->list, &moment, instruction);
    if (b != NULL)
        found(s, b, s->at, s->at, false);
    return b != NULL;
}

/* Which watchpoints an instruction fits, before it. */
static void match(scan *s, const px_retire *r)
{
    for (size_t i = 0; i < s->list->count; i++) {
        const px_breakpoint *b = &s->list->at[i];
        s->matched[i] = !b->off && ((b->kind == PX_BREAK_PIXELS && px_break_touches(b, &s->follow, r)) ||
                                    (b->kind == PX_BREAK_REGISTER && r->slot < 0 && r->reg == (int)b->at));
    }
}

/* And whether they hold after it. */
static void matched(scan *s, px_machine *machine)
{
    const px_moment moment = {s->at + 1, s->follow.pc, s->follow.vl, s->follow.reg, machine};
    for (size_t i = 0; i < s->list->count && !ended(s); i++) {
        const px_breakpoint *b = &s->list->at[i];
        const bool out =
            (b->kind == PX_BREAK_OVER && s->follow.depth <= 0) || (b->kind == PX_BREAK_RETURN && s->follow.depth < 0);
        if (!b->off && (s->matched[i] || out) && (b->holds == NULL || b->holds(b->context, &moment)))
            found(s, b, s->last ? s->at : s->at + 1, s->at, false);
    }
}

static bool is_return(void *context, uint32_t target)
{
    const px_tape *t = context;
    const size_t now = px_snapshot_before(&t->snapshots, t->at);
    if (target < 3 || target >= t->snapshots.pixels)
        return false;
    const uint32_t before = px_byte(px_snapshot_pixel(&t->snapshots, now, target - 1), 0);
    return before == PX_OP_CALL || (before == PX_OP_JR && px_snapshot_pixel(&t->snapshots, now, target - 2) == target);
}

static void on_retire(void *context, const px_retire *r)
{
    scan *s = context;
    s->retired = *r;
    s->told = true;
    if (ended(s) || s->unsure || s->stepping)
        return;
    if (r->slot >= 0) {
        if (!s->in_slots && arrive(s, s->follow.pc, PX_OP_RESUME, NULL) && ended(s))
            return;
        s->in_slots = true;
        s->unsure = s->watches;
        s->at += !s->unsure;
        return;
    }
    if (!s->in_slots && arrive(s, r->pc, r->instruction, NULL) && ended(s))
        return;
    s->in_slots = false;
    match(s, r);
    px_follow_retired(&s->follow, r);
    matched(s, NULL);
    s->at++;
}

/* ---- answers ---- */

static bool put_there(const tape_input *input, const px_breakpoint *b)
{
    for (size_t i = 0; i < input->count; i++)
        if (input->put[i].at < (uint64_t)b->at + b->count && b->at < (uint64_t)input->put[i].at + input->put[i].count)
            return true;
    return false;
}

/* The breakpoint that an answer is about, or NULL. Conditions are about instructions. */
static const px_breakpoint *answer_fits(const px_breakpoints *list, const tape_input *input)
{
    for (size_t i = 0; i < list->count; i++) {
        const px_breakpoint *b = &list->at[i];
        if (!b->off && ((b->kind == PX_BREAK_PIXELS && b->written && put_there(input, b)) ||
                        (b->kind == PX_BREAK_REGISTER && b->at == input->reg)))
            return b;
    }
    return NULL;
}

/* ---- pieces and steps ---- */

static bool traced_piece(scan *s, uint64_t limit, bool *on, px_error *error)
{
    px_tape *t = s->tape;
    s->at = t->at;
    if (!px_follow_look(&s->follow, t->machine, error) || !px_tape_advance(t, limit, on, error))
        return false;
    /* What does not retire, since it traps, is told by nobody. */
    if (t->stop.status == PX_TRAPPED && !ended(s) && !s->unsure && s->at == t->at && !s->in_slots &&
        t->stop.pc < t->snapshots.pixels) {
        uint32_t instruction;
        if (!px_get(t->machine, PX_SPACE_PIXEL, t->stop.pc, &instruction, 1, error))
            return false;
        (void)arrive(s, t->stop.pc, instruction, NULL);
    }
    return true;
}

/* The pixels that a watchpoint watches, before and after a step: it may be anybody's who wrote them. */
static bool get_watched(scan *s, uint32_t **pixels, px_error *error)
{
    size_t total = 0, at = 0;
    for (size_t i = 0; i < s->list->count; i++)
        total += s->list->at[i].kind == PX_BREAK_PIXELS ? s->list->at[i].count : 0;
    *pixels = malloc((total + 1) * sizeof **pixels);
    bool ok = *pixels != NULL || px_fail(error, PX_E_SYSTEM, "no memory to watch %zu pixels", total);
    for (size_t i = 0; ok && i < s->list->count; i++)
        if (s->list->at[i].kind == PX_BREAK_PIXELS) {
            ok = px_get(s->tape->machine, PX_SPACE_PIXEL, s->list->at[i].at, *pixels + at, s->list->at[i].count, error);
            at += s->list->at[i].count;
        }
    return ok;
}

static void compare(scan *s, const uint32_t *before, const uint32_t *after)
{
    size_t at = 0;
    for (size_t i = 0; i < s->list->count; i++) {
        const px_breakpoint *b = &s->list->at[i];
        if (b->kind != PX_BREAK_PIXELS)
            continue;
        s->matched[i] = !b->off && b->written && memcmp(before + at, after + at, b->count * sizeof *before) != 0;
        at += b->count;
    }
}

/* The register that a step has changed, where the executor does not say which it has written. */
static int changed(const uint32_t *before, const uint32_t *after)
{
    for (int i = 0; i < 256; i++)
        if (before[i] != after[i])
            return i;
    return -1;
}

static bool after_step(scan *s, px_retire *r, const uint32_t *before, px_error *error)
{
    px_tape *t = s->tape;
    uint32_t *then = NULL;
    bool ok = true;
    if (before != NULL && (ok = get_watched(s, &then, error)))
        compare(s, before, then);
    free(then);
    px_follow now = s->follow;
    if (!ok || !px_follow_look(&now, t->machine, error))
        return false;
    const int reg = changed(s->follow.reg, now.reg);
    if (s->told)
        *r = s->retired;
    else if (reg >= 0)
        r->reg = reg, r->value = now.reg[reg];
    if (before == NULL)
        match(s, r);
    px_follow_retired(&s->follow, r);
    s->in_slots = r->slot >= 0;
    matched(s, t->machine);
    return true;
}

static bool step(scan *s, bool *on, px_error *error)
{
    px_tape *t = s->tape;
    uint32_t *before = NULL, instruction = 0;
    s->at = t->at;
    s->told = false;
    if (!px_follow_look(&s->follow, t->machine, error) ||
        (s->follow.pc < t->snapshots.pixels &&
         !px_get(t->machine, PX_SPACE_PIXEL, s->follow.pc, &instruction, 1, error)))
        return false;
    const bool resumes = s->follow.profile == PX_V1 && px_byte(instruction, 0) == PX_OP_RESUME;
    if (t->stop.status == PX_RUNNING && !(resumes && s->in_slots) && arrive(s, s->follow.pc, instruction, t->machine) &&
        ended(s))
        return true;
    px_retire r = {.slot = -1, .pc = s->follow.pc, .instruction = instruction, .reg = -1};
    bool ok = !(s->watches && (resumes || s->follow.profile != PX_V1)) || get_watched(s, &before, error);
    ok = ok && px_tape_advance(t, t->at + 1, on, error);
    if (ok && t->at > s->at) {
        if (!s->told && resumes)
            r.slot = t->stop.pc == r.pc ? 0 : -1; /* which slot, nobody asks */
        ok = after_step(s, &r, before, error);
    }
    free(before);
    return ok;
}

/* The breakpoint for a machine that has come to wait, or NULL. */
static const px_breakpoint *sys_fits(const px_breakpoints *list, const px_tape *t)
{
    for (size_t i = 0; i < list->count; i++)
        if (!list->at[i].off && list->at[i].kind == PX_BREAK_SYS && t->stop.status == PX_WAITING)
            return &list->at[i];
    return NULL;
}

static bool sys_among(const px_breakpoints *list)
{
    for (size_t i = 0; i < list->count; i++)
        if (!list->at[i].off && list->at[i].kind == PX_BREAK_SYS)
            return true;
    return false;
}

/* What a turn from position `from` on began and ended with: an answer, and SYS. */
static void look_at_ends(scan *s, uint64_t from, bool waited, uint64_t limit)
{
    const px_tape *t = s->tape;
    const tape_input *input = waited ? px_tape_answer_at(t, from) : NULL;
    const px_breakpoint *b = input != NULL && from != s->start ? answer_fits(s->list, input) : NULL;
    if (b != NULL && (!s->found || s->hit_at < from || !s->last))
        found(s, b, from, from, true);
    b = ended(s) || s->unsure || t->at == from || (s->last && t->at >= limit) ? NULL : sys_fits(s->list, t);
    if (b != NULL)
        found(s, b, t->at, t->at - 1, false);
}

/* Back to where a piece began to be unsure. */
static bool take_back(scan *s, bool *on, px_error *error)
{
    px_tape *t = s->tape;
    const uint64_t to = s->at;
    *on = true;
    bool ok = px_tape_restore(t, px_snapshot_before(&t->snapshots, to), error);
    while (ok && *on && t->at < to)
        ok = px_tape_advance(t, to, on, error);
    *on = true;
    return ok;
}

/* From where the tape is to limit, or to the first hit; *on as of px_tape_advance. */
static bool look_on(scan *s, uint64_t limit, bool *on, px_error *error)
{
    px_tape *t = s->tape;
    uint64_t piece = LEAST_PIECE;
    *on = true;
    while (*on && t->at < limit && !ended(s)) {
        const uint64_t from = t->at, end = limit - from < piece ? limit : from + piece;
        const bool waited = t->stop.status == PX_WAITING, stepped = s->pixels || !s->traces || s->unsure;
        s->stepping = stepped;
        if (!(stepped ? step(s, on, error) : traced_piece(s, end, on, error)))
            return false;
        look_at_ends(s, from, waited, limit);
        if (!stepped && s->unsure && !ended(s) && !take_back(s, on, error))
            return false;
        if (stepped && !s->in_slots)
            s->unsure = false;
        piece = piece < MOST_PIECE ? 4 * piece : piece;
    }
    return true;
}

/* The tracer is there only while it is needed: without it the executor is fast. */
static bool look_to(scan *s, uint64_t limit, bool *on, px_error *error)
{
    px_machine *machine = s->tape->machine;
    s->traces = px_on_retire(machine, on_retire, s, NULL);
    const bool ok = look_on(s, limit, on, error);
    return (!s->traces || px_on_retire(machine, NULL, NULL, error)) && ok;
}

/* Turn by turn, since at SYS somebody may want to stop. */
static bool run_plainly(scan *s, uint64_t limit, bool *on, px_error *error)
{
    px_tape *t = s->tape;
    *on = true;
    while (*on && t->at < limit && !ended(s)) {
        const uint64_t from = t->at;
        if (!px_tape_advance(t, limit, on, error))
            return false;
        look_at_ends(s, from, false, limit);
    }
    return true;
}

static bool begin(scan *s, px_tape *t, const px_breakpoints *list, const px_cancel *cancel, px_error *error)
{
    const uint32_t n = t->snapshots.pixels;
    *s = (scan){.tape = t, .list = list, .start = UINT64_MAX, .pixels = px_breakpoints_pixels(list)};
    t->cancel = cancel;
    t->cancelled = false;
    if (list->count > MOST_BREAKPOINTS)
        return px_fail(error, PX_E_USAGE, "%zu breakpoints; at most %d are looked for", list->count, MOST_BREAKPOINTS);
    for (size_t i = 0; i < list->count; i++) {
        const px_breakpoint *b = &list->at[i];
        if (b->kind == PX_BREAK_PIXELS && (b->at >= n || b->count > n - b->at))
            return px_fail(error, PX_E_USAGE,
                           "pixels %" PRIu32 " to %" PRIu64 " are to be watched; the image has 0 to %" PRIu32, b->at,
                           (uint64_t)b->at + b->count - 1, n - 1);
        s->watches |= !b->off && b->kind == PX_BREAK_PIXELS;
    }
    s->follow.is_return = is_return;
    s->follow.context = t;
    s->pixels |= t->machine->profile != PX_V1 && s->watches;
    return px_follow_begin(&s->follow, t->machine, error);
}

/* The count nearest to position at on one side of it, or NULL. */
static const px_breakpoint *near_count(const px_breakpoints *list, uint64_t least, uint64_t most, bool last)
{
    const px_breakpoint *best = NULL;
    for (size_t i = 0; i < list->count; i++) {
        const px_breakpoint *b = &list->at[i];
        if (!b->off && b->kind == PX_BREAK_COUNT && b->number >= least && b->number <= most &&
            (best == NULL || (b->number < best->number) != last))
            best = b;
    }
    return best;
}

bool px_tape_run(px_tape *t, const px_breakpoints *list, uint64_t limit, const px_cancel *cancel, px_tape_hit *hit,
                 px_error *error)
{
    scan s;
    bool on;
    const px_breakpoint *count = near_count(list, t->at + 1, limit, false);
    const uint64_t end = count != NULL ? count->number : limit;
    if (!begin(&s, t, list, cancel, error))
        return false;
    s.start = t->at;
    s.in_slots = true; /* if it stands at RESUME, it has arrived there */
    if (!(px_breakpoints_look(list) ? look_to : run_plainly)(&s, end, &on, error))
        return false;
    *hit = s.hit;
    if (s.found)
        return px_tape_seek(t, s.hit_at, NULL, NULL, error);
    *hit = (px_tape_hit){.end = px_tape_why(t, end), .by = t->at};
    if (count != NULL && t->at == end)
        hit->end = PX_END_BREAK, hit->breakpoint = count;
    return true;
}

/* ---- back ---- */

/* The snapshot before a position, and from there to the position again, looked at. */
static bool look_before(scan *s, uint64_t at, uint64_t *from, px_error *error)
{
    px_tape *t = s->tape;
    const size_t which = px_snapshot_before(&t->snapshots, at - 1);
    bool on;
    *from = t->snapshots.of[which].at;
    s->in_slots = s->unsure = false;
    return px_tape_restore(t, which, error) && look_to(s, at, &on, error);
}

bool px_tape_back(px_tape *t, const px_breakpoints *list, uint64_t limit, const px_cancel *cancel, px_tape_hit *hit,
                  px_error *error)
{
    scan s;
    const uint64_t start = t->at;
    const px_breakpoint *count = start > 0 ? near_count(list, limit, start - 1, true) : NULL;
    const uint64_t least = count != NULL ? count->number : limit < start ? limit : start;
    if (!begin(&s, t, list, cancel, error))
        return false;
    s.last = true;
    for (uint64_t at = start;
         at > least && !s.found && !t->cancelled && (px_breakpoints_look(list) || sys_among(list));)
        if (!look_before(&s, at, &at, error))
            return false;
    const bool good = s.found && s.hit_at >= least;
    *hit = good            ? s.hit
           : t->cancelled  ? (px_tape_hit){.end = PX_END_CANCELLED}
           : count != NULL ? (px_tape_hit){.end = PX_END_BREAK, .breakpoint = count, .by = least}
                           : (px_tape_hit){.end = least == 0 ? PX_END_FIRST : PX_END_LIMIT, .by = least};
    return px_tape_seek(t, good ? s.hit_at : t->cancelled ? start : least, NULL, NULL, error);
}

/* ---- back over calls ---- */

enum { DEPTHS = 2 * PX_FOLLOW_CALLS };

/* The last position at each depth of calls. */
typedef struct levels {
    px_follow follow;
    uint64_t at;
    uint64_t last[DEPTHS]; /* one more than it; 0: none */
} levels;

static void note_level(void *context, const px_retire *r)
{
    levels *l = context;
    const int64_t depth = l->follow.depth + PX_FOLLOW_CALLS;
    l->at++;
    if (depth >= 0 && depth < DEPTHS)
        l->last[depth] = l->at;
    px_follow_retired(&l->follow, r);
}

static bool note_levels(px_tape *t, levels *l, size_t which, uint64_t to, px_error *error)
{
    bool on = true, ok = px_tape_restore(t, which, error) && px_follow_begin(&l->follow, t->machine, error) &&
                         px_on_retire(t->machine, note_level, l, error);
    l->at = t->at;
    while (ok && on && t->at < to)
        ok = px_tape_advance(t, to, &on, error) && px_follow_look(&l->follow, t->machine, error);
    return px_on_retire(t->machine, NULL, NULL, error) && ok;
}

bool px_tape_back_over(px_tape *t, const px_cancel *cancel, px_tape_hit *hit, px_error *error)
{
    const uint64_t start = t->at;
    uint64_t best = 0;
    levels *l = start > 0 ? calloc(1, sizeof *l) : NULL;
    t->cancel = cancel;
    t->cancelled = false;
    *hit = (px_tape_hit){.end = start == 0 ? PX_END_FIRST : PX_END_LIMIT};
    if (start == 0)
        return true;
    if (l == NULL)
        return px_fail(error, PX_E_SYSTEM, "no memory to look at calls");
    bool ok = true;
    /* Each time from twice as many snapshots before: the call may be long ago. */
    for (size_t which = px_snapshot_before(&t->snapshots, start - 1), back = 1; ok && best == 0 && !t->cancelled;
         back *= 2) {
        *l = (levels){.follow = {.is_return = is_return, .context = t}};
        ok = note_levels(t, l, which, start, error);
        for (int64_t d = 0; d <= l->follow.depth + PX_FOLLOW_CALLS && d < DEPTHS; d++)
            best = l->last[d] > best ? l->last[d] : best;
        if (which == 0)
            break;
        which -= back < which ? back : which;
    }
    free(l);
    if (t->cancelled)
        hit->end = PX_END_CANCELLED;
    return ok && px_tape_seek(t, t->cancelled ? start : best > 0 ? best - 1 : 0, NULL, NULL, error);
}

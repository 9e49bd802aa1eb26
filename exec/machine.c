/* machine.c - see machine.h. */
#include "exec/machine.h"

#include <inttypes.h>
#include <string.h>

#include "pxi/words.h"

enum { COPY_BLOCK = 4096 };

/* ---- what is lost ---- */

static bool alive(const px_executor *executor, px_error *error)
{
    return executor->lost.code == PX_OK ||
           px_fail(error, executor->lost.code, "%s is lost with its machines: %s", executor->name, executor->lost.text);
}

static bool present(const px_machine *machine, px_error *error)
{
    const px_executor *executor = machine->executor;
    return alive(executor, error) &&
           (!machine->lost || px_fail(error, executor->trouble.code, "the machine in %s is lost: %s", executor->name,
                                      executor->trouble.text));
}

/* For what a driver returned about a machine: remembers a loss, and passes it on. */
static bool kept(px_machine *machine, bool ok, const px_error *reason, px_error *error)
{
    if (ok)
        return true;
    machine->lost = true;
    machine->executor->trouble = *reason;
    if (error != NULL)
        *error = *reason;
    return false;
}

/* ---- creating and dropping ---- */

static bool fits(const px_executor *executor, const px_state *state, px_error *error)
{
    const uint32_t n = px_state_pixels(state);
    const px_caps *caps = &executor->caps;
    if (n > caps->max_pixels)
        return px_fail(error, PX_E_TOO_LARGE,
                       "the image has %" PRIu32 " pixels and %s holds at most %" PRIu32 "; use another executor", n,
                       executor->name, caps->max_pixels);
    if (executor->machines >= caps->machines)
        return px_fail(error, PX_E_TOO_LARGE, "%s holds %" PRIu32 " machine%s and has no room for another",
                       executor->name, caps->machines, caps->machines == 1 ? "" : "s");
    if (n > caps->total_pixels - executor->pixels)
        return px_fail(error, PX_E_TOO_LARGE,
                       "%s holds %" PRIu64 " pixels, %" PRIu64 " of them in use; an image of %" PRIu32 " does not fit",
                       executor->name, caps->total_pixels, executor->pixels, n);
    return true;
}

static bool possible(const px_executor *executor, const px_state *state, px_error *error)
{
    return alive(executor, error) && px_state_valid(state, "the state", error) && fits(executor, state, error);
}

/* For a possible one. */
static bool create(px_executor *executor, px_state *state, px_machine **machine, px_error *error)
{
    const px_machine base = {.executor = executor,
                             .profile = state->profile,
                             .w = state->w,
                             .h = state->h,
                             .retired = state->retired,
                             .status = state->status};
    if (!executor->ops->create(executor, state, machine, error))
        return false;
    **machine = base;
    (*machine)->in_place = state->lent && state->mem == NULL;
    executor->machines++;
    executor->pixels += px_machine_pixels(*machine);
    return true;
}

bool px_machine_create(px_executor *executor, const px_state *state, px_machine **machine, px_error *error)
{
    px_state copy = {0};
    *machine = NULL;
    if (!possible(executor, state, error) || !px_state_copy(&copy, state, error))
        return false;
    const bool ok = create(executor, &copy, machine, error);
    px_state_free(&copy);
    return ok;
}

bool px_machine_create_from(px_executor *executor, px_state *state, px_machine **machine, px_error *error)
{
    *machine = NULL;
    const bool ok = possible(executor, state, error) && create(executor, state, machine, error);
    px_state_free(state);
    return ok;
}

bool px_machine_drop(px_machine *machine, px_error *error)
{
    if (machine == NULL)
        return true;
    px_executor *executor = machine->executor;
    if (machine->running)
        return px_fail(error, PX_E_USAGE, "a machine of %s was to be dropped while it runs", executor->name);
    executor->machines--;
    executor->pixels -= px_machine_pixels(machine);
    executor->ops->drop(machine);
    return true;
}

/* ---- running ---- */

/* The fields of space STATE. */
static bool read_state_words(px_machine *machine, px_state *out, px_error *error)
{
    uint32_t words[PX_STATE_SPACE];
    if (!px_get(machine, PX_SPACE_STATE, 0, words, PX_STATE_SPACE, error))
        return false;
    px_words_put(out, PX_SPACE_STATE, 0, words, PX_STATE_SPACE);
    out->w = machine->w;
    out->h = machine->h;
    out->retired = machine->retired;
    return true;
}

/* Whether a machine whose fields somebody has written can be. Registers have a say in the classic profile alone. */
static bool sound(px_machine *machine, px_error *error)
{
    px_state fields = {0};
    if (!machine->doubtful)
        return true;
    if (!read_state_words(machine, &fields, error) ||
        (machine->profile == PX_CLASSIC && !px_get(machine, PX_SPACE_REGISTER, 0, fields.reg, 256, error)) ||
        !px_state_fields_valid(&fields, "the state that was written", error))
        return false;
    machine->doubtful = false;
    return true;
}

/* What is wrong with a turn, or NULL. */
static const char *fault_of(const px_executor *executor, const px_turn *turn)
{
    const px_machine *m = turn->machine;
    return m == NULL || m->executor != executor       ? "is not for one of its machines"
           : m->running                               ? "is for a machine that has one already"
           : turn->answers && m->status != PX_WAITING ? "answers a machine that waits for nothing"
           : m->lost                                  ? "is for a machine that is lost"
                                                      : NULL;
}

/* Marks every machine as running; none stays marked when a turn is wrong. */
static bool take_up(px_executor *executor, px_turn *turns, size_t count, px_error *error)
{
    for (size_t i = 0; i < count; i++) {
        const char *fault = fault_of(executor, &turns[i]);
        if (fault == NULL && sound(turns[i].machine, error)) {
            turns[i].machine->running = true;
            turns[i].failed = false;
            turns[i].stop = (px_stop){0};
            continue;
        }
        for (size_t k = 0; k < i; k++)
            turns[k].machine->running = false;
        return fault == NULL ? false
                             : px_fail(error, PX_E_USAGE, "turn %zu of a run of %s %s", i + 1, executor->name, fault);
    }
    return true;
}

/* Books what a turn did. */
static void settle(px_turn *turn)
{
    px_machine *m = turn->machine;
    if (!turn->failed && turn->stop.executed > turn->budget)
        turn->failed = !px_fail(&turn->error, PX_E_INPUT,
                                "%s says that it executed %" PRIu64 " instructions of a budget of %" PRIu64,
                                m->executor->name, turn->stop.executed, turn->budget);
    if (turn->failed) {
        (void)kept(m, false, &turn->error, NULL);
        return;
    }
    m->retired += (uint32_t)turn->stop.executed;
    m->status = turn->stop.status;
}

bool px_run(px_executor *executor, px_turn *turns, size_t count, const px_cancel *cancel, px_error *error)
{
    px_error reason; /* the driver fills it in when it fails; it is long, and turns are many */
    if (!alive(executor, error) || !take_up(executor, turns, count, error))
        return false;
    const bool ok = count == 0 || executor->ops->run(executor, turns, count, cancel, &reason);
    for (size_t i = 0; i < count; i++) {
        turns[i].machine->running = false;
        if (ok)
            settle(&turns[i]);
    }
    if (ok)
        return true;
    executor->lost = reason;
    if (error != NULL)
        *error = reason;
    return false;
}

bool px_run_one(px_machine *machine, uint64_t budget, const px_cancel *cancel, px_stop *stop, px_error *error)
{
    px_turn turn = {.machine = machine, .budget = budget};
    if (!px_run(machine->executor, &turn, 1, cancel, error))
        return false;
    if (turn.failed) {
        if (error != NULL)
            *error = turn.error;
        return false;
    }
    *stop = turn.stop;
    return true;
}

/* ---- words ---- */

static const char *const space_name[] = {"pixel", "register", "state word"};

static uint32_t space_size(const px_machine *machine, enum px_space space)
{
    return space == PX_SPACE_PIXEL ? px_machine_pixels(machine) : space == PX_SPACE_REGISTER ? 256 : PX_STATE_SPACE;
}

static bool within(const px_machine *machine, enum px_space space, uint32_t at, uint32_t count, px_error *error)
{
    const uint32_t size = space_size(machine, space);
    if (at <= size && count <= size - at)
        return true;
    return px_fail(error, PX_E_USAGE, "%ss %" PRIu32 " to %" PRIu64 " were asked for; the machine in %s has %" PRIu32,
                   space_name[space], at, (uint64_t)at + count - 1, machine->executor->name, size);
}

static bool at_rest(const px_machine *machine, px_error *error)
{
    return present(machine, error) &&
           (!machine->running ||
            px_fail(error, PX_E_USAGE, "a machine of %s was to be looked into while it runs", machine->executor->name));
}

bool px_get(px_machine *machine, enum px_space space, uint32_t at, uint32_t *words, uint32_t count, px_error *error)
{
    px_error reason;
    if (!at_rest(machine, error) || !within(machine, space, at, count, error))
        return false;
    return count == 0 ||
           kept(machine, machine->executor->ops->get(machine, space, at, words, count, &reason), &reason, error);
}

bool px_get_rows(px_machine *machine, uint32_t at, uint32_t pitch, uint32_t rows, uint32_t *words, uint32_t count,
                 px_error *error)
{
    px_error reason;
    bool ok = true;
    if (machine->executor->ops->get_rows == NULL || rows < 2 || count == 0) {
        for (uint32_t y = 0; ok && y < rows; y++)
            ok = px_get(machine, PX_SPACE_PIXEL, at + y * pitch, words + (size_t)y * count, count, error);
        return ok;
    }
    const uint64_t last = at + (uint64_t)(rows - 1) * pitch;
    return at_rest(machine, error) && within(machine, PX_SPACE_PIXEL, at, count, error) &&
           within(machine, PX_SPACE_PIXEL, last < UINT32_MAX ? (uint32_t)last : UINT32_MAX, count, error) &&
           kept(machine, machine->executor->ops->get_rows(machine, at, pitch, rows, words, count, &reason), &reason,
                error);
}

bool px_put(px_machine *machine, enum px_space space, uint32_t at, const uint32_t *words, uint32_t count,
            px_error *error)
{
    px_error reason;
    if (!at_rest(machine, error) || !within(machine, space, at, count, error))
        return false;
    if (space == PX_SPACE_STATE && at <= PX_WORD_FLAGS && count > PX_WORD_FLAGS - at) {
        machine->profile = words[PX_WORD_FLAGS - at] >> 16 & 1;
        machine->status = words[PX_WORD_FLAGS - at] & 3;
    }
    if (space == PX_SPACE_STATE || (space == PX_SPACE_REGISTER && machine->profile == PX_CLASSIC))
        machine->doubtful = true;
    if (space == PX_SPACE_PIXEL && machine->observer != NULL)
        machine->observer->put(machine->observer->context, at, words, count);
    return count == 0 ||
           kept(machine, machine->executor->ops->put(machine, space, at, words, count, &reason), &reason, error);
}

void px_on_put(px_machine *machine, px_put_observer *observer) { machine->observer = observer; }

static bool copy_in_blocks(px_machine *to, uint32_t to_at, px_machine *from, uint32_t from_at, uint32_t count,
                           px_error *error)
{
    uint32_t block[COPY_BLOCK];
    for (uint32_t done = 0; done < count;) {
        const uint32_t part = count - done < COPY_BLOCK ? count - done : COPY_BLOCK;
        if (!px_get(from, PX_SPACE_PIXEL, from_at + done, block, part, error) ||
            !px_put(to, PX_SPACE_PIXEL, to_at + done, block, part, error))
            return false;
        done += part;
    }
    return true;
}

bool px_copy(px_machine *to, uint32_t to_at, px_machine *from, uint32_t from_at, uint32_t count, px_error *error)
{
    px_executor *executor = to->executor;
    px_error reason;
    if (!at_rest(to, error) || !at_rest(from, error) || !within(to, PX_SPACE_PIXEL, to_at, count, error) ||
        !within(from, PX_SPACE_PIXEL, from_at, count, error))
        return false;
    if (to == from && from_at < to_at + count && to_at < from_at + count)
        return px_fail(error, PX_E_USAGE,
                       "%" PRIu32 " pixels at %" PRIu32 " were to be copied over themselves, to %" PRIu32, count,
                       from_at, to_at);
    if (count == 0)
        return true;
    if (from->executor != executor || executor->ops->copy == NULL || to->observer != NULL)
        return copy_in_blocks(to, to_at, from, from_at, count, error);
    return kept(to, executor->ops->copy(to, to_at, from, from_at, count, &reason), &reason, error);
}

bool px_on_retire(px_machine *machine, px_trace_fn *trace, void *context, px_error *error)
{
    px_executor *executor = machine->executor;
    px_error reason;
    if (executor->ops->trace == NULL)
        return trace == NULL || px_fail(error, PX_E_USAGE, "executor %s has no trace; use --on ref", executor->name);
    return at_rest(machine, error) &&
           kept(machine, executor->ops->trace(machine, trace, context, &reason), &reason, error);
}

bool px_wave(px_machine *machine, const char *path, px_error *error)
{
    px_executor *executor = machine->executor;
    px_error reason;
    if (executor->ops->wave == NULL)
        return path == NULL ||
               px_fail(error, PX_E_USAGE, "executor %s has no waveforms; the Verilated core has, --on rtl",
                       executor->name);
    return at_rest(machine, error) && kept(machine, executor->ops->wave(machine, path, &reason), &reason, error);
}

bool px_count_heat(px_machine *machine, const px_heat *heat, px_error *error)
{
    px_executor *executor = machine->executor;
    px_error reason;
    if (heat == NULL && executor->ops->heat == NULL)
        return true;
    if (executor->ops->heat == NULL)
        return px_fail(error, PX_E_USAGE,
                       "executor %s does not count what it executes, reads and writes; use --on fast", executor->name);
    if (machine->profile != PX_V1)
        return px_fail(error, PX_E_USAGE, "what a classic program executes, reads and writes is not counted");
    if (heat != NULL && heat->n != px_machine_pixels(machine))
        return px_fail(error, PX_E_USAGE, "counts of %" PRIu32 " pixels were given to a machine of %" PRIu32, heat->n,
                       px_machine_pixels(machine));
    return at_rest(machine, error) && kept(machine, executor->ops->heat(machine, heat, &reason), &reason, error);
}

/* ---- whole states ---- */

bool px_machine_read_fields(px_machine *machine, px_state *out, px_error *error)
{
    return px_get(machine, PX_SPACE_REGISTER, 0, out->reg, 256, error) && read_state_words(machine, out, error) &&
           px_state_fields_valid(out, machine->executor->name, error);
}

bool px_machine_read(px_machine *machine, px_state *out, px_error *error)
{
    if (out->mem == NULL || px_state_pixels(out) != px_machine_pixels(machine)) {
        px_state_free(out);
        if (!px_state_new(out, machine->profile, machine->w, machine->h, error))
            return false;
    }
    return px_get(machine, PX_SPACE_PIXEL, 0, out->mem, px_machine_pixels(machine), error) &&
           px_machine_read_fields(machine, out, error);
}

/* Rows above the image: the words, and zeros up to whole rows. */
static void get_above(const px_view *view, uint32_t y, uint32_t count, uint32_t *px)
{
    const uint64_t at = (uint64_t)y * view->machine->w, end = at + (uint64_t)count * view->machine->w;
    const uint64_t words = end < PX_STATE_WORDS ? end : PX_STATE_WORDS, there = words > at ? words - at : 0;
    memcpy(px, view->words + (there > 0 ? at : 0), there * sizeof *px);
    memset(px + there, 0, (end - at - there) * sizeof *px);
}

static bool get_rows(void *context, uint32_t y, uint32_t count, uint32_t *px, px_error *error)
{
    const px_view *view = context;
    const uint32_t w = view->machine->w, left = view->above > y ? view->above - y : 0;
    const uint32_t above = count < left ? count : left;
    get_above(view, y, above, px);
    return above == count || px_get(view->machine, PX_SPACE_PIXEL, (y + above - view->above) * w,
                                    px + (size_t)above * w, (count - above) * w, error);
}

bool px_machine_rows(px_machine *machine, bool image, px_view *view, px_rows *rows, px_error *error)
{
    px_state fields = {0};
    *view = (px_view){.machine = machine};
    if (!image) {
        if (!px_machine_read_fields(machine, &fields, error))
            return false;
        view->above = px_state_rows(machine->w);
        px_state_words(&fields, view->words);
    }
    *rows = (px_rows){machine->w, view->above + machine->h, get_rows, view};
    return true;
}

bool px_machine_write_fields(px_machine *machine, const px_state *state, px_error *error)
{
    uint32_t words[PX_STATE_SPACE];
    px_words_get(state, PX_SPACE_STATE, 0, words, PX_STATE_SPACE);
    if (!px_put(machine, PX_SPACE_REGISTER, 0, state->reg, 256, error) ||
        !px_put(machine, PX_SPACE_STATE, 0, words, PX_STATE_SPACE, error))
        return false;
    machine->retired = state->retired;
    machine->doubtful = false;
    return true;
}

bool px_machine_write(px_machine *machine, const px_state *state, px_error *error)
{
    if (state->profile != machine->profile || state->w != machine->w || state->h != machine->h)
        return px_fail(error, PX_E_USAGE,
                       "a machine of %" PRIu32 "x%" PRIu32 " pixels cannot become one of %" PRIu32 "x%" PRIu32
                       " or of another profile",
                       machine->w, machine->h, state->w, state->h);
    return px_state_valid(state, "the state", error) &&
           px_put(machine, PX_SPACE_PIXEL, 0, state->mem, px_machine_pixels(machine), error) &&
           px_machine_write_fields(machine, state, error);
}

bool px_run_state(px_executor *executor, px_state *state, uint64_t budget, px_stop *stop, px_error *error)
{
    px_machine *machine;
    if (!px_machine_create(executor, state, &machine, error))
        return false;
    const bool ok = px_run_one(machine, budget, NULL, stop, error) && px_machine_read(machine, state, error);
    px_machine_drop(machine, NULL);
    return ok;
}

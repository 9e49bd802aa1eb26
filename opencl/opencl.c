/* opencl.c - the executor: one work-group runs one program, on any OpenCL device. README.md says how. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "opencl/many.h"
#include "opencl/ready.h"
#include "pxi/words.h"

typedef struct px_opencl {
    px_executor base;
    px_context context;
    px_pool *pools;
    px_launcher launcher;
} px_opencl;

typedef struct opencl_machine {
    px_machine base;
    px_runner runner;
} opencl_machine;

static px_opencl *executor_of(const px_machine *machine) { return (px_opencl *)machine->executor; }

/* ---- machines ---- */

/* Where an image is lent, and the device can, the place is what is lent, with its words before the image. */
static bool take_place(px_opencl *o, px_place *place, px_state *state, px_error *error)
{
    const size_t words = px_machine_words(state->w, state->h), image = PX_M_IMAGE((size_t)state->w);
    px_u32 head[PX_M_WORDS];
    px_error why; /* no more than a reason to copy */
    if (!state->lent || !px_place_lend(place, &o->pools, &o->context, state->mem - image, words, &why))
        return px_place_take(place, &o->pools, &o->context, words, error) &&
               px_place_write_state(place, &o->context, state, error);
    px_state_words(state, head);
    state->mem = NULL;
    return px_place_write(place, &o->context, 0, head, PX_M_WORDS, error);
}

static bool opencl_create(px_executor *executor, px_state *state, px_machine **machine, px_error *error)
{
    px_opencl *o = (px_opencl *)executor;
    opencl_machine *m = calloc(1, sizeof *m);
    if (m == NULL)
        return px_fail(error, PX_E_SYSTEM, "no memory for a machine of %s", executor->name);
    px_place *place = &m->runner.place;
    if (!take_place(o, place, state, error)) {
        px_place_give(place, &o->pools);
        free(m);
        return false;
    }
    m->runner.control = (px_control){
        .status = state->status, .cause = state->cause, .value = state->value, .pc = state->pc, .vl = state->vl};
    *machine = &m->base;
    return true;
}

static void opencl_drop(px_machine *machine)
{
    px_place_give(&((opencl_machine *)machine)->runner.place, &executor_of(machine)->pools);
    free(machine);
}

/* ---- words ---- */

static size_t first_word(const px_machine *machine, enum px_space space)
{
    return space == PX_SPACE_PIXEL ? PX_M_IMAGE(machine->w) : PX_M_REG;
}

/* Whether words are a machine's own, in place. */
static bool are_here(const opencl_machine *m, size_t first, const uint32_t *words)
{
    const px_u32 *lent = m->runner.place.pool->lent;
    return lent != NULL && words == lent + first;
}

/* What the control record knows of a machine. */
static px_state fields_of(const opencl_machine *m)
{
    const px_control *c = &m->runner.control;
    return (px_state){.profile = m->base.profile,
                      .pc = c->pc,
                      .vl = c->vl,
                      .status = c->status,
                      .cause = c->cause,
                      .value = c->value};
}

static bool opencl_get(px_machine *machine, enum px_space space, uint32_t at, uint32_t *words, uint32_t count,
                       px_error *error)
{
    const opencl_machine *m = (const opencl_machine *)machine;
    const size_t first = first_word(machine, space) + at;
    if (space != PX_SPACE_STATE && are_here(m, first, words))
        return px_place_see(&m->runner.place, &executor_of(machine)->context, first, count, false, error);
    if (space != PX_SPACE_STATE)
        return px_place_read(&m->runner.place, &executor_of(machine)->context, first, words, count, error);
    const px_state f = fields_of(m);
    px_words_get(&f, space, at, words, count);
    return true;
}

static bool opencl_get_rows(px_machine *machine, uint32_t at, uint32_t pitch, uint32_t rows, uint32_t *words,
                            uint32_t count, px_error *error)
{
    const opencl_machine *m = (const opencl_machine *)machine;
    return px_place_read_rows(&m->runner.place, &executor_of(machine)->context,
                              first_word(machine, PX_SPACE_PIXEL) + at, pitch, rows, words, count, error);
}

/* Each field on the device and in the control record. */
static bool put_fields(opencl_machine *m, uint32_t at, const uint32_t *words, uint32_t count, px_error *error)
{
    px_context *s = &executor_of(&m->base)->context;
    px_control *c = &m->runner.control;
    px_state f = fields_of(m);
    px_words_put(&f, PX_SPACE_STATE, at, words, count);
    const px_u32 head[] = {f.pc, f.vl, f.status, f.cause, f.value};
    _Static_assert(PX_M_VL == PX_M_PC + 1 && PX_M_STATUS == PX_M_PC + 2 && PX_M_CAUSE == PX_M_PC + 3 &&
                       PX_M_VALUE == PX_M_PC + 4,
                   "the fields lie side by side");
    c->pc = f.pc;
    c->vl = f.vl;
    c->status = f.status;
    c->cause = f.cause;
    c->value = f.value;
    return px_place_write(&m->runner.place, s, PX_M_PROFILE, &f.profile, 1, error) &&
           px_place_write(&m->runner.place, s, PX_M_PC, head, sizeof head / sizeof *head, error);
}

static bool opencl_put(px_machine *machine, enum px_space space, uint32_t at, const uint32_t *words, uint32_t count,
                       px_error *error)
{
    opencl_machine *m = (opencl_machine *)machine;
    if (space == PX_SPACE_STATE)
        return put_fields(m, at, words, count, error);
    const size_t first = first_word(machine, space) + at;
    if (are_here(m, first, words))
        return px_place_see(&m->runner.place, &executor_of(machine)->context, first, count, true, error);
    return px_place_write(&m->runner.place, &executor_of(machine)->context, first, words, count, error);
}

static bool opencl_copy(px_machine *to, uint32_t to_at, px_machine *from, uint32_t from_at, uint32_t count,
                        px_error *error)
{
    px_context *s = &executor_of(to)->context;
    const px_place *d = &((opencl_machine *)to)->runner.place, *x = &((opencl_machine *)from)->runner.place;
    const size_t word = sizeof(px_u32);
    return px_pool_flush(d->pool, s, error) && px_pool_flush(x->pool, s, error) &&
           px_cl_ok(clEnqueueCopyBuffer(s->queue, x->pool->memory, d->pool->memory,
                                        (x->at + PX_M_IMAGE((size_t)from->w) + from_at) * word,
                                        (d->at + PX_M_IMAGE((size_t)to->w) + to_at) * word, count * word, 0, NULL,
                                        NULL),
                    &s->device, "copying from machine to machine", error) &&
           px_cl_ok(clFinish(s->queue), &s->device, "copying from machine to machine", error);
}

/* ---- running ---- */

static px_runner *begin_turn(const px_turn *turn)
{
    px_runner *r = &((opencl_machine *)turn->machine)->runner;
    r->budget = turn->budget;
    r->control.answers = turn->answers;
    r->control.answer = turn->answer;
    return r;
}

static void end_turn(px_turn *turn)
{
    const px_runner *r = &((opencl_machine *)turn->machine)->runner;
    const px_control *c = &r->control;
    turn->stop = (px_stop){.status = c->status,
                           .cause = c->cause,
                           .value = c->value,
                           .pc = c->pc,
                           .vl = c->vl,
                           .request = c->status == PX_WAITING ? c->request : 0,
                           .argument = c->status == PX_WAITING ? c->argument : 0,
                           .executed = r->executed};
}

/* A machine that waited before its first turn was never in px_run, which would have told what it waits for. */
static bool tell_request(px_turn *turn, px_error *error)
{
    px_stop *stop = &turn->stop;
    if (stop->status != PX_WAITING || stop->executed != 0)
        return true;
    return opencl_get(turn->machine, PX_SPACE_REGISTER, stop->value & 255, &stop->request, 1, error) &&
           opencl_get(turn->machine, PX_SPACE_REGISTER, (stop->value + 1) & 255, &stop->argument, 1, error);
}

/* Thousands of machines begin in px_lanes. */
static bool run_together(px_opencl *o, px_runner *const *runners, size_t n, const px_cancel *cancel, uint64_t *total,
                         px_error *error)
{
    enum { STAY = 64 };
    px_context *s = &o->context;
    const px_use use = n == 1 ? PX_ONE : PX_MANY;
    const px_launch_how how = {use, s->grid[use], s->mma, s->fleet, s->lanes, px_kernel_ready, cancel};
    if (!px_kernel_ready(s, use, error))
        return false;
    if (s->lanes == 0 || n < s->lanes)
        return px_launch_run(&o->launcher, s, runners, n, &how, total, error);
    return px_kernel_ready(s, PX_LANES, error) && px_many_run(&o->launcher, s, runners, n, STAY, &how, total, error);
}

/* Machines of one pool at a time: a launch has one buffer. */
static bool run_pool(px_opencl *o, const px_pool *pool, px_turn *turns, size_t count, px_runner **runners,
                     const px_cancel *cancel, uint64_t *total, px_error *error)
{
    enum { MOST = 1 << 18 };
    for (size_t i = 0; i < count;) {
        size_t n = 0;
        for (; i < count && n < MOST; i++)
            if (((opencl_machine *)turns[i].machine)->runner.place.pool == pool)
                runners[n++] = begin_turn(&turns[i]);
        if (n > 0 && !run_together(o, runners, n, cancel, total, error))
            return false;
    }
    return true;
}

static bool opencl_run(px_executor *executor, px_turn *turns, size_t count, const px_cancel *cancel, px_error *error)
{
    px_opencl *o = (px_opencl *)executor;
    px_runner **runners = calloc(count, sizeof *runners);
    uint64_t total = 0;
    bool ok = runners != NULL || px_fail(error, PX_E_SYSTEM, "no memory for a run of %zu machines", count);
    for (const px_pool *pool = o->pools; ok && pool != NULL; pool = pool->next)
        ok = run_pool(o, pool, turns, count, runners, cancel, &total, error);
    for (size_t i = 0; ok && i < count; i++) {
        end_turn(&turns[i]);
        ok = tell_request(&turns[i], error);
    }
    free(runners);
    return ok;
}

/* ---- life ---- */

static void opencl_close(px_executor *executor)
{
    px_opencl *o = (px_opencl *)executor;
    px_launcher_free(&o->launcher);
    px_pools_free(&o->pools);
    px_context_close(&o->context);
    free(o);
}

static bool opencl_open(px_executor **executor, const char *arg, px_error *error)
{
    static const px_executor_ops ops = {.create = opencl_create,
                                        .drop = opencl_drop,
                                        .run = opencl_run,
                                        .get = opencl_get,
                                        .get_rows = opencl_get_rows,
                                        .put = opencl_put,
                                        .copy = opencl_copy,
                                        .close = opencl_close};
    px_opencl *o = calloc(1, sizeof *o);
    if (o == NULL)
        return px_fail(error, PX_E_SYSTEM, "no memory for an executor");
    if (!px_ready_open(&o->context, arg, error)) {
        free(o);
        return false;
    }
    /* An image of one row has as many words before it. */
    const size_t words = px_pool_limit(&o->context.device), pixels = words / 2 - PX_M_WORDS;
    o->base.ops = &ops;
    o->base.caps = (px_caps){.max_pixels = pixels < PX_MAX_PIXELS ? (uint32_t)pixels : PX_MAX_PIXELS,
                             .machines = UINT32_MAX,
                             .total_pixels = o->context.device.memory / sizeof(px_u32),
                             .lanes = o->context.kernel[PX_ONE].group};
    snprintf(o->base.name, sizeof o->base.name, "opencl:%s (%s)", o->context.device.as, o->context.device.name);
    *executor = &o->base;
    return true;
}

static bool opencl_list(void (*line)(void *context, const char *text), void *context, px_error *error)
{
    px_device *devices;
    size_t count;
    if (!px_devices(&devices, &count, error))
        return false;
    for (size_t i = 0; i < count; i++) {
        char text[512];
        char cores[128] = "";
        const bool few = px_few_cores(&devices[i], cores, sizeof cores);
        snprintf(text, sizeof text, "opencl:%s  %s, %s, %u compute units, %llu MiB%s%s", devices[i].as, devices[i].name,
                 devices[i].platform_name, (unsigned)devices[i].units, (unsigned long long)(devices[i].memory >> 20),
                 few ? ", " : "", cores);
        line(context, text);
    }
    free(devices);
    px_platforms_without(line, context);
    return true;
}

const px_driver px_opencl_driver = {.open = opencl_open, .list = opencl_list};

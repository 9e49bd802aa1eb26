/* fast_executor.c - the fast executor: the reference VM's machines and steps, with code kept taken apart. */
#include <stdlib.h>
#include <string.h>

#include "pxi/number.h"
#include "vm/fast_heat.h"
#include "vm/fast_machine.h"
#include "vm/fast_slots.h"
#include "vm/fast_vector.h"

static uint64_t fast_plain(px_runner *runner, px_vm *vm, uint64_t count)
{
    px_fast_machine *m = (px_fast_machine *)runner;
    const uint64_t executed = px_fast_run(&m->fast, vm, count);
    m->in_slots += vm->nested ? executed : 0;
    return executed;
}

static void fast_settle(px_runner *runner)
{
    px_fast *fast = &((px_fast_machine *)runner)->fast;
    if (fast->heat != NULL)
        px_fast_heat_settle(fast);
}

static void fast_written(px_runner *runner, uint32_t from, uint32_t length)
{
    px_fast_stored(&((px_fast_machine *)runner)->fast, from, length);
}

/* A piece in a process that has been forked begins with memory of its own for native code. */
static bool fast_piece(px_runner *runner, uint64_t count, uint64_t *executed, px_error *error)
{
    px_fast_machine *m = (px_fast_machine *)runner;
    const px_fast_executor *executor = (px_fast_executor *)runner->base.executor;
    px_fast_native_here(&m->fast);
    if (executor->verify != 0 && ++m->pieces >= executor->verify) {
        m->pieces = 0;
        return px_fast_verified(m, count, executed, error);
    }
    *executed = px_runner_piece(runner, count);
    return true;
}

static bool fast_create(px_executor *executor, px_state *state, px_machine **machine, px_error *error)
{
    px_fast_machine *m = calloc(1, sizeof *m);
    if (m == NULL ||
        !px_fast_init(&m->fast, state->mem, px_state_pixels(state), ((px_fast_executor *)executor)->native[0])) {
        free(m);
        return px_fail(error, PX_E_SYSTEM, "no memory for a machine of %s", executor->name);
    }
    px_runner_take(&m->runner, state);
    m->runner.plain = fast_plain;
    m->runner.at_once = px_fast_slots;
    m->runner.written = fast_written;
    m->runner.piece = fast_piece;
    m->runner.settle = fast_settle;
    *machine = &m->runner.base;
    return true;
}

static void fast_drop(px_machine *machine)
{
    px_fast_machine *m = (px_fast_machine *)machine;
    px_fast_slots_free(m);
    px_fast_free(&m->fast);
    px_fast_heat_free(m->fast.heat);
    px_state_free(&m->runner.vm.s);
    free(m);
}

static bool fast_put(px_machine *machine, enum px_space space, uint32_t at, const uint32_t *words, uint32_t count,
                     px_error *error)
{
    if (space == PX_SPACE_PIXEL)
        px_fast_stored(&((px_fast_machine *)machine)->fast, at, count);
    return px_runner_put(machine, space, at, words, count, error);
}

static bool fast_copy(px_machine *to, uint32_t to_at, px_machine *from, uint32_t from_at, uint32_t count,
                      px_error *error)
{
    return fast_put(to, PX_SPACE_PIXEL, to_at, ((px_fast_machine *)from)->runner.vm.s.mem + from_at, count, error);
}

/* Traced instructions are stepped, and nobody says what they write. */
static bool fast_trace(px_machine *machine, px_trace_fn *trace, void *context, px_error *error)
{
    px_fast_machine *m = (px_fast_machine *)machine;
    (void)error;
    px_fast_stored(&m->fast, 0, m->fast.n);
    m->runner.trace = trace;
    m->runner.context = context;
    return true;
}

/* Native code has in it where it counts. */
static bool fast_heat(px_machine *machine, const px_heat *heat, px_error *error)
{
    px_fast_machine *m = (px_fast_machine *)machine;
    px_fast_heat *counts = heat != NULL ? px_fast_heat_new(heat, error) : NULL;
    if (heat != NULL && counts == NULL)
        return false;
    px_fast_forget(&m->fast);
    px_fast_heat_free(m->fast.heat);
    m->fast.heat = counts;
    return px_runner_heat(machine, heat, error);
}

static void fast_close(px_executor *executor)
{
    for (size_t i = 0; i < PX_POOL_MOST; i++)
        px_fast_native_free(((px_fast_executor *)executor)->native[i]);
    free(executor);
}

static bool fast_open(px_executor **executor, const char *arg, px_error *error)
{
    static const px_executor_ops ops = {.create = fast_create,
                                        .drop = fast_drop,
                                        .run = px_runner_run,
                                        .get = px_runner_get,
                                        .put = fast_put,
                                        .copy = fast_copy,
                                        .trace = fast_trace,
                                        .heat = fast_heat,
                                        .close = fast_close};
    if (arg != NULL)
        return px_fail(error, PX_E_USAGE, "executor fast takes nothing after a colon, found '%s'", arg);
    if (!px_fast_vector_settings(error))
        return false;
    const char *verify = getenv("PX_FAST_VERIFY");
    uint64_t each = 0, least;
    if (!px_fast_slots_settings(&least, error))
        return false;
    if (verify != NULL && !px_parse_number("PX_FAST_VERIFY", verify, 1, UINT32_MAX, &each, error))
        return false;
    px_fast_executor *fast = calloc(1, sizeof *fast);
    if (fast == NULL)
        return px_fail(error, PX_E_SYSTEM, "no memory for the fast executor");
    fast->native[0] = px_fast_native_new();
    fast->verify = each;
    fast->least = least;
    fast->base = (px_executor){
        .ops = &ops,
        .name = "fast",
        .caps = {.max_pixels = PX_MAX_PIXELS, .machines = UINT32_MAX, .total_pixels = UINT64_MAX, .lanes = 1}};
    *executor = &fast->base;
    return true;
}

static bool fast_list(void (*line)(void *context, const char *text), void *context, px_error *error)
{
    (void)error;
    line(context, px_fast_native_text());
    return true;
}

const px_driver px_fast_driver = {.open = fast_open, .list = fast_list};

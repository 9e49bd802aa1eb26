/* fast_executor.c - the fast executor: the reference VM's machines and steps, with code kept taken apart. */
#include <stdlib.h>
#include <string.h>

#include "vm/fast.h"
#include "vm/fast_vector.h"
#include "vm/turn.h"

typedef struct fast_machine {
    px_runner runner;
    px_fast fast;
} fast_machine;

static uint64_t fast_plain(px_runner *runner, px_vm *vm, uint64_t count)
{
    return px_fast_run(&((fast_machine *)runner)->fast, vm, count);
}

static void fast_written(px_runner *runner, uint32_t from, uint32_t length)
{
    px_fast_stored(&((fast_machine *)runner)->fast, from, length);
}

static bool fast_create(px_executor *executor, px_state *state, px_machine **machine, px_error *error)
{
    fast_machine *m = calloc(1, sizeof *m);
    if (m == NULL || !px_fast_init(&m->fast, state->mem, px_state_pixels(state))) {
        free(m);
        return px_fail(error, PX_E_SYSTEM, "no memory for a machine of %s", executor->name);
    }
    px_runner_take(&m->runner, state);
    m->runner.plain = fast_plain;
    m->runner.written = fast_written;
    *machine = &m->runner.base;
    return true;
}

static void fast_drop(px_machine *machine)
{
    fast_machine *m = (fast_machine *)machine;
    px_fast_free(&m->fast);
    px_state_free(&m->runner.vm.s);
    free(m);
}

static bool fast_put(px_machine *machine, enum px_space space, uint32_t at, const uint32_t *words, uint32_t count,
                     px_error *error)
{
    if (space == PX_SPACE_PIXEL)
        px_fast_stored(&((fast_machine *)machine)->fast, at, count);
    return px_runner_put(machine, space, at, words, count, error);
}

static bool fast_copy(px_machine *to, uint32_t to_at, px_machine *from, uint32_t from_at, uint32_t count,
                      px_error *error)
{
    return fast_put(to, PX_SPACE_PIXEL, to_at, ((fast_machine *)from)->runner.vm.s.mem + from_at, count, error);
}

/* Traced instructions are stepped, and nobody says what they write. */
static bool fast_trace(px_machine *machine, px_trace_fn *trace, void *context, px_error *error)
{
    fast_machine *m = (fast_machine *)machine;
    (void)error;
    px_fast_stored(&m->fast, 0, m->fast.n);
    m->runner.trace = trace;
    m->runner.context = context;
    return true;
}

static void fast_close(px_executor *executor) { free(executor); }

static bool fast_open(px_executor **executor, const char *arg, px_error *error)
{
    static const px_executor_ops ops = {.create = fast_create,
                                        .drop = fast_drop,
                                        .run = px_runner_run,
                                        .get = px_runner_get,
                                        .put = fast_put,
                                        .copy = fast_copy,
                                        .trace = fast_trace,
                                        .close = fast_close};
    if (arg != NULL)
        return px_fail(error, PX_E_USAGE, "executor fast takes nothing after a colon, found '%s'", arg);
    if (!px_fast_vector_settings(error))
        return false;
    px_executor *fast = calloc(1, sizeof *fast);
    if (fast == NULL)
        return px_fail(error, PX_E_SYSTEM, "no memory for the fast executor");
    *fast = (px_executor){
        .ops = &ops,
        .name = "fast",
        .caps = {.max_pixels = PX_MAX_PIXELS, .machines = UINT32_MAX, .total_pixels = UINT64_MAX, .lanes = 1}};
    *executor = fast;
    return true;
}

const px_driver px_fast_driver = {.open = fast_open};

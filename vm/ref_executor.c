/* ref_executor.c - the reference VM as an executor: its machines are states in memory, and run step by step. */
#include <stdlib.h>
#include <string.h>

#include "vm/turn.h"

static bool ref_create(px_executor *executor, px_state *state, px_machine **machine, px_error *error)
{
    px_runner *m = calloc(1, sizeof *m);
    if (m == NULL)
        return px_fail(error, PX_E_SYSTEM, "no memory for a machine of %s", executor->name);
    px_runner_take(m, state);
    m->plain = px_runner_steps;
    *machine = &m->base;
    return true;
}

static void ref_drop(px_machine *machine)
{
    px_runner *m = (px_runner *)machine;
    px_state_free(&m->vm.s);
    free(m);
}

static bool ref_copy(px_machine *to, uint32_t to_at, px_machine *from, uint32_t from_at, uint32_t count,
                     px_error *error)
{
    (void)error;
    memcpy(((px_runner *)to)->vm.s.mem + to_at, ((px_runner *)from)->vm.s.mem + from_at, count * sizeof(uint32_t));
    return true;
}

static bool ref_trace(px_machine *machine, px_trace_fn *trace, void *context, px_error *error)
{
    px_runner *m = (px_runner *)machine;
    (void)error;
    m->trace = trace;
    m->context = context;
    return true;
}

static void ref_close(px_executor *executor) { free(executor); }

static bool ref_open(px_executor **executor, const char *arg, px_error *error)
{
    static const px_executor_ops ops = {.create = ref_create,
                                        .drop = ref_drop,
                                        .run = px_runner_run,
                                        .get = px_runner_get,
                                        .put = px_runner_put,
                                        .copy = ref_copy,
                                        .trace = ref_trace,
                                        .heat = px_runner_heat,
                                        .close = ref_close};
    if (arg != NULL)
        return px_fail(error, PX_E_USAGE, "executor ref takes nothing after a colon, found '%s'", arg);
    px_executor *ref = calloc(1, sizeof *ref);
    if (ref == NULL)
        return px_fail(error, PX_E_SYSTEM, "no memory for the reference VM");
    *ref = (px_executor){
        .ops = &ops,
        .name = "ref",
        .caps = {.max_pixels = PX_MAX_PIXELS, .machines = UINT32_MAX, .total_pixels = UINT64_MAX, .lanes = 1}};
    *executor = ref;
    return true;
}

const px_driver px_ref_driver = {.open = ref_open};

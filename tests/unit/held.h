/* held.h - for tests that want one machine of an executor at a time: loaded, run, read, and dropped when the next one
 * is loaded or the executor is closed. */
#ifndef TESTS_UNIT_HELD_H
#define TESTS_UNIT_HELD_H

#include <stdlib.h>

#include "exec/drivers.h"
#include "exec/machine.h"

static struct {
    px_executor *executor;
    px_machine *machine;
} held[16];

static inline px_machine **held_by(px_executor *executor)
{
    enum { COUNT = sizeof held / sizeof *held };
    for (size_t i = 0; i < COUNT; i++)
        if (held[i].executor == executor)
            return &held[i].machine;
    for (size_t i = 0; i < COUNT; i++)
        if (held[i].executor == NULL) {
            held[i].executor = executor;
            return &held[i].machine;
        }
    abort();
}

static inline void held_drop(px_executor *executor)
{
    px_machine **m = held_by(executor);
    px_machine_drop(*m, NULL);
    *m = NULL;
}

static inline bool held_load(px_executor *executor, const px_state *state, px_error *error)
{
    held_drop(executor);
    return px_machine_create(executor, state, held_by(executor), error);
}

static inline bool held_run(px_executor *executor, uint64_t budget, px_stop *stop, px_error *error)
{
    px_machine *m = *held_by(executor);
    return m != NULL ? px_run_one(m, budget, NULL, stop, error) : px_fail(error, PX_E_USAGE, "no machine was made");
}

static inline bool held_read(px_executor *executor, px_state *out, px_error *error)
{
    px_machine *m = *held_by(executor);
    return m != NULL ? px_machine_read(m, out, error) : px_fail(error, PX_E_USAGE, "no machine was made");
}

static inline void held_close(px_executor *executor)
{
    px_machine **m = held_by(executor);
    held_drop(executor);
    for (size_t i = 0; i < sizeof held / sizeof *held; i++)
        if (&held[i].machine == m)
            held[i].executor = NULL;
    executor->ops->close(executor);
}

#endif

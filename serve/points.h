/* points.h - the points of a batch at which an executor or a server may die: what LINK.md promises is tested
 * there. In px nothing happens at them (serve_points.c); the tests link another object in its place
 * (tests/link/serve_points.c). */
#ifndef SERVE_POINTS_H
#define SERVE_POINTS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "pxi/executor.h"
#include "wire/wire.h"

typedef enum px_serve_point {
    PX_BEFORE_RUN = 1,
    PX_IN_RUN,
    PX_AFTER_RUN,
    PX_IN_EMISSION,
    PX_BEFORE_ANSWER
} px_serve_point;

bool px_serve_points_open(px_error *error);
/* A batch begins. */
void px_serve_points_batch(void);
/* It has come to this point; executor is the process at work, or 0. */
void px_serve_point_reached(px_serve_point point, pid_t executor);
/* In the executor's process, before the batch is run there. */
void px_serve_point_run(px_machine *machine);
/* Its frames are about to be emitted: how many are out by now. */
uint32_t px_serve_point_emission(px_wire *wire, const uint32_t *frames, uint32_t count, pid_t executor);

#endif

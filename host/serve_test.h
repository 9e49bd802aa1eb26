/* serve_test.h - for tests: px serve, or its executor, ends at a named point of a batch.
 *
 * PX_SERVE_TEST=WHO:POINT[:BATCH[:FRAMES]]; WHO is server or executor (killed), or hang (an executor that stops
 * answering); POINT is before-run, in-run, after-run, in-emission (when FRAMES frames of the batch are out) or
 * before-answer; BATCH counts from 1 over the server's life. It happens once. */
#ifndef HOST_SERVE_TEST_H
#define HOST_SERVE_TEST_H

#include <sys/types.h>

#include "host/serve_guard.h"

typedef enum px_serve_point {
    PX_TEST_NEVER,
    PX_TEST_BEFORE_RUN,
    PX_TEST_IN_RUN,
    PX_TEST_AFTER_RUN,
    PX_TEST_IN_EMISSION,
    PX_TEST_BEFORE_ANSWER
} px_serve_point;

typedef struct px_serve_test {
    px_serve_fate who;
    px_serve_point point; /* PX_TEST_NEVER once it has happened */
    unsigned long batch, frames, now;
} px_serve_test;

bool px_serve_test_read(px_serve_test *test, px_error *error);
void px_serve_test_batch(px_serve_test *test); /* the next batch begins */
/* Whoever is to end ends here; executor is the process at work, or 0. */
void px_serve_test_point(px_serve_test *test, px_serve_point point, pid_t executor);
/* What the executor is told for its run. */
px_serve_fate px_serve_test_run(px_serve_test *test);
/* Whether it is this emission, and after how many frames. */
bool px_serve_test_emission(const px_serve_test *test, uint32_t *frames);

#endif

/* serve_points.c - px-test: px serve whose server or executor ends at a named point of a batch (serve/points.h).
 *
 * PX_SERVE_TEST=WHO:POINT[:BATCH[:FRAMES]]; WHO is server or executor (killed), or hang (an executor that stops
 * answering); POINT is before-run, in-run (after a few instructions), after-run, in-emission (when FRAMES frames of the
 * batch are out) or before-answer; BATCH counts from 1 over the server's life. It happens once. */
#define _DEFAULT_SOURCE
#include "serve/points.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "exec/machine.h"
#include "pxi/pace.h"

/* A run gets so far: into the serial driver, and not to its end. */
enum { IN_RUN_BUDGET = 30 };

enum { NOBODY, EXECUTOR, HANG, SERVER };

static const char *const whos[] = {"", "executor", "hang", "server"};
static const char *const points[] = {"", "before-run", "in-run", "after-run", "in-emission", "before-answer"};

/* Shared with the executors' processes. */
static struct plan {
    size_t who, point; /* point 0 once it has happened */
    unsigned long batch, frames, now;
} * plan;

static size_t place(const char *const *names, size_t count, const char *name)
{
    size_t i = 1;
    while (i < count && strcmp(names[i], name) != 0)
        i++;
    return i;
}

bool px_serve_points_open(px_error *error)
{
    const char *text = getenv("PX_SERVE_TEST");
    char who[16], point[16];
    plan = mmap(NULL, sizeof *plan, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (plan == MAP_FAILED)
        return px_fail(error, PX_E_SYSTEM, "no memory for PX_SERVE_TEST");
    *plan = (struct plan){.batch = 1};
    if (text == NULL)
        return true;
    const int got = sscanf(text, "%15[^:]:%15[^:]:%lu:%lu", who, point, &plan->batch, &plan->frames);
    plan->who = got >= 2 ? place(whos, sizeof whos / sizeof *whos, who) : 0;
    plan->point = got >= 2 ? place(points, sizeof points / sizeof *points, point) : 0;
    return (got >= 2 && plan->who < sizeof whos / sizeof *whos && plan->point < sizeof points / sizeof *points) ||
           px_fail(error, PX_E_USAGE,
                   "PX_SERVE_TEST is '%s'; expected server, executor or hang, then :before-run, :in-run, "
                   ":after-run, :in-emission or :before-answer, then :BATCH:FRAMES or nothing",
                   text);
}

void px_serve_points_batch(void) { plan->now++; }

static bool is_now(px_serve_point point) { return plan->point == point && plan->now == plan->batch; }

void px_serve_point_reached(px_serve_point point, pid_t executor)
{
    if (!is_now(point))
        return;
    plan->point = 0;
    if (plan->who == SERVER)
        raise(SIGKILL);
    else if (executor > 0)
        kill(executor, plan->who == HANG ? SIGSTOP : SIGKILL);
}

void px_serve_point_run(px_machine *machine)
{
    px_stop stop;
    px_error error;
    if (!is_now(PX_IN_RUN))
        return;
    plan->point = 0;
    px_run_one(machine, IN_RUN_BUDGET, NULL, &stop, &error);
    if (plan->who == EXECUTOR)
        raise(SIGKILL);
    if (plan->who == SERVER)
        kill(getppid(), SIGKILL);
    for (;;)
        pause();
}

/* The file of a wire takes them at once. */
uint32_t px_serve_point_emission(px_wire *wire, const uint32_t *frames, uint32_t count, pid_t executor)
{
    px_error error = {0};
    if (!is_now(PX_IN_EMISSION) || px_wire_is_board(wire))
        return 0;
    const uint32_t some = plan->frames < count ? (uint32_t)plan->frames : count;
    px_wire_send(wire, frames, some);
    while (px_wire_step(wire, POLLOUT, px_seconds(), &error) == PX_WIRE_WORKING)
        ;
    px_serve_point_reached(PX_IN_EMISSION, executor);
    return some;
}

/* ready.c - a process that is kept ready for the next client that needs an executor, where opening one takes long.
 *
 * There is one at a time, and none while nobody has taken the last. One that ends by itself is replaced, each time
 * after twice the pause. */
#include <string.h>

#include "pxi/pace.h"
#include "serve/serve_internal.h"

/* Processor time of a start above which one is kept ready: of executors here, fast takes a millisecond or two, OpenCL
 * fifty and more. The clock would tell how busy the machine is. */
#define WORTH_SECONDS 0.025

/* Whoever took the last has the machine to himself first. */
#define AFTER_TAKEN   0.2
#define FIRST_PAUSE   1.0
#define LONGEST_PAUSE 300.0

void px_ready_begin(px_server *s, double worked, double now)
{
    /* a board's cable is one client's at a time */
    s->ready = (px_ready){.wanted = worked >= WORTH_SECONDS && strstr(s->options->on, "link:") == NULL,
                          .at = now,
                          .pause = FIRST_PAUSE,
                          .worker = {.process = {.fd = -1}}};
    if (s->options->verbose)
        px_serve_trace("%s starts in %.0f ms of processor time%s", s->options->on, 1000 * worked,
                       s->ready.wanted ? ": one is kept ready" : "");
}

bool px_ready_take(px_server *s, px_worker *to)
{
    px_worker *w = &s->ready.worker;
    if (w->process.pid == 0 || px_process_ended(&w->process))
        return false;
    *to = *w;
    *w = (px_worker){.process = {.fd = -1}};
    s->ready.at = px_seconds() + AFTER_TAKEN;
    s->ready.pause = FIRST_PAUSE;
    return true;
}

static void try_again_later(px_ready *r, const char *why, double now)
{
    px_serve_log("kept ready: %s; another in %g s", why, r->pause);
    r->at = now + r->pause;
    r->pause = 2 * r->pause < LONGEST_PAUSE ? 2 * r->pause : LONGEST_PAUSE;
}

void px_ready_step(px_server *s, short events, double now)
{
    px_ready *r = &s->ready;
    px_link_frame reply;
    px_error error = {0};
    if (r->worker.process.pid != 0) {
        if (px_worker_step(&r->worker, events, now, &reply) == PX_WORKER_DEAD)
            try_again_later(r, r->worker.failure, now);
    } else if (r->wanted && now >= r->at && !px_worker_start(&r->worker, &s->setup, &error))
        try_again_later(r, error.text, now);
}

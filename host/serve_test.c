/* serve_test.c - see serve_test.h. */
#include "host/serve_test.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const whos[] = {"", "executor", "hang", "server"}; /* in the order of px_serve_fate */
static const char *const points[] = {"", "before-run", "in-run", "after-run", "in-emission", "before-answer"};

static size_t place(const char *const *names, size_t count, const char *name)
{
    size_t i = 1;
    while (i < count && strcmp(names[i], name) != 0)
        i++;
    return i;
}

bool px_serve_test_read(px_serve_test *t, px_error *error)
{
    const char *text = getenv("PX_SERVE_TEST");
    char who[16], point[16];
    *t = (px_serve_test){.batch = 1};
    if (text == NULL)
        return true;
    const int got = sscanf(text, "%15[^:]:%15[^:]:%lu:%lu", who, point, &t->batch, &t->frames);
    const size_t w = got >= 2 ? place(whos, sizeof whos / sizeof *whos, who) : 0;
    const size_t p = got >= 2 ? place(points, sizeof points / sizeof *points, point) : 0;
    if (got < 2 || w == sizeof whos / sizeof *whos || p == sizeof points / sizeof *points)
        return px_fail(error, PX_E_USAGE,
                       "PX_SERVE_TEST is '%s'; expected server, executor or hang, then :before-run, :in-run, "
                       ":after-run, :in-emission or :before-answer, then :BATCH:FRAMES or nothing",
                       text);
    t->who = (px_serve_fate)w;
    t->point = (px_serve_point)p;
    return true;
}

void px_serve_test_batch(px_serve_test *t) { t->now++; }

static bool is_now(const px_serve_test *t, px_serve_point point) { return t->point == point && t->now == t->batch; }

void px_serve_test_point(px_serve_test *t, px_serve_point point, pid_t executor)
{
    if (!is_now(t, point))
        return;
    t->point = PX_TEST_NEVER;
    if (t->who == PX_FATE_KILL_SERVER)
        raise(SIGKILL);
    else if (executor > 0)
        kill(executor, t->who == PX_FATE_HANG ? SIGSTOP : SIGKILL);
}

px_serve_fate px_serve_test_run(px_serve_test *t)
{
    if (!is_now(t, PX_TEST_IN_RUN))
        return PX_FATE_NONE;
    t->point = PX_TEST_NEVER;
    return t->who;
}

bool px_serve_test_emission(const px_serve_test *t, uint32_t *frames)
{
    *frames = t->frames > UINT32_MAX ? UINT32_MAX : (uint32_t)t->frames;
    return is_now(t, PX_TEST_IN_EMISSION);
}

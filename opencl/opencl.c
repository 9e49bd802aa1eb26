/* opencl.c - the executor: one work-group runs one program, on any OpenCL device. README.md says how. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "opencl/batch.h"
#include "pxi/executor.h"

typedef struct px_opencl {
    px_executor base;
    px_session session;
    px_batch one, many;
    uint32_t w, h, profile; /* of the loaded machine */
} px_opencl;

static bool opencl_load(px_executor *executor, const px_state *state, px_error *error)
{
    px_opencl *o = (px_opencl *)executor;
    if (px_state_pixels(state) > executor->max_pixels)
        return px_fail(error, PX_E_TOO_LARGE, "the image has %u pixels; %s takes at most %u",
                       (unsigned)px_state_pixels(state), executor->name, (unsigned)executor->max_pixels);
    o->w = o->h = 0;
    if (!px_batch_load(&o->one, &o->session, state, 1, error))
        return false;
    o->w = state->w;
    o->h = state->h;
    o->profile = state->profile;
    return true;
}

static bool loaded(const px_opencl *o, px_error *error)
{
    return o->w != 0 || px_fail(error, PX_E_USAGE, "%s has no program loaded", o->base.name);
}

static bool opencl_run(px_executor *executor, uint64_t budget, px_stop *stop, px_error *error)
{
    px_opencl *o = (px_opencl *)executor;
    if (!loaded(o, error) || !px_batch_run(&o->one, &o->session, PX_ONE, o->session.grid[PX_ONE], budget, error))
        return false;
    const px_control *end = o->one.control;
    *stop = (px_stop){
        .status = end->status, .cause = end->cause, .value = end->value, .pc = end->pc, .executed = o->one.executed[0]};
    return true;
}

static bool opencl_read(px_executor *executor, px_state *out, px_error *error)
{
    px_opencl *o = (px_opencl *)executor;
    if (!loaded(o, error))
        return false;
    if (out->mem == NULL || out->w != o->w || out->h != o->h) {
        px_state_free(out);
        if (!px_state_new(out, o->profile, o->w, o->h, error))
            return false;
    }
    out->profile = o->profile;
    return px_batch_read(&o->one, &o->session, out, error);
}

/* As many machines at a time as fit into the device. */
static size_t next_batch(const px_state *states, size_t count, size_t limit)
{
    enum { MOST = 65536 };
    size_t words = 0, n = 0;
    while (n < count && n < MOST) {
        words += px_batch_words(px_state_pixels(&states[n]));
        if (words > limit && n > 0)
            break;
        n++;
    }
    return n;
}

static bool opencl_run_many(px_executor *executor, px_state *states, size_t count, uint64_t budget, px_error *error)
{
    px_opencl *o = (px_opencl *)executor;
    for (size_t i = 0; i < count; i++)
        if (px_state_pixels(&states[i]) > executor->max_pixels)
            return px_fail(error, PX_E_TOO_LARGE, "image %zu of the batch has %u pixels; %s takes at most %u", i,
                           (unsigned)px_state_pixels(&states[i]), executor->name, (unsigned)executor->max_pixels);
    while (count > 0) {
        const size_t n = next_batch(states, count, px_batch_limit(&o->session.device));
        const px_use use = n == 1 ? PX_ONE : PX_MANY;
        if (!px_batch_load(&o->many, &o->session, states, n, error) ||
            !px_batch_run(&o->many, &o->session, use, o->session.grid[use], budget, error) ||
            !px_batch_read(&o->many, &o->session, states, error))
            return false;
        states += n;
        count -= n;
    }
    return true;
}

static void opencl_close(px_executor *executor)
{
    px_opencl *o = (px_opencl *)executor;
    px_batch_free(&o->one);
    px_batch_free(&o->many);
    px_session_close(&o->session);
    free(o);
}

static bool opencl_open(px_executor **executor, const char *arg, px_error *error)
{
    static const px_executor_ops ops = {.load = opencl_load,
                                        .run = opencl_run,
                                        .read = opencl_read,
                                        .close = opencl_close,
                                        .run_many = opencl_run_many};
    px_opencl *o = calloc(1, sizeof *o);
    if (o == NULL)
        return px_fail(error, PX_E_SYSTEM, "no memory for an executor");
    if (!px_session_open(&o->session, arg, error)) {
        free(o);
        return false;
    }
    const size_t pixels = px_batch_limit(&o->session.device) - PX_M_IMAGE - 16;
    o->base.ops = &ops;
    o->base.max_pixels = pixels < PX_MAX_PIXELS ? (uint32_t)pixels : PX_MAX_PIXELS;
    o->base.lanes = o->session.kernel[PX_ONE].group;
    snprintf(o->base.name, sizeof o->base.name, "opencl:%zu (%s)", o->session.device.index, o->session.device.name);
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
        snprintf(text, sizeof text, "opencl:%zu  %s, %s, %u compute units, %llu MiB%s%s", devices[i].index,
                 devices[i].name, devices[i].platform_name, (unsigned)devices[i].units,
                 (unsigned long long)(devices[i].memory >> 20), few ? ", " : "", cores);
        line(context, text);
    }
    free(devices);
    px_platforms_without(line, context);
    return true;
}

const px_driver px_opencl_driver = {.open = opencl_open, .list = opencl_list};

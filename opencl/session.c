/* session.c - one device made ready. */
#include "opencl/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "opencl/kat.h"
#include "pxi/number.h"

/* An environment variable that is a number, or fallback. False with a sentence when it is something else. */
static bool number(const char *name, uint32_t *value, uint32_t fallback, uint32_t least, px_error *error)
{
    const char *text = getenv(name);
    uint64_t given;
    *value = fallback;
    if (text == NULL || *text == '\0')
        return true;
    if (!px_parse_number(name, text, least, UINT32_MAX, &given, error))
        return false;
    *value = (uint32_t)given;
    return true;
}

/* README.md has the measurements behind these. A GPU's px_grid uses groups of 256: enough to hide memory's latency, and
 * every device has them. */
static bool tune(px_session *s, px_error *error)
{
    const bool cpu = s->device.cpu;
    uint32_t group, grid;
    if (!number("PX_OPENCL_WG", &group, 0, 1, error) ||
        !number("PX_OPENCL_GRID", &grid, cpu ? 1u << 21 : 1u << 16, 0, error) ||
        !number("PX_OPENCL_FUEL", &s->fuel, cpu ? 1u << 24 : 1u << 20, 2, error))
        return false;
    if (group > s->device.max_group)
        return px_fail(error, PX_E_USAGE, "PX_OPENCL_WG is %u; opencl:%zu (%s) has work-groups of at most %zu",
                       (unsigned)group, s->device.index, s->device.name, s->device.max_group);
    s->group[PX_ONE] = group != 0 ? group : cpu ? 1 : 1024;
    s->group[PX_MANY] = group != 0 ? group : cpu ? 1 : 32;
    s->group[PX_GRID] = group != 0 ? group : cpu ? 1 : 256;
    s->grid[PX_ONE] = grid;
    /* Many machines fill the device by themselves; the grid only keeps huge instructions within bounded launches. */
    s->grid[PX_MANY] = getenv("PX_OPENCL_GRID") != NULL ? grid : 1u << 26;
    s->slice = cpu ? UINT64_C(1) << 28 : UINT64_C(1) << 32;
    s->side_by_side = s->device.units * (cpu ? 1 : 16);
    s->grid_groups = s->device.units * (cpu ? 1 : 16);
    return true;
}

/* PX_OPENCL_KAT: on, or off for those who look for what a refused device does wrong. Off is told, once. */
static bool known_answers_wanted(bool *wanted, px_error *error)
{
    static bool told;
    const char *text = getenv("PX_OPENCL_KAT");
    *wanted = text == NULL || *text == '\0' || strcmp(text, "on") == 0;
    if (*wanted)
        return true;
    if (strcmp(text, "off") != 0)
        return px_fail(error, PX_E_USAGE, "PX_OPENCL_KAT is '%s'; expected on or off", text);
    if (!told)
        fprintf(stderr, "px: PX_OPENCL_KAT=off: the OpenCL kernels run untested, results may be wrong\n");
    told = true;
    return true;
}

/* A CPU's device has a thread for each core of the machine, also where this process was given fewer. */
static void note_cores(const px_device *device)
{
    static bool told;
    char text[128];
    if (!told && px_few_cores(device, text, sizeof text))
        fprintf(stderr, "px: opencl:%zu (%s) has %s\n", device->index, device->name, text);
    told = true;
}

bool px_session_open(px_session *session, const char *device, px_error *error)
{
    cl_int code;
    *session = (px_session){0};
    if (!px_device_choose(&session->device, device, error) || !tune(session, error))
        return false;
    note_cores(&session->device);
    px_pocl_method(&session->device, session->group[PX_ONE]);
    const cl_context_properties properties[] = {CL_CONTEXT_PLATFORM, (cl_context_properties)session->device.platform,
                                                0};
    session->context = clCreateContext(properties, 1, &session->device.id, NULL, NULL, &code);
    bool ok = px_cl_ok(code, &session->device, "opening the device", error);
    if (ok) {
        session->queue = clCreateCommandQueue(session->context, session->device.id, 0, &code);
        ok = px_cl_ok(code, &session->device, "making a command queue", error);
    }
    ok = ok && px_session_ready(session, PX_ONE, error);
    if (!ok)
        px_session_close(session);
    return ok;
}

void px_session_close(px_session *session)
{
    for (int use = 0; use < PX_USES; use++)
        px_kernel_free(&session->kernel[use]);
    if (session->queue != NULL)
        clReleaseCommandQueue(session->queue);
    if (session->context != NULL)
        clReleaseContext(session->context);
    *session = (px_session){0};
}

static bool build_and_test(px_session *s, px_use use, bool use_cache, px_error *error)
{
    bool wanted;
    px_kernel_free(&s->kernel[use]);
    if (!known_answers_wanted(&wanted, error) ||
        !px_kernel_build(&s->kernel[use], s->context, &s->device, use == PX_GRID ? "px_grid" : "px_run", s->group[use],
                         use_cache, error))
        return false;
    s->tested[use] = !wanted || px_known_answers(s, use, error);
    return s->tested[use];
}

bool px_session_ready(px_session *s, px_use use, px_error *error)
{
    if (s->tested[use])
        return true;
    if (build_and_test(s, use, true, error))
        return true;
    if (!s->kernel[use].from_cache)
        return false;
    /* A cached binary that loads and computes wrongly gets no second chance; its source does. */
    return build_and_test(s, use, false, error);
}

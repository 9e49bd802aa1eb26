/* context.c - see context.h. */
#include "opencl/context.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "opencl/layout.h"
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
static bool tune(px_context *s, px_error *error)
{
    const bool cpu = s->device.cpu;
    uint32_t group, grid;
    if (!number("PX_OPENCL_WG", &group, 0, 1, error) ||
        !number("PX_OPENCL_GRID", &grid, cpu ? 1u << 21 : 1u << 16, 0, error) ||
        !number("PX_OPENCL_FLEET", &s->fleet, cpu ? 1u << 15 : 1u << 9, 0, error) ||
        !number("PX_OPENCL_LANES", &s->lanes, cpu ? 0 : 8192, 0, error) ||
        !number("PX_OPENCL_MMA", &s->mma, 1u << 18, 0, error) ||
        !number("PX_OPENCL_FUEL", &s->fuel, cpu ? 1u << 24 : 1u << 20, 2, error))
        return false;
    if (group > s->device.max_group)
        return px_fail(error, PX_E_USAGE, "PX_OPENCL_WG is %u; opencl:%s (%s) has work-groups of at most %zu",
                       (unsigned)group, s->device.as, s->device.name, s->device.max_group);
    s->group[PX_ONE] = group != 0 ? group : cpu ? 1 : 256;
    s->group[PX_MANY] = group != 0 ? group : cpu ? 1 : 32;
    s->group[PX_LANES] = s->group[PX_SLOT_LANES] = group != 0 ? group : cpu ? 1 : 128;
    s->group[PX_FLEET] = s->group[PX_MANY];
    s->group[PX_GRID] = s->group[PX_PARTS] = group != 0 ? group : cpu ? 1 : 256;
    s->group[PX_MMA] = PX_MMA_ITEMS;
    if (!px_has_ptx(&s->device))
        s->mma = 0;
    s->grid[PX_ONE] = grid;
    /* Many machines fill the device by themselves; the grid only keeps huge instructions within bounded launches. */
    s->grid[PX_MANY] = getenv("PX_OPENCL_GRID") != NULL ? grid : 1u << 26;
    s->slice = cpu ? UINT64_C(1) << 28 : UINT64_C(1) << 32;
    s->side_by_side = s->device.units * (cpu ? 1 : 16);
    s->lanes_at_once = s->device.units * (cpu ? 1 : 2048);
    s->grid_groups = s->device.units * (cpu ? 1 : 16);
    s->stretches = s->device.units * (cpu ? 8 : 16);
    s->fleet_groups = s->device.units * (cpu ? 8 : 32); /* an H200's compute unit holds no more of them at a time */
    return true;
}

/* A CPU's device has a thread for each core of the machine, also where this process was given fewer. */
static void note_cores(const px_device *device)
{
    static bool told;
    char text[128];
    if (!told && px_few_cores(device, text, sizeof text))
        fprintf(stderr, "px: opencl:%s (%s) has %s\n", device->as, device->name, text);
    told = true;
}

/* What comes back from each launch is a few hundred bytes, and into its own memory a driver gets them sooner. */
static void make_landing(px_context *s)
{
    cl_int code;
    if (s->device.cpu)
        return;
    s->landing_buffer = clCreateBuffer(s->cl, CL_MEM_READ_WRITE | CL_MEM_ALLOC_HOST_PTR, PX_LANDING, NULL, &code);
    if (s->landing_buffer != NULL)
        s->landing = clEnqueueMapBuffer(s->queue, s->landing_buffer, CL_TRUE, CL_MAP_READ | CL_MAP_WRITE, 0, PX_LANDING,
                                        0, NULL, NULL, &code);
}

static void free_landing(px_context *s)
{
    if (s->landing != NULL &&
        clEnqueueUnmapMemObject(s->queue, s->landing_buffer, s->landing, 0, NULL, NULL) == CL_SUCCESS)
        clFinish(s->queue);
    if (s->landing_buffer != NULL)
        clReleaseMemObject(s->landing_buffer);
}

bool px_context_open(px_context *context, const char *device, px_error *error)
{
    cl_int code;
    *context = (px_context){0};
    if (!px_device_choose(&context->device, device, error) || !tune(context, error))
        return false;
    note_cores(&context->device);
    px_pocl_method(&context->device, context->group[PX_ONE]);
    /* The device says which platform; one that is named, a loader compares with those that it has found itself. */
    context->cl = clCreateContext(NULL, 1, &context->device.id, NULL, NULL, &code);
    bool ok = px_cl_ok(code, &context->device, "opening the device", error);
    if (ok) {
        context->queue = clCreateCommandQueue(context->cl, context->device.id, 0, &code);
        ok = px_cl_ok(code, &context->device, "making a command queue", error);
    }
    if (ok)
        make_landing(context);
    else
        px_context_close(context);
    return ok;
}

void px_context_close(px_context *context)
{
    for (int use = 0; use < PX_USES; use++)
        px_kernel_free(&context->kernel[use]);
    free_landing(context);
    if (context->queue != NULL)
        clReleaseCommandQueue(context->queue);
    if (context->cl != NULL)
        clReleaseContext(context->cl);
    *context = (px_context){0};
}

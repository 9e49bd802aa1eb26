/* ready.c - see ready.h. */
#include "opencl/ready.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "opencl/kat.h"

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

const char *px_kernel_name(px_use use)
{
    static const char *const names[PX_USES] = {
        [PX_ONE] = "px_run",     [PX_MANY] = "px_run", [PX_GRID] = "px_grid",       [PX_LANES] = "px_lanes",
        [PX_PARTS] = "px_parts", [PX_MMA] = "px_mma",  [PX_FLEET] = "px_fleet_run", [PX_SLOT_LANES] = "px_slot_lanes"};
    return names[use];
}

static bool build(px_context *s, px_use use, bool use_cache, px_error *error)
{
    px_kernel_free(&s->kernel[use]);
    return px_kernel_build(&s->kernel[use], s->cl, &s->device, px_kernel_name(use), s->group[use], use_cache, error);
}

/* px_grid and px_parts go together: one test has programs with instructions of both. */
static bool build_all(px_context *s, px_use use, bool use_cache, px_error *error)
{
    return build(s, use, use_cache, error) && (use != PX_GRID || build(s, PX_PARTS, use_cache, error));
}

static bool from_cache(const px_context *s, px_use use)
{
    return s->kernel[use].from_cache || (use == PX_GRID && s->kernel[PX_PARTS].from_cache);
}

bool px_kernel_ready(px_context *s, px_use use, px_error *error)
{
    /* A GPU whose compiler refuses px_mma goes without, unless it was asked for. */
    const bool dispensable = use == PX_MMA && getenv("PX_OPENCL_MMA") == NULL;
    bool wanted;
    if (s->tested[use])
        return true;
    if (use == PX_LANES && !px_kernel_ready(s, PX_MANY, error))
        return false;
    if (use == PX_SLOT_LANES && !px_kernel_ready(s, PX_FLEET, error))
        return false;
    if (!known_answers_wanted(&wanted, error))
        return false;
    if (build_all(s, use, true, dispensable ? NULL : error)) {
        /* A cached binary that loads and computes wrongly gets no second chance; its source does. */
        s->tested[use] = !wanted || px_known_answers(s, use, error) ||
                         (from_cache(s, use) && build_all(s, use, false, error) && px_known_answers(s, use, error));
    } else if (dispensable) {
        s->mma = 0;
        s->tested[use] = true;
    }
    return s->tested[use];
}

bool px_ready_open(px_context *context, const char *device, px_error *error)
{
    if (!px_context_open(context, device, error))
        return false;
    if (px_kernel_ready(context, PX_ONE, error))
        return true;
    px_context_close(context);
    return false;
}

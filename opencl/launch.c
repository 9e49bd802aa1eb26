/* launch.c - machines of one pool run together: one work-group runs each, in launches of bounded length.
 *
 * No launch is longer than its fuel, because OpenCL promises no progress to a work-group that waits for another, and
 * drivers kill what takes too long. The host goes round: allow, launch, look at every control record, give the
 * instructions that ask for the whole device their own launches, until no machine can go on. A machine whose slots run
 * side by side gets several launches between two looks: what one leaves for the next to do stands in device memory. */
#include "opencl/launch.h"

#include <stdlib.h>
#include <string.h>

#include "opencl/fleet.h"
#include "opencl/whole.h"
#include "pxi/pace.h"

void px_launcher_free(px_launcher *launcher)
{
    if (launcher->control_buffer != NULL)
        clReleaseMemObject(launcher->control_buffer);
    if (launcher->kept != NULL)
        clReleaseMemObject(launcher->kept);
    if (launcher->parts != NULL)
        clReleaseMemObject(launcher->parts);
    free(launcher->control);
    *launcher = (px_launcher){0};
}

static bool buffer(cl_mem *memory, px_context *s, size_t bytes, px_error *error)
{
    cl_int code;
    *memory = clCreateBuffer(s->cl, CL_MEM_READ_WRITE, bytes, NULL, &code);
    return px_cl_ok(code, &s->device, "making room for the machines of a run", error);
}

static size_t control_bytes(size_t count) { return count * sizeof(px_control) + sizeof(px_fleet); }

static bool make_room(px_launcher *b, px_context *s, size_t count, px_error *error)
{
    if (b->room >= count)
        return true;
    px_launcher_free(b);
    b->control = calloc(1, control_bytes(count));
    if (b->control == NULL)
        return px_fail(error, PX_E_SYSTEM, "no memory for a run of %zu machines", count);
    if (!buffer(&b->control_buffer, s, control_bytes(count), error)) {
        px_launcher_free(b);
        return false;
    }
    b->room = count;
    return true;
}

/* The runners' control records, in one array as a launch wants them, with their places. */
static bool gather(px_launcher *b, px_context *s, px_runner *const *runners, size_t count, px_error *error)
{
    if (!make_room(b, s, count, error) || !px_pool_flush(runners[0]->place.pool, s, error))
        return false;
    for (size_t i = 0; i < count; i++) {
        b->control[i] = runners[i]->control;
        b->control[i].at = runners[i]->place.at;
        b->control[i].grouped = 0;
        runners[i]->executed = 0;
    }
    b->memory = runners[0]->place.pool->memory;
    b->grid_under_way = false;
    b->count = count;
    *px_fleet_of(b) = (px_fleet){.state = PX_FLEET_NONE};
    b->no_fleets = b->lanes = false;
    b->chain = 0;
    b->chained = b->seen = 0;
    if (b->pairs == 0)
        b->pairs = 1;
    return true;
}

/* ---- launches ---- */

/* Machines that wait for others to finish make a launch longer, so they share its fuel. */
static uint32_t fuel_each(const px_launcher *b, const px_context *s, px_use use)
{
    const size_t turns = 1 + (b->count - 1) / (use == PX_LANES ? s->lanes_at_once : s->side_by_side);
    return s->fuel / turns > 2 ? (uint32_t)(s->fuel / turns) : 2;
}

/* Decides what each machine may do next; false when none has anything to do. */
static bool allow_more(px_launcher *b, px_runner *const *runners)
{
    bool any = false;
    for (size_t i = 0; i < b->count; i++) {
        px_control *c = &b->control[i];
        const bool runs = (c->status == PX_RUNNING && !c->grouped) || c->answers != 0;
        c->allow = runs ? runners[i]->budget - runners[i]->executed : 0;
        c->executed = c->carries = c->moved = c->grid = c->chained = 0;
        any = any || c->allow > 0 || c->answers != 0;
    }
    px_fleet_of(b)->launches = px_fleet_of(b)->most = 0;
    return any;
}

/* No machine goes on, but one in the middle of an instruction, which ends it. */
static void cut_short(const px_launcher *b, px_runner *const *runners)
{
    for (size_t i = 0; i < b->count; i++)
        runners[i]->budget = runners[i]->executed + (b->control[i].element != 0);
}

cl_int px_name_machines(const px_launcher *b, cl_kernel kernel)
{
    cl_int code = clSetKernelArg(kernel, 0, sizeof(cl_mem), &b->memory);
    return code != CL_SUCCESS ? code : clSetKernelArg(kernel, 1, sizeof(cl_mem), &b->control_buffer);
}

/* px_run, and between two looks at a machine with fleets the rest of what they need. */
static cl_int enqueue_run(px_launcher *b, px_context *s, px_use use, const px_runner *first)
{
    const cl_kernel kernel = s->kernel[use].kernel;
    const size_t group = s->kernel[use].group;
    const size_t items = (use == PX_LANES ? (b->count + group - 1) / group : b->count) * group;
    const px_fleet *fleet = px_fleet_of(b);
    cl_int code = CL_SUCCESS;
    if (fleet->state == PX_FLEET_NONE)
        code = clEnqueueNDRangeKernel(s->queue, kernel, 1, NULL, &items, &group, 0, NULL, NULL);
    if (code == CL_SUCCESS && b->count == 1 && first->fleets)
        code = px_fleet_enqueue(b, s, kernel, items, group);
    return code;
}

/* The numbers that px_run takes, or px_lanes. */
static cl_int name_numbers(const px_launcher *b, px_context *s, const px_launch_how *how)
{
    const cl_uint fuel = fuel_each(b, s, how->use), count = (cl_uint)b->count;
    const cl_uint least = how->grid, chained = b->chained, mma = px_least_mma(s, how);
    const cl_ulong slice = s->slice;
    const px_fleet_rule rule = px_fleet_rule_of(b, s, how);
    const px_argument lanes[] = {PX_ARGUMENT(fuel), PX_ARGUMENT(count)};
    const px_argument run[] = {PX_ARGUMENT(fuel),      PX_ARGUMENT(least),    PX_ARGUMENT(rule.worth),
                               PX_ARGUMENT(rule.each), PX_ARGUMENT(rule.all), PX_ARGUMENT(rule.lanes),
                               PX_ARGUMENT(chained),   PX_ARGUMENT(mma),      PX_ARGUMENT(slice)};
    return how->use == PX_LANES ? px_kernel_numbers(&s->kernel[how->use], 2, lanes, sizeof lanes / sizeof *lanes)
                                : px_kernel_numbers(&s->kernel[how->use], 2, run, sizeof run / sizeof *run);
}

/* Waits for the launches and gets what they left. */
static cl_int read_control(px_launcher *b, px_context *s, size_t bytes)
{
    if (s->landing == NULL || bytes > PX_LANDING)
        return clEnqueueReadBuffer(s->queue, b->control_buffer, CL_TRUE, 0, bytes, b->control, 0, NULL, NULL);
    cl_int code = clEnqueueReadBuffer(s->queue, b->control_buffer, CL_FALSE, 0, bytes, s->landing, 0, NULL, NULL);
    if (code == CL_SUCCESS)
        code = clFinish(s->queue);
    if (code == CL_SUCCESS)
        memcpy(b->control, s->landing, bytes);
    return code;
}

static bool launch_run(px_launcher *b, px_context *s, const px_runner *first, const px_launch_how *how, px_error *error)
{
    const cl_kernel kernel = s->kernel[how->use].kernel;
    const size_t bytes = control_bytes(b->count);
    cl_int code = clEnqueueWriteBuffer(s->queue, b->control_buffer, CL_FALSE, 0, bytes, b->control, 0, NULL, NULL);
    if (code == CL_SUCCESS)
        code = px_name_machines(b, kernel);
    if (code == CL_SUCCESS)
        code = name_numbers(b, s, how);
    if (code == CL_SUCCESS)
        code = b->chain != 0 ? px_chain_enqueue(b, s) : enqueue_run(b, s, how->use, first);
    if (code == CL_SUCCESS)
        code = read_control(b, s, bytes);
    return px_cl_ok(code, &s->device, how->use == PX_LANES ? "running px_lanes" : "running px_run", error);
}

/* One round: launches up to a look, and what they leave to the whole device. */
static bool go_round(px_launcher *b, px_context *s, px_runner *const *runners, const px_launch_how *how,
                     uint64_t *total, px_error *error)
{
    const bool fleets = b->count == 1 && runners[0]->fleets;
    const double began = px_seconds();
    const px_u32 chained = b->chained;
    if (!launch_run(b, s, runners[0], how, error))
        return false;
    if (fleets)
        px_fleet_learn(b, px_seconds() - began);
    bool moved = false;
    for (size_t i = 0; i < b->count; i++) {
        const px_control *c = &b->control[i];
        const uint64_t executed = (uint64_t)c->carries << 32 | c->executed;
        moved = moved || c->moved != 0 || c->status != PX_RUNNING || c->element != 0;
        runners[i]->executed += executed;
        *total += executed;
        if (c->grid == 0 || ((chained & c->by) != 0 && c->at_once))
            continue;
        b->grid_under_way = true;
        if (!px_whole_launch(b, s, i, how, error))
            return false;
    }
    if (b->count == 1 && !px_fleet_prepare(b, s, runners[0], how, error))
        return false;
    px_chain_learn(b, s, runners[0], px_seconds() - began);
    return moved || px_fail(error, PX_E_SYSTEM, "opencl:%s (%s) ran the kernel and executed no instruction",
                            s->device.as, s->device.name);
}

/* Ends the run as soon as its machines are as some budget leaves them. */
static bool stop_soon(px_launcher *b, px_context *s, px_runner *const *runners, uint64_t *total, px_error *error)
{
    bool settled = true;
    const uint64_t before = runners[0]->executed;
    if (b->count == 1 && !px_fleet_cancel(b, s, runners[0], &settled, error))
        return false;
    *total -= before - runners[0]->executed;
    if (settled)
        cut_short(b, runners);
    return true;
}

/* A run that is cancelled at its first look has done something all the same, or a host that cancels each would wait for
 * ever. */
static bool has_begun(const px_launcher *b, px_runner *const *runners)
{
    return runners[0]->executed != 0 || px_fleet_of(b)->state != PX_FLEET_PLANNED;
}

bool px_launch_run(px_launcher *b, px_context *s, px_runner *const *runners, size_t count, const px_launch_how *how,
                   uint64_t *total, px_error *error)
{
    bool cancelled = false;
    if (!gather(b, s, runners, count, error))
        return false;
    while (allow_more(b, runners)) {
        if (!go_round(b, s, runners, how, total, error))
            return false;
        cancelled = cancelled || (has_begun(b, runners) && px_cancelled(how->cancel, *total));
        if (cancelled && !stop_soon(b, s, runners, total, error))
            return false;
    }
    for (size_t i = 0; i < count; i++)
        runners[i]->control = b->control[i];
    return !b->grid_under_way || px_cl_ok(clFinish(s->queue), &s->device, "ending a run", error);
}

/* launch.c - machines of one pool run together: one work-group runs each, in launches of bounded length.
 *
 * No launch is longer than its fuel, because OpenCL promises no progress to a work-group that waits for another, and
 * drivers kill what takes too long. The host goes round: allow, launch, look at every control record, give the
 * instructions that ask for the whole device their own launches, until no machine can go on. A machine whose slots run
 * side by side gets several launches between two looks: what one leaves for the next to do stands in device memory. */
#include "opencl/launch.h"

#include <stdlib.h>

#include "opencl/fleet.h"
#include "pxi/pace.h"

void px_launcher_free(px_launcher *launcher)
{
    if (launcher->at_buffer != NULL)
        clReleaseMemObject(launcher->at_buffer);
    if (launcher->control_buffer != NULL)
        clReleaseMemObject(launcher->control_buffer);
    if (launcher->kept != NULL)
        clReleaseMemObject(launcher->kept);
    if (launcher->parts != NULL)
        clReleaseMemObject(launcher->parts);
    free(launcher->control);
    free(launcher->at);
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
    b->at = calloc(count, sizeof *b->at);
    if (b->control == NULL || b->at == NULL) {
        px_launcher_free(b);
        return px_fail(error, PX_E_SYSTEM, "no memory for a run of %zu machines", count);
    }
    if (!buffer(&b->at_buffer, s, count * sizeof *b->at, error) ||
        !buffer(&b->control_buffer, s, control_bytes(count), error)) {
        px_launcher_free(b);
        return false;
    }
    b->room = count;
    return true;
}

/* The runners' places and control records, in one array each, as a launch wants them. The device keeps the places: a
 * machine that is run again and again is not told where it is each time. */
static bool gather(px_launcher *b, px_context *s, px_runner *const *runners, size_t count, px_error *error)
{
    if (!make_room(b, s, count, error) || !px_pool_flush(runners[0]->place.pool, s, error))
        return false;
    bool moved = b->count != count;
    for (size_t i = 0; i < count; i++) {
        moved = moved || b->at[i] != runners[i]->place.at;
        b->at[i] = runners[i]->place.at;
        b->control[i] = runners[i]->control;
        b->control[i].grouped = 0;
        runners[i]->executed = 0;
    }
    b->memory = runners[0]->place.pool->memory;
    b->grid_under_way = false;
    b->count = 0; /* until the device has them */
    if (moved &&
        !px_cl_ok(clEnqueueWriteBuffer(s->queue, b->at_buffer, CL_TRUE, 0, count * sizeof *b->at, b->at, 0, NULL, NULL),
                  &s->device, "placing the machines of a run", error))
        return false;
    b->count = count;
    *px_fleet_of(b) = (px_fleet){.state = PX_FLEET_NONE};
    b->no_fleets = false;
    b->chain = 0;
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
        c->executed = c->carries = c->moved = c->grid = 0;
        any = any || c->allow > 0 || c->answers != 0;
    }
    px_fleet_of(b)->launches = 0;
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
    if (code == CL_SUCCESS)
        code = clSetKernelArg(kernel, 1, sizeof(cl_mem), &b->at_buffer);
    if (code == CL_SUCCESS)
        code = clSetKernelArg(kernel, 2, sizeof(cl_mem), &b->control_buffer);
    return code;
}

/* The arguments by which px_grid, px_mma and px_parts find the job of a machine. */
static cl_int name_job(const px_launcher *b, cl_kernel kernel, cl_uint machine)
{
    cl_int code = px_name_machines(b, kernel);
    return code != CL_SUCCESS ? code : clSetKernelArg(kernel, 3, sizeof machine, &machine);
}

/* Instructions that take px_parts. */
static bool in_parts(const px_job *job)
{
    const unsigned op = job->op;
    return op == PX_OP_SCANADD || op == PX_OP_SCANMAX || op == PX_OP_PACK || op == PX_OP_ARGMIN || op == PX_OP_ARGMAX;
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

/* Whether px_grid does it without being told of it: scalar.cl's px_chains. */
static bool chains(const px_job *job) { return job->op != PX_OP_MATMUL && !in_parts(job); }

/* px_run and px_grid in turn, the latter as large as its last job. */
static cl_int enqueue_chain(px_launcher *b, px_context *s)
{
    const px_kernel *run = &s->kernel[PX_ONE], *grid = &s->kernel[PX_GRID];
    const size_t wanted = (b->control[0].job.n + grid->group - 1) / grid->group;
    const size_t items = (wanted < 1 ? 1 : wanted < s->grid_groups ? wanted : s->grid_groups) * grid->group;
    const cl_uint as_left = 0;
    cl_int code = name_job(b, grid->kernel, 0);
    if (code == CL_SUCCESS)
        code = clSetKernelArg(grid->kernel, 4, sizeof as_left, &as_left);
    if (code == CL_SUCCESS)
        code = clSetKernelArg(grid->kernel, 5, sizeof as_left, &as_left);
    for (unsigned i = 0; i < b->chain && code == CL_SUCCESS; i++) {
        const size_t one = run->group, group = grid->group;
        code = clEnqueueNDRangeKernel(s->queue, run->kernel, 1, NULL, &one, &one, 0, NULL, NULL);
        if (code == CL_SUCCESS)
            code = clEnqueueNDRangeKernel(s->queue, grid->kernel, 1, NULL, &items, &group, 0, NULL, NULL);
    }
    return code;
}

/* A machine whose long instructions px_grid does is given more launches before the host looks, in about as much time as
 * px_fleet_learn allows. */
static void learn_chain(px_launcher *b, const px_runner *first, double seconds)
{
    enum { LONGEST = 64 };
    const unsigned used = px_fleet_of(b)->launches;
    const bool left = b->control[0].grid != 0 && chains(&b->control[0].job);
    if (b->count > 1 || first->fleets || used < b->chain)
        b->chain = b->count > 1 || first->fleets ? 0 : used;
    else if (b->chain == 0)
        b->chain = left;
    else if (seconds > 4 * px_look_seconds)
        b->chain /= 2;
    else if (seconds < px_look_seconds && left && b->chain < LONGEST)
        b->chain *= 2;
}

/* What px_run takes behind the fuel, or px_lanes. */
static cl_int name_rest(const px_launcher *b, const px_context *s, const px_launch_how *how, cl_kernel kernel)
{
    const cl_uint least = how->grid, count = (cl_uint)b->count, chained = b->chain != 0;
    const px_fleet_rule rule = px_fleet_rule_of(b, s, how);
    if (how->use == PX_LANES)
        return clSetKernelArg(kernel, 4, sizeof count, &count);
    cl_int code = clSetKernelArg(kernel, 4, sizeof least, &least);
    if (code == CL_SUCCESS)
        code = clSetKernelArg(kernel, 5, sizeof rule.worth, &rule.worth);
    if (code == CL_SUCCESS)
        code = clSetKernelArg(kernel, 6, sizeof rule.each, &rule.each);
    if (code == CL_SUCCESS)
        code = clSetKernelArg(kernel, 7, sizeof rule.all, &rule.all);
    return code != CL_SUCCESS ? code : clSetKernelArg(kernel, 8, sizeof chained, &chained);
}

static bool launch_run(px_launcher *b, px_context *s, const px_runner *first, const px_launch_how *how, px_error *error)
{
    const cl_kernel kernel = s->kernel[how->use].kernel;
    const size_t bytes = control_bytes(b->count);
    const cl_uint fuel = fuel_each(b, s, how->use);
    cl_int code = clEnqueueWriteBuffer(s->queue, b->control_buffer, CL_FALSE, 0, bytes, b->control, 0, NULL, NULL);
    if (code == CL_SUCCESS)
        code = px_name_machines(b, kernel);
    if (code == CL_SUCCESS)
        code = clSetKernelArg(kernel, 3, sizeof fuel, &fuel);
    if (code == CL_SUCCESS)
        code = name_rest(b, s, how, kernel);
    if (code == CL_SUCCESS)
        code = b->chain != 0 ? enqueue_chain(b, s) : enqueue_run(b, s, how->use, first);
    if (code == CL_SUCCESS)
        code = clEnqueueReadBuffer(s->queue, b->control_buffer, CL_TRUE, 0, bytes, b->control, 0, NULL, NULL);
    return px_cl_ok(code, &s->device, how->use == PX_LANES ? "running px_lanes" : "running px_run", error);
}

/* The side of the tiles of C in which a kernel does a MATMUL; 1: element by element. */
static cl_uint tile_of(const px_job *job, const px_context *s, px_use use)
{
    if (use == PX_MMA)
        return PX_MMA_TILE;
    return job->op == PX_OP_MATMUL && s->kernel[use].group == PX_TILE_ITEMS ? PX_TILE : 1;
}

/* What first and last of px_grid and px_mma count: tiles or elements. */
static uint64_t grid_units(const px_job *job, cl_uint tile)
{
    if (tile == 1)
        return job->n;
    const uint64_t rows = job->n / job->cols;
    return (rows + tile - 1) / tile * ((job->cols + tile - 1) / tile);
}

/* Units of one launch, so that its work is bounded. */
static uint64_t grid_slice(const px_job *job, const px_context *s, px_use use, cl_uint tile)
{
    enum { MMA_FASTER = 16 };
    const uint64_t steps = (job->op == PX_OP_MATMUL ? job->depth : 1) * (uint64_t)tile * tile;
    const uint64_t slice = s->slice * (use == PX_MMA ? MMA_FASTER : 1);
    return slice / steps > 0 ? slice / steps : 1;
}

/* Units first to last - 1 of the instruction that the kernel's other arguments name. */
static cl_int enqueue_grid(px_context *s, px_use use, cl_uint tile, cl_uint first, cl_uint last)
{
    const cl_kernel kernel = s->kernel[use].kernel;
    const size_t group = s->kernel[use].group;
    const size_t wanted = tile > 1 ? last - first : (last - first + group - 1) / group;
    const size_t items = (wanted < s->grid_groups ? wanted : s->grid_groups) * group;
    cl_int code = clSetKernelArg(kernel, 4, sizeof first, &first);
    if (code == CL_SUCCESS)
        code = clSetKernelArg(kernel, 5, sizeof last, &last);
    if (code == CL_SUCCESS)
        code = clEnqueueNDRangeKernel(s->queue, kernel, 1, NULL, &items, &group, 0, NULL, NULL);
    return code;
}

/* Pixels of a stretch. A work-group's step through one is of group * PX_SLICE pixels, and no step is a part of one. */
static cl_uint stretch_of(const px_job *job, const px_context *s, size_t group)
{
    const size_t step = group > 1 ? group * PX_SLICE : 1;
    const size_t least = (job->n + (size_t)s->stretches - 1) / s->stretches;
    return (cl_uint)((least + step - 1) / step * step);
}

static cl_int enqueue_pass(px_context *s, cl_uint pass, size_t groups)
{
    const px_kernel *parts = &s->kernel[PX_PARTS];
    const size_t group = parts->group, items = groups * group;
    const cl_int code = clSetKernelArg(parts->kernel, 6, sizeof pass, &pass);
    return code != CL_SUCCESS ? code
                              : clEnqueueNDRangeKernel(s->queue, parts->kernel, 1, NULL, &items, &group, 0, NULL, NULL);
}

/* The scan, pack or place of an extreme that machine which has left to the whole device. */
static bool launch_parts(px_launcher *b, px_context *s, size_t which, px_error *error)
{
    const px_job *job = &b->control[which].job;
    const cl_kernel kernel = s->kernel[PX_PARTS].kernel;
    const cl_uint stretch = stretch_of(job, s, s->kernel[PX_PARTS].group);
    const size_t groups = (job->n + (size_t)stretch - 1) / stretch;
    if (b->parts == NULL && !buffer(&b->parts, s, s->stretches * PX_PART_WORDS * sizeof(px_u32), error))
        return false;
    cl_int code = name_job(b, kernel, (cl_uint)which);
    if (code == CL_SUCCESS)
        code = clSetKernelArg(kernel, 4, sizeof(cl_mem), &b->parts);
    if (code == CL_SUCCESS)
        code = clSetKernelArg(kernel, 5, sizeof stretch, &stretch);
    if (code == CL_SUCCESS)
        code = enqueue_pass(s, PX_PARTS_FOLD, groups);
    if (code == CL_SUCCESS)
        code = enqueue_pass(s, PX_PARTS_JOIN, 1);
    if (code == CL_SUCCESS && job->op != PX_OP_ARGMIN && job->op != PX_OP_ARGMAX)
        code = enqueue_pass(s, PX_PARTS_STORE, groups);
    return px_cl_ok(code, &s->device, "running px_parts", error);
}

/* The vector instruction that machine which has left to the whole device. */
static bool launch_grid(px_launcher *b, px_context *s, px_use use, size_t which, px_error *error)
{
    const px_job *job = &b->control[which].job;
    const cl_kernel kernel = s->kernel[use].kernel;
    const cl_uint tile = tile_of(job, s, use);
    const uint64_t units = grid_units(job, tile), slice = grid_slice(job, s, use, tile);
    cl_int code = name_job(b, kernel, (cl_uint)which);
    for (uint64_t first = 0; first < units && code == CL_SUCCESS; first += slice) {
        code = enqueue_grid(s, use, tile, (cl_uint)first, (cl_uint)(units - first < slice ? units : first + slice));
        if (code == CL_SUCCESS && slice < units)
            code = clFinish(s->queue);
    }
    return px_cl_ok(code, &s->device, use == PX_MMA ? "running px_mma" : "running px_grid", error);
}

static bool launch_long(px_launcher *b, px_context *s, size_t which, const px_launch_how *how, px_error *error)
{
    const px_job *job = &b->control[which].job;
    px_use use = PX_GRID;
    if (how->ready != NULL && !how->ready(s, PX_GRID, error))
        return false;
    if (in_parts(job))
        return launch_parts(b, s, which, error);
    if (job->op == PX_OP_MATMUL && how->mma != 0 && job->n >= how->mma) {
        if (how->ready != NULL && !how->ready(s, PX_MMA, error))
            return false;
        use = s->kernel[PX_MMA].kernel != NULL ? PX_MMA : PX_GRID;
    }
    return launch_grid(b, s, use, which, error);
}

/* One round: launches up to a look, and what they leave to the whole device. */
static bool go_round(px_launcher *b, px_context *s, px_runner *const *runners, const px_launch_how *how,
                     uint64_t *total, px_error *error)
{
    const bool fleets = b->count == 1 && runners[0]->fleets;
    const double began = px_seconds();
    const bool chained = b->chain != 0;
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
        if (c->grid == 0 || (chained && chains(&c->job)))
            continue;
        b->grid_under_way = true;
        if (!launch_long(b, s, i, how, error))
            return false;
    }
    if (b->count == 1 && !px_fleet_prepare(b, s, runners[0], how, error))
        return false;
    learn_chain(b, runners[0], px_seconds() - began);
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

/* whole.c - see whole.h.
 *
 * A chain is launched before anyone knows which instructions the program comes to. So every kernel finds in the control
 * record what px_run has left and to which of them (layout.h), and those that it is not for end at once. */
#include "opencl/whole.h"

#include "opencl/fleet.h"

static px_use use_of(px_u32 by)
{
    return by == PX_BY_MMA ? PX_MMA : (by & (PX_BY_FOLDS | PX_BY_SCANS)) != 0 ? PX_PARTS : PX_GRID;
}

cl_uint px_least_mma(const px_context *s, const px_launch_how *how)
{
    return s->tested[PX_MMA] && s->kernel[PX_MMA].kernel == NULL ? 0 : how->mma;
}

/* ---- how large a launch is ---- */

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
    const uint64_t steps = (job->op == PX_OP_MATMUL ? job->depth : 1) * (uint64_t)tile * tile;
    const uint64_t slice = s->slice * (use == PX_MMA ? PX_MMA_FASTER : 1);
    return slice / steps > 0 ? slice / steps : 1;
}

/* Work-groups for so many units: one for a tile, one of its items for four elements, as many as the device takes well.
 * px_mma's share tiles when there are more of them. */
static size_t grid_groups(const px_context *s, px_use use, cl_uint tile, uint64_t units)
{
    const size_t group = s->kernel[use].group, each = tile > 1 ? 1 : group > 1 ? 4 * group : 1;
    uint64_t wanted = (units + each - 1) / each;
    if (use == PX_MMA && wanted > 0 && wanted < s->device.units)
        wanted *= s->device.units / wanted;
    return wanted < s->grid_groups ? (size_t)wanted : s->grid_groups;
}

/* The stretches of a run, a work-group each. A step through one is of group * PX_SLICE pixels. */
static size_t stretches(const px_job *job, const px_context *s)
{
    const size_t group = s->kernel[PX_PARTS].group, step = group > 1 ? group * PX_SLICE : 1;
    const size_t wanted = (job->n + step - 1) / step;
    return wanted < s->stretches ? wanted : s->stretches;
}

/* ---- launches ---- */

static cl_int launch(px_context *s, px_use use, size_t groups)
{
    const size_t group = s->kernel[use].group, items = groups * group;
    return clEnqueueNDRangeKernel(s->queue, s->kernel[use].kernel, 1, NULL, &items, &group, 0, NULL, NULL);
}

/* The arguments by which these kernels find the job of a machine. */
static cl_int name_job(const px_launcher *b, px_kernel *kernel, cl_uint machine)
{
    const px_argument number = PX_ARGUMENT(machine);
    const cl_int code = px_name_machines(b, kernel->kernel);
    return code != CL_SUCCESS ? code : px_kernel_numbers(kernel, 2, &number, 1);
}

/* Units first to last - 1 of px_grid's or px_mma's instruction. */
static cl_int name_units(px_kernel *kernel, cl_uint first, cl_uint last)
{
    const px_argument numbers[] = {PX_ARGUMENT(first), PX_ARGUMENT(last)};
    return px_kernel_numbers(kernel, 3, numbers, 2);
}

static cl_int enqueue_pass(px_context *s, cl_uint pass, size_t groups)
{
    const px_argument number = PX_ARGUMENT(pass);
    const cl_int code = px_kernel_numbers(&s->kernel[PX_PARTS], 5, &number, 1);
    return code != CL_SUCCESS ? code : launch(s, PX_PARTS, groups);
}

/* The passes of px_parts for runs of so many stretches, of instructions that are its and in by. */
static cl_int enqueue_parts(px_launcher *b, px_context *s, px_u32 by, size_t groups)
{
    const cl_uint count = (cl_uint)groups;
    const px_argument parts = PX_ARGUMENT(count), kernels = PX_ARGUMENT(by);
    px_kernel *kernel = &s->kernel[PX_PARTS];
    cl_int code = clSetKernelArg(kernel->kernel, 3, sizeof(cl_mem), &b->parts);
    if (code == CL_SUCCESS)
        code = px_kernel_numbers(kernel, 4, &parts, 1);
    if (code == CL_SUCCESS)
        code = px_kernel_numbers(kernel, 6, &kernels, 1);
    if (code == CL_SUCCESS)
        code = enqueue_pass(s, PX_PARTS_FOLD, groups);
    if (code == CL_SUCCESS)
        code = enqueue_pass(s, PX_PARTS_JOIN, 1);
    if (code == CL_SUCCESS && (by & PX_BY_SCANS) != 0)
        code = enqueue_pass(s, PX_PARTS_STORE, groups);
    return code;
}

/* ---- after a look ---- */

static bool launch_parts(px_launcher *b, px_context *s, size_t which, px_error *error)
{
    const px_control *c = &b->control[which];
    cl_int code = CL_SUCCESS;
    if (b->parts == NULL)
        b->parts = clCreateBuffer(s->cl, CL_MEM_READ_WRITE, s->stretches * PX_PART_WORDS * sizeof(px_u32), NULL, &code);
    if (code == CL_SUCCESS)
        code = name_job(b, &s->kernel[PX_PARTS], (cl_uint)which);
    if (code == CL_SUCCESS)
        code = enqueue_parts(b, s, c->by, stretches(&c->job, s));
    return px_cl_ok(code, &s->device, "running px_parts", error);
}

static bool launch_grid(px_launcher *b, px_context *s, px_use use, size_t which, px_error *error)
{
    const px_job *job = &b->control[which].job;
    px_kernel *kernel = &s->kernel[use];
    const cl_uint tile = tile_of(job, s, use);
    const uint64_t units = grid_units(job, tile), slice = grid_slice(job, s, use, tile);
    cl_int code = name_job(b, kernel, (cl_uint)which);
    for (uint64_t first = 0; first < units && code == CL_SUCCESS; first += slice) {
        const uint64_t last = units - first < slice ? units : first + slice;
        code = name_units(kernel, (cl_uint)first, (cl_uint)last);
        if (code == CL_SUCCESS)
            code = launch(s, use, grid_groups(s, use, tile, last - first));
        if (code == CL_SUCCESS && slice < units)
            code = clFinish(s->queue);
    }
    return px_cl_ok(code, &s->device, use == PX_MMA ? "running px_mma" : "running px_grid", error);
}

bool px_whole_launch(px_launcher *b, px_context *s, size_t which, const px_launch_how *how, px_error *error)
{
    px_use use = use_of(b->control[which].by);
    if (how->ready != NULL && (!how->ready(s, PX_GRID, error) || (use == PX_MMA && !how->ready(s, PX_MMA, error))))
        return false;
    if (use == PX_MMA && s->kernel[PX_MMA].kernel == NULL)
        use = PX_GRID;
    return use == PX_PARTS ? launch_parts(b, s, which, error) : launch_grid(b, s, use, which, error);
}

/* ---- ahead of it ---- */

static cl_int name_chain(px_launcher *b, px_context *s)
{
    cl_int code = CL_SUCCESS;
    for (px_u32 by = PX_BY_GRID; by <= PX_BY_MMA && code == CL_SUCCESS; by *= 2) {
        const px_use use = use_of(by);
        if ((b->chained & by) == 0)
            continue;
        code = name_job(b, &s->kernel[use], 0);
        if (code == CL_SUCCESS && use != PX_PARTS)
            code = name_units(&s->kernel[use], 0, 0); /* as px_run leaves it */
    }
    return code;
}

cl_int px_chain_enqueue(px_launcher *b, px_context *s)
{
    cl_int code = name_chain(b, s);
    for (unsigned i = 0; i < b->chain && code == CL_SUCCESS; i++) {
        code = launch(s, PX_ONE, 1);
        if (code == CL_SUCCESS && (b->chained & PX_BY_GRID) != 0)
            code = launch(s, PX_GRID, b->groups[PX_GRID]);
        if (code == CL_SUCCESS && (b->chained & (PX_BY_FOLDS | PX_BY_SCANS)) != 0)
            code = enqueue_parts(b, s, b->chained, b->groups[PX_PARTS]);
        if (code == CL_SUCCESS && (b->chained & PX_BY_MMA) != 0)
            code = launch(s, PX_MMA, b->groups[PX_MMA]);
    }
    return code;
}

/* The kernel of the job that was left last; its size is kept for the next. 0: none that can come in a chain. */
static px_u32 left_to(px_launcher *b, const px_context *s)
{
    const px_control *c = &b->control[0];
    const px_use use = use_of(c->by);
    if (c->grid == 0 || !c->at_once || s->kernel[use].kernel == NULL)
        return 0;
    const cl_uint tile = tile_of(&c->job, s, use);
    b->groups[use] = use == PX_PARTS ? stretches(&c->job, s) : grid_groups(s, use, tile, grid_units(&c->job, tile));
    return c->by;
}

/* As long as about px_fleet_learn allows. The kernels are those that the launches before the last two looks had need
 * of. */
void px_chain_learn(px_launcher *b, const px_context *s, const px_runner *first, double seconds)
{
    enum { LONGEST = 64 };
    const unsigned used = px_fleet_of(b)->launches;
    const px_u32 left = b->count == 1 && !first->fleets ? left_to(b, s) : 0, now = b->control[0].chained | left;
    if (b->count > 1 || first->fleets)
        b->chain = 0;
    else if (used < b->chain)
        b->chain = used;
    else if (b->chain == 0)
        b->chain = left != 0;
    else if (seconds > 4 * px_look_seconds)
        b->chain /= 2;
    else if (seconds < px_look_seconds && left != 0 && b->chain < LONGEST)
        b->chain *= 2;
    b->chained = b->chain != 0 ? now | b->seen : 0;
    b->seen = now;
    if (b->chained == 0)
        b->chain = 0;
}

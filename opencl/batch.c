/* batch.c - machines in device memory: one work-group runs each, in launches of bounded length.
 *
 * No launch is longer than its fuel, because OpenCL promises no progress to a work-group that waits for another, and
 * drivers kill what takes too long. The host goes round: allow, launch, look at every control record, give the
 * instructions that ask for the whole device their own launches, until no machine can go on. */
#include "opencl/batch.h"

#include <stdlib.h>
#include <string.h>

size_t px_batch_words(uint32_t pixels) { return PX_M_IMAGE + (((size_t)pixels + 15) & ~(size_t)15); }

size_t px_batch_limit(const px_device *device)
{
    const cl_ulong bytes = device->max_alloc < device->memory / 2 ? device->max_alloc : device->memory / 2;
    return (size_t)(bytes / sizeof(px_u32));
}

void px_batch_free(px_batch *batch)
{
    if (batch->machines_buffer != NULL)
        clReleaseMemObject(batch->machines_buffer);
    if (batch->at_buffer != NULL)
        clReleaseMemObject(batch->at_buffer);
    if (batch->control_buffer != NULL)
        clReleaseMemObject(batch->control_buffer);
    free(batch->control);
    free(batch->executed);
    free(batch->at);
    *batch = (px_batch){0};
}

static bool buffer(cl_mem *memory, px_session *s, size_t bytes, const char *what, px_error *error)
{
    cl_int code;
    *memory = clCreateBuffer(s->context, CL_MEM_READ_WRITE, bytes, NULL, &code);
    return px_cl_ok(code, &s->device, what, error);
}

/* Room for count machines of so many words together, reusing what is there unless it is far too large. */
static bool make_room(px_batch *b, px_session *s, size_t count, size_t words, px_error *error)
{
    if (b->records >= count && b->room >= words && b->room / 4 <= words)
        return true;
    px_batch_free(b);
    b->control = calloc(count, sizeof *b->control);
    b->executed = calloc(count, sizeof *b->executed);
    b->at = calloc(count, sizeof *b->at);
    if (b->control == NULL || b->executed == NULL || b->at == NULL) {
        px_batch_free(b);
        return px_fail(error, PX_E_SYSTEM, "no memory for %zu machines", count);
    }
    if (!buffer(&b->machines_buffer, s, words * sizeof(px_u32), "making room for the images", error) ||
        !buffer(&b->at_buffer, s, count * sizeof *b->at, "making room for the machines", error) ||
        !buffer(&b->control_buffer, s, count * sizeof *b->control, "making room for the machines", error)) {
        px_batch_free(b);
        return false;
    }
    b->records = count;
    b->room = words;
    return true;
}

static void put_state(px_u32 *to, const px_state *state)
{
    const size_t pixels = px_state_pixels(state);
    to[PX_M_MAGIC] = PX_MAGIC_STATE;
    to[PX_M_PROFILE] = state->profile;
    to[PX_M_W] = state->w;
    to[PX_M_H] = state->h;
    to[PX_M_PC] = state->pc;
    to[PX_M_VL] = state->vl;
    to[PX_M_STATUS] = state->status;
    to[PX_M_CAUSE] = state->cause;
    to[PX_M_VALUE] = state->value;
    to[PX_M_RETIRED] = state->retired;
    memcpy(to + PX_M_REG, state->reg, sizeof state->reg);
    memset(to + PX_STATE_WORDS, 0, (PX_M_IMAGE - PX_STATE_WORDS) * sizeof *to);
    memcpy(to + PX_M_IMAGE, state->mem, pixels * sizeof *to);
}

static void get_state(px_state *state, const px_u32 *from)
{
    state->pc = from[PX_M_PC];
    state->vl = from[PX_M_VL];
    state->status = from[PX_M_STATUS];
    state->cause = from[PX_M_CAUSE];
    state->value = from[PX_M_VALUE];
    state->retired = from[PX_M_RETIRED];
    memcpy(state->reg, from + PX_M_REG, sizeof state->reg);
    memcpy(state->mem, from + PX_M_IMAGE, (size_t)px_state_pixels(state) * sizeof *from);
}

static px_u32 *map(px_batch *b, px_session *s, cl_map_flags flags, px_error *error)
{
    cl_int code;
    px_u32 *words = clEnqueueMapBuffer(s->queue, b->machines_buffer, CL_TRUE, flags, 0, b->words * sizeof *words, 0,
                                       NULL, NULL, &code);
    return px_cl_ok(code, &s->device, "mapping the images", error) ? words : NULL;
}

static bool unmap(px_batch *b, px_session *s, px_u32 *words, px_error *error)
{
    return px_cl_ok(clEnqueueUnmapMemObject(s->queue, b->machines_buffer, words, 0, NULL, NULL), &s->device,
                    "copying the images", error);
}

bool px_batch_load(px_batch *b, px_session *s, const px_state *states, size_t count, px_error *error)
{
    size_t words = 0;
    for (size_t i = 0; i < count; i++)
        words += px_batch_words(px_state_pixels(&states[i]));
    if (!make_room(b, s, count, words, error))
        return false;
    b->count = count;
    b->words = words;
    px_u32 *to = map(b, s, CL_MAP_WRITE_INVALIDATE_REGION, error);
    if (to == NULL)
        return false;
    words = 0;
    for (size_t i = 0; i < count; i++) {
        b->at[i] = words;
        b->control[i] = (px_control){
            .status = states[i].status, .cause = states[i].cause, .value = states[i].value, .pc = states[i].pc};
        put_state(to + words, &states[i]);
        words += px_batch_words(px_state_pixels(&states[i]));
    }
    return unmap(b, s, to, error) && px_cl_ok(clEnqueueWriteBuffer(s->queue, b->at_buffer, CL_TRUE, 0,
                                                                   count * sizeof *b->at, b->at, 0, NULL, NULL),
                                              &s->device, "copying the machines", error);
}

bool px_batch_read(px_batch *b, px_session *s, px_state *states, px_error *error)
{
    px_u32 *from = map(b, s, CL_MAP_READ, error);
    if (from == NULL)
        return false;
    for (size_t i = 0; i < b->count; i++)
        get_state(&states[i], from + b->at[i]);
    return unmap(b, s, from, error) && px_cl_ok(clFinish(s->queue), &s->device, "copying the images", error);
}

/* Machines that wait for others to finish make a launch longer, so they share its fuel. */
static uint32_t fuel_each(const px_batch *b, const px_session *s)
{
    const size_t turns = 1 + (b->count - 1) / s->side_by_side;
    return s->fuel / turns > 2 ? (uint32_t)(s->fuel / turns) : 2;
}

/* Decides what each machine may do next; false when none may do anything. */
static bool allow_more(px_batch *b, uint32_t fuel, uint64_t budget)
{
    bool any = false;
    for (size_t i = 0; i < b->count; i++) {
        const uint64_t left = b->control[i].status == PX_RUNNING ? budget - b->executed[i] : 0;
        b->control[i].allow = (px_u32)(left < fuel ? left : fuel);
        any = any || left > 0;
    }
    return any;
}

static bool launch_run(px_batch *b, px_session *s, px_use use, uint32_t grid, px_error *error)
{
    const cl_kernel kernel = s->kernel[use].kernel;
    const size_t group = s->kernel[use].group, items = b->count * group, bytes = b->count * sizeof *b->control;
    const cl_uint fuel = fuel_each(b, s), least = grid;
    cl_int code = clEnqueueWriteBuffer(s->queue, b->control_buffer, CL_FALSE, 0, bytes, b->control, 0, NULL, NULL);
    if (code == CL_SUCCESS)
        code = clSetKernelArg(kernel, 0, sizeof(cl_mem), &b->machines_buffer);
    if (code == CL_SUCCESS)
        code = clSetKernelArg(kernel, 1, sizeof(cl_mem), &b->at_buffer);
    if (code == CL_SUCCESS)
        code = clSetKernelArg(kernel, 2, sizeof(cl_mem), &b->control_buffer);
    if (code == CL_SUCCESS)
        code = clSetKernelArg(kernel, 3, sizeof fuel, &fuel);
    if (code == CL_SUCCESS)
        code = clSetKernelArg(kernel, 4, sizeof least, &least);
    if (code == CL_SUCCESS)
        code = clEnqueueNDRangeKernel(s->queue, kernel, 1, NULL, &items, &group, 0, NULL, NULL);
    if (code == CL_SUCCESS)
        code = clEnqueueReadBuffer(s->queue, b->control_buffer, CL_TRUE, 0, bytes, b->control, 0, NULL, NULL);
    return px_cl_ok(code, &s->device, "running px_run", error);
}

static bool in_tiles(const px_job *job, size_t group) { return job->op == PX_OP_MATMUL && group == PX_TILE_ITEMS; }

/* What px_grid's first and last count: tiles or elements. */
static uint64_t grid_units(const px_job *job, size_t group)
{
    if (!in_tiles(job, group))
        return job->n;
    const uint64_t rows = job->n / job->cols;
    return (rows + PX_TILE - 1) / PX_TILE * ((job->cols + PX_TILE - 1) / PX_TILE);
}

/* Units of one launch, so that its work is bounded. */
static uint64_t grid_slice(const px_job *job, const px_session *s, size_t group)
{
    const uint64_t steps = (job->op == PX_OP_MATMUL ? job->depth : 1) * (in_tiles(job, group) ? group : 1);
    return s->slice / steps > 0 ? s->slice / steps : 1;
}

/* Units first to last - 1 of the instruction that px_grid's other arguments name. */
static cl_int enqueue_grid(px_session *s, const px_job *job, cl_uint first, cl_uint last)
{
    const cl_kernel kernel = s->kernel[PX_GRID].kernel;
    const size_t group = s->kernel[PX_GRID].group;
    const size_t wanted = in_tiles(job, group) ? last - first : (last - first + group - 1) / group;
    const size_t items = (wanted < s->grid_groups ? wanted : s->grid_groups) * group;
    cl_int code = clSetKernelArg(kernel, 4, sizeof first, &first);
    if (code == CL_SUCCESS)
        code = clSetKernelArg(kernel, 5, sizeof last, &last);
    if (code == CL_SUCCESS)
        code = clEnqueueNDRangeKernel(s->queue, kernel, 1, NULL, &items, &group, 0, NULL, NULL);
    return code;
}

/* The vector instruction that machine which has left to the whole device. */
static bool launch_grid(px_batch *b, px_session *s, size_t which, px_error *error)
{
    if (!px_session_ready(s, PX_GRID, error))
        return false;
    const px_job *job = &b->control[which].job;
    const cl_kernel kernel = s->kernel[PX_GRID].kernel;
    const size_t group = s->kernel[PX_GRID].group;
    const uint64_t units = grid_units(job, group), slice = grid_slice(job, s, group);
    const cl_uint machine = (cl_uint)which;
    cl_int code = clSetKernelArg(kernel, 0, sizeof(cl_mem), &b->machines_buffer);
    if (code == CL_SUCCESS)
        code = clSetKernelArg(kernel, 1, sizeof(cl_mem), &b->at_buffer);
    if (code == CL_SUCCESS)
        code = clSetKernelArg(kernel, 2, sizeof(cl_mem), &b->control_buffer);
    if (code == CL_SUCCESS)
        code = clSetKernelArg(kernel, 3, sizeof machine, &machine);
    for (uint64_t first = 0; first < units && code == CL_SUCCESS; first += slice) {
        code = enqueue_grid(s, job, (cl_uint)first, (cl_uint)(units - first < slice ? units : first + slice));
        if (code == CL_SUCCESS && slice < units)
            code = clFinish(s->queue);
    }
    return px_cl_ok(code, &s->device, "running px_grid", error);
}

bool px_batch_run(px_batch *b, px_session *s, px_use use, uint32_t grid, uint64_t budget, px_error *error)
{
    if (!px_session_ready(s, use, error))
        return false;
    for (size_t i = 0; i < b->count; i++)
        b->executed[i] = 0;
    while (allow_more(b, fuel_each(b, s), budget)) {
        if (!launch_run(b, s, use, grid, error))
            return false;
        bool moved = false;
        for (size_t i = 0; i < b->count; i++) {
            const px_control *c = &b->control[i];
            moved = moved || c->executed != 0 || c->status != PX_RUNNING || c->element != 0;
            b->executed[i] += c->executed;
            if (c->grid != 0 && !launch_grid(b, s, i, error))
                return false;
        }
        if (!moved)
            return px_fail(error, PX_E_SYSTEM, "opencl:%zu (%s) ran the kernel and executed no instruction",
                           s->device.index, s->device.name);
    }
    return true;
}

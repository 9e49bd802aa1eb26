/* fleet.c - see fleet.h.
 *
 * Whatever ends a run, the machine is as a budget of `executed` leaves it: slots in order, one unfinished at most,
 * those behind it untouched. A fleet obeys that only when it is complete. So a run is cancelled between fleets. A small
 * one, which its allowances hold to about a launch, is completed first. Of a large one, whose processes may have 2^32 -
 * 1 instructions each, the host keeps the slots before it begins: the first that is unfinished keeps what it has done,
 * and those behind it go back. */
#include "opencl/fleet.h"

#include <stdlib.h>

enum { MOST_PAIRS = 64 };
const double px_look_seconds = 0.005;

px_fleet *px_fleet_of(const px_launcher *b) { return (px_fleet *)(b->control + b->count); }

static cl_uint fleet_fuel(const px_context *s)
{
    const uint32_t fuel = (uint32_t)((uint64_t)s->fuel * s->side_by_side / s->fleet_groups);
    return fuel > 2 ? fuel : 2;
}

px_fleet_rule px_fleet_rule_of(const px_launcher *b, const px_context *s, const px_launch_how *how)
{
    const bool possible = b->count == 1 && how->use == PX_ONE && !b->no_fleets;
    px_fleet_rule rule = {.worth = possible ? how->fleet : 0,
                          .each = UINT32_MAX,
                          .all = UINT64_MAX, /* without a cancel, nothing has to be undone */
                          .lanes = b->lanes ? how->lanes : 0};
    if (how->cancel != NULL) {
        rule.each = fleet_fuel(s);
        rule.all = (cl_ulong)rule.each * s->fleet_groups;
    }
    return rule;
}

/* ---- launches ---- */

/* A fleet's kernel, its arguments named. */
static cl_int name_fleet(const px_launcher *b, px_context *s, px_use use)
{
    const cl_uint fuel = fleet_fuel(s);
    const px_argument number = PX_ARGUMENT(fuel);
    const cl_int code = px_name_machines(b, s->kernel[use].kernel);
    return code != CL_SUCCESS ? code : px_kernel_numbers(&s->kernel[use], 2, &number, 1);
}

cl_int px_fleet_enqueue(px_launcher *b, px_context *s, cl_kernel run, size_t items, size_t group)
{
    const px_kernel *fleet = &s->kernel[PX_FLEET], *lanes = &s->kernel[PX_SLOT_LANES];
    const size_t each = fleet->group, all = s->fleet_groups * each;
    const size_t lane = b->lanes ? lanes->group : 1, all_lanes = (1 + (s->lanes_at_once - 1) / lane) * lane;
    cl_int code = name_fleet(b, s, PX_FLEET);
    if (code == CL_SUCCESS && b->lanes)
        code = name_fleet(b, s, PX_SLOT_LANES);
    for (unsigned pair = 0; pair < b->pairs && code == CL_SUCCESS; pair++) {
        if (b->lanes)
            code = clEnqueueNDRangeKernel(s->queue, lanes->kernel, 1, NULL, &all_lanes, &lane, 0, NULL, NULL);
        if (code == CL_SUCCESS)
            code = clEnqueueNDRangeKernel(s->queue, fleet->kernel, 1, NULL, &all, &each, 0, NULL, NULL);
        if (code == CL_SUCCESS)
            code = clEnqueueNDRangeKernel(s->queue, run, 1, NULL, &items, &group, 0, NULL, NULL);
    }
    return code;
}

/* Pairs that found nothing to do are saved; where looks come too often, there are more of them. */
void px_fleet_learn(px_launcher *b, double seconds)
{
    const unsigned used = px_fleet_of(b)->launches;
    if (used < b->pairs)
        b->pairs = used;
    else if (seconds > 4 * px_look_seconds)
        b->pairs /= 2;
    else if (seconds < px_look_seconds)
        b->pairs *= 2;
    b->pairs = b->pairs < 1 ? 1 : b->pairs > MOST_PAIRS ? MOST_PAIRS : b->pairs;
}

/* ---- what a cancelled run needs ---- */

/* Words first to last - 1 of the slots that are kept, or of their allowances, to and from the machine. */
static cl_int copy_kept(const px_launcher *b, px_context *s, bool back, size_t machine, size_t kept, size_t words)
{
    const size_t word = sizeof(px_u32);
    if (words == 0)
        return CL_SUCCESS;
    machine += b->control[0].at;
    return back ? clEnqueueCopyBuffer(s->queue, b->kept, b->memory, kept * word, machine * word, words * word, 0, NULL,
                                      NULL)
                : clEnqueueCopyBuffer(s->queue, b->memory, b->kept, machine * word, kept * word, words * word, 0, NULL,
                                      NULL);
}

/* The slots from slot on and their allowances, kept or put back. */
static cl_int keep_from(const px_launcher *b, px_context *s, bool back, px_u32 slot)
{
    const px_fleet *f = px_fleet_of(b);
    const size_t before = slot - b->kept_first, count = f->last - slot;
    const size_t slots = (size_t)(f->last - b->kept_first) * f->size;
    cl_int code = copy_kept(b, s, back, f->slots + (size_t)slot * f->size, before * f->size, count * f->size);
    if (code == CL_SUCCESS)
        code = copy_kept(b, s, back, f->allowances + slot, slots + before, count);
    return code;
}

/* False when the device has no room for it. */
static bool make_room(px_launcher *b, px_context *s, size_t words)
{
    cl_int code;
    if (b->kept_room >= words)
        return true;
    if (b->kept != NULL)
        clReleaseMemObject(b->kept);
    b->kept = clCreateBuffer(s->cl, CL_MEM_READ_WRITE, words * sizeof(px_u32), NULL, &code);
    b->kept_room = b->kept != NULL ? words : 0;
    return b->kept != NULL;
}

/* Fleets of many slots begin in px_slot_lanes; the one that told so, too, if it has not begun. */
static bool prepare_lanes(px_launcher *b, px_context *s, const px_launch_how *how, px_error *error)
{
    px_fleet *f = px_fleet_of(b);
    if (b->lanes || how->lanes == 0 || f->most < how->lanes)
        return true;
    b->lanes = true;
    f->lanes = f->state == PX_FLEET_PLANNED;
    return how->ready == NULL || how->ready(s, PX_SLOT_LANES, error);
}

bool px_fleet_prepare(px_launcher *b, px_context *s, px_runner *runner, const px_launch_how *how, px_error *error)
{
    px_fleet *f = px_fleet_of(b);
    if (!prepare_lanes(b, s, how, error))
        return false;
    if (f->state == PX_FLEET_NONE)
        return true;
    if (how->ready != NULL && !how->ready(s, PX_FLEET, error))
        return false;
    runner->fleets = true;
    if (f->state != PX_FLEET_PLANNED || !f->large)
        return true;
    b->kept_first = f->first;
    b->kept_executed = runner->executed;
    if (!make_room(b, s, (size_t)(f->last - f->first) * (f->size + 1u))) {
        b->no_fleets = true;
        f->state = PX_FLEET_NONE;
        return true;
    }
    f->kept = 1;
    return px_cl_ok(keep_from(b, s, false, f->first), &s->device, "keeping the slots of a fleet", error);
}

/* What slots from b->kept_first to last have done since they were kept. */
static bool done_by(px_launcher *b, px_context *s, px_u32 last, uint64_t *done, px_error *error)
{
    const px_fleet *f = px_fleet_of(b);
    const size_t count = last - b->kept_first + 1u, bytes = count * sizeof(px_u32);
    px_u32 *now = malloc(2 * bytes);
    if (now == NULL)
        return px_fail(error, PX_E_SYSTEM, "no memory for the allowances of a fleet");
    const size_t at = (b->control[0].at + f->allowances + b->kept_first) * sizeof *now;
    const size_t kept = (size_t)(f->last - b->kept_first) * f->size * sizeof *now;
    cl_int code = clEnqueueReadBuffer(s->queue, b->memory, CL_TRUE, at, bytes, now, 0, NULL, NULL);
    if (code == CL_SUCCESS)
        code = clEnqueueReadBuffer(s->queue, b->kept, CL_TRUE, kept, bytes, now + count, 0, NULL, NULL);
    for (size_t i = 0; code == CL_SUCCESS && i < count; i++)
        *done += now[count + i] - now[i];
    free(now);
    return px_cl_ok(code, &s->device, "reading the allowances of a fleet", error);
}

/* Slots behind the first unfinished one go back, and what they did is not counted. */
static bool undo(px_launcher *b, px_context *s, px_runner *runner, px_error *error)
{
    const px_fleet *f = px_fleet_of(b);
    const size_t retired = (b->control[0].at + PX_M_RETIRED) * sizeof(px_u32);
    uint64_t done = 0;
    px_u32 count = 0;
    if (!done_by(b, s, f->first, &done, error))
        return false;
    const uint64_t executed = b->kept_executed + done;
    cl_int code = keep_from(b, s, true, f->first + 1u);
    if (code == CL_SUCCESS)
        code = clEnqueueReadBuffer(s->queue, b->memory, CL_TRUE, retired, sizeof count, &count, 0, NULL, NULL);
    count -= (px_u32)(runner->executed - executed);
    runner->executed = executed;
    if (code == CL_SUCCESS)
        code = clEnqueueWriteBuffer(s->queue, b->memory, CL_TRUE, retired, sizeof count, &count, 0, NULL, NULL);
    return px_cl_ok(code, &s->device, "undoing a part of a fleet", error);
}

bool px_fleet_cancel(px_launcher *b, px_context *s, px_runner *runner, bool *settled, px_error *error)
{
    px_fleet *f = px_fleet_of(b);
    *settled = f->state != PX_FLEET_BEGUN || f->large;
    if (f->state == PX_FLEET_BEGUN && f->large && !undo(b, s, runner, error))
        return false;
    if (*settled)
        f->state = PX_FLEET_NONE;
    else
        b->pairs = 1; /* soon there will be a look at which no other has begun */
    return true;
}

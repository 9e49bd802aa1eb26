/* parts.cl - px_parts: a scan, PACK, ARGMIN or ARGMAX of one machine, or of a machine in its slot, over the whole device. The
 * run is cut into stretches, a work-group at each, and takes three launches:
 *
 *   PX_PARTS_FOLD    each stretch becomes one part: a sum, a count, an extreme and where it stands
 *   PX_PARTS_JOIN    one work-group puts before each stretch what those before it come to, and all of them into the register
 *   PX_PARTS_STORE   each stretch is scanned or packed from there; an extreme has no need of it
 *
 * px_run has done the checks, retired the instruction and left it in control, as for px_grid. What they were not
 * launched for, PX_BY_.., is left alone: they may have been launched before anyone knew, and without the last pass. */

#ifdef ONLY_px_parts

/* Each part becomes what comes before it. */
void px_put_before(__global px_part *parts, uint begin, uint end, uint op, px_part before)
{
    for (uint k = begin; k < end; k++) {
        const px_part part = parts[k];
        parts[k] = before;
        before = part_join(op, before, part);
    }
}

/* Pixels of a stretch, when there may be so many stretches. No step of a work-group's is a part of one. */
uint px_stretch_of(uint n, uint stretches)
{
    const uint step = PX_WG > 1 ? PX_WG * PX_SLICE : 1u;
    return ((max(n, 1u) + stretches - 1u) / stretches + step - 1u) / step * step;
}

KERNEL px_parts(__global uint *machines, __global px_control *controls, uint which,
                __global px_part *parts, uint stretches, uint pass, uint launched_for)
{
    __local px_part sums[PX_WG];
    __global uint *machine = machines + controls[which].at + controls[which].slot;
    __global uint *m = machine + PX_M_IMAGE(machine[PX_M_W]);
    const px_job job = controls[which].job;
    const uint by = controls[which].grid != 0u ? controls[which].by & launched_for : 0u;
    if (!(by & (pass == PX_PARTS_STORE ? PX_BY_SCANS : PX_BY_SCANS | PX_BY_FOLDS)))
        pass = PX_PARTS_NONE;
    const uint item = get_local_id(0), group = get_group_id(0), stretch = px_stretch_of(job.n, stretches);
    const uint first = group * stretch, last = min(first + stretch, job.n);

    /* JOIN: a share of the parts for each work-item. */
    const uint count = (job.n + stretch - 1u) / stretch, share = (count + PX_WG - 1u) / PX_WG;
    const uint begin = min(item * share, count), end = min(begin + share, count);

    px_part carry = px_carry(&job), part = part_empty(job.op);
    if (pass == PX_PARTS_FOLD)
        part = px_reduce(m, &job, first + item, last, PX_WG);
    if (pass == PX_PARTS_JOIN)
        for (uint k = begin; k < end; k++)
            part = part_join(job.op, part, parts[k]);
    if (pass == PX_PARTS_STORE)
        carry = parts[group];

    const uint stores = pass == PX_PARTS_STORE, joins = pass == PX_PARTS_NONE ? 0u : PX_WG;
    const px_part all = px_stretch(m, &job, stores ? first : 0u, stores ? last : joins, stores, carry, part, sums, item);

    if (pass == PX_PARTS_FOLD && item == 0u)
        parts[group] = all;
    if (pass == PX_PARTS_JOIN) {
        px_put_before(parts, begin, end, job.op, item > 0u ? part_join(job.op, carry, sums[item - 1u]) : carry);
        if (item == 0u) {
            __global uint *result = machine + PX_M_REG + px_result_register(&job);
            *result = px_result(&job, part_join(job.op, carry, all), *result);
        }
    }
}

#endif

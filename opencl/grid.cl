/* grid.cl - px_grid: one vector instruction of one machine over the whole device.
 *
 * px_run has done the checks, retired the instruction and left it in control. Elements first..last-1 are done by this
 * launch: MATMUL comes in several. A reduction's register already holds the value of an empty run, and the parts join
 * it atomically; wrapping addition, minimum and maximum do not depend on the order. */

void px_join_register(volatile __global uint *r, uint op, uint value)
{
    if (op == OP_RMIN)
        atomic_min((volatile __global int *)r, as_int(value));
    else if (op == OP_RMAX)
        atomic_max((volatile __global int *)r, as_int(value));
    else
        atomic_add(r, value);
}

void px_join_local(volatile __local uint *r, uint op, uint value)
{
    if (op == OP_RMIN)
        atomic_min((volatile __local int *)r, as_int(value));
    else if (op == OP_RMAX)
        atomic_max((volatile __local int *)r, as_int(value));
    else
        atomic_add(r, value);
}

__kernel __attribute__((reqd_work_group_size(PX_WG, 1, 1))) void px_grid(__global uint *machines,
                                                                         __global const ulong *at,
                                                                         __global px_control *controls, uint which,
                                                                         uint first, uint last)
{
    __local uint total;
    __global uint *machine = machines + at[which];
    __global uint *m = machine + PX_M_IMAGE;
    const px_job job = controls[which].job;
    const uint item = get_global_id(0), items = get_global_size(0);
#if PX_WG == 1
    const uint share = (last - first + items - 1u) / items;
    const uint from = min(first + item * share, last), to = min(from + share, last);
#else
    const uint from = first + item, to = last;
#endif

    const uint reduction = px_is_reduction(job.op);

    /* The barriers stand outside every condition: pocl 3.1 makes wrong code of a barrier behind one. */
    if (get_local_id(0) == 0u)
        total = part_empty(job.op).value;
    barrier(CLK_LOCAL_MEM_FENCE);
    if (reduction)
        px_join_local(&total, job.op, px_reduce(m, &job, from, to, items).value);
    else
        px_elements(m, &job, from, to, items);
    barrier(CLK_LOCAL_MEM_FENCE);
    if (reduction && get_local_id(0) == 0u)
        px_join_register(&machine[PX_M_REG + job.a], job.op, total);
}

/* grid.cl - px_grid: one vector instruction of one machine, or of a machine in its slot, over the whole device.
 *
 * px_run has done the checks, retired the instruction and left it in control. Elements first..last-1 are done by this
 * launch, or tiles of MATMUL's C, which may come in several. With a last of 0 it was launched before anyone knew what px_run
 * leaves, and does that if it is px_grid's. A reduction's register already holds the value of an empty
 * run, and the parts join it atomically; wrapping addition, minimum and maximum do not depend on the order. */

#ifdef ONLY_px_grid

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

#if PX_WG == PX_TILE_ITEMS

/* Tiles first to last - 1 of C, a work-group at each: A's and B's rows pass through local memory, PX_TILE pixels of
 * each at a time, so that every pixel is read once a tile. Beyond the edges there are zeros, which add nothing. tiles
 * is the same for all work-items, 0 for any other instruction, so the barriers are met by all or none. */
void px_matmul_tiles(__global uint *m, const px_job *j, uint first, uint tiles, __local uint *a, __local uint *b)
{
    const uint x = get_local_id(0) % PX_TILE, y = get_local_id(0) / PX_TILE;
    const uint rows = j->op == OP_MATMUL ? j->n / j->cols : 0u, across = (j->cols + PX_TILE - 1u) / PX_TILE;

    for (uint tile = get_group_id(0); tile < tiles; tile += get_num_groups(0)) {
        const uint top = (first + tile) / across * PX_TILE, left = (first + tile) % across * PX_TILE;
        uint sum = 0u;
        for (uint k = 0u; k < j->depth; k += PX_TILE) {
            a[y * (PX_TILE + 1u) + x] = top + y < rows && k + x < j->depth ? m[j->s + (top + y) * j->y + k + x] : 0u;
            b[y * (PX_TILE + 1u) + x] =
                left + y < j->cols && k + x < j->depth ? m[j->t + (left + y) * j->z + k + x] : 0u;
            barrier(CLK_LOCAL_MEM_FENCE);
            for (uint i = 0u; i < PX_TILE; i++)
                sum += dot4(a[y * (PX_TILE + 1u) + i], b[x * (PX_TILE + 1u) + i]);
            barrier(CLK_LOCAL_MEM_FENCE);
        }
        if (top + y < rows && left + x < j->cols)
            m[j->d + (top + y) * j->x + left + x] += sum;
    }
}

#endif

KERNEL px_grid(__global uint *machines, __global px_control *controls, uint which, uint first,
               uint last)
{
    __local uint total;
#if PX_WG == PX_TILE_ITEMS
    __local uint a[PX_TILE * (PX_TILE + 1)], b[PX_TILE * (PX_TILE + 1)];
#endif
    __global uint *machine = machines + controls[which].at + controls[which].slot;
    __global uint *m = machine + PX_M_IMAGE(machine[PX_M_W]);
    px_job job = controls[which].job;
    const uint in_tiles = PX_WG == PX_TILE_ITEMS && job.op == OP_MATMUL;
    if (last == 0u && controls[which].grid != 0u && controls[which].at_once != 0u && controls[which].by == PX_BY_GRID)
        last = in_tiles ? px_tiles(&job, PX_TILE) : job.n;
    if (last == 0u)
        job.op = OP_HALT; /* which is nothing to do */
    const uint item = get_global_id(0), items = get_global_size(0);
#if PX_WG == 1
    const uint share = (last - first + items - 1u) / items;
    const uint from = min(first + item * share, last), to = min(from + share, last);
#else
    uint from = first + item;
    const uint to = last;
    if (first % 4u == 0u && px_quads(m, &job, first / 4u + item, last / 4u, items))
        from = last / 4u * 4u + item;
#endif

    const uint reduction = px_is_reduction(job.op);
    const uint tiles = in_tiles ? last - first : 0u; /* none where last is 0 */

    /* The barriers stand outside every condition: README.md has what pocl 3.1 makes of one behind a condition. */
    if (get_local_id(0) == 0u)
        total = part_empty(job.op).value;
    barrier(CLK_LOCAL_MEM_FENCE);
    if (reduction)
        px_join_local(&total, job.op, px_reduce(m, &job, from, to, items).value);
    else if (!tiles)
        px_elements(m, &job, from, to, items);
#if PX_WG == PX_TILE_ITEMS
    px_matmul_tiles(m, &job, first, tiles, a, b);
#endif
    barrier(CLK_LOCAL_MEM_FENCE);
    if (reduction && get_local_id(0) == 0u)
        px_join_register(&machine[PX_M_REG + job.a], job.op, total);
}

#endif

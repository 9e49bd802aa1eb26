/* fleet.cl - px_fleet_run: a fleet's slots, a work-group at each. What they retire is added up; that they are all within the
 * budget, px_run has seen to. */

/* What an unfinished slot waits for: the next launch of px_fleet_run, or px_run. */
void px_put_off(__global px_fleet *fleet, uint slot, uint next)
{
    atomic_min((volatile __global uint *)(next == LONG_JOB ? &fleet->blocked : &fleet->unfinished), slot);
}

void px_count_together(__global uint *machine, __global px_control *control, uint executed)
{
    if (executed == 0u)
        return;
    atomic_add((volatile __global uint *)&machine[PX_M_RETIRED], executed);
    if (atomic_add((volatile __global uint *)&control->executed, executed) > 0xFFFFFFFFu - executed)
        atomic_inc((volatile __global uint *)&control->carries);
}

KERNEL px_fleet_run(__global uint *machines, __global const ulong *at, __global px_control *control, uint fuel)
{
    __local uint r[256];
    __local px_part parts[PX_WG];
    __local px_shared shared;

    __global uint *machine = machines + at[0];
    __global px_fleet *fleet = (__global px_fleet *)(control + 1);
    const uint item = get_local_id(0);
    const uint runs = control->grid == 0u && fleet->state != PX_FLEET_NONE && (fleet->large == 0u || fleet->kept != 0u);
    const uint last = runs ? fleet->last : 0u, grid = fleet->grid;
    uint executed = 0u;
    px_job job;
    px_cpu cpu;

    for (uint k = fleet->first + get_group_id(0); k < last; k += get_num_groups(0)) {
        __global uint *slot = machine + fleet->slots + k * fleet->size;
        __global uint *allowance = machine + fleet->allowances + k;
        if (item == 0u) {
            shared.image = *allowance != 0u ? px_slot_image(slot, fleet->size) : 0u;
            if (shared.image != 0u && fuel == 0u) {
                px_put_off(fleet, k, DONE);
                shared.image = 0u;
            }
            cpu = px_cpu_of(slot);
        }
        BARRIER();
        const uint image = shared.image;
        for (uint x = item; x < (image != 0u ? 256u : 0u); x += PX_WG)
            r[x] = slot[PX_M_REG + x];
        BARRIER();
        for (;;) {
            if (item == 0u) {
                shared.next = image == 0u ? DONE
                                          : px_scalar(&cpu, r, slot + image, slot[PX_M_W], slot[PX_M_H], *allowance,
                                                      &fuel, grid, IN_FLEET, &job);
                shared.job = job;
            }
            BARRIER();
            if (shared.next != GROUP_JOB)
                break;
            job = shared.job;
            px_group_job(slot + image, &job, r, parts, item);
            BARRIER();
        }
        for (uint x = item; x < (image != 0u ? 256u : 0u); x += PX_WG)
            slot[PX_M_REG + x] = r[x];
        if (item == 0u && image != 0u) {
            px_cpu_put(slot, &cpu);
            *allowance -= cpu.executed;
            executed += cpu.executed;
            if (*allowance != 0u && cpu.status == STATUS_RUNNING)
                px_put_off(fleet, k, shared.next);
        }
        BARRIER();
    }
    if (item == 0u && runs) {
        px_count_together(machine, control, executed);
        if (get_group_id(0) == 0u) {
            control->moved = 1u;
            atomic_xchg((volatile __global uint *)&fleet->state, PX_FLEET_BEGUN);
        }
    }
}

/* fleet.cl - px_fleet_run: a fleet's slots, a work-group at each; px_slot_lanes: a work-item at each, as far as their code is
 * scalar, before px_fleet_run. What they retire is added up; that they are all within the budget, px_run has seen to. */

#if defined(ONLY_px_fleet_run) || defined(ONLY_px_slot_lanes)

uint px_fleet_runs(__global const px_control *control, __global const px_fleet *fleet)
{
    return control->grid == 0u && fleet->state != PX_FLEET_NONE && (fleet->large == 0u || fleet->kept != 0u);
}

void px_count_together(__global uint *machine, __global px_control *control, uint executed)
{
    if (executed == 0u)
        return;
    atomic_add((volatile __global uint *)&machine[PX_M_RETIRED], executed);
    if (atomic_add((volatile __global uint *)&control->executed, executed) > 0xFFFFFFFFu - executed)
        atomic_inc((volatile __global uint *)&control->carries);
}

#endif
#ifdef ONLY_px_fleet_run

/* What an unfinished slot waits for: the next launch of px_fleet_run, or px_run. */
void px_put_off(__global px_fleet *fleet, uint slot, uint next)
{
    atomic_min((volatile __global uint *)(next == LONG_JOB ? &fleet->blocked : &fleet->unfinished), slot);
}

/* What work-item 0 keeps of the slot that runs, and of its fleet. */
typedef struct px_member {
    px_cpu cpu;
    uint fuel, executed;
    uint slot, image; /* words from the outer machine's first; image 0: the slot is passed over */
} px_member;

/* Whether the machine is at an instruction that takes a group. */
uint px_at_group(__global const uint *slot, uint image)
{
    const uint pc = slot[PX_M_PC];
    return pc < slot[PX_M_W] * slot[PX_M_H] && px_takes_group(byte_of(slot[image + pc], 0));
}

/* The next slot, if it is ready and there is fuel. When px_slot_lanes has taken part, a slot in scalar code is its. */
void px_fleet_enter(OF_ITEM_0 px_member *s, __global const uint *machine, __global px_fleet *fleet, uint k)
{
    s->slot = fleet->slots + k * fleet->size;
    s->image = machine[fleet->allowances + k] != 0u ? px_slot_image(machine + s->slot, fleet->size) : 0u;
    if (s->image != 0u && (s->fuel == 0u || (fleet->lanes != 0u && !px_at_group(machine + s->slot, s->image)))) {
        px_put_off(fleet, k, DONE);
        s->image = 0u;
    }
    s->cpu = px_cpu_of(machine + s->slot);
}

uint px_fleet_step(OF_ITEM_0 px_member *s, __global uint *slot, uint allowance, uint grid, __local uint *r, px_job *job)
{
    px_cpu cpu = s->cpu;
    uint fuel = s->fuel;
    const uint next =
        px_scalar(&cpu, r, slot + s->image, slot[PX_M_W], slot[PX_M_H], allowance, &fuel, grid, IN_FLEET, job);
    s->cpu = cpu;
    s->fuel = fuel;
    return next;
}

/* The slot's machine back to memory; next is how it ended. */
void px_fleet_leave(OF_ITEM_0 px_member *s, __global uint *machine, __global px_fleet *fleet, uint k, uint next)
{
    const px_cpu cpu = s->cpu;
    __global uint *allowance = machine + fleet->allowances + k;
    px_cpu_put(machine + s->slot, &cpu);
    *allowance -= cpu.executed;
    s->executed += cpu.executed;
    if (*allowance != 0u && cpu.status == STATUS_RUNNING)
        px_put_off(fleet, k, next);
}

/* How many of the work-groups take slots, so that each takes as many: a few that come last would have the device for
 * themselves, and take no less time for that. */
uint px_abreast(uint slots, uint groups)
{
    const uint turns = max((slots + groups - 1u) / groups, 1u);
    return (slots + turns - 1u) / turns;
}

KERNEL px_fleet_run(__global uint *machines, __global px_control *control, uint fuel)
{
    __local uint r[256];
    __local px_part parts[PX_WG];
    __local px_shared shared; /* in: the slot; out: 0 when it is passed over */
    OF_ITEM_0 px_member s;

    __global uint *machine = machines + control->at;
    __global px_fleet *fleet = (__global px_fleet *)(control + 1);
    const uint item = get_local_id(0);
    const uint runs = px_fleet_runs(control, fleet), first = fleet->first, last = runs ? max(fleet->last, first) : first;
    const uint abreast = px_abreast(last - first, get_num_groups(0));
    px_job job;

    if (item == 0u) {
        s.fuel = fuel;
        s.executed = 0u;
    }
    for (uint k = first + get_group_id(0); k < (get_group_id(0) < abreast ? last : 0u); k += abreast) {
        if (item == 0u) {
            px_fleet_enter(&s, machine, fleet, k);
            shared.out = s.image;
            shared.in = s.slot;
            shared.image = s.slot + s.image;
        }
        BARRIER();
        const uint count = shared.out != 0u ? 256u : 0u;
        for (uint x = item; x < count; x += PX_WG)
            r[x] = machine[shared.in + PX_M_REG + x];
        BARRIER();
        for (;;) {
            if (item == 0u) {
                shared.next = DONE;
                if (count != 0u)
                    shared.next = px_fleet_step(&s, machine + s.slot, machine[fleet->allowances + k], fleet->grid, r, &job);
                if (shared.next == GROUP_JOB)
                    shared.job = job;
            }
            BARRIER();
            if (shared.next != GROUP_JOB)
                break;
            job = shared.job;
            px_group_job(machine + shared.image, &job, r, parts, item);
            BARRIER();
        }
        for (uint x = item; x < count; x += PX_WG)
            machine[shared.in + PX_M_REG + x] = r[x];
        if (item == 0u && count != 0u)
            px_fleet_leave(&s, machine, fleet, k, shared.next);
        BARRIER();
    }
    if (item == 0u && runs) {
        px_count_together(machine, control, s.executed);
        if (get_group_id(0) == 0u) {
            control->moved = 1u;
            atomic_xchg((volatile __global uint *)&fleet->state, PX_FLEET_BEGUN);
        }
    }
}

#endif

#ifdef ONLY_px_slot_lanes

/* Slot k as far as it goes; what it retired. stuck: it has come to an instruction that takes a group. */
uint px_lane_slot(__global uint *machine, __global const px_fleet *fleet, uint k, uint *fuel, uint *stuck)
{
    __global uint *slot = machine + fleet->slots + k * fleet->size, *allowance = machine + fleet->allowances + k;
    const uint image = *allowance != 0u ? px_slot_image(slot, fleet->size) : 0u;
    uint r[256 + CODE_PIXELS];
    px_job job;
    *stuck = 0u;
    if (image == 0u || *fuel == 0u)
        return 0u;
    px_cpu cpu = px_cpu_of(slot);
    px_registers_in(r, slot);
    *stuck = px_scalar(&cpu, r, slot + image, slot[PX_M_W], slot[PX_M_H], *allowance, fuel, 0u, IN_LANE, &job) == LONG_JOB;
    px_registers_out(slot, r);
    px_cpu_put(slot, &cpu);
    *allowance -= cpu.executed;
    return cpu.executed;
}

KERNEL px_slot_lanes(__global uint *machines, __global px_control *control, uint fuel)
{
    __local uint executed, stuck; /* of the group */
    __global uint *machine = machines + control->at;
    __global px_fleet *fleet = (__global px_fleet *)(control + 1);
    const uint last = fleet->lanes != 0u && px_fleet_runs(control, fleet) ? fleet->last : 0u;
    uint is_stuck;

    if (get_local_id(0) == 0u)
        executed = stuck = 0u;
    BARRIER();
    for (uint k = fleet->first + get_global_id(0); k < last; k += get_global_size(0)) {
        atomic_add(&executed, px_lane_slot(machine, fleet, k, &fuel, &is_stuck));
        if (is_stuck)
            atomic_inc(&stuck);
    }
    BARRIER();
    if (get_local_id(0) == 0u) {
        px_count_together(machine, control, executed);
        if (stuck != 0u)
            atomic_add((volatile __global uint *)&fleet->stuck, stuck);
    }
}

#endif

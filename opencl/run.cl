/* run.cl - px_run: one work-group runs one machine, and those in its slots, one after the other.
 *
 * Work-item 0 executes scalar code until it needs the others: for a vector instruction whose checks have passed, to find
 * the first slot of a RESUME that is ready, to exchange the registers when it goes into a slot or out. Each time the
 * group passes all three, and two of them have nothing to do, where barriers must not stand behind a condition. */

/* What work-item 0 tells the others. */
typedef struct px_shared {
    px_job job;
    uint next;
    uint image;   /* of the machine that runs, as words from the first of the machine that is in no slot */
    uint out, in; /* EXCHANGE: registers go from and to the machines there */
} px_shared;

/* What work-item 0 alone keeps. Where there are others it lies in local memory, or each of them would have registers for
 * it, and a GPU fewer work-groups at a time. */
#if PX_WG == 1
#define OF_ITEM_0
#else
#define OF_ITEM_0 __local
#endif

/* The machine that runs, and the RESUME that it runs in. */
typedef struct px_walk {
    px_cpu cpu;
    uint w, h, allow; /* cpu's */
    px_cpu outer;     /* while cpu is in a slot */
    uint allow_outer;
    uint slot, offset;   /* the slot's number, and words to it; offset 0: in none */
    uint entered;        /* it was in one */
    uint once;           /* a fleet's slot at a long instruction: that one, and no more */
    uint leaves;         /* what comes after the slot: DONE, or GRID_JOB for its long instruction */
    uint from, searched; /* slots before from are not ready; a RESUME under way has been searched once */
    px_job resume;
    uint fuel;
    ulong left; /* of the budget, when the launch began */
} px_walk;

/* What looking at so many slots takes out of the fuel, and going in and out of one. */
uint px_search_cost(uint slots) { return px_cost((ulong)slots * 32u); }
#define SLOT_COST 16u

/* The fuel of a launch after something that takes part of it; never so little that a slot is entered for nothing. */
uint px_spend(uint fuel, uint cost) { return fuel > cost ? fuel - cost : 1u; }

/* Whether the slots of the next fleet begin in px_slot_lanes: where there are at least so many, 0 for never. When a quarter
 * of the last one's came to vectors there, some fleets do without, more of them each time. */
uint px_by_lanes(__global px_fleet *fleet, uint slots, uint least)
{
    if (least == 0u || slots < least)
        return 0u;
    if (fleet->lanes != 0u) {
        fleet->rests = fleet->stuck > slots / 4u ? min(fleet->rests * 4u + 1u, 1024u) : 0u;
        fleet->rest = fleet->rests;
        fleet->stuck = 0u;
    }
    if (fleet->rest == 0u)
        return 1u;
    fleet->rest--;
    return 0u;
}

/* Whether the slots that may run side by side shall. Their allowances have to be worth a launch, and to belong to more
 * than one; then the fleet is planned. The more slots, the longer must an instruction be for all to wait while the
 * whole device does it. */
uint px_for_fleet(OF_ITEM_0 const px_walk *k, __local const px_found *found, uint worth, uint each, ulong all, uint grid,
                  uint lanes, uint image, __global px_fleet *fleet, __global const uint *m)
{
    const uint slots = found->beyond - found->first;
    if (worth == 0u || found->sum < worth || found->sum == m[k->resume.t + found->first])
        return 0u;
    fleet->slots = image + k->resume.d;
    fleet->size = k->resume.x;
    fleet->allowances = image + k->resume.t;
    fleet->first = found->first;
    fleet->last = found->beyond;
    fleet->grid = (uint)min((ulong)grid * clamp(slots / 8u, 1u, 16u), (ulong)0xFFFFFFFFu);
    fleet->large = found->most > each || found->sum > all;
    fleet->unfinished = fleet->blocked = PX_NO_SLOT;
    fleet->kept = 0u;
    fleet->most = max(fleet->most, slots);
    fleet->lanes = px_by_lanes(fleet, slots, lanes);
    fleet->state = PX_FLEET_PLANNED;
    return 1u;
}

/* Into the slot found: its machine becomes the one that runs. */
void px_enter(OF_ITEM_0 px_walk *k, __global const uint *machine, uint slot, uint image, __local px_shared *shared)
{
    const uint allowance = machine[image + k->resume.t + slot];
    k->slot = slot;
    k->offset = image + k->resume.d + slot * k->resume.x;
    k->entered = 1u;
    k->outer = k->cpu;
    k->allow_outer = k->allow;
    k->cpu = px_cpu_of(machine + k->offset);
    k->allow = min(k->once ? 1u : allowance, k->allow_outer - k->outer.executed);
    k->w = machine[k->offset + PX_M_W];
    k->h = machine[k->offset + PX_M_H];
    k->fuel = px_spend(k->fuel, px_search_cost(slot - min(slot, k->from)) + SLOT_COST);
    shared->out = 0u;
    shared->in = k->offset;
    shared->image = k->offset + PX_M_IMAGE(k->w);
}

/* Out of it. */
void px_leave(OF_ITEM_0 px_walk *k, __global uint *machine, uint image, __local px_shared *shared)
{
    const px_cpu cpu = k->cpu;
    px_cpu_put(machine + k->offset, &cpu);
    machine[image + k->resume.t + k->slot] -= cpu.executed;
    k->outer.executed += cpu.executed;
    k->cpu = k->outer;
    k->allow = k->allow_outer;
    k->w = machine[PX_M_W];
    k->h = machine[PX_M_H];
    k->from = k->slot;
    shared->out = k->offset;
    shared->in = 0u;
    shared->image = image;
    k->offset = 0u;
}

/* No slot is ready: RESUME retires. */
void px_resumed(OF_ITEM_0 px_walk *k)
{
    k->cpu.pc++;
    k->cpu.executed++;
    k->fuel = px_spend(k->fuel, px_search_cost(k->resume.n - min(k->resume.n, k->from))) - 1u;
    k->from = k->searched = 0u;
}

/* Adds what has retired to what the host reads. */
void px_count(__global px_control *control, uint executed)
{
    control->executed += executed;
    control->carries += control->executed < executed;
}

ulong px_left(__global const px_control *control)
{
    return control->allow - ((ulong)control->carries << 32 | control->executed);
}

/* The stopped or paused machine goes back to memory. */
void px_put(__global uint *machine, const px_cpu *cpu, const REGISTER *r, __global px_control *control)
{
    const uint waits = cpu->status == STATUS_WAITING;

    px_cpu_put(machine, cpu);
    px_count(control, cpu->executed);
    control->status = cpu->status;
    control->cause = cpu->cause;
    control->value = cpu->value;
    control->pc = cpu->pc;
    control->vl = cpu->vl;
    control->request = waits ? r[cpu->value & 255u] : 0u;
    control->argument = waits ? r[(cpu->value + 1u) & 255u] : 0u;
}

/* Whether a launch has nothing to do: the host must first see what the last one left, or px_fleet_run go on. What the last
 * one left is done when the kernel that does it was launched behind it, of those in chained. */
uint px_is_idle(__global const px_control *control, __global const px_fleet *fleet, uint chained)
{
    /* Everything is read before anything is compared: a GPU waits once. */
    const uint grid = control->grid, at_once = control->at_once, by = control->by;
    const uint state = fleet->state, unfinished = fleet->unfinished;
    return (grid != 0u && !(at_once && (chained & by))) || state == PX_FLEET_PLANNED ||
           (state == PX_FLEET_BEGUN && unfinished != PX_NO_SLOT);
}

/* After px_fleet_run has done all it can: goes on behind it, or does a slot's long instruction. */
void px_after_fleet(__global px_fleet *fleet, OF_ITEM_0 px_walk *k)
{
    const uint blocked = fleet->blocked;
    if (fleet->state == PX_FLEET_NONE)
        return;
    k->from = fleet->last;
    k->searched = 1u;
    k->once = blocked != PX_NO_SLOT;
    if (k->once)
        fleet->first = k->from = blocked;
    else
        fleet->state = PX_FLEET_NONE;
    fleet->blocked = PX_NO_SLOT;
}

/* px_fleet_run goes on; those before the first that it left are done. */
void px_fleet_again(__global px_fleet *fleet)
{
    if (fleet->state != PX_FLEET_BEGUN || fleet->unfinished == PX_NO_SLOT)
        return;
    fleet->first = min(fleet->unfinished, fleet->blocked);
    fleet->unfinished = fleet->blocked = PX_NO_SLOT;
}

/* Searches for the first slot that is ready, and the first time plans a fleet of those that may run side by side. */
void px_begin_search(OF_ITEM_0 px_walk *k, uint plans, __local px_found *found)
{
    found->from = k->from;
    found->end = k->resume.n;
    found->plan_end = plans && !k->searched ? k->resume.n : 0u;
    found->left = k->left - k->cpu.executed;
    found->first = PX_NO_SLOT;
    found->most = 0u;
    found->sum = 0u;
    k->searched = 1u;
}

#ifdef ONLY_px_run /* each kernel is compiled by itself */

/* What work-item 0 does before it goes on, when they have done what last says: it may be into a slot or out. GO_ON otherwise. */
uint px_before(OF_ITEM_0 px_walk *k, __global const uint *machine, uint image, uint last, __local px_shared *shared,
               __local const px_found *found)
{
    if (last == SEARCH && found->first != PX_NO_SLOT) {
        px_enter(k, machine, found->first, image, shared);
        return EXCHANGE;
    }
    if (last == SEARCH)
        px_resumed(k);
    return last == EXCHANGE && k->offset == 0u && (k->once || k->leaves == GRID_JOB) ? k->leaves : GO_ON;
}

/* And when it has come to what next says. */
uint px_behind(OF_ITEM_0 px_walk *k, __global uint *machine, uint image, uint plans, uint next, const px_job *job,
               __local px_shared *shared, __local px_found *found)
{
    if (next != DONE)
        shared->job = *job;
    if (next == SEARCH) {
        k->resume = *job;
        px_begin_search(k, plans, found);
    } else if (k->offset != 0u && next != GROUP_JOB) {
        k->leaves = next;
        px_leave(k, machine, image, shared);
        return EXCHANGE;
    }
    return next;
}

/* The machine goes on until work-item 0 needs the others or can go on no more. */
uint px_step(OF_ITEM_0 px_walk *k, __global uint *machine, uint image, __local uint *r, uint grid, uint plans,
             __local px_shared *shared, __local px_found *found, uint item)
{
    px_job job;
    px_cpu cpu = k->cpu;
    uint fuel = k->fuel;
    const uint next = px_go_on(&cpu, r, machine + shared->image, k->w, k->h, k->allow, &fuel, grid,
                               k->offset != 0u ? IN_SLOT : ALONE, &job, item);
    if (item != 0u)
        return next;
    k->cpu = cpu;
    k->fuel = fuel;
    return px_behind(k, machine, image, plans, next, &job, shared, found);
}

void px_begin(OF_ITEM_0 px_walk *k, __global const uint *machine, __global const px_control *control, uint fuel)
{
    k->cpu = px_cpu_of(machine);
    k->w = machine[PX_M_W];
    k->h = machine[PX_M_H];
    k->left = px_left(control);
    k->allow = (uint)min(k->left, (ulong)0xFFFFFFFFu);
    k->fuel = fuel;
    k->offset = k->from = k->searched = k->entered = k->once = 0u;
    k->leaves = DONE;
}

/* The instruction at which the group has stopped goes to the whole device. */
void px_leave_job(__global px_control *control, const px_job *job, uint slot, uint mma, ulong slice)
{
    const uint by = px_done_by(job, mma);
    control->job = *job;
    control->slot = slot;
    control->by = by;
    control->at_once = px_at_once(job, by, slice);
    control->grid = 1u;
}

/* worth: the least sum of allowances that makes a fleet, 0 for none. A fleet is large when one of its allowances is above
 * each, or all of them together above all. lanes: px_by_lanes. chained: the kernels that follow each launch, PX_BY_..; none, and no fleets, for
 * more than one machine. mma and slice: px_done_by, px_at_once. */
LIMITED_KERNEL px_run(__global uint *machines, __global px_control *controls, uint fuel, uint grid, uint worth, uint each,
                      ulong all, uint lanes, uint chained, uint mma, ulong slice)
{
    __local uint r[256];
    __local px_part parts[PX_WG];
    __local ulong sums[PX_WG];
    __local px_shared shared;
    __local px_found found;

    __global px_control *control = controls + get_group_id(0);
    __global uint *machine = machines + control->at;
    __global px_fleet *fleet = (__global px_fleet *)(controls + get_num_groups(0));
    const uint item = get_local_id(0), image = PX_M_IMAGE(machine[PX_M_W]), classic = machine[PX_M_PROFILE] == 0u;
    const uint idle = worth != 0u || chained ? px_is_idle(control, fleet, chained) : 0u;
    uint next = DONE;
    OF_ITEM_0 px_walk k;
    px_job job;

    for (uint x = item; x < 256u; x += PX_WG)
        r[x] = machine[PX_M_REG + x];
    if (item == 0u) {
        shared.image = image;
        px_begin(&k, machine, control, fuel);
    }
    BARRIER();

    if (item == 0u && idle) {
        px_fleet_again(fleet);
    } else if (item == 0u && (worth != 0u || chained)) {
        control->chained |= control->grid != 0u ? control->by : 0u;
        control->grid = 0u;
        px_after_fleet(fleet, &k);
        fleet->launches += k.cpu.status == STATUS_RUNNING && k.left != 0u;
    }
    if (item == 0u && !idle && control->answers != 0u) {
        r[k.cpu.value & 255u] = control->answer;
        k.cpu.status = STATUS_RUNNING;
        k.cpu.value = 0u;
        control->answers = 0u;
        control->moved = 1u;
    }
    for (;;) {
        if (item == 0u && !idle) {
            const uint found_some = next == SEARCH && found.first != PX_NO_SLOT;
            if (classic) {
                px_cpu cpu = k.cpu;
                next = px_classic_run(&cpu, machine + image, k.w, k.h, k.allow, fuel, control);
                k.cpu = cpu;
            } else if (found_some && px_for_fleet(&k, &found, worth, each, all, grid, lanes, image, fleet, machine + image)) {
                next = FLEET;
            } else {
                next = px_before(&k, machine, image, next, &shared, &found);
            }
        }
        if (item < PX_LEADERS && px_team_has(next) == GO_ON)
            next = px_step(&k, machine, image, r, grid, worth, &shared, &found, item);
        if (item == 0u)
            shared.next = next;
        BARRIER();
        next = shared.next;
        if (next != GROUP_JOB && next != SEARCH && next != EXCHANGE)
            break;
        job = shared.job;
        if (ALL_OF_THEM || next == GROUP_JOB) {
            job.op = next == GROUP_JOB ? job.op : OP_RESUME;
            px_group_job(machine + shared.image, &job, r, parts, item);
        }
        if (ALL_OF_THEM || next == SEARCH) {
            const uint end = next == SEARCH ? found.end : 0u;
            px_search(machine + image, &job, found.from, end, &found, item);
            px_plan(machine + image, &job, found.from, min(end, found.plan_end), found.left, &found, sums, item);
        }
        if (ALL_OF_THEM || next == EXCHANGE)
            px_exchange(machine + shared.out, machine + shared.in, r, next == EXCHANGE ? 256u : 0u, item);
        BARRIER();
    }
    if (item == 0u && !idle) {
        const px_cpu cpu = k.cpu;
        control->moved |= cpu.executed != 0u || k.entered || next == FLEET;
        px_put(machine, &cpu, r, control);
        if (next == GRID_JOB) {
            job = shared.job;
            px_leave_job(control, &job, k.leaves == GRID_JOB ? shared.out : 0u, mma, slice);
        }
    }
    for (uint x = item; x < (idle ? 0u : 256u); x += PX_WG)
        machine[PX_M_REG + x] = r[x];
}

#endif

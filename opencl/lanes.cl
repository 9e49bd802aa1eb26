/* lanes.cl - px_lanes: each work-item runs a machine, as far as its code is scalar.
 *
 * Where there are thousands of machines, their scalar code keeps more of a GPU's lanes busy so than by a work-group each.
 * A machine at an instruction that takes a work-group stops before it, and many.c gives it to px_run. */

#ifdef CODE_PIXELS

/* A machine's registers, there and back. Neighbours' lie far apart, so four at a time where they begin at a multiple of 16
 * bytes. */
void px_registers_in(uint *r, __global const uint *machine)
{
    __global const uint *from = machine + PX_M_REG;
    const uint quads = ((ulong)from & 15u) == 0u ? 64u : 0u;
    for (uint q = 0u; q < quads; q++) {
        const uint4 x = ((__global const uint4 *)from)[q];
        r[4u * q] = x.x;
        r[4u * q + 1u] = x.y;
        r[4u * q + 2u] = x.z;
        r[4u * q + 3u] = x.w;
    }
    for (uint x = 4u * quads; x < 256u; x++)
        r[x] = from[x];
}

void px_registers_out(__global uint *machine, const uint *r)
{
    __global uint *to = machine + PX_M_REG;
    const uint quads = ((ulong)to & 15u) == 0u ? 64u : 0u;
    for (uint q = 0u; q < quads; q++)
        ((__global uint4 *)to)[q] = (uint4)(r[4u * q], r[4u * q + 1u], r[4u * q + 2u], r[4u * q + 3u]);
    for (uint x = 4u * quads; x < 256u; x++)
        to[x] = r[x];
}

#endif
#ifdef ONLY_px_lanes

KERNEL px_lanes(__global uint *machines, __global px_control *controls, uint fuel, uint count)
{
    const uint which = get_global_id(0);
    if (which >= count)
        return;
    __global px_control *control = controls + which;
    if (control->allow == 0u && control->answers == 0u)
        return;
    __global uint *machine = machines + control->at;
    const uint w = machine[PX_M_W], h = machine[PX_M_H];
    uint r[256 + CODE_PIXELS];
    px_cpu cpu = px_cpu_of(machine);
    px_job job;

    px_registers_in(r, machine);
    if (control->answers != 0u) {
        r[cpu.value & 255u] = control->answer;
        cpu.status = STATUS_RUNNING;
        cpu.value = 0u;
        control->answers = 0u;
        control->moved = 1u;
    }
    control->grouped = machine[PX_M_PROFILE] == 0u;
    if (!control->grouped)
        control->grouped = px_scalar(&cpu, r, machine + PX_M_IMAGE(w), w, h, (uint)min(px_left(control), (ulong)0xFFFFFFFFu),
                                     &fuel, 0u, IN_LANE, &job) == LONG_JOB;
    control->moved |= cpu.executed != 0u || control->grouped;
    px_put(machine, &cpu, r, control);
    px_registers_out(machine, r);
}

#endif

/* slots.cl - RESUME's slots (SPEC.md section 5): which are ready, which may run side by side, and how a group goes into
 * one and out again. */

#define MAGIC_STATE 0x01535850u
#define V1          1u

/* Words from a slot's first to the image of the machine in it, or 0 when none there can run. Everything is read before
 * anything is compared: a GPU waits once. */
uint px_slot_image(__global const uint *slot, uint size)
{
    const uint magic = slot[PX_M_MAGIC], profile = slot[PX_M_PROFILE], w = slot[PX_M_W], h = slot[PX_M_H];
    const uint pc = slot[PX_M_PC], vl = slot[PX_M_VL];
    const uint stopped = slot[PX_M_STATUS] | slot[PX_M_CAUSE] | slot[PX_M_VALUE];
    if (magic != MAGIC_STATE || profile != V1 || stopped != 0u || w == 0u || h == 0u)
        return 0u;
    const uint image = PX_M_IMAGE(w);
    return image <= size && h <= (size - image) / w && pc <= w * h && vl <= w * h ? image : 0u;
}

/* What slot k of the RESUME j may still do: 0 when it is not ready. */
uint px_slot_allowance(__global const uint *m, const px_job *j, uint k)
{
    const uint allowance = m[j->t + k];
    return allowance != 0u && px_slot_image(m + j->d + k * j->x, j->x) != 0u ? allowance : 0u;
}

/* A search, and what it finds. */
typedef struct px_found {
    uint from, end, plan_end; /* in: slots from to end - 1; plan_end: as far as they are to be planned, 0 for not at all */
    ulong left;               /* in: of the budget */
    uint first;  /* the first slot that is ready, or PX_NO_SLOT */
    uint beyond; /* the allowances of those before this one are together within the budget */
    uint most;   /* the largest allowance */
    ulong sum;   /* of the allowances before beyond */
} px_found;

void px_search(__global const uint *m, const px_job *j, uint from, uint end, __local px_found *found, uint item)
{
    for (uint k = from + item; k < end; k += PX_WG)
        if (px_slot_allowance(m, j, k) != 0u) {
            atomic_min(&found->first, k);
            break;
        }
}

/* The prefix rule: the first slots from from on whose allowances are together at most left. Each work-item adds up
 * neighbours, then all add up the sums before theirs, and the one in whose share the limit is looks for it. */
void px_plan(__global const uint *m, const px_job *j, uint from, uint end, ulong left, __local px_found *found,
             __local ulong *sums, uint item)
{
    const uint share = from < end ? (end - from + PX_WG - 1u) / PX_WG : 0u, active = from < end ? PX_WG : 0u;
    const uint begin = min(from + item * share, end), stop = min(begin + share, end);
    uint most = 0u;
    ulong sum = 0u;
    for (uint k = begin; k < stop; k++) {
        const uint allowance = px_slot_allowance(m, j, k);
        most = max(most, allowance);
        sum += allowance;
    }
    ulong through = sum;
    for (uint reach = 1u; reach < active; reach *= 2u) {
        sums[item] = through;
        BARRIER();
        if (item >= reach)
            through += sums[item - reach];
        BARRIER();
    }
    ulong before = through - sum;
    if (most != 0u)
        atomic_max(&found->most, most);
    if (through <= left && item + 1u == active) {
        found->beyond = end;
        found->sum = through;
    }
    if (before <= left && through > left) {
        uint k = begin, allowance = px_slot_allowance(m, j, k);
        while (before + allowance <= left) {
            before += allowance;
            allowance = px_slot_allowance(m, j, ++k);
        }
        found->beyond = k;
        found->sum = before;
    }
}

/* The registers in local memory go to the machine at out, and become those of the machine at in; count is 256, or 0 when
 * nothing is to be exchanged. */
void px_exchange(__global uint *out, __global const uint *in, __local uint *r, uint count, uint item)
{
    INDEPENDENT for (uint x = item; x < count; x += PX_WG)
        out[PX_M_REG + x] = r[x];
    INDEPENDENT for (uint x = item; x < count; x += PX_WG)
        r[x] = in[PX_M_REG + x];
}

px_cpu px_cpu_of(__global const uint *machine)
{
    px_cpu cpu;
    cpu.pc = machine[PX_M_PC];
    cpu.vl = machine[PX_M_VL];
    cpu.status = machine[PX_M_STATUS];
    cpu.cause = machine[PX_M_CAUSE];
    cpu.value = machine[PX_M_VALUE];
    cpu.executed = 0u;
    return cpu;
}

void px_cpu_put(__global uint *machine, const px_cpu *cpu)
{
    machine[PX_M_PC] = cpu->pc;
    machine[PX_M_VL] = cpu->vl;
    machine[PX_M_STATUS] = cpu->status;
    machine[PX_M_CAUSE] = cpu->cause;
    machine[PX_M_VALUE] = cpu->value;
    machine[PX_M_RETIRED] += cpu->executed;
}

/* group.cl - what the work-items of a group do together: the effect of a vector instruction. Reductions and scans put one
 * part for each work-item together in local memory.
 *
 * Barriers stand only where every work-item passes: in loops whose bounds all of them read from local memory, and on a CPU
 * never behind a condition, be it the same for all (README.md has what pocl 3.1 makes of it). */

#if PX_WG == 1
#define BARRIER()
#else
#define BARRIER() barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE)
#endif

/* All work-items take the same way, so barriers may stand behind a condition, and on a GPU they do, where there are phases
 * that most instructions have no need of: with all of them in a row px_run has 8 work-groups in a unit of an H200, where
 * it can have 16. pocl gets them in a row (README.md). */
#define ALL_OF_THEM (PX_WG > 1 && PX_CPU)

/* The elements that one work-item holds of one step of a scan or pack. Every source of the step is in registers before
 * the first pixel is written, so that d = s needs nothing more. */
typedef struct px_slice {
    uint pixel[PX_SLICE], count, first;
    uint taken; /* PACK: bit k for pixel[k] */
} px_slice;

/* The loops over a slice have a fixed length, so that a GPU's compiler unrolls them and keeps the slice in registers.
 */
px_part px_slice_load(__global uint *m, const px_job *j, uint first, uint end, px_slice *slice)
{
    px_part part = part_empty(j->op);
    slice->first = first;
    slice->count = first < end ? min(end - first, PX_SLICE) : 0u;
    slice->taken = 0u;
    for (uint k = 0u; k < PX_SLICE; k++) {
        if (k >= slice->count)
            continue;
        const uint x = m[j->s + first + k];
        slice->pixel[k] = x;
        if (j->op == OP_PACK) {
            const uint take = m[j->t + first + k] != 0u ? 1u : 0u;
            slice->taken |= take << k;
            part.value += take;
        } else {
            part = part_join(j->op, part, part_of(x, 0u));
        }
    }
    return part;
}

void px_slice_store(__global uint *m, const px_job *j, const px_slice *slice, px_part before)
{
    for (uint k = 0u; k < PX_SLICE; k++) {
        if (k >= slice->count)
            continue;
        if (j->op != OP_PACK) {
            m[j->d + slice->first + k] = before.value;
            before = part_join(j->op, before, part_of(slice->pixel[k], 0u));
        } else if (slice->taken >> k & 1u) {
            m[j->d + before.value++] = slice->pixel[k];
        }
    }
}

/* The same for one work-item alone: elements first to end - 1 in order; a pixel goes to where it or an earlier one came
 * from. */
px_part px_ordered(__global uint *m, const px_job *j, uint first, uint end, px_part carry)
{
    __global uint *d = m + j->d, *s = m + j->s, *t = m + j->t;
    uint value = carry.value;
    if (j->op == OP_PACK) {
        for (uint i = first; i < end; i++)
            if (t[i] != 0u)
                d[value++] = s[i];
    } else if (j->op == OP_SCANADD) {
        for (uint i = first; i < end; i++) {
            const uint x = s[i];
            d[i] = value;
            value += x;
        }
    } else {
        for (uint i = first; i < end; i++) {
            const uint x = s[i];
            d[i] = value;
            value = word_MAX(value, x);
        }
    }
    return part_of(value, 0u);
}

/* The register that an instruction leaves its result in, and what that is; old is what was there. */
uint px_result_register(const px_job *j) { return j->op == OP_SCANADD || j->op == OP_SCANMAX ? j->c : j->a; }

uint px_result(const px_job *j, px_part total, uint old)
{
    switch (j->op) {
    case OP_ARGMIN:
    case OP_ARGMAX:
        return j->n == 0u ? 0u : total.index;
    case OP_VDOT:
    case OP_PACK:
        return old + total.value;
    default:
        return total.value;
    }
}

/* What the scan or pack starts from; a fold starts from nothing. */
px_part px_carry(const px_job *j)
{
    return j->op == OP_SCANADD || j->op == OP_SCANMAX ? part_of(j->x, 0u) : part_empty(j->op);
}

#if PX_WG == 1

px_part px_stretch(__global uint *m, const px_job *j, uint first, uint last, uint ordered, px_part carry, px_part part,
                   __local px_part *parts, uint item)
{
    return ordered ? px_ordered(m, j, first, last, carry) : part;
}

void px_group_job(__global uint *m, const px_job *j, __local uint *r, __local px_part *parts, uint item)
{
    const uint to = px_result_register(j);
    if (px_is_ordered(j->op))
        r[to] = px_result(j, px_ordered(m, j, 0u, j->n, px_carry(j)), r[to]);
    else if (px_is_reduction(j->op))
        r[to] = px_result(j, px_reduce(m, j, 0u, j->n, 1u), r[to]);
    else
        px_elements(m, j, 0u, j->n, 1u);
}

#else

/* Leaves in parts[item] the join of the parts up to item's own; in that of the last active one, of all. */
#if PX_PTX && PX_WG % 32 == 0

/* What the work-item reach before this one has, of the 32 that run in step; x where there is none. */
uint px_from_before(uint x, uint reach)
{
    uint y;
    asm volatile("shfl.sync.up.b32 %0, %1, %2, 0, 0xffffffff;" : "=r"(y) : "r"(x), "r"(reach));
    return y;
}

/* All take the same way, so that they meet at each exchange: what is not to be joined is chosen, not passed by. Those in step
 * join theirs first, then each joins the wholes of those before. */
void px_join_parts(uint op, px_part part, __local px_part *parts, uint item, uint active)
{
    const uint lane = item % 32u;
    px_part before = part_empty(op);
    for (uint reach = 1u; reach < min(active, 32u); reach *= 2u) {
        px_part other;
        other.value = px_from_before(part.value, reach);
        other.index = px_from_before(part.index, reach);
        other = part_join(op, other, part);
        part.value = lane >= reach ? other.value : part.value;
        part.index = lane >= reach ? other.index : part.index;
    }
    parts[item] = part;
    BARRIER();
    if (active <= 32u)
        return;
    for (uint whole = 31u; whole < item - lane; whole += 32u)
        before = part_join(op, before, parts[whole]);
    BARRIER();
    parts[item] = part_join(op, before, part);
    BARRIER();
}

#else

void px_join_parts(uint op, px_part part, __local px_part *parts, uint item, uint active)
{
    parts[item] = part;
    for (uint reach = 1u; reach < active; reach *= 2u) {
        BARRIER();
        px_part other = part_empty(op);
        if (item >= reach)
            other = parts[item - reach];
        BARRIER();
        part = part_join(op, other, part);
        parts[item] = part;
    }
    BARRIER();
}

#endif

/* Elements first to last - 1 by all work-items. In order, that is a scan or pack, and carry comes before them; otherwise
 * each work-item brings its part, and that is put together. Returns what comes behind them, or the whole. */
px_part px_stretch(__global uint *m, const px_job *j, uint first, uint last, uint ordered, px_part carry, px_part part,
                   __local px_part *parts, uint item)
{
    const uint n = last - first;
    const uint each = ordered ? clamp((n + PX_WG - 1u) / PX_WG, 1u, PX_SLICE) : 1u;
    const uint active = clamp((n + each - 1u) / each, 1u, (uint)PX_WG);
    const uint stride = active * each; /* elements of one step */
    const uint end = ordered ? last : first + 1u;
    px_slice slice;

    for (uint base = first; base < end; base += stride) {
        if (ordered)
            part = px_slice_load(m, j, base + item * each, item < active ? min(base + (item + 1u) * each, last) : 0u,
                                 &slice);
        px_join_parts(j->op, part, parts, item, active);
        if (ordered) {
            px_part before = carry;
            if (item > 0u)
                before = part_join(j->op, carry, parts[item - 1u]);
            px_slice_store(m, j, &slice, before);
            carry = part_join(j->op, carry, parts[active - 1u]);
        }
        BARRIER();
    }
    return ordered ? carry : parts[active - 1u];
}

void px_group_job(__global uint *m, const px_job *j, __local uint *r, __local px_part *parts, uint item)
{
    const uint ordered = px_is_ordered(j->op), reduction = px_is_reduction(j->op), to = px_result_register(j);
    px_part part = part_empty(j->op);

    if (!ordered && !reduction)
        px_elements(m, j, item, j->n, PX_WG);
    if (reduction)
        part = px_reduce(m, j, item, j->n, PX_WG);
    if (ALL_OF_THEM || ordered || reduction)
        part = px_stretch(m, j, 0u, ordered || reduction ? j->n : 1u, ordered, px_carry(j), part, parts, item);
    if (item == 0u && (ordered || reduction))
        r[to] = px_result(j, part, r[to]);
}

#endif

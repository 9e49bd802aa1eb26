/* group.cl - what the work-items of a group do together: the effect of a vector instruction. Reductions and scans put one
 * part for each work-item together in local memory.
 *
 * Barriers stand only where every work-item passes: in loops whose bounds all of them read from local memory, and never
 * behind a condition, be it the same for all (README.md has what pocl 3.1 makes of it). */

#if PX_WG == 1
#define BARRIER()
#else
#define BARRIER() barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE)
#endif

/* The elements that one work-item holds of one step of a scan or pack. Every source of the step is in registers before
 * the first pixel is written, so that d = s needs nothing more. */
#define PX_SLICE 8u

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

/* The same for one work-item alone: the whole run in order; a pixel goes to where it or an earlier one came from. */
px_part px_ordered(__global uint *m, const px_job *j, px_part carry)
{
    __global uint *d = m + j->d, *s = m + j->s, *t = m + j->t;
    const uint n = j->n;
    uint value = carry.value;
    if (j->op == OP_PACK) {
        for (uint i = 0u; i < n; i++)
            if (t[i] != 0u)
                d[value++] = s[i];
    } else if (j->op == OP_SCANADD) {
        for (uint i = 0u; i < n; i++) {
            const uint x = s[i];
            d[i] = value;
            value += x;
        }
    } else {
        for (uint i = 0u; i < n; i++) {
            const uint x = s[i];
            d[i] = value;
            value = word_MAX(value, x);
        }
    }
    return part_of(value, 0u);
}

/* The register that an instruction leaves its result in. */
void px_result(__local uint *r, const px_job *j, px_part total)
{
    switch (j->op) {
    case OP_ARGMIN:
    case OP_ARGMAX:
        r[j->a] = j->n == 0u ? 0u : total.index;
        break;
    case OP_VDOT:
    case OP_PACK:
        r[j->a] += total.value;
        break;
    case OP_SCANADD:
    case OP_SCANMAX:
        r[j->c] = total.value;
        break;
    default:
        r[j->a] = total.value;
        break;
    }
}

/* What the scan or pack starts from. */
px_part px_carry(const px_job *j) { return part_of(j->op == OP_PACK ? 0u : j->x, 0u); }

#if PX_WG == 1

void px_group_job(__global uint *m, const px_job *j, __local uint *r, __local px_part *parts, uint item)
{
    if (px_is_ordered(j->op))
        px_result(r, j, px_ordered(m, j, px_carry(j)));
    else if (px_is_reduction(j->op))
        px_result(r, j, px_reduce(m, j, 0u, j->n, 1u));
    else
        px_elements(m, j, 0u, j->n, 1u);
}

#else

/* The last of the active work-items ends up with the join of all parts; each, with those up to its own. */
px_part px_join_parts(uint op, px_part part, __local px_part *parts, uint item, uint active)
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
    return part;
}

void px_group_job(__global uint *m, const px_job *j, __local uint *r, __local px_part *parts, uint item)
{
    const uint ordered = px_is_ordered(j->op), reduction = px_is_reduction(j->op);
    const uint each = ordered ? clamp((j->n + PX_WG - 1u) / PX_WG, 1u, PX_SLICE) : 1u;
    const uint active = ordered || reduction ? clamp((j->n + each - 1u) / each, 1u, (uint)PX_WG) : 1u;
    const uint stride = active * each; /* elements of one step */
    const uint end = ordered ? j->n : 1u;
    px_part carry = px_carry(j), part = part_empty(j->op);
    px_slice slice;

    if (!ordered && !reduction)
        px_elements(m, j, item, j->n, PX_WG);
    if (reduction)
        part = px_reduce(m, j, item, j->n, PX_WG);
    for (uint base = 0u; base < end; base += stride) {
        if (ordered)
            part = px_slice_load(m, j, base + item * each, item < active ? min(base + (item + 1u) * each, j->n) : 0u,
                                 &slice);
        const px_part joined = px_join_parts(j->op, part, parts, item, active);
        if (ordered) {
            px_part before = carry;
            if (item > 0u)
                before = part_join(j->op, carry, parts[item - 1u]);
            px_slice_store(m, j, &slice, before);
            carry = part_join(j->op, carry, parts[active - 1u]);
        } else {
            part = joined;
        }
        BARRIER();
    }
    if (item == 0u) {
        if (ordered)
            px_result(r, j, carry);
        else if (reduction)
            px_result(r, j, parts[active - 1u]);
    }
}

#endif

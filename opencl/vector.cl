/* vector.cl - the effects of the vector instructions, for however many work-items share one.
 *
 * PX_WG is the size of the work-group, PX_SHARED whether other work-groups are at the same instruction. With one
 * work-item the loops run straight from first to end, which a CPU's compiler turns into its vector instructions; with
 * more, item i takes the elements i, i + step, i + 2*step, .. so that neighbours read neighbours.
 *
 * In a map, element i is read and written by the same iteration and runs are the same or disjoint, so any order gives
 * the result that SPEC.md section 6 asks for. The image is never const or restrict: runs may be the same. */

#if PX_WG == 1
#define STEP        1u
#define INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#else
#define STEP step
#define INDEPENDENT
#endif
#define EACH for (uint i = first; i < end; i += STEP)

#if PX_WG == 1 && !PX_SHARED
#define ADD_TO(pixel, x) (*(pixel) += (x))
#else
#define ADD_TO(pixel, x) atomic_add((volatile __global uint *)(pixel), (x))
#endif

uint matmul_element(__global uint *a, __global uint *b, uint depth)
{
    uint sum = 0u;
    for (uint k = 0u; k < depth; k++)
        sum += dot4(a[k], b[k]);
    return sum;
}

/* Elements first, first + step, .. below end of every instruction that has no order among its elements and leaves
 * nothing in a register. */
void px_elements(__global uint *m, const px_job *j, uint first, uint end, uint step)
{
    __global uint *d = m + j->d, *s = m + j->s, *t = m + j->t;
    const uint x = j->x, y = j->y, z = j->z;

#define MAP(id, f)                                                                                                     \
    case OP_##id:                                                                                                      \
        INDEPENDENT EACH d[i] = f;                                                                                     \
        break;
#define MAP_VV(id, fn)  MAP(id, word_##fn(s[i], t[i]))
#define MAP_VX(id, fn)  MAP(id, word_##fn(s[i], x))
#define MAP_BVV(id, fn) MAP(id, EACH_BYTE(byte_##fn, s[i], t[i]))
#define MAP_BVX(id, fn) MAP(id, EACH_BYTE(byte_##fn, s[i], x))

    switch (j->op) {
        PX_CLASS_VV(MAP_VV)
        PX_CLASS_VX(MAP_VX)
        PX_CLASS_BVV(MAP_BVV)
        PX_CLASS_BVX(MAP_BVX)
        MAP(FILL, x)
        MAP(IOTA, y + i * x)
        MAP(SELECT, t[i] != 0u ? s[i] : d[i])
        MAP(BLEND, blend(s[i], d[i]))
        MAP(DOT4_VV, dot4(s[i], t[i]))
        MAP(DOT4_VX, dot4(s[i], x))
        MAP(LUT, pixel_of(t[byte_of(s[i], 0)], t[byte_of(s[i], 1)] >> 8, t[byte_of(s[i], 2)] >> 16,
                          t[byte_of(s[i], 3)] >> 24))
        MAP(REQ, pixel_of(requantise(s[4u * i], x, y, z), requantise(s[4u * i + 1u], x, y, z),
                          requantise(s[4u * i + 2u], x, y, z), requantise(s[4u * i + 3u], x, y, z)))
    case OP_GATHER:
        EACH
        {
            const uint at = t[i];
            d[i] = at < y ? s[at] : 0u;
        }
        break;
    case OP_COPYS:
        EACH d[i * y] = s[i * z];
        break;
    case OP_SCATADD:
        EACH if (t[i] < y) ADD_TO(&d[t[i]], s[i]);
        break;
    case OP_MATMUL:
        EACH
        {
            const uint row = i / j->cols, col = i % j->cols;
            d[row * x + col] += matmul_element(s + row * y, t + col * z, j->depth);
        }
        break;
    }
}

/* What is left of a reduction, a scan or a pack when its elements have been put together: a sum, count or extreme,
 * and for ARGMIN and ARGMAX where it stands. */
typedef struct px_part {
    uint value, index;
} px_part;

px_part part_of(uint value, uint index)
{
    px_part part;
    part.value = value;
    part.index = index;
    return part;
}

/* The part of no elements. Its index loses against any real one. */
px_part part_empty(uint op)
{
    switch (op) {
    case OP_RMIN:
    case OP_ARGMIN:
        return part_of(0x7FFFFFFFu, 0xFFFFFFFFu);
    case OP_RMAX:
    case OP_ARGMAX:
    case OP_SCANMAX:
        return part_of(0x80000000u, 0xFFFFFFFFu);
    default:
        return part_of(0u, 0xFFFFFFFFu);
    }
}

px_part part_join(uint op, px_part p, px_part q)
{
    switch (op) {
    case OP_RMIN:
        return part_of(word_MIN(p.value, q.value), 0u);
    case OP_RMAX:
    case OP_SCANMAX:
        return part_of(word_MAX(p.value, q.value), 0u);
    case OP_ARGMIN:
    case OP_ARGMAX:
        if (p.value == q.value)
            return part_of(p.value, min(p.index, q.index));
        return (op == OP_ARGMIN) == (as_int(p.value) < as_int(q.value)) ? p : q;
    default:
        return part_of(p.value + q.value, 0u);
    }
}

/* The part of the elements first, first + step, .. below end. Of a scan or pack: what they add to those behind them. */
px_part px_reduce(__global uint *m, const px_job *j, uint first, uint end, uint step)
{
    __global uint *s = m + j->s, *t = m + j->t;
    px_part part = part_empty(j->op);
    uint value = part.value;

    switch (j->op) {
    case OP_SUM:
    case OP_SCANADD:
        EACH value += s[i];
        break;
    case OP_PACK:
        EACH value += t[i] != 0u ? 1u : 0u;
        break;
    case OP_VDOT:
        EACH value += dot4(s[i], t[i]);
        break;
    case OP_RMIN:
    case OP_ARGMIN:
        EACH value = word_MIN(value, s[i]);
        break;
    case OP_RMAX:
    case OP_ARGMAX:
    case OP_SCANMAX:
        EACH value = word_MAX(value, s[i]);
        break;
    }
    part.value = value;
    if (j->op == OP_ARGMIN || j->op == OP_ARGMAX)
        for (uint i = first; i < end; i += STEP)
            if (s[i] == value) {
                part.index = i;
                break;
            }
    return part;
}

#define IS(id, fn) || op == OP_##id

/* A register made of runs. */
uint px_is_reduction(uint op) { return 0 PX_SHAPE_FOLD1(IS) PX_SHAPE_FOLD2(IS); }

uint px_is_ordered(uint op) { return op == OP_SCANADD || op == OP_SCANMAX || op == OP_PACK; }

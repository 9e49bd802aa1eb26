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

/* The maps whose element i is made of elements i alone: X(id, which runs are read, element), where S, T and D are the
 * elements of the runs at s, t and d. */
#define MAPS(X)                                                                                                        \
    PX_CLASS_VV(MAP_VV)                                                                                                \
    PX_CLASS_VX(MAP_VX)                                                                                                \
    PX_CLASS_BVV(MAP_BVV)                                                                                              \
    PX_CLASS_BVX(MAP_BVX)                                                                                              \
    X(FILL, NOTHING, x)                                                                                                \
    X(IOTA, NOTHING, y + i * x)                                                                                        \
    X(SELECT, S_T_D, T != 0u ? S : D)                                                                                  \
    X(BLEND, S_D, blend(S, D))                                                                                         \
    X(DOT4_VV, S_T, dot4(S, T))                                                                                        \
    X(DOT4_VX, S_, dot4(S, x))                                                                                         \
    X(LUT, S_, pixel_of(t[byte_of(S, 0)], t[byte_of(S, 1)] >> 8, t[byte_of(S, 2)] >> 16, t[byte_of(S, 3)] >> 24))
#define MAP_VV(id, fn)  MAP(id, S_T, word_##fn(S, T))
#define MAP_VX(id, fn)  MAP(id, S_, word_##fn(S, x))
#define MAP_BVV(id, fn) MAP(id, S_T, EACH_BYTE(byte_##fn, S, T))
#define MAP_BVX(id, fn) MAP(id, S_, EACH_BYTE(byte_##fn, S, x))

#define READ_NOTHING
#define READ_S_    const uint S = s[i];
#define READ_S_T   READ_S_ const uint T = t[i];
#define READ_S_D   READ_S_ const uint D = d[i];
#define READ_S_T_D READ_S_T const uint D = d[i];
#define MAP(id, reads, element)                                                                                        \
    case OP_##id:                                                                                                      \
        INDEPENDENT EACH                                                                                               \
        {                                                                                                              \
            READ_##reads d[i] = element;                                                                               \
        }                                                                                                              \
        break;

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

    switch (j->op) {
        MAPS(MAP)
    case OP_REQ:
        INDEPENDENT EACH d[i] = pixel_of(requantise(s[4u * i], x, y, z), requantise(s[4u * i + 1u], x, y, z),
                                         requantise(s[4u * i + 2u], x, y, z), requantise(s[4u * i + 3u], x, y, z));
        break;
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

#undef MAP
#if PX_SHARED && PX_WG > 1

/* Four elements at a time, where the runs begin at a multiple of 16 bytes: a GPU's memory is faster so. Quads first, first +
 * step, .. below end of a map; 0 when it is none, or its runs do not begin so. */
#define ALIGNED_NOTHING (ulong)d
#define ALIGNED_S_      (ulong)d | (ulong)s
#define ALIGNED_S_T     ALIGNED_S_ | (ulong)t
#define ALIGNED_S_D     ALIGNED_S_
#define ALIGNED_S_T_D   ALIGNED_S_T
#define QUAD(run)       *(__global const uint4 *)(run + 4u * q)
#define QUADS_NOTHING
#define QUADS_S_    const uint4 S4 = QUAD(s);
#define QUADS_S_T   QUADS_S_ const uint4 T4 = QUAD(t);
#define QUADS_S_D   QUADS_S_ const uint4 D4 = QUAD(d);
#define QUADS_S_T_D QUADS_S_T const uint4 D4 = QUAD(d);
#define PART_NOTHING(k)
#define PART_S_(k)    const uint S = S4.k;
#define PART_S_T(k)   PART_S_(k) const uint T = T4.k;
#define PART_S_D(k)   PART_S_(k) const uint D = D4.k;
#define PART_S_T_D(k) PART_S_T(k) const uint D = D4.k;
#define PART(reads, k, number, element)                                                                                \
    {                                                                                                                  \
        const uint i = 4u * q + number;                                                                                \
        PART_##reads(k) out.k = element;                                                                               \
    }
#define MAP(id, reads, element)                                                                                        \
    case OP_##id:                                                                                                      \
        if ((ALIGNED_##reads)&15u)                                                                                     \
            return 0u;                                                                                                 \
        for (uint q = first; q < end; q += step) {                                                                     \
            uint4 out;                                                                                                 \
            QUADS_##reads PART(reads, x, 0u, element) PART(reads, y, 1u, element) PART(reads, z, 2u, element)          \
                PART(reads, w, 3u, element)                                                                            \
            *(__global uint4 *)(d + 4u * q) = out;                                                                     \
        }                                                                                                              \
        return 1u;

uint px_quads(__global uint *m, const px_job *j, uint first, uint end, uint step)
{
    __global uint *d = m + j->d, *s = m + j->s, *t = m + j->t;
    const uint x = j->x, y = j->y;
    switch (j->op) {
        MAPS(MAP)
    }
    return 0u;
}

#undef MAP
#endif

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

/* The extreme and where it first stands. A CPU has vector instructions for the extreme alone and finds its place after that;
 * a GPU reads no pixel twice. */
#if PX_WG == 1
#define FIRST_OF(better, extreme)                                                                                      \
    EACH extreme;                                                                                                      \
    for (uint i = first; i < end && part.index == 0xFFFFFFFFu; i += STEP)                                              \
    part.index = s[i] == value ? i : part.index
#else
#define FIRST_OF(better, extreme)                                                                                      \
    EACH if (better || part.index == 0xFFFFFFFFu)                                                                      \
    {                                                                                                                  \
        value = s[i];                                                                                                  \
        part.index = i;                                                                                                \
    }
#endif

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
    case OP_ARGMIN:
        FIRST_OF(as_int(s[i]) < as_int(value), value = word_MIN(value, s[i]));
        break;
    case OP_ARGMAX:
        FIRST_OF(as_int(s[i]) > as_int(value), value = word_MAX(value, s[i]));
        break;
    case OP_RMIN:
        EACH value = word_MIN(value, s[i]);
        break;
    case OP_RMAX:
    case OP_SCANMAX:
        EACH value = word_MAX(value, s[i]);
        break;
    }
    part.value = value;
    return part;
}

#define IS(id, fn) || op == OP_##id

/* A register made of runs. */
uint px_is_reduction(uint op) { return 0 PX_SHAPE_FOLD1(IS) PX_SHAPE_FOLD2(IS); }

uint px_is_ordered(uint op) { return op == OP_SCANADD || op == OP_SCANMAX || op == OP_PACK; }

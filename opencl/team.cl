/* team.cl - runs that are too short to share: the first work-items of a group do them, without the others.
 *
 * Between two instructions of a work-group lie two barriers, a job in local memory, and the way of every work-item to it: on a GPU
 * more than what a run of 64 pixels takes. So there the 32 that run in step, the team, do short ones. Item 0 executes scalar
 * code; at a vector instruction all of them read it, check it and do it, and those behind it, until there is one that is not
 * theirs. What that is, item 0 finds out in the usual way. They decide each for itself, from the same registers and pixels: nobody
 * writes any before all have read them, and nobody reads before all have written. */

#if PX_TEAM > 1
#define PX_LEADERS PX_TEAM

/* All of the team are here, and see what each has written. */
void px_team_sync(void) { asm volatile("bar.warp.sync 0xffffffff;" : : : "memory"); }

/* What item 0 has. */
uint px_of_first(uint x)
{
    uint y;
    asm volatile("shfl.sync.idx.b32 %0, %1, 0, 0x1f, 0xffffffff;" : "=r"(y) : "r"(x));
    return y;
}

/* What the work-item has whose number differs by that bit. */
uint px_of_other(uint x, uint bit)
{
    uint y;
    asm volatile("shfl.sync.bfly.b32 %0, %1, %2, 0x1f, 0xffffffff;" : "=r"(y) : "r"(x), "r"(bit));
    return y;
}

/* An address as it is: the compiler would add up anew, for each access, what it knows it is the sum of. */
__global uint *px_opaque(__global uint *m)
{
    asm volatile("" : "+l"(m));
    return m;
}

__local uint *px_opaque_local(__local uint *r)
{
    asm volatile("" : "+l"(r));
    return r;
}
#else
#define PX_LEADERS 1u
void px_team_sync(void) {}
uint px_of_first(uint x) { return x; }
uint px_of_other(uint x, uint bit) { return x; }
__global uint *px_opaque(__global uint *m) { return m; }
__local uint *px_opaque_local(__local uint *r) { return r; }
#endif

/* The same, and the team sees what it has written. */
uint px_team_has(uint x)
{
    px_team_sync();
    return px_of_first(x);
}

#if PX_TEAM

/* What the team does at most; more is better off with the group. */
#define TEAM_PIXELS 512u

/* Elements that one work-item has of a step: all that a GPU has of it it asks for before it waits for any. */
#define TEAM_EACH 4u
#define FEW       _Pragma("unroll") for (uint k = 0u; k < TEAM_EACH; k++)

/* The same for products, and how many elements of C it has at most. */
#define PRODUCT_EACH  8u
#define PRODUCTS      _Pragma("unroll") for (uint p = 0u; p < PRODUCT_EACH; p++)
#define TEAM_PRODUCTS 64u

/* The team's instructions, with their shapes. */
#define TEAM_MAP2(id, fn) [OP_##id] = PLAIN_MAP2,
#define TEAM_MAP1(id, fn) [OP_##id] = PLAIN_MAP1,
__constant uchar px_teams[256] = {PX_CLASS_VV(TEAM_MAP2) PX_CLASS_VX(TEAM_MAP1)[OP_DOT4_VV] = PLAIN_MAP2,
                                  [OP_DOT4_VX] = PLAIN_MAP1,
                                  [OP_FILL] = PLAIN_MAKE,
                                  [OP_IOTA] = PLAIN_MAKE,
                                  [OP_SELECT] = PLAIN_UPDATE2,
                                  [OP_SUM] = PLAIN_FOLD1,
                                  [OP_RMIN] = PLAIN_FOLD1,
                                  [OP_RMAX] = PLAIN_FOLD1,
                                  [OP_VDOT] = PLAIN_FOLD2};

/* A step: elements of the runs at s and t. Work-items that have none in the last one have the last one's, so that nothing stands
 * behind a condition; they write what another does, too. */
#define TEAM_LOAD                                                                                                      \
    uint at[TEAM_EACH], x[TEAM_EACH], y[TEAM_EACH];                                                                    \
    FEW at[k] = min(step + item + k * PX_TEAM, n - 1u);                                                                \
    FEW x[k] = s_run[at[k]];                                                                                           \
    FEW y[k] = t_run[at[k]];
#define TEAM_STEP (TEAM_EACH * PX_TEAM)

#define TEAM_CASE(id, element)                                                                                         \
    case OP_##id:                                                                                                      \
        FEW x[k] = element;                                                                                            \
        break;
#define TEAM_WORDS(id, fn)                                                                                             \
    case OP_##id & 15u:                                                                                                \
        FEW x[k] = word_##fn(x[k], y[k]);                                                                              \
        break;

/* A map. Of a run that the instruction does not have d's is read, which lies in the image. isa.def numbers the words' alike, for a
 * run and for a register. */
void px_team_map(__global uint *m, uint op, uint shape, uint d, uint s, uint t, uint n, uint item)
{
    __global uint *d_run = px_opaque(m + d), *s_run = px_opaque(m + (shape & HAS_S ? s : d));
    __global uint *t_run = px_opaque(m + (shape & HAS_T ? t : d));
    uint step = 0u;
    do {
        TEAM_LOAD
        FEW y[k] = shape & HAS_T ? y[k] : t;
        if (op < OP_BADD_VV) {
            switch (op & 15u) {
                PX_CLASS_VX(TEAM_WORDS)
            }
        } else {
            switch (op) {
                TEAM_CASE(DOT4_VV, dot4(x[k], y[k]))
                TEAM_CASE(DOT4_VX, dot4(x[k], y[k]))
                TEAM_CASE(FILL, t)
                TEAM_CASE(IOTA, s + at[k] * t)
                TEAM_CASE(SELECT, y[k] != 0u ? x[k] : d_run[at[k]])
            }
        }
        px_team_sync();
        FEW d_run[at[k]] = x[k];
        step += TEAM_STEP;
    } while (step < n);
}

#define TEAM_FOLD(id, join, first, element)                                                                            \
    case OP_##id:                                                                                                      \
        total = first;                                                                                                 \
        do {                                                                                                           \
            TEAM_LOAD                                                                                                  \
            FEW total = join(total, element);                                                                          \
            step += TEAM_STEP;                                                                                         \
        } while (step < n);                                                                                            \
        _Pragma("unroll") for (uint bit = 1u; bit < PX_TEAM; bit *= 2u)                                                \
            total = join(total, px_of_other(total, bit));                                                              \
        break;
/* All bits where the work-item has an element, as so few are numbered. */
#define TEAM_HAS(k) word_SAR(step + item + (k)*PX_TEAM - n, 31)

/* A reduction that needs no index. */
void px_team_fold(__global uint *m, uint op, uint shape, __local uint *to, uint s, uint t, uint n, uint item)
{
    __global uint *s_run = px_opaque(m + s), *t_run = px_opaque(m + (shape & HAS_T ? t : s));
    uint total = 0u, step = 0u;
    switch (op) {
        TEAM_FOLD(SUM, word_ADD, 0u, x[k] & TEAM_HAS(k))
        TEAM_FOLD(RMIN, word_MIN, 0x7FFFFFFFu, x[k])
        TEAM_FOLD(RMAX, word_MAX, 0x80000000u, x[k])
        TEAM_FOLD(VDOT, word_ADD, (item == 0u ? *to : 0u), dot4(x[k], y[k]) & TEAM_HAS(k))
    }
    if (item == 0u)
        *to = total;
}

/* COPYS, where all numbers are small; the long way has the others. */
uint px_team_copy(__global uint *m, __local uint *r, uint i, uint pixels, uint n, uint item)
{
    const uint d = r[byte_of(i, 1)], s = r[byte_of(i, 2)], y = REG(byte_of(i, 1) + 1u), z = REG(byte_of(i, 2) + 1u);
    const uint of_d = (n - 1u) * y + 1u, of_s = (n - 1u) * z + 1u;
    if (max(y, z) >> 20 != 0u || y == 0u || max(d, s) >= pixels || d + of_d > pixels || s + of_s > pixels ||
        (d < s + of_s && s < d + of_d))
        return 0u;
    px_team_sync();
    for (uint k = item; k < n; k += PX_TEAM)
        m[d + k * y] = m[s + k * z];
    return 1u;
}

/* A small MATMUL: neighbours add up an element of C together. */
void px_team_product(__global uint *m, const px_job *j, uint item)
{
    uint share = 1u;
    while (share * 2u * j->n <= PX_TEAM && share < j->depth)
        share *= 2u;
    px_team_sync();
    for (uint begin = 0u; begin < j->n; begin += PX_TEAM / share) {
        const uint e = begin + item / share, element = min(e, j->n - 1u);
        const uint row = element / j->cols, col = element % j->cols;
        __global uint *a = m + (j->s + row * j->y), *b = m + (j->t + col * j->z), *c = m + (j->d + row * j->x + col);
        uint sum = 0u;
        for (uint first = item % share; first < j->depth; first += share * PRODUCT_EACH) {
            uint x[PRODUCT_EACH], y[PRODUCT_EACH];
            PRODUCTS
            {
                const uint k = min(first + p * share, j->depth - 1u);
                x[p] = a[k];
                y[p] = b[k];
            }
            PRODUCTS sum += first + p * share < j->depth ? dot4(x[p], y[p]) : 0u;
        }
        for (uint bit = 1u; bit < share; bit *= 2u)
            sum += px_of_other(sum, bit);
        if (e < j->n && item % share == 0u)
            *c += sum;
    }
}

/* MATMUL, where all numbers are small; the long way has the others. */
uint px_team_matmul(__global uint *m, __local uint *r, uint a, uint pixels, uint grid, uint item)
{
    const uint rows = REG(a + 6u);
    px_job j;
    j.d = r[a];
    j.x = REG(a + 1u);
    j.s = REG(a + 2u);
    j.y = REG(a + 3u);
    j.t = REG(a + 4u);
    j.z = REG(a + 5u);
    j.cols = REG(a + 7u);
    j.depth = REG(a + 8u);
    if ((max(max(rows, j.cols), j.depth) > 255u) | (max(max(j.x, j.y), j.z) >> 18 != 0u))
        return 0u;
    j.n = rows * j.cols;
    const uint of_d = (rows - 1u) * j.x + j.cols, of_s = (rows - 1u) * j.y + j.depth, of_t = (j.cols - 1u) * j.z + j.depth;
    if ((j.n == 0u) | (j.depth == 0u) | (j.n > TEAM_PRODUCTS) | (j.x < j.cols) | (grid != 0u && j.n * j.depth / 8u + 1u >= grid) |
        (max(max(j.d, j.s), j.t) >= pixels) | (j.d + of_d > pixels) | (j.s + of_s > pixels) | (j.t + of_t > pixels) |
        ((j.d < j.s + of_s) & (j.s < j.d + of_d)) | ((j.d < j.t + of_t) & (j.t < j.d + of_d)))
        return 0u;
    px_team_product(m, &j, item);
    return 1u;
}

/* The vector instructions from pc on that are the team's; cpu and fuel are the same for all of it. Fuel is counted roughly, and
 * for all in one. */
void px_team_run(px_cpu *cpu, __local uint *r, __global uint *m, uint pixels, uint allow, uint *fuel, uint grid, uint item)
{
    const uint n = cpu->vl, most = grid == 0u ? TEAM_PIXELS : min(TEAM_PIXELS, grid - 1u), begin = cpu->pc;
    if ((n - 1u >= most) | (begin >= pixels) | (cpu->executed >= allow) | (*fuel == 0u))
        return;
    const uint end = begin + min(min(allow - cpu->executed, pixels - begin), *fuel / 16u + 1u);
    uint pc = begin;
    do {
        const uint i = m[pc], op = byte_of(i, 0), shape = px_teams[op];
        const uint d = r[byte_of(i, 1)], s = r[byte_of(i, 2)], t = r[byte_of(i, 3)];
        if (op < FIRST_VECTOR)
            break;
        if ((shape != 0u) & px_plain_fits(shape, n, pixels, d, s, t)) {
            if (shape & HAS_D)
                px_team_map(m, op, shape, d, s, t, n, item);
            else
                px_team_fold(m, op, shape, r + byte_of(i, 1), s, t, n, item);
        } else if (!(op == OP_COPYS ? px_team_copy(m, r, i, pixels, n, item)
                                    : op == OP_MATMUL && px_team_matmul(m, r, byte_of(i, 1), pixels, grid, item))) {
            break;
        }
        px_team_sync();
    } while (++pc != end);
    cpu->pc = pc;
    cpu->executed += pc - begin;
    *fuel -= min(*fuel, (pc - begin) * 8u);
}

/* The scalar instructions from pc on; SHORT at a vector instruction which was not the team's when so many had retired. */
uint px_alone(px_cpu *cpu, __local uint *r, __global uint *m, uint w, uint h, uint allow, uint *fuel, uint grid, uint where,
              px_job *job)
{
    const uint refused = cpu->executed;
    for (;;) {
        if (px_straight(cpu, r, m, w * h, allow, fuel) & (cpu->executed != refused))
            return SHORT;
        if (cpu->executed >= allow || *fuel == 0u)
            return DONE;
        const uint next = px_scalar(cpu, r, m, w, h, cpu->executed + 1u, fuel, grid, where, job);
        if (next != DONE || cpu->status != STATUS_RUNNING)
            return next;
    }
}

/* px_scalar by item 0, and what it comes to that is the team's. All of the team get what it returns, and cpu; job has item 0. */
uint px_go_on(px_cpu *cpu, __local uint *r, __global uint *m, uint w, uint h, uint allow, uint *fuel, uint grid, uint where,
              px_job *job, uint item)
{
    m = px_opaque(m);
    r = px_opaque_local(r);
    if (cpu->status != STATUS_RUNNING)
        return DONE;
    for (;;) {
        uint next = DONE;
        px_team_run(cpu, r, m, w * h, allow, fuel, grid, item);
        px_team_sync();
        if (item == 0u)
            next = px_alone(cpu, r, m, w, h, allow, fuel, grid, where, job);
        next = px_of_first(next);
        cpu->pc = px_of_first(cpu->pc);
        cpu->vl = px_of_first(cpu->vl);
        cpu->executed = px_of_first(cpu->executed);
        *fuel = px_of_first(*fuel);
        px_team_sync();
        if (next != SHORT)
            return next;
    }
}

#elif defined(ONLY_px_run)

uint px_go_on(px_cpu *cpu, __local uint *r, __global uint *m, uint w, uint h, uint allow, uint *fuel, uint grid, uint where,
              px_job *job, uint item)
{
    return px_scalar(cpu, r, m, w, h, allow, fuel, grid, where, job);
}

#endif

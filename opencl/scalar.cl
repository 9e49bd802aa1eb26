/* scalar.cl - what work-item 0 does alone: fetch, scalar instructions, traps, and the checks of vector instructions.
 *
 * In px_lanes and px_slot_lanes every work-item does, for a machine of its own. There registers are private memory, which a GPU interleaves, so
 * that neighbours that name the same register read one line; behind them lies the code around the pc, for the same
 * reason. Nothing else keeps pixels: a store goes to both. */

#if defined(ONLY_px_lanes) || defined(ONLY_px_slot_lanes)
#define REGISTER    uint
#define CODE_PIXELS 128u
/* Where the code that is kept begins; the same for machines at the same loop, wherever in it they are. */
uint px_code_base(uint pc) { return (max(pc, CODE_PIXELS / 2u) & ~(CODE_PIXELS / 2u - 1u)) - CODE_PIXELS / 2u; }
#define FETCH(at) ((at) - base < CODE_PIXELS ? r[256u + (at) - base] : m[at])
#define KEEP(at)                                                                                                       \
    if ((at) - base < CODE_PIXELS)                                                                                     \
    r[256u + (at) - base] = m[at]
#else
#define REGISTER  __local uint
#define FETCH(at) m[at]
#define KEEP(at)
#endif

typedef struct px_cpu {
    uint pc, vl, status, cause, value;
    uint executed; /* in this launch */
} px_cpu;

/* What work-item 0 wants next: the effect of a vector instruction by its group, or by the whole device; the first slot of
 * a RESUME that is ready; other registers; a fleet; or nothing more. LONG_JOB: a fleet's slot or a lane is not to go on.
 * SHORT: a vector instruction by its team (team.cl). GO_ON: nothing. */
enum { DONE, GROUP_JOB, GRID_JOB, SEARCH, EXCHANGE, FLEET, LONG_JOB, SHORT, GO_ON };

/* Where the machine is: in no slot; in one, and the others wait; in one of a fleet; in a work-item by itself. */
enum { ALONE, IN_SLOT, IN_FLEET, IN_LANE };

uint px_trap(px_cpu *cpu, uint cause, uint value)
{
    cpu->status = STATUS_TRAPPED;
    cpu->cause = cause;
    cpu->value = value;
    return DONE;
}

/* A run as the checks see it; lengths are exact. */
typedef struct px_extent {
    uint base;
    ulong length;
} px_extent;

uint outside(px_extent x, uint pixels) { return x.length != 0u && (x.length > pixels || x.base > pixels - x.length); }

uint overlap(px_extent x, px_extent y, uint same_is_fine)
{
    if (x.length == 0u || y.length == 0u || (same_is_fine && x.base == y.base && x.length == y.length))
        return 0u;
    return x.base < y.base + y.length && y.base < x.base + x.length;
}

/* The interval that count pixels touch, stride apart. */
ulong bounding(uint count, uint stride, uint last) { return (ulong)(count - 1u) * stride + last; }

#define REG(x)       r[(x)&255u]
#define CASE(id, fn) case OP_##id:

/* What the effect of an instruction takes besides its runs. Returns whether run a overlaps itself. */
uint px_parameters(px_job *job, REGISTER *r, uint a, uint b, uint c)
{
    switch (job->op) {
    case OP_COPYS:
        job->y = REG(a + 1u);
        job->z = REG(b + 1u);
        return job->n > 1u && job->y == 0u;
    case OP_GATHER:
        job->y = REG(b + 1u);
        break;
    case OP_SCATADD:
        job->y = REG(a + 1u);
        break;
    case OP_REQ:
        job->y = REG(c + 1u) & 31u;
        job->z = REG(c + 2u);
        break;
    case OP_MATMUL:
        job->s = REG(a + 2u);
        job->t = REG(a + 4u);
        job->x = REG(a + 1u);
        job->y = REG(a + 3u);
        job->z = REG(a + 5u);
        job->cols = REG(a + 7u);
        job->depth = REG(a + 8u);
        job->n = job->cols != 0u && job->depth != 0u ? REG(a + 6u) * job->cols : 0u;
        return job->x < job->cols;
    }
    return 0u;
}

/* The lengths of isa.def's shapes, of the operand x. */
#define LENGTH_NO(x)      0u
#define LENGTH_VL(x)      vl
#define LENGTH_VL4(x)     (ulong)vl * 4u
#define LENGTH_TABLE(x)   256u
#define LENGTH_COUNT(x)   REG(x + 1u)
#define LENGTH_STRIDED(x) bounding(vl, REG(x + 1u), 1u)
#define LENGTH_C(x)       bounding(REG(x + 6u), REG(x + 1u), REG(x + 7u))
#define LENGTH_A(x)       bounding(REG(a + 6u), REG(a + 3u), REG(a + 8u))
#define LENGTH_B(x)       bounding(REG(a + 7u), REG(a + 5u), REG(a + 8u))
#define LIE_FREE          1u
#define LIE_SAME          1u
#define LIE_APART         0u

#define SHAPE(id, of_a, of_b, of_c, ab, ac)                                                                            \
    PX_SHAPE_##id(CASE) d.length = LENGTH_##of_a(a);                                                                   \
    s.length = LENGTH_##of_b(b);                                                                                       \
    t.length = LENGTH_##of_c(c);                                                                                       \
    same_ds = LIE_##ab;                                                                                                \
    same_dt = LIE_##ac;                                                                                                \
    break;

/* Most vector instructions name runs of vl pixels and nothing else. Their shapes, a constant for each, so that these need
 * neither 64 bits nor a way through the others; 0: any other instruction. (isa.def's, so vector.cl must carry out each.) */
#define IS_VL_NO      0u
#define IS_VL_VL      1u
#define IS_VL_VL4     64u
#define IS_VL_TABLE   64u
#define IS_VL_COUNT   64u
#define IS_VL_STRIDED 64u
#define IS_VL_C       64u
#define IS_VL_A       64u
#define IS_VL_B       64u
#define SHAPE_OF(a, b, c, ab, ac)                                                                                      \
    ((IS_VL_##a | IS_VL_##b | IS_VL_##c) == 1u                                                                         \
         ? PLAIN | IS_VL_##a * HAS_D | IS_VL_##b * HAS_S | IS_VL_##c * HAS_T | LIE_##ab * SAME_DS | LIE_##ac * SAME_DT \
         : 0u)
enum { PLAIN = 1, HAS_D = 2, HAS_S = 4, HAS_T = 8, SAME_DS = 16, SAME_DT = 32 };
enum {
#define PLAIN_SHAPE(id, of_a, of_b, of_c, ab, ac) PLAIN_##id = SHAPE_OF(of_a, of_b, of_c, ab, ac),
    PX_RUN_SHAPES(PLAIN_SHAPE)
};
#define ROW_MAP2(id, fn)    [OP_##id] = PLAIN_MAP2,
#define ROW_MAP1(id, fn)    [OP_##id] = PLAIN_MAP1,
#define ROW_UPDATE2(id, fn) [OP_##id] = PLAIN_UPDATE2,
#define ROW_UPDATE1(id, fn) [OP_##id] = PLAIN_UPDATE1,
#define ROW_FOLD1(id, fn)   [OP_##id] = PLAIN_FOLD1,
#define ROW_FOLD2(id, fn)   [OP_##id] = PLAIN_FOLD2,
#define ROW_MAKE(id, fn)    [OP_##id] = PLAIN_MAKE,
#define ROW_PACK(id, fn)    [OP_##id] = PLAIN_PACK,
__constant uchar px_plain[256] = {PX_SHAPE_MAP2(ROW_MAP2) PX_SHAPE_MAP1(ROW_MAP1) PX_SHAPE_UPDATE2(ROW_UPDATE2)
                                      PX_SHAPE_UPDATE1(ROW_UPDATE1) PX_SHAPE_FOLD1(ROW_FOLD1) PX_SHAPE_FOLD2(ROW_FOLD2)
                                          PX_SHAPE_MAKE(ROW_MAKE) PX_SHAPE_PACK(ROW_PACK)};

/* 1 or 0: whether the shape has it, a power of two. */
#define BIT_OF(shape, has) ((shape) / (has) & 1u)

/* Whether the runs of such an instruction lie as they must. False also where px_prepare has to say what is wrong. Masks and not
 * conditions: a GPU waits longer for a condition than for a number. Two runs are apart when the lesser distance, either way
 * round, is a length; where they may be the same, one less is compared, so that no distance is the greatest. */
uint px_plain_fits(uint shape, uint vl, uint pixels, uint d, uint s, uint t)
{
    const uint no_d = BIT_OF(shape, HAS_D) - 1u, no_s = BIT_OF(shape, HAS_S) - 1u, no_t = BIT_OF(shape, HAS_T) - 1u;
    const uint same_s = BIT_OF(shape, SAME_DS), same_t = BIT_OF(shape, SAME_DT);
    const uint farthest = max(max(d & ~no_d, s & ~no_s), t & ~no_t);
    const uint to_s = min(d - s, s - d) | no_d | no_s, to_t = min(d - t, t - d) | no_d | no_t;
    return (vl - 1u < pixels) & (farthest <= pixels - vl) & (to_s - same_s >= vl - same_s) & (to_t - same_t >= vl - same_t);
}

/* What a vector instruction has in its registers, whatever of it is meant. */
void px_name_runs(px_job *job, uint i, REGISTER *r, uint vl)
{
    job->op = byte_of(i, 0);
    job->a = byte_of(i, 1);
    job->c = byte_of(i, 3);
    job->n = vl;
    job->d = r[byte_of(i, 1)];
    job->s = job->y = r[byte_of(i, 2)];
    job->t = job->x = r[byte_of(i, 3)];
    job->z = job->cols = job->depth = 0u;
}

/* Decodes the vector instruction i, runs its checks and leaves it in job. GROUP_JOB, or DONE after a trap. */
uint px_prepare(px_cpu *cpu, uint i, REGISTER *r, uint pixels, px_job *job, ulong *work)
{
    const uint op = byte_of(i, 0), a = byte_of(i, 1), b = byte_of(i, 2), c = byte_of(i, 3), vl = cpu->vl;
    px_extent d, s, t;
    uint same_ds, same_dt;

    px_name_runs(job, i, r, vl);
    const uint itself = px_parameters(job, r, a, b, c);
    *work = op == OP_MATMUL ? ((ulong)job->n * job->depth >> 3) + 1u : vl;
    if (op == OP_MATMUL ? REG(a + 6u) == 0u || job->cols == 0u || job->depth == 0u : vl == 0u)
        return GROUP_JOB;

    switch (op) {
        PX_RUN_SHAPES(SHAPE)
    default:
        return px_trap(cpu, TRAP_OPCODE, i);
    }
    d.base = job->d;
    s.base = job->s;
    t.base = job->t;
    if (outside(d, pixels))
        return px_trap(cpu, TRAP_RANGE, d.base);
    if (outside(s, pixels))
        return px_trap(cpu, TRAP_RANGE, s.base);
    if (outside(t, pixels))
        return px_trap(cpu, TRAP_RANGE, t.base);
    if (itself)
        return px_trap(cpu, TRAP_OVERLAP, d.base);
    if (overlap(d, s, same_ds))
        return px_trap(cpu, TRAP_OVERLAP, s.base);
    if (overlap(d, t, same_dt))
        return px_trap(cpu, TRAP_OVERLAP, t.base);
    return GROUP_JOB;
}

/* Whether a job of this much work takes long in one work-group; grid is the least such work, 0 for none. The whole device
 * does it, but for a PACK in place: a stretch would put its pixels where another has not yet read its own. */
uint px_is_long(const px_job *job, ulong work, uint grid) { return grid != 0u && work >= grid && job->n != 0u; }
uint px_for_grid(const px_job *job) { return job->op != OP_PACK || job->d != job->s; }

/* The kernel that does the instruction; mma is the least pixels of C that make a MATMUL px_mma's, 0 for none. */
uint px_done_by(const px_job *job, uint mma)
{
    switch (job->op) {
    case OP_MATMUL:
        return mma != 0u && job->n >= mma ? PX_BY_MMA : PX_BY_GRID;
    case OP_ARGMIN:
    case OP_ARGMAX:
        return PX_BY_FOLDS;
    case OP_SCANADD:
    case OP_SCANMAX:
    case OP_PACK:
        return PX_BY_SCANS;
    default:
        return PX_BY_GRID;
    }
}

/* Tiles of MATMUL's C. */
uint px_tiles(const px_job *job, uint side)
{
    return (job->n / job->cols + side - 1u) / side * ((job->cols + side - 1u) / side);
}

/* Whether one launch of that kernel, of at most slice steps if it is px_grid, does all of it. Tiles are 2^8 or 2^14 pixels; a
 * division of 64 bits would cost px_run registers. */
uint px_at_once(const px_job *job, uint by, ulong slice)
{
    if (job->op != OP_MATMUL)
        return 1u;
    if (by == PX_BY_MMA)
        return (ulong)px_tiles(job, PX_MMA_TILE) * job->depth <= slice * PX_MMA_FASTER >> 14;
    return (ulong)px_tiles(job, PX_TILE) * job->depth <= slice >> 8;
}

/* Checks RESUME, whose third pair of runs no shape of isa.def has, and leaves it in job. SEARCH, or DONE after a trap. */
uint px_prepare_resume(px_cpu *cpu, uint i, REGISTER *r, uint pixels, px_job *job)
{
    px_extent slots, allowances, here;
    job->op = OP_RESUME;
    job->n = cpu->vl;
    job->d = slots.base = r[byte_of(i, 1)];
    job->x = REG(byte_of(i, 1) + 1u);
    job->t = allowances.base = r[byte_of(i, 2)];
    slots.length = (ulong)cpu->vl * job->x;
    allowances.length = cpu->vl;
    here.base = cpu->pc;
    here.length = cpu->vl != 0u;
    if (outside(slots, pixels))
        return px_trap(cpu, TRAP_RANGE, slots.base);
    if (outside(allowances, pixels))
        return px_trap(cpu, TRAP_RANGE, allowances.base);
    if (overlap(slots, allowances, 0u))
        return px_trap(cpu, TRAP_OVERLAP, allowances.base);
    if (overlap(slots, here, 0u) || overlap(allowances, here, 0u))
        return px_trap(cpu, TRAP_OVERLAP, here.base);
    if (job->x <= PX_M_WORDS) /* no machine is so small: nothing is read */
        job->n = 0u;
    return SEARCH;
}

/* What a vector instruction takes out of a launch's fuel, in scalar instructions. */
uint px_cost(ulong work) { return (uint)min(work / (PX_WG * 8u) + 8u, (ulong)0x7FFFFFFFu); }

/* The vector instructions. Those of no class are named one by one, so that one that no loop of vector.cl carries out is
 * none. */
#define VECTOR_CASES                                                                                                   \
    PX_CLASS_VV(CASE) PX_CLASS_VX(CASE) PX_CLASS_BVV(CASE) PX_CLASS_BVX(CASE)                                          \
    case OP_SUM: case OP_RMIN: case OP_RMAX: case OP_ARGMIN: case OP_ARGMAX: case OP_SCANADD: case OP_SCANMAX:         \
    case OP_FILL: case OP_IOTA: case OP_COPYS: case OP_PACK: case OP_GATHER: case OP_SCATADD: case OP_SELECT:          \
    case OP_LUT: case OP_BLEND: case OP_DOT4_VV: case OP_DOT4_VX: case OP_VDOT: case OP_MATMUL: case OP_REQ:

/* What no work-item does alone. */
uint px_takes_group(uint op)
{
    switch (op) {
    case OP_RESUME:
        VECTOR_CASES
        return 1u;
    default:
        return 0u;
    }
}

/* A vector instruction whose checks have passed retires, and its effect is left to others. */
uint px_retire_vector(px_cpu *cpu, REGISTER *r, const px_job *job, ulong work, uint *fuel, uint grid, uint where)
{
    const uint is_long = px_is_long(job, work, grid);
    if (is_long && where == IN_FLEET)
        return LONG_JOB;
    cpu->pc++;
    cpu->executed++;
    *fuel -= min(*fuel, px_cost(work));
    if (!is_long || !px_for_grid(job))
        return GROUP_JOB;
    if (px_is_reduction(job->op) && job->op != OP_VDOT)
        r[job->a] = part_empty(job->op).value; /* to which the grid adds its parts */
    return GRID_JOB;
}

/* isa.def numbers the classes so that those of vector instructions come last. */
#define FIRST_VECTOR OP_VADD_VV

uint px_vector(px_cpu *cpu, REGISTER *r, uint i, uint pixels, uint *fuel, uint grid, uint where, px_job *job)
{
    const uint plain = where != IN_LANE ? px_plain[byte_of(i, 0)] : 0u;
    ulong work = cpu->vl;
    if (plain != 0u && px_plain_fits(plain, cpu->vl, pixels, r[byte_of(i, 1)], r[byte_of(i, 2)], r[byte_of(i, 3)])) {
        px_name_runs(job, i, r, cpu->vl);
        return px_retire_vector(cpu, r, job, work, fuel, grid, where);
    }
    if (!px_takes_group(byte_of(i, 0)))
        return px_trap(cpu, TRAP_OPCODE, i);
    if (where == IN_LANE)
        return LONG_JOB;
    if (px_prepare(cpu, i, r, pixels, job, &work) == DONE)
        return DONE;
    return px_retire_vector(cpu, r, job, work, fuel, grid, where);
}

/* Runs until the machine stops, allow or fuel is used up, a vector instruction has passed its checks, or RESUME has. In a
 * fleet, a long instruction has not retired: px_run comes to it again, with more work-items or for the whole device. In a
 * lane, no vector instruction and no RESUME has. */
uint px_scalar(px_cpu *cpu, REGISTER *r, __global uint *m, uint w, uint h, uint allow, uint *fuel, uint grid,
               uint where, px_job *job)
{
    const uint pixels = w * h;
#ifdef CODE_PIXELS
    const uint base = px_code_base(cpu->pc);
    for (uint x = 0u; x < CODE_PIXELS; x++)
        r[256u + x] = base + x < pixels ? m[base + x] : 0u;
#endif

    while (cpu->status == STATUS_RUNNING && cpu->executed<allow && * fuel> 0u) {
        const uint pc = cpu->pc;
        if (pc == pixels)
            return px_trap(cpu, TRAP_PC, pc);
        const uint i = FETCH(pc);
        const uint a = byte_of(i, 1), b = byte_of(i, 2), c = byte_of(i, 3);
        const uint simm16 = word_SAR(i, 16), simm8 = word_SAR(i, 24);
        uint next = pc + 1u, address;

        if (byte_of(i, 0) >= FIRST_VECTOR)
            return px_vector(cpu, r, i, pixels, fuel, grid, where, job);

#define SCALAR_BRANCH(id, fn)                                                                                          \
    case OP_##id:                                                                                                      \
        if (compare_##fn(r[b], r[c])) {                                                                                \
            next = pc + word_SAR(i << 16, 24);                                                                         \
            if (next >= pixels)                                                                                        \
                return px_trap(cpu, TRAP_PC, next);                                                                    \
        }                                                                                                              \
        break;
#define SCALAR_ALU(id, fn)                                                                                             \
    case OP_##id:                                                                                                      \
        r[a] = word_##fn(r[b], r[c]);                                                                                  \
        break;
#define SCALAR_ALUI(id, fn)                                                                                            \
    case OP_##id:                                                                                                      \
        r[a] = word_##fn(r[b], simm8);                                                                                 \
        break;
#define SCALAR_DIV(id, fn)                                                                                             \
    case OP_##id:                                                                                                      \
        r[a] = divide_##fn(r[b], r[c]);                                                                                \
        break;

        switch (byte_of(i, 0)) {
        case OP_HALT:
            cpu->status = STATUS_HALTED;
            next = pc;
            break;
        case OP_SYS:
            cpu->status = STATUS_WAITING;
            cpu->value = b;
            break;
        case OP_JMP:
        case OP_CALL:
            next = pc + simm16;
            if (next >= pixels)
                return px_trap(cpu, TRAP_PC, next);
            if (byte_of(i, 0) == OP_CALL)
                r[a] = pc + 1u;
            break;
        case OP_JR:
            next = r[b];
            if (next >= pixels)
                return px_trap(cpu, TRAP_PC, next);
            break;
        case OP_VL:
            if (r[b] > pixels)
                return px_trap(cpu, TRAP_VL, r[b]);
            cpu->vl = r[b];
            break;
        case OP_GET:
            switch (b & 3u) {
            case GET_N:
                r[a] = pixels;
                break;
            case GET_W:
                r[a] = w;
                break;
            case GET_H:
                r[a] = h;
                break;
            default:
                r[a] = cpu->vl;
                break;
            }
            break;
        case OP_RESUME:
            if (where == IN_LANE)
                return LONG_JOB;
            if (where != ALONE)
                return px_trap(cpu, TRAP_NEST, i);
            return px_prepare_resume(cpu, i, r, pixels, job);
        case OP_LIT:
            if (next == pixels)
                return px_trap(cpu, TRAP_PC, next);
            r[a] = FETCH(next);
            next++;
            break;

        case OP_LD:
            address = r[b] + c;
            if (r[b] >= pixels || address >= pixels)
                return px_trap(cpu, TRAP_RANGE, address);
            r[a] = m[address];
            break;
        case OP_ST:
            address = r[b] + a;
            if (r[b] >= pixels || address >= pixels)
                return px_trap(cpu, TRAP_RANGE, address);
            m[address] = r[c];
            KEEP(address);
            break;
        case OP_LDB:
        case OP_STB: {
            const uint shift = (r[c] & 3u) * 8u;
            address = r[b] + (r[c] >> 2);
            if (r[b] >= pixels || address >= pixels) /* neither can wrap: each is below 2^30 when r[b] < pixels */
                return px_trap(cpu, TRAP_RANGE, address);
            if (byte_of(i, 0) == OP_LDB)
                r[a] = m[address] >> shift & 255u;
            else {
                m[address] = (m[address] & ~(255u << shift)) | (r[a] & 255u) << shift;
                KEEP(address);
            }
            break;
        }
        case OP_LI:
            r[a] = simm16;
            break;
        case OP_LUI:
            r[a] = i & 0xFFFF0000u;
            break;
        case OP_EXT:
            r[a] = byte_of(r[b], c & 3u);
            break;
        case OP_INS: {
            const uint shift = (c & 3u) * 8u;
            r[a] = (r[a] & ~(255u << shift)) | (r[b] & 255u) << shift;
            break;
        }
            PX_CLASS_BRANCH(SCALAR_BRANCH)
            PX_CLASS_ALU(SCALAR_ALU)
            PX_CLASS_ALUI(SCALAR_ALUI)
            PX_CLASS_DIV(SCALAR_DIV)
        default:
            return px_trap(cpu, TRAP_OPCODE, i);
        }
        cpu->pc = next;
        cpu->executed++;
        (*fuel)--;
    }
    return DONE;
}

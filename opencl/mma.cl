/* mma.cl - px_mma: MATMUL through the matrix units of NVIDIA's GPUs, which multiply 16 rows of 32 signed bytes by 8 others and
 * add to 16 x 8 sums that wrap, as SPEC.md asks for: mma.sync, PTX ISA 9.7.14.5 (m16n8k32, .s8). A compiler that does not
 * know it, or cp.async and ldmatrix, refuses this file, and px_grid does the work.
 *
 * A work-group makes a tile of C, 128 x 128 pixels, by 8 warps of 64 x 32:
 *
 *          n, rows of B              Rows of A and B pass through local memory, 16 pixels of each at a time. While those of one
 *        0   32  64  96 127          stage are multiplied, those of the other are on their way, without a register between.
 *     0  +---+---+---+---+           Beyond the edges there are zeros, which add nothing.
 *        | 0 | 1 | 2 | 3 |
 *    64  +---+---+---+---+           Within a warp, item 4*g + q holds of A's 16 rows the pixels q and q + 4 of the rows g and
 *        | 4 | 5 | 6 | 7 |           g + 8, of B's 8 rows those of row g, and of C the columns 2*q and 2*q + 1 of the rows g
 *   127  +---+---+---+---+           and g + 8.
 *
 * Where there are fewer tiles than units, work-groups share one. Two take half of it each, 64 rows, of which a warp has 32. Where
 * there are more, they take parts of the rows' length, too, and add to C atomically. */

#ifdef ONLY_px_mma

#define MMA_DEPTH 16u /* pixels of a row in a stage: four chunks of 16 bytes, of which mma.sync takes two */
#define MMA_BYTES (PX_MMA_TILE * MMA_DEPTH * 4u)
#define MMA_LEAST 64u /* pixels of a part of the rows */

/* Stages, and bytes of one with high * 32 rows of A; all of them are less than the 48 KiB that a kernel can have. */
#define MMA_STAGES(high)      ((high) == 4u ? 2u : 3u)
#define MMA_STAGE_BYTES(high) ((high)*32u * MMA_DEPTH * 4u + MMA_BYTES)

/* So that arrays become registers, and as few as two work-groups in a unit have; high is a number, since all is INLINED. */
#define INLINED      __attribute__((always_inline))
#define UNROLLED     _Pragma("unroll")
#define NOT_UNROLLED _Pragma("unroll 1")

/* Bytes to a chunk of a row. The chunks of a row change places, so that the same chunk of eight rows lies in all banks. */
uint mma_place(uint row, uint chunk) { return row * (MMA_DEPTH * 4u) + ((chunk ^ (row >> 1 & 3u)) << 4); }

void mma_16_8_32(uint *c, const uint *a, const uint *b)
{
    asm volatile("mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
                 : "+r"(c[0]), "+r"(c[1]), "+r"(c[2]), "+r"(c[3])
                 : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}

/* Four times 8 rows of 16 bytes, whose addresses are the items' 0 to 7, 8 to 15, ..; item 4*g + q gets pixel q of row g of
 * each. */
void mma_load(uint *x, uint at)
{
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];"
                 : "=r"(x[0]), "=r"(x[1]), "=r"(x[2]), "=r"(x[3])
                 : "r"(at)
                 : "memory");
}

/* To local memory, later: 16 bytes or 4, of which the first so many come from there and the others are zeros. */
void mma_copy_16(uint to, __global const uint *from, uint bytes)
{
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" : : "r"(to), "l"(from), "r"(bytes) : "memory");
}
void mma_copy_4(uint to, __global const uint *from, uint bytes)
{
    asm volatile("cp.async.ca.shared.global [%0], [%1], 4, %2;" : : "r"(to), "l"(from), "r"(bytes) : "memory");
}
/* What was sent for since the last call belongs together; until all but the latest of these have come; until all have. */
void mma_sent(void) { asm volatile("cp.async.commit_group;" : : : "memory"); }
void mma_wait_but_one(void) { asm volatile("cp.async.wait_group 1;" : : : "memory"); }
void mma_wait(void) { asm volatile("cp.async.wait_all;" : : : "memory"); }

/* What a work-item brings of a matrix: eight pixels of a row of the tile in each stage. */
typedef struct px_share {
    __global const uint *from; /* its row */
    uint end;                  /* pixels of the row; 0: beyond the matrix */
    uint to, stage_bytes;      /* where its stages begin, and how far apart they are */
    uint column, place;        /* in a stage */
    uint quads;                /* all rows begin at a multiple of 16 bytes */
} px_share;

/* Of the rows from first to end - 1, those of one tile; the stages begin at to. */
px_share px_share_of(__global const uint *m, uint base, uint stride, uint first, uint end, uint depth, uint to,
                     uint stage_bytes, uint item)
{
    const uint row = first + item / 2u;
    px_share x;
    x.from = m + base + (row < end ? row : first) * stride;
    x.end = row < end ? depth : 0u;
    x.column = item % 2u * 8u;
    x.to = to;
    x.stage_bytes = stage_bytes;
    x.place = mma_place(item / 2u, item % 2u * 2u);
    x.quads = (((ulong)(m + base) | stride * 4u) & 15u) == 0u;
    return x;
}

void px_quad_fetch(const px_share *x, uint column, uint to)
{
    const uint pixels = column < x->end ? min(x->end - column, 4u) : 0u;
    __global const uint *from = pixels != 0u ? x->from + column : x->from;
    if (x->quads) {
        mma_copy_16(to, from, pixels * 4u);
    } else {
        UNROLLED for (uint i = 0u; i < 4u; i++)
            mma_copy_4(to + i * 4u, i < pixels ? from + i : from, i < pixels ? 4u : 0u);
    }
}

/* The share of the pixels k to k + MMA_DEPTH - 1 begins its way to a stage. */
void px_share_fetch(const px_share *x, uint k, uint stage)
{
    const uint to = x->to + stage * x->stage_bytes;
    px_quad_fetch(x, k + x->column, to + x->place);
    px_quad_fetch(x, k + x->column + 4u, to + (x->place ^ 16u)); /* the chunk beside it */
}

/* A warp's sums, high x 4 times 16 x 8. high is 4, and 2 for half a tile. */
typedef struct px_sums {
    uint c[4][4][4];
} px_sums;

/* a and b: a stage of the matrices in local memory; the warp's rows of them begin at down and right. */
INLINED void px_multiply(px_sums *sums, uint high, uint a, uint b, uint down, uint right, uint lane)
{
    UNROLLED for (uint chunk = 0u; chunk < 4u; chunk += 2u)
    {
        uint x[4][4], y[2][4];
        UNROLLED for (uint i = 0u; i < high; i++)
            mma_load(x[i], a + mma_place(down + i * 16u + lane % 16u, chunk + lane / 16u));
        UNROLLED for (uint j = 0u; j < 2u; j++)
            mma_load(y[j], b + mma_place(right + j * 16u + lane / 16u * 8u + lane % 8u, chunk + lane / 8u % 2u));
        UNROLLED for (uint i = 0u; i < high; i++)
            UNROLLED for (uint j = 0u; j < 4u; j++)
                mma_16_8_32(sums->c[i][j], x[i], y[j / 2u] + j % 2u * 2u);
    }
}

/* To C: by one of several work-groups atomically, otherwise two neighbours at a time where all pairs begin at a multiple of 8
 * bytes. */
INLINED void px_sums_add(__global uint *m, const px_job *j, const px_sums *sums, uint high, uint top, uint left, uint rows,
                 uint lane, uint alone)
{
    const uint g = lane / 4u, q = lane % 4u;
    const uint pairs = alone && (((ulong)(m + j->d) | j->x * 4u) & 7u) == 0u;
    UNROLLED for (uint i = 0u; i < high; i++)
        UNROLLED for (uint n = 0u; n < 4u; n++)
            UNROLLED for (uint low = 0u; low < 2u; low++) {
                const uint row = top + i * 16u + g + low * 8u, column = left + n * 8u + 2u * q;
                const uint first = sums->c[i][n][low * 2u], second = sums->c[i][n][low * 2u + 1u];
                __global uint *c = m + j->d + row * j->x + column;
                if (row < rows && pairs && column + 1u < j->cols) {
                    *(__global uint2 *)c += (uint2)(first, second);
                } else if (row < rows) {
                    if (column < j->cols)
                        atomic_add((volatile __global uint *)c, first);
                    if (column + 1u < j->cols)
                        atomic_add((volatile __global uint *)c + 1, second);
                }
            }
}

/* Pixels begin to end - 1 of the rows of a tile, or of half of one, whose first pixel is at top and left. */
INLINED void px_mma_tile(__global uint *m, const px_job *j, uint high, uint top, uint left, uint begin, uint end, uint alone, uint a,
                 uint item)
{
    const uint lane = item % 32u, rows = j->n / j->cols, down = item / 128u * high * 16u, right = item / 32u % 4u * 32u;
    const uint bytes = MMA_STAGE_BYTES(high), b = a + bytes - MMA_BYTES, brings_a = item / 2u < high * 32u;
    const px_share of_a = px_share_of(m, j->s, j->y, top, rows, end, a, bytes, item);
    const px_share of_b = px_share_of(m, j->t, j->z, left, j->cols, end, b, bytes, item);
    px_sums sums = {0};
    uint stage = 0u, ahead = MMA_STAGES(high) - 1u;
    UNROLLED for (uint k = 0u; k < MMA_STAGES(high) - 1u; k++)
    {
        if (brings_a)
            px_share_fetch(&of_a, begin + k * MMA_DEPTH, k);
        px_share_fetch(&of_b, begin + k * MMA_DEPTH, k);
        mma_sent();
    }
    NOT_UNROLLED for (uint k = begin; k < end; k += MMA_DEPTH)
    {
        if (MMA_STAGES(high) == 2u)
            mma_wait();
        else
            mma_wait_but_one();
        barrier(CLK_LOCAL_MEM_FENCE); /* the stage is here for all, and that of the last step free */
        if (brings_a)
            px_share_fetch(&of_a, k + (MMA_STAGES(high) - 1u) * MMA_DEPTH, ahead);
        px_share_fetch(&of_b, k + (MMA_STAGES(high) - 1u) * MMA_DEPTH, ahead);
        mma_sent();
        px_multiply(&sums, high, a + stage * bytes, b + stage * bytes, down, right, lane);
        stage = stage + 1u < MMA_STAGES(high) ? stage + 1u : 0u;
        ahead = ahead + 1u < MMA_STAGES(high) ? ahead + 1u : 0u;
    }
    px_sums_add(m, j, &sums, high, top + down, left + right, rows, lane, alone);
    mma_wait();                   /* for the zeros behind the last stage .. */
    barrier(CLK_LOCAL_MEM_FENCE); /* .. which all have read */
}

/* Tiles first to last - 1; with a last of 0 all of the job that px_run leaves, if it is px_mma's (grid.cl). */
LIMITED_KERNEL px_mma(__global uint *machines, __global px_control *controls, uint which, uint first, uint last)
{
    __local uint stages[MMA_STAGES(2u) * MMA_STAGE_BYTES(2u) / 4u] __attribute__((aligned(16))); /* more than those of a whole */
    __global uint *machine = machines + controls[which].at + controls[which].slot;
    __global uint *m = machine + PX_M_IMAGE(machine[PX_M_W]);
    const px_job job = controls[which].job;
    if (last == 0u && controls[which].grid != 0u && controls[which].at_once != 0u && controls[which].by == PX_BY_MMA)
        last = px_tiles(&job, PX_MMA_TILE);
    const uint rows = last != 0u ? job.n / job.cols : 0u, across = (job.cols + PX_MMA_TILE - 1u) / PX_MMA_TILE;
    const uint a = (uint)(size_t)stages, item = get_local_id(0);

    /* Halves of a tile, and parts of the rows. */
    const uint groups = get_num_groups(0), shared = groups / max(last - first, 1u), halves = shared > 1u ? 2u : 1u;
    const uint parts = max(min(shared / halves, job.depth / MMA_LEAST), 1u), each = halves * parts;
    const uint part = (job.depth / parts + MMA_DEPTH) / MMA_DEPTH * MMA_DEPTH;

    for (uint unit = get_group_id(0); unit < (last - first) * each; unit += groups) {
        const uint tile = first + unit / each, begin = unit % parts * part, end = min(begin + part, job.depth);
        const uint top = tile / across * PX_MMA_TILE + unit / parts % halves * (PX_MMA_TILE / 2u);
        const uint left = tile % across * PX_MMA_TILE;
        if (top >= rows)
            continue;
        if (halves == 2u)
            px_mma_tile(m, &job, 2u, top, left, begin, end, parts == 1u, a, item);
        else
            px_mma_tile(m, &job, 4u, top, left, begin, end, parts == 1u, a, item);
    }
}

#endif

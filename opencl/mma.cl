/* mma.cl - px_mma: MATMUL through the matrix units of NVIDIA's GPUs, which multiply 16 rows of 32 signed bytes by 8 others and
 * add to 16 x 8 sums that wrap, as SPEC.md asks for: mma.sync, PTX ISA 9.7.14.5 (m16n8k32, .s8). A compiler that does not
 * know it refuses this file, and px_grid does the work.
 *
 * A work-group makes a tile of C, 128 x 128 pixels, by 8 warps of 64 x 32:
 *
 *          n, rows of B              Rows of A and B pass through local memory, 16 pixels of each at a time. While those are
 *        0   32  64  96 127          multiplied, the next are on their way in registers. Beyond the edges there are zeros,
 *     0  +---+---+---+---+           which add nothing.
 *        | 0 | 1 | 2 | 3 |
 *    64  +---+---+---+---+           Within a warp, item 4*g + q holds of A's 16 rows the pixels q and q + 4 of the rows g and
 *        | 4 | 5 | 6 | 7 |           g + 8, of B's 8 rows those of row g, and of C the columns 2*q and 2*q + 1 of the rows g
 *   127  +---+---+---+---+           and g + 8. */

#ifdef ONLY_px_mma

#define MMA_DEPTH 16u /* pixels of a row in local memory .. */
#define MMA_ROW   20u /* .. which begin so far apart that 8 rows by 4 pixels lie in 32 banks */
#define MMA_SHARE (PX_MMA_TILE * MMA_DEPTH / PX_WG)

void mma_16_8_32(uint *c, const uint *a, const uint *b)
{
    asm volatile("mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
                 : "+r"(c[0]), "+r"(c[1]), "+r"(c[2]), "+r"(c[3])
                 : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}

/* A matrix as a tile sees it: its rows from row first on. */
typedef struct px_rows {
    uint base, stride, first, end;
} px_rows;

/* A work-item's share of the pixels k to k + MMA_DEPTH - 1 of a tile's rows. */
void px_rows_fetch(__global const uint *m, px_rows x, uint k, uint depth, uint item, uint *pixel)
{
    for (uint i = 0u; i < MMA_SHARE; i++) {
        const uint at = item + i * PX_WG, row = x.first + at / MMA_DEPTH, column = k + at % MMA_DEPTH;
        pixel[i] = row < x.end && column < depth ? m[x.base + row * x.stride + column] : 0u;
    }
}

void px_rows_put(__local uint *rows, uint item, const uint *pixel)
{
    for (uint i = 0u; i < MMA_SHARE; i++) {
        const uint at = item + i * PX_WG;
        rows[at / MMA_DEPTH * MMA_ROW + at % MMA_DEPTH] = pixel[i];
    }
}

/* A warp's 64 x 32 sums, as 4 x 4 times 16 x 8. */
typedef struct px_sums {
    uint c[4][4][4];
} px_sums;

/* a and b: where the warp's rows begin in local memory. */
void px_multiply(px_sums *sums, __local const uint *a, __local const uint *b, uint g, uint q)
{
    for (uint k = 0u; k < MMA_DEPTH; k += 8u) {
        uint x[4][4], y[4][2];
        for (uint i = 0u; i < 4u; i++) {
            __local const uint *p = a + (i * 16u + g) * MMA_ROW + k + q;
            x[i][0] = p[0];
            x[i][1] = p[8u * MMA_ROW];
            x[i][2] = p[4];
            x[i][3] = p[8u * MMA_ROW + 4u];
        }
        for (uint j = 0u; j < 4u; j++) {
            __local const uint *p = b + (j * 8u + g) * MMA_ROW + k + q;
            y[j][0] = p[0];
            y[j][1] = p[4];
        }
        for (uint i = 0u; i < 4u; i++)
            for (uint j = 0u; j < 4u; j++)
                mma_16_8_32(sums->c[i][j], x[i], y[j]);
    }
}

void px_sums_add(__global uint *m, const px_job *j, const px_sums *sums, uint top, uint left, uint rows, uint g, uint q)
{
    for (uint i = 0u; i < 4u; i++)
        for (uint n = 0u; n < 4u; n++)
            for (uint k = 0u; k < 4u; k++) {
                const uint row = top + i * 16u + g + k / 2u * 8u, column = left + n * 8u + 2u * q + k % 2u;
                if (row < rows && column < j->cols)
                    m[j->d + row * j->x + column] += sums->c[i][n][k];
            }
}

/* Tiles first to last - 1. */
KERNEL px_mma(__global uint *machines, __global const ulong *at, __global px_control *controls, uint which, uint first,
              uint last)
{
    __local uint a[2][PX_MMA_TILE * MMA_ROW], b[2][PX_MMA_TILE * MMA_ROW];
    __global uint *machine = machines + at[which] + controls[which].slot;
    __global uint *m = machine + PX_M_IMAGE(machine[PX_M_W]);
    const px_job job = controls[which].job;
    const uint rows = job.n / job.cols, across = (job.cols + PX_MMA_TILE - 1u) / PX_MMA_TILE;
    const uint item = get_local_id(0), warp = item / 32u, g = item % 32u / 4u, q = item % 4u;
    const uint down = warp / 4u * 64u, right = warp % 4u * 32u;

    for (uint tile = first + get_group_id(0); tile < last; tile += get_num_groups(0)) {
        const px_rows of_a = {job.s, job.y, tile / across * PX_MMA_TILE, rows};
        const px_rows of_b = {job.t, job.z, tile % across * PX_MMA_TILE, job.cols};
        px_sums sums = {0};
        uint next_a[MMA_SHARE], next_b[MMA_SHARE], buffer = 0u;
        px_rows_fetch(m, of_a, 0u, job.depth, item, next_a);
        px_rows_fetch(m, of_b, 0u, job.depth, item, next_b);
        for (uint k = 0u; k < job.depth; k += MMA_DEPTH) {
            px_rows_put(a[buffer], item, next_a);
            px_rows_put(b[buffer], item, next_b);
            barrier(CLK_LOCAL_MEM_FENCE);
            px_rows_fetch(m, of_a, k + MMA_DEPTH, job.depth, item, next_a);
            px_rows_fetch(m, of_b, k + MMA_DEPTH, job.depth, item, next_b);
            px_multiply(&sums, a[buffer] + down * MMA_ROW, b[buffer] + right * MMA_ROW, g, q);
            buffer ^= 1u;
        }
        px_sums_add(m, &job, &sums, of_a.first + down, of_b.first + right, rows, g, q);
    }
}

#endif

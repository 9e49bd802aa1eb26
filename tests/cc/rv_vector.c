/* rv_vector.c - the pixel machine's vector instructions once more, from SPEC.md section 6: what a C program finds in
 * RISC-V's custom opcodes (cc/ABI.md). Sources are copied before anything is written, so that no order matters. */
#include <string.h>

#include "pxi/isa.h"
#include "tests/cc/rv.h"

/* What an instruction works on: registers a, b, c and those behind them. */
typedef struct work {
    unsigned op;
    uint32_t a[9], b[9], c[9];
    uint32_t result; /* of the register that changes */
} work;

enum lie { FREE, SAME, APART };

static bool in_range(rv *m, uint32_t base, uint64_t length)
{
    if (length == 0 || base + length <= m->pixels)
        return true;
    return rv_fault(m, "trap RANGE, value %08x", base), false;
}

static bool lies(rv *m, uint32_t d, uint64_t d_length, uint32_t s, uint64_t s_length, enum lie rule)
{
    const bool disjoint = d + d_length <= s || s + s_length <= d || d_length == 0 || s_length == 0;
    if (rule == FREE || disjoint || (rule == SAME && d == s && d_length == s_length))
        return true;
    return rv_fault(m, "trap OVERLAP, value %08x", s), false;
}

/* ---- functions of words and bytes ---- */

static int32_t signed_of(uint32_t x) { return (int32_t)x; }
static int32_t byte_signed(uint32_t x) { return (int32_t)((x & 0xFF) ^ 0x80) - 0x80; }

static uint32_t word_function(unsigned f, uint32_t x, uint32_t y)
{
    const int64_t sx = signed_of(x), sy = signed_of(y);
    const unsigned n = y & 31;
    const uint32_t results[16] = {x + y,
                                  x - y,
                                  x & y,
                                  x | y,
                                  x ^ y,
                                  x << n,
                                  x >> n,
                                  (x >> n) | (sx < 0 && n > 0 ? UINT32_MAX << (32 - n) : 0),
                                  sx < sy,
                                  x < y,
                                  x == y,
                                  sx < sy ? x : y,
                                  sx > sy ? x : y,
                                  x * y,
                                  (uint32_t)((uint64_t)(sx * sy) >> 32),
                                  (uint32_t)((uint64_t)x * y >> 32)};
    return results[f];
}

static int limited(int value, int low, int high) { return value < low ? low : value > high ? high : value; }

static uint32_t byte_function(unsigned f, uint32_t x, uint32_t y)
{
    const int sx = byte_signed(x), sy = byte_signed(y), ux = (int)x, uy = (int)y;
    const int results[16] = {ux + uy,
                             ux - uy,
                             limited(ux + uy, 0, 255),
                             limited(ux - uy, 0, 255),
                             limited(sx + sy, -128, 127),
                             limited(sx - sy, -128, 127),
                             ux << (y & 7),
                             ux >> (y & 7),
                             sx < sy,
                             ux < uy,
                             ux == uy,
                             sx < sy ? ux : uy,
                             sx > sy ? ux : uy,
                             ux < uy ? ux : uy,
                             ux > uy ? ux : uy,
                             (2 * ux * uy + 255) / 510};
    return (uint32_t)results[f] & 0xFF;
}

static uint32_t bytes_function(unsigned f, uint32_t x, uint32_t y)
{
    uint32_t made = 0;
    for (unsigned shift = 0; shift < 32; shift += 8)
        made |= byte_function(f, x >> shift & 0xFF, y >> shift & 0xFF) << shift;
    return made;
}

static uint32_t dot4(uint32_t x, uint32_t y)
{
    int32_t sum = 0;
    for (unsigned shift = 0; shift < 32; shift += 8)
        sum += byte_signed(x >> shift) * byte_signed(y >> shift);
    return (uint32_t)sum;
}

static uint32_t blended(uint32_t s, uint32_t d)
{
    const uint32_t alpha = s >> 24;
    uint32_t made = 0;
    for (unsigned shift = 0; shift < 32; shift += 8)
        made |= (2 * ((s >> shift & 0xFF) * alpha + (d >> shift & 0xFF) * (255 - alpha)) + 255) / 510 << shift;
    return made;
}

/* ---- by kind; s and t are copies of the sources, d is where the result goes ---- */

static uint32_t map_result(const work *w, uint32_t x, uint32_t y, uint32_t old)
{
    if (w->op >= PX_OP_VADD_VV && w->op <= PX_OP_VMULHU_VX)
        return word_function(w->op & 15, x, y);
    if (w->op >= PX_OP_BADD_VV && w->op <= PX_OP_BMULU_VX)
        return bytes_function(w->op & 15, x, y);
    if (w->op == PX_OP_SELECT)
        return y != 0 ? x : old;
    return w->op == PX_OP_BLEND ? blended(x, old) : dot4(x, y);
}

/* Two runs and a third, or a register, make one. */
static void map(rv *m, const work *w, bool with_register)
{
    const uint32_t n = m->vl, d = w->a[0], s = w->b[0], t = w->c[0];
    const bool third = !with_register && w->op != PX_OP_BLEND;
    if (!in_range(m, d, n) || !in_range(m, s, n) || (third && !in_range(m, t, n)) || !lies(m, d, n, s, n, SAME) ||
        (third && !lies(m, d, n, t, n, SAME)))
        return;
    for (uint32_t i = 0; i < n; i++)
        m->image[d + i] = map_result(w, m->image[s + i], third ? m->image[t + i] : t, m->image[d + i]);
}

static void reduce(rv *m, work *w)
{
    const uint32_t n = m->vl, s = w->b[0];
    if (!in_range(m, s, n))
        return;
    const bool least = w->op == PX_OP_RMIN || w->op == PX_OP_ARGMIN;
    uint32_t sum = 0, best = least ? 0x7FFFFFFF : 0x80000000, place = 0;
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t x = m->image[s + i];
        sum += x;
        if (i == 0 || (least ? signed_of(x) < signed_of(best) : signed_of(x) > signed_of(best))) {
            best = x;
            place = i;
        }
    }
    w->result = w->op == PX_OP_SUM ? sum : w->op == PX_OP_RMIN || w->op == PX_OP_RMAX ? best : place;
}

static void scan(rv *m, work *w)
{
    const uint32_t n = m->vl, d = w->a[0], s = w->b[0];
    if (!in_range(m, d, n) || !in_range(m, s, n) || !lies(m, d, n, s, n, SAME))
        return;
    uint32_t carried = w->c[0];
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t x = m->image[s + i];
        m->image[d + i] = carried;
        carried = w->op == PX_OP_SCANADD ? carried + x : word_function(12, carried, x);
    }
    w->result = carried;
}

static void make(rv *m, const work *w)
{
    if (!in_range(m, w->a[0], m->vl))
        return;
    for (uint32_t i = 0; i < m->vl; i++)
        m->image[w->a[0] + i] = w->op == PX_OP_FILL ? w->c[0] : w->b[0] + i * w->c[0];
}

static void copy_strided(rv *m, const work *w)
{
    const uint64_t n = m->vl;
    const uint64_t d_length = (n - 1) * w->a[1] + 1, s_length = (n - 1) * w->b[1] + 1;
    if (!in_range(m, w->a[0], d_length) || !in_range(m, w->b[0], s_length))
        return;
    if (w->a[1] == 0 && n > 1) {
        rv_fault(m, "trap OVERLAP, value %08x", w->a[0]);
        return;
    }
    if (!lies(m, w->a[0], d_length, w->b[0], s_length, APART))
        return;
    for (uint32_t i = 0; i < n; i++)
        m->image[w->a[0] + i * w->a[1]] = m->image[w->b[0] + i * w->b[1]];
}

static void pack(rv *m, work *w)
{
    const uint32_t n = m->vl, d = w->a[0], s = w->b[0], t = w->c[0];
    if (!in_range(m, d, n) || !in_range(m, s, n) || !in_range(m, t, n) || !lies(m, d, n, s, n, SAME) ||
        !lies(m, d, n, t, n, APART))
        return;
    for (uint32_t i = 0; i < n; i++)
        if (m->image[t + i] != 0)
            m->image[w->result++] = m->image[s + i];
}

static void gather(rv *m, const work *w)
{
    const uint32_t n = m->vl, d = w->a[0], s = w->b[0], length = w->b[1], t = w->c[0];
    if (!in_range(m, d, n) || !in_range(m, s, length) || !in_range(m, t, n) || !lies(m, d, n, s, length, APART) ||
        !lies(m, d, n, t, n, SAME))
        return;
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t j = m->image[t + i];
        m->image[d + i] = j < length ? m->image[s + j] : 0;
    }
}

static void scatter(rv *m, const work *w)
{
    const uint32_t n = m->vl, d = w->a[0], length = w->a[1], s = w->b[0], t = w->c[0];
    if (!in_range(m, d, length) || !in_range(m, s, n) || !in_range(m, t, n) || !lies(m, d, length, s, n, APART) ||
        !lies(m, d, length, t, n, APART))
        return;
    for (uint32_t i = 0; i < n; i++)
        if (m->image[t + i] < length)
            m->image[d + m->image[t + i]] += m->image[s + i];
}

static void look_up(rv *m, const work *w)
{
    const uint32_t n = m->vl, d = w->a[0], s = w->b[0], t = w->c[0];
    if (!in_range(m, d, n) || !in_range(m, s, n) || !in_range(m, t, 256) || !lies(m, d, n, s, n, SAME) ||
        !lies(m, d, n, t, 256, APART))
        return;
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t x = m->image[s + i];
        uint32_t made = 0;
        for (unsigned shift = 0; shift < 32; shift += 8)
            made |= m->image[t + (x >> shift & 0xFF)] & 0xFFu << shift;
        m->image[d + i] = made;
    }
}

static void dot(rv *m, work *w)
{
    if (!in_range(m, w->b[0], m->vl) || !in_range(m, w->c[0], m->vl))
        return;
    for (uint32_t i = 0; i < m->vl; i++)
        w->result += dot4(m->image[w->b[0] + i], m->image[w->c[0] + i]);
}

static void multiply_matrices(rv *m, const work *w)
{
    const uint64_t c = w->a[0], cs = w->a[1], a = w->a[2], as = w->a[3], b = w->a[4], bs = w->a[5];
    const uint64_t rows = w->a[6], columns = w->a[7], depth = w->a[8];
    if (rows == 0 || columns == 0 || depth == 0)
        return;
    const uint64_t c_length = (rows - 1) * cs + columns, a_length = (rows - 1) * as + depth;
    const uint64_t b_length = (columns - 1) * bs + depth;
    if (!in_range(m, w->a[0], c_length) || !in_range(m, w->a[2], a_length) || !in_range(m, w->a[4], b_length))
        return;
    if (cs < columns) {
        rv_fault(m, "trap OVERLAP, value %08x", w->a[0]);
        return;
    }
    if (!lies(m, w->a[0], c_length, w->a[2], a_length, APART) || !lies(m, w->a[0], c_length, w->a[4], b_length, APART))
        return;
    for (uint64_t i = 0; i < rows; i++)
        for (uint64_t j = 0; j < columns; j++)
            for (uint64_t k = 0; k < depth; k++)
                m->image[c + i * cs + j] += dot4(m->image[a + i * as + k], m->image[b + j * bs + k]);
}

static void requantise(rv *m, const work *w)
{
    const uint32_t d = w->a[0], s = w->b[0], factor = w->c[0], e = w->c[1] & 31, zero = w->c[2];
    const uint64_t n = m->vl;
    if (!in_range(m, d, n) || !in_range(m, s, 4 * n) || !lies(m, d, n, s, 4 * n, APART))
        return;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t made = 0;
        for (unsigned k = 0; k < 4; k++) {
            const uint32_t h = word_function(14, m->image[s + 4 * i + k], factor);
            const uint32_t q = e == 0 ? h : word_function(7, h, e) + (h >> (e - 1) & 1);
            const int32_t byte = signed_of(q + zero);
            made |= ((uint32_t)(byte < -128 ? -128 : byte > 127 ? 127 : byte) & 0xFF) << (8 * k);
        }
        m->image[d + i] = made;
    }
}

/* ---- one instruction ---- */

static void set_length(rv *m, uint32_t length)
{
    if (length > m->pixels)
        rv_fault(m, "trap VL, value %08x", length);
    else
        m->vl = length;
}

static void empty(work *w)
{
    uint32_t value;
    if (w->op == PX_OP_SCANADD || w->op == PX_OP_SCANMAX)
        w->result = w->c[0];
    else if (px_empty_value((uint8_t)w->op, &value))
        w->result = value;
}

static void vector(rv *m, work *w)
{
    const unsigned op = w->op;
    if (op == PX_OP_MATMUL)
        multiply_matrices(m, w);
    else if (m->vl == 0)
        empty(w);
    else if ((op >= PX_OP_VADD_VV && op <= PX_OP_BMULU_VX) || op == PX_OP_SELECT || op == PX_OP_BLEND ||
             op == PX_OP_DOT4_VV || op == PX_OP_DOT4_VX)
        map(m, w,
            (op >= PX_OP_VADD_VX && op <= PX_OP_VMULHU_VX) || (op >= PX_OP_BADD_VX && op <= PX_OP_BMULU_VX) ||
                op == PX_OP_DOT4_VX);
    else if (op >= PX_OP_SUM && op <= PX_OP_ARGMAX)
        reduce(m, w);
    else if (op == PX_OP_SCANADD || op == PX_OP_SCANMAX)
        scan(m, w);
    else if (op == PX_OP_FILL || op == PX_OP_IOTA)
        make(m, w);
    else if (op == PX_OP_COPYS)
        copy_strided(m, w);
    else if (op == PX_OP_PACK)
        pack(m, w);
    else if (op == PX_OP_GATHER)
        gather(m, w);
    else if (op == PX_OP_SCATADD)
        scatter(m, w);
    else if (op == PX_OP_LUT)
        look_up(m, w);
    else if (op == PX_OP_VDOT)
        dot(m, w);
    else if (op == PX_OP_REQ)
        requantise(m, w);
    else
        rv_fault(m, "pixel instruction %02x is not for C programs", op);
}

static void scalar(rv *m, work *w, unsigned number)
{
    const uint32_t side = 64;
    const uint32_t facts[4] = {m->pixels, side, m->pixels / side, m->vl};
    if (w->op == PX_OP_VL)
        set_length(m, w->b[0]);
    else if (w->op == PX_OP_GET)
        w->result = facts[number & 3];
    else
        w->result = word_function(w->op & 15, w->b[0], w->c[0]);
}

/* Operands from fields, or from the group's registers in their order. */
static void take_groups(rv *m, work *w)
{
    static const struct {
        unsigned op, a, b, c;
    } sizes[] = {{PX_OP_COPYS, 2, 2, 0},
                 {PX_OP_GATHER, 0, 2, 0},
                 {PX_OP_SCATADD, 2, 0, 0},
                 {PX_OP_MATMUL, 9, 0, 0},
                 {PX_OP_REQ, 0, 0, 3}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        if (sizes[i].op == w->op) {
            const uint32_t *from = m->group;
            memcpy(w->a, from, sizes[i].a ? sizes[i].a * sizeof *from : 0);
            memcpy(w->b, from + sizes[i].a, sizes[i].b * sizeof *from);
            memcpy(w->c, from + sizes[i].a + sizes[i].b, sizes[i].c * sizeof *from);
            return;
        }
    rv_fault(m, "pixel instruction %02x has no groups", w->op);
}

void rv_custom(rv *m, uint32_t word)
{
    const unsigned code = word & 0x7F, rd = word >> 7 & 31, function = word >> 12 & 7, number = word >> 15 & 31;
    const uint32_t d = m->x[rd], x = m->x[number], y = m->x[word >> 20 & 31];
    work w = {.op = word >> 25 | (function & 1) << 7, .a = {d}, .b = {x}, .c = {y}, .result = d};
    if (code == 0x7B) {
        if (word >> 25 < RV_GROUPS)
            m->group[word >> 25] = x;
        else
            rv_fault(m, "no such group register");
        return;
    }
    if (function & 2)
        take_groups(m, &w);
    else if (w.op == PX_OP_SCANADD || w.op == PX_OP_SCANMAX) {
        w.a[0] = x;
        w.b[0] = y;
        w.c[0] = d;
    }
    if (w.op == PX_OP_VL || w.op == PX_OP_GET || (w.op >= PX_OP_ADD && w.op <= PX_OP_MULHU))
        scalar(m, &w, number);
    else if (m->state == RV_RUNNING)
        vector(m, &w);
    if (m->state == RV_RUNNING && code != 0x0B)
        m->x[rd] = w.result;
}

/* fast_vector.c - the vector instructions of the fast CPU executor: an instruction's runs and their checks from its
 * shape in isa.def, and then one call for whole runs. What the calls do is fast_lanes.h's. */
#include "vm/fast_vector.h"

#include <stdlib.h>
#include <string.h>

#include "pxi/number.h"
#include "pxi/touch.h"
#include "vm/fast_lanes.h"
#include "vm/fast_long.h"
#include "vm/fast_pool.h"

/* Not in line, so that short maps have the registers to themselves. */
#define APART __attribute__((noinline))

/* An instruction whose runs are in the image and lie as they may. */
typedef struct operation {
    px_vm *vm;
    const px_lanes *lanes;
    px_insn i;
    px_run run[3];   /* of operands a, b, c; not set where all lengths are vl */
    uint32_t *at[3]; /* where they begin; any place when they are empty */
    size_t n;        /* vl */
} operation;

static uint32_t reg_a(const operation *o, unsigned further) { return o->vm->reg[(o->i.a + further) & 255u]; }
static uint32_t reg_b(const operation *o, unsigned further) { return o->vm->reg[(o->i.b + further) & 255u]; }
static uint32_t reg_c(const operation *o, unsigned further) { return o->vm->reg[(o->i.c + further) & 255u]; }

/* ---- checks ---- */

typedef struct form {
    uint8_t extent[3]; /* enum px_extent */
    uint8_t ab, ac;    /* enum px_lie */
    bool of_vl;        /* no run has another length than vl */
    uint32_t has[3];   /* all ones for an operand that is a run */
    bool ab_any, ac_any;
} form;

#define HAS(extent)   (PX_EXTENT_##extent != PX_EXTENT_NO)
#define OF_VL(extent) (!HAS(extent) || PX_EXTENT_##extent == PX_EXTENT_VL)
#define ONES(extent)  (HAS(extent) ? UINT32_MAX : 0)
static const form forms[] = {
#define PXI_SHAPE(id, a, b, c, use, ab, ac, regs)                                                                      \
    [PX_SHAPE_##id] = {{PX_EXTENT_##a, PX_EXTENT_##b, PX_EXTENT_##c},                                                  \
                       PX_LIE_##ab,                                                                                    \
                       PX_LIE_##ac,                                                                                    \
                       OF_VL(a) && OF_VL(b) && OF_VL(c),                                                               \
                       {ONES(a), ONES(b), ONES(c)},                                                                    \
                       !HAS(a) || !HAS(b) || PX_LIE_##ab == PX_LIE_FREE,                                               \
                       !HAS(a) || !HAS(c) || PX_LIE_##ac == PX_LIE_FREE},
#include "pxi/isa.def"
};

static const uint8_t shape_of[256] = {
#define PXI_OP(id, mnemonic, number, class, function, operands, shape, colour, effect) [number] = PX_SHAPE_##shape,
#include "pxi/isa.def"
};

static const px_overlap overlap_of[] = {
    [PX_LIE_FREE] = PX_ANYHOW, [PX_LIE_SAME] = PX_SAME_OR_APART, [PX_LIE_APART] = PX_APART};

static uint64_t length_of(enum px_extent extent, uint32_t vl, uint32_t next)
{
    if (extent == PX_EXTENT_VL)
        return vl;
    switch (extent) {
    case PX_EXTENT_VL4:
        return (uint64_t)vl * 4;
    case PX_EXTENT_TABLE:
        return vl == 0 ? 0 : 256;
    case PX_EXTENT_COUNT:
        return vl == 0 ? 0 : next;
    case PX_EXTENT_STRIDED:
        return vl == 0 ? 0 : (uint64_t)(vl - 1) * next + 1;
    default:
        return 0;
    }
}

/* MATMUL's runs; whether C overlaps itself. */
static bool lay_matrices(operation *o)
{
    px_touch touch[PX_TOUCHES];
    const unsigned count = px_touches(o->i.word, o->vm->s.pc, o->vm->reg, o->vm->s.vl, touch);
    for (unsigned k = 0; k < 3; k++)
        o->run[k] = (px_run){0, 0};
    for (unsigned k = 0; k < count; k++)
        o->run[touch[k].operand] = (px_run){touch[k].base, px_touch_length(&touch[k])};
    return count != 0 && touch[0].pitch < touch[0].columns;
}

/* All other runs; whether a overlaps itself. */
static bool lay_runs(operation *o, const form *f)
{
    const uint32_t vl = o->vm->s.vl, *const reg = o->vm->reg;
    const uint8_t operand[3] = {o->i.a, o->i.b, o->i.c};
    for (unsigned k = 0; k < 3; k++)
        o->run[k] = (px_run){reg[operand[k]], length_of(f->extent[k], vl, reg[(operand[k] + 1) & 255u])};
    return f->extent[0] == PX_EXTENT_STRIDED && reg_a(o, 1) == 0 && vl > 1;
}

APART static bool checked(operation *o, const form *f)
{
    const bool itself = f->extent[0] == PX_EXTENT_C ? lay_matrices(o) : lay_runs(o, f);
    if (!px_check_runs(o->vm, o->run[0], o->run[1], o->run[2], itself, overlap_of[f->ab], overlap_of[f->ac]))
        return false;
    for (unsigned k = 0; k < 3; k++)
        o->at[k] = o->vm->s.mem + (o->run[k].length == 0 ? 0 : o->run[k].base);
    return true;
}

/* Whether two runs of vl pixels, both in the image, lie as they may. */
static inline bool lie_well(bool any, unsigned rule, uint32_t x, uint32_t y, uint32_t vl)
{
    return (unsigned)any | ((unsigned)(x == y) & (unsigned)(rule == PX_LIE_SAME)) |
           ((unsigned)(x - y >= vl) & (unsigned)(y - x >= vl));
}

/* Where all runs have vl pixels and pass the checks, which is seen without a branch: a short run's would otherwise take
 * longer than its work. Of what this does not let pass, checked() finds out. */
static inline bool plainly_fine(operation *o, const form *f)
{
    const px_vm *vm = o->vm;
    const uint32_t vl = vm->s.vl, last = vm->n - vl;
    const uint32_t a = vm->reg[o->i.a] & f->has[0], b = vm->reg[o->i.b] & f->has[1], c = vm->reg[o->i.c] & f->has[2];
    const bool fine = (unsigned)f->of_vl & (unsigned)(vl <= vm->n) & (unsigned)(a <= last) & (unsigned)(b <= last) &
                      (unsigned)(c <= last) & (unsigned)lie_well(f->ab_any, f->ab, a, b, vl) &
                      (unsigned)lie_well(f->ac_any, f->ac, a, c, vl);
    if (!fine)
        return false;
    o->at[0] = vm->s.mem + a;
    o->at[1] = vm->s.mem + b;
    o->at[2] = vm->s.mem + c;
    return true;
}

/* ---- maps ---- */

static inline void map_vv(const operation *o, px_lanes_vv *f)
{
    if (o->n < PX_LONG_RUN)
        f(o->at[0], o->at[1], o->at[2], o->n);
    else
        px_long_vv(f, o->at[0], o->at[1], o->at[2], o->n);
}

static inline void map_vx(const operation *o, px_lanes_vx *f)
{
    if (o->n < PX_LONG_RUN)
        f(o->at[0], o->at[1], reg_c(o, 0), o->n);
    else
        px_long_vx(f, o->at[0], o->at[1], reg_c(o, 0), o->n);
}

/* ---- reductions and scans ---- */

APART static bool reduce(const operation *o)
{
    const px_lanes *l = o->lanes;
    uint32_t *const d = o->at[0], *const x = o->at[1];
    const size_t n = o->n;
    switch (o->i.op) {
    case PX_OP_SUM:
        px_set(o->vm, o->i.a, px_long_fold(l->sum, x, n));
        return true;
    case PX_OP_RMIN:
        px_set(o->vm, o->i.a, px_long_fold(l->least, x, n));
        return true;
    case PX_OP_RMAX:
        px_set(o->vm, o->i.a, px_long_fold(l->greatest, x, n));
        return true;
    case PX_OP_ARGMIN:
        px_set(o->vm, o->i.a, px_long_first(l->first_least, x, n));
        return true;
    case PX_OP_ARGMAX:
        px_set(o->vm, o->i.a, px_long_first(l->first_greatest, x, n));
        return true;
    case PX_OP_SCANADD:
        px_set(o->vm, o->i.c, px_long_scan(l->scan_add, l->sum, d, x, reg_c(o, 0), n));
        return true;
    case PX_OP_SCANMAX:
        px_set(o->vm, o->i.c, px_long_scan(l->scan_max, l->greatest, d, x, reg_c(o, 0), n));
        return true;
    default:
        return px_no_such(o->vm, o->i);
    }
}

/* ---- runs made, moved, combined ---- */

static void copys(const operation *o)
{
    uint32_t *const d = o->at[0];
    const uint32_t *const x = o->at[1];
    const size_t to = reg_a(o, 1), from = reg_b(o, 1);
    if (o->n != 0 && to == 1 && from == 1)
        memcpy(d, x, o->n * sizeof *d);
    else
        for (size_t k = 0; k < o->n; k++)
            d[k * to] = x[k * from];
}

static void scatadd(const operation *o)
{
    const uint32_t length = (uint32_t)o->run[0].length;
    for (size_t k = 0; k < o->n; k++) {
        const uint32_t j = o->at[2][k];
        if (j < length)
            o->at[0][j] += o->at[1][k];
    }
}

APART static bool run(const operation *o)
{
    switch (o->i.op) {
    case PX_OP_FILL:
        px_long_iota(o->lanes, o->at[0], reg_c(o, 0), 0, o->n);
        return true;
    case PX_OP_IOTA:
        px_long_iota(o->lanes, o->at[0], reg_b(o, 0), reg_c(o, 0), o->n);
        return true;
    case PX_OP_COPYS:
        copys(o);
        return true;
    case PX_OP_PACK:
        px_set(o->vm, o->i.a, reg_a(o, 0) + (uint32_t)o->lanes->pack(o->at[0], o->at[1], o->at[2], o->n));
        return true;
    case PX_OP_GATHER:
        px_long_gather(o->lanes, o->at[0], o->at[1], (uint32_t)o->run[1].length, o->at[2], o->n);
        return true;
    case PX_OP_SCATADD:
        scatadd(o);
        return true;
    case PX_OP_SELECT:
        map_vv(o, o->lanes->select);
        return true;
    case PX_OP_LUT:
        px_long_lut(o->lanes->lut, o->at[0], o->at[1], o->at[2], o->n);
        return true;
    case PX_OP_BLEND:
        px_long_vv(o->lanes->blend, o->at[0], o->at[1], o->at[0], o->n);
        return true;
    case PX_OP_DOT4_VV:
        map_vv(o, o->lanes->dot4_vv);
        return true;
    case PX_OP_DOT4_VX:
        map_vx(o, o->lanes->dot4_vx);
        return true;
    default:
        return px_no_such(o->vm, o->i);
    }
}

/* ---- tensors ---- */

static void matmul(const operation *o)
{
    const px_product p = {.c = o->at[0],
                          .a = o->at[1],
                          .b = o->at[2],
                          .c_stride = reg_a(o, 1),
                          .a_stride = reg_a(o, 3),
                          .b_stride = reg_a(o, 5),
                          .rows = reg_a(o, 6),
                          .columns = reg_a(o, 7),
                          .depth = reg_a(o, 8)};
    if (p.rows != 0 && p.columns != 0 && p.depth != 0)
        px_long_matmul(o->lanes, &p);
}

APART static bool tensor(const operation *o)
{
    switch (o->i.op) {
    case PX_OP_VDOT:
        px_set(o->vm, o->i.a, reg_a(o, 0) + px_long_dot(o->lanes, o->at[1], o->at[2], o->n));
        return true;
    case PX_OP_MATMUL:
        matmul(o);
        return true;
    case PX_OP_REQ:
        px_long_requantise(o->lanes, o->at[0], o->at[1],
                           &(px_scaling){.multiplier = reg_c(o, 0), .e = reg_c(o, 1) & 31, .zero = reg_c(o, 2)}, o->n);
        return true;
    default:
        return px_no_such(o->vm, o->i);
    }
}

/* Everything behind the checks. */
static bool execute(const operation *o, unsigned class)
{
    switch (class) {
    case PX_CLASS_VV:
        map_vv(o, o->lanes->word_vv[o->i.op & 15]);
        return true;
    case PX_CLASS_VX:
        map_vx(o, o->lanes->word_vx[o->i.op & 15]);
        return true;
    case PX_CLASS_BVV:
        map_vv(o, o->lanes->byte_vv[o->i.op & 15]);
        return true;
    case PX_CLASS_BVX:
        map_vx(o, o->lanes->byte_vx[o->i.op & 15]);
        return true;
    case PX_CLASS_REDUCE:
        return reduce(o);
    case PX_CLASS_RUN:
        return run(o);
    case PX_CLASS_TENSOR:
        return tensor(o);
    default:
        return px_no_such(o->vm, o->i);
    }
}

bool px_fast_vector(px_vm *vm, px_insn i, unsigned class)
{
    operation o;
    const form *f = &forms[shape_of[i.op]];
    o.vm = vm;
    o.lanes = px_lanes_now();
    o.i = i;
    o.n = vm->s.vl;
    if (!plainly_fine(&o, f) && !checked(&o, f))
        return false;
    return execute(&o, class);
}

bool px_fast_vector_settings(px_error *error)
{
    const char *level = getenv("PX_FAST_SIMD"), *threads = getenv("PX_FAST_THREADS");
    uint64_t count;
    if (level != NULL && px_lanes_of(level) == NULL)
        return px_fail(error, PX_E_USAGE, "PX_FAST_SIMD is no level of vectors that this build has: '%s'; 'plain' is",
                       level);
    return threads == NULL || px_parse_number("PX_FAST_THREADS", threads, 1, PX_POOL_MOST, &count, error);
}

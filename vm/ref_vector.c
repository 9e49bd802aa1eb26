/* ref_vector.c - the reference VM's vector instructions: maps, reductions, scans, runs (SPEC.md section 6).
 *
 * The overlap rules let every loop go upward and write as it reads: where a destination may be a source, element i is
 * read before it is written and no later element reads it. */
#include <stdlib.h>

#include "pxi/pixel.h"
#include "vm/ref.h"

/* ---- section 7: ranges and overlaps ---- */

static bool in_image(const px_vm *vm, px_run run)
{
    return run.length == 0 || (run.base < vm->n && run.length <= vm->n - run.base);
}

static bool allowed(px_run x, px_run y, px_overlap rule)
{
    const bool apart = x.length == 0 || y.length == 0 || x.base + x.length <= y.base || y.base + y.length <= x.base;
    const bool same = x.base == y.base && x.length == y.length;
    return rule == PX_ANYHOW || apart || (rule == PX_SAME_OR_APART && same);
}

bool px_check_runs(px_vm *vm, px_run a, px_run b, px_run c, bool a_overlaps_itself, px_overlap ab, px_overlap ac)
{
    if (!in_image(vm, a))
        return px_trap(vm, PX_TRAP_RANGE, a.base);
    if (!in_image(vm, b))
        return px_trap(vm, PX_TRAP_RANGE, b.base);
    if (!in_image(vm, c))
        return px_trap(vm, PX_TRAP_RANGE, c.base);
    if (a_overlaps_itself)
        return px_trap(vm, PX_TRAP_OVERLAP, a.base);
    if (!allowed(a, b, ab))
        return px_trap(vm, PX_TRAP_OVERLAP, b.base);
    if (!allowed(a, c, ac))
        return px_trap(vm, PX_TRAP_OVERLAP, c.base);
    return true;
}

static const px_run no_run = {0, 0};

/* ---- byte arithmetic ---- */

uint32_t px_div255(uint32_t p)
{
    const uint32_t u = p + 128;
    return (u + (u >> 8)) >> 8;
}

static int limit(int x, int least, int most) { return x < least ? least : x > most ? most : x; }

static uint32_t one_byte(unsigned fn, uint32_t x, uint32_t y)
{
    const int sx = px_signed(px_sign_extend8(x)), sy = px_signed(px_sign_extend8(y));
    switch ((enum px_byte_fn)fn) {
    case PX_BYTE_ADD:
        return x + y;
    case PX_BYTE_SUB:
        return x - y;
    case PX_BYTE_ADDU:
        return x + y > 255 ? 255 : x + y;
    case PX_BYTE_SUBU:
        return x > y ? x - y : 0;
    case PX_BYTE_ADDS:
        return (uint32_t)limit(sx + sy, -128, 127);
    case PX_BYTE_SUBS:
        return (uint32_t)limit(sx - sy, -128, 127);
    case PX_BYTE_SHL:
        return x << (y & 7);
    case PX_BYTE_SHR:
        return x >> (y & 7);
    case PX_BYTE_SLT:
        return sx < sy;
    case PX_BYTE_SLTU:
        return x < y;
    case PX_BYTE_SEQ:
        return x == y;
    case PX_BYTE_MIN:
        return sx < sy ? x : y;
    case PX_BYTE_MAX:
        return sx < sy ? y : x;
    case PX_BYTE_MINU:
        return x < y ? x : y;
    case PX_BYTE_MAXU:
        return x < y ? y : x;
    case PX_BYTE_MULU:
        return px_div255(x * y);
    }
    abort(); /* fn has four bits, and every value is named */
}

uint32_t px_bytes(unsigned fn, uint32_t x, uint32_t y)
{
    uint32_t result = 0;
    for (unsigned k = 0; k < 4; k++)
        result = px_with_byte(result, k, one_byte(fn, px_byte(x, k), px_byte(y, k)));
    return result;
}

static uint32_t dot_product(uint32_t x, uint32_t y)
{
    uint32_t sum = 0;
    for (unsigned k = 0; k < 4; k++)
        sum += px_sign_extend8(px_byte(x, k)) * px_sign_extend8(px_byte(y, k));
    return sum;
}

/* ---- maps ---- */

bool px_vm_vector_map(px_vm *vm, px_insn i)
{
    const px_state *s = &vm->s;
    const unsigned class = px_opcode_of(PX_V1, i.op)->class, fn = i.op & 15;
    const bool bytes = class == PX_CLASS_BVV || class == PX_CLASS_BVX;
    const bool two_runs = class == PX_CLASS_VV || class == PX_CLASS_BVV;
    const px_run d = {vm->reg[i.a], s->vl}, x = {vm->reg[i.b], s->vl};
    const px_run y = two_runs ? (px_run){vm->reg[i.c], s->vl} : no_run;
    if (!px_check_runs(vm, d, x, y, false, PX_SAME_OR_APART, PX_SAME_OR_APART))
        return false;
    const uint32_t scalar = vm->reg[i.c];
    uint32_t *const mem = s->mem;
    for (uint32_t k = 0; k < s->vl; k++) {
        const uint32_t left = mem[x.base + k], right = two_runs ? mem[y.base + k] : scalar;
        mem[d.base + k] = bytes ? px_bytes(fn, left, right) : px_word(fn, left, right);
    }
    return true;
}

/* ---- reductions and scans ---- */

/* False for an opcode that it does not know. */
static bool reduction(unsigned op, const uint32_t *run, uint32_t vl, uint32_t *result)
{
    uint32_t r = 0;
    switch (op) {
    case PX_OP_SUM:
        for (uint32_t k = 0; k < vl; k++)
            r += run[k];
        break;
    case PX_OP_RMIN:
        r = UINT32_C(0x7FFFFFFF);
        for (uint32_t k = 0; k < vl; k++)
            r = px_word(PX_WORD_MIN, r, run[k]);
        break;
    case PX_OP_RMAX:
        r = UINT32_C(0x80000000);
        for (uint32_t k = 0; k < vl; k++)
            r = px_word(PX_WORD_MAX, r, run[k]);
        break;
    case PX_OP_ARGMIN:
        for (uint32_t k = 0; k < vl; k++)
            r = px_signed(run[k]) < px_signed(run[r]) ? k : r;
        break;
    case PX_OP_ARGMAX:
        for (uint32_t k = 0; k < vl; k++)
            r = px_signed(run[k]) > px_signed(run[r]) ? k : r;
        break;
    default:
        return false;
    }
    *result = r;
    return true;
}

static bool scan(px_vm *vm, px_insn i)
{
    const px_state *s = &vm->s;
    const px_run d = {vm->reg[i.a], s->vl}, x = {vm->reg[i.b], s->vl};
    const unsigned fn = i.op == PX_OP_SCANADD ? PX_WORD_ADD : PX_WORD_MAX;
    uint32_t carry = vm->reg[i.c];
    if (!px_check_runs(vm, d, x, no_run, false, PX_SAME_OR_APART, PX_ANYHOW))
        return false;
    for (uint32_t k = 0; k < s->vl; k++) {
        const uint32_t total = px_word(fn, carry, s->mem[x.base + k]);
        s->mem[d.base + k] = carry;
        carry = total;
    }
    px_set(vm, i.c, carry);
    return true;
}

static bool fold(px_vm *vm, px_insn i)
{
    const px_run x = {vm->reg[i.b], vm->s.vl};
    uint32_t result;
    if (!px_check_runs(vm, no_run, x, no_run, false, PX_ANYHOW, PX_ANYHOW))
        return false;
    if (!reduction(i.op, x.length == 0 ? NULL : vm->s.mem + x.base, vm->s.vl, &result))
        return px_no_such(vm, i);
    px_set(vm, i.a, result);
    return true;
}

bool px_vm_reduce(px_vm *vm, px_insn i)
{
    return i.op == PX_OP_SCANADD || i.op == PX_OP_SCANMAX ? scan(vm, i) : fold(vm, i);
}

/* ---- runs: one function an instruction ---- */

static bool fill_iota(px_vm *vm, px_insn i)
{
    px_state *s = &vm->s;
    const px_run d = {vm->reg[i.a], s->vl};
    uint32_t x = i.op == PX_OP_FILL ? vm->reg[i.c] : vm->reg[i.b];
    const uint32_t step = i.op == PX_OP_FILL ? 0 : vm->reg[i.c];
    if (!px_check_runs(vm, d, no_run, no_run, false, PX_ANYHOW, PX_ANYHOW))
        return false;
    for (uint32_t k = 0; k < s->vl; k++, x += step)
        s->mem[d.base + k] = x;
    return true;
}

static bool copys(px_vm *vm, px_insn i)
{
    px_state *s = &vm->s;
    const uint32_t vl = s->vl, to = vm->reg[(i.a + 1) & 255], from = vm->reg[(i.b + 1) & 255];
    if (vl == 0)
        return true;
    const px_run d = {vm->reg[i.a], (uint64_t)(vl - 1) * to + 1}, x = {vm->reg[i.b], (uint64_t)(vl - 1) * from + 1};
    if (!px_check_runs(vm, d, x, no_run, to == 0 && vl > 1, PX_APART, PX_ANYHOW))
        return false;
    for (uint32_t k = 0; k < vl; k++)
        s->mem[d.base + k * to] = s->mem[x.base + k * from];
    return true;
}

static bool pack(px_vm *vm, px_insn i)
{
    px_state *s = &vm->s;
    const px_run d = {vm->reg[i.a], s->vl}, x = {vm->reg[i.b], s->vl}, flags = {vm->reg[i.c], s->vl};
    if (!px_check_runs(vm, d, x, flags, false, PX_SAME_OR_APART, PX_APART))
        return false;
    uint32_t count = 0;
    for (uint32_t k = 0; k < s->vl; k++)
        if (s->mem[flags.base + k] != 0)
            s->mem[d.base + count++] = s->mem[x.base + k];
    px_set(vm, i.a, d.base + count);
    return true;
}

static bool gather(px_vm *vm, px_insn i)
{
    px_state *s = &vm->s;
    const px_run d = {vm->reg[i.a], s->vl}, index = {vm->reg[i.c], s->vl};
    const px_run table = {vm->reg[i.b], vm->reg[(i.b + 1) & 255]};
    if (s->vl == 0)
        return true;
    if (!px_check_runs(vm, d, table, index, false, PX_APART, PX_SAME_OR_APART))
        return false;
    for (uint32_t k = 0; k < s->vl; k++) {
        const uint32_t j = s->mem[index.base + k];
        s->mem[d.base + k] = j < table.length ? s->mem[table.base + j] : 0;
    }
    return true;
}

static bool scatadd(px_vm *vm, px_insn i)
{
    px_state *s = &vm->s;
    const px_run table = {vm->reg[i.a], vm->reg[(i.a + 1) & 255]};
    const px_run x = {vm->reg[i.b], s->vl}, index = {vm->reg[i.c], s->vl};
    if (s->vl == 0)
        return true;
    if (!px_check_runs(vm, table, x, index, false, PX_APART, PX_APART))
        return false;
    for (uint32_t k = 0; k < s->vl; k++) {
        const uint32_t j = s->mem[index.base + k];
        if (j < table.length)
            s->mem[table.base + j] += s->mem[x.base + k];
    }
    return true;
}

static bool select_where(px_vm *vm, px_insn i)
{
    px_state *s = &vm->s;
    const px_run d = {vm->reg[i.a], s->vl}, x = {vm->reg[i.b], s->vl}, flags = {vm->reg[i.c], s->vl};
    if (!px_check_runs(vm, d, x, flags, false, PX_SAME_OR_APART, PX_SAME_OR_APART))
        return false;
    for (uint32_t k = 0; k < s->vl; k++)
        if (s->mem[flags.base + k] != 0)
            s->mem[d.base + k] = s->mem[x.base + k];
    return true;
}

static bool lut(px_vm *vm, px_insn i)
{
    px_state *s = &vm->s;
    const px_run d = {vm->reg[i.a], s->vl}, x = {vm->reg[i.b], s->vl}, table = {vm->reg[i.c], 256};
    if (s->vl == 0)
        return true;
    if (!px_check_runs(vm, d, x, table, false, PX_SAME_OR_APART, PX_APART))
        return false;
    for (uint32_t k = 0; k < s->vl; k++) {
        const uint32_t in = s->mem[x.base + k];
        uint32_t out = 0;
        for (unsigned ch = 0; ch < 4; ch++)
            out = px_with_byte(out, ch, px_byte(s->mem[table.base + px_byte(in, ch)], ch));
        s->mem[d.base + k] = out;
    }
    return true;
}

static bool blend(px_vm *vm, px_insn i)
{
    px_state *s = &vm->s;
    const px_run d = {vm->reg[i.a], s->vl}, x = {vm->reg[i.b], s->vl};
    if (!px_check_runs(vm, d, x, no_run, false, PX_SAME_OR_APART, PX_ANYHOW))
        return false;
    for (uint32_t k = 0; k < s->vl; k++) {
        const uint32_t over = s->mem[x.base + k], under = s->mem[d.base + k], alpha = px_byte(over, 3);
        uint32_t out = 0;
        for (unsigned ch = 0; ch < 4; ch++) {
            const uint32_t p = px_byte(over, ch) * alpha + px_byte(under, ch) * (255 - alpha);
            out = px_with_byte(out, ch, px_div255(p));
        }
        s->mem[d.base + k] = out;
    }
    return true;
}

static bool dot4(px_vm *vm, px_insn i)
{
    px_state *s = &vm->s;
    const bool two_runs = i.op == PX_OP_DOT4_VV;
    const px_run d = {vm->reg[i.a], s->vl}, x = {vm->reg[i.b], s->vl};
    const px_run y = two_runs ? (px_run){vm->reg[i.c], s->vl} : no_run;
    if (!px_check_runs(vm, d, x, y, false, PX_SAME_OR_APART, PX_SAME_OR_APART))
        return false;
    const uint32_t scalar = vm->reg[i.c];
    for (uint32_t k = 0; k < s->vl; k++)
        s->mem[d.base + k] = dot_product(s->mem[x.base + k], two_runs ? s->mem[y.base + k] : scalar);
    return true;
}

bool px_vm_run(px_vm *vm, px_insn i)
{
    switch (i.op) {
    case PX_OP_FILL:
    case PX_OP_IOTA:
        return fill_iota(vm, i);
    case PX_OP_COPYS:
        return copys(vm, i);
    case PX_OP_PACK:
        return pack(vm, i);
    case PX_OP_GATHER:
        return gather(vm, i);
    case PX_OP_SCATADD:
        return scatadd(vm, i);
    case PX_OP_SELECT:
        return select_where(vm, i);
    case PX_OP_LUT:
        return lut(vm, i);
    case PX_OP_BLEND:
        return blend(vm, i);
    case PX_OP_DOT4_VV:
    case PX_OP_DOT4_VX:
        return dot4(vm, i);
    default:
        return px_no_such(vm, i);
    }
}

/* ref_tensor.c - the reference VM's integer tensor instructions: VDOT, MATMUL, REQ (SPEC.md section 6). */
#include <stddef.h>

#include "pxi/pixel.h"
#include "vm/ref.h"

/* A sum does not depend on the order of its terms, so the bytes of a word are taken as they lie. */
static uint32_t dot_runs(const uint32_t *x, const uint32_t *y, uint32_t length)
{
    const int8_t *a = (const int8_t *)x, *b = (const int8_t *)y;
    uint32_t sum = 0;
    for (size_t k = 0; k < 4 * (size_t)length; k++)
        sum += (uint32_t)(a[k] * b[k]);
    return sum;
}

static bool vdot(px_vm *vm, px_insn i)
{
    const px_state *s = &vm->s;
    const px_run x = {vm->reg[i.b], s->vl}, y = {vm->reg[i.c], s->vl};
    if (!px_check_runs(vm, (px_run){0, 0}, x, y, false, PX_ANYHOW, PX_ANYHOW))
        return false;
    const uint32_t sum = s->vl == 0 ? 0 : dot_runs(s->mem + x.base, s->mem + y.base, s->vl);
    px_set(vm, i.a, vm->reg[i.a] + sum);
    return true;
}

/* A matrix as its bounding interval. */
static px_run matrix(uint32_t base, uint32_t rows, uint32_t stride, uint32_t columns)
{
    return (px_run){base, (uint64_t)(rows - 1) * stride + columns};
}

static bool matmul(px_vm *vm, px_insn i)
{
    px_state *s = &vm->s;
    uint32_t r[9];
    for (unsigned k = 0; k < 9; k++)
        r[k] = vm->reg[(i.a + k) & 255];
    const uint32_t c_stride = r[1], a_stride = r[3], b_stride = r[5], rows = r[6], columns = r[7], depth = r[8];
    if (rows == 0 || columns == 0 || depth == 0)
        return true;
    const px_run c = matrix(r[0], rows, c_stride, columns), a = matrix(r[2], rows, a_stride, depth),
                 b = matrix(r[4], columns, b_stride, depth);
    if (!px_check_runs(vm, c, a, b, c_stride < columns, PX_APART, PX_APART))
        return false;
    for (uint32_t m = 0; m < rows; m++)
        for (uint32_t n = 0; n < columns; n++)
            s->mem[c.base + m * c_stride + n] +=
                dot_runs(s->mem + a.base + m * a_stride, s->mem + b.base + n * b_stride, depth);
    return true;
}

/* One word to one signed byte: h / 2^e, rounded, plus the zero point, limited. */
static uint32_t requantise(uint32_t x, uint32_t multiplier, uint32_t e, uint32_t zero)
{
    const uint32_t h = px_word(PX_WORD_MULH, x, multiplier);
    const uint32_t q = e == 0 ? h : px_word(PX_WORD_SAR, h, e) + (h >> (e - 1) & 1);
    const int32_t sum = px_signed(q + zero);
    return (uint32_t)(sum < -128 ? -128 : sum > 127 ? 127 : sum);
}

static bool req(px_vm *vm, px_insn i)
{
    px_state *s = &vm->s;
    const px_run d = {vm->reg[i.a], s->vl}, x = {vm->reg[i.b], 4 * (uint64_t)s->vl};
    const uint32_t multiplier = vm->reg[i.c], e = vm->reg[(i.c + 1) & 255] & 31, zero = vm->reg[(i.c + 2) & 255];
    if (!px_check_runs(vm, d, x, (px_run){0, 0}, false, PX_APART, PX_ANYHOW))
        return false;
    for (uint32_t k = 0; k < s->vl; k++) {
        uint32_t out = 0;
        for (unsigned ch = 0; ch < 4; ch++)
            out = px_with_byte(out, ch, requantise(s->mem[x.base + 4 * k + ch], multiplier, e, zero));
        s->mem[d.base + k] = out;
    }
    return true;
}

bool px_vm_tensor(px_vm *vm, px_insn i)
{
    switch (i.op) {
    case PX_OP_VDOT:
        return vdot(vm, i);
    case PX_OP_MATMUL:
        return matmul(vm, i);
    case PX_OP_REQ:
        return req(vm, i);
    default:
        return px_no_such(vm, i);
    }
}

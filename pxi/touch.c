/* touch.c - see touch.h. */
#include "pxi/touch.h"

#include <stddef.h>

#include "pxi/isa.h"
#include "pxi/pixel.h"

uint64_t px_touch_length(const px_touch *touch) { return (touch->rows - 1) * touch->pitch + touch->columns; }

/* MATMUL's nine registers: C, its stride, A, its stride, B, its stride, rows, columns, depth. */
static px_touch matrix(enum px_extent extent, unsigned first, const uint32_t reg[256])
{
    uint32_t r[9];
    for (unsigned k = 0; k < 9; k++)
        r[k] = reg[(first + k) & 255];
    if (r[6] == 0 || r[7] == 0 || r[8] == 0)
        return (px_touch){0};
    if (extent == PX_EXTENT_C)
        return (px_touch){.base = r[0], .pitch = r[1], .rows = r[6], .columns = r[7]};
    if (extent == PX_EXTENT_A)
        return (px_touch){.base = r[2], .pitch = r[3], .rows = r[6], .columns = r[8]};
    return (px_touch){.base = r[4], .pitch = r[5], .rows = r[7], .columns = r[8]};
}

static px_touch run(uint32_t base, uint64_t length) { return (px_touch){.base = base, .rows = 1, .columns = length}; }

/* The touch of operand k, other than a run of vl, without its use; columns is 0 when there is none. */
static px_touch operand(enum px_extent extent, unsigned k, uint32_t pixel, uint32_t pc, const uint32_t reg[256],
                        uint32_t vl)
{
    const unsigned number = px_byte(pixel, k + 1);
    const uint32_t base = reg[number], next = reg[(number + 1) & 255];
    switch (extent) {
    case PX_EXTENT_NO:
    case PX_EXTENT_VL:
        break;
    case PX_EXTENT_VL4:
        return run(base, (uint64_t)vl * 4);
    case PX_EXTENT_TABLE:
        return run(base, vl == 0 ? 0 : 256);
    case PX_EXTENT_COUNT:
        return run(base, vl == 0 ? 0 : next);
    case PX_EXTENT_STRIDED:
        return (px_touch){.base = base, .pitch = next, .rows = vl, .columns = vl == 0 ? 0 : 1};
    case PX_EXTENT_PIXEL:
    case PX_EXTENT_NEXT:
        return run(px_touched_pixel(pixel, pc, reg), 1);
    case PX_EXTENT_SLOTS:
        return run(base, (uint64_t)vl * next);
    case PX_EXTENT_HERE:
        return run(pc, vl == 0 ? 0 : 1);
    case PX_EXTENT_C:
    case PX_EXTENT_A:
    case PX_EXTENT_B:
        return matrix(extent, px_byte(pixel, 1), reg);
    }
    return (px_touch){0};
}

unsigned px_touches(uint32_t pixel, uint32_t pc, const uint32_t reg[256], uint32_t vl, px_touch touch[PX_TOUCHES])
{
    const px_opcode *opcode = px_opcode_of(PX_V1, (uint8_t)pixel);
    const px_shape *shape = px_shape_of(opcode);
    unsigned count = 0;
    if (opcode->mnemonic == NULL)
        return 0;
    for (unsigned k = 0; k < 3; k++) {
        const enum px_extent extent = (enum px_extent)shape->extent[k];
        if (extent == PX_EXTENT_NO)
            continue;
        px_touch *const one = &touch[count];
        if (extent == PX_EXTENT_VL) { /* nearly all: what heat costs is mostly spent here */
            one->base = reg[px_byte(pixel, k + 1)];
            one->pitch = 0;
            one->rows = 1;
            one->columns = vl;
        } else {
            *one = operand(extent, k, pixel, pc, reg, vl);
        }
        const char use = shape->use[k];
        one->read = use == 'r' || use == 'u';
        one->written = use == 'w' || use == 'u';
        one->operand = (uint8_t)k;
        count += one->columns != 0;
    }
    return count;
}

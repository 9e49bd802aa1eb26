/* fast_level_table.h - all of a level, and the table by which it is found. See fast_level.h. */
#include "vm/fast_level.h"

#include "vm/fast_maps.h"

#include "vm/fast_folds.h"

#include "vm/fast_moves.h"

#include "vm/fast_tensor.h"

#include "vm/fast_matmul.h"

#define NAME_OF_(level) #level
#define NAME_OF(level)  NAME_OF_(level)

const px_lanes JOIN(px_lanes_, LEVEL) = {
    .name = NAME_OF(LEVEL),
#define PX_FN_WORD(id, number)        .word_vv[number] = words_##id##_vv, .word_vx[number] = words_##id##_vx,
#define PX_FN_BYTE(id, number)        .byte_vv[number] = bytes_##id##_vv, .byte_vx[number] = bytes_##id##_vx,
#define PXI_FN(set, id, number, text) PX_FN_##set(id, number)
#include "pxi/isa.def"
#undef PX_FN_WORD
#undef PX_FN_BYTE
    .dot4_vv = dot4_vv,
    .dot4_vx = dot4_vx,
    .blend = blend,
    .select = select_where,
    .lut = lut,
    .sum = sum,
    .least = least,
    .greatest = greatest,
    .first_least = first_least,
    .first_greatest = first_greatest,
    .scan_add = scan_add,
    .scan_max = scan_max,
    .iota = iota,
    .pack = pack,
    .gather = gather,
    .dot = dot,
    .requantise = requantise,
    .matmul = matmul,
};

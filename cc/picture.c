/* picture.c - code, data and header into a picture. */
#include <inttypes.h>
#include <string.h>

#include "cc/elf.h"
#include "cc/select.h"
#include "pxi/isa.h"
#include "pxi/pixel.h"
#include "pxi/state.h"

enum { FAR = CC_SCRATCH + 8 }; /* holds the target of what cannot reach it */

static const uint8_t argument[] = "prog"; /* argv[0], until whoever starts it says otherwise */
enum { ARGUMENTS = 8 + sizeof argument };

/* ---- code ---- */

static uint32_t distance16(uint32_t from, uint32_t to) { return ((to - from) & 0xFFFF) << 16; }

/* LIT FAR, target; JR FAR. */
static void put_far(uint32_t *m, uint32_t at, uint32_t target)
{
    m[at] = PX_OP_LIT | FAR << 8;
    m[at + 1] = target;
    m[at + 2] = PX_OP_JR | FAR << 16;
}

static void put_branch(uint32_t *m, const cc_item *item, uint32_t target)
{
    const uint32_t at = item->address;
    if (item->form == 0) {
        m[at] = item->word | ((target - at) & 255) << 8;
        return;
    }
    m[at] = (item->word ^ 1) | (item->form == 1 ? 2u : 4u) << 8; /* the opposite, over what follows */
    if (item->form == 1)
        m[at + 1] = PX_OP_JMP | distance16(at + 1, target);
    else
        put_far(m, at + 1, target);
}

static void put_item(const cc_program *p, uint32_t *m, uint32_t i)
{
    const cc_item *item = &p->items[i];
    const uint32_t at = item->address;
    const uint32_t target = item->fix == CC_FIX_CODE || item->fix >= CC_FIX_BRANCH ? cc_pixel_of(p, item->value) : 0;
    m[at] = item->word;
    switch (item->fix) {
    case CC_FIX_LITERAL:
        m[at + 1] = item->value;
        break;
    case CC_FIX_CODE:
        m[at + 1] = target;
        break;
    case CC_FIX_RETURN:
        m[at + 1] = at + 3;
        break;
    case CC_FIX_BRANCH:
        put_branch(m, item, target);
        break;
    case CC_FIX_JUMP:
    case CC_FIX_CALL:
        if (item->form == 0)
            m[at] = item->word | distance16(at, target);
        else if (item->fix == CC_FIX_JUMP)
            put_far(m, at, target);
        else {
            m[at] = PX_OP_LIT | (item->word & 0xFF00); /* the link register */
            m[at + 1] = at + 5;
            put_far(m, at + 2, target);
        }
        break;
    default:
        break;
    }
}

/* ---- data ---- */

/* *first and *end of the data, in bytes; 0 where there is none. */
static bool data_bounds(const cc_program *p, uint64_t *first, uint64_t *end)
{
    *first = UINT64_MAX;
    *end = 0;
    for (uint32_t i = 0; i < p->section_count; i++) {
        const cc_section *s = &p->sections[i];
        if (!cc_is_data(s))
            continue;
        if ((uint64_t)s->address + s->size > 4 * (uint64_t)PX_MAX_PIXELS)
            return cc_fail(p, "%s: it ends at byte %" PRIu64 ", and a picture has %u", s->name,
                           (uint64_t)s->address + s->size, 4 * (unsigned)PX_MAX_PIXELS);
        *first = s->address < *first ? s->address : *first;
        *end = (uint64_t)s->address + s->size > *end ? (uint64_t)s->address + s->size : *end;
    }
    return true;
}

static void put_byte(uint32_t *m, uint32_t at, uint8_t byte)
{
    m[at / 4] = (m[at / 4] & ~(UINT32_C(255) << 8 * (at % 4))) | (uint32_t)byte << 8 * (at % 4);
}

static void put_bytes(uint32_t *m, uint32_t at, const uint8_t *bytes, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        put_byte(m, at + i, bytes[i]);
}

static void put_word(uint32_t *m, uint32_t at, uint32_t word)
{
    for (uint32_t k = 0; k < 4; k++)
        put_byte(m, at + k, (uint8_t)(word >> 8 * k));
}

static uint32_t get_word(const uint32_t *m, uint32_t at)
{
    uint32_t word = 0;
    for (uint32_t k = 0; k < 4; k++)
        word |= px_byte(m[(at + k) / 4], (at + k) % 4) << 8 * k;
    return word;
}

static void put_data(const cc_program *p, uint32_t *m)
{
    for (uint32_t i = 0; i < p->section_count; i++) {
        const cc_section *s = &p->sections[i];
        if (cc_is_data(s) && s->type != ELF_NOBITS)
            put_bytes(m, s->address, p->elf + s->offset, s->size);
    }
    for (uint32_t i = 0; i < p->patch_count; i++) {
        const cc_patch *patch = &p->patches[i];
        const uint32_t moved =
            patch->target == CC_NO_INDEX ? p->move : cc_pixel_of(p, patch->target) - cc_address(p, patch->target);
        put_word(m, patch->address,
                 get_word(m, patch->address) + (patch->sign > 0 ? moved : (uint32_t) - (int64_t)moved));
    }
}

/* ---- the whole ---- */

static uint32_t width_of(const px_cc_options *options, uint32_t pixels)
{
    uint32_t w = 64;
    while (options->width == 0 && (uint64_t)w * w < pixels)
        w *= 2;
    return options->width != 0 ? options->width : w;
}

static void put_header(const cc_program *p, uint32_t *m, uint32_t arguments)
{
    m[0] = PX_MAGIC_PROGRAM;
    m[1] = p->code_first;
    m[2] = p->code_end;
    m[CC_ARGC] = 1;
    m[CC_ARGV] = arguments;
    m[CC_HEAP] = (arguments + ARGUMENTS + 15) & ~UINT32_C(15);
    put_word(m, arguments, arguments + 8);
    put_bytes(m, arguments + 8, argument, sizeof argument);
}

bool cc_picture(cc_program *p, px_cc_result *result)
{
    uint64_t first, end;
    const uint64_t least = 4 * (uint64_t)p->code_end;
    if (!data_bounds(p, &first, &end))
        return false;
    result->instructions = p->count;
    result->code_pixels = p->code_end - p->code_first;
    result->data_start = (uint32_t)((least > CC_LEAST_DATA ? least : CC_LEAST_DATA) + 15) & ~UINT32_C(15);
    result->data_overlap = end != 0 && (first < least || first < CC_LEAST_DATA);
    if (result->data_overlap || p->options->measure)
        return true;
    const uint32_t arguments = (uint32_t)((end > result->data_start ? end : result->data_start) + 15) & ~UINT32_C(15);
    const uint64_t pixels = ((uint64_t)arguments + ARGUMENTS + 15) / 16 * 4 + p->options->heap;
    if (pixels > PX_MAX_PIXELS)
        return cc_fail(p, "code, data and heap are %" PRIu64 " pixels, and a picture has at most %u", pixels,
                       (unsigned)PX_MAX_PIXELS);
    const uint32_t w = width_of(p->options, (uint32_t)pixels), h = (uint32_t)((pixels + w - 1) / w);
    if (!px_picture_new(&result->picture, w, h, p->error))
        return false;
    uint32_t *m = result->picture.px;
    for (uint32_t i = p->code_first; i < p->code_end; i++)
        m[i] = PX_OP_ADDI; /* what alignment leaves between is a NOP */
    for (uint32_t i = 0; i < p->item_count; i++)
        put_item(p, m, i);
    put_data(p, m);
    put_header(p, m, arguments);
    m[4] = px_checksum(w, h, m);
    return true;
}

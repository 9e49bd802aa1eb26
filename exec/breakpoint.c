/* breakpoint.c - see breakpoint.h. */
#include "exec/breakpoint.h"

#include "pxi/pixel.h"
#include "pxi/touch.h"

bool px_breakpoints_look(const px_breakpoints *list)
{
    for (size_t i = 0; i < list->count; i++)
        if (!list->at[i].off && list->at[i].kind != PX_BREAK_COUNT && list->at[i].kind != PX_BREAK_SYS)
            return true;
    return false;
}

bool px_breakpoints_pixels(const px_breakpoints *list)
{
    for (size_t i = 0; i < list->count; i++)
        if (!list->at[i].off && list->at[i].pixels)
            return true;
    return false;
}

static bool fits(const px_breakpoint *b, const px_moment *moment, uint32_t instruction)
{
    const uint8_t op = (uint8_t)instruction;
    switch (b->kind) {
    case PX_BREAK_PC:
        return moment->pc == b->at;
    case PX_BREAK_OP:
        return op == b->at;
    case PX_BREAK_CLASS:
        return px_opcode_of(PX_V1, op)->mnemonic != NULL && px_opcode_of(PX_V1, op)->class == b->at;
    default:
        return false;
    }
}

const px_breakpoint *px_break_before(const px_breakpoints *list, const px_moment *moment, uint32_t instruction)
{
    for (size_t i = 0; i < list->count; i++) {
        const px_breakpoint *b = &list->at[i];
        if (!b->off && fits(b, moment, instruction) && (b->holds == NULL || b->holds(b->context, moment)))
            return b;
    }
    return NULL;
}

/* Whether a touch, piece by piece, meets the run. */
static bool meets(const px_touch *t, uint64_t from, uint64_t end)
{
    if (t->rows == 1 || t->pitch == t->columns)
        return t->base < end && from < t->base + px_touch_length(t);
    for (uint64_t row = 0, base = t->base; row < t->rows; row++, base += t->pitch) {
        if (base < end && from < base + t->columns)
            return true;
        if (base >= end)
            return false;
    }
    return false;
}

bool px_break_touches(const px_breakpoint *b, const px_follow *f, const px_retire *retire)
{
    px_touch touch[PX_TOUCHES];
    if (retire->slot >= 0 || px_opcode_of(PX_V1, (uint8_t)retire->instruction)->shape == PX_SHAPE_NONE)
        return false;
    const unsigned count = px_touches(retire->instruction, retire->pc, f->reg, f->vl, touch);
    for (unsigned i = 0; i < count; i++)
        if (((b->read && touch[i].read) || (b->written && touch[i].written)) &&
            meets(&touch[i], b->at, (uint64_t)b->at + b->count))
            return true;
    return false;
}

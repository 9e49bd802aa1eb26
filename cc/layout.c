/* layout.c - where each pixel of code goes: branches that do not reach their target grow until all do. */
#include "cc/select.h"

/* Pixels of an item, by its form: 0 as it is, 1 a branch over JMP, 2 through a register. */
static uint32_t item_size(const cc_item *item)
{
    switch (item->fix) {
    case CC_FIX_LITERAL:
    case CC_FIX_CODE:
    case CC_FIX_RETURN:
        return 2;
    case CC_FIX_BRANCH:
        return item->form == 0 ? 1 : item->form == 1 ? 2 : 4;
    case CC_FIX_JUMP:
        return item->form == 0 ? 1 : 3;
    case CC_FIX_CALL:
        return item->form == 0 ? 1 : 5;
    default:
        return 1;
    }
}

/* C++ tells virtual member functions from others by the lowest bit of their address. */
static bool wants_even(const cc_insn *n) { return (n->flags & (CC_TAKEN | CC_FUNCTION)) == (CC_TAKEN | CC_FUNCTION); }

static void place(cc_program *p)
{
    uint32_t at = p->code_first;
    for (uint32_t i = 0; i <= p->count; i++) {
        if (i < p->count && wants_even(&p->insns[i]) && at % 2 != 0)
            at++; /* a NOP, where something falls into it */
        const uint32_t end = i < p->count ? p->first_item[i + 1] : p->item_count;
        for (uint32_t item = i == 0 ? 0 : p->first_item[i]; item < end; item++) {
            p->items[item].address = at;
            at += item_size(&p->items[item]);
        }
    }
    p->code_end = at;
}

uint32_t cc_pixel_of(const cc_program *p, uint32_t index)
{
    const uint32_t item = p->first_item[index];
    return item < p->item_count ? p->items[item].address : p->code_end;
}

static bool reaches(int64_t distance, int64_t limit) { return distance >= -limit && distance < limit; }

/* Whether one grew. */
static bool grow(cc_program *p)
{
    bool grew = false;
    for (uint32_t i = 0; i < p->item_count; i++) {
        cc_item *item = &p->items[i];
        if (item->fix < CC_FIX_BRANCH || item->form == 2)
            continue;
        const int64_t distance = (int64_t)cc_pixel_of(p, item->value) - item->address;
        uint8_t form = 0;
        if (!reaches(distance - 1, 32767)) /* the JMP of a branch lies one behind it */
            form = 2;
        else if (item->fix == CC_FIX_BRANCH && !reaches(distance, 128))
            form = 1;
        if (form > item->form) {
            item->form = form;
            grew = true;
        }
    }
    return grew;
}

bool cc_layout(cc_program *p)
{
    p->code_first = cc_code_first(p->options);
    do
        place(p);
    while (grow(p));
    return p->code_end <= PX_MAX_PIXELS || cc_fail(p, "more code than a picture has pixels");
}

/* ref_resume.c - RESUME: the machines that lie in an image as saved states (SPEC.md section 5). */
#include "pxi/pixel.h"
#include "vm/ref.h"

static uint32_t *slot_of(const px_slots *slots) { return slots->outer->s.mem + px_slot_address(slots); }

static uint32_t *allowance_of(const px_slots *slots) { return slots->outer->s.mem + slots->allowances + slots->at; }

uint32_t px_slot_address(const px_slots *slots) { return slots->first + slots->at * slots->size; }

bool px_vm_resume(px_vm *outer, px_slots *slots)
{
    const px_state *s = &outer->s;
    const unsigned a = px_byte(s->mem[s->pc], 1), b = px_byte(s->mem[s->pc], 2);
    *slots = (px_slots){.outer = outer,
                        .first = outer->reg[a],
                        .size = outer->reg[(a + 1) & 255],
                        .count = s->vl,
                        .allowances = outer->reg[b]};
    const px_run all = {slots->first, (uint64_t)slots->count * slots->size}, none = {0, 0};
    const px_run allowances = {slots->allowances, slots->count}, here = {s->pc, 1};
    return slots->count == 0 || (px_check_runs(outer, all, allowances, here, false, PX_APART, PX_APART) &&
                                 px_check_runs(outer, allowances, here, none, false, PX_APART, PX_ANYHOW));
}

/* Whether a saved state of a machine that can run begins at slot; image: where its image does. */
static bool ready(const uint32_t *slot, uint32_t size, uint32_t *image)
{
    const uint32_t w = slot[PX_SAVED_W], h = slot[PX_SAVED_H];
    if (slot[PX_SAVED_MAGIC] != PX_MAGIC_STATE || slot[PX_SAVED_PROFILE] != PX_V1 || w == 0 || h == 0)
        return false;
    const uint64_t rows = ((uint64_t)PX_STATE_WORDS + w - 1) / w, n = (uint64_t)w * h;
    if (rows * w > size || n > size - rows * w)
        return false;
    *image = (uint32_t)(rows * w);
    return slot[PX_SAVED_PC] <= n && slot[PX_SAVED_VL] <= n && slot[PX_SAVED_STATUS] == PX_RUNNING &&
           slot[PX_SAVED_CAUSE] == 0 && slot[PX_SAVED_VALUE] == 0;
}

/* The registers stay where they are, and inner->s.reg is not touched. */
static void enter(px_vm *inner, uint32_t *slot, uint32_t image)
{
    inner->s.profile = PX_V1;
    inner->s.w = slot[PX_SAVED_W];
    inner->s.h = slot[PX_SAVED_H];
    inner->s.pc = slot[PX_SAVED_PC];
    inner->s.vl = slot[PX_SAVED_VL];
    inner->s.status = PX_RUNNING;
    inner->s.cause = 0;
    inner->s.value = 0;
    inner->s.retired = slot[PX_SAVED_RETIRED];
    inner->s.mem = slot + image;
    inner->reg = slot + PX_SAVED_REG;
    inner->n = inner->s.w * inner->s.h;
    inner->nested = true;
}

bool px_slot_enter(px_slots *slots, px_vm *inner, uint32_t *allowance)
{
    uint32_t image;
    if (slots->size <= PX_STATE_WORDS)
        return false;
    for (; slots->at < slots->count; slots->at++) {
        *allowance = *allowance_of(slots);
        if (*allowance != 0 && ready(slot_of(slots), slots->size, &image)) {
            enter(inner, slot_of(slots), image);
            return true;
        }
    }
    return false;
}

void px_slot_leave(px_slots *slots, const px_vm *inner, uint32_t executed)
{
    uint32_t *slot = slot_of(slots);
    slot[PX_SAVED_PC] = inner->s.pc;
    slot[PX_SAVED_VL] = inner->s.vl;
    slot[PX_SAVED_STATUS] = inner->s.status;
    slot[PX_SAVED_CAUSE] = inner->s.cause;
    slot[PX_SAVED_VALUE] = inner->s.value;
    slot[PX_SAVED_RETIRED] = inner->s.retired;
    *allowance_of(slots) -= executed;
    slots->outer->s.retired += executed;
}

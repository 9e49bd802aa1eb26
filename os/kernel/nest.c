/* nest.c - processes that run machines of their own. RESUME traps in a slot; the kernel then does what SPEC.md section
 * 5 says of it, on the machines in the process's image, with what the process has left of its round. So a process can
 * be another os.pxi, and what its own processes do with RESUME traps there, and is that kernel's. */
#include "os/kernel/kernel.h"

enum { RANGE = 3, OVERLAP = 4 };

/* What RESUME is about, in pixels of the process's image. */
typedef struct resume {
    px_pixel *image;
    uint32_t pixels; /* of the image */
    uint32_t slots, room, count, allowances;
} resume;

static resume read_resume(unsigned who)
{
    const px_pixel *slot = slots + t.where[who], *reg = slot + SAVED_REG;
    const uint32_t instruction = slot[SAVED_VALUE], a = instruction >> 8 & 0xFF, b = instruction >> 16 & 0xFF;
    return (resume){px_image(t.image[who] >> 2), t.bytes[who] / 4, reg[a], reg[(a + 1) & 0xFF], slot[SAVED_VL], reg[b]};
}

static bool lies_in(const resume *r, uint32_t at, uint64_t count) { return count == 0 || at + count <= r->pixels; }

static bool is_apart(uint32_t a, uint64_t count, uint32_t b, uint32_t other)
{
    return count == 0 || a + count <= b || (uint64_t)b + other <= a;
}

static bool trap(px_pixel *slot, uint32_t cause, uint32_t value)
{
    slot[SAVED_CAUSE] = cause;
    slot[SAVED_VALUE] = value;
    return false;
}

static bool check(const resume *r, px_pixel *slot)
{
    const uint64_t all = (uint64_t)r->count * r->room;
    const uint32_t pc = slot[SAVED_PC];
    if (r->count == 0)
        return true;
    if (!lies_in(r, r->slots, all) || !lies_in(r, r->allowances, r->count))
        return trap(slot, RANGE, !lies_in(r, r->slots, all) ? r->slots : r->allowances);
    if (!is_apart(r->slots, all, r->allowances, r->count))
        return trap(slot, OVERLAP, r->allowances);
    if (!is_apart(r->slots, all, pc, 1) || !is_apart(r->allowances, r->count, pc, 1))
        return trap(slot, OVERLAP, pc);
    return true;
}

/* Some of the machines, from one on, each for its part of what is left at most. *left is less then. False: one has had
 * its part, and may still want more. */
static bool run_some(const resume *r, uint32_t first, uint32_t count, uint32_t *left)
{
    static uint32_t whole[OS_NESTED], part[OS_NESTED], rest[OS_NESTED];
    px_pixel *const wanted = r->image + r->allowances + first;
    px_vl(count);
    px_vseq_vx(rest, wanted, 0);
    const uint32_t some = count - px_sum(rest);
    if (some == 0 || *left == 0)
        return some == 0;
    const uint32_t most = *left < some ? 1 : *left / some;
    px_vsltu_vx(whole, wanted, most + 1);
    px_fill(part, most);
    px_select(part, wanted, whole);
    px_vor_vx(rest, part, 0);
    px_resume(r->image + r->slots + first * r->room, r->room, rest);
    px_vsub_vv(part, part, rest);
    px_vsub_vv(wanted, wanted, part);
    const uint32_t had = px_sum(part);
    *left -= had < *left ? had : *left;
    px_vseq_vx(rest, rest, 0);
    px_vsltu_vv(rest, whole, rest); /* all of a part that was not all that it may have */
    return px_sum(rest) == 0;
}

bool resume_for(unsigned who)
{
    px_pixel *const slot = slots + t.where[who];
    const resume r = read_resume(who);
    const uint32_t budget = t.allowance[who];
    uint32_t left = budget, done = 0;
    bool all = true;
    if (!check(&r, slot))
        return false;
    for (uint32_t count; all && done < r.count; done += count) {
        count = r.count - done < OS_NESTED ? r.count - done : OS_NESTED;
        all = run_some(&r, done, count, &left);
    }
    slot[SAVED_PC] += all;
    slot[SAVED_RETIRED] += budget - left + all;
    t.used[who] += budget - left + all;
    slot[SAVED_STATUS] = slot[SAVED_CAUSE] = slot[SAVED_VALUE] = 0;
    return true;
}

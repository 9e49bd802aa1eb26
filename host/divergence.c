/* divergence.c - see divergence.h. */
#include "host/divergence.h"

#include <inttypes.h>

#include "host/difference.h"
#include "host/trap.h"
#include "os/picture.h"
#include "pxi/asm/disasm.h"
#include "pxi/number.h"
#include "pxi/saved.h"

enum { READY = 1, MOST_CALLERS = 4 };

static void tell_place(FILE *to, const px_divergence *at, const px_state *start)
{
    char text[128];
    px_disassemble_one(start->profile, at->instruction, text, sizeof text);
    if (at->slot >= 0)
        fprintf(to,
                "  first at instruction %s, in the slot at %" PRId64 ", pc %" PRIu32 ": %s\n"
                "  run by RESUME at pc %" PRIu32 ", (%" PRIu32 ",%" PRIu32 ")\n  %s\n",
                px_grouped(at->executed), at->slot, at->pc, text, at->outer_pc, at->outer_pc % start->w,
                at->outer_pc / start->w, at->difference);
    else
        fprintf(to, "  first at instruction %s, pc %" PRIu32 ", (%" PRIu32 ",%" PRIu32 "): %s\n  %s\n",
                px_grouped(at->executed), at->pc, at->pc % start->w, at->pc / start->w, text, at->difference);
}

/* ---- pxOS ---- */

static void tell_process(FILE *to, const os_process *p, const char *text)
{
    fprintf(to, "  process %" PRIu32 ", %s: %s%s\n", p->pid, p->name, text, p->asks ? os_request_name(p->request) : "");
}

/* An instruction of a process: the call that it makes, or that it makes none. */
static void tell_own(FILE *to, const px_divergence *at, const px_state *before, const os_process *p)
{
    os_process asking = *p;
    asking.asks = px_byte(at->instruction, 0) == PX_OP_SYS;
    if (asking.asks)
        asking.request = before->mem[(uint32_t)at->slot + PX_SAVED_REG + px_byte(at->instruction, 1)];
    tell_process(to, &asking, asking.asks ? "asks " : "between its system calls");
}

/* An instruction of the kernel: for whom, if what differs is in a slot; otherwise, who asks. */
static void tell_served(FILE *to, const px_state states[3], const os_map *map)
{
    const uint32_t slots = os_picture_slots(map), n = px_state_pixels(&states[1]);
    uint32_t at = 0, count = 0;
    while (n == px_state_pixels(&states[2]) && at < n && states[1].mem[at] == states[2].mem[at])
        at++;
    const uint32_t slot = os_picture_slot_at(map, at);
    if (at < n && slot < slots) {
        const os_process p = os_picture_process(&states[0], map, slot);
        tell_process(to, &p, p.asks ? "is served " : "is written to");
        return;
    }
    for (uint32_t i = 0; i < slots; i++) {
        const os_process p = os_picture_process(&states[0], map, i);
        if (p.asks && p.state == READY && count++ < MOST_CALLERS)
            tell_process(to, &p, "is to be served ");
    }
    if (count > MOST_CALLERS)
        fprintf(to, "  and %" PRIu32 " more that ask\n", count - MOST_CALLERS);
    if (count == 0)
        fputs("  the kernel: no process asks\n", to);
}

static void tell_os(FILE *to, const px_divergence *at, const px_state states[3])
{
    os_map map;
    if (!os_picture_map(&states[0], &map))
        return;
    if (at->slot < 0) {
        tell_served(to, states, &map);
        return;
    }
    const uint32_t slot = os_picture_slot_at(&map, (uint32_t)at->slot);
    if (slot == os_picture_slots(&map))
        return;
    const os_process p = os_picture_process(&states[0], &map, slot);
    tell_own(to, at, &states[0], &p);
}

void px_divergence_tell(FILE *to, const px_divergence *at, const px_state *start, const px_state states[3],
                        const char *a_name, const char *b_name, const px_names *names)
{
    tell_place(to, at, start);
    if (states[0].mem == NULL)
        return;
    tell_os(to, at, states);
    px_instruction_tell(to, &states[0], names);
    px_difference_tell(to, &states[1], a_name, &states[2], b_name);
}

/* report.c - printing a shrunk case: where it starts, what it executes, what differs, how to see it again. */
#include "tests/random/report.h"

#include <inttypes.h>
#include <stdio.h>

#include "exec/machine.h"
#include "pxi/asm/disasm.h"
#include "pxi/png/picture_file.h"
#include "pxi/saved.h"

enum { LINES = 12 };

static void print_registers(const px_state *s)
{
    int shown = 0;
    for (int i = 0; i < 256; i++)
        if (s->reg[i] != 0 && shown++ < LINES)
            printf("#   r%d = 0x%08" PRIX32 "\n", i, s->reg[i]);
    if (shown > LINES)
        printf("#   and %d more registers that are not 0\n", shown - LINES);
}

static void print_instruction(const char *where, uint32_t profile, uint32_t pc, uint32_t instruction)
{
    char text[160];
    px_disassemble_one(profile, instruction, text, sizeof text);
    printf("#   %spc %" PRIu32 "  0x%08" PRIX32 "  %s\n", where, pc, instruction, text);
}

static void print_inner(void *context, const px_retire *retire)
{
    char where[40];
    (void)context;
    snprintf(where, sizeof where, "  in the slot at %" PRId64 ", ", retire->slot);
    if (retire->slot >= 0)
        print_instruction(where, PX_V1, retire->pc, retire->instruction);
}

/* One step from *s on; what retires in a slot is printed where the executor can tell. */
static bool step(px_executor *e, px_state *s, px_error *error)
{
    px_machine *machine;
    if (!px_machine_create(e, s, &machine, error))
        return false;
    px_stop stop;
    const bool ok = (e->ops->trace == NULL || px_on_retire(machine, print_inner, NULL, error)) &&
                    px_run_one(machine, 1, NULL, &stop, error) && px_machine_read(machine, s, error);
    px_machine_drop(machine, NULL);
    return ok;
}

/* The instructions that the first executor executes, in order. */
static bool print_instructions(const random_case *c, px_executor *e, px_error *error)
{
    px_state s = {0};
    const uint64_t budget = case_budget(c);
    bool ok = px_state_copy(&s, &c->start, error);
    for (uint64_t i = 0; ok && i < budget && i < LINES && s.status == PX_RUNNING; i++) {
        if (s.pc < px_state_pixels(&s))
            print_instruction("", s.profile, s.pc, s.mem[s.pc]);
        ok = step(e, &s, error);
    }
    if (ok && budget > LINES)
        printf("#   and so on, %" PRIu64 " in all\n", budget);
    px_state_free(&s);
    return ok;
}

static void print_pixels(const px_state *s)
{
    uint32_t shown = 0;
    for (uint32_t i = 0; i < px_state_pixels(s); i++)
        if (s->mem[i] != 0 && i != s->pc && shown++ < LINES)
            printf("#   m[%" PRIu32 "] = 0x%08" PRIX32 "\n", i, s->mem[i]);
    if (shown > LINES)
        printf("#   and %" PRIu32 " more pixels that are not 0\n", shown - LINES);
}

static void print_slot(const px_state *s, const px_saved *m)
{
    const px_state *inner = &m->machine;
    char text[160] = "";
    if (inner->pc < px_state_pixels(inner))
        px_disassemble_one(PX_V1, s->mem[m->image + inner->pc], text, sizeof text);
    printf("#   a machine of %" PRIu32 " x %" PRIu32 " at %" PRIu32 ", image from %" PRIu32 " on, vl %" PRIu32
           ", %s at pc %" PRIu32 "  %s\n",
           inner->w, inner->h, m->at, m->image, inner->vl, px_status_name(inner->status), inner->pc, text);
}

/* The machines that lie in the image, as they stand at the start. */
static void print_slots(const px_state *s)
{
    px_saved saved;
    for (uint32_t at = 0; s->profile == PX_V1 && at < px_state_pixels(s); at++)
        if (px_saved_at(s->mem, px_state_pixels(s), at, &saved))
            print_slot(s, &saved);
}

static bool write_picture(const report *r, const px_state *start, char *path, size_t size, px_error *error)
{
    px_picture picture = {0};
    snprintf(path, size, "%s/case-%" PRIu64 "-%" PRIu64 ".pxi", r->dir, r->seed, r->number);
    const bool ok = px_state_save(start, &picture, error) && px_picture_write(&picture, path, error);
    px_picture_free(&picture);
    return ok;
}

static void print_script(const random_case *c)
{
    printf("#   budgets");
    for (size_t i = 0; i < c->legs_count; i++)
        printf(" %" PRIu64, c->legs[i]);
    for (size_t i = 0; i < c->answers_count; i++)
        printf("%s0x%" PRIX32, i == 0 ? "; answers " : ",", c->answers[i]);
    if (c->skips > 0)
        printf("; %" PRIu32 " traps stepped over", c->skips);
    putchar('\n');
}

static void print_replay(const report *r, const random_case *c)
{
    char path[4096];
    px_error error;
    printf("#   again: random --on %s --seed %" PRIu64 " --case %" PRIu64, r->on, r->seed, r->number);
    if (r->pixels != CASE_PIXELS)
        printf(" --pixels %" PRIu64, r->pixels);
    printf("%s\n", r->kinds);
    if (write_picture(r, &c->start, path, sizeof path, &error))
        printf("#   shrunk: px diff --on %s --budget %" PRIu64 " %s\n", r->on, case_budget(c), path);
    else
        printf("#   without a picture: %s\n", error.text);
}

bool report_finding(const report *r, const random_case *c, const executor_list *list, const finding *f, px_error *error)
{
    const px_state *s = &c->start;
    printf("# case %" PRIu64 " of seed %" PRIu64 ", %s%s\n", r->number, r->seed, f->text,
           f->relayed ? " (handed from executor to executor)" : "");
    printf("#   shrunk to %" PRIu64 " instruction%s from a %s state of %" PRIu32 " x %" PRIu32 " pixels, vl %" PRIu32
           ", retired 0x%" PRIX32 "\n",
           case_budget(c), case_budget(c) == 1 ? "" : "s", s->profile == PX_CLASSIC ? "classic" : "v1", s->w, s->h,
           s->vl, s->retired);
    print_script(c);
    if (!print_instructions(c, list->at[0], error))
        return false;
    print_registers(s);
    print_slots(s);
    print_pixels(s);
    print_replay(r, c);
    return true;
}

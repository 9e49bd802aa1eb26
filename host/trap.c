/* trap.c - see trap.h. */
#include "host/trap.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "host/backtrace.h"
#include "pxi/asm/disasm.h"
#include "pxi/pixel.h"
#include "pxi/touch.h"

static void value_text(uint32_t value, char *text, size_t size)
{
    snprintf(text, size, value < 100000 ? "%" PRIu32 : "0x%08" PRIX32, value);
}

static bool is_resume(const px_state *s) { return s->profile == PX_V1 && px_byte(s->mem[s->pc], 0) == PX_OP_RESUME; }

/* The registers that an instruction's text names, each once, and vl if it works on runs. */
static void print_operands(FILE *to, const px_state *s, const char *instruction)
{
    bool told[256] = {false};
    const char *before = "; ";
    char text[16];
    for (const char *at = instruction; (at = strchr(at, 'r')) != NULL; at++) {
        char *end;
        if (at[1] < '0' || at[1] > '9' || (at > instruction && strchr(" ,[(", at[-1]) == NULL))
            continue;
        const unsigned long number = strtoul(at + 1, &end, 10);
        if (number > 255 || told[number])
            continue;
        told[number] = true;
        value_text(s->reg[number], text, sizeof text);
        fprintf(to, "%sr%lu = %s", before, number, text);
        before = ", ";
    }
    const px_opcode *op = px_opcode_of((int)s->profile, (uint8_t)s->mem[s->pc]);
    if (op->class >= PX_CLASS_VV || is_resume(s)) {
        value_text(s->vl, text, sizeof text);
        fprintf(to, "%svl = %s", before, text);
    }
    if (is_resume(s)) {
        const unsigned size = (px_byte(s->mem[s->pc], 1) + 1) & 255;
        value_text(s->reg[size], text, sizeof text);
        fprintf(to, ", pixels a slot: r%u = %s", size, text);
    }
}

static void run_text(const px_state *s, const px_touch *t, char *text, size_t size)
{
    const uint64_t length = px_touch_length(t), last = t->base + length - 1;
    if (is_resume(s) && t->operand == 2)
        snprintf(text, size, "RESUME itself, address %" PRIu32, t->base);
    else if (is_resume(s))
        snprintf(text, size, "the %s %" PRIu32 "..%" PRIu64, t->operand == 0 ? "slots" : "allowances", t->base, last);
    else if (length == 1)
        snprintf(text, size, "address %" PRIu32, t->base);
    else
        snprintf(text, size, "the run %" PRIu32 "..%" PRIu64, t->base, last);
}

static void explain_range(FILE *to, const px_state *s, const px_touch *touches, unsigned count)
{
    const uint32_t n = px_state_pixels(s);
    char run[64];
    for (unsigned i = 0; i < count; i++) {
        const px_touch *t = &touches[i];
        if (t->base + px_touch_length(t) <= n)
            continue;
        run_text(s, t, run, sizeof run);
        fprintf(to, "  %s %s the image, which has the addresses 0..%" PRIu32 "\n", run,
                is_resume(s)  ? t->base < n ? "end outside" : "are outside"
                : t->base < n ? "ends outside"
                              : "is outside",
                n - 1);
        return;
    }
}

static bool intersect(const px_touch *a, const px_touch *b)
{
    return a->base < b->base + px_touch_length(b) && b->base < a->base + px_touch_length(a);
}

/* The pairs in the order of the checks. */
static void explain_resume(FILE *to, const px_state *s, const px_touch *touches, unsigned count)
{
    char run[64], other[64];
    for (unsigned i = 0; i < count; i++)
        for (unsigned k = i + 1; k < count; k++)
            if (intersect(&touches[i], &touches[k])) {
                run_text(s, &touches[i], run, sizeof run);
                run_text(s, &touches[k], other, sizeof other);
                fprintf(to, "  %s share pixels with %s\n", run, other);
                return;
            }
}

static void explain_overlap(FILE *to, const px_state *s, const px_touch *touches, unsigned count)
{
    char run[64], other[64];
    for (unsigned i = 1; i < count; i++)
        if (touches[i].base != touches[0].base || px_touch_length(&touches[i]) != px_touch_length(&touches[0])) {
            if (!intersect(&touches[0], &touches[i]))
                continue;
            run_text(s, &touches[0], run, sizeof run);
            run_text(s, &touches[i], other, sizeof other);
            fprintf(to, "  %s is written and shares pixels with %s, which is read\n", run, other);
            return;
        }
}

bool px_trap_is_of_older(const px_state *s)
{
    return s->status == PX_TRAPPED && s->cause == PX_TRAP_OPCODE && s->pc < px_state_pixels(s) && is_resume(s);
}

void px_instruction_tell(FILE *to, const px_state *s, const px_names *names)
{
    char text[128], place[160];
    if (s->pc >= px_state_pixels(s))
        return;
    const uint32_t pixel = s->mem[s->pc];
    px_disassemble_one(s->profile, pixel, text, sizeof text);
    px_name_near(names, s->pc, place, sizeof place);
    const px_line *line = px_line_of(names, s->pc);
    fputs("  ", to);
    if (line != NULL)
        fprintf(to, "%s:%" PRIu32 ": ", line->file, line->line);
    fprintf(to, "%s%s%s", place, *place != '\0' ? ": " : "", text);
    print_operands(to, s, text);
    fputc('\n', to);
}

void px_trap_explain(FILE *to, const px_state *s, const px_names *names)
{
    if (s->status != PX_TRAPPED || s->pc >= px_state_pixels(s))
        return;
    px_touch touches[PX_TOUCHES];
    const unsigned count = px_touches(s->mem[s->pc], s->pc, s->reg, s->vl, touches);
    px_instruction_tell(to, s, names);
    if (s->cause == PX_TRAP_RANGE)
        explain_range(to, s, touches, count);
    else if (s->cause == PX_TRAP_OVERLAP)
        (is_resume(s) ? explain_resume : explain_overlap)(to, s, touches, count);
    else if (px_trap_is_of_older(s))
        fputs("  the other end is older than RESUME: a board needs the bitstream of today, px serve a build of today\n",
              to);
    else if (s->cause == PX_TRAP_NEST)
        fputs("  this machine lay in a slot, where RESUME traps; the program that runs it can run its slots for it\n",
              to);
    px_backtrace(to, s, names);
}

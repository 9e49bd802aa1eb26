/* backtrace.c - see backtrace.h. Frames are found by what functions begin with: `addi r34, r34, -size` makes one, and
 * `st [r34 + place], r1` puts the return address there. An address is believed when a call stands before it. */
#include "host/backtrace.h"

#include <inttypes.h>
#include <string.h>

#include "cc/cc.h"
#include "pxi/isa.h"
#include "pxi/pixel.h"

enum { LINK = 1, STACK = 34, MOST = 40 };

typedef struct frame {
    uint32_t pc, sp;
} frame;

static bool is_of_cc(const px_names *names)
{
    for (size_t i = 0; i < names->count; i++)
        if (names->at[i].kind == PX_SYMBOL_CONSTANT && strcmp(names->at[i].name, PX_CC_CHECKSUM) == 0)
            return true;
    return false;
}

/* Where the function begins that has code at pc; false when there is none. */
static bool function_of(const px_names *names, uint32_t pc, uint32_t *first)
{
    bool found = false;
    for (size_t i = 0; i < names->count; i++) {
        const px_symbol *s = &names->at[i];
        if (s->kind != PX_SYMBOL_CODE || s->value > (int64_t)pc || (found && s->value <= (int64_t)*first))
            continue;
        *first = (uint32_t)s->value;
        found = true;
    }
    return found;
}

/* Whether a call returns to an address: CALL, or LIT of that address and JR, stands before it. */
static bool is_return(const px_state *s, uint32_t address)
{
    if (address < 3 || address >= px_state_pixels(s))
        return false;
    const uint32_t before = px_byte(s->mem[address - 1], 0);
    return before == PX_OP_CALL || (before == PX_OP_JR && s->mem[address - 2] == address);
}

/* From a function at pc to its caller. */
static bool step_out(const px_state *s, const px_names *names, frame *f, bool innermost)
{
    uint32_t first = 0, size = 0, link = s->reg[LINK];
    bool saved = false;
    if (f->pc >= px_state_pixels(s) || !function_of(names, f->pc, &first)) { /* a call of what is no function */
        if (!innermost || !is_return(s, link))
            return false;
        f->pc = link;
        return true;
    }
    for (uint32_t at = first; at < f->pc; at++) {
        const uint32_t pixel = s->mem[at], a = px_byte(pixel, 1), b = px_byte(pixel, 2), c = px_byte(pixel, 3);
        const uint32_t op = px_byte(pixel, 0);
        if (op == PX_OP_LIT)
            at++;
        else if (op == PX_OP_ADDI && a == STACK && b == STACK && c >= 128)
            size += 256 - c;
        else if (op == PX_OP_ADD && a == STACK && b == STACK)
            size += (uint32_t) - (int64_t)s->reg[c];
        else if (op == PX_OP_ST && b == STACK && c == LINK && !saved) {
            const uint64_t place = (uint64_t)f->sp + a;
            if (place >= px_state_pixels(s))
                return false;
            link = s->mem[place];
            saved = true;
        }
    }
    if ((!saved && !innermost) || !is_return(s, link))
        return false;
    *f = (frame){link, f->sp + size};
    return true;
}

void px_backtrace(FILE *to, const px_state *s, const px_names *names)
{
    char place[160];
    frame f = {s->pc, s->reg[STACK]};
    if (!is_of_cc(names))
        return;
    for (int i = 0; i < MOST && step_out(s, names, &f, i == 0); i++) {
        const px_line *line = px_line_of(names, f.pc - 1);
        px_name_near(names, f.pc - 1, place, sizeof place);
        if (line != NULL)
            fprintf(to, "  called by %s, %s:%" PRIu32 "\n", place, line->file, line->line);
        else
            fprintf(to, "  called by %s\n", place);
    }
}

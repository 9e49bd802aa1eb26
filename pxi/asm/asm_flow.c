/* asm_flow.c - where code runs off its end: an instruction that can be reached, after which no instruction stands.
 *
 * A label is reached if a jump names it, and if the program has any JR, then if anything names it: it may be where that
 * goes. A call comes back. */
#include <inttypes.h>
#include <stdlib.h>

#include "pxi/asm/asm_internal.h"
#include "pxi/pixel.h"

static int by_address(const void *x, const void *y)
{
    const asm_statement *a = *(const asm_statement *const *)x, *b = *(const asm_statement *const *)y;
    if (a->address != b->address)
        return a->address < b->address ? -1 : 1;
    return a->kind == b->kind ? 0 : a->kind == ASM_LABEL ? -1 : b->kind == ASM_LABEL; /* labels before what they name */
}

/* Whether the instruction goes elsewhere whatever the registers hold. */
static bool never_goes_on(const asm_statement *s)
{
    const uint32_t word = s->word;
    switch (s->kind == ASM_INSTRUCTION ? word & 255 : PX_OP_LI) {
    case PX_OP_HALT:
    case PX_OP_JMP:
    case PX_OP_JR:
        return true;
    case PX_OP_BEQ:
    case PX_OP_BGE:
    case PX_OP_BGEU:
        return px_byte(word, 2) == px_byte(word, 3); /* r0 with r0 */
    default:
        return false;
    }
}

static bool has_indirect_jump(const assembler *as)
{
    for (size_t i = 0; i < as->statement_count; i++)
        if (as->statements[i]->kind == ASM_INSTRUCTION && (as->statements[i]->word & 255) == PX_OP_JR)
            return true;
    return false;
}

static bool is_runs_on(const asm_statement *s)
{
    return s->kind == ASM_DIRECTIVE && s->directive->parse == asm_runs_on;
}

static void warn(assembler *as, const asm_statement *s)
{
    const int64_t after = asm_statement_end(as, s);
    const char *what = "pixels that nothing writes";
    if (after >= as->w * as->h)
        what = "the end of the image";
    for (size_t i = 0; i < as->statement_count; i++) {
        const asm_statement *other = as->statements[i];
        if (other->size > 0 && other->rows == 0 && other->address <= after && after < asm_statement_end(as, other))
            what = asm_format(as, "data, line %" PRIu32, other->place.line);
    }
    asm_warning(as, s->place,
                "the program can run on after this instruction, into %s; end it with halt or jmp, or put .runs_on here "
                "if that is meant",
                what);
}

/* The code and what says something about it, in the order of addresses. */
static size_t collect(assembler *as, asm_statement ***list)
{
    size_t count = 0;
    asm_statement **all = asm_allocate(as, (as->statement_count + 1) * sizeof *all);
    for (size_t i = 0; i < as->statement_count; i++) {
        asm_statement *s = as->statements[i];
        if (asm_is_code(s) || s->kind == ASM_LABEL || is_runs_on(s))
            all[count++] = s;
    }
    qsort(all, count, sizeof *all, by_address);
    *list = all;
    return count;
}

void asm_report_falls(assembler *as, int64_t entry)
{
    asm_statement **list;
    if (as->out->profile != PX_V1)
        return; /* a classic program ends at the end of row 0 */
    const size_t count = collect(as, &list);
    const asm_statement *before = NULL; /* the instruction that goes on at the next address */
    const bool indirect = has_indirect_jump(as);
    bool reached = false;
    int64_t at = -1;
    for (size_t i = 0; i < count && as->out->warnings < ASM_MAX_COLLECTED; i++) {
        const asm_statement *s = list[i];
        if (before != NULL && s->address > asm_statement_end(as, before)) {
            warn(as, before);
            before = NULL;
        }
        if (s->address != at)
            reached = s->address == entry || before != NULL;
        at = s->address;
        if (is_runs_on(s))
            before = NULL;
        else if (s->kind == ASM_LABEL)
            reached = reached || s->symbol->jumped_to || (s->symbol->used && indirect);
        else
            before = reached && !never_goes_on(s) ? s : NULL;
    }
    if (before != NULL)
        warn(as, before);
}

/* flow.c - functions, blocks and loops. */
#include <string.h>

#include "cc/elf.h"
#include "cc/uses.h"

enum { DEEPEST = 6 };

/* Functions; and names in assembly, which seldom says what they are. Compilers' labels begin with a dot. */
static bool is_function(const cc_symbol *s)
{
    return s->type == ELF_FUNCTION || (s->type == 0 && *s->name != '\0' && *s->name != '.' && *s->name != '$');
}

static void mark_leaders(cc_program *p)
{
    for (uint32_t i = 0; i < p->symbol_count; i++) {
        const uint32_t index = is_function(&p->symbols[i]) ? cc_index(p, p->symbols[i].value) : CC_NO_INDEX;
        if (index < p->count)
            p->insns[index].flags |= CC_FUNCTION | CC_LEADER;
    }
    p->insns[0].flags |= CC_LEADER;
    p->insns[cc_index(p, p->entry)].flags |= CC_LEADER | CC_FUNCTION;
    for (uint32_t i = 0; i < p->count; i++) {
        cc_insn *n = &p->insns[i];
        if (n->flags & CC_TAKEN)
            n->flags |= CC_LEADER;
        if (cc_is_branch(n->op) || n->op == CC_JUMP || n->op == CC_CALL)
            p->insns[n->target].flags |= CC_LEADER;
        if (n->op == CC_CALL)
            p->insns[n->target].flags |= CC_FUNCTION;
        if (cc_ends_block(n->op) && i + 1 < p->count)
            p->insns[i + 1].flags |= CC_LEADER;
    }
}

static bool make_blocks(cc_program *p)
{
    for (uint32_t i = 0; i < p->count; i++)
        p->block_count += (p->insns[i].flags & CC_LEADER) != 0;
    p->blocks = cc_allocate(p, p->block_count, sizeof *p->blocks);
    p->block_of = cc_allocate(p, p->count + 1, sizeof *p->block_of);
    if (p->blocks == NULL || p->block_of == NULL)
        return false;
    uint32_t b = 0;
    for (uint32_t i = 0; i < p->count; i++) {
        if (p->insns[i].flags & CC_LEADER)
            p->blocks[b++].first = i;
        p->blocks[b - 1].end = i + 1;
        p->block_of[i] = b - 1;
    }
    p->block_of[p->count] = b - 1;
    return true;
}

/* A function is what lies from its name to the next. gcc puts parts of some behind others, and says so. */
static bool find_functions(cc_program *p)
{
    p->function_of = cc_allocate(p, p->block_count, sizeof *p->function_of);
    p->jumps = cc_allocate(p, p->block_count, sizeof *p->jumps);
    if (p->function_of == NULL || p->jumps == NULL)
        return false;
    for (uint32_t b = 0; b < p->block_count; b++) {
        const bool begins = b == 0 || (p->insns[p->blocks[b].first].flags & CC_FUNCTION) != 0;
        p->function_of[b] = begins ? b : p->function_of[b - 1];
        p->jumps[p->function_of[b]] |= cc_goes_by_table(&p->insns[p->blocks[b].end - 1]);
    }
    for (uint32_t i = 0; i < p->symbol_count; i++)
        p->split |= strstr(p->symbols[i].name, ".cold") != NULL;
    return true;
}

/* Compilers lay loops out as runs of instructions that a jump back ends. */
static bool find_loops(cc_program *p)
{
    int32_t *change = cc_allocate(p, p->block_count + 1, sizeof *change);
    if (change == NULL)
        return false;
    for (uint32_t b = 0; b < p->block_count; b++) {
        const cc_insn *last = &p->insns[p->blocks[b].end - 1];
        if ((!cc_is_branch(last->op) && last->op != CC_JUMP) || last->target >= p->blocks[b].end)
            continue;
        if (last->op == CC_JUMP && (p->insns[last->target].flags & CC_FUNCTION) != 0)
            continue; /* a tail call */
        change[p->block_of[last->target]]++;
        change[b + 1]--;
    }
    int32_t depth = 0;
    for (uint32_t b = 0; b < p->block_count; b++) {
        depth += change[b];
        const uint8_t flags = p->insns[p->blocks[b].first].flags; /* what jumps by tables reach is run often */
        const int32_t all = depth + ((flags & (CC_TAKEN | CC_FUNCTION)) == CC_TAKEN);
        p->blocks[b].depth = (uint8_t)(all < DEEPEST ? all : DEEPEST);
    }
    return true;
}

bool cc_flow(cc_program *p)
{
    mark_leaders(p);
    return make_blocks(p) && find_functions(p) && find_loops(p);
}

cc_edges cc_edges_of(const cc_program *p, uint32_t b)
{
    const cc_insn *last = &p->insns[p->blocks[b].end - 1];
    cc_edges e = {{CC_NO_INDEX, CC_NO_INDEX}};
    if ((cc_is_branch(last->op) || !cc_ends_block(last->op)) && b + 1 < p->block_count)
        e.of[0] = b + 1;
    if (cc_is_branch(last->op) || last->op == CC_JUMP)
        e.of[1] = p->block_of[last->target];
    return e;
}

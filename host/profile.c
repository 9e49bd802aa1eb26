/* profile.c - see profile.h: counting. */
#include "host/profile.h"

#include <stdlib.h>
#include <string.h>

#include "pxi/pixel.h"

enum { DEEPEST = 256 };

typedef struct counting {
    px_profile *of;
    px_follow follow;
    const px_answerer *answerer;
    size_t room;
    uint32_t at; /* the call under way */
    int64_t depth;
    uint64_t cycle;
    bool calls, no_memory;
} counting;

/* ---- calls ---- */

static uint32_t callee(counting *c, uint32_t entry)
{
    px_profile *p = c->of;
    for (uint32_t k = p->call[c->at].child; k != 0; k = p->call[k].sibling)
        if (p->call[k].entry == entry)
            return k;
    if (p->calls == c->room) {
        px_profile_call *more = realloc(p->call, 2 * c->room * sizeof *more);
        if (more == NULL) {
            c->no_memory = true;
            return c->at;
        }
        p->call = more;
        c->room *= 2;
    }
    p->call[p->calls] = (px_profile_call){.entry = entry, .parent = c->at, .sibling = p->call[c->at].child};
    p->call[c->at].child = (uint32_t)p->calls;
    return (uint32_t)p->calls++;
}

/* follow has seen the instruction: where its depth has changed, a call began or ended. What is too deep is its
 * caller's. */
static void follow_call(counting *c)
{
    for (; c->depth > c->follow.depth; c->depth--)
        if (c->depth <= DEEPEST)
            c->at = c->of->call[c->at].parent;
    for (; c->depth < c->follow.depth; c->depth++)
        if (c->depth < DEEPEST)
            c->at = callee(c, c->follow.pc);
}

static void count(void *context, const px_retire *r)
{
    counting *c = context;
    px_profile *p = c->of;
    px_touch touch[PX_TOUCHES];
    const uint64_t cycles = r->cycle >= c->cycle ? r->cycle - c->cycle : r->cycle;
    c->cycle = r->cycle;
    if (r->slot >= 0)
        return;
    p->heat.executed[r->pc]++;
    p->cycles[r->pc] += cycles;
    if (c->follow.profile == PX_V1 && px_byte(r->instruction, 0) != PX_OP_RESUME)
        px_heat_touched(&p->heat, 0, touch, px_touches(r->instruction, r->pc, c->follow.reg, c->follow.vl, touch));
    if (c->calls)
        p->call[c->at].self += r->cycle != 0 ? cycles : 1;
    px_follow_retired(&c->follow, r);
    if (c->calls)
        follow_call(c);
}

/* An answer is a register that no instruction has written. */
static px_answered answer(void *context, px_machine *machine, const px_stop *stop, uint64_t executed, uint32_t *word,
                          px_error *error)
{
    counting *c = context;
    if (c->answerer == NULL || c->answerer->answer == NULL)
        return PX_UNANSWERED;
    const px_answered how = c->answerer->answer(c->answerer->context, machine, stop, executed, word, error);
    c->follow.reg[stop->value & 255] = how == PX_ANSWERED ? *word : c->follow.reg[stop->value & 255];
    return how;
}

static void begin(void *context)
{
    const counting *c = context;
    if (c->answerer != NULL && c->answerer->begin != NULL)
        c->answerer->begin(c->answerer->context);
}

static void meanwhile(void *context)
{
    const counting *c = context;
    if (c->answerer != NULL && c->answerer->meanwhile != NULL)
        c->answerer->meanwhile(c->answerer->context);
}

/* ---- what comes of it ---- */

static bool ends_block(const px_state *s, uint32_t at)
{
    const px_opcode *op = px_opcode_of((int)s->profile, (uint8_t)s->mem[at]);
    const uint32_t number = px_byte(s->mem[at], 0);
    return s->profile == PX_V1 && (op->class == PX_CLASS_BRANCH || number == PX_OP_JMP || number == PX_OP_CALL ||
                                   number == PX_OP_JR || number == PX_OP_HALT);
}

static int most_first(const void *a, const void *b)
{
    const px_profile_block *x = a, *y = b;
    return x->instructions != y->instructions ? (x->instructions < y->instructions ? 1 : -1)
                                              : (x->first > y->first) - (x->first < y->first);
}

static bool find_blocks(px_profile *p, px_error *error)
{
    const px_state *s = &p->end;
    const uint32_t n = px_state_pixels(s);
    px_profile_block *block = NULL;
    size_t room = 0;
    for (uint32_t at = 0; at < n; at++) {
        const uint64_t times = p->heat.executed[at];
        if (times == 0)
            continue;
        if (p->blocks == room) {
            room = room == 0 ? 64 : 2 * room;
            px_profile_block *more = realloc(p->block, room * sizeof *more);
            if (more == NULL)
                return px_fail(error, PX_E_SYSTEM, "no memory for a profile");
            p->block = more;
        }
        const bool goes_on = block != NULL && block->times == times && block->last + 1 == at && !ends_block(s, at - 1);
        if (!goes_on) {
            block = &p->block[p->blocks++];
            *block = (px_profile_block){.first = at, .times = times};
        }
        block = &p->block[p->blocks - 1];
        const bool literal = s->profile == PX_V1 && px_byte(s->mem[at], 0) == PX_OP_LIT;
        block->last = at + literal;
        block->instructions += times;
        block->cycles += p->cycles != NULL ? p->cycles[at] : 0;
        const unsigned class = px_opcode_of((int)s->profile, (uint8_t)s->mem[at])->class;
        p->class_instructions[class] += times;
        p->class_cycles[class] += p->cycles != NULL ? p->cycles[at] : 0;
        at += literal;
    }
    if (p->blocks > 0)
        qsort(p->block, p->blocks, sizeof *p->block, most_first);
    return true;
}

static bool run(px_profile *p, counting *c, px_machine *machine, uint64_t budget, px_error *error)
{
    const px_answerer answerer = {.answer = answer, .begin = begin, .meanwhile = meanwhile, .context = c};
    const bool heats = !c->calls && px_count_heat(machine, &p->heat, NULL);
    px_catch_signals();
    if (!heats && (!px_follow_begin(&c->follow, machine, error) || !px_on_retire(machine, count, c, error)))
        return false;
    const bool ok = px_run_answering(machine, budget, &answerer, true, &p->stop, error);
    if (!ok || !px_machine_read(machine, &p->end, error))
        return false;
    if (heats ? !px_count_heat(machine, NULL, error) : !px_on_retire(machine, NULL, NULL, error))
        return false;
    if (p->stop.cycles == 0) {
        free(p->cycles);
        p->cycles = NULL;
    }
    return (!c->no_memory || px_fail(error, PX_E_SYSTEM, "no memory for who called whom")) && find_blocks(p, error);
}

bool px_profile_run(px_profile *p, px_executor *executor, const px_state *start, uint64_t budget,
                    const px_answerer *answerer, bool calls, px_error *error)
{
    const uint32_t n = px_state_pixels(start);
    px_machine *machine;
    counting c = {.of = p, .answerer = answerer, .calls = calls, .room = 64};
    snprintf(p->executor, sizeof p->executor, "%s", executor->name);
    p->cycles = calloc(n, sizeof *p->cycles);
    p->call = calls ? calloc(c.room, sizeof *p->call) : NULL;
    if (p->cycles == NULL || (calls && p->call == NULL))
        return px_fail(error, PX_E_SYSTEM, "no memory for a profile of %u pixels", n);
    if (calls) {
        p->calls = 1;
        p->call[0].entry = start->pc;
    }
    if (!px_heat_new(&p->heat, n, error) || !px_machine_create(executor, start, &machine, error))
        return false;
    const bool ok = run(p, &c, machine, budget, error);
    px_machine_drop(machine, NULL);
    return ok;
}

void px_profile_free(px_profile *p)
{
    px_heat_free(&p->heat);
    px_state_free(&p->end);
    free(p->cycles);
    free(p->block);
    free(p->call);
    *p = (px_profile){0};
}

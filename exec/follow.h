/* follow.h - the registers of a machine, followed from one retired instruction to the next: so that whoever is told of
 * instructions while the machine runs, and cannot look into it, knows what each worked on. */
#ifndef EXEC_FOLLOW_H
#define EXEC_FOLLOW_H

#include "exec/machine.h"

enum { PX_FOLLOW_CALLS = 4096 };

typedef struct px_follow {
    uint32_t profile;
    uint32_t pc, vl; /* before the next instruction */
    uint32_t reg[256];
    /* Calls that have not returned, the oldest lost where there are too many. depth is the number of them; it is below
     * 0 when more has returned than was called since the beginning, as far as is_return tells. */
    int64_t depth, least;
    uint32_t returns[PX_FOLLOW_CALLS];
    bool (*is_return)(void *context, uint32_t target); /* a call stands before an address; NULL: nobody knows */
    void *context;
    uint32_t literal; /* what the instruction before loaded by LIT, if loaded */
    bool loaded;
} px_follow;

/* From a machine at rest on; its calls are forgotten. */
bool px_follow_begin(px_follow *follow, px_machine *machine, px_error *error);

/* The same, but for its calls: after somebody else has written into it. */
bool px_follow_look(px_follow *follow, px_machine *machine, px_error *error);

/* The machine has retired an instruction. What a machine in a slot does leaves everything as it is. */
void px_follow_retired(px_follow *follow, const px_retire *retire);

/* Whether an instruction is a call that will return to *to. Compiled code calls what is far by LIT and JR. */
bool px_follow_calls(const px_follow *follow, const px_retire *retire, uint32_t *to);

#endif

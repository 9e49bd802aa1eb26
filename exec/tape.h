/* tape.h - a machine with its run so far, which can be wound to any instruction: what a debugger holds.
 *
 * A machine is deterministic but for what comes from outside: answers to SYS, with the pixels that a host writes for
 * them, and what is put by hand. The tape keeps these, and snapshots of the machine every so often; any state of the
 * past is the snapshot before it, and the instructions in between run once more. The host is not asked again.
 *
 * A position is a number of instructions from the beginning: the machine after them, before whatever comes next - an
 * answer, an instruction, a trap. What is put by hand is part of the position that it was put at, and what had come
 * after that is forgotten.
 *
 * Snapshots share the tiles of the image that are alike. One is made when the run since the last has taken twelve times
 * as long as that one did, so that they cost less than a tenth; when they take too much memory, every other old one
 * goes. */
#ifndef EXEC_TAPE_H
#define EXEC_TAPE_H

#include "exec/breakpoint.h"
#include "exec/run.h"

typedef struct px_tape px_tape;

typedef struct px_tape_facts {
    uint64_t at;       /* the position */
    uint64_t furthest; /* that the machine has been at */
    uint64_t snapshots, bytes;
    uint64_t answers;         /* kept */
    double running, snapping; /* seconds in the executor, and for snapshots */
} px_tape_facts;

/* Begins at position 0 with start, which stays the caller's; nobody answers where answerer is NULL. memory: bytes that
 * snapshots may take; 0: what is usual. The executor must outlive it. */
bool px_tape_open(px_tape **tape, px_executor *executor, const px_state *start, const px_answerer *answerer,
                  uint64_t memory, px_error *error);
void px_tape_close(px_tape *tape); /* also fine with NULL */

/* The machine at rest, to be looked into by px_get and px_machine_read; whoever writes uses px_tape_put. */
px_machine *px_tape_machine(px_tape *tape);
px_tape_facts px_tape_about(const px_tape *tape);

/* How the machine stands at its position; executed is the position. */
const px_stop *px_tape_stop(const px_tape *tape);

/* Why a run ended. */
typedef enum px_tape_end {
    PX_END_BREAK,   /* at a breakpoint */
    PX_END_LIMIT,   /* where it was told to */
    PX_END_STOPPED, /* the machine has halted or trapped, or waits for an answer that nobody gives: px_tape_stop */
    PX_END_FIRST,   /* back at position 0 */
    PX_END_CANCELLED
} px_tape_end;

typedef struct px_tape_hit {
    px_tape_end end;
    const px_breakpoint *breakpoint; /* of BREAK */
    uint64_t
        by; /* of a watchpoint: the position before the instruction that touched it; or before the answer that did */
    bool answered; /* by an answer */
} px_tape_hit;

/* Winds to a position: back, or forward as far as the machine goes. hit may be NULL. */
bool px_tape_seek(px_tape *tape, uint64_t at, const px_cancel *cancel, px_tape_hit *hit, px_error *error);

/* Runs on to the first breakpoint, or to position limit. What stops before an instruction does not stop at the one that
 * the machine stands at. */
bool px_tape_run(px_tape *tape, const px_breakpoints *list, uint64_t limit, const px_cancel *cancel, px_tape_hit *hit,
                 px_error *error);

/* Runs back to the last position before this one at which a breakpoint stops, or to position limit. Where something is
 * read or written, that is the position before the instruction that does it; OVER and RETURN are for running on. */
bool px_tape_back(px_tape *tape, const px_breakpoints *list, uint64_t limit, const px_cancel *cancel, px_tape_hit *hit,
                  px_error *error);

/* The position before the instruction before this one; calls since then count as one instruction. FIRST at 0. */
bool px_tape_back_over(px_tape *tape, const px_cancel *cancel, px_tape_hit *hit, px_error *error);

/* Words of the machine at this position, which begins the run from here on anew. */
bool px_tape_put(px_tape *tape, enum px_space space, uint32_t at, const uint32_t *words, uint32_t count,
                 px_error *error);

#endif

/* bisect.h - which instruction makes two executors differ.
 *
 * Executors are only asked what they all can do: run a number of instructions from a state, and show the state. So the
 * number of the instruction is found by running both again and again with budgets that close in on it: from the
 * snapshots of a tape each; and from the beginning where that shows no difference, since what an executor does wrong
 * may depend on what it did before. */
#ifndef EXEC_BISECT_H
#define EXEC_BISECT_H

#include "exec/run.h"

typedef struct px_divergence {
    bool found;
    uint64_t executed;    /* the instruction's number, counted from 1; 0: they differ as soon as loaded */
    uint32_t pc;          /* where it stands */
    int64_t slot;         /* RESUME ran it: the address of its machine, whose pc that is; or -1 */
    uint32_t outer_pc;    /* then RESUME's own */
    uint32_t instruction; /* its pixel */
    char difference[512]; /* px_state_equal's line about the states right after it */
} px_divergence;

/* Compares a (expected) with b over at most budget instructions from start; answerer may be NULL, and answers
 * each run alike. states, which may be NULL, is zeroed; when found, it is the state before the instruction, and what a
 * and b made of it, the caller's to free. When found, the states are equal after executed - 1 instructions and differ
 * after executed. A difference that a later instruction hides again before the search looks is not found. Returns false
 * when an executor fails. */
bool px_first_difference(px_executor *a, px_executor *b, const px_state *start, const px_answerer *answerer,
                         uint64_t budget, px_divergence *out, px_state states[3], px_error *error);

#endif

/* case.h - one random case: a machine to start from, and a script that says when it stops and what its host does then.
 *
 * The script makes a case the same sequence of events on every executor. An event is the return of one run. After it,
 * the host answers a SYS while it has answers, steps over a trap while it may, goes on to the next leg when the budget
 * of this one is used up, or ends the case. */
#ifndef TESTS_RANDOM_CASE_H
#define TESTS_RANDOM_CASE_H

#include "pxi/state.h"

enum {
    CASE_LEGS = 4,
    CASE_ANSWERS = 6,
    CASE_SKIPS = 24,
    CASE_PIXELS = 2048,
    CASE_EVENTS = CASE_LEGS + CASE_ANSWERS + CASE_SKIPS + 1
};

typedef struct random_case {
    px_state start;
    uint64_t legs[CASE_LEGS]; /* budgets, used one after the other */
    size_t legs_count;
    uint32_t answers[CASE_ANSWERS];
    size_t answers_count;
    uint32_t skips; /* traps that the host steps over */
    bool nested;    /* made with machines in its image */
    uint32_t relay; /* which executor takes the first leg when they take turns; odd: trace the executors */
} random_case;

/* Where the script stands. */
typedef struct case_progress {
    size_t leg, answered;
    uint64_t rest; /* of this leg's budget */
    uint32_t skipped;
    bool over;
} case_progress;

enum case_kinds { CASES_ALL, CASES_FLAT, CASES_NESTED, CASES_HOT };

/* Images have at most so many pixels; the same seed, number and most always give the same case. */
bool case_generate(random_case *c, uint64_t seed, uint64_t number, uint32_t most, enum case_kinds kinds,
                   px_error *error);
bool case_copy(random_case *to, const random_case *from, px_error *error); /* to is zeroed or a valid case */
void case_free(random_case *c);
uint64_t case_budget(const random_case *c);

case_progress case_begin(const random_case *c);

/* After a run that retired executed instructions and left the machine in at: what the host does. Returns whether it
 * changed the machine, which then has to be loaded again. */
bool case_next(const random_case *c, case_progress *progress, px_state *at, uint64_t executed);

#endif

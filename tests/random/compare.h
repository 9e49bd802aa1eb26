/* compare.h - one random case on several executors: the first says what is expected, the others must do the same. */
#ifndef TESTS_RANDOM_COMPARE_H
#define TESTS_RANDOM_COMPARE_H

#include "exec/machine.h"
#include "tests/random/case.h"

enum { EXECUTORS = 8 };

typedef bool open_fn(px_executor **executor, const char *spec, px_error *error);

/* The executors under comparison; the first is the one to agree with. One that fails is opened anew, so that its next
 * case does not suffer from it; at[i] is NULL while that is not possible. */
typedef struct executor_list {
    px_executor *at[EXECUTORS];
    const char *spec[EXECUTORS];
    size_t count;
    size_t only; /* not 0: compare this one alone with the first */
    open_fn *open;
} executor_list;

/* What went wrong, if anything did. */
typedef struct finding {
    bool found;
    bool relayed;    /* the machine was handed from executor to executor at every event */
    size_t executor; /* the one that differs, an index into the list */
    size_t event;    /* the event after which it differs */
    char text[768];
} finding;

/* Instructions retired by the first executor, by opcode byte, over all cases; NULL: not counted. */
typedef struct coverage {
    uint64_t v1[256], classic[256];
    uint64_t events[4]; /* by status */
    uint64_t causes[8];
    uint64_t inner;                    /* of the instructions, those of machines in slots */
    uint64_t slots[4], slot_causes[8]; /* how the machines that lie in the last images stand */
} coverage;

/* Runs the case straight through on each executor, and once handing it round as a saved picture. False only when the
 * comparison itself cannot go on (no memory); an executor's failure is a finding. */
bool compare_case(const random_case *c, executor_list *list, coverage *seen, finding *out, px_error *error);

/* Runs count cases at once on an executor, with one budget for all. *which is the case that differs. */
bool compare_many(const random_case *cases, size_t count, executor_list *list, size_t executor, uint64_t budget,
                  size_t *which, finding *out, px_error *error);

#endif

/* export.h - random cases as pictures: a fleet's cases (px fleet --cases), or anybody's. */
#ifndef TESTS_RANDOM_EXPORT_H
#define TESTS_RANDOM_EXPORT_H

#include "exec/machine.h"
#include "tests/random/case.h"

typedef struct export_order {
    const char *directory; /* the cases go into its folder seed-S */
    uint64_t seed, first, count;
    uint32_t pixels;
    enum case_kinds kinds;
} export_order;

typedef struct export_count {
    uint64_t programs, cases;
    char path[4096];
} export_count;

/* Each event of a program's script becomes a case of its own: the machine before it, the budget, and what the executor
 * makes of it. So a case is one run, and the host's answers are in the next one's beginning. */
bool export_cases(const export_order *order, px_executor *executor, export_count *count, px_error *error);

#endif

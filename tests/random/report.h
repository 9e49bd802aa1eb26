/* report.h - a shrunk difference as a person wants to read it, and as a file that px run and px diff take. */
#ifndef TESTS_RANDOM_REPORT_H
#define TESTS_RANDOM_REPORT_H

#include "tests/random/compare.h"

typedef struct report {
    uint64_t seed, number, pixels;
    const char *on;    /* the list of executors, as on the command line */
    const char *dir;   /* where the picture goes */
    const char *kinds; /* "", or an option that belongs to the seed */
} report;

/* Lines that begin with "# ", for TAP. */
bool report_finding(const report *r, const random_case *c, const executor_list *list, const finding *f,
                    px_error *error);

#endif

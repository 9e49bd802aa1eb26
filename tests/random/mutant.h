/* mutant.h - executors that are wrong in one known way, to show that the comparer finds what it should. */
#ifndef TESTS_RANDOM_MUTANT_H
#define TESTS_RANDOM_MUTANT_H

#include "pxi/executor.h"

/* name is that of a mutant; PX_E_USAGE lists them. */
bool mutant_open(px_executor **executor, const char *name, px_error *error);

/* NULL when index is past the last. */
const char *mutant_name(size_t index);
const char *mutant_fault(size_t index);

#endif

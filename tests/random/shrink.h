/* shrink.h - makes a case that shows a difference as small as it can while it still shows one. */
#ifndef TESTS_RANDOM_SHRINK_H
#define TESTS_RANDOM_SHRINK_H

#include "tests/random/compare.h"

/* c is replaced by a smaller case and *out by its finding. False when memory fails. */
bool shrink_case(random_case *c, executor_list *list, finding *out, px_error *error);

#endif

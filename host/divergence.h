/* divergence.h - the instruction from which on two executors differ (exec/bisect.h), for people. */
#ifndef HOST_DIVERGENCE_H
#define HOST_DIVERGENCE_H

#include <stdio.h>

#include "exec/bisect.h"
#include "host/names.h"

/* Lines, indented by two: its number, itself with its operands, what each executor made of it; and of a picture of pxOS
 * the process, and what it asks. states are those that px_first_difference gave, start is what it began with. */
void px_divergence_tell(FILE *to, const px_divergence *at, const px_state *start, const px_state states[3],
                        const char *a_name, const char *b_name, const px_names *names);

#endif

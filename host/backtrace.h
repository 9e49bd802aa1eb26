/* backtrace.h - who called whom, where compiled C has stopped. */
#ifndef HOST_BACKTRACE_H
#define HOST_BACKTRACE_H

#include <stdio.h>

#include "host/names.h"
#include "pxi/state.h"

/* Lines, indented by two, from the caller of the function at pc on; nothing where the names are not those of a program
 * of px cc. */
void px_backtrace(FILE *to, const px_state *state, const px_names *names);

#endif

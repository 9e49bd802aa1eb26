/* shrink.h - an instruction that two executors carry out differently, as a case of the conformance set with as little
 * in it as shows that. */
#ifndef HOST_SHRINK_H
#define HOST_SHRINK_H

#include "exec/machine.h"

/* What comes of one instruction from before on differs; a is believed. Writes the case to path. PX_E_INPUT when the
 * difference does not come of that state alone. */
bool px_shrink(px_executor *a, px_executor *b, const px_state *before, const char *name, const char *path,
               px_error *error);

#endif

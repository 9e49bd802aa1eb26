/* fast_vector.h - the vector instructions of the fast CPU executor. */
#ifndef VM_FAST_VECTOR_H
#define VM_FAST_VECTOR_H

#include "vm/ref.h"

/* An instruction of one of the vector classes, with the contract of ref.h's functions for those classes: true when it
 * retires, false when it traps. Any thread may call it, each for a machine of its own. */
bool px_fast_vector(px_vm *vm, px_insn i, unsigned class);

/* Whether the settings PX_FAST_SIMD=LEVEL, the most that is used of the processor's vectors, and PX_FAST_THREADS=COUNT
 * mean something; the error says what does not. px_fast_vector takes what means nothing as not set. */
bool px_fast_vector_settings(px_error *error);

#endif

/* trap.h - a trap in the program's own terms: the instruction, its operands, and the run that does not fit. */
#ifndef HOST_TRAP_H
#define HOST_TRAP_H

#include <stdio.h>

#include "host/names.h"
#include "pxi/state.h"

/* Lines, indented by two, about a machine that is TRAPPED; nothing about others. */
void px_trap_explain(FILE *to, const px_state *state, const px_names *names);

/* The instruction that a machine stands at: its line, its place, itself and its operands. */
void px_instruction_tell(FILE *to, const px_state *state, const px_names *names);

/* It trapped at RESUME because its executor does not know it. */
bool px_trap_is_of_older(const px_state *state);

#endif

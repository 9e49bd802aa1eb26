/* outcome.h - what the parts of the C library that ask the host share. */
#ifndef PX_OUTCOME_H
#define PX_OUTCOME_H

#include <stdint.h>

#define ADDRESS(object) ((uint32_t)(uintptr_t)(object))

int px_outcome(int32_t answer); /* system.c: a host's answer as C has it, with errno */
#define outcome px_outcome

#endif

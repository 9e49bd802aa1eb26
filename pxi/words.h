/* words.h - a machine that is kept as a px_state, seen as the words of executor.h: for executors whose machines are
 * states in memory. Addresses are checked by the caller. */
#ifndef PXI_WORDS_H
#define PXI_WORDS_H

#include "pxi/executor.h"

/* The FLAGS word of space STATE, and back into profile, cause and status. */
uint32_t px_flags_of(const px_state *state);
void px_set_flags(px_state *state, uint32_t flags);

void px_words_get(const px_state *state, enum px_space space, uint32_t at, uint32_t *words, uint32_t count);
void px_words_put(px_state *state, enum px_space space, uint32_t at, const uint32_t *words, uint32_t count);

/* How a turn of executed instructions ended that left the machine as it is. */
px_stop px_stop_of(const px_state *state, uint64_t executed);

#endif

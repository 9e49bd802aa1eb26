/* many.h - lists of callers, for what serves many of a round with the same instructions: many.c, and stat.c. A list is
 * runs of the table side by side, t.some and what a handler wants beside it; vl is its length. */
#ifndef OS_KERNEL_MANY_H
#define OS_KERNEL_MANY_H

#include "os/kernel/kernel.h"

enum { MISSES = 3 }; /* so often nothing is found of a kind that can be served together, until the others are left */

void get_words(uint32_t *word, const uint32_t *at); /* of the slots; 0 behind them */
/* Words of a run become others; no two are the same, and aim(at) was called. */
void put_at(uint32_t *run, uint32_t length, const uint32_t *at, const uint32_t *word);

/* Those of the `count` that ask for this and are not yet served: which they are in t.some, their columns in t.caller,
 * their pictures' lengths in t.bytes_of, and t.good, what is right of them so far: all. How many; 0: too few. */
uint32_t list_callers(uint32_t count, uint32_t kind);
void refuse(const uint32_t *bad); /* who has something that is not 0 there is not good */
void demand(const uint32_t *right);
void keep(uint32_t *run); /* those of it that are good */

/* Words from `at` on, by byte address: they are aligned and in the picture, or the caller is not good. Becomes where
 * that is in the slots. No picture is shorter than `bytes`. */
void check_words(uint32_t *at, uint32_t bytes);
void check_bytes(uint32_t *at, const uint32_t *count); /* likewise so many bytes; becomes a byte address of ours */
void look_up(uint32_t *handle);                        /* becomes what is open as that */

void served(uint32_t count, const uint32_t *answer, const uint32_t *known); /* who is `known` has an answer */
void leave_alone(uint32_t count); /* who is good, and the first, is to be served by itself */

void tell_files(uint32_t count); /* stat.c: STAT and FSTAT */

#endif

/* guess.h - "did you mean": the known name that is closest to a mistyped one. */
#ifndef PXI_GUESS_H
#define PXI_GUESS_H

#include <stddef.h>

/* The name that somebody may have meant; starts as {0}. */
typedef struct px_guess {
    const char *best; /* NULL when nothing is close enough */
    unsigned distance;
} px_guess;

/* Keeps a candidate that is closer to name than those before. */
void px_guess_try(px_guess *guess, const char *name, size_t length, const char *candidate);

#endif

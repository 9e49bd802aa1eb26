/* pace.h - running in pieces: for executors that cannot be stopped in the middle of one, and are asked to between two.
 * One instruction can take a million times as long as another, so a piece is as long as the last ones suggest. */
#ifndef PXI_PACE_H
#define PXI_PACE_H

#include <stdint.h>

typedef struct px_pace {
    uint64_t piece;  /* instructions of the next piece */
    double aim;      /* seconds that one should take */
    double cheapest; /* the least that one has taken lately: what starting one costs */
    uint64_t last;   /* the piece before, and its seconds */
    double last_took;
    double began;
} px_pace;

px_pace px_pace_of(uint64_t first, double aim);

/* The instructions of the next piece, at most left, which begins here; and its end. Where starting a piece costs much,
 * pieces become long enough to make up for it. */
uint64_t px_pace_begin(px_pace *pace, uint64_t left);
void px_pace_end(px_pace *pace);

/* A clock that only goes forward. */
double px_seconds(void);

#endif

/* time.h - guest time from the TSC. */
#ifndef MACHINE_TIME_H
#define MACHINE_TIME_H

#include <stdint.h>

/* Finds the TSC's rate (tsc.h); stops where nothing tells it. */
void time_init(void);

/* Nanoseconds since time_init. */
uint64_t time_now(void);

/* As ticks of the TSC; an hour at most. */
uint64_t time_ticks(uint64_t nanoseconds);

/* What the clock of the real PC says, as seconds since 1970-01-01; 0 when it says nothing sensible. */
uint64_t time_of_day(void);

#endif

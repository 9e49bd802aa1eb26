/* time.h - guest time from the TSC. */
#ifndef MACHINE_TIME_H
#define MACHINE_TIME_H

#include <stdint.h>

#include "firmware/pc/pc.h"

/* Finds the TSC's rate (tsc.h); stops where nothing tells it. */
void time_init(void);

/* Nanoseconds since time_init. */
pc_time time_now(void);

/* Nanoseconds as ticks of the VMX preemption timer, rounded up, within 32 bits. */
uint32_t time_to_preemption(pc_time duration);

/* What the clock of the real PC says, as seconds since 1970-01-01; 0 when it says nothing sensible. */
uint64_t time_of_day(void);

#endif

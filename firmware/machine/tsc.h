/* tsc.h - how fast the time stamp counter runs. */
#ifndef MACHINE_TSC_H
#define MACHINE_TSC_H

#include <stdint.h>

/* In Hz: against channel 2 of the physical PIT, for some 10 ms; where that does not count, as CPUID says; 0 where
 * neither tells. *source is where it is from. */
uint64_t tsc_rate(const char **source);

#endif

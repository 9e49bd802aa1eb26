/* exit.h - what happens when the guest exits. */
#ifndef HV_EXIT_H
#define HV_EXIT_H

#include <stdint.h>

/* Runs the guest until it ends: shut down, or a state that pxHV does not go on from. */
_Noreturn void guest_loop(void);

/* Exits so far, by reason; one log line each. */
void exit_counts_log(void);

#endif

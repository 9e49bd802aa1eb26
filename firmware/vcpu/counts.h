/* counts.h - how often the guest has exited for each reason, and how often it has used each port. Logged at the end and
 * when the guest asks (hypercall.h). */
#ifndef VCPU_COUNTS_H
#define VCPU_COUNTS_H

#include <stdbool.h>
#include <stdint.h>

#define COUNTS_EXITS 1028u /* reasons that a vendor may have: AMD's nested page faults are number 400h */
void counts_exit(unsigned reason);

/* One access of 1, 2 or 4 bytes, counted at its first port; each element of a string is one. */
void counts_port(uint16_t port, bool in);

/* So far; 0 for a reason or port that has not been seen. */
uint64_t counts_of_exit(unsigned reason);
uint64_t counts_of_port(uint16_t port, bool in);

/* A line for each reason, a line for each port; ports beyond the first COUNTS_PORTS seen share one line. */
#define COUNTS_PORTS 128u
void counts_log(void);

/* Both to zero. */
void counts_reset(void);

#endif

/* provoke.h - for tests: an entry to the guest that must fail, in each of the ways in which one can, or an exception of
 * pxHV's own just before it. The image's option provoke=HOW asks for it. */
#ifndef HV_PROVOKE_H
#define HV_PROVOKE_H

#include <stdbool.h>

/* How: an entry that is refused (invalid, valid), one that fails (state, msr), one that our own checker holds back, or
 * an exception: a write to text, data that is executed, a read near address 0, an NMI, or all is well up to the first
 * exit (late). False when it is none of these. */
bool provoke_choose(const char *how);
#define PROVOKE_EXPECTED "invalid, valid, state, msr, check, write, execute, null, nmi or late"

/* Before the guest's state is checked, and behind that, just before the entry. */
void provoke_before_check(void);
void provoke_before_entry(void);

#endif

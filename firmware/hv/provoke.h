/* provoke.h - for tests: an entry to the guest that must fail, in each of the ways in which one can, or an exception of
 * pxHV's own just before it. The image's option provoke=HOW asks for it. */
#ifndef HV_PROVOKE_H
#define HV_PROVOKE_H

#include <stdbool.h>

/* how is a word, closed by a blank or 0: invalid, valid, state, msr, check, or an exception: write (to text), execute
 * (data), null (read near address 0), nmi. False when it is none of these. */
bool provoke_choose(const char *how);

/* Before the guest's state is checked, and behind that, just before the entry. */
void provoke_before_check(void);
void provoke_before_entry(void);

#endif

/* provoke.h - for tests: an entry to the guest that must fail, in each of the ways in which one can, or an exception of
 * pxHV's own just before it. The image's option provoke=HOW asks for it. */
#ifndef MACHINE_PROVOKE_H
#define MACHINE_PROVOKE_H

/* An entry that is refused (invalid, valid), one that fails (state, msr), one that our own checker holds back, or an
 * exception: a write to text, data that is executed, a read near address 0, an NMI, or all is well up to the first exit
 * (late). */
#define HV_PROVOCATIONS(X)                                                                                             \
    X(INVALID, "invalid")                                                                                              \
    X(VALID, "valid")                                                                                                  \
    X(STATE, "state")                                                                                                  \
    X(MSR, "msr")                                                                                                      \
    X(CHECK, "check")                                                                                                  \
    X(WRITE, "write")                                                                                                  \
    X(EXECUTE, "execute")                                                                                              \
    X(NULL_READ, "null")                                                                                               \
    X(NMI, "nmi")                                                                                                      \
    X(LATE, "late")

#define HV_PROVOCATION(way, name) PROVOKE_##way,
typedef enum provocation { PROVOKE_NOTHING, HV_PROVOCATIONS(HV_PROVOCATION) } provocation;

void provoke_choose(provocation way);

provocation provoke_chosen(void);

/* Where an exception of pxHV's own is chosen, that. The failing entries are the business of who makes them, which calls
 * this too, just before the first one. */
void provoke_host(void);

#endif

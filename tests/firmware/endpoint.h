/* endpoint.h - the other end of pxHV's link as pxi/LINK.md section 5 wants it, on the fake link port, and everything
 * that it may do wrong. */
#ifndef TESTS_FIRMWARE_ENDPOINT_H
#define TESTS_FIRMWARE_ENDPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the next request meets. */
typedef enum endpoint_mood {
    GOOD,
    LATE,        /* BUSY first */
    DEAF,        /* the request is lost */
    MUTE,        /* it is done, the answer is lost */
    TWICE,       /* answered twice */
    SHORT,       /* the answer lacks words */
    WRONG_COUNT, /* of operations */
    WRONG_TOTAL,
    WRONG_NUMBER,
    TOO_MUCH, /* more characters than the credit */
    NONSENSE, /* a type that does not exist */
    REFUSES,  /* ERROR; nothing is done */
    DIES,     /* done, then dead: whoever comes next knows nothing */
    HALF,     /* half of it is out, then dead */
    AT_WORK,  /* BUSY, and no more */
    NEW,      /* another endpoint gets it already, which knows nothing */
    MOODS
} endpoint_mood;

void endpoint_reset(bool remembers, endpoint_mood (*mood)(void));

/* What it has put on the wire: the guest's operations, without the set-ups that begin batches. */
#define ENDPOINT_WIRE 65536u
extern uint32_t endpoint_wire[];
extern size_t endpoint_count;
extern unsigned endpoint_batches;

/* The writes on it and then on pxHV's own path have numbers (bits 23:0) that rise: how many there are, else UINT32_MAX.
 */
uint32_t endpoint_rising(void);

/* Its space DRIVER. */
#define ENDPOINT_DRIVER 4096u
extern uint32_t endpoint_driver[], endpoint_driver_count; /* in force */
extern unsigned endpoint_drivers;                         /* times that one came into force */
extern unsigned endpoint_undriven;                        /* batches that ran without one */
extern bool endpoint_old;                                 /* it does not know the space */
extern bool endpoint_forgetful;                           /* its HELLO never tells of a driver */

#endif

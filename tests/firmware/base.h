/* base.h - a board at pxHV's link as pxi/LINK.md section 3 wants it, with the serial driver's work done in plain C
 * (pxi/programs/SERIAL.md), and everything that a board may do wrong. */
#ifndef TESTS_FIRMWARE_BASE_H
#define TESTS_FIRMWARE_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "firmware/serial/driver.h"

/* What the next request meets. */
typedef enum base_mood {
    BASE_GOOD,
    BASE_DEAF,     /* the request is lost */
    BASE_MUTE,     /* it is done, the answer is lost */
    BASE_TWICE,    /* answered twice */
    BASE_FORGETS,  /* it has been switched off and on since the last one */
    BASE_FAILS,    /* error EXECUTOR; nothing is done */
    BASE_SHORT,    /* the answer lacks a word, or has one too many */
    BASE_NONSENSE, /* an answer of another type */
    BASE_LIES,     /* every word that HELLO, STATUS or the results have is wrong */
    BASE_IDLES,    /* the next run halts and has done nothing */
    BASE_HANGS,    /* the next run does not end */
    BASE_MOODS
} base_mood;

typedef struct base_options {
    uint32_t pixels;
    bool wire;
    bool running;        /* a run of somebody before is under way */
    unsigned full_every; /* so many WRITEs to the wire find room, the next one none; 0: there is always room */
    base_mood (*mood)(void);
    const serial_driver *driver; /* the one that it knows how to do */
} base_options;

void base_reset(const base_options *options);

/* Frames at its pin. */
#define BASE_WIRE 65536u
extern uint32_t base_wire[];
extern size_t base_count;
extern unsigned base_runs, base_programs; /* runs begun; times that pixel 38 of the driver was written */

/* The frame that an operation becomes, as SERIAL.md says; false: none. *setup is the set-up in force, and follows. */
bool base_frame(uint32_t operation, uint32_t *setup, uint32_t *frame);

#endif

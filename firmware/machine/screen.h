/* screen.h - what a stopped pxHV leaves on the real screen: its reason, and the lines that led to it. */
#ifndef MACHINE_SCREEN_H
#define MACHINE_SCREEN_H

#include <stddef.h>
#include <stdint.h>

enum { SCREEN_COLUMNS = 80, SCREEN_ROWS = 25, SCREEN_BYTES = SCREEN_COLUMNS * SCREEN_ROWS * 2 };

/* The log as it lies in its ring of size bytes: character i of all ever written is ring[i % size]. */
typedef struct screen_log {
    const char *ring;
    size_t size;
    size_t reason;  /* the line that tells why it stopped begins here ... */
    size_t written; /* ... and so many characters have been written */
} screen_log;

/* Fills the 4,000 bytes of text memory: the reason on top, in white on red; below it the last lines before it, wrapped
 * at 80 columns, without their "pxhv: ". */
void screen_stop(uint8_t *text, const screen_log *log);

/* The end of a guest: its screen stays, but for the last row. */
void screen_end(uint8_t *text, const screen_log *log);

#endif

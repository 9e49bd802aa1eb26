/* serve_guard.h - what a child of px serve runs on: one executor, or several in lockstep, behind the interface of one.
 *
 * A machine of it is one in each; how a turn ends is compared after each, words whenever they are read. Where they
 * differ, the call fails with a sentence that says who said what. */
#ifndef HOST_SERVE_GUARD_H
#define HOST_SERVE_GUARD_H

#include "host/link_client.h"
#include "pxi/executor.h"

/* A page shared with the parent: which executor is at work. It outlives a child that dies. */
typedef struct px_serve_note {
    char at_work[128];
} px_serve_note;

/* list is that of --on. most_pixels bounds what an image may have. Closing closes the executors too. */
bool px_guard_open(px_executor **guard, const char *list, uint32_t most_pixels, px_serve_note *note, px_error *error);

/* Whether the latest failure was a difference. */
bool px_guard_differs(const px_executor *guard);

/* The board among them that has a wire, or NULL. */
px_link_client *px_guard_board(const px_executor *guard);

#endif

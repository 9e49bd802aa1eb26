/* lockstep.h - several executors in lockstep behind the interface of one, or one alone.
 *
 * A machine of it is one in each; how a turn ends is compared after each, words whenever they are read. Where they
 * differ, the call fails with a sentence that says who said what. */
#ifndef EXEC_LOCKSTEP_H
#define EXEC_LOCKSTEP_H

#include "pxi/executor.h"
#include "wire/link_client.h"

/* Which executor is at work. In a page shared with another process it outlives this one. */
typedef struct px_lockstep_note {
    char at_work[128];
} px_lockstep_note;

/* Called before the first executor runs a turn, if it is not NULL. */
typedef void px_lockstep_hook(px_machine *first);

/* list is that of --on. most_pixels bounds what an image may have. Closing closes the executors too. */
bool px_lockstep_open(px_executor **executor, const char *list, uint32_t most_pixels, px_lockstep_note *note,
                      px_lockstep_hook *before_turn, px_error *error);

/* Whether the latest failure was a difference. */
bool px_lockstep_differs(const px_executor *executor);

/* The board among them that has a wire, or NULL. */
px_link_client *px_lockstep_board(const px_executor *executor);

#endif

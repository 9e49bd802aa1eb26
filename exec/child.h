/* child.h - the process of a worker from inside: executors in lockstep, or one, that answer link frames from a socket.
 *
 * It begins by sending an unasked reply, sequence number 0: HELLO's when the executors are open, with capability WIRE
 * where one of them is a board that has a wire; ERROR when they cannot be had. Then it answers the base requests
 * (exec/endpoint.h), and those that its plan brings. */
#ifndef EXEC_CHILD_H
#define EXEC_CHILD_H

#include "exec/endpoint.h"
#include "exec/lockstep.h"
#include "pxi/link.h"

/* Memory that parent and child share. The child writes it: to the parent it may hold anything. */
typedef struct px_child_note {
    px_lockstep_note lockstep;
    char name[128];   /* of the executor, as a person would say it */
    px_error failure; /* why its executors cannot be had, or the latest ERROR EXECUTOR as the executor said it */
    uint64_t executed, cycles; /* of all runs, as far as they are */
    uint64_t signs;            /* of life: how often an executor at work has asked whether it is to stop */
    px_link_window window;
} px_child_note;

typedef struct px_child px_child;

typedef struct px_child_plan {
    const char *on;               /* executors, a list as that of --on */
    uint32_t most_pixels;         /* of an image */
    uint32_t longest;             /* payload words of a request */
    uint64_t files;               /* the limit of open files that it gets back, 0: it has that of its parent */
    int ends_by;                  /* SIGTERM, when executors have something to tidy up; or SIGKILL: what else ends px
                                     and all that it started, it outlasts, for px wants its machine then */
    px_lockstep_hook *before_run; /* or NULL */
    /* Answers a request that is no base request; false: there is none such. Or NULL. */
    bool (*answer)(px_child *child, const px_link_frame *request);
} px_child_plan;

/* What fork() gives to the child; it never returns. fd is all that it keeps open, and standard error. */
_Noreturn void px_child_main(int fd, const px_child_plan *plan, px_child_note *note);

/* ---- for the plan's requests ---- */

px_executor *px_child_executor(px_child *child);

/* Takes the endpoint's machine out of the executor for somebody else's. */
bool px_child_make_room(px_child *child, px_error *error);

void px_child_send(px_child *child, const px_link_frame *frame);
/* The reply to request that is an ERROR: EXECUTOR, or DIFFER after a difference in lockstep. */
void px_child_fail(px_child *child, const px_link_frame *request, const char *text);

#endif

/* process.h - the process of a worker from outside: started, asked how it is, collected. What it does is in
 * exec/child.h. */
#ifndef EXEC_PROCESS_H
#define EXEC_PROCESS_H

#include <stddef.h>
#include <sys/types.h>

#include "exec/child.h"

typedef struct px_process {
    pid_t pid;           /* 0: none there */
    int fd;              /* the socket to it, or -1: somebody else has it */
    px_child_note *note; /* NULL: none there */
} px_process;

/* plan stays its owner's, and is not needed afterwards. */
bool px_process_start(px_process *process, const px_child_plan *plan, px_error *error);

/* Whether it has ended; it is still to be collected. */
bool px_process_ended(const px_process *process);

/* Processor time of all its threads. */
double px_process_worked(const px_process *process);

/* Waits up to seconds for it to end by itself, kills it if it did not, and collects it. how (NULL: nobody asks) is
 * "was ended by signal 11 (Segmentation fault)" or "ended by itself with status 3". */
void px_process_end(px_process *process, double seconds, char *how, size_t size);

/* It is somebody else's to collect; what there was of it here is given back. */
void px_process_forget(px_process *process);

/* What stands in a page of the child's, as text for a terminal; size at least 1. */
void px_process_text(const char *noted, size_t most, char *text, size_t size);

#endif

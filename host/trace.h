/* trace.h - px run --trace: each retired instruction, those of some addresses, or the last ones. */
#ifndef HOST_TRACE_H
#define HOST_TRACE_H

#include <stdio.h>

#include "host/names.h"
#include "pxi/executor.h"

typedef struct px_trace {
    FILE *to;
    uint32_t profile;
    const px_names *names;
    uint32_t first, last; /* addresses that are told; of a machine in a slot all, where its slot begins within */
    px_retire *ring;      /* owned; NULL: told at once */
    uint64_t room, count; /* of the ring; what came */
} px_trace;

/* NULL: everything; "A-B": addresses A to B; "last:N": the last N before the run stopped. */
bool px_trace_parse(px_trace *trace, const char *text, px_error *error);
void px_trace_retired(void *trace, const px_retire *retire); /* a px_trace_fn */
void px_trace_end(px_trace *trace);                          /* tells what is held back, and frees it */

#endif

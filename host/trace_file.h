/* trace_file.h - traces as files of the viewers that there are for them. */
#ifndef HOST_TRACE_FILE_H
#define HOST_TRACE_FILE_H

#include <stdio.h>

#include "exec/follow.h"
#include "host/names.h"

typedef struct px_trace_format px_trace_format;

typedef struct px_trace_file {
    const px_trace_format *format;
    FILE *to;
    const px_names *names;
    px_follow follow;     /* before the next instruction */
    uint64_t from, count; /* the instructions that are written: count of them, after from */
    uint64_t seen, written;
    /* The time of the instruction under way, and of the next: cycles where the executor has a clock, else instructions.
     */
    uint64_t time, next, turn, last;
    int64_t depth, least; /* of calls: now, and before the first instruction that is written */
} px_trace_file;

/* NULL for a name that is none; the names are in px_trace_formats. */
const px_trace_format *px_trace_format_named(const char *name);
extern const char px_trace_formats[];

/* Around a run of a machine, whose px_on_retire gets px_trace_file_retired and the file. */
bool px_trace_file_begin(px_trace_file *file, px_machine *machine, px_error *error);
void px_trace_file_retired(void *file, const px_retire *retire);
void px_trace_file_end(px_trace_file *file);

#endif

/* fleet.h - many programs through several executors, each in a process of its own. */
#ifndef HOST_FLEET_H
#define HOST_FLEET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pxi/error.h"

/* One program: its file, and where its result goes, without .png or .state.png; without --out its name alone. */
typedef struct px_fleet_program {
    char *file, *result;
    char *expected; /* of a case: the state that it must end in, or "": the file must be refused */
    uint64_t budget;
    bool done;   /* a result is there, and is not older than its program */
    bool before; /* it was there when the fleet began .. */
    bool state;  /* .. and is a saved state */
} px_fleet_program;

typedef struct px_fleet_programs {
    px_fleet_program *at; /* owned; by result's name */
    size_t count;
    size_t before; /* of them done */
} px_fleet_programs;

/* The pictures of a folder, or of a file with a name a line; or the cases of a folder. Of count shares of the sorted
 * names this is the one with that number, from 0. out may be NULL. */
typedef struct px_fleet_source {
    const char *input, *out;
    bool cases;
    uint64_t budget; /* of those that are no cases */
    uint32_t share, shares;
} px_fleet_source;

/* Two of one name, and results that would replace programs, are errors. */
bool px_fleet_list(px_fleet_programs *programs, const px_fleet_source *source, px_error *error);
void px_fleet_programs_free(px_fleet_programs *programs);

/* Adds the cases of folder, as px conformance --export writes them: those of its cases.tsv, and of each folder below it
 * that has one. */
bool px_fleet_cases(px_fleet_programs *programs, const char *folder, const char *out, px_error *error);
bool px_fleet_add(px_fleet_programs *programs, const px_fleet_program *one, px_error *error);

/* The folder is this process's, and its children's, as long as they live. */
bool px_fleet_lock(const char *out, uint32_t share, uint32_t shares, px_error *error);

typedef struct px_fleet_order {
    px_fleet_programs *programs; /* those that get a result are done then */
    char **executors; /* as --on names each */
    size_t executor_count;
    uint32_t batch; /* programs that an executor runs at a time; 0: its own number */
    bool writes, progress;
    bool terminal; /* progress is a line that changes, otherwise a line now and then */
} px_fleet_order;

typedef struct px_fleet_count {
    uint64_t halted, trapped, stopped, failed, left; /* left: nobody ran them */
    uint64_t refused; /* cases, as they had to be */
    uint64_t executed;
    bool absent;      /* an executor cannot be had at all */
    bool interrupted; /* by a signal */
    bool full;        /* a result could not be written */
} px_fleet_count;

bool px_fleet_run(const px_fleet_order *order, px_fleet_count *count, px_error *error);

/* Adds what became of programs before the fleet began, as their results tell. */
void px_fleet_count_before(const px_fleet_programs *programs, px_fleet_count *count);

/* The results of cases beside the states that they must be; a line on stdout for each that is another. */
typedef struct px_fleet_verdict {
    uint64_t agree, differ;
} px_fleet_verdict;
px_fleet_verdict px_fleet_judge(const px_fleet_programs *programs);

#endif

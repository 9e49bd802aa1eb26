/* fleet.h - many programs through several executors, each in a process of its own. */
#ifndef HOST_FLEET_H
#define HOST_FLEET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pxi/error.h"

/* One program: its file, and where its result goes, without .png or .state.png; "" when nothing is written. */
typedef struct px_fleet_program {
    char *file, *result;
} px_fleet_program;

typedef struct px_fleet_programs {
    px_fleet_program *at; /* owned; by result's name */
    size_t count;
    size_t before; /* left out: a result was there, and is not older than its program */
} px_fleet_programs;

/* The pictures of a folder, or of a file with a name a line. Of count shares of the sorted names this is the
 * one with that number, from 0. Two of one name, and results that would replace programs, are errors. */
bool px_fleet_list(px_fleet_programs *programs, const char *input, const char *out, uint32_t share, uint32_t shares,
                   px_error *error);
void px_fleet_programs_free(px_fleet_programs *programs);

/* The folder is this process's, and its children's, as long as they live. */
bool px_fleet_lock(const char *out, uint32_t share, uint32_t shares, px_error *error);

typedef struct px_fleet_order {
    const px_fleet_programs *programs;
    char **executors; /* as --on names each */
    size_t executor_count;
    uint64_t budget;
    uint32_t batch; /* programs that an executor runs at a time; 0: its own number */
    bool writes, progress;
} px_fleet_order;

typedef struct px_fleet_count {
    uint64_t halted, trapped, stopped, failed, left; /* left: nobody ran them */
    uint64_t executed;
    bool refused;     /* an executor cannot be had at all */
    bool interrupted; /* by a signal */
    bool full;        /* a result could not be written */
} px_fleet_count;

bool px_fleet_run(const px_fleet_order *order, px_fleet_count *count, px_error *error);

#endif

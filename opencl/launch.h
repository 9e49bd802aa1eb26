/* launch.h - machines of one pool run together, in launches of bounded length. */
#ifndef PX_OPENCL_LAUNCH_H
#define PX_OPENCL_LAUNCH_H

#include "opencl/pool.h"
#include "pxi/executor.h"

/* A machine on the device. */
typedef struct px_runner {
    px_place place;
    px_control control;        /* between runs: status, cause, value, pc, vl are the machine's */
    uint64_t budget, executed; /* of the latest run */
    uint64_t whole, done;      /* many.c: of that budget; budget and executed are a launch's there */
    uint64_t stay, stay_left;  /* many.c: instructions in px_run before px_lanes is tried again; those of them left */
    bool fleets;               /* slots of its RESUMEs have run side by side */
} px_runner;

/* Arrays and buffers that a run needs, kept for the next. Zeroed, it is empty. */
typedef struct px_launcher {
    size_t count, room;
    px_control *control; /* count of them, then a px_fleet */
    cl_mem memory, control_buffer;
    cl_mem parts;           /* of px_parts, or NULL so far */
    bool grid_under_way;    /* px_grid or px_parts was launched, and its end not waited for */
    unsigned chain;         /* launches of px_run, each with kernels behind it, between two looks; 0: one, and none */
    px_u32 chained;         /* those kernels, PX_BY_.. */
    px_u32 seen;            /* what they would be for what came before the last look alone */
    size_t groups[PX_USES]; /* of the latest launch of a kernel over the whole device, or what it would have had */
    unsigned pairs;         /* of launches of px_fleet_run and px_run between two looks */
    bool no_fleets;         /* for the rest of this run */
    bool lanes;             /* px_slot_lanes comes before each px_fleet_run */
    cl_mem kept; /* a fleet's slots from kept_first on, and their allowances, as they were at kept_executed */
    size_t kept_room;
    px_u32 kept_first;
    uint64_t kept_executed;
} px_launcher;

typedef struct px_launch_how {
    px_use use;     /* PX_ONE, PX_MANY or PX_LANES, which is built */
    uint32_t grid;  /* the least work that leaves the work-group; 0: none */
    uint32_t mma;   /* the least pixels of C that make a MATMUL px_mma's; 0: none */
    uint32_t fleet; /* the least sum of allowances that makes a fleet; 0: none */
    uint32_t lanes; /* the least slots of a fleet that begin in px_slot_lanes; 0: none */
    bool (*ready)(px_context *context, px_use use, px_error *); /* asked before another kernel is; NULL: it is built */
    const px_cancel *cancel;
} px_launch_how;

/* Runs each until it stops or its budget is spent. Machines of one pool; their answers, if any, are in control. total
 * counts what they retire. */
bool px_launch_run(px_launcher *launcher, px_context *context, px_runner *const *runners, size_t count,
                   const px_launch_how *how, uint64_t *total, px_error *error);

/* The first two arguments of every kernel: the memory of machines, and their control records. */
cl_int px_name_machines(const px_launcher *launcher, cl_kernel kernel);
void px_launcher_free(px_launcher *launcher);

#endif

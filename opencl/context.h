/* context.h - a device, opened: context, queue, and room for the kernels (ready.h makes them). */
#ifndef PX_OPENCL_SESSION_H
#define PX_OPENCL_SESSION_H

#include <stdint.h>

#include "opencl/program.h"

/* px_run for one machine and for many, whose best sizes of work-group differ; px_lanes; px_grid and px_parts, which go
 * together; px_mma, which few devices have; px_fleet_run; px_slot_lanes. */
typedef enum px_use { PX_ONE, PX_MANY, PX_LANES, PX_GRID, PX_PARTS, PX_MMA, PX_FLEET, PX_SLOT_LANES, PX_USES } px_use;

enum { PX_LANDING = 4096 };

typedef struct px_context {
    px_device device;
    cl_context cl;
    cl_command_queue queue;
    cl_mem landing_buffer;
    void *landing; /* PX_LANDING bytes of the host's that a GPU writes itself; NULL: none */
    px_kernel kernel[PX_USES];
    bool tested[PX_USES];
    unsigned group[PX_USES];
    uint32_t grid[PX_USES]; /* least work that leaves the work-group, 0 for never; for PX_ONE and PX_MANY */
    uint32_t fleet;         /* least sum of allowances that makes a fleet, 0 for never */
    uint32_t mma;           /* least pixels of C that make a MATMUL px_mma's, 0 for never */
    uint32_t lanes;         /* least machines or slots that begin in a work-item each, 0 for never */
    uint32_t fuel;          /* scalar instructions, or as much work, of one launch */
    uint64_t slice;         /* elementary steps of one px_grid launch */
    unsigned side_by_side;  /* machines that run at the same time, in work-groups */
    unsigned lanes_at_once; /* in px_lanes */
    unsigned grid_groups;   /* at most, of one px_grid launch */
    unsigned stretches;     /* at most, of one run in px_parts */
    unsigned fleet_groups;  /* of one px_fleet_run launch */
} px_context;

bool px_context_open(px_context *context, const char *device, px_error *error);
void px_context_close(px_context *context);

#endif

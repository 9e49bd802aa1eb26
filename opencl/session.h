/* session.h - one device made ready: context, queue, and the kernels, each built and tested when first needed. */
#ifndef PX_OPENCL_SESSION_H
#define PX_OPENCL_SESSION_H

#include <stdint.h>

#include "opencl/program.h"

/* px_run for one machine and for many, whose best sizes of work-group differ, and px_grid. */
typedef enum px_use { PX_ONE, PX_MANY, PX_GRID, PX_USES } px_use;

typedef struct px_session {
    px_device device;
    cl_context context;
    cl_command_queue queue;
    px_kernel kernel[PX_USES];
    bool tested[PX_USES];
    unsigned group[PX_USES];
    uint32_t grid[PX_USES]; /* least work that leaves the work-group, 0 for never; for PX_ONE and PX_MANY */
    uint32_t fuel;          /* scalar instructions, or as much work, of one launch */
    uint64_t slice;         /* elementary steps of one px_grid launch */
    unsigned side_by_side;  /* machines that run at the same time */
    unsigned grid_groups;   /* at most, of one px_grid launch */
} px_session;

bool px_session_open(px_session *session, const char *device, px_error *error);
void px_session_close(px_session *session);

/* Built and past its known-answer test, or a reason why not. */
bool px_session_ready(px_session *session, px_use use, px_error *error);

#endif

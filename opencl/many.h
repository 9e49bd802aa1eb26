/* many.h - many machines, each by a work-item while its code is scalar, by a work-group where vectors appear. */
#ifndef PX_OPENCL_MANY_H
#define PX_OPENCL_MANY_H

#include "opencl/launch.h"

/* As px_launch_run, whose use is the one for work-groups; px_lanes is built too. stay: instructions that a machine
 * remains in a work-group for at first. */
bool px_many_run(px_launcher *launcher, px_context *context, px_runner *const *runners, size_t count, uint64_t stay,
                 const px_launch_how *how, uint64_t *total, px_error *error);

#endif

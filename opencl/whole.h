/* whole.h - instructions that px_run leaves to the whole device: launched after a look, or queued ahead of it. */
#ifndef PX_OPENCL_WHOLE_H
#define PX_OPENCL_WHOLE_H

#include "opencl/launch.h"

/* What px_run takes for mma: 0 also where the device has turned out to have no px_mma. */
cl_uint px_least_mma(const px_context *context, const px_launch_how *how);

/* The instruction that a machine has left. */
bool px_whole_launch(px_launcher *launcher, px_context *context, size_t machine, const px_launch_how *how,
                     px_error *error);

/* px_run and the kernels of launcher->chained in turn, launcher->chain times. */
cl_int px_chain_enqueue(px_launcher *launcher, px_context *context);
/* After a look, at launches that took so long: how many come before the next, and with which kernels. */
void px_chain_learn(px_launcher *launcher, const px_context *context, const px_runner *first, double seconds);

#endif

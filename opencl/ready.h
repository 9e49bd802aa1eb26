/* ready.h - kernels that may be used: each is built when it is first needed, and computes nothing before it has passed
 * its known-answer test. */
#ifndef PX_OPENCL_READY_H
#define PX_OPENCL_READY_H

#include "opencl/context.h"

/* The device that is named as in opencl:device, with the kernel for one machine ready. */
bool px_ready_open(px_context *context, const char *device, px_error *error);

const char *px_kernel_name(px_use use);

/* Built and past its known-answer test, or a reason why not. */
bool px_kernel_ready(px_context *context, px_use use, px_error *error);

#endif

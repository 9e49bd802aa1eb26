/* program.h - the kernels, compiled for one device and one size of work-group. */
#ifndef PX_OPENCL_PROGRAM_H
#define PX_OPENCL_PROGRAM_H

#include "opencl/device.h"

/* The kernels' source, made by the build (opencl.mk); ends with NULL. */
extern const char *const px_kernel_lines[];

typedef struct px_kernel {
    cl_program program;
    cl_kernel kernel;
    unsigned group;  /* work-items of a work-group */
    bool from_cache; /* a binary of an earlier run */
} px_kernel;

/* "px_run" or "px_grid" with at most group work-items, fewer where the device cannot have as many. */
bool px_kernel_build(px_kernel *kernel, cl_context context, const px_device *device, const char *name, unsigned group,
                     bool use_cache, px_error *error);
void px_kernel_free(px_kernel *kernel);

#endif

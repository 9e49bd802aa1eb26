/* program.h - the kernels, compiled for one device and one size of work-group. */
#ifndef PX_OPENCL_PROGRAM_H
#define PX_OPENCL_PROGRAM_H

#include "opencl/device.h"

enum { PX_MOST_ARGUMENTS = 12 };

/* The kernels' source, made by the build (opencl.mk); ends with NULL. */
extern const char *const px_kernel_lines[];

typedef struct px_kernel {
    cl_program program;
    cl_kernel kernel;
    unsigned group;                    /* work-items of a work-group */
    bool from_cache;                   /* a binary of an earlier run */
    cl_ulong named[PX_MOST_ARGUMENTS]; /* numbers among its arguments, where it has one */
    bool is_named[PX_MOST_ARGUMENTS];
} px_kernel;

/* A number, of 4 bytes or 8. */
typedef struct px_argument {
    size_t size;
    const void *value;
} px_argument;
#define PX_ARGUMENT(x)                                                                                                 \
    {                                                                                                                  \
        sizeof(x), &(x)                                                                                                \
    }

/* "px_run" or "px_grid" with at most group work-items, fewer where the device cannot have as many. */
bool px_kernel_build(px_kernel *kernel, cl_context context, const px_device *device, const char *name, unsigned group,
                     bool use_cache, px_error *error);
void px_kernel_free(px_kernel *kernel);

/* Arguments first, first + 1, ..: those that the kernel has already are not told again, since a driver takes its time.
 */
cl_int px_kernel_numbers(px_kernel *kernel, cl_uint first, const px_argument *arguments, cl_uint count);

#endif

/* bench.h - what the OpenCL executor does in a second, measured. */
#ifndef PX_OPENCL_BENCH_H
#define PX_OPENCL_BENCH_H

#include <stdio.h>

#include "pxi/error.h"

/* One line a figure to out, for the device that arg names as in opencl:arg. Ratios compare figures of the same run. */
bool px_opencl_bench(FILE *out, const char *arg, px_error *error);

#endif

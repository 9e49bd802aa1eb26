/* bench_opencl.c - `make bench-opencl`: the figures of README.md, for the device named by the argument. */
#include "opencl/bench.h"

int main(int argc, char **argv)
{
    px_error error;
    if (px_opencl_bench(stdout, argc > 1 ? argv[1] : NULL, &error))
        return 0;
    fprintf(stderr, "bench-opencl: %s\n", error.text);
    return 1;
}

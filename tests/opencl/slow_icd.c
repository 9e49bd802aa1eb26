/* slow_icd.c - an OpenCL driver that has no platform, takes its time to say so, and leaves a mark that it was loaded:
 * a file of the name in SLOW_ICD_MARK. */
#define CL_TARGET_OPENCL_VERSION 120
#include <CL/cl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static cl_int platforms(cl_uint most, cl_platform_id *list, cl_uint *count)
{
    const char *mark = getenv("SLOW_ICD_MARK");
    FILE *file = mark != NULL ? fopen(mark, "w") : NULL;
    if (file != NULL)
        fclose(file);
    nanosleep(&(struct timespec){.tv_nsec = 300000000}, NULL);
    (void)most, (void)list;
    if (count != NULL)
        *count = 0;
    return -1001; /* CL_PLATFORM_NOT_FOUND_KHR */
}

/* A loader wants the symbol. */
cl_int clGetPlatformInfo(cl_platform_id id, cl_platform_info what, size_t size, void *value, size_t *length)
{
    (void)id, (void)what, (void)size, (void)value, (void)length;
    return CL_INVALID_PLATFORM;
}

void *clGetExtensionFunctionAddress(const char *name)
{
    cl_int (*function)(cl_uint, cl_platform_id *, cl_uint *) = platforms;
    void *address = NULL;
    if (strcmp(name, "clIcdGetPlatformIDsKHR") == 0)
        memcpy(&address, &function, sizeof address);
    return address;
}

/* device.h - the OpenCL devices of this machine, and which one is meant. */
#ifndef PX_OPENCL_DEVICE_H
#define PX_OPENCL_DEVICE_H

#define CL_TARGET_OPENCL_VERSION 120
#include <CL/cl.h>
#include <stddef.h>

#include "pxi/error.h"

typedef struct px_device {
    cl_device_id id;
    cl_platform_id platform;
    char as[22]; /* what it is asked for by: its number, counted over all platforms, or a name */
    char name[96], platform_name[96], platform_version[128], version[128], driver[96];
    bool cpu;
    cl_uint units;
    size_t max_group;
    cl_ulong max_alloc, memory, local;
} px_device;

/* Whether its compiler takes NVIDIA's instructions inline, if this GPU has them. */
bool px_has_ptx(const px_device *device);

/* All devices, to be freed. PX_E_ABSENT when there is none. */
bool px_devices(px_device **devices, size_t *count, px_error *error);

/* One line for each platform that gives no device, with the reason and what helps; their number. */
size_t px_platforms_without(void (*line)(void *context, const char *text), void *context);

/* Whether a CPU's device has more compute units than this process has cores, and then "1 core of 2", with the remedy.
 */
bool px_few_cores(const px_device *device, char *text, size_t size);

/* pocl from 4.0 on has two ways to run the work-items of a group on one core. The usual one fails its own assertion on
 * px_run, and so ends the process; with the other, both kernels compile, and compute what they should. To be called
 * before a context is made. */
void px_pocl_method(const px_device *device, unsigned group);

/* want is a number, or a part of a driver's file's, a device's, its platform's or its platform version's name in any
 * case; NULL or "" means what PX_OPENCL_DEVICE says, or else pocl, or else the first device. Of drivers whose file has
 * the name, the others are not even asked. */
bool px_device_choose(px_device *device, const char *want, px_error *error);

/* PX_E_SYSTEM: "opencl:0 (NAME): what failed with CL_OUT_OF_RESOURCES; what may help". True when code is CL_SUCCESS. */
bool px_cl_ok(cl_int code, const px_device *device, const char *what, px_error *error);

#endif

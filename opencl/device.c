/* device.c - the OpenCL devices of this machine, and which one is meant. */
#include "opencl/device.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "pxi/number.h"

enum { MOST_PLATFORMS = 32, MOST_DEVICES = 64 };

#ifdef __SANITIZE_ADDRESS__
/* What the drivers keep until the process ends is not ours to free. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libpocl\nleak:libLLVM\nleak:libOpenCL\nleak:libnvidia-opencl\nleak:libhwloc\n";
}
#endif

static const char *code_name(cl_int code)
{
    switch (code) {
    case CL_DEVICE_NOT_AVAILABLE:
        return "CL_DEVICE_NOT_AVAILABLE";
    case CL_COMPILER_NOT_AVAILABLE:
        return "CL_COMPILER_NOT_AVAILABLE";
    case CL_MEM_OBJECT_ALLOCATION_FAILURE:
        return "CL_MEM_OBJECT_ALLOCATION_FAILURE (out of device memory)";
    case CL_OUT_OF_RESOURCES:
        return "CL_OUT_OF_RESOURCES";
    case CL_OUT_OF_HOST_MEMORY:
        return "CL_OUT_OF_HOST_MEMORY";
    case CL_BUILD_PROGRAM_FAILURE:
        return "CL_BUILD_PROGRAM_FAILURE";
    case CL_INVALID_BUFFER_SIZE:
        return "CL_INVALID_BUFFER_SIZE";
    case CL_INVALID_WORK_GROUP_SIZE:
        return "CL_INVALID_WORK_GROUP_SIZE";
    default:
        return NULL;
    }
}

bool px_cl_ok(cl_int code, const px_device *device, const char *what, px_error *error)
{
    if (code == CL_SUCCESS)
        return true;
    if (code_name(code) != NULL)
        return px_fail(error, PX_E_SYSTEM, "opencl:%zu (%s): %s failed with %s", device->index, device->name, what,
                       code_name(code));
    return px_fail(error, PX_E_SYSTEM, "opencl:%zu (%s): %s failed with OpenCL error %d", device->index, device->name,
                   what, (int)code);
}

/* A text that a driver does not give, or gives too long, stays empty. */
static void device_text(cl_device_id id, cl_device_info what, char *text, size_t size)
{
    text[0] = '\0';
    if (clGetDeviceInfo(id, what, size, text, NULL) != CL_SUCCESS)
        text[0] = '\0';
    text[size - 1] = '\0';
}

static void platform_text(cl_platform_id id, cl_platform_info what, char *text, size_t size)
{
    text[0] = '\0';
    if (clGetPlatformInfo(id, what, size, text, NULL) != CL_SUCCESS)
        text[0] = '\0';
    text[size - 1] = '\0';
}

static void describe(px_device *device, cl_platform_id platform, cl_device_id id, size_t index)
{
    cl_device_type type = 0;
    *device = (px_device){.id = id, .platform = platform, .index = index, .units = 1, .max_group = 1};
    device_text(id, CL_DEVICE_NAME, device->name, sizeof device->name);
    device_text(id, CL_DEVICE_VERSION, device->version, sizeof device->version);
    device_text(id, CL_DRIVER_VERSION, device->driver, sizeof device->driver);
    platform_text(platform, CL_PLATFORM_NAME, device->platform_name, sizeof device->platform_name);
    platform_text(platform, CL_PLATFORM_VERSION, device->platform_version, sizeof device->platform_version);
    clGetDeviceInfo(id, CL_DEVICE_TYPE, sizeof type, &type, NULL);
    clGetDeviceInfo(id, CL_DEVICE_MAX_COMPUTE_UNITS, sizeof device->units, &device->units, NULL);
    clGetDeviceInfo(id, CL_DEVICE_MAX_WORK_GROUP_SIZE, sizeof device->max_group, &device->max_group, NULL);
    clGetDeviceInfo(id, CL_DEVICE_MAX_MEM_ALLOC_SIZE, sizeof device->max_alloc, &device->max_alloc, NULL);
    clGetDeviceInfo(id, CL_DEVICE_GLOBAL_MEM_SIZE, sizeof device->memory, &device->memory, NULL);
    device->cpu = (type & CL_DEVICE_TYPE_CPU) != 0;
}

bool px_devices(px_device **devices, size_t *count, px_error *error)
{
    cl_platform_id platforms[MOST_PLATFORMS];
    cl_device_id ids[MOST_DEVICES];
    cl_uint platform_count = 0, id_count = 0;

    *devices = NULL;
    *count = 0;
    if (clGetPlatformIDs(MOST_PLATFORMS, platforms, &platform_count) != CL_SUCCESS || platform_count == 0)
        return px_fail(error, PX_E_ABSENT, "no OpenCL platform found; install pocl-opencl-icd");
    if (platform_count > MOST_PLATFORMS)
        platform_count = MOST_PLATFORMS;
    px_device *list = calloc((size_t)platform_count * MOST_DEVICES, sizeof *list);
    if (list == NULL)
        return px_fail(error, PX_E_SYSTEM, "no memory for the list of OpenCL devices");
    for (cl_uint p = 0; p < platform_count; p++) {
        if (clGetDeviceIDs(platforms[p], CL_DEVICE_TYPE_ALL, MOST_DEVICES, ids, &id_count) != CL_SUCCESS)
            continue; /* a platform without devices */
        for (cl_uint d = 0; d < id_count && d < MOST_DEVICES; d++, ++*count)
            describe(&list[*count], platforms[p], ids[d], *count);
    }
    if (*count == 0) {
        free(list);
        return px_fail(error, PX_E_ABSENT,
                       "the OpenCL platforms of this machine have no device; install pocl-opencl-icd");
    }
    *devices = list;
    return true;
}

static bool contains(const char *text, const char *part)
{
    for (; *text != '\0'; text++)
        if (strncasecmp(text, part, strlen(part)) == 0)
            return true;
    return false;
}

static bool all_digits(const char *text) { return *text != '\0' && strspn(text, "0123456789") == strlen(text); }

static bool matches(const px_device *device, const char *want)
{
    return contains(device->name, want) || contains(device->platform_name, want) ||
           contains(device->platform_version, want);
}

static const px_device *find(const px_device *devices, size_t count, const char *want)
{
    if (all_digits(want)) {
        uint64_t index;
        return count > 0 && px_parse_number("the device", want, 0, count - 1, &index, NULL) ? &devices[index] : NULL;
    }
    for (size_t i = 0; i < count; i++)
        if (matches(&devices[i], want))
            return &devices[i];
    return NULL;
}

static bool unknown(const px_device *devices, size_t count, const char *want, px_error *error)
{
    char present[768] = "";
    for (size_t i = 0; i < count; i++) {
        const size_t used = strlen(present);
        snprintf(present + used, sizeof present - used, "%s%zu '%s' (%s)", i == 0 ? "" : ", ", i, devices[i].name,
                 devices[i].platform_name);
    }
    return px_fail(error, PX_E_ABSENT,
                   "no OpenCL device is '%s', neither by index nor by a part of its name; present: %s", want, present);
}

bool px_device_choose(px_device *device, const char *want, px_error *error)
{
    px_device *devices;
    size_t count;

    if (!px_devices(&devices, &count, error))
        return false;
    if (want == NULL || *want == '\0')
        want = getenv("PX_OPENCL_DEVICE");
    const px_device *found = &devices[0];
    if (want != NULL && *want != '\0') {
        found = find(devices, count, want);
    } else {
        for (size_t i = count; i-- > 0;)
            if (contains(devices[i].platform_name, "Portable Computing Language"))
                found = &devices[i];
    }
    if (found != NULL)
        *device = *found;
    else
        unknown(devices, count, want, error);
    free(devices);
    return found != NULL;
}

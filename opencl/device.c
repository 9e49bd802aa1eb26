/* device.c - the OpenCL devices of this machine, and which one is meant. */
#define _GNU_SOURCE /* sched_getaffinity */
#include "opencl/device.h"

#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "opencl/folder.h"
#include "opencl/vendor.h"
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

/* What helps, where the code alone says it. */
static const struct {
    cl_int code;
    const char *name, *remedy;
} codes[] = {
#define CODE(id, remedy)                                                                                               \
    {                                                                                                                  \
        id, #id, remedy                                                                                                \
    }
    {PX_NO_PLATFORM, "CL_PLATFORM_NOT_FOUND_KHR", ""},
    CODE(CL_DEVICE_NOT_FOUND, ""),
    CODE(CL_DEVICE_NOT_AVAILABLE, "; another program may have it for itself"),
    CODE(CL_COMPILER_NOT_AVAILABLE, "; its driver came without a compiler, take another device"),
    CODE(CL_MEM_OBJECT_ALLOCATION_FAILURE, "; the device's memory is full: smaller images, or fewer at once"),
    CODE(CL_OUT_OF_RESOURCES, "; a smaller PX_OPENCL_WG may help, or PX_OPENCL_FUEL where a driver ends long launches"),
    CODE(CL_OUT_OF_HOST_MEMORY, "; this machine's memory is full: smaller images, or fewer at once"),
    CODE(CL_BUILD_PROGRAM_FAILURE, ""),
    CODE(CL_MAP_FAILURE, ""),
    CODE(CL_INVALID_VALUE, ""),
    CODE(CL_INVALID_PLATFORM, ""),
    CODE(CL_INVALID_DEVICE, ""),
    CODE(CL_INVALID_BINARY, ""),
    CODE(CL_INVALID_BUILD_OPTIONS, "; the driver is too old, or takes no OpenCL C 1.2"),
    CODE(CL_INVALID_PROGRAM_EXECUTABLE, ""),
    CODE(CL_INVALID_KERNEL_NAME, ""),
    CODE(CL_INVALID_KERNEL_ARGS, ""),
    CODE(CL_INVALID_BUFFER_SIZE, "; smaller images, or fewer at once"),
    CODE(CL_INVALID_WORK_GROUP_SIZE, "; a smaller PX_OPENCL_WG may help"),
    CODE(CL_INVALID_WORK_ITEM_SIZE, "; a smaller PX_OPENCL_WG may help"),
#undef CODE
};

static void code_text(cl_int code, char *text, size_t size)
{
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (codes[i].code == code) {
            snprintf(text, size, "%s%s", codes[i].name, codes[i].remedy);
            return;
        }
    snprintf(text, size, "OpenCL error %d", (int)code);
}

bool px_cl_ok(cl_int code, const px_device *device, const char *what, px_error *error)
{
    char text[200];
    if (code == CL_SUCCESS)
        return true;
    code_text(code, text, sizeof text);
    return px_fail(error, PX_E_SYSTEM, "opencl:%s (%s): %s failed with %s", device->as, device->name, what, text);
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

static void describe(px_device *device, cl_platform_id platform, cl_device_id id, size_t number)
{
    cl_device_type type = 0;
    *device = (px_device){.id = id, .platform = platform, .units = 1, .max_group = 1};
    snprintf(device->as, sizeof device->as, "%zu", number);
    device_text(id, CL_DEVICE_NAME, device->name, sizeof device->name);
    device_text(id, CL_DEVICE_VERSION, device->version, sizeof device->version);
    device_text(id, CL_DRIVER_VERSION, device->driver, sizeof device->driver);
    platform_text(platform, CL_PLATFORM_NAME, device->platform_name, sizeof device->platform_name);
    platform_text(platform, CL_PLATFORM_VERSION, device->platform_version, sizeof device->platform_version);
    clGetDeviceInfo(id, CL_DEVICE_TYPE, sizeof type, &type, NULL);
    clGetDeviceInfo(id, CL_DEVICE_MAX_COMPUTE_UNITS, sizeof device->units, &device->units, NULL);
    clGetDeviceInfo(id, CL_DEVICE_MAX_WORK_GROUP_SIZE, sizeof device->max_group, &device->max_group, NULL);
    clGetDeviceInfo(id, CL_DEVICE_LOCAL_MEM_SIZE, sizeof device->local, &device->local, NULL);
    clGetDeviceInfo(id, CL_DEVICE_MAX_MEM_ALLOC_SIZE, sizeof device->max_alloc, &device->max_alloc, NULL);
    clGetDeviceInfo(id, CL_DEVICE_GLOBAL_MEM_SIZE, sizeof device->memory, &device->memory, NULL);
    device->cpu = (type & CL_DEVICE_TYPE_CPU) != 0;
}

static bool is_pocl(const char *platform_name) { return px_contains(platform_name, "Portable Computing Language"); }

void px_pocl_method(const px_device *device, unsigned group)
{
    const char *version = strstr(device->platform_version, "PoCL ");
    if (is_pocl(device->platform_name) && group > 1 && version != NULL && atoi(version + strlen("PoCL ")) >= 4)
        setenv("POCL_WORK_GROUP_METHOD", "cbs", 0);
}

static cl_uint platforms_here(cl_platform_id platforms[MOST_PLATFORMS], cl_int *code)
{
    px_pocl_folder();
    const cl_uint count = px_vendor_platforms("", platforms, MOST_PLATFORMS);
    *code = CL_SUCCESS;
    return count > 0 ? count : px_loader_platforms(platforms, MOST_PLATFORMS, code);
}

/* Why a platform gives no device. */
static void trouble(cl_platform_id platform, cl_int code, char *text, size_t size)
{
    char name[96], why[200], folder[PATH_MAX];
    platform_text(platform, CL_PLATFORM_NAME, name, sizeof name);
    code_text(code, why, sizeof why);
    int at = snprintf(text, size, "%s gives none, clGetDeviceIDs says %s", name, why);
    if (!is_pocl(name) || at < 0 || (size_t)at >= size)
        return;
    if (px_pocl_folder_works(folder, sizeof folder))
        snprintf(text + at, size - (size_t)at, "; POCL_DEBUG=all makes it say why");
    else
        snprintf(text + at, size - (size_t)at,
                 ": it has no cache folder that can be written; set POCL_CACHE_DIR or XDG_CACHE_HOME to one");
}

size_t px_platforms_without(void (*line)(void *context, const char *text), void *context)
{
    cl_platform_id platforms[MOST_PLATFORMS];
    cl_int code;
    size_t without = 0;
    const cl_uint count = platforms_here(platforms, &code);
    for (cl_uint p = 0; p < count; p++) {
        char text[512];
        cl_uint devices = 0;
        code = clGetDeviceIDs(platforms[p], CL_DEVICE_TYPE_ALL, 0, NULL, &devices);
        if (code == CL_SUCCESS && devices > 0)
            continue;
        without++;
        trouble(platforms[p], code == CL_SUCCESS ? CL_DEVICE_NOT_FOUND : code, text, sizeof text);
        line(context, text);
    }
    return without;
}

typedef struct px_text {
    char text[1024];
} px_text;

static void join(void *context, const char *text)
{
    px_text *all = context;
    const size_t used = strlen(all->text);
    snprintf(all->text + used, sizeof all->text - used, "%s%s", used == 0 ? "" : "; ", text);
}

/* The devices of some platforms, to be freed. */
static bool list_devices(const cl_platform_id *platforms, cl_uint platform_count, px_device **devices, size_t *count,
                         px_error *error)
{
    cl_device_id ids[MOST_DEVICES];
    cl_uint id_count = 0;
    *count = 0;
    *devices = calloc((size_t)platform_count * MOST_DEVICES, sizeof **devices);
    if (*devices == NULL)
        return px_fail(error, PX_E_SYSTEM, "no memory for the list of OpenCL devices");
    for (cl_uint p = 0; p < platform_count; p++) {
        if (clGetDeviceIDs(platforms[p], CL_DEVICE_TYPE_ALL, MOST_DEVICES, ids, &id_count) != CL_SUCCESS)
            continue; /* px_platforms_without has it */
        for (cl_uint d = 0; d < id_count && d < MOST_DEVICES; d++, ++*count)
            describe(&(*devices)[*count], platforms[p], ids[d], *count);
    }
    return true;
}

bool px_devices(px_device **devices, size_t *count, px_error *error)
{
    cl_platform_id platforms[MOST_PLATFORMS];
    cl_int code;

    *devices = NULL;
    *count = 0;
    const cl_uint platform_count = platforms_here(platforms, &code);
    if (platform_count == 0) {
        char why[200];
        code_text(code, why, sizeof why);
        return px_fail(error, PX_E_ABSENT, "no OpenCL platform found%s%s; install pocl-opencl-icd",
                       code == CL_SUCCESS || code == PX_NO_PLATFORM ? "" : ": clGetPlatformIDs says ",
                       code == CL_SUCCESS || code == PX_NO_PLATFORM ? "" : why);
    }
    if (!list_devices(platforms, platform_count, devices, count, error))
        return false;
    if (*count == 0) {
        px_text all = {""};
        free(*devices);
        *devices = NULL;
        px_platforms_without(join, &all);
        return px_fail(error, PX_E_ABSENT, "no OpenCL device: %s", all.text);
    }
    return true;
}

bool px_few_cores(const px_device *device, char *text, size_t size)
{
    cpu_set_t set;
    if (!device->cpu || sched_getaffinity(0, sizeof set, &set) != 0) /* it fails with more than 1,024 cores */
        return false;
    const unsigned cores = (unsigned)CPU_COUNT(&set), units = device->units;
    if (cores >= units)
        return false;
    snprintf(text, size, "%u core%s of %u; `mpirun --bind-to none`, or a wider taskset, gives it all", cores,
             cores == 1 ? "" : "s", units);
    return true;
}

static bool all_digits(const char *text) { return *text != '\0' && strspn(text, "0123456789") == strlen(text); }

static bool matches(const px_device *device, const char *want)
{
    return px_contains(device->name, want) || px_contains(device->platform_name, want) ||
           px_contains(device->platform_version, want);
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
    px_text without = {""};
    px_platforms_without(join, &without);
    return px_fail(error, PX_E_ABSENT,
                   "no OpenCL device is '%s', neither by index nor by a part of its name; present: %s%s%s", want,
                   present, without.text[0] != '\0' ? "; " : "", without.text);
}

/* Where the name is one of drivers, they alone are asked. */
static bool choose_by_driver(px_device *device, const char *want)
{
    cl_platform_id platforms[MOST_PLATFORMS];
    px_device *devices;
    size_t count;
    px_pocl_folder();
    const cl_uint platform_count = px_vendor_platforms(want, platforms, MOST_PLATFORMS);
    if (platform_count == 0 || !list_devices(platforms, platform_count, &devices, &count, NULL))
        return false;
    const px_device *found = find(devices, count, want);
    if (found != NULL) {
        *device = *found;
        snprintf(device->as, sizeof device->as, "%s", want);
    }
    free(devices);
    return found != NULL;
}

bool px_device_choose(px_device *device, const char *want, px_error *error)
{
    px_device *devices;
    size_t count;

    if (want == NULL || *want == '\0')
        want = getenv("PX_OPENCL_DEVICE");
    const bool named = want != NULL && *want != '\0';
    if (!named)
        want = "pocl";
    if (!all_digits(want) && choose_by_driver(device, want))
        return true;
    if (!px_devices(&devices, &count, error))
        return false;
    const px_device *found = find(devices, count, want);
    if (found == NULL && !named)
        found = &devices[0];
    if (found != NULL)
        *device = *found;
    else
        unknown(devices, count, want, error);
    free(devices);
    return found != NULL;
}

bool px_has_ptx(const px_device *device) { return strstr(device->platform_name, "NVIDIA") != NULL; }

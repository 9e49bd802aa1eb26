/* program.c - the kernels, compiled for one device and one size of work-group, from source or from the cache. */
#include "opencl/program.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "opencl/cache.h"

/* PX_OPENCL_SOURCE names a file to use instead of the built-in kernels: for work on them, and for the tests. */
static char *source_from(const char *path, px_error *error)
{
    FILE *file = fopen(path, "rb");
    char *text = NULL;
    long size = -1;
    if (file != NULL && fseek(file, 0, SEEK_END) == 0)
        size = ftell(file);
    if (size >= 0) {
        rewind(file);
        text = calloc((size_t)size + 1, 1);
        if (text != NULL && fread(text, 1, (size_t)size, file) != (size_t)size) {
            free(text);
            text = NULL;
        }
    }
    if (file != NULL)
        fclose(file);
    if (text == NULL)
        px_fail(error, PX_E_INPUT, "PX_OPENCL_SOURCE: cannot read %s", path);
    return text;
}

static char *source(px_error *error)
{
    const char *path = getenv("PX_OPENCL_SOURCE");
    if (path != NULL && *path != '\0')
        return source_from(path, error);
    size_t size = 1, used = 0;
    for (const char *const *line = px_kernel_lines; *line != NULL; line++)
        size += strlen(*line);
    char *text = malloc(size);
    if (text == NULL) {
        px_fail(error, PX_E_SYSTEM, "no memory for the OpenCL kernels");
        return NULL;
    }
    for (const char *const *line = px_kernel_lines; *line != NULL; line++) {
        memcpy(text + used, *line, strlen(*line));
        used += strlen(*line);
    }
    text[used] = '\0';
    return text;
}

/* Everything that decides what a compiler makes of the source. */
static char *cache_key(const px_device *device, const char *options, const char *text)
{
    static const char form[] = "device %s\nversion %s\ndriver %s\nplatform %s, %s\noptions %s\n%s";
    const int size = snprintf(NULL, 0, form, device->name, device->version, device->driver, device->platform_name,
                              device->platform_version, options, text);
    char *key = size < 0 ? NULL : malloc((size_t)size + 1);
    if (key != NULL)
        snprintf(key, (size_t)size + 1, form, device->name, device->version, device->driver, device->platform_name,
                 device->platform_version, options, text);
    return key;
}

static bool from_binary(px_kernel *kernel, cl_context context, const px_device *device, const char *options,
                        const char *key)
{
    unsigned char *binary;
    size_t size;
    cl_int status = CL_SUCCESS, code;

    if (!px_cache_load(key, &binary, &size))
        return false;
    kernel->program =
        clCreateProgramWithBinary(context, 1, &device->id, &size, (const unsigned char **)&binary, &status, &code);
    free(binary);
    if (kernel->program == NULL)
        return false;
    if (code == CL_SUCCESS && status == CL_SUCCESS &&
        clBuildProgram(kernel->program, 1, &device->id, options, NULL, NULL) == CL_SUCCESS)
        return true;
    clReleaseProgram(kernel->program);
    kernel->program = NULL;
    return false;
}

static void keep_binary(const px_kernel *kernel, const char *key)
{
    size_t size = 0;
    if (clGetProgramInfo(kernel->program, CL_PROGRAM_BINARY_SIZES, sizeof size, &size, NULL) != CL_SUCCESS || size == 0)
        return;
    unsigned char *binary = malloc(size);
    if (binary != NULL &&
        clGetProgramInfo(kernel->program, CL_PROGRAM_BINARIES, sizeof binary, &binary, NULL) == CL_SUCCESS)
        px_cache_store(key, binary, size);
    free(binary);
}

static bool build_log(const px_kernel *kernel, const px_device *device, cl_int code, const char *options,
                      px_error *error)
{
    char log[600] = "";
    size_t size = 0;
    char *whole = NULL;
    if (clGetProgramBuildInfo(kernel->program, device->id, CL_PROGRAM_BUILD_LOG, 0, NULL, &size) == CL_SUCCESS)
        whole = calloc(size + 1, 1);
    if (whole != NULL)
        clGetProgramBuildInfo(kernel->program, device->id, CL_PROGRAM_BUILD_LOG, size, whole, NULL);
    /* What went wrong stands at the first error, behind any warnings. */
    const char *first = whole == NULL ? "" : strstr(whole, "error");
    snprintf(log, sizeof log, "%s", first != NULL ? first : whole != NULL ? whole : "");
    for (char *at = log; *at != '\0'; at++)
        if (*at == '\n')
            *at = ' ';
    free(whole);
    if (code != CL_BUILD_PROGRAM_FAILURE || *log == '\0') /* the compiler was not asked, or has nothing to say */
        return px_cl_ok(code, device, "compiling the kernels", error);
    return px_fail(error, PX_E_SYSTEM, "opencl:%s (%s): the kernels do not compile with %s: %s", device->as,
                   device->name, options, log);
}

static bool from_source(px_kernel *kernel, cl_context context, const px_device *device, const char *options,
                        const char *text, px_error *error)
{
    cl_int code;
    kernel->program = clCreateProgramWithSource(context, 1, &text, NULL, &code);
    if (!px_cl_ok(code, device, "creating the program", error))
        return false;
    code = clBuildProgram(kernel->program, 1, &device->id, options, NULL, NULL);
    return code == CL_SUCCESS || build_log(kernel, device, code, options, error);
}

static bool build_one(px_kernel *kernel, cl_context context, const px_device *device, const char *name, unsigned group,
                      bool ptx, bool use_cache, px_error *error)
{
    char options[160];
    bool ok;
    *kernel = (px_kernel){.group = group};
    /* With more than 128 registers for each, a unit of an H200 has no room for 16 groups of 32 or two of 256. */
    snprintf(options, sizeof options,
             "-cl-std=CL1.2 -w -DPX_WG=%u -DPX_SHARED=%d -DPX_PTX=%d -DPX_CPU=%d -DONLY_%s%s", group,
             strcmp(name, "px_grid") == 0, ptx, device->cpu, name,
             px_has_ptx(device) ? " -cl-nv-maxrregcount=128" : "");
    char *text = source(error);
    if (text == NULL)
        return false;
    char *key = cache_key(device, options, text);
    kernel->from_cache = use_cache && key != NULL && from_binary(kernel, context, device, options, key);
    ok = kernel->from_cache || from_source(kernel, context, device, options, text, error);
    if (ok && !kernel->from_cache && key != NULL)
        keep_binary(kernel, key);
    free(key);
    free(text);
    if (ok) {
        cl_int code;
        kernel->kernel = clCreateKernel(kernel->program, name, &code);
        ok = px_cl_ok(code, device, name, error);
    }
    if (!ok)
        px_kernel_free(kernel);
    return ok;
}

/* What the device has for a work-group of this kernel against what a launch would ask for. */
static bool fits(const px_kernel *kernel, const px_device *device, px_error *error)
{
    size_t possible = 0;
    cl_ulong local = 0;
    cl_int code = clGetKernelWorkGroupInfo(kernel->kernel, device->id, CL_KERNEL_WORK_GROUP_SIZE, sizeof possible,
                                           &possible, NULL);
    if (code == CL_SUCCESS)
        code =
            clGetKernelWorkGroupInfo(kernel->kernel, device->id, CL_KERNEL_LOCAL_MEM_SIZE, sizeof local, &local, NULL);
    if (!px_cl_ok(code, device, "asking for the size of a work-group", error))
        return false;
    if (possible < kernel->group)
        return px_fail(error, PX_E_SYSTEM, "opencl:%s (%s) can run %zu work-items of a kernel that asks for %u",
                       device->as, device->name, possible, kernel->group);
    return local <= device->local ||
           px_fail(error, PX_E_SYSTEM,
                   "opencl:%s (%s) has %llu bytes of local memory; work-groups of %u ask for %llu; take another device",
                   device->as, device->name, (unsigned long long)device->local, kernel->group,
                   (unsigned long long)local);
}

bool px_kernel_build(px_kernel *kernel, cl_context context, const px_device *device, const char *name, unsigned group,
                     bool use_cache, px_error *error)
{
    bool ptx = px_has_ptx(device);
    if (group > device->max_group)
        group = (unsigned)device->max_group;
    for (;; group /= 2) {
        ptx = ptx && build_one(kernel, context, device, name, group, true, use_cache, NULL);
        if (!ptx && !build_one(kernel, context, device, name, group, false, use_cache, error))
            return false;
        if (fits(kernel, device, error))
            return true;
        px_kernel_free(kernel);
        if (group == 1)
            return false;
    }
}

void px_kernel_free(px_kernel *kernel)
{
    if (kernel->kernel != NULL)
        clReleaseKernel(kernel->kernel);
    if (kernel->program != NULL)
        clReleaseProgram(kernel->program);
    *kernel = (px_kernel){0};
}

cl_int px_kernel_numbers(px_kernel *kernel, cl_uint first, const px_argument *arguments, cl_uint count)
{
    cl_int code = CL_SUCCESS;
    for (cl_uint i = 0; i < count && code == CL_SUCCESS; i++) {
        cl_ulong number = 0;
        memcpy(&number, arguments[i].value, arguments[i].size);
        if (kernel->is_named[first + i] && kernel->named[first + i] == number)
            continue;
        code = clSetKernelArg(kernel->kernel, first + i, arguments[i].size, arguments[i].value);
        kernel->named[first + i] = number;
        kernel->is_named[first + i] = code == CL_SUCCESS;
    }
    return code;
}

/* vendor.c - see vendor.h. */
#include "opencl/vendor.h"

#include <dirent.h>
#include <dlfcn.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

bool px_contains(const char *text, const char *part)
{
    for (; *text != '\0'; text++)
        if (strncasecmp(text, part, strlen(part)) == 0)
            return true;
    return false;
}

/* Where the loader finds its drivers' .icd files, or NULL where it is told to look in other ways as well. */
static const char *folder_of_vendors(void)
{
    static const char *const others[] = {"OCL_ICD_FILENAMES", "OPENCL_VENDOR_PATH", "OPENCL_LAYERS"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (getenv(others[i]) != NULL)
            return NULL;
    const char *folder = getenv("OCL_ICD_VENDORS");
    return folder != NULL && *folder != '\0' ? folder : "/etc/OpenCL/vendors";
}

/* The first line of an .icd file is the name of a library. */
static bool library_of(const char *folder, const char *icd, char library[PATH_MAX])
{
    char path[PATH_MAX];
    if (snprintf(path, sizeof path, "%s/%s", folder, icd) >= (int)sizeof path)
        return false;
    FILE *file = fopen(path, "r");
    const bool read = file != NULL && fgets(library, PATH_MAX, file) != NULL;
    if (file != NULL)
        fclose(file);
    if (read)
        library[strcspn(library, "\r\n")] = '\0';
    return read && *library != '\0';
}

typedef void *address_fn(const char *name);
typedef cl_int platforms_fn(cl_uint most, cl_platform_id *platforms, cl_uint *count);

/* With version 2 of the extension an object's first word leads to this in place of a function, and the loader has to
 * have prepared it. */
static bool needs_the_loader(cl_platform_id platform)
{
    const uint64_t tag = UINT64_C(0x4F50454E434C3331); /* "OPENCL31" */
    uintptr_t table, first;
    memcpy(&table, (const void *)platform, sizeof table);
    memcpy(&first, (const void *)table, sizeof first);
    return first == (uintptr_t)tag;
}

/* The function of the driver that gives its platforms, or NULL. */
static platforms_fn *asking(void *driver)
{
    address_fn *address_of = NULL;
    platforms_fn *ask = NULL;
    void *found = dlsym(driver, "clGetExtensionFunctionAddress");
    memcpy(&address_of, &found, sizeof found);
    found = address_of != NULL ? address_of("clIcdGetPlatformIDsKHR") : NULL;
    memcpy(&ask, &found, sizeof found);
    return ask;
}

/* Of one driver; *loader: its platforms are not to be used without the loader. */
static cl_uint ask_driver(const char *library, cl_platform_id *platforms, cl_uint most, bool *loader)
{
    cl_uint count = 0;
    void *driver = dlopen(library, RTLD_LAZY | RTLD_LOCAL); /* to stay: what it gives is used till the end */
    platforms_fn *ask = driver != NULL ? asking(driver) : NULL;
    if (ask == NULL || ask(most, platforms, &count) != CL_SUCCESS)
        return 0;
    count = count < most ? count : most;
    for (cl_uint i = 0; i < count; i++)
        *loader = *loader || needs_the_loader(platforms[i]);
    return count;
}

static int is_icd(const struct dirent *entry)
{
    const size_t length = strlen(entry->d_name);
    return length > 4 && strcmp(entry->d_name + length - 4, ".icd") == 0;
}

static bool is_meant(const char *icd, const char *library, const char *want)
{
    const char *slash = strrchr(library, '/');
    return px_contains(icd, want) || px_contains(slash != NULL ? slash + 1 : library, want);
}

static bool quiet;

/* The loader looks for drivers once, at the first call of some of its functions: there, it shall find none. */
static void quieten_loader(void)
{
    static const char name[] = "OCL_ICD_VENDORS";
    const char *value = getenv(name);
    char *kept = value != NULL ? strdup(value) : NULL;
    cl_uint count;
    if (quiet || (value != NULL && kept == NULL) || setenv(name, "/dev/null", 1) != 0)
        return;
    (void)clGetPlatformIDs(0, NULL, &count);
    quiet = true;
    if (kept != NULL)
        setenv(name, kept, 1);
    else
        unsetenv(name);
    free(kept);
}

cl_uint px_loader_platforms(cl_platform_id *platforms, cl_uint most, cl_int *code)
{
    cl_uint count = 0;
    *code = quiet ? PX_NO_PLATFORM : clGetPlatformIDs(most, platforms, &count);
    return *code != CL_SUCCESS ? 0 : count < most ? count : most;
}

cl_uint px_vendor_platforms(const char *want, cl_platform_id *platforms, cl_uint most)
{
    struct dirent **entries;
    cl_uint count = 0;
    bool loader = false;
    const char *folder = folder_of_vendors();
    const int found = folder != NULL ? scandir(folder, &entries, is_icd, alphasort) : -1;
    if (found < 0)
        return 0;
    for (int i = 0; i < found; i++) {
        char library[PATH_MAX];
        if (count < most && library_of(folder, entries[i]->d_name, library) &&
            is_meant(entries[i]->d_name, library, want))
            count += ask_driver(library, platforms + count, most - count, &loader);
        free(entries[i]);
    }
    free(entries);
    if (loader || count == 0)
        return 0;
    quieten_loader();
    return count;
}

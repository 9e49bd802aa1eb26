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

static const char folder_variable[] = "OCL_ICD_VENDORS", list_variable[] = "OCL_ICD_FILENAMES";

/* Whether the environment tells the loader of drivers in other ways than by these two. */
static bool told_more(void) { return getenv("OPENCL_VENDOR_PATH") != NULL || getenv("OPENCL_LAYERS") != NULL; }

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

typedef struct search {
    const char *want;
    cl_platform_id *platforms;
    cl_uint count, most;
    bool loader; /* a platform is not to be used without the loader */
} search;

/* A platform may be met twice: by a list, and in the folder. */
static void add_platform(search *s, cl_platform_id platform)
{
    for (cl_uint i = 0; i < s->count; i++)
        if (s->platforms[i] == platform)
            return;
    if (s->count == s->most)
        return;
    s->platforms[s->count++] = platform;
    s->loader = s->loader || needs_the_loader(platform);
}

static void ask_driver(search *s, const char *library)
{
    enum { MOST = 8 };
    cl_platform_id platforms[MOST];
    cl_uint count = 0;
    void *driver = dlopen(library, RTLD_LAZY | RTLD_LOCAL); /* to stay: what it gives is used till the end */
    platforms_fn *ask = driver != NULL ? asking(driver) : NULL;
    if (ask == NULL || ask(MOST, platforms, &count) != CL_SUCCESS)
        return;
    for (cl_uint i = 0; i < count && i < MOST; i++)
        add_platform(s, platforms[i]);
}

/* icd: the name of its file, or "". */
static void ask_if_meant(search *s, const char *icd, const char *library)
{
    const char *slash = strrchr(library, '/');
    if (px_contains(icd, s->want) || px_contains(slash != NULL ? slash + 1 : library, s->want))
        ask_driver(s, library);
}

/* Libraries with colons between. */
static void search_list(search *s, const char *list)
{
    char library[PATH_MAX];
    for (size_t length; *list != '\0'; list += length + (list[length] != '\0')) {
        length = strcspn(list, ":");
        if (length > 0 && length < sizeof library) {
            memcpy(library, list, length);
            library[length] = '\0';
            ask_if_meant(s, "", library);
        }
    }
}

static int is_icd(const struct dirent *entry)
{
    const size_t length = strlen(entry->d_name);
    return length > 4 && strcmp(entry->d_name + length - 4, ".icd") == 0;
}

static void search_folder(search *s, const char *folder)
{
    struct dirent **entries;
    const int found = scandir(folder, &entries, is_icd, alphasort);
    for (int i = 0; i < found; i++) {
        char library[PATH_MAX];
        if (library_of(folder, entries[i]->d_name, library))
            ask_if_meant(s, entries[i]->d_name, library);
        free(entries[i]);
    }
    if (found >= 0)
        free(entries);
}

/* ---- the loader ---- */

static bool quiet;

/* What a variable says is kept, and it says something else, or with NULL nothing. */
static bool set_aside(const char *name, const char *meanwhile, char **kept)
{
    const char *value = getenv(name);
    *kept = value != NULL ? strdup(value) : NULL;
    return (value == NULL || *kept != NULL) && (meanwhile != NULL ? setenv(name, meanwhile, 1) : unsetenv(name)) == 0;
}

static void put_back(const char *name, char *kept)
{
    if (kept != NULL)
        setenv(name, kept, 1);
    else
        unsetenv(name);
    free(kept);
}

/* The loader looks for drivers once, at the first call of some of its functions: there, it shall find none. */
static void quieten_loader(void)
{
    char *folder, *list;
    cl_uint count;
    if (quiet || !set_aside(folder_variable, "/dev/null", &folder))
        return;
    if (set_aside(list_variable, NULL, &list)) {
        (void)clGetPlatformIDs(0, NULL, &count);
        quiet = true;
        put_back(list_variable, list);
    }
    put_back(folder_variable, folder);
}

cl_uint px_loader_platforms(cl_platform_id *platforms, cl_uint most, cl_int *code)
{
    cl_uint count = 0;
    *code = quiet ? PX_NO_PLATFORM : clGetPlatformIDs(most, platforms, &count);
    return *code != CL_SUCCESS ? 0 : count < most ? count : most;
}

cl_uint px_vendor_platforms(const char *want, cl_platform_id *platforms, cl_uint most)
{
    search s = {.want = want, .platforms = platforms, .most = most};
    const char *folder = getenv(folder_variable), *list = getenv(list_variable);
    if (told_more())
        return 0;
    search_list(&s, list != NULL ? list : "");
    search_folder(&s, folder != NULL && *folder != '\0' ? folder : "/etc/OpenCL/vendors");
    if (s.loader || s.count == 0)
        return 0;
    quieten_loader();
    return s.count;
}

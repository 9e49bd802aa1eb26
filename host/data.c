/* data.c - the places are relative to the binary, so that an installed tree may be moved and a repository needs no
 * install. */
#include "host/data.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The folder that this binary is in; "." where the system does not tell. */
static void binary_folder(char *folder, size_t size)
{
    const ssize_t length = readlink("/proc/self/exe", folder, size - 1);
    folder[length > 0 ? length : 0] = '\0';
    char *slash = strrchr(folder, '/');
    if (slash != NULL)
        *slash = '\0';
    else
        snprintf(folder, size, ".");
}

/* glob takes some characters of a folder's name for its own; a backslash makes them plain. */
static bool quote(const char *text, char *quoted, size_t size)
{
    size_t length = 0;
    for (; *text != '\0'; text++) {
        if (length + 3 > size)
            return false;
        if (strchr("*?[\\", *text) != NULL)
            quoted[length++] = '\\';
        quoted[length++] = *text;
    }
    quoted[length] = '\0';
    return true;
}

static bool find(const char *folder, const char *below, const char *name, const char *pattern, glob_t *files)
{
    char quoted[2 * PATH_MAX], path[3 * PATH_MAX];
    if (!quote(folder, quoted, sizeof quoted))
        return false;
    const int length = snprintf(path, sizeof path, "%s/%s%s/%s", quoted, below, name, pattern);
    return length > 0 && (size_t)length < sizeof path && glob(path, 0, NULL, files) == 0;
}

bool px_data_files(const char *name, const char *pattern, glob_t *files, px_error *error)
{
    *files = (glob_t){0};
    const char *chosen = getenv("PX_DATA");
    if (chosen != NULL && *chosen != '\0')
        return find(chosen, "", name, pattern, files) ||
               px_fail(error, PX_E_USAGE, "PX_DATA is %s, and there is no %s/%s/%s", chosen, chosen, name, pattern);
    char folder[PATH_MAX];
    binary_folder(folder, sizeof folder);
    char path[64]; /* below the working folder: the path as people type it */
    snprintf(path, sizeof path, "tests/%s/%s", name, pattern);
    if (glob(path, 0, NULL, files) == 0 || find(folder, "../share/pxos/", name, pattern, files) ||
        find(folder, "../tests/", name, pattern, files))
        return true;
    return px_fail(error, PX_E_USAGE,
                   "no %s here, nor in %s/../share/pxos/%s; name files, or set PX_DATA to the folder of %s/", path,
                   folder, name, name);
}

static bool has_script(const char *folder)
{
    char path[PATH_MAX + 16];
    snprintf(path, sizeof path, "%s/px.ld", folder);
    return access(path, R_OK) == 0;
}

bool px_data_runtime(char *folder, size_t size, px_error *error)
{
    char beside[PATH_MAX];
    const char *chosen = getenv("PX_CC_RUNTIME");
    if (chosen != NULL && *chosen != '\0') {
        snprintf(folder, size, "%s", chosen);
        return has_script(folder) || px_fail(error, PX_E_USAGE, "PX_CC_RUNTIME is %s, and there is no px.ld", chosen);
    }
    binary_folder(beside, sizeof beside);
    snprintf(folder, size, "%s/cc", beside);
    if (has_script(folder))
        return true;
    snprintf(folder, size, "%s/../share/pxos/cc", beside);
    return has_script(folder) ||
           px_fail(error, PX_E_ABSENT,
                   "what C programs are linked with is neither in %s/cc nor in %s; set PX_CC_RUNTIME to its folder",
                   beside, folder);
}

bool px_data_system(char *path, size_t size, px_error *error)
{
    char folder[PATH_MAX];
    binary_folder(folder, sizeof folder);
    snprintf(path, size, "%s/os.pxi", folder);
    if (access(path, R_OK) == 0)
        return true;
    snprintf(path, size, "%s/../share/pxos/os.pxi", folder);
    return access(path, R_OK) == 0 ||
           px_fail(error, PX_E_ABSENT,
                   "os.pxi is neither in %s nor in %s/../share/pxos; `make os` makes it, or name one", folder, folder);
}

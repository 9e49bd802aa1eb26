/* folder.c - see folder.h. A compiled kernel is code that is run: whoever can write the folder, a folder above it, or
 * the file could have it run in this user's name. */
#define _XOPEN_SOURCE 700 /* realpath, S_ISVTX */
#include "opencl/folder.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Groups of one user, as many distributions make them, who have umask 002 for it. */
static bool group_of_one(gid_t id)
{
    const struct passwd *user = getpwuid(geteuid());
    char name[256];
    if (user == NULL || user->pw_gid != id || snprintf(name, sizeof name, "%s", user->pw_name) >= (int)sizeof name)
        return false;
    const struct group *group = getgrgid(id);
    return group != NULL && strcmp(group->gr_name, name) == 0 && group->gr_mem[0] == NULL;
}

bool px_private(const struct stat *it)
{
    if (it->st_uid != 0 && it->st_uid != geteuid())
        return false;
    return (it->st_mode & S_IWOTH) == 0 && ((it->st_mode & S_IWGRP) == 0 || group_of_one(it->st_gid));
}

/* In a sticky folder, as /tmp is, others cannot replace what is ours. */
static bool safe_above(const struct stat *it)
{
    return px_private(it) || (it->st_uid == 0 && (it->st_mode & S_ISVTX) != 0);
}

/* path has no symbolic link. False: part is the first folder on the way that others could change. */
static bool safe(const char *path, char part[PATH_MAX])
{
    struct stat it;
    snprintf(part, PATH_MAX, "%s", path);
    for (char *at = part + 1;; at++) {
        const char here = *at;
        if (here != '/' && here != '\0')
            continue;
        *at = '\0';
        if (lstat(part, &it) != 0 || !S_ISDIR(it.st_mode) || !(here == '\0' ? px_private(&it) : safe_above(&it)))
            return false;
        *at = here;
        if (here == '\0')
            return true;
    }
}

/* As mkdir -p does; true when the folder is there and can be written. */
static bool make(const char *folder)
{
    char path[PATH_MAX];
    if (snprintf(path, sizeof path, "%s/", folder) >= (int)sizeof path)
        return false;
    for (char *at = strchr(path + 1, '/'); at != NULL; at = strchr(at + 1, '/')) {
        *at = '\0';
        mkdir(path, 0700); /* whether it worked shows at the end */
        *at = '/';
    }
    return access(folder, W_OK | X_OK) == 0;
}

/* Said once. */
static bool not_used(const char *folder, const char *reason, const char *part, const char *rest)
{
    static bool told;
    if (!told)
        fprintf(stderr, "px: the OpenCL cache %s is not used: %s%s%s; PX_OPENCL_CACHE names another folder\n", folder,
                reason, part, rest);
    told = true;
    return false;
}

/* path becomes the folder without symbolic links. False with a sentence when it is none, or others could change it. */
static bool resolve(const char *folder, char *path, size_t size)
{
    struct stat it;
    char real[PATH_MAX], part[PATH_MAX];
    if (realpath(folder, real) == NULL || stat(real, &it) != 0)
        return not_used(folder, strerror(errno), "", "");
    if (!S_ISDIR(it.st_mode))
        return not_used(folder, "it is no folder", "", "");
    if (!safe(real, part))
        return not_used(folder, "others than you can change ", part, ", and so what would be run");
    return snprintf(path, size, "%s", real) < (int)size;
}

static const char *set(const char *name)
{
    const char *value = getenv(name);
    return value == NULL || *value == '\0' ? NULL : value;
}

/* name in ${XDG_CACHE_HOME:-~/.cache}. */
static bool in_home(const char *name, char *path, size_t size)
{
    const char *xdg = set("XDG_CACHE_HOME"), *home = set("HOME");
    if (xdg == NULL && home == NULL)
        return false;
    return snprintf(path, size, "%s%s/%s", xdg != NULL ? xdg : home, xdg != NULL ? "" : "/.cache", name) < (int)size;
}

static bool in_tmp(char *path, size_t size)
{
    const char *tmp = set("TMPDIR");
    return snprintf(path, size, "%s/pxos-%lu", tmp != NULL ? tmp : "/tmp", (unsigned long)geteuid()) < (int)size;
}

bool px_cache_folder(char *path, size_t size)
{
    const char *own = set("PX_OPENCL_CACHE");
    char folder[PATH_MAX];
    if (own != NULL && strcmp(own, "off") == 0)
        return false;
    if (own != NULL) {
        make(own); /* one that can be read alone is good, too */
        return resolve(own, path, size);
    }
    if (in_home("pxos", folder, sizeof folder) && make(folder))
        return resolve(folder, path, size);
    return in_tmp(folder, sizeof folder) && make(folder) && resolve(folder, path, size);
}

bool px_pocl_folder_works(char *path, size_t size)
{
    const char *theirs = set("POCL_CACHE_DIR");
    if (theirs != NULL ? snprintf(path, size, "%s", theirs) >= (int)size : !in_home("pocl/kcache", path, size))
        return false;
    return make(path);
}

void px_pocl_folder(void)
{
    char path[PATH_MAX], pocl[PATH_MAX];
    if (set("POCL_CACHE_DIR") != NULL || px_pocl_folder_works(path, sizeof path))
        return;
    if (!px_cache_folder(path, sizeof path) || access(path, W_OK | X_OK) != 0)
        if (!in_tmp(pocl, sizeof pocl) || !make(pocl) || !resolve(pocl, path, sizeof path))
            return;
    if (snprintf(pocl, sizeof pocl, "%s/pocl", path) < (int)sizeof pocl && make(pocl))
        setenv("POCL_CACHE_DIR", pocl, 1);
}

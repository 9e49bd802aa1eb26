/* folder.h - where compiled kernels are kept, and whether what lies there can be trusted. */
#ifndef PX_OPENCL_FOLDER_H
#define PX_OPENCL_FOLDER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

/* The cache folder, made when it is not there. False when the cache is off, has no place, or others could write it; the
 * last is told on stderr, once. */
bool px_cache_folder(char *path, size_t size);

/* A file or folder that nobody but its owner can change, who is this user or root. */
bool px_private(const struct stat *it);

/* pocl has no device where it can make no cache folder (HOME=/nonexistent is usual for services), and takes /tmp/pocl
 * where there is no HOME. Then, and if the user has set no POCL_CACHE_DIR, it gets a folder of ours. To be called
 * before the OpenCL loader is. */
void px_pocl_folder(void);

/* Whether pocl's cache folder, which is written to path, can be had. */
bool px_pocl_folder_works(char *path, size_t size);

#endif

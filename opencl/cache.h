/* cache.h - program binaries kept between runs, in ${XDG_CACHE_HOME:-~/.cache}/pxos or where PX_OPENCL_CACHE says. */
#ifndef PX_OPENCL_CACHE_H
#define PX_OPENCL_CACHE_H

#include <stdbool.h>
#include <stddef.h>

/* The binary kept for this very key, to be freed; false when there is none, or none that is whole. */
bool px_cache_load(const char *key, unsigned char **binary, size_t *size);

/* Keeps it if it can; a cache that cannot be written only costs time, so nothing is reported. */
void px_cache_store(const char *key, const unsigned char *binary, size_t size);

#endif

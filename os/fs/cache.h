/* cache.h - a device over a device: what was read stays for a while, what is read one after the other is read ahead,
 * more each time, and what is written goes down later, in runs. flush is the barrier: all that was written before it is
 * below, and flushed there; what nothing was written to since is not asked again. */
#ifndef OS_FS_CACHE_H
#define OS_FS_CACHE_H

#include "os/fs/fs.h"

enum {
    CACHE_DEVICES = 5,
    CACHE_LINES = 256, /* of all devices together */
    CACHE_LINE = 2,    /* sectors: a row of 256 pixels */
    CACHE_RUN = 64,    /* lines that are read or written at once, at most */
    CACHE_READERS = 4  /* of a device, that read one line after the other side by side */
};

/* NULL: there are CACHE_DEVICES already. */
fs_device *cache_over(fs_device *below);

/* From now on what is written goes down at once: for who counts on the order of writes (fs_type, barriers). */
void cache_in_order(fs_device *);

/* Writes all and forgets the device. The answer is the flush's; it is forgotten even so. */
int32_t cache_leave(fs_device *);

#endif

/* ramfs.h - ramfs, a file system in the picture's own rows, as small as one can be: for systems that have room for
 * little. It has neither seals nor a second tree: what it lies in is kept and lost with the whole machine.
 *
 *      magic, words in all, entries, end of the content
 *      a run of a word for each entry: kind, parent, size, start, time, and four of the name's bytes
 *      content, without gaps
 *
 * Entry 0 is the root folder. A file's node is its entry's number and 1. */
#ifndef OS_FS_RAMFS_H
#define OS_FS_RAMFS_H

#include "os/fs/fs.h"

enum {
    RAMFS_WORDS = 1, /* words of the header */
    RAMFS_ENTRIES,
    RAMFS_END,
    RAMFS_HEADER,

    RAMFS_NAME = 16,  /* bytes, at most; filled up with 0 */
    RAMFS_EACH = 512, /* words that there is an entry for, */
    RAMFS_LEAST = 8,  /* of these at least */
    RAMFS_MOST = 256
};
#define RAMFS_MAGIC UINT32_C(0x014D4152) /* "RAM", 1 */

enum ramfs_run {
    RAMFS_KIND,
    RAMFS_PARENT,
    RAMFS_SIZE,
    RAMFS_START,
    RAMFS_TIME,
    RAMFS_NAMES,
    RAMFS_RUNS = RAMFS_NAMES + RAMFS_NAME / 4
};

/* A new and empty one over all of a device that is memory. 0 or an error. */
int32_t ramfs_make(fs_device *device);

#endif

/* fs.h - what every file system of pxOS offers, and what the device below it offers to it.
 *
 *      processes -- kernel/files.c -- vfs.c -- pxfs.c | fat.c | ext4.c -- cache.c -- a device: rows of os.pxi, or a
 * disk
 *
 * The same sources are part of the kernel (px cc) and of px on the host (px mkfs, px fsck, px cp, the fuzzers), so they
 * use C17 and nothing else: no libc but memcpy, memmove, memset and memcmp, no malloc, no recursion over what a disk
 * says. Everything that comes from a device is hostile. Answers below 0 are the errors of pxi/host.def. */
#ifndef OS_FS_FS_H
#define OS_FS_FS_H

#include <stdbool.h>
#include <stdint.h>

#include "os/fs/limits.h"

/* Errors; kinds (FS_FILE, FS_FOLDER, FS_OTHER) and how files are opened (FS_FOR_READ ..) are among the values. */
enum {
#define PXH_ERROR(id, number, text) FS_E_##id = number,
#define PXH_VALUE(id, number, text) FS_##id = number,
#include "pxi/host.def"
};

enum {
    FS_SECTOR = 512,   /* bytes */
    FS_NAME = OS_NAME, /* bytes of a name in UTF-8, without an end; never '/' or 0 in it */
    FS_OWN_WORDS = 12,
    FS_OWN_MOST = OS_OWN /* bytes that a mount may have for itself; what is only for one call's time may be static */
};

/* Sectors one behind the other, and where they come from: on the pixel machine as DISK_WRITE has it. */
typedef struct fs_piece {
    uint64_t sector;
    uint32_t sectors;
    const void *from;
} fs_piece;

/* A disk, or a part of one. Each answers 0 or an error; either all sectors are done, or nothing is promised of them. */
typedef struct fs_device {
    int32_t (*read)(struct fs_device *, uint64_t sector, uint32_t count, void *to);
    int32_t (*write)(struct fs_device *, uint64_t sector, uint32_t count, const void *from);
    int32_t (*flush)(struct fs_device *); /* what was written before is there after a cut of power */
    uint64_t sectors;
    bool readonly;
    uint32_t *memory; /* its words, where they lie side by side in memory; NULL: they do not */
    /* Many writes, at once and in any order; NULL: one by one. */
    int32_t (*write_all)(struct fs_device *, const fs_piece *pieces, uint32_t count);
} fs_device;

/* A file or folder, as long as somebody has it: vfs.c holds one of these for each, however often it is open. */
typedef struct fs_node {
    uint64_t id;                /* of this file and no other of its file system; never 0 */
    uint64_t size;              /* bytes; of a folder: not defined */
    int64_t modified;           /* seconds since 1970, UTC */
    uint32_t kind;              /* FS_FILE, FS_FOLDER, FS_OTHER */
    uint32_t links;             /* names that it has; 0: it is removed when nobody has it any more */
    uint32_t own[FS_OWN_WORDS]; /* the file system's */
} fs_node;

typedef struct fs_entry {
    uint8_t name[FS_NAME + 1];
    uint32_t length, kind;
    uint64_t size;
} fs_entry;

typedef struct fs_space {
    uint64_t bytes, free; /* for files */
} fs_space;

/* One that is mounted. */
typedef struct fs {
    const struct fs_type *type;
    fs_device *device;
    void *own;     /* type->own_bytes of them, 8-byte aligned, given by who mounts */
    int64_t now;   /* seconds since 1970, kept by who has the clock: the time of what is written */
    bool readonly; /* asked for, or the file system says so of itself */
    const char *refusal; /* after a mount that answered INVALID: what of it is not read, by its name */
} fs;

/* Every operation answers 0 or more, or an error, and leaves what it was given usable after an error. A folder's
 * operations are given a node of kind FS_FOLDER, a file's one of FS_FILE: vfs.c sees to that. Writing ones are NULL in
 * a file system that only reads. */
typedef struct fs_type {
    const char *name;
    uint32_t own_bytes;

    int32_t (*mount)(fs *, fs_node *root); /* KIND: it is none of mine; INVALID: see refusal; IO: it is damaged */
    int32_t (*sync)(fs *);                 /* all is on the device, and flushed */
    int32_t (*space)(fs *, fs_space *);

    int32_t (*find)(fs *, fs_node *folder, const uint8_t *name, uint32_t length, fs_node *found); /* ABSENT */
    /* The entry at *place, which is 0 at first and moves on: 1, or 0 at the end. "." and ".." are not among them. */
    int32_t (*list)(fs *, fs_node *folder, uint64_t *place, fs_entry *);
    int32_t (*read)(fs *, fs_node *file, uint64_t offset, uint32_t count, void *to); /* bytes; 0 at the end */

    /* The piece of a file that has its byte `offset`, where it lies until the next call: how many bytes, and from which
     * on; with `to_write` those behind the file's end, too. What is put there is the file's after poke, up to its byte
     * `end`. 0: that cannot be looked into, or so little room is left that each is to be written by itself. NULL: the
     * file system has nothing to look into. */
    int32_t (*peek)(fs *, fs_node *file, uint32_t offset, bool to_write, uint8_t **piece, uint32_t *begin);
    int32_t (*poke)(fs *, fs_node *file, uint32_t offset, uint32_t end);

    /* A block of a folder's entries, or with NULL of nodes, as os/fs/PXFS.md has them; it lies there until the next
     * call. NULL: the file system has none such. */
    int32_t (*block)(fs *, const fs_node *folder, uint32_t index, const uint32_t **words);

    int32_t (*write)(fs *, fs_node *file, uint64_t offset, uint32_t count,
                     const void *from);                    /* bytes, 1 or more, or FULL */
    int32_t (*resize)(fs *, fs_node *file, uint64_t size); /* what is added is 0 */
    int32_t (*create)(fs *, fs_node *folder, const uint8_t *name, uint32_t length, uint32_t kind, fs_node *made);
    /* The name goes; node, which it named, has one link less. A folder must be empty (KIND). */
    int32_t (*remove)(fs *, fs_node *folder, const uint8_t *name, uint32_t length, fs_node *node);
    /* In one step: at a cut of power there is the old name or the new one. What target named before, replaced, has one
     * link less; NULL: there is no target yet. vfs.c has looked that kinds fit and that no folder moves into itself. */
    int32_t (*rename)(fs *, fs_node *from, const uint8_t *name, uint32_t length, fs_node *moved, fs_node *to,
                      const uint8_t *target, uint32_t target_length, fs_node *replaced);
    /* One more name for a file; NULL: the file system has none. EXISTS: the name is another's. */
    int32_t (*link)(fs *, fs_node *file, fs_node *folder, const uint8_t *name, uint32_t length);
    int32_t (*release)(fs *, fs_node *); /* nobody has it any more: without links its room is free */

    bool barriers; /* it flushes wherever order matters; others' writes reach the disk as they are made */
} fs_type;

/* types.def has the one list of them; mounting tries them in its order. */
#define FS_TYPE(id) extern const fs_type id##_type;
#include "os/fs/types.def"

#endif

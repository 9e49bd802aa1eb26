/* vfs.h - all that is mounted as one tree of names. Paths are absolute and as vfs_path makes them; answers are as fs.h
 * has them. */
#ifndef OS_FS_VFS_H
#define OS_FS_VFS_H

#include "os/fs/fs.h"

enum {
    VFS_MOUNTS = OS_MOUNTS,
    VFS_NODES = OS_NODES, /* files and folders that somebody has, with those that are looked at */
    VFS_OPENS = OS_OPENS,
    VFS_PATH = OS_PATH /* bytes of a path with its 0 */
};

/* What a name means, taken from a folder: no "." and "..", one '/' before each part, none at the end but in "/". As it
 * is written: ".." takes the part before it away. NAME: it has a byte 0, or is too long. */
int32_t vfs_path(const char *from, const void *name, uint32_t length, char path[VFS_PATH]);

/* The type is found out. `at` is a folder by then, or "/", which is mounted first. type, if it is not NULL, is told. */
int32_t vfs_mount(fs_device *device, const char *at, bool readonly, const fs_type **type);
const char *vfs_refusal(void); /* of a mount that has just answered INVALID: what of the file system is not read */
/* Writes all that there is. DENIED: something of it is open, or something is mounted below. */
int32_t vfs_unmount(const char *at, fs_device **device);
/* The mounts, one after the other: false, there is no such number. */
bool vfs_mounted(uint32_t number, const char **at, const char **type, bool *readonly);
int32_t vfs_sync(void); /* of all; the first error */
void vfs_clock(int64_t now);

typedef struct vfs_about {
    uint64_t size, id;
    int64_t modified;
    uint32_t kind, links, mount;
} vfs_about;

int32_t vfs_about_path(const char *path, vfs_about *about);
int32_t vfs_about_open(uint32_t open, vfs_about *about);
int32_t vfs_space(const char *path, fs_space *space);
int32_t vfs_space_open(uint32_t open, fs_space *space);

/* flags are OPEN's. The answer is a number below VFS_OPENS. */
bool vfs_sound_flags(uint32_t flags);
int32_t vfs_open(const char *path, uint32_t flags);
int32_t vfs_close(uint32_t open);
/* At *offset, or NULL: at its place, which moves on. */
int32_t vfs_read(uint32_t open, const uint64_t *offset, uint32_t count, void *to);
/* fs.h's peek and poke; 0: that cannot be looked into, or so. */
int32_t vfs_peek(uint32_t open, uint32_t offset, bool to_write, uint8_t **piece, uint32_t *begin);
int32_t vfs_poke(uint32_t open, uint32_t offset, uint32_t end);
int32_t vfs_write(uint32_t open, const uint64_t *offset, uint32_t count, const void *from);
int32_t vfs_place(uint32_t open, uint64_t place);
int32_t vfs_resize(uint32_t open, uint64_t size);
/* Of a folder that was opened: entries by the bytes of their names, from number `first` on; how many. */
int32_t vfs_list(uint32_t open, uint32_t first, fs_entry *entries, uint32_t most);

/* A folder that is looked into as it lies on its file system, until it is let go. KIND: it is none, or names there do
 * not lie in words. */
typedef struct vfs_folder {
    const fs_node *node;
    uint32_t mount; /* vfs_about's */
    void *held;
} vfs_folder;
int32_t vfs_hold(const char *path, vfs_folder *folder);
void vfs_let(const vfs_folder *folder);
/* fs.h's block. */
int32_t vfs_block(const vfs_folder *folder, bool entries, uint32_t index, const uint32_t **words);

int32_t vfs_make_folder(const char *path);
int32_t vfs_remove(const char *path); /* KIND: a folder that is not empty */
int32_t vfs_rename(const char *path, const char *target);
int32_t vfs_link(const char *path, const char *target); /* one more name; KIND: a folder, or another file system */

#endif

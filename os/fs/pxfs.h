/* pxfs.h - the layout of pxFS, os/fs/PXFS.md in C, for pxfs.c, what makes one, and what checks one. */
#ifndef OS_FS_PXFS_H
#define OS_FS_PXFS_H

#include "os/fs/fs.h"

enum {
    PXFS_WORDS = 256, /* pixels of a block: a row */
    PXFS_BYTES = 4 * PXFS_WORDS,
    PXFS_SECTORS = PXFS_BYTES / FS_SECTOR,
    PXFS_PAYLOAD = PXFS_WORDS - 1, /* words of a block that are content; the last is its seal */
    PXFS_CONTENT = 4 * PXFS_PAYLOAD,
    PXFS_MAP_BITS = 32 * PXFS_PAYLOAD, /* blocks that a block of the map tells of */
    PXFS_LEAST = 256,                  /* blocks of a file system */
    PXFS_MOST = 1 << 22,
    PXFS_MAPS = (PXFS_MOST + PXFS_MAP_BITS - 1) / PXFS_MAP_BITS,
    PXFS_MAP_SIDES = (PXFS_MAPS + 31) / 32, /* words */
    PXFS_FIRST_MAP = 2,

    PXFS_ROOTS = 8, /* of a tree */
    PXFS_MOST_HEIGHT = 3,
    PXFS_NODE_WORDS = 15,
    PXFS_NODES = PXFS_PAYLOAD / PXFS_NODE_WORDS, /* in a block */
    PXFS_ROOT_NODE = 1,
    PXFS_MOST_LINKS = 0xFFFF, /* of a file */

    PXFS_NAME = 56,  /* bytes, at most */
    PXFS_GROUP = 16, /* blocks: one of hashes, the others of entries */
    PXFS_ENTRY_WORDS = 15,
    PXFS_ENTRIES = PXFS_PAYLOAD / PXFS_ENTRY_WORDS, /* in a block */
    PXFS_MOST_GROUPS = 256
};
#define PXFS_MAGIC     UINT32_C(0x01465850) /* "PXF", 1 */
#define PXFS_MOST_SIZE UINT32_C(0xFFFFFFFF)

/* A tree of blocks is words: its height, and its roots. Root k at height h holds 255^h blocks. */
enum { PXFS_TREE = 1 + PXFS_ROOTS };

/* What the root record says, but for its magic. */
typedef struct pxfs_root {
    uint32_t id, generation, blocks, free;
    uint32_t nodes;   /* in the table, node 0 among them, which is nobody's */
    uint32_t orphans; /* nodes without a name */
    uint32_t hint;    /* no node below this is free */
    uint32_t table[PXFS_TREE];
    uint32_t side[PXFS_MAP_SIDES]; /* which of its two places is valid, a bit for each block of the map */
} pxfs_root;

/* What a mount has for itself. */
typedef struct pxfs {
    pxfs_root old, now;
    uint32_t pending;             /* blocks that are free now, and not in the old tree */
    bool changed, failed, writes; /* failed: an operation broke off in its middle, and the old tree is what stays */
    uint32_t scan;                /* where to look for room next: a block of the map */
    bool map_changed;
    uint32_t map_index; /* of the block of the map that is here; PXFS_MAPS: none */
    uint32_t map_now[PXFS_WORDS], map_old[PXFS_WORDS];
} pxfs;

static inline uint32_t pxfs_maps(uint32_t blocks) { return (blocks + PXFS_MAP_BITS - 1) / PXFS_MAP_BITS; }
static inline uint32_t pxfs_first(uint32_t blocks) { return PXFS_FIRST_MAP + 2 * pxfs_maps(blocks); }
static inline uint32_t pxfs_map_block(const pxfs_root *root, uint32_t index)
{
    return PXFS_FIRST_MAP + 2 * index + (root->side[index / 32] >> index % 32 & 1);
}
static inline uint32_t pxfs_span(uint32_t height) /* blocks that a root holds */
{
    static const uint32_t span[PXFS_MOST_HEIGHT + 1] = {1, 255, 255 * 255, 255 * 255 * 255};
    return span[height];
}

/* A new and empty one over all of the device; id tells it from others. 0 or an error. */
int32_t pxfs_make(fs_device *device, uint32_t id, int64_t now);

/* For what checks one. A node's own words are its tree, the folder it is in, and how many names a folder holds. */
enum { PXFS_PARENT = PXFS_TREE, PXFS_HELD };
int32_t pxfs_load(fs *f, uint32_t block, uint32_t words[PXFS_WORDS]);                /* IO: its seal is wrong */
int32_t pxfs_block_of(fs *f, const uint32_t *tree, uint32_t index, uint32_t *block); /* 0: there is none */
int32_t pxfs_load_node(fs *f, uint32_t number, fs_node *node);                       /* whatever it holds */
int32_t pxfs_used(fs *f, uint32_t block);                                            /* 1 or 0, by the map */
uint32_t pxfs_hash(const uint32_t name[PXFS_ENTRY_WORDS - 1]);

/* Reads a root record; false: it is none. */
bool pxfs_read_root(fs_device *device, uint32_t block, pxfs_root *root);

/* For what repairs one. */
int32_t pxfs_put_block(fs *f, uint32_t block, uint32_t words[PXFS_WORDS]); /* with its seal, wherever it is */
int32_t pxfs_put_root(fs *f, const pxfs_root *root); /* behind all that was put: the tree that is found from then on */
int32_t pxfs_put_node(fs *f, const fs_node *node);   /* a change as any other */

/* Checks all of one that is mounted without writing. blocks: zeroed, a bit for each; names: 0 for each node; walked:
 * zeroed, two bits for each node. Says what is wrong by `complain`, and answers how often. */
enum { PXFS_COMPLAINTS = 100 }; /* the others are only counted */
typedef struct pxfs_check {
    void (*complain)(struct pxfs_check *, const char *what, uint32_t block, const char *name);
    void *context;
    uint8_t *blocks;
    uint16_t *names;
    uint8_t *walked; /* of folders: whether a way up led over it, and whether it led to the root */
    uint32_t wrong, files, folders, used;
    uint32_t damaged;             /* of these: what is below is not known, so nothing can be said to be nobody's */
    uint32_t orphans, first_free; /* nodes without a name; no node below this is free */
    bool repair;                  /* counts that are wrong are set right instead */
} pxfs_check;
void pxfs_check_all(fs *f, pxfs_check *check);

/* What a check that found nothing damaged allows: first a map of the blocks that it found in use, and a root record
 * that counts as it did. Then, mounted anew to write, and with a check as new: how many names nodes and folders have.
 */
int32_t pxfs_repair_map(fs *f, const pxfs_check *check);
void pxfs_repair_counts(fs *f, pxfs_check *check);

#endif

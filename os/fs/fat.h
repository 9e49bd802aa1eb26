/* fat.h - what the parts of FAT share, and nobody else.
 *
 *      fat.c: what a file system does -- fat_folder.c: slots, names in folders, nodes -- fat_table.c: sectors, the
 * table
 *                                               `-- fat_names.c: names, long and short */
#ifndef OS_FS_FAT_H
#define OS_FS_FAT_H

#include <string.h>

#include "os/fs/fs.h"

enum {
    SLOT = 32, /* bytes of a directory entry */
    SECTOR_SLOTS = FS_SECTOR / SLOT,
    FOLDER_SLOTS = 65536, /* a folder's, at most */
    NAME_UNITS = 255,     /* of UTF-16 */
    PIECE = 13,           /* of them in a slot */
    PIECES = 20,          /* slots of a long name, at most */
    SHORT = 11,           /* bytes of a short name */
    WINDOW = 6,           /* sectors of the table that are looked at at once: no entry of 12 bits lies across an end */
    INDEX = 8192,         /* slots of a folder that are looked up by their hash */
    PLAIN = 64,           /* slots of a folder that are looked at one by one before an index is made */
    TAILS = 9             /* ~1 to ~9 */
};

enum { ATTR_VOLUME = 8, ATTR_FOLDER = 16, ATTR_ARCHIVE = 32, ATTR_LONG = 15, ATTR_MASK = 63 };
enum { LOWER_BASE = 8, LOWER_END = 16 };
enum { AT_ATTR = 11, AT_CASE = 12, AT_SUM = 13, AT_MADE = 14, AT_HIGH = 20, AT_TIME = 22, AT_LOW = 26, AT_SIZE = 28 };
enum { GONE = 0xE5, LAST_PIECE = 0x40 };
enum { NOWHERE = -1 };

/* A run of sectors in memory. At most one of a volume has something to be written, and that is written before
 * anything else is changed. */
typedef struct window {
    int64_t at;                    /* its first sector; NOWHERE */
    uint32_t count, changed, ends; /* sectors; those to be written: changed up to before ends */
} window;

typedef struct volume {
    uint32_t bits;                             /* of an entry of the table: 12, 16, 32 */
    uint32_t shift;                            /* log2 of a cluster's bytes */
    uint32_t clusters;                         /* 2 .. clusters + 1 */
    uint64_t table, table_sectors, root, data; /* of 512 bytes */
    uint32_t tables, root_slots, root_cluster;
    uint64_t info; /* the sector of FSInfo, or 0 */
    uint32_t next; /* where a free cluster is looked for */
    uint32_t free; /* clusters, where free_known */
    uint64_t removed;
    uint32_t failures; /* of writing: what was forgotten then may be what nodes know of their chains */
    bool free_known, counted /* here, and not only told */, dirty /* marked so by this mount */, was_dirty /* by another */;
    window fat, slots;
    uint8_t fat_bytes[WINDOW * FS_SECTOR], slot_bytes[FS_SECTOR], piece[FS_SECTOR];
} volume;

_Static_assert(sizeof(volume) <= 8192, "a mount has no more for itself");

/* Of a node: first cluster, its slot (in slots from the volume's start; 0: none), a place in its chain that is known,
 * and how often writing had failed by then. */
enum { FIRST, SLOT_LOW, SLOT_HIGH, KNOWN_INDEX, KNOWN, KNOWN_SINCE };

/* An entry as its slots have it. */
typedef struct entry {
    uint32_t first, slot; /* numbers of its slots in the folder: those of its long name, its own */
    uint64_t place;       /* its own slot, from the volume's start */
    uint8_t own[SLOT];
    uint16_t name[PIECE * PIECES + 1], alias[12 + 1]; /* the name to show; the short one as it is compared */
    uint32_t length, alias_length;
    bool is_long;
} entry;

/* What becomes of a name: its short one, and whether that says it all. */
typedef struct naming {
    uint8_t name[SHORT];
    uint8_t cases;       /* LOWER_BASE, LOWER_END */
    bool whole;          /* no long name is needed */
    uint32_t base, used; /* bytes before a tail; bit t: tail t is taken, of the first kind, then of the second */
    uint32_t seed;
} naming;

static inline uint32_t get16(const uint8_t *at) { return at[0] | (uint32_t)at[1] << 8; }
static inline uint32_t get32(const uint8_t *at) { return get16(at) | get16(at + 2) << 16; }

static inline void put16(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)value;
    at[1] = (uint8_t)(value >> 8);
}

static inline void put32(uint8_t *at, uint32_t value)
{
    put16(at, value);
    put16(at + 2, value >> 16);
}

/* fat_table.c: sectors and the table; answers below 0 are errors */
int32_t fat_settle(fs *f);
int32_t fat_done(fs *f, int32_t answer);
int32_t fat_read_sectors(fs *f, uint64_t sector, uint32_t count, void *to);
int32_t fat_load(fs *f, window *w, uint8_t *bytes, uint64_t sector, uint32_t count);
int32_t fat_change(fs *f, window *w, uint32_t first, uint32_t ends);
int32_t fat_mark(fs *f, bool dirty);
int32_t fat_begin(fs *f);
bool fat_is_cluster(const volume *v, uint32_t c);
int32_t fat_table_set(fs *f, uint32_t cluster, uint32_t value);
uint32_t fat_end_of_chain(const volume *v);
int32_t fat_follow(fs *f, uint32_t cluster, uint32_t *next);
int32_t fat_seek(fs *f, fs_node *n, uint32_t index, uint32_t *cluster);
int32_t fat_take(fs *f, uint32_t *cluster);
int32_t fat_give_back(fs *f, uint32_t cluster);
uint64_t fat_sector_of(const volume *v, uint32_t cluster);
int32_t fat_count_free(fs *f);

/* fat_names.c: names */
bool fat_same(const uint16_t *a, uint32_t a_length, const uint16_t *b, uint32_t b_length);
uint32_t fat_hash(const uint16_t *name, uint32_t length);
int32_t fat_to_units(const uint8_t *text, uint32_t length, uint16_t *units);
uint32_t fat_to_text(const uint16_t *units, uint32_t length, uint8_t *text);
bool fat_clean(uint16_t *name, uint32_t length);
void fat_short_name(entry *e);
uint8_t fat_checksum(const uint8_t *name);
bool fat_may_be_named(const uint16_t *name, uint32_t length);
void fat_make_short(naming *s, const uint16_t *name, uint32_t length);
void fat_with_tail(const naming *s, uint32_t t, uint8_t *name);
void fat_note_tail(naming *s, const uint8_t *slot);

/* fat_folder.c: folders and nodes */
int32_t fat_slot_get(fs *f, fs_node *folder, uint32_t n, uint8_t **slot, uint64_t *place);
int32_t fat_slot_change(fs *f, uint64_t place, uint8_t **slot);
int32_t fat_next_entry(fs *f, fs_node *folder, uint32_t n, entry *e);
void fat_forget_lookup(void);
void fat_forget_folder(fs *f, const fs_node *n);
int32_t fat_find_units(fs *f, fs_node *folder, const uint16_t *name, uint32_t length, entry *e);
int32_t fat_find_entry(fs *f, fs_node *folder, const uint8_t *name, uint32_t length, entry *e);
void fat_put_time(uint8_t *at, int64_t now);
uint64_t fat_slot_of(const fs_node *n);
int32_t fat_own_slot(fs *f, const fs_node *n, uint8_t **slot);
void fat_place_node(fs_node *n, uint64_t place);
void fat_unplace_node(volume *v, fs_node *n);
uint32_t fat_first_of(const volume *v, const uint8_t *slot);
int32_t fat_make_node(const volume *v, const entry *e, fs_node *n);
int32_t fat_update(fs *f, fs_node *n);
int32_t fat_clear_cluster(fs *f, uint32_t cluster);
int32_t fat_enter(fs *f, fs_node *folder, const uint8_t *own, entry *e);
int32_t fat_strike(fs *f, fs_node *folder, const entry *e);

#endif

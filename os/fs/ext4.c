/* ext4.c - ext2, ext3 and ext4, read only.
 *
 * Whatever has a checksum of metadata_csum is believed only if it fits: superblock, group descriptors, inodes, extents,
 * folders and their indices, which are read over: folders are searched from end to end. Links that name a path, and
 * devices, are FS_OTHER. A journal that has not been played back is a refusal, needs_recovery: what the disk says
 * without it may be half of a change. So are blocks of more than 4096 bytes. A file's id is its inode. */
#include <string.h>

#include "os/fs/fs.h"

enum {
    MOST_BLOCK = 4096, /* bytes */
    MOST_INODE = 1024,
    ROOT_INODE = 2,
    DEEPEST = 5,  /* levels of extents below the inode */
    DIRECT = 12,  /* blocks that an inode names, without extents */
    TREE_AT = 40, /* of an inode: extents, blocks, or the file itself */
    TREE_BYTES = 60,
    TAIL = 12, /* bytes of a folder's block that are its checksum */
    TAIL_KIND = 0xDE
};

enum { INODE_INDEX = 0x1000, INODE_EXTENTS = 0x80000, INODE_INLINE = 0x10000000 };
enum { HAS_FILETYPE = 2, HAS_64BIT = 0x80, HAS_SEED = 0x2000, HAS_CSUM = 0x400 };

/* Features that change what a reader must know, and that this one does; of the others, the names. */
static const uint32_t known_features = 0x2 | 0x40 | 0x80 | 0x100 | 0x200 | 0x400 | 0x2000 | 0x4000 | 0x8000 | 0x20000;
static const struct {
    uint32_t bit;
    const char *name;
} refused_features[] = {{0x1, "compression"}, {0x4, "needs_recovery"}, {0x8, "journal_dev"},
                        {0x10, "meta_bg"},    {0x1000, "dirdata"},     {0x10000, "encrypt"}};

typedef struct volume {
    uint32_t shift; /* log2 of a block's bytes */
    uint32_t inodes, group_inodes, inode_bytes, descriptor_bytes, features, seed;
    uint64_t blocks, free, descriptors; /* the block where they begin */
    bool checked;                       /* it has checksums */
    uint32_t group; /* whose descriptor was read last, plus 1, and its table of inodes */
    uint64_t table;
    uint32_t inode, inode_seed, flags; /* the one in raw, or 0 */
    uint64_t size;
    uint32_t run_inode, run_first, run_count;   /* blocks of a file that lie together, */
    uint64_t run_at;                            /* from this one on; 0: they are zeros */
    uint32_t folder, folder_block, block_bytes; /* what is in block: bytes of entries */
    uint8_t raw[MOST_INODE], sector[FS_SECTOR], block[MOST_BLOCK];
} volume;

_Static_assert(sizeof(volume) <= 8192, "a mount has no more for itself");

/* A block of a file's tree, and whose it is. */
static uint8_t node_bytes[MOST_BLOCK];
static const volume *node_of;
static uint64_t node_at;
static uint32_t node_inode; /* whose checksum it has, or 0 */

static uint32_t get16(const uint8_t *at) { return at[0] | (uint32_t)at[1] << 8; }
static uint32_t get32(const uint8_t *at) { return get16(at) | get16(at + 2) << 16; }

/* CRC32C as these checksums have it: neither end is inverted. */
static uint32_t crc(uint32_t sum, const uint8_t *bytes, uint32_t count)
{
    static uint32_t table[256];
    if (table[1] == 0)
        for (uint32_t i = 0; i < 256; i++) {
            uint32_t c = i;
            for (int bit = 0; bit < 8; bit++)
                c = c >> 1 ^ (0x82F63B78 & -(c & 1));
            table[i] = c;
        }
    for (uint32_t i = 0; i < count; i++)
        sum = table[(sum ^ bytes[i]) & 0xFF] ^ sum >> 8;
    return sum;
}

static uint32_t crc_word(uint32_t sum, uint32_t word)
{
    const uint8_t bytes[4] = {(uint8_t)word, (uint8_t)(word >> 8), (uint8_t)(word >> 16), (uint8_t)(word >> 24)};
    return crc(sum, bytes, 4);
}

static int32_t read_sectors(fs *f, uint64_t sector, uint32_t count, void *to)
{
    if (sector >= f->device->sectors || count > f->device->sectors - sector)
        return FS_E_IO;
    return f->device->read(f->device, sector, count, to);
}

static int32_t read_block(fs *f, uint64_t block, void *to)
{
    const volume *v = f->own;
    if (block == 0 || block >= v->blocks)
        return FS_E_IO;
    return read_sectors(f, block << (v->shift - 9), 1u << (v->shift - 9), to);
}

/* ---- inodes ---- */

static bool descriptor_fits(const volume *v, uint32_t group, const uint8_t *d)
{
    uint32_t sum = crc_word(v->seed, group);
    const uint8_t none[2] = {0};
    sum = crc(crc(sum, d, 30), none, 2);
    sum = crc(sum, d + 32, v->descriptor_bytes - 32);
    return (sum & 0xFFFF) == get16(d + 30);
}

static int32_t load_group(fs *f, uint32_t group)
{
    volume *v = f->own;
    if (v->group == group + 1)
        return 0;
    const uint64_t at = (v->descriptors << v->shift) + (uint64_t)group * v->descriptor_bytes;
    v->group = 0;
    const int32_t e = read_sectors(f, at / FS_SECTOR, 1, v->sector);
    if (e < 0)
        return e;
    const uint8_t *d = v->sector + at % FS_SECTOR;
    if (v->checked && !descriptor_fits(v, group, d))
        return FS_E_IO;
    v->table = get32(d + 8) | (v->descriptor_bytes >= 64 ? (uint64_t)get32(d + 40) << 32 : 0);
    v->group = group + 1;
    return 0;
}

/* Bytes of an inode behind its first 128 that have a meaning. */
static uint32_t extra_of(const volume *v)
{
    const uint32_t extra = v->inode_bytes > 128 ? get16(v->raw + 128) : 0;
    return extra <= v->inode_bytes - 128 ? extra : 0;
}

static bool inode_fits(volume *v, uint32_t inode)
{
    const bool high = extra_of(v) >= 4;
    const uint8_t none[2] = {0};
    v->inode_seed = crc_word(crc_word(v->seed, inode), get32(v->raw + 100));
    uint32_t sum = crc(crc(v->inode_seed, v->raw, 124), none, 2);
    sum = crc(sum, v->raw + 126, 2);
    if (v->inode_bytes > 128) {
        sum = crc(sum, v->raw + 128, 2);
        sum = high ? crc(sum, none, 2) : crc(sum, v->raw + 130, 2);
        sum = crc(sum, v->raw + 132, v->inode_bytes - 132);
    }
    const uint32_t wanted = get16(v->raw + 124) | (high ? get16(v->raw + 130) << 16 : 0);
    return wanted == (high ? sum : sum & 0xFFFF);
}

static int32_t load_inode(fs *f, uint32_t inode)
{
    volume *v = f->own;
    if (v->inode == inode)
        return 0;
    v->inode = 0;
    if (inode == 0 || inode > v->inodes)
        return FS_E_IO;
    const uint32_t group = (inode - 1) / v->group_inodes, index = (inode - 1) % v->group_inodes;
    int32_t e = load_group(f, group);
    if (e < 0)
        return e;
    const uint64_t at = (uint64_t)index * v->inode_bytes;
    const uint64_t sector = (v->table << (v->shift - 9)) + at / FS_SECTOR;
    if (v->table == 0 || v->table >= v->blocks)
        return FS_E_IO;
    if (v->inode_bytes < FS_SECTOR) {
        e = read_sectors(f, sector, 1, v->sector);
        memcpy(v->raw, v->sector + at % FS_SECTOR, v->inode_bytes);
    } else {
        e = read_sectors(f, sector, v->inode_bytes / FS_SECTOR, v->raw);
    }
    if (e < 0)
        return e;
    if (v->checked && !inode_fits(v, inode))
        return FS_E_IO;
    v->size = get32(v->raw + 4) | (uint64_t)get32(v->raw + 108) << 32;
    v->flags = get32(v->raw + 32);
    v->inode = inode;
    return 0;
}

static int64_t modified(const volume *v)
{
    const int64_t seconds = (int32_t)get32(v->raw + 16);
    return extra_of(v) >= 12 ? seconds + ((int64_t)(get32(v->raw + 136) & 3) << 32) : seconds;
}

static int32_t make_node(fs *f, uint32_t inode, fs_node *n)
{
    const int32_t e = load_inode(f, inode);
    if (e < 0)
        return e;
    const volume *v = f->own;
    const uint32_t mode = get16(v->raw) & 0xF000;
    memset(n, 0, sizeof *n);
    n->id = inode;
    n->kind = mode == 0x8000 ? FS_FILE : mode == 0x4000 ? FS_FOLDER : FS_OTHER;
    n->size = n->kind == FS_FOLDER ? 0 : v->size;
    n->modified = modified(v);
    n->links = get16(v->raw + 26);
    n->own[0] = inode;
    return mode == 0 || n->links == 0 || (n->size >> 63) != 0 ? FS_E_IO : 0;
}

/* ---- where a file's blocks lie ---- */

static int32_t load_node(fs *f, uint64_t block)
{
    if (node_of == f->own && node_at == block)
        return 0;
    node_of = NULL;
    const int32_t e = read_block(f, block, node_bytes);
    if (e < 0)
        return e;
    node_of = f->own;
    node_at = block;
    node_inode = 0;
    return 0;
}

/* A block of extents that an inode has, its checksum among its bytes. */
static int32_t load_extents(fs *f, uint64_t block)
{
    const volume *v = f->own;
    const int32_t e = load_node(f, block);
    if (e < 0 || !v->checked || node_inode == v->inode)
        return e;
    node_inode = v->inode;
    const uint32_t end = 12 + 12 * get16(node_bytes + 4);
    if (end + 4 <= 1u << v->shift && get32(node_bytes + end) == crc(v->inode_seed, node_bytes, end))
        return 0;
    node_of = NULL;
    return FS_E_IO;
}

static void set_run(volume *v, uint32_t first, uint32_t count, uint64_t at)
{
    v->run_inode = v->inode;
    v->run_first = first;
    v->run_count = count;
    v->run_at = at;
}

/* The last entry that begins at block number wanted or before: its number, or -1. What the next begins with is *limit.
 */
static int32_t entry_before(const uint8_t *node, uint32_t wanted, uint32_t *limit)
{
    const uint32_t count = get16(node + 2);
    uint32_t low = 0, high = count;
    while (low < high) {
        const uint32_t middle = (low + high) / 2;
        if (get32(node + 12 + 12 * middle) <= wanted)
            low = middle + 1;
        else
            high = middle;
    }
    if (low < count)
        *limit = get32(node + 12 + 12 * low);
    return (int32_t)low - 1;
}

static int32_t map_leaf(volume *v, const uint8_t *node, uint32_t wanted, uint32_t limit)
{
    const int32_t n = entry_before(node, wanted, &limit);
    if (limit <= wanted)
        return FS_E_IO;
    if (n >= 0) {
        const uint8_t *x = node + 12 + 12 * n;
        const uint32_t first = get32(x), length = get16(x + 4), count = length > 32768 ? length - 32768 : length;
        const uint64_t at = get32(x + 8) | (uint64_t)get16(x + 6) << 32;
        if (wanted - first < count) {
            if (at == 0 || at >= v->blocks || count > v->blocks - at)
                return FS_E_IO;
            set_run(v, first, count, length > 32768 ? 0 : at);
            return 0;
        }
    }
    set_run(v, wanted, limit - wanted, 0);
    return 0;
}

/* Each level says how many are below it, so the way down ends. */
static int32_t map_extents(fs *f, uint32_t wanted)
{
    volume *v = f->own;
    const uint8_t *node = v->raw + TREE_AT;
    uint32_t room = TREE_BYTES, limit = UINT32_MAX, depth = get16(node + 6);
    if (depth > DEEPEST)
        return FS_E_IO;
    for (;; depth--) {
        const uint32_t most = get16(node + 4);
        if (get16(node) != 0xF30A || get16(node + 6) != depth || most > (room - 12) / 12 || get16(node + 2) > most)
            return FS_E_IO;
        if (depth == 0)
            return map_leaf(v, node, wanted, limit);
        const int32_t n = entry_before(node, wanted, &limit);
        if (limit <= wanted)
            return FS_E_IO;
        if (n < 0) {
            set_run(v, wanted, limit - wanted, 0);
            return 0;
        }
        const uint8_t *x = node + 12 + 12 * n;
        const int32_t e = load_extents(f, get32(x + 4) | (uint64_t)get16(x + 8) << 32);
        if (e < 0)
            return e;
        node = node_bytes;
        room = 1u << v->shift;
    }
}

/* Blocks from number wanted on, of a list of count blocks of which the first is number first: those that lie together.
 */
static int32_t map_list(volume *v, const uint8_t *list, uint32_t count, uint32_t wanted, uint32_t first)
{
    const uint32_t n = wanted - first;
    const uint64_t at = get32(list + 4 * n);
    uint32_t k = 1;
    while (n + k < count && get32(list + 4 * (n + k)) == (at == 0 ? 0 : at + k))
        k++;
    if (at != 0 && (at >= v->blocks || k > v->blocks - at))
        return FS_E_IO;
    set_run(v, wanted, k, at);
    return 0;
}

/* As ext2 has it: lists of blocks, lists of lists, lists of those. */
static int32_t map_lists(fs *f, uint32_t wanted)
{
    volume *v = f->own;
    const uint8_t *tree = v->raw + TREE_AT;
    const uint32_t bits = v->shift - 2; /* log2 of how many a block has */
    if (wanted < DIRECT)
        return map_list(v, tree, DIRECT, wanted, 0);
    uint64_t first = DIRECT;
    uint32_t level = 1;
    while (level < 4 && (uint64_t)wanted - first >= (uint64_t)1 << bits * level)
        first += (uint64_t)1 << bits * level++;
    if (level == 4)
        return FS_E_IO;
    uint32_t at = get32(tree + 4 * (DIRECT + level - 1)), left = wanted - (uint32_t)first;
    for (; at != 0; at = get32(node_bytes + 4 * (left >> bits * level)), left &= (1u << bits * level) - 1) {
        const int32_t e = load_node(f, at);
        if (e < 0)
            return e;
        if (--level == 0)
            return map_list(v, node_bytes, 1u << bits, wanted, wanted - left);
    }
    set_run(v, wanted, 1, 0);
    return 0;
}

/* The inode is loaded. */
static int32_t map(fs *f, uint32_t wanted)
{
    const volume *v = f->own;
    if (v->run_inode == v->inode && wanted >= v->run_first && wanted - v->run_first < v->run_count)
        return 0;
    return (v->flags & INODE_EXTENTS) != 0 ? map_extents(f, wanted) : map_lists(f, wanted);
}

/* ---- files that lie in their inode ---- */

/* The rest of one, behind its first 60 bytes: the attribute system.data, or NULL. What is behind it is a hole, which
 * mke2fs leaves in files that begin with one. */
static const uint8_t *inline_rest(const volume *v, uint32_t *count)
{
    uint32_t at = 128 + extra_of(v);
    if (v->inode_bytes <= 128 || at + 8 > v->inode_bytes || get32(v->raw + at) != 0xEA020000)
        return NULL;
    const uint32_t first = at += 4;
    while (at + 16 <= v->inode_bytes && get32(v->raw + at) != 0) {
        const uint8_t *x = v->raw + at;
        const uint32_t offset = first + get16(x + 2);
        *count = get32(x + 8);
        if (x[0] == 4 && x[1] == 7 && at + 20 <= v->inode_bytes && memcmp(x + 16, "data", 4) == 0)
            return offset <= v->inode_bytes && *count <= v->inode_bytes - offset ? v->raw + offset : NULL;
        at += (16u + x[0] + 3) & ~3u;
    }
    return NULL;
}

static int32_t read_inline(const volume *v, uint64_t offset, uint32_t count, uint8_t *to)
{
    uint32_t more = 0;
    const uint8_t *rest = inline_rest(v, &more);
    if (rest == NULL)
        more = 0;
    for (uint32_t i = 0; i < count; i++) {
        const uint64_t at = offset + i;
        if (at < TREE_BYTES)
            to[i] = v->raw[TREE_AT + at];
        else
            to[i] = at - TREE_BYTES < more ? rest[at - TREE_BYTES] : 0;
    }
    return (int32_t)count;
}

/* ---- folders ---- */

static bool tail_fits(const volume *v)
{
    const uint32_t end = (1u << v->shift) - TAIL;
    const uint8_t *tail = v->block + end;
    return get32(tail) == 0 && get16(tail + 4) == TAIL && tail[6] == 0 && tail[7] == TAIL_KIND &&
           get32(tail + 8) == crc(v->inode_seed, v->block, end);
}

/* A block of a folder's index, which looks like one without entries but "." and "..". */
static bool index_fits(const volume *v, uint32_t first)
{
    const uint8_t *b = v->block;
    const uint32_t limit = get16(b + first), count = get16(b + first + 2), end = first + 8 * limit;
    if (count > limit || end + 8 > 1u << v->shift)
        return false;
    uint32_t sum = crc(crc(v->inode_seed, b, first + 8 * count), b + end, 4);
    sum = crc_word(sum, 0);
    return sum == get32(b + end + 4);
}

static bool folder_fits(volume *v, uint32_t number)
{
    const bool root = number == 0, node = get32(v->block) == 0 && get16(v->block + 4) == 1u << v->shift;
    if ((v->flags & INODE_INDEX) != 0 && (root || node))
        return index_fits(v, root ? 32 : 8);
    v->block_bytes -= TAIL;
    return tail_fits(v);
}

/* Blocks of a folder that may be looked at. */
static int32_t folder_blocks(fs *f, uint32_t inode, uint32_t *count)
{
    const int32_t e = load_inode(f, inode);
    if (e < 0)
        return e;
    const volume *v = f->own;
    const uint64_t blocks = v->size >> v->shift;
    *count = (v->flags & INODE_INLINE) != 0 ? 1 : (uint32_t)blocks;
    return *count != 1 && (blocks > v->blocks || blocks > UINT32_MAX) ? FS_E_IO : 0;
}

static int32_t load_inline_folder(volume *v)
{
    uint32_t more = 0;
    const uint8_t *rest = inline_rest(v, &more);
    memcpy(v->block, v->raw + TREE_AT + 4, TREE_BYTES - 4); /* behind the folder above */
    v->block_bytes = TREE_BYTES - 4;
    if (rest != NULL) {
        memcpy(v->block + v->block_bytes, rest, more);
        v->block_bytes += more;
    }
    return 0;
}

/* Block number of a folder, checked. */
static int32_t load_folder(fs *f, uint32_t inode, uint32_t number)
{
    volume *v = f->own;
    if (v->folder == inode && v->folder_block == number)
        return 0;
    v->folder = 0;
    int32_t e = load_inode(f, inode);
    if (e < 0)
        return e;
    if ((v->flags & INODE_INLINE) != 0) {
        e = load_inline_folder(v);
    } else {
        e = map(f, number);
        if (e >= 0)
            e = read_block(f, v->run_at == 0 ? 0 : v->run_at + (number - v->run_first), v->block);
        v->block_bytes = 1u << v->shift;
        if (e >= 0 && v->checked && !folder_fits(v, number))
            e = FS_E_IO;
    }
    if (e < 0)
        return e;
    v->folder = inode;
    v->folder_block = number;
    return 0;
}

typedef struct found {
    uint32_t inode, length;
    const uint8_t *name;
} found;

/* The entry at *at in the block, which moves on: 1; 0: one that is none. */
static int32_t read_entry(const volume *v, uint32_t *at, found *e)
{
    const uint8_t *x = v->block + *at;
    if (v->block_bytes - *at < 8)
        return FS_E_IO;
    const uint32_t bytes = get16(x + 4);
    e->inode = get32(x);
    e->length = (v->features & HAS_FILETYPE) != 0 ? x[6] : get16(x + 6);
    e->name = x + 8;
    if (bytes < 8 || bytes % 4 != 0 || bytes > v->block_bytes - *at || e->length > bytes - 8 || e->length > FS_NAME)
        return FS_E_IO;
    *at += bytes;
    if (e->inode == 0 || e->length == 0 || (e->length <= 2 && e->name[0] == '.' && e->name[e->length - 1] == '.'))
        return 0;
    for (uint32_t i = 0; i < e->length; i++)
        if (e->name[i] == 0 || e->name[i] == '/')
            return 0; /* nobody could ask for it */
    return 1;
}

/* The next entry of a folder: 1, or 0 at the end. place: block and byte. */
static int32_t next_entry(fs *f, uint32_t inode, uint64_t *place, found *e)
{
    const volume *v = f->own;
    uint32_t count, number = (uint32_t)(*place >> 16), at = (uint32_t)*place & 0xFFFF;
    int32_t got = folder_blocks(f, inode, &count);
    for (; got >= 0 && number < count; number++, at = 0) {
        got = load_folder(f, inode, number);
        while (got >= 0 && at < v->block_bytes) {
            got = read_entry(v, &at, e);
            *place = (uint64_t)number << 16 | at;
            if (got != 0)
                return got;
        }
    }
    return got;
}

/* ---- what a file system does ---- */

static const char *refuse(uint32_t features)
{
    for (uint32_t i = 0; i < sizeof refused_features / sizeof *refused_features; i++)
        if ((features & refused_features[i].bit) != 0)
            return refused_features[i].name;
    return (features & ~known_features) != 0 ? "a feature that is not known" : NULL;
}

static bool power_of_two(uint32_t n) { return n != 0 && (n & (n - 1)) == 0; }

static int32_t lay_out(fs *f, const uint8_t *s)
{
    volume *v = f->own;
    const bool old = get32(s + 76) == 0;
    v->features = old ? 0 : get32(s + 96);
    v->shift = 10 + (get32(s + 24) & 31);
    f->refusal = refuse(v->features);
    if (f->refusal == NULL && (get32(s + 24) > 2))
        f->refusal = "a block size above 4096";
    v->inode_bytes = old ? 128 : get16(s + 88);
    if (f->refusal == NULL && power_of_two(v->inode_bytes) && v->inode_bytes > MOST_INODE)
        f->refusal = "an inode size above 1024";
    if (f->refusal != NULL)
        return FS_E_INVALID;
    const bool wide = (v->features & HAS_64BIT) != 0;
    v->checked = !old && (get32(s + 100) & HAS_CSUM) != 0;
    if (v->checked && (s[373] != 1 || get32(s + 1020) != crc(UINT32_MAX, s, 1020)))
        return FS_E_IO;
    v->seed = (v->features & HAS_SEED) != 0 ? get32(s + 624) : crc(UINT32_MAX, s + 104, 16);
    v->inodes = get32(s);
    v->group_inodes = get32(s + 40);
    v->blocks = get32(s + 4) | (wide ? (uint64_t)get32(s + 336) << 32 : 0);
    v->free = get32(s + 12) | (wide ? (uint64_t)get32(s + 344) << 32 : 0);
    v->descriptor_bytes = wide ? get16(s + 254) : 32;
    v->descriptors = (1024u >> v->shift) + 1; /* behind the block of the superblock */
    if (!power_of_two(v->inode_bytes) || v->inode_bytes < 128 || v->inode_bytes > 1u << v->shift ||
        v->group_inodes == 0 || !power_of_two(v->descriptor_bytes) || v->descriptor_bytes < (wide ? 64u : 32u) ||
        v->descriptor_bytes > FS_SECTOR || get32(s + 20) > 1 || v->blocks > f->device->sectors >> (v->shift - 9) ||
        v->free > v->blocks)
        return FS_E_IO;
    return 0;
}

static int32_t ext4_mount(fs *f, fs_node *root)
{
    volume *v = f->own;
    memset(v, 0, sizeof *v);
    node_of = NULL;
    if (f->device->sectors < 4)
        return FS_E_KIND;
    int32_t e = read_sectors(f, 2, 2, v->block);
    if (e < 0)
        return e;
    if (get16(v->block + 56) != 0xEF53)
        return FS_E_KIND;
    e = lay_out(f, v->block);
    if (e >= 0)
        e = make_node(f, ROOT_INODE, root);
    if (e >= 0 && root->kind != FS_FOLDER)
        e = FS_E_IO;
    if (e >= 0)
        f->readonly = true;
    return e;
}

static int32_t ext4_sync(fs *f)
{
    (void)f;
    return 0;
}

static int32_t ext4_space(fs *f, fs_space *space)
{
    const volume *v = f->own;
    space->bytes = v->blocks << v->shift;
    space->free = v->free << v->shift;
    return 0;
}

static int32_t ext4_find(fs *f, fs_node *folder, const uint8_t *name, uint32_t length, fs_node *n)
{
    found e;
    uint64_t place = 0;
    int32_t got;
    while ((got = next_entry(f, folder->own[0], &place, &e)) > 0)
        if (e.length == length && memcmp(e.name, name, length) == 0)
            return make_node(f, e.inode, n);
    return got < 0 ? got : FS_E_ABSENT;
}

static int32_t ext4_list(fs *f, fs_node *folder, uint64_t *place, fs_entry *out)
{
    found e;
    fs_node n;
    int32_t got = next_entry(f, folder->own[0], place, &e);
    if (got <= 0)
        return got;
    memcpy(out->name, e.name, e.length);
    out->name[e.length] = 0;
    out->length = e.length;
    got = make_node(f, e.inode, &n);
    out->kind = got < 0 ? FS_OTHER : n.kind; /* a damaged one does not hide the others */
    out->size = got < 0 ? 0 : n.size;
    return 1;
}

/* As much as goes in one move: bytes. */
static int32_t read_some(fs *f, uint64_t offset, uint32_t count, uint8_t *to)
{
    volume *v = f->own;
    const uint64_t block = offset >> v->shift;
    const int32_t e = block >= UINT32_MAX ? FS_E_IO : map(f, (uint32_t)block);
    if (e < 0)
        return e;
    const uint64_t ends = ((uint64_t)v->run_first + v->run_count) << v->shift;
    if (count > ends - offset)
        count = (uint32_t)(ends - offset);
    if (v->run_at == 0) {
        memset(to, 0, count);
        return (int32_t)count;
    }
    const uint64_t byte = (v->run_at << v->shift) + (offset - ((uint64_t)v->run_first << v->shift));
    const uint32_t in = (uint32_t)(byte % FS_SECTOR);
    if (in == 0 && count >= FS_SECTOR) {
        const int32_t got = read_sectors(f, byte / FS_SECTOR, count / FS_SECTOR, to);
        return got < 0 ? got : (int32_t)(count / FS_SECTOR * FS_SECTOR);
    }
    const int32_t got = read_sectors(f, byte / FS_SECTOR, 1, v->sector);
    if (got < 0)
        return got;
    if (count > FS_SECTOR - in)
        count = FS_SECTOR - in;
    memcpy(to, v->sector + in, count);
    return (int32_t)count;
}

static int32_t ext4_read(fs *f, fs_node *n, uint64_t offset, uint32_t count, void *to)
{
    const volume *v = f->own;
    if (offset >= n->size)
        return 0;
    if (count > n->size - offset)
        count = (uint32_t)(n->size - offset);
    if (count > 0x40000000)
        count = 0x40000000;
    const int32_t e = load_inode(f, n->own[0]);
    if (e < 0)
        return e;
    if ((v->flags & INODE_INLINE) != 0)
        return read_inline(v, offset, count, to);
    for (uint32_t got = 0; got < count;) {
        const int32_t some = read_some(f, offset + got, count - got, (uint8_t *)to + got);
        if (some < 0)
            return some;
        got += (uint32_t)some;
    }
    return (int32_t)count;
}

static int32_t ext4_release(fs *f, fs_node *n)
{
    (void)f, (void)n;
    return 0;
}

const fs_type ext4_type = {
    .name = "ext4",
    .own_bytes = sizeof(volume),
    .mount = ext4_mount,
    .sync = ext4_sync,
    .space = ext4_space,
    .find = ext4_find,
    .list = ext4_list,
    .read = ext4_read,
    .release = ext4_release,
};

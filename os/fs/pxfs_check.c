/* pxfs_check.c - looks at all of a pxFS: every block that somebody has, every node, every name, and the map. */
#include <string.h>

#include "os/fs/pxfs.h"
#include "os/fs/runs.h"

enum { PATH = 256 };

static uint32_t page[PXFS_WORDS], walk_page[PXFS_WORDS];

static const pxfs_root *now(const fs *f) { return &((const pxfs *)f->own)->now; }

/* Sets a bit; whether it was set. */
static bool mark(uint8_t *bits, uint32_t number)
{
    const uint8_t mask = (uint8_t)(1u << number % 8);
    const bool was = (bits[number / 8] & mask) != 0;
    bits[number / 8] |= mask;
    return was;
}

static bool is_marked(const uint8_t *bits, uint32_t number) { return (bits[number / 8] >> number % 8 & 1) != 0; }

/* ---- a node's path, as far as it can be told ---- */

static bool name_in(fs *f, uint32_t folder, uint32_t number, char name[PXFS_NAME + 1])
{
    fs_node n;
    if (pxfs_load_node(f, folder, &n) < 0 || n.kind != FS_FOLDER || n.own[0] > PXFS_MOST_HEIGHT)
        return false;
    for (uint32_t index = 0; index < n.size / PXFS_CONTENT && index < PXFS_GROUP * PXFS_MOST_GROUPS; index++) {
        uint32_t block;
        if (index % PXFS_GROUP == 0 || pxfs_block_of(f, n.own, index, &block) < 0 || block == 0 ||
            pxfs_load(f, block, page) < 0)
            continue;
        for (uint32_t e = 0; e < PXFS_ENTRIES; e++)
            if (page[e * PXFS_ENTRY_WORDS] == number) {
                memcpy(name, page + e * PXFS_ENTRY_WORDS + 1, PXFS_NAME);
                name[PXFS_NAME] = '\0';
                return true;
            }
    }
    return false;
}

static const char *path_of(fs *f, uint32_t number, char path[PATH])
{
    uint32_t at = PATH - 1;
    path[at] = '\0';
    for (unsigned depth = 0; number != PXFS_ROOT_NODE && depth < 16; depth++) {
        char name[PXFS_NAME + 1] = "?";
        fs_node n = {0};
        const bool known = pxfs_load_node(f, number, &n) == 0 && name_in(f, n.own[PXFS_PARENT], number, name);
        const uint32_t length = (uint32_t)strlen(name);
        if (length + 1 > at)
            break;
        at -= length;
        memcpy(path + at, name, length);
        path[--at] = '/';
        if (!known)
            break;
        number = n.own[PXFS_PARENT];
    }
    return path[at] == '\0' ? "/" : path + at;
}

static void wrong(fs *f, pxfs_check *c, const char *what, uint32_t block, uint32_t node)
{
    char path[PATH];
    if (c->wrong++ < PXFS_COMPLAINTS)
        c->complain(c, what, block, node == 0 ? "" : path_of(f, node, path));
}

/* ---- blocks ---- */

/* One that a tree has. False: what is below it is not to be looked at. */
static bool take_block(fs *f, pxfs_check *c, uint32_t block, uint32_t node)
{
    if (block < pxfs_first(now(f)->blocks) || block >= now(f)->blocks) {
        c->damaged++;
        wrong(f, c, "is no block of files", block, node);
        return false;
    }
    if (mark(c->blocks, block)) {
        c->damaged++;
        wrong(f, c, "belongs to two", block, node);
        return false;
    }
    c->used++;
    if (pxfs_used(f, block) == 0)
        wrong(f, c, "is in use, and the map has it free", block, node);
    if (pxfs_load(f, block, walk_page) == 0)
        return true;
    c->damaged++;
    wrong(f, c, "does not hold what was written there", block, node);
    return false;
}

/* All blocks from a root on; each is looked at once, whatever they say. */
static void check_root(fs *f, pxfs_check *c, uint32_t root, uint32_t height, uint32_t node)
{
    uint32_t at[PXFS_MOST_HEIGHT + 1] = {root}, place[PXFS_MOST_HEIGHT + 1] = {0}, depth = 0;
    if (root == 0 || !take_block(f, c, root, node))
        return;
    for (;;) {
        uint32_t next = PXFS_PAYLOAD;
        if (depth < height && pxfs_load(f, at[depth], walk_page) == 0)
            next = place[depth] + run_filled(walk_page + place[depth], PXFS_PAYLOAD - place[depth]);
        if (next < PXFS_PAYLOAD) {
            const uint32_t child = walk_page[next];
            place[depth] = next + 1;
            if (take_block(f, c, child, node)) {
                at[++depth] = child;
                place[depth] = 0;
            }
        } else if (depth-- == 0) {
            return;
        }
    }
}

/* False: something of it is damaged, or another's. */
static bool check_tree(fs *f, pxfs_check *c, const uint32_t *tree, uint32_t node)
{
    const uint32_t before = c->wrong;
    for (uint32_t k = 0; k < PXFS_ROOTS; k++)
        check_root(f, c, tree[1 + k], tree[0], node);
    return c->wrong == before;
}

/* ---- names ---- */

static bool is_name(const uint32_t entry[PXFS_ENTRY_WORDS])
{
    const uint8_t *name = (const uint8_t *)(entry + 1);
    uint32_t length = 0;
    while (length < PXFS_NAME && name[length] != 0) {
        if (name[length] == '/')
            return false;
        length++;
    }
    for (uint32_t i = length; i < PXFS_NAME; i++)
        if (name[i] != 0)
            return false;
    return length > 0 && !(name[0] == '.' && (length == 1 || (length == 2 && name[1] == '.')));
}

static void check_entry(fs *f, pxfs_check *c, fs_node *folder, uint32_t hash, const uint32_t entry[PXFS_ENTRY_WORDS])
{
    uint8_t name[PXFS_NAME + 1] = {0};
    const uint32_t number = entry[0], id = (uint32_t)folder->id;
    fs_node n, found;
    memcpy(name, entry + 1, PXFS_NAME);
    if (!is_name(entry)) {
        wrong(f, c, "has an entry that is no name", 0, id);
        return;
    }
    if (hash != pxfs_hash(entry + 1))
        wrong(f, c, "has a name whose hash is wrong", 0, id);
    if (pxfs_load_node(f, number, &n) < 0 || n.kind == 0 || n.links == 0) {
        wrong(f, c, "has a name that leads to nothing", 0, id);
        return;
    }
    if (c->names[number] < PXFS_MOST_LINKS)
        c->names[number]++;
    if (n.kind == FS_FOLDER && (c->names[number] > 1 || number == PXFS_ROOT_NODE))
        wrong(f, c, "has a second name", 0, number);
    if (n.own[PXFS_PARENT] != id && (n.kind == FS_FOLDER || n.own[PXFS_PARENT] != 0))
        wrong(f, c, "has its name in another folder than it says", 0, number);
    if (hash == pxfs_hash(entry + 1) &&
        (pxfs_type.find(f, folder, name, (uint32_t)strlen((char *)name), &found) < 0 || found.id != number))
        wrong(f, c, "is not found by its name", 0, number);
}

static void check_folder(fs *f, pxfs_check *c, fs_node *folder)
{
    static uint32_t hashes[PXFS_WORDS], entries[PXFS_WORDS];
    static const uint32_t nothing[PXFS_ENTRY_WORDS];
    uint32_t held = 0, block;
    for (uint32_t index = 0; index < folder->size / PXFS_CONTENT; index++) {
        uint32_t *const to = index % PXFS_GROUP == 0 ? hashes : entries;
        memset(to, 0, PXFS_BYTES);
        if (pxfs_block_of(f, folder->own, index, &block) < 0 || (block != 0 && pxfs_load(f, block, to) < 0))
            memset(to, 0, PXFS_BYTES);
        for (uint32_t e = 0; to == entries && e < PXFS_ENTRIES; e++) {
            const uint32_t hash = hashes[(index % PXFS_GROUP - 1) * PXFS_ENTRIES + e];
            const uint32_t *entry = entries + e * PXFS_ENTRY_WORDS;
            held += hash != 0;
            if (hash != 0)
                check_entry(f, c, folder, hash, entry);
            else if (memcmp(entry, nothing, sizeof nothing) != 0)
                wrong(f, c, "has an entry that is free and not empty", block, (uint32_t)folder->id);
        }
    }
    if (held == folder->own[PXFS_HELD])
        return;
    folder->own[PXFS_HELD] = held;
    if (!c->repair || pxfs_put_node(f, folder) < 0)
        wrong(f, c, "does not hold as many names as it says", 0, (uint32_t)folder->id);
}

/* ---- nodes ---- */

static bool is_sound(const fs_node *n)
{
    if ((n->kind != FS_FILE && n->kind != FS_FOLDER) || (n->kind == FS_FOLDER && n->links > 1) ||
        n->own[0] > PXFS_MOST_HEIGHT)
        return false;
    return n->kind == FS_FILE ||
           (n->size % (PXFS_GROUP * PXFS_CONTENT) == 0 && n->size / (PXFS_GROUP * PXFS_CONTENT) <= PXFS_MOST_GROUPS);
}

/* The folder above one; 0: there is none. */
static uint32_t above(fs *f, uint32_t number)
{
    fs_node folder;
    const bool is = pxfs_load_node(f, number, &folder) == 0 && folder.kind == FS_FOLDER;
    return is && folder.own[PXFS_PARENT] < now(f)->nodes ? folder.own[PXFS_PARENT] : 0;
}

/* Up to the root. Each folder is passed once, and once more if that led there: however deep they are, and if they go in
 * a circle. */
static bool is_reachable(fs *f, pxfs_check *c, const fs_node *n)
{
    const uint32_t begin = n->own[PXFS_PARENT] < now(f)->nodes ? n->own[PXFS_PARENT] : 0;
    uint32_t at = begin;
    while (at > PXFS_ROOT_NODE && !mark(c->walked, 2 * at))
        at = above(f, at);
    const bool good = at == PXFS_ROOT_NODE || (at != 0 && is_marked(c->walked, 2 * at + 1));
    for (at = begin; good && at != PXFS_ROOT_NODE && !mark(c->walked, 2 * at + 1);)
        at = above(f, at);
    return good;
}

static void check_names(fs *f, pxfs_check *c, fs_node *n, uint32_t names)
{
    const uint32_t number = (uint32_t)n->id;
    if (names == 0 || (n->own[PXFS_PARENT] != 0 && !is_reachable(f, c, n)))
        wrong(f, c, "is in no folder", 0, number);
    if (names == 0 || n->kind != FS_FILE || (names == n->links && (names == 1 || n->own[PXFS_PARENT] == 0)))
        return;
    n->links = names;
    n->own[PXFS_PARENT] = 0;
    if (!c->repair || pxfs_put_node(f, n) < 0)
        wrong(f, c, "has another number of names than it says", 0, number);
}

/* Blocks and names first, then whether each has a name. */
static void check_nodes(fs *f, pxfs_check *c)
{
    fs_node n;
    for (uint32_t number = 1; number < now(f)->nodes; number++) {
        if (pxfs_load_node(f, number, &n) < 0)
            continue;
        if (n.kind == 0) {
            c->first_free = number < c->first_free ? number : c->first_free;
            continue;
        }
        if (!is_sound(&n)) {
            c->damaged++;
            wrong(f, c, "is a node with impossible values", 0, number);
            continue;
        }
        c->orphans += n.links == 0;
        c->files += n.kind == FS_FILE;
        c->folders += n.kind == FS_FOLDER;
        const bool whole = check_tree(f, c, n.own, number);
        if (n.kind == FS_FOLDER && whole)
            check_folder(f, c, &n);
    }
    for (uint32_t number = PXFS_ROOT_NODE + 1; number < now(f)->nodes; number++)
        if (pxfs_load_node(f, number, &n) == 0 && n.kind != 0 && is_sound(&n) && n.links > 0)
            check_names(f, c, &n, c->names[number]);
}

static void check_map(fs *f, pxfs_check *c)
{
    uint32_t free = 0;
    for (uint32_t block = pxfs_first(now(f)->blocks); block < now(f)->blocks; block++) {
        const int32_t used = pxfs_used(f, block);
        free += used == 0;
        if (used < 0)
            wrong(f, c, "a block of the map is damaged", pxfs_map_block(now(f), block / PXFS_MAP_BITS), 0);
        else if (used > 0 && !is_marked(c->blocks, block))
            wrong(f, c, "is in use in the map, and nobody has it", block, 0);
        if (used < 0)
            block = (block / PXFS_MAP_BITS + 1) * PXFS_MAP_BITS - 1;
    }
    if (free != now(f)->free)
        wrong(f, c, "the root record counts other free blocks", 0, 0);
}

static void check_record(fs *f, pxfs_check *c)
{
    if (c->orphans != now(f)->orphans)
        wrong(f, c, "the root record counts other nodes without a name", 0, 0);
    if (c->first_free < now(f)->hint)
        wrong(f, c, "the root record says that no node below its hint is free", 0, 0);
}

static void begin_check(fs *f, pxfs_check *c)
{
    c->wrong = c->files = c->folders = c->used = c->damaged = c->orphans = 0;
    c->first_free = now(f)->nodes;
    (void)check_tree(f, c, now(f)->table, 0);
    check_nodes(f, c);
}

void pxfs_check_all(fs *f, pxfs_check *c)
{
    begin_check(f, c);
    check_record(f, c);
    check_map(f, c);
}

/* ---- what can be set right ---- */

/* Each block of the map goes to its other place, so that until the root record is written the old one has all of its.
 */
int32_t pxfs_repair_map(fs *f, const pxfs_check *c)
{
    pxfs_root root = *now(f);
    root.free = 0;
    root.orphans = c->orphans;
    root.hint = c->first_free < root.hint ? c->first_free : root.hint;
    for (uint32_t index = 0; index < pxfs_maps(root.blocks); index++) {
        memset(page, 0, sizeof page);
        for (uint32_t i = 0; i < PXFS_MAP_BITS; i++) {
            const uint32_t block = index * PXFS_MAP_BITS + i;
            const bool used = block < pxfs_first(root.blocks) || block >= root.blocks || is_marked(c->blocks, block);
            page[i / 32] |= (uint32_t)used << i % 32;
            root.free += !used;
        }
        root.side[index / 32] ^= UINT32_C(1) << index % 32;
        const int32_t answer = pxfs_put_block(f, pxfs_map_block(&root, index), page);
        if (answer < 0)
            return answer;
    }
    return pxfs_put_root(f, &root);
}

void pxfs_repair_counts(fs *f, pxfs_check *c)
{
    c->repair = true;
    begin_check(f, c);
}

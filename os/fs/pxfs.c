/* pxfs.c - pxFS, whose disk is pixels: os/fs/PXFS.md says what lies where. Nothing that the tree on the disk has is
 * ever written over: what changes goes to new places, and one root record makes all of it the tree. */
#include "os/fs/pxfs.h"

#include <string.h>

#include "os/fs/runs.h"

enum {
    TO_GROW = 64,  /* blocks that must be left before something is added; so there are always enough to */
    TO_SHRINK = 32 /* take something away */
};

/* One call's. */
static uint32_t leaf[PXFS_WORDS], index_page[PXFS_WORDS], walk_page[PXFS_WORDS];

static pxfs *own(const fs *f) { return f->own; }

/* A writing operation that breaks off must not become the tree. */
static int32_t failing(fs *f, int32_t answer)
{
    if (answer < 0 && own(f)->writes)
        own(f)->failed = true;
    return answer;
}

/* ---- blocks ---- */

static uint32_t key_of(uint32_t id, uint32_t block) { return id + block * UINT32_C(0x2545F491); }

static int32_t read_block(fs_device *d, uint32_t block, uint32_t words[PXFS_WORDS])
{
    return d->read(d, (uint64_t)block * PXFS_SECTORS, PXFS_SECTORS, words);
}

static int32_t write_block(fs_device *d, uint32_t id, uint32_t block, uint32_t words[PXFS_WORDS])
{
    words[PXFS_PAYLOAD] = run_seal(words, PXFS_PAYLOAD, key_of(id, block));
    return d->write(d, (uint64_t)block * PXFS_SECTORS, PXFS_SECTORS, words);
}

int32_t pxfs_load(fs *f, uint32_t block, uint32_t words[PXFS_WORDS])
{
    const pxfs_root *now = &own(f)->now;
    if (block < PXFS_FIRST_MAP || block >= now->blocks)
        return failing(f, FS_E_IO);
    const int32_t wrong = read_block(f->device, block, words);
    if (wrong < 0)
        return failing(f, wrong);
    const bool whole = words[PXFS_PAYLOAD] == run_seal(words, PXFS_PAYLOAD, key_of(now->id, block));
    return whole ? 0 : failing(f, FS_E_IO);
}

static int32_t store(fs *f, uint32_t block, uint32_t words[PXFS_WORDS])
{
    return failing(f, write_block(f->device, own(f)->now.id, block, words));
}

/* ---- the map: which blocks are in use, now and in the old tree ---- */

static bool side(const pxfs_root *root, uint32_t index) { return root->side[index / 32] >> index % 32 & 1; }

static int32_t put_map(fs *f)
{
    pxfs *p = own(f);
    const uint32_t index = p->map_index;
    if (!p->map_changed)
        return 0;
    if (side(&p->now, index) == side(&p->old, index))
        p->now.side[index / 32] ^= UINT32_C(1) << index % 32;
    p->map_changed = false;
    return store(f, pxfs_map_block(&p->now, index), p->map_now);
}

static int32_t get_map(fs *f, uint32_t index)
{
    pxfs *p = own(f);
    if (p->map_index == index)
        return 0;
    int32_t answer = put_map(f);
    p->map_index = PXFS_MAPS;
    if (answer == 0)
        answer = pxfs_load(f, pxfs_map_block(&p->now, index), p->map_now);
    if (answer == 0 && side(&p->now, index) == side(&p->old, index))
        memcpy(p->map_old, p->map_now, sizeof p->map_old);
    else if (answer == 0)
        answer = pxfs_load(f, pxfs_map_block(&p->old, index), p->map_old);
    if (answer == 0)
        p->map_index = index;
    return answer;
}

typedef struct bit {
    uint32_t word, mask;
} bit;

/* Where the map has a block, which is here then. IO: no tree has such a block. */
static int32_t find_bit(fs *f, uint32_t block, bit *b)
{
    const pxfs_root *now = &own(f)->now;
    if (block < pxfs_first(now->blocks) || block >= now->blocks)
        return failing(f, FS_E_IO);
    *b = (bit){block % PXFS_MAP_BITS / 32, UINT32_C(1) << block % PXFS_MAP_BITS % 32};
    return get_map(f, block / PXFS_MAP_BITS);
}

int32_t pxfs_used(fs *f, uint32_t block)
{
    bit b;
    const int32_t answer = find_bit(f, block, &b);
    return answer < 0 ? answer : (own(f)->map_now[b.word] & b.mask) != 0;
}

static uint32_t available(const fs *f) { return own(f)->now.free - own(f)->pending; }

/* Of a word that has one. */
static uint32_t first_clear(uint32_t word)
{
    uint32_t at = 0;
    for (uint32_t step = 16; step > 0; step /= 2)
        if ((~(word >> at) & ((UINT32_C(1) << step) - 1)) == 0)
            at += step;
    return at;
}

static int32_t take(fs *f, uint32_t *block)
{
    pxfs *p = own(f);
    const uint32_t maps = pxfs_maps(p->now.blocks);
    for (uint32_t tries = 0; tries < maps; tries++) {
        const int32_t answer = get_map(f, p->scan);
        if (answer < 0)
            return answer;
        const uint32_t word = run_room(p->map_now, p->map_old, PXFS_PAYLOAD);
        const uint32_t at = word < PXFS_PAYLOAD ? first_clear(p->map_now[word] | p->map_old[word]) : 0;
        *block = p->scan * PXFS_MAP_BITS + 32 * word + at;
        if (word < PXFS_PAYLOAD && *block < p->now.blocks && *block >= pxfs_first(p->now.blocks)) {
            p->map_now[word] |= UINT32_C(1) << at;
            p->map_changed = true;
            p->now.free--;
            return 0;
        }
        p->scan = (p->scan + 1) % maps;
    }
    return failing(f, FS_E_FULL);
}

static int32_t give(fs *f, uint32_t block)
{
    pxfs *p = own(f);
    bit b;
    const int32_t answer = find_bit(f, block, &b);
    if (answer < 0)
        return answer;
    if ((p->map_now[b.word] & b.mask) == 0)
        return failing(f, FS_E_IO); /* given twice: two trees have it */
    p->map_now[b.word] &= ~b.mask;
    p->map_changed = true;
    p->now.free++;
    p->pending += (p->map_old[b.word] & b.mask) != 0;
    return 0;
}

/* ---- trees ---- */

int32_t pxfs_block_of(fs *f, const uint32_t *tree, uint32_t index, uint32_t *block)
{
    uint32_t span = pxfs_span(tree[0]);
    *block = index / span < PXFS_ROOTS ? tree[1 + index / span] : 0;
    for (uint32_t height = tree[0]; height > 0 && *block != 0; height--) {
        const int32_t answer = pxfs_load(f, *block, index_page);
        if (answer < 0)
            return answer;
        index %= span;
        span /= PXFS_PAYLOAD;
        *block = index_page[index / span];
    }
    return 0;
}

/* One level more, its roots in a block of their own. */
static int32_t raise(fs *f, uint32_t *tree)
{
    uint32_t block = 0;
    if (run_filled(tree + 1, PXFS_ROOTS) < PXFS_ROOTS) {
        memset(index_page, 0, sizeof index_page);
        memcpy(index_page, tree + 1, 4 * PXFS_ROOTS);
        int32_t answer = take(f, &block);
        if (answer == 0)
            answer = store(f, block, index_page);
        if (answer < 0)
            return answer;
    }
    memset(tree + 1, 0, 4 * PXFS_ROOTS);
    tree[1] = block;
    tree[0]++;
    return 0;
}

/* Makes a block one that may be written; its content still is where it was, 0: it had none. */
static int32_t renew(fs *f, uint32_t *block, uint32_t *was)
{
    bit b;
    *was = *block;
    if (*block != 0) {
        const int32_t answer = find_bit(f, *block, &b);
        if (answer < 0 || (own(f)->map_old[b.word] & b.mask) == 0)
            return answer;
    }
    const int32_t answer = take(f, block);
    return answer < 0 || *was == 0 ? answer : give(f, *was);
}

/* The content of a block that was renewed. */
static int32_t load_or_clear(fs *f, uint32_t was, uint32_t words[PXFS_WORDS])
{
    if (was != 0)
        return pxfs_load(f, was, words);
    memset(words, 0, PXFS_BYTES);
    return 0;
}

/* Renews a block of a tree, and those above it. */
static int32_t touch(fs *f, uint32_t *tree, uint32_t index, uint32_t *block, uint32_t *was)
{
    int32_t answer = 0;
    while (answer == 0 && index / pxfs_span(tree[0]) >= PXFS_ROOTS)
        answer = raise(f, tree);
    if (answer < 0)
        return answer;
    uint32_t span = pxfs_span(tree[0]), *slot = tree + 1 + index / span;
    answer = renew(f, slot, was);
    *block = *slot;
    for (uint32_t height = tree[0]; answer == 0 && height > 0; height--) {
        const uint32_t above = *block, above_was = *was;
        answer = load_or_clear(f, above_was, index_page);
        if (answer < 0)
            break;
        index %= span;
        span /= PXFS_PAYLOAD;
        slot = index_page + index / span;
        const uint32_t before = *slot;
        answer = renew(f, slot, was);
        *block = *slot;
        if (answer == 0 && (above != above_was || before != *slot))
            answer = store(f, above, index_page);
    }
    return answer;
}

/* Gives a block back and all below it. Where two have one block, the second finds it given. */
static int32_t drop(fs *f, uint32_t block, uint32_t height)
{
    uint32_t at[PXFS_MOST_HEIGHT + 1] = {block}, place[PXFS_MOST_HEIGHT + 1] = {0}, depth = 0;
    if (block == 0)
        return 0;
    for (;;) {
        int32_t answer = 0;
        uint32_t next = PXFS_PAYLOAD;
        if (depth < height && place[depth] < PXFS_PAYLOAD) {
            answer = pxfs_load(f, at[depth], walk_page);
            next = place[depth] + run_filled(walk_page + place[depth], PXFS_PAYLOAD - place[depth]);
        }
        if (answer == 0 && next < PXFS_PAYLOAD) {
            place[depth] = next + 1;
            at[++depth] = walk_page[next];
            place[depth] = 0;
            continue;
        }
        if (answer == 0)
            answer = give(f, at[depth]);
        if (answer < 0 || depth-- == 0)
            return answer;
    }
}

/* Gives back the blocks from number `keep` on. */
static int32_t cut(fs *f, uint32_t *tree, uint32_t keep)
{
    uint32_t height = tree[0], span = pxfs_span(height), *slots = tree + 1, count = PXFS_ROOTS, block = 0;
    for (;;) {
        const uint32_t edge = keep / span, rest = keep % span;
        uint32_t was = 0;
        int32_t answer = 0;
        for (uint32_t k = edge + (rest != 0); answer == 0 && k < count; k++) {
            answer = drop(f, slots[k], height);
            slots[k] = 0;
        }
        const bool deeper = rest != 0 && edge < count && slots[edge] != 0;
        if (answer == 0 && deeper)
            answer = renew(f, slots + edge, &was);
        const uint32_t below = deeper ? slots[edge] : 0;
        if (answer == 0 && block != 0)
            answer = store(f, block, slots);
        if (answer == 0 && deeper)
            answer = pxfs_load(f, was, index_page);
        if (answer < 0 || !deeper)
            return answer;
        block = below;
        slots = index_page;
        count = PXFS_PAYLOAD;
        keep = rest;
        span /= PXFS_PAYLOAD;
        height--;
    }
}

/* ---- root records ---- */

bool pxfs_read_root(fs_device *d, uint32_t block, pxfs_root *root)
{
    if (read_block(d, block, leaf) < 0 || leaf[0] != PXFS_MAGIC ||
        leaf[PXFS_PAYLOAD] != run_seal(leaf, PXFS_PAYLOAD, key_of(0, block)))
        return false;
    memcpy(root, leaf + 1, sizeof *root);
    return root->blocks >= PXFS_LEAST && root->blocks <= PXFS_MOST && root->blocks <= d->sectors / PXFS_SECTORS &&
           root->table[0] <= PXFS_MOST_HEIGHT && root->free < root->blocks && root->nodes > PXFS_ROOT_NODE &&
           root->nodes <= root->blocks * PXFS_NODES;
}

static int32_t write_root(fs_device *d, const pxfs_root *root)
{
    memset(leaf, 0, sizeof leaf);
    leaf[0] = PXFS_MAGIC;
    memcpy(leaf + 1, root, sizeof *root);
    return write_block(d, 0, root->generation % 2, leaf);
}

static int32_t flush(fs *f) { return f->device->flush(f->device); }

int32_t pxfs_put_block(fs *f, uint32_t block, uint32_t words[PXFS_WORDS])
{
    return write_block(f->device, own(f)->now.id, block, words);
}

int32_t pxfs_put_root(fs *f, const pxfs_root *root)
{
    pxfs_root next = *root;
    next.generation++;
    int32_t answer = flush(f);
    if (answer == 0)
        answer = write_root(f->device, &next);
    return answer < 0 ? answer : flush(f);
}

/* From here on this tree is the one that is found. */
static int32_t commit(fs *f)
{
    pxfs *p = own(f);
    if (!p->changed)
        return 0;
    if (p->failed)
        return FS_E_IO;
    p->writes = true;
    int32_t answer = put_map(f);
    if (answer == 0)
        answer = flush(f);
    p->now.generation++;
    if (answer == 0)
        answer = write_root(f->device, &p->now);
    if (answer == 0)
        answer = flush(f);
    failing(f, answer);
    p->writes = p->changed = false;
    p->old = p->now;
    p->pending = 0;
    memcpy(p->map_old, p->map_now, sizeof p->map_old);
    return answer;
}

/* Each operation that writes is between these. */
static int32_t begin(fs *f, uint32_t needed)
{
    pxfs *p = own(f);
    if (f->readonly)
        return FS_E_READONLY;
    if (p->failed)
        return FS_E_IO;
    const int32_t answer = available(f) < needed ? commit(f) : 0;
    if (answer < 0)
        return answer;
    if (available(f) < needed)
        return FS_E_FULL;
    p->writes = p->changed = true;
    return 0;
}

static int32_t end(fs *f, int32_t answer)
{
    failing(f, answer);
    own(f)->writes = false;
    return answer;
}

/* ---- nodes ---- */

int32_t pxfs_load_node(fs *f, uint32_t number, fs_node *n)
{
    uint32_t block;
    memset(n, 0, sizeof *n);
    if (number == 0 || number >= own(f)->now.nodes)
        return failing(f, FS_E_IO);
    int32_t answer = pxfs_block_of(f, own(f)->now.table, number / PXFS_NODES, &block);
    if (answer == 0)
        answer = load_or_clear(f, block, leaf);
    if (answer < 0)
        return answer;
    const uint32_t *word = leaf + number % PXFS_NODES * PXFS_NODE_WORDS;
    n->id = number;
    n->kind = word[0] & 0xFF;
    n->links = word[0] >> 16;
    n->size = word[1];
    n->modified = (int64_t)((uint64_t)word[3] << 32 | word[2]);
    n->own[0] = word[0] >> 8 & 0xFF;
    n->own[PXFS_PARENT] = word[4];
    n->own[PXFS_HELD] = word[5];
    memcpy(n->own + 1, word + PXFS_NODE_WORDS - PXFS_ROOTS, 4 * PXFS_ROOTS);
    return 0;
}

static int32_t store_words(fs *f, uint32_t number, const uint32_t word[PXFS_NODE_WORDS])
{
    uint32_t block, was;
    int32_t answer = touch(f, own(f)->now.table, number / PXFS_NODES, &block, &was);
    if (answer == 0)
        answer = load_or_clear(f, was, leaf);
    if (answer < 0)
        return answer;
    memcpy(leaf + number % PXFS_NODES * PXFS_NODE_WORDS, word, 4 * PXFS_NODE_WORDS);
    return store(f, block, leaf);
}

static int32_t store_node(fs *f, const fs_node *n)
{
    const uint64_t modified = (uint64_t)n->modified;
    uint32_t word[PXFS_NODE_WORDS] = {n->kind | n->own[0] << 8 | n->links << 16,
                                      (uint32_t)n->size,
                                      (uint32_t)modified,
                                      (uint32_t)(modified >> 32),
                                      n->own[PXFS_PARENT],
                                      n->own[PXFS_HELD]};
    memcpy(word + PXFS_NODE_WORDS - PXFS_ROOTS, n->own + 1, 4 * PXFS_ROOTS);
    return store_words(f, (uint32_t)n->id, word);
}

static bool is_sound(const fs_node *n)
{
    const bool folder = n->kind == FS_FOLDER;
    return (folder || n->kind == FS_FILE) && n->own[0] <= PXFS_MOST_HEIGHT &&
           (!folder || (n->links <= 1 && n->size % (PXFS_GROUP * PXFS_CONTENT) == 0 &&
                        n->size / (PXFS_GROUP * PXFS_CONTENT) <= PXFS_MOST_GROUPS));
}

int32_t pxfs_put_node(fs *f, const fs_node *n)
{
    const int32_t answer = begin(f, TO_SHRINK);
    return answer < 0 ? answer : end(f, store_node(f, n));
}

/* One that a name leads to. */
static int32_t load_named(fs *f, uint32_t number, fs_node *n)
{
    const int32_t answer = pxfs_load_node(f, number, n);
    return answer < 0 ? answer : is_sound(n) && n->links > 0 ? 0 : failing(f, FS_E_IO);
}

/* A number that is nobody's. */
static int32_t new_number(fs *f, uint32_t *number)
{
    pxfs_root *now = &own(f)->now;
    for (uint32_t n = now->hint > PXFS_ROOT_NODE ? now->hint : PXFS_ROOT_NODE; n < now->nodes;) {
        uint32_t block;
        int32_t answer = pxfs_block_of(f, now->table, n / PXFS_NODES, &block);
        if (answer == 0)
            answer = load_or_clear(f, block, leaf);
        if (answer < 0)
            return answer;
        do
            if (leaf[n % PXFS_NODES * PXFS_NODE_WORDS] == 0) {
                *number = n;
                now->hint = n + 1;
                return 0;
            }
        while (++n < now->nodes && n % PXFS_NODES != 0);
    }
    if (now->nodes >= now->blocks * PXFS_NODES)
        return failing(f, FS_E_FULL);
    *number = now->nodes++;
    now->hint = now->nodes;
    return 0;
}

/* A node without a name goes, with what it holds. */
static int32_t forget(fs *f, fs_node *n)
{
    static const uint32_t nothing[PXFS_NODE_WORDS];
    pxfs_root *now = &own(f)->now;
    int32_t answer = cut(f, n->own, 0);
    if (answer == 0)
        answer = store_words(f, (uint32_t)n->id, nothing);
    if (answer < 0)
        return answer;
    now->orphans -= now->orphans > 0;
    now->hint = (uint32_t)n->id < now->hint ? (uint32_t)n->id : now->hint;
    return 0;
}

static int32_t pxfs_release(fs *f, fs_node *n)
{
    if (n->links > 0 || f->readonly)
        return 0;
    const int32_t answer = begin(f, TO_SHRINK);
    return answer < 0 ? answer : end(f, forget(f, n));
}

/* Those that lost their names before a cut of power, and were open then. */
static int32_t forget_orphans(fs *f)
{
    pxfs_root *now = &own(f)->now;
    int32_t answer = 0;
    for (uint32_t number = PXFS_ROOT_NODE; answer == 0 && now->orphans > 0 && number < now->nodes; number++) {
        fs_node n;
        answer = pxfs_load_node(f, number, &n);
        if (answer == 0 && n.kind != 0 && n.links == 0)
            answer = is_sound(&n) ? pxfs_release(f, &n) : FS_E_IO;
    }
    return answer;
}

/* ---- folders ---- */

uint32_t pxfs_hash(const uint32_t name[PXFS_ENTRY_WORDS - 1])
{
    const uint32_t hash = run_seal(name, PXFS_ENTRY_WORDS - 1, 0);
    return hash == 0 ? 1 : hash;
}

/* A name as an entry has it: filled up with 0. */
static bool name_words(const uint8_t *name, uint32_t length, uint32_t words[PXFS_ENTRY_WORDS - 1])
{
    if (length == 0 || length > PXFS_NAME)
        return false;
    memset(words, 0, PXFS_NAME);
    memcpy(words, name, length);
    return true;
}

static uint32_t groups_of(const fs_node *folder) { return (uint32_t)(folder->size / (PXFS_GROUP * PXFS_CONTENT)); }

/* An entry's place: its group, and its number there. */
typedef struct place {
    uint32_t group, entry;
} place;

static int32_t load_leaf(fs *f, const uint32_t *tree, uint32_t index)
{
    uint32_t block;
    const int32_t answer = pxfs_block_of(f, tree, index, &block);
    return answer < 0 ? answer : load_or_clear(f, block, leaf);
}

static int32_t load_entry(fs *f, const fs_node *folder, place at, uint32_t entry[PXFS_ENTRY_WORDS])
{
    const int32_t answer = load_leaf(f, folder->own, at.group * PXFS_GROUP + 1 + at.entry / PXFS_ENTRIES);
    if (answer == 0)
        memcpy(entry, leaf + at.entry % PXFS_ENTRIES * PXFS_ENTRY_WORDS, 4 * PXFS_ENTRY_WORDS);
    return answer;
}

/* All names of a group are looked at by one comparison of their hashes. */
static int32_t find_entry(fs *f, const fs_node *folder, const uint32_t *words, place *at, uint32_t *number)
{
    const uint32_t hash = pxfs_hash(words);
    uint32_t entry[PXFS_ENTRY_WORDS];
    for (at->group = 0; at->group < groups_of(folder); at->group++)
        for (at->entry = 0;; at->entry++) {
            int32_t answer = load_leaf(f, folder->own, at->group * PXFS_GROUP);
            if (answer < 0)
                return answer;
            at->entry += run_find(leaf + at->entry, PXFS_PAYLOAD - at->entry, hash);
            if (at->entry >= PXFS_PAYLOAD)
                break;
            answer = load_entry(f, folder, *at, entry);
            if (answer < 0)
                return answer;
            *number = entry[0];
            if (memcmp(entry + 1, words, PXFS_NAME) == 0)
                return 0;
        }
    return FS_E_ABSENT;
}

static int32_t free_entry(fs *f, fs_node *folder, place *at)
{
    for (at->group = 0; at->group < groups_of(folder); at->group++) {
        const int32_t answer = load_leaf(f, folder->own, at->group * PXFS_GROUP);
        if (answer < 0)
            return answer;
        at->entry = run_find(leaf, PXFS_PAYLOAD, 0);
        if (at->entry < PXFS_PAYLOAD)
            return 0;
    }
    at->entry = 0;
    if (at->group == PXFS_MOST_GROUPS)
        return FS_E_FULL;
    folder->size += PXFS_GROUP * PXFS_CONTENT;
    return 0;
}

static int32_t put_words(fs *f, fs_node *folder, uint32_t index, uint32_t at, const uint32_t *words, uint32_t count)
{
    uint32_t block, was;
    int32_t answer = touch(f, folder->own, index, &block, &was);
    if (answer == 0)
        answer = load_or_clear(f, was, leaf);
    if (answer < 0)
        return answer;
    memcpy(leaf + at, words, (size_t)4 * count);
    return store(f, block, leaf);
}

static int32_t put_entry(fs *f, fs_node *folder, place at, uint32_t hash, const uint32_t entry[PXFS_ENTRY_WORDS])
{
    const uint32_t first = at.group * PXFS_GROUP;
    const int32_t answer = put_words(f, folder, first, at.entry, &hash, 1);
    return answer < 0 ? answer
                      : put_words(f, folder, first + 1 + at.entry / PXFS_ENTRIES,
                                  at.entry % PXFS_ENTRIES * PXFS_ENTRY_WORDS, entry, PXFS_ENTRY_WORDS);
}

static int32_t add_name(fs *f, fs_node *folder, const uint32_t *words, uint32_t number)
{
    uint32_t entry[PXFS_ENTRY_WORDS] = {number};
    place at;
    memcpy(entry + 1, words, PXFS_NAME);
    int32_t answer = free_entry(f, folder, &at);
    if (answer == 0)
        answer = put_entry(f, folder, at, pxfs_hash(words), entry);
    folder->own[PXFS_HELD]++;
    folder->modified = f->now;
    return answer < 0 ? answer : store_node(f, folder);
}

static int32_t take_name(fs *f, fs_node *folder, place at)
{
    static const uint32_t nothing[PXFS_ENTRY_WORDS];
    const int32_t answer = put_entry(f, folder, at, 0, nothing);
    folder->own[PXFS_HELD] -= folder->own[PXFS_HELD] > 0;
    folder->modified = f->now;
    return answer < 0 ? answer : store_node(f, folder);
}

static int32_t lose_link(fs *f, fs_node *n)
{
    own(f)->now.orphans += --n->links == 0;
    return store_node(f, n);
}

/* ---- what fs.h wants ---- */

static int32_t pxfs_mount(fs *f, fs_node *root)
{
    pxfs *p = f->own;
    pxfs_root other;
    memset(p, 0, sizeof *p);
    p->map_index = PXFS_MAPS;
    const bool first = pxfs_read_root(f->device, 0, &p->now), magic = leaf[0] == PXFS_MAGIC;
    const bool second = pxfs_read_root(f->device, 1, &other);
    if (!first && !second)
        return magic || leaf[0] == PXFS_MAGIC ? FS_E_IO : FS_E_KIND;
    if (second && (!first || (int32_t)(other.generation - p->now.generation) > 0))
        p->now = other;
    p->old = p->now;
    f->readonly = f->readonly || f->device->readonly;
    int32_t answer = 0;
    if (p->now.orphans > 0 && !f->readonly)
        answer = forget_orphans(f);
    if (answer == 0)
        answer = load_named(f, PXFS_ROOT_NODE, root);
    return answer < 0 ? answer : root->kind == FS_FOLDER ? 0 : FS_E_IO;
}

static int32_t pxfs_sync(fs *f)
{
    if (own(f)->failed)
        return FS_E_IO;
    return own(f)->changed ? commit(f) : flush(f);
}

static int32_t pxfs_space(fs *f, fs_space *space)
{
    const pxfs_root *now = &own(f)->now;
    space->bytes = (uint64_t)(now->blocks - pxfs_first(now->blocks)) * PXFS_CONTENT;
    space->free = now->free > TO_GROW ? (uint64_t)(now->free - TO_GROW) * PXFS_CONTENT : 0;
    return 0;
}

static int32_t pxfs_find(fs *f, fs_node *folder, const uint8_t *name, uint32_t length, fs_node *found)
{
    uint32_t words[PXFS_ENTRY_WORDS - 1], number;
    place at;
    if (!name_words(name, length, words))
        return FS_E_ABSENT;
    int32_t answer = find_entry(f, folder, words, &at, &number);
    if (answer == 0)
        answer = load_named(f, number, found);
    return answer < 0 ? answer
           : found->own[PXFS_PARENT] == folder->id || (found->kind == FS_FILE && found->own[PXFS_PARENT] == 0)
               ? 0
               : failing(f, FS_E_IO); /* or folders could go in a circle */
}

static int32_t pxfs_list(fs *f, fs_node *folder, uint64_t *where, fs_entry *e)
{
    uint32_t entry[PXFS_ENTRY_WORDS];
    fs_node n;
    place at = {(uint32_t)*where / PXFS_PAYLOAD, (uint32_t)*where % PXFS_PAYLOAD};
    for (; at.group < groups_of(folder); at.group++, at.entry = 0) {
        int32_t answer = load_leaf(f, folder->own, at.group * PXFS_GROUP);
        if (answer < 0)
            return answer;
        at.entry += run_filled(leaf + at.entry, PXFS_PAYLOAD - at.entry);
        if (at.entry >= PXFS_PAYLOAD)
            continue;
        *where = at.group * PXFS_PAYLOAD + at.entry + 1;
        answer = load_entry(f, folder, at, entry);
        if (answer == 0)
            answer = load_named(f, entry[0], &n);
        if (answer < 0)
            return answer;
        memset(e->name, 0, sizeof e->name);
        memcpy(e->name, entry + 1, PXFS_NAME);
        for (e->length = 0; e->name[e->length] != 0;)
            e->length++;
        e->kind = n.kind;
        e->size = n.size;
        return e->length > 0 ? 1 : FS_E_IO;
    }
    *where = (uint64_t)at.group * PXFS_PAYLOAD;
    return 0;
}

static int32_t pxfs_read(fs *f, fs_node *file, uint64_t offset, uint32_t count, void *to)
{
    if (offset >= file->size)
        return 0;
    if (count > file->size - offset)
        count = (uint32_t)(file->size - offset);
    for (uint32_t done = 0; done < count;) {
        const uint32_t at = (uint32_t)offset + done, within = at % PXFS_CONTENT, left = count - done;
        const uint32_t now = left < PXFS_CONTENT - within ? left : PXFS_CONTENT - within;
        const int32_t answer = load_leaf(f, file->own, at / PXFS_CONTENT);
        if (answer < 0)
            return done > 0 ? (int32_t)done : answer;
        memcpy((uint8_t *)to + done, (const uint8_t *)leaf + within, now);
        done += now;
    }
    return (int32_t)count;
}

static int32_t pxfs_block(fs *f, const fs_node *folder, uint32_t index, const uint32_t **words)
{
    *words = leaf;
    if (folder == NULL && index > (own(f)->now.nodes - 1) / PXFS_NODES)
        return FS_E_IO;
    return load_leaf(f, folder == NULL ? own(f)->now.table : folder->own, index);
}

/* To be written, it must be so that nobody would be told FULL, and nothing is committed before poke: `leaf` stays. */
static int32_t pxfs_peek(fs *f, fs_node *file, uint32_t offset, bool to_write, uint8_t **piece, uint32_t *begin)
{
    const uint32_t first = offset / PXFS_CONTENT * PXFS_CONTENT;
    const bool can = to_write ? !f->readonly && !own(f)->failed && available(f) >= 2 * TO_GROW &&
                                    first <= PXFS_MOST_SIZE - PXFS_CONTENT
                              : offset < file->size;
    const int32_t answer = can ? load_leaf(f, file->own, offset / PXFS_CONTENT) : 0;
    if (answer < 0 || !can)
        return answer;
    *piece = (uint8_t *)leaf;
    *begin = first;
    return !to_write && file->size - first < PXFS_CONTENT ? (int32_t)(file->size - first) : PXFS_CONTENT;
}

static int32_t pxfs_poke(fs *f, fs_node *file, uint32_t offset, uint32_t end_of)
{
    uint32_t block, was;
    int32_t answer = begin(f, TO_GROW);
    if (answer < 0)
        return answer;
    answer = touch(f, file->own, offset / PXFS_CONTENT, &block, &was);
    if (answer == 0)
        answer = store(f, block, leaf);
    file->modified = f->now;
    file->size = file->size < end_of ? end_of : file->size;
    return end(f, answer < 0 ? answer : store_node(f, file));
}

/* Part of a block. */
static int32_t put_bytes(fs *f, fs_node *file, uint32_t offset, const uint8_t *from, uint32_t count)
{
    uint32_t block, was;
    int32_t answer = touch(f, file->own, offset / PXFS_CONTENT, &block, &was);
    if (answer == 0)
        answer = load_or_clear(f, count == PXFS_CONTENT ? 0 : was, leaf);
    if (answer < 0)
        return answer;
    memcpy((uint8_t *)leaf + offset % PXFS_CONTENT, from, count);
    return store(f, block, leaf);
}

static int32_t pxfs_write(fs *f, fs_node *file, uint64_t offset, uint32_t count, const void *from)
{
    int32_t answer = begin(f, TO_GROW);
    uint32_t done = 0;
    if (answer < 0)
        return answer;
    if (offset >= PXFS_MOST_SIZE)
        return end(f, 0), FS_E_FULL;
    if (count > PXFS_MOST_SIZE - offset)
        count = (uint32_t)(PXFS_MOST_SIZE - offset);
    file->modified = f->now;
    while (answer == 0 && done < count) {
        const uint32_t at = (uint32_t)offset + done, left = count - done, room = PXFS_CONTENT - at % PXFS_CONTENT;
        const uint32_t now = left < room ? left : room;
        if (available(f) < TO_GROW) {
            answer = end(f, store_node(f, file));
            if (answer == 0)
                answer = begin(f, TO_GROW);
            if (answer < 0)
                return done > 0 ? (int32_t)done : answer;
        }
        answer = put_bytes(f, file, at, (const uint8_t *)from + done, now);
        if (answer < 0)
            break;
        done += now;
        if (at + now > file->size)
            file->size = at + now;
    }
    if (answer == 0)
        answer = store_node(f, file);
    return end(f, answer) < 0 ? answer : (int32_t)done;
}

/* What is behind a file's end is 0, so that it may grow again. */
static int32_t clear_rest(fs *f, fs_node *file)
{
    const uint32_t within = (uint32_t)(file->size % PXFS_CONTENT), index = (uint32_t)(file->size / PXFS_CONTENT);
    uint32_t block, was;
    int32_t answer = within == 0 ? 0 : pxfs_block_of(f, file->own, index, &block);
    if (answer < 0 || within == 0 || block == 0)
        return answer;
    answer = touch(f, file->own, index, &block, &was);
    if (answer == 0)
        answer = load_or_clear(f, was, leaf);
    if (answer < 0)
        return answer;
    memset((uint8_t *)leaf + within, 0, PXFS_CONTENT - within);
    return store(f, block, leaf);
}

static int32_t pxfs_resize(fs *f, fs_node *file, uint64_t size)
{
    if (size > PXFS_MOST_SIZE)
        return FS_E_FULL;
    const bool shorter = size < file->size;
    int32_t answer = begin(f, TO_SHRINK);
    if (answer < 0)
        return answer;
    file->size = size;
    file->modified = f->now;
    if (shorter)
        answer = cut(f, file->own, (uint32_t)((size + PXFS_CONTENT - 1) / PXFS_CONTENT));
    if (answer == 0 && shorter)
        answer = clear_rest(f, file);
    if (size == 0)
        file->own[0] = 0;
    return end(f, answer < 0 ? answer : store_node(f, file));
}

static bool is_full(const fs_node *folder)
{
    return folder->own[PXFS_HELD] >= PXFS_MOST_GROUPS * PXFS_PAYLOAD && groups_of(folder) == PXFS_MOST_GROUPS;
}

/* The words of a name that a folder has not, and has room for. */
static int32_t free_name(fs *f, fs_node *folder, const uint8_t *name, uint32_t length,
                         uint32_t words[PXFS_ENTRY_WORDS - 1])
{
    uint32_t number;
    place at;
    if (!name_words(name, length, words))
        return FS_E_NAME;
    const int32_t answer = find_entry(f, folder, words, &at, &number);
    if (answer != FS_E_ABSENT)
        return answer < 0 ? answer : FS_E_EXISTS;
    return is_full(folder) ? FS_E_FULL : 0;
}

static int32_t pxfs_create(fs *f, fs_node *folder, const uint8_t *name, uint32_t length, uint32_t kind, fs_node *made)
{
    uint32_t words[PXFS_ENTRY_WORDS - 1], number = 0;
    int32_t answer = free_name(f, folder, name, length, words);
    if (answer == 0)
        answer = begin(f, TO_GROW);
    if (answer < 0)
        return answer;
    answer = new_number(f, &number);
    memset(made, 0, sizeof *made);
    made->id = number;
    made->kind = kind;
    made->links = 1;
    made->modified = f->now;
    made->own[PXFS_PARENT] = (uint32_t)folder->id;
    if (answer == 0)
        answer = store_node(f, made);
    return end(f, answer < 0 ? answer : add_name(f, folder, words, number));
}

static int32_t pxfs_remove(fs *f, fs_node *folder, const uint8_t *name, uint32_t length, fs_node *node)
{
    uint32_t words[PXFS_ENTRY_WORDS - 1], number;
    place at;
    if (!name_words(name, length, words))
        return FS_E_ABSENT;
    if (node->kind == FS_FOLDER && node->own[PXFS_HELD] > 0)
        return FS_E_KIND;
    int32_t answer = find_entry(f, folder, words, &at, &number);
    if (answer < 0 || number != node->id)
        return answer < 0 ? answer : FS_E_ABSENT;
    answer = begin(f, TO_SHRINK);
    if (answer < 0)
        return answer;
    answer = take_name(f, folder, at);
    return end(f, answer < 0 ? answer : lose_link(f, node));
}

static int32_t pxfs_rename(fs *f, fs_node *from, const uint8_t *name, uint32_t length, fs_node *moved, fs_node *to,
                           const uint8_t *target, uint32_t target_length, fs_node *replaced)
{
    uint32_t words[PXFS_ENTRY_WORDS - 1], target_words[PXFS_ENTRY_WORDS - 1], number, other;
    place at, target_at;
    if (!name_words(name, length, words))
        return FS_E_ABSENT;
    if (!name_words(target, target_length, target_words))
        return FS_E_NAME;
    if (replaced != NULL && replaced->kind == FS_FOLDER && replaced->own[PXFS_HELD] > 0)
        return FS_E_KIND;
    int32_t answer = find_entry(f, from, words, &at, &number);
    if (answer == 0 && replaced != NULL)
        answer = find_entry(f, to, target_words, &target_at, &other);
    if (answer == 0 && (number != moved->id || (replaced != NULL && other != replaced->id)))
        answer = FS_E_ABSENT;
    if (answer == 0 && replaced == NULL && from->id != to->id && is_full(to))
        answer = FS_E_FULL;
    if (answer == 0)
        answer = begin(f, TO_GROW);
    if (answer < 0)
        return answer;
    if (replaced != NULL)
        answer = take_name(f, to, target_at);
    if (answer == 0 && replaced != NULL)
        answer = lose_link(f, replaced);
    if (answer == 0)
        answer = take_name(f, from, at);
    if (answer == 0)
        answer = add_name(f, to, target_words, number);
    if (moved->own[PXFS_PARENT] != 0)
        moved->own[PXFS_PARENT] = (uint32_t)to->id;
    return end(f, answer < 0 ? answer : store_node(f, moved));
}

/* Which folder a file of several names is in is not told from then on. */
static int32_t pxfs_link(fs *f, fs_node *file, fs_node *folder, const uint8_t *name, uint32_t length)
{
    uint32_t words[PXFS_ENTRY_WORDS - 1];
    int32_t answer = free_name(f, folder, name, length, words);
    if (answer == 0 && (file->links == 0 || file->links == PXFS_MOST_LINKS))
        answer = file->links == 0 ? FS_E_ABSENT : FS_E_FULL;
    if (answer == 0)
        answer = begin(f, TO_GROW);
    if (answer < 0)
        return answer;
    file->links++;
    file->own[PXFS_PARENT] = 0;
    answer = store_node(f, file);
    return end(f, answer < 0 ? answer : add_name(f, folder, words, (uint32_t)file->id));
}

const fs_type pxfs_type = {.name = "pxfs",
                           .own_bytes = sizeof(pxfs),
                           .mount = pxfs_mount,
                           .sync = pxfs_sync,
                           .space = pxfs_space,
                           .find = pxfs_find,
                           .list = pxfs_list,
                           .read = pxfs_read,
                           .block = pxfs_block,
                           .peek = pxfs_peek,
                           .poke = pxfs_poke,
                           .write = pxfs_write,
                           .resize = pxfs_resize,
                           .create = pxfs_create,
                           .remove = pxfs_remove,
                           .rename = pxfs_rename,
                           .link = pxfs_link,
                           .release = pxfs_release,
                           .barriers = true};
_Static_assert(sizeof(pxfs) <= FS_OWN_MOST, "a mount has no more room");

/* ---- a new one ---- */

static int32_t make_map(fs_device *d, const pxfs_root *root)
{
    for (uint32_t index = 0; index < pxfs_maps(root->blocks); index++) {
        memset(leaf, 0, sizeof leaf);
        for (uint32_t i = 0; i < PXFS_MAP_BITS; i++) {
            const uint32_t block = index * PXFS_MAP_BITS + i;
            if (block <= pxfs_first(root->blocks) || block >= root->blocks)
                leaf[i / 32] |= UINT32_C(1) << i % 32;
        }
        const int32_t answer = write_block(d, root->id, pxfs_map_block(root, index), leaf);
        if (answer < 0)
            return answer;
    }
    return 0;
}

int32_t pxfs_make(fs_device *d, uint32_t id, int64_t now)
{
    const uint64_t all = d->sectors / PXFS_SECTORS;
    const uint32_t blocks = all > PXFS_MOST ? PXFS_MOST : (uint32_t)all, first = pxfs_first(blocks);
    if (all < PXFS_LEAST)
        return FS_E_FULL;
    const pxfs_root root = {.id = id,
                            .generation = 1,
                            .blocks = blocks,
                            .free = blocks - first - 1,
                            .nodes = PXFS_ROOT_NODE + 1,
                            .hint = PXFS_ROOT_NODE + 1,
                            .table = {0, first}};
    memset(leaf, 0, sizeof leaf); /* no old root must be found, whatever happens */
    int32_t answer = d->write(d, 0, PXFS_SECTORS, leaf);
    if (answer == 0)
        answer = d->write(d, PXFS_SECTORS, PXFS_SECTORS, leaf);
    if (answer == 0)
        answer = d->flush(d);
    uint32_t *node = leaf + PXFS_ROOT_NODE * PXFS_NODE_WORDS;
    node[0] = FS_FOLDER | 1 << 16;
    node[2] = (uint32_t)now;
    node[3] = (uint32_t)((uint64_t)now >> 32);
    node[4] = PXFS_ROOT_NODE;
    if (answer == 0)
        answer = write_block(d, id, first, leaf);
    if (answer == 0)
        answer = make_map(d, &root);
    if (answer == 0)
        answer = d->flush(d);
    if (answer == 0)
        answer = write_root(d, &root);
    return answer < 0 ? answer : d->flush(d);
}

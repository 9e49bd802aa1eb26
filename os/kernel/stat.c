/* stat.c - STAT and FSTAT of many processes in one round. Names in one folder of a pxFS (os/fs/PXFS.md) are looked up
 * side by side: words of all names are hashed by the same instructions, each entry of the folder is compared with all
 * hashes, and what they find with the names themselves, a block of entries at once; likewise nodes. A name that does
 * not stand as it is written, is a mount's, or leads to damage is left to files.c.
 *
 * In the table's runs, for each caller:  t.from    where the answer's words go, in the slots
 *                                        t.pipe    the byte address of its text, t.count its length
 *                                        t.several the name's hash; then its node, 0: none
 *                                        t.place   where its entry is: ENTRY of block and number there, 0: nowhere */
#include "os/fs/pxfs.h"
#include "os/fs/runs.h"
#include "os/fs/vfs.h"
#include "os/kernel/many.h"

enum {
    NAME_WORDS = PXFS_ENTRY_WORDS - 1,
    ENTRY_BITS = 5,        /* numbers of entries in a block */
    NAMES_FOR_EACH = 1024, /* of a folder, so many at most: then it is cheaper to look for each by itself */
    GROUP_BYTES = PXFS_GROUP * PXFS_CONTENT,
    ABOUT_WORDS = sizeof(pxo_stat) / 4
};

/* ---- words of texts ---- */

/* The four bytes of each text from its byte `at` on, whatever is there: t.word. */
static void look_at(const uint32_t *text, uint32_t at)
{
    px_vadd_vx(t.index, text, at);
    px_vand_vx(t.other, t.index, 3);
    px_vshl_vx(t.other, t.other, 3);
    px_vshr_vx(t.index, t.index, 2);
    px_vsub_vx(t.index, t.index, PXO_ADDRESS(slots) >> 2);
    get_words(t.word, t.index);
    px_vadd_vx(t.index, t.index, 1);
    get_words(t.old, t.index);
    px_vshr_vv(t.word, t.word, t.other);
    px_vxor_vx(t.other, t.other, 31); /* a shift by 32 would be one by 0 */
    px_vshl_vx(t.old, t.old, 1);
    px_vshl_vv(t.old, t.old, t.other);
    px_vor_vv(t.word, t.word, t.old);
}

/* Word k of names, as entries have it: filled up with 0. t.other: the bits that are the name's. */
static void look_at_name(const uint32_t *text, const uint32_t *length, uint32_t k)
{
    static const uint32_t bits[] = {0, 0xFF, 0xFFFF, 0xFFFFFF, 0xFFFFFFFF};
    look_at(text, 4 * k);
    px_vsub_vx(t.index, length, 4 * k);
    px_vmax_vx(t.index, t.index, 0);
    px_vmin_vx(t.index, t.index, 4);
    px_gather(t.other, bits, 5, t.index);
    px_vand_vv(t.word, t.word, t.other);
}

/* Who has a byte 0 in t.old is not good. (x - 1) & ~x has the top bit of such a byte, and none if there is none. */
static void refuse_zeros(void)
{
    px_vsub_vx(t.index, t.old, 0x01010101);
    px_vxor_vx(t.scratch, t.old, 0xFFFFFFFF);
    px_vand_vv(t.index, t.index, t.scratch);
    px_vand_vx(t.index, t.index, 0x80808080);
    refuse(t.index);
}

/* A word of a name has no byte 0 and no '/', and the name is not "." and "..". */
static void check_name(uint32_t k)
{
    px_vxor_vx(t.old, t.other, 0xFFFFFFFF);
    px_vor_vv(t.old, t.old, t.word);
    refuse_zeros();
    px_vxor_vx(t.old, t.old, '/' * UINT32_C(0x01010101));
    refuse_zeros();
    for (uint32_t dots = '.'; k == 0 && dots <= ('.' << 8 | '.'); dots = dots << 8 | '.') {
        px_vseq_vx(t.index, t.word, dots);
        refuse(t.index);
    }
}

/* The sums of os/fs/PXFS.md section 1, of names of so many words at most. */
static void hash_names(uint32_t words)
{
    uint32_t rest = 0; /* of words that are 0 in all names */
    px_fill(t.several, 0);
    for (uint32_t k = 0; k < words; k++) {
        look_at_name(t.pipe, t.count, k);
        check_name(k);
        px_vxor_vx(t.word, t.word, k * RUN_STEP);
        px_vmul_vx(t.word, t.word, RUN_FIRST);
        px_vshr_vx(t.index, t.word, RUN_SHIFT);
        px_vxor_vv(t.word, t.word, t.index);
        px_vadd_vv(t.several, t.several, t.word);
    }
    for (uint32_t k = words; k < NAME_WORDS; k++) {
        const uint32_t mixed = k * RUN_STEP * RUN_FIRST;
        rest += mixed ^ mixed >> RUN_SHIFT;
    }
    px_vadd_vx(t.several, t.several, rest);
    px_vmul_vx(t.several, t.several, RUN_SECOND);
    px_vseq_vx(t.word, t.several, 0);
    px_vadd_vv(t.several, t.several, t.word);
}

/* ---- who asks for names in the same folder ---- */

static uint32_t list_stats(uint32_t count)
{
    uint32_t *const words[] = {t.pipe, t.count, t.from};
    if (list_callers(count, PXO_STAT) == 0)
        return 0;
    px_gather(t.word, t.request, count, t.some);
    px_vand_vx(t.word, t.word, 0xFFFFFF);
    refuse(t.word);
    px_gather(t.index, t.argument, count, t.some);
    check_words(t.index, sizeof(pxo_told));
    for (unsigned k = 0; k < 3; k++) {
        get_words(words[k], t.index);
        px_vadd_vx(t.index, t.index, 1);
    }
    check_words(t.from, sizeof(pxo_stat));
    px_vsub_vx(t.word, t.count, 1);
    px_vsltu_vx(t.word, t.word, VFS_PATH - 1);
    demand(t.word);
    check_bytes(t.pipe, t.count);
    keep(t.some), keep(t.caller), keep(t.from), keep(t.pipe), keep(t.count);
    return px_sum(t.good);
}

/* Keeps those whose names begin as this text, up to a name that may be a pxFS's, from the same folder on. Of so many of
 * the list; how many. t.good says who. */
static uint32_t keep_prefixed(const char *text, uint32_t prefix)
{
    px_fill(t.good, 1);
    if (prefix == 0 || text[0] != '/') {
        px_gather(t.word, t.folder, columns, t.caller);
        px_vseq_vx(t.word, t.word, t.folder[t.caller[0]]);
        demand(t.word);
    }
    px_vsub_vx(t.word, t.count, prefix + 1);
    px_vsltu_vx(t.word, t.word, PXFS_NAME);
    demand(t.word);
    for (uint32_t at = 0; at < prefix; at += 4) {
        look_at(t.pipe, at);
        px_vxor_vx(t.word, t.word, t.word[0]);
        if (prefix - at < 4)
            px_vand_vx(t.word, t.word, (UINT32_C(1) << 8 * (prefix - at)) - 1);
        refuse(t.word);
    }
    const uint32_t some = px_sum(t.good);
    if (some < OS_MANY)
        return some;
    keep(t.some), keep(t.from), keep(t.pipe), keep(t.count);
    px_vl(some);
    px_vadd_vx(t.pipe, t.pipe, prefix);
    px_vsub_vx(t.count, t.count, prefix);
    return some;
}

/* Who is not good is to be served by itself; how many are left of the list. */
static uint32_t keep_good(uint32_t count)
{
    const uint32_t some = px_get_vl(), left = px_sum(t.good);
    if (left < some) {
        px_vxor_vx(t.word, t.good, 1);
        px_pack(t.caller, t.some, t.word);
        px_vl(some - left);
        px_fill(t.word, 0);
        aim(t.caller);
        put_at(t.left, count, t.caller, t.word);
        px_vl(some);
        keep(t.some), keep(t.from), keep(t.pipe), keep(t.count), keep(t.several);
        px_vl(left);
    }
    return left;
}

/* A name that something is mounted at, in the folder of this path, is not good. */
static void refuse_mounts(const char *path, uint32_t some)
{
    const char *at, *type;
    bool readonly;
    for (uint32_t number = 0; vfs_mounted(number, &at, &type, &readonly); number++) {
        uint32_t name[NAME_WORDS] = {0}, all = 0, cut = 0, same = 0;
        for (; at[all] != '\0'; all++)
            cut = at[all] == '/' ? all : cut;
        while (same < cut && path[same] == at[same])
            same++;
        if (same < cut || all - cut - 1 - 1 >= PXFS_NAME || (path[cut] != '\0' && !(cut == 0 && path[1] == '\0')))
            continue;
        memcpy(name, at + cut + 1, all - cut - 1);
        const uint32_t hash = pxfs_hash(name);
        px_vl(some);
        px_vseq_vx(t.word, t.several, hash);
        refuse(t.word);
    }
}

/* ---- entries and nodes ---- */

/* Those of the list that are good, side by side: their numbers in it, in t.caller, and two runs of theirs. */
static uint32_t part(const uint32_t *first, const uint32_t *second)
{
    px_pack(t.caller, t.column, t.good);
    px_pack(t.slot, first, t.good);
    px_pack(t.number, second, t.good);
    return px_sum(t.good);
}

/* Compares all hashes with all entries of a folder. Two that are the same lead to a third, and the name tells. */
static bool find_entries(vfs_folder *f, uint32_t some, uint32_t groups)
{
    static uint32_t filled[PXFS_PAYLOAD];
    px_vl(some);
    px_fill(t.place, 0);
    for (uint32_t group = 0; group < groups; group++) {
        const uint32_t first = group * PXFS_GROUP + 1, *hash;
        if (vfs_block(f, true, first - 1, &hash) < 0)
            return false;
        px_vl(PXFS_PAYLOAD);
        px_iota(filled, 0, 1);
        const uint32_t entries = (uint32_t)(px_pack(filled, filled, hash) - (px_pixel *)filled);
        px_vl(some);
        for (uint32_t i = 0; i < entries; i++) {
            const uint32_t e = filled[i];
            px_vseq_vx(t.word, t.several, hash[e]);
            px_vmul_vx(t.word, t.word, (first + e / PXFS_ENTRIES) << ENTRY_BITS | e % PXFS_ENTRIES);
            px_vadd_vv(t.place, t.place, t.word);
        }
    }
    return true;
}

/* Names of the list's part, compared with their entries in this block: the nodes, in t.word, 0 where the name is
 * another. */
static void match(const uint32_t *block, uint32_t words)
{
    px_vand_vx(t.bytes_of, t.bytes_of, (1 << ENTRY_BITS) - 1);
    px_vmul_vx(t.bytes_of, t.bytes_of, PXFS_ENTRY_WORDS);
    px_fill(t.good, 1);
    for (uint32_t k = 0; k < NAME_WORDS; k++) {
        px_vadd_vx(t.bytes_of, t.bytes_of, 1);
        px_gather(t.scratch, block, PXFS_PAYLOAD, t.bytes_of);
        if (k < words) {
            look_at_name(t.slot, t.number, k);
            px_vxor_vv(t.scratch, t.scratch, t.word);
        }
        refuse(t.scratch);
    }
    px_vsub_vx(t.bytes_of, t.bytes_of, NAME_WORDS);
    px_gather(t.word, block, PXFS_PAYLOAD, t.bytes_of);
    px_vmul_vv(t.word, t.word, t.good);
}

/* From entries to nodes, a block of entries at once. */
static bool find_nodes(vfs_folder *f, uint32_t some, uint32_t groups, uint32_t words)
{
    px_fill(t.several, 0);
    for (uint32_t block = 1; block < groups * PXFS_GROUP; block++) {
        const uint32_t *entries;
        px_vl(some);
        px_vshr_vx(t.good, t.place, ENTRY_BITS);
        px_vseq_vx(t.good, t.good, block);
        if (px_sum(t.good) == 0)
            continue;
        const uint32_t these = part(t.pipe, t.count);
        px_pack(t.bytes_of, t.place, t.good);
        if (vfs_block(f, true, block, &entries) < 0)
            return false;
        px_vl(these);
        match(entries, words);
        aim(t.caller);
        put_at(t.several, some, t.caller, t.word);
    }
    px_vl(some);
    return true;
}

/* A folder's size is that of its groups: 255 of words, which have an inverse, and a power of 2. Of who has 1 in
 * `folder`. */
static void check_size(const uint32_t *block, const uint32_t *folder)
{
    enum { UNIT = GROUP_BYTES / PXFS_PAYLOAD };
    px_vadd_vx(t.index, t.bytes_of, 1);
    px_gather(t.word, block, PXFS_PAYLOAD, t.index);
    px_vmul_vx(t.word, t.word, 0xFEFEFEFF); /* 1 / 255 modulo 2^32 */
    px_vmul_vv(t.word, t.word, folder);
    px_vand_vx(t.index, t.word, UNIT - 1);
    refuse(t.index);
    px_vsltu_vx(t.word, t.word, PXFS_MOST_GROUPS * UNIT + 1);
    demand(t.word);
}

/* Nodes of the list's part, whose first words are at t.bytes_of in this block, are sound, and of this folder. Leaves
 * their first words in t.scratch, kinds in t.other. */
static void check_nodes(const uint32_t *block, uint32_t folder)
{
    px_gather(t.scratch, block, PXFS_PAYLOAD, t.bytes_of);
    px_vand_vx(t.other, t.scratch, 0xFF);
    px_fill(t.good, 1);
    px_vsub_vx(t.word, t.other, FS_FILE);
    px_vsltu_vx(t.word, t.word, FS_FOLDER - FS_FILE + 1);
    demand(t.word);
    px_vand_vx(t.word, t.scratch, 0xFF00);
    px_vsltu_vx(t.word, t.word, (PXFS_MOST_HEIGHT + 1) << 8);
    demand(t.word);
    px_vshr_vx(t.index, t.scratch, 16);
    px_vseq_vx(t.word, t.index, 0);
    refuse(t.word); /* without a name */
    px_vseq_vx(t.old, t.other, FS_FOLDER);
    px_vsub_vx(t.index, t.index, 1);
    px_vmul_vv(t.index, t.index, t.old);
    refuse(t.index); /* a folder of several names */
    check_size(block, t.old);
    px_vadd_vx(t.index, t.bytes_of, 4);
    px_gather(t.index, block, PXFS_PAYLOAD, t.index);
    px_vseq_vx(t.word, t.index, 0);
    px_vsltu_vv(t.word, t.old, t.word); /* a file of several */
    px_vseq_vx(t.index, t.index, folder);
    px_vor_vv(t.word, t.word, t.index);
    demand(t.word);
}

/* Writes what is asked for of the nodes in t.slot, whose words are in this block, to t.number on. */
static void put_abouts(const uint32_t *block, uint32_t mount)
{
    aim(t.number);
    put_words(t.number, t.other);
    px_vseq_vx(t.other, t.other, FS_FILE);
    for (uint32_t k = 1; k < ABOUT_WORDS - 3; k++) {
        static const uint8_t from[] = {0, 1, PXFS_PAYLOAD, 2, 3}; /* words of a node: size, behind all: 0, time */
        px_vadd_vx(t.index, t.bytes_of, from[k]);
        px_gather(t.word, block, PXFS_PAYLOAD, t.index);
        if (k == 1)
            px_vmul_vv(t.word, t.word, t.other);
        put_words(t.number, t.word);
    }
    put_words(t.number, t.slot);
    px_vshr_vx(t.word, t.scratch, 16);
    put_words(t.number, t.word);
    px_fill(t.word, mount);
    put_words(t.number, t.word);
}

/* Answers whose nodes are in the same block as this one, and sound: 1 in t.pipe. They are 0 in t.place then. */
static bool tell_nodes(vfs_folder *f, uint32_t some, uint32_t node)
{
    const uint32_t first = node / PXFS_NODES * PXFS_NODES, *block;
    px_vsub_vx(t.word, t.place, first);
    px_vsltu_vx(t.good, t.word, PXFS_NODES);
    px_vseq_vx(t.word, t.place, 0);
    refuse(t.word);
    px_vxor_vx(t.word, t.good, 1);
    px_vmul_vv(t.place, t.place, t.word);
    const uint32_t these = part(t.several, t.from);
    if (vfs_block(f, false, node / PXFS_NODES, &block) < 0)
        return false;
    px_vl(these);
    px_vsub_vx(t.bytes_of, t.slot, first);
    px_vmul_vx(t.bytes_of, t.bytes_of, PXFS_NODE_WORDS);
    check_nodes(block, (uint32_t)f->node->id);
    keep(t.caller), keep(t.slot), keep(t.number), keep(t.bytes_of), keep(t.scratch), keep(t.other);
    px_vl(px_sum(t.good));
    put_abouts(block, f->mount);
    px_fill(t.word, 1);
    aim(t.caller);
    put_at(t.pipe, some, t.caller, t.word);
    px_vl(some);
    return true;
}

/* ---- STAT ---- */

/* Of the list, whose names are in this folder. Who is good then has an answer, in t.count. False: nobody has. */
static bool look_in(vfs_folder *f, const char *path, uint32_t count)
{
    const uint32_t groups = (uint32_t)(f->node->size / GROUP_BYTES), words = ((uint32_t)px_rmax(t.count) + 3) / 4;
    uint32_t some = px_get_vl();
    px_fill(t.good, 1);
    hash_names(words);
    refuse_mounts(path, some);
    some = keep_good(count);
    if (some == 0 || groups * PXFS_PAYLOAD > some * NAMES_FOR_EACH || !find_entries(f, some, groups) ||
        !find_nodes(f, some, groups, words))
        return px_vl(some), false;
    px_vseq_vx(t.pipe, t.place, 0); /* absent */
    px_vmul_vx(t.count, t.pipe, (uint32_t)PXH_E_ABSENT);
    px_vor_vx(t.place, t.several, 0);
    for (uint32_t at; at = (uint32_t)px_argmax(t.place), t.place[at] != 0;)
        if (!tell_nodes(f, some, t.place[at]))
            break;
    px_vl(some);
    px_vor_vx(t.good, t.pipe, 0);
    return true;
}

/* Answers whose names are in the folder of the first one's. False: these are too few, or not to be looked up together;
 * t.good says whom. */
static bool stat_together(uint32_t count, uint32_t some)
{
    char path[VFS_PATH];
    vfs_folder folder;
    const char *text = (const char *)(uintptr_t)t.pipe[0];
    const unsigned first = t.caller[0];
    uint32_t prefix = t.count[0];
    while (prefix > 0 && text[prefix - 1] != '/')
        prefix--;
    px_vl(some);
    some = keep_prefixed(text, prefix);
    if (some < OS_MANY)
        return false;
    bool looked = vfs_path(folder_of(first), prefix > 0 ? text : ".", prefix > 0 ? prefix : 1, path) == 0 &&
                  vfs_hold(path, &folder) == 0;
    px_vl(some);
    px_fill(t.good, 1);
    if (!looked)
        return false;
    looked = look_in(&folder, path, count);
    vfs_let(&folder);
    if (!looked) {
        px_fill(t.good, 1);
        return false;
    }
    keep_good(count);
    px_fill(t.good, 1);
    served(count, t.count, t.good);
    return true;
}

/* ---- FSTAT and SIZE ---- */

static uint32_t list_opened(uint32_t count, uint32_t kind, uint32_t words)
{
    if (list_callers(count, kind) == 0)
        return 0;
    px_gather(t.place, t.request, count, t.some);
    px_vand_vx(t.place, t.place, 0xFFFFFF);
    look_up(t.place);
    px_vshr_vx(t.word, t.place, 31); /* a file's */
    demand(t.word);
    px_gather(t.from, t.argument, count, t.some);
    check_words(t.from, 4 * words);
    keep(t.some), keep(t.from), keep(t.place);
    return px_sum(t.good);
}

/* Who asks about what the first one does; false: these are too few, or there is an error. */
static bool tell_opened(uint32_t count, uint32_t some, uint32_t kind, uint32_t words)
{
    uint32_t about[ABOUT_WORDS];
    const uint32_t open = t.place[0], begin = kind == PXH_SIZE ? 1 : 0;
    px_vl(some);
    px_vseq_vx(t.good, t.place, open);
    some = px_sum(t.good);
    if (some < OS_MANY || file_about(open, about) < 0 || (kind == PXH_SIZE && about[0] != FS_FILE))
        return false;
    keep(t.some), keep(t.from);
    px_vl(some);
    aim(t.from);
    for (uint32_t k = 0; k < words; k++) {
        px_fill(t.word, about[begin + k]);
        put_words(t.from, t.word);
    }
    px_fill(t.place, 0);
    px_fill(t.good, 1);
    served(count, t.place, t.good);
    return true;
}

/* One after the other, until what is left is not worth it. */
void tell_files(uint32_t count)
{
    static const uint8_t kinds[] = {PXO_STAT, PXO_FSTAT, PXH_SIZE}, words[] = {0, ABOUT_WORDS, 2};
    for (unsigned k = 0; k < sizeof kinds; k++)
        for (unsigned missed = 0; missed < MISSES;) {
            const uint32_t kind = kinds[k];
            const uint32_t some = kind == PXO_STAT ? list_stats(count) : list_opened(count, kind, words[k]);
            if (some < OS_MANY)
                break;
            if (!(kind == PXO_STAT ? stat_together(count, some) : tell_opened(count, some, kind, words[k]))) {
                leave_alone(count);
                missed++;
            }
        }
}

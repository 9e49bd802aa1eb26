/* fast_native.c - see fast_native.h: which instructions become a region, in which registers, and where their code is
 * kept.
 *
 * Code is written in one mapping and executed in another of the same memory, so that no page is both. */
#define _GNU_SOURCE /* memfd_create */
#include "vm/fast_native.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "pxi/isa.h"
#include "pxi/pixel.h"

/* NULL where Xbyak was not there when px was built, and in libpxi. */
#pragma weak px_jit_write

/* Code is kept in pieces of a chunk, each for machines' regions one behind the other; a chunk is free again when it has
 * none. */
enum { CHUNK = 1 << 16, CHUNKS = 256, LEAST_ROOM = 1 << 13 };

/* Of a page whose code was written to so often, no more is made. */
enum { MOST_LOST = 16, PATIENCE = 1 << 13, MOST_PATIENCE = 1 << 20, EAGER = 16 };

struct px_fast_native {
    uint8_t *writable, *executable;
    size_t used[CHUNKS];      /* bytes */
    unsigned regions[CHUNKS]; /* how many lie in it */
    unsigned now;             /* the chunk that is filled */
    bool eager;
    bool off;       /* there is no memory */
    pid_t owner;    /* the process whose memory it is */
    unsigned epoch; /* counts memories */
};

struct px_fast_region {
    px_fast_region *next;
    uint32_t base, n;
    uint32_t low, high; /* pixels low..high-1 of the page, literals among them */
    unsigned chunk;
    uint64_t covered[PX_FAST_PAGE / 64];
    uint32_t entries;
    uint16_t entry[];
};

bool px_fast_fits(const px_fast_entry *entry, uint32_t base, uint32_t n)
{
    return entry->region->base == base && entry->region->n == n;
}

/* ---- memory ---- */

/* Two mappings of new memory. */
static bool map(px_fast_native *native)
{
    const size_t size = (size_t)CHUNK * CHUNKS;
    const int file = memfd_create("px code", MFD_CLOEXEC);
    native->writable = native->executable = MAP_FAILED;
    if (file >= 0 && ftruncate(file, (off_t)size) == 0) {
        native->writable = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
        native->executable = mmap(NULL, size, PROT_READ | PROT_EXEC, MAP_SHARED, file, 0);
    }
    const int why = errno;
    if (file >= 0)
        close(file);
    errno = why;
    native->owner = getpid();
    return native->writable != MAP_FAILED && native->executable != MAP_FAILED;
}

static void unmap(px_fast_native *native)
{
    if (native->writable != MAP_FAILED)
        munmap(native->writable, (size_t)CHUNK * CHUNKS);
    if (native->executable != MAP_FAILED)
        munmap(native->executable, (size_t)CHUNK * CHUNKS);
}

static void say_refused(const char *why)
{
    static bool said;
    if (!said)
        fprintf(stderr, "px: no pages that may be executed: %s; the fast executor goes on without native code\n", why);
    said = true;
}

const char *px_fast_native_text(void)
{
    const char *jit = getenv("PX_FAST_JIT");
    if (px_jit_write == NULL)
        return "direct-threaded code; native code needs x86-64, and the package libxbyak-dev when px is built";
    if (jit != NULL && strcmp(jit, "off") == 0)
        return "direct-threaded code; PX_FAST_JIT is off";
    px_fast_native *native = px_fast_native_new();
    px_fast_native_free(native);
    return native != NULL ? "native code for x86-64" : "direct-threaded code; pages may not be executed here";
}

px_fast_native *px_fast_native_new(void)
{
    const char *jit = getenv("PX_FAST_JIT");
    if (px_jit_write == NULL || (jit != NULL && strcmp(jit, "off") == 0))
        return NULL;
    px_fast_native *native = calloc(1, sizeof *native);
    if (native == NULL)
        return NULL;
    native->eager = jit != NULL && strcmp(jit, "eager") == 0;
    if (map(native))
        return native;
    say_refused(strerror(errno));
    px_fast_native_free(native);
    return NULL;
}

void px_fast_native_free(px_fast_native *native)
{
    if (native == NULL)
        return;
    unmap(native);
    free(native);
}

static void take_new_memory(px_fast_native *native)
{
    unmap(native);
    memset(native->used, 0, sizeof native->used);
    memset(native->regions, 0, sizeof native->regions);
    native->epoch++;
    native->off = !map(native);
}

void px_fast_native_here(px_fast *fast)
{
    px_fast_native *native = fast->native;
    if (native == NULL)
        return;
    if (native->owner != getpid())
        take_new_memory(native);
    if (fast->epoch != native->epoch)
        px_fast_forget(fast);
    fast->epoch = native->epoch;
}

uint64_t px_fast_patience(const px_fast_native *native, uint64_t last, bool more)
{
    if (native->eager)
        return EAGER;
    return more ? PATIENCE : last < MOST_PATIENCE ? 2 * last : MOST_PATIENCE;
}

static size_t room_in(const px_fast_native *native, unsigned chunk)
{
    return CHUNK - (native->regions[chunk] == 0 ? 0 : native->used[chunk]);
}

/* A chunk with some room. False: they are all full. */
static bool find_room(px_fast_native *native)
{
    for (unsigned i = 0; i < CHUNKS; i++, native->now = (native->now + 1) % CHUNKS)
        if (room_in(native, native->now) >= LEAST_ROOM) {
            native->used[native->now] = CHUNK - room_in(native, native->now);
            return true;
        }
    return false;
}

/* ---- what belongs to a region ---- */

typedef struct builder {
    px_fast *fast;
    px_fast_page *page;
    px_jit_plan plan;
    uint16_t todo[PX_JIT_OPS + 2];
    uint32_t todos;
    bool seen[PX_FAST_PAGE + 1], target[PX_FAST_PAGE + 1];
} builder;

static bool is_branch(unsigned kind) { return kind >= PX_FAST_NEAR && kind < PX_FAST_NEAR + 8; }

static bool is_jump(unsigned kind) { return kind == PX_FAST_JMP_NEAR || kind == PX_FAST_CALL_NEAR; }

static bool is_alu(unsigned kind) { return kind >= PX_FAST_ALU; }

/* The place is in the image that the region is for. */
static bool inside(const builder *b, uint32_t at) { return b->plan.pc0 + at < b->plan.n; }

static px_fast_op op_at(builder *b, uint32_t at)
{
    px_fast_page *page = b->page;
    if (page->op[at].kind == PX_FAST_LAZY)
        px_fast_decode(b->fast, page, &page->op[at], b->plan.base + b->plan.n);
    px_fast_op op = page->op[at];
    if (op.kind == PX_FAST_NATIVE)
        op.kind = page->entry[at].kind;
    return op;
}

static bool leaves(const builder *b, const px_fast_op *op, uint32_t at)
{
    if (is_branch(op->kind) || is_jump(op->kind))
        return !inside(b, at + op->imm);
    if (op->kind == PX_FAST_LIT)
        return !inside(b, at + 1);
    return !is_alu(op->kind) && (op->kind < PX_FAST_LIT || op->kind > PX_FAST_REMU);
}

static void visit(builder *b, uint32_t at)
{
    if (at < PX_FAST_PAGE && inside(b, at) && !b->seen[at] && b->plan.count + b->todos < PX_JIT_OPS) {
        b->seen[at] = true;
        b->todo[b->todos++] = (uint16_t)at;
    }
}

/* Whether the op behind this one may be next. */
static bool goes_on(const builder *b, const px_fast_op *op, uint32_t at)
{
    const bool halts = op->kind == PX_FAST_SLOW && px_byte(b->fast->mem[b->page->first + at], 0) == PX_OP_HALT;
    return !halts && op->kind != PX_FAST_JMP_NEAR && op->kind != PX_FAST_JMP_FAR && op->kind != PX_FAST_JR;
}

/* What jumps lead to is visited before what lies behind them: the place is for loops first. */
static void add(builder *b, uint32_t at)
{
    const px_fast_op op = op_at(b, at);
    px_jit_op *to = &b->plan.op[b->plan.count++];
    *to = (px_jit_op){.op = op, .at = (uint16_t)at, .leaves = leaves(b, &op, at)};
    b->plan.index[at] = 1;
    if (goes_on(b, &op, at))
        visit(b, at + (op.kind == PX_FAST_LIT ? 2 : 1));
    if (!to->leaves && (is_branch(op.kind) || is_jump(op.kind))) {
        b->target[at + op.imm] = true;
        visit(b, at + op.imm);
    }
}

static int by_place(const void *a, const void *b)
{
    const px_jit_op *x = a, *y = b;
    return (x->at > y->at) - (x->at < y->at);
}

static uint32_t next_of(const px_jit_op *o) { return o->at + (o->op.kind == PX_FAST_LIT ? 2u : 1u); }

static bool ends(const px_jit_op *o) { return !o->over && (o->leaves || is_branch(o->op.kind) || is_jump(o->op.kind)); }

/* A branch that nobody can foresee costs as much as a score of instructions: one that skips a single one is none. */
static void find_skips(builder *b, uint32_t pc)
{
    px_jit_plan *plan = &b->plan;
    for (uint32_t i = 0; i + 1 < plan->count; i++) {
        px_jit_op *o = &plan->op[i];
        const px_jit_op *next = o + 1;
        const unsigned a = next->op.a;
        o->over = is_branch(o->op.kind) && !o->leaves && o->op.imm == 2 && next->at == o->at + 1u && next->at != pc &&
                  !b->target[next->at] && (is_alu(next->op.kind) || next->op.kind == PX_FAST_CONSTANT) &&
                  plan->host[a] >= 0 && o->op.b != a && o->op.c != a;
    }
}

/* Where blocks begin, how long they are, and where the loop may come in. */
static void find_blocks(builder *b, uint32_t pc)
{
    px_jit_plan *plan = &b->plan;
    for (uint32_t i = 0; i + 1 < plan->count; i++) /* a literal that is executed, too, stands between */
        if (plan->op[i].op.kind == PX_FAST_LIT && plan->op[i + 1].at < next_of(&plan->op[i]))
            b->target[next_of(&plan->op[i])] = true;
    for (uint32_t i = 0; i < plan->count; i++) {
        px_jit_op *o = &plan->op[i], *before = i > 0 ? &plan->op[i - 1] : NULL;
        const bool follows = before != NULL && next_of(before) == o->at && !ends(before);
        o->leader = !follows || b->target[o->at];
        o->entry = !o->leaves && (o->at == pc || b->target[o->at] ||
                                  (before != NULL && (before->leaves || before->op.kind == PX_FAST_CALL_NEAR)));
        o->leader = o->leader || o->entry;
    }
    for (uint32_t i = 0; i < plan->count; i++) {
        uint32_t k = i;
        if (!plan->op[i].leader)
            continue;
        for (; k < plan->count && (k == i || !plan->op[k].leader) && !plan->op[k].leaves; k++)
            if (ends(&plan->op[k])) {
                k++;
                break;
            }
        plan->op[i].length = (uint16_t)(k - i);
    }
}

/* ---- registers ---- */

/* Those that an op reads and writes: a, b, c where it has them. */
static unsigned registers_of(const px_fast_op *op, uint8_t reg[3], bool *writes)
{
    const unsigned kind = op->kind;
    *writes = !is_branch(kind) && kind != PX_FAST_ST && kind != PX_FAST_STB;
    unsigned count = 0;
    if (*writes || kind == PX_FAST_STB)
        reg[count++] = op->a;
    if (kind == PX_FAST_CONSTANT || kind == PX_FAST_LIT || kind == PX_FAST_CALL_NEAR)
        return count;
    reg[count++] = op->b;
    if (kind < PX_FAST_ALUI && kind != PX_FAST_LD && kind != PX_FAST_EXT && kind != PX_FAST_INS)
        reg[count++] = op->c;
    return count;
}

/* Each jump back has a loop below it: what stands in one counts eight times. */
static void weigh(const px_jit_plan *plan, uint64_t weight[256])
{
    for (uint32_t i = 0; i < plan->count; i++) {
        const px_jit_op *o = &plan->op[i];
        uint64_t times = 1;
        uint8_t reg[3];
        bool writes;
        if (o->leaves || o->op.kind == PX_FAST_JMP_NEAR)
            continue;
        for (uint32_t k = i; k < plan->count && times < 512; k++) {
            const px_jit_op *j = &plan->op[k];
            if (!j->leaves && (is_branch(j->op.kind) || is_jump(j->op.kind)) && j->at + j->op.imm <= o->at)
                times *= 8;
        }
        for (unsigned k = registers_of(&o->op, reg, &writes); k > 0; k--)
            weight[reg[k - 1]] += times;
    }
}

static void choose_registers(px_jit_plan *plan)
{
    uint64_t weight[256] = {0};
    weigh(plan, weight);
    memset(plan->host, -1, sizeof plan->host);
    while (plan->hosts < PX_JIT_HOSTS) {
        unsigned best = 0;
        for (unsigned i = 1; i < 256; i++)
            best = weight[i] > weight[best] ? i : best;
        if (weight[best] < 2)
            break;
        weight[best] = 0;
        plan->host[best] = (int8_t)plan->hosts;
        plan->guest[plan->hosts++] = (uint8_t)best;
    }
    for (uint32_t i = 0; i < plan->count; i++) {
        const px_jit_op *o = &plan->op[i];
        uint8_t reg[3];
        bool writes;
        if (!o->leaves && o->op.kind != PX_FAST_JMP_NEAR && registers_of(&o->op, reg, &writes) > 0 && writes &&
            plan->host[o->op.a] >= 0)
            plan->written[plan->host[o->op.a]] = true;
    }
}

/* ---- a region ---- */

static bool is_covered(const px_fast_page *page, uint32_t base, uint32_t n, uint32_t at)
{
    for (const px_fast_region *r = page->regions; r != NULL; r = r->next)
        if (r->base == base && r->n == n && (r->covered[at / 64] >> at % 64 & 1) != 0)
            return true;
    return false;
}

/* False when it is too little to be worth the way in and out. */
static bool plan_region(builder *b, uint32_t at)
{
    uint32_t doing = 0;
    bool turns = false;
    memset(b->plan.index, -1, sizeof b->plan.index);
    visit(b, at);
    while (b->todos > 0)
        add(b, b->todo[--b->todos]);
    qsort(b->plan.op, b->plan.count, sizeof *b->plan.op, by_place);
    for (uint32_t i = 0; i < b->plan.count; i++) {
        b->plan.index[b->plan.op[i].at] = (int16_t)i;
        const px_jit_op *o = &b->plan.op[i];
        doing += !o->leaves;
        turns = turns || (!o->leaves && (is_branch(o->op.kind) || is_jump(o->op.kind)) && (int32_t)o->op.imm < 0);
    }
    choose_registers(&b->plan);
    find_skips(b, at);
    find_blocks(b, at);
    return turns || doing >= 8;
}

static px_fast_region *region_of(const builder *b, unsigned chunk)
{
    const px_jit_plan *plan = &b->plan;
    px_fast_region *region = calloc(1, sizeof *region + plan->count * sizeof *region->entry);
    if (region == NULL)
        return NULL;
    region->base = plan->base;
    region->n = plan->n;
    region->low = plan->op[0].at;
    region->high = next_of(&plan->op[plan->count - 1]);
    region->chunk = chunk;
    for (uint32_t i = 0; i < plan->count; i++) {
        const px_jit_op *o = &plan->op[i];
        region->covered[o->at / 64] |= UINT64_C(1) << o->at % 64;
        if (o->entry && b->page->op[o->at].kind != PX_FAST_NATIVE)
            region->entry[region->entries++] = o->at;
    }
    return region;
}

/* From now on the loop goes there. */
static void open_entries(const builder *b, px_fast_region *region, const uint8_t *code,
                         const uint32_t offset[PX_JIT_OPS])
{
    for (uint32_t i = 0; i < region->entries; i++) {
        const uint32_t at = region->entry[i];
        const uint8_t *place = code + offset[b->plan.index[at]];
        px_fast_entry *entry = &b->page->entry[at];
        *entry = (px_fast_entry){.region = region, .kind = b->page->op[at].kind};
        memcpy(&entry->code, &place, sizeof place);
        b->page->op[at].kind = PX_FAST_NATIVE;
        b->page->op[at].go = b->fast->go[PX_FAST_NATIVE];
    }
    region->next = b->page->regions;
    b->page->regions = region;
}

static bool make(builder *b)
{
    px_fast_native *native = b->fast->native;
    uint32_t offset[PX_JIT_OPS];
    if (b->page->entry == NULL)
        b->page->entry = calloc(PX_FAST_PAGE, sizeof *b->page->entry);
    if (b->page->entry == NULL || !find_room(native))
        return false;
    const unsigned chunk = native->now;
    const size_t at = (size_t)chunk * CHUNK + native->used[chunk], room = room_in(native, chunk);
    const size_t length = px_jit_write(&b->plan, native->writable + at, room, offset);
    px_fast_region *region = length > 0 ? region_of(b, chunk) : NULL;
    if (region == NULL) {
        native->now = (chunk + 1) % CHUNKS;
        return false;
    }
    native->used[chunk] += (length + 15) & ~(size_t)15;
    native->regions[chunk]++;
    open_entries(b, region, native->executable + at, offset);
    return true;
}

bool px_fast_native_make(px_fast *fast, uint32_t base, uint32_t n, uint32_t pc)
{
    px_fast_page *page = fast->page[(base + pc) >> PX_FAST_BITS];
    if (page == NULL || fast->native->off || (page->lost >= MOST_LOST && !fast->native->eager) ||
        is_covered(page, base, n, base + pc - page->first))
        return false;
    builder *b = calloc(1, sizeof *b);
    if (b == NULL)
        return false;
    b->fast = fast;
    b->page = page;
    b->plan.base = base;
    b->plan.n = n;
    b->plan.pc0 = page->first - base;
    if (fast->heat != NULL) {
        b->plan.edges = page->edges;
        b->plan.reads = fast->heat->counts.read + base;
        b->plan.writes = fast->heat->counts.written + base;
    }
    const bool made = plan_region(b, base + pc - page->first) && make(b);
    free(b);
    return made;
}

static void drop(const px_fast *fast, px_fast_page *page, px_fast_region *region)
{
    for (uint32_t i = 0; i < region->entries; i++) {
        page->op[region->entry[i]] = fast->lazy;
        px_fast_part(fast, page, region->entry[i]);
        page->entry[region->entry[i]] = (px_fast_entry){0};
    }
    if (fast->epoch == fast->native->epoch)
        fast->native->regions[region->chunk]--;
    page->lost++;
    free(region);
}

void px_fast_native_drop(const px_fast *fast, px_fast_page *page, uint32_t from, uint32_t end)
{
    for (px_fast_region **at = &page->regions; *at != NULL;) {
        px_fast_region *region = *at;
        if (from < region->high && end > region->low) {
            *at = region->next;
            drop(fast, page, region);
        } else {
            at = &region->next;
        }
    }
}

/* process.c - the process table: how a process begins, becomes two, becomes another program, and moves. */
#include "os/kernel/kernel.h"

table t;
pipe_table p;
uint32_t columns, pitch;
const os_map *map;
px_pixel *slots;
uint32_t slot_pixels;
uint32_t first_of[OS_CLASSES];
uint32_t *seats, seat_mask;

enum { STATE_MAGIC = 0x01535850, ROOM_BEHIND = 256 /* bytes of heap beside arguments, at least */ };

static uint32_t *words(uint32_t address) { return (uint32_t *)(uintptr_t)address; }

static void find_runs(void)
{
    columns = map->columns;
    pitch = map->pitch;
    for (unsigned i = 0; i < OS_COLUMN_RUNS; i++)
        t.run[i] = words(map->table) + i * pitch;
    for (unsigned i = 0; i < OS_PIPE_RUNS; i++)
        p.run[i] = words(map->pipe_table) + i * map->pipe_pitch;
    seats = words(map->seats);
    seat_mask = map->seat_count - 1;
    slots = px_image(map->slots >> 2);
}

static void make_columns(void)
{
    uint32_t first = 0, where = 0;
    for (unsigned c = 0; c < map->classes; c++) {
        const os_class class = map->class[c];
        first_of[c] = first;
        px_vl(class.count);
        px_iota(t.where + first, where, class.pixels);
        px_fill(t.room + first, class.pixels);
        first += class.count;
        where += class.count * class.pixels;
    }
    slot_pixels = where;
    px_vl(columns);
    px_iota(t.column, 0, 1);
}

void processes_begin(void)
{
    static const uint8_t name[] = "sh";
    static const strings first = {name, sizeof name, 1};
    static const uint32_t handles[] = {CONSOLE_HANDLE, CONSOLE_HANDLE, CONSOLE_HANDLE};
    const uint32_t row = 4 * OS_WIDTH;
    map = (const os_map *)px_image((px_image(0)[7] + row - 1) / row * OS_WIDTH);
    find_runs();
    make_columns();
    console_begin();
    files_begin();
    program shell;
    if (program_open("/", name, sizeof name - 1, &shell) < 0 || spawn(&shell, columns, &first, handles) < 0) {
        console_text("pxos: there is no program sh in this picture\n");
        shut_down(1);
    }
    program_close(&shell);
}

unsigned column_of(uint32_t pid)
{
    const unsigned who = seats[pid & seat_mask];
    return pid != 0 && t.pid[who] == pid ? who : columns;
}

/* ---- slots ---- */

static uint32_t header_of(uint32_t width) { return (SAVED_WORDS + width - 1) / width * width; }

/* A free slot of the smallest class with so many pixels. A job gets another only while more are free in that class than
 * it has, so that none takes all; and of a larger class than it needs not the last. Job 0: a child of process 1, for
 * which the last slots are kept. */
static unsigned free_slot(uint32_t pixels, uint32_t job)
{
    bool larger = false;
    px_vl(columns);
    px_vseq_vx(t.scratch, t.state, FREE);
    px_vseq_vx(t.other, t.job, job);
    if (job != 0 && px_sum(t.scratch) <= OS_KEPT)
        return columns;
    for (unsigned c = 0; c < map->classes; c++) {
        if (pixels > map->class[c].pixels)
            continue;
        const uint32_t first = first_of[c];
        px_vl(map->class[c].count);
        const uint32_t free = px_sum(t.scratch + first), own = job == 0 ? 0 : px_sum(t.other + first) + larger;
        if (own < free)
            return first + px_argmax(t.scratch + first);
        larger = true;
    }
    return columns;
}

/* Where the picture in its slot is, as the slot's header says. */
static void measure(unsigned who)
{
    const px_pixel *slot = slots + t.where[who];
    t.image[who] = PXO_ADDRESS(slot + header_of(slot[SAVED_W]));
    t.bytes[who] = 4 * slot[SAVED_W] * slot[SAVED_H];
}

void copy_words(px_pixel *to, const px_pixel *from, uint32_t count)
{
    px_vl(count);
    px_vor_vx(to, from, 0);
}

/* ---- programs and their arguments ---- */

/* Behind the strings: a pointer to each argument, 0, one to each of the environment, 0. */
static uint32_t arguments_end(const program *what, const strings *with)
{
    const uint32_t from = 4 * what->pixels;
    uint32_t count = 0;
    for (uint32_t i = 0; i < with->bytes; i++)
        count += with->at[i] == 0;
    return (((from + with->bytes + 3) & ~3u) + 4 * (count + 2) + 15) & ~15u;
}

/* argc, argv and the heap's begin (cc/ABI.md, the picture). */
static void put_arguments(unsigned who, const strings *with, uint32_t end)
{
    px_pixel *image = px_image(t.image[who] >> 2);
    const uint32_t from = image[7], argv = (from + with->bytes + 3) & ~3u;
    uint32_t count = 0, begin = 0, to = argv / 4;
    memcpy((uint8_t *)image + from, with->at, with->bytes);
    for (uint32_t i = 0; i < with->bytes; i++)
        if (with->at[i] == 0) {
            to += count++ == with->arguments;
            image[to++] = from + begin;
            begin = i + 1;
        }
    image[5] = with->arguments;
    image[6] = argv;
    image[7] = end;
}

/* A slot that has the program's pixels and its arguments: the one that it is in, or another. LIMIT, FULL: there is
 * none.
 */
static int32_t slot_for(const program *what, uint32_t end, unsigned now, uint32_t job)
{
    const uint32_t header = header_of(what->width), needed = header + what->width * what->height;
    const unsigned who = now != columns && needed <= t.room[now] ? now : free_slot(needed, job);
    if (who == columns)
        return PXH_E_FULL;
    const uint32_t bytes = 4 * ((t.room[who] - header) / what->width * what->width);
    return !what->plain && end > bytes - ROOM_BEHIND ? PXH_E_LIMIT : (int32_t)who;
}

/* A machine that has not begun, as section 9 of SPEC.md says. A plain one has the rows of its picture. Of another the
 * rest of the slot is the heap, all 0; its pixel 4 tells how to ask for more, and its arguments are put in. False: the
 * file could not be read. */
static bool load(unsigned who, const program *what, const strings *with, uint32_t end)
{
    px_pixel *slot = slots + t.where[who];
    const uint32_t header = header_of(what->width), pixels = t.room[who];
    px_vl(pixels);
    px_fill(slot, 0);
    slot[SAVED_MAGIC] = STATE_MAGIC;
    slot[SAVED_PROFILE] = 1;
    slot[SAVED_W] = what->width;
    slot[SAVED_H] = what->plain ? what->height : (pixels - header) / what->width;
    slot[SAVED_PC] = what->entry;
    measure(who);
    if (!program_read(what, slot + header))
        return false;
    slot[header + PXO_HEAP_PIXEL] = what->plain ? 0 : PXH_REQUEST(PXO_HEAP, 0);
    if (!what->plain)
        put_arguments(who, with, end);
    return true;
}

/* ---- beginning ---- */

/* What a child has of its parent; the rest of its column is 0. */
static int32_t enter(unsigned who, unsigned parent, uint32_t program)
{
    static uint32_t last;
    uint32_t taken;
    do {
        last = last % 0x3FFFFF + 1; /* NOW and KEEP are bits of a payload */
        taken = t.pid[seats[last & seat_mask]];
    } while (taken != 0 && ((taken ^ last) & seat_mask) == 0);
    seats[last & seat_mask] = who;
    t.pid[who] = last;
    t.parent[who] = parent == columns ? 0 : t.pid[parent];
    t.job[who] = parent == columns ? 0 : t.job[parent] == 0 ? last : t.job[parent];
    t.program[who] = program;
    t.folder[who] = parent == columns ? 0 : t.folder[parent];
    t.share[who] = parent == columns ? SHARE : t.share[parent];
    t.heard[who] = 0;
    t.state[who] = READY;
    return (int32_t)last;
}

static void give_handle(unsigned who, unsigned h, uint32_t handle)
{
    t.handle[h][who] = handle;
    pipe_joined(handle);
}

static uint32_t job_of_child(unsigned parent) { return parent == columns ? 0 : t.job[parent]; }

int32_t spawn(const program *what, unsigned parent, const strings *with, const uint32_t handles[3])
{
    const uint32_t end = arguments_end(what, with);
    const int32_t slot = slot_for(what, end, columns, job_of_child(parent));
    if (slot < 0)
        return slot;
    const unsigned who = (unsigned)slot;
    if (!load(who, what, with, end))
        return PXH_E_ABSENT;
    for (unsigned h = 0; h < 3; h++)
        give_handle(who, h, handles[h]);
    return enter(who, parent, what->column);
}

void answer_to(unsigned who, int32_t answer)
{
    px_pixel *slot = slots + t.where[who];
    slot[SAVED_REG + slot[SAVED_VALUE]] = (uint32_t)answer;
    slot[SAVED_STATUS] = 0;
    slot[SAVED_VALUE] = 0;
}

static uint32_t used_pixels(const px_pixel *slot) { return header_of(slot[SAVED_W]) + slot[SAVED_W] * slot[SAVED_H]; }

int32_t fork_process(unsigned parent)
{
    const px_pixel *slot = slots + t.where[parent];
    const uint32_t used = used_pixels(slot);
    const unsigned who = free_slot(used, t.job[parent]);
    if (who == columns)
        return PXH_E_FULL;
    copy_words(slots + t.where[who], slot, used);
    measure(who);
    answer_to(who, 0);
    for (unsigned h = 0; h < HANDLES; h++)
        give_handle(who, h, t.handle[h][parent]);
    return enter(who, parent, t.program[parent]);
}

/* ---- becoming another ---- */

/* The column, but for what is the slot's; through a copy, since two columns lie in one another. */
static void move(unsigned from, unsigned to)
{
    static uint32_t copy[OS_PROCESS_RUNS];
    px_vl(OS_PROCESS_RUNS);
    px_copys(copy, 1, t.run[0] + from, pitch);
    px_copys(t.run[0] + to, pitch, copy, 1);
    seats[t.pid[to] & seat_mask] = to;
    forget(from);
}

/* Where the file cannot be read into the slot that the caller is in, there is nobody left who could be told. */
int32_t exec_program(unsigned who, const program *what, const strings *with)
{
    const uint32_t end = arguments_end(what, with);
    const int32_t slot = slot_for(what, end, who, t.job[who]);
    if (slot < 0)
        return slot;
    const unsigned to = (unsigned)slot;
    const bool loaded = load(to, what, with, end);
    if (!loaded && to == who)
        end_process(who, PXO_KILLED, 0, 0);
    if (!loaded)
        return to == who ? GONE : PXH_E_ABSENT;
    t.program[who] = what->column;
    if (to != who)
        move(who, to);
    return GONE;
}

/* Rows below its picture, until it has so many bytes at least: those of its slot, or a larger slot. */
int32_t grow(unsigned who, uint32_t bytes)
{
    const px_pixel *slot = slots + t.where[who];
    const uint32_t width = slot[SAVED_W], header = header_of(width), used = used_pixels(slot);
    const uint32_t pixels = (uint32_t)(((uint64_t)bytes + 3) >> 2), rows = pixels / width + (pixels % width != 0);
    if (bytes <= t.bytes[who])
        return 0;
    if (rows > (map->class[map->classes - 1].pixels - header) / width)
        return PXH_E_LIMIT;
    const uint32_t needed = header + rows * width;
    const unsigned to = needed <= t.room[who] ? who : free_slot(needed, t.job[who]);
    if (to == columns)
        return PXH_E_FULL;
    px_pixel *larger = slots + t.where[to];
    if (to != who) {
        copy_words(larger, slot, used);
        move(who, to);
    }
    px_vl(t.room[to] - used);
    px_fill(larger + used, 0);
    larger[SAVED_H] = (t.room[to] - header) / width;
    measure(to);
    answer_to(to, 0);
    return GONE;
}

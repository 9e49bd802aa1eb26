/* process.c - the process table: how a process begins, ends and is found. */
#include "os/kernel/kernel.h"

table t;
uint32_t columns;
const os_map *map;
px_pixel *slots;
uint32_t slot_pixels;
uint32_t live[OS_CLASSES], first_of[OS_CLASSES];
uint32_t scratch[HANDLES * MOST];
static uint32_t other[MOST];

enum { STATE_MAGIC = 0x01535850, ROOM_BEHIND = 256 /* bytes of heap beside arguments, at least */ };

static void make_columns(void)
{
    uint32_t where = 0;
    for (unsigned c = 0; c < OS_CLASSES; c++) {
        first_of[c] = columns;
        for (uint32_t i = 0; i < map->class[c].count && columns < MOST; i++) {
            t.where[columns++] = where;
            where += map->class[c].pixels;
        }
    }
    slot_pixels = where;
}

void processes_begin(void)
{
    static const uint8_t first[] = "sh", name[] = "sh";
    static const uint32_t handles[] = {CONSOLE_HANDLE, CONSOLE_HANDLE, CONSOLE_HANDLE};
    const uint32_t row = 4 * OS_WIDTH;
    map = (const os_map *)px_image((px_image(0)[7] + row - 1) / row * OS_WIDTH);
    slots = px_image(map->slots >> 2);
    make_columns();
    const uint32_t shell = program_named(name, sizeof name - 1);
    if (map->magic != OS_MAP_MAGIC || shell == map->programs || spawn(shell, 0, first, sizeof first, handles) < 0) {
        console_text("pxos: there is no program sh in this picture\n");
        shut_down(1);
    }
}

unsigned column_of(uint32_t pid)
{
    px_vl(columns);
    px_vseq_vx(scratch, t.pid, pid);
    const unsigned who = px_argmax(scratch);
    return scratch[who] != 0 && pid != 0 ? who : columns;
}

/* ---- beginning ---- */

static uint32_t header_of(uint32_t width) { return (SAVED_WORDS + width - 1) / width * width; }

/* A free slot of the smallest class in which the program has the pixels that its picture had. */
static unsigned free_slot(uint32_t program, uint32_t parent)
{
    const uint32_t width = of_program(map->width, program);
    const uint32_t needed = header_of(width) + width * of_program(map->height, program);
    px_vl(columns);
    px_vseq_vx(scratch, t.state, FREE);
    if (px_sum(scratch) <= (parent > 1 ? KEPT : 0))
        return columns;
    for (unsigned c = 0; c < OS_CLASSES; c++) {
        if (needed > map->class[c].pixels || map->class[c].count == 0)
            continue;
        px_vl(map->class[c].count);
        const unsigned who = first_of[c] + px_argmax(scratch + first_of[c]);
        if (scratch[who] != 0) {
            live[c]++;
            return who;
        }
    }
    return columns;
}

/* argc, argv and the heap's begin (cc/ABI.md, the picture). False: no room. */
static bool put_arguments(unsigned who, const uint8_t *arguments, uint32_t bytes)
{
    px_pixel *image = px_image(t.image[who] >> 2);
    const uint32_t from = image[7], argv = (from + bytes + 3) & ~3u;
    uint32_t argc = 0, begin = 0;
    for (uint32_t i = 0; i < bytes; i++)
        argc += arguments[i] == 0;
    const uint32_t end = (argv + 4 * (argc + 1) + 15) & ~15u;
    if (from > t.bytes[who] || end > t.bytes[who] - ROOM_BEHIND)
        return false;
    memcpy((uint8_t *)image + from, arguments, bytes);
    argc = 0;
    for (uint32_t i = 0; i < bytes; i++)
        if (arguments[i] == 0) {
            image[argv / 4 + argc++] = from + begin;
            begin = i + 1;
        }
    image[5] = argc;
    image[6] = argv;
    image[7] = end;
    return true;
}

/* A machine that has not begun, as section 9 of SPEC.md says; the rest of the slot is the program's heap, all 0. */
static void load(unsigned who, uint32_t program, uint32_t pixels)
{
    px_pixel *slot = slots + t.where[who];
    const uint32_t width = of_program(map->width, program), header = header_of(width);
    px_vl(pixels);
    px_fill(slot, 0);
    slot[SAVED_MAGIC] = STATE_MAGIC;
    slot[SAVED_PROFILE] = 1;
    slot[SAVED_W] = width;
    slot[SAVED_H] = (pixels - header) / width;
    slot[SAVED_PC] = of_program(map->entry, program);
    t.image[who] = PXO_ADDRESS(slot + header);
    t.bytes[who] = 4 * width * slot[SAVED_H];
    px_vl(of_program(map->pixels, program));
    px_vor_vx(slot + header, px_image(of_program(map->image, program) >> 2), 0);
    slot[header + 4] = 0;
}

static unsigned class_of(unsigned who) { return who >= first_of[1] ? 1 : 0; }

int32_t spawn(uint32_t program, uint32_t parent, const uint8_t *arguments, uint32_t bytes, const uint32_t handles[3])
{
    static uint32_t last;
    const unsigned who = free_slot(program, parent);
    if (who == columns)
        return PXH_E_FULL;
    load(who, program, map->class[class_of(who)].pixels);
    if (!put_arguments(who, arguments, bytes)) {
        live[class_of(who)]--;
        return PXH_E_LIMIT;
    }
    do
        last = last % 0x7FFFFF + 1; /* NOW is a bit of a payload */
    while (column_of(last) != columns);
    t.pid[who] = last;
    t.parent[who] = parent;
    t.program[who] = program;
    t.share[who] = SHARE;
    t.used[who] = t.armed[who] = t.reason[who] = 0;
    for (unsigned h = 0; h < HANDLES; h++)
        t.handle[h][who] = h < 3 ? handles[h] : NO_HANDLE;
    t.state[who] = READY;
    return (int32_t)last;
}

/* ---- ending ---- */

void forget(unsigned who)
{
    live[class_of(who)]--;
    t.pid[who] = t.parent[who] = 0;
    t.state[who] = FREE;
}

/* Nobody will ask for the children of one that has ended. */
static void leave_children(uint32_t pid)
{
    px_vl(columns);
    px_vseq_vx(other, t.parent, pid);
    if (px_sum(other) == 0)
        return;
    for (unsigned who = 0; who < columns; who++)
        if (other[who] != 0) {
            t.parent[who] = 0;
            if (t.state[who] == ENDED)
                forget(who);
        }
}

void end_process(unsigned who, uint32_t how, uint32_t status, uint32_t value)
{
    const uint32_t pid = t.pid[who];
    if (pid == 1)
        shut_down(how == PXO_EXITED ? status : 128 + status);
    t.how[who] = how;
    t.status[who] = status;
    t.value[who] = value;
    t.reason[who] = FOR_NOTHING;
    t.state[who] = ENDED;
    for (unsigned h = 0; h < HANDLES; h++) {
        const uint32_t handle = t.handle[h][who];
        t.handle[h][who] = NO_HANDLE;
        if (handle >= PIPE_HANDLES)
            pipe_left(handle);
    }
    leave_children(pid);
    const unsigned parent = column_of(t.parent[who]);
    if (parent == columns) {
        forget(who);
    } else if (t.reason[parent] == FOR_CHILD) {
        t.state[parent] = READY;
        t.reason[parent] = FOR_NOTHING;
    }
}

/* Who waits for a pipe that nobody else will move, the youngest first, has waited long enough. Process 1 is the last.
 */
void end_stuck(void)
{
    unsigned stuck = columns;
    for (unsigned who = 0; who < columns; who++)
        if (t.state[who] == BLOCKED && t.reason[who] >= FOR_PIPE && (stuck == columns || t.pid[who] > t.pid[stuck]))
            stuck = who;
    if (stuck == columns)
        stuck = column_of(1);
    end_process(stuck, PXO_KILLED, 0, 0);
}

/* ---- relations ---- */

void wake(uint32_t reason)
{
    px_vl(columns);
    px_vseq_vx(scratch, t.reason, reason);
    px_fill(other, READY);
    px_select(t.state, other, scratch);
    px_fill(other, FOR_NOTHING);
    px_select(t.reason, other, scratch);
}

bool is_above(uint32_t pid, unsigned who)
{
    for (; who != columns; who = column_of(t.parent[who]))
        if (t.parent[who] == pid)
            return true;
    return pid == 1;
}

unsigned ended_child(uint32_t parent, uint32_t which, bool *any)
{
    px_vl(columns);
    px_vseq_vx(scratch, t.parent, parent);
    if (which != 0) {
        px_vseq_vx(other, t.pid, which);
        px_vmul_vv(scratch, scratch, other);
    }
    *any = px_sum(scratch) > 0;
    px_vseq_vx(other, t.state, ENDED);
    px_vmul_vv(scratch, scratch, other);
    const unsigned who = px_argmax(scratch);
    return scratch[who] != 0 ? who : columns;
}

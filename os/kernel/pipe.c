/* pipe.c - bytes from one process to another. A pipe is there while one of its ends is some process's handle; its bytes
 * are a row of the picture, its head and the like a word in each of the runs of table.def. */
#include "os/kernel/kernel.h"

static bool is_end(uint32_t handle) { return (int32_t)handle >= PIPE_HANDLES; }

static uint8_t *room_of(uint32_t k) { return (uint8_t *)(uintptr_t)(map->pipe_bytes + k * PIPE_ROOM); }

static uint32_t *holders(uint32_t handle)
{
    const uint32_t k = (handle - PIPE_HANDLES) / 2;
    return handle == reading(k) ? &p.readers[k] : &p.writers[k];
}

void pipe_joined(uint32_t handle)
{
    if (is_end(handle))
        ++*holders(handle);
}

void pipe_left(uint32_t handle)
{
    if (!is_end(handle))
        return;
    --*holders(handle);
    wake(FOR_PIPE + (handle - PIPE_HANDLES) / 2);
}

/* A pipe that is not there; map->pipes: none. A job gets another only while more are free than it has; the last are
 * kept for process 1, whose job is 0. */
static uint32_t free_pipe(uint32_t job)
{
    px_vl(map->pipes);
    px_vadd_vv(p.claims, p.readers, p.writers);
    px_vseq_vx(p.claims, p.claims, 0);
    const uint32_t free = px_sum(p.claims), k = px_argmax(p.claims);
    px_vseq_vx(p.own, p.maker, job);
    px_vsltu_vv(p.own, p.claims, p.own); /* its own, and not free */
    const uint32_t own = px_sum(p.own);
    px_fill(p.claims, 0);
    return free == 0 || (job != 0 && (free <= OS_KEPT || own >= free)) ? map->pipes : k;
}

int32_t pipe_make(unsigned who, uint32_t ends[2])
{
    const uint32_t k = free_pipe(t.job[who]);
    uint32_t found = 0, at[2];
    for (uint32_t h = 0; h < HANDLES && found < 2; h++)
        if (t.handle[h][who] == NO_HANDLE)
            at[found++] = h;
    if (k == map->pipes || found < 2)
        return PXH_E_LIMIT;
    p.head[k] = p.filled[k] = 0;
    p.maker[k] = t.job[who];
    for (unsigned i = 0; i < 2; i++) {
        t.handle[at[i]][who] = i == 0 ? reading(k) : writing(k);
        pipe_joined(t.handle[at[i]][who]);
        ends[i] = at[i];
    }
    return 0;
}

static void copy(uint8_t *to, const uint8_t *from, uint32_t count)
{
    if (((PXO_ADDRESS(to) | PXO_ADDRESS(from) | count) & 3) != 0) {
        memcpy(to, from, count);
        return;
    }
    px_vl(count >> 2);
    px_vor_vx((px_pixel *)(void *)to, (const px_pixel *)(const void *)from, 0);
}

__attribute__((noinline)) static void copy_apart(uint8_t *own, uint8_t *room, uint32_t at, uint32_t count, bool writes)
{
    for (uint32_t done = 0; done < count;) {
        const uint32_t from = (at + done) % PIPE_ROOM, till_end = PIPE_ROOM - from;
        const uint32_t now = count - done < till_end ? count - done : till_end;
        copy(writes ? room + from : own + done, writes ? own + done : room + from, now);
        done += now;
    }
}

/* Bytes between a process and the pipe, from `at` on; then whoever waits for the pipe is asked again. */
static int32_t exchange(uint32_t k, uint8_t *own, uint32_t at, uint32_t count, bool writes)
{
    uint8_t *const room = room_of(k);
    if (at + count > PIPE_ROOM)
        copy_apart(own, room, at, count, writes);
    else
        copy(writes ? room + at : own, writes ? own : room + at, count);
    wake(FOR_PIPE + k);
    return (int32_t)count;
}

int32_t pipe_read(uint32_t k, uint8_t *bytes, uint32_t count)
{
    const uint32_t head = p.head[k], filled = p.filled[k], all = filled < count ? filled : count;
    if (count == 0)
        return 0;
    if (filled == 0)
        return p.writers[k] == 0 ? 0 : WAITS;
    p.head[k] = (head + all) % PIPE_ROOM;
    p.filled[k] = filled - all;
    return exchange(k, bytes, head, all, false);
}

int32_t pipe_write(uint32_t k, const uint8_t *bytes, uint32_t count)
{
    const uint32_t filled = p.filled[k], room = PIPE_ROOM - filled, all = room < count ? room : count;
    if (p.readers[k] == 0)
        return PXH_E_CLOSED;
    if (count == 0)
        return 0;
    if (room == 0)
        return WAITS;
    p.filled[k] = filled + all;
    return exchange(k, (uint8_t *)(uintptr_t)bytes, (p.head[k] + filled) % PIPE_ROOM, all, true);
}

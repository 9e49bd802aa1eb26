/* pipe.c - bytes from one process to another. A pipe is there while one of its ends is some process's handle. */
#include "os/kernel/kernel.h"

typedef struct pipe {
    uint32_t head, filled; /* the next byte to be read, and how many there are */
    bool there;
    uint8_t bytes[PIPE_ROOM];
} pipe;

static pipe pipes[PIPES];

/* How many processes have it. */
static uint32_t holders(uint32_t handle)
{
    px_vl(HANDLES * MOST);
    px_vseq_vx(scratch, t.handle[0], handle);
    return px_sum(scratch);
}

int32_t pipe_make(unsigned who, uint32_t ends[2])
{
    const uint32_t most = t.pid[who] == 1 ? PIPES : PIPES - KEPT;
    uint32_t k = 0, found = 0;
    while (k < most && pipes[k].there)
        k++;
    for (uint32_t h = 0; h < HANDLES && found < 2; h++)
        if (t.handle[h][who] == NO_HANDLE)
            ends[found++] = h;
    if (k == most || found < 2)
        return PXH_E_LIMIT;
    pipes[k].head = pipes[k].filled = 0;
    pipes[k].there = true;
    t.handle[ends[0]][who] = reading(k);
    t.handle[ends[1]][who] = writing(k);
    return 0;
}

int32_t pipe_read(uint32_t k, uint8_t *bytes, uint32_t count)
{
    pipe *p = &pipes[k];
    if (count == 0)
        return 0;
    if (p->filled == 0)
        return holders(writing(k)) == 0 ? 0 : WAITS;
    const uint32_t all = p->filled < count ? p->filled : count, till_end = PIPE_ROOM - p->head;
    const uint32_t first = all < till_end ? all : till_end;
    memcpy(bytes, p->bytes + p->head, first);
    memcpy(bytes + first, p->bytes, all - first);
    p->head = (p->head + all) % PIPE_ROOM;
    p->filled -= all;
    wake(FOR_PIPE + k);
    return (int32_t)all;
}

int32_t pipe_write(uint32_t k, const uint8_t *bytes, uint32_t count)
{
    pipe *p = &pipes[k];
    const uint32_t room = PIPE_ROOM - p->filled, at = (p->head + p->filled) % PIPE_ROOM;
    if (holders(reading(k)) == 0)
        return PXH_E_CLOSED;
    if (count == 0)
        return 0;
    if (room == 0)
        return WAITS;
    const uint32_t all = room < count ? room : count, till_end = PIPE_ROOM - at;
    const uint32_t first = all < till_end ? all : till_end;
    memcpy(p->bytes + at, bytes, first);
    memcpy(p->bytes, bytes + first, all - first);
    p->filled += all;
    wake(FOR_PIPE + k);
    return (int32_t)all;
}

void pipe_left(uint32_t handle)
{
    const uint32_t k = (handle - PIPE_HANDLES) / 2;
    if (holders(reading(k)) + holders(writing(k)) == 0)
        pipes[k].there = false;
    wake(FOR_PIPE + k);
}

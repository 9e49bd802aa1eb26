/* ethernet.c - the Ethernet of processes. The last frames that came are kept, and each process that has asked for one
 * gets all that come from then on, as on a cable: what it makes of them is its own affair (os/apps/net.h). */
#include "os/drivers/driver.h"
#include "os/kernel/kernel.h"

enum { FRAMES = OS_FRAMES, FRAME_ROOM = 1536, FOR_EVER = 0 };

static struct {
    uint8_t bytes[FRAME_ROOM] __attribute__((aligned(4)));
    uint32_t count; /* its whole length */
} kept[FRAMES];
static uint32_t came = 1; /* frame i is kept[i % FRAMES]; t.heard is 0 until a process listens */
static int32_t wrong;     /* or the error that taking one ended with */

static void listen(unsigned who)
{
    if (t.heard[who] == 0)
        t.heard[who] = came;
}

int32_t frame_send(unsigned who, uint32_t bytes, uint32_t address)
{
    enum { LEAST = 14, MOST = 65535 };
    const uint8_t *frame = bytes_at(who, address, bytes);
    if (bytes < LEAST || bytes > MOST)
        return PXH_E_LIMIT;
    if (frame == NULL)
        return PXH_E_RANGE;
    listen(who);
    return drivers_send(frame, bytes);
}

/* The next one that this process has not had, cut off at `most`. */
static int32_t give(unsigned who, uint8_t *to, uint32_t most)
{
    if (came - t.heard[who] > FRAMES)
        t.heard[who] = came - FRAMES;
    const uint32_t i = t.heard[who]++ % FRAMES, count = kept[i].count < FRAME_ROOM ? kept[i].count : FRAME_ROOM;
    memcpy(to, kept[i].bytes, count < most ? count : most);
    t.armed[who] = NOT_ARMED;
    return (int32_t)kept[i].count;
}

/* Until a time of the kernel's clock, or for ever. */
static int32_t wait_for_one(unsigned who, uint32_t milliseconds)
{
    const uint64_t due = milliseconds == FOR_EVER ? UINT64_MAX : time_now() + (uint64_t)milliseconds * 1000000;
    t.due_low[who] = (uint32_t)due;
    t.due_high[who] = (uint32_t)(due >> 32);
    t.armed[who] = HEARS;
    return waits_for(who, FOR_FRAME);
}

int32_t frame_receive(unsigned who, uint32_t milliseconds, uint32_t address, uint32_t most)
{
    uint8_t *to = bytes_at(who, address, most);
    if (to == NULL)
        return PXH_E_RANGE;
    listen(who);
    if (came != t.heard[who])
        return give(who, to, most);
    if (t.armed[who] != HEARS)
        return wait_for_one(who, milliseconds);
    const bool late = time_now() >= ((uint64_t)t.due_high[who] << 32 | t.due_low[who]);
    if (wrong == 0 && !late)
        return waits_for(who, FOR_FRAME);
    t.armed[who] = NOT_ARMED;
    return wrong;
}

int32_t ethernet_address(uint8_t address[6]) { return drivers_ethernet(address); }

bool frames_take(void)
{
    const uint32_t before = came;
    do {
        const int32_t answer = drivers_receive(kept[came % FRAMES].bytes, FRAME_ROOM);
        wrong = answer < 0 ? answer : 0;
        kept[came % FRAMES].count = (uint32_t)answer;
        came += answer > 0;
        if (answer <= 0)
            break;
    } while (came - before < FRAMES);
    if (came != before || wrong != 0)
        wake(FOR_FRAME);
    return came != before || wrong != 0;
}

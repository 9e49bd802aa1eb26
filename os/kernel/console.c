/* console.c - all that the kernel asks the host: output in batches, input ahead, time. */
#include "os/kernel/kernel.h"

enum { OUT_ROOM = 4096, IN_ROOM = 1024, TO_DO = 0, DONE = 1, EVENTS = 4 };

typedef struct entry {
    uint32_t request, argument;
    int32_t answer;
    uint32_t state;
} entry;

static uint8_t out[OUT_ROOM] __attribute__((aligned(4))), in[IN_ROOM] __attribute__((aligned(4)));
static uint32_t out_count, in_taken, in_count;
static bool in_ended;
static int32_t failed;

/* ---- output ---- */

void console_flush(void)
{
    for (uint32_t done = 0; done < out_count && failed == 0;) {
        const int32_t now = px_sys(PXH_REQUEST(PXH_PRINT, out_count - done), PXO_ADDRESS(out + done));
        failed = now < 0 ? now : now == 0 ? PXH_E_IO : 0;
        done += failed == 0 ? (uint32_t)now : 0;
    }
    out_count = 0;
}

void console_put(const void *bytes, uint32_t count)
{
    for (const uint8_t *from = bytes; count > 0;) {
        const uint32_t now = count < OUT_ROOM - out_count ? count : OUT_ROOM - out_count;
        memcpy(out + out_count, from, now);
        out_count += now;
        from += now;
        count -= now;
        if (out_count == OUT_ROOM)
            console_flush();
    }
}

void console_text(const char *text)
{
    while (*text != '\0')
        console_put(text++, 1);
}

void console_number(uint32_t number)
{
    char digits[10];
    unsigned at = sizeof digits;
    do
        digits[--at] = (char)('0' + number % 10);
    while ((number /= 10) > 0);
    console_put(digits + at, sizeof digits - at);
}

int32_t console_failed(void)
{
    const int32_t was = failed;
    failed = 0;
    return was;
}

/* ---- input and time ---- */

bool console_get(uint8_t *bytes, uint32_t count, int32_t *got)
{
    const uint32_t now = in_count - in_taken < count ? in_count - in_taken : count;
    *got = (int32_t)now;
    if (now == 0 && count > 0 && !in_ended)
        return false;
    if (now == 0 && count > 0)
        in_ended = false; /* one end for one reader: a terminal may go on behind it */
    memcpy(bytes, in + in_taken, now);
    in_taken += now;
    return true;
}

static bool has_waiting(uint32_t reason)
{
    px_vl(columns);
    px_vseq_vx(scratch, t.reason, reason);
    return px_sum(scratch) > 0;
}

static uint64_t due(unsigned who) { return (uint64_t)t.due_high[who] << 32 | t.due_low[who]; }

static uint64_t next_due(void)
{
    uint64_t next = UINT64_MAX;
    for (unsigned who = 0; who < columns; who++)
        if (t.state[who] == BLOCKED && t.reason[who] == FOR_TIME && due(who) < next)
            next = due(who);
    return next;
}

static void wake_sleepers(void)
{
    uint32_t words[2] = {0};
    px_sys(PXH_REQUEST(PXH_CLOCK, 0), PXO_ADDRESS(words));
    const uint64_t now = (uint64_t)words[1] << 32 | words[0];
    for (unsigned who = 0; who < columns; who++)
        if (t.state[who] == BLOCKED && t.reason[who] == FOR_TIME && due(who) <= now) {
            t.state[who] = READY;
            t.reason[who] = FOR_NOTHING;
        }
}

static void take_input(int32_t answer)
{
    in_taken = 0;
    in_count = answer > 0 && answer <= IN_ROOM ? (uint32_t)answer : 0;
    in_ended = in_count == 0;
    wake(FOR_CONSOLE);
}

/* One call for all that is waited for. Events only end a wait, so they are taken and dropped. */
bool hear_host(bool idle)
{
    static uint32_t ring[4 * EVENTS];
    static pxh_wait until;
    static entry list[2];
    uint32_t count = 0;
    console_flush();
    const bool reads = has_waiting(FOR_CONSOLE), sleeps = has_waiting(FOR_TIME);
    if (reads)
        list[count++] = (entry){PXH_REQUEST(PXH_INPUT, IN_ROOM), PXO_ADDRESS(in), 0, TO_DO};
    if (sleeps) {
        const uint64_t next = next_due();
        until = (pxh_wait){PXO_ADDRESS(ring), EVENTS, 0, EVENTS, (uint32_t)next, (uint32_t)(next >> 32)};
        list[count++] = (entry){PXH_REQUEST(PXH_WAIT, 0), PXO_ADDRESS(&until), 0, TO_DO};
    }
    if (count == 0)
        return !idle;
    px_sys(PXH_REQUEST(idle ? PXH_POLL : PXH_SUBMIT, count), PXO_ADDRESS(list));
    if (reads && list[0].state == DONE)
        take_input(list[0].answer);
    if (sleeps && list[count - 1].state == DONE)
        wake_sleepers();
    return true;
}

_Noreturn void shut_down(uint32_t status)
{
    console_flush();
    for (;;)
        px_sys(PXH_REQUEST(PXH_EXIT, status & 0xFF), 0);
}

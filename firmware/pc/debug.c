/* debug.c - port E9h, as Bochs and QEMU have it: what a guest writes there becomes lines of pxHV's log; a read answers
 * E9h, which tells a guest that the port is there. It is a log and not the wire. */
#include "firmware/pc/pc.h"

#include "firmware/machine/log.h"

static char line[121];
static unsigned length;

static void flush(void)
{
    line[length] = '\0';
    if (length != 0)
        hv_log("guest: %s", line);
    length = 0;
}

static uint8_t in(unsigned offset)
{
    (void)offset;
    return 0xE9;
}

static void out(unsigned offset, uint8_t value)
{
    (void)offset;
    if (value == '\n' || length == sizeof line - 1)
        flush();
    if (value >= ' ' && value < 127)
        line[length++] = (char)value;
}

static void reset(pc_time now)
{
    (void)now;
    flush();
}

const pc_device pc_debug = {.name = "port E9h", .first = 0xE9, .last = 0xE9, .in = in, .out = out, .reset = reset};

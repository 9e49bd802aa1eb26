/* pit.c - the 8254 interval timer at 40h and port 61h beside it: channel 0 is interrupt line 0, channel 2 with its gate
 * is what software measures time with. Modes and words from Intel's 8254 datasheet.
 *
 * A channel is not stepped: what it shows follows from when it was loaded, and time. */
#include "firmware/pc/pc.h"

#define PIT_HZ UINT64_C(1193182)

typedef struct channel {
    uint8_t mode;   /* 0 to 5 */
    uint8_t access; /* 1 low byte, 2 high byte, 3 low then high */
    bool bcd;
    bool second_write, second_read; /* the next byte is the high one of access 3 */
    uint8_t written_low;
    uint16_t latch;
    uint8_t latched; /* bytes of latch that are still to be read */
    uint8_t status;
    bool status_latched;
    bool loaded; /* a count has been given since the mode was set */
    bool gate;
    uint32_t count; /* 1 to 65536, or 10000 in BCD */
    pc_time start;  /* when the count began; moved when the gate stops it */
} channel;

static channel channels[3];
static uint8_t port61;
static pc_time fired; /* channel 0: up to which period its interrupt has been given */

/* a * b / c without overflow, for a of some years in nanoseconds. */
static uint64_t scale(uint64_t a, uint64_t b, uint64_t c) { return a / c * b + a % c * b / c; }

static uint64_t ticks_since(const channel *c, pc_time now) { return scale(now - c->start, PIT_HZ, PC_SECOND); }
static pc_time time_of_tick(const channel *c, uint64_t tick)
{
    return c->start + scale(tick, PC_SECOND, PIT_HZ) + 1; /* the first nanosecond in which ticks_since says so */
}

static bool periodic(const channel *c) { return c->mode == 2 || c->mode == 3; }

static bool output(const channel *c, pc_time now)
{
    if (!c->loaded)
        return c->mode != 0;
    const uint64_t ticks = ticks_since(c, now);
    switch (c->mode) {
    case 2:
        return !c->gate || ticks % c->count != c->count - 1;
    case 3:
        return !c->gate || ticks % c->count < (c->count + 1) / 2;
    case 4:
    case 5:
        return ticks != c->count;
    default:
        return ticks >= c->count; /* 0 and 1 */
    }
}

static uint16_t to_bcd(uint32_t n)
{
    return (uint16_t)(n / 1000 % 10 << 12 | n / 100 % 10 << 8 | n / 10 % 10 << 4 | n % 10);
}

static uint16_t counter(const channel *c, pc_time now)
{
    const uint64_t ticks = c->loaded ? ticks_since(c, now) : 0;
    uint32_t value;
    if (c->mode == 2)
        value = (uint32_t)(c->count - ticks % c->count);
    else if (c->mode == 3) /* counts down by two, twice a period */
        value = (uint32_t)((c->count - ticks * 2 % c->count) & ~UINT64_C(1));
    else
        value = (uint32_t)(c->count - ticks); /* and on below 0 */
    return c->bcd ? to_bcd(value % 10000) : (uint16_t)value;
}

static void load(channel *c, uint16_t value)
{
    uint32_t count = value;
    if (c->bcd)
        count = (value >> 12) * 1000u + (value >> 8 & 15u) * 100u + (value >> 4 & 15u) * 10u + (value & 15u);
    c->count = count != 0 ? count : c->bcd ? 10000 : 65536;
    c->start = pc_now;
    c->loaded = true;
    if (c == &channels[0]) {
        fired = 0;
        pc_irq(0, output(c, pc_now));
    }
}

static void write_count(channel *c, uint8_t value)
{
    if (c->access == 1)
        load(c, value);
    else if (c->access == 2)
        load(c, (uint16_t)(value << 8));
    else if (!c->second_write) {
        c->written_low = value;
        c->second_write = true;
        if (c->mode == 0)
            c->loaded = false; /* the first byte stops the count */
    } else {
        c->second_write = false;
        load(c, (uint16_t)(c->written_low | value << 8));
    }
}

static void latch_count(channel *c)
{
    if (c->latched != 0)
        return;
    c->latch = counter(c, pc_now);
    c->latched = c->access == 3 ? 2 : 1;
}

static void latch_status(channel *c)
{
    if (c->status_latched)
        return;
    c->status = (uint8_t)(output(c, pc_now) << 7 | !c->loaded << 6 | c->access << 4 | c->mode << 1 | c->bcd);
    c->status_latched = true;
}

static void write_control(uint8_t value)
{
    const unsigned number = value >> 6;
    if (number == 3) { /* read-back */
        for (unsigned i = 0; i < 3; i++)
            if ((value >> (i + 1) & 1) != 0) {
                if ((value & 0x20) == 0)
                    latch_count(&channels[i]);
                if ((value & 0x10) == 0)
                    latch_status(&channels[i]);
            }
        return;
    }
    channel *const c = &channels[number];
    if ((value & 0x30) == 0) {
        latch_count(c);
        return;
    }
    const bool gate = c->gate;
    uint8_t mode = value >> 1 & 7;
    if (mode > 5)
        mode &= 3; /* 6 and 7 are 2 and 3 */
    *c = (channel){
        .mode = mode, .access = value >> 4 & 3, .bcd = (value & 1) != 0, .gate = gate, .count = 65536, .start = pc_now};
    if (number == 0)
        pc_irq(0, output(c, pc_now));
}

static uint8_t read_count(channel *c)
{
    if (c->status_latched) {
        c->status_latched = false;
        return c->status;
    }
    const bool live = c->latched == 0;
    const uint16_t value = live ? counter(c, pc_now) : c->latch;
    bool high = c->access == 2;
    if (c->access == 3) {
        high = c->second_read;
        c->second_read = !c->second_read;
    }
    if (!live)
        c->latched--;
    return (uint8_t)(high ? value >> 8 : value);
}

static uint8_t pit_in(unsigned offset) { return offset < 3 ? read_count(&channels[offset]) : 0xFF; }
static void pit_out(unsigned offset, uint8_t value)
{
    if (offset == 3)
        write_control(value);
    else
        write_count(&channels[offset], value);
}

/* The next time at which channel 0 raises its line, of those that have not been given. */
static pc_time next_edge(void)
{
    const channel *const c = &channels[0];
    if (!c->loaded)
        return PC_NEVER;
    if (periodic(c))
        return time_of_tick(c, (fired + 1) * c->count);
    return fired == 0 ? time_of_tick(c, c->count) : PC_NEVER;
}

/* A guest that was away for several periods gets one interrupt for them: the line does not remember how often it rose.
 */
static void advance(pc_time now)
{
    const channel *const c = &channels[0];
    if (next_edge() > now)
        return;
    pc_irq(0, false);
    pc_irq(0, true);
    fired = periodic(c) ? ticks_since(c, now) / c->count : 1;
}

static void reset(pc_time now)
{
    for (unsigned i = 0; i < 3; i++)
        channels[i] = (channel){.mode = 3, .access = 3, .gate = i != 2, .count = 65536, .start = now};
    port61 = 0;
    fired = 0;
}

const pc_device pc_pit = {.name = "8254",
                          .first = 0x40,
                          .last = 0x43,
                          .in = pit_in,
                          .out = pit_out,
                          .reset = reset,
                          .advance = advance,
                          .deadline = next_edge};

/* ---- port 61h: gate of channel 2 in bit 0, speaker in bit 1; bit 4 toggles, bit 5 is channel 2's output ---- */

static uint8_t speaker_in(unsigned offset)
{
    (void)offset;
    const unsigned refresh = (unsigned)(pc_now / 15085) & 1; /* a refresh of memory every 15.085 us */
    return (uint8_t)(port61 | refresh << 4 | (unsigned)output(&channels[2], pc_now) << 5);
}

static void speaker_out(unsigned offset, uint8_t value)
{
    (void)offset;
    channel *const c = &channels[2];
    const bool gate = (value & 1) != 0;
    if (gate && !c->gate)
        c->start = pc_now; /* modes 0 and 4 would go on where they stood: no program gates a count half-way */
    c->gate = gate;
    port61 = value & 3;
}

const pc_device pc_speaker = {.name = "port 61h", .first = 0x61, .last = 0x61, .in = speaker_in, .out = speaker_out};

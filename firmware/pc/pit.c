/* pit.c - the 8254 interval timer at 40h and port 61h beside it: channel 0 is interrupt line 0, channel 2 with its gate
 * is what software measures time with. Modes and words from Intel's 8254 datasheet.
 *
 * A channel is not stepped: what it shows follows from when its count began, and time. The clock pulse that loads a
 * count is taken to be the write itself. */
#include "firmware/pc/pc.h"

#define PIT_HZ UINT64_C(1193182)

/* Wake-ups for channel 0 come no faster: counts of 1 or 2 would leave the guest no time to run in. */
#define LEAST_WAIT (20 * PC_SECOND / 1000000)

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
    bool running;
    uint32_t count;    /* 1 to 65536, or 10000 in BCD */
    uint32_t next;     /* written, and not yet in force; 0: none */
    uint64_t takeover; /* the clock at which it comes into force in modes 2 and 3 */
    uint64_t before;   /* clocks counted before start */
    pc_time start;
} channel;

static channel channels[3];
static uint8_t port61;
static uint64_t fired; /* channel 0: up to which period its interrupt has been given */
static pc_time woken;  /* and when */
static pc_time edge;   /* when the next is due */
static pc_time wake;   /* when pxHV has to look */

static bool periodic(const channel *c) { return c->mode == 2 || c->mode == 3; }
static bool triggered(const channel *c) { return c->mode == 1 || c->mode == 5; } /* by the gate's rise */

/* Clocks since the count began. */
static uint64_t position(const channel *c, pc_time now)
{
    const pc_time t = c->running ? now - c->start : 0;
    return c->before + t / PC_SECOND * PIT_HZ + t % PC_SECOND * PIT_HZ / PC_SECOND;
}

/* The first nanosecond in which position() says clock. */
static pc_time time_of(const channel *c, uint64_t clock)
{
    const uint64_t n = clock - c->before;
    return c->start + n / PIT_HZ * PC_SECOND + (n % PIT_HZ * PC_SECOND + PIT_HZ - 1) / PIT_HZ;
}

static uint32_t first_half(uint32_t count) { return (count + 1) / 2; } /* mode 3: OUT is high */

static bool output(const channel *c, pc_time now)
{
    if (!c->loaded)
        return c->mode != 0;
    const uint64_t clock = position(c, now);
    switch (c->mode) {
    case 0:
        return clock >= c->count;
    case 1:
        return !c->running || clock >= c->count;
    case 2:
        return !c->gate || clock % c->count != c->count - 1;
    case 3:
        return !c->gate || clock % c->count < first_half(c->count);
    default:
        return (c->mode == 5 && !c->running) || clock != c->count; /* a strobe of one clock */
    }
}

static uint16_t to_bcd(uint32_t n)
{
    return (uint16_t)(n / 1000 % 10 << 12 | n / 100 % 10 << 8 | n / 10 % 10 << 4 | n % 10);
}

static uint16_t counter(const channel *c, pc_time now)
{
    const uint64_t clock = position(c, now), modulus = c->bcd ? 10000 : 65536;
    uint64_t value;
    if (c->mode == 2)
        value = c->count - clock % c->count;
    else if (c->mode == 3) /* counts down by two, twice a period */
        value = (c->count - clock * 2 % c->count) & ~UINT64_C(1);
    else
        value = c->count + modulus - clock % modulus; /* and on below 0 */
    return c->bcd ? to_bcd((uint32_t)(value % modulus)) : (uint16_t)value;
}

static void follow_output(const channel *c)
{
    if (c == &channels[0])
        pc_irq(0, output(c, pc_now));
}

static void begin(channel *c, uint32_t count)
{
    c->count = count;
    c->next = 0;
    c->before = 0;
    c->start = pc_now;
    c->running = c->gate || triggered(c);
    if (c == &channels[0])
        fired = 0;
    follow_output(c);
}

/* A count that is written while a square wave or rate generator runs waits for the end of its half or whole period;
 * one for a mode that the gate triggers waits for that. */
static void load(channel *c, uint16_t value)
{
    uint32_t count = value;
    if (c->bcd)
        count = (value >> 12) * 1000u + (value >> 8 & 15u) * 100u + (value >> 4 & 15u) * 10u + (value & 15u);
    if (count == 0)
        count = c->bcd ? 10000 : 65536;
    const bool first = !c->loaded;
    c->loaded = true;
    if (triggered(c))
        c->next = count;
    else if (!periodic(c) || first)
        begin(c, count);
    else {
        const uint64_t clock = position(c, pc_now), within = clock % c->count;
        const bool half = c->mode == 3 && within < first_half(c->count);
        c->takeover = clock - within + (half ? first_half(c->count) : c->count);
        c->next = count;
    }
}

/* What has waited comes into force; whether it has. */
static bool take_over(channel *c, pc_time now)
{
    if (c->next == 0 || !periodic(c) || !c->running || position(c, now) < c->takeover)
        return false;
    const pc_time start = time_of(c, c->takeover);
    c->before = c->takeover % c->count != 0 ? first_half(c->next) : 0; /* the second half comes */
    c->start = start;
    c->count = c->next;
    c->next = 0;
    if (c == &channels[0])
        fired = 0;
    return true;
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
        if (c->mode == 0) { /* the first byte stops the count */
            c->loaded = false;
            follow_output(c);
        }
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
    const bool null = !c->loaded || c->next != 0;
    c->status = (uint8_t)(output(c, pc_now) << 7 | null << 6 | c->access << 4 | c->mode << 1 | c->bcd);
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
    follow_output(c);
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

/* ---- channel 0's interrupt ---- */

/* The next time at which channel 0 raises its line, of those that have not been given. */
static pc_time next_edge(void)
{
    const channel *const c = &channels[0];
    if (!c->loaded || !c->running)
        return PC_NEVER;
    if (periodic(c))
        return time_of(c, (fired + 1) * c->count);
    return fired == 0 ? time_of(c, c->mode == 4 ? c->count + 1 : c->count) : PC_NEVER; /* a strobe's end is its edge */
}

/* After each change of channel 0: most exits look at these two and at nothing else. */
static void plan(void)
{
    const channel *const c = &channels[0];
    edge = wake = next_edge();
    if (c->running && c->next != 0 && time_of(c, c->takeover) < wake)
        wake = time_of(c, c->takeover);
    if (wake < woken + LEAST_WAIT)
        wake = woken + LEAST_WAIT;
}

/* A guest that was away for several periods gets one interrupt for them: the line does not remember how often it rose.
 */
static void fire(pc_time now)
{
    const channel *const c = &channels[0];
    if (edge > now)
        return;
    pc_irq(0, false);
    pc_irq(0, true);
    woken = now;
    fired = periodic(c) ? position(c, now) / c->count : 1;
    plan();
}

static void advance(pc_time now)
{
    bool taken = false;
    fire(now);
    for (unsigned i = 0; i < 3; i++)
        taken |= take_over(&channels[i], now);
    if (!taken)
        return;
    plan();
    fire(now);
}

/* Masked, or between acknowledgements, a guest with the smallest of counts runs as if there were none. */
static pc_time deadline(void) { return pc_irq_waits(0) ? PC_NEVER : wake; }

static uint8_t pit_in(unsigned offset) { return offset < 3 ? read_count(&channels[offset]) : 0xFF; }
static void pit_out(unsigned offset, uint8_t value)
{
    if (offset == 3)
        write_control(value);
    else
        write_count(&channels[offset], value);
    plan();
}

static void reset(pc_time now)
{
    for (unsigned i = 0; i < 3; i++)
        channels[i] = (channel){.mode = 3, .access = 3, .gate = i != 2, .count = 65536, .start = now};
    port61 = 0;
    fired = 0;
    woken = now;
    follow_output(&channels[0]);
    plan();
}

const pc_device pc_pit = {.name = "8254",
                          .first = 0x40,
                          .last = 0x43,
                          .in = pit_in,
                          .out = pit_out,
                          .reset = reset,
                          .advance = advance,
                          .deadline = deadline};

/* ---- port 61h: gate of channel 2 in bit 0, speaker in bit 1, parity checks in bits 3:2; bit 4 toggles, bit 5 is
 * channel 2's output ---- */

static uint8_t speaker_in(unsigned offset)
{
    (void)offset;
    const unsigned refresh = (unsigned)(pc_now / 15085) & 1; /* a refresh of memory every 15.085 us */
    return (uint8_t)(port61 | refresh << 4 | (unsigned)output(&channels[2], pc_now) << 5);
}

/* A gate that falls stops modes 0 and 4 where they stand, and modes 2 and 3; one that rises lets 0 and 4 go on, starts
 * 2 and 3 anew, and triggers 1 and 5. */
static void set_gate(channel *c, bool gate)
{
    if (gate == c->gate)
        return;
    if (!gate && !triggered(c)) {
        c->before = position(c, pc_now);
        c->running = false;
    }
    c->gate = gate;
    if (!gate || !c->loaded)
        return;
    if (periodic(c) || triggered(c))
        begin(c, c->next != 0 ? c->next : c->count);
    else {
        c->start = pc_now;
        c->running = true;
    }
}

static void speaker_out(unsigned offset, uint8_t value)
{
    (void)offset;
    set_gate(&channels[2], (value & 1) != 0);
    port61 = value & 0x0F;
}

const pc_device pc_speaker = {.name = "port 61h", .first = 0x61, .last = 0x61, .in = speaker_in, .out = speaker_out};

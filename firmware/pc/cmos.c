/* cmos.c - the MC146818 clock and its memory at 70h: the date and time that pxHV was given, kept by guest time; memory
 * sizes and drive types where a BIOS leaves them. */
#include "firmware/pc/pc.h"

static uint8_t memory[128];
static uint8_t selected;
static uint64_t epoch; /* seconds since 1970 at time 0 */
static pc_time periodic_from;

void pc_cmos_set(uint64_t seconds_since_1970) { epoch = seconds_since_1970; }
void pc_cmos_put(uint8_t at, uint8_t value)
{
    if (at < sizeof memory)
        memory[at] = value;
}

/* Year, month, day of a count of days since 1970-01-01, in the proleptic Gregorian calendar. */
static void civil(uint64_t days, unsigned *year, unsigned *month, unsigned *day)
{
    static const uint8_t lengths[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    unsigned y = 1970, m = 0;
    for (;; y++) {
        const unsigned length = y % 4 == 0 && (y % 100 != 0 || y % 400 == 0) ? 366 : 365;
        if (days < length)
            break;
        days -= length;
    }
    for (;; m++) {
        const unsigned leap = m == 1 && y % 4 == 0 && (y % 100 != 0 || y % 400 == 0), length = lengths[m] + leap;
        if (days < length)
            break;
        days -= length;
    }
    *year = y;
    *month = m + 1;
    *day = (unsigned)days + 1;
}

static uint8_t coded(unsigned n)
{
    return (uint8_t)((memory[0x0B] & 4) != 0 ? n : n / 10 % 10 << 4 | n % 10); /* status B bit 2: binary */
}

static uint8_t hour(unsigned n)
{
    if ((memory[0x0B] & 2) != 0)
        return coded(n);
    const unsigned twelve = n % 12 == 0 ? 12 : n % 12;
    return (uint8_t)(coded(twelve) | (n >= 12 ? 0x80 : 0));
}

static uint8_t clock_register(uint8_t which)
{
    const uint64_t seconds = epoch + pc_now / PC_SECOND;
    unsigned year, month, day;
    civil(seconds / 86400, &year, &month, &day);
    switch (which) {
    case 0x00:
        return coded((unsigned)(seconds % 60));
    case 0x02:
        return coded((unsigned)(seconds / 60 % 60));
    case 0x04:
        return hour((unsigned)(seconds / 3600 % 24));
    case 0x06:
        return coded((unsigned)((seconds / 86400 + 4) % 7 + 1)); /* 1970 began on a Thursday; Sunday is 1 */
    case 0x07:
        return coded(day);
    case 0x08:
        return coded(month);
    case 0x09:
        return coded(year % 100);
    default:
        return coded(year / 100); /* 32h */
    }
}

/* Status A: bit 7 says that the time is about to change, in the last 244 us of a second. */
static uint8_t status_a(void)
{
    return (uint8_t)((memory[0x0A] & 0x7F) | (PC_SECOND - pc_now % PC_SECOND <= 244000 ? 0x80 : 0));
}

/* Status C: the periodic flag by time, and reading clears it. The interrupt is not wired: nothing that pxHV boots uses
 * line 8. */
static uint8_t status_c(void)
{
    const unsigned rate = memory[0x0A] & 15;
    uint8_t flags = 0;
    if (rate >= 3 && pc_now - periodic_from >= (UINT64_C(1) << (rate - 1)) * PC_SECOND / 32768)
        flags = 0x40;
    if (flags != 0)
        periodic_from = pc_now;
    return flags;
}

static uint8_t in(unsigned offset)
{
    if (offset == 0)
        return 0xFF; /* write only */
    switch (selected) {
    case 0x00:
    case 0x02:
    case 0x04:
    case 0x06:
    case 0x07:
    case 0x08:
    case 0x09:
    case 0x32:
        return clock_register(selected);
    case 0x0A:
        return status_a();
    case 0x0C:
        return status_c();
    case 0x0D:
        return 0x80; /* the battery is good */
    default:
        return memory[selected];
    }
}

/* The clock itself cannot be set: it is pxHV's. */
static void out(unsigned offset, uint8_t value)
{
    if (offset == 0)
        selected = value & 0x7F;
    else if (selected != 0x0C && selected != 0x0D)
        memory[selected] = value;
}

static void reset(pc_time now)
{
    selected = 0x0D;
    memory[0x0A] = 0x26;
    memory[0x0B] = 0x02; /* BCD, 24 hours */
    periodic_from = now;
}

const pc_device pc_cmos = {.name = "CMOS", .first = 0x70, .last = 0x71, .in = in, .out = out, .reset = reset};

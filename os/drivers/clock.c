/* clock.c - the machine's clocks: the HPET counts how long it has run, the RTC tells the time of day. */
#include "os/drivers/driver.h"
#include "os/drivers/machine.h"

enum {
    HPET_MB = 0xFED,
    PERIOD = 4,        /* of a count, in femtoseconds */
    SETTINGS = 0x10,   /* bit 0: it counts */
    COUNT = 0xF0,
    LONGEST = 100000000, /* that a period may be */
    INDEX = 0x70,      /* of the RTC's registers */
    VALUE = 0x71,
    REGISTERS = 9
};

static uint64_t hpet, first, day; /* day: nanoseconds since 1970 when it counted first */
static uint32_t period;

static uint64_t nanoseconds(uint64_t count)
{
    const uint64_t seconds = 1000000000000000 / period; /* counts of one */
    return count / seconds * 1000000000 + count % seconds * period / 1000000;
}

static uint64_t running(void) { return nanoseconds(mmio_read(3, hpet + COUNT) - first); }

/* ---- the time of day ---- */

static uint32_t rtc(uint32_t reg)
{
    port_write(0, INDEX, reg);
    return port_read(0, VALUE);
}

static void read_rtc(uint32_t values[REGISTERS])
{
    static const uint8_t registers[REGISTERS] = {0x0B, 0, 2, 4, 7, 8, 9, 0x32, 0x0A};
    for (uint32_t i = 0; i < REGISTERS; i++)
        values[i] = rtc(registers[i]);
}

static uint32_t decimal(uint32_t value, bool binary) { return binary ? value : (value >> 4) * 10 + (value & 15); }

/* Days from 1970 on; a year begins in March here, so that what a leap year has more is its last day. */
static uint32_t days(uint32_t year, uint32_t month, uint32_t of_month)
{
    const uint32_t y = month < 3 ? year - 1 : year, m = (month + 9) % 12;
    return y * 365 + y / 4 - y / 100 + y / 400 + (m * 153 + 2) / 5 + of_month - 719469;
}

static uint64_t seconds_of(const uint32_t v[REGISTERS])
{
    enum { BINARY = 4, HOURS_24 = 2, AFTERNOON = 0x80 };
    const bool binary = (v[0] & BINARY) != 0;
    uint32_t hour = decimal(v[3] & ~(uint32_t)AFTERNOON, binary), century = decimal(v[7], binary);
    if ((v[0] & HOURS_24) == 0)
        hour = hour % 12 + ((v[3] & AFTERNOON) != 0 ? 12 : 0);
    century = century < 19 || century > 99 ? 20 : century;
    return (uint64_t)days(century * 100 + decimal(v[6], binary), decimal(v[5], binary), decimal(v[4], binary)) * 86400 +
           hour * 3600 + decimal(v[2], binary) * 60 + decimal(v[1], binary);
}

/* It may change while it is read: until it was the same twice. */
static uint64_t time_of_day(void)
{
    enum { TRIES = 8 };
    uint32_t now[REGISTERS], before[REGISTERS];
    read_rtc(before);
    for (int i = 0; i < TRIES; i++) {
        uint32_t differ = 0;
        read_rtc(now);
        for (uint32_t k = 0; k < REGISTERS; k++) {
            differ |= now[k] ^ before[k];
            before[k] = now[k];
        }
        if (differ == 0)
            break;
    }
    return seconds_of(now) * 1000000000;
}

/* ---- the driver ---- */

static bool begin(void)
{
    hpet = (uint64_t)HPET_MB << 20;
    period = (uint32_t)mmio_read(2, hpet + PERIOD);
    if (period == 0 || period > LONGEST)
        return false;
    mmio_write(2, hpet + SETTINGS, mmio_read(2, hpet + SETTINGS) | 1);
    first = mmio_read(3, hpet + COUNT);
    day = time_of_day();
    return true;
}

static uint64_t now(bool today) { return running() + (today ? day : 0); }

const driver driver_clock = {.begin = begin, .clock = now};

/* time.c - see time.h. The TSC counts time; whatever else wakes pxHV only wakes it. */
#include "firmware/machine/time.h"

#include <stdbool.h>

#include "firmware/machine/cpu.h"
#include "firmware/machine/log.h"
#include "firmware/machine/tsc.h"

#define SECOND UINT64_C(1000000000)

static uint64_t start, tsc_hz;

void time_init(void)
{
    const char *source;
    tsc_hz = tsc_rate(&source);
    if (tsc_hz == 0)
        hv_stop("time: the PIT's channel 2 does not count, and CPUID leaves 15h and 16h do not tell the TSC's rate");
    start = rdtsc();
    hv_log("time: the TSC runs at %lu Hz by %s", tsc_hz, source);
}

/* a * b / c with a product of 128 bits; the quotient fits 64. */
static uint64_t scale(uint64_t a, uint64_t b, uint64_t c)
{
    uint64_t high, low, quotient, rest;
    __asm__("mulq %3" : "=a"(low), "=d"(high) : "a"(a), "r"(b) : "cc");
    __asm__("divq %4" : "=a"(quotient), "=d"(rest) : "a"(low), "d"(high), "r"(c) : "cc");
    return quotient;
}

uint64_t time_now(void) { return scale(rdtsc() - start, SECOND, tsc_hz); }

uint64_t time_ticks(uint64_t nanoseconds)
{
    return scale(nanoseconds < 3600 * SECOND ? nanoseconds : 3600 * SECOND, tsc_hz, SECOND);
}

/* ---- the real clock: an MC146818 or what has its registers ---- */

static uint8_t clock_register(uint8_t at)
{
    out8(0x70, at);
    return in8(0x71);
}

static unsigned decimal(uint8_t value, bool binary) { return binary ? value : (value >> 4) * 10u + (value & 15u); }

/* Days since 1970-01-01 of a date from 1970 on. */
static uint64_t days_of(unsigned year, unsigned month, unsigned day)
{
    static const uint16_t before[12] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
    const unsigned y = year - 1, leaps = y / 4 - y / 100 + y / 400 - (1969 / 4 - 1969 / 100 + 1969 / 400);
    const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return (year - 1970) * UINT64_C(365) + leaps + before[month - 1] + (leap && month > 2) + day - 1;
}

typedef struct wall_clock {
    uint8_t second, minute, hour, day, month, year, century;
} wall_clock;

static wall_clock read_clock(void)
{
    for (unsigned tries = 0; tries < 100000 && (clock_register(0x0A) & 0x80) != 0; tries++)
        __asm__ volatile("pause"); /* an update is under way */
    return (wall_clock){clock_register(0), clock_register(2), clock_register(4),   clock_register(7),
                        clock_register(8), clock_register(9), clock_register(0x32)};
}

uint64_t time_of_day(void)
{
    const wall_clock c = read_clock();
    const uint8_t form = clock_register(0x0B);
    const bool binary = (form & 4) != 0, afternoon = (form & 2) == 0 && (c.hour & 0x80) != 0;
    unsigned hour = decimal((form & 2) != 0 ? c.hour : c.hour & 0x7F, binary);
    if ((form & 2) == 0)
        hour = hour % 12 + (afternoon ? 12 : 0);
    const unsigned second = decimal(c.second, binary), minute = decimal(c.minute, binary);
    const unsigned day = decimal(c.day, binary), month = decimal(c.month, binary);
    unsigned century = decimal(c.century, binary);
    if (century < 19 || century > 29)
        century = 20; /* not every PC keeps it there */
    const unsigned year = century * 100 + decimal(c.year, binary);
    if (year < 1970 || month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60)
        return 0;
    return days_of(year, month, day) * 86400 + hour * 3600 + minute * 60 + second;
}

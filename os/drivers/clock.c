/* clock.c - the machine's real time clock, which tells the time of day. It is read once: how long ago that was, the
 * host's clock knows, without a request of the machine. */
#include "os/drivers/driver.h"
#include "os/drivers/machine.h"

enum { INDEX = 0x70, VALUE = 0x71, REGISTERS = 9 };

static uint64_t day; /* nanoseconds since 1970 when the host's clock was at 0 */

static void read_rtc(uint32_t values[REGISTERS])
{
    static const uint8_t registers[REGISTERS] = {0x0B, 0, 2, 4, 7, 8, 9, 0x32, 0x0A};
    host_entry list[2 * REGISTERS];
    for (uint32_t i = 0; i < REGISTERS; i++) {
        list[2 * i] = host_entry_of(PXH_PORT_WRITE, INDEX, registers[i]);
        list[2 * i + 1] = host_entry_of(PXH_PORT_READ, VALUE, at(&values[i]));
    }
    host_submit(list, 2 * REGISTERS);
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
static bool read_day(uint64_t *seconds)
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
        *seconds = seconds_of(now);
        if (differ == 0)
            return now[0] != 0xFF; /* what nobody answers at */
    }
    return false;
}

static uint64_t today(void) { return day + host_clock(0); }

static bool begin(void)
{
    uint64_t seconds;
    if (!read_day(&seconds))
        return false;
    day = seconds * 1000000000 - host_clock(0);
    return true;
}

const driver driver_clock = {.begin = begin, .today = today};

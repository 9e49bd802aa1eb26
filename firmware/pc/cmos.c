/* cmos.c - the MC146818 clock and its memory at 70h, on interrupt line 8: date and time that pxHV was given or the
 * guest has set, kept by guest time; its three interrupts; memory sizes and drive types where a BIOS leaves them.
 * Registers A to D by the names of Motorola's datasheet.
 *
 * Nothing ticks: what a register shows, and which flags have come up, follows from guest time when somebody looks. */
#include "firmware/pc/pc.h"

#include <stddef.h>

enum { SECONDS, SECONDS_ALARM, MINUTES, MINUTES_ALARM, HOURS, HOURS_ALARM, WEEKDAY, DAY, MONTH, YEAR, A, B, C, D };
#define CENTURY 0x32

#define A_UPDATING 0x80
#define A_DIVIDER  0x70
#define A_RUNNING  0x20 /* divider settings up to this one run; those above hold it in reset */

#define B_SET    0x80 /* the clock stands while it is being set */
#define B_BINARY 0x04
#define B_24     0x02

#define PERIODIC 0x40 /* in B: enabled; in C: it has come */
#define ALARM    0x20
#define UPDATE   0x10
#define C_LINE   0x80

#define DAY_SECONDS 86400u
#define CRYSTAL     32768u

static uint8_t memory[128];
static uint8_t selected;
static uint64_t epoch;   /* seconds since 1970 when the divider's time was 0 */
static pc_time phase;    /* the divider is so far before guest time: its seconds need not begin with the guest's */
static uint64_t second;  /* up to which updates and alarms are in C */
static uint64_t periods; /* and the periodic flag */

/* "Divider Control": the chain from crystal to seconds is held in reset. */
static bool held(void) { return (memory[A] & A_DIVIDER) > A_RUNNING; }
static bool standing(void) { return held() || (memory[B] & B_SET) != 0; }
static pc_time divider(void) { return pc_now + phase; }

/* ---- seconds since 1970, and fields ---- */

static unsigned days_of_year(unsigned y) { return y % 4 == 0 && (y % 100 != 0 || y % 400 == 0) ? 366 : 365; }

static unsigned days_of_month(unsigned y, unsigned month)
{
    static const uint8_t days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month - 1] + (month == 2 ? days_of_year(y) - 365 : 0);
}

static uint8_t coded(unsigned n) { return (uint8_t)((memory[B] & B_BINARY) != 0 ? n : n / 10 % 10 << 4 | n % 10); }
static unsigned decoded(uint8_t n) { return (memory[B] & B_BINARY) != 0 ? n : (n >> 4) * 10u + (n & 15u); }

static uint8_t coded_hour(unsigned n)
{
    if ((memory[B] & B_24) != 0)
        return coded(n);
    return (uint8_t)(coded(n % 12 == 0 ? 12 : n % 12) | (n >= 12 ? 0x80 : 0));
}

/* 24 and more: no hour. */
static unsigned decoded_hour(uint8_t n)
{
    if ((memory[B] & B_24) != 0)
        return decoded(n);
    const unsigned twelve = decoded(n & 0x7F);
    return twelve >= 1 && twelve <= 12 ? twelve % 12 + ((n & 0x80) != 0 ? 12 : 0) : 24;
}

static uint64_t clock_now(void) { return epoch + divider() / PC_SECOND; }

/* The clock's registers, as they are now; while it is being set, as the guest has left them. */
static void show(void)
{
    if (standing())
        return;
    const uint64_t now = clock_now();
    uint64_t days = now / DAY_SECONDS;
    unsigned year = 1970, month = 1;
    memory[SECONDS] = coded((unsigned)(now % 60));
    memory[MINUTES] = coded((unsigned)(now / 60 % 60));
    memory[HOURS] = coded_hour((unsigned)(now / 3600 % 24));
    memory[WEEKDAY] = coded((unsigned)((days + 4) % 7 + 1)); /* 1970 began on a Thursday; Sunday is 1 */
    for (; days >= days_of_year(year); year++)
        days -= days_of_year(year);
    for (; days >= days_of_month(year, month); month++)
        days -= days_of_month(year, month);
    memory[DAY] = coded((unsigned)days + 1);
    memory[MONTH] = coded(month);
    memory[YEAR] = coded(year % 100);
    memory[CENTURY] = coded(year / 100);
}

/* The chip does not know the century: a program that has changed the coding need not have changed it too. */
static unsigned century(void)
{
    const unsigned n = decoded(memory[CENTURY]);
    return n >= 19 && n <= 23 ? n : 20;
}

/* The clock goes on from its registers; from what is no time, as if it had not been set. */
static void adopt(void)
{
    const unsigned s = decoded(memory[SECONDS]), m = decoded(memory[MINUTES]), h = decoded_hour(memory[HOURS]);
    const unsigned year = century() * 100 + decoded(memory[YEAR]), month = decoded(memory[MONTH]);
    const unsigned day = decoded(memory[DAY]);
    if (s > 59 || m > 59 || h > 23 || year < 1970 || month < 1 || month > 12 || day < 1 ||
        day > days_of_month(year, month))
        return;
    uint64_t days = day - 1;
    for (unsigned y = 1970; y < year; y++)
        days += days_of_year(y);
    for (unsigned i = 1; i < month; i++)
        days += days_of_month(year, i);
    epoch = days * DAY_SECONDS + h * 3600 + m * 60 + s - divider() / PC_SECOND;
}

void pc_cmos_put(uint8_t at, uint8_t value)
{
    if (at < sizeof memory)
        memory[at] = value;
}

/* ---- flags and the line ---- */

/* A period is 2^n cycles of the crystal; rate 0: there is none. Rates 1 and 2 are the same as 8 and 9. */
static unsigned period_shift(void)
{
    const unsigned rate = memory[A] & 15u;
    return rate < 3 ? rate + 6 : rate - 1;
}

static uint64_t periods_now(void)
{
    const pc_time now = divider();
    return (now / PC_SECOND * CRYSTAL + now % PC_SECOND * CRYSTAL / PC_SECOND) >> period_shift();
}

void pc_cmos_set(uint64_t seconds_since_1970)
{
    epoch = seconds_since_1970;
    phase = 0;
    second = divider() / PC_SECOND;
    periods = periods_now();
}

static bool periodic(void) { return !held() && (memory[A] & 15) != 0; }

/* An alarm byte with its two high bits set fits everything. */
static bool fits(uint8_t alarm, uint8_t value) { return alarm >= 0xC0 || alarm == value; }

static bool alarm_at(uint64_t s)
{
    return fits(memory[SECONDS_ALARM], coded((unsigned)(s % 60))) &&
           fits(memory[MINUTES_ALARM], coded((unsigned)(s / 60 % 60))) &&
           fits(memory[HOURS_ALARM], coded_hour((unsigned)(s / 3600 % 24)));
}

static void update(void)
{
    const uint64_t now = divider() / PC_SECOND;
    if (!standing() && now != second) {
        memory[C] |= UPDATE;
        const uint64_t first = now - second > DAY_SECONDS ? now - DAY_SECONDS : second; /* a day has every time */
        for (uint64_t s = first + 1; s <= now && (memory[C] & ALARM) == 0; s++)
            if (alarm_at(epoch + s))
                memory[C] |= ALARM;
    }
    second = now;
    if (periodic() && periods_now() != periods) {
        memory[C] |= PERIODIC;
        periods = periods_now();
    }
    const bool line = (memory[B] & memory[C] & (PERIODIC | ALARM | UPDATE)) != 0;
    memory[C] = (uint8_t)((memory[C] & ~C_LINE) | (line ? C_LINE : 0));
    pc_irq(8, line);
}

static void advance(pc_time now)
{
    (void)now;
    if ((memory[B] & (PERIODIC | ALARM | UPDATE)) != 0)
        update();
}

static pc_time deadline(void)
{
    pc_time first = PC_NEVER;
    if ((memory[C] & C_LINE) != 0)
        return PC_NEVER; /* it stands until C is read */
    if ((memory[B] & (ALARM | UPDATE)) != 0 && !standing())
        first = (second + 1) * PC_SECOND - phase;
    if ((memory[B] & PERIODIC) != 0 && periodic()) {
        const uint64_t cycle = (periods + 1) << period_shift();
        const pc_time next = cycle / CRYSTAL * PC_SECOND + (cycle % CRYSTAL * PC_SECOND + CRYSTAL - 1) / CRYSTAL;
        if (next - phase < first)
            first = next - phase;
    }
    return first;
}

/* ---- ports ---- */

/* Bit 7 says that the time is about to change, in the last 244 us of a second. */
static uint8_t register_a(void)
{
    const bool updating = !standing() && PC_SECOND - divider() % PC_SECOND <= 244000;
    return (uint8_t)((memory[A] & ~A_UPDATING) | (updating ? A_UPDATING : 0));
}

/* Reading takes the flags and the line away. */
static uint8_t register_c(void)
{
    update();
    const uint8_t flags = memory[C];
    memory[C] = 0;
    pc_irq(8, false);
    return flags;
}

static uint8_t in(unsigned offset)
{
    if (offset == 0)
        return 0xFF; /* write only */
    switch (selected) {
    case A:
        return register_a();
    case C:
        return register_c();
    case D:
        return 0x80; /* the battery is good */
    default:
        if (selected <= YEAR || selected == CENTURY)
            show();
        return memory[selected];
    }
}

/* Let go, the divider is half a second before the next update, and the clock goes on from its registers. */
static void write_register_a(uint8_t value)
{
    const bool stood = standing(), was_held = held();
    update();
    show();
    memory[A] = value & 0x7F;
    if (was_held && !held())
        phase = (PC_SECOND + PC_SECOND / 2 - pc_now % PC_SECOND) % PC_SECOND;
    second = divider() / PC_SECOND;
    if (stood && !standing())
        adopt();
    periods = periods_now();
}

static void write_register_b(uint8_t value)
{
    const bool stood = standing();
    update();
    show();
    memory[B] = (value & B_SET) != 0 ? value & (uint8_t)~UPDATE : value; /* "UIE": SET going high clears it */
    if (stood && !standing())
        adopt();
    update();
}

static void write_memory(uint8_t value)
{
    const bool of_clock =
        selected <= YEAR && selected != SECONDS_ALARM && selected != MINUTES_ALARM && selected != HOURS_ALARM;
    if (of_clock || selected == CENTURY)
        show();
    memory[selected] = value;
    if ((of_clock || selected == CENTURY) && !standing())
        adopt();
}

static void out(unsigned offset, uint8_t value)
{
    if (offset == 0)
        selected = value & 0x7F;
    else if (selected == A)
        write_register_a(value);
    else if (selected == B)
        write_register_b(value);
    else if (selected != C && selected != D)
        write_memory(value);
}

/* The clock and its memory have a battery; the reset line clears the interrupts. A clock that stands goes on, as a BIOS
 * would see to. */
static void reset(pc_time now)
{
    (void)now;
    selected = D;
    memory[B] &= B_SET | B_BINARY | B_24;
    write_register_a(0x26);
    write_register_b(memory[B] & (B_BINARY | B_24));
    memory[B] = B_24;
    memory[C] = 0;
}

const pc_device pc_cmos = {.name = "CMOS",
                           .first = 0x70,
                           .last = 0x71,
                           .in = in,
                           .out = out,
                           .reset = reset,
                           .advance = advance,
                           .deadline = deadline};

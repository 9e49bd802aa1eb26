/* bios_clock.c - time: the timer tick and the clock's interrupt, INT 1Ah, and the two waits of INT 15h. */
#include "firmware/bios/services.h"

#include "firmware/machine/time.h"

#define TICKS_A_DAY 0x1800B0u
#define MICROSECOND (PC_SECOND / 1000000)

/* Registers A to C of the clock: firmware/pc/cmos.c. */
#define CLOCK_B      0x0B
#define CLOCK_C      0x0C
#define B_SET        0x80u
#define PERIODIC     0x40u
#define ALARM        0x20u
#define B_INTERRUPTS 0x70u
#define B_DAYLIGHT   0x01

/* An event that is waited for, as an AT keeps it in the data area: 98h pointer to the flag, 9Ch microseconds left, A0h
 * bit 0: it is under way. */
#define EVENT_FLAG  BDA(0x98)
#define EVENT_LEFT  BDA(0x9C)
#define EVENT_WAITS BDA(0xA0)
#define PERIOD      976u /* microseconds; rate 6 */

/* ---- IRQ 0 ---- */

static uint32_t long_at(uint64_t at) { return bios_word(at) | (uint32_t)bios_word(at + 2) << 16; }

static void put_long(uint64_t at, uint32_t value)
{
    bios_put_word(at, (uint16_t)value);
    bios_put_word(at + 2, (uint16_t)(value >> 16));
}

/* The tick is counted; the ROM calls INT 1Ch, and then ends the interrupt. */
bios_answer bios_timer_irq(void)
{
    const uint32_t now = long_at(BDA(0x6C)) + 1;
    if (now >= TICKS_A_DAY)
        bios_put_byte(BDA(0x70), (uint8_t)(bios_byte(BDA(0x70)) + 1));
    put_long(BDA(0x6C), now >= TICKS_A_DAY ? 0 : now);
    return BIOS_DONE;
}

/* ---- the clock ---- */

static unsigned of_bcd(uint8_t n) { return (n >> 4) * 10u + (n & 15u); }

/* Power-on: the ticks since midnight are those of the time of day, which a reset has made BCD of 24 hours. A tick is
 * 65,536 periods of the timer's 1,193,182 a second. */
void bios_clock_init(void)
{
    const uint64_t seconds = of_bcd(bios_cmos(4)) * 3600 + of_bcd(bios_cmos(2)) * 60 + of_bcd(bios_cmos(0));
    const uint32_t ticks = (uint32_t)(seconds * 1193182 / 65536);
    put_long(BDA(0x6C), ticks < TICKS_A_DAY ? ticks : TICKS_A_DAY - 1);
}

static void put_clock(uint8_t at, uint8_t value)
{
    pc_out(0x70, 1, at);
    pc_out(0x71, 1, value);
}

/* Flags come up whether enabled or not: an old one would interrupt at once. */
static void interrupts_on(uint8_t which)
{
    if ((bios_cmos(CLOCK_B) & B_INTERRUPTS) == 0)
        (void)bios_cmos(CLOCK_C);
    put_clock(CLOCK_B, bios_cmos(CLOCK_B) | which);
    pc_out(0xA1, 1, pc_in(0xA1, 1) & 0xFE); /* line 8, and the master's line 2 to it */
    pc_out(0x21, 1, pc_in(0x21, 1) & 0xFB);
}

static void interrupts_off(uint8_t which) { put_clock(CLOCK_B, bios_cmos(CLOCK_B) & (uint8_t)~which); }

static void event_over(void)
{
    interrupts_off(PERIODIC);
    bios_put_byte(EVENT_WAITS, 0);
}

static void event_period(void)
{
    const uint32_t left = long_at(EVENT_LEFT);
    if ((bios_byte(EVENT_WAITS) & 1) == 0)
        return; /* the guest's own */
    put_long(EVENT_LEFT, left > PERIOD ? left - PERIOD : 0);
    if (left > PERIOD)
        return;
    const uint64_t flag = bios_word(EVENT_FLAG) + ((uint64_t)bios_word(EVENT_FLAG + 2) << 4);
    bios_put_byte(flag, bios_byte(flag) | 0x80);
    event_over();
}

/* IRQ 8: a period of an event that is waited for; on an alarm the ROM calls INT 4Ah. */
bios_answer bios_clock_irq(void)
{
    const uint8_t causes = bios_cmos(CLOCK_C) & bios_cmos(CLOCK_B);
    if ((causes & PERIODIC) != 0)
        event_period();
    pc_out(0xA0, 1, 0x20);
    pc_out(0x20, 1, 0x20);
    return (causes & ALARM) != 0 ? BIOS_HOOK : BIOS_DONE;
}

/* INT 15h AH=83h: in AL = 0, CX:DX = microseconds, ES:BX -> byte whose bit 7 is set when they are over; AL = 1: never
 * mind. out CF = 0; CF = 1 and AH = 83h when one is under way, AH = 86h for another AL */
bios_answer bios_event_wait(void)
{
    const uint8_t what = low(guest.rax);
    const bool busy = (bios_byte(EVENT_WAITS) & 1) != 0;
    if (what > 1 || (what == 0 && busy)) {
        if (what > 1)
            set_high(&guest.rax, 0x86);
        bios_carry(true);
        return BIOS_DONE;
    }
    bios_carry(false);
    if (what == 1) {
        event_over();
        return BIOS_DONE;
    }
    bios_put_word(EVENT_FLAG, word(guest.rbx));
    bios_put_word(EVENT_FLAG + 2, (uint16_t)(bios_base(SEGMENT_ES) >> 4));
    bios_put_word(EVENT_LEFT, word(guest.rdx));
    bios_put_word(EVENT_LEFT + 2, word(guest.rcx));
    bios_put_byte(EVENT_WAITS, 1);
    interrupts_on(PERIODIC);
    return BIOS_DONE;
}

/* INT 15h AH=86h: in CX:DX = microseconds; out CF = 0 when they are over; CF = 1 and AH = 83h at once when a call that
 * was interrupted waits already */
bios_answer bios_pause(void)
{
    const uint64_t microseconds = (uint64_t)word(guest.rcx) << 16 | word(guest.rdx);
    if (bios_waits(BIOS_WAIT_CLOCK)) {
        set_high(&guest.rax, 0x83);
        bios_carry(true);
        return BIOS_DONE;
    }
    bios_carry(false);
    return bios_wait(BIOS_WAIT_CLOCK, microseconds * MICROSECOND);
}

/* ---- INT 1Ah ---- */

/* Registers of the clock, written while it stands. */
static void set_clock(const uint8_t (*registers)[2], unsigned count, uint8_t b)
{
    put_clock(CLOCK_B, bios_cmos(CLOCK_B) | B_SET);
    for (unsigned i = 0; i < count; i++)
        put_clock(registers[i][0], registers[i][1]);
    put_clock(CLOCK_B, b & (uint8_t)~B_SET);
}

/* AH=03h: in CH CL DH = hour, minute, second in BCD, DL = daylight saving */
static void set_time(void)
{
    const uint8_t time[][2] = {{0, high(guest.rdx)}, {2, low(guest.rcx)}, {4, high(guest.rcx)}};
    set_clock(time, 3, (bios_cmos(CLOCK_B) & (uint8_t)~B_DAYLIGHT) | (low(guest.rdx) & B_DAYLIGHT));
}

/* AH=05h: in CH CL DH DL = century, year, month, day in BCD */
static void set_date(void)
{
    const uint8_t date[][2] = {{7, low(guest.rdx)}, {8, high(guest.rdx)}, {9, low(guest.rcx)}, {0x32, high(guest.rcx)}};
    set_clock(date, 4, bios_cmos(CLOCK_B));
}

/* AH=06h: in CH CL DH = hour, minute, second in BCD of the alarm, INT 4Ah; false when one is set */
static bool set_alarm(void)
{
    if ((bios_cmos(CLOCK_B) & ALARM) != 0)
        return false;
    put_clock(1, high(guest.rdx));
    put_clock(3, low(guest.rcx));
    put_clock(5, high(guest.rcx));
    interrupts_on(ALARM);
    return true;
}

/* AH=00h out CX:DX = ticks since midnight, AL = midnights since the last call; 01h in CX:DX; 02h out CH CL DH DL =
 * hour, minute, second in BCD, daylight saving; 04h out CH CL DH DL = century, year, month, day in BCD; 07h no alarm.
 * out CF = 0, or CF = 1 for 06h when there is an alarm and for what is not here */
bios_answer bios_clock(void)
{
    bool done = true;
    switch (high(guest.rax)) {
    case 0x00:
        set_word(&guest.rcx, bios_word(BDA(0x6E)));
        set_word(&guest.rdx, bios_word(BDA(0x6C)));
        set_low(&guest.rax, bios_byte(BDA(0x70)));
        bios_put_byte(BDA(0x70), 0);
        break;
    case 0x01:
        bios_put_word(BDA(0x6E), word(guest.rcx));
        bios_put_word(BDA(0x6C), word(guest.rdx));
        bios_put_byte(BDA(0x70), 0);
        break;
    case 0x02:
        set_word(&guest.rcx, (uint16_t)(bios_cmos(4) << 8 | bios_cmos(2)));
        set_word(&guest.rdx, (uint16_t)(bios_cmos(0) << 8 | (bios_cmos(CLOCK_B) & B_DAYLIGHT)));
        break;
    case 0x03:
        set_time();
        break;
    case 0x04:
        set_word(&guest.rcx, (uint16_t)(bios_cmos(0x32) << 8 | bios_cmos(9)));
        set_word(&guest.rdx, (uint16_t)(bios_cmos(8) << 8 | bios_cmos(7)));
        break;
    case 0x05:
        set_date();
        break;
    case 0x06:
        done = set_alarm();
        break;
    case 0x07:
        interrupts_off(ALARM);
        break;
    default:
        if (high(guest.rax) < 0xB0) /* PCI BIOS and the like are looked for by everybody */
            bios_unknown(0x1A);
        done = false;
        break;
    }
    bios_carry(!done);
    return BIOS_DONE;
}

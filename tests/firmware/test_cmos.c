/* test_cmos.c - the clock of an AT against Motorola's MC146818 datasheet: forms of the time, setting it, the cycle of
 * updates, and its three interrupts on line 8. Dates are worked by hand from 946,684,800, the first second of Saturday,
 * 1 January 2000. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "firmware/pc/pc.h"

#define Y2000 UINT64_C(946684800)
#define DAY   UINT64_C(86400)

static void out(unsigned port, unsigned value) { pc_out((uint16_t)port, 1, value); }
static unsigned in(unsigned port) { return pc_in((uint16_t)port, 1); }
static unsigned get(unsigned at)
{
    out(0x70, at);
    return in(0x71);
}
static void put(unsigned at, unsigned value)
{
    out(0x70, at);
    out(0x71, value);
}

static int setup(void **state)
{
    (void)state;
    pc_reset(0);
    pc_advance(0);
    static const uint8_t words[][2] = {{0x20, 0x11}, {0x21, 0x08}, {0x21, 4}, {0x21, 3},    {0xA0, 0x11},
                                       {0xA1, 0x70}, {0xA1, 2},    {0xA1, 3}, {0x21, 0xFB}, {0xA1, 0xFE}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        out(words[i][0], words[i][1]);
    for (unsigned at = 1; at <= 5; at += 2)
        put(at, 0);
    pc_cmos_set(Y2000);
    return 0;
}

static bool interrupted(void) { return pc_interrupt_pending() && pc_interrupt_vector() == 0x70; }

/* hour:minute:second, weekday, day.month.year, all as the registers show them. */
static void want(unsigned h, unsigned m, unsigned s, unsigned weekday, unsigned d, unsigned month, unsigned century,
                 unsigned year)
{
    assert_int_equal(get(4), h);
    assert_int_equal(get(2), m);
    assert_int_equal(get(0), s);
    assert_int_equal(get(6), weekday);
    assert_int_equal(get(7), d);
    assert_int_equal(get(8), month);
    assert_int_equal(get(0x32), century);
    assert_int_equal(get(9), year);
}

static void dates(void **state)
{
    (void)state;
    want(0, 0, 0, 7, 1, 1, 0x20, 0);
    pc_cmos_set(Y2000 - 1);
    want(0x23, 0x59, 0x59, 6, 0x31, 0x12, 0x19, 0x99);
    pc_cmos_set(Y2000 + 59 * DAY); /* 31 + 28 days: the leap day of a year that 400 divides, a Tuesday */
    want(0, 0, 0, 3, 0x29, 2, 0x20, 0);
    pc_cmos_set(Y2000 + 366 * DAY - 1);
    want(0x23, 0x59, 0x59, 1, 0x31, 0x12, 0x20, 0);
    pc_cmos_set(0);
    want(0, 0, 0, 5, 1, 1, 0x19, 0x70); /* a Thursday */
    /* 2100 is no leap year: 36,525 days to its first of January, 58 more to the 28th of February, a Sunday. */
    pc_cmos_set(Y2000 + (36525 + 58) * DAY);
    want(0, 0, 0, 1, 0x28, 2, 0x21, 0);
    pc_advance(DAY * PC_SECOND);
    want(0, 0, 0, 2, 1, 3, 0x21, 0);
}

static void forms(void **state)
{
    (void)state;
    pc_cmos_set(Y2000 + 23 * 3600 + 45 * 60 + 30);
    assert_int_equal(get(0x0B), 0x02);
    put(0x0B, 0x06); /* binary */
    want(23, 45, 30, 7, 1, 1, 20, 0);
    put(0x0B, 0x00); /* BCD, 12 hours: 11 PM */
    assert_int_equal(get(4), 0x91);
    put(0x0B, 0x04);
    assert_int_equal(get(4), 0x8B);
    static const struct {
        unsigned hour, shown;
    } twelve[] = {{0, 0x12}, {1, 0x01}, {11, 0x11}, {12, 0x92}, {13, 0x81}};
    put(0x0B, 0x00);
    for (size_t i = 0; i < sizeof twelve / sizeof *twelve; i++) {
        pc_cmos_set(Y2000 + twelve[i].hour * 3600);
        assert_int_equal(get(4), twelve[i].shown);
    }
}

static void update_in_progress(void **state)
{
    (void)state;
    assert_int_equal(get(0x0A), 0x26);
    pc_advance(PC_SECOND - 244001);
    assert_int_equal(get(0x0A), 0x26);
    pc_advance(PC_SECOND - 244000);
    assert_int_equal(get(0x0A), 0xA6);
    assert_int_equal(get(0), 0x00); /* and 244 us to read in */
    put(0x0B, 0x82);                /* while it is being set nothing updates */
    assert_int_equal(get(0x0A), 0x26);
    put(0x0B, 0x02);
    pc_advance(PC_SECOND);
    assert_int_equal(get(0x0A), 0x26);
    assert_int_equal(get(0), 0x01);
}

static void setting(void **state)
{
    (void)state;
    pc_advance(5 * PC_SECOND);
    put(0x0B, 0x82);
    put(7, 0x29); /* in an order in which not every step is a date */
    put(8, 0x02);
    put(9, 0x24);
    put(4, 0x23);
    put(2, 0x59);
    put(0, 0x58);
    pc_advance(9 * PC_SECOND);
    assert_int_equal(get(0), 0x58); /* it stands */
    put(0x0B, 0x02);
    want(0x23, 0x59, 0x58, 5, 0x29, 2, 0x20, 0x24); /* a Thursday */
    pc_advance(11 * PC_SECOND);
    want(0, 0, 0, 6, 1, 3, 0x20, 0x24);
    put(0, 0x30); /* without SET */
    want(0, 0, 0x30, 6, 1, 3, 0x20, 0x24);
    pc_reset(11 * PC_SECOND); /* the battery keeps it */
    want(0, 0, 0x30, 6, 1, 3, 0x20, 0x24);
}

static void what_is_no_time_is_not_taken(void **state)
{
    (void)state;
    static const uint8_t wrong[][2] = {{0, 0x60}, {2, 0x61}, {4, 0x24}, {7, 0x32},
                                       {7, 0},    {8, 0x13}, {8, 0},    {7, 0xFF}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        put(wrong[i][0], wrong[i][1]);
        want(0, 0, 0, 7, 1, 1, 0x20, 0);
    }
}

/* The chip of the datasheet has no century: a byte of its memory that is none is this one, and the rest is taken. */
static void a_century_that_is_none(void **state)
{
    (void)state;
    static const uint8_t centuries[] = {0, 0x14, 0x18, 0x24, 0x99, 0xFF};
    for (size_t i = 0; i < sizeof centuries; i++) {
        put(0x0B, 0x82);
        put(0x32, centuries[i]);
        put(2, 0x17);
        put(0x0B, 0x02);
        want(0, 0x17, 0, 7, 1, 1, 0x20, 0);
    }
    put(0x0B, 0x86); /* binary: the century stays as it was, 20h */
    const uint8_t date[][2] = {{0, 58}, {2, 59}, {4, 23}, {7, 31}, {8, 12}, {9, 99}};
    for (size_t i = 0; i < sizeof date / sizeof *date; i++)
        put(date[i][0], date[i][1]);
    put(0x0B, 0x06);
    want(23, 59, 58, 5, 31, 12, 20, 99); /* 2099-12-31 is a Thursday */
}

/* "Update-ended Interrupt Enable": SET going high clears it. */
static void set_clears_the_update_interrupt(void **state)
{
    (void)state;
    put(0x0B, 0x12);
    assert_int_equal(get(0x0B), 0x12);
    put(0x0B, 0xF2);
    assert_int_equal(get(0x0B), 0xE2);
    put(0x0B, 0x12);
    assert_int_equal(get(0x0B), 0x12);
}

static void periodic_interrupt(void **state)
{
    (void)state;
    assert_int_equal(pc_deadline(), PC_NEVER); /* as long as nobody wants one */
    put(0x0B, 0x42);
    assert_int_equal(pc_deadline(), 976563); /* rate 6: 1024 times a second, 976,562.5 ns */
    pc_advance(976562);
    assert_false(interrupted());
    pc_advance(976563);
    assert_true(interrupted());
    assert_int_equal(pc_deadline(), PC_NEVER); /* none until C is read */
    pc_advance(PC_SECOND / 2);
    assert_false(interrupted());
    assert_int_equal(get(0x0C), 0xC0);
    assert_int_equal(get(0x0C), 0x00);
    unsigned count = 0;
    while (pc_deadline() < 3 * PC_SECOND / 2) {
        pc_advance(pc_deadline());
        assert_true(interrupted());
        count++;
        assert_int_equal(get(0x0C) & 0xC0, 0xC0);
    }
    assert_int_equal(count, 1023); /* the 1024th is at the second half itself */
}

static void rates(void **state)
{
    (void)state;
    static const struct {
        unsigned rate, hertz;
    } rates[] = {{1, 256}, {2, 128}, {3, 8192}, {4, 4096}, {7, 512}, {8, 256}, {9, 128}, {15, 2}};
    pc_time t = 0;
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
        put(0x0A, 0x20 | rates[i].rate);
        put(0x0B, 0x42);
        const pc_time end = (t / PC_SECOND + 2) * PC_SECOND;
        pc_advance(t = end - PC_SECOND);
        get(0x0C);
        unsigned count = 0;
        while (pc_deadline() <= end) {
            pc_advance(pc_deadline());
            get(0x0C);
            count++;
        }
        assert_int_equal(count, rates[i].hertz);
        pc_advance(t = end);
    }
    put(0x0A, 0x20); /* rate 0: none */
    assert_int_equal(pc_deadline(), PC_NEVER);
}

static void update_interrupt(void **state)
{
    (void)state;
    pc_advance(PC_SECOND / 3);
    put(0x0B, 0x12);
    assert_int_equal(pc_deadline(), PC_SECOND);
    pc_advance(PC_SECOND);
    assert_true(interrupted());
    assert_int_equal(get(0x0C) & 0x90, 0x90);
    assert_int_equal(pc_deadline(), 2 * PC_SECOND);
    put(0x0B, 0x92); /* no updates while it stands */
    assert_int_equal(pc_deadline(), PC_NEVER);
    pc_advance(5 * PC_SECOND);
    assert_false(interrupted());
}

static void alarm_interrupt(void **state)
{
    (void)state;
    pc_cmos_set(Y2000 + 6 * 3600 + 59 * 60 + 57);
    put(1, 0x00);
    put(3, 0x00);
    put(5, 0x07);
    put(0x0B, 0x22);
    for (unsigned s = 1; s <= 2; s++) {
        pc_advance(s * PC_SECOND);
        assert_false(interrupted());
    }
    pc_advance(3 * PC_SECOND); /* 07:00:00 */
    assert_true(interrupted());
    assert_int_equal(get(0x0C) & 0xB0, 0xB0);
    pc_advance(4 * PC_SECOND);
    assert_false(interrupted());
    put(1, 0xFF); /* "don't care": every second of 07:00 */
    put(3, 0xC0);
    pc_advance(5 * PC_SECOND);
    assert_true(interrupted());
    get(0x0C);
    put(1, 0x30);
    put(3, 0xC0);
    put(5, 0xC0); /* each minute at :30 */
    pc_advance(100 * PC_SECOND);
    assert_int_equal(get(0x0C) & 0x20, 0x20); /* it was meanwhile, once */
    pc_advance(101 * PC_SECOND);
    assert_int_equal(get(0x0C) & 0x20, 0x00);
}

static void flags_come_without_their_interrupts(void **state)
{
    (void)state;
    pc_advance(PC_SECOND);
    assert_false(interrupted());
    put(0x0B, 0x12); /* it stands already: enabling is enough */
    assert_true(interrupted());
    assert_int_equal(get(0x0C) & 0xD0, 0xD0);
    pc_advance(2 * PC_SECOND);
    assert_true(interrupted());
    pc_reset(2 * PC_SECOND); /* the reset line clears enables and flags */
    assert_int_equal(get(0x0B) & 0x70, 0x00);
    assert_int_equal(get(0x0C), 0x00);
}

/* A guest that was away for ages costs no more than a day's seconds. */
static void a_long_sleep(void **state)
{
    (void)state;
    put(1, 0x99); /* a time that never comes */
    put(0x0B, 0x22);
    pc_advance(PC_SECOND * 86400 * 36500);
    assert_false(interrupted());
    assert_int_equal(get(0x0C), 0x50);
}

/* "Divider Control": 110 and 111 hold the chain in reset; once let go, the first update comes half a second later. */
static void the_divider_in_reset(void **state)
{
    (void)state;
    pc_advance(PC_SECOND / 4);
    put(0x0A, 0x76);
    assert_int_equal(get(0x0A), 0x76); /* no update in progress */
    get(0x0C);
    put(0x0B, 0x72); /* all interrupts on: none comes */
    assert_int_equal(pc_deadline(), PC_NEVER);
    pc_advance(10 * PC_SECOND + PC_SECOND / 10);
    assert_int_equal(get(0x0A), 0x76);
    want(0, 0, 0, 7, 1, 1, 0x20, 0);
    assert_int_equal(get(0x0C) & 0x70, 0);
    put(0, 0x30); /* set meanwhile */
    put(0x0B, 0x12);
    put(0x0A, 0x26);
    const pc_time next = 10 * PC_SECOND + PC_SECOND / 10 + PC_SECOND / 2;
    assert_int_equal(pc_deadline(), next);
    pc_advance(next - 244000);
    assert_int_equal(get(0x0A), 0xA6);
    assert_int_equal(get(0), 0x30);
    pc_advance(next);
    assert_true(interrupted());
    assert_int_equal(get(0), 0x31);
    assert_int_equal(get(0x0C) & 0x90, 0x90);
    assert_int_equal(pc_deadline(), next + PC_SECOND);
    pc_advance(next + PC_SECOND - 1);
    assert_int_equal(get(0), 0x31);
    pc_advance(next + PC_SECOND);
    assert_int_equal(get(0), 0x32);
}

/* As Linux sets a clock: SET, the divider held, the time, then both let go. */
static void set_with_the_divider_held(void **state)
{
    (void)state;
    pc_advance(PC_SECOND / 3);
    put(0x0B, 0x82);
    put(0x0A, 0x76);
    put(4, 0x12);
    put(2, 0x34);
    put(0, 0x56);
    put(0x0B, 0x02);
    pc_advance(5 * PC_SECOND);
    assert_int_equal(get(0), 0x56); /* still held */
    put(0x0A, 0x26);
    pc_advance(5 * PC_SECOND + PC_SECOND / 2 - 1);
    want(0x12, 0x34, 0x56, 7, 1, 1, 0x20, 0);
    pc_advance(5 * PC_SECOND + PC_SECOND / 2);
    want(0x12, 0x34, 0x57, 7, 1, 1, 0x20, 0);
    put(0x0A, 0x66); /* 110 too; a reset of the machine lets go */
    pc_advance(8 * PC_SECOND);
    pc_reset(8 * PC_SECOND);
    assert_int_equal(get(0), 0x57);
    pc_advance(8 * PC_SECOND + PC_SECOND / 2);
    assert_int_equal(get(0), 0x58);
}

static void the_periodic_interrupt_follows_the_divider(void **state)
{
    (void)state;
    put(0x0A, 0x7F); /* 2 Hz, held */
    put(0x0B, 0x42);
    pc_advance(PC_SECOND / 10);
    put(0x0A, 0x2F);
    assert_int_equal(pc_deadline(), PC_SECOND / 10 + PC_SECOND / 2);
    pc_advance(PC_SECOND / 10 + PC_SECOND / 2);
    assert_true(interrupted());
}

static void memory_is_kept(void **state)
{
    (void)state;
    for (unsigned at = 0x0E; at < 0x80; at++)
        if (at != 0x32)
            put(at, at ^ 0x5A);
    pc_reset(0);
    for (unsigned at = 0x0E; at < 0x80; at++)
        if (at != 0x32)
            assert_int_equal(get(at), at ^ 0x5A);
    assert_int_equal(get(0x8E), 0x0E ^ 0x5A); /* bit 7 masks NMI, which there is not */
    put(0x0D, 0);
    assert_int_equal(get(0x0D), 0x80);
    put(0x0C, 0xFF);
    assert_int_equal(get(0x0C), 0x00);
    assert_int_equal(in(0x70), 0xFF);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup(f, setup)
    const struct CMUnitTest tests[] = {TEST(dates),
                                       TEST(forms),
                                       TEST(update_in_progress),
                                       TEST(setting),
                                       TEST(what_is_no_time_is_not_taken),
                                       TEST(a_century_that_is_none),
                                       TEST(set_clears_the_update_interrupt),
                                       TEST(periodic_interrupt),
                                       TEST(rates),
                                       TEST(update_interrupt),
                                       TEST(alarm_interrupt),
                                       TEST(flags_come_without_their_interrupts),
                                       TEST(a_long_sleep),
                                       TEST(the_divider_in_reset),
                                       TEST(set_with_the_divider_held),
                                       TEST(the_periodic_interrupt_follows_the_divider),
                                       TEST(memory_is_kept)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

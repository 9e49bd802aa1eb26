/* test_pic.c - the pair of 8259A: initialisation, priorities, ends of interrupts, masks, polling and the cascade,
 * against Intel's 8259A datasheet, worked by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "firmware/pc/pc.h"

#define MASTER 0x20
#define SLAVE  0xA0
#define NONE   (-1)

#define EOI 0x20

static void out(unsigned port, unsigned value) { pc_out((uint16_t)port, 1, value); }
static unsigned in(unsigned port) { return pc_in((uint16_t)port, 1); }

/* ICW1 with ICW4, ICW2, ICW3 as an AT has it, ICW4; nothing masked. */
static void initialise(unsigned port, unsigned base, unsigned icw4)
{
    out(port, 0x11);
    out(port + 1, base);
    out(port + 1, port == MASTER ? 4 : 2);
    out(port + 1, icw4);
}

static int setup(void **state)
{
    (void)state;
    pc_reset(0);
    initialise(MASTER, 0x08, 1);
    initialise(SLAVE, 0x70, 1);
    return 0;
}

static void pulse(unsigned line)
{
    pc_irq(line, false);
    pc_irq(line, true);
}

/* The vector that the processor is given now, or NONE. */
static int next(void) { return pc_interrupt_pending() ? pc_interrupt_vector() : NONE; }

static unsigned irr(unsigned port)
{
    out(port, 0x0A);
    return in(port);
}
static unsigned isr(unsigned port)
{
    out(port, 0x0B);
    return in(port);
}

static void initialisation_words(void **state)
{
    (void)state;
    out(MASTER + 1, 0xFB);
    assert_int_equal(in(MASTER + 1), 0xFB); /* OCW1 is read back */
    pulse(3);
    pc_irq(4, true);
    assert_int_equal(irr(MASTER), 0x18);
    out(MASTER, 0x11); /* ICW1 clears masks and edges, and a read gives the requests again */
    out(MASTER + 1, 0x2F);
    out(MASTER + 1, 4);
    out(MASTER + 1, 1);
    assert_int_equal(in(MASTER + 1), 0x00);
    assert_int_equal(in(MASTER), 0x00);
    assert_int_equal(next(), NONE); /* line 4 is high and has to rise again */
    pulse(4);
    assert_int_equal(next(), 0x28 + 4); /* the low bits of ICW2 are the input's */
}

static void icw1_says_which_words_come(void **state)
{
    (void)state;
    out(MASTER, 0x10); /* no ICW4; ICW3 comes */
    out(MASTER + 1, 0x40);
    out(MASTER + 1, 4);
    out(MASTER + 1, 0xA5); /* the mask */
    assert_int_equal(in(MASTER + 1), 0xA5);
    out(MASTER, 0x13); /* single: no ICW3 */
    out(MASTER + 1, 0x48);
    out(MASTER + 1, 3); /* ICW4: automatic end */
    out(MASTER + 1, 0x5A);
    assert_int_equal(in(MASTER + 1), 0x5A);
    pulse(0);
    assert_int_equal(next(), 0x48);
    assert_int_equal(isr(MASTER), 0);
    out(MASTER, 0x12); /* neither */
    out(MASTER + 1, 0x50);
    out(MASTER + 1, 0x77);
    assert_int_equal(in(MASTER + 1), 0x77);
}

static void urgent_ones_nest(void **state)
{
    (void)state;
    pulse(5);
    pulse(3);
    assert_int_equal(irr(MASTER), 0x28);
    assert_int_equal(next(), 0x0B);
    assert_int_equal(irr(MASTER), 0x20);
    assert_int_equal(isr(MASTER), 0x08);
    assert_int_equal(next(), NONE); /* 5 waits */
    pulse(3);
    assert_int_equal(next(), NONE); /* as does 3 itself */
    pulse(1);
    assert_int_equal(next(), 0x09);
    assert_int_equal(isr(MASTER), 0x0A);
    out(MASTER, EOI); /* ends the most urgent: 1 */
    assert_int_equal(isr(MASTER), 0x08);
    out(MASTER, EOI);
    assert_int_equal(next(), 0x0B);
    out(MASTER, EOI);
    assert_int_equal(next(), 0x0D);
}

static void specific_end(void **state)
{
    (void)state;
    pulse(5);
    assert_int_equal(next(), 0x0D);
    pulse(2 + 1);
    assert_int_equal(next(), 0x0B);
    out(MASTER, 0x60 | 5); /* the outer one */
    assert_int_equal(isr(MASTER), 0x08);
    out(MASTER, 0x60 | 6); /* one that is not in service */
    assert_int_equal(isr(MASTER), 0x08);
    out(MASTER, 0x60 | 3);
    assert_int_equal(isr(MASTER), 0x00);
    out(MASTER, EOI); /* nothing to end */
    assert_int_equal(isr(MASTER), 0x00);
}

static void rotation(void **state)
{
    (void)state;
    out(MASTER, 0xC0 | 5); /* set priority: 5 is the last, 6 the first */
    pulse(0);
    pulse(7);
    pulse(6);
    assert_int_equal(next(), 0x0E);
    out(MASTER, EOI);
    assert_int_equal(next(), 0x0F);
    out(MASTER, EOI);
    assert_int_equal(next(), 0x08);
    out(MASTER, 0xE0 | 0); /* rotate on specific end: 0 becomes the last */
    pulse(0);
    pulse(1);
    assert_int_equal(next(), 0x09);
    out(MASTER, 0xA0); /* rotate on non-specific end: 1 becomes the last */
    pulse(1);
    assert_int_equal(next(), 0x08);
    out(MASTER, EOI);
    assert_int_equal(next(), 0x09);
}

static void rotation_in_automatic_mode(void **state)
{
    (void)state;
    initialise(MASTER, 0x08, 3);
    out(MASTER, 0x80); /* rotate, set */
    pulse(3);
    pulse(4);
    assert_int_equal(next(), 0x0B);
    assert_int_equal(isr(MASTER), 0); /* automatic end */
    pulse(3);
    assert_int_equal(next(), 0x0C); /* 3 is the last now */
    assert_int_equal(next(), 0x0B);
    out(MASTER, 0x00); /* rotate, clear: 3 stays the last */
    pulse(5);
    pulse(4);
    assert_int_equal(next(), 0x0C);
    assert_int_equal(next(), 0x0D);
    pulse(5);
    pulse(4);
    assert_int_equal(next(), 0x0C);
}

static void mask_register(void **state)
{
    (void)state;
    out(MASTER + 1, 0x02);
    pulse(1);
    assert_int_equal(next(), NONE);
    assert_int_equal(irr(MASTER), 0x02); /* requested all the same */
    out(MASTER + 1, 0x00);
    assert_int_equal(next(), 0x09);
}

static void special_mask_mode(void **state)
{
    (void)state;
    pulse(1);
    assert_int_equal(next(), 0x09);
    out(MASTER + 1, 0x02);
    out(MASTER, 0x68); /* ESMM, SMM: what is in service and masked holds back nobody */
    pulse(4);
    assert_int_equal(next(), 0x0C);
    assert_int_equal(isr(MASTER), 0x12);
    out(MASTER, EOI); /* "will not be cleared" when masked: this ends 4 */
    assert_int_equal(isr(MASTER), 0x02);
    out(MASTER, 0x28); /* without ESMM the mode stays */
    pulse(5);
    assert_int_equal(next(), 0x0D);
    out(MASTER, 0x60 | 5);
    out(MASTER, 0x48); /* ESMM, no SMM */
    pulse(6);
    assert_int_equal(next(), NONE);
    out(MASTER, 0x60 | 1);
    assert_int_equal(next(), 0x0E);
}

static void poll_command(void **state)
{
    (void)state;
    out(MASTER, 0x0C);
    assert_int_equal(in(MASTER), 0x00); /* nobody asks */
    pulse(6);
    pulse(3);
    out(MASTER, 0x0C);
    assert_int_equal(in(MASTER), 0x83);
    assert_int_equal(isr(MASTER), 0x08); /* the read was the acknowledgement */
    out(MASTER, 0x0F);                   /* poll goes before "read register" */
    assert_int_equal(in(MASTER), 0x00);  /* 6 is held back */
    assert_int_equal(in(MASTER), 0x08);  /* one poll is one read */
    out(MASTER, EOI);
    out(MASTER, 0x0C);
    assert_int_equal(in(MASTER + 1), 0x86); /* at either address */
}

static void polling_the_cascade(void **state)
{
    (void)state;
    pulse(12);
    out(MASTER, 0x0C);
    assert_int_equal(in(MASTER), 0x82);
    out(SLAVE, 0x0C);
    assert_int_equal(in(SLAVE), 0x84);
    assert_int_equal(isr(SLAVE), 0x10);
    assert_int_equal(irr(MASTER), 0x00); /* the slave's INT is gone */
}

static void levels_and_edges(void **state)
{
    (void)state;
    out(0x4D0, 0xFF); /* lines 0, 1, 2, 8, 13 stay edges */
    out(0x4D1, 0xFF);
    assert_int_equal(in(0x4D0), 0xF8);
    assert_int_equal(in(0x4D1), 0xDE);
    out(0x4D0, 0x20);
    pc_irq(5, true);
    assert_int_equal(next(), 0x0D);
    assert_int_equal(irr(MASTER), 0x20); /* a level still asks */
    out(MASTER, EOI);
    assert_int_equal(next(), 0x0D);
    pc_irq(5, false);
    out(MASTER, EOI);
    assert_int_equal(next(), NONE);
    pc_irq(6, true); /* an edge asks once */
    assert_int_equal(next(), 0x0E);
    out(MASTER, EOI);
    assert_int_equal(next(), NONE);
}

static void a_request_that_goes_away(void **state)
{
    (void)state;
    pulse(4);
    pc_irq(4, false);
    assert_int_equal(next(), NONE);
    assert_int_equal(pc_interrupt_vector(), 0x0F); /* an acknowledgement without a request: input 7 */
    assert_int_equal(isr(MASTER), 0x00);           /* in service of nothing */
    pulse(14);
    pc_irq(14, false);
    assert_int_equal(next(), NONE); /* the slave takes its INT away too */
}

static void cascade(void **state)
{
    (void)state;
    pulse(3);
    pulse(9);
    assert_int_equal(next(), 0x71); /* the slave stands at the master's 2 */
    assert_int_equal(isr(MASTER), 0x04);
    assert_int_equal(isr(SLAVE), 0x02);
    pulse(8);
    assert_int_equal(next(), NONE); /* the master holds its line 2 back */
    out(SLAVE, EOI);
    out(MASTER, EOI);
    assert_int_equal(next(), 0x70);
    out(SLAVE, EOI);
    assert_int_equal(next(), NONE); /* 3 is below 2 */
    out(MASTER, EOI);
    assert_int_equal(next(), 0x0B);
}

static void special_fully_nested_mode(void **state)
{
    (void)state;
    initialise(MASTER, 0x08, 0x11);
    pulse(12);
    assert_int_equal(next(), 0x74);
    pulse(13);
    assert_int_equal(next(), NONE);
    pulse(9);
    assert_int_equal(next(), 0x71); /* more urgent on the same slave */
    out(SLAVE, EOI);
    assert_int_equal(isr(SLAVE), 0x10); /* not the last: no end for the master */
    pulse(3);
    assert_int_equal(next(), NONE);
    pulse(1);
    assert_int_equal(next(), 0x09);
}

static void slave_with_automatic_end(void **state)
{
    (void)state;
    initialise(SLAVE, 0x70, 3);
    pulse(10);
    pulse(11);
    assert_int_equal(next(), 0x72);
    out(MASTER, EOI);
    assert_int_equal(next(), 0x73); /* its INT falls at the acknowledgement, and rises again */
}

static void slave_in_special_mask_mode(void **state)
{
    (void)state;
    pulse(10);
    pulse(11);
    assert_int_equal(next(), 0x72);
    out(SLAVE + 1, 0x04);
    out(SLAVE, 0x68);
    out(MASTER, EOI);
    assert_int_equal(next(), 0x73);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup(f, setup)
    const struct CMUnitTest tests[] = {TEST(initialisation_words),
                                       TEST(icw1_says_which_words_come),
                                       TEST(urgent_ones_nest),
                                       TEST(specific_end),
                                       TEST(rotation),
                                       TEST(rotation_in_automatic_mode),
                                       TEST(mask_register),
                                       TEST(special_mask_mode),
                                       TEST(poll_command),
                                       TEST(polling_the_cascade),
                                       TEST(levels_and_edges),
                                       TEST(a_request_that_goes_away),
                                       TEST(cascade),
                                       TEST(special_fully_nested_mode),
                                       TEST(slave_with_automatic_end),
                                       TEST(slave_in_special_mask_mode)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

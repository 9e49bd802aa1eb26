/* test_uart.c - COM1 against the tables of National Semiconductor's PC16550D datasheet: "Interrupt Control Functions",
 * "FIFO Interrupt Mode Operation", the register descriptions. What differs on purpose: the transmitter is always empty,
 * and a FIFO below its trigger level counts as timed out at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "firmware/pc/pc.h"

enum { RBR = 0x3F8, THR = RBR, IER, IIR, FCR = IIR, LCR, MCR, LSR, MSR, SCR, DLL = RBR, DLM = IER };

#define OVERRUN (2u << 24)
#define PARITY  (4u << 24)
#define FRAMING (8u << 24)
#define BREAK   (16u << 24)

static uint32_t sent[64];
static unsigned sent_count;
static void sink(uint32_t operation) { sent[sent_count++ % 64] = operation; }

static void out(unsigned port, unsigned value) { pc_out((uint16_t)port, 1, value); }
static unsigned in(unsigned port) { return pc_in((uint16_t)port, 1); }
static bool receive(uint32_t character) { return pc_com1_receive(character); }

static int setup(void **state)
{
    (void)state;
    pc_reset(0);
    pc_com1_connect(sink);
    out(0x20, 0x13); /* the interrupt controller: line 4 is vector 0Ch, and ends by itself */
    out(0x21, 0x08);
    out(0x21, 0x03);
    out(0x21, 0xEF);
    out(LCR, 3);
    out(THR, 0); /* the divisor is told */
    sent_count = 0;
    return 0;
}

static bool interrupted(void) { return pc_interrupt_pending() && pc_interrupt_vector() == 0x0C; }

static void reset_values(void **state)
{
    (void)state;
    pc_reset(0);
    assert_int_equal(in(IER), 0x00);
    assert_int_equal(in(IIR), 0x01);
    assert_int_equal(in(MCR), 0x00);
    assert_int_equal(in(LSR), 0x60);
    assert_int_equal(in(MSR)&0x0F, 0x00);
}

static void registers_hold_what_they_can(void **state)
{
    (void)state;
    out(IER, 0xFF);
    assert_int_equal(in(IER), 0x0F);
    out(IER, 0);
    out(MCR, 0xFF);
    assert_int_equal(in(MCR), 0x1F);
    out(MCR, 0);
    out(LCR, 0x5A);
    assert_int_equal(in(LCR), 0x5A);
    out(SCR, 0xA5);
    assert_int_equal(in(SCR), 0xA5);
    out(LSR, 0xFF); /* read only, as far as programs go */
    assert_int_equal(in(LSR), 0x60);
    out(LCR, 0x83); /* DLAB changes the first two registers and no others */
    out(SCR, 0x11);
    out(DLL, 0x34);
    out(DLM, 0x12);
    assert_int_equal(in(DLL), 0x34);
    assert_int_equal(in(DLM), 0x12);
    assert_int_equal(in(LSR), 0x60);
    assert_int_equal(in(SCR), 0x11);
    out(LCR, 3);
    assert_int_equal(in(IER), 0);
}

static void characters_carry_line_control_and_a_new_divisor_goes_before(void **state)
{
    (void)state;
    out(LCR, 0x9A); /* 7 bits, even parity; DLAB */
    out(DLL, 3);
    out(DLM, 0);
    assert_int_equal(sent_count, 0); /* registers alone send nothing */
    out(LCR, 0x1A);
    out(THR, 'A');
    out(THR, 'B');
    assert_int_equal(sent_count, 3);
    assert_int_equal(sent[0], 0x031A0003);
    assert_int_equal(sent[1], 0x011A0041);
    assert_int_equal(sent[2], 0x011A0042);
    assert_int_equal(in(LSR), 0x60);
    out(LCR, 0x9A); /* the same divisor again */
    out(DLL, 3);
    out(DLM, 0);
    out(LCR, 0x1A);
    out(THR, 'C');
    assert_int_equal(sent_count, 4);
}

static void priorities_of_iir(void **state)
{
    (void)state;
    out(IER, 0x0F); /* the empty transmitter interrupts from now on */
    receive('a');
    receive(FRAMING | 'b'); /* no room: held back */
    out(MCR, 0x08);
    out(FCR, 0x07); /* FIFOs; what was there is gone */
    receive(PARITY | 'c');
    assert_int_equal(in(IIR), 0xC6);
    assert_int_equal(in(LSR), 0xE5); /* FIFO error, empty, empty, parity, ready */
    assert_int_equal(in(IIR), 0xC4);
    assert_int_equal(in(RBR), 'c');
    assert_int_equal(in(IIR), 0xC2);
    assert_int_equal(in(IIR), 0xC1); /* reading has cleared THRE, as it was the source */
    out(MCR, 0x18);                  /* loopback: CTS, DSR go, DCD stays: OUT2 */
    assert_int_equal(in(IIR), 0xC0);
    assert_int_equal(in(IIR), 0xC0); /* only MSR clears this one */
    assert_int_equal(in(MSR), 0x83);
    assert_int_equal(in(IIR), 0xC1);
}

static void a_source_that_is_disabled_shows_nothing(void **state)
{
    (void)state;
    receive(PARITY | 'x');
    assert_int_equal(in(IIR), 0x01);
    out(IER, 0x01);
    assert_int_equal(in(IIR), 0x04); /* the character, not its error */
    out(IER, 0x04);
    assert_int_equal(in(IIR), 0x06);
    out(IER, 0);
    assert_int_equal(in(IIR), 0x01);
}

static void thre_is_cleared_by_iir_only_as_its_source(void **state)
{
    (void)state;
    receive('x');
    out(IER, 0x03);
    assert_int_equal(in(IIR), 0x04); /* the character hides it */
    assert_int_equal(in(RBR), 'x');
    assert_int_equal(in(IIR), 0x02); /* still there */
    assert_int_equal(in(IIR), 0x01);
    out(THR, 'y'); /* gone at once: empty again */
    assert_int_equal(in(IIR), 0x02);
    assert_int_equal(in(IIR), 0x01);
    out(IER, 0x01);
    out(IER, 0x03); /* enabled while empty: it interrupts, which drivers use to start */
    assert_int_equal(in(IIR), 0x02);
    out(IER, 0x03); /* it was enabled before: no event */
    assert_int_equal(in(IIR), 0x01);
}

static void trigger_levels(void **state)
{
    (void)state;
    static const struct {
        uint8_t fcr, level;
    } levels[] = {{0x07, 1}, {0x47, 4}, {0x87, 8}, {0xC7, 14}};
    out(IER, 0x01);
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
        out(FCR, levels[i].fcr);
        for (unsigned n = 1; n <= 16; n++) {
            assert_int_equal(pc_com1_room(), 17 - n);
            assert_true(receive(n));
            assert_int_equal(in(IIR), n < levels[i].level ? 0xCC : 0xC4);
        }
        assert_int_equal(pc_com1_room(), 0);
        assert_false(receive('x')); /* the wire is held back: no overrun */
        for (unsigned n = 1; n <= 16; n++) {
            assert_int_equal(in(IIR), 17 - n < levels[i].level ? 0xCC : 0xC4);
            assert_int_equal(in(RBR), n);
        }
        assert_int_equal(in(IIR), 0xC1);
        assert_int_equal(in(LSR), 0x60);
    }
}

static void errors_belong_to_their_character(void **state)
{
    (void)state;
    out(FCR, 0x01);
    receive('a');
    receive(PARITY | 'b');
    receive(BREAK | FRAMING);
    receive('d');
    assert_int_equal(in(LSR), 0xE1); /* somewhere in the FIFO, not at its top */
    assert_int_equal(in(RBR), 'a');
    assert_int_equal(in(LSR), 0xE5);
    assert_int_equal(in(LSR), 0xE1); /* told once; the break is still in the FIFO */
    assert_int_equal(in(RBR), 'b');
    assert_int_equal(in(LSR), 0xF9);
    assert_int_equal(in(LSR), 0x61); /* no error is left */
    assert_int_equal(in(RBR), 0);
    assert_int_equal(in(RBR), 'd');
    assert_int_equal(in(LSR), 0x60);
}

static void without_fifos_lsr_7_is_0(void **state)
{
    (void)state;
    receive(PARITY | 'a');
    assert_int_equal(in(LSR), 0x65);
}

static void overrun(void **state)
{
    (void)state;
    receive(OVERRUN | 'a'); /* the wire lost one before it */
    assert_int_equal(in(LSR), 0x63);
    assert_int_equal(in(LSR), 0x61);
    assert_int_equal(in(RBR), 'a');
    out(MCR, 0x10); /* in loopback the guest overruns itself */
    out(THR, 'p');
    out(THR, 'q');
    assert_int_equal(in(LSR), 0x63);
    assert_int_equal(in(RBR), 'q'); /* "the character in the receiver buffer is overwritten" */
    out(FCR, 0x01);
    for (unsigned i = 0; i < 17; i++)
        out(THR, 'A' + i);
    assert_int_equal(in(LSR), 0x63);
    for (unsigned i = 0; i < 16; i++)
        assert_int_equal(in(RBR), 'A' + i); /* "the character in the shift register is overwritten" */
    assert_int_equal(in(LSR), 0x60);
}

static void fifo_control(void **state)
{
    (void)state;
    assert_int_equal(in(IIR), 0x01);
    out(FCR, 0xC6); /* bit 0 must be set for the others to be written */
    receive('a');
    out(IER, 1);
    assert_int_equal(in(IIR), 0x04);
    out(FCR, 0x01); /* enabling empties the FIFOs */
    assert_int_equal(in(LSR), 0x60);
    assert_int_equal(in(IIR), 0xC1);
    receive('b');
    receive('c');
    out(FCR, 0x05); /* the transmitter's reset leaves the receiver alone */
    assert_int_equal(in(LSR), 0x61);
    out(FCR, 0x03); /* the receiver's does not, and clears itself */
    assert_int_equal(in(LSR), 0x60);
    receive('d');
    assert_int_equal(in(LSR), 0x61);
    out(FCR, 0x00); /* disabling empties them too */
    assert_int_equal(in(LSR), 0x60);
    assert_int_equal(in(IIR), 0x01);
}

static void loopback_of_modem_lines(void **state)
{
    (void)state;
    assert_int_equal(in(MSR), 0xB0); /* outside: CTS, DSR, DCD */
    out(MCR, 0x1F);                  /* DTR, RTS, OUT1, OUT2 are DSR, CTS, RI, DCD */
    assert_int_equal(in(MSR), 0xF0); /* RI has begun: that is no change that counts */
    out(MCR, 0x1B);
    assert_int_equal(in(MSR), 0xB4); /* trailing edge of RI */
    out(MCR, 0x10);
    assert_int_equal(in(MSR), 0x0B);
    assert_int_equal(in(MSR), 0x00);
    out(MCR, 0x11);
    assert_int_equal(in(MSR), 0x22);
    out(MCR, 0x12);
    assert_int_equal(in(MSR), 0x13);
    out(MCR, 0x18);
    assert_int_equal(in(MSR), 0x89);
    out(MCR, 0x14);
    assert_int_equal(in(MSR), 0x48);
    out(IER, 0x08);
    out(MCR, 0x10);
    assert_int_equal(in(IIR), 0x00);
    assert_int_equal(in(MSR), 0x04);
    assert_int_equal(in(IIR), 0x01);
}

static void loopback_of_data(void **state)
{
    (void)state;
    out(MCR, 0x10);
    out(LCR, 0x01); /* 6 bits */
    out(THR, 0xFF);
    assert_int_equal(in(RBR), 0x3F);
    assert_int_equal(sent_count, 0); /* the pin stays at mark */
    assert_true(receive('x'));       /* and the other is cut off */
    assert_int_equal(in(LSR), 0x60);
    out(LCR, 0x41); /* a break acts on the pin alone */
    assert_int_equal(sent_count, 0);
    assert_int_equal(in(LSR), 0x60);
    out(MCR, 0);
    assert_int_equal(pc_com1_room(), 1);
}

static void a_break_reaches_the_wire(void **state)
{
    (void)state;
    out(LCR, 0x43);
    assert_int_equal(sent_count, 1);
    assert_int_equal(sent[0], 0x01430000);
    out(LCR, 0x43); /* it still stands: nothing new */
    assert_int_equal(sent_count, 1);
    out(LCR, 0x03);
    out(LCR, 0x43);
    assert_int_equal(sent_count, 2);
}

static void out2_is_the_gate_of_the_interrupt(void **state)
{
    (void)state;
    out(IER, 0x01);
    receive('a');
    assert_int_equal(in(IIR), 0x04);
    assert_false(interrupted());
    out(MCR, 0x08);
    assert_true(interrupted());
    assert_false(interrupted()); /* one edge, while it stands */
    assert_int_equal(in(RBR), 'a');
    receive('b');
    assert_true(interrupted());
    out(MCR, 0x00);
    in(RBR);
    receive('c');
    assert_false(interrupted());
}

static void the_line_stays_high_from_cause_to_cause(void **state)
{
    (void)state;
    out(MCR, 0x08);
    out(IER, 0x03);
    assert_true(interrupted()); /* THRE */
    receive('a');
    assert_int_equal(in(IIR), 0x04);
    assert_int_equal(in(RBR), 'a');
    assert_false(interrupted()); /* no edge between: a handler must ask IIR until it says 1 */
    assert_int_equal(in(IIR), 0x02);
    receive('b');
    assert_true(interrupted());
}

static void divisor_0_is_never_shown(void **state)
{
    (void)state;
    out(LCR, 0x83);
    out(DLL, 0);
    out(DLM, 0);
    assert_int_equal(in(DLL) | in(DLM) << 8, 1); /* Linux divides by it */
    out(DLM, 0xFF);
    assert_int_equal(in(DLL) | in(DLM) << 8, 0xFF00);
    out(LCR, 3);
    out(THR, 'x');
    assert_int_equal(sent[0], 0x0303FF00);
}

static void who_listens(void **state)
{
    (void)state;
    pc_advance(PC_SECOND);
    assert_false(pc_com1_listening(PC_SECOND));
    in(LSR);
    assert_true(pc_com1_listening(PC_SECOND + 9999999));
    assert_false(pc_com1_listening(PC_SECOND + 10000000));
    out(IER, 1);
    assert_true(pc_com1_listening(PC_SECOND * 100));
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup(f, setup)
    const struct CMUnitTest tests[] = {TEST(reset_values),
                                       TEST(registers_hold_what_they_can),
                                       TEST(characters_carry_line_control_and_a_new_divisor_goes_before),
                                       TEST(priorities_of_iir),
                                       TEST(a_source_that_is_disabled_shows_nothing),
                                       TEST(thre_is_cleared_by_iir_only_as_its_source),
                                       TEST(trigger_levels),
                                       TEST(errors_belong_to_their_character),
                                       TEST(without_fifos_lsr_7_is_0),
                                       TEST(overrun),
                                       TEST(fifo_control),
                                       TEST(loopback_of_modem_lines),
                                       TEST(loopback_of_data),
                                       TEST(a_break_reaches_the_wire),
                                       TEST(out2_is_the_gate_of_the_interrupt),
                                       TEST(the_line_stays_high_from_cause_to_cause),
                                       TEST(divisor_0_is_never_shown),
                                       TEST(who_listens)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

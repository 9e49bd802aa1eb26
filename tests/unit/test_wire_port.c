/* test_wire_port.c - line control to a serial port's settings, and the port's marks to error flags. A pseudo-terminal
 * has neither word length nor parity, so the functions are tested by themselves; the rest is in tests/link. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#define px_wire_open_port px_wire_open_port_here
#include "wire/wire_port.c"

/* The 16550's line control register against termios(3): bits 1:0 length, 2 stop bits, 3 parity, 4 even, 5 stick. */
static void settings(void **unused)
{
    static const struct {
        uint32_t line_control;
        unsigned flags;
    } known[] = {{0x03, CS8},
                 {0x02, CS7},
                 {0x01, CS6},
                 {0x00, CS5},
                 {0x07, CS8 | CSTOPB},
                 {0x04, CS5 | CSTOPB},
                 {0x0B, CS8 | PARENB | PARODD},
                 {0x1A, CS7 | PARENB},
                 {0x2B, CS8 | PARENB | PARODD | CMSPAR}, /* mark */
                 {0x3B, CS8 | PARENB | CMSPAR},          /* space */
                 {0x33, CS8},                            /* no parity: the rest of it means nothing */
                 {0x43, CS8}};                           /* a break */
    (void)unused;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        assert_int_equal(line_flags(known[i].line_control), known[i].flags | CREAD | CLOCAL);
}

static void marks(void **unused)
{
    static const uint8_t bytes[] = {'a', 0xFF, 0xFF, 0xFF, 0, 'b', 0xFF, 0, 0, 0, 0xFF};
    static const uint8_t more[] = {0, 0xFF};
    const uint32_t framing[] = {
        'a', 0xFF, 'b' | PX_SERIAL_E_FRAMING << 24, PX_SERIAL_E_BREAK << 24, 0, 0xFF | PX_SERIAL_E_FRAMING << 24};
    uint32_t got[16];
    port p = {.format = 0x00030100};
    px_wire *w = calloc(1, sizeof *w);
    (void)unused;
    w->more = &p;
    receive_marked(w, bytes, sizeof bytes);
    receive_marked(w, more, sizeof more);
    assert_int_equal(px_wire_characters(w, got, 16), 6);
    assert_memory_equal(got, framing, sizeof framing);
    px_wire_drop(w, 6);
    p.format = 0x001B0100; /* with parity, the error is taken for one of parity */
    receive_marked(w, bytes + 3, 3);
    assert_int_equal(px_wire_characters(w, got, 16), 1);
    assert_int_equal(got[0], 'b' | PX_SERIAL_E_PARITY << 24);
    free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(settings), cmocka_unit_test(marks)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

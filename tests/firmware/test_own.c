/* test_own.c - own.c on a UART that is played here: each frame leaves with its own divisor and line control, a change
 * of either waits for the bits before it, and nothing waits where the caller cannot. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* native.c plays own.c for everybody else. */
#define own_allow     tested_allow
#define own_open      tested_open
#define own_operation tested_operation
#define own_frame     tested_frame
#define own_poll      tested_poll
#include "firmware/serial/own.c"

/* ---- the UART ---- */

static unsigned opens, waiting, queued; /* polls until the transmitter is empty; characters in it */
static uint16_t divisor_now;
static uint8_t line_now;
static uint32_t sent[64];
static size_t sent_count;

bool uart_open(uint16_t port, uint16_t divisor, uint8_t line_control)
{
    assert_int_equal(port, 0x3F8);
    opens++;
    uart_format(port, divisor, line_control);
    return true;
}

void uart_format(uint16_t port, uint16_t divisor, uint8_t line_control)
{
    assert_int_equal(port, 0x3F8);
    assert_int_equal(queued, 0); /* or the bits of the last character change */
    assert_int_not_equal(divisor, 0);
    assert_int_equal(line_control & 0x80, 0);
    divisor_now = divisor;
    line_now = line_control;
}

static bool empty(void)
{
    if (waiting > 0 && --waiting > 0)
        return false;
    queued = 0;
    return true;
}

unsigned uart_room(uint16_t port) { return port == 0x3F8 && empty() ? 16 : 0; }
bool uart_drained(uint16_t port) { return port == 0x3F8 && empty(); }

void uart_send(uint16_t port, uint8_t byte)
{
    assert_int_equal(port, 0x3F8);
    assert_true(queued++ < 16);
    waiting = 3;
    if (sent_count < 64)
        sent[sent_count++] =
            byte | (uint32_t)(divisor_now & 0xFF) << 8 | (uint32_t)line_now << 16 | (uint32_t)(divisor_now >> 8) << 24;
}

static unsigned to_come;
bool uart_receive(uint16_t port, uint8_t *byte, uint8_t *errors)
{
    assert_int_equal(port, 0x3F8);
    if (to_come == 0)
        return false;
    *byte = (uint8_t)('0' + to_come--);
    *errors = 0;
    return true;
}

/* ---- */

static void where_com1_is_the_link_s_nothing_goes_there(void **state)
{
    (void)state;
    tested_allow(false);
    assert_false(tested_open());
    assert_true(tested_frame(0x00030141)); /* counted and lost: nobody is to wait for it */
    tested_operation(0x01030142);
    tested_poll();
    assert_int_equal(opens + sent_count, 0);
    tested_allow(true);
    assert_true(tested_open() && tested_open());
    assert_int_equal(opens, 1); /* once: opening clears what is still to leave */
}

static void each_frame_has_its_own_format(void **state)
{
    (void)state;
    static const uint32_t frames[] = {0x00030141, 0x00030142, 0x00030C43, 0x001A0C44, 0x121A3445,
                                      0x121A3446, 0xFF07FF47, 0x004B0148, 0x00030149};
    sent_count = 0;
    unsigned refusals = 0;
    for (size_t i = 0; i < sizeof frames / sizeof *frames; i++)
        while (!tested_frame(frames[i]))
            refusals++;
    assert_int_equal(sent_count, sizeof frames / sizeof *frames);
    assert_memory_equal(sent, frames, sizeof frames);
    assert_true(refusals > 0);
    sent_count = 0;
    while (!tested_frame(0x00830050)) /* divisor 0 is 1, bit 7 is none of line control's */
        ;
    assert_int_equal(sent[0], 0x00030150);
}

static void sixteen_fit_and_the_next_waits(void **state)
{
    (void)state;
    while (!tested_frame(0x00030160)) /* a format, an empty transmitter */
        ;
    for (waiting = 0; queued < 16;)
        (void)tested_frame(0x00030161);
    sent_count = 0;
    assert_false(tested_frame(0x00030162));
    assert_int_equal(sent_count, 0);
}

static void operations_follow_the_set_up(void **state)
{
    (void)state;
    static const uint32_t operations[] = {0x03031234, 0x01030041, 0x01030542, 0x03030000, 0x011A00C3, 0x02000000,
                                          0x77FFFFFF, 0x03030001, 0x01830044, 0x010000FF, 0x010100FF};
    static const uint32_t frames[] = {0x12033441, 0x00030542, 0x121A3443, 0x00030144, 0x0000011F, 0x0001013F};
    sent_count = 0;
    for (size_t i = 0; i < sizeof operations / sizeof *operations; i++)
        tested_operation(operations[i]);
    assert_int_equal(sent_count, sizeof frames / sizeof *frames);
    assert_memory_equal(sent, frames, sizeof frames);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(where_com1_is_the_link_s_nothing_goes_there), cmocka_unit_test(each_frame_has_its_own_format),
        cmocka_unit_test(sixteen_fit_and_the_next_waits), cmocka_unit_test(operations_follow_the_set_up)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

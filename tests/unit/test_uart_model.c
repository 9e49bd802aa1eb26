/* test_uart_model.c - the UART beside a simulated board against waves drawn by hand from the definition of a frame:
 * start bit, data from bit 0 on, parity, stop bit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sim/uart_model.c"

/* The level in the middle of each bit, as '0' and '1'. */
static void wave_of(uint8_t byte, double bit, char *wave)
{
    px_uart_tx tx;
    px_uart_tx_init(&tx, bit, NULL);
    px_uart_tx_send(&tx, 100, byte);
    for (int i = 0; i < 11; i++)
        wave[i] = px_uart_tx_level(&tx, (uint64_t)(100 + (i + 0.5) * bit)) ? '1' : '0';
    wave[11] = 0;
}

static void sends_start_data_stop(void **state)
{
    char wave[12];
    (void)state;
    wave_of(0x00, 8, wave);
    assert_string_equal(wave, "00000000011");
    wave_of(0x41, 8, wave);
    assert_string_equal(wave, "01000001011");
    wave_of(0xFF, 208.333, wave);
    assert_string_equal(wave, "01111111111");
}

static void bits_of_no_whole_length_do_not_drift(void **state)
{
    px_uart_tx tx;
    uint64_t now = 10;
    (void)state;
    px_uart_tx_init(&tx, 8.7, NULL);
    for (int i = 0; i < 1000; i++) {
        px_uart_tx_send(&tx, now, 0x55);
        while (!px_uart_tx_ready(&tx, now)) {
            const uint64_t next = px_uart_tx_next(&tx, now);
            assert_true(next > now);
            for (uint64_t t = now + 1; t < next; t++) /* nothing changes between two announced times */
                assert_int_equal(px_uart_tx_level(&tx, t), px_uart_tx_level(&tx, now));
            now = next;
        }
    }
    assert_int_equal(now, 10 + 87000);
}

/* Puts wave, a character a bit, on a line of that bit length; returns the number of characters received. */
static int receive(px_uart_rx *rx, const char *wave, double bit, px_uart_char *last)
{
    int count = 0;
    for (uint64_t t = 1000; t < 1000 + (uint64_t)((double)strlen(wave) * bit); t++) {
        px_uart_char got;
        if (px_uart_rx_line(rx, t, wave[(size_t)((double)(t - 1000) / bit)] == '1', &got)) {
            *last = got;
            count++;
        }
    }
    return count;
}

static void receives_every_format(void **state)
{
    static const struct {
        const char *wave;
        unsigned lcr;
        uint8_t data;
        bool bad_parity, bad_stop;
    } row[] = {
        {"1101000001011", 0x03, 0x41, false, false}, /* 8N1 */
        {"1101000001011", 0x1A, 0x41, false, false}, /* 7E1: two ones, so 0 */
        {"1101000001111", 0x1A, 0x41, true, false},
        {"1101000001111", 0x0A, 0x41, false, false}, /* 7O1 */
        {"110100011111", 0x08, 0x11, false, false},  /* 5O1 */
        {"110100010111", 0x08, 0x11, true, false},
        {"110101011111", 0x28, 0x15, false, false}, /* 5 bits, parity held at 1 */
        {"110101010111", 0x28, 0x15, true, false},
        {"110101010111", 0x38, 0x15, false, false}, /* held at 0 */
        {"110100000100", 0x03, 0x41, false, true},  /* no stop bit */
    };
    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        px_uart_rx rx;
        px_uart_char got = {0};
        px_uart_rx_init(&rx, 10.4, row[i].lcr, NULL);
        assert_int_equal(receive(&rx, row[i].wave, 10.4, &got), 1);
        assert_int_equal(got.data, row[i].data);
        assert_int_equal(got.bad_parity, row[i].bad_parity);
        assert_int_equal(got.bad_stop, row[i].bad_stop);
        assert_true(got.begin == 1000 + 21); /* two bits of 10.4, and the first whole cycle after */
    }
}

/* The stop bit is sampled 9.5 bits after the edge: half a bit of error is 5.3 % there. */
static void tolerates_what_a_uart_tolerates(void **state)
{
    static const struct {
        double error;
        bool right;
    } row[] = {{0.04, true}, {-0.04, true}, {0.08, false}, {-0.08, false}};
    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        px_uart_rx rx;
        px_uart_char got = {0};
        px_uart_rx_init(&rx, 100 * (1 + row[i].error), 3, NULL);
        const int count = receive(&rx, "1101010101011111", 100, &got);
        assert_int_equal(count > 0 && got.data == 0x55 && !got.bad_stop, row[i].right);
    }
}

static void a_short_pulse_is_no_start(void **state)
{
    px_uart_rx rx;
    px_uart_char got;
    (void)state;
    px_uart_rx_init(&rx, 10, 3, NULL);
    assert_false(px_uart_rx_line(&rx, 100, false, &got));
    assert_false(px_uart_rx_line(&rx, 103, true, &got));
    assert_false(px_uart_rx_line(&rx, 1000, true, &got));
    assert_false(rx.busy);
}

static void noise_is_as_likely_as_asked_and_the_same_again(void **state)
{
    px_uart_noise a, b;
    (void)state;
    px_uart_noise_init(&a, 0.01, 7);
    px_uart_noise_init(&b, 0.01, 7);
    for (int i = 0; i < 1000000; i++)
        assert_int_equal(flips(&a), flips(&b));
    assert_in_range(a.flipped, 9500, 10500); /* five standard deviations */
    px_uart_noise_init(&a, 0, 7);
    for (int i = 0; i < 1000; i++)
        assert_false(flips(&a));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sends_start_data_stop),     cmocka_unit_test(bits_of_no_whole_length_do_not_drift),
        cmocka_unit_test(receives_every_format),     cmocka_unit_test(tolerates_what_a_uart_tolerates),
        cmocka_unit_test(a_short_pulse_is_no_start), cmocka_unit_test(noise_is_as_likely_as_asked_and_the_same_again),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("uart_model", tests, NULL, NULL);
}

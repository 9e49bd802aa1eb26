/* uart_model.h - a UART at its pins: what stands at the other end of a board's cable. Time is counted in the board's
 * clock cycles; a bit lasts any number of them, whole or not. */
#ifndef SIM_UART_MODEL_H
#define SIM_UART_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#define PX_UART_NEVER UINT64_MAX

/* Turns bits around, each with the same probability. */
typedef struct px_uart_noise {
    uint64_t state;     /* of the generator; never 0 */
    uint64_t threshold; /* probability in units of 2^-64 */
    uint64_t flipped;   /* bits so far */
} px_uart_noise;

void px_uart_noise_init(px_uart_noise *noise, double probability, uint32_t seed);

/* The sender: 8 data bits, no parity, 1 stop bit. */
typedef struct px_uart_tx {
    double bit;   /* cycles */
    double begin; /* of the frame on the line, in cycles */
    double end;   /* of its stop bit */
    uint16_t frame;
    px_uart_noise *noise; /* or NULL */
} px_uart_tx;

void px_uart_tx_init(px_uart_tx *tx, double bit, px_uart_noise *noise);
bool px_uart_tx_ready(const px_uart_tx *tx, uint64_t now); /* may send, without a gap if asked as soon as it is */
void px_uart_tx_send(px_uart_tx *tx, uint64_t now, uint8_t byte);
bool px_uart_tx_level(const px_uart_tx *tx, uint64_t now);
uint64_t px_uart_tx_next(const px_uart_tx *tx, uint64_t now); /* when the level or readiness can change */

/* The receiver: samples the middle of each bit. lcr is the 16550's line control (SERIAL.md). */
typedef struct px_uart_rx {
    double bit;
    double begin;  /* the falling edge of the frame under way, in cycles */
    unsigned last; /* index of the stop bit; the start bit is 0 */
    unsigned mask; /* data bits */
    unsigned index;
    unsigned frame;
    bool level, busy;
    bool parity, even, stick;
    px_uart_noise *noise; /* or NULL */
} px_uart_rx;

typedef struct px_uart_char {
    double begin, end; /* falling edge, middle of the stop bit */
    uint8_t data;
    bool bad_parity, bad_stop;
} px_uart_char;

void px_uart_rx_init(px_uart_rx *rx, double bit, unsigned lcr, px_uart_noise *noise);

/* The line has kept its level up to now, and is at level from now on. True: a character has come whole. To be called at
 * each change, and not later than px_uart_rx_next() says. */
bool px_uart_rx_line(px_uart_rx *rx, uint64_t now, bool level, px_uart_char *got);
uint64_t px_uart_rx_next(const px_uart_rx *rx);

#endif

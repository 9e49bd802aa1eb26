/* board_pin.h - the second transmitter's pin of a simulated board: its changes with their times, and the characters
 * that a receiver with one divisor and line control sees. */
#ifndef SIM_BOARD_PIN_H
#define SIM_BOARD_PIN_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "sim/uart_model.h"

typedef struct px_pin {
    FILE *text, *edges; /* or NULL */
    px_uart_rx rx;
    bool level;
} px_pin;

void px_pin_init(px_pin *pin, double clock, unsigned divisor, unsigned lcr);

/* As px_uart_rx_line(). */
void px_pin_line(px_pin *pin, uint64_t now, bool level);

#endif

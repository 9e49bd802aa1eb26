/* board_wire.h - the second transmitter's pin of a simulated board: its changes with their times, and the characters
 * that a receiver with one divisor and line control sees. */
#ifndef SIM_BOARD_WIRE_H
#define SIM_BOARD_WIRE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "sim/uart_model.h"

typedef struct px_wire {
    FILE *text, *edges; /* or NULL */
    px_uart_rx rx;
    bool level;
} px_wire;

void px_wire_init(px_wire *wire, double clock, unsigned divisor, unsigned lcr);

/* As px_uart_rx_line(). */
void px_wire_line(px_wire *wire, uint64_t now, bool level);

#endif

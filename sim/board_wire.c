/* board_wire.c - what appears on a simulated board's wire. */
#include "sim/board_wire.h"

#include <inttypes.h>

void px_wire_init(px_wire *wire, double clock, unsigned divisor, unsigned lcr)
{
    /* SERIAL.md: a bit lasts 16 * divisor units of 1/1.8432 MHz. */
    *wire = (px_wire){.level = true};
    px_uart_rx_init(&wire->rx, clock * 16 * divisor / 1843200, lcr, NULL);
}

void px_wire_line(px_wire *wire, uint64_t now, bool level)
{
    px_uart_char got;
    if (level != wire->level && wire->edges != NULL)
        fprintf(wire->edges, "%" PRIu64 " %d\n", now, level);
    wire->level = level;
    if (px_uart_rx_line(&wire->rx, now, level, &got) && wire->text != NULL) {
        fputc(got.data, wire->text);
        fflush(wire->text);
    }
}

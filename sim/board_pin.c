/* board_pin.c - what appears on a simulated board's wire. */
#include "sim/board_pin.h"

#include <inttypes.h>

#include "pxi/serial.h"

void px_pin_init(px_pin *pin, double clock, unsigned divisor, unsigned lcr)
{
    /* SERIAL.md: a bit lasts 16 * divisor units. */
    *pin = (px_pin){.level = true};
    px_uart_rx_init(&pin->rx, clock * 16 * divisor / PX_SERIAL_CLOCK, lcr, NULL);
}

void px_pin_line(px_pin *pin, uint64_t now, bool level)
{
    px_uart_char got;
    if (level != pin->level && pin->edges != NULL)
        fprintf(pin->edges, "%" PRIu64 " %d\n", now, level);
    pin->level = level;
    if (px_uart_rx_line(&pin->rx, now, level, &got) && pin->text != NULL) {
        fputc(got.data, pin->text);
        fflush(pin->text);
    }
}

/* link_port.c - see link_port.h. */
#include "firmware/serial/link_port.h"

#include "firmware/machine/uart.h"

static uint16_t port;
static uint8_t out[PX_LINK_BYTES(LINK_PORT_WORDS)];
static size_t out_count, out_sent;
static uint32_t in[LINK_PORT_WORDS + 3];
static px_link_rx rx;

bool link_port_open(uint16_t at, uint16_t divisor)
{
    port = at;
    out_count = out_sent = 0;
    px_link_rx_init(&rx, in, LINK_PORT_WORDS + 3);
    return uart_open(port, divisor, 3);
}

void link_port_send(const px_link_frame *frame)
{
    out_count = px_link_encode(frame, out);
    out_sent = 0;
}

bool link_port_sending(void) { return out_sent < out_count; }

static void send_some(void)
{
    if (!link_port_sending())
        return;
    for (unsigned room = uart_room(port); room > 0 && link_port_sending(); room--)
        uart_send(port, out[out_sent++]);
}

bool link_port_poll(px_link_frame *frame)
{
    uint8_t byte, errors;
    send_some();
    while (uart_receive(port, &byte, &errors)) {
        if (errors != 0)
            px_link_rx_drop(&rx); /* the frame is lost: the CRC would say so, later */
        if (px_link_rx_byte(&rx, byte, frame))
            return true;
        send_some();
    }
    return false;
}

/* uart.c - see uart.h. */
#include "firmware/machine/uart.h"

#include "firmware/machine/cpu.h"

#define IER 1
#define FCR 2
#define LCR 3
#define MCR 4
#define LSR 5
#define SCR 7

void uart_format(uint16_t port, uint16_t divisor, uint8_t line_control)
{
    out8((uint16_t)(port + LCR), 0x80);
    out8(port, (uint8_t)divisor);
    out8((uint16_t)(port + IER), (uint8_t)(divisor >> 8));
    out8((uint16_t)(port + LCR), line_control & 0x7F);
}

bool uart_open(uint16_t port, uint16_t divisor, uint8_t line_control)
{
    out8((uint16_t)(port + SCR), 0x5A);
    if (in8((uint16_t)(port + SCR)) != 0x5A)
        return false;
    out8((uint16_t)(port + IER), 0);
    uart_format(port, divisor, line_control);
    out8((uint16_t)(port + FCR), 0xC7); /* FIFOs cleared and on, trigger 14 */
    out8((uint16_t)(port + MCR), 0x03);
    return true;
}

unsigned uart_room(uint16_t port) { return (in8((uint16_t)(port + LSR)) & 0x20) != 0 ? 16 : 0; }
void uart_send(uint16_t port, uint8_t byte) { out8(port, byte); }
bool uart_drained(uint16_t port) { return (in8((uint16_t)(port + LSR)) & 0x40) != 0; }

bool uart_receive(uint16_t port, uint8_t *byte, uint8_t *errors)
{
    const uint8_t status = in8((uint16_t)(port + LSR));
    if ((status & 1) == 0)
        return false;
    *errors = status & 0x1E;
    *byte = in8(port);
    return true;
}

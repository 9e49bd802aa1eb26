/* uart.h - a real 16550, polled: COM1 for the guest's characters when no executor drives them, COM2 for the link. */
#ifndef MACHINE_UART_H
#define MACHINE_UART_H

#include <stdbool.h>
#include <stdint.h>

enum { UART_COM1 = 0x3F8, UART_COM2 = 0x2F8 };

/* FIFOs on, no interrupts, DTR and RTS on. Divisor 1 is 115,200 baud; line_control as in LCR without DLAB. False when
 * there is no UART at that port. */
bool uart_open(uint16_t port, uint16_t divisor, uint8_t line_control);
void uart_format(uint16_t port, uint16_t divisor, uint8_t line_control);

/* How many bytes the transmitter takes now: 16 when it is empty, else 0. */
unsigned uart_room(uint16_t port);
void uart_send(uint16_t port, uint8_t byte);

/* The last bit has left. */
bool uart_drained(uint16_t port);

/* A received byte with its errors, bits of LSR; false when there is none. */
bool uart_receive(uint16_t port, uint8_t *byte, uint8_t *errors);

#endif

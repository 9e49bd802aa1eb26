/* own.c - see own.h. Operations are those of pxi/programs/SERIAL.md. */
#include "firmware/serial/own.h"

#include "firmware/pc/pc.h"
#include "firmware/serial/uart.h"

static bool there;
static uint16_t setup = 1;           /* the divisor in force */
static uint32_t format = UINT32_MAX; /* what the real UART is set to: divisor, line control above it */
static unsigned room;

bool own_open(void)
{
    there = uart_open(UART_COM1, 1, 3);
    return there;
}

/* A change of format waits for the bits of the old one. */
static void set_format(uint16_t divisor, uint8_t line_control)
{
    const uint32_t wanted = divisor | (uint32_t)line_control << 16;
    if (wanted == format)
        return;
    while (!uart_drained(UART_COM1))
        __asm__ volatile("pause");
    uart_format(UART_COM1, divisor, line_control);
    format = wanted;
    room = 0;
}

static void transmit(uint8_t data, uint16_t divisor, uint8_t line_control)
{
    set_format(divisor, line_control);
    while (room == 0)
        room = uart_room(UART_COM1);
    uart_send(UART_COM1, data);
    room--;
}

void own_operation(uint32_t operation)
{
    const uint8_t r = (uint8_t)operation, g = (uint8_t)(operation >> 8), b = (uint8_t)(operation >> 16 & 0x7F);
    const uint16_t divisor = (uint16_t)operation;
    switch (operation >> 24) {
    case 1:
        if (there)
            transmit(r, g != 0 ? g : setup, b);
        break;
    case 3:
        if (divisor != 0)
            setup = divisor;
        break;
    default:
        break;
    }
}

void own_poll(void)
{
    uint8_t byte, errors;
    while (there && pc_com1_room() > 0 && uart_receive(UART_COM1, &byte, &errors))
        (void)pc_com1_receive(byte | (uint32_t)errors << 24);
}

/* own.c - see own.h. Operations and frames are those of pxi/programs/SERIAL.md. */
#include "firmware/serial/own.h"

#include "firmware/machine/uart.h"
#include "firmware/pc/pc.h"

static bool allowed = true, there;
static uint16_t setup = 1;           /* the divisor in force */
static uint32_t format = UINT32_MAX; /* what the real UART is set to: a frame without its data and break */
static unsigned room;

void own_allow(bool com1) { allowed = com1; }

bool own_open(void)
{
    if (!there && allowed)
        there = uart_open(UART_COM1, 1, 3);
    return there && allowed;
}

static uint32_t frame_of(uint8_t data, uint16_t divisor, uint8_t line_control)
{
    return data | (uint32_t)(divisor & 0xFF) << 8 | (uint32_t)line_control << 16 | (uint32_t)(divisor >> 8) << 24;
}

/* A change of format waits for the bits of the old one. */
bool own_frame(uint32_t frame)
{
    const uint32_t wanted = frame & 0xFF7FFF00; /* bit 7 of line control is none of a frame's */
    const uint16_t divisor = (uint16_t)((frame >> 8 & 0xFF) | frame >> 24 << 8);
    if (!own_open())
        return true;
    if (wanted != format) {
        if (!uart_drained(UART_COM1))
            return false;
        uart_format(UART_COM1, divisor != 0 ? divisor : 1, (uint8_t)(wanted >> 16));
        format = wanted;
        room = 0;
    }
    if (room == 0)
        room = uart_room(UART_COM1);
    if (room == 0)
        return false;
    uart_send(UART_COM1, (uint8_t)frame);
    room--;
    return true;
}

void own_operation(uint32_t operation)
{
    const uint8_t r = (uint8_t)operation, g = (uint8_t)(operation >> 8), b = (uint8_t)(operation >> 16 & 0x7F);
    const uint16_t divisor = (uint16_t)operation;
    switch (operation >> 24) {
    case 1:
        while (!own_frame(frame_of(r, g != 0 ? g : setup, b)))
            __asm__ volatile("pause");
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
    while (own_open() && pc_com1_room() > 0 && uart_receive(UART_COM1, &byte, &errors))
        (void)pc_com1_receive(byte | (uint32_t)errors << 24);
}

/* own.c - see own.h. Operations and frames are those of pxi/programs/SERIAL.md. */
#include "firmware/serial/own.h"

#include "firmware/machine/uart.h"
#include "firmware/pc/pc.h"
#include "pxi/serial.h"

static bool allowed = true, there;
static uint16_t setup = 1;           /* the divisor in force */
static uint32_t format = UINT32_MAX; /* what the real UART is set to: a frame without its data and break */
static unsigned room;

void own_allow(bool com1) { allowed = com1; }

bool own_open(void)
{
    if (!there && allowed)
        there = uart_open(UART_COM1, 1, PXS_LINE_8N1);
    return there && allowed;
}

/* A change of format waits for the bits of the old one. */
bool own_frame(uint32_t frame)
{
    const uint16_t divisor = (uint16_t)pxs_frame_divisor(frame);
    const uint32_t wanted = pxs_frame(0, divisor, pxs_frame_line(frame));
    if (!own_open())
        return true;
    if (wanted != format) {
        if (!uart_drained(UART_COM1))
            return false;
        uart_format(UART_COM1, divisor != 0 ? divisor : 1, (uint8_t)pxs_frame_line(wanted));
        format = wanted;
        room = 0;
    }
    if (room == 0)
        room = uart_room(UART_COM1);
    if (room == 0)
        return false;
    /* What has no place on the wire does not reach the UART: emulated ones send all of a byte. */
    uart_send(UART_COM1, (uint8_t)(pxs_frame_data(frame) & 0xFF >> (3 - pxs_line_length(pxs_frame_line(frame)))));
    room--;
    return true;
}

void own_operation(uint32_t operation)
{
    const uint32_t own = pxs_write_divisor(operation), divisor = own != 0 ? own : setup;
    const uint32_t frame = pxs_frame(pxs_write_data(operation), divisor, pxs_write_line(operation));
    switch (pxs_operation_kind(operation)) {
    case PX_SERIAL_WRITE:
        while (!own_frame(frame))
            __asm__ volatile("pause");
        break;
    case PX_SERIAL_SETUP:
        if (pxs_setup_divisor(operation) != 0)
            setup = (uint16_t)pxs_setup_divisor(operation);
        break;
    default:
        break;
    }
}

void own_poll(void)
{
    uint8_t byte, errors;
    while (own_open() && pc_com1_room() > 0 && uart_receive(UART_COM1, &byte, &errors))
        (void)pc_com1_receive(pxs_received(byte, errors));
}

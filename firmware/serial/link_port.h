/* link_port.h - the link (pxi/LINK.md) on a real UART: frames out and in, without ever waiting. */
#ifndef SERIAL_LINK_PORT_H
#define SERIAL_LINK_PORT_H

#include <stdbool.h>
#include <stdint.h>

#include "pxi/link.h"

/* The most payload words of a frame in either direction. */
#define LINK_PORT_WORDS 4352u

/* divisor 1 is 115,200 baud. False when there is no UART at that port. */
bool link_port_open(uint16_t port, uint16_t divisor);

/* Begins to send; the payload is copied. Whatever was being sent is cut short, which costs the other end a frame. */
void link_port_send(const px_link_frame *frame);

/* Moves bytes both ways. True: *frame has come, its payload good until the next call. */
bool link_port_poll(px_link_frame *frame);

/* Bytes of the frame under way have still to leave. */
bool link_port_sending(void);

#endif

/* board_port.h - the host's end of a simulated board's cable: one client after the other, and nothing blocks but
 * px_port_wait(). */
#ifndef SIM_BOARD_PORT_H
#define SIM_BOARD_PORT_H

#include <stddef.h>
#include <stdint.h>

#include "host/transport.h"

typedef struct px_port {
    px_listener *listener;
    px_transport *client; /* NULL: nobody is connected */
    const char *link;     /* a symbolic link to the pseudo-terminal, removed at the end; or NULL */
    uint64_t lost;        /* bytes that nobody took */
} px_port;

/* listen as in transport.h; link is the name of a symbolic link to the pseudo-terminal, or NULL. */
bool px_port_open(px_port *port, const char *listen, const char *link, px_error *error);
void px_port_close(px_port *port);

size_t px_port_read(px_port *port, uint8_t *bytes, size_t size);       /* what is there, perhaps nothing */
void px_port_write(px_port *port, const uint8_t *bytes, size_t count); /* what finds no room is lost, as in a UART */

/* Until bytes or a client come, a signal comes, or so many milliseconds are over; -1: no limit. */
void px_port_wait(px_port *port, int milliseconds);

#endif

/* board_port.h - the host's end of a simulated board's cable: one client after the other. */
#ifndef SIM_BOARD_PORT_H
#define SIM_BOARD_PORT_H

#include <stddef.h>
#include <stdint.h>

#include "wire/transport.h"

typedef struct px_port {
    px_listener *listener;
    px_transport *client; /* NULL: nobody is connected */
    const char *link;     /* a symbolic link to the pseudo-terminal, removed at the end; or NULL */
    uint64_t lost;        /* bytes that nobody took */
} px_port;

/* listen as in transport.h; link is the name of a symbolic link to the pseudo-terminal, or NULL. */
bool px_port_open(px_port *port, const char *listen, const char *link, px_error *error);
void px_port_close(px_port *port);

/* What is there, perhaps nothing. */
size_t px_port_read(px_port *port, uint8_t *bytes, size_t size);

/* What finds no room within a second is lost, as in a UART; a busy machine's client is given that much time. */
void px_port_write(px_port *port, const uint8_t *bytes, size_t count);

/* Until bytes or a client come, a signal comes, or so many milliseconds are over; -1: no limit. */
void px_port_wait(px_port *port, int milliseconds);

#endif

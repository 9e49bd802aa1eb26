/* transport_internal.h - what the files behind transport.h share. */
#ifndef WIRE_TRANSPORT_INTERNAL_H
#define WIRE_TRANSPORT_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "wire/transport.h"

struct px_transport {
    int fd;
    int slave; /* of a pty that we made: kept open, so that the master outlives its users; else -1 */
    bool socket;
    bool pty;       /* the slave of one */
    bool exclusive; /* a serial port that we have set TIOCEXCL on */
    uint32_t baud;  /* 0 unless it is a serial port */
    char name[256];
};

/* transport_tty.c: a serial port, or the slave of a pseudo-terminal. */
bool px_tty_open(px_transport *transport, const char *path, uint32_t baud, px_error *error);
void px_tty_close(px_transport *transport);
/* A terminal that passes every byte. baud 0 leaves the rate. */
bool px_tty_raw(int fd, uint32_t baud, const char *name, px_error *error);

/* "tcp:PORT", "tcp:HOST:PORT" or "tcp:[HOST]:PORT", as getaddrinfo() wants it; least: the smallest port that is one. */
typedef struct px_tcp {
    char host[256], port[8];
} px_tcp;
bool px_tcp_place(const char *spec, unsigned least, px_tcp *place, px_error *error);

void px_nonblocking(int fd);
/* Waits for events until the clock says end, or for ever if that is negative. A signal ends it early, as a timeout.
 * PX_IO_FAILED: errno says why. */
px_io px_await(int fd, short events, double end);

#endif

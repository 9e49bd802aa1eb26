/* transport.h - byte streams that carry the link: serial ports, TCP, Unix sockets, pseudo-terminals.
 *
 * A stream is named
 *   /dev/ttyUSB1[@BAUD]       a serial port, 8N1, taken for this process alone; 1000000 baud unless told otherwise
 *   tcp:PORT, tcp:HOST:PORT   HOST a name, an IPv4 address or [an IPv6 address], 127.0.0.1 when none is given
 *   unix:PATH, PATH           a Unix socket
 * and a place to listen at
 *   tcp:PORT, tcp:HOST:PORT   the same; port 0 takes a free one
 *   unix:PATH                 a socket left behind by a dead server is replaced
 *   pty                       a new pseudo-terminal, one connection, which outlives whoever opens its other end */
#ifndef WIRE_TRANSPORT_H
#define WIRE_TRANSPORT_H

#include <stddef.h>
#include <stdint.h>

#include "pxi/error.h"

#define PX_TRANSPORT_BAUD 1000000u

typedef struct px_transport px_transport;

/* How an attempt to move bytes ended. */
typedef enum px_io {
    PX_IO_DONE,
    PX_IO_TIMEOUT, /* nothing, or not all of it, within the time */
    PX_IO_GONE,    /* the other end hung up, the cable is out; error says so */
    PX_IO_FAILED   /* anything else; error says what */
} px_io;

bool px_transport_open(px_transport **transport, const char *spec, px_error *error);
/* Takes over fd, a socket, pipe or terminal; name is for messages. */
bool px_transport_adopt(px_transport **transport, int fd, const char *name, px_error *error);
void px_transport_close(px_transport *transport); /* also fine with NULL */

/* Waits up to milliseconds (negative: for ever) for bytes; at least one is there on PX_IO_DONE. A signal that is caught
 * ends the waiting early, as a timeout. */
px_io px_transport_read(px_transport *transport, uint8_t *bytes, size_t size, size_t *count, int milliseconds,
                        px_error *error);
/* Writes all of it, waiting for room up to milliseconds. */
px_io px_transport_write(px_transport *transport, const uint8_t *bytes, size_t size, int milliseconds, px_error *error);

int px_transport_fd(const px_transport *transport);           /* for poll(); non-blocking */
const char *px_transport_name(const px_transport *transport); /* as it was asked for, for messages */
uint32_t px_transport_baud(const px_transport *transport);    /* 0 unless it is a serial port */
/* Whether it is a pseudo-terminal, which has no wire: bytes come as fast as the other end makes them. */
bool px_transport_is_pty(const px_transport *transport);
/* The latency timer of a serial port's USB adapter in ms, and the file that sets it; 0 when there is none to see. */
unsigned px_transport_latency(const px_transport *transport, char *file, size_t size);
/* Throws away what has come and was not read. */
void px_transport_discard(px_transport *transport);

typedef struct px_listener px_listener;

bool px_listener_open(px_listener **listener, const char *spec, px_error *error);
/* Removes a Unix socket's file, if it is still the one that was made; also fine with NULL. */
void px_listener_close(px_listener *listener);
/* What a client opens: "tcp:127.0.0.1:7000", "unix:/tmp/px", "/dev/pts/5". */
const char *px_listener_name(const px_listener *listener);
/* Readable when accept would not wait; -1 when no more connections can come: a pty has one. */
int px_listener_fd(const px_listener *listener);
/* PX_IO_GONE: a connection went away before it was had, the next may be fine. PX_IO_FAILED: px_listener_failure() is
 * errno. */
px_io px_listener_accept(px_listener *listener, px_transport **transport, int milliseconds, px_error *error);
int px_listener_failure(const px_listener *listener);

#endif

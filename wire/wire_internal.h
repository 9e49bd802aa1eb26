/* wire_internal.h - what wire.c and the kinds of wires share. */
#ifndef WIRE_WIRE_INTERNAL_H
#define WIRE_WIRE_INTERNAL_H

#include "pxi/serial.h"
#include "wire/wire.h"

typedef struct px_wire_ops {
    /* Sends more of what is to be sent, advances sent, and says how it stands; writable: poll() said so. */
    px_wire_progress (*send)(px_wire *, bool writable, double now, px_error *);
    void (*receive)(px_wire *, const uint8_t *bytes, size_t count); /* NULL: nothing comes from there */
    void (*close)(px_wire *);                                       /* NULL: nothing but fd */
} px_wire_ops;

struct px_wire {
    const px_wire_ops *ops;
    int fd;
    bool keep_open;      /* fd is not ours */
    bool gone;           /* hung up: no more characters come */
    bool remembers;      /* a file */
    unsigned frame_size; /* bytes of a frame in a file */
    char name[300];
    uint64_t total;
    const uint32_t *frames; /* being sent */
    size_t count, sent;
    bool sending;
    double wake;    /* when send wants to be called though nothing can be polled for; 0 never */
    bool want_room; /* when it waits for poll() to say writable */
    uint32_t queue[PX_WIRE_QUEUE];
    size_t queue_at, queue_count;
    bool overrun;
    void *more; /* of the kind */
};

/* Puts a received character into the queue. */
void px_wire_character(px_wire *wire, uint8_t data, uint32_t flags);

/* wire_port.c: makes wire a serial port. */
bool px_wire_open_port(px_wire *wire, const char *path, px_error *error);

#endif

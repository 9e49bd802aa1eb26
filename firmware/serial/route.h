/* route.h - from the guest's serial port to the pixel program: operations are gathered into batches, batches go over
 * the link to whoever runs the driver (client.h), and received characters come back.
 *
 * Two batches: the guest fills one while the other is under way. When both are full the guest is held inside its exit.
 * Without an executor, and after one is lost for good, operations take pxHV's own path (own.h). */
#ifndef SERIAL_ROUTE_H
#define SERIAL_ROUTE_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/serial/client.h"

typedef struct route_options {
    uint32_t batch;              /* 1 to ROUTE_BATCH */
    pc_time patience;            /* how long an answer may take; BUSY begins it anew. Guest time: emulators may race. */
    bool link;                   /* false: do not look for an executor */
    uint16_t port, divisor;      /* of the link's UART; 0: COM2, and 115,200 baud */
    const serial_driver *driver; /* from the disk; NULL: none */
    uint64_t salt;               /* makes sessions differ that begin at the same count of the TSC */
    pc_time (*now)(void);
} route_options;

/* Says hello on the link and waits for the answer; says in the log which path is taken. */
void route_init(const route_options *options);

/* A pc_serial_sink. */
void route_operation(uint32_t operation);

/* Between exit and entry. waiting: the guest has nothing to do but wait. */
void route_poll(bool waiting);

/* Sends what has gathered; with finish, comes back when all of it is done. */
void route_flush(bool finish);

/* Counters, one line. */
void route_log(void);

#endif

/* client.h - what route.c knows of whoever runs the driver: batches go to a client, news of them come back. One client
 * speaks BATCH to px serve (batch_client.c), the other drives a bare machine, a board's (direct.c). */
#ifndef SERIAL_CLIENT_H
#define SERIAL_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/pc/pc.h"
#include "firmware/serial/driver.h"
#include "pxi/link.h"

#define ROUTE_BATCH 4096u /* most operations of the guest in a batch */

typedef struct serial_batch {
    uint32_t count;  /* operations, the leading set-up included */
    uint32_t frames; /* writes among them */
    uint64_t first;  /* number of the first operation of the guest in it */
    pc_time oldest, newest;
    uint32_t operation[1 + ROUTE_BATCH];
} serial_batch;

typedef enum client_news {
    CLIENT_WORKS,
    CLIENT_LANDED,  /* the batch is done, or in doubt, which has been said: the next one may come */
    CLIENT_REFUSES, /* the executor is lost; nothing of the batch is out */
    CLIENT_LOST     /* the executor is lost; what is in doubt has been said, and nothing of the batch is left to do */
} client_news;

typedef struct client {
    bool asks;                           /* an empty batch brings received characters; else they come in at COM1 */
    uint32_t (*most)(void);              /* operations of the guest that a batch may have */
    void (*send)(const serial_batch *b); /* when none is under way; b stays as it is until there is news */
    client_news (*poll)(void);
} client;

/* For the log. */
typedef struct client_counts {
    uint64_t dispatches, empty, refused, in_doubt;
    const char *lost; /* why, after REFUSES and LOST */
} client_counts;
extern client_counts client_counted;

/* An operation's number in a batch; the set-up that leads has that of the first. */
static inline uint64_t batch_number(const serial_batch *b, uint32_t i) { return b->first + (i > 0 ? i - 1 : 0); }

/* Says that operations i to j of a batch are in doubt. */
void client_doubt(const serial_batch *b, uint32_t i, uint32_t j);

/* Says which error came, in the endpoint's words. */
void client_log_error(const px_link_frame *error);

#endif

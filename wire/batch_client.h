/* batch_client.h - the asking end of BATCH (pxi/LINK.md, section 5): a session that sends serial operations to px serve
 * in batches, and keeps its half of the promise when the link or the server dies. */
#ifndef WIRE_BATCH_CLIENT_H
#define WIRE_BATCH_CLIENT_H

#include <stddef.h>
#include <stdint.h>

#include "pxi/error.h"

typedef struct px_batch_client px_batch_client;

typedef enum px_batch_outcome {
    PX_BATCH_DONE,
    PX_BATCH_DOUBT, /* some or all of its frames may be out; it is not sent again, and the next batch can follow */
    PX_BATCH_FAILED /* nothing of it is out; error says why */
} px_batch_outcome;

/* What DONE told. */
typedef struct px_batch_done {
    uint64_t total; /* frames emitted on the wire, ever */
    uint32_t errors, clock;
    uint32_t received_count;
    const uint32_t *received; /* R data, A error flags; until the next batch */
} px_batch_done;

/* place as in transport.h. A session of 0 is drawn at random. patience: for how many seconds a link that died is tried
 * to be had again. */
bool px_batch_open(px_batch_client **client, const char *place, uint64_t session, double patience, px_error *error);
/* Gives up the wire. */
void px_batch_close(px_batch_client *client); /* also fine with NULL */

uint32_t px_batch_most(const px_batch_client *client); /* operations that a batch can have here */
uint64_t px_batch_total(const px_batch_client *client);

/* One batch; its first operation is a set-up. credit: how many received characters may come back. first: the number
 * of its first operation, for the records of both ends. */
px_batch_outcome px_batch_send(px_batch_client *client, const uint32_t *operations, uint32_t count, uint64_t first,
                               uint32_t clock, uint32_t credit, px_batch_done *done, px_error *error);

#endif

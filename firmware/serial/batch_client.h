/* batch_client.h - the client's half of LINK.md section 5: a session with px serve, whose wire takes the frames. */
#ifndef SERIAL_BATCH_CLIENT_H
#define SERIAL_BATCH_CLIENT_H

#include "firmware/serial/client.h"

/* Begins to say the first HELLO, with a new session; to endpoints that know no sessions it is HELLO as well. most:
 * operations of the guest in a batch, if the server allows them. salt: what no other machine has at the same time. */
void batch_client_open(uint32_t most, const serial_driver *own, uint64_t salt);

/* The answer to it, from an endpoint that has capability BATCH. LANDED: it can serve; WORKS: it takes the driver first.
 */
client_news batch_client_meet(const px_link_frame *hello);

/* Frames on the wire when the session began. */
uint64_t batch_client_total(void);

/* Characters that came in at the wire go to the guest. */
void batch_client_give(void);

extern const client batch_client;

#endif

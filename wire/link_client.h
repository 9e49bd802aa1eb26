/* link_client.h - the asking end of the link: requests with sequence numbers over a byte stream, repeated until they
 * are answered (LINK.md sections 2 to 4). Nothing that comes back is trusted. */
#ifndef WIRE_LINK_CLIENT_H
#define WIRE_LINK_CLIENT_H

#include "pxi/executor.h"
#include "pxi/link.h"
#include "wire/transport.h"
#include "wire/window.h"

/* What HELLO told. */
typedef struct px_link_hello {
    uint32_t lanes, capabilities;   /* capabilities: PXL_CAP_ bits */
    uint32_t max_pixels;            /* at most PX_MAX_PIXELS */
    uint32_t max_payload;           /* words of a request */
    uint32_t clock;                 /* Hz, or 0 */
    char name[17];                  /* printable */
    uint32_t words[PXR_HELLO_LONG]; /* as they came; 0 from WIRE on unless the endpoint knows BATCH */
} px_link_hello;

typedef struct px_link_status {
    bool underway; /* then nothing else means anything */
    uint32_t profile, status, cause;
    uint32_t pc, vl, value, left;
    bool tells_request; /* by an endpoint with capability REQUEST, of a machine that waits: */
    uint32_t request, argument;
} px_link_status;

typedef struct px_link_client {
    px_link_hello hello;
    enum px_link_error refused; /* why the last request failed, if it was an ERROR reply; else NONE */
    uint64_t requests, retries; /* statistics; retries: requests sent again */
    uint64_t strays;            /* whole frames that were no reply to what was asked */
    unsigned patience;          /* ms before the first repetition, wire time apart: 250, or PX_LINK_PATIENCE */
    unsigned tries;             /* sent at most so often: 5 */
    bool broken;                /* the stream is, or nobody answered: nothing more will come */
    /* Asked when patience is over, where somebody knows more of the other end than its silence: true has as much
     * patience again. NULL: nobody does. */
    bool (*patient)(void *context);
    void *context;
    px_link_window *window; /* NULL where there is none; else longer READs and WRITEs go through it */

    /* Private. */
    px_transport *transport;
    px_link_rx rx;
    uint32_t *words; /* the receiver's */
    uint8_t *frame;  /* what is sent */
    uint8_t input[4096];
    size_t from, to; /* of input: what is not decoded yet */
    uint8_t sequence;
    int other_version; /* of a frame that came, or -1 */
    char who[128];     /* "link:/dev/ttyUSB1 (icebreaker)" */
} px_link_client;

/* Opens spec (transport.h) and says HELLO. */
bool px_link_client_open(px_link_client **client, const char *spec, px_error *error);
/* The same on a stream, which it takes over, also when it fails. With hello false it does not say it. */
bool px_link_client_on(px_link_client **client, px_transport *transport, bool hello, px_error *error);
void px_link_client_close(px_link_client *client); /* also fine with NULL */
/* What messages call it from here on, and the executor made of it; HELLO names it anew. */
void px_link_client_name(px_link_client *client, const char *name);

/* What has come and was no frame: bytes that a wire changed. */
uint64_t px_link_client_dropped(const px_link_client *client);

/* One request and its reply, whose payload is valid until the next; expected is the length of the reply's payload if
 * known, for the waiting, or 0. Fails when the payload is longer than 65535 words, when there is no answer, when the
 * stream breaks and on an ERROR reply, whose number is then in client->refused. */
bool px_link_ask(px_link_client *client, unsigned type, const uint32_t *payload, uint32_t length, uint32_t expected,
                 px_link_frame *reply, px_error *error);

/* The most words of a READ or WRITE. */
uint32_t px_link_block(const px_link_client *client);

/* The requests of a machine, their replies checked. words 0 or 2 of a session for HELLO. READ and WRITE of 1 to
 * px_link_block() words; what cannot be carried fails before anything is sent. */
bool px_link_say_hello(px_link_client *client, const uint32_t *session, px_error *error);
bool px_link_reset(px_link_client *client, uint32_t profile, uint32_t w, uint32_t h, px_error *error);
bool px_link_read(px_link_client *client, enum px_link_space space, uint32_t address, uint32_t *words, uint32_t count,
                  px_error *error);
bool px_link_write(px_link_client *client, enum px_link_space space, uint32_t address, const uint32_t *words,
                   uint32_t count, px_error *error);
bool px_link_run(px_link_client *client, uint32_t budget, px_error *error);
bool px_link_get_status(px_link_client *client, px_link_status *status, px_error *error);
bool px_link_stop(px_link_client *client, px_error *error);

/* The executor link (exec/link.c) over a client that has said HELLO, which it takes over, also when it fails. */
bool px_link_executor(px_executor **executor, px_link_client *client, px_error *error);
/* The client behind the executor link, for space WIRE; it stays the executor's. NULL for another executor. */
px_link_client *px_link_client_of(px_executor *executor);

#endif

/* serve_internal.h - what the files of px serve share: the server, its clients, and the
 * batches.
 *
 * One thread, one poll() loop (serve.c). No executor is ever touched here: each client that needs one gets a child of
 * its own, and the batches get one (serve/worker.h). Nothing waits but poll(). */
#ifndef SERVE_SERVE_INTERNAL_H
#define SERVE_SERVE_INTERNAL_H

#include "serve/serve.h"
#include "serve/worker.h"
#include "wire/transport.h"
#include "wire/wire.h"

typedef struct px_server px_server;
typedef struct px_batches px_batches;

/* ---- a connection: serve/connection.c ---- */

typedef enum px_waits {
    PX_WAITS_NOT,
    PX_WAITS_WORKER, /* for its executor */
    PX_WAITS_BATCH,  /* for its batch to finish */
    PX_WAITS_FREE    /* for the batch under way to finish; then the request is looked at again */
} px_waits;

typedef struct px_connection {
    px_server *server;
    px_transport *transport;
    unsigned number; /* for the log */
    bool closed;
    bool excess;        /* one too many: it is told so, and nothing else */
    double until;       /* then it is closed, if it is */
    int place, at_work; /* of its connection and of its executor in what is watched, or -1 */
    uint8_t in[4096];   /* read, and not looked at yet: while a request is under way the next one waits here */
    size_t in_at, in_size;
    px_link_rx rx;
    uint32_t *words; /* of rx: large only for those who have asked for the wire */
    px_outbox out;
    px_link_frame request; /* under way unless waits is PX_WAITS_NOT; its payload lies in words */
    px_waits waits;
    double busy_at; /* when it is told next that we are at work */
    /* The last BATCH, BYE or WRITE of a driver, for one that is repeated: a batch that got an error must not be run
     * after all. */
    uint8_t last_type, last_sequence; /* type 0: none since HELLO, or another request came since */
    enum px_link_error last_error;
    char last_text[256];
    px_worker worker;
} px_connection;

/* NULL: no memory; then transport is closed. */
px_connection *px_connection_new(px_server *server, px_transport *transport, unsigned number);
void px_connection_free(px_connection *client);
short px_connection_events(const px_connection *client);
/* After poll(): first all are read, so that a connection that was closed holds nothing up; then each goes on. */
void px_connection_read(px_connection *client, short events);
void px_connection_step(px_connection *client, short worker_events, double now);
/* Ends the request under way. */
void px_connection_reply(px_connection *client, uint8_t type, const uint32_t *words, uint32_t length);
void px_connection_refuse(px_connection *client, enum px_link_error number, const char *text);

/* ---- batches, sessions, the wire: serve/batches.c ---- */

/* batches stays NULL where there is no wire. */
bool px_batches_open(px_batches **batches, px_server *server, px_error *error);
void px_batches_close(px_batches *batches);
px_wire *px_batches_wire(px_batches *batches);
bool px_batches_busy(const px_batches *batches);

/* Whether HELLO has its answer, of which the words that only a session is told are filled in; otherwise the client
 * waits. */
bool px_batches_hello(px_batches *batches, px_connection *client, uint64_t session, uint32_t words[PXR_HELLO_LONG]);
/* Take over the request under way: they answer, or let the client wait. */
void px_batches_add(px_batches *batches, px_connection *client);
void px_batches_driver(px_batches *batches, px_connection *client); /* WRITE to space DRIVER */
void px_batches_bye(px_batches *batches, px_connection *client);
void px_batches_leave(px_batches *batches, const px_connection *client); /* the connection is closed */

/* For poll(): the executor's process and the spare's, which may be NULL; then what poll() said of them and the wire. */
px_worker *px_batches_worker(px_batches *batches, int which);
void px_batches_step(px_batches *batches, const short worker_events[2], short wire_events, double now);

/* ---- a process that is kept ready: serve/ready.c ---- */

typedef struct px_ready {
    bool wanted;
    px_worker worker;
    double at, pause; /* when one is started that is not there; and how long after the next that ends by itself */
} px_ready;

/* worked: processor time that a start took. */
void px_ready_begin(px_server *server, double worked, double now);
/* Whether *to is now a process that was kept ready, or is about to be. */
bool px_ready_take(px_server *server, px_worker *to);
/* After poll(). */
void px_ready_step(px_server *server, short events, double now);

/* ---- the server: serve.c ---- */

struct px_server {
    const px_serve_options *options;
    px_worker_setup setup; /* of clients' executors */
    px_endings endings;
    uint32_t hello[PXR_HELLO_LENGTH]; /* what they say */
    px_listener *listeners[PX_SERVE_LISTENERS];
    double deaf_until[PX_SERVE_LISTENERS]; /* nothing is accepted there before */
    int reserve; /* a descriptor to be closed when there is none to refuse a connection with */
    px_connection **clients;
    size_t client_count, excess_count; /* excess ones are among the clients */
    uint32_t most_clients;             /* of options, or what the limit of open files leaves */
    unsigned clients_ever;
    px_batches *batches;
    px_ready ready; /* for the next client */
};

/* ---- what it says and what it may have: serve/log.c, serve/limit.c ---- */

/* A line to standard error, which never waits. One that comes again and again, by its place in the program, is counted
 * instead: px_serve_log_counts, called now and then, tells how often. */
void px_serve_log(const char *format, ...) __attribute__((format(printf, 1, 2)));
void px_serve_log_counts(double now);
/* The same for --verbose, which wants each of them. */
void px_serve_trace(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Connections beyond the last that are open to be told so. */
enum { PX_SERVE_EXCESS = 8 };
/* Raises the limit of open files to what --clients needs; sets most_clients. */
bool px_serve_limit(px_server *server, px_error *error);
int px_serve_reserve(void); /* a descriptor, or -1 */

#endif

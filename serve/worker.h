/* worker.h - a child of px serve as the parent sees it: something to be asked, that answers, dies or hangs. The
 * parent polls; nothing here waits. */
#ifndef SERVE_WORKER_H
#define SERVE_WORKER_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "exec/process.h"
#include "serve/child.h"

/* Bytes on their way out of a non-blocking descriptor. */
typedef struct px_outbox {
    uint8_t *bytes; /* owned */
    size_t at, size, room;
} px_outbox;

/* Appends a frame. */
bool px_outbox_put(px_outbox *out, const px_link_frame *frame, px_error *error);
/* Writes what goes without waiting; false when the other end is gone. */
bool px_outbox_flush(px_outbox *out, int fd);
static inline bool px_outbox_empty(const px_outbox *out) { return out->at == out->size; }
void px_outbox_free(px_outbox *out);

/* Processes that were asked to end, and have not yet. */
typedef struct px_endings {
    struct px_ending *at; /* owned */
    size_t count;
} px_endings;

typedef struct px_worker_setup {
    px_child_plan plan; /* its longest: of a reply, too */
    double timeout;     /* seconds within which an executor answers, or gets on */
    px_endings *endings;
} px_worker_setup;

typedef struct px_worker {
    const px_worker_setup *setup;
    px_process process; /* pid 0: none there; its fd is non-blocking */
    px_link_rx rx;
    uint32_t *words;
    px_outbox out;
    bool ready, asked;
    uint8_t sequence; /* of what was asked */
    double deadline;
    uint64_t signs; /* of life, that its note had when it was asked, or the deadline put off .. */
    double worked;  /* .. and the processor time that it had taken */
    uint32_t hello[PXR_HELLO_LENGTH];
    char failure[512]; /* why there is none any more; empty for one that was never started */
} px_worker;

typedef enum px_worker_event { PX_WORKER_QUIET, PX_WORKER_ANSWERED, PX_WORKER_DEAD } px_worker_event;

bool px_worker_start(px_worker *worker, const px_worker_setup *setup, px_error *error);

/* One request at a time. */
bool px_worker_ask(px_worker *worker, const px_link_frame *request, px_error *error);

/* What poll() should wait for, and what to do after it. ANSWERED: *reply is valid until the next call. DEAD: the worker
 * is gone, failure says why. With fd -1 there is nothing to wait for. */
short px_worker_events(const px_worker *worker);
px_worker_event px_worker_step(px_worker *worker, short events, double now, px_link_frame *reply);

/* Ends it, whatever it does. */
void px_worker_stop(px_worker *worker);

/* Collects ended children, and kills those that were asked to end and did not. Returns whether some are left. */
bool px_workers_reap(px_endings *endings, double now);

/* The text of an ERROR reply, printable. */
void px_error_text(const px_link_frame *reply, char *text, size_t size);

#endif

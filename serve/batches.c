/* batches.c - batches, sessions and the wire: LINK.md section 5, in its order. */
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pxi/pace.h"
#include "pxi/pixel.h"
#include "serve/points.h"
#include "serve/serve_internal.h"
#include "wire/serial.h"

/* Sessions that are remembered though another has the wire now. */
enum { SESSIONS = 8 };

typedef struct session {
    uint64_t id;    /* 0: free */
    uint32_t last;  /* number of the last batch done */
    uint64_t floor; /* the smallest total that its next batch may know of: what is above it may be that batch's */
    uint64_t used;  /* when; the least one makes room */
    uint32_t driver[PX_SERIAL_DRIVER_MOST], driver_size;               /* in force; 0: our own */
    uint32_t done[PXR_DONE_CHARACTERS + PX_SERVE_RECEIVED], done_size; /* the answer to the last batch */
} session;

/* FIRST runs the batch, SPARE runs it once more after a failure. */
typedef enum stage { IDLE, FIRST, SPARE, EMITTING } stage;

struct px_batches {
    px_server *server;
    px_wire *wire;
    px_worker_setup setups[2]; /* --on, --spare */
    px_worker workers[2];
    session sessions[SESSIONS];
    session *owner;              /* NULL: the wire is free */
    const px_connection *holder; /* the owner's connection, NULL when it is closed */
    uint64_t uses;
    bool seen;                                           /* a session has owned the wire since the server started */
    uint32_t driver[PX_SERIAL_DRIVER_MOST], driver_size; /* what the owner has written of its next driver */

    /* the batch under way */
    stage stage;
    px_connection *client; /* NULL when its connection is closed: the batch goes on */
    uint32_t number, count, received, writes;
    uint32_t skip; /* frames of it that are out already */
    uint32_t errors, clock;
    uint32_t emitting;                /* frames on their way to the board */
    uint32_t drive[PX_SERVE_LONGEST]; /* the request to the executor */
    uint32_t frames[PX_SERVE_OPERATIONS];
};

/* ---- life ---- */

bool px_batches_open(px_batches **batches, px_server *server, px_error *error)
{
    const px_serve_options *o = server->options;
    px_batches *d = calloc(1, sizeof *d);
    if (d == NULL)
        return px_fail(error, PX_E_SYSTEM, "no memory for the batches");
    d->server = server;
    for (int i = 0; i < 2; i++) {
        d->setups[i] = server->setup;
        d->setups[i].plan.on = i == 0 ? o->on : o->spare;
        d->setups[i].plan.longest = PX_SERVE_LONGEST;
        d->workers[i] = (px_worker){.setup = &d->setups[i], .process = {.fd = -1}};
    }
    if (px_serve_points_open(error) && px_wire_open(&d->wire, o->wire, error)) {
        *batches = d;
        return true;
    }
    free(d);
    return false;
}

void px_batches_close(px_batches *d)
{
    if (d == NULL)
        return;
    px_worker_stop(&d->workers[0]);
    px_worker_stop(&d->workers[1]);
    px_wire_close(d->wire);
    free(d);
}

px_wire *px_batches_wire(px_batches *d) { return d->wire; }
bool px_batches_busy(const px_batches *d) { return d->stage != IDLE; }
px_worker *px_batches_worker(px_batches *d, int which) { return &d->workers[which]; }

void px_batches_leave(px_batches *d, const px_connection *client)
{
    if (d->holder == client)
        d->holder = NULL;
    if (d->client == client)
        d->client = NULL;
}

/* ---- sessions ---- */

/* The session of that number; for a new one the place of the one that was used longest ago, but not of the owner. */
static session *find_session(px_batches *d, uint64_t id)
{
    session *place = NULL;
    for (size_t i = 0; i < SESSIONS; i++) {
        session *s = &d->sessions[i];
        if (s->id == id)
            return s;
        if (s != d->owner && (place == NULL || s->used < place->used))
            place = s;
    }
    *place = (session){.id = id};
    return place;
}

/* A file remembers frames of a batch that was in doubt when the server before this one died. Of what other sessions
 * have sent since, none can be of the next batch of the one granted. */
static void grant(px_batches *d, uint64_t id)
{
    if (d->owner != NULL && d->owner->id == id)
        return;
    d->owner = NULL;
    d->owner = find_session(d, id);
    d->owner->floor = d->seen || !px_wire_remembers(d->wire) ? px_wire_total(d->wire) : 0;
    d->seen = true;
}

static uint32_t crc_of(const uint32_t *pixels, uint32_t count)
{
    uint32_t crc = 0;
    for (uint32_t i = 0; i < count; i++) {
        const uint8_t bytes[4] = {(uint8_t)px_byte(pixels[i], 0), (uint8_t)px_byte(pixels[i], 1),
                                  (uint8_t)px_byte(pixels[i], 2), (uint8_t)px_byte(pixels[i], 3)};
        crc = px_link_crc(crc, bytes, sizeof bytes);
    }
    return crc;
}

static void forget_written(px_batches *d)
{
    memset(d->driver, 0, sizeof d->driver);
    d->driver_size = 0;
}

bool px_batches_hello(px_batches *d, px_connection *client, uint64_t id, uint32_t words[PXR_HELLO_LONG])
{
    const bool mine = d->owner != NULL && d->owner->id == id;
    const bool granted = mine || d->owner == NULL || d->holder == NULL || d->holder == client;
    if (granted && px_batches_busy(d))
        return false;
    if (granted) {
        grant(d, id);
        forget_written(d);
        d->holder = client;
        d->owner->used = ++d->uses;
    }
    if (granted && d->server->options->verbose)
        px_serve_trace("client %u: session %016" PRIx64 " has the wire; its batches run on %s", client->number, id,
                       d->owner->driver_size != 0 ? "its own serial driver" : "serial_driver.pxa");
    const uint32_t size = granted ? d->owner->driver_size : 0;
    words[PXR_HELLO_WIRE] = (uint32_t)(granted ? PXL_WIRE_OWNED : PXL_WIRE_TAKEN) |
                            (px_wire_remembers(d->wire) ? (uint32_t)PXL_WIRE_REMEMBERS : 0);
    words[PXR_HELLO_LAST] = granted ? d->owner->last : 0;
    px_link_put_two(words + PXR_HELLO_TOTAL, px_wire_total(d->wire));
    words[PXR_HELLO_OPERATIONS] = PX_SERVE_OPERATIONS;
    words[PXR_HELLO_RECEIVED] = PX_SERVE_RECEIVED;
    words[PXR_HELLO_DRIVER_CRC] = size != 0 ? crc_of(d->owner->driver, size) : 0;
    words[PXR_HELLO_DRIVER_PIXELS] = size;
    return true;
}

/* BATCH and BYE begin with their session. */
_Static_assert((int)PXQ_BATCH_SESSION == (int)PXQ_BYE_SESSION, "one place for the session");
static bool owns(const px_batches *d, const px_connection *client)
{
    return d->owner != NULL && d->owner->id == px_link_two(client->request.payload + PXQ_BATCH_SESSION);
}

void px_batches_bye(px_batches *d, px_connection *client)
{
    if (client->request.length != PXQ_BYE_LENGTH)
        px_connection_refuse(client, PXL_E_LENGTH, "BYE has a session of two words");
    else if (!owns(d, client))
        px_connection_refuse(client, PXL_E_OWNED, "the session that asks does not have the wire");
    else if (px_batches_busy(d))
        client->waits = PX_WAITS_FREE;
    else {
        d->owner->id = 0;
        d->owner->used = 0;
        d->owner = NULL;
        d->holder = NULL;
        px_connection_reply(client, PXL_BYE | PX_LINK_REPLY, NULL, 0);
    }
}

/* ---- a session's own driver ---- */

/* Address 0 is written last: with it the driver is whole, is looked at, and comes into force. */
static bool take_driver(px_batches *d, px_error *error)
{
    const px_serial_driver driver = {d->driver, d->driver_size};
    const uint32_t most = d->server->hello[PXR_HELLO_PIXELS],
                   least = driver.count + 7 * PX_SERIAL_ROW; /* the smallest batch's picture */
    bool good = px_serial_driver_check(&driver, error);
    if (good && least > most)
        good = px_fail(error, PX_E_INPUT,
                       "a serial driver of %" PRIu32 " pixels needs pictures of %" PRIu32
                       " pixels; the executor holds %" PRIu32,
                       driver.count, least, most);
    if (good) {
        memcpy(d->owner->driver, d->driver, sizeof d->driver);
        d->owner->driver_size = d->driver_size;
        px_serve_log("session %016" PRIx64 ": its own serial driver of %" PRIu32 " pixels, CRC-32 %08" PRIx32
                     ", is in force",
                     d->owner->id, driver.count, crc_of(driver.pixels, driver.count));
    }
    forget_written(d);
    return good;
}

void px_batches_driver(px_batches *d, px_connection *client)
{
    const uint32_t *words = client->request.payload;
    const uint32_t address = px_link_address_of(words[PXQ_WRITE_WHERE]);
    const uint32_t count = client->request.length - PXQ_WRITE_WORDS;
    px_error error = {0};
    if (count == 0 || count > PX_LINK_BLOCK)
        px_connection_refuse(client, PXL_E_LENGTH, NULL);
    else if (d->owner == NULL || d->holder != client)
        px_connection_refuse(client, PXL_E_OWNED, "this connection does not have the wire; HELLO asks for it");
    else if (px_batches_busy(d))
        client->waits = PX_WAITS_FREE;
    else if (address >= PX_SERIAL_DRIVER_MOST || count > PX_SERIAL_DRIVER_MOST - address)
        px_connection_refuse(client, PXL_E_RANGE, "a serial driver has at most 4096 pixels");
    else {
        memcpy(d->driver + address, words + PXQ_WRITE_WORDS, count * sizeof *words);
        if (d->driver_size < address + count)
            d->driver_size = address + count;
        if (address == 0 && !take_driver(d, &error))
            px_connection_refuse(client, PXL_E_RANGE, error.text);
        else
            px_connection_reply(client, PXL_WRITE | PX_LINK_REPLY, NULL, 0);
    }
}

/* ---- a batch ends ---- */

static void refuse_batch(px_batches *d, enum px_link_error number, const char *text)
{
    px_connection *client = d->client;
    px_serve_log("batch %" PRIu32 ": error %s: %s", d->number, px_link_error_name(number), text);
    d->stage = IDLE;
    d->client = NULL;
    if (client != NULL)
        px_connection_refuse(client, number, text);
}

static pid_t at_work(const px_batches *d) { return d->workers[d->stage == SPARE].process.pid; }

/* Everything is out: the batch is remembered, then answered. */
static void finish(px_batches *d)
{
    session *s = d->owner;
    px_connection *client = d->client;
    s->last = d->number;
    s->floor = px_wire_total(d->wire);
    s->done[PXR_DONE_NUMBER] = d->number;
    s->done[PXR_DONE_CONSUMED] = d->count;
    px_link_put_two(s->done + PXR_DONE_TOTAL, px_wire_total(d->wire));
    s->done[PXR_DONE_ERRORS] = d->errors;
    s->done[PXR_DONE_CLOCK] = d->clock;
    s->done[PXR_DONE_RECEIVED] = d->received;
    memcpy(s->done + PXR_DONE_CHARACTERS, d->drive + PX_DRIVE_HEAD + d->count, d->received * sizeof *s->done);
    s->done_size = PXR_DONE_CHARACTERS + d->received;
    px_wire_drop(d->wire, d->received);
    px_serve_point_reached(PX_BEFORE_ANSWER, at_work(d));
    d->stage = IDLE;
    d->client = NULL;
    if (client != NULL)
        px_connection_reply(client, PXL_BATCH | PX_LINK_REPLY, s->done, s->done_size);
}

/* ---- emission ---- */

/* To the board's queue, through the process that has its cable. */
static void emit_to_board(px_batches *d)
{
    px_error error = {0};
    px_worker *w = &d->workers[0];
    px_link_frame request = {.version = PX_LINK_VERSION, .type = PX_SERVE_EMIT, .sequence = (uint8_t)(w->sequence + 1)};
    request.payload = px_wire_next(d->wire, PX_SERVE_EMIT_MOST, &request.length);
    d->emitting = request.length;
    if (w->asked)
        return;
    if ((w->process.pid == 0 && !px_worker_start(w, &d->setups[0], &error)) || !px_worker_ask(w, &request, &error))
        refuse_batch(d, PXL_E_WIRE, error.text);
}

static void emit_some(px_batches *d, short wire_events, double now)
{
    px_error error = {0};
    const px_wire_progress progress = px_wire_step(d->wire, wire_events, now, &error);
    if (progress == PX_WIRE_FAILED)
        refuse_batch(d, PXL_E_WIRE, error.text);
    if (progress == PX_WIRE_SENT)
        finish(d);
    if (progress == PX_WIRE_WORKING && px_wire_is_board(d->wire))
        emit_to_board(d);
}

static void emit(px_batches *d, double now)
{
    d->skip += px_serve_point_emission(d->wire, d->frames + d->skip, d->writes - d->skip, at_work(d));
    d->stage = EMITTING;
    px_wire_send(d->wire, d->frames + d->skip, d->writes - d->skip);
    emit_some(d, 0, now);
}

/* ---- the run ---- */

/* The result comes out of a process that nobody trusts. */
static bool take_result(px_batches *d, const px_link_frame *reply, char *text, size_t size)
{
    const uint32_t *words = reply->payload;
    if (reply->type == PXL_ERROR && reply->length > 0) {
        px_error_text(reply, text, size);
        return false;
    }
    if (reply->type != (PX_SERVE_DRIVE | PX_LINK_REPLY) || reply->length < PX_DRIVEN_HEAD ||
        reply->length - PX_DRIVEN_HEAD != words[PX_DRIVEN_FRAMES] || words[PX_DRIVEN_FRAMES] != d->writes ||
        words[PX_DRIVEN_ERRORS] > d->count) {
        snprintf(text, size, "the executor's result is not one of %" PRIu32 " operations with %" PRIu32 " writes",
                 d->count, d->writes);
        return false;
    }
    d->errors = words[PX_DRIVEN_ERRORS];
    d->clock = words[PX_DRIVEN_CLOCK];
    memcpy(d->frames, words + PX_DRIVEN_HEAD, d->writes * sizeof *d->frames);
    return true;
}

static bool ask(px_batches *d, int which, px_error *error)
{
    px_worker *w = &d->workers[which];
    px_link_frame stray;
    if (px_worker_step(w, POLLIN, px_seconds(), &stray) == PX_WORKER_DEAD) /* of something before this batch */
        px_serve_log("%s", w->failure);
    const px_link_frame request = {.version = PX_LINK_VERSION,
                                   .type = PX_SERVE_DRIVE,
                                   .sequence = (uint8_t)(w->sequence + 1),
                                   .length = PX_DRIVE_HEAD + d->count + d->received + d->drive[PX_DRIVE_DRIVER],
                                   .payload = d->drive};
    if (w->process.pid == 0 && !px_worker_start(w, &d->setups[which], error))
        return false;
    if (!px_worker_ask(w, &request, error))
        return false;
    px_serve_point_reached(PX_BEFORE_RUN, at_work(d));
    return true;
}

/* Nothing has been emitted yet, so the batch can be run once more, elsewhere. */
static void run_failed(px_batches *d, enum px_link_error number, const char *text)
{
    px_error error = {0};
    if (d->stage == SPARE || d->setups[1].plan.on == NULL) {
        refuse_batch(d, number, text);
        return;
    }
    px_serve_log("batch %" PRIu32 ": %s; it runs on the spare, %s", d->number, text, d->setups[1].plan.on);
    d->stage = SPARE;
    if (!ask(d, 1, &error))
        refuse_batch(d, PXL_E_EXECUTOR, error.text);
}

static void begin(px_batches *d, double now)
{
    px_error error = {0};
    px_serve_points_batch();
    d->stage = FIRST;
    if (d->count == 0)
        emit(d, now);
    else if (!ask(d, 0, &error))
        run_failed(d, PXL_E_EXECUTOR, error.text);
}

/* ---- a batch comes in ---- */

/* Operations behind the request's head, unpacked; the number of writes among them. */
static bool take_operations(px_batches *d, const px_link_frame *batch, enum px_link_error *number, const char **text)
{
    const uint32_t *words = batch->payload;
    const uint32_t count = words[PXQ_BATCH_COUNT] & PX_LINK_COUNT, packing = words[PXQ_BATCH_COUNT] & ~PX_LINK_COUNT;
    const uint32_t left = batch->length - PXQ_BATCH_OPERATIONS;
    uint32_t *operations = d->drive + PX_DRIVE_HEAD;
    *number = PXL_E_RANGE;
    *text = "more operations than HELLO allowed, or a packing that is none";
    if (count > PX_SERVE_OPERATIONS || (packing != 0 && packing != PX_LINK_PACKED))
        return false;
    *number = PXL_E_LENGTH;
    *text = "the operations are not as many as the batch says";
    if (packing == 0 ? left != count : !px_link_unpack(words + PXQ_BATCH_OPERATIONS, left, operations, count))
        return false;
    if (packing == 0)
        memcpy(operations, words + PXQ_BATCH_OPERATIONS, count * sizeof *operations);
    *number = PXL_E_RANGE;
    *text = "the first operation of a batch is a set-up";
    if (count > 0 && pxs_operation_kind(operations[0]) != PX_SERIAL_SETUP)
        return false;
    d->count = count;
    d->writes = 0;
    for (uint32_t i = 0; i < count; i++)
        d->writes += pxs_operation_kind(operations[i]) == PX_SERIAL_WRITE;
    return true;
}

/* How many of its frames are out already: what the wire has above the total that the client knows of. */
static bool find_skip(px_batches *d, uint64_t known, char *text, size_t size)
{
    const uint64_t total = px_wire_total(d->wire);
    d->skip = 0;
    if (known > total || known < d->owner->floor || total - known > d->writes) {
        snprintf(text, size,
                 "the wire has %" PRIu64 " frames, the client knows of %" PRIu64
                 "; the difference is not of this batch",
                 total, known);
        return false;
    }
    d->skip = (uint32_t)(total - known);
    return true;
}

static void take_batch(px_batches *d, px_connection *client)
{
    const uint32_t *words = client->request.payload;
    enum px_link_error number;
    const char *why;
    char text[256];
    if (words[PXQ_BATCH_NUMBER] != d->owner->last + 1 || words[PXQ_BATCH_NUMBER] == 0) {
        snprintf(text, sizeof text, "batch %" PRIu32 " where %" PRIu32 " comes next", words[PXQ_BATCH_NUMBER],
                 d->owner->last + 1);
        px_connection_refuse(client, PXL_E_ORDER, text);
    } else if (!take_operations(d, &client->request, &number, &why)) {
        px_connection_refuse(client, number, why);
    } else if (!find_skip(d, px_link_two(words + PXQ_BATCH_TOTAL), text, sizeof text)) {
        px_connection_refuse(client, PXL_E_ORDER, text);
    } else {
        const uint32_t most = words[PXQ_BATCH_CREDIT] < PX_SERVE_RECEIVED ? words[PXQ_BATCH_CREDIT] : PX_SERVE_RECEIVED;
        d->number = words[PXQ_BATCH_NUMBER];
        d->errors = 0;
        d->clock = words[PXQ_BATCH_CLOCK];
        px_wire_receive(d->wire);
        d->received = px_wire_characters(d->wire, d->drive + PX_DRIVE_HEAD + d->count, most);
        d->drive[PX_DRIVE_CLOCK] = d->clock;
        d->drive[PX_DRIVE_COUNT] = d->count;
        d->drive[PX_DRIVE_RECEIVED] = d->received;
        d->drive[PX_DRIVE_DRIVER] = d->owner->driver_size;
        memcpy(d->drive + PX_DRIVE_HEAD + d->count + d->received, d->owner->driver,
               d->owner->driver_size * sizeof *d->drive);
        d->client = client;
        client->waits = PX_WAITS_BATCH;
        begin(d, px_seconds());
    }
}

void px_batches_add(px_batches *d, px_connection *client)
{
    if (client->request.length < PXQ_BATCH_OPERATIONS)
        px_connection_refuse(client, PXL_E_LENGTH, NULL);
    else if (!owns(d, client))
        px_connection_refuse(client, PXL_E_OWNED,
                             d->owner == NULL ? "the session that asks does not have the wire; HELLO asks for it"
                                              : NULL);
    else if (px_batches_busy(d))
        client->waits = PX_WAITS_FREE;
    else if (client->request.payload[PXQ_BATCH_NUMBER] == d->owner->last && d->owner->last != 0)
        px_connection_reply(client, PXL_BATCH | PX_LINK_REPLY, d->owner->done, d->owner->done_size);
    else
        take_batch(d, client);
}

/* ---- events ---- */

/* The answer of the process with the board. If it died, up to d->emitting frames more than counted may be out. */
static void take_emission(px_batches *d, px_worker_event event, const px_link_frame *reply)
{
    char text[600];
    if (event == PX_WORKER_ANSWERED && reply->type == (PX_SERVE_EMIT | PX_LINK_REPLY)) {
        px_wire_taken(d->wire, d->emitting);
        return;
    }
    if (event == PX_WORKER_ANSWERED)
        px_error_text(reply, text, sizeof text);
    else
        snprintf(text, sizeof text, "%s; up to %" PRIu32 " frames more than the total may be out",
                 d->workers[0].failure, d->emitting);
    refuse_batch(d, PXL_E_WIRE, text);
}

static void step_worker(px_batches *d, int which, short events, double now)
{
    px_worker *w = &d->workers[which];
    px_link_frame reply;
    char text[300];
    const px_worker_event event = px_worker_step(w, events, now, &reply);
    const bool mine = d->stage == (which == 0 ? FIRST : SPARE);
    const bool emits = d->stage == EMITTING && which == 0 && px_wire_is_board(d->wire);
    if (emits && event != PX_WORKER_QUIET) {
        take_emission(d, event, &reply);
        return;
    }
    if (event == PX_WORKER_DEAD && mine)
        run_failed(d, PXL_E_EXECUTOR, w->failure);
    else if (event == PX_WORKER_DEAD)
        px_serve_log("%s", w->failure);
    else if (event == PX_WORKER_ANSWERED && mine && take_result(d, &reply, text, sizeof text)) {
        px_serve_point_reached(PX_AFTER_RUN, at_work(d));
        emit(d, now);
    } else if (event == PX_WORKER_ANSWERED && mine)
        run_failed(d,
                   reply.type == PXL_ERROR && reply.payload[PXR_ERROR_NUMBER] == PXL_E_DIFFER ? PXL_E_DIFFER
                                                                                              : PXL_E_EXECUTOR,
                   text);
}

/* A board has one place at its cable: while no session has the wire, it is free for others. */
static void let_go(px_batches *d)
{
    for (int i = 0; i < 2; i++)
        if (d->setups[i].plan.on != NULL && strstr(d->setups[i].plan.on, "link:") != NULL)
            px_worker_stop(&d->workers[i]);
}

void px_batches_step(px_batches *d, const short worker_events[2], short wire_events, double now)
{
    if (wire_events & (POLLIN | POLLHUP | POLLERR))
        px_wire_receive(d->wire);
    for (int i = 0; i < 2; i++)
        step_worker(d, i, worker_events[i], now);
    if (d->stage == EMITTING)
        emit_some(d, wire_events, now);
    if (d->stage == IDLE && d->holder == NULL)
        let_go(d);
}

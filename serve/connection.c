/* connection.c - a connection of px serve: bytes to requests, requests to its executor or to the batches, replies back.
 * What comes from a client is trusted in nothing; what it can make us keep is bounded: one frame, one reply, and an
 * executor with an image of --pixels. */
#define _DEFAULT_SOURCE
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exec/endpoint.h"
#include "pxi/pace.h"
#include "serve/serve_internal.h"

/* BUSY comes first before a client would repeat its request, and then often enough to be missed once. */
#define FIRST_BUSY 0.15
#define NEXT_BUSY  0.4

enum { BATCH_WORDS = 10 + PX_SERVE_OPERATIONS };

/* ---- life ---- */

/* Between two frames only: what rx holds is lost. */
static bool make_room(px_connection *c, uint32_t longest)
{
    if (c->rx.capacity >= longest + 3)
        return true;
    uint32_t *words = realloc(c->words, (longest + 3) * sizeof *words);
    if (words == NULL)
        return false;
    c->words = words;
    px_link_rx_init(&c->rx, words, longest + 3);
    return true;
}

px_connection *px_connection_new(px_server *server, px_transport *transport, unsigned number)
{
    px_connection *c = calloc(1, sizeof *c);
    if (c != NULL && make_room(c, PX_LINK_BASE)) {
        c->server = server;
        c->transport = transport;
        c->number = number;
        c->worker.process.fd = -1;
        return c;
    }
    free(c);
    px_transport_close(transport);
    return NULL;
}

void px_connection_free(px_connection *c)
{
    px_worker_stop(&c->worker);
    px_transport_close(c->transport);
    px_outbox_free(&c->out);
    free(c->words);
    free(c);
}

static void hang_up(px_connection *c, const char *why)
{
    if (c->server->options->verbose && !c->closed)
        px_serve_trace("client %u: closed: %s", c->number, why);
    c->closed = true;
    if (c->server->batches != NULL)
        px_batches_leave(c->server->batches, c);
}

/* ---- replies ---- */

static void put(px_connection *c, const px_link_frame *frame)
{
    px_error error = {0};
    if (!px_outbox_put(&c->out, frame, &error))
        hang_up(c, error.text);
}

static bool writes_driver(const px_connection *c)
{
    return c->server->batches != NULL && c->request.type == PXL_WRITE && c->request.length > 0 &&
           px_link_space_of(c->request.payload[PXQ_WRITE_WHERE]) == PXL_SPACE_DRIVER;
}

/* What it is told the last of, should it ask again. */
static void remember(px_connection *c, enum px_link_error number, const char *text)
{
    const bool batches = c->request.type == PXL_BATCH || c->request.type == PXL_BYE || writes_driver(c);
    c->last_type = batches ? c->request.type : 0;
    c->last_sequence = c->request.sequence;
    c->last_error = number;
    if (text != c->last_text)
        snprintf(c->last_text, sizeof c->last_text, "%s", text);
}

static bool repeats(const px_connection *c)
{
    return c->last_type == c->request.type && c->last_sequence == c->request.sequence &&
           (c->last_error != PXL_E_NONE || c->last_type != PXL_BATCH); /* those that were done are remembered */
}

static void answer_again(px_connection *c)
{
    if (c->last_error == PXL_E_NONE)
        px_connection_reply(c, c->request.type | PX_LINK_REPLY, NULL, 0);
    else
        px_connection_refuse(c, c->last_error, c->last_text);
}

void px_connection_reply(px_connection *c, uint8_t type, const uint32_t *words, uint32_t length)
{
    c->waits = PX_WAITS_NOT;
    if (type != PXL_ERROR)
        remember(c, PXL_E_NONE, "");
    put(c, &(px_link_frame){.version = PX_LINK_VERSION,
                            .type = type,
                            .sequence = c->request.sequence,
                            .length = length,
                            .payload = words});
    if (c->server->options->verbose && type != PXL_ERROR)
        px_serve_trace("client %u: %s, %u words: done, %u words", c->number, px_link_type_name(c->request.type),
                       (unsigned)c->request.length, (unsigned)length);
}

void px_connection_refuse(px_connection *c, enum px_link_error number, const char *text)
{
    uint32_t words[PX_ENDPOINT_ERROR];
    px_link_frame reply;
    px_endpoint_refuse(&c->request, number, text, words, &reply);
    remember(c, number, text != NULL ? text : "");
    if (c->server->options->verbose)
        px_serve_trace("client %u: %s, %u words: error %s%s%s", c->number, px_link_type_name(c->request.type),
                       (unsigned)c->request.length, px_link_error_name(number), text != NULL ? ": " : "",
                       text != NULL ? text : "");
    px_connection_reply(c, PXL_ERROR, words, reply.length);
}

static void say_busy(px_connection *c, double now)
{
    if (c->waits == PX_WAITS_NOT || now < c->busy_at || !px_outbox_empty(&c->out))
        return;
    put(c, &(px_link_frame){.version = PX_LINK_VERSION, .type = PXL_BUSY, .sequence = c->request.sequence});
    c->busy_at = now + NEXT_BUSY;
}

/* ---- HELLO ---- */

/* words: what the executor says of itself. */
static void reply_hello(px_connection *c, const uint32_t *words)
{
    px_batches *batches = c->server->batches;
    const bool asks = c->request.length == PXQ_HELLO_LENGTH;
    uint32_t reply[PXR_HELLO_LONG], length = PXR_HELLO_LENGTH;
    memcpy(reply, words, PXR_HELLO_LENGTH * sizeof *reply);
    if (batches != NULL)
        reply[PXR_HELLO_ABOUT] |= (uint32_t)PXL_CAP_BATCH | (uint32_t)PXL_CAP_PLANES;
    if (batches != NULL && asks) {
        if (!px_batches_hello(batches, c, px_link_two(c->request.payload + PXQ_HELLO_SESSION), reply)) {
            c->waits = PX_WAITS_FREE;
            return;
        }
        reply[PXR_HELLO_PAYLOAD] = BATCH_WORDS;
        length = PXR_HELLO_LONG;
    }
    px_connection_reply(c, PXL_HELLO | PX_LINK_REPLY, reply, length);
    if (length > PXR_HELLO_LENGTH && !make_room(c, BATCH_WORDS))
        hang_up(c, "no memory for its batches");
}

static void ask_worker(px_connection *c, const px_link_frame *request)
{
    px_error error = {0};
    c->waits = PX_WAITS_WORKER;
    if ((c->worker.process.pid != 0 || px_ready_take(c->server, &c->worker) ||
         px_worker_start(&c->worker, &c->server->setup, &error)) &&
        px_worker_ask(&c->worker, request, &error))
        return;
    px_serve_log("client %u: %s", c->number, error.text);
    px_connection_refuse(c, PXL_E_EXECUTOR, error.text);
}

/* An executor that is there forgets earlier requests; one that is not will begin anew. */
static void handle_hello(px_connection *c)
{
    px_link_frame plain = c->request;
    plain.length = 0;
    if (c->request.length != 0 && c->request.length != PXQ_HELLO_LENGTH)
        px_connection_refuse(c, PXL_E_LENGTH, "HELLO has a session of two words, or nothing");
    else if (c->request.length != 0 && px_link_two(c->request.payload + PXQ_HELLO_SESSION) == 0)
        px_connection_refuse(c, PXL_E_RANGE, "a session is not 0");
    else if (c->worker.process.pid != 0)
        ask_worker(c, &plain);
    else {
        c->worker.failure[0] = '\0';
        reply_hello(c, c->server->hello);
    }
}

/* ---- requests ---- */

static void handle_machine(px_connection *c)
{
    if (c->worker.process.pid == 0 && c->worker.failure[0] != '\0' && c->request.type != PXL_RESET)
        px_connection_refuse(c, PXL_E_EXECUTOR, c->worker.failure);
    else
        ask_worker(c, &c->request);
}

static void refuse_excess(px_connection *c)
{
    char text[100];
    snprintf(text, sizeof text, "this server has %u connections, the most that it can have; try again later",
             (unsigned)c->server->most_clients);
    px_connection_refuse(c, PXL_E_EXECUTOR, text);
}

/* The type decides; what is known to nobody needs no executor to be refused. */
static void handle(px_connection *c)
{
    c->busy_at = px_seconds() + FIRST_BUSY;
    if (c->excess) {
        refuse_excess(c);
        return;
    }
    if (c->request.version != PX_LINK_VERSION) {
        px_connection_refuse(c, PXL_E_VERSION, NULL);
        return;
    }
    switch (c->request.type) {
    case PXL_HELLO:
        handle_hello(c);
        return;
    case PXL_WRITE:
        if (!writes_driver(c))
            handle_machine(c);
        else if (repeats(c))
            answer_again(c);
        else
            px_batches_driver(c->server->batches, c);
        return;
    case PXL_RESET:
    case PXL_READ:
    case PXL_RUN:
    case PXL_STATUS:
    case PXL_STOP:
        handle_machine(c);
        return;
    case PXL_BATCH:
    case PXL_BYE:
        if (c->server->batches == NULL)
            px_connection_refuse(c, PXL_E_TYPE, "this server has no wire; start it with --wire");
        else if (repeats(c))
            answer_again(c);
        else if (c->request.type == PXL_BATCH)
            px_batches_add(c->server->batches, c);
        else
            px_batches_bye(c->server->batches, c);
        return;
    default:
        px_connection_refuse(c, PXL_E_TYPE, NULL);
    }
}

/* ---- events ---- */

short px_connection_events(const px_connection *c)
{
    return (short)((c->in_size - c->in_at < sizeof c->in ? POLLIN : 0) | (px_outbox_empty(&c->out) ? 0 : POLLOUT));
}

/* Read even while a request is under way: that the client has gone shows nowhere else. */
void px_connection_read(px_connection *c, short events)
{
    px_error error = {0};
    if ((events & (POLLIN | POLLHUP | POLLERR)) == 0)
        return;
    size_t got = 0;
    if (c->in_at > 0) {
        memmove(c->in, c->in + c->in_at, c->in_size - c->in_at);
        c->in_size -= c->in_at;
        c->in_at = 0;
    }
    if (c->in_size == sizeof c->in) {
        if ((events & POLLIN) == 0)
            hang_up(c, "hung up");
        return;
    }
    const px_io io = px_transport_read(c->transport, c->in + c->in_size, sizeof c->in - c->in_size, &got, 0, &error);
    c->in_size += got;
    if (io == PX_IO_GONE || io == PX_IO_FAILED)
        hang_up(c, error.text);
}

static void take_answer(px_connection *c, short events, double now)
{
    px_link_frame reply;
    const px_worker_event event = px_worker_step(&c->worker, events, now, &reply);
    if (event == PX_WORKER_DEAD) {
        px_serve_log("client %u: %s", c->number, c->worker.failure);
        if (c->waits == PX_WAITS_WORKER)
            px_connection_refuse(c, PXL_E_EXECUTOR, c->worker.failure);
    } else if (event == PX_WORKER_ANSWERED && c->waits == PX_WAITS_WORKER) {
        if (c->request.type == PXL_HELLO && reply.length >= PXR_HELLO_LENGTH)
            reply_hello(c, reply.payload);
        else
            px_connection_reply(c, reply.type, reply.payload, reply.length);
    }
}

void px_connection_step(px_connection *c, short worker_events, double now)
{
    if (c->closed)
        return;
    if (c->excess && now >= c->until)
        hang_up(c, "one too many");
    take_answer(c, worker_events, now);
    if (c->waits == PX_WAITS_FREE && !c->closed && !px_batches_busy(c->server->batches))
        handle(c);
    while (!c->closed && c->waits == PX_WAITS_NOT && c->in_at < c->in_size && px_outbox_empty(&c->out)) {
        if (px_link_rx_byte(&c->rx, c->in[c->in_at++], &c->request))
            handle(c);
        if (!px_outbox_flush(&c->out, px_transport_fd(c->transport)))
            hang_up(c, "it does not take replies any more");
    }
    say_busy(c, now);
    if (!px_outbox_flush(&c->out, px_transport_fd(c->transport)))
        hang_up(c, "it does not take replies any more");
}

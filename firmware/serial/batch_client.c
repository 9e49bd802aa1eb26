/* batch_client.c - see batch_client.h. One batch under way, answered by DONE or ERROR, and in doubt only when the other
 * end has forgotten it after it may have done it. */
#include "firmware/serial/batch_client.h"

#include <stddef.h>

#include "firmware/machine/cpu.h"
#include "firmware/machine/log.h"
#include "firmware/machine/memory.h"
#include "firmware/serial/exchange.h"

#define REFUSALS 3u    /* errors and silences in a row that a batch survives */
#define RECEIVED 1024u /* characters kept for the guest */

typedef enum step { IDLE, HELLO_OUT, DRIVER_OUT, BATCH_OUT } step;

static step at;
static const serial_batch *flying; /* NULL: none */
static uint32_t limit, most;
static uint64_t session, total; /* frames on the wire, as far as is known */
static uint32_t number;         /* of the batch under way, or of the last */
static uint32_t wire_clock;
static bool planes;
static bool unconfirmed; /* the batch was sent, and what came of it is not known */
static bool partly_done; /* HELLO's total tells of frames that can only be this batch's */
static unsigned refusals;

static serial_driver own;
static uint32_t own_at; /* of the block under way */
static bool own_refused, own_logged;
static unsigned own_sent;

static uint32_t received[RECEIVED];
static uint32_t received_first, received_count;

/* ---- requests ---- */

static client_news say_hello(void)
{
    px_link_put_two(exchange_words + PXQ_HELLO_SESSION, session);
    exchange_ask(PXL_HELLO, PXQ_HELLO_LENGTH);
    at = HELLO_OUT;
    return CLIENT_WORKS;
}

static client_news send_batch(void)
{
    const uint32_t count = flying->count;
    uint32_t *const w = exchange_words;
    size_t words = count;
    px_link_put_two(w + PXQ_BATCH_SESSION, session);
    w[PXQ_BATCH_NUMBER] = number;
    px_link_put_two(w + PXQ_BATCH_FIRST, flying->first);
    px_link_put_two(w + PXQ_BATCH_TOTAL, total);
    w[PXQ_BATCH_CREDIT] = RECEIVED - received_count;
    w[PXQ_BATCH_CLOCK] = wire_clock;
    w[PXQ_BATCH_COUNT] = count | (planes ? PX_LINK_PACKED : 0);
    if (planes)
        words = px_link_pack(flying->operation, count, w + PXQ_BATCH_OPERATIONS);
    else
        memcpy(w + PXQ_BATCH_OPERATIONS, flying->operation, 4 * words);
    exchange_ask(PXL_BATCH, PXQ_BATCH_OPERATIONS + (uint32_t)words);
    at = BATCH_OUT;
    return CLIENT_WORKS;
}

/* The driver's blocks from the last to the first, which puts it in force. */
static client_news send_driver(uint32_t from)
{
    own_at = from;
    exchange_words[PXQ_WRITE_WHERE] = px_link_where(PXL_SPACE_DRIVER, own_at);
    memcpy(exchange_words + PXQ_WRITE_WORDS, own.pixels + own_at, 4 * PX_LINK_BLOCK);
    exchange_ask(PXL_WRITE, PXQ_WRITE_WORDS + PX_LINK_BLOCK);
    at = DRIVER_OUT;
    return CLIENT_WORKS;
}

/* ---- ends ---- */

static client_news land(void)
{
    flying = NULL;
    at = IDLE;
    return CLIENT_LANDED;
}

static bool in_doubt(void)
{
    const bool doubt = flying != NULL && flying->count > 0 && unconfirmed;
    if (doubt)
        client_doubt(flying, 0, flying->count - 1);
    return doubt;
}

static client_news lose(const char *why)
{
    client_counted.lost = why;
    at = IDLE;
    return in_doubt() ? CLIENT_LOST : CLIENT_REFUSES;
}

/* ---- HELLO ---- */

/* Whether the server is to have our driver first. */
static bool lacks_driver(const uint32_t *w)
{
    if (own.count == 0 || own_refused)
        return false;
    if (w[PXR_HELLO_DRIVER_CRC] == own.crc && w[PXR_HELLO_DRIVER_PIXELS] == own.count) {
        if (!own_logged)
            hv_log("serial: driver of %u pixels (CRC-32 %08x) in force", own.count, own.crc);
        own_logged = true;
        return false;
    }
    if (own_sent++ < REFUSALS)
        return true;
    hv_log("serial: the server takes the driver and has another afterwards: that one runs");
    own_refused = true;
    return false;
}

/* What a batch that may be done already has become. */
static client_news resume(uint32_t last, uint64_t now_total, bool remembers)
{
    const bool same = last == number || (last == number - 1 && last != 0); /* done, or known not to be */
    if (same || (unconfirmed && remembers)) {
        if (last != number)
            number = last + 1;
        partly_done = now_total != total;
        return send_batch(); /* answered from memory, or not done, or done as far as the total says */
    }
    total = now_total;
    number = last;
    if (!unconfirmed) {
        number++;
        return send_batch();
    }
    in_doubt();
    return land();
}

static client_news on_hello(const px_link_frame *f)
{
    const uint32_t *const w = f->payload;
    if (f->length < PXR_HELLO_LONG || w[PXR_HELLO_MAGIC] != PX_LINK_MAGIC || (w[PXR_HELLO_ABOUT] & PXL_CAP_BATCH) == 0)
        return lose("an answer that cannot be");
    if ((w[PXR_HELLO_WIRE] & PXL_WIRE_OWNED) == 0)
        return lose("another session owns the wire");
    const uint32_t beside = PXQ_BATCH_OPERATIONS + 2, payload = w[PXR_HELLO_PAYLOAD]; /* and set-up, packing */
    const uint32_t room = payload > beside ? payload - beside : 0;
    planes = (w[PXR_HELLO_ABOUT] & PXL_CAP_PLANES) != 0;
    most = w[PXR_HELLO_OPERATIONS] > 1 ? w[PXR_HELLO_OPERATIONS] - 1 : 1;
    if (most > room)
        most = room > 0 ? room : 1;
    if (most > limit)
        most = limit;
    if (lacks_driver(w))
        return send_driver(own.count - PX_LINK_BLOCK);
    if (flying != NULL)
        return resume(w[PXR_HELLO_LAST], px_link_two(w + PXR_HELLO_TOTAL),
                      (w[PXR_HELLO_WIRE] & PXL_WIRE_REMEMBERS) != 0);
    total = px_link_two(w + PXR_HELLO_TOTAL);
    number = w[PXR_HELLO_LAST]; /* a session by chance the same as one before goes on where that ended */
    return land();
}

/* ---- answers ---- */

static client_news on_done(const px_link_frame *f)
{
    const uint32_t *const w = f->payload;
    unconfirmed = true; /* it says so itself */
    if (f->length < PXR_DONE_CHARACTERS || w[PXR_DONE_NUMBER] != number || w[PXR_DONE_CONSUMED] != flying->count ||
        w[PXR_DONE_RECEIVED] != f->length - PXR_DONE_CHARACTERS || w[PXR_DONE_RECEIVED] > RECEIVED - received_count ||
        px_link_two(w + PXR_DONE_TOTAL) != total + flying->frames)
        return lose("an answer that cannot be");
    for (uint32_t i = 0; i < w[PXR_DONE_RECEIVED]; i++)
        received[(received_first + received_count++) % RECEIVED] = w[PXR_DONE_CHARACTERS + i];
    if (flying->count != 0) {
        client_counted.dispatches++;
        wire_clock = w[PXR_DONE_CLOCK];
    } else
        client_counted.empty++;
    total = px_link_two(w + PXR_DONE_TOTAL);
    return land();
}

static client_news on_written(void)
{
    if (own_at != 0)
        return send_driver(own_at - PX_LINK_BLOCK);
    hv_log("serial: driver of %u pixels (CRC-32 %08x) sent", own.count, own.crc);
    return say_hello(); /* it says what is in force now */
}

/* An error other than WIRE says that this sending has done nothing. One before it, unanswered, may have. */
static client_news on_batch_error(uint32_t error)
{
    unconfirmed |= error == PXL_E_WIRE || exchange_sent() > 1;
    const bool astray = error == PXL_E_WIRE || error == PXL_E_ORDER || error == PXL_E_OWNED;
    if (++refusals < REFUSALS)
        return astray ? say_hello() : send_batch(); /* what is on the wire, HELLO tells */
    unconfirmed = (unconfirmed && astray) || partly_done;
    return lose(astray ? "it does not know where we are" : "it refuses the batch");
}

static client_news on_error(const px_link_frame *f)
{
    const uint32_t error = f->length > PXR_ERROR_NUMBER ? f->payload[PXR_ERROR_NUMBER] : 0;
    client_log_error(f);
    if (at == BATCH_OUT)
        return on_batch_error(error);
    if (at == HELLO_OUT)
        return lose("it refuses HELLO");
    if (error == PXL_E_OWNED) /* somebody new is there */
        return ++refusals < REFUSALS ? say_hello() : lose("it does not know where we are");
    hv_log("serial: the server does not take the driver; its own runs");
    own_refused = true;
    return say_hello();
}

static client_news on_silence(void)
{
    unconfirmed |= at == BATCH_OUT;
    if (at != HELLO_OUT && ++refusals < REFUSALS)
        return say_hello(); /* a new server may be there */
    return lose("no answer");
}

static client_news batch_poll(void)
{
    px_link_frame f;
    switch (exchange_poll(&f)) {
    case EXCHANGE_ANSWERED:
        return at == HELLO_OUT ? on_hello(&f) : at == DRIVER_OUT ? on_written() : on_done(&f);
    case EXCHANGE_REFUSED:
        return on_error(&f);
    case EXCHANGE_NONSENSE:
        unconfirmed |= at == BATCH_OUT;
        return lose("an answer that cannot be");
    case EXCHANGE_SILENT:
        return on_silence();
    default:
        return CLIENT_WORKS;
    }
}

/* ---- the session ---- */

static void batch_send(const serial_batch *b)
{
    flying = b;
    number++;
    refusals = own_sent = 0;
    unconfirmed = partly_done = false;
    send_batch();
}

void batch_client_give(void)
{
    while (received_count > 0 && pc_com1_room() > 0 && pc_com1_receive(received[received_first])) {
        received_first = (received_first + 1) % RECEIVED;
        received_count--;
    }
}

static uint32_t most_operations(void) { return most; }

/* Emulated machines begin alike: the time stamp counter alone tells two of them not apart. The mixing is the finaliser
 * of SplitMix64. */
static uint64_t draw_session(uint64_t salt)
{
    uint64_t z = rdtsc() * UINT64_C(0x9E3779B97F4A7C15) + salt;
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    z ^= z >> 31;
    return z != 0 ? z : 1;
}

void batch_client_open(uint32_t most_of_guest, const serial_driver *driver_of_disk, uint64_t salt)
{
    own = driver_of_disk != NULL ? *driver_of_disk : (serial_driver){0};
    own_refused = own_logged = unconfirmed = false;
    own_sent = refusals = 0;
    flying = NULL;
    limit = most = most_of_guest;
    number = wire_clock = received_first = received_count = 0;
    total = 0;
    session = draw_session(salt);
    (void)say_hello();
}

client_news batch_client_meet(const px_link_frame *hello)
{
    if (own.count == 0)
        hv_log("serial: no driver on the disk: the server's own runs");
    return on_hello(hello);
}

uint64_t batch_client_total(void) { return total; }

const client batch_client = {.asks = true, .most = most_operations, .send = batch_send, .poll = batch_poll};

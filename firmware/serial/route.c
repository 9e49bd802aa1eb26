/* route.c - see route.h. The client's half of LINK.md section 5: one batch under way, answered by DONE, BUSY or ERROR,
 * repeated when nothing comes, and in doubt when the other end has forgotten it. */
#include "firmware/serial/route.h"

#include <stddef.h>

#include "firmware/hv/cpu.h"
#include "firmware/hv/log.h"
#include "firmware/hv/memory.h"
#include "firmware/serial/link_port.h"
#include "firmware/serial/own.h"

#define IDLE_GAP  (10 * PC_SECOND / 1000)  /* no operation for so long: send */
#define MOST_AGE  (250 * PC_SECOND / 1000) /* the oldest has waited so long: send */
#define ASK_EVERY (10 * PC_SECOND / 1000)  /* an idle guest asks for input */
#define TRIES     5u
#define REFUSALS  3u

#define HEAD     10u /* words of BATCH before the operations */
#define SETUP    (UINT32_C(3) << 24)
#define RECEIVED 1024u /* characters kept for the guest */

typedef struct batch {
    uint32_t count; /* operations, the leading set-up included */
    uint32_t frames;
    uint64_t first; /* number of the first operation of the guest in it */
    pc_time oldest, newest;
    uint32_t operation[1 + ROUTE_BATCH];
} batch;

typedef enum flight { GROUND, BATCH_OUT, HELLO_OUT } flight;

static route_options o;
static batch batches[2];
static batch *filling = &batches[0], *flying = &batches[1];
static flight state;
static bool own_path = true;

static uint32_t setup = 0x03030001; /* in force: 115,200 baud, 8N1 */
static uint64_t operations;         /* of the guest, ever */
static uint64_t session, total;     /* frames on the wire, as far as is known */
static uint32_t number;             /* of the batch under way, or of the last */
static uint32_t clock;              /* of the wire */
static uint32_t most = ROUTE_BATCH;
static bool planes;

static uint8_t sequence;
static unsigned tries, refusals;
static pc_time deadline, last_asked;
static uint32_t payload[LINK_PORT_WORDS];
static px_link_frame request;

static uint32_t received[RECEIVED];
static uint32_t received_first, received_count;

static struct {
    uint64_t dispatches, empty, stalls, repeats, refused, in_doubt;
} counted;

/* ---- requests ---- */

static void send_again(void)
{
    deadline = o.now() + (o.patience << (tries < 4 ? tries : 4));
    tries++;
    link_port_send(&request);
}

static void ask(uint8_t type, uint32_t length)
{
    request = (px_link_frame){PX_LINK_VERSION, type, ++sequence, length, payload};
    tries = 0;
    send_again();
}

static void say_hello(void)
{
    payload[0] = (uint32_t)session;
    payload[1] = (uint32_t)(session >> 32);
    ask(PXL_HELLO, 2);
    state = HELLO_OUT;
}

static void send_batch(void)
{
    const uint32_t room = RECEIVED - received_count;
    const uint32_t head[HEAD] = {(uint32_t)session,
                                 (uint32_t)(session >> 32),
                                 number,
                                 (uint32_t)flying->first,
                                 (uint32_t)(flying->first >> 32),
                                 (uint32_t)total,
                                 (uint32_t)(total >> 32),
                                 room,
                                 clock,
                                 flying->count | (planes ? UINT32_C(1) << 24 : 0)};
    size_t words = flying->count;
    memcpy(payload, head, sizeof head);
    if (planes)
        words = px_link_pack(flying->operation, flying->count, payload + HEAD);
    else
        memcpy(payload + HEAD, flying->operation, 4 * words);
    ask(PXL_BATCH, HEAD + (uint32_t)words);
    state = BATCH_OUT;
}

/* ---- batches ---- */

static void start_batch(batch *b)
{
    b->count = 0;
    b->frames = 0;
    b->first = operations;
}

/* The gathered operations take off; the guest goes on with the other batch. */
static void take_off(void)
{
    batch *const gathered = filling;
    filling = flying;
    flying = gathered;
    start_batch(filling);
    number++;
    refusals = 0;
    last_asked = o.now();
    send_batch();
}

static void take_own_path(const batch *b)
{
    for (uint32_t i = 0; i < b->count; i++)
        own_operation(b->operation[i]);
}

static void lose_executor(const char *why)
{
    hv_log("serial: executor lost (%s); COM1 is %s from operation %lu on", why,
           own_open() ? "driven by pxHV itself" : "missing", flying->first);
    own_path = true;
    state = GROUND;
}

static void in_doubt(void)
{
    if (flying->count == 0)
        return;
    counted.in_doubt++;
    hv_log("serial: operations %lu to %lu are in doubt: they may have been sent, and are not sent again", flying->first,
           flying->first + (flying->count > 1 ? flying->count - 2 : 0));
}

/* ---- answers ---- */

static void landed(void)
{
    flying->count = 0;
    state = GROUND;
}

static bool on_done(const px_link_frame *f)
{
    const uint32_t *const w = f->payload;
    if (f->length < 7 || w[0] != number || w[1] != flying->count || w[6] != f->length - 7 ||
        w[6] > RECEIVED - received_count)
        return false;
    const uint64_t now_total = w[2] | (uint64_t)w[3] << 32;
    if (now_total != total + flying->frames)
        return false;
    for (uint32_t i = 0; i < w[6]; i++)
        received[(received_first + received_count++) % RECEIVED] = w[7 + i];
    if (flying->count != 0) {
        counted.dispatches++;
        clock = w[5];
    } else
        counted.empty++;
    total = now_total;
    landed();
    return true;
}

/* HELLO tells whether the wire is ours, and what has become of a batch in doubt. */
static bool on_hello(const px_link_frame *f)
{
    const uint32_t *const w = f->payload;
    if (f->length < 17 || w[0] != PX_LINK_MAGIC || (w[1] & PXL_CAP_BATCH) == 0)
        return false;
    const uint64_t now_total = w[11] | (uint64_t)w[12] << 32;
    const bool ours = (w[9] & 1) != 0, remembers = (w[9] & 2) != 0;
    const uint32_t last = w[10], room = w[3] > HEAD + 2 ? w[3] - HEAD - 2 : 0; /* less set-up, packing */
    planes = (w[1] & PXL_CAP_PLANES) != 0;
    most = w[13] > 1 ? w[13] - 1 : 1;
    if (most > room)
        most = room > 0 ? room : 1;
    if (most > o.batch)
        most = o.batch;
    if (!ours) {
        hv_log("serial: another session owns the wire");
        return false;
    }
    if (number == 0) { /* the first hello */
        total = now_total;
        state = GROUND;
    } else if (last == number || (last == number - 1 && last != 0) || remembers) {
        if (last != number)
            number = last + 1;
        send_batch(); /* answered from memory, or not done, or done as far as the total says */
    } else {
        in_doubt();
        total = now_total;
        number = last;
        if (last == 0)
            clock = 0;
        landed();
    }
    return true;
}

static void on_error(const px_link_frame *f)
{
    const uint32_t error = f->length > 0 ? f->payload[0] : 0;
    counted.refused++;
    char text[160] = "";
    for (uint32_t i = 0; i + 1 < f->length && 4 * i + 4 < sizeof text; i++)
        memcpy(text + 4 * i, &f->payload[1 + i], 4); /* UTF-8 in words, padded with 0; the last byte of text stays 0 */
    hv_log("serial: %s: %s", px_link_error_name(error), text[0] != 0 ? text : px_link_error_text(error));
    const bool unsure = error == PXL_E_WIRE || error == PXL_E_ORDER || error == PXL_E_OWNED;
    if (++refusals < REFUSALS && unsure)
        say_hello(); /* what is on the wire, it will say */
    else if (refusals < REFUSALS)
        send_batch();
    else if (unsure) {
        in_doubt();
        lose_executor("it does not know where we are");
        landed();
    } else {
        lose_executor("it refuses the batch");
        take_own_path(flying);
        landed();
    }
}

static void on_frame(const px_link_frame *f)
{
    if (state == GROUND || f->version != PX_LINK_VERSION || f->sequence != sequence)
        return;
    bool good = true;
    switch (f->type) {
    case PXL_BUSY:
        tries = 0;
        deadline = o.now() + o.patience;
        break;
    case PXL_ERROR:
        if (state == BATCH_OUT)
            on_error(f);
        else
            good = false;
        break;
    case PXL_BATCH | PX_LINK_REPLY:
        good = state == BATCH_OUT && on_done(f);
        break;
    case PXL_HELLO | PX_LINK_REPLY:
        good = state == HELLO_OUT && on_hello(f);
        break;
    default:
        good = false;
        break;
    }
    if (!good) {
        in_doubt();
        lose_executor("an answer that cannot be");
        landed();
    }
}

static void on_silence(void)
{
    if (tries < TRIES) {
        counted.repeats++;
        send_again();
    } else if (state == BATCH_OUT && ++refusals < REFUSALS)
        say_hello(); /* a new server may be there */
    else {
        in_doubt();
        lose_executor("no answer");
        landed();
    }
}

static void pump(void)
{
    px_link_frame f;
    while (link_port_poll(&f))
        on_frame(&f);
    if (state != GROUND && o.now() > deadline)
        on_silence();
}

/* ---- the guest's side ---- */

void route_operation(uint32_t operation)
{
    operations++;
    if (own_path) {
        own_operation(operation);
        return;
    }
    const pc_time now = o.now();
    if (filling->count > most) {
        counted.stalls++;
        while (filling->count > most && !own_path) {
            pump();
            if (state == GROUND && !own_path)
                take_off();
        }
        if (own_path) { /* lost meanwhile: what has gathered goes first */
            take_own_path(filling);
            filling->count = 0;
            own_operation(operation);
            return;
        }
    }
    if (filling->count == 0) {
        filling->operation[filling->count++] = setup;
        filling->first = operations - 1;
        filling->oldest = now;
    }
    filling->operation[filling->count++] = operation;
    filling->newest = now;
    if (operation >> 24 == 1)
        filling->frames++;
    if (operation >> 24 == 3 && (operation & 0xFFFF) != 0)
        setup = operation | SETUP;
    if (filling->count > most && state == GROUND)
        take_off();
}

static void give_received(void)
{
    while (received_count > 0 && pc_com1_room() > 0 && pc_com1_receive(received[received_first])) {
        received_first = (received_first + 1) % RECEIVED;
        received_count--;
    }
}

static bool due(pc_time now, bool waiting)
{
    if (filling->count == 0)
        return now - last_asked >= ASK_EVERY && (waiting || pc_com1_listening(now)) && received_count < RECEIVED;
    return waiting || filling->count > most || now - filling->newest >= IDLE_GAP || now - filling->oldest >= MOST_AGE;
}

void route_poll(bool waiting)
{
    if (own_path) {
        own_poll();
        return;
    }
    pump();
    give_received();
    if (state == GROUND && !own_path && due(o.now(), waiting))
        take_off();
    if (own_path && filling->count != 0) {
        take_own_path(filling);
        filling->count = 0;
    }
}

void route_flush(bool finish)
{
    while (!own_path && (state != GROUND || filling->count != 0)) {
        if (state == GROUND)
            take_off();
        pump();
        if (!finish)
            return;
    }
    if (own_path && filling->count != 0) { /* lost meanwhile */
        take_own_path(filling);
        filling->count = 0;
    }
}

void route_log(void)
{
    hv_log("serial: %lu operations, %lu dispatches of at most %u, %lu empty, %lu stalls, %lu repeats, %lu refused, %lu "
           "in doubt",
           operations, counted.dispatches, most, counted.empty, counted.stalls, counted.repeats, counted.refused,
           counted.in_doubt);
}

void route_init(const route_options *options)
{
    o = *options;
    state = GROUND;
    own_path = true;
    setup = 0x03030001;
    operations = session = total = 0;
    number = clock = received_first = received_count = 0;
    most = ROUTE_BATCH;
    last_asked = 0;
    memset(&counted, 0, sizeof counted);
    start_batch(filling);
    start_batch(flying);
    session = rdtsc() << 20 ^ rdtsc() ^ 1;
    if (o.link && link_port_open()) {
        own_path = false;
        say_hello();
        while (state != GROUND)
            pump();
    }
    if (own_path)
        hv_log("serial: no executor; COM1 is %s", own_open() ? "driven by pxHV itself" : "missing");
    else
        hv_log("serial: an executor drives COM1, %u operations a batch, %lu frames on the wire before", most, total);
}

/* route.c - see route.h. When a batch leaves, who takes it, and what happens to the guest's operations when nobody
 * does.
 */
#include "firmware/serial/route.h"

#include <stddef.h>

#include "firmware/machine/log.h"
#include "firmware/machine/uart.h"
#include "firmware/serial/batch_client.h"
#include "firmware/serial/direct.h"
#include "firmware/serial/exchange.h"
#include "firmware/serial/own.h"
#include "pxi/serial.h"

#define IDLE_GAP  (10 * PC_SECOND / 1000)  /* no operation for so long: send */
#define MOST_AGE  (250 * PC_SECOND / 1000) /* the oldest has waited so long: send */
#define ASK_EVERY (10 * PC_SECOND / 1000)  /* an idle guest asks for input */

/* Most machines have a UART there with nobody at it: the first HELLO has this part of the patience, 250 ms of 10 s,
 * which is 8 s for all five. */
#define FIRST_PATIENCE 40u

static route_options o;
static const client *executor; /* NULL: pxHV's own path */
static serial_batch batches[2];
static serial_batch *filling = &batches[0], *flying = &batches[1];
static bool under_way;

static uint32_t setup;      /* in force behind the last operation */
static uint64_t operations; /* of the guest, ever */
static uint64_t stalls;
static pc_time last_asked;

/* ---- batches ---- */

static void start_batch(serial_batch *b)
{
    b->count = 0;
    b->frames = 0;
    b->first = operations;
}

/* The gathered operations take off; the guest goes on with the other batch. */
static void take_off(void)
{
    serial_batch *const gathered = filling;
    filling = flying;
    flying = gathered;
    start_batch(filling);
    last_asked = o.now();
    under_way = true;
    executor->send(flying);
}

static void take_own_path(const serial_batch *b)
{
    for (uint32_t i = 0; i < b->count; i++)
        own_operation(b->operation[i]);
}

/* pxHV's own path begins with the set-up in force: who knew it is lost. Batches bring their own. */
static void lose_executor(bool nothing_out)
{
    executor = NULL;
    hv_log("serial: executor lost (%s); COM1 is %s from operation %lu on", client_counted.lost,
           own_open() ? "driven by pxHV itself" : "missing", nothing_out ? flying->first : filling->first);
    if (nothing_out)
        take_own_path(flying);
    take_own_path(filling);
    filling->count = 0;
    own_operation(setup);
}

static void pump(void)
{
    const client_news news = executor->poll(); /* also what comes unasked is taken from the UART */
    if (news == CLIENT_WORKS)
        return;
    under_way = false;
    if (news != CLIENT_LANDED)
        lose_executor(news == CLIENT_REFUSES);
    flying->count = 0;
}

/* ---- the guest's side ---- */

/* The guest stands still while both batches are full. */
static void wait_for_room(void)
{
    stalls++;
    while (executor != NULL && filling->count > executor->most()) {
        pump();
        if (executor != NULL && !under_way)
            take_off();
    }
}

static void gather(uint32_t operation)
{
    const pc_time now = o.now();
    if (filling->count == 0) {
        filling->operation[filling->count++] = setup;
        filling->first = operations - 1;
        filling->oldest = now;
    }
    filling->operation[filling->count++] = operation;
    filling->newest = now;
    filling->frames += pxs_operation_kind(operation) == PX_SERIAL_WRITE;
}

void route_operation(uint32_t operation)
{
    operations++;
    if (executor != NULL && filling->count > executor->most())
        wait_for_room();
    if (executor != NULL)
        gather(operation);
    else
        own_operation(operation);
    if (pxs_operation_kind(operation) == PX_SERIAL_SETUP && pxs_setup_divisor(operation) != 0)
        setup = operation;
    if (executor != NULL && filling->count > executor->most() && !under_way)
        take_off();
}

static bool due(pc_time now, bool waiting)
{
    if (filling->count == 0)
        return executor->asks && now - last_asked >= ASK_EVERY && (waiting || pc_com1_listening(now));
    return waiting || filling->count > executor->most() || now - filling->newest >= IDLE_GAP ||
           now - filling->oldest >= MOST_AGE;
}

void route_poll(bool waiting)
{
    if (executor != NULL)
        pump();
    batch_client_give(); /* also what had come before the executor was lost */
    if (executor == NULL || !executor->asks)
        own_poll();
    if (executor == NULL)
        return;
    if (!under_way && due(o.now(), waiting))
        take_off();
}

void route_flush(bool finish)
{
    while (executor != NULL && (under_way || filling->count != 0)) {
        if (!under_way)
            take_off();
        pump();
        if (!finish)
            return;
    }
}

void route_log(void)
{
    hv_log("serial: %lu operations, %lu dispatches of at most %u, %lu empty, %lu stalls, %lu repeats, %lu refused, %lu "
           "in doubt",
           operations, client_counted.dispatches, executor != NULL ? executor->most() : o.batch, client_counted.empty,
           stalls, exchange_repeats(), client_counted.refused, client_counted.in_doubt);
}

/* ---- who is there ---- */

static client_news await_client(void)
{
    client_news news;
    while ((news = executor->poll()) == CLIENT_WORKS)
        ;
    return news;
}

static bool find_executor(void)
{
    px_link_frame hello;
    exchange_event event;
    client_counted.lost = "no answer";
    if (!link_port_open(o.port, o.divisor)) {
        client_counted.lost = "no UART at the link's port";
        return false;
    }
    exchange_open(o.patience / FIRST_PATIENCE, o.now);
    batch_client_open(o.batch, o.driver, o.salt);
    while ((event = exchange_poll(&hello)) == EXCHANGE_WAITS)
        ;
    if (event == EXCHANGE_SILENT)
        return false;
    exchange_be_patient(o.patience);
    client_counted.lost = "an answer that cannot be";
    if (event != EXCHANGE_ANSWERED || hello.length <= PXR_HELLO_ABOUT)
        return false;
    client_news news;
    if ((hello.payload[PXR_HELLO_ABOUT] & PXL_CAP_BATCH) != 0) {
        executor = &batch_client;
        news = batch_client_meet(&hello);
    } else {
        executor = &direct_client;
        news = direct_meet(&hello, o.batch, o.driver, o.patience, o.now);
    }
    if (news == CLIENT_WORKS)
        news = await_client();
    if (news != CLIENT_LANDED)
        executor = NULL;
    return executor != NULL;
}

void route_init(const route_options *options)
{
    o = *options;
    if (o.port == 0)
        o.port = UART_COM2;
    if (o.divisor == 0)
        o.divisor = 1;
    executor = NULL;
    under_way = false;
    setup = PX_SERIAL_FIRST_SETUP;
    operations = stalls = 0;
    last_asked = 0;
    client_counted = (client_counts){0};
    start_batch(filling);
    start_batch(flying);
    own_allow(!(o.link && o.port == UART_COM1));
    if (!o.link || !find_executor())
        hv_log("serial: no executor%s%s%s; COM1 is %s", o.link ? " (" : "", o.link ? client_counted.lost : "",
               o.link ? ")" : "", own_open() ? "driven by pxHV itself" : "missing");
    else if (executor == &batch_client)
        hv_log("serial: an executor drives COM1, %u operations a batch, %lu frames on the wire before",
               executor->most(), batch_client_total());
    else
        hv_log("serial: a board drives COM1, %u operations a batch; frames leave at %s", executor->most(),
               direct_wire());
}

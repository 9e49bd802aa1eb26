/* batch_client.c - see batch_client.h. */
#define _DEFAULT_SOURCE /* getentropy */
#include "wire/batch_client.h"

#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pxi/pace.h"
#include "wire/link_client.h"

struct px_batch_client {
    px_link_client *link; /* NULL when it died */
    char place[300];
    uint32_t session[2];
    double patience;
    uint32_t last;  /* number of the last batch done */
    uint64_t total; /* frames emitted, as HELLO or the last DONE told */
    uint32_t *words;
    size_t room;
    uint32_t *received;
};

static const uint32_t *told(const px_batch_client *c) { return c->link->hello.words; }

uint64_t px_batch_total(const px_batch_client *c) { return c->total; }

uint32_t px_batch_most(const px_batch_client *c)
{
    const uint32_t most = c->link != NULL ? told(c)[PXR_HELLO_OPERATIONS] : 1, fits = 65535 - PXQ_BATCH_OPERATIONS;
    return most < fits ? most : fits;
}

/* ---- a link and the wire ---- */

static bool connect_once(px_batch_client *c, px_error *error)
{
    if (!px_link_client_open(&c->link, c->place, error))
        return false;
    bool good = (c->link->hello.capabilities & PXL_CAP_BATCH) != 0;
    if (!good)
        px_fail(error, PX_E_USAGE, "%s takes no batches; is it `px serve` with --wire?", c->place);
    good = good && px_link_say_hello(c->link, c->session, error);
    if (good && (told(c)[PXR_HELLO_WIRE] & PXL_WIRE_OWNED) == 0)
        good = px_fail(error, PX_E_SYSTEM, "the wire of %s belongs to another session; it is free when that ends",
                       c->place);
    if (good && px_batch_most(c) < 2) /* a set-up and one more */
        good = px_fail(error, PX_E_INPUT, "%s allows batches of %" PRIu32 " operations", c->place, px_batch_most(c));
    if (!good) {
        px_link_client_close(c->link);
        c->link = NULL;
    }
    return good;
}

/* The server may be on its way back. */
static bool connect_again(px_batch_client *c, px_error *error)
{
    const double end = px_seconds() + c->patience;
    px_link_client_close(c->link);
    c->link = NULL;
    while (!connect_once(c, error)) {
        if (px_seconds() >= end)
            return false;
        poll(NULL, 0, 100);
    }
    return true;
}

bool px_batch_open(px_batch_client **client, const char *place, uint64_t session, double patience, px_error *error)
{
    px_batch_client *c = calloc(1, sizeof *c);
    if (c == NULL)
        return px_fail(error, PX_E_SYSTEM, "no memory for a session with %s", place);
    bool good = strlen(place) < sizeof c->place;
    if (!good)
        px_fail(error, PX_E_USAGE, "'%s': the name is too long", place);
    else
        strcpy(c->place, place);
    c->patience = patience;
    while (good && session == 0)
        if (getentropy(&session, sizeof session) != 0)
            good = px_fail(error, PX_E_SYSTEM, "no random number for a session");
    px_link_put_two(c->session, session);
    if (!good || !connect_once(c, error)) {
        free(c);
        return false;
    }
    c->last = told(c)[PXR_HELLO_LAST];
    c->total = px_link_two(told(c) + PXR_HELLO_TOTAL);
    *client = c;
    return true;
}

void px_batch_close(px_batch_client *c)
{
    px_error error;
    px_link_frame reply;
    if (c == NULL)
        return;
    if (c->link != NULL)
        px_link_ask(c->link, PXL_BYE, c->session, PXQ_BYE_LENGTH, 0, &reply, &error);
    px_link_client_close(c->link);
    free(c->words);
    free(c->received);
    free(c);
}

/* ---- one batch ---- */

/* Writes the operations in the packing that takes less. */
static bool pack(px_batch_client *c, const uint32_t *operations, uint32_t count, uint32_t *length, px_error *error)
{
    const size_t most = PXQ_BATCH_OPERATIONS + PX_LINK_PLANES(count) + 1;
    if (most > c->room) {
        uint32_t *words = realloc(c->words, most * sizeof *words);
        if (words == NULL)
            return px_fail(error, PX_E_SYSTEM, "no memory for a batch of %" PRIu32 " operations", count);
        c->words = words;
        c->room = most;
    }
    size_t packed = count + 1;
    if (c->link->hello.capabilities & PXL_CAP_PLANES)
        packed = px_link_pack(operations, count, c->words + PXQ_BATCH_OPERATIONS);
    if (packed >= count && count > 0) {
        memcpy(c->words + PXQ_BATCH_OPERATIONS, operations, count * sizeof *operations);
        packed = count;
    } else if (count == 0)
        packed = 0;
    c->words[PXQ_BATCH_COUNT] = count | (packed < count ? PX_LINK_PACKED : 0);
    *length = (uint32_t)(PXQ_BATCH_OPERATIONS + packed);
    return true;
}

static px_batch_outcome take_done(px_batch_client *c, const px_link_frame *reply, uint32_t count, uint32_t credit,
                                  px_batch_done *done, px_error *error)
{
    const uint32_t *words = reply->payload;
    if (reply->length < PXR_DONE_CHARACTERS || words[PXR_DONE_NUMBER] != c->words[PXQ_BATCH_NUMBER] ||
        words[PXR_DONE_CONSUMED] != count || words[PXR_DONE_RECEIVED] > credit ||
        reply->length != PXR_DONE_CHARACTERS + words[PXR_DONE_RECEIVED]) {
        px_fail(error, PX_E_INPUT, "%s answers a batch with a DONE that does not keep to LINK.md", c->place);
        return PX_BATCH_DOUBT;
    }
    uint32_t *received = realloc(c->received, (words[PXR_DONE_RECEIVED] + 1) * sizeof *received);
    if (received == NULL) {
        px_fail(error, PX_E_SYSTEM, "no memory for the received characters");
        return PX_BATCH_DOUBT;
    }
    memcpy(received, words + PXR_DONE_CHARACTERS, words[PXR_DONE_RECEIVED] * sizeof *received);
    c->received = received;
    c->last = words[PXR_DONE_NUMBER];
    c->total = px_link_two(words + PXR_DONE_TOTAL);
    *done = (px_batch_done){.total = c->total,
                            .errors = words[PXR_DONE_ERRORS],
                            .clock = words[PXR_DONE_CLOCK],
                            .received_count = words[PXR_DONE_RECEIVED],
                            .received = received};
    return PX_BATCH_DONE;
}

/* The link died with the batch under way: what LINK.md's promise says. Whether it is to be sent again; its number may
 * be another then. */
static bool may_repeat(px_batch_client *c)
{
    const uint32_t number = c->words[PXQ_BATCH_NUMBER], last = told(c)[PXR_HELLO_LAST];
    if (last == number || (last == number - 1 && last != 0))
        return true;
    if ((told(c)[PXR_HELLO_WIRE] & PXL_WIRE_REMEMBERS) == 0)
        return false;
    c->words[PXQ_BATCH_NUMBER] = last + 1; /* and the total stays the one from before */
    return true;
}

static px_batch_outcome in_doubt(px_batch_client *c)
{
    if (c->link != NULL) {
        c->last = told(c)[PXR_HELLO_LAST];
        c->total = px_link_two(told(c) + PXR_HELLO_TOTAL);
    }
    return PX_BATCH_DOUBT;
}

px_batch_outcome px_batch_send(px_batch_client *c, const uint32_t *operations, uint32_t count, uint64_t first,
                               uint32_t clock, uint32_t credit, px_batch_done *done, px_error *error)
{
    uint32_t length = 0;
    px_link_frame reply;
    if (c->link == NULL && !connect_again(c, error))
        return PX_BATCH_FAILED;
    if (count > px_batch_most(c)) {
        px_fail(error, PX_E_USAGE, "a batch of %" PRIu32 " operations; %s takes at most %" PRIu32, count, c->place,
                px_batch_most(c));
        return PX_BATCH_FAILED;
    }
    if (!pack(c, operations, count, &length, error))
        return PX_BATCH_FAILED;
    memcpy(c->words + PXQ_BATCH_SESSION, c->session, sizeof c->session);
    c->words[PXQ_BATCH_NUMBER] = c->last + 1;
    px_link_put_two(c->words + PXQ_BATCH_FIRST, first);
    px_link_put_two(c->words + PXQ_BATCH_TOTAL, c->total);
    c->words[PXQ_BATCH_CREDIT] = credit;
    c->words[PXQ_BATCH_CLOCK] = clock;
    for (;;) {
        if (px_link_ask(c->link, PXL_BATCH, c->words, length, PXR_DONE_CHARACTERS + credit, &reply, error))
            return take_done(c, &reply, count, credit, done, error);
        px_error again = {0};
        if (c->link->refused == PXL_E_WIRE) /* HELLO tells how much is out; what comes next counts from there */
            return px_link_say_hello(c->link, c->session, &again) ? in_doubt(c) : PX_BATCH_DOUBT;
        if (c->link->refused != PXL_E_NONE)
            return PX_BATCH_FAILED;
        if (!connect_again(c, &again))
            return in_doubt(c);
        if (!may_repeat(c))
            return in_doubt(c);
    }
}

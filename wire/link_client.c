/* link_client.c - see link_client.h. */
#include "wire/link_client.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "pxi/number.h"
#include "pxi/pace.h"
#include "pxi/picture.h"

enum {
    PATIENCE_MS = 250,
    TRIES = 5,
    FEW_WORDS = 8,
    LONGEST = 65535,       /* payload words of any frame that there is */
    RX_WORDS = LONGEST + 3 /* and the frame itself */
};

/* ---- life ---- */

/* A board in simulation may be far slower than its wire, and answer everything late. */
static bool set_patience(px_link_client *c, px_error *error)
{
    const char *text = getenv("PX_LINK_PATIENCE");
    c->patience = PATIENCE_MS;
    if (text == NULL)
        return true;
    uint64_t ms;
    if (!px_parse_number("PX_LINK_PATIENCE", text, 1, 1000000, &ms, error))
        return false;
    c->patience = (unsigned)ms;
    return true;
}

bool px_link_client_on(px_link_client **client, px_transport *transport, bool hello, px_error *error)
{
    px_link_client *c = calloc(1, sizeof *c);
    if (c != NULL) {
        c->words = malloc(RX_WORDS * sizeof *c->words);
        c->frame = malloc(PX_LINK_BYTES(LONGEST));
    }
    if (c == NULL || c->words == NULL || c->frame == NULL) {
        px_link_client_close(c);
        px_transport_close(transport);
        return px_fail(error, PX_E_SYSTEM, "no memory for the link");
    }
    px_link_rx_init(&c->rx, c->words, RX_WORDS);
    c->transport = transport;
    c->tries = TRIES;
    c->other_version = -1;
    /* Not the number that the last client on this wire began with, for its replies may still be under way. */
    c->sequence = (uint8_t)((uint32_t)(px_seconds() * 1e4) ^ (uint32_t)getpid());
    snprintf(c->who, sizeof c->who, "link:%.100s", px_transport_name(transport));
    px_transport_discard(transport);
    if (!set_patience(c, error) || (hello && !px_link_say_hello(c, NULL, error))) {
        px_link_client_close(c);
        return false;
    }
    *client = c;
    return true;
}

bool px_link_client_open(px_link_client **client, const char *spec, px_error *error)
{
    px_transport *transport;
    return px_transport_open(&transport, spec, error) && px_link_client_on(client, transport, true, error);
}

void px_link_client_close(px_link_client *c)
{
    if (c == NULL)
        return;
    px_transport_close(c->transport);
    free(c->words);
    free(c->frame);
    free(c);
}

void px_link_client_name(px_link_client *c, const char *name) { snprintf(c->who, sizeof c->who, "%s", name); }

uint64_t px_link_client_dropped(const px_link_client *c) { return c->rx.dropped; }

/* ---- messages ---- */

/* Text from the other end, made fit for a terminal: no control characters, those of UTF-8 (C2 80 to C2 9F) included. */
static void printable(char *text)
{
    unsigned char *at = (unsigned char *)text;
    for (; *at != '\0'; at++)
        if (*at < ' ' || *at == 127 || (*at == 0xC2 && at[1] >= 0x80 && at[1] < 0xA0))
            *at = '?';
}

static void text_of(const uint32_t *words, uint32_t count, char *text, size_t size)
{
    size_t at = 0;
    for (; at < 4 * (size_t)count && at + 1 < size; at++) {
        text[at] = (char)(unsigned char)(words[at / 4] >> 8 * (at % 4));
        if (text[at] == '\0')
            break;
    }
    text[at] = '\0';
    printable(text);
}

static bool refuse(px_link_client *c, unsigned type, const px_link_frame *reply, px_error *error)
{
    char text[300] = "";
    const uint32_t number = reply->length > PXR_ERROR_NUMBER ? reply->payload[PXR_ERROR_NUMBER] : 0;
    if (reply->length > PXR_ERROR_TEXT)
        text_of(reply->payload + PXR_ERROR_TEXT, reply->length - PXR_ERROR_TEXT, text, sizeof text);
    c->refused = (enum px_link_error)(number <= UINT8_MAX ? number : UINT8_MAX);
    return px_fail(error, number == PXL_E_EXECUTOR ? PX_E_SYSTEM : PX_E_INPUT,
                   "%s answers %s with error %" PRIu32 " (%s): %s%s%s", c->who, px_link_type_name(type), number,
                   px_link_error_name(number), px_link_error_text(number), text[0] != '\0' ? "; it says: " : "", text);
}

/* Nobody answered: what there is to look at. */
static bool silence(const px_link_client *c, unsigned type, double waited, px_error *error)
{
    const char *name = px_transport_name(c->transport), *request = px_link_type_name(type);
    const uint32_t baud = px_transport_baud(c->transport);
    if (c->other_version >= 0)
        return px_fail(error, PX_E_INPUT, "%s speaks version %d of the link, this px version %u; update the older one",
                       name, c->other_version, PX_LINK_VERSION);
    if (baud == 0)
        return px_fail(
            error, PX_E_SYSTEM,
            "no answer to %s from %s in %.1f s (%u tries); is it px serve or a board that listens there, and "
            "is it alive?",
            request, name, waited, c->tries);
    const bool noise = c->rx.dropped > 0;
    return px_fail(error, PX_E_SYSTEM,
                   "no answer to %s from %s at %" PRIu32 " baud in %.1f s (%u tries)%s; is the board powered and "
                   "programmed, is this its port (`px devices`), and its rate (%s@BAUD)?",
                   request, name, baud, waited, c->tries,
                   noise ? ", only bytes that are no frames: most likely the rate is wrong" : "", name);
}

static bool odd(const px_link_client *c, const char *what, uint32_t found, const char *expected, px_error *error)
{
    return px_fail(error, PX_E_INPUT, "%s answers with %s %" PRIu32 ", expected %s; it does not keep to LINK.md",
                   c->who, what, found, expected);
}

/* ---- one request ---- */

/* The next whole frame, until the clock says end. PX_IO_DONE: it is in *frame. */
static px_io next_frame(px_link_client *c, double end, px_link_frame *frame, px_error *error)
{
    for (;;) {
        while (c->from < c->to)
            if (px_link_rx_byte(&c->rx, c->input[c->from++], frame))
                return PX_IO_DONE;
        const double left = end - px_seconds();
        if (left <= 0)
            return PX_IO_TIMEOUT;
        size_t count;
        const px_io got =
            px_transport_read(c->transport, c->input, sizeof c->input, &count, (int)(left * 1000) + 1, error);
        c->from = 0;
        c->to = count;
        if (got == PX_IO_GONE || got == PX_IO_FAILED)
            return got;
    }
}

/* Waits for the answer to the request just sent. */
static px_io await_reply(px_link_client *c, unsigned type, double wait, px_link_frame *reply, px_error *error)
{
    double end = px_seconds() + wait;
    for (;;) {
        const px_io got = next_frame(c, end, reply, error);
        if (got != PX_IO_DONE)
            return got;
        if (reply->version != PX_LINK_VERSION && reply->sequence == c->sequence)
            c->other_version = reply->version;
        const bool mine = reply->version == PX_LINK_VERSION && reply->sequence == c->sequence;
        if (mine && reply->type == PXL_BUSY)
            end = px_seconds() + wait;
        else if (mine && (reply->type == ((unsigned)type | PX_LINK_REPLY) || reply->type == PXL_ERROR))
            return PX_IO_DONE;
        else
            c->strays++;
    }
}

bool px_link_ask(px_link_client *c, unsigned type, const uint32_t *payload, uint32_t length, uint32_t expected,
                 px_link_frame *reply, px_error *error)
{
    c->refused = PXL_E_NONE;
    c->broken = false;
    if (length > LONGEST)
        return px_fail(error, PX_E_USAGE, "a %s of %" PRIu32 " words; a frame of the link holds at most %d",
                       px_link_type_name(type), length, LONGEST);
    const px_link_frame request = {PX_LINK_VERSION, (uint8_t)type, ++c->sequence, length, payload};
    const size_t size = px_link_encode(&request, c->frame);
    const uint32_t baud = px_transport_baud(c->transport);
    const double start = px_seconds();
    const double wire = baud == 0 ? 0 : (double)(size + PX_LINK_BYTES(expected)) * 10 / baud;
    double patience = c->patience * 1e-3;
    c->requests++;
    for (unsigned tried = 0; tried < c->tries; tried++, patience *= 2) {
        if (tried > 0)
            c->retries++;
        const px_io put = px_transport_write(c->transport, c->frame, size, (int)((wire + patience) * 1000) + 1, error);
        if (put == PX_IO_GONE || put == PX_IO_FAILED)
            return !(c->broken = true);
        if (put == PX_IO_TIMEOUT) /* the stream is stuck; the next try begins with 0x00 and ends what got through */
            continue;
        px_io got;
        do
            got = await_reply(c, type, wire + patience, reply, error);
        while (got == PX_IO_TIMEOUT && c->patient != NULL && c->patient(c->context));
        if (got == PX_IO_DONE)
            return reply->type != PXL_ERROR || refuse(c, type, reply, error);
        if (got != PX_IO_TIMEOUT)
            return !(c->broken = true);
    }
    c->broken = true;
    return silence(c, type, px_seconds() - start, error);
}

/* A request whose reply has length words. */
static bool ask(px_link_client *c, unsigned type, const uint32_t *payload, uint32_t count, uint32_t length,
                px_link_frame *reply, px_error *error)
{
    if (!px_link_ask(c, type, payload, count, length, reply, error))
        return false;
    if (reply->length == length)
        return true;
    return px_fail(error, PX_E_INPUT,
                   "%s answers %s with %" PRIu32 " words, expected %" PRIu32 "; it does not keep to LINK.md", c->who,
                   px_link_type_name(type), reply->length, length);
}

/* ---- the requests ---- */

bool px_link_say_hello(px_link_client *c, const uint32_t *session, px_error *error)
{
    px_link_frame reply;
    if (!px_link_ask(c, PXL_HELLO, session, session != NULL ? PXQ_HELLO_LENGTH : 0, PXR_HELLO_LONG, &reply, error))
        return false;
    const uint32_t *words = reply.payload;
    if (reply.length < PXR_HELLO_LENGTH)
        return odd(c, "a HELLO whose words are", reply.length, "9 or more", error);
    const uint32_t about = words[PXR_HELLO_ABOUT], pixels = words[PXR_HELLO_PIXELS], most = words[PXR_HELLO_PAYLOAD];
    if (words[PXR_HELLO_MAGIC] != PX_LINK_MAGIC)
        return odd(c, "a HELLO whose magic is", words[PXR_HELLO_MAGIC], "21780568 (PXL1)", error);
    if ((about & 0xFF) != 1)
        return odd(c, "a machine of version", about & 0xFF, "1", error);
    if (pixels == 0)
        return odd(c, "a largest image of pixels", 0, "1 or more", error);
    if (most < PX_LINK_BASE)
        return odd(c, "a largest payload of words", most, "at least 257", error);
    px_link_hello *hello = &c->hello;
    *hello = (px_link_hello){.lanes = about >> 8 & 0xFF,
                             .capabilities = about & 0xFFFF0000u,
                             .max_pixels = pixels < PX_MAX_PIXELS ? pixels : PX_MAX_PIXELS,
                             .max_payload = most < LONGEST ? most : LONGEST,
                             .clock = words[PXR_HELLO_CLOCK]};
    if (hello->lanes == 0)
        hello->lanes = 1;
    text_of(words + PXR_HELLO_NAME, PXR_HELLO_LENGTH - PXR_HELLO_NAME, hello->name, sizeof hello->name);
    memcpy(hello->words, words, (reply.length >= PXR_HELLO_LONG ? PXR_HELLO_LONG : PXR_HELLO_LENGTH) * sizeof *words);
    snprintf(c->who, sizeof c->who, "link:%.100s (%s)", px_transport_name(c->transport), hello->name);
    return true;
}

bool px_link_reset(px_link_client *c, uint32_t profile, uint32_t w, uint32_t h, px_error *error)
{
    px_link_frame reply;
    if ((uint64_t)w * h > UINT32_MAX)
        return px_fail(error, PX_E_USAGE, "a RESET to %" PRIu32 " x %" PRIu32 " pixels; a machine has less than 2^32",
                       w, h);
    const uint32_t words[PXQ_RESET_LENGTH] = {
        [PXQ_RESET_PROFILE] = profile, [PXQ_RESET_W] = w, [PXQ_RESET_H] = h, [PXQ_RESET_N] = w * h};
    return ask(c, PXL_RESET, words, PXQ_RESET_LENGTH, 0, &reply, error);
}

uint32_t px_link_block(const px_link_client *c) { return c->window != NULL ? PX_LINK_WINDOW : PX_LINK_BLOCK; }

/* A block that a frame can name: its words, and addresses that leave the bits of the space alone. */
static bool is_block(px_link_client *c, unsigned type, uint32_t address, uint32_t count, px_error *error)
{
    const uint32_t end = UINT32_C(1) << PX_LINK_ADDRESS_BITS;
    c->refused = PXL_E_NONE;
    return (count >= 1 && count <= px_link_block(c) && address < end && count <= end - address) ||
           px_fail(error, PX_E_USAGE,
                   "a %s of %" PRIu32 " words at address %" PRIu32 "; a frame carries 1 to %" PRIu32
                   ", below address 2^%u",
                   px_link_type_name(type), count, address, px_link_block(c), PX_LINK_ADDRESS_BITS);
}

/* Fewer words are sooner in a frame than both ends are awake for it. */
static bool through_window(const px_link_client *c, uint32_t count) { return c->window != NULL && count > FEW_WORDS; }

bool px_link_read(px_link_client *c, enum px_link_space space, uint32_t address, uint32_t *words, uint32_t count,
                  px_error *error)
{
    const bool window = through_window(c, count);
    px_link_frame reply;
    const uint32_t payload[PXQ_READ_LENGTH] = {
        [PXQ_READ_WHERE] = px_link_where(space, address), [PXQ_READ_COUNT] = count};
    if (!is_block(c, PXL_READ, address, count, error) ||
        !ask(c, window ? PX_LINK_FETCH : PXL_READ, payload, PXQ_READ_LENGTH, window ? 0 : count, &reply, error))
        return false;
    memcpy(words, window ? c->window->words : reply.payload, count * sizeof *words);
    return true;
}

bool px_link_write(px_link_client *c, enum px_link_space space, uint32_t address, const uint32_t *words, uint32_t count,
                   px_error *error)
{
    px_link_frame reply;
    uint32_t payload[PX_LINK_BASE];
    if (!is_block(c, PXL_WRITE, address, count, error))
        return false;
    payload[PXQ_WRITE_WHERE] = px_link_where(space, address);
    if (through_window(c, count)) {
        payload[PXQ_READ_COUNT] = count;
        memcpy(c->window->words, words, count * sizeof *words);
        return ask(c, PX_LINK_STORE, payload, PXQ_READ_LENGTH, 0, &reply, error);
    }
    memcpy(payload + PXQ_WRITE_WORDS, words, count * sizeof *words);
    return ask(c, PXL_WRITE, payload, PXQ_WRITE_WORDS + count, 0, &reply, error);
}

bool px_link_run(px_link_client *c, uint32_t budget, px_error *error)
{
    px_link_frame reply;
    return ask(c, PXL_RUN, &budget, PXQ_RUN_LENGTH, 0, &reply, error);
}

/* With capability REQUEST the longer STATUS is asked for, which brings what a machine waits for. */
bool px_link_get_status(px_link_client *c, px_link_status *status, px_error *error)
{
    static const uint32_t longer = 1;
    const bool more = (c->hello.capabilities & (uint32_t)PXL_CAP_REQUEST) != 0;
    px_link_frame reply;
    if (!ask(c, PXL_STATUS, &longer, more, more ? PXR_STATUS_LONG : PXR_STATUS_LENGTH, &reply, error))
        return false;
    const uint32_t *words = reply.payload;
    const uint32_t flags = words[PXR_STATUS_FLAGS];
    *status = (px_link_status){.underway = (flags & PX_LINK_UNDERWAY) != 0,
                               .profile = flags >> 16 & 1,
                               .cause = flags >> 8 & 7,
                               .status = flags & 3,
                               .pc = words[PXR_STATUS_PC],
                               .vl = words[PXR_STATUS_VL],
                               .value = words[PXR_STATUS_VALUE],
                               .left = words[PXR_STATUS_LEFT],
                               .tells_request = more,
                               .request = more ? words[PXR_STATUS_REQUEST] : 0,
                               .argument = more ? words[PXR_STATUS_ARGUMENT] : 0};
    return true;
}

bool px_link_stop(px_link_client *c, px_error *error)
{
    px_link_frame reply;
    return ask(c, PXL_STOP, NULL, 0, 0, &reply, error);
}

/* fuzz_link.c - no bytes harm the link's receiver, its endpoint over the reference VM, or the unpacking of a batch;
 * every request gets one answer, and whatever decodes is what was coded.
 *
 * The input is a list of pieces: a byte that says what it is, then its content. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exec/endpoint.h"
#include "tests/fuzz/input.h"
#include "tests/unit/held.h"

enum { ROOM = PX_LINK_BASE + 3, MOST_PIXELS = 2048, STEPS = 6 };

/* Codes a frame and decodes it again. */
static void round_trip(const px_link_frame *frame)
{
    static uint32_t words[ROOM];
    static uint8_t bytes[PX_LINK_BYTES(ROOM)];
    px_link_rx rx;
    px_link_frame back;
    bool came = false;
    const size_t size = px_link_encode(frame, bytes);
    require(size <= PX_LINK_BYTES(frame->length), "a frame is as long as it may be");
    px_link_rx_init(&rx, words, ROOM);
    for (size_t i = 0; i < size; i++)
        came = px_link_rx_byte(&rx, bytes[i], &back);
    require(came && back.version == frame->version && back.type == frame->type && back.sequence == frame->sequence &&
                back.length == frame->length && memcmp(back.payload, frame->payload, 4 * back.length) == 0,
            "what decodes is what was coded");
}

static void answer(px_endpoint *endpoint, const px_link_frame *request)
{
    px_link_frame reply;
    const bool running = px_endpoint_running(endpoint);
    px_endpoint_request(endpoint, request, &reply);
    require(reply.version == PX_LINK_VERSION && reply.sequence == request->sequence,
            "a reply has its request's number");
    require(reply.type == PXL_ERROR || reply.type == (request->type | PX_LINK_REPLY), "a reply has a type for it");
    require(reply.length <= PX_LINK_BLOCK, "a reply is a base frame");
    require(!running || reply.type == PXL_ERROR || request->type == PXL_HELLO || request->type == PXL_STATUS ||
                request->type == PXL_STOP || request->type == PXL_RUN || request->type == PXL_RESET ||
                request->type == PXL_WRITE,
            "nothing is read while a run is under way");
    round_trip(&reply);
}

/* A frame that is in order as far as the codec goes. */
static void whole_frame(px_endpoint *endpoint, input *in)
{
    uint32_t words[PX_LINK_BASE];
    px_link_frame frame = {PX_LINK_VERSION, byte(in), byte(in), byte(in), words};
    if (frame.type >= 0xF0)
        frame.version = byte(in);
    frame.type %= 10;
    for (uint32_t i = 0; i < frame.length; i++)
        words[i] = word(in);
    answer(endpoint, &frame);
}

static void unpack(input *in)
{
    static uint32_t packed[256], operations[1024], again[1024], repacked[PX_LINK_PLANES(1024)];
    const size_t count = word(in) % 1025, words = byte(in);
    for (size_t i = 0; i < words; i++)
        packed[i] = word(in);
    if (!px_link_unpack(packed, words, operations, count))
        return;
    const size_t size = px_link_pack(operations, count, repacked);
    require(size <= PX_LINK_PLANES(count) && px_link_unpack(repacked, size, again, count) &&
                memcmp(operations, again, count * sizeof *again) == 0,
            "operations packed are operations unpacked");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint32_t words[ROOM];
    input in = {data, size};
    px_executor *executor;
    px_endpoint *endpoint;
    px_link_rx rx;
    px_link_frame request;
    int steps = STEPS;
    if (!px_ref_driver.open(&executor, NULL, NULL))
        abort();
    executor->caps.max_pixels = MOST_PIXELS;
    if (!px_endpoint_open(&endpoint, executor, "fuzz", NULL))
        abort();
    px_link_rx_init(&rx, words, ROOM);
    while (in.size > 0)
        switch (byte(&in) % 5) {
        case 0:
            for (size_t count = byte(&in); count > 0; count--)
                if (px_link_rx_byte(&rx, byte(&in), &request))
                    answer(endpoint, &request);
            break;
        case 1:
            whole_frame(endpoint, &in);
            break;
        case 2:
            if (steps-- > 0)
                px_endpoint_step(endpoint);
            break;
        case 3:
            px_link_rx_drop(&rx);
            break;
        default:
            unpack(&in);
            break;
        }
    px_endpoint_close(endpoint);
    held_close(executor);
    return 0;
}

/* fuzz_link_client.c - nothing that an endpoint answers harms the executor link, and what it takes for a machine is
 * one.
 *
 * One exchange (hello, load, run, read) is recorded from a real endpoint. The input says, byte by byte, what becomes of
 * each recorded reply: as it is, changed in a word, replaced, doubled, lost, or followed by noise. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "exec/endpoint.h"
#include "tests/unit/held.h"
#include "wire/link_client.h"

enum { W = 4, H = 5, N = W * H, BUDGET = 9, REPLIES = 9, ROOM = 300 };

static struct {
    px_link_frame frame;
    uint32_t words[PX_LINK_BLOCK];
} recorded[REPLIES];
static px_state program;

/* A machine of which nothing is as RESET leaves it. */
static void make_program(void)
{
    if (!px_state_new(&program, PX_V1, W, H, NULL))
        abort();
    for (uint32_t i = 0; i < N; i++)
        program.mem[i] = (uint32_t)PX_OP_ADDI | 0x01010100u; /* addi r1, r1, 1 */
    program.reg[1] = 5;
    program.pc = 2;
}

static void record(void)
{
    px_executor *executor;
    px_endpoint *endpoint;
    static uint32_t pixels[N + 1];
    make_program();
    memcpy(pixels + 1, program.mem, N * sizeof *pixels);
    static const uint32_t reset[] = {PX_V1, W, H, N}, registers[] = {1u << 28 | 1, 5}, budget[] = {BUDGET},
                          longer[] = {1};
    static const uint32_t fields[] = {2u << 28, 2, 0, 1u << 16, 0}, all_pixels[] = {0, N}, all[] = {1u << 28, 256};
    const px_link_frame requests[REPLIES] = {
        {1, PXL_HELLO, 1, 0, NULL},      {1, PXL_RESET, 2, 4, reset},     {1, PXL_WRITE, 3, N + 1, pixels},
        {1, PXL_WRITE, 4, 2, registers}, {1, PXL_WRITE, 5, 5, fields},    {1, PXL_RUN, 6, 1, budget},
        {1, PXL_STATUS, 7, 1, longer},   {1, PXL_READ, 8, 2, all_pixels}, {1, PXL_READ, 9, 2, all}};
    if (!px_ref_driver.open(&executor, NULL, NULL) || !px_endpoint_open(&endpoint, executor, "fuzz", NULL))
        abort();
    for (int i = 0; i < REPLIES; i++) {
        px_link_frame *frame = &recorded[i].frame;
        px_endpoint_request(endpoint, &requests[i], frame);
        memcpy(recorded[i].words, frame->payload, frame->length * sizeof(uint32_t));
        frame->payload = recorded[i].words;
        while (px_endpoint_step(endpoint))
            ;
    }
    px_endpoint_close(endpoint);
    held_close(executor);
}

/* ---- what the input makes of it ---- */

static const uint8_t *input;
static size_t left;

static uint32_t take(unsigned bytes)
{
    uint32_t value = 0;
    for (unsigned i = 0; i < bytes && left > 0; i++, left--)
        value |= (uint32_t)*input++ << 8 * i;
    return value;
}

static void put(int fd, const px_link_frame *frame)
{
    uint8_t bytes[PX_LINK_BYTES(ROOM)];
    const size_t size = px_link_encode(frame, bytes);
    if (write(fd, bytes, size) != (ssize_t)size)
        abort();
}

static void put_reply(int fd, int number)
{
    uint32_t words[ROOM] = {0};
    px_link_frame frame = recorded[number].frame;
    const uint32_t what = take(1);
    memcpy(words, recorded[number].words, sizeof recorded[number].words);
    frame.payload = words;
    if (what >= 250)
        return;
    if (what >= 230) {
        frame.type = (uint8_t)take(1);
        frame.length = take(1);
    }
    if (what >= 220) {
        uint8_t noise[16];
        const size_t size = what % 16;
        for (size_t i = 0; i < size; i++)
            noise[i] = (uint8_t)take(1);
        if (size > 0 && write(fd, noise, size) != (ssize_t)size)
            abort();
    }
    for (uint32_t changes = what >= 128 ? what % 4 : 0; changes > 0; changes--) {
        const uint32_t at = take(1);
        words[at] = what >= 190 ? take(4) : words[at] ^ 1u << take(1) % 32;
    }
    put(fd, &frame);
    if (what >= 210)
        put(fd, &frame);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int ends[2];
    px_error error = {0};
    px_transport *transport;
    px_link_client *client;
    px_executor *executor;
    px_state out = {0};
    px_stop stop;
    if (program.mem == NULL)
        record();
    input = data;
    left = size;
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0 || !px_transport_adopt(&transport, ends[0], "fuzz", &error) ||
        !px_link_client_on(&client, transport, false, &error))
        abort();
    client->sequence = 0;
    client->tries = 1;
    client->patience = 5;
    for (int i = 0; i < REPLIES; i++)
        put_reply(ends[1], i);
    shutdown(ends[1], SHUT_WR);
    if (!px_link_say_hello(client, NULL, &error))
        px_link_client_close(client);
    else if (px_link_executor(&executor, client, &error)) {
        if (held_load(executor, &program, &error) && held_run(executor, BUDGET, &stop, &error) &&
            held_read(executor, &out, &error) &&
            (!px_state_valid(&out, "fuzz", NULL) || stop.executed > BUDGET || out.w != W || out.h != H ||
             (size == 0 && (out.reg[1] != 5 + BUDGET || out.pc != 2 + BUDGET)))) {
            fputs("broken: a machine that cannot be was taken for a result\n", stderr);
            abort();
        }
        if (size == 0 && error.text[0] != '\0') {
            fprintf(stderr, "broken: the exchange as it was recorded fails: %s\n", error.text);
            abort();
        }
        held_close(executor);
    }
    if (error.code != PX_OK && error.text[0] == '\0')
        abort();
    close(ends[1]);
    px_state_free(&out);
    return 0;
}

/* peer.c - an endpoint of the link for the tests: any executor behind a listening place, on a stream that can be made
 * bad. Ends when its standard input does.
 *
 *   peer LISTEN EXECUTOR [SEED DROP FLIP LATE REPEAT]
 *
 * Prints where it listens. SEED begins the random numbers of the bad stream; of 1000 requests and replies each, DROP
 * are lost, FLIP get a bit changed, LATE come after the client has asked again, REPEAT come twice. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "exec/endpoint.h"
#include "exec/registry.h"
#include "tests/random/rng.h"
#include "wire/transport.h"

enum { WORDS = PX_LINK_BASE + 3, LATE_MS = 60 };

typedef struct wire {
    px_transport *transport;
    rng rng;
    unsigned drop, flip, late, repeat;
} wire;

static bool chance(wire *w, unsigned of_1000) { return of_1000 > 0 && rng_below(&w->rng, 1000) < of_1000; }

static void send_reply(wire *w, const px_link_frame *reply)
{
    static uint8_t bytes[PX_LINK_BYTES(WORDS)];
    size_t size = px_link_encode(reply, bytes);
    if (chance(w, w->drop))
        return;
    if (chance(w, w->flip))
        bytes[rng_below(&w->rng, (uint32_t)size)] ^= (uint8_t)(1u << rng_below(&w->rng, 8));
    if (chance(w, w->late))
        nanosleep(&(struct timespec){0, LATE_MS * 1000000L}, NULL);
    for (int i = chance(w, w->repeat) ? 2 : 1; i > 0; i--)
        px_transport_write(w->transport, bytes, size, 1000, NULL);
}

/* One client, until it hangs up. */
static void serve(wire *w, px_endpoint *endpoint)
{
    static uint32_t words[WORDS];
    px_link_rx rx;
    px_link_frame request, reply;
    uint8_t bytes[512];
    size_t count;
    px_link_rx_init(&rx, words, WORDS);
    for (;;) {
        struct pollfd ends[] = {{.fd = px_transport_fd(w->transport), .events = POLLIN}, {.fd = 0, .events = POLLIN}};
        if (poll(ends, 2, px_endpoint_running(endpoint) ? 0 : -1) < 0 || ends[1].revents != 0)
            return;
        if (ends[0].revents != 0) {
            if (px_transport_read(w->transport, bytes, sizeof bytes, &count, 0, NULL) != PX_IO_DONE)
                return;
            for (size_t i = 0; i < count; i++) {
                if (chance(w, w->flip) && chance(w, 20)) /* a request has some 50 bytes on the average */
                    bytes[i] ^= (uint8_t)(1u << rng_below(&w->rng, 8));
                if (!px_link_rx_byte(&rx, bytes[i], &request) || chance(w, w->drop))
                    continue;
                px_endpoint_request(endpoint, &request, &reply);
                send_reply(w, &reply);
            }
        }
        px_endpoint_step(endpoint);
    }
}

int main(int argc, char **argv)
{
    px_error error = {0};
    px_listener *listener;
    px_executor *executor;
    px_endpoint *endpoint;
    wire w = {0};
    if (argc != 3 && argc != 8) {
        fputs("usage: peer LISTEN EXECUTOR [SEED DROP FLIP LATE REPEAT]\n", stderr);
        return 2;
    }
    if (argc == 8) {
        unsigned *const rates[] = {&w.drop, &w.flip, &w.late, &w.repeat};
        w.rng = rng_of_case(strtoull(argv[3], NULL, 10), 0);
        for (int i = 0; i < 4; i++)
            *rates[i] = (unsigned)strtoul(argv[4 + i], NULL, 10);
    }
    if (!px_listener_open(&listener, argv[1], &error) || !px_executor_open(&executor, argv[2], &error) ||
        !px_endpoint_open(&endpoint, executor, argv[2], &error)) {
        fprintf(stderr, "peer: %s\n", error.text);
        return 2;
    }
    printf("%s\n", px_listener_name(listener));
    fflush(stdout);
    for (;;) {
        struct pollfd ends[] = {{.fd = px_listener_fd(listener), .events = POLLIN}, {.fd = 0, .events = POLLIN}};
        if (poll(ends, 2, -1) < 0 || ends[1].revents != 0)
            break;
        if (px_listener_accept(listener, &w.transport, 0, &error) != PX_IO_DONE)
            continue;
        serve(&w, endpoint);
        px_transport_close(w.transport);
    }
    px_listener_close(listener);
    px_endpoint_close(endpoint);
    px_executor_close(executor);
    return 0;
}

/* events.c - time, chance, and what happens: the queue of events, and waiting for them. */
#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "answer/internal.h"
#include "pxi/pace.h"

/* ---- time and chance ---- */

static uint64_t nanoseconds(double seconds) { return seconds > 0 ? (uint64_t)(seconds * 1e9) : 0; }

uint32_t host_time(const px_host *host) { return (uint32_t)(nanoseconds(px_seconds() - host->began) / 1000000); }

px_reply answer_CLOCK(px_host *host, uint32_t payload, uint32_t argument)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    const uint64_t ns = payload == 0 ? nanoseconds(px_seconds() - host->began)
                                     : (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
    const uint32_t words[2] = {(uint32_t)ns, (uint32_t)(ns >> 32)};
    return payload > 1 ? PXH_E_INVALID : host_put_words(host, argument, words, 2);
}

/* splitmix64: every seed gives a sequence of its own. */
static uint64_t next_chance(uint64_t *state)
{
    uint64_t z = *state += 0x9E3779B97F4A7C15;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
    z = (z ^ z >> 27) * 0x94D049BB133111EB;
    return z ^ z >> 31;
}

static px_reply give_chance(px_host *host, void *context, uint8_t *bytes, uint32_t count)
{
    (void)context;
    uint64_t word = 0;
    for (uint32_t i = 0; host->seeded && i < count; i++) {
        word = i % 8 == 0 ? next_chance(&host->chance) : word >> 8;
        bytes[i] = (uint8_t)word;
    }
    for (uint32_t i = 0; !host->seeded && i < count;) {
        const ssize_t n = getrandom(bytes + i, count - i, 0);
        if (n < 0 && errno != EINTR)
            return PXH_E_IO;
        i += n > 0 ? (uint32_t)n : 0;
    }
    return (px_reply)count;
}

px_reply answer_RANDOM(px_host *host, uint32_t payload, uint32_t argument)
{
    return host_to_image(host, argument, payload, give_chance, NULL);
}

/* ---- events ---- */

void host_tell(px_host *host, uint32_t kind, uint32_t a, uint32_t b)
{
    if (host->event_count == HOST_EVENTS) {
        host->event_first = (host->event_first + 1) % HOST_EVENTS;
        host->event_count--;
        host->events_lost++;
    }
    host->events[(host->event_first + host->event_count++) % HOST_EVENTS] = (px_event){kind, a, b, host_time(host)};
}

/* What has happened meanwhile. */
static void look(px_host *host)
{
    px_console *c = &host->console;
    if (c->keys)
        console_take_keys(host);
    else if (!c->told && console_ready(host)) {
        c->told = true;
        host_tell(host, PXH_EVENT_CONSOLE, 0, 0);
    }
    machine_look(host);
    if (host->net >= 0 && !host->net_told && net_ready(host)) {
        host->net_told = true;
        host_tell(host, PXH_EVENT_FRAME, 0, 0);
    }
}

static void take_event(px_host *host, px_event *event)
{
    if (host->events_lost > 0) {
        *event = (px_event){PXH_EVENT_LOST, host->events_lost, 0, host_time(host)};
        host->events_lost = 0;
        return;
    }
    *event = host->events[host->event_first];
    host->event_first = (host->event_first + 1) % HOST_EVENTS;
    host->event_count--;
}

static uint32_t events_there(const px_host *host) { return host->event_count + (host->events_lost > 0); }

/* ring: address, entries, head, room. */
static px_reply check_ring(const px_host *host, const uint32_t ring[4])
{
    if (ring[0] % 4 != 0 || ring[3] > ring[1] || (ring[1] > 0 && ring[2] >= ring[1]))
        return PXH_E_INVALID;
    return host_within(host, ring[0], (uint64_t)ring[1] * 16);
}

static px_reply put_events(px_host *host, const uint32_t ring[4])
{
    uint32_t count = events_there(host) < ring[3] ? events_there(host) : ring[3];
    for (uint32_t i = 0; i < count; i++) {
        px_event event;
        take_event(host, &event);
        const uint32_t words[4] = {event.kind, event.a, event.b, event.time};
        const uint32_t at = (uint32_t)(((uint64_t)ring[2] + i) % ring[1]);
        const px_reply bad = host_put_words(host, ring[0] + at * 16, words, 4);
        if (bad != 0)
            return bad;
    }
    return (px_reply)count;
}

px_reply answer_EVENTS(px_host *host, uint32_t payload, uint32_t argument)
{
    uint32_t ring[4];
    px_reply bad = payload != 0 ? PXH_E_INVALID : host_get_words(host, argument, ring, 4);
    if (bad == 0)
        bad = check_ring(host, ring);
    if (bad != 0)
        return bad;
    look(host);
    return put_events(host, ring);
}

/* When to give up, by px_seconds; 0: never. *now: at once. */
static double deadline_of(px_host *host, uint32_t payload, const uint32_t block[6])
{
    const uint64_t ns = block[4] | (uint64_t)block[5] << 32;
    if (payload > 0 && host->waits_until == 0)
        host->waits_until = px_seconds() + payload / 1000.0;
    return payload > 0 ? host->waits_until : ns > 0 ? host->began + (double)ns / 1e9 : 0;
}

px_reply answer_WAIT(px_host *host, uint32_t payload, uint32_t argument)
{
    uint32_t block[6] = {0};
    px_reply bad = payload > 0 && host->listed ? PXH_E_INVALID
                   : argument == 0             ? 0
                                               : host_get_words(host, argument, block, 6);
    if (bad == 0)
        bad = check_ring(host, block);
    if (bad != 0)
        return bad;
    const double until = deadline_of(host, payload, block);
    look(host);
    if (events_there(host) > 0)
        return block[3] > 0 ? put_events(host, block) : (px_reply)events_there(host);
    if (until != 0 && px_seconds() >= until)
        return 0;
    host->wakes = host->wakes == 0 || (until != 0 && until < host->wakes) ? until : host->wakes;
    host->wants_input = host->wants_input || host->console.keys || !host->console.told;
    host->wants_frame = host->wants_frame || !host->net_told;
    host->wants_interrupt = true;
    return PXH_WAITS;
}

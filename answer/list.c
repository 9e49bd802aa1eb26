/* list.c - SUBMIT and POLL. Entries are served in their order, each as if it had been asked for by itself; but those
 * that the machine's processor does go to it together, as long as none of them reads what another is still to write. */
#include "answer/internal.h"
#include "pxi/host.h"

enum { ENTRY = 4 /* words */, TOGETHER = PX_BARE_BATCH / 2 /* each is two requests at most */ };

/* Entries whose answers are still to come. */
typedef struct batch {
    px_privileged of[TOGETHER];
    uint32_t address[TOGETHER]; /* of the entry */
    uint32_t count;
} batch;

static bool may_be_listed(uint32_t request)
{
    const uint32_t number = request >> 24;
    return number != PXH_SUBMIT && number != PXH_POLL && number != PXH_EXIT;
}

/* One that is served; *count counts it. */
static px_reply put_answer(px_host *host, uint32_t address, px_reply reply, uint32_t *count)
{
    const uint32_t end[2] = {(uint32_t)reply, PXH_DONE};
    ++*count;
    return host_put_words(host, address + 8, end, 2);
}

/* One entry; *pending counts those that wait. */
static px_reply serve_entry(px_host *host, uint32_t address, const uint32_t entry[ENTRY], uint32_t *count,
                            uint32_t *pending)
{
    const uint32_t waits = PXH_PENDING;
    const px_reply reply = entry[3] != PXH_TO_DO && entry[3] != PXH_PENDING ? PXH_E_INVALID
                           : may_be_listed(entry[0])                        ? host_serve(host, entry[0], entry[1])
                                                                            : PXH_E_NEST;
    if (host->failed || host->abandoned)
        return PXH_E_IO;
    if (reply != PXH_WAITS)
        return put_answer(host, address, reply, count);
    ++*pending;
    return host_put_words(host, address + 12, &waits, 1);
}

/* ---- together ---- */

static bool overlap(uint64_t a, uint64_t a_bytes, uint64_t b, uint64_t b_bytes)
{
    return a < b + b_bytes && b < a + a_bytes;
}

/* Whether one that is still to be answered writes there: its answer and state, and what was read. */
static bool is_to_be_written(const batch *b, uint32_t address, uint32_t bytes)
{
    for (uint32_t i = 0; i < b->count; i++)
        if (overlap(address, bytes, (uint64_t)b->address[i] + 8, 8) ||
            overlap(address, bytes, b->of[i].at, 4 * (uint64_t)b->of[i].words))
            return true;
    return false;
}

static px_reply serve_batch(px_host *host, batch *b, uint32_t *served)
{
    px_bare_request all[PX_BARE_BATCH];
    uint32_t asks = 0;
    px_reply bad = 0;
    for (uint32_t i = 0; i < b->count; i++)
        for (uint32_t k = 0; k < b->of[i].asks; k++)
            all[asks++] = b->of[i].ask[k];
    if (!machine_ask(host, all, asks))
        return PXH_E_IO;
    asks = 0;
    for (uint32_t i = 0; i < b->count && bad == 0; i++) {
        for (uint32_t k = 0; k < b->of[i].asks; k++)
            b->of[i].ask[k] = all[asks++];
        const px_reply reply = machine_finish(host, &b->of[i]);
        bad = host->failed ? PXH_E_IO : put_answer(host, b->address[i], reply, served);
    }
    b->count = 0;
    return bad;
}

/* ---- the list ---- */

static px_reply serve_next(px_host *host, batch *b, uint32_t address, uint32_t *count, uint32_t *pending)
{
    enum { BLOCK = 16 /* bytes, of those that the machine does, at most */ };
    uint32_t entry[ENTRY];
    px_reply bad = is_to_be_written(b, address, sizeof entry) ? serve_batch(host, b, count) : 0;
    if (bad == 0)
        bad = host_get_words(host, address, entry, ENTRY);
    if (bad != 0 || entry[3] == PXH_DONE)
        return bad;
    const bool together = entry[3] <= PXH_PENDING && machine_does(host, entry[0]);
    if (!together || b->count == TOGETHER || is_to_be_written(b, entry[1], BLOCK))
        bad = serve_batch(host, b, count);
    if (bad != 0)
        return bad;
    if (!together)
        return serve_entry(host, address, entry, count, pending);
    machine_prepare(host, &b->of[b->count], entry[0], entry[1]);
    b->address[b->count++] = address;
    return host->failed ? PXH_E_IO : 0;
}

static px_reply serve_list(px_host *host, uint32_t entries, uint32_t address, uint32_t *pending)
{
    batch together;
    px_reply bad = address % 4 != 0 ? PXH_E_INVALID : host_within(host, address, (uint64_t)entries * ENTRY * 4);
    uint32_t count = 0;
    const bool nested = host->listed;
    host->listed = true;
    together.count = 0;
    for (uint32_t i = 0; bad == 0 && i < entries; i++)
        bad = serve_next(host, &together, address + i * ENTRY * 4, &count, pending);
    if (bad == 0)
        bad = serve_batch(host, &together, &count);
    host->listed = nested;
    return bad != 0 ? bad : (px_reply)count;
}

px_reply answer_SUBMIT(px_host *host, uint32_t payload, uint32_t argument)
{
    uint32_t pending = 0;
    return serve_list(host, payload, argument, &pending);
}

px_reply answer_POLL(px_host *host, uint32_t payload, uint32_t argument)
{
    uint32_t pending = 0;
    const px_reply reply = serve_list(host, payload, argument, &pending);
    return reply == 0 && pending > 0 && !host->showing && !host->goes_on ? PXH_WAITS : reply;
}

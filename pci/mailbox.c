/* mailbox.c - the accelerator's side of the mailbox: batches of requests, the machine's interrupts, sleep on both
 * sides. */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "exec/run.h"
#include "pci/internal.h"
#include "pxi/host.h"
#include "pxi/pace.h"

enum {
    LOOKS = 20000,    /* before this side sleeps: about as long as one wake-up takes */
    CPU_LOOKS = 4000, /* and the other, whose looks an emulator translates: 6 ns each */
    MOMENT_MS = 1,    /* a doorbell that was lost costs no more */
    WAKE_LINE = MICRO_LAST_VECTOR - MICRO_FIRST_VECTOR,
    LEAST_MEMORY = 1 << 20,
    DOORBELL = 12 /* ivshmem's, in BAR0 */
};

static const struct operation {
    uint32_t service;
    uint8_t op;
} operations[] = {
    {PXH_MMIO_READ, OP_MMIO_READ},   {PXH_MMIO_WRITE, OP_MMIO_WRITE}, {PXH_PORT_READ, OP_PORT_READ},
    {PXH_PORT_WRITE, OP_PORT_WRITE}, {PXH_PCI_READ, OP_PCI_READ},     {PXH_PCI_WRITE, OP_PCI_WRITE},
    {PXH_MSR_READ, OP_MSR_READ},     {PXH_MSR_WRITE, OP_MSR_WRITE},
};

/* ---- words that somebody else writes and reads meanwhile ---- */

static uint64_t *place(const px_pci *pci, size_t at) { return (void *)(pci->memory + at); }

static uint64_t get(const px_pci *pci, size_t at) { return __atomic_load_n(place(pci, at), __ATOMIC_ACQUIRE); }

static void put(px_pci *pci, size_t at, uint64_t value) { __atomic_store_n(place(pci, at), value, __ATOMIC_RELEASE); }

/* Two words of 32 bits that are written together. */
static uint64_t pair(uint64_t low, uint64_t high) { return low | high << 32; }

void mailbox_clear(px_pci *pci)
{
    memset(pci->memory, 0, AT_FREE);
    put(pci, AT_HOST_MAGIC, pair(MICRO_ACCELERATOR_MAGIC, MICRO_VERSION));
    pci->sequence = pci->generation = pci->events = 0;
}

/* ---- the machine's life ---- */

static bool the_same(px_pci *pci, px_error *error)
{
    if (get(pci, AT_GENERATION) == pci->generation)
        return true;
    pci->reset = true;
    return px_fail(error, PX_E_SYSTEM, "the machine was reset: its microkernel has started again");
}

static bool alive(px_pci *pci, px_error *error)
{
    if (!server_connected(pci))
        return px_fail(error, PX_E_SYSTEM, "the machine is gone: its emulator has ended or closed the connection");
    return the_same(pci, error);
}

/* ---- batches ---- */

static void write_entry(px_pci *pci, uint32_t i, const px_bare_request *r)
{
    uint8_t op = UINT8_MAX;
    for (size_t k = 0; k < sizeof operations / sizeof *operations; k++)
        if (operations[k].service == r->service)
            op = operations[k].op;
    const size_t at = AT_TABLE + (size_t)i * MICRO_ENTRY;
    put(pci, at, (uint64_t)op | (uint64_t)r->width << 8 * ENTRY_WIDTH);
    put(pci, at + ENTRY_ADDRESS, r->address);
    put(pci, at + ENTRY_VALUE, r->value);
}

static void wake_machine(px_pci *pci)
{
    const uint64_t one = 1;
    if (get(pci, AT_SLEEP) == 0)
        return;
    pci->counts.wakes++;
    (void)!write(pci->interrupt, &one, sizeof one);
}

static void take_doorbell(const px_pci *pci)
{
    uint64_t rung;
    (void)!read(pci->doorbell, &rung, sizeof rung);
}

/* Asks to be rung, looks once more, and sleeps until it is. false: that took more than a moment. */
static bool sleep_until_done(px_pci *pci)
{
    bool rung = true;
    struct pollfd p = {.fd = pci->wakes, .events = POLLIN};
    put(pci, AT_RING_AT, get(pci, AT_BAR0) + DOORBELL);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    if (get(pci, AT_DONE) != pci->sequence)
        rung = poll(&p, 1, MOMENT_MS) > 0;
    put(pci, AT_RING_AT, 0);
    take_doorbell(pci);
    return rung;
}

static bool wait_done(px_pci *pci, px_error *error)
{
    const double since = px_seconds();
    for (;;) {
        for (int i = 0; i < LOOKS; i++)
            if (get(pci, AT_DONE) == pci->sequence)
                return the_same(pci, error); /* a machine that starts takes what it finds as done */
        if (!alive(pci, error))
            return false;
        if (px_interrupted())
            return px_fail(error, PX_E_SYSTEM, "a signal ended the wait for the machine");
        if (px_seconds() - since > pci->timeout)
            return px_fail(error, PX_E_SYSTEM, "the machine has not answered for %u s", (unsigned)pci->timeout);
        if (!sleep_until_done(pci))
            wake_machine(pci);
    }
}

static bool serve(void *context, px_bare_request *requests, uint32_t count, px_error *error)
{
    px_pci *pci = context;
    for (uint32_t i = 0; i < count; i++)
        write_entry(pci, i, &requests[i]);
    put(pci, AT_COUNT, count);
    put(pci, AT_REQ, ++pci->sequence);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    wake_machine(pci);
    pci->counts.batches++;
    pci->counts.requests += count;
    if (!wait_done(pci, error))
        return false;
    for (uint32_t i = 0; i < count; i++) {
        const size_t at = AT_TABLE + (size_t)i * MICRO_ENTRY;
        requests[i].fault = (get(pci, at) >> 8 * ENTRY_STATUS & 0xFF) != STATUS_DONE;
        requests[i].value = get(pci, at + ENTRY_VALUE);
    }
    return true;
}

/* ---- interrupts ---- */

static bool interrupt(void *context, uint32_t *line, uint32_t *lost)
{
    px_pci *pci = context;
    const uint64_t there = get(pci, AT_EVENTS), behind = there - pci->events;
    *lost = 0;
    if (behind == 0)
        return false;
    if (behind > MICRO_ENTRIES) { /* or the count has gone back, which no machine does */
        *lost = behind - MICRO_ENTRIES > UINT16_MAX ? UINT16_MAX : (uint32_t)(behind - MICRO_ENTRIES);
        pci->events = there - MICRO_ENTRIES;
        return true;
    }
    const uint64_t vector = get(pci, AT_RING + (size_t)(pci->events++ % MICRO_ENTRIES) * 16);
    *line = (uint32_t)(vector - MICRO_FIRST_VECTOR); /* any other is no line that was given */
    pci->counts.interrupts += *line < WAKE_LINE;
    return true;
}

static bool rest(void *context, bool begins, px_error *error)
{
    px_pci *pci = context;
    if (!alive(pci, error))
        return false;
    if (!begins) {
        put(pci, AT_RING_AT, 0);
        take_doorbell(pci);
        return true;
    }
    const uint64_t one = 1;
    put(pci, AT_RING_AT, get(pci, AT_BAR0) + DOORBELL);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    if (get(pci, AT_EVENTS) != pci->events)
        (void)!write(pci->doorbell, &one, sizeof one);
    return true;
}

/* ---- meeting ---- */

static bool config(px_pci *pci, uint32_t at, uint32_t service, uint32_t width, uint32_t *value, px_error *error)
{
    px_bare_request r = {
        .service = service, .width = width, .address = (uint64_t)pci->bare.own << 8 | at, .value = *value};
    const bool ok = serve(pci, &r, 1, error);
    *value = (uint32_t)r.value;
    return ok;
}

/* The capability with the interrupts' table; false with nothing in error: the device has none. */
static bool find_msix(px_pci *pci, uint32_t *at, px_error *error)
{
    enum { CAPABILITIES = 0x34, MSIX = 0x11, MOST = 48 };
    uint32_t word = 0;
    *at = 0;
    if (!config(pci, CAPABILITIES, PXH_PCI_READ, 0, &word, error))
        return false;
    for (int i = 0; i < MOST && (word & 0xFC) != 0; i++) {
        const uint32_t here = word & 0xFC;
        if (!config(pci, here, PXH_PCI_READ, 1, &word, error))
            return false;
        if ((word & 0xFF) == MSIX) {
            *at = here;
            return true;
        }
        word >>= 8;
    }
    return px_fail(error, PX_E_INPUT, "the machine's accelerator has no MSI-X: expected ivshmem-doorbell");
}

/* The accelerator's own interrupt gets its way, which is what lets the machine sleep. */
static bool route_wake(px_pci *pci, px_error *error)
{
    enum { BAR1 = 0x14, ENABLE = 0x8000 };
    uint32_t at = 0, bar1 = 0, control = 0, table = 0;
    if (!find_msix(pci, &at, error) || !config(pci, BAR1, PXH_PCI_READ, 2, &bar1, error) ||
        !config(pci, at + 4, PXH_PCI_READ, 2, &table, error) || !config(pci, at + 2, PXH_PCI_READ, 1, &control, error))
        return false;
    const uint32_t words[4] = {(uint32_t)pci->bare.interrupt_at, 0, MICRO_LAST_VECTOR, 0};
    px_bare_request r[4];
    for (uint32_t i = 0; i < 4; i++)
        r[i] = (px_bare_request){.service = PXH_MMIO_WRITE,
                                 .width = 2,
                                 .address = (bar1 & ~15u) + (uint64_t)(table & ~7u) + 4 * (uint64_t)i,
                                 .value = words[i]};
    control |= ENABLE;
    if (!serve(pci, r, 4, error) || !config(pci, at + 2, PXH_PCI_WRITE, 1, &control, error))
        return false;
    put(pci, AT_SPIN, CPU_LOOKS);
    return true;
}

bool mailbox_meet(px_pci *pci, px_error *error)
{
    const uint64_t magic = get(pci, AT_MAGIC), generation = get(pci, AT_GENERATION);
    if ((uint32_t)magic != MICRO_CPU_MAGIC || generation == pci->generation)
        return false;
    if (magic >> 32 != MICRO_VERSION)
        return px_fail(error, PX_E_INPUT, "the machine's microkernel has version %lu of the protocol; expected %d",
                       (unsigned long)(magic >> 32), MICRO_VERSION);
    pci->generation = generation;
    pci->sequence = get(pci, AT_DONE);
    pci->reset = false;
    put(pci, AT_REQ, pci->sequence);
    put(pci, AT_SPIN, UINT64_MAX); /* until its interrupt has a way, nothing could wake it */
    put(pci, AT_RING_AT, 0);
    put(pci, AT_RING_WITH, 1u << 16); /* peer 1, its vector 0 */
    pci->events = get(pci, AT_EVENTS);
    pci->bare = (px_bare){.serve = serve,
                          .interrupt = interrupt,
                          .rest = rest,
                          .wakes = pci->wakes,
                          .lines = WAKE_LINE,
                          .interrupt_at = (uint64_t)MICRO_LAPIC_MB << 20,
                          .first_value = MICRO_FIRST_VECTOR,
                          .own = (uint32_t)get(pci, AT_BDF) & 0xFFFF,
                          .pages = pci->memory + pci->pages_from,
                          .page_count = (uint32_t)((pci->size - pci->pages_from) / PX_BARE_PAGE),
                          .pages_at = get(pci, AT_BAR2) + pci->pages_from,
                          .image = pci->memory + pci->image_from,
                          .image_at = get(pci, AT_BAR2) + pci->image_from,
                          .context = pci};
    return route_wake(pci, error);
}

/* ---- for callers ---- */

static uint64_t whole_pages(uint64_t bytes) { return (bytes + PX_BARE_PAGE - 1) / PX_BARE_PAGE * PX_BARE_PAGE; }

/* Behind the mailbox the image, and behind that a page at least. */
static bool divide(px_pci *pci, const px_pci_plan *plan, px_error *error)
{
    pci->size = plan->memory;
    pci->image_from = AT_FREE + whole_pages(plan->before);
    pci->pages_from = pci->image_from + whole_pages(plan->image);
    if (plan->memory < LEAST_MEMORY || (plan->memory & (plan->memory - 1)) != 0)
        return px_fail(error, PX_E_USAGE, "--memory takes a power of two of at least 1M bytes, as PCI has it");
    return pci->pages_from < pci->size || px_fail(error, PX_E_USAGE,
                                                  "--memory of %" PRIu64 "M does not hold the image, of %" PRIu64
                                                  "M, with pages for devices beside it",
                                                  plan->memory >> 20, (plan->image + (1 << 20) - 1) >> 20);
}

bool px_pci_open(px_pci **pci, const px_pci_plan *plan, px_error *error)
{
    px_pci *p = calloc(1, sizeof *p);
    *pci = p;
    if (p == NULL)
        return px_fail(error, PX_E_SYSTEM, "no memory for the device");
    p->listener = p->client = p->memory_fd = p->doorbell = p->interrupt = p->wakes = -1;
    p->timeout = plan->timeout;
    if (!divide(p, plan, error) || !server_listen(p, plan->listen, error))
        return false;
    mailbox_clear(p);
    return true;
}

bool px_pci_meet(px_pci *pci, px_error *error)
{
    const bool again = pci->client >= 0;
    error->code = PX_OK;
    while (!px_interrupted()) {
        if (pci->client < 0 ? again : !server_connected(pci) && !pci->looked)
            return px_fail(error, PX_E_SYSTEM, "the machine is gone before its microkernel had started");
        if (pci->client < 0 && !server_accept(pci, error))
            return false;
        if (pci->client >= 0 && mailbox_meet(pci, error))
            return true;
        if (error->code != PX_OK)
            return false;
        if (pci->client >= 0)
            (void)poll(NULL, 0, MOMENT_MS);
    }
    return false;
}

uint32_t *px_pci_image(const px_pci *pci) { return (void *)(pci->memory + pci->image_from); }

const px_bare *px_pci_bare(const px_pci *pci) { return &pci->bare; }

bool px_pci_was_reset(const px_pci *pci) { return pci->reset; }

px_pci_counts px_pci_count(const px_pci *pci)
{
    px_pci_counts counts = pci->counts;
    counts.generation = pci->generation;
    counts.born = get(pci, AT_BORN);
    counts.scan = get(pci, AT_SCAN);
    counts.found = get(pci, AT_FOUND);
    counts.machine = server_emulator_seconds(pci);
    return counts;
}

void px_pci_close(px_pci *pci)
{
    if (pci == NULL)
        return;
    server_close(pci);
    free(pci);
}

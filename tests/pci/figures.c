/* figures.c - `figures SOCKET SECONDS`: what the mailbox costs, each way of waiting for itself, with the machine that
 * comes to the socket; and what both sides take of a processor while nothing happens. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>
#include <x86intrin.h>

#include "pci/internal.h"
#include "pxi/pace.h"

enum { MOST = 20000 };
static const double patience = 2; /* seconds for a line, on a machine where both sides wait for a processor */

static double took[MOST];

static volatile uint64_t *word(const px_pci *pci, size_t at) { return (void *)(pci->memory + at); }

static void nap(long nanoseconds) { nanosleep(&(struct timespec){.tv_nsec = nanoseconds}, NULL); }

static int by_size(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void report(const char *what, int count)
{
    qsort(took, (size_t)count, sizeof *took, by_size);
    printf("| %s | %.2f | %.2f | %.2f |\n", what, took[0] * 1e6, took[count / 2] * 1e6, took[count * 99 / 100] * 1e6);
    (void)fflush(stdout);
}

/* One batch of entries that read the accelerator's own memory, or a configuration register. */
static void post(px_pci *pci, uint32_t entries, uint8_t op)
{
    for (uint32_t i = 0; i < entries; i++) {
        *word(pci, AT_TABLE + (size_t)i * MICRO_ENTRY) = op | 2u << 8 * ENTRY_WIDTH;
        *word(pci, AT_TABLE + (size_t)i * MICRO_ENTRY + ENTRY_ADDRESS) =
            op == OP_PCI_READ ? (uint64_t)pci->bare.own << 8 : pci->bare.pages_at;
    }
    *word(pci, AT_COUNT) = entries;
    __atomic_store_n(word(pci, AT_REQ), ++pci->sequence, __ATOMIC_RELEASE);
}

static bool done(const px_pci *pci) { return __atomic_load_n(word(pci, AT_DONE), __ATOMIC_ACQUIRE) == pci->sequence; }

static void wait_for_ring(px_pci *pci)
{
    struct pollfd p = {.fd = pci->doorbell, .events = POLLIN};
    uint64_t rung;
    while (!done(pci)) {
        (void)poll(&p, 1, 100);
        (void)!read(pci->doorbell, &rung, sizeof rung);
    }
}

/* A machine that sleeps looks at SPIN again. */
static void stir(const px_pci *pci)
{
    const uint64_t one = 1;
    (void)!write(pci->interrupt, &one, sizeof one);
    nap(10000000);
}

static void polled(px_pci *pci, const char *what, uint32_t entries, uint8_t op, int count)
{
    int i;
    *word(pci, AT_SPIN) = UINT64_MAX;
    stir(pci);
    const double began = px_seconds();
    for (i = 0; i < count && px_seconds() - began < patience; i++) {
        const double since = px_seconds();
        post(pci, entries, op);
        while (!done(pci))
            ;
        took[i] = px_seconds() - since;
    }
    report(what, i);
}

/* machine: it sleeps until it is interrupted; here: this side sleeps until it is rung. */
static void asleep(px_pci *pci, const char *what, bool machine, bool here, int count)
{
    const uint64_t one = 1;
    int i;
    const double began = px_seconds();
    *word(pci, AT_SPIN) = machine ? 1 : UINT64_MAX;
    stir(pci);
    for (i = 0; i < count && px_seconds() - began < patience; i++) {
        do
            nap(20000); /* and a little longer: it looks once more before it halts */
        while (machine && *word(pci, AT_SLEEP) == 0);
        *word(pci, AT_RING_AT) = here ? *word(pci, AT_BAR0) + 12 : 0;
        const double since = px_seconds();
        post(pci, 1, OP_MMIO_READ);
        __atomic_thread_fence(__ATOMIC_SEQ_CST);
        if (machine)
            (void)!write(pci->interrupt, &one, sizeof one);
        if (here)
            wait_for_ring(pci);
        while (!done(pci))
            ;
        took[i] = px_seconds() - since;
    }
    *word(pci, AT_RING_AT) = 0;
    report(what, i);
}

static double own_seconds(void)
{
    struct rusage own;
    getrusage(RUSAGE_SELF, &own);
    return (double)(own.ru_utime.tv_sec + own.ru_stime.tv_sec) +
           (double)(own.ru_utime.tv_usec + own.ru_stime.tv_usec) / 1e6;
}

static void idle(px_pci *pci, unsigned seconds)
{
    px_error error;
    *word(pci, AT_SPIN) = 1;
    nap(100000000);
    const double machine = px_pci_count(pci).machine, own = own_seconds(), since = px_seconds();
    while (px_seconds() - since < seconds) { /* as the host waits: looking every tenth of a second */
        struct pollfd p = {.fd = pci->wakes, .events = POLLIN};
        uint32_t line, lost;
        while (pci->bare.interrupt(pci, &line, &lost))
            ;
        (void)pci->bare.rest(pci, true, &error);
        (void)poll(&p, 1, 100);
        (void)pci->bare.rest(pci, false, &error);
    }
    printf("| idle: of one processor, machine and accelerator, in %% | %.2f | %.2f | |\n",
           (px_pci_count(pci).machine - machine) * 100 / seconds, (own_seconds() - own) * 100 / seconds);
}

static double ticks_a_second(void)
{
    const double since = px_seconds();
    const uint64_t before = __rdtsc();
    nap(100000000);
    return (double)(__rdtsc() - before) / (px_seconds() - since);
}

int main(int argc, char **argv)
{
    px_pci *pci = NULL;
    px_error error = {0};
    char place[256];
    (void)snprintf(place, sizeof place, "unix:%s", argc == 3 ? argv[1] : "");
    if (!px_pci_open(&pci, &(px_pci_plan){.listen = place, .memory = 1 << 28, .timeout = 10}, &error) ||
        !px_pci_meet(pci, &error)) {
        fprintf(stderr, "figures: %s\n", error.text);
        return 2;
    }
    const px_pci_counts counts = px_pci_count(pci);
    const double rate = ticks_a_second();
    printf("| us | least | median | 99 %% |\n| --- | --- | --- | --- |\n");
    printf("| scan until the accelerator is found, once | %.1f | | |\n",
           (double)(counts.found - counts.scan) / rate * 1e6);
    printf("| first instruction until it is found, once | %.1f | | |\n",
           (double)(counts.found - counts.born) / rate * 1e6);
    polled(pci, "batch of 1 memory read, both poll", 1, OP_MMIO_READ, MOST);
    polled(pci, "batch of 1 configuration read, both poll", 1, OP_PCI_READ, MOST);
    polled(pci, "batch of 16 memory reads, both poll", 16, OP_MMIO_READ, MOST);
    polled(pci, "batch of 256 memory reads, both poll", 256, OP_MMIO_READ, MOST / 4);
    asleep(pci, "batch of 1, the accelerator asleep: doorbell", false, true, MOST / 10);
    asleep(pci, "batch of 1, the machine asleep: interrupt", true, false, MOST / 20);
    asleep(pci, "batch of 1, both asleep", true, true, MOST / 20);
    idle(pci, (unsigned)atoi(argv[2]));
    px_pci_close(pci);
    return 0;
}

/* garbage.c - a program on a bare machine that asks for what cannot be, and for what can: each answer on the console.
 */
#include <stdio.h>

#include "../../pci/programs/bare.h"

static void say(const char *what, int32_t answer) { printf("%s %d\n", what, (int)answer); }

static uint32_t request(uint32_t service, uint32_t payload) { return service << 24 | payload; }

static void ask(const char *what, uint32_t service, uint32_t payload, uint32_t a, uint32_t b, uint32_t c)
{
    uint32_t block[6] = {a, b, c, 0, 0, 0};
    say(what, px_sys(request(service, payload), at(block)));
}

static void ports(void)
{
    uint32_t word = 0;
    say("port of 8 bytes", px_sys(request(PXH_PORT_READ, 3 << 16 | 0x80), at(&word)));
    say("port, no word", px_sys(request(PXH_PORT_READ, 0x80), at(&word) + 1));
    say("port, outside", px_sys(request(PXH_PORT_READ, 0x80), 0xFFFFFFF0));
    say("port, nobody's", px_sys(request(PXH_PORT_READ, 0x5A5), at(&word)));
    say("its byte", (int32_t)word);
    say("write of 8 bytes", px_sys(request(PXH_PORT_WRITE, 3 << 16 | 0x80), 0));
}

static void memory(void)
{
    ask("memory of 16 bytes", PXH_MMIO_READ, 4, 0, 0, 0);
    ask("no address", PXH_MMIO_READ, 2, 0, 0x80000000, 0);
    ask("not physical", PXH_MMIO_READ, 2, 0, 0x7FFF, 0);
    ask("write to none", PXH_MMIO_WRITE, 3, 0, 0x80000000, 0);
    say("high up", (int32_t)mmio_read(2, 0x7000000000));
    for (uint64_t far = 1; far < 200; far++) /* each a table of its own: more than there is room for */
        (void)mmio_read(2, far << 32);
    mmio_write(3, 0x200000, 0x1122334455667788);
    printf("%llx %llx %llx %llx\n", (unsigned long long)mmio_read(0, 0x200007),
           (unsigned long long)mmio_read(1, 0x200003), (unsigned long long)mmio_read(2, 0x200002),
           (unsigned long long)mmio_read(3, 0x200000));
    mmio_write(0, 0x200001, 0xAA), mmio_write(1, 0x200002, 0xBBCC), mmio_write(2, 0x200004, 0xDDEEFF00);
    printf("%llx\n", (unsigned long long)mmio_read(3, 0x200000));
}

static void registers(void)
{
    uint32_t own = 0;
    ask("absent function", PXH_PCI_READ, 31 << 3 | 7, 0, 4, 0);
    ask("3 bytes", PXH_PCI_READ, 0, 0, 3, 0);
    ask("askew", PXH_PCI_READ, 0, 2, 4, 0);
    ask("beyond", PXH_PCI_READ, 0, 0x100, 1, 0);
    ask("no such bus", PXH_PCI_READ, 0x10000, 0, 4, 0);
    ask("write to absent", PXH_PCI_WRITE, 31 << 3 | 7, 4, 2, 0);
    while (pci_read(own, 0, 4) != 0x11101AF4)
        own++;
    ask("its own", PXH_PCI_WRITE, own, 4, 2, 0);
    printf("vendor %x\n", (unsigned)pci_read(0, 0, 2));
    ask("MSR with a payload", PXH_MSR_READ, 1, 0x1B, 0, 0);
    uint32_t msr[3] = {0x1B, 0, 0};
    say("MSR", px_sys(request(PXH_MSR_READ, 0), at(msr)));
    printf("%x\n", (unsigned)(msr[1] & 0xFFFFF000));
}

static void pages(void)
{
    uint32_t where[2], in[3] = {8190, 0, 2}, out[3] = {8190, 0, 2};
    char text[4] = "ab", back[4] = "";
    in[1] = at(text), out[1] = at(back);
    say("no pages", px_sys(request(PXH_PAGES, 0), 0));
    say("too many", px_sys(request(PXH_PAGES, 0xFFFFFF), 0));
    say("two", px_sys(request(PXH_PAGES, 2), 1));
    say("one more", px_sys(request(PXH_PAGES, 1), 1));
    say("in", px_sys(request(PXH_PAGES_IN, 0), at(in)));
    say("out", px_sys(request(PXH_PAGES_OUT, 0), at(out)));
    say("address", px_sys(request(PXH_PAGES_ADDRESS, 0), at(where)));
    printf("%s %llx\n", back, (unsigned long long)mmio_read(1, (where[0] | (uint64_t)where[1] << 32) + 8190));
    in[0]++;
    say("over the end", px_sys(request(PXH_PAGES_IN, 0), at(in)));
    in[0] = 0xFFFFFFFF;
    say("far over", px_sys(request(PXH_PAGES_IN, 0), at(in)));
    say("no such", px_sys(request(PXH_PAGES_IN, 63), at(in)));
    say("no handle", px_sys(request(PXH_PAGES_OUT, 0xFFFFFF), at(in)));
    say("back", px_sys(request(PXH_PAGES_BACK, 0), 0));
    say("twice", px_sys(request(PXH_PAGES_BACK, 0), 0));
    say("again", px_sys(request(PXH_PAGES, 2), 0));
}

/* The processor's interrupt controller sends a vector to itself. */
static void interrupts(void)
{
    enum { COMMAND = 0x300, SELF = 1 << 18 };
    uint32_t way[4], events[16], ring[6] = {at(events), 4, 0, 4, 0, 0};
    say("no such number", px_sys(request(PXH_INTERRUPT, 256), at(way)));
    say("number 200", px_sys(request(PXH_INTERRUPT, 200), at(way)));
    (void)px_sys(request(PXH_EVENTS, 0), at(ring)); /* that there is no input */
    say("nothing yet", px_sys(request(PXH_EVENTS, 0), at(ring)));
    const uint64_t controller = way[0] | (uint64_t)way[1] << 32;
    mmio_write(2, controller + COMMAND, SELF | way[2]);
    mmio_write(2, controller + COMMAND, SELF | (way[2] + 1)); /* nobody's */
    say("events", px_sys(request(PXH_WAIT, 2000), at(ring)));
    printf("kind %u number %u times %u\n", (unsigned)events[0], (unsigned)events[1], (unsigned)events[2]);
    say("none left", px_sys(request(PXH_WAIT, 20), at(ring)));
}

int main(void)
{
    ports();
    memory();
    registers();
    pages();
    interrupts();
    return 7;
}

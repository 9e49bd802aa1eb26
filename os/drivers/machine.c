/* machine.c - see machine.h: the PCI bus, interrupts, and waiting. */
#include "os/drivers/machine.h"

enum { BRIDGE = 1, MULTIFUNCTION = 0x80, ID = 0, COMMAND = 4, CLASS = 8, BAR = 0x10, CAPABILITIES = 0x34 };

/* ---- finding ---- */

bool pci_find(uint32_t class, uint32_t mask, uint32_t *bdf)
{
    uint32_t limit = 1 << 8; /* the highest bus behind a bridge so far */
    for (uint32_t i = 0; i < limit; i++) {
        if ((pci_read(i, ID, 4) & 0xFFFF) == 0xFFFF) {
            i |= (i & 7) == 0 ? 7 : 0;
            continue;
        }
        const uint32_t kind = pci_read(i, 0x0E, 1), last = (kind & 0x7F) == BRIDGE ? pci_read(i, 0x1A, 1) & 0xFF : 0;
        if ((last + 1) << 8 > limit)
            limit = (last + 1) << 8;
        if (i >= *bdf && ((pci_read(i, CLASS, 4) >> 8 ^ class) & mask) == 0) {
            *bdf = i;
            return true;
        }
        i |= (i & 7) == 0 && (kind & MULTIFUNCTION) == 0 ? 7 : 0;
    }
    return false;
}

static uint64_t memory_bar(uint32_t bdf, uint32_t bar)
{
    const uint32_t low = pci_read(bdf, BAR + 4 * bar, 4);
    const uint32_t high = (low & 6) == 4 ? pci_read(bdf, BAR + 4 * bar + 4, 4) : 0;
    return (low & 1) != 0 ? 0 : (low & ~15u) | (uint64_t)high << 32;
}

uint64_t pci_memory(uint32_t bdf, uint32_t bar)
{
    enum { MEMORY = 2, MASTER = 4 };
    const uint64_t where = memory_bar(bdf, bar);
    if (where != 0)
        (void)pci_write(bdf, COMMAND, 2, pci_read(bdf, COMMAND, 2) | MEMORY | MASTER);
    return where;
}

/* ---- interrupts ---- */

/* What a device writes where. */
static bool bind(uint32_t number, uint32_t words[4])
{
    return px_sys(PXH_REQUEST(PXH_INTERRUPT, number), at(words)) == 0;
}

/* 0: there is none. A garbled list ends after as many as there can be. */
static uint32_t capability(uint32_t bdf, uint32_t which)
{
    uint32_t here = pci_read(bdf, CAPABILITIES, 1) & 0xFC;
    for (int i = 0; i < 48 && here != 0; i++) {
        const uint32_t word = pci_read(bdf, here, 2);
        if ((word & 0xFF) == which)
            return here;
        here = word >> 8 & 0xFC;
    }
    return 0;
}

bool pci_interrupt(uint32_t bdf, uint32_t vector, uint32_t number)
{
    enum { MSIX = 0x11, ENABLE = 0x8000, SIZE = 0x7FF };
    const uint32_t here = capability(bdf, MSIX);
    uint32_t words[4];
    if (here == 0)
        return false;
    const uint32_t control = pci_read(bdf, here + 2, 2), table = pci_read(bdf, here + 4, 4);
    const uint64_t where = memory_bar(bdf, table & 7) + (table & ~7u) + 16 * (uint64_t)vector;
    if (vector > (control & SIZE) || !bind(number, words))
        return false;
    for (uint32_t i = 0; i < 4; i++)
        mmio_write(2, where + 4 * i, words[i]);
    return pci_write(bdf, here + 2, 2, (control & ~0x4000u) | ENABLE) == 0;
}

bool irq_interrupt(uint32_t irq, uint32_t number)
{
    enum { IO_APIC = 0xFEC00, ENTRIES = 0x10 };
    const uint64_t select = (uint64_t)IO_APIC << 12, window = select + 0x10;
    uint32_t words[4];
    if (!bind(number, words))
        return false;
    mmio_write(2, select, ENTRIES + 2 * irq + 1);
    mmio_write(2, window, (words[0] >> 12 & 0xFF) << 24); /* the processor that the address means */
    mmio_write(2, select, ENTRIES + 2 * irq);
    mmio_write(2, window, words[2] & 0xFF);
    return true;
}

/* ---- waiting ---- */

static bool told;

/* Events are taken and dropped: who wants to know what has come looks for it. */
static void take_events(uint32_t service, uint32_t milliseconds)
{
    enum { ROOM = 4 };
    uint32_t ring[4 * ROOM];
    const pxh_wait block = {at(ring), ROOM, 0, ROOM, 0, 0};
    told |= px_sys(PXH_REQUEST(service, milliseconds), at(&block)) > 0;
}

void host_rest(uint32_t milliseconds) { take_events(PXH_WAIT, milliseconds); }

bool host_told(void)
{
    take_events(PXH_EVENTS, 0);
    const bool was = told;
    told = false;
    return was;
}

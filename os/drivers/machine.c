/* machine.c - see machine.h: the PCI bus, interrupts, and waiting. */
#include "os/drivers/machine.h"

enum { BRIDGE = 1, MULTIFUNCTION = 0x80, ID = 0, COMMAND = 4, CLASS = 8, BAR = 0x10, CAPABILITIES = 0x34 };

/* ---- finding ---- */

enum { FUNCTIONS = 128, SOME = 32 /* that are asked together */, WORDS = 4 /* of what is asked of each */ };

static struct function {
    uint32_t bdf, id, class;
} functions[FUNCTIONS]; /* of the machine, those beyond as many are not found */
static uint32_t found;
static bool scanned;

void pci_begin(void) { scanned = false; }

/* Of functions that are `step` apart: vendor and device, class, header type, and what a bridge's buses are. */
static void ask_functions(uint32_t first, uint32_t step, uint32_t count, uint32_t (*words)[WORDS])
{
    static const uint8_t registers[WORDS] = {ID, CLASS, 0x0C, 0x18};
    static host_entry list[SOME * WORDS];
    static uint32_t blocks[SOME * WORDS][3];
    for (uint32_t i = 0; i < count * WORDS; i++) {
        blocks[i][0] = registers[i % WORDS];
        blocks[i][1] = 4;
        blocks[i][2] = UINT32_MAX;
        list[i] = host_entry_of(PXH_PCI_READ, first + i / WORDS * step, at(blocks[i]));
    }
    host_submit(list, count * WORDS);
    for (uint32_t i = 0; i < count * WORDS; i++)
        words[i / WORDS][i % WORDS] = blocks[i][2];
}

/* Whether there is such a function; the highest bus behind it, if it is a bridge, makes the walk longer. */
static bool keep(uint32_t bdf, const uint32_t words[WORDS], uint32_t *buses)
{
    const uint32_t kind = words[2] >> 16 & 0x7F, last = kind == BRIDGE ? words[3] >> 16 & 0xFF : 0;
    if ((words[0] & 0xFFFF) == 0xFFFF)
        return false;
    *buses = last + 1 > *buses ? last + 1 : *buses;
    if (found < FUNCTIONS)
        functions[found++] = (struct function){bdf, words[0], words[1] >> 8};
    return true;
}

static void scan(void)
{
    enum { DEVICES = 32, STEP = 8 };
    static uint32_t words[SOME][WORDS], more[STEP - 1][WORDS];
    uint32_t buses = 1;
    found = 0;
    for (uint32_t bus = 0; bus < buses; bus++) {
        ask_functions(bus << 8, STEP, DEVICES, words);
        for (uint32_t i = 0; i < DEVICES; i++) {
            const uint32_t bdf = bus << 8 | i * STEP;
            if (!keep(bdf, words[i], &buses) || (words[i][2] >> 16 & MULTIFUNCTION) == 0)
                continue;
            ask_functions(bdf + 1, 1, STEP - 1, more);
            for (uint32_t k = 0; k < STEP - 1; k++)
                (void)keep(bdf + 1 + k, more[k], &buses);
        }
    }
    scanned = true;
}

static bool find(uint32_t *bdf, bool by_class, uint32_t what, uint32_t mask)
{
    if (!scanned)
        scan();
    for (uint32_t i = 0; i < found; i++)
        if (functions[i].bdf >= *bdf && (((by_class ? functions[i].class : functions[i].id) ^ what) & mask) == 0) {
            *bdf = functions[i].bdf;
            return true;
        }
    return false;
}

bool pci_find(uint32_t class, uint32_t mask, uint32_t *bdf) { return find(bdf, true, class, mask); }

bool pci_find_id(uint32_t id, uint32_t *bdf) { return find(bdf, false, id, UINT32_MAX); }

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

uint32_t pci_capability(uint32_t bdf, uint32_t which, uint32_t behind)
{
    uint32_t here = pci_read(bdf, behind == 0 ? CAPABILITIES : behind + 1, 1) & 0xFC;
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
    const uint32_t here = pci_capability(bdf, MSIX, 0);
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
static uint32_t quiet; /* a bit for each number below 32 */

void host_quiet(uint32_t number) { quiet |= number < 32 ? UINT32_C(1) << number : 0; }

static bool tells(const uint32_t event[4])
{
    return event[0] != PXH_EVENT_INTERRUPT || event[1] >= 32 || (quiet >> event[1] & 1) == 0;
}

/* Events are taken and dropped: who wants to know what has come looks for it. */
static void take_events(uint32_t service, uint32_t milliseconds)
{
    enum { ROOM = 4 };
    uint32_t ring[4 * ROOM];
    const pxh_wait block = {at(ring), ROOM, 0, ROOM, 0, 0};
    const int32_t count = px_sys(PXH_REQUEST(service, milliseconds), at(&block));
    for (int32_t i = 0; i < count && i < ROOM; i++)
        told |= tells(&ring[4 * i]);
}

void host_rest(uint32_t milliseconds) { take_events(PXH_WAIT, milliseconds); }

bool host_told(void)
{
    take_events(PXH_EVENTS, 0);
    const bool was = told;
    told = false;
    return was;
}

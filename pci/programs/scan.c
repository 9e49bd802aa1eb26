/* scan.c - what is on the PCI bus, a line a function, on COM1: place, vendor and device, class, and where its memory
 * and ports are. */
#include "bare.h"

enum { BUSES = 256, BRIDGE = 1 };

static void show_bars(uint32_t bdf, uint32_t bars)
{
    for (uint32_t i = 0; i < bars; i++) {
        const uint32_t low = pci_read(bdf, 0x10 + 4 * i, 4);
        uint64_t place = low & ((low & 1) != 0 ? ~3u : ~15u);
        if (low == 0)
            continue;
        com1_text((low & 1) != 0 ? " io" : " mem");
        com1_hex(i, 1);
        com1_put('=');
        if ((low & 7) == 4)
            place |= (uint64_t)pci_read(bdf, 0x10 + 4 * ++i, 4) << 32;
        com1_hex(place, 16);
    }
}

static void show(uint32_t bdf, uint32_t id, uint32_t kind)
{
    com1_hex(bdf >> 8, 2);
    com1_put(':');
    com1_hex(bdf >> 3 & 31, 2);
    com1_put('.');
    com1_hex(bdf & 7, 1);
    com1_put(' ');
    com1_hex(id & 0xFFFF, 4);
    com1_put(':');
    com1_hex(id >> 16, 4);
    com1_put(' ');
    com1_hex(pci_read(bdf, 0x0A, 2), 4);
    show_bars(bdf, kind == BRIDGE ? 2 : 6);
    com1_text("\n");
}

int main(void)
{
    uint32_t limit = 1 << 8; /* the highest bus behind a bridge so far */
    com1_open();
    for (uint32_t bdf = 0; bdf < limit; bdf++) {
        const uint32_t id = pci_read(bdf, 0, 4);
        if ((id & 0xFFFF) != 0xFFFF) {
            const uint32_t kind = pci_read(bdf, 0x0E, 1);
            const uint32_t last = (kind & 0x7F) == BRIDGE ? pci_read(bdf, 0x1A, 1) : 0;
            if (last < BUSES && (last + 1) << 8 > limit)
                limit = (last + 1) << 8;
            show(bdf, id, kind & 0x7F);
            if ((bdf & 7) != 0 || (kind & 0x80) != 0)
                continue;
        } else if ((bdf & 7) != 0)
            continue;
        bdf |= 7;
    }
    com1_text("end\n");
    return 0;
}

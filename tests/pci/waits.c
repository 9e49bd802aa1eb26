/* waits.c - a program on a bare machine that counts on COM1, and waits between. */
#include "../../pci/programs/bare.h"

int main(void)
{
    uint32_t events[16], ring[4] = {at(events), 4, 0, 4};
    com1_open();
    (void)px_sys((uint32_t)PXH_EVENTS << 24, at(ring)); /* that there is no input */
    for (int i = 1;; i++) {
        com1_hex((uint64_t)i, 4);
        com1_put('\n');
        (void)px_sys((uint32_t)PXH_WAIT << 24 | 50, 0);
    }
}

/* waits.c - a program on a bare machine that counts on COM1, and waits between. */
#include "../../pci/programs/bare.h"

int main(void)
{
    com1_open();
    for (int i = 1;; i++) {
        com1_hex((uint64_t)i, 4);
        com1_put('\n');
        (void)px_sys((uint32_t)PXH_WAIT << 24 | 50, 0);
    }
}

/* beyond.c - an NVMe disk is asked for sectors that it does not have, by a driver that was told another size; what it
 * then says of them, and that it can still be read. */
#include <stdio.h>

#include "os/drivers/nvme.h"

int main(void)
{
    enum { NVME_CLASS = 0x010802 };
    static uint8_t data[NVME_SECTOR * 3] __attribute__((aligned(4)));
    static nvme disk;
    uint32_t bdf = 0;
    if (!pci_find(NVME_CLASS, 0xFFFFFF, &bdf) || !nvme_begin(&disk, bdf, 1))
        return puts("there is no disk"), 1;
    const uint32_t end = (uint32_t)disk.sectors;
    const nvme_piece last = {end - 1, 0, 1, at(data)}, over = {end - 1, 0, 2, at(data)}, far = {0, 1, 1, at(data)};
    printf("own %d", (int)nvme_move(&disk, NVME_READ, &over, 1));
    disk.sectors = UINT64_MAX;
    printf(" over %d far %d", (int)nvme_move(&disk, NVME_READ, &over, 1), (int)nvme_move(&disk, NVME_WRITE, &far, 1));
    printf(" last %d %c\n", (int)nvme_move(&disk, NVME_READ, &last, 1), data[NVME_SECTOR - 1]);
    return 0;
}

/* disk.c - what reading an NVMe disk through a picture costs: 16 MB in one piece, and 256 reads of a sector, one at a
 * time and many. A line each, microseconds. */
#include <stdio.h>
#include <stdlib.h>

#include "os/drivers/nvme.h"

enum { TIMES = 5, MEGABYTES = 16, SMALL = 256, SECTORS = 2048, NVME_CLASS = 0x010802 };

static uint8_t data[SECTORS * NVME_SECTOR] __attribute__((aligned(4)));
static nvme_piece whole[MEGABYTES], small[SMALL];

static uint32_t read_all(nvme *disk, const nvme_piece *pieces, uint32_t count, uint32_t at_once)
{
    const uint64_t before = host_clock(0);
    for (uint32_t i = 0; i < count; i += at_once)
        if (nvme_move(disk, NVME_READ, pieces + i, at_once) < 0) {
            puts("it cannot be read");
            exit(1);
        }
    return (uint32_t)((host_clock(0) - before) / 1000);
}

int main(void)
{
    static nvme disk;
    uint32_t bdf = 0, chance = 1;
    if (!pci_find(NVME_CLASS, 0xFFFFFF, &bdf) || !nvme_begin(&disk, bdf, 1) || disk.sectors < MEGABYTES * SECTORS)
        return puts("there is no disk of 16 MB"), 1;
    for (uint32_t i = 0; i < MEGABYTES; i++)
        whole[i] = (nvme_piece){i * SECTORS, 0, SECTORS, at(data)};
    for (uint32_t i = 0; i < SMALL; i++) {
        chance = chance * 1664525 + 1013904223;
        small[i] = (nvme_piece){(chance >> 8) % (MEGABYTES * SECTORS), 0, 1, at(data) + i * NVME_SECTOR};
    }
    for (int i = 0; i < TIMES; i++) {
        printf("whole %u\n", (unsigned)read_all(&disk, whole, MEGABYTES, MEGABYTES));
        printf("one %u\n", (unsigned)read_all(&disk, small, SMALL, 1));
        printf("many %u\n", (unsigned)read_all(&disk, small, SMALL, SMALL));
    }
    return 0;
}

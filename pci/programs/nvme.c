/* nvme.c - an NVMe disk read by a picture, several commands under way at a time, and written to the console: all of the
 * disk or its first megabyte. */
#include <stdio.h>
#include <unistd.h>

#include "os/drivers/nvme.h"

enum { ROOM = NVME_DEPTH * NVME_PIECE / NVME_SECTOR, MOST = 2048, NVME_CLASS = 0x010802, INTERRUPT = 1 };

int main(void)
{
    static uint8_t data[ROOM * NVME_SECTOR] __attribute__((aligned(4)));
    static nvme disk;
    uint32_t bdf = 0;
    if (!pci_find(NVME_CLASS, 0xFFFFFF, &bdf))
        return puts("nvme: there is no disk"), 1;
    if (!nvme_begin(&disk, bdf, INTERRUPT))
        return puts("nvme: the disk does not start, or has no sectors of 512 bytes"), 1;
    const uint32_t all = disk.sectors < MOST ? (uint32_t)disk.sectors : MOST;
    for (uint32_t done = 0, now; done < all; done += now) {
        now = all - done < ROOM ? all - done : ROOM;
        const nvme_piece piece = {done, 0, now, at(data)};
        const int32_t answer = nvme_move(&disk, NVME_READ, &piece, 1);
        if (answer < 0)
            return printf("nvme: sectors from %u on cannot be read: %d\n", (unsigned)done, (int)answer), 1;
        (void)write(1, data, now * NVME_SECTOR);
    }
    return 0;
}

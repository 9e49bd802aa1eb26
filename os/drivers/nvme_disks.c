/* nvme_disks.c - NVMe disks as the kernel's, in the order in which the PCI bus has them. */
#include "os/drivers/driver.h"
#include "os/drivers/nvme.h"

enum { DISKS = 4, NVME_CLASS = 0x010802, ALL = 0xFFFFFF };

typedef struct nvme_disk {
    fs_device device; /* first */
    nvme on;
} nvme_disk;

static nvme_disk disks[DISKS];
static uint32_t found;

static int32_t move(fs_device *d, enum nvme_operation operation, uint64_t sector, uint32_t count, uint32_t address)
{
    const nvme_piece piece = {(uint32_t)sector, (uint32_t)(sector >> 32), count, address};
    return nvme_move(&((nvme_disk *)(void *)d)->on, operation, &piece, 1);
}

static int32_t read_sectors(fs_device *d, uint64_t sector, uint32_t count, void *to)
{
    return move(d, NVME_READ, sector, count, at(to));
}

static int32_t write_sectors(fs_device *d, uint64_t sector, uint32_t count, const void *from)
{
    return move(d, NVME_WRITE, sector, count, at(from));
}

_Static_assert(sizeof(fs_piece) == sizeof(nvme_piece), "pieces are alike");

static int32_t write_all(fs_device *d, const fs_piece *pieces, uint32_t count)
{
    return nvme_move(&((nvme_disk *)(void *)d)->on, NVME_WRITE, (const nvme_piece *)(const void *)pieces, count);
}

static int32_t flush(fs_device *d) { return move(d, NVME_FLUSH, 0, 0, 0); }

static bool begin(void)
{
    found = 0;
    for (uint32_t bdf = 0; found < DISKS && pci_find(NVME_CLASS, ALL, &bdf); bdf++) {
        nvme_disk *d = &disks[found];
        if (!nvme_begin(&d->on, bdf, NVME_INTERRUPT))
            continue;
        d->device = (fs_device){read_sectors, write_sectors, flush, d->on.sectors, false, NULL, write_all};
        found++;
    }
    return found > 0;
}

static fs_device *disk(uint32_t number) { return number < found ? &disks[number].device : NULL; }

const driver driver_nvme_disks = {.begin = begin, .disk = disk};

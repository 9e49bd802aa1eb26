/* block.c - what file systems lie on: the picture's own rows, and disks of the machine or the host, behind the cache.
 */
#include "os/drivers/driver.h"
#include "os/fs/cache.h"
#include "os/fs/vfs.h"
#include "os/kernel/kernel.h"

enum { SECTOR_PIXELS = FS_SECTOR / 4 };

typedef struct disk {
    fs_device device; /* first */
    uint32_t number;
    fs_device *cached; /* NULL: it is not mounted */
} disk;

static disk disks[OS_DISKS > 0 ? OS_DISKS : 1];
static fs_device root;

/* ---- the picture's rows ---- */

static px_pixel *row_at(uint64_t sector) { return px_image(map->root >> 2) + (uint32_t)sector * SECTOR_PIXELS; }

static int32_t read_rows(fs_device *d, uint64_t sector, uint32_t count, void *to)
{
    (void)d;
    copy_words(to, row_at(sector), count * SECTOR_PIXELS);
    return 0;
}

static int32_t write_rows(fs_device *d, uint64_t sector, uint32_t count, const void *from)
{
    (void)d;
    copy_words(row_at(sector), from, count * SECTOR_PIXELS);
    return 0;
}

static int32_t flush_rows(fs_device *d) { return (void)d, 0; }

int32_t mount_root(void)
{
    root = (fs_device){
        read_rows, write_rows, flush_rows, map->root_rows * OS_WIDTH / SECTOR_PIXELS, false, px_image(map->root >> 2),
        NULL};
    return vfs_mount(&root, "/", false, NULL);
}

/* ---- disks: the machine's where it has one of this number, or the host's; a system may go on where that is another
 * ---- */

static fs_device *machine_of(const fs_device *d) { return drivers_disk(((const disk *)(const void *)d)->number); }

/* One piece of sectors; all of it, or an error. */
static int32_t move(uint32_t service, fs_device *d, uint64_t sector, uint32_t count, uint32_t address)
{
    const uint32_t piece[] = {(uint32_t)sector, (uint32_t)(sector >> 32), count, address};
    const int32_t answer = px_sys(PXH_REQUEST(service, ((disk *)(void *)d)->number | 1 << 8), PXO_ADDRESS(piece));
    return answer == 1 ? 0 : answer < 0 ? answer : PXH_E_IO;
}

static int32_t read_disk(fs_device *d, uint64_t sector, uint32_t count, void *to)
{
    fs_device *machine = machine_of(d);
    return machine != NULL ? machine->read(machine, sector, count, to)
                           : move(PXH_DISK_READ, d, sector, count, PXO_ADDRESS(to));
}

static int32_t write_disk(fs_device *d, uint64_t sector, uint32_t count, const void *from)
{
    fs_device *machine = machine_of(d);
    return machine != NULL ? machine->write(machine, sector, count, from)
                           : move(PXH_DISK_WRITE, d, sector, count, PXO_ADDRESS(from));
}

_Static_assert(sizeof(fs_piece) == 16, "pieces are as DISK_WRITE has them");

static int32_t write_all_disk(fs_device *d, const fs_piece *pieces, uint32_t count)
{
    fs_device *machine = machine_of(d);
    if (machine != NULL)
        return machine->write_all(machine, pieces, count);
    const int32_t answer =
        px_sys(PXH_REQUEST(PXH_DISK_WRITE, ((disk *)(void *)d)->number | count << 8), PXO_ADDRESS(pieces));
    return answer == (int32_t)count ? 0 : answer < 0 ? answer : PXH_E_IO;
}

static int32_t flush_disk(fs_device *d)
{
    fs_device *machine = machine_of(d);
    const int32_t answer =
        machine != NULL ? machine->flush(machine) : px_sys(PXH_REQUEST(PXH_DISK_FLUSH, ((disk *)(void *)d)->number), 0);
    return answer < 0 ? answer : 0;
}

/* 0: *d is the disk of this number. */
static int32_t open_disk(uint32_t number, fs_device *d)
{
    uint32_t size[3];
    const fs_device *machine = drivers_disk(number);
    if (machine != NULL) {
        *d = (fs_device){read_disk, write_disk, flush_disk, machine->sectors, machine->readonly, NULL, write_all_disk};
        return 0;
    }
    const int32_t answer = px_sys(PXH_REQUEST(PXH_DISK_SIZE, number), PXO_ADDRESS(size));
    if (answer >= 0)
        *d = (fs_device){read_disk,    write_disk, flush_disk,    (uint64_t)size[1] << 32 | size[0],
                         size[2] != 0, NULL,       write_all_disk};
    return answer;
}

int32_t mount_disk(uint32_t number, const char *at, bool readonly)
{
    const fs_type *type;
    disk *k = number < OS_DISKS ? &disks[number] : NULL;
    if (k == NULL)
        return PXH_E_LIMIT;
    if (k->cached != NULL)
        return PXH_E_EXISTS;
    int32_t answer = open_disk(number, &k->device);
    if (answer < 0)
        return answer;
    k->number = number;
    k->cached = cache_over(&k->device);
    if (k->cached == NULL)
        return PXH_E_LIMIT;
    answer = vfs_mount(k->cached, at, readonly, &type);
    if (answer == 0 && !type->barriers)
        cache_in_order(k->cached);
    if (answer < 0) {
        cache_leave(k->cached);
        k->cached = NULL;
    }
    return answer;
}

int32_t unmount_disk(const char *at)
{
    fs_device *device = NULL;
    const int32_t answer = vfs_unmount(at, &device);
    for (unsigned i = 0; device != NULL && i < OS_DISKS; i++)
        if (disks[i].cached == device) {
            const int32_t left = cache_leave(device);
            disks[i].cached = NULL;
            return answer < 0 ? answer : left;
        }
    return answer;
}

/* ---- the system's own picture ---- */

static uint32_t picture_sectors(void) { return ((map->slots >> 2) + slot_pixels) / SECTOR_PIXELS; }

int32_t can_save(uint32_t number)
{
    if (number < OS_DISKS && disks[number].cached != NULL)
        return PXH_E_EXISTS;
    disk *k = &disks[number < OS_DISKS ? number : 0];
    const int32_t answer = number < OS_DISKS ? open_disk(number, &k->device) : PXH_E_ABSENT;
    if (answer < 0)
        return answer;
    k->number = number;
    return k->device.readonly ? PXH_E_READONLY : k->device.sectors < picture_sectors() ? PXH_E_FULL : 0;
}

/* Piece after piece, the first one last: in it is the stack, which is on a host's disk as it is behind all writing. A
 * machine's drivers change while they write; who goes on begins them anew. */
int32_t save_picture(uint32_t number)
{
    enum { PIECE = 128 };
    fs_device *d = &disks[number].device;
    uint32_t left = picture_sectors();
    int32_t answer = 0;
    if (OS_DISKS == 0)
        return PXH_E_ABSENT;
    console_meets_anew(true);
    while (left > 0 && answer >= 0) {
        const uint32_t count = left < PIECE ? left : PIECE;
        left -= count;
        answer = d->write(d, left, count, px_image(left * FS_SECTOR / 4));
    }
    console_meets_anew(false);
    return answer < 0 ? answer : d->flush(d);
}

/* Those that the host has, at /disk0 and so on. */
void mount_disks(void)
{
    char at[] = "/disk0";
    for (uint32_t number = 0; number < OS_DISKS; number++, at[sizeof at - 2]++) {
        const int32_t answer = mount_disk(number, at, false);
        if (answer == PXH_E_DENIED || answer == PXH_E_ABSENT || answer == PXH_E_NOSYS)
            return;
        if (answer < 0) {
            console_text("pxos: ");
            console_text(at);
            console_text(answer == PXH_E_KIND      ? ": no file system that pxOS has"
                         : answer == PXH_E_INVALID ? ": its file system has what pxOS does not read: "
                                                   : ": its file system is damaged");
            console_text(answer == PXH_E_INVALID ? vfs_refusal() : "");
            console_text("\n");
        }
    }
}

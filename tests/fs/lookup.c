/* lookup.c - looks names up in a folder of ALL of them, on pixels: in a FAT32 disk that is part of the picture, IMAGE,
 * of SECTORS sectors. Its answer is 0 if each of the first NAMES is there and is the one that is meant. */
#include <string.h>

#include "os/fs/fs.h"

__asm__(".section .rodata\n.balign 4\ndisk_bytes:\n.incbin \"" IMAGE "\"\n.text\n");
extern const uint8_t disk_bytes[];

static int32_t disk_read(fs_device *d, uint64_t sector, uint32_t count, void *to)
{
    (void)d;
    memcpy(to, disk_bytes + sector * FS_SECTOR, count * FS_SECTOR);
    return 0;
}

int main(void)
{
    static fs_device device = {.read = disk_read, .sectors = SECTORS, .readonly = true};
    static uint64_t own[FS_OWN_MOST / 8];
    static fs f = {.type = &fat_type, .device = &device, .own = own};
    static uint8_t name[] = "ENTRY 0000.te";
    fs_node root, n;
    if (fat_type.mount(&f, &root) < 0)
        return 1;
    for (uint32_t i = 0; i < NAMES; i++) {
        for (uint32_t k = 0, left = i * 1237 % ALL; k < 4; k++, left /= 10)
            name[9 - k] = (uint8_t)('0' + left % 10);
        if (fat_type.find(&f, &root, name, sizeof name - 1, &n) < 0 || n.size != (i * 1237 % ALL % 8 == 0))
            return 2;
    }
    name[6] = '9';
    return fat_type.find(&f, &root, name, sizeof name - 1, &n) == FS_E_ABSENT ? 0 : 3;
}

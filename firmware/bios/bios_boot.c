/* bios_boot.c - INT 19h: the first sector of the floppy or the disk, at 0000:7C00, with DL = its drive; vectors and
 * memory stay as they are. Without a boot sector INT 18h, by its vector: it ends the guest unless a program has it. */
#include "firmware/bios/services.h"

#include "firmware/machine/log.h"
#include "firmware/vcpu/guest.h"

#define BOOT_SECTOR UINT64_C(0x7C00)
#define RFLAGS_IF   0x200u

static bool bootable(const bios_disk *disk)
{
    return disk->bytes != NULL && disk->size >= 512 && disk->bytes[510] == 0x55 && disk->bytes[511] == 0xAA;
}

/* The stub's IRET goes to the boot sector: its stacked CS:IP and flags are overwritten. */
static bios_answer start(const bios_disk *disk, uint8_t drive)
{
    bios_write(BOOT_SECTOR, disk->bytes, 512);
    bios_put_word(bios_stack(0), (uint16_t)BOOT_SECTOR);
    bios_put_word(bios_stack(2), 0);
    bios_put_word(bios_stack(4), RFLAGS_IF | 2);
    guest.rax = 0xAA55;
    guest.rbx = guest.rcx = guest.rsi = guest.rdi = guest.rbp = 0;
    guest.rdx = drive;
    vcpu_load_real(SEGMENT_ES, 0);
    vcpu_load_real(SEGMENT_DS, 0);
    const disk_geometry g = bios_geometry(drive);
    hv_log("bios: booting drive %02x, %u cylinders, %u heads, %u sectors a track", drive, g.cylinders, g.heads,
           g.sectors);
    return BIOS_DONE;
}

bios_answer bios_boot(void)
{
    if (bootable(&bios.floppy))
        return start(&bios.floppy, 0x00);
    if (bootable(&bios.disk))
        return start(&bios.disk, 0x80);
    return BIOS_HOOK;
}

bios_answer bios_no_boot(void)
{
    bios_print("pxHV: no disk to boot from.\n");
    guest_end("no disk to boot from", false);
}

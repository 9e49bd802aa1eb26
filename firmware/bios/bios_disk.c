/* bios_disk.c - INT 13h over RAM disks: drive 00h a floppy, drive 80h a hard disk. What a guest writes is there until
 * pxHV stops. */
#include "firmware/bios/services.h"

#include <stddef.h>

#include "firmware/pc/pc.h"
#include "firmware/vcpu/guest_memory.h"

#define SECTOR 512u

/* In the extended data area. */
#define DISK_TABLE 0x3Du

enum { OK = 0x00, BAD_COMMAND = 0x01, NOT_FOUND = 0x04, OUT_OF_RANGE = 0x09, NO_DRIVE = 0x80 };

static const bios_disk *disk_of(uint8_t drive)
{
    const bios_disk *const disk = drive == 0x00 ? &bios.floppy : drive == 0x80 ? &bios.disk : NULL;
    return disk != NULL && disk->bytes != NULL ? disk : NULL;
}

disk_geometry bios_geometry(uint8_t drive)
{
    const bios_disk *const disk = disk_of(drive);
    disk_geometry g;
    return drive == 0x00 && geometry_of_floppy(disk->bytes, disk->size, &g) ? g
                                                                            : geometry_of_disk(disk->bytes, disk->size);
}

static uint64_t sectors_of(const bios_disk *disk) { return disk->size / SECTOR; }

/* The hard disk as an AT describes it: 16 bytes in the extended data area, vector 41h to them, and in the CMOS memory a
 * type of its own with its geometry. */
static void describe_disk(void)
{
    const disk_geometry g = bios_geometry(0x80);
    const uint8_t many = g.heads > 8 ? 0x08 : 0x00;
    const uint8_t table[16] = {(uint8_t)g.cylinders,
                               (uint8_t)(g.cylinders >> 8),
                               (uint8_t)g.heads,
                               [5] = 0xFF, /* no write precompensation */
                               [6] = 0xFF,
                               [8] = many,
                               [12] = (uint8_t)g.cylinders, /* where the heads are parked */
                               [13] = (uint8_t)(g.cylinders >> 8),
                               [14] = (uint8_t)g.sectors};
    bios_write(EXTENDED_AREA * 16 + DISK_TABLE, table, sizeof table);
    bios_put_word(0x41 * 4, DISK_TABLE);
    bios_put_word(0x41 * 4 + 2, EXTENDED_AREA);
    const uint8_t cmos[] = {table[0], table[1], table[2], 0xFF, 0xFF, many, table[0], table[1], table[14]};
    for (uint8_t i = 0; i < sizeof cmos; i++)
        pc_cmos_put((uint8_t)(0x1B + i), cmos[i]);
}

/* What there is goes to the data area and, as on every AT, to the CMOS memory. The diskette table in the ROM tells of
 * the floppy that is in. */
void bios_disk_init(void)
{
    uint16_t equipment = 0x0020 | 1 << 9 | 0x0002; /* 80x25 colour, one serial port, a coprocessor */
    if (bios.floppy.bytes != NULL) {
        const uint8_t sectors = (uint8_t)bios_geometry(0x00).sectors;
        equipment |= 1;
        guest_write_rom(BIOS_DISKETTE + 4, &sectors, 1);
    }
    bios_put_word(BDA(0x10), equipment);
    bios_put_byte(BDA(0x75), bios.disk.bytes != NULL);
    pc_cmos_put(0x10, (uint8_t)(bios.floppy.bytes != NULL ? bios_geometry(0x00).drive << 4 : 0));
    pc_cmos_put(0x12, bios.disk.bytes != NULL ? 0xF0 : 0);
    pc_cmos_put(0x19, bios.disk.bytes != NULL ? 47 : 0); /* a type of its own geometry */
    if (bios.disk.bytes != NULL)
        describe_disk();
    pc_cmos_put(0x14, (uint8_t)equipment);
}

/* AH = status, CF = status is not 0; the data area keeps it for function 01h. */
static bios_answer finish(uint8_t status)
{
    bios_put_byte((low(guest.rdx) & 0x80) != 0 ? BDA(0x74) : BDA(0x41), status);
    set_high(&guest.rax, status);
    bios_carry(status != OK);
    return BIOS_DONE;
}

typedef enum transfer { READ, WRITE, VERIFY, SEEK } transfer;

/* count sectors between the disk and guest memory; bios_read and bios_write take care of what is no memory. */
static uint8_t move_sectors(transfer how, const bios_disk *disk, uint64_t sector, unsigned count, uint64_t linear)
{
    if (sector > sectors_of(disk) || count > sectors_of(disk) - sector)
        return NOT_FOUND;
    uint8_t *const at = disk->bytes + sector * SECTOR;
    if (how == READ)
        bios_write(linear, at, (uint64_t)count * SECTOR);
    else if (how == WRITE)
        bios_read(at, linear, (uint64_t)count * SECTOR);
    return OK;
}

static bios_answer no_sectors(uint8_t status)
{
    set_low(&guest.rax, 0);
    return finish(status);
}

/* AH=02h read, 03h write, 04h verify: in AL = sectors, CH = cylinder, CL = sector and high cylinder bits, DH = head, DL
 * = drive, ES:BX -> buffer; out AH = status, AL = sectors done, CF. A floppy's buffer that would wrap in its segment
 * is DMA's boundary error 09h; for a hard disk an AT takes ES:BX as a place, and 64 KB from there at most. */
static bios_answer chs_service(transfer how)
{
    const bios_disk *const disk = disk_of(low(guest.rdx));
    if (disk == NULL)
        return no_sectors(NO_DRIVE);
    const disk_geometry g = bios_geometry(low(guest.rdx));
    const unsigned count = low(guest.rax), sector = low(guest.rcx) & 0x3F, head = high(guest.rdx);
    const unsigned cylinder = high(guest.rcx) | (low(guest.rcx) & 0xC0u) << 2;
    if (sector == 0 || sector > g.sectors || head >= g.heads || cylinder >= g.cylinders || count == 0)
        return no_sectors(count == 0 ? BAD_COMMAND : NOT_FOUND);
    const unsigned offset = low(guest.rdx) == 0x00 ? word(guest.rbx) : word(guest.rbx) % 16;
    if (how != VERIFY && offset + count * SECTOR > 0x10000)
        return no_sectors(OUT_OF_RANGE);
    const uint64_t first = ((uint64_t)cylinder * g.heads + head) * g.sectors + sector - 1;
    const uint8_t status = move_sectors(how, disk, first, count, bios_base(SEGMENT_ES) + word(guest.rbx));
    set_low(&guest.rax, status == OK ? (uint8_t)count : 0);
    return finish(status);
}

/* AH=08h: in DL; out CH = last cylinder, CL = sectors and high cylinder bits, DH = last head, DL = drives of this kind,
 * AX = 0, CF = 0; of a floppy BX = type, ES:DI -> parameter table */
static bios_answer geometry_service(void)
{
    const uint8_t drive = low(guest.rdx);
    if (disk_of(drive) == NULL) {
        set_word(&guest.rcx, 0);
        set_word(&guest.rdx, 0);
        return finish(0x07);
    }
    const disk_geometry g = bios_geometry(drive);
    const unsigned last = g.cylinders - 1;
    set_word(&guest.rcx, (uint16_t)((last & 0xFF) << 8 | (last >> 8 & 3) << 6 | g.sectors));
    set_word(&guest.rdx, (uint16_t)((g.heads - 1) << 8 | 1));
    if (drive == 0x00) {
        set_word(&guest.rbx, g.drive);
        vcpu_load_real(SEGMENT_ES, BIOS_SEGMENT);
        set_word(&guest.rdi, BIOS_DISKETTE);
    }
    set_low(&guest.rax, 0);
    set_high(&guest.rax, 0);
    bios_carry(false);
    return BIOS_DONE;
}

/* AH=15h: in DL; out AH = 0 none, 1 floppy without change line, 3 hard disk with CX:DX sectors; CF = 1 for
 * none */
static bios_answer type_service(void)
{
    const uint8_t drive = low(guest.rdx);
    const bios_disk *const disk = disk_of(drive);
    set_high(&guest.rax, disk == NULL ? 0 : drive == 0x00 ? 1 : 3);
    if (disk != NULL && drive == 0x80) {
        set_word(&guest.rcx, (uint16_t)(sectors_of(disk) >> 16));
        set_word(&guest.rdx, (uint16_t)sectors_of(disk));
    }
    bios_carry(disk == NULL);
    return BIOS_DONE;
}

/* AH=41h: in BX = 55AAh, DL = 80h; out BX = AA55h, AH = 30h (version 3), CX = 1 (packets), CF = 0. Floppies have no
 * packets. */
static bios_answer extensions_service(void)
{
    if (word(guest.rbx) != 0x55AA || low(guest.rdx) != 0x80 || disk_of(0x80) == NULL)
        return finish(BAD_COMMAND);
    set_word(&guest.rbx, 0xAA55);
    set_high(&guest.rax, 0x30);
    set_word(&guest.rcx, 1);
    bios_carry(false);
    return BIOS_DONE;
}

/* AH=42h read, 43h write, 44h verify, 47h seek, which has no count: in DL, DS:SI -> packet: size 16, 0, count (at most
 * 127), offset, segment, first sector (64 bits); out AH, CF, the packet's count = sectors done */
static bios_answer packet_service(transfer how)
{
    uint8_t packet[16];
    const bios_disk *const disk = disk_of(low(guest.rdx));
    if (disk == NULL || low(guest.rdx) != 0x80)
        return finish(BAD_COMMAND);
    const uint64_t at = bios_base(SEGMENT_DS) + word(guest.rsi);
    bios_read(packet, at, sizeof packet);
    const unsigned count = how == SEEK ? 1 : packet[2] | (unsigned)packet[3] << 8;
    const uint64_t buffer = (packet[4] | (uint64_t)packet[5] << 8) + (packet[6] | (uint64_t)packet[7] << 8) * 16;
    uint64_t sector = 0;
    for (unsigned i = 0; i < 8; i++)
        sector |= (uint64_t)packet[8 + i] << 8 * i;
    if (packet[0] < 16 || count > 127)
        return finish(BAD_COMMAND);
    const uint8_t status = move_sectors(how, disk, sector, count, buffer);
    if (status != OK && how != SEEK)
        bios_put_word(at + 2, 0);
    return finish(status);
}

/* AH=48h: in DL, DS:SI -> buffer of 26 bytes or more; out size, flags, cylinders, heads, sectors, total, 512; CF */
static bios_answer parameters_service(void)
{
    const bios_disk *const disk = disk_of(low(guest.rdx));
    const uint64_t at = bios_base(SEGMENT_DS) + word(guest.rsi);
    if (disk == NULL || low(guest.rdx) != 0x80 || bios_word(at) < 26)
        return finish(BAD_COMMAND);
    const disk_geometry g = bios_geometry(0x80);
    const struct {
        uint16_t size, flags;
        uint32_t cylinders, heads, sectors;
        uint64_t total;
        uint16_t bytes;
    } __attribute__((packed)) answer = {26, 2, g.cylinders, g.heads, g.sectors, sectors_of(disk), SECTOR};
    bios_write(at, &answer, sizeof answer);
    return finish(OK);
}

/* AH=00h, 0Dh reset; 01h out AH = status of the last call; 05h format: taken where the drive is; 0Ch, 10h, 11h seek,
 * ready, recalibrate */
bios_answer bios_disk_service(void)
{
    const uint8_t drive = low(guest.rdx);
    switch (high(guest.rax)) {
    case 0x00:
    case 0x05:
    case 0x0C:
    case 0x0D:
    case 0x10:
    case 0x11:
        return finish(disk_of(drive) != NULL ? OK : NO_DRIVE);
    case 0x01: {
        const uint8_t last = bios_byte((drive & 0x80) != 0 ? BDA(0x74) : BDA(0x41));
        set_high(&guest.rax, last);
        bios_carry(last != OK);
        return BIOS_DONE;
    }
    case 0x09: /* the parameters are what they are; its controller is well */
    case 0x14:
        return finish(disk_of(drive) != NULL && drive == 0x80 ? OK : BAD_COMMAND);
    case 0x02:
        return chs_service(READ);
    case 0x03:
        return chs_service(WRITE);
    case 0x04:
        return chs_service(VERIFY);
    case 0x08:
        return geometry_service();
    case 0x15:
        return type_service();
    case 0x16:
        return finish(disk_of(drive) != NULL ? OK : NO_DRIVE); /* the disk has not been changed */
    case 0x41:
        return extensions_service();
    case 0x42:
        return packet_service(READ);
    case 0x43:
        return packet_service(WRITE);
    case 0x44:
        return packet_service(VERIFY);
    case 0x47:
        return packet_service(SEEK);
    case 0x48:
        return parameters_service();
    case 0x4B:
        return finish(BAD_COMMAND); /* no emulated CD; SYSLINUX and GRUB ask */
    default:
        bios_unknown(0x13);
        return finish(BAD_COMMAND);
    }
}

/* INT 40h, where an AT with a hard disk has the service of its floppies: the same for DL below 80h, AH = 01h and CF = 1
 * for others. INT 13h does not come by here. */
bios_answer bios_diskette_service(void)
{
    return (low(guest.rdx) & 0x80) != 0 ? finish(BAD_COMMAND) : bios_disk_service();
}

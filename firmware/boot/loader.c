/* loader.c - stage 2: asks the BIOS for the memory map, opens A20, loads every part of the disk image to the top of RAM
 * below 4 GB, checks its CRC, and enters pxHV in long mode.
 *
 * It runs in flat 32-bit protected mode with interrupts off; bios_call() (entry.asm) goes back to real mode for each
 * BIOS call. Nothing here is specific to one machine: INT 10h, 13h, 15h are all that is asked for. */
#include "firmware/boot/loader.h"

#include <stdbool.h>
#include <stddef.h>

typedef struct bios_registers {
    uint32_t eax, ebx, ecx, edx, esi, edi, ebp, ds, es, flags;
} bios_registers;

void bios_call(uint32_t vector, bios_registers *registers);
_Noreturn void enter_long_mode(uint32_t cr3, uint64_t entry, uint32_t boot);
_Noreturn void loader_main(uint32_t drive);

#define CARRY 1u
#define MB    (1024u * 1024u)

static hv_boot boot;
static hv_directory directory;

/* ---- words on the screen and the log port ---- */

static void out8(uint16_t port, uint8_t value) { __asm__ volatile("outb %0, %1" ::"a"(value), "Nd"(port)); }
static uint8_t in8(uint16_t port)
{
    uint8_t value;
    __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

static void print_char(char c)
{
    bios_registers r = {.eax = 0x0E00u | (uint8_t)c, .ebx = 7};
    out8(0xE9, (uint8_t)c);
    bios_call(0x10, &r);
}

static void print(const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '\n')
            print_char('\r');
        print_char(*text);
    }
}

static void print_number(uint32_t n)
{
    char digits[11];
    size_t at = sizeof digits - 1;
    digits[at] = '\0';
    do
        digits[--at] = (char)('0' + n % 10);
    while ((n /= 10) != 0);
    print(digits + at);
}

/* "pxHV loader: sector 65: the disk cannot be read"; thing may be NULL. */
static _Noreturn void fail_at(const char *thing, uint32_t number, const char *what)
{
    print("pxHV loader: ");
    if (thing != NULL) {
        print(thing);
        print(" ");
        print_number(number);
        print(": ");
    }
    print(what);
    print("\nPress a key to let the BIOS try another drive.\n");
    bios_call(0x16, &(bios_registers){0});
    bios_call(0x18, &(bios_registers){0});
    for (;;)
        __asm__ volatile("cli; hlt");
}

static _Noreturn void fail(const char *what) { fail_at(NULL, 0, what); }

/* ---- memory ---- */

/* gcc may call these two. */
void *memcpy(void *to, const void *from, size_t count)
{
    void *const start = to;
    __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(count)::"memory");
    return start;
}

void *memset(void *to, int value, size_t count)
{
    void *const start = to;
    __asm__ volatile("rep stosb" : "+D"(to), "+c"(count) : "a"(value) : "memory");
    return start;
}

/* Whether 1 MB and 0 are different places. */
static bool a20_open(void)
{
    volatile uint32_t *low = (volatile uint32_t *)(uintptr_t)0x500;
    __asm__("" : "+r"(low)); /* gcc takes small addresses for null */
    volatile uint32_t *const high = low + MB / 4;
    const uint32_t saved = *low;
    *low = *high + 1;
    const bool open = *high + 1 == *low;
    *low = saved;
    return open;
}

static void open_a20(void)
{
    bios_registers r = {.eax = 0x2401};
    if (a20_open())
        return;
    bios_call(0x15, &r);
    if (a20_open())
        return;
    out8(0x92, (uint8_t)((in8(0x92) | 2u) & ~1u));
    for (uint32_t i = 0; i < 100000; i++)
        if (a20_open())
            return;
    fail("address line 20 stays closed");
}

static void read_memory_map(void)
{
    bios_registers r = {0};
    do {
        hv_range *const range = (hv_range *)(uintptr_t)HV_BOUNCE;
        r.eax = 0xE820;
        r.ecx = sizeof *range;
        r.edx = 0x534D4150; /* "SMAP" */
        r.es = HV_BOUNCE >> 4;
        r.edi = 0;
        bios_call(0x15, &r);
        if ((r.flags & CARRY) != 0 || r.eax != 0x534D4150)
            break;
        if (boot.ranges == HV_RANGES)
            fail("the BIOS' memory map has more than 64 ranges");
        if (range->length != 0)
            boot.range[boot.ranges++] = *range;
    } while (r.ebx != 0);
    if (boot.ranges == 0)
        fail("the BIOS has no memory map (INT 15h AX=E820h)");
}

static uint64_t end_of(const hv_range *r)
{
    return r->length > UINT64_MAX - r->base ? UINT64_MAX : r->base + r->length;
}

/* A range that is no RAM and reaches into [start, end), or NULL: maps of real machines overlap. */
static const hv_range *in_the_way(uint64_t start, uint64_t end)
{
    for (uint32_t i = 0; i < boot.ranges; i++)
        if (boot.range[i].type != 1 && boot.range[i].base < end && end_of(&boot.range[i]) > start)
            return &boot.range[i];
    return NULL;
}

/* The highest end of so many bytes in one range of RAM above 1 MB and below 4 GB, at a multiple of 2 MB; 0: no room. */
static uint64_t top_in(const hv_range *ram, uint64_t bytes)
{
    const uint64_t start = ram->base > MB ? ram->base : MB, limit = UINT64_C(0x100000000);
    uint64_t end = end_of(ram) < limit ? end_of(ram) : limit;
    for (;;) {
        end &= ~(uint64_t)(2 * MB - 1);
        if (ram->type != 1 || end < start + bytes)
            return 0;
        const hv_range *const other = in_the_way(end - bytes, end);
        if (other == NULL)
            return end;
        end = other->base;
    }
}

static uint64_t top_of_ram(uint64_t bytes)
{
    uint64_t best = 0;
    for (uint32_t i = 0; i < boot.ranges; i++) {
        const uint64_t end = top_in(&boot.range[i], bytes);
        if (end > best)
            best = end;
    }
    if (best == 0)
        fail("no RAM below 4 GB is large enough for pxHV and its disk image");
    return best;
}

/* ---- the disk ---- */

static uint32_t drive;
static bool has_blocks;
static uint32_t track = 18, heads = 2;

static void open_drive(uint32_t number)
{
    bios_registers r = {.eax = 0x4100, .ebx = 0x55AA, .edx = number};
    drive = number;
    bios_call(0x13, &r);
    has_blocks = (r.flags & CARRY) == 0 && (r.ebx & 0xFFFF) == 0xAA55 && (r.ecx & 1) != 0;
    r = (bios_registers){.eax = 0x0800, .edx = number};
    bios_call(0x13, &r);
    if ((r.flags & CARRY) == 0 && (r.ecx & 0x3F) != 0) {
        track = r.ecx & 0x3F;
        heads = (r.edx >> 8 & 0xFF) + 1;
    }
}

/* count sectors from sector to the bounce buffer, in one BIOS call. */
static bool read_once(uint32_t sector, uint32_t count)
{
    bios_registers r = {.edx = drive};
    if (has_blocks) {
        static struct {
            uint8_t size, reserved;
            uint16_t count, offset, segment;
            uint64_t sector;
        } packet;
        packet.size = sizeof packet;
        packet.count = (uint16_t)count;
        packet.segment = HV_BOUNCE >> 4;
        packet.sector = sector;
        r.eax = 0x4200;
        r.esi = (uint32_t)(uintptr_t)&packet;
    } else {
        const uint32_t cylinder = sector / (track * heads);
        if (cylinder > 1023)
            return false;
        r.eax = 0x0200 | count;
        r.ecx = (cylinder & 0xFF) << 8 | (cylinder >> 8 & 3) << 6 | (sector % track + 1);
        r.edx |= (sector / track % heads) << 8;
        r.es = HV_BOUNCE >> 4;
    }
    bios_call(0x13, &r);
    return (r.flags & CARRY) == 0;
}

static uint32_t most_sectors(uint32_t sector, uint32_t count)
{
    const uint32_t most = has_blocks ? HV_BOUNCE_SECTORS : track - sector % track;
    return count < most ? count : most;
}

static void read_sectors(uint32_t sector, uint32_t count, uint8_t *to)
{
    while (count > 0) {
        const uint32_t now = most_sectors(sector, count);
        uint32_t tries = 3;
        while (!read_once(sector, now)) {
            if (--tries == 0)
                fail_at("sector", sector, "the disk cannot be read");
            bios_call(0x13, &(bios_registers){.edx = drive}); /* reset */
        }
        memcpy(to, (const void *)(uintptr_t)HV_BOUNCE, now * HV_SECTOR);
        to += now * HV_SECTOR;
        sector += now;
        count -= now;
    }
}

/* The CRC-32 of PNG. */
static uint32_t crc32(const uint8_t *bytes, uint32_t count)
{
    static uint32_t table[256];
    if (table[255] == 0)
        for (uint32_t i = 0; i < 256; i++) {
            uint32_t c = i;
            for (int bit = 0; bit < 8; bit++)
                c = (c & 1) != 0 ? c >> 1 ^ UINT32_C(0xEDB88320) : c >> 1;
            table[i] = c;
        }
    uint32_t crc = 0xFFFFFFFF;
    for (uint32_t i = 0; i < count; i++)
        crc = crc >> 8 ^ table[(crc ^ bytes[i]) & 0xFF];
    return ~crc;
}

static uint64_t pages(uint64_t bytes) { return (bytes + 4095) & ~UINT64_C(4095); }

static void read_directory(void)
{
    read_sectors(HV_DIRECTORY_SECTOR, 1, (uint8_t *)&directory);
    if (directory.magic != HV_DIRECTORY_MAGIC || directory.count == 0 || directory.count > HV_PARTS ||
        directory.floppy > HV_FLOPPY_MOST ||
        directory.crc != crc32((const uint8_t *)directory.part, directory.count * sizeof(hv_part)) ||
        directory.part[0].kind != HV_PART_HV)
        fail("sector 65 is not a directory of pxHV");
}

/* What a part has in memory. */
static uint32_t room(const hv_part *part)
{
    return part->kind == HV_PART_FLOPPY && directory.floppy > part->bytes ? directory.floppy : part->bytes;
}

/* Loads every part, part 0 (pxHV) at boot.base, the others behind its memory. */
static void load_parts(void)
{
    hv_header header;
    read_sectors(directory.part[0].sector, 1, (uint8_t *)(uintptr_t)HV_BOUNCE);
    memcpy(&header, (const void *)(uintptr_t)HV_BOUNCE, sizeof header);
    if (header.magic != HV_IMAGE_MAGIC || header.memory % (2 * MB) != 0 || header.memory < directory.part[0].bytes)
        fail("part 0 is not pxHV");
    uint64_t bytes = header.memory;
    for (uint32_t i = 1; i < directory.count; i++)
        bytes += pages(room(&directory.part[i]));
    bytes = (bytes + 2 * MB - 1) & ~(uint64_t)(2 * MB - 1);
    boot.end = top_of_ram(bytes);
    boot.base = boot.end - bytes;
    uint32_t at = (uint32_t)boot.base + header.memory;
    for (uint32_t i = 0; i < directory.count; i++) {
        const hv_part *part = &directory.part[i];
        const uint32_t address = i == 0 ? (uint32_t)boot.base : at;
        read_sectors(part->sector, (part->bytes + HV_SECTOR - 1) / HV_SECTOR, (uint8_t *)(uintptr_t)address);
        if (crc32((const uint8_t *)(uintptr_t)address, part->bytes) != part->crc)
            fail_at("part", i, "the CRC is wrong: the disk image is damaged");
        boot.part[i].kind = part->kind;
        memset((uint8_t *)(uintptr_t)address + part->bytes, 0, room(part) - part->bytes);
        boot.part[i].bytes = room(part);
        boot.part[i].address = address;
        if (i > 0)
            at += (uint32_t)pages(room(part));
    }
    boot.parts = directory.count;
    boot.image = directory.crc;
    boot.spare = at;
}

/* ---- onward ---- */

/* First page tables, in the last 32 KB of the bounce buffer: the lower 4 GB as they are, and pxHV's memory at
 * HV_VIRTUAL, all in pages of 2 MB, all writable. pxHV makes better ones. */
static uint32_t first_page_tables(void)
{
    uint64_t *const table = (uint64_t *)(uintptr_t)(HV_BOUNCE + 0x8000);
    uint64_t *const level3 = table + 512, *const level3_high = table + 1024, *const level2 = table + 1536,
                    *const level2_high = table + 7 * 512;
    const uint64_t flags = 3, large = 0x83; /* present, writable; 2 MB */
    memset(table, 0, 0x8000);
    table[0] = (uintptr_t)level3 | flags;
    table[511] = (uintptr_t)level3_high | flags;
    for (uint32_t i = 0; i < 4; i++)
        level3[i] = (uintptr_t)(level2 + 512 * i) | flags;
    for (uint32_t i = 0; i < 2048; i++)
        level2[i] = (uint64_t)i * 2 * MB | large;
    level3_high[510] = (uintptr_t)level2_high | flags;
    for (uint32_t i = 0; i < (boot.end - boot.base) / (2 * MB); i++)
        level2_high[i] = (boot.base + (uint64_t)i * 2 * MB) | large;
    return (uint32_t)(uintptr_t)table;
}

static uint64_t rdtsc(void)
{
    uint64_t ticks;
    __asm__ volatile("rdtsc" : "=A"(ticks));
    return ticks;
}

static bool has_long_mode(void)
{
    uint32_t a = 0x80000000, b, c, d;
    __asm__ volatile("cpuid" : "+a"(a), "=b"(b), "=c"(c), "=d"(d));
    if (a < 0x80000001)
        return false;
    a = 0x80000001;
    __asm__ volatile("cpuid" : "+a"(a), "=b"(b), "=c"(c), "=d"(d));
    return (d & (1u << 29)) != 0 && (d & (1u << 20)) != 0; /* LM, NX */
}

_Noreturn void loader_main(uint32_t number)
{
    boot.drive = number;
    bios_call(0x10, &(bios_registers){.eax = 0x0003}); /* text: some BIOSes leave a picture, and pxHV sets no mode */
    if (!has_long_mode())
        fail("this processor has no long mode with execute-disable");
    boot.loader_began = rdtsc();
    open_a20();
    read_memory_map();
    open_drive(number);
    read_directory();
    load_parts();
    const uint64_t entry = ((const hv_header *)(uintptr_t)boot.base)->entry;
    const uint32_t tables = first_page_tables();
    boot.loader_ended = rdtsc();
    enter_long_mode(tables, entry, (uint32_t)(uintptr_t)&boot);
}

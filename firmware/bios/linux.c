/* linux.c - see linux.h. The boot protocol is the kernel's own document, "The Linux/x86 Boot Protocol": offsets below
 * are into its boot_params ("zero page"), where the setup header lies at the same place as in the file. */
#include "firmware/bios/linux.h"

#include <stdbool.h>

#include "firmware/bios/bios.h"
#include "firmware/machine/memory.h"
#include "firmware/vcpu/guest_memory.h"
#include "firmware/vcpu/vcpu.h"

/* Guest memory: boot_params, a GDT and the command line below 640 KB, the kernel at 16 MB, the initial RAM disk at the
 * top. */
#define BOOT_PARAMS  UINT64_C(0x90000)
#define GDT          UINT64_C(0x91000)
#define COMMAND_LINE UINT64_C(0x92000)
#define KERNEL       UINT64_C(0x1000000)
#define MOST_COMMAND 2047u

#define HEADER          0x1F1u
#define BOOT_FLAG       0x1FEu
#define HEADER_LENGTH   0x201u /* the byte behind the jump: the header ends at 202h plus it */
#define HEADER_MAGIC    0x202u
#define PROTOCOL        0x206u
#define LOADER_TYPE     0x210u
#define LOAD_FLAGS      0x211u
#define RAMDISK_IMAGE   0x218u
#define RAMDISK_SIZE    0x21Cu
#define COMMAND_POINTER 0x228u
#define RAMDISK_MOST    0x22Cu
#define RELOCATABLE     0x234u
#define INIT_SIZE       0x260u
#define E820_COUNT      0x1E8u
#define E820_TABLE      0x2D0u

static uint32_t get32(const uint8_t *from)
{
    return from[0] | (uint32_t)from[1] << 8 | (uint32_t)from[2] << 16 | (uint32_t)from[3] << 24;
}
static void put32(uint8_t *to, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        to[i] = (uint8_t)(value >> 8 * i);
}

/* The real-mode code before the kernel proper, its first sector included; a count of 0 means 4. */
static uint64_t setup_bytes(const uint8_t *kernel) { return ((kernel[HEADER] != 0 ? kernel[HEADER] : 4u) + 1u) * 512u; }

static const char *check(const linux_parts *parts)
{
    const uint8_t *const k = parts->kernel;
    if (parts->kernel_bytes < 0x400 || k[BOOT_FLAG] != 0x55 || k[BOOT_FLAG + 1] != 0xAA ||
        memcmp(k + HEADER_MAGIC, "HdrS", 4) != 0)
        return "the kernel is no bzImage";
    if ((k[PROTOCOL] | k[PROTOCOL + 1] << 8) < 0x20A)
        return "the kernel's boot protocol is older than 2.10";
    if (k[RELOCATABLE] == 0)
        return "the kernel is not relocatable";
    if (setup_bytes(k) >= parts->kernel_bytes)
        return "the kernel ends within its setup code";
    if (KERNEL + get32(k + INIT_SIZE) + parts->initrd_bytes + PAGE_SIZE > parts->top)
        return "the guest has not enough memory for this kernel and RAM disk";
    return NULL;
}

static uint64_t ramdisk_at(const linux_parts *parts)
{
    uint64_t end = parts->top;
    const uint64_t most = (uint64_t)get32(parts->kernel + RAMDISK_MOST) + 1;
    if (end > most)
        end = most;
    return (end - parts->initrd_bytes) & ~UINT64_C(0xFFF);
}

static void write_params(const linux_parts *parts)
{
    static uint8_t p[PAGE_SIZE];
    hv_range range[BIOS_RANGES];
    const unsigned ranges = bios_memory_map(range);
    memset(p, 0, sizeof p);
    memcpy(p + HEADER, parts->kernel + HEADER, HEADER_MAGIC + parts->kernel[HEADER_LENGTH] - HEADER);
    p[0x06] = 3; /* screen_info: text mode 3, 80 x 25 characters of 16 lines, VGA */
    p[0x07] = 80;
    p[0x0E] = 25;
    p[0x0F] = 1;
    p[0x10] = 16;
    p[LOADER_TYPE] = 0xFF;
    p[LOAD_FLAGS] |= 1;
    put32(p + COMMAND_POINTER, (uint32_t)COMMAND_LINE);
    put32(p + RAMDISK_IMAGE, parts->initrd != NULL ? (uint32_t)ramdisk_at(parts) : 0);
    put32(p + RAMDISK_SIZE, parts->initrd != NULL ? (uint32_t)parts->initrd_bytes : 0);
    p[E820_COUNT] = (uint8_t)ranges;
    memcpy(p + E820_TABLE, range, ranges * sizeof *range);
    guest_write(BOOT_PARAMS, p, sizeof p);
}

static void write_command_line(const char *text)
{
    uint64_t length = 0;
    while (text[length] != '\0' && length < MOST_COMMAND)
        length++;
    guest_write(COMMAND_LINE, text, length);
    guest_write(COMMAND_LINE + length, "", 1);
}

/* Flat 32-bit segments, interrupts off, ESI = boot_params: what the 32-bit entry asks for. */
static void set_processor(void)
{
    static const uint64_t gdt[4] = {0, 0, UINT64_C(0x00CF9B000000FFFF), UINT64_C(0x00CF93000000FFFF)};
    static const vcpu_segment data[] = {SEGMENT_DS, SEGMENT_ES, SEGMENT_SS};
    guest_write(GDT, gdt, sizeof gdt);
    vcpu_set_segment(SEGMENT_CS, 0x10, 0, UINT32_MAX, 0xC09B);
    for (unsigned i = 0; i < sizeof data / sizeof *data; i++)
        vcpu_set_segment(data[i], 0x18, 0, UINT32_MAX, 0xC093);
    vcpu_set(VCPU_GDTR_BASE, GDT);
    vcpu_set(VCPU_GDTR_LIMIT, sizeof gdt - 1);
    vcpu_set(VCPU_CR0, vcpu_get(VCPU_CR0) | 1);
    vcpu_set(VCPU_RIP, KERNEL);
    guest = (guest_registers){.rsi = BOOT_PARAMS};
}

const char *linux_prepare(const linux_parts *parts)
{
    const char *const reason = check(parts);
    if (reason != NULL)
        return reason;
    const uint64_t setup = setup_bytes(parts->kernel);
    if (!guest_write(KERNEL, parts->kernel + setup, parts->kernel_bytes - setup))
        return "the kernel does not fit the guest's memory";
    if (parts->initrd != NULL && !guest_write(ramdisk_at(parts), parts->initrd, parts->initrd_bytes))
        return "the RAM disk does not fit the guest's memory";
    write_params(parts);
    write_command_line(parts->command_line);
    set_processor();
    return NULL;
}

/* main.c - pxHV from the first instruction of C to the guest. */
#include "firmware/bios/bios.h"
#include "firmware/boot/loader.h"
#include "firmware/hv/cpu.h"
#include "firmware/hv/ept.h"
#include "firmware/hv/exit.h"
#include "firmware/hv/integrity.h"
#include "firmware/hv/linux.h"
#include "firmware/hv/log.h"
#include "firmware/hv/memory.h"
#include "firmware/hv/provoke.h"
#include "firmware/hv/ram.h"
#include "firmware/hv/tables.h"
#include "firmware/hv/time.h"
#include "firmware/hv/vcpu.h"
#include "firmware/hv/vmx.h"
#include "firmware/serial/link_option.h"
#include "firmware/serial/route.h"

_Noreturn void hv_main(const hv_boot *handed_over);

static hv_boot boot;

/* Interrupts of the real PC are masked for good: pxHV polls. */
static void mask_interrupts(void)
{
    out8(0x21, 0xFF);
    out8(0xA1, 0xFF);
}

static void tell_boot(void)
{
    hv_log("memory %lx to %lx is pxHV's, free from %lx; boot drive %x", boot.base, boot.end, boot.spare, boot.drive);
    for (uint32_t i = 0; i < boot.ranges; i++)
        hv_log("e820: %016lx + %016lx type %u", boot.range[i].base, boot.range[i].length, boot.range[i].type);
    for (uint32_t i = 0; i < boot.parts; i++)
        hv_log("part %u: kind %u, %u bytes at %lx", i, boot.part[i].kind, boot.part[i].bytes, boot.part[i].address);
}

static uint64_t length_of(const char *text)
{
    uint64_t n = 0;
    while (text[n] != 0)
        n++;
    return n;
}

static bios_disk part_of(uint32_t kind)
{
    for (uint32_t i = 0; i < boot.parts; i++)
        if (boot.part[i].kind == kind)
            return (bios_disk){virtual_of(boot.part[i].address), boot.part[i].bytes};
    return (bios_disk){0};
}

/* The options are words with blanks between, closed by a 0. What stands behind name at the beginning of a word, or
 * NULL. */
static const char *option_behind(const char *name)
{
    const bios_disk text = part_of(HV_PART_OPTIONS);
    const uint64_t length = length_of(name);
    if (text.bytes == NULL || text.bytes[text.size - 1] != 0)
        return NULL;
    for (uint64_t i = 0; i + length < text.size; i++)
        if ((i == 0 || text.bytes[i - 1] == ' ') && memcmp(text.bytes + i, name, length) == 0)
            return (const char *)text.bytes + i + length;
    return NULL;
}

static bool option(const char *name)
{
    const char *const behind = option_behind(name);
    return behind != NULL && (*behind == ' ' || *behind == 0);
}

static uint64_t number_option(const char *name, uint64_t least, uint64_t most, uint64_t usual)
{
    const char *digit = option_behind(name);
    uint64_t n = 0;
    if (digit == NULL)
        return usual;
    while (*digit >= '0' && *digit <= '9' && n <= most)
        n = n * 10 + (uint64_t)(*digit++ - '0');
    if (n < least || n > most)
        hv_stop("option %s%lu: expected %lu to %lu", name, n, least, most);
    return n;
}

static void crtc_write(uint8_t index, uint8_t value)
{
    out8(0x3D4, index);
    out8(0x3D5, value);
}

/* The real keyboard's bytes go to the guest's. */
static void poll(bool waiting)
{
    if ((in8(0x64) & 0x21) == 0x01)
        (void)pc_keyboard_byte(in8(0x60));
    route_poll(waiting);
}

/* The kernel's command line is everything behind "append=". */
static const char *command_line(void)
{
    const char *const behind = option_behind("append=");
    return behind != NULL ? behind : "console=ttyS0,115200";
}

void guest_start(void)
{
    const bios_disk kernel = part_of(HV_PART_KERNEL), initrd = part_of(HV_PART_INITRD);
    guest_reset();
    if (kernel.bytes == NULL)
        return; /* the BIOS boots */
    const linux_parts parts = {kernel.bytes, initrd.bytes, kernel.size, initrd.size, command_line(), ram_top(&boot)};
    const char *const reason = linux_prepare(&parts);
    if (reason != NULL)
        hv_stop("linux: %s", reason);
    hv_log("linux: %lu bytes, command line %s", kernel.size, parts.command_line);
}

static void prepare_guest(void)
{
    const uint64_t top = ram_top(&boot);
    if (top == 0)
        hv_stop("memory: there is no RAM from 1 MB to 2 MB for the guest");
    hv_log("memory to %lx is the guest's", top);
    const bios_options options = {.floppy = part_of(HV_PART_FLOPPY),
                                  .disk = part_of(HV_PART_DISK),
                                  .top = top,
                                  .console_serial = option("console=serial")};
    ept_init(top, page_alloc(sizeof bios_rom / PAGE_SIZE));
    bios_init(&options);
    pc_cmos_set(time_of_day());
    pc_vga_connect(crtc_write);
    pc_com1_connect(route_operation);
    const bios_disk part = part_of(HV_PART_DRIVER);
    const serial_driver driver = driver_of(part.bytes, part.size);
    link_choice link;
    if (!link_option(option_behind("link="), &link))
        hv_stop("option link=%s: expected " LINK_OPTION_EXPECTED, option_behind("link="));
    route_init(&(route_options){.batch = (uint32_t)number_option("batch=", 1, ROUTE_BATCH, ROUTE_BATCH),
                                .patience = number_option("patience=", 1, 100000, 10) * PC_SECOND,
                                .link = link.link,
                                .port = link.port,
                                .divisor = link.divisor,
                                .driver = &driver,
                                .now = time_now});
    vcpu_init();
    const char *const provocation = option_behind("provoke=");
    if (provocation != NULL && !provoke_choose(provocation))
        hv_stop("option provoke=%s: expected invalid, valid, state, msr, check, write, execute, null or nmi",
                provocation);
}

void hv_main(const hv_boot *handed_over)
{
    boot = *handed_over;
    memory_init(&boot);
    hv_log_to_screen(virtual_of(0xB8000));
    integrity_init();
    tables_init();
    mask_interrupts();
    tell_boot();
    if (option("end=bochs"))
        hv_end_by(0x8900, 'D'); /* Bochs with its debugger goes on with its script */
    const char *const refusal = vmx_refusal();
    if (refusal != NULL)
        hv_stop("vmx: refused: %s", refusal);
    time_init();
    vmx_start();
    prepare_guest();
    guest_start();
    guest_loop(poll);
}

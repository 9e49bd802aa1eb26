/* main.c - pxHV from the first instruction of C to the guest. */
#include "firmware/bios/bios.h"
#include "firmware/boot/loader.h"
#include "firmware/hv/cpu.h"
#include "firmware/hv/ept.h"
#include "firmware/hv/exit.h"
#include "firmware/hv/linux.h"
#include "firmware/hv/log.h"
#include "firmware/hv/memory.h"
#include "firmware/hv/tables.h"
#include "firmware/hv/time.h"
#include "firmware/hv/vcpu.h"
#include "firmware/hv/vmx.h"
#include "firmware/serial/own.h"

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

/* Whether the options' text, words with blanks between, has this word. */
static bool option(const char *name)
{
    const bios_disk text = part_of(HV_PART_OPTIONS);
    const uint64_t length = length_of(name);
    for (uint64_t i = 0; text.bytes != NULL && i + length <= text.size; i++) {
        const bool begins = i == 0 || text.bytes[i - 1] == ' ', fits = memcmp(text.bytes + i, name, length) == 0;
        const bool ends = i + length == text.size || text.bytes[i + length] == ' ' || text.bytes[i + length] == 0;
        if (begins && fits && ends)
            return true;
    }
    return false;
}

static void crtc_write(uint8_t index, uint8_t value)
{
    out8(0x3D4, index);
    out8(0x3D5, value);
}

/* The real keyboard's bytes go to the guest's. */
static void poll(void)
{
    if ((in8(0x64) & 0x21) == 0x01)
        (void)pc_keyboard_byte(in8(0x60));
    own_poll();
}

/* What stands behind "append=" in the options, to their end. */
static const char *command_line(void)
{
    static const char key[] = "append=";
    const bios_disk text = part_of(HV_PART_OPTIONS);
    for (uint64_t i = 0; text.bytes != NULL && i + sizeof key <= text.size; i++)
        if (memcmp(text.bytes + i, key, sizeof key - 1) == 0 && text.bytes[text.size - 1] == 0)
            return (const char *)text.bytes + i + sizeof key - 1;
    return "console=ttyS0,115200";
}

void guest_start(void)
{
    const bios_disk kernel = part_of(HV_PART_KERNEL), initrd = part_of(HV_PART_INITRD);
    guest_reset();
    if (kernel.bytes == NULL)
        return; /* the BIOS boots */
    const linux_parts parts = {kernel.bytes, initrd.bytes, kernel.size, initrd.size, command_line(), boot.base};
    const char *const reason = linux_prepare(&parts);
    if (reason != NULL)
        hv_stop("linux: %s", reason);
    hv_log("linux: %lu bytes, command line %s", kernel.size, parts.command_line);
}

static void prepare_guest(void)
{
    const bios_options options = {.floppy = part_of(HV_PART_FLOPPY),
                                  .disk = part_of(HV_PART_DISK),
                                  .top = boot.base,
                                  .console_serial = option("console=serial")};
    ept_init(boot.base, page_alloc(sizeof bios_rom / PAGE_SIZE));
    bios_init(&options);
    pc_vga_connect(crtc_write);
    hv_log("serial: no executor; COM1 is %s", own_open() ? "driven by pxHV itself" : "missing");
    pc_com1_connect(own_operation);
    vcpu_init();
}

void hv_main(const hv_boot *handed_over)
{
    boot = *handed_over;
    memory_init(&boot);
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

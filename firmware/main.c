/* main.c - pxHV from the first instruction of C to the guest. */
#include "firmware/bios/bios.h"
#include "firmware/bios/linux.h"
#include "firmware/boot/loader.h"
#include "firmware/image/options.h"
#include "firmware/machine/cpu.h"
#include "firmware/machine/integrity.h"
#include "firmware/machine/log.h"
#include "firmware/machine/memory.h"
#include "firmware/machine/provoke.h"
#include "firmware/machine/ram.h"
#include "firmware/machine/tables.h"
#include "firmware/machine/time.h"
#include "firmware/serial/route.h"
#include "firmware/svm/svm.h"
#include "firmware/vcpu/guest.h"
#include "firmware/vcpu/guest_memory.h"
#include "firmware/vcpu/vcpu.h"
#include "firmware/vmx/vmx.h"

_Noreturn void hv_main(const hv_boot *handed_over);

static hv_boot boot;
static hv_options options;

/* Interrupts of the real PC are masked for good: pxHV polls. */
static void mask_interrupts(void)
{
    out8(0x21, 0xFF);
    out8(0xA1, 0xFF);
}

static void log_boot(void)
{
    hv_log("memory %lx to %lx is pxHV's, free from %lx; boot drive %x", boot.base, boot.end, boot.spare, boot.drive);
    for (uint32_t i = 0; i < boot.ranges; i++)
        hv_log("e820: %016lx + %016lx type %u", boot.range[i].base, boot.range[i].length, boot.range[i].type);
    for (uint32_t i = 0; i < boot.parts; i++)
        hv_log("part %u: kind %u, %u bytes at %lx", i, boot.part[i].kind, boot.part[i].bytes, boot.part[i].address);
}

static bios_disk part_of(uint32_t kind)
{
    for (uint32_t i = 0; i < boot.parts; i++)
        if (boot.part[i].kind == kind)
            return (bios_disk){virtual_of(boot.part[i].address), boot.part[i].bytes};
    return (bios_disk){0};
}

static void read_options(void)
{
    const bios_disk part = part_of(HV_PART_OPTIONS);
    const char *wrong, *expected;
    const bool good = options_parse(part.bytes, part.size, &options, &wrong, &expected);
    if (options.end_bochs)
        hv_end_by(0x8900, 'D'); /* Bochs with its debugger goes on with its script */
    if (!good)
        hv_stop("options: %s: expected %s", wrong, expected);
    provoke_choose(options.provoke);
}

static void crtc_write(uint8_t index, uint8_t value)
{
    out8(0x3D4, index);
    out8(0x3D5, value);
}

/* The real keyboard's bytes go to the guest's; while that has no room, or the guest's BIOS none for their keys, they
 * wait in the real one. */
static void poll_devices(bool waiting)
{
    if (pc_keyboard_room() && (in8(0x64) & 0x21) == 0x01 && bios_keyboard_room(time_now())) {
        (void)pc_keyboard_byte(in8(0x60));
        hv_log_key();
    }
    route_poll(waiting);
}

static void load_guest(void)
{
    const bios_disk kernel = part_of(HV_PART_KERNEL), initrd = part_of(HV_PART_INITRD);
    if (kernel.bytes == NULL)
        return; /* the BIOS boots */
    const linux_parts parts = {kernel.bytes, initrd.bytes, kernel.size, initrd.size, options.append, ram_top(&boot)};
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
    const bios_options disks = {.floppy = part_of(HV_PART_FLOPPY),
                                .disk = part_of(HV_PART_DISK),
                                .top = top,
                                .console_serial = options.console_serial};
    guest_init(&(guest_firmware){bios_rom, bios_vmcall, bios_comes_back, load_guest});
    guest_memory_init(top, page_alloc(sizeof bios_rom / PAGE_SIZE));
    bios_init(&disks);
    pc_cmos_set(time_of_day());
    pc_vga_connect(crtc_write);
    pc_com1_connect(route_operation);
    const bios_disk part = part_of(HV_PART_DRIVER);
    const serial_driver driver = driver_of(part.bytes, part.size);
    route_init(&(route_options){.batch = options.batch,
                                .patience = options.patience * PC_SECOND,
                                .link = options.link.link,
                                .port = options.link.port,
                                .divisor = options.link.divisor,
                                .driver = &driver,
                                .salt = time_of_day() << 32 | boot.image,
                                .now = time_now});
    vcpu->init();
}

/* The time stamp counter counts from reset on; under Bochs it counts instructions. */
static void log_time(void)
{
    const uint64_t now = rdtsc();
    hv_log("boot: %lu ticks to the guest: %lu to the loader, %lu in the loader, %lu in pxHV", now, boot.loader_began,
           boot.loader_ended - boot.loader_began, now - boot.loader_ended);
}

/* Who virtualizes: what CPUID says is there, and where it says both or neither, whose name it has. An emulator may have
 * put together the leaves of two. */
static const vcpu_vendor *vendor(void)
{
    const bool extended = cpuid(0x80000000, 0).a >= 0x80000001;
    const bool vmx = (cpuid(1, 0).c & 1 << 5) != 0, svm = extended && (cpuid(0x80000001, 0).c & 1 << 2) != 0;
    const uint32_t name = cpuid(0, 0).b; /* "Auth", "Hygo" */
    const bool amd = name == 0x68747541 || name == 0x6F677948;
    return (vmx == svm ? amd : svm) ? &svm_vendor : &vmx_vendor;
}

void hv_main(const hv_boot *handed_over)
{
    boot = *handed_over;
    memory_init(&boot);
    hv_log_to_screen(virtual_of(0xB8000));
    integrity_init();
    tables_init();
    mask_interrupts();
    log_boot();
    read_options();
    vcpu = vendor();
    const char *const refusal = vcpu->refusal();
    if (refusal != NULL)
        hv_stop("%s: refused: %s", vcpu->name, refusal);
    time_init();
    vcpu->start();
    prepare_guest();
    guest_start();
    log_time();
    guest_loop(poll_devices);
}

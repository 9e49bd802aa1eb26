/* main.c - pxHV from the first instruction of C to the guest. */
#include "firmware/boot/loader.h"
#include "firmware/hv/cpu.h"
#include "firmware/hv/ept.h"
#include "firmware/hv/exit.h"
#include "firmware/hv/log.h"
#include "firmware/hv/memory.h"
#include "firmware/hv/tables.h"
#include "firmware/hv/time.h"
#include "firmware/hv/vcpu.h"
#include "firmware/hv/vmx.h"

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

void hv_main(const hv_boot *handed_over)
{
    boot = *handed_over;
    memory_init(&boot);
    tables_init();
    mask_interrupts();
    tell_boot();
    const char *const refusal = vmx_refusal();
    if (refusal != NULL)
        hv_stop("vmx: refused: %s", refusal);
    time_init();
    vmx_start();
    uint8_t *const rom = page_alloc(16);
    static const uint8_t hello[] = {0xB0, 'h', 0xE6, 0xE9, 0xB0, 10, 0xE6, 0xE9, 0xFB, 0xF4};
    memcpy(rom + 0xFFF0, hello, sizeof hello);
    ept_init(boot.base, rom);
    vcpu_init();
    guest_loop();
}

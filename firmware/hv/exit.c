/* exit.c - exits, counted and handed to whoever handles their reason. A reason without a handler stops pxHV with the
 * guest's state: nothing is ignored, and no instruction is skipped unless a handler has done what it does. */
#include "firmware/hv/exit.h"

#include <stddef.h>

#include "firmware/hv/log.h"
#include "firmware/hv/vcpu.h"
#include "firmware/hv/vmx.h"

static uint64_t counts[VMX_EXITS];

void exit_counts_log(void)
{
    for (unsigned reason = 0; reason < VMX_EXITS; reason++)
        if (counts[reason] != 0)
            hv_log("exits: %lu of reason %u, %s", counts[reason], reason, vmx_exit_name(reason));
}

static _Noreturn void park(const char *why)
{
    vcpu_dump();
    exit_counts_log();
    hv_stop("guest: %s", why);
}

/* "Exit Qualification for I/O Instructions". Ports without a device read all ones and ignore writes. */
static void on_io(void)
{
    const uint64_t q = vmcs_read(VMCS_EXIT_QUALIFICATION);
    const uint16_t port = (uint16_t)(q >> 16);
    const unsigned bytes = (unsigned)(q & 7) + 1;
    const uint64_t mask = bytes == 4 ? UINT32_MAX : (UINT64_C(1) << 8 * bytes) - 1;
    if ((q & 1 << 4) != 0)
        park("INS and OUTS are not there yet");
    if ((q & 1 << 3) != 0)
        guest.rax = bytes == 4 ? UINT32_MAX : guest.rax | mask;
    else if (port == 0xE9)
        hv_log("guest says %c", (char)guest.rax);
    vcpu_skip_instruction();
}

static void on_hlt(void)
{
    if ((vmcs_read(VMCS_GUEST_RFLAGS) & 0x200) == 0)
        park("HLT with interrupts off");
    vcpu_skip_instruction();
}

static void on_triple_fault(void) { park("triple fault"); }

static void (*const handlers[VMX_EXITS])(void) = {
    [VMX_EXIT_TRIPLE_FAULT] = on_triple_fault,
    [VMX_EXIT_HLT] = on_hlt,
    [VMX_EXIT_IO] = on_io,
};

void guest_loop(void)
{
    for (;;) {
        const unsigned reason = vcpu_run();
        if (reason >= VMX_EXITS || handlers[reason] == NULL) {
            hv_log("exit: reason %u, %s, qualification %lx, without a handler", reason, vmx_exit_name(reason),
                   vmcs_read(VMCS_EXIT_QUALIFICATION));
            park("an exit that nobody handles");
        }
        counts[reason]++;
        handlers[reason]();
    }
}

/* exit.c - exits, counted and handed to whoever handles their reason. Every reason of exits.def has a handler; one that
 * is not there stops pxHV with the guest's state: nothing is ignored, and no instruction is skipped unless a handler
 * has done what it does. */
#include "firmware/vmx/exit.h"

#include <stdbool.h>
#include <stddef.h>

#include "firmware/bios/bios.h"
#include "firmware/machine/cpu.h"
#include "firmware/machine/integrity.h"
#include "firmware/machine/log.h"
#include "firmware/machine/time.h"
#include "firmware/pc/pc.h"
#include "firmware/serial/route.h"
#include "firmware/vcpu/counts.h"
#include "firmware/vcpu/discard.h"
#include "firmware/vcpu/event.h"
#include "firmware/vcpu/vcpu.h"
#include "firmware/vmx/ept.h"
#include "firmware/vmx/vmx.h"

/* The guest never runs longer than this without pxHV looking at the keyboard and the link, whose UART holds 16
 * characters: at 115,200 baud 1.4 ms of them. */
#define SLICE (PC_SECOND / 1000)

#define RFLAGS_IF    0x200u
#define ACTIVITY_HLT 1u

/* "VM-Exit Interruption Information": its type. */
#define TYPE_NMI  2u
#define TYPE_INT1 5u

_Noreturn void guest_end(const char *why, int state)
{
    if (state)
        vcpu_dump();
    route_flush(true);
    counts_log();
    route_log();
    integrity_log();
    hv_finish("guest: %s", why);
}

static void on_hlt(void)
{
    if ((vmcs_read(VMCS_GUEST_RFLAGS) & RFLAGS_IF) == 0)
        guest_end("HLT with interrupts off: the end", true);
    vcpu_skip_instruction();
    vmcs_write(VMCS_GUEST_ACTIVITY, ACTIVITY_HLT);
}

/* A processor that cannot deliver a double fault shuts down, and the chipset of a PC answers that with a reset, as
 * often as it happens: so does pxHV. A guest that does nothing else does so for ever; the log has its first ones whole.
 */
#define TRIPLE_FAULTS_TOLD 8u

void guest_triple_fault(void)
{
    static unsigned count;
    if (count < TRIPLE_FAULTS_TOLD) {
        count++;
        hv_log("guest: triple fault%s", count < TRIPLE_FAULTS_TOLD ? "" : "; the next ones are only counted");
        vcpu_dump();
    }
    pc_ask_reset();
}

/* Interrupts of the machine itself: all are masked, so whatever comes is only counted. */
static void on_interrupt(void) {}
static void on_wake(void) {}

/* Of the exceptions, three exit: the machine check is the machine's and not the guest's; debug and alignment exceptions
 * go on to the guest, but can arise from their own delivery for ever, and then no timer would end that. An NMI is
 * counted. */
static void on_exception(void)
{
    const uint32_t information = (uint32_t)vmcs_read(VMCS_EXIT_INTERRUPTION), type = information >> 8 & 7;
    if (type == TYPE_NMI)
        return;
    if ((information & 0xFF) == GUEST_AC) {
        event_exception(GUEST_AC, 0);
        return;
    }
    if ((information & 0xFF) == GUEST_DB) {
        if (type == TYPE_INT1) /* a trap, whose exit stands at the instruction */
            vcpu_skip_instruction();
        event_debug(vmcs_read(VMCS_EXIT_QUALIFICATION));
        return;
    }
    vcpu_dump();
    hv_stop("exit: %s while the guest ran (interruption information %x)",
            (information & 0xFF) == GUEST_MC ? "machine check" : "an exception that was not asked for", information);
}

/* Signals of one processor to another: an INIT is a reset button that the chipset wires so, a SIPI follows one. */
static void on_init(void)
{
    vcpu_dump();
    hv_stop("exit: the machine asks this processor to start anew (%s)",
            vmx_exit_name((unsigned)vmcs_read(VMCS_EXIT_REASON) & 0xFFFF));
}

/* Its control is 0 (vcpu.c) and the processor had no say in it (vmx.c), or the exit belongs to a state that pxHV does
 * not make: a processor that does so is not the one that pxHV was written for. */
static void on_not_asked(void)
{
    const unsigned reason = (unsigned)vmcs_read(VMCS_EXIT_REASON) & 0xFFFF;
    vcpu_dump();
    hv_stop("exit: reason %u, %s, was not asked for", reason, vmx_exit_name(reason));
}

static void on_ept_misconfiguration(void)
{
    vcpu_dump();
    hv_stop("ept: an entry for %lx is misconfigured", vmcs_read(VMCS_GUEST_PHYSICAL_ADDRESS));
}

/* INVD would throw away what pxHV has written. */
static void on_invd(void)
{
    wbinvd();
    vcpu_skip_instruction();
}

static void on_vmcall(void)
{
    if (!bios_vmcall())
        exit_undefined();
}

/* Neither a write that nobody keeps (discard.c) nor anything else that the tables of ept.c leave open. */
static void on_ept_violation(void)
{
    const uint64_t at = vmcs_read(VMCS_GUEST_PHYSICAL_ADDRESS);
    const bool write = (vmcs_read(VMCS_EXIT_QUALIFICATION) & 2) != 0;
    hv_log("ept: violation at %lx, %s", at, write ? "a write" : "a read or fetch");
    event_exception(GUEST_GP, 0);
}

static void (*const handlers[VMX_EXITS])(void) = {
    [VMX_EXIT_EXCEPTION] = on_exception,
    [VMX_EXIT_EXTERNAL_INTERRUPT] = on_interrupt,
    [VMX_EXIT_TRIPLE_FAULT] = guest_triple_fault,
    [VMX_EXIT_INIT] = on_init,
    [VMX_EXIT_SIPI] = on_init,
    [VMX_EXIT_INTERRUPT_WINDOW] = on_wake,
    [VMX_EXIT_NMI_WINDOW] = on_not_asked,
    [VMX_EXIT_TASK_SWITCH] = exit_task_switch,
    [VMX_EXIT_CPUID] = exit_cpuid,
    [VMX_EXIT_GETSEC] = exit_undefined,
    [VMX_EXIT_HLT] = on_hlt,
    [VMX_EXIT_INVD] = on_invd,
    [VMX_EXIT_INVLPG] = on_not_asked,
    [VMX_EXIT_RDPMC] = exit_forbidden,
    [VMX_EXIT_RDTSC] = on_not_asked,
    [VMX_EXIT_RSM] = exit_undefined,
    [VMX_EXIT_VMCALL] = on_vmcall,
    [VMX_EXIT_VMCLEAR] = exit_undefined,
    [VMX_EXIT_VMLAUNCH] = exit_undefined,
    [VMX_EXIT_VMPTRLD] = exit_undefined,
    [VMX_EXIT_VMPTRST] = exit_undefined,
    [VMX_EXIT_VMREAD] = exit_undefined,
    [VMX_EXIT_VMRESUME] = exit_undefined,
    [VMX_EXIT_VMWRITE] = exit_undefined,
    [VMX_EXIT_VMXOFF] = exit_undefined,
    [VMX_EXIT_VMXON] = exit_undefined,
    [VMX_EXIT_CR_ACCESS] = exit_cr,
    [VMX_EXIT_DR_ACCESS] = on_not_asked,
    [VMX_EXIT_IO] = exit_io,
    [VMX_EXIT_RDMSR] = exit_rdmsr,
    [VMX_EXIT_WRMSR] = exit_wrmsr,
    [VMX_EXIT_GUEST_STATE] = on_not_asked, /* these three come with bit 31, which vcpu.c looks at */
    [VMX_EXIT_MSR_LOAD] = on_not_asked,
    [VMX_EXIT_MWAIT] = exit_undefined,
    [VMX_EXIT_MONITOR_TRAP] = on_not_asked,
    [VMX_EXIT_MONITOR] = exit_undefined,
    [VMX_EXIT_PAUSE] = on_not_asked,
    [VMX_EXIT_MACHINE_CHECK] = on_not_asked,
    [VMX_EXIT_GDTR_IDTR] = on_not_asked,
    [VMX_EXIT_LDTR_TR] = on_not_asked,
    [VMX_EXIT_EPT_VIOLATION] = on_ept_violation,
    [VMX_EXIT_EPT_MISCONFIGURATION] = on_ept_misconfiguration,
    [VMX_EXIT_INVEPT] = exit_undefined,
    [VMX_EXIT_RDTSCP] = on_not_asked,
    [VMX_EXIT_PREEMPTION_TIMER] = on_wake,
    [VMX_EXIT_INVVPID] = exit_undefined,
    [VMX_EXIT_WBINVD] = on_not_asked,
    [VMX_EXIT_XSETBV] = exit_undefined,
    [VMX_EXIT_RDRAND] = on_not_asked,
    [VMX_EXIT_INVPCID] = on_not_asked,
    [VMX_EXIT_VMFUNC] = on_not_asked,
    [VMX_EXIT_RDSEED] = on_not_asked,
};

static void handle(unsigned reason)
{
    if (reason >= VMX_EXITS || handlers[reason] == NULL) {
        vcpu_dump();
        hv_stop("exit: reason %u, %s, qualification %lx, has no handler", reason, vmx_exit_name(reason),
                vmcs_read(VMCS_EXIT_QUALIFICATION));
    }
    counts_exit(reason);
    if (!discard_exit(reason))
        handlers[reason]();
}

static void processor_reset(void)
{
    vcpu_reset();
    exit_cpu_reset();
    discard_reset();
}

/* The machine as at power-up: processor, devices, the BIOS' ROM. */
void guest_reset(void)
{
    ept_write_rom(0, bios_rom, sizeof bios_rom);
    pc_reset(time_now());
    processor_reset();
}

#define RESETS_TOLD 64u

static void follow_reset(void)
{
    static unsigned count;
    if (!pc_take_reset())
        return;
    if (count < RESETS_TOLD)
        hv_log("guest: reset%s", ++count < RESETS_TOLD ? "" : "; the next ones are not logged");
    route_flush(true);
    if (bios_comes_back())
        processor_reset();
    else
        guest_start();
}

/* What the guest has done to A20 since the last entry. */
static void follow_a20(void)
{
    static bool open = true;
    if (pc_a20() != open)
        ept_set_a20(open = pc_a20());
}

/* The guest exits when a device has something to do: at once, when that is due already. A step that discards a write
 * has its time, and an event that is delivered to nowhere no more than that. */
static void set_wake_up(void)
{
    if (discard_under_way() != DISCARD_NONE) {
        vmcs_write(VMCS_PREEMPTION_TIMER, discard_under_way() == DISCARD_DELIVERY ? 0 : time_to_preemption(SLICE));
        return;
    }
    const pc_time now = time_now(), deadline = pc_deadline(), wait = deadline <= now ? 0 : deadline - now;
    vmcs_write(VMCS_PREEMPTION_TIMER, time_to_preemption(wait < SLICE ? wait : SLICE));
}

void guest_loop(void (*poll)(bool waiting))
{
    for (;;) {
        poll(vmcs_read(VMCS_GUEST_ACTIVITY) == ACTIVITY_HLT);
        follow_reset();
        follow_a20();
        event_before_entry();
        set_wake_up();
        const unsigned reason = vcpu_run();
        pc_advance(time_now()); /* what the guest does, it does now */
        event_after_exit();
        handle(reason);
    }
}

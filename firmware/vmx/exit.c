/* exit.c - exits, counted and handed to whoever handles their reason. Every reason of exits.def has a handler; one that
 * is not there stops pxHV with the guest's state: nothing is ignored, and no instruction is skipped unless a handler
 * has done what it does. */
#include "firmware/vmx/exit.h"

#include <stdbool.h>
#include <stddef.h>

#include "firmware/machine/cpu.h"
#include "firmware/machine/log.h"
#include "firmware/vcpu/counts.h"
#include "firmware/vcpu/discard.h"
#include "firmware/vcpu/event.h"
#include "firmware/vcpu/exits.h"
#include "firmware/vmx/exit_cr.h"
#include "firmware/vmx/vmx.h"

_Static_assert(VMX_EXITS <= COUNTS_EXITS, "each reason is counted");

vcpu_event vmx_event(uint32_t information)
{
    return (vcpu_event){.type = (vcpu_event_type)(information >> 8 & 7),
                        .vector = (uint8_t)information,
                        .coded = (information & EVENT_CODED) != 0};
}

/* Interrupts of the machine itself: all are masked, so whatever comes is only counted. */
static void on_interrupt(void) {}
static void on_wake(void) {}

/* VCPU_EXCEPTIONS. An NMI is counted. */
static void on_exception(void)
{
    const uint32_t information = (uint32_t)vmcs_read(VMCS_EXIT_INTERRUPTION);
    const vcpu_event event = vmx_event(information);
    if (event.type == EVENT_NMI)
        return;
    if (event.vector == GUEST_AC) {
        event_exception(GUEST_AC, 0);
        return;
    }
    if (event.vector == GUEST_DB) {
        if (event.type == EVENT_INT1) /* a trap, whose exit stands at the instruction */
            vcpu_skip_instruction();
        event_debug(vmcs_read(VMCS_EXIT_QUALIFICATION));
        return;
    }
    vcpu_dump();
    hv_stop("exit: %s while the guest ran (interruption information %x)",
            event.vector == GUEST_MC ? "machine check" : "an exception that was not asked for", information);
}

/* Signals of one processor to another: an INIT is a reset button that the chipset wires so, a SIPI follows one. */
static void on_init(void)
{
    vcpu_dump();
    hv_stop("exit: the machine asks this processor to start anew (%s)",
            vmx_exit_name((unsigned)vmcs_read(VMCS_EXIT_REASON) & 0xFFFF));
}

/* Its control is 0 (vmx_vcpu.c) and the processor had no say in it (vmx_capability.c), or the exit belongs to a state
 * that pxHV does not make: a processor that does so is not the one that pxHV was written for. */
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

/* "Exit Qualification for I/O Instructions", "VM-Exit Instruction-Information Field as Used for INS and OUTS". */
static void on_io(void)
{
    static const uint64_t masks[] = {UINT16_MAX, UINT32_MAX};
    const uint64_t q = vmcs_read(VMCS_EXIT_QUALIFICATION);
    vcpu_io io = {.port = (uint16_t)(q >> 16),
                  .bytes = (unsigned)(q & 7) + 1,
                  .in = (q & 1 << 3) != 0,
                  .string = (q & 1 << 4) != 0,
                  .repeated = (q & 1 << 5) != 0,
                  .mask = UINT64_MAX,
                  .segment = SEGMENT_ES};
    if (io.string) {
        const uint64_t information = vmcs_read(VMCS_EXIT_INSTRUCTION);
        const unsigned size = (unsigned)(information >> 7 & 7), segment = (unsigned)(information >> 15 & 7);
        if (size < 2)
            io.mask = masks[size];
        if (!io.in) /* INS always stores to ES */
            io.segment = segment <= SEGMENT_GS ? segment : SEGMENT_DS;
    }
    exit_io(&io);
}

/* "Exit Qualification for Task Switches" */
static void on_task_switch(void)
{
    const uint64_t q = vmcs_read(VMCS_EXIT_QUALIFICATION);
    exit_task_switch((uint16_t)q, (vcpu_switch)(q >> 30 & 3));
}

/* Neither a write that nobody keeps (discard.c) nor anything else that the nested tables (guest_map.c) leave open. */
static void on_ept_violation(void)
{
    const uint64_t at = vmcs_read(VMCS_GUEST_PHYSICAL_ADDRESS);
    const bool write = (vmcs_read(VMCS_EXIT_QUALIFICATION) & VIOLATION_WRITE) != 0;
    hv_log("ept: violation at %lx, %s", at, write ? "a write" : "a read or fetch");
    event_exception(GUEST_GP, 0);
}

static void (*const handlers[VMX_EXITS])(void) = {
    [VMX_EXIT_EXCEPTION] = on_exception,
    [VMX_EXIT_EXTERNAL_INTERRUPT] = on_interrupt,
    [VMX_EXIT_TRIPLE_FAULT] = vcpu_triple_fault,
    [VMX_EXIT_INIT] = on_init,
    [VMX_EXIT_SIPI] = on_init,
    [VMX_EXIT_INTERRUPT_WINDOW] = on_wake,
    [VMX_EXIT_NMI_WINDOW] = on_not_asked,
    [VMX_EXIT_TASK_SWITCH] = on_task_switch,
    [VMX_EXIT_CPUID] = exit_cpuid,
    [VMX_EXIT_GETSEC] = exit_undefined,
    [VMX_EXIT_HLT] = exit_hlt,
    [VMX_EXIT_INVD] = on_invd,
    [VMX_EXIT_INVLPG] = on_not_asked,
    [VMX_EXIT_RDPMC] = exit_forbidden,
    [VMX_EXIT_RDTSC] = on_not_asked,
    [VMX_EXIT_RSM] = exit_undefined,
    [VMX_EXIT_VMCALL] = exit_call,
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
    [VMX_EXIT_IO] = on_io,
    [VMX_EXIT_RDMSR] = exit_rdmsr,
    [VMX_EXIT_WRMSR] = exit_wrmsr,
    [VMX_EXIT_GUEST_STATE] = on_not_asked, /* these three come with bit 31, which vmx_vcpu.c looks at */
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

/* What discard.c asks of an exit. */
static vcpu_exit exit_of(unsigned reason)
{
    vcpu_exit exit = {.exception = reason == VMX_EXIT_EXCEPTION};
    if (exit.exception) {
        exit.event = vmx_event((uint32_t)vmcs_read(VMCS_EXIT_INTERRUPTION));
        exit.event.error = (uint32_t)vmcs_read(VMCS_EXIT_INTERRUPTION_ERROR);
        exit.cause = vmcs_read(VMCS_EXIT_QUALIFICATION);
    }
    if (reason == VMX_EXIT_EPT_VIOLATION) {
        exit.write = (vmcs_read(VMCS_EXIT_QUALIFICATION) & VIOLATION_WRITE) != 0;
        exit.physical = vmcs_read(VMCS_GUEST_PHYSICAL_ADDRESS);
    }
    return exit;
}

void vmx_handle(unsigned reason)
{
    if (reason >= VMX_EXITS || handlers[reason] == NULL) {
        vcpu_dump();
        hv_stop("exit: reason %u, %s, qualification %lx, has no handler", reason, vmx_exit_name(reason),
                vmcs_read(VMCS_EXIT_QUALIFICATION));
    }
    counts_exit(reason);
    if (discard_under_way() != DISCARD_NONE || reason == VMX_EXIT_EPT_VIOLATION) {
        const vcpu_exit exit = exit_of(reason);
        if (discard_exit(&exit))
            return;
    }
    handlers[reason]();
}

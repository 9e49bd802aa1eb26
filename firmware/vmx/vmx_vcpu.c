/* vmx_vcpu.c - vcpu_vendor (vcpu.h) by a VMCS: its fields behind the guest's registers and events, and the entry. Intel
 * SDM volume 3, "Virtual Machine Control Structures", "VM Entries". */
#include <stddef.h>

#include "firmware/machine/cpu.h"
#include "firmware/machine/log.h"
#include "firmware/machine/memory.h"
#include "firmware/machine/tables.h"
#include "firmware/machine/time.h"
#include "firmware/vcpu/guest_map.h"
#include "firmware/vcpu/vcpu.h"
#include "firmware/vmx/check.h"
#include "firmware/vmx/exit.h"
#include "firmware/vmx/exit_cr.h"
#include "firmware/vmx/vmx.h"
#include "firmware/vmx/vmx_provoke.h"

#define CR0_NE  (UINT64_C(1) << 5)
#define CR0_NW  (UINT64_C(1) << 29)
#define CR0_CD  (UINT64_C(1) << 30)
#define CR4_MCE (UINT64_C(1) << 6)

/* enter.asm */
int vmx_enter(guest_registers *registers, bool launched);
extern const uint8_t vmx_exited[];

static bool launched;
static unsigned timer_shift; /* the preemption timer counts at 2^-n of the TSC's rate */

/* ---- registers ---- */

#define PARTS(suffix)                                                                                                  \
    VMCS_GUEST_ES##suffix, VMCS_GUEST_CS##suffix, VMCS_GUEST_SS##suffix, VMCS_GUEST_DS##suffix, VMCS_GUEST_FS##suffix, \
        VMCS_GUEST_GS##suffix, VMCS_GUEST_LDTR##suffix, VMCS_GUEST_TR##suffix

/* The registers behind have no field: guest and host share them. */
static const enum vmcs_field field_of[VCPU_CR2] = {PARTS(),
                                                   PARTS(_BASE),
                                                   PARTS(_LIMIT),
                                                   PARTS(_RIGHTS),
                                                   [VCPU_GDTR_BASE] = VMCS_GUEST_GDTR_BASE,
                                                   [VCPU_GDTR_LIMIT] = VMCS_GUEST_GDTR_LIMIT,
                                                   [VCPU_IDTR_BASE] = VMCS_GUEST_IDTR_BASE,
                                                   [VCPU_IDTR_LIMIT] = VMCS_GUEST_IDTR_LIMIT,
                                                   [VCPU_RIP] = VMCS_GUEST_RIP,
                                                   [VCPU_RSP] = VMCS_GUEST_RSP,
                                                   [VCPU_RFLAGS] = VMCS_GUEST_RFLAGS,
                                                   [VCPU_CR0] = VMCS_GUEST_CR0,
                                                   [VCPU_CR3] = VMCS_GUEST_CR3,
                                                   [VCPU_CR4] = VMCS_GUEST_CR4,
                                                   [VCPU_PDPTE0] = VMCS_GUEST_PDPTE0,
                                                   [VCPU_PDPTE1] = VMCS_GUEST_PDPTE1,
                                                   [VCPU_PDPTE2] = VMCS_GUEST_PDPTE2,
                                                   [VCPU_PDPTE3] = VMCS_GUEST_PDPTE3,
                                                   [VCPU_DR7] = VMCS_GUEST_DR7,
                                                   [VCPU_EFER] = VMCS_GUEST_EFER,
                                                   [VCPU_PAT] = VMCS_GUEST_PAT,
                                                   [VCPU_SYSENTER_CS] = VMCS_GUEST_SYSENTER_CS,
                                                   [VCPU_SYSENTER_ESP] = VMCS_GUEST_SYSENTER_ESP,
                                                   [VCPU_SYSENTER_EIP] = VMCS_GUEST_SYSENTER_EIP,
                                                   [VCPU_HALTED] = VMCS_GUEST_ACTIVITY,
                                                   [VCPU_BLOCKING] = VMCS_GUEST_INTERRUPTIBILITY,
                                                   [VCPU_PENDING_DEBUG] = VMCS_GUEST_PENDING_DEBUG};

static const uint32_t shared_msr[] = {[VCPU_STAR - VCPU_STAR] = IA32_STAR,
                                      [VCPU_LSTAR - VCPU_STAR] = IA32_LSTAR,
                                      [VCPU_CSTAR - VCPU_STAR] = IA32_CSTAR,
                                      [VCPU_FMASK - VCPU_STAR] = IA32_FMASK,
                                      [VCPU_KERNEL_GS_BASE - VCPU_STAR] = IA32_KERNEL_GS_BASE};

static uint64_t get_register(vcpu_register r)
{
    if (r >= VCPU_STAR)
        return rdmsr(shared_msr[r - VCPU_STAR]);
    return r < VCPU_CR2 ? vmcs_read(field_of[r]) : r == VCPU_CR2 ? read_cr2() : read_dr6();
}

static void set_register(vcpu_register r, uint64_t value)
{
    if (r >= VCPU_STAR)
        wrmsr(shared_msr[r - VCPU_STAR], value);
    else if (r < VCPU_CR2)
        vmcs_write(field_of[r], value);
    else if (r == VCPU_CR2)
        write_cr2(value);
    else
        write_dr6(value);
}

/* ---- events: "VM-Entry Controls for Event Injection" ---- */

static bool queued(vcpu_event *event)
{
    const uint32_t information = (uint32_t)vmcs_read(VMCS_ENTRY_INTERRUPTION);
    if ((information & EVENT_VALID) == 0)
        return false;
    *event = vmx_event(information);
    if (event->coded)
        event->error = (uint32_t)vmcs_read(VMCS_ENTRY_ERROR_CODE);
    return true;
}

static void queue(const vcpu_event *event)
{
    if (event->coded)
        vmcs_write(VMCS_ENTRY_ERROR_CODE, event->error);
    if (event->type >= EVENT_INT_N)
        vmcs_write(VMCS_ENTRY_INSTRUCTION_LENGTH, event->length);
    vmcs_write(VMCS_ENTRY_INTERRUPTION,
               EVENT_VALID | (event->coded ? EVENT_CODED : 0) | (uint32_t)event->type << 8 | event->vector);
}

static void unqueue(void) { vmcs_write(VMCS_ENTRY_INTERRUPTION, 0); }

static unsigned instruction_length(void) { return (unsigned)vmcs_read(VMCS_EXIT_INSTRUCTION_LENGTH); }

static bool interrupted(vcpu_event *event)
{
    const uint32_t information = (uint32_t)vmcs_read(VMCS_IDT_VECTORING);
    if ((information & EVENT_VALID) == 0)
        return false;
    *event = vmx_event(information);
    event->length = instruction_length();
    if (event->coded)
        event->error = (uint32_t)vmcs_read(VMCS_IDT_VECTORING_ERROR);
    return true;
}

/* ---- the guest's memory: "EPT Pointer (EPTP)" ---- */

#define EPT_LEVELS_FOUR (UINT64_C(3) << 3)
#define EPT_WRITE_BACK  UINT64_C(6)

static uint64_t ept_pointer;

static void flush(void) { invept(ept_pointer); }

static void map(uint64_t top, uint8_t *rom)
{
    static const guest_map_kind kind = {.write_back = EPT_WRITE_BACK << 3, .uncached = 0, .flush = flush};
    ept_pointer = guest_map_init(&kind, top, rom) | EPT_LEVELS_FOUR | EPT_WRITE_BACK;
}

/* ---- what exits ---- */

static void want_window(bool wanted)
{
    const uint64_t controls = vmcs_read(VMCS_PRIMARY_CONTROLS);
    if (wanted != ((controls & PRIMARY_INTERRUPT_WINDOW) != 0))
        vmcs_write(VMCS_PRIMARY_CONTROLS, controls ^ PRIMARY_INTERRUPT_WINDOW);
}

static void want_exceptions(uint32_t set) { vmcs_write(VMCS_EXCEPTION_BITMAP, set); }

static void wake_after(uint64_t nanoseconds)
{
    const uint64_t ticks = (time_ticks(nanoseconds) >> timer_shift) + 1;
    vmcs_write(VMCS_PREEMPTION_TIMER, ticks > UINT32_MAX ? UINT32_MAX : ticks);
}

/* "VMX-Preemption Timer": at 0 it exits before the first instruction, but behind what the entry injects. */
static void wake_at_once(void) { vmcs_write(VMCS_PREEMPTION_TIMER, 0); }

static void write_host_state(void)
{
    vmcs_write(VMCS_HOST_CR0, read_cr0());
    vmcs_write(VMCS_HOST_CR3, read_cr3());
    vmcs_write(VMCS_HOST_CR4, read_cr4());
    vmcs_write(VMCS_HOST_CS, HV_CS);
    vmcs_write(VMCS_HOST_SS, HV_DS);
    vmcs_write(VMCS_HOST_DS, HV_DS);
    vmcs_write(VMCS_HOST_ES, HV_DS);
    vmcs_write(VMCS_HOST_FS, 0);
    vmcs_write(VMCS_HOST_GS, 0);
    vmcs_write(VMCS_HOST_TR, HV_TR);
    vmcs_write(VMCS_HOST_FS_BASE, 0);
    vmcs_write(VMCS_HOST_GS_BASE, 0);
    vmcs_write(VMCS_HOST_TR_BASE, tables_tss());
    vmcs_write(VMCS_HOST_GDTR_BASE, hv_gdt_pointer.base);
    vmcs_write(VMCS_HOST_IDTR_BASE, hv_idt_pointer.base);
    vmcs_write(VMCS_HOST_SYSENTER_CS, 0);
    vmcs_write(VMCS_HOST_SYSENTER_ESP, 0);
    vmcs_write(VMCS_HOST_SYSENTER_EIP, 0);
    vmcs_write(VMCS_HOST_PAT, rdmsr(IA32_PAT));
    vmcs_write(VMCS_HOST_EFER, rdmsr(IA32_EFER));
    vmcs_write(VMCS_HOST_RIP, (uint64_t)vmx_exited);
}

/* Every port and every MSR exits; interrupts and NMIs exit though none is expected. */
static void write_controls(void)
{
    uint8_t *const io = page_alloc(2), *const msr = page_alloc(1);
    memset(io, 0xFF, 2 * PAGE_SIZE);
    memset(msr, 0xFF, PAGE_SIZE);
    vmcs_write(VMCS_PIN_CONTROLS,
               vmx_controls(IA32_VMX_PINBASED_CTLS, PIN_EXTERNAL_INTERRUPT | PIN_NMI | PIN_PREEMPTION_TIMER));
    vmcs_write(VMCS_PRIMARY_CONTROLS,
               vmx_controls(IA32_VMX_PROCBASED_CTLS, PRIMARY_HLT | PRIMARY_MWAIT | PRIMARY_MONITOR | PRIMARY_RDPMC |
                                                         PRIMARY_CR8_LOAD | PRIMARY_CR8_STORE | PRIMARY_IO_BITMAPS |
                                                         PRIMARY_MSR_BITMAPS | PRIMARY_SECONDARY));
    vmcs_write(VMCS_SECONDARY_CONTROLS, vmx_controls(IA32_VMX_PROCBASED_CTLS2, SECONDARY_EPT | SECONDARY_UNRESTRICTED));
    vmcs_write(VMCS_EXIT_CONTROLS,
               vmx_controls(IA32_VMX_EXIT_CTLS, EXIT_SAVE_DEBUG | EXIT_HOST_64 | EXIT_ACKNOWLEDGE | EXIT_SAVE_PAT |
                                                    EXIT_LOAD_PAT | EXIT_SAVE_EFER | EXIT_LOAD_EFER));
    vmcs_write(VMCS_ENTRY_CONTROLS,
               vmx_controls(IA32_VMX_ENTRY_CTLS, ENTRY_LOAD_DEBUG | ENTRY_LOAD_PAT | ENTRY_LOAD_EFER));
    vmcs_write(VMCS_IO_BITMAP_A, physical_of(io));
    vmcs_write(VMCS_IO_BITMAP_B, physical_of(io + PAGE_SIZE));
    vmcs_write(VMCS_MSR_BITMAP, physical_of(msr));
    vmcs_write(VMCS_EPT_POINTER, ept_pointer);
    vmcs_write(VMCS_EXCEPTION_BITMAP, VCPU_EXCEPTIONS);
    vmcs_write(VMCS_PAGE_FAULT_MASK, 0);
    vmcs_write(VMCS_PAGE_FAULT_MATCH, 0);
    vmcs_write(VMCS_CR3_TARGET_COUNT, 0);
    vmcs_write(VMCS_EXIT_MSR_STORE_COUNT, 0);
    vmcs_write(VMCS_EXIT_MSR_LOAD_COUNT, 0);
    vmcs_write(VMCS_ENTRY_MSR_LOAD_COUNT, 0);
    /* The guest may do with CR0 what it likes but for the bit that VMX needs and cache control, with CR4 what it knows
     * of. */
    vmcs_write(VMCS_CR0_MASK, CR0_NE | CR0_NW | CR0_CD);
    vmcs_write(VMCS_CR4_MASK, ~GUEST_CR4_BITS);
}

/* "VMX-Preemption Timer": its rate is in IA32_VMX_MISC, and errata of some processors make it another; it only wakes.
 */
static void init(void)
{
    timer_shift = (unsigned)rdmsr(IA32_VMX_MISC) & 31;
    hv_log("vmx: the preemption timer runs at 2^-%u of the TSC", timer_shift);
    write_host_state();
    write_controls();
    vmcs_write(VMCS_LINK_POINTER, UINT64_MAX);
    vcpu_reset();
}

static void reset(void)
{
    vmcs_write(VMCS_GUEST_CR0, (rdmsr(IA32_VMX_CR0_FIXED0) & ~UINT64_C(0x80000001)) | CR0_NE | 0x10);
    vmcs_write(VMCS_GUEST_CR4, rdmsr(IA32_VMX_CR4_FIXED0) | (read_cr4() & CR4_MCE)); /* machine checks are the host's */
    vmcs_write(VMCS_CR0_SHADOW, 0x10);
    vmcs_write(VMCS_CR4_SHADOW, 0);
    vmcs_write(VMCS_GUEST_DEBUGCTL, 0);
    vmcs_write(VMCS_ENTRY_CONTROLS, vmcs_read(VMCS_ENTRY_CONTROLS) & ~(uint64_t)ENTRY_GUEST_64);
    exit_cr_reset();
}

/* ---- entry ---- */

/* A guest that has never run is checked whole; later states are the processor's own, changed in few places. */
static void check_first_entry(void)
{
    if (launched)
        return;
    vmx_provoke_before_check();
    const char *const broken = check_guest_state();
    if (broken != NULL) {
        vcpu_dump();
        hv_stop("vmx: guest state: %s", broken);
    }
    vmx_provoke_before_entry();
}

static unsigned run(void)
{
    check_first_entry();
    hv_log_com1(false); /* before the entry: where it succeeds, this may be too late behind it */
    const int failed = vmx_enter(&guest, launched);
    if (failed != 0) {
        hv_log_com1(!launched);
        const unsigned error = failed == 2 ? (unsigned)vmcs_read(VMCS_INSTRUCTION_ERROR) : 0;
        hv_log("vmx: %s failed: %s", launched ? "VMRESUME" : "VMLAUNCH",
               failed == 2 ? vmx_error_text(error) : "no current VMCS");
        if (failed == 2)
            vcpu_dump(); /* without a current VMCS there is nothing to be read */
        hv_stop("vmx: entry refused, error %u", error);
    }
    const unsigned reason = (unsigned)vmcs_read(VMCS_EXIT_REASON);
    if ((reason & EXIT_ENTRY_FAILED) != 0) {
        hv_log_com1(!launched);
        vcpu_dump();
        hv_stop("vmx: entry failed, reason %u: %s, qualification %lx", reason & 0xFFFF, vmx_exit_name(reason & 0xFFFF),
                vmcs_read(VMCS_EXIT_QUALIFICATION));
    }
    launched = true;
    return reason & 0xFFFF;
}

const vcpu_vendor vmx_vendor = {.name = "vmx",
                                .refusal = vmx_refusal,
                                .start = vmx_start,
                                .init = init,
                                .reset = reset,
                                .get = get_register,
                                .set = set_register,
                                .run = run,
                                .handle = vmx_handle,
                                .exit_name = vmx_exit_name,
                                .instruction_length = instruction_length,
                                .queued = queued,
                                .queue = queue,
                                .unqueue = unqueue,
                                .interrupted = interrupted,
                                .want_window = want_window,
                                .want_exceptions = want_exceptions,
                                .wake_after = wake_after,
                                .wake_at_once = wake_at_once,
                                .map = map,
                                .map_a20 = guest_map_a20,
                                .map_open = guest_map_open,
                                .map_close = guest_map_close};

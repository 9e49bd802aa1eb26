/* vcpu.c - see vcpu.h. Intel SDM volume 3, "Virtual Machine Control Structures", "VM Entries". */
#include "firmware/vcpu/vcpu.h"

#include "firmware/machine/cpu.h"
#include "firmware/machine/log.h"
#include "firmware/machine/memory.h"
#include "firmware/machine/tables.h"
#include "firmware/vcpu/event.h"
#include "firmware/vmx/check.h"
#include "firmware/vmx/ept.h"
#include "firmware/vmx/provoke.h"
#include "firmware/vmx/vmx.h"

/* Access rights as the VMCS has them: "Guest Register State". */
#define RIGHTS_SEGMENT  0x93u /* present, read-write or read-execute data, accessed: what real mode has */
#define RIGHTS_LDT      0x82u
#define RIGHTS_BUSY_TSS 0x8Bu

#define CR0_NE (UINT64_C(1) << 5)
#define CR0_NW (UINT64_C(1) << 29)
#define CR0_CD (UINT64_C(1) << 30)

#define CR4_MCE (UINT64_C(1) << 6)

#define RFLAGS_TF (UINT64_C(1) << 8)
#define RFLAGS_RF (UINT64_C(1) << 16)
#define DEBUG_BS  (UINT64_C(1) << 14) /* in GUEST_PENDING_DEBUG: a single step */
#define EFER_LMA  (UINT64_C(1) << 10)
#define CS_LONG   (UINT64_C(1) << 13)

guest_registers guest;

/* entry.asm */
int vmx_enter(guest_registers *registers, bool launched);
extern const uint8_t vmx_exited[];

static bool launched;

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
    vmcs_write(VMCS_EPT_POINTER, ept_pointer());
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

#define SEGMENT(s)                                                                                                     \
    {                                                                                                                  \
        VMCS_GUEST_##s, VMCS_GUEST_##s##_BASE, VMCS_GUEST_##s##_LIMIT, VMCS_GUEST_##s##_RIGHTS                         \
    }
const vcpu_segment vcpu_segments[VCPU_SEGMENTS] = {SEGMENT(ES), SEGMENT(CS), SEGMENT(SS),   SEGMENT(DS),
                                                   SEGMENT(FS), SEGMENT(GS), SEGMENT(LDTR), SEGMENT(TR)};

static void write_segment(const vcpu_segment *segment, uint16_t selector, uint32_t rights)
{
    vmcs_write(segment->selector, selector);
    vmcs_write(segment->base, (uint64_t)selector << 4);
    vmcs_write(segment->limit, 0xFFFF);
    vmcs_write(segment->rights, rights);
}

void vcpu_reset(void)
{
    guest = (guest_registers){.rdx = 0x600}; /* a family, as after INIT */
    for (unsigned i = 0; i < VCPU_SEGMENTS; i++)
        write_segment(&vcpu_segments[i], i == VCPU_CS ? 0xF000 : 0,
                      i == VCPU_LDTR ? RIGHTS_LDT
                      : i == VCPU_TR ? RIGHTS_BUSY_TSS
                                     : RIGHTS_SEGMENT);
    vmcs_write(VMCS_GUEST_GDTR_BASE, 0);
    vmcs_write(VMCS_GUEST_GDTR_LIMIT, 0xFFFF);
    vmcs_write(VMCS_GUEST_IDTR_BASE, 0);
    vmcs_write(VMCS_GUEST_IDTR_LIMIT, 0xFFFF);
    vmcs_write(VMCS_GUEST_CR0, (rdmsr(IA32_VMX_CR0_FIXED0) & ~UINT64_C(0x80000001)) | CR0_NE | 0x10);
    vmcs_write(VMCS_GUEST_CR3, 0);
    vmcs_write(VMCS_GUEST_CR4, rdmsr(IA32_VMX_CR4_FIXED0) | (read_cr4() & CR4_MCE)); /* machine checks are the host's */
    vmcs_write(VMCS_CR0_SHADOW, 0x10);
    vmcs_write(VMCS_CR4_SHADOW, 0);
    vmcs_write(VMCS_GUEST_DR7, 0x400);
    vmcs_write(VMCS_GUEST_RSP, 0);
    vmcs_write(VMCS_GUEST_RIP, 0xFFF0);
    vmcs_write(VMCS_GUEST_RFLAGS, 2);
    vmcs_write(VMCS_GUEST_PAT, UINT64_C(0x0007040600070406));
    vmcs_write(VMCS_GUEST_EFER, 0);
    vmcs_write(VMCS_GUEST_DEBUGCTL, 0);
    vmcs_write(VMCS_GUEST_INTERRUPTIBILITY, 0);
    vmcs_write(VMCS_GUEST_ACTIVITY, 0);
    vmcs_write(VMCS_GUEST_PENDING_DEBUG, 0);
    vmcs_write(VMCS_GUEST_SYSENTER_CS, 0);
    vmcs_write(VMCS_GUEST_SYSENTER_ESP, 0);
    vmcs_write(VMCS_GUEST_SYSENTER_EIP, 0);
    vmcs_write(VMCS_ENTRY_INTERRUPTION, 0);
    vmcs_write(VMCS_ENTRY_CONTROLS, vmcs_read(VMCS_ENTRY_CONTROLS) & ~(uint64_t)ENTRY_GUEST_64);
}

void vcpu_init(void)
{
    write_host_state();
    write_controls();
    vmcs_write(VMCS_LINK_POINTER, UINT64_MAX);
    vcpu_reset();
}

/* A guest that has never run is checked whole; later states are the processor's own, changed in few places. */
static void check_first_entry(void)
{
    if (launched)
        return;
    provoke_before_check();
    const char *const broken = check_guest_state();
    if (broken != NULL) {
        vcpu_dump();
        hv_stop("vmx: guest state: %s", broken);
    }
    provoke_before_entry();
}

unsigned vcpu_run(void)
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

bool vcpu_64_bit_code(void)
{
    return (vmcs_read(VMCS_GUEST_EFER) & EFER_LMA) != 0 && (vmcs_read(VMCS_GUEST_CS_RIGHTS) & CS_LONG) != 0;
}

bool vcpu_end_step(void)
{
    if ((vmcs_read(VMCS_GUEST_RFLAGS) & RFLAGS_TF) == 0)
        return false;
    vmcs_write(VMCS_GUEST_PENDING_DEBUG, vmcs_read(VMCS_GUEST_PENDING_DEBUG) | DEBUG_BS);
    return true;
}

void vcpu_skip_instruction(void)
{
    const uint64_t rip = vmcs_read(VMCS_GUEST_RIP) + vmcs_read(VMCS_EXIT_INSTRUCTION_LENGTH);
    vmcs_write(VMCS_GUEST_RIP, vcpu_64_bit_code() ? rip : rip & UINT32_MAX);
    vmcs_write(VMCS_GUEST_RFLAGS, vmcs_read(VMCS_GUEST_RFLAGS) & ~RFLAGS_RF);
    (void)vcpu_end_step();
    /* STI and MOV SS block interrupts for one instruction: this one. */
    vmcs_write(VMCS_GUEST_INTERRUPTIBILITY, vmcs_read(VMCS_GUEST_INTERRUPTIBILITY) & ~UINT64_C(3));
}

void vcpu_dump(void)
{
    static const char *const name[] = {"es", "cs", "ss", "ds", "fs", "gs", "ldtr", "tr"};
    hv_log("guest: rip %lx rsp %lx rflags %lx cr0 %lx cr3 %lx cr4 %lx efer %lx", vmcs_read(VMCS_GUEST_RIP),
           vmcs_read(VMCS_GUEST_RSP), vmcs_read(VMCS_GUEST_RFLAGS), vmcs_read(VMCS_GUEST_CR0),
           vmcs_read(VMCS_GUEST_CR3), vmcs_read(VMCS_GUEST_CR4), vmcs_read(VMCS_GUEST_EFER));
    hv_log("guest: rax %lx rbx %lx rcx %lx rdx %lx rsi %lx rdi %lx rbp %lx", guest.rax, guest.rbx, guest.rcx, guest.rdx,
           guest.rsi, guest.rdi, guest.rbp);
    for (unsigned i = 0; i < VCPU_SEGMENTS; i++)
        hv_log("guest: %s %lx base %lx limit %lx rights %lx", name[i], vmcs_read(vcpu_segments[i].selector),
               vmcs_read(vcpu_segments[i].base), vmcs_read(vcpu_segments[i].limit), vmcs_read(vcpu_segments[i].rights));
}

/* event.c - see event.h. Intel SDM volume 3, "VM-Entry Controls for Event Injection", "Information for VM Exits That
 * Occur During Event Delivery". */
#include "firmware/vcpu/event.h"

#include "firmware/machine/cpu.h"
#include "firmware/pc/pc.h"
#include "firmware/vcpu/discard.h"
#include "firmware/vmx/exit.h"
#include "firmware/vmx/vmx.h"

#define VALID          (1u << 31)
#define ERROR_CODE     (1u << 11)
#define TYPE_INTERRUPT (0u << 8)
#define TYPE_EXCEPTION (3u << 8)
#define TYPE           (7u << 8)

#define RFLAGS_IF    0x200u
#define RFLAGS_RF    UINT64_C(0x10000)
#define DR7_GD       UINT64_C(0x2000)
#define DR6_B        UINT64_C(0xF)    /* breakpoints 0 to 3 */
#define DR6_BD_BS_BT UINT64_C(0xE000) /* debug registers touched; a single step; a task switch */
#define BLOCKED      3u               /* by STI or MOV SS */
#define ACTIVE       0u
#define CR0_PE       1u

static bool pending(void) { return (vmcs_read(VMCS_ENTRY_INTERRUPTION) & VALID) != 0; }

#define SHUTDOWN 0xFFu /* no vector */

/* "Conditions for Generating a Double Fault": what an exception becomes while another event is being delivered. */
static uint8_t met_while_delivering(uint8_t vector)
{
    const uint32_t first = (uint32_t)vmcs_read(VMCS_ENTRY_INTERRUPTION);
    const unsigned old = first & 0xFF;
    if ((first & TYPE) != TYPE_EXCEPTION)
        return vector; /* an interrupt is forgotten for it */
    if (old == GUEST_DF)
        return SHUTDOWN;
    const bool old_contributes = old == GUEST_DE || (old >= 10 && old <= 13),
               contributes = vector == GUEST_DE || (vector >= 10 && vector <= 13);
    if ((old_contributes && contributes) || (old == GUEST_PF && (contributes || vector == GUEST_PF)))
        return GUEST_DF;
    return vector;
}

void event_exception(uint8_t vector, uint32_t error)
{
    if (pending() && (vector = met_while_delivering(vector)) == GUEST_DF)
        error = 0;
    if (vector == SHUTDOWN) {
        guest_triple_fault();
        return;
    }
    const bool coded = vector == GUEST_DF || (vector >= 10 && vector <= 14) || vector == GUEST_AC;
    uint32_t information = vector | TYPE_EXCEPTION | VALID;
    if (coded && (vmcs_read(VMCS_GUEST_CR0) & CR0_PE) != 0) {
        information |= ERROR_CODE;
        vmcs_write(VMCS_ENTRY_ERROR_CODE, error);
    }
    vmcs_write(VMCS_ENTRY_INTERRUPTION, information);
    if (vector != GUEST_DB && vector != GUEST_DF) /* a fault pushes RF, that its instruction breaks once */
        vmcs_write(VMCS_GUEST_RFLAGS, vmcs_read(VMCS_GUEST_RFLAGS) | RFLAGS_RF);
}

void event_page_fault(uint64_t linear, uint32_t error)
{
    write_cr2(linear); /* the VMCS has no place for it: guest and host share CR2 */
    event_exception(GUEST_PF, error);
}

void event_software(uint32_t information)
{
    vmcs_write(VMCS_ENTRY_INTERRUPTION, information & (VALID | TYPE | 0xFF));
    vmcs_write(VMCS_ENTRY_INSTRUCTION_LENGTH, vmcs_read(VMCS_EXIT_INSTRUCTION_LENGTH));
}

/* "Debug Exceptions": an exit leaves DR6 and DR7 as they were, and so does the injection; what they would have got is
 * in the exit qualification. */
void event_debug(uint64_t cause)
{
    write_dr6((read_dr6() & ~DR6_B) | (cause & (DR6_B | DR6_BD_BS_BT)));
    vmcs_write(VMCS_GUEST_DR7, vmcs_read(VMCS_GUEST_DR7) & ~DR7_GD);
    vmcs_write(VMCS_GUEST_INTERRUPTIBILITY, vmcs_read(VMCS_GUEST_INTERRUPTIBILITY) & ~(uint64_t)BLOCKED);
    event_exception(GUEST_DB, 0);
}

void event_after_exit(void)
{
    const uint32_t cut = (uint32_t)vmcs_read(VMCS_IDT_VECTORING);
    if ((cut & VALID) == 0)
        return;
    /* In real mode an error code is recorded and not pushed: an entry that would push it is refused. */
    const uint32_t code = (vmcs_read(VMCS_GUEST_CR0) & CR0_PE) != 0 ? cut & ERROR_CODE : 0;
    vmcs_write(VMCS_ENTRY_INTERRUPTION, (cut & (VALID | TYPE | 0xFF)) | code);
    if (code != 0)
        vmcs_write(VMCS_ENTRY_ERROR_CODE, vmcs_read(VMCS_IDT_VECTORING_ERROR));
    vmcs_write(VMCS_ENTRY_INSTRUCTION_LENGTH, vmcs_read(VMCS_EXIT_INSTRUCTION_LENGTH));
}

static void set_window(bool wanted)
{
    const uint64_t controls = vmcs_read(VMCS_PRIMARY_CONTROLS) & ~(uint64_t)PRIMARY_INTERRUPT_WINDOW;
    vmcs_write(VMCS_PRIMARY_CONTROLS, controls | (wanted ? PRIMARY_INTERRUPT_WINDOW : 0));
}

/* An entry that injects an interrupt forgets a debug exception that is pending: that one goes first. */
void event_before_entry(void)
{
    if (discard_under_way() != DISCARD_NONE) {
        set_window(false);
        return;
    }
    const bool open = !pending() && (vmcs_read(VMCS_GUEST_RFLAGS) & RFLAGS_IF) != 0 &&
                      (vmcs_read(VMCS_GUEST_INTERRUPTIBILITY) & BLOCKED) == 0 &&
                      vmcs_read(VMCS_GUEST_PENDING_DEBUG) == 0;
    bool wanted = pc_interrupt_pending();
    if (wanted && open) {
        vmcs_write(VMCS_ENTRY_INTERRUPTION, pc_interrupt_vector() | TYPE_INTERRUPT | VALID);
        vmcs_write(VMCS_GUEST_ACTIVITY, ACTIVE);
        wanted = pc_interrupt_pending();
    }
    set_window(wanted);
}

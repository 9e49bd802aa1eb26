/* provoke.c - see provoke.h. The four failures are those of the Intel SDM volume 3, "VM Entries"; the fifth is our own
 * checker's; the others break the rights of pxHV's own pages. */
#include "firmware/vmx/provoke.h"

#include <stddef.h>
#include <stdint.h>

#include "firmware/machine/cpu.h"
#include "firmware/machine/memory.h"
#include "firmware/vmx/vmx.h"

/* "VM-Entry Controls for MSRs": one entry of the list. FS.base may not be loaded by it. */
static void add_forbidden_msr(void)
{
    uint64_t *const list = page_alloc(1);
    list[0] = IA32_FS_BASE;
    vmcs_write(VMCS_ENTRY_MSR_LOAD_ADDRESS, physical_of(list));
    vmcs_write(VMCS_ENTRY_MSR_LOAD_COUNT, 1);
}

static void break_control(void) { vmcs_write(VMCS_CR3_TARGET_COUNT, 256); }
static void break_flags(void) { vmcs_write(VMCS_GUEST_RFLAGS, 0); }
static void break_code_segment(void) { vmcs_write(VMCS_GUEST_CS_RIGHTS, 0xF3); }

/* entry.asm: part of pxHV's text. */
extern const uint8_t vmx_exited[];

static void write_text(void) { *(volatile uint8_t *)(uintptr_t)vmx_exited = 0xCC; }

static void read_null(void)
{
    static volatile uintptr_t nearly_null = 0x10; /* not for the compiler's eyes */
    (void)*(volatile const uint8_t *)nearly_null;
}

/* A RET in pages that may be written: where it can be executed nothing happens. */
static void execute_data(void)
{
    static uint8_t code[] = {0xC3};
    ((void (*)(void))(uintptr_t)code)();
}

static void raise_nmi(void) { __asm__ volatile("int $2"); }

/* Where an exit comes back to: nowhere. By then the guest has run. */
static void exit_astray(void)
{
    static const uint8_t undefined[] = {0x0F, 0x0B};
    vmcs_write(VMCS_HOST_RIP, (uint64_t)(uintptr_t)undefined);
}

static const struct {
    void (*before_check)(void), (*before_entry)(void);
} ways[] = {[PROVOKE_INVALID] = {NULL, vmx_forget},
            [PROVOKE_VALID] = {NULL, break_control},
            [PROVOKE_STATE] = {NULL, break_flags},
            [PROVOKE_MSR] = {NULL, add_forbidden_msr},
            [PROVOKE_CHECK] = {break_code_segment, NULL},
            [PROVOKE_WRITE] = {NULL, write_text},
            [PROVOKE_EXECUTE] = {NULL, execute_data},
            [PROVOKE_NULL_READ] = {NULL, read_null},
            [PROVOKE_NMI] = {NULL, raise_nmi},
            [PROVOKE_LATE] = {NULL, exit_astray}};
static provocation chosen;

void provoke_choose(provocation way) { chosen = way; }

void provoke_before_check(void)
{
    if (ways[chosen].before_check != NULL)
        ways[chosen].before_check();
}

void provoke_before_entry(void)
{
    if (ways[chosen].before_entry != NULL)
        ways[chosen].before_entry();
}

/* vmx_provoke.c - see vmx_provoke.h. The four failures are those of the Intel SDM volume 3, "VM Entries"; the fifth is
 * our own checker's. */
#include "firmware/vmx/vmx_provoke.h"

#include <stddef.h>
#include <stdint.h>

#include "firmware/machine/cpu.h"
#include "firmware/machine/memory.h"
#include "firmware/machine/provoke.h"
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

/* Where an exit comes back to: nowhere. By then the guest has run. */
static void exit_astray(void)
{
    static const uint8_t undefined[] = {0x0F, 0x0B};
    vmcs_write(VMCS_HOST_RIP, (uint64_t)(uintptr_t)undefined);
}

void vmx_provoke_before_check(void)
{
    if (provoke_chosen() == PROVOKE_CHECK)
        vmcs_write(VMCS_GUEST_CS_RIGHTS, 0xF3);
}

void vmx_provoke_before_entry(void)
{
    static void (*const ways[])(void) = {[PROVOKE_INVALID] = vmx_forget,
                                         [PROVOKE_VALID] = break_control,
                                         [PROVOKE_STATE] = break_flags,
                                         [PROVOKE_MSR] = add_forbidden_msr,
                                         [PROVOKE_LATE] = exit_astray};
    const provocation way = provoke_chosen();
    if (way < sizeof ways / sizeof *ways && ways[way] != NULL)
        ways[way]();
    provoke_host();
}

/* svm_provoke.c - the entries to the guest that must fail (machine/provoke.h), as SVM has them: one way in which the
 * processor refuses, whatever is wrong, and our own checker's. */
#include "firmware/machine/provoke.h"

#include "firmware/svm/svm.h"

static void no_address_space(void) { vmcb->asid = 0; }
static void no_vmrun(void) { vmcb->intercept[1] &= ~INTERCEPT1_VMRUN; }
static void break_state(void) { vmcb->dr7 |= UINT64_C(1) << 32; }
static void break_map(void) { vmcb->msr_map = UINT64_MAX << 12; }

void svm_provoke_before_check(void)
{
    if (provoke_chosen() == PROVOKE_CHECK)
        vmcb->efer = 0;
}

void svm_provoke_before_entry(void)
{
    static void (*const ways[])(void) = {[PROVOKE_INVALID] = no_address_space,
                                         [PROVOKE_VALID] = no_vmrun,
                                         [PROVOKE_STATE] = break_state,
                                         [PROVOKE_MSR] = break_map};
    const provocation way = provoke_chosen();
    if (way < sizeof ways / sizeof *ways && ways[way] != NULL)
        ways[way]();
    provoke_host();
}

/* Where an exit comes back to: nowhere. By then the guest has run. */
void svm_provoke_after_exit(void)
{
    static uint8_t nowhere[] = {0x0F, 0x0B};
    if (provoke_chosen() == PROVOKE_LATE)
        ((void (*)(void))(uintptr_t)nowhere)();
}

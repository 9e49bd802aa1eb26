/* check.h - whether the processor will take the guest's state. Emulators forgive some states that processors refuse,
 * and processors say only "invalid guest state"; this says which rule. */
#ifndef VMX_CHECK_H
#define VMX_CHECK_H

/* NULL, or the first rule of Intel SDM volume 3, "Checks on the Guest State Area", that the VMCS breaks. Rules about
 * features that pxHV never uses (SMM, dual monitor, shadow VMCS, performance counters) are left out. */
const char *check_guest_state(void);

#endif

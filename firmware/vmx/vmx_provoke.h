/* vmx_provoke.h - the entries to the guest that must fail (machine/provoke.h), as VMX has them. */
#ifndef VMX_VMX_PROVOKE_H
#define VMX_VMX_PROVOKE_H

/* Before the guest's state is checked, and behind that, just before the entry. */
void vmx_provoke_before_check(void);
void vmx_provoke_before_entry(void);

#endif

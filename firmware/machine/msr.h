/* msr.h - model-specific registers by the names of the SDM, volume 4; AMD's own by those of the APM, volume 2. */
#ifndef MACHINE_MSR_H
#define MACHINE_MSR_H

#define IA32_APIC_BASE           0x1Bu
#define IA32_FEATURE_CONTROL     0x3Au
#define IA32_SYSENTER_CS         0x174u
#define IA32_SYSENTER_ESP        0x175u
#define IA32_SYSENTER_EIP        0x176u
#define IA32_PAT                 0x277u
#define IA32_VMX_BASIC           0x480u
#define IA32_VMX_PINBASED_CTLS   0x481u
#define IA32_VMX_PROCBASED_CTLS  0x482u
#define IA32_VMX_EXIT_CTLS       0x483u
#define IA32_VMX_ENTRY_CTLS      0x484u
#define IA32_VMX_MISC            0x485u
#define IA32_VMX_CR0_FIXED0      0x486u
#define IA32_VMX_CR0_FIXED1      0x487u
#define IA32_VMX_CR4_FIXED0      0x488u
#define IA32_VMX_CR4_FIXED1      0x489u
#define IA32_VMX_PROCBASED_CTLS2 0x48Bu
#define IA32_VMX_EPT_VPID_CAP    0x48Cu
#define IA32_VMX_TRUE_OFFSET     12u /* from one of the four control registers to its TRUE form, 48Dh to 490h */
#define IA32_EFER                0xC0000080u
#define IA32_STAR                0xC0000081u
#define IA32_LSTAR               0xC0000082u
#define IA32_CSTAR               0xC0000083u
#define IA32_FMASK               0xC0000084u
#define IA32_FS_BASE             0xC0000100u
#define IA32_GS_BASE             0xC0000101u
#define IA32_KERNEL_GS_BASE      0xC0000102u

#define VM_CR       0xC0010114u
#define VM_HSAVE_PA 0xC0010117u

#endif

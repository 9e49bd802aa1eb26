/* cpu.h - stands in for firmware/hv/cpu.h where pxHV's handlers are compiled natively: the processor is native.c's. */
#ifndef HV_CPU_H
#define HV_CPU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct cpuid_words {
    uint32_t a, b, c, d;
} cpuid_words;

void out8(uint16_t port, uint8_t value);
uint8_t in8(uint16_t port);
uint64_t rdmsr(uint32_t msr);
void wrmsr(uint32_t msr, uint64_t value);
cpuid_words cpuid(uint32_t leaf, uint32_t subleaf);
uint64_t rdtsc(void);
void invept(uint64_t pointer);
void wbinvd(void);
uint64_t read_cr0(void);
uint64_t read_cr3(void);
uint64_t read_cr4(void);
uint64_t read_dr6(void);
void write_dr6(uint64_t value);
void write_cr2(uint64_t value);

#define IA32_FEATURE_CONTROL     0x3Au
#define IA32_PAT                 0x277u
#define IA32_VMX_BASIC           0x480u
#define IA32_VMX_PINBASED_CTLS   0x481u
#define IA32_VMX_PROCBASED_CTLS  0x482u
#define IA32_VMX_EXIT_CTLS       0x483u
#define IA32_VMX_ENTRY_CTLS      0x484u
#define IA32_VMX_CR0_FIXED0      0x486u
#define IA32_VMX_CR0_FIXED1      0x487u
#define IA32_VMX_CR4_FIXED0      0x488u
#define IA32_VMX_CR4_FIXED1      0x489u
#define IA32_VMX_PROCBASED_CTLS2 0x48Bu
#define IA32_VMX_EPT_VPID_CAP    0x48Cu
#define IA32_VMX_TRUE_OFFSET     12u
#define IA32_EFER                0xC0000080u
#define IA32_FS_BASE             0xC0000100u

#endif

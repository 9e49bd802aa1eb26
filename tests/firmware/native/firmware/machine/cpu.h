/* cpu.h - stands in for firmware/machine/cpu.h where pxHV's handlers are compiled natively: the processor is
 * native.c's. */
#ifndef MACHINE_CPU_H
#define MACHINE_CPU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "firmware/machine/msr.h"

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
uint64_t read_cr2(void);
void write_cr2(uint64_t value);
void write_cr4(uint64_t value);
void vmsave(uint64_t physical);

#endif

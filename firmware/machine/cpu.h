/* cpu.h - the instructions that C has no words for. Natively built tests have their own port and MSR functions
 * (tests/firmware). */
#ifndef MACHINE_CPU_H
#define MACHINE_CPU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "firmware/machine/msr.h"

static inline void out8(uint16_t port, uint8_t value) { __asm__ volatile("outb %0, %1" ::"a"(value), "Nd"(port)); }
static inline uint8_t in8(uint16_t port)
{
    uint8_t value;
    __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

static inline uint64_t rdmsr(uint32_t msr)
{
    uint32_t low, high;
    __asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
    return (uint64_t)high << 32 | low;
}
static inline void wrmsr(uint32_t msr, uint64_t value)
{
    __asm__ volatile("wrmsr" ::"c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32)) : "memory");
}

typedef struct cpuid_words {
    uint32_t a, b, c, d;
} cpuid_words;
static inline cpuid_words cpuid(uint32_t leaf, uint32_t subleaf)
{
    cpuid_words w = {.a = leaf, .c = subleaf};
    __asm__ volatile("cpuid" : "+a"(w.a), "=b"(w.b), "+c"(w.c), "=d"(w.d));
    return w;
}

#define HV_CR(n)                                                                                                       \
    static inline uint64_t read_cr##n(void)                                                                            \
    {                                                                                                                  \
        uint64_t value;                                                                                                \
        __asm__ volatile("mov %%cr" #n ", %0" : "=r"(value));                                                          \
        return value;                                                                                                  \
    }                                                                                                                  \
    static inline void write_cr##n(uint64_t value) { __asm__ volatile("mov %0, %%cr" #n ::"r"(value) : "memory"); }
HV_CR(0)
HV_CR(2)
HV_CR(3)
HV_CR(4)
#undef HV_CR

static inline uint64_t rdtsc(void)
{
    uint32_t low, high;
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    return (uint64_t)high << 32 | low;
}

/* "INVEPT": what the processor has kept of one EPT goes. */
static inline void invept(uint64_t pointer)
{
    const struct {
        uint64_t pointer, reserved;
    } single_context = {pointer, 0};
    _Static_assert(sizeof single_context == 16, "\"INVEPT descriptor\"");
    __asm__ volatile("invept %0, %1" ::"m"(single_context), "r"(UINT64_C(1)) : "memory");
}

/* Some of the host's registers to a page, from which VMLOAD has them back. */
static inline void vmsave(uint64_t physical) { __asm__ volatile("vmsave %0" ::"a"(physical) : "memory"); }

static inline uint64_t read_dr6(void)
{
    uint64_t value;
    __asm__ volatile("mov %%dr6, %0" : "=r"(value));
    return value;
}
static inline void write_dr6(uint64_t value) { __asm__ volatile("mov %0, %%dr6" ::"r"(value)); }
static inline void wbinvd(void) { __asm__ volatile("wbinvd" ::: "memory"); }

#endif

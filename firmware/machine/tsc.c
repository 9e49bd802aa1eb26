/* tsc.c - see tsc.h. Newer chipsets may stop the clock of the 8254 to save power, and some have none: nothing here
 * waits for it without an end. Intel SDM volume 2, "CPUID": leaves 15h and 16h. */
#include "firmware/machine/tsc.h"

#include "firmware/machine/cpu.h"

#define PIT_HZ    1193182u
#define PIT_COUNT 11932u                 /* 10 ms */
#define PATIENCE  UINT64_C(500000000)    /* ticks: 100 ms at 5 GHz */
#define LEAST     UINT64_C(100000)       /* Hz: emulators are slow */
#define MOST      UINT64_C(100000000000) /* no processor */

/* Channel 2 counts down once; port 61h bit 0 is its gate, bit 5 its output, which begins low. */
static uint64_t by_pit(void)
{
    out8(0x61, (uint8_t)((in8(0x61) & 0xFC) | 1));
    out8(0x43, 0xB0);
    out8(0x42, PIT_COUNT & 0xFF);
    const uint64_t before = rdtsc();
    out8(0x42, PIT_COUNT >> 8);
    if ((in8(0x61) & 0x20) != 0)
        return 0; /* high before its time: nobody is there */
    while ((in8(0x61) & 0x20) == 0)
        if (rdtsc() - before > PATIENCE)
            return 0;
    const uint64_t ticks = rdtsc() - before;
    return ticks * PIT_HZ / PIT_COUNT;
}

/* Leaf 15h: EBX / EAX is the TSC's rate over that of a crystal of ECX Hz; leaf 16h: EAX is the base frequency in MHz,
 * at which an invariant TSC runs. */
static uint64_t by_cpuid(void)
{
    const uint32_t leaves = cpuid(0, 0).a;
    if (leaves >= 0x15) {
        const cpuid_words w = cpuid(0x15, 0);
        if (w.a != 0 && w.b != 0 && w.c != 0)
            return (uint64_t)w.c * w.b / w.a;
    }
    return leaves >= 0x16 ? (cpuid(0x16, 0).a & UINT64_C(0xFFFF)) * 1000000 : 0;
}

uint64_t tsc_rate(const char **source)
{
    uint64_t rate = by_pit();
    *source = "the PIT";
    if (rate < LEAST || rate > MOST) {
        rate = by_cpuid();
        *source = "CPUID";
    }
    return rate;
}

/* time.c - see time.h. The TSC counts time, the preemption timer only wakes: its rate is 2^-n of the TSC's, n in
 * IA32_VMX_MISC. */
#include "firmware/hv/time.h"

#include "firmware/hv/cpu.h"
#include "firmware/hv/log.h"

#define PIT_HZ    1193182u
#define PIT_COUNT 11932u /* 10 ms */

static uint64_t start, tsc_hz;
static unsigned timer_shift;

/* Channel 2 counts down once; port 61h bit 0 is its gate, bit 5 its output. */
void time_init(void)
{
    out8(0x61, (uint8_t)((in8(0x61) & 0xFC) | 1));
    out8(0x43, 0xB0);
    out8(0x42, PIT_COUNT & 0xFF);
    const uint64_t before = rdtsc();
    out8(0x42, PIT_COUNT >> 8);
    while ((in8(0x61) & 0x20) == 0)
        __asm__ volatile("pause");
    const uint64_t after = rdtsc();
    tsc_hz = (after - before) * PIT_HZ / PIT_COUNT;
    if (tsc_hz < 1000000)
        tsc_hz = 1000000;
    timer_shift = (unsigned)rdmsr(IA32_VMX_MISC) & 31;
    start = rdtsc();
    hv_log("time: the TSC runs at %lu Hz, the preemption timer at 2^-%u of it", tsc_hz, timer_shift);
}

/* a * b / c with a product of 128 bits; the quotient fits 64. */
static uint64_t scale(uint64_t a, uint64_t b, uint64_t c)
{
    uint64_t high, low, quotient, rest;
    __asm__("mulq %3" : "=a"(low), "=d"(high) : "a"(a), "r"(b) : "cc");
    __asm__("divq %4" : "=a"(quotient), "=d"(rest) : "a"(low), "d"(high), "r"(c) : "cc");
    return quotient;
}

pc_time time_now(void) { return scale(rdtsc() - start, PC_SECOND, tsc_hz); }

uint32_t time_to_preemption(pc_time duration)
{
    if (duration > 3600 * PC_SECOND)
        duration = 3600 * PC_SECOND;
    const uint64_t ticks = (scale(duration, tsc_hz, PC_SECOND) >> timer_shift) + 1;
    return ticks > UINT32_MAX ? UINT32_MAX : (uint32_t)ticks;
}

uint64_t time_tsc_hz(void) { return tsc_hz; }

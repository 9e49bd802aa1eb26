/* wake.c - see wake.h. APM, "Advanced Programmable Interrupt Controller (APIC)". */
#include "firmware/svm/wake.h"

#include "firmware/machine/cpu.h"
#include "firmware/machine/log.h"
#include "firmware/machine/memory.h"
#include "firmware/machine/tables.h"
#include "firmware/machine/time.h"

#define BASE_ENABLED UINT64_C(0x800)
#define BASE_X2APIC  UINT64_C(0x400)
#define X2APIC_MSR   0x800u

#define INTERRUPT_PENDING 0xC0010055u
#define C1E_ON_HALT       UINT64_C(0x18000000) /* by an SMI, by the hardware */

#define APIC_EOI      0x0B0u
#define APIC_SPURIOUS 0x0F0u
#define APIC_COMMAND  0x300u /* bits 31:0 of the interrupt command register */
#define APIC_TIMER    0x320u
#define APIC_INITIAL  0x380u
#define APIC_CURRENT  0x390u
#define APIC_DIVIDE   0x3E0u

#define APIC_MASKED      0x10000u
#define SOFTWARE_ENABLED 0x100u
#define TO_ITSELF        0x40000u
#define DIVIDE_BY_1      0x0Bu
#define MILLISECOND      UINT64_C(1000000)
#define VECTOR           HV_INTERRUPT
#define VECTOR_SPURIOUS  (HV_INTERRUPT | 0x0Fu)

static volatile uint32_t *registers; /* NULL: MSRs */
static uint64_t counts;              /* a millisecond */

static uint32_t apic_read(uint32_t at)
{
    return registers != NULL ? registers[at / 4] : (uint32_t)rdmsr(X2APIC_MSR + at / 16);
}

static void apic_write(uint32_t at, uint32_t value)
{
    if (registers != NULL)
        registers[at / 4] = value;
    else
        wrmsr(X2APIC_MSR + at / 16, value);
}

/* Erratum 400 of family 10h: where the firmware has made C1E of HLT in every core, HLT stops the timer too. */
static void keep_out_of_c1e(void)
{
    const uint32_t signature = cpuid(1, 0).a, family = (signature >> 8 & 15) + (signature >> 20 & 0xFF);
    if (family != 0x10)
        return;
    const uint64_t message = rdmsr(INTERRUPT_PENDING);
    if ((message & C1E_ON_HALT) != 0) {
        wrmsr(INTERRUPT_PENDING, message & ~C1E_ON_HALT);
        hv_log("svm: HLT is no longer C1E, in which the timer stands");
    }
}

/* What the firmware may have left open: the 8259s, thermal events, performance counters, the APIC's own errors. */
static void mask_others(void)
{
    static const uint16_t entries[] = {0x330, 0x340, 0x350, 0x370};
    for (unsigned i = 0; i < sizeof entries / sizeof *entries; i++)
        apic_write(entries[i], apic_read(entries[i]) | APIC_MASKED);
}

/* The timer's rate, by the time stamp counter's. */
static void calibrate(void)
{
    const uint64_t ticks = time_ticks(MILLISECOND), begin = rdtsc();
    apic_write(APIC_INITIAL, UINT32_MAX);
    while (rdtsc() - begin < ticks)
        ;
    counts = UINT32_MAX - apic_read(APIC_CURRENT);
    apic_write(APIC_INITIAL, 0);
    if (counts == 0)
        hv_stop("svm: the local APIC's timer does not count");
    hv_log("svm: the local APIC's timer counts %lu a millisecond", counts);
}

void wake_init(void)
{
    keep_out_of_c1e();
    uint64_t base = rdmsr(IA32_APIC_BASE);
    if ((base & BASE_ENABLED) == 0)
        wrmsr(IA32_APIC_BASE, base |= BASE_ENABLED);
    registers = (base & BASE_X2APIC) != 0 ? NULL : virtual_of(base & UINT64_C(0xFFFFF000));
    apic_write(APIC_SPURIOUS, SOFTWARE_ENABLED | VECTOR_SPURIOUS);
    mask_others();
    apic_write(APIC_DIVIDE, DIVIDE_BY_1);
    apic_write(APIC_TIMER, VECTOR); /* once */
    calibrate();
}

void wake_after(uint64_t nanoseconds)
{
    const uint64_t most = UINT32_MAX - 1,
                   wait = nanoseconds < MILLISECOND ? nanoseconds * counts / MILLISECOND : counts;
    apic_write(APIC_INITIAL, (uint32_t)(wait < most ? wait : most) + 1);
}

void wake_at_once(void) { apic_write(APIC_COMMAND, TO_ITSELF | VECTOR); }

void wake_wait(void)
{
    __asm__ volatile("sti; hlt; cli" ::: "memory");
    wake_done();
}

void wake_done(void)
{
    if (!tables_take_interrupt())
        return;
    apic_write(APIC_EOI, 0);
}

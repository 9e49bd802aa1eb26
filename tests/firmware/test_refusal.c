/* test_refusal.c - processors that lack one thing each, as tables of CPUID and MSRs: what pxHV says of them. The good
 * one has exactly what the Intel SDM volume 3, appendix "VMX Capability Reporting Facility", has to report for pxHV's
 * controls and no more, so a control that is asked for without a gate would stop it too. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/firmware/native.h"

#define BASIC      0x480u
#define PIN        0x48Du /* the TRUE forms */
#define PRIMARY    0x48Eu
#define EXITS      0x48Fu
#define ENTRIES    0x490u
#define SECONDARY  0x48Bu
#define EPT        0x48Cu
#define FEATURE    0x3Au
#define CPUID_1_C  1u /* played as an MSR that no processor has */
#define ALLOWED(b) ((uint64_t)(b) << 32)

typedef struct value {
    uint32_t msr;
    uint64_t value;
} value;

/* Revision 1, regions of 4 KB in write-back memory (6 in 53:50), INS/OUTS information (54), TRUE forms (55). */
static const value good[] = {{CPUID_1_C, 1 << 5},
                             {FEATURE, 5},
                             {BASIC, 1 | UINT64_C(0x1000) << 32 | UINT64_C(6) << 50 | UINT64_C(3) << 54},
                             {PIN, 0x16 | ALLOWED(0x5F)},
                             {PRIMARY, 0x04006172 | ALLOWED(0x04006172 | 1 << 2 | 1 << 7 | 3 << 10 | 3 << 19 | 1 << 25 |
                                                            3 << 28 | UINT64_C(1) << 31)},
                             {EXITS, 0x36DFB | ALLOWED(0x36DFB | 1 << 2 | 1 << 9 | 1 << 15 | 15 << 18)},
                             {ENTRIES, 0x11FB | ALLOWED(0x11FB | 1 << 2 | 1 << 9 | 3 << 14)},
                             {SECONDARY, ALLOWED(0x82)},
                             {EPT, 1 << 6 | 1 << 14 | 1 << 16 | 1 << 20 | 1 << 25}};
#define VALUES (sizeof good / sizeof *good)
static value now[VALUES];

static value *find(uint32_t msr)
{
    for (size_t i = 0; i < VALUES; i++)
        if (now[i].msr == msr)
            return &now[i];
    fail_msg("MSR %x is read, which this processor does not have", msr);
    return NULL;
}

static uint64_t read_msr(uint32_t msr) { return find(msr)->value; }
static cpuid_words read_cpuid(uint32_t leaf)
{
    return leaf == 1 ? (cpuid_words){.c = (uint32_t)find(CPUID_1_C)->value} : (cpuid_words){0};
}

static int setup(void **state)
{
    (void)state;
    native_reset();
    memcpy(now, good, sizeof good);
    native_rdmsr = read_msr;
    native_cpuid = read_cpuid;
    native_feature_control = 0;
    return 0;
}

static void the_good_one_is_taken(void **state)
{
    (void)state;
    assert_null(vmx_refusal());
}

static void each_lack_has_its_name(void **state)
{
    static const struct {
        uint32_t msr;
        unsigned bit;
        const char *says;
    } lacks[] = {{CPUID_1_C, 5, "the processor has no VMX"},
                 {FEATURE, 2, "the firmware has switched VMX off"},
                 {BASIC, 51, "write-back memory"},
                 {BASIC, 54, "INS and OUTS"},
                 {PRIMARY, 32 + 31, "no secondary processor controls"},
                 {PIN, 32 + 0, "no exits on interrupts"},
                 {PIN, 32 + 3, "no exits on interrupts"},
                 {PIN, 32 + 6, "no VMX preemption timer"},
                 {PRIMARY, 32 + 2, "no exits on HLT or interrupt windows"},
                 {PRIMARY, 32 + 7, "no exits on HLT or interrupt windows"},
                 {PRIMARY, 32 + 10, "no exits on MONITOR and MWAIT"},
                 {PRIMARY, 32 + 29, "no exits on MONITOR and MWAIT"},
                 {PRIMARY, 32 + 11, "no exits on RDPMC"},
                 {PRIMARY, 32 + 19, "no exits on CR8"},
                 {PRIMARY, 32 + 20, "no exits on CR8"},
                 {PRIMARY, 32 + 25, "no I/O bitmaps"},
                 {PRIMARY, 32 + 28, "no MSR bitmaps"},
                 {SECONDARY, 32 + 1, "no extended page tables"},
                 {SECONDARY, 32 + 7, "no unrestricted guest"},
                 {EXITS, 32 + 2, "exits cannot save DR7"},
                 {EXITS, 32 + 9, "exits cannot switch EFER"},
                 {EXITS, 32 + 15, "exits cannot acknowledge interrupts"},
                 {EXITS, 32 + 18, "exits cannot switch PAT"},
                 {EXITS, 32 + 19, "exits cannot switch PAT"},
                 {EXITS, 32 + 20, "exits cannot switch EFER"},
                 {EXITS, 32 + 21, "exits cannot switch EFER"},
                 {ENTRIES, 32 + 2, "entries cannot load DR7"},
                 {ENTRIES, 32 + 9, "entries cannot lead to 64-bit guests"},
                 {ENTRIES, 32 + 14, "entries cannot load EFER and PAT"},
                 {ENTRIES, 32 + 15, "entries cannot load EFER and PAT"},
                 {EPT, 6, "EPT without four levels"},
                 {EPT, 14, "EPT without write-back memory"},
                 {EPT, 16, "EPT without pages of 2 MB"},
                 {EPT, 20, "no INVEPT"},
                 {EPT, 25, "no INVEPT"}};
    for (size_t i = 0; i < sizeof lacks / sizeof *lacks; i++) {
        setup(state);
        assert_true((find(lacks[i].msr)->value >> lacks[i].bit & 1) == 1);
        find(lacks[i].msr)->value &= ~(UINT64_C(1) << lacks[i].bit);
        const char *const says = vmx_refusal();
        if (says == NULL || strstr(says, lacks[i].says) == NULL)
            fail_msg("MSR %x without bit %u: '%s', expected '%s'", lacks[i].msr, lacks[i].bit,
                     says != NULL ? says : "nothing", lacks[i].says);
    }
}

/* Exits that cannot be switched off, of instructions that pxHV leaves to the processor: CR3 as processors without TRUE
 * forms have it, INVLPG 9, RDTSC 12, MOV DR 23, PAUSE 30. */
static void exits_that_nobody_wants(void **state)
{
    static const unsigned bit[] = {9, 12, 15, 16, 23, 30};
    for (size_t i = 0; i < sizeof bit / sizeof *bit; i++) {
        setup(state);
        find(PRIMARY)->value |= UINT64_C(1) << bit[i];
        assert_string_equal(vmx_refusal(), "exits on CR3, INVLPG, RDTSC, MOV DR or PAUSE cannot be switched off");
    }
}

/* The four old registers are read where VMX_BASIC has no bit 55. */
static void without_true_forms(void **state)
{
    (void)state;
    find(BASIC)->value &= ~(UINT64_C(1) << 55);
    for (size_t i = 0; i < VALUES; i++)
        if (now[i].msr >= PIN && now[i].msr <= ENTRIES)
            now[i].msr -= 12;
    assert_null(vmx_refusal());
    assert_int_equal(vmx_controls(0x481, 0x49), 0x5F);
}

static void an_unlocked_machine_is_locked_with_vmx_on(void **state)
{
    (void)state;
    find(FEATURE)->value = 0; /* as after a reset of the processor: neither locked nor on */
    assert_null(vmx_refusal());
    vmx_unlock();
    assert_int_equal(native_feature_control, 5);
    find(FEATURE)->value = 0xFF02; /* SMX's bits stay */
    vmx_unlock();
    assert_int_equal(native_feature_control, 0xFF07);
    native_feature_control = 0;
    find(FEATURE)->value = 5; /* locked: a write would be a general protection exception */
    vmx_unlock();
    assert_int_equal(native_feature_control, 0);
}

/* "Adjusting control bits": low half what must be 1, high half what may be. */
static void control_words(void **state)
{
    (void)state;
    assert_int_equal(vmx_controls(0x481, 0x49), 0x5F);
    const bool ran = NATIVE_TRY((void)vmx_controls(0x481, 0x80));
    assert_false(ran);
    assert_non_null(strstr(native_stop, "control bits 80"));
}

/* The good processor has no bit that is not gated above: what vmx_vcpu.c asks for must be among them. */
static uint64_t read_msr_or_more(uint32_t msr)
{
    for (size_t i = 0; i < VALUES; i++)
        if (now[i].msr == msr)
            return now[i].value;
    return msr == 0x486 ? 0x80000021 : msr == 0x487 ? UINT32_MAX : msr == 0x488 ? 0x2000 : 0x3767FF;
}

static void all_that_is_asked_for_has_a_gate(void **state)
{
    (void)state;
    native_rdmsr = read_msr_or_more;
    if (!NATIVE_TRY(vcpu->init()))
        fail_msg("%s", native_stop);
    assert_int_equal(vmcs_read(VMCS_SECONDARY_CONTROLS), 0x82);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup(f, setup)
    const struct CMUnitTest tests[] = {TEST(the_good_one_is_taken),
                                       TEST(each_lack_has_its_name),
                                       TEST(exits_that_nobody_wants),
                                       TEST(without_true_forms),
                                       TEST(an_unlocked_machine_is_locked_with_vmx_on),
                                       TEST(control_words),
                                       TEST(all_that_is_asked_for_has_a_gate)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

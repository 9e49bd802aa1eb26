/* test_check.c - the checker of guest state: every rule broken once, from a state that is good. Rules: Intel SDM volume
 * 3, "Checks on the Guest State Area". */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/vmx/check.h"
#include "tests/firmware/native.h"

typedef struct breach {
    enum vmcs_field field;
    uint64_t value;
    const char *says;
} breach;

static void real_mode(void) { native_reset(); }

static void protected_mode(void)
{
    native_reset();
    native_set(VMCS_GUEST_CR0, 0x31);
    native_set(VMCS_GUEST_CS_RIGHTS, 0xC09B);
    native_set(VMCS_GUEST_CS_LIMIT, UINT32_MAX);
}

static void long_mode(void)
{
    protected_mode();
    native_set(VMCS_GUEST_CS_RIGHTS, 0xA09B);
    native_set(VMCS_GUEST_CR0, 0x80000031);
    native_set(VMCS_GUEST_CR4, 0x2020);
    native_set(VMCS_GUEST_EFER, 0x500);
    native_set(VMCS_ENTRY_CONTROLS, vmcs_read(VMCS_ENTRY_CONTROLS) | ENTRY_GUEST_64);
}

static void pae(void)
{
    protected_mode();
    native_set(VMCS_GUEST_CR0, 0x80000031);
    native_set(VMCS_GUEST_CR4, 0x2020);
}

static void halted(void)
{
    native_reset();
    native_set(VMCS_GUEST_ACTIVITY, 1);
}

static void virtual_8086(void)
{
    static const enum vmcs_field rights[] = {VMCS_GUEST_CS_RIGHTS, VMCS_GUEST_SS_RIGHTS, VMCS_GUEST_DS_RIGHTS,
                                             VMCS_GUEST_ES_RIGHTS, VMCS_GUEST_FS_RIGHTS, VMCS_GUEST_GS_RIGHTS};
    native_reset();
    native_set(VMCS_GUEST_CR0, 0x31);
    native_set(VMCS_GUEST_RFLAGS, 0x20002);
    for (size_t i = 0; i < 6; i++)
        native_set(rights[i], 0xF3);
}

static void each(void (*good)(void), const breach *breaches, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        good();
        assert_null(check_guest_state());
        native_set(breaches[i].field, breaches[i].value);
        const char *const says = check_guest_state();
        if (says == NULL || strstr(says, breaches[i].says) == NULL)
            fail_msg("field %x = %llx: '%s', expected '%s'", (unsigned)breaches[i].field,
                     (unsigned long long)breaches[i].value, says != NULL ? says : "nothing", breaches[i].says);
    }
}
#define EACH(good, ...)                                                                                                \
    do {                                                                                                               \
        static const breach list[] = {__VA_ARGS__};                                                                    \
        each(good, list, sizeof list / sizeof *list);                                                                  \
    } while (0)

static void control_registers(void **state)
{
    (void)state;
    EACH(real_mode, {VMCS_GUEST_CR0, 0x10, "CR0 has"}, {VMCS_GUEST_CR0, UINT64_C(0x100000030), "CR0 has"},
         {VMCS_GUEST_CR0, 0x80000030, "CR0.PG without PE"}, {VMCS_GUEST_CR4, 0, "CR4 has"},
         {VMCS_GUEST_CR4, 0x802000, "CR4 has"}, {VMCS_GUEST_CR4, 0x22000, "CR4.PCIDE"},
         {VMCS_GUEST_CR3, UINT64_C(1) << 39, "CR3"}, {VMCS_GUEST_DR7, UINT64_C(1) << 32, "DR7"},
         {VMCS_GUEST_SYSENTER_ESP, UINT64_C(1) << 47, "SYSENTER"},
         {VMCS_GUEST_SYSENTER_EIP, UINT64_C(1) << 63, "SYSENTER"}, {VMCS_GUEST_PAT, 2, "PAT"},
         {VMCS_GUEST_PAT, UINT64_C(8) << 56, "PAT"}, {VMCS_GUEST_EFER, 2, "EFER has"},
         {VMCS_GUEST_EFER, 0x400, "EFER.LMA is not"});
    EACH(long_mode, {VMCS_GUEST_CR4, 0x2000, "without paging or PAE"}, {VMCS_GUEST_CR0, 0x31, "without paging or PAE"},
         {VMCS_GUEST_EFER, 0x400, "LMA and LME differ"}, {VMCS_GUEST_EFER, 0x100, "EFER.LMA is not"});
}

static void segments(void **state)
{
    (void)state;
    EACH(protected_mode, {VMCS_GUEST_CS_RIGHTS, 0xC091, "CS: type"}, {VMCS_GUEST_CS_RIGHTS, 0xC0F3, "CS: data"},
         {VMCS_GUEST_CS_RIGHTS, 0xC0FB, "CS: DPL differs"}, {VMCS_GUEST_CS_RIGHTS, 0xC0FF, "CS: conforming"},
         {VMCS_GUEST_SS_RIGHTS, 0x91, "SS: type"}, {VMCS_GUEST_DS_RIGHTS, 0x83, "a system segment"},
         {VMCS_GUEST_DS_RIGHTS, 0x13, "not present"}, {VMCS_GUEST_DS_RIGHTS, 0x193, "reserved bits"},
         {VMCS_GUEST_DS_RIGHTS, 0x92, "not accessed"}, {VMCS_GUEST_DS_RIGHTS, 0x99, "cannot be read"},
         {VMCS_GUEST_DS_BASE, UINT64_C(1) << 32, "above 4 GB"},
         {VMCS_GUEST_FS_BASE, UINT64_C(1) << 47, "not canonical"}, {VMCS_GUEST_ES_LIMIT, 0x100000, "granularity"},
         {VMCS_GUEST_CS_LIMIT, 0xFFFFFFF0, "granularity"}, {VMCS_GUEST_TR, 4, "TR: in the LDT"},
         {VMCS_GUEST_TR_RIGHTS, 0x89, "TR: no busy TSS"}, {VMCS_GUEST_TR_RIGHTS, 0x1008B, "TR: rights"},
         {VMCS_GUEST_LDTR, 4, "LDTR"}, {VMCS_GUEST_LDTR_RIGHTS, 0x83, "LDTR"});
    EACH(real_mode, {VMCS_GUEST_SS_RIGHTS, 0xF3, "SS: DPL"});
    EACH(long_mode, {VMCS_GUEST_CS_RIGHTS, 0xE09B, "L and D"}, {VMCS_GUEST_TR_RIGHTS, 0x83, "TR: no busy TSS"});
    EACH(virtual_8086, {VMCS_GUEST_DS_RIGHTS, 0x93, "virtual-8086"}, {VMCS_GUEST_DS_BASE, 0x10, "virtual-8086"},
         {VMCS_GUEST_ES_LIMIT, UINT32_MAX, "virtual-8086"});
}

static void tables_and_flags(void **state)
{
    (void)state;
    EACH(real_mode, {VMCS_GUEST_GDTR_BASE, UINT64_C(1) << 47, "GDTR"}, {VMCS_GUEST_IDTR_LIMIT, 0x10000, "IDTR"},
         {VMCS_GUEST_RIP, UINT64_C(1) << 32, "RIP is above"}, {VMCS_GUEST_RFLAGS, 0, "RFLAGS has"},
         {VMCS_GUEST_RFLAGS, 0x8002, "RFLAGS has"}, {VMCS_GUEST_RFLAGS, 0x400002, "RFLAGS has"},
         {VMCS_GUEST_RFLAGS, 0x20002, "virtual-8086"}, {VMCS_ENTRY_INTERRUPTION, 0x80000020, "RFLAGS.IF = 0"});
    EACH(long_mode, {VMCS_GUEST_RIP, UINT64_C(1) << 52, "linear address width"},
         {VMCS_GUEST_RIP, UINT64_C(1) << 48, "linear address width"},
         {VMCS_GUEST_RIP, UINT64_C(0xFFFE) << 48, "linear address width"},
         {VMCS_GUEST_RFLAGS, 0x20002, "virtual-8086"});
    /* Bits 63:48 are alike, and that is all that is asked for. */
    static const uint64_t good[] = {UINT64_C(1) << 47, UINT64_C(0xFFFF) << 48, UINT64_MAX, UINT64_MAX >> 17, 0};
    long_mode();
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        native_set(VMCS_GUEST_RIP, good[i]);
        assert_null(check_guest_state());
    }
}

static void the_rest(void **state)
{
    (void)state;
    EACH(real_mode, {VMCS_GUEST_ACTIVITY, 2, "activity"}, {VMCS_GUEST_INTERRUPTIBILITY, 32, "reserved"},
         {VMCS_GUEST_INTERRUPTIBILITY, 3, "both kinds"}, {VMCS_GUEST_INTERRUPTIBILITY, 1, "blocking by STI"},
         {VMCS_LINK_POINTER, 0, "link pointer"});
    EACH(halted, {VMCS_GUEST_INTERRUPTIBILITY, 2, "HLT while"}, {VMCS_GUEST_PENDING_DEBUG, 0x4000, "single step"},
         {VMCS_GUEST_RFLAGS, 0x102, "single step"});
    EACH(pae, {VMCS_GUEST_PDPTE2, 3, "PDPTE"}, {VMCS_GUEST_PDPTE0, UINT64_C(1) << 39 | 1, "PDPTE"});
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(control_registers), cmocka_unit_test(segments),
                                       cmocka_unit_test(tables_and_flags), cmocka_unit_test(the_rest)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

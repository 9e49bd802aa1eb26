/* test_svm.c - AMD's exits, entries and the gate before them, over a VMCB that is a page of memory. Expectations are
 * the APM's ("Secure Virtual Machine"), worked by hand; instructions are bytes in the guest's memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/bios/services.h"
#include "firmware/vcpu/guest_memory.h"
#include "tests/firmware/native_svm.h"

#define IF UINT64_C(0x200)
#define TF UINT64_C(0x100)

#define VALID(type, vector) (UINT64_C(0x80000000) | (uint64_t)(type) << 8 | (vector))
#define UD                  VALID(3, 6)
#define GP_REAL             VALID(3, 13) /* without an error code */

#define SVME UINT64_C(0x1000)
#define MCE  UINT64_C(0x40)

static int setup(void **state)
{
    (void)state;
    native_svm_features = 1;
    native_svm_reset();
    return 0;
}

#define CODE(...) memcpy(native_memory + 0x7C00, (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

/* ---- the gate ---- */

static uint32_t lack_leaf, lack_bits;
static uint64_t vm_cr;
static cpuid_words svm_leaf = {1, 16, 0, 1};
static cpuid_words lacking(uint32_t leaf)
{
    cpuid_words w = leaf == 0x80000000   ? (cpuid_words){.a = 0x8000000A}
                    : leaf == 0x8000000A ? svm_leaf
                                         : (cpuid_words){UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX};
    if (leaf == lack_leaf)
        w.a &= ~lack_bits, w.b &= ~lack_bits, w.c &= ~lack_bits, w.d &= ~lack_bits;
    return w;
}
static uint64_t read_vm_cr(uint32_t msr) { return msr == 0xC0010114 ? vm_cr : 0; }

static const char *refused(uint32_t leaf, uint32_t bits, uint64_t cr)
{
    lack_leaf = leaf;
    lack_bits = bits;
    vm_cr = cr;
    native_cpuid = lacking;
    native_rdmsr = read_vm_cr;
    return svm_refusal();
}

static void refusals_have_names(void **state)
{
    (void)state;
    assert_null(refused(0, 0, 0));
    assert_string_equal(refused(0x80000001, 4, 0), "the processor has no SVM");
    assert_string_equal(refused(0x80000000, 2, 0), "CPUID has no leaf for SVM");
    assert_string_equal(refused(0, 0, 0x10), "the firmware has switched SVM off (VM_CR)");
    svm_leaf.d |= 4; /* a key opens it */
    assert_string_equal(refused(0, 0, 0x10), "the firmware has switched SVM off and locked it with a key (VM_CR)");
    assert_null(refused(0, 0, 0));
    svm_leaf.d &= ~1u;
    assert_string_equal(refused(0, 0, 0), "no nested paging");
    svm_leaf.d |= 1;
    assert_string_equal(refused(0x8000000A, 16, 0), "no address space number but the host's");
    assert_string_equal(refused(0x8000000A, 1, 0), "SVM has no revision");
    assert_string_equal(refused(1, 0x200, 0), "no local APIC, whose timer wakes pxHV");
}

/* ---- instructions ---- */

static void instructions_have_their_length(void **state)
{
    (void)state;
    CODE(0x0F, 0xA2);
    native_svm_exit(SVM_EXIT_CPUID, 0, 0);
    assert_int_equal(vmcb->rip, 0x7C02);
    CODE(0, 0, 0x66, 0x2E, 0x0F, 0xA2);
    native_svm_exit(SVM_EXIT_CPUID, 0, 0);
    assert_int_equal(vmcb->rip, 0x7C06);
    assert_int_equal(vmcb->event, 0);
}

static void next_rip(void) { vmcb->next_rip = vmcb->rip + 7; }

static void next_rip_is_taken_where_there_is_one(void **state)
{
    (void)state;
    native_svm_features = 1 | 8;
    native_svm_reset();
    native_svm_before = next_rip;
    native_svm_exit(SVM_EXIT_CPUID, 0, 0);
    assert_int_equal(vmcb->rip, 0x7C07);
}

/* "IN/OUT Intercept Information": OUTSB to port E9h by FS:ESI, repeated twice. */
#define REP_OUTSB (UINT64_C(0xE9) << 16 | 1 << 4 | 1 << 3 | 1 << 2)
static void strings(uint64_t information)
{
    memcpy(native_memory + 0x23456, "hi\n", 3);
    vcpu_set(VCPU_OF(VCPU_BASE, SEGMENT_FS), 0x3456);
    vcpu_set(VCPU_OF(VCPU_LIMIT, SEGMENT_FS), UINT32_MAX);
    guest.rsi = 0x20000;
    guest.rcx = 3;
    native_svm_exit(SVM_EXIT_IO, information, 0x7C04);
    assert_int_equal(guest.rsi, 0x20003);
    assert_int_equal(guest.rcx, 0);
    assert_int_equal(vmcb->rip, 0x7C04);
    assert_non_null(strstr(native_log, "guest: hi"));
}

static void strings_are_decoded(void **state)
{
    (void)state;
    CODE(0x64, 0x67, 0xF3, 0x6E);
    strings(REP_OUTSB);
}

static void strings_are_told(void **state)
{
    (void)state;
    native_svm_features = 1 | 0x80;
    native_svm_reset();
    CODE(0xF4, 0xF4, 0xF4, 0xF4); /* nobody looks */
    strings(REP_OUTSB | 1 << 8 | SEGMENT_FS << 10);
}

static void svm_itself_is_undefined(void **state)
{
    (void)state;
    static const uint16_t codes[] = {SVM_EXIT_VMRUN,  SVM_EXIT_VMMCALL, SVM_EXIT_VMLOAD, SVM_EXIT_VMSAVE,
                                     SVM_EXIT_STGI,   SVM_EXIT_CLGI,    SVM_EXIT_SKINIT, SVM_EXIT_INVLPGA,
                                     SVM_EXIT_RDTSCP, SVM_EXIT_MONITOR, SVM_EXIT_MWAIT,  SVM_EXIT_RSM,
                                     SVM_EXIT_XSETBV, SVM_EXIT_INVPCID, SVM_EXIT_RDPRU};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        native_svm_reset();
        native_svm_exit(codes[i], 0, 0);
        assert_int_equal(vmcb->event, UD);
        assert_int_equal(vmcb->rip, 0x7C00);
    }
    native_svm_exit(SVM_EXIT_RDPMC, 0, 0);
    assert_int_equal(vmcb->event, GP_REAL);
}

/* The ROM's VMCALL: a service at its stub, and nothing anywhere else. */
static void a_call_is_one_at_a_stub_alone(void **state)
{
    (void)state;
    CODE(0x0F, 0x01, 0xC1);
    native_svm_exit(SVM_EXIT_EXCEPTION + 6, 0, 0);
    assert_int_equal(vmcb->event, UD);
    native_svm_reset();
    vcpu_load_real(SEGMENT_CS, 0xF000);
    vmcb->rip = BIOS_STUBS + 16 * 0x12;
    const uint8_t vmcall[] = {0x0F, 0x01, 0xC1};
    guest_write_rom(BIOS_STUBS + 16 * 0x12, vmcall, sizeof vmcall);
    native_svm_exit(SVM_EXIT_EXCEPTION + 6, 0, 0);
    assert_int_equal(vmcb->event, 0);
    assert_int_equal(guest.rax & 0xFFFF, 639); /* INT 12h */
    assert_int_equal(vmcb->rip, BIOS_STUBS + 16 * 0x12 + 3);
}

/* ---- registers that exit ---- */

static void svme_is_not_the_guests(void **state)
{
    (void)state;
    CODE(0x0F, 0x32);
    guest.rcx = 0xC0000080;
    guest.rax = UINT32_MAX;
    native_svm_exit(SVM_EXIT_MSR, 0, 0);
    assert_int_equal(guest.rax, 0);
    vmcb->rip = 0x7C00;
    guest.rax = SVME;
    guest.rdx = 0;
    native_svm_exit(SVM_EXIT_MSR, 1, 0);
    assert_int_equal(vmcb->event, GP_REAL);
    assert_int_equal(vmcb->efer, SVME);
    vmcb->rip = 0x7C00;
    guest.rcx = 0xC0010117;
    native_svm_exit(SVM_EXIT_MSR, 1, 0);
    assert_int_equal(vmcb->event, GP_REAL);
}

static void cr4_has_what_the_guest_knows(void **state)
{
    (void)state;
    vmcb->cr4 |= MCE;
    CODE(0x0F, 0x22, 0xE3); /* MOV CR4, EBX */
    guest.rbx = 0x2000;
    native_svm_exit(SVM_EXIT_CR_WRITE + 4, 0, 0);
    assert_int_equal(vmcb->event, GP_REAL);
    guest.rbx = 0xDEADBEEF00000000 + 0x20;
    native_svm_exit(SVM_EXIT_CR_WRITE + 4, 0, 0);
    assert_int_equal(vmcb->cr4, 0x20 | MCE);
    assert_int_equal(vmcb->rip, 0x7C03);
    assert_int_equal(vmcb->tlb_control, 1); /* what it kept of the tables goes */
    CODE(0, 0, 0, 0x0F, 0x20, 0xE4);        /* MOV ESP, CR4 */
    native_svm_exit(SVM_EXIT_CR_READ + 4, 0, 0);
    assert_int_equal(vmcb->rsp, 0x20);
    vmcb->rip = 0x7C00;
    CODE(0x0F, 0x22, 0xC3);
    guest.rbx = 16;
    native_svm_exit(SVM_EXIT_CR_WRITE + 8, 0, 0);
    assert_int_equal(vmcb->event, GP_REAL);
}

/* "TLB Control": all there is, or that of one address space where this can be done; before one entry alone. */
static void flushes_are_as_small_as_can_be(void **state)
{
    (void)state;
    for (unsigned by_asid = 0; by_asid < 2; by_asid++) {
        native_svm_features = 1 | (by_asid != 0 ? 0x40 : 0);
        native_svm_reset();
        assert_int_equal(vmcb->asid, 1); /* 0 is the host's */
        assert_int_equal(vmcb->tlb_control, by_asid != 0 ? 3 : 1);
        native_svm_exit(SVM_EXIT_INTR, 0, 0);
        assert_int_equal(vmcb->tlb_control, 0);
        CODE(0x0F, 0x22, 0xE3);
        guest.rbx = 0x20;
        native_svm_exit(SVM_EXIT_CR_WRITE + 4, 0, 0);
        assert_int_equal(vmcb->tlb_control, by_asid != 0 ? 3 : 1);
    }
}

/* ---- events ---- */

static void ask_for_interrupt(void)
{
    static const uint8_t words[][2] = {{0x20, 0x11}, {0x21, 8}, {0x21, 4}, {0x21, 1}, {0x21, 0xFD}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        pc_out(words[i][0], 1, words[i][1]);
    pc_irq(1, true);
}

static void sti(void) { vmcb->rflags |= IF; }

/* "Injecting Virtual (INTR) Interrupts": V_IRQ with V_IGN_TPR exits as soon as IF is 1. */
static void interrupts_wait_for_a_window(void **state)
{
    (void)state;
    ask_for_interrupt();
    native_svm_exit(SVM_EXIT_INTR, 0, 0);
    assert_int_equal(vmcb->event, 0);
    assert_int_equal(vmcb->interrupts & 0x01100100, 0x01100100);
    assert_int_equal(vmcb->intercept[0] & 0x10, 0x10);
    native_svm_before = sti;
    native_svm_exit(SVM_EXIT_VINTR, 0, 0);
    assert_int_equal(vmcb->event, VALID(0, 9));
    assert_int_equal(vmcb->interrupts & 0x100, 0);
    assert_int_equal(vmcb->intercept[0] & 0x10, 0);
}

/* differ/tick-long.asm shows why. */
static void an_interrupt_is_followed_by_an_exit(void **state)
{
    (void)state;
    ask_for_interrupt();
    native_svm_exit(SVM_EXIT_INTR, 0, 0);
    assert_int_equal(native_svm_at_once, 0);
    native_svm_before = sti;
    native_svm_exit(SVM_EXIT_VINTR, 0, 0);
    assert_int_equal(vmcb->event, VALID(0, 9));
    assert_int_equal(native_svm_at_once, 1);
}

static void what_an_exit_cut_short_comes_again(void **state)
{
    (void)state;
    vcpu_set(VCPU_CR0, 0x11);
    native_svm_event = VALID(3, 14) | 0x800 | UINT64_C(7) << 32;
    native_svm_exit(SVM_EXIT_INTR, 0, 0);
    assert_int_equal(vmcb->event, VALID(3, 14) | 0x800 | UINT64_C(7) << 32);
    /* INT 21h without next RIP: the entry has RIP behind it, and the exit that cuts it short again before it */
    native_svm_reset();
    CODE(0xCD, 0x21);
    native_svm_event = VALID(4, 0x21);
    native_svm_exit(SVM_EXIT_INTR, 0, 0);
    assert_int_equal(vmcb->event, VALID(4, 0x21));
    assert_int_equal(vmcb->rip, 0x7C02);
    vmcb->rip = 0x7C00; /* the entry that has ended the run above is made once more */
    native_svm_event = VALID(4, 0x21);
    native_svm_exit(SVM_EXIT_INTR, 0, 0);
    assert_int_equal(vmcb->event, VALID(4, 0x21));
    assert_int_equal(vmcb->rip, 0x7C02);
}

static void a_halted_guest_waits_in_the_host(void **state)
{
    (void)state;
    CODE(0xF4);
    vmcb->rflags |= IF;
    native_svm_exit(SVM_EXIT_HLT, 0, 0);
    assert_int_equal(vmcb->rip, 0x7C01);
    assert_int_equal(native_svm_entries, 1);
    assert_int_equal(native_svm_waits, 1);
    ask_for_interrupt();
    native_svm_exit(SVM_EXIT_INTR, 0, 0);
    assert_int_equal(vmcb->event, 0); /* delivered with the entry that played this exit */
    assert_int_equal(vcpu_get(VCPU_HALTED), 0);
}

static void a_triple_fault_is_a_reset(void **state)
{
    (void)state;
    native_svm_exit(SVM_EXIT_SHUTDOWN, 0, 0);
    assert_non_null(strstr(native_log, "triple fault"));
    assert_int_equal(vmcb->cs.base, 0xF0000);
    assert_int_equal(vmcb->rip, 0xFFF0);
}

/* discard.c: a write to the ROM is one step of ours, of which the guest sees nothing. */
static void stepped(void)
{
    vmcb->rip += 3;
    vmcb->dr6 = 0xFFFF4FF0;
}
static void a_write_to_rom_is_forgotten(void **state)
{
    (void)state;
    vmcb->rflags |= IF;
    native_svm_exit(SVM_EXIT_NESTED_PAGE_FAULT, UINT64_C(0x100000007), 0xF1234);
    assert_int_equal(vmcb->rflags & TF, TF);
    assert_int_equal(vmcb->intercept_exceptions, UINT32_MAX);
    assert_int_equal(vmcb->tlb_control, 1);
    native_svm_before = stepped;
    native_svm_exit(SVM_EXIT_EXCEPTION + 1, 0, 0);
    assert_int_equal(vmcb->rflags & TF, 0);
    assert_int_equal(vmcb->dr6, 0xFFFF0FF0);
    assert_int_equal(vmcb->event, 0);
    assert_int_equal(vmcb->rip, 0x7C03);
    assert_int_equal(vmcb->intercept_exceptions, 1u << 18 | 1u << 17 | 1u << 6 | 1u << 1);
}

/* ---- all codes ---- */

static void long_mode_with_l_and_d(void)
{
    vmcb->efer = SVME | 0x500;
    vmcb->cr4 = 0x20;
    vmcb->cr0 = 0x80000011;
    vmcb->cs.attributes |= 0x600;
}

static void an_entry_that_fails_has_its_name(void **state)
{
    (void)state;
    native_svm_exit(UINT64_MAX, 0, 0);
    assert_string_equal(native_stop, "svm: entry refused: the processor says that the VMCB is invalid");
}

/* What QEMU says of registers that processors do not let a guest have: CS with L and D, and MOV CR3, EBX of an address
 * that there is not. */
static void what_a_guest_makes_invalid_is_its_own(void **state)
{
    (void)state;
    native_svm_exit(SVM_EXIT_INTR, 0, 0); /* it has run */
    native_svm_before = long_mode_with_l_and_d;
    native_svm_exit(UINT64_MAX, 0, 0);
    assert_string_equal(native_stop, "");
    assert_non_null(strstr(native_log, "registers the processor refuses: CS: L and D are both set"));
    assert_non_null(strstr(native_log, "triple fault"));
    assert_int_equal(vmcb->cs.base, 0xF0000);
    native_svm_reset();
    native_svm_exit(SVM_EXIT_INTR, 0, 0);
    CODE(0x0F, 0x22, 0xDB);
    guest.rbx = UINT64_C(1) << 63;
    native_svm_exit(UINT64_MAX, 0, 0);
    assert_int_equal(vmcb->event, GP_REAL);
    guest.rbx = 0x30000;
    native_svm_exit(UINT64_MAX, 0, 0);
    assert_string_equal(native_stop, "svm: entry refused: the processor says that the VMCB is invalid");
}

static void every_code_has_a_row_or_stops(void **state)
{
    (void)state;
    for (unsigned code = 0; code < 0x420; code++) {
        native_svm_reset();
        vmcb->rflags |= IF;
        native_svm_exit(code, 0, 0x7C02);
        assert_true(native_untouched());
        if (strcmp(svm_exit_name(code), "unknown") == 0)
            assert_non_null(strstr(native_stop, "has no handler"));
        else
            assert_null(strstr(native_stop, "has no handler"));
    }
}

/* By chance: whatever exits, the next entry is one that the processor takes (native_svm.c), and memory above the
 * guest's stays as it was. */
static uint64_t seed;
static uint64_t chance(uint64_t below)
{
    seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
    return (seed >> 33) % below;
}

static void any_state(void)
{
    static const uint32_t rights[] = {0x93, 0x9B, 0xC093, 0xC09B, 0xA09B, 0xF3, 0x10000};
    for (unsigned i = 0; i < SEGMENT_LDTR; i++)
        vcpu_set_segment(i, (uint16_t)chance(0xFFFF), chance(UINT32_MAX) & (UINT32_MAX >> chance(32)),
                         chance(2) != 0 ? 0xFFFF : UINT32_MAX, rights[chance(7)]);
    vmcb->rip = chance(0x100000) & (UINT64_MAX >> (44 + chance(20)));
    vmcb->rflags = 2 | (chance(2) != 0 ? IF : 0) | (chance(8) == 0 ? TF : 0);
    vmcb->cr0 = chance(2) != 0 ? 0x10 : 0x11;
    guest.rax = chance(UINT32_MAX), guest.rbx = chance(65536), guest.rcx = chance(65536), guest.rdx = chance(65536);
    guest.rsi = chance(UINT32_MAX), guest.rdi = chance(65536);
    for (unsigned i = 0; i < 15; i++)
        native_memory[0x7C00 + i] = (uint8_t)chance(256);
    if (chance(2) != 0)
        vmcb->rip = 0x7C00, vmcb->cs.base = 0;
}

/* One size of operand, one of addresses, a segment: the others do not come. */
static uint64_t any_io(void)
{
    static const uint16_t ports[] = {0x3F8, 0x3F9, 0x3FD, 0x20, 0x40, 0x60, 0x64, 0x70, 0x92, 0xE9, 0x3D4, 0x5058};
    const uint64_t port = chance(2) != 0 ? ports[chance(12)] : chance(65536);
    return port << 16 | chance(6) << 10 | 1u << (7 + chance(3)) | 1u << (4 + chance(3)) | chance(2) << 3 |
           chance(2) << 2 | chance(2);
}

static void any_exit_leaves_a_guest_that_enters(void **state)
{
    (void)state;
    for (seed = 1; seed < 40; seed++) {
        const uint64_t first = seed;
        native_svm_features = 1 | (seed % 2 != 0 ? 8 : 0) | (seed % 3 == 0 ? 0x80 : 0);
        native_svm_reset();
        for (unsigned i = 0; i < 100; i++) {
            any_state();
            const uint64_t code = chance(8) == 0 ? 0x400 : chance(2) != 0 ? 0x7B : chance(0x90);
            const uint64_t info1 = code == 0x7B ? any_io() : chance(UINT32_MAX);
            native_svm_event = chance(8) == 0 ? VALID(chance(2) != 0 ? 3 : 4, 8 + chance(6)) : 0;
            native_svm_exit(code, info1, chance(2) != 0 ? chance(UINT32_MAX) : vmcb->rip + chance(5));
            assert_true(native_untouched());
        }
        seed = first;
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, setup)
    const struct CMUnitTest tests[] = {TEST(refusals_have_names),
                                       TEST(instructions_have_their_length),
                                       TEST(next_rip_is_taken_where_there_is_one),
                                       TEST(strings_are_decoded),
                                       TEST(strings_are_told),
                                       TEST(svm_itself_is_undefined),
                                       TEST(a_call_is_one_at_a_stub_alone),
                                       TEST(svme_is_not_the_guests),
                                       TEST(cr4_has_what_the_guest_knows),
                                       TEST(flushes_are_as_small_as_can_be),
                                       TEST(interrupts_wait_for_a_window),
                                       TEST(an_interrupt_is_followed_by_an_exit),
                                       TEST(what_an_exit_cut_short_comes_again),
                                       TEST(a_halted_guest_waits_in_the_host),
                                       TEST(a_triple_fault_is_a_reset),
                                       TEST(a_write_to_rom_is_forgotten),
                                       TEST(an_entry_that_fails_has_its_name),
                                       TEST(what_a_guest_makes_invalid_is_its_own),
                                       TEST(every_code_has_a_row_or_stops),
                                       TEST(any_exit_leaves_a_guest_that_enters)};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* exit.c - exits, counted and handed to whoever handles their code. Every code of exits.def has a handler; one that is
 * not there stops pxHV with the guest's state: nothing is ignored, and no instruction is skipped unless a handler has
 * done what it does. */
#include <stdbool.h>
#include <stddef.h>

#include "firmware/machine/cpu.h"
#include "firmware/machine/log.h"
#include "firmware/svm/decode.h"
#include "firmware/svm/svm.h"
#include "firmware/vcpu/counts.h"
#include "firmware/vcpu/discard.h"
#include "firmware/vcpu/event.h"
#include "firmware/vcpu/exits.h"
#include "firmware/vcpu/linear.h"

_Static_assert(SVM_EXIT_VMGEXIT < COUNTS_EXITS, "each code is counted");

#define CR4_PAE    (UINT64_C(1) << 5)
#define CR4_MCE    (UINT64_C(1) << 6)
#define EFER_LMA   (UINT64_C(1) << 10)
#define DECODED_CR (UINT64_C(1) << 63) /* in exit_info1: the instruction was a MOV, its register is in bits 3:0 */

static void stop_for(const char *what)
{
    vcpu_dump();
    hv_stop("exit: code %x, %s, %s (information %lx, %lx)", (unsigned)vmcb->exit_code,
            svm_exit_name((unsigned)vmcb->exit_code), what, vmcb->exit_info1, vmcb->exit_info2);
}

static uint64_t *general_register(unsigned number)
{
    uint64_t *const table[] = {&guest.rax, &guest.rcx, &guest.rdx, &guest.rbx, &vmcb->rsp, &guest.rbp,
                               &guest.rsi, &guest.rdi, &guest.r8,  &guest.r9,  &guest.r10, &guest.r11,
                               &guest.r12, &guest.r13, &guest.r14, &guest.r15};
    return table[number & 15];
}

/* QEMU 7.2 lets a guest change registers as no processor does, and says at the next entry that the VMCB is invalid: the
 * guest's machine starts again, as behind a triple fault; why is told once. Of MOV to CR3 with reserved bits it says so
 * at once, which is #GP. */
bool svm_guest_refused(void)
{
    static bool told;
    const char *const broken = svm_check_guest();
    if (broken != NULL) {
        if (!told)
            hv_log("svm: the guest starts anew, whose registers the processor refuses: %s", broken);
        told = true;
        vmcb->exit_code = SVM_EXIT_SHUTDOWN;
        return true;
    }
    const decoded d = decode();
    if (decode_byte(&d, 0) != 0x0F || decode_byte(&d, 1) != 0x22 || (decode_byte(&d, 2) >> 3 & 7) != 3 ||
        *general_register(decode_general(&d)) < linear_physical_limit())
        return false;
    vmcb->exit_code = SVM_EXIT_EXCEPTION + GUEST_GP;
    vmcb->exit_info1 = 0;
    return true;
}

/* Interrupts of the machine: the timer's, and whatever else comes is only counted. */
static void on_wake(void) {}

/* An INIT is a reset button that the chipset wires so. */
static void on_init(void) { stop_for("asks this processor to start anew"); }

/* Its intercept is 0 (svm_vcpu.c), or belongs to what pxHV does not switch on: a processor that does so is not the one
 * that pxHV was written for. */
static void on_not_asked(void) { stop_for("was not asked for"); }

/* The ROM's stubs are the same for both vendors, and say VMCALL: an instruction that AMD's processors do not have. */
static void on_undefined(void)
{
    const decoded d = decode();
    if (d.prefixes == 0 && d.bytes[0] == 0x0F && d.bytes[1] == 0x01 && d.bytes[2] == 0xC1)
        exit_call();
    else
        exit_undefined();
}

static vcpu_event event_of(void)
{
    const uint8_t vector = (uint8_t)(vmcb->exit_code - SVM_EXIT_EXCEPTION);
    const bool coded = vector == GUEST_DF || (vector >= GUEST_TS && vector <= GUEST_PF) || vector == GUEST_AC;
    return (vcpu_event){.type = vector == 3 || vector == 4 ? EVENT_INT3 : EVENT_EXCEPTION,
                        .vector = vector,
                        .coded = coded,
                        .error = coded ? (uint32_t)vmcb->exit_info1 : 0};
}

static void on_exception(void)
{
    const uint8_t vector = event_of().vector;
    switch (vector) {
    case GUEST_UD:
        on_undefined();
        break;
    case GUEST_AC:
    case GUEST_GP: /* svm_guest_refused() */
        event_exception(vector, 0);
        break;
    case GUEST_DB:
        event_debug(vmcb->exit_info2);
        break;
    default:
        stop_for(vector == GUEST_MC ? "a machine check while the guest ran" : "was not asked for");
    }
}

/* A trap, whose exit stands at the instruction. */
static void on_icebp(void)
{
    vcpu_skip_instruction();
    event_debug(0);
}

/* An x87 error that waits for the interrupt of an external 8259: the guest's PC does not wire it. */
static void on_ferr(void) { event_exception(GUEST_MF, 0); }

/* INVD would throw away what pxHV has written. */
static void on_invd(void)
{
    wbinvd();
    vcpu_skip_instruction();
}

static void on_msr(void)
{
    if (vmcb->exit_info1 == 0)
        exit_rdmsr();
    else
        exit_wrmsr();
}

/* "IN/OUT Intercept Information". Address size and segment are there only with decode assists. */
static void on_io(void)
{
    static const uint64_t masks[] = {0, UINT16_MAX, UINT32_MAX, 0, UINT64_MAX};
    const uint64_t q = vmcb->exit_info1;
    vcpu_io io = {.port = (uint16_t)(q >> 16),
                  .bytes = (unsigned)(q >> 4 & 7),
                  .in = (q & 1) != 0,
                  .string = (q & 1 << 2) != 0,
                  .repeated = (q & 1 << 3) != 0,
                  .mask = UINT64_MAX,
                  .segment = SEGMENT_ES};
    if (io.string && svm_has.decodes) {
        io.mask = masks[(q >> 7 & 7) < 5 ? q >> 7 & 7 : 0];
        io.segment = (q >> 10 & 7) <= SEGMENT_GS ? (vcpu_segment)(q >> 10 & 7) : SEGMENT_DS;
    } else if (io.string) {
        const decoded d = decode();
        io.mask = d.mask;
        io.segment = d.segment;
    }
    if (io.in) /* INS always stores to ES */
        io.segment = SEGMENT_ES;
    exit_io(&io);
}

static uint64_t *operand(void)
{
    if (svm_has.decodes && (vmcb->exit_info1 & DECODED_CR) != 0)
        return general_register((unsigned)(vmcb->exit_info1 & 15));
    const decoded d = decode();
    return general_register(decode_general(&d));
}

/* CR8 is the priority of the local APIC's processor: the guest has no APIC, and its CR8 nothing to say. It is kept. */
static uint64_t cr8;

void svm_exit_reset(void) { cr8 = 0; }

/* CR4 and CR8 exit: MCE in CR4 is pxHV's. */
static void on_cr_read(void)
{
    uint64_t *const to = operand();
    const uint64_t value = vmcb->exit_code == SVM_EXIT_CR_READ + 8 ? cr8 : vmcb->cr4 & ~CR4_MCE;
    *to = vcpu_64_bit_code() ? value : (*to & ~(uint64_t)UINT32_MAX) | value;
    vcpu_skip_instruction();
}

/* "CR4 Register": which of the bits this processor has. */
static uint64_t cr4_bits(void)
{
    const uint32_t leaf7 = cpuid(0, 0).a >= 7 ? cpuid(7, 0).b : 0;
    const uint64_t fsgsbase = UINT64_C(1) << 16, smep = UINT64_C(1) << 20, smap = UINT64_C(1) << 21;
    return GUEST_CR4_BITS & ~(((leaf7 & 1) == 0 ? fsgsbase : 0) | ((leaf7 & 1 << 7) == 0 ? smep : 0) |
                              ((leaf7 & 1 << 20) == 0 ? smap : 0));
}

static bool set_cr8(uint64_t value)
{
    if (value > 15)
        return false;
    cr8 = value;
    return true;
}

static bool set_cr4(uint64_t value)
{
    if ((value & ~cr4_bits()) != 0 || ((vmcb->efer & EFER_LMA) != 0 && (value & CR4_PAE) == 0))
        return false;
    vmcb->cr4 = value | (vmcb->cr4 & CR4_MCE);
    svm_flush();
    return true;
}

static void on_cr_write(void)
{
    const uint64_t whole = *operand(), value = vcpu_64_bit_code() ? whole : whole & UINT32_MAX;
    if (vmcb->exit_code == SVM_EXIT_CR_WRITE + 8 ? set_cr8(value) : set_cr4(value))
        vcpu_skip_instruction();
    else
        event_exception(GUEST_GP, 0);
}

/* Neither a write that nobody keeps (discard.c) nor anything else that the tables leave open. */
static void on_nested_page_fault(void)
{
    const bool write = (vmcb->exit_info1 & NESTED_WRITE) != 0;
    hv_log("svm: nested page fault at %lx, %s", vmcb->exit_info2, write ? "a write" : "a read or fetch");
    event_exception(GUEST_GP, 0);
}

/* By name, as exits.def has them. */
static void (*const handlers[])(void) = {
#define ON(name, handler) [SVM_ROW_##name] = (handler)
    ON(CR_READ, on_cr_read),
    ON(CR_WRITE, on_cr_write),
    ON(DR_READ, on_not_asked),
    ON(DR_WRITE, on_not_asked),
    ON(EXCEPTION, on_exception),
    ON(INTR, on_wake),
    ON(NMI, on_wake),
    ON(SMI, on_not_asked),
    ON(INIT, on_init),
    ON(VINTR, on_wake),
    ON(CR0_SELECTIVE, on_not_asked),
    ON(TABLE_READ, on_not_asked),
    ON(TABLE_WRITE, on_not_asked),
    ON(RDTSC, on_not_asked),
    ON(RDPMC, exit_forbidden),
    ON(PUSHF, on_not_asked),
    ON(POPF, on_not_asked),
    ON(CPUID, exit_cpuid),
    ON(RSM, exit_undefined),
    ON(IRET, on_not_asked),
    ON(INT_N, on_not_asked),
    ON(INVD, on_invd),
    ON(PAUSE, on_not_asked),
    ON(HLT, exit_hlt),
    ON(INVLPG, on_not_asked),
    ON(INVLPGA, exit_undefined),
    ON(IO, on_io),
    ON(MSR, on_msr),
    ON(TASK_SWITCH, on_not_asked),
    ON(FERR_FREEZE, on_ferr),
    ON(SHUTDOWN, vcpu_triple_fault),
    ON(VMRUN, exit_undefined),
    ON(VMMCALL, exit_undefined),
    ON(VMLOAD, exit_undefined),
    ON(VMSAVE, exit_undefined),
    ON(STGI, exit_undefined),
    ON(CLGI, exit_undefined),
    ON(SKINIT, exit_undefined),
    ON(RDTSCP, exit_undefined),
    ON(ICEBP, on_icebp),
    ON(WBINVD, on_not_asked),
    ON(MONITOR, exit_undefined),
    ON(MWAIT, exit_undefined),
    ON(MWAIT_ARMED, exit_undefined),
    ON(XSETBV, exit_undefined),
    ON(RDPRU, exit_undefined),
    ON(EFER_WRITTEN, on_not_asked),
    ON(CR_WRITTEN, on_not_asked),
    ON(INVLPGB, exit_undefined),
    ON(INVLPGB_ILLEGAL, exit_undefined),
    ON(INVPCID, exit_undefined),
    ON(MCOMMIT, exit_undefined),
    ON(TLBSYNC, exit_undefined),
    ON(BUS_LOCK, on_not_asked),
    ON(IDLE_HLT, on_not_asked),
    ON(NESTED_PAGE_FAULT, on_nested_page_fault),
    ON(AVIC_IPI, on_not_asked),
    ON(AVIC_ACCESS, on_not_asked),
    ON(VMGEXIT, on_not_asked),
#undef ON
};
_Static_assert(sizeof handlers / sizeof *handlers == SVM_ROWS, "each row of exits.def has one");

static const struct {
    uint16_t first, last;
    const char *text;
} rows[SVM_ROWS] = {
#define SVM_EXIT(name, code, bytes, text)         {code, code, text},
#define SVM_EXITS(name, first, last, bytes, text) {first, last, text},
#include "firmware/svm/exits.def"
};

/* SVM_ROWS where there is none. The rows are in the order of their codes. */
static unsigned row_of(unsigned code)
{
    unsigned low = 0, high = SVM_ROWS;
    while (low < high) {
        const unsigned middle = (low + high) / 2;
        if (code > rows[middle].last)
            low = middle + 1;
        else
            high = middle;
    }
    return low < SVM_ROWS && code >= rows[low].first ? low : SVM_ROWS;
}

const char *svm_exit_name(unsigned code)
{
    const unsigned row = row_of(code);
    return row < SVM_ROWS ? rows[row].text : "unknown";
}

/* What discard.c asks of an exit. */
static vcpu_exit exit_of(unsigned code)
{
    vcpu_exit exit = {.exception = code >= SVM_EXIT_EXCEPTION && code < SVM_EXIT_EXCEPTION + 32};
    if (exit.exception) {
        exit.event = event_of();
        exit.cause = vmcb->exit_info2;
    }
    if (code == SVM_EXIT_NESTED_PAGE_FAULT) {
        exit.write = (vmcb->exit_info1 & NESTED_WRITE) != 0;
        exit.physical = vmcb->exit_info2;
    }
    return exit;
}

void svm_handle(unsigned code)
{
    const unsigned row = row_of(code);
    if (row == SVM_ROWS)
        stop_for("has no handler");
    counts_exit(code);
    if (discard_under_way() != DISCARD_NONE || code == SVM_EXIT_NESTED_PAGE_FAULT) {
        const vcpu_exit exit = exit_of(code);
        if (discard_exit(&exit))
            return;
    }
    handlers[row]();
}

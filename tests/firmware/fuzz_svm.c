/* fuzz_svm.c - a guest made of any bytes on AMD's processor, twice: once where the processor tells the next RIP and the
 * operands of what has exited, once where svm/decode.c finds them in the instruction. The instructions are put together
 * here, so that what a processor tells of them is known.
 *
 * Oracles: both end alike - registers, memory, events, log, operations on the wire; the sanitizers; each entry is one
 * that the processor takes (native_svm.c); pxHV ends only by names that a guest may cause; nothing beyond the guest's
 * memory is touched.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "firmware/vcpu/guest_memory.h"
#include "tests/firmware/native_svm.h"

#define MOST_EXITS 64u
#define OPERATIONS 4096u
#define TABLES     UINT64_C(0x3C0000)

#define NEXT_RIP UINT32_C(0x08)
#define DECODES  UINT32_C(0x80)

static const uint8_t *input;
static size_t left;

static uint64_t take(unsigned bytes)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < bytes && left > 0; i++, left--)
        value |= (uint64_t)*input++ << 8 * i;
    return value;
}

/* ---- what is compared ---- */

typedef struct outcome {
    guest_registers registers;
    uint64_t rip, rsp, rflags, cr0, cr2, cr4, efer, event, dr6;
    uint32_t operation[OPERATIONS];
    size_t operations;
    char log[sizeof native_log], stop[sizeof native_stop];
    uint8_t memory[NATIVE_RAM];
} outcome;

static outcome outcomes[2], *now;

static void remember(uint32_t operation)
{
    if (now->operations < OPERATIONS)
        now->operation[now->operations++] = operation;
}

/* ---- the guest's state ---- */

typedef enum mode { REAL, VIRTUAL_8086, PROTECTED_16, PROTECTED_32, LONG_64, MODES } mode;

/* The first 4 MB, by two pages of 2 MB. */
static void make_tables(void)
{
    const uint64_t next = (TABLES + 0x1000) | 7, directory = (TABLES + 0x2000) | 7;
    memcpy(native_memory + TABLES, &next, sizeof next);
    memcpy(native_memory + TABLES + 0x1000, &directory, sizeof directory);
    for (uint64_t i = 0; i < 2; i++) {
        const uint64_t page = i << 21 | 0x87;
        memcpy(native_memory + TABLES + 0x2000 + 8 * i, &page, sizeof page);
    }
    vcpu_set(VCPU_CR3, TABLES);
}

static void change_mode(mode m)
{
    static const struct {
        uint32_t code, data, limit;
        uint64_t cr0, cr4, efer, flags;
    } of[MODES] = {[REAL] = {0x9B, 0x93, 0xFFFF, 0x10, 0, 0, 2},
                   [VIRTUAL_8086] = {0xF3, 0xF3, 0xFFFF, 0x11, 0, 0, 0x23002},
                   [PROTECTED_16] = {0x9B, 0x93, 0xFFFF, 0x11, 0, 0, 2},
                   [PROTECTED_32] = {0xC09B, 0xC093, UINT32_MAX, 0x11, 0, 0, 2},
                   [LONG_64] = {0xA09B, 0xC093, UINT32_MAX, 0x80000011, 0x20, 0x500, 2}};
    const uint64_t interrupts = take(1) & 0x200 >> 8 * (size_t)(take(1) & 1);
    for (unsigned s = 0; s < SEGMENT_LDTR; s++) {
        const uint16_t selector = (uint16_t)(take(2) & 0x3FFF);
        vcpu_set_segment((vcpu_segment)s, selector, m == REAL || m == VIRTUAL_8086 ? selector * 16u : 0, of[m].limit,
                         s == SEGMENT_CS ? of[m].code : of[m].data);
    }
    vcpu_set_segment(SEGMENT_CS, 0x700, 0x7000, of[m].limit, of[m].code);
    if (m == LONG_64) {
        make_tables();
        vcpu_set_segment(SEGMENT_CS, 8, 0, of[m].limit, of[m].code);
    }
    vcpu_set(VCPU_CR0, of[m].cr0);
    vcpu_set(VCPU_CR4, of[m].cr4);
    vcpu_set(VCPU_EFER, of[m].efer);
    vcpu_set(VCPU_RFLAGS, of[m].flags | interrupts | (take(1) & 4) << 8);
}

static void change_registers(void)
{
    uint64_t *const registers = &guest.rax;
    const unsigned which = (unsigned)take(1);
    registers[which % 15] = take(which < 0x80 ? 2 : which < 0xC0 ? 4 : 8);
}

/* ---- an instruction, and what the processor tells of it ---- */

typedef struct instruction {
    uint8_t bytes[15];
    unsigned length;
    uint64_t code, information, decoded; /* the last, only where there are decode assists */
} instruction;

static void put(instruction *in, uint8_t byte) { in->bytes[in->length++] = byte; }

/* Up to three prefixes; what they say. */
typedef struct prefixes {
    unsigned segment;
    bool operand, address, repeated;
} prefixes;

static prefixes put_prefixes(instruction *in, bool code_64)
{
    static const uint8_t segments[] = {0x26, 0x2E, 0x36, 0x3E, 0x64, 0x65};
    prefixes p = {.segment = SEGMENT_DS};
    for (unsigned n = (unsigned)take(1) % 4; n > 0; n--) {
        const unsigned which = (unsigned)take(1) % 10;
        if (which < 6 && (!code_64 || which >= 4))
            p.segment = which;
        p.operand = p.operand || which == 6;
        p.address = p.address || which == 7;
        p.repeated = p.repeated || which >= 8;
        put(in, which < 6 ? segments[which] : (const uint8_t[]){0x66, 0x67, 0xF3, 0xF2}[which - 6]);
    }
    return p;
}

static void port_access(instruction *in, mode m)
{
    static const uint16_t ports[] = {0x3F8, 0x3F9, 0x3FB, 0x3FD, 0x3FF, 0x20, 0x40, 0x60, 0x70, 0x92, 0xE9, 0x3D4};
    const bool big = m == PROTECTED_32 || m == LONG_64;
    const prefixes p = put_prefixes(in, m == LONG_64);
    const unsigned how = (unsigned)take(1);
    const bool byte = (how & 1) != 0, string = (how & 2) != 0, receive = (how & 4) != 0;
    const unsigned size = byte ? 1 : p.operand != big ? 4 : 2;
    const unsigned address = m == LONG_64 ? (p.address ? 4 : 8) : p.address != big ? 4 : 2;
    const uint16_t port = (how & 8) != 0 ? ports[take(1) % 12] : (uint16_t)take(2);
    guest.rdx = (guest.rdx & ~UINT64_C(0xFFFF)) | port;
    if (string && p.repeated)
        guest.rcx = take(1) % 40;
    put(in, (uint8_t)((string ? 0x6C : 0xEC) | (receive ? 0 : 2) | (byte ? 0 : 1)));
    in->code = SVM_EXIT_IO;
    in->information = (uint64_t)port << 16 | (uint64_t)size << 4 | (string && p.repeated ? 8u : 0u) |
                      (string ? 4u : 0u) | (receive ? 1u : 0u);
    in->decoded = (uint64_t)address << 6 | (uint64_t)p.segment << 10;
}

/* MOV to and from CR4 and CR8, whose register is in ModRM and REX. */
static void control_register(instruction *in, mode m)
{
    const unsigned how = (unsigned)take(1), reg = (unsigned)take(1) & (m == LONG_64 ? 15u : 7u);
    const bool eight = m == LONG_64 && (how & 1) != 0, write = (how & 2) != 0;
    if (eight || reg > 7)
        put(in, (uint8_t)(0x40 | (eight ? 4u : 0u) | reg >> 3));
    put(in, 0x0F);
    put(in, write ? 0x22 : 0x20);
    put(in, (uint8_t)(0xC0 | (eight ? 0u : 4u) << 3 | (reg & 7)));
    in->code = (write ? SVM_EXIT_CR_WRITE : SVM_EXIT_CR_READ) + (eight ? 8 : 4);
    in->decoded = UINT64_C(1) << 63 | reg;
}

static void other(instruction *in, mode m)
{
    static const struct {
        uint8_t length, bytes[3];
        uint16_t code, information;
    } of[] = {{2, {0x0F, 0xA2}, SVM_EXIT_CPUID, 0},         {2, {0x0F, 0x32}, SVM_EXIT_MSR, 0},
              {2, {0x0F, 0x30}, SVM_EXIT_MSR, 1},           {1, {0xF4}, SVM_EXIT_HLT, 0},
              {2, {0x0F, 0x08}, SVM_EXIT_INVD, 0},          {2, {0x0F, 0x33}, SVM_EXIT_RDPMC, 0},
              {3, {0x0F, 0x01, 0xD8}, SVM_EXIT_VMRUN, 0},   {3, {0x0F, 0x01, 0xC1}, SVM_EXIT_EXCEPTION + 6, 0},
              {3, {0x0F, 0x01, 0xDC}, SVM_EXIT_STGI, 0},    {3, {0x0F, 0x01, 0xDE}, SVM_EXIT_SKINIT, 0},
              {3, {0x0F, 0x01, 0xDF}, SVM_EXIT_INVLPGA, 0}, {1, {0xF1}, SVM_EXIT_ICEBP, 0}};
    static const uint32_t msr[] = {0xC0000080, 0xC0000081, 0xC0000082, 0x10, 0x174, 0x277, 0xC0010117, 0xC0010114, 0x1B};
    const unsigned which = (unsigned)take(1) % (sizeof of / sizeof *of);
    (void)put_prefixes(in, m == LONG_64);
    memcpy(in->bytes + in->length, of[which].bytes, of[which].length);
    in->length += of[which].length;
    in->code = of[which].code;
    in->information = of[which].information;
    if (in->code == SVM_EXIT_MSR)
        guest.rcx = msr[take(1) % (sizeof msr / sizeof *msr)];
}

/* Where it stands when it exits, whatever the entry before has delivered. */
static uint64_t place, behind;
static void at_place(void)
{
    vmcb->rip = place;
    vmcb->next_rip = (native_svm_features & NEXT_RIP) != 0 ? behind : 0;
}

static void execute(mode m)
{
    instruction in = {.length = 0};
    const unsigned what = (unsigned)take(1);
    if (what < 0x90)
        port_access(&in, m);
    else if (what < 0xB0 && m != VIRTUAL_8086) /* there they fault before they would exit */
        control_register(&in, m);
    else
        other(&in, m);
    place = 0x200 + take(2) % 0xF000;
    behind = place + in.length;
    memcpy(native_memory + (m == LONG_64 ? 0 : 0x7000) + place, in.bytes, sizeof in.bytes);
    native_svm_before = at_place;
    const bool decodes = (native_svm_features & DECODES) != 0;
    native_svm_event = what % 16 == 15 ? UINT64_C(0x80000300) | take(1) % 32 : 0;
    native_svm_exit(in.code, in.information | (decodes ? in.decoded : 0), behind);
    native_svm_before = NULL;
}

/* A write where nobody keeps it, and the step that ends it. */
static void lose_write(void)
{
    native_svm_exit(SVM_EXIT_NESTED_PAGE_FAULT, UINT64_C(0x100000007), 0xF0000 + take(2));
    if (native_stop[0] == 0)
        native_svm_exit(SVM_EXIT_EXCEPTION + 1, 0, 0);
}

/* ---- a run ---- */

static void check_end(void)
{
    static const char *const may[] = {"guest: HLT with interrupts off", "guest: an exception that the guest does not handle",
                                      "guest: no disk to boot from"};
    for (size_t i = 0; i < sizeof may / sizeof *may; i++)
        if (native_stop[0] == 0 || strncmp(native_stop, may[i], strlen(may[i])) == 0)
            return;
    fprintf(stderr, "pxHV stopped: %s\n%s", native_stop, native_log);
    abort();
}

static void run(const uint8_t *data, size_t size, uint32_t features, outcome *out)
{
    now = out;
    now->operations = 0;
    input = data;
    left = size;
    native_svm_features = 1 | features;
    native_svm_reset();
    pc_com1_connect(remember);
    mode m = REAL;
    change_mode(m);
    for (unsigned i = 0; i < MOST_EXITS && left > 0 && native_stop[0] == 0; i++) {
        const unsigned what = (unsigned)take(1);
        native_time += PC_SECOND / 20000;
        if (what < 0x20)
            change_mode(m = (mode)(what % MODES));
        else if (what < 0x50)
            change_registers();
        else if (what < 0x58)
            (void)pc_keyboard_byte((uint8_t)take(1));
        else if (what < 0x60)
            (void)pc_com1_receive((uint32_t)take(1));
        else if (what < 0x64 && m != VIRTUAL_8086)
            lose_write();
        else
            execute(m);
        check_end();
    }
    out->registers = guest;
    out->rip = vmcb->rip, out->rsp = vmcb->rsp, out->rflags = vmcb->rflags, out->cr0 = vmcb->cr0, out->cr2 = vmcb->cr2;
    out->cr4 = vmcb->cr4, out->efer = vmcb->efer, out->event = vmcb->event, out->dr6 = vmcb->dr6;
    memcpy(out->log, native_log, sizeof out->log);
    memcpy(out->stop, native_stop, sizeof out->stop);
    memcpy(out->memory, native_memory, sizeof out->memory);
    if (!native_untouched()) {
        fprintf(stderr, "memory above the guest's was written\n");
        abort();
    }
}

static void must(bool same, const char *what)
{
    if (same)
        return;
    fprintf(stderr, "told and decoded differ: %s\nrip %llx and %llx\n%s----\n%s", what, (unsigned long long)outcomes[0].rip,
            (unsigned long long)outcomes[1].rip, outcomes[0].log, outcomes[1].log);
    abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const outcome *const a = &outcomes[0], *const b = &outcomes[1];
    run(data, size, 0, &outcomes[0]);
    run(data, size, NEXT_RIP | DECODES, &outcomes[1]);
    must(memcmp(&a->registers, &b->registers, sizeof a->registers) == 0, "general registers");
    must(memcmp(&a->rip, &b->rip, offsetof(outcome, operation) - offsetof(outcome, rip)) == 0, "registers of the VMCB");
    must(a->operations == b->operations && memcmp(a->operation, b->operation, 4 * a->operations) == 0, "operations");
    must(strcmp(a->stop, b->stop) == 0, "the end");
    must(memcmp(a->memory, b->memory, sizeof a->memory) == 0, "memory");
    return 0;
}

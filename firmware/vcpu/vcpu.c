/* vcpu.c - see vcpu.h: what is the same whoever virtualizes it. */
#include "firmware/vcpu/vcpu.h"

#include "firmware/machine/log.h"
#include "firmware/pc/pc.h"

/* Access rights. */
#define RIGHTS_SEGMENT  0x93u /* present, read-write or read-execute data, accessed: what real mode has */
#define RIGHTS_LDT      0x82u
#define RIGHTS_BUSY_TSS 0x8Bu

#define CR0_PE    UINT64_C(1)
#define RFLAGS_TF (UINT64_C(1) << 8)
#define RFLAGS_RF (UINT64_C(1) << 16)
#define DEBUG_BS  (UINT64_C(1) << 14) /* a single step */
#define EFER_LMA  (UINT64_C(1) << 10)
#define CS_LONG   (UINT64_C(1) << 13)

guest_registers guest;
const vcpu_vendor *vcpu;

void vcpu_set_segment(vcpu_segment segment, uint16_t selector, uint64_t base, uint32_t limit, uint32_t rights)
{
    vcpu_set(VCPU_OF(VCPU_SELECTOR, segment), selector);
    vcpu_set(VCPU_OF(VCPU_BASE, segment), base);
    vcpu_set(VCPU_OF(VCPU_LIMIT, segment), limit);
    vcpu_set(VCPU_OF(VCPU_RIGHTS, segment), rights);
}

void vcpu_load_real(vcpu_segment segment, uint16_t selector)
{
    vcpu_set(VCPU_OF(VCPU_SELECTOR, segment), selector);
    vcpu_set(VCPU_OF(VCPU_BASE, segment), (uint64_t)selector << 4);
}

/* Segments apart; the vendor has the last word on CR0 and CR4. */
static const uint64_t at_reset[VCPU_REGISTERS] = {
    [VCPU_GDTR_LIMIT] = 0xFFFF, [VCPU_IDTR_LIMIT] = 0xFFFF,
    [VCPU_RIP] = 0xFFF0,        [VCPU_RFLAGS] = 2,
    [VCPU_CR0] = 0x10,          [VCPU_DR6] = 0xFFFF0FF0,
    [VCPU_DR7] = 0x400,         [VCPU_PAT] = UINT64_C(0x0007040600070406)};

void vcpu_reset(void)
{
    guest = (guest_registers){.rdx = 0x600}; /* a family, as after INIT */
    for (unsigned i = 0; i < VCPU_SEGMENTS; i++) {
        const uint16_t selector = i == SEGMENT_CS ? 0xF000 : 0;
        const uint32_t rights = i == SEGMENT_LDTR ? RIGHTS_LDT : i == SEGMENT_TR ? RIGHTS_BUSY_TSS : RIGHTS_SEGMENT;
        vcpu_set_segment(i, selector, (uint64_t)selector << 4, 0xFFFF, rights);
    }
    for (unsigned i = VCPU_GDTR_BASE; i < VCPU_REGISTERS; i++)
        vcpu_set(i, at_reset[i]);
    vcpu->unqueue();
    vcpu->reset();
}

bool vcpu_64_bit_code(void)
{
    return (vcpu_get(VCPU_EFER) & EFER_LMA) != 0 && (vcpu_get(VCPU_OF(VCPU_RIGHTS, SEGMENT_CS)) & CS_LONG) != 0;
}

bool vcpu_real_mode(void) { return (vcpu_get(VCPU_CR0) & CR0_PE) == 0; }

bool vcpu_end_step(void)
{
    if ((vcpu_get(VCPU_RFLAGS) & RFLAGS_TF) == 0)
        return false;
    vcpu_set(VCPU_PENDING_DEBUG, vcpu_get(VCPU_PENDING_DEBUG) | DEBUG_BS);
    return true;
}

void vcpu_skip_instruction(void)
{
    const uint64_t rip = vcpu_get(VCPU_RIP) + vcpu->instruction_length();
    const uint64_t flags = vcpu_get(VCPU_RFLAGS), blocking = vcpu_get(VCPU_BLOCKING);
    vcpu_set(VCPU_RIP, vcpu_64_bit_code() ? rip : rip & UINT32_MAX);
    if ((flags & RFLAGS_RF) != 0)
        vcpu_set(VCPU_RFLAGS, flags & ~RFLAGS_RF);
    if ((flags & RFLAGS_TF) != 0)
        (void)vcpu_end_step();
    if ((blocking & BLOCKED_ONE_INSTRUCTION) != 0)
        vcpu_set(VCPU_BLOCKING, blocking & ~BLOCKED_ONE_INSTRUCTION); /* it was this one */
}

void vcpu_dump(void)
{
    static const char *const name[] = {"es", "cs", "ss", "ds", "fs", "gs", "ldtr", "tr"};
    hv_log("guest: rip %lx rsp %lx rflags %lx cr0 %lx cr3 %lx cr4 %lx efer %lx", vcpu_get(VCPU_RIP), vcpu_get(VCPU_RSP),
           vcpu_get(VCPU_RFLAGS), vcpu_get(VCPU_CR0), vcpu_get(VCPU_CR3), vcpu_get(VCPU_CR4), vcpu_get(VCPU_EFER));
    hv_log("guest: rax %lx rbx %lx rcx %lx rdx %lx rsi %lx rdi %lx rbp %lx", guest.rax, guest.rbx, guest.rcx, guest.rdx,
           guest.rsi, guest.rdi, guest.rbp);
    for (unsigned i = 0; i < VCPU_SEGMENTS; i++)
        hv_log("guest: %s %lx base %lx limit %lx rights %lx", name[i], vcpu_get(VCPU_OF(VCPU_SELECTOR, i)),
               vcpu_get(VCPU_OF(VCPU_BASE, i)), vcpu_get(VCPU_OF(VCPU_LIMIT, i)), vcpu_get(VCPU_OF(VCPU_RIGHTS, i)));
}

/* A processor that cannot deliver a double fault shuts down, and the chipset of a PC answers that with a reset, as
 * often as it happens: so does pxHV. A guest that does nothing else does so for ever; the log has its first ones whole.
 */
#define TRIPLE_FAULTS_LOGGED 8u

void vcpu_triple_fault(void)
{
    static unsigned count;
    if (count < TRIPLE_FAULTS_LOGGED) {
        count++;
        hv_log("guest: triple fault%s", count < TRIPLE_FAULTS_LOGGED ? "" : "; the next ones are only counted");
        vcpu_dump();
    }
    pc_ask_reset();
}

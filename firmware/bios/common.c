/* common.c - see common.h. */
#include "firmware/bios/common.h"

#include "firmware/machine/log.h"
#include "firmware/machine/memory.h"
#include "firmware/machine/time.h"
#include "firmware/pc/pc.h"
#include "firmware/vcpu/linear.h"

#define RFLAGS_CF 0x0001u
#define RFLAGS_ZF 0x0040u
#define RFLAGS_VM 0x20000u
#define STACK_BIG 0x4000u /* SS rights: the stack pointer is ESP */

bios_options bios;

void bios_init(const bios_options *options) { bios = *options; }

/* ---- memory ---- */

void bios_read(void *to, uint64_t linear, uint64_t count)
{
    uint64_t fault;
    uint32_t error;
    memset(to, 0xFF, count);
    (void)linear_read(to, linear, count, &fault, &error);
}

void bios_write(uint64_t linear, const void *from, uint64_t count)
{
    uint64_t fault;
    uint32_t error;
    (void)linear_write(linear, from, count, &fault, &error);
}

uint8_t bios_byte(uint64_t linear)
{
    uint8_t value;
    bios_read(&value, linear, sizeof value);
    return value;
}

uint16_t bios_word(uint64_t linear)
{
    uint16_t value;
    bios_read(&value, linear, sizeof value);
    return value;
}

void bios_put_byte(uint64_t linear, uint8_t value) { bios_write(linear, &value, sizeof value); }
void bios_put_word(uint64_t linear, uint16_t value) { bios_write(linear, &value, sizeof value); }

uint8_t bios_cmos(uint8_t at)
{
    pc_out(0x70, 1, at);
    return (uint8_t)pc_in(0x71, 1);
}

/* ---- the caller ---- */

uint64_t bios_stack(unsigned offset)
{
    const uint64_t mask = (vcpu_get(VCPU_OF(VCPU_RIGHTS, SEGMENT_SS)) & STACK_BIG) != 0 ? UINT32_MAX : 0xFFFF;
    return vcpu_get(VCPU_OF(VCPU_BASE, SEGMENT_SS)) + ((vcpu_get(VCPU_RSP) + offset) & mask);
}

static void set_stacked(uint16_t flag, bool set)
{
    const uint64_t at = bios_stack(4);
    const uint16_t flags = bios_word(at);
    bios_put_word(at, (uint16_t)(set ? flags | flag : flags & ~flag));
}

void bios_carry(bool set) { set_stacked(RFLAGS_CF, set); }
void bios_zero(bool set) { set_stacked(RFLAGS_ZF, set); }

uint64_t bios_base(vcpu_segment segment) { return vcpu_get(VCPU_OF(VCPU_BASE, segment)); }

bool bios_mode(void) { return vcpu_real_mode() || (vcpu_get(VCPU_RFLAGS) & RFLAGS_VM) != 0; }

/* A guest that tries everything does not fill the log. */
#define UNKNOWN_LOGGED 64u

void bios_unknown(uint8_t vector)
{
    static uint32_t seen[UNKNOWN_LOGGED];
    static unsigned count;
    const uint32_t call = (uint32_t)vector << 16 | word(guest.rax);
    for (unsigned i = 0; i < count; i++)
        if (seen[i] == call)
            return;
    if (count == UNKNOWN_LOGGED)
        return;
    seen[count++] = call;
    hv_log("bios: unlisted call INT %02x AX=%04x BX=%04x CX=%04x DX=%04x%s", vector, word(guest.rax), word(guest.rbx),
           word(guest.rcx), word(guest.rdx), count == UNKNOWN_LOGGED ? "; others are not logged" : "");
}

/* ---- waiting ---- */

static struct {
    pc_time until; /* 0: nobody waits */
    uint64_t frame;
} waits[BIOS_WAITERS];

bool bios_waits(enum bios_waiter waiter)
{
    return waits[waiter].until > time_now() && waits[waiter].frame != bios_stack(0);
}

void bios_wait_reset(void) { memset(waits, 0, sizeof waits); }
void bios_wait_end(enum bios_waiter waiter) { waits[waiter].until = 0; }

bios_answer bios_wait(enum bios_waiter waiter, pc_time duration)
{
    const pc_time now = time_now();
    if (waits[waiter].until == 0 || waits[waiter].frame != bios_stack(0)) {
        waits[waiter].until = now + duration + 1;
        waits[waiter].frame = bios_stack(0);
    }
    if (now + 1 < waits[waiter].until)
        return BIOS_WAIT;
    bios_wait_end(waiter);
    return BIOS_DONE;
}

/* exit_io.c - IN, OUT, INS, OUTS. */
#include "firmware/vcpu/exits.h"

#include "firmware/pc/pc.h"
#include "firmware/vcpu/counts.h"
#include "firmware/vcpu/event.h"
#include "firmware/vcpu/hypercall.h"
#include "firmware/vcpu/linear.h"

#define RFLAGS_DF 0x400u

#define SEGMENT_UNUSABLE (1u << 16)
#define SEGMENT_BIG      (1u << 14)

/* At most so many elements of a REP string in one exit: interrupts come in between. */
#define STRING_SLICE 4096u

/* One string instruction, as far as it has come. */
typedef struct string_io {
    vcpu_io io;
    bool down;
    uint64_t base, limit;
    bool limited; /* segments have limits: not in 64-bit mode */
    uint32_t rights;
    uint8_t limit_fault;
    uint64_t *index;
} string_io;

static uint64_t merge(uint64_t old, uint64_t new, uint64_t mask)
{
    return mask == UINT32_MAX ? new &mask : (old & ~mask) | (new &mask); /* 32-bit results clear the upper half */
}

static string_io string_of(const vcpu_io *io)
{
    string_io s = {.io = *io, .down = (vcpu_get(VCPU_RFLAGS) & RFLAGS_DF) != 0, .limited = !vcpu_64_bit_code()};
    if (s.limited || io->segment == SEGMENT_FS || io->segment == SEGMENT_GS)
        s.base = vcpu_get(VCPU_OF(VCPU_BASE, io->segment));
    s.limit = vcpu_get(VCPU_OF(VCPU_LIMIT, io->segment));
    s.rights = (uint32_t)vcpu_get(VCPU_OF(VCPU_RIGHTS, io->segment));
    s.limit_fault = io->segment == SEGMENT_SS ? GUEST_SS : GUEST_GP;
    s.index = io->in ? &guest.rdi : &guest.rsi;
    return s;
}

/* "Limit Checking", "Type Checking"; in 64-bit mode only that the address is canonical. */
static bool segment_allows(const string_io *s, uint64_t offset)
{
    const uint64_t last = offset + s->io.bytes - 1;
    if (!s->limited)
        return (s->base + offset) >> 47 == (s->base + last) >> 47 && linear_canonical(s->base + offset);
    const bool code = (s->rights & 8) != 0, second = (s->rights & 2) != 0; /* writable data, readable code */
    if ((s->rights & SEGMENT_UNUSABLE) != 0)
        return false;
    if (!vcpu_real_mode() && (s->io.in ? code || !second : code && !second))
        return false;
    if (!code && (s->rights & 4) != 0) /* expand-down: what is above the limit */
        return offset > s->limit && last <= ((s->rights & SEGMENT_BIG) != 0 ? UINT32_MAX : 0xFFFF);
    return last <= s->limit;
}

/* One element; false when it faults, and the fault is queued. The bytes are checked before the port is touched. */
static bool string_element(const string_io *s)
{
    const uint64_t offset = *s->index & s->io.mask;
    const uint64_t linear = s->limited ? (s->base + offset) & UINT32_MAX : s->base + offset;
    uint64_t fault = 0;
    uint32_t error = 0, value = 0;
    if (!segment_allows(s, offset)) {
        event_exception(s->limit_fault, 0);
        return false;
    }
    if (s->io.in) {
        if (!linear_write_check(linear, s->io.bytes, &fault, &error)) {
            event_page_fault(fault, error);
            return false;
        }
        value = pc_in(s->io.port, s->io.bytes);
        (void)linear_write(linear, &value, s->io.bytes, &fault, &error);
    } else {
        if (!linear_read(&value, linear, s->io.bytes, &fault, &error)) {
            event_page_fault(fault, error);
            return false;
        }
        pc_out(s->io.port, s->io.bytes, value);
    }
    counts_port(s->io.port, s->io.in);
    const uint64_t step = s->down ? (uint64_t)0 - s->io.bytes : s->io.bytes;
    *s->index = merge(*s->index, *s->index + step, s->io.mask);
    return true;
}

static void string_instruction(const vcpu_io *io)
{
    const string_io s = string_of(io);
    if (!io->repeated) {
        if (string_element(&s))
            vcpu_skip_instruction();
        return;
    }
    for (unsigned done = 0; (guest.rcx & io->mask) != 0; done++) {
        if (done == STRING_SLICE || (done == 1 && vcpu_end_step())) /* each element is a step */
            return;                                                 /* RIP stays: the guest executes the rest */
        if (!string_element(&s))
            return;
        guest.rcx = merge(guest.rcx, guest.rcx - 1, io->mask);
    }
    vcpu_skip_instruction();
}

void exit_io(const vcpu_io *io)
{
    const uint64_t mask = io->bytes == 4 ? UINT32_MAX : (UINT64_C(1) << 8 * io->bytes) - 1;
    if (io->string) {
        string_instruction(io);
        return;
    }
    uint32_t value = (uint32_t)(guest.rax & mask);
    counts_port(io->port, io->in);
    if (!hypercall_port(io->port, io->bytes, io->in, &value)) {
        if (io->in)
            value = pc_in(io->port, io->bytes);
        else
            pc_out(io->port, io->bytes, value);
    }
    if (io->in)
        guest.rax = merge(guest.rax, value, mask);
    vcpu_skip_instruction();
}

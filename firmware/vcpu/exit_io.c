/* exit_io.c - IN, OUT, INS, OUTS. Intel SDM volume 3, "Exit Qualification for I/O Instructions", "VM-Exit Instruction-
 * Information Field as Used for INS and OUTS". */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "firmware/pc/pc.h"
#include "firmware/vcpu/counts.h"
#include "firmware/vcpu/event.h"
#include "firmware/vcpu/hypercall.h"
#include "firmware/vcpu/linear.h"
#include "firmware/vcpu/vcpu.h"
#include "firmware/vmx/exit.h"
#include "firmware/vmx/vmx.h"

#define RFLAGS_DF 0x400u

#define SEGMENT_UNUSABLE (1u << 16)
#define SEGMENT_BIG      (1u << 14)

/* At most so many elements of a REP string in one exit: interrupts come in between. */
#define STRING_SLICE 4096u

/* One string instruction, as far as it has come. */
typedef struct string_io {
    uint16_t port;
    unsigned bytes;
    bool in, repeated, down;
    uint64_t mask; /* of the address size */
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

static string_io decode_string(uint64_t qualification)
{
    const uint64_t information = vmcs_read(VMCS_EXIT_INSTRUCTION);
    string_io s = {.port = (uint16_t)(qualification >> 16),
                   .bytes = (unsigned)(qualification & 7) + 1,
                   .in = (qualification & 1 << 3) != 0,
                   .repeated = (qualification & 1 << 5) != 0,
                   .down = (vmcs_read(VMCS_GUEST_RFLAGS) & RFLAGS_DF) != 0};
    const unsigned size = (unsigned)(information >> 7 & 7);
    unsigned segment = s.in ? 0 : (unsigned)(information >> 15 & 7); /* INS always stores to ES */
    if (segment > 5)
        segment = 3;
    s.mask = size == 0 ? 0xFFFF : size == 1 ? UINT32_MAX : UINT64_MAX;
    s.limited = !vcpu_64_bit_code();
    if (s.limited || segment >= 4)
        s.base = vmcs_read(vcpu_segments[segment].base);
    s.limit = vmcs_read(vcpu_segments[segment].limit);
    s.rights = (uint32_t)vmcs_read(vcpu_segments[segment].rights);
    s.limit_fault = segment == 2 ? GUEST_SS : GUEST_GP;
    s.index = s.in ? &guest.rdi : &guest.rsi;
    return s;
}

/* "Limit Checking", "Type Checking"; in 64-bit mode only that the address is canonical. */
static bool segment_allows(const string_io *s, uint64_t offset)
{
    const uint64_t last = offset + s->bytes - 1;
    if (!s->limited)
        return (s->base + offset) >> 47 == (s->base + last) >> 47 && linear_canonical(s->base + offset);
    const bool code = (s->rights & 8) != 0, second = (s->rights & 2) != 0; /* writable data, readable code */
    if ((s->rights & SEGMENT_UNUSABLE) != 0)
        return false;
    if ((vmcs_read(VMCS_GUEST_CR0) & 1) != 0 && (s->in ? code || !second : code && !second))
        return false;
    if (!code && (s->rights & 4) != 0) /* expand-down: what is above the limit */
        return offset > s->limit && last <= ((s->rights & SEGMENT_BIG) != 0 ? UINT32_MAX : 0xFFFF);
    return last <= s->limit;
}

/* One element; false when it faults, and the fault is queued. The bytes are checked before the port is touched. */
static bool string_element(const string_io *s)
{
    const uint64_t offset = *s->index & s->mask;
    const uint64_t linear = s->limited ? (s->base + offset) & UINT32_MAX : s->base + offset;
    uint64_t fault = 0;
    uint32_t error = 0, value = 0;
    if (!segment_allows(s, offset)) {
        event_exception(s->limit_fault, 0);
        return false;
    }
    if (s->in) {
        if (!linear_write_check(linear, s->bytes, &fault, &error)) {
            event_page_fault(fault, error);
            return false;
        }
        value = pc_in(s->port, s->bytes);
        (void)linear_write(linear, &value, s->bytes, &fault, &error);
    } else {
        if (!linear_read(&value, linear, s->bytes, &fault, &error)) {
            event_page_fault(fault, error);
            return false;
        }
        pc_out(s->port, s->bytes, value);
    }
    counts_port(s->port, s->in);
    const uint64_t step = s->down ? (uint64_t)0 - s->bytes : s->bytes;
    *s->index = merge(*s->index, *s->index + step, s->mask);
    return true;
}

static void string_instruction(uint64_t qualification)
{
    const string_io s = decode_string(qualification);
    if (!s.repeated) {
        if (string_element(&s))
            vcpu_skip_instruction();
        return;
    }
    for (unsigned done = 0; (guest.rcx & s.mask) != 0; done++) {
        if (done == STRING_SLICE || (done == 1 && vcpu_end_step())) /* each element is a step */
            return;                                                 /* RIP stays: the guest executes the rest */
        if (!string_element(&s))
            return;
        guest.rcx = merge(guest.rcx, guest.rcx - 1, s.mask);
    }
    vcpu_skip_instruction();
}

void exit_io(void)
{
    const uint64_t qualification = vmcs_read(VMCS_EXIT_QUALIFICATION);
    const uint16_t port = (uint16_t)(qualification >> 16);
    const unsigned bytes = (unsigned)(qualification & 7) + 1;
    const uint64_t mask = bytes == 4 ? UINT32_MAX : (UINT64_C(1) << 8 * bytes) - 1;
    if ((qualification & 1 << 4) != 0) {
        string_instruction(qualification);
        return;
    }
    const bool in = (qualification & 1 << 3) != 0;
    uint32_t value = (uint32_t)(guest.rax & mask);
    counts_port(port, in);
    if (!hypercall_port(port, bytes, in, &value)) {
        if (in)
            value = pc_in(port, bytes);
        else
            pc_out(port, bytes, value);
    }
    if (in)
        guest.rax = merge(guest.rax, value, mask);
    vcpu_skip_instruction();
}

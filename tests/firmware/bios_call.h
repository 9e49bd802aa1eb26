/* bios_call.h - the caller of a BIOS service, natively: INT and its stack frame, the stub's loop around VMCALL, and
 * what the service has left. For one test program each. */
#ifndef TESTS_FIRMWARE_BIOS_CALL_H
#define TESTS_FIRMWARE_BIOS_CALL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/bios/services.h"
#include "tests/firmware/native.h"

#define CF 0x0001u
#define ZF 0x0040u

#define UPPER UINT64_C(0xA5A55A5A3C3C0000) /* what stands above 16 bits of every register */

/* The most that one exit may cost, and the most exits that a call may take: native_work. */
#define MOST_WORK  400000u
#define MOST_EXITS 5000u

static pc_time call_step = PC_SECOND / 100; /* guest time from one exit to the next */
static bool (*call_interrupt)(void);        /* what happens while the stub waits; false: give up */

/* Stack frames: at SS:SP, SP wraps at 64 KB. */
static inline uint64_t frame_at(unsigned offset)
{
    return (vmcs_read(VMCS_GUEST_SS_BASE) + ((vmcs_read(VMCS_GUEST_RSP) + offset) & 0xFFFF)) & UINT32_MAX;
}

/* Guest memory as the test sees it: nothing beyond its RAM. */
static inline uint8_t *at(uint64_t physical)
{
    assert_true(physical < NATIVE_RAM);
    return native_memory + physical;
}
static inline unsigned word_at(uint64_t physical) { return *at(physical) | (unsigned)*at(physical + 1) << 8; }
static inline void put_word_at(uint64_t physical, unsigned value)
{
    *at(physical) = (uint8_t)value;
    *at(physical + 1) = (uint8_t)(value >> 8);
}
static inline void put_long_at(uint64_t physical, uint64_t value)
{
    put_word_at(physical, value & 0xFFFF);
    put_word_at(physical + 2, value >> 16 & 0xFFFF);
}

static inline void set_segment(enum vmcs_field selector, enum vmcs_field base, unsigned value)
{
    native_set(selector, value);
    native_set(base, (uint64_t)value << 4);
}
static inline void set_es(unsigned value) { set_segment(VMCS_GUEST_ES, VMCS_GUEST_ES_BASE, value); }
static inline void set_ds(unsigned value) { set_segment(VMCS_GUEST_DS, VMCS_GUEST_DS_BASE, value); }

/* All registers, each with UPPER above what is given. */
static inline void registers(unsigned ax, unsigned bx, unsigned cx, unsigned dx)
{
    uint64_t *const r = &guest.rax;
    for (unsigned i = 0; i < 15; i++)
        r[i] = UPPER | (0x1111 * i & 0xFFFF);
    guest.rax = UPPER | ax;
    guest.rbx = UPPER | bx;
    guest.rcx = UPPER | cx;
    guest.rdx = UPPER | dx;
}

static inline bool upper_halves_survive(void)
{
    const uint64_t *const r = &guest.rax;
    for (unsigned i = 0; i < 15; i++)
        if ((r[i] ^ UPPER) >> 16 != 0)
            return false;
    return true;
}

/* From the INT to the stub's IRET; false when the service still waits. The stack is as it stands; flags go on it where
 * it is memory. */
static inline bool try_interrupt(uint8_t vector, unsigned flags)
{
    const uint64_t flags_at = frame_at(4), stub = vector == 0x09 ? BIOS_KEY : BIOS_STUBS + 16 * vector;
    if (flags_at + 1 < NATIVE_RAM)
        put_word_at(flags_at, flags);
    native_set(VMCS_GUEST_CS, 0xF000);
    native_set(VMCS_GUEST_CS_BASE, 0xF0000);
    native_set(VMCS_GUEST_RFLAGS, vector == 0x09 ? 2 | CF : 2); /* the ROM has read the byte, INT 15h let it pass */
    if (vector == 0x09)
        guest.rax = (guest.rax & ~UINT64_C(0xFFFF)) | 0x4F00 | pc_in(0x60, 1);
    for (unsigned i = 0; i < MOST_EXITS; i++) {
        const uint64_t work = native_work;
        native_set(VMCS_GUEST_RIP, stub);
        native_exit(VMX_EXIT_VMCALL, 0, 3);
        assert_true(native_work - work < MOST_WORK);
        assert_true(native_untouched());
        assert_int_equal(vmcs_read(VMCS_ENTRY_INTERRUPTION) & 0x80000000, 0);
        if (native_stop[0] != 0)
            return true;
        native_time += call_step;
        if (vmcs_read(VMCS_GUEST_RIP) == stub)
            continue; /* AGAIN */
        assert_int_equal(vmcs_read(VMCS_GUEST_RIP), stub + 3);
        if ((vmcs_read(VMCS_GUEST_RFLAGS) & CF) == 0 || vector == 0x70 || vector == 0x19)
            return true;
        if (call_interrupt != NULL && !call_interrupt())
            return false;
    }
    return false;
}

/* INT vector with CF set or clear before; the flags afterwards. */
static inline unsigned interrupt(uint8_t vector, unsigned flags)
{
    assert_true(try_interrupt(vector, flags));
    assert_string_equal(native_stop, "");
    return word_at(frame_at(4));
}

static inline void reset_native(void)
{
    native_reset();
    call_interrupt = NULL;
    native_set(VMCS_GUEST_SS_BASE, 0);
    native_set(VMCS_GUEST_RSP, 0x7BFA);
}

#define AL ((unsigned)(guest.rax & 0xFF))
#define AH ((unsigned)(guest.rax >> 8 & 0xFF))
#define AX ((unsigned)(guest.rax & 0xFFFF))
#define BX ((unsigned)(guest.rbx & 0xFFFF))
#define CX ((unsigned)(guest.rcx & 0xFFFF))
#define DX ((unsigned)(guest.rdx & 0xFFFF))

#endif

/* exit_cr.c - CR0 and CR8, as far as VMX keeps bits of them for itself. */
#include "firmware/vmx/exit_cr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "firmware/vcpu/event.h"
#include "firmware/vcpu/linear.h"
#include "firmware/vmx/vmx.h"

#define CR0_PE   UINT64_C(1)
#define CR0_TS   (UINT64_C(1) << 3)
#define CR0_ET   (UINT64_C(1) << 4)
#define CR0_NE   (UINT64_C(1) << 5)
#define CR0_NW   (UINT64_C(1) << 29)
#define CR0_CD   (UINT64_C(1) << 30)
#define CR0_OWN  (CR0_NE | CR0_NW | CR0_CD)
#define CR4_PAE  (UINT64_C(1) << 5)
#define CR0_PG   (UINT64_C(1) << 31)
#define CR0_BITS UINT64_C(0xE005003F) /* the others are reserved, and writes to them ignored */

#define EFER_LME (UINT64_C(1) << 8)
#define EFER_LMA (UINT64_C(1) << 10)

#define CS_LONG     (UINT64_C(1) << 13)
#define BUSY_TSS_32 11u

/* As the guest reads it. */
static uint64_t guest_cr0(void)
{
    return (vmcs_read(VMCS_GUEST_CR0) & ~CR0_OWN) | (vmcs_read(VMCS_CR0_SHADOW) & CR0_OWN);
}

/* A new CR0 whole: what belongs to VMX stays, paging goes on or off with what hangs on it. */
static bool write_guest_cr0(uint64_t value)
{
    const uint64_t old = vmcs_read(VMCS_GUEST_CR0), cr4 = vmcs_read(VMCS_GUEST_CR4);
    uint64_t efer = vmcs_read(VMCS_GUEST_EFER);
    const bool code_64 = (vmcs_read(VMCS_GUEST_CS_RIGHTS) & CS_LONG) != 0;
    if (value >> 32 != 0 || ((value & CR0_PG) != 0 && (value & CR0_PE) == 0) ||
        ((value & CR0_NW) != 0 && (value & CR0_CD) == 0))
        return false;
    value &= CR0_BITS;
    const bool on = (value & CR0_PG) != 0, long_mode = on && (efer & EFER_LME) != 0;
    if (on && !long_mode && (cr4 & CR4_PAE) != 0 && ((guest_cr0() ^ value) & (CR0_PG | CR0_NW | CR0_CD)) != 0 &&
        !linear_load_pdptes())
        return false;
    if (((old ^ value) & CR0_PG) != 0) {
        if (long_mode && ((cr4 & CR4_PAE) == 0 || code_64 || (vmcs_read(VMCS_GUEST_TR_RIGHTS) & 15) != BUSY_TSS_32))
            return false;
        if (!on && (efer & EFER_LMA) != 0 && code_64)
            return false;
        efer = long_mode ? efer | EFER_LMA : efer & ~EFER_LMA;
        vmcs_write(VMCS_GUEST_EFER, efer);
        const uint64_t entry = vmcs_read(VMCS_ENTRY_CONTROLS) & ~(uint64_t)ENTRY_GUEST_64;
        vmcs_write(VMCS_ENTRY_CONTROLS, entry | (long_mode ? ENTRY_GUEST_64 : 0));
    }
    vmcs_write(VMCS_CR0_SHADOW, value);
    vmcs_write(VMCS_GUEST_CR0, (value & ~(CR0_NW | CR0_CD)) | CR0_NE | CR0_ET);
    return true;
}

static uint64_t *general_register(unsigned number)
{
    static uint64_t *const table[] = {&guest.rax, &guest.rcx, &guest.rdx, &guest.rbx, NULL,       &guest.rbp,
                                      &guest.rsi, &guest.rdi, &guest.r8,  &guest.r9,  &guest.r10, &guest.r11,
                                      &guest.r12, &guest.r13, &guest.r14, &guest.r15};
    return table[number & 15];
}

/* CR8 is the priority of the local APIC's processor: the guest has no APIC, and its CR8 nothing to say. It is kept. */
static uint64_t cr8;

void exit_cr_reset(void) { cr8 = 0; }

static bool write_cr8(uint64_t value)
{
    if (value > 15)
        return false;
    cr8 = value;
    return true;
}

static bool read_cr8(uint64_t *to)
{
    if (to != NULL)
        *to = cr8;
    else
        vmcs_write(VMCS_GUEST_RSP, cr8);
    return true;
}

/* "Exit Qualification for Control-Register Accesses": MOV to CR0, CLTS, LMSW, MOV to and from CR8. A MOV to CR4 exits
 * only when it sets a bit that the guest may not have; nothing else exits. */
void exit_cr(void)
{
    const uint64_t q = vmcs_read(VMCS_EXIT_QUALIFICATION);
    const unsigned cr = (unsigned)(q & 15), kind = (unsigned)(q >> 4 & 3);
    uint64_t *const source = general_register((unsigned)(q >> 8 & 15));
    const uint64_t whole = source != NULL ? *source : vmcs_read(VMCS_GUEST_RSP);
    const uint64_t value = vcpu_64_bit_code() ? whole : whole & UINT32_MAX, cr0 = guest_cr0();
    bool good = false;
    if (kind == 0 && cr == 0)
        good = write_guest_cr0(value);
    else if (kind == 0 && cr == 8)
        good = write_cr8(value);
    else if (kind == 1 && cr == 8)
        good = read_cr8(source);
    else if (kind == 2)
        good = write_guest_cr0(cr0 & ~CR0_TS);
    else if (kind == 3)
        good = write_guest_cr0((cr0 & ~UINT64_C(0xE)) | (q >> 16 & 0xF)); /* LMSW sets PE, never clears it */
    if (good)
        vcpu_skip_instruction();
    else
        event_exception(GUEST_GP, 0);
}

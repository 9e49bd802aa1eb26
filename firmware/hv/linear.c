/* linear.c - see linear.h. The guest's page tables are walked as "Paging" in the Intel SDM volume 3 has it: none,
 * 32-bit, PAE, four levels. Accessed and dirty bits are left alone; reserved bits are not checked. */
#include "firmware/hv/linear.h"

#include <stddef.h>

#include "firmware/hv/ept.h"
#include "firmware/hv/memory.h"
#include "firmware/hv/vmx.h"

#define CR0_WP   (UINT64_C(1) << 16)
#define CR0_PG   (UINT64_C(1) << 31)
#define CR4_PSE  (UINT64_C(1) << 4)
#define CR4_PAE  (UINT64_C(1) << 5)
#define EFER_LMA (UINT64_C(1) << 10)

#define PTE_PRESENT  1u
#define PTE_WRITABLE 2u
#define PTE_USER     4u
#define PTE_LARGE    0x80u
#define ADDRESS      UINT64_C(0x000FFFFFFFFFF000)

/* What one walk needs to know of the guest. */
typedef struct walk {
    uint64_t linear;
    bool write, user, write_protect;
    uint32_t error; /* bits 1 and 2 of the page-fault error code */
} walk;

static bool allowed(const walk *w, uint64_t rights)
{
    if (w->user && (rights & PTE_USER) == 0)
        return false;
    return !w->write || (rights & PTE_WRITABLE) != 0 || (!w->user && !w->write_protect);
}

static uint64_t entry_at(uint64_t table, uint64_t index, unsigned size)
{
    uint64_t entry = 0;
    return guest_read(&entry, table + index * size, size) ? entry : 0;
}

/* size: bytes of an entry, 4 or 8; levels from the top; bits of the index at each. */
static bool walk_tables(walk *w, uint64_t table, unsigned levels, unsigned size, bool large_at_2, uint64_t *physical)
{
    const unsigned bits = size == 4 ? 10 : 9;
    uint64_t rights = PTE_WRITABLE | PTE_USER;
    for (unsigned level = levels; level > 0; level--) {
        const unsigned shift = 12 + bits * (level - 1);
        const uint64_t entry = entry_at(table, w->linear >> shift & ((UINT64_C(1) << bits) - 1), size);
        if ((entry & PTE_PRESENT) == 0)
            return false;
        if (!(size == 8 && levels == 3 && level == 3)) /* a PDPTE of PAE paging has no rights */
            rights &= entry;
        const bool large =
            level == 1 || ((entry & PTE_LARGE) != 0 && (level == 2 ? large_at_2 : level == 3 && levels == 4));
        if (large) {
            const uint64_t offset = (UINT64_C(1) << shift) - 1;
            *physical = (entry & ADDRESS & ~offset) | (w->linear & offset);
            w->error |= 1;
            return allowed(w, rights);
        }
        table = entry & ADDRESS;
    }
    return false;
}

static bool translate(walk *w, uint64_t *physical)
{
    const uint64_t cr0 = vmcs_read(VMCS_GUEST_CR0), cr3 = vmcs_read(VMCS_GUEST_CR3), cr4 = vmcs_read(VMCS_GUEST_CR4);
    if ((cr0 & CR0_PG) == 0) {
        *physical = w->linear & UINT32_MAX;
        return true;
    }
    w->write_protect = (cr0 & CR0_WP) != 0;
    if ((vmcs_read(VMCS_GUEST_EFER) & EFER_LMA) != 0)
        return walk_tables(w, cr3 & ADDRESS, 4, 8, true, physical);
    w->linear &= UINT32_MAX;
    if ((cr4 & CR4_PAE) != 0)
        return walk_tables(w, cr3 & UINT64_C(0xFFFFFFE0), 3, 8, true, physical);
    return walk_tables(w, cr3 & UINT64_C(0xFFFFF000), 2, 4, (cr4 & CR4_PSE) != 0, physical);
}

static bool user_mode(void) { return (vmcs_read(VMCS_GUEST_SS_RIGHTS) >> 5 & 3) == 3; }

typedef enum access { READ, WRITE, CHECK_WRITE } access;

/* to for READ, from for WRITE. */
static bool each_page(access how, uint8_t *to, const uint8_t *from, uint64_t linear, uint64_t count, uint64_t *fault,
                      uint32_t *error)
{
    const bool write = how != READ, user = user_mode();
    while (count > 0) {
        const uint64_t left = PAGE_SIZE - linear % PAGE_SIZE, now = count < left ? count : left;
        walk w = {.linear = linear, .write = write, .user = user, .error = (write ? 2u : 0u) | (user ? 4u : 0u)};
        uint64_t physical = 0;
        if (!translate(&w, &physical)) {
            *fault = w.linear;
            *error = w.error;
            return false;
        }
        if (how == WRITE) {
            (void)guest_write(physical, from, now);
            from += now;
        } else if (how == READ) {
            if (!guest_read(to, physical, now))
                memset(to, 0xFF, now);
            to += now;
        }
        linear += now;
        count -= now;
    }
    return true;
}

bool linear_read(void *to, uint64_t linear, uint64_t count, uint64_t *fault, uint32_t *error)
{
    return each_page(READ, to, NULL, linear, count, fault, error);
}

bool linear_write(uint64_t linear, const void *from, uint64_t count, uint64_t *fault, uint32_t *error)
{
    return each_page(WRITE, NULL, from, linear, count, fault, error);
}

bool linear_write_check(uint64_t linear, uint64_t count, uint64_t *fault, uint32_t *error)
{
    return each_page(CHECK_WRITE, NULL, NULL, linear, count, fault, error);
}

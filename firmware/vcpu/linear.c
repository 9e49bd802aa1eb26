/* linear.c - see linear.h. The guest's page tables are walked as "Paging" in the Intel SDM volume 3 has it: none,
 * 32-bit, PAE, four levels; accessed and dirty bits are set as the processor sets them. Reserved bits are not checked.
 */
#include "firmware/vcpu/linear.h"

#include <stddef.h>

#include "firmware/machine/cpu.h"
#include "firmware/machine/memory.h"
#include "firmware/vcpu/guest_memory.h"
#include "firmware/vcpu/vcpu.h"

#define CR0_WP   (UINT64_C(1) << 16)
#define CR0_PG   (UINT64_C(1) << 31)
#define CR4_PSE  (UINT64_C(1) << 4)
#define CR4_PAE  (UINT64_C(1) << 5)
#define CR4_SMAP (UINT64_C(1) << 21)
#define EFER_LMA (UINT64_C(1) << 10)

#define RFLAGS_AC 0x40000u

#define PTE_PRESENT  1u
#define PTE_WRITABLE 2u
#define PTE_USER     4u
#define PTE_ACCESSED 0x20u
#define PTE_DIRTY    0x40u
#define PTE_LARGE    0x80u
#define ADDRESS      UINT64_C(0x000FFFFFFFFFF000)

/* What one walk needs to know of the guest. */
typedef struct walk {
    uint64_t linear;
    bool write, user, write_protect;
    bool implicit;      /* the processor's own access to a system structure */
    bool no_user_pages; /* SMAP holds a supervisor off them */
    uint32_t error;     /* the page-fault error code */
} walk;

/* "Determination of Access Rights". */
static bool allowed(const walk *w, uint64_t rights)
{
    if (w->user ? (rights & PTE_USER) == 0 : (rights & PTE_USER) != 0 && w->no_user_pages)
        return false;
    return !w->write || (rights & PTE_WRITABLE) != 0 || (!w->user && !w->write_protect);
}

/* The page of a large or last entry; a 4 MB page may lie above 4 GB ("PSE-36"). */
static uint64_t page_of(uint64_t entry, uint64_t linear, unsigned shift)
{
    const uint64_t offset = (UINT64_C(1) << shift) - 1;
    const uint64_t above = shift == 22 ? (entry >> 13 & 0xFF) << 32 : 0;
    return above | (entry & ADDRESS & ~offset) | (linear & offset);
}

/* levels of tables whose entries have size bytes, 4 or 8. */
static bool walk_tables(walk *w, uint64_t table, unsigned levels, unsigned size, bool large_at_2, uint64_t *physical)
{
    const unsigned bits = size == 4 ? 10 : 9;
    uint64_t rights = PTE_WRITABLE | PTE_USER, at[4], entries[4];
    for (unsigned level = levels; level > 0; level--) {
        const unsigned shift = 12 + bits * (level - 1);
        uint64_t entry = 0;
        at[level - 1] = table + (w->linear >> shift & ((UINT64_C(1) << bits) - 1)) * size;
        if (!guest_read(&entry, at[level - 1], size) || (entry & PTE_PRESENT) == 0)
            return false;
        rights &= entry;
        entries[level - 1] = entry | PTE_ACCESSED;
        table = entry & ADDRESS;
        if (level > 1 && ((entry & PTE_LARGE) == 0 || level == 4 || (level == 2 && !large_at_2)))
            continue;
        w->error |= 1;
        if (!allowed(w, rights))
            return false;
        *physical = page_of(entry, w->linear, shift);
        entries[level - 1] |= w->write ? PTE_DIRTY : 0;
        for (unsigned i = level; i <= levels; i++)
            (void)guest_write(at[i - 1], &entries[i - 1], size);
        return true;
    }
    return false;
}

/* PAE paging: the four entries at CR3 are registers, loaded when CR3 is. */
static bool walk_pae(walk *w, uint64_t *physical)
{
    const uint64_t entry = vcpu_get((vcpu_register)(VCPU_PDPTE0 + (w->linear >> 30)));
    return (entry & PTE_PRESENT) != 0 && walk_tables(w, entry & ADDRESS, 2, 8, true, physical);
}

uint64_t linear_physical_limit(void)
{
    const uint32_t bits = cpuid(0x80000000, 0).a >= 0x80000008 ? cpuid(0x80000008, 0).a & 0xFF : 36;
    return UINT64_C(1) << bits;
}

bool linear_good_pdpte(uint64_t entry)
{
    return (entry & PTE_PRESENT) == 0 || ((entry & UINT64_C(0x1E6)) == 0 && entry < linear_physical_limit());
}

bool linear_load_pdptes(void)
{
    uint64_t entry[4];
    if (!guest_read(entry, vcpu_get(VCPU_CR3) & UINT64_C(0xFFFFFFE0), sizeof entry))
        return false;
    for (unsigned i = 0; i < 4; i++)
        if (!linear_good_pdpte(entry[i]))
            return false;
    for (unsigned i = 0; i < 4; i++)
        vcpu_set((vcpu_register)(VCPU_PDPTE0 + i), entry[i]);
    return true;
}

static bool translate(walk *w, uint64_t *physical)
{
    const uint64_t cr0 = vcpu_get(VCPU_CR0), cr3 = vcpu_get(VCPU_CR3), cr4 = vcpu_get(VCPU_CR4);
    if ((cr0 & CR0_PG) == 0) {
        *physical = w->linear & UINT32_MAX;
        return true;
    }
    w->write_protect = (cr0 & CR0_WP) != 0;
    w->no_user_pages = (cr4 & CR4_SMAP) != 0 && (w->implicit || (vcpu_get(VCPU_RFLAGS) & RFLAGS_AC) == 0);
    if ((vcpu_get(VCPU_EFER) & EFER_LMA) != 0)
        return walk_tables(w, cr3 & ADDRESS, 4, 8, true, physical);
    w->linear &= UINT32_MAX;
    if ((cr4 & CR4_PAE) != 0)
        return walk_pae(w, physical);
    return walk_tables(w, cr3 & UINT64_C(0xFFFFF000), 2, 4, (cr4 & CR4_PSE) != 0, physical);
}

static bool user_mode(void) { return (vcpu_get(VCPU_OF(VCPU_RIGHTS, SEGMENT_SS)) >> 5 & 3) == 3; }

typedef enum access { READ, WRITE, CHECK_WRITE } access;
typedef enum accessor { PROGRAM, PROCESSOR } accessor; /* the latter at no privilege level but 0 */

/* to for READ, from for WRITE. */
static bool each_page(accessor who, access how, uint8_t *to, const uint8_t *from, uint64_t linear, uint64_t count,
                      uint64_t *fault, uint32_t *error)
{
    const bool write = how != READ, user = who == PROGRAM && user_mode();
    while (count > 0) {
        const uint64_t left = PAGE_SIZE - linear % PAGE_SIZE, now = count < left ? count : left;
        walk w = {.linear = linear,
                  .write = write,
                  .user = user,
                  .implicit = who == PROCESSOR,
                  .error = (write ? 2u : 0u) | (user ? 4u : 0u)};
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
    return each_page(PROGRAM, READ, to, NULL, linear, count, fault, error);
}

bool linear_write(uint64_t linear, const void *from, uint64_t count, uint64_t *fault, uint32_t *error)
{
    return each_page(PROGRAM, WRITE, NULL, from, linear, count, fault, error);
}

bool linear_write_check(uint64_t linear, uint64_t count, uint64_t *fault, uint32_t *error)
{
    return each_page(PROGRAM, CHECK_WRITE, NULL, NULL, linear, count, fault, error);
}

bool linear_system_read(void *to, uint64_t linear, uint64_t count, uint64_t *fault, uint32_t *error)
{
    return each_page(PROCESSOR, READ, to, NULL, linear, count, fault, error);
}

bool linear_system_write(uint64_t linear, const void *from, uint64_t count, uint64_t *fault, uint32_t *error)
{
    return each_page(PROCESSOR, WRITE, NULL, from, linear, count, fault, error);
}

bool linear_system_write_check(uint64_t linear, uint64_t count, uint64_t *fault, uint32_t *error)
{
    return each_page(PROCESSOR, CHECK_WRITE, NULL, NULL, linear, count, fault, error);
}

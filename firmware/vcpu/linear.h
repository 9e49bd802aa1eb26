/* linear.h - the guest's memory as its own instructions see it: through its segments and page tables. */
#ifndef VCPU_LINEAR_H
#define VCPU_LINEAR_H

#include <stdbool.h>
#include <stdint.h>

/* Whether a 64-bit address is one that the processor takes: bits 63 to 47 are alike. */
static inline bool linear_canonical(uint64_t address)
{
    const uint64_t top = address >> 47;
    return top == 0 || top == 0x1FFFF;
}

/* Copies count bytes at a linear address, page by page. On a page that is not there, or not writable where write access
 * is asked for, false: *fault is the linear address and *error the page-fault error code; bytes before it may have been
 * copied. Guest-physical memory that is no RAM reads ones and ignores writes. */
bool linear_read(void *to, uint64_t linear, uint64_t count, uint64_t *fault, uint32_t *error);
bool linear_write(uint64_t linear, const void *from, uint64_t count, uint64_t *fault, uint32_t *error);

/* Whether linear_write would succeed. */
bool linear_write_check(uint64_t linear, uint64_t count, uint64_t *fault, uint32_t *error);

/* The same as the processor itself goes to descriptors and task states: with the rights of a supervisor at every CPL
 * ("Implicit Supervisor-Mode Accesses"). */
bool linear_system_read(void *to, uint64_t linear, uint64_t count, uint64_t *fault, uint32_t *error);
bool linear_system_write(uint64_t linear, const void *from, uint64_t count, uint64_t *fault, uint32_t *error);
bool linear_system_write_check(uint64_t linear, uint64_t count, uint64_t *fault, uint32_t *error);

/* "PDPTE Registers": whether an entry may be loaded; and with PAE paging the four that CR3 points to, which whoever
 * changes CR0, CR3 or CR4 in the guest's place loads: false, and nothing loaded, where one has reserved bits. */
bool linear_good_pdpte(uint64_t entry);
bool linear_load_pdptes(void);

/* Physical addresses that the processor has end here. */
uint64_t linear_physical_limit(void);

#endif

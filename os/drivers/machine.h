/* machine.h - a bare machine in C: ports, memory of devices, configuration registers, pages that devices reach,
 * interrupts, and several requests at once. For the kernel's drivers, and for programs that are the only one. */
#ifndef OS_DRIVERS_MACHINE_H
#define OS_DRIVERS_MACHINE_H

#include <px.h>
#include <px_host.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static inline uint32_t at(const volatile void *p) { return (uint32_t)(uintptr_t)p; }

/* ---- several requests at once: the machine does those that are its own in one batch ---- */

typedef struct host_entry {
    uint32_t request, argument;
    int32_t answer;
    uint32_t state;
} host_entry;

static inline host_entry host_entry_of(uint32_t service, uint32_t payload, uint32_t argument)
{
    return (host_entry){PXH_REQUEST(service, payload), argument, 0, PXH_TO_DO};
}

static inline int32_t host_submit(const host_entry *list, uint32_t count)
{
    return px_sys(PXH_REQUEST(PXH_SUBMIT, count), at(list));
}

/* Nanoseconds: 0 since the host began, 1 since 1970. */
static inline uint64_t host_clock(uint32_t which)
{
    uint32_t words[2] = {0};
    (void)px_sys(PXH_REQUEST(PXH_CLOCK, which), at(words));
    return words[0] | (uint64_t)words[1] << 32;
}

/* ---- ports: size 0, 1, 2 for 1, 2, 4 bytes ---- */

static inline void port_write(uint32_t size, uint32_t port, uint32_t value)
{
    (void)px_sys(PXH_REQUEST(PXH_PORT_WRITE, size << 16 | port), value);
}

static inline uint32_t port_read(uint32_t size, uint32_t port)
{
    uint32_t value = 0;
    (void)px_sys(PXH_REQUEST(PXH_PORT_READ, size << 16 | port), at(&value));
    return value;
}

/* ---- configuration registers; an absent function reads all ones ---- */

static inline uint32_t pci_read(uint32_t bdf, uint32_t reg, uint32_t bytes)
{
    uint32_t block[3] = {reg, bytes, 0};
    return px_sys(PXH_REQUEST(PXH_PCI_READ, bdf), at(block)) == 0 ? block[2] : UINT32_MAX;
}

static inline int32_t pci_write(uint32_t bdf, uint32_t reg, uint32_t bytes, uint32_t value)
{
    uint32_t block[3] = {reg, bytes, value};
    return px_sys(PXH_REQUEST(PXH_PCI_WRITE, bdf), at(block));
}

/* ---- memory of devices; what faults reads 0 ---- */

static inline uint64_t mmio_read(uint32_t size, uint64_t address)
{
    uint32_t block[4] = {(uint32_t)address, (uint32_t)(address >> 32), 0, 0};
    (void)px_sys(PXH_REQUEST(PXH_MMIO_READ, size), at(block));
    return block[2] | (uint64_t)block[3] << 32;
}

static inline void mmio_write(uint32_t size, uint64_t address, uint64_t value)
{
    uint32_t block[4] = {(uint32_t)address, (uint32_t)(address >> 32), (uint32_t)value, (uint32_t)(value >> 32)};
    (void)px_sys(PXH_REQUEST(PXH_MMIO_WRITE, size), at(block));
}

/* ---- pages that devices reach ---- */

enum { MACHINE_PAGE = 4096 };

typedef struct machine_pages {
    uint32_t handle;
    uint64_t where; /* devices find them there */
} machine_pages;

static inline bool pages_take(machine_pages *pages, uint32_t count, uint32_t which)
{
    uint32_t where[2] = {0, 0};
    const int32_t handle = px_sys(PXH_REQUEST(PXH_PAGES, count), which);
    pages->handle = (uint32_t)handle;
    if (handle < 0 || px_sys(PXH_REQUEST(PXH_PAGES_ADDRESS, handle), at(where)) < 0)
        return false;
    pages->where = where[0] | (uint64_t)where[1] << 32;
    return true;
}

static inline bool pages_get(machine_pages *pages, uint32_t count) { return pages_take(pages, count, 0); }

/* The image's own place: offsets are addresses in the image. */
static inline bool pages_image(machine_pages *pages) { return pages_take(pages, 0, PXH_IMAGE); }

static inline void pages_in(const machine_pages *pages, uint32_t offset, const void *from, uint32_t bytes)
{
    const uint32_t block[3] = {offset, at(from), bytes};
    (void)px_sys(PXH_REQUEST(PXH_PAGES_IN, pages->handle), at(block));
}

static inline void pages_out(const machine_pages *pages, uint32_t offset, void *to, uint32_t bytes)
{
    const uint32_t block[3] = {offset, at(to), bytes};
    (void)px_sys(PXH_REQUEST(PXH_PAGES_OUT, pages->handle), at(block));
}

/* ---- machine.c ---- */

/* Until an interrupt or anything else comes, or so many milliseconds have gone by. */
void host_rest(uint32_t milliseconds);
/* Interrupts of this number end waits, and nobody has to look for what came: who asked for it waits for it. */
void host_quiet(uint32_t number);
/* Whether anything has come since this was asked last; it does not wait, and costs the machine nothing. */
bool host_told(void);

/* The buses are walked once, when something is looked for; again behind this. */
void pci_begin(void);
/* The first function from *bdf on whose class, subclass and interface under the mask are these. */
bool pci_find(uint32_t class, uint32_t mask, uint32_t *bdf);
/* The same by its device, in the high half, and vendor. */
bool pci_find_id(uint32_t id, uint32_t *bdf);
/* Where its next capability of this number is, from the first on or behind that one. 0: there is none. A garbled list
 * ends after as many as there can be. */
uint32_t pci_capability(uint32_t bdf, uint32_t which, uint32_t behind);
/* Where a memory BAR is; 0: nobody gave it a place. The function answers to memory from now on, and masters the bus. */
uint64_t pci_memory(uint32_t bdf, uint32_t bar);
/* Its MSI-X vector comes as an interrupt of this number. false: it has no MSI-X, or no such vector. */
bool pci_interrupt(uint32_t bdf, uint32_t vector, uint32_t number);
/* So does an interrupt of the old kind, by the I/O APIC. */
bool irq_interrupt(uint32_t irq, uint32_t number);
#endif

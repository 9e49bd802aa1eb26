/* pci.h - this process as a PCI device of an emulated machine: the server of QEMU's ivshmem-doorbell, whose shared
 * memory is BAR2, and the accelerator's side of the microkernel's protocol (firmware/micro/README.md).
 *
 * Whatever is in the shared memory may be written by whoever runs in that machine, at any time: nothing read there is
 * used but as a number that has been checked. */
#ifndef PCI_PCI_H
#define PCI_PCI_H

#include "answer/bare.h"

typedef struct px_pci px_pci;

typedef struct px_pci_plan {
    const char *listen;     /* "unix:PATH" */
    uint64_t memory;        /* bytes of it, a power of two */
    uint64_t before, image; /* bytes of it that the program's image takes, and those before it that go with it */
    uint32_t timeout;       /* seconds that the machine may take over a batch */
} px_pci_plan;

/* Makes the memory and listens. */
bool px_pci_open(px_pci **pci, const px_pci_plan *plan, px_error *error);

/* The image's place in the memory, at the beginning of a page. */
uint32_t *px_pci_image(const px_pci *pci);

/* Waits until a machine has come, and its microkernel is there; false with nothing in error when a signal ended that.
 */
bool px_pci_meet(px_pci *pci, px_error *error);

/* Behind px_pci_meet; it stays what it is until the next one. */
const px_bare *px_pci_bare(const px_pci *pci);

/* Whether what was said to be gone is there again, started anew. */
bool px_pci_was_reset(const px_pci *pci);

typedef struct px_pci_counts {
    uint64_t generation, requests, batches, wakes; /* wakes: of the machine's processor */
    uint64_t interrupts;
    uint64_t born, scan, found; /* the machine's time stamps: its first instruction, and before and behind its scan */
    double machine;             /* seconds of processor time of the emulator, so far; 0: not known */
} px_pci_counts;
px_pci_counts px_pci_count(const px_pci *pci);

void px_pci_close(px_pci *pci); /* also fine with NULL */

#endif

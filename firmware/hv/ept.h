/* ept.h - what of physical memory the guest has, and as what. */
#ifndef HV_EPT_H
#define HV_EPT_H

#include <stdbool.h>
#include <stdint.h>

/* Guest memory: 0 to 640 KB and 1 MB to top are RAM where the machine has it; A0000h to BFFFFh the display, uncached;
 * F0000h to FFFFFh 64 KB that pxHV made for the guest's BIOS (rom). Nothing else is there. top is a multiple of 2 MB.
 */
void ept_init(uint64_t top, uint8_t *rom);

/* The EPT pointer for the VMCS. */
uint64_t ept_pointer(void);

/* A20 closed: 100000h to 10FFFFh show what is at 0. */
void ept_set_a20(bool open);

/* An EPT violation at an address that has nothing: the guest reads ones there, and from its first write on a page that
 * all such places share. False at 4 GB and above, when a guest has touched too much of nothing, and when the address is
 * memory that the guest has. */
bool ept_fill_hole(uint64_t physical, bool write);

/* Copies to and from guest memory; false, and nothing done, unless all of it is RAM, display memory
 * or the BIOS' 64 KB. */
bool guest_read(void *to, uint64_t physical, uint64_t count);
bool guest_write(uint64_t physical, const void *from, uint64_t count);

#endif

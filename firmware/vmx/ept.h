/* ept.h - what of physical memory the guest has, and as what. */
#ifndef VMX_EPT_H
#define VMX_EPT_H

#include <stdbool.h>
#include <stdint.h>

/* Guest memory: 0 to 640 KB and 1 MB to top are RAM where the machine has it; A0000h to BFFFFh the display, uncached;
 * F0000h to FFFFFh the ROM, 64 KB that pxHV made for the guest's BIOS (rom). Everything else reads ones. What is
 * neither RAM nor display cannot be written. top is a multiple of 2 MB. */
void ept_init(uint64_t top, uint8_t *rom);

/* The EPT pointer for the VMCS. */
uint64_t ept_pointer(void);

/* A20 closed: 100000h to 10FFFFh show what is at 0. */
void ept_set_a20(bool open);

/* The page at an address that cannot be written takes writes, which are forgotten with ept_close(); false where it can
 * be written already. Who opens closes before anything else looks at guest memory: discard.c. */
bool ept_open(uint64_t physical);
void ept_close(void);

/* What the guest finds in its ROM. */
void ept_write_rom(uint64_t offset, const void *from, uint64_t count);

/* Copies to and from guest memory; false, and nothing done, unless all of it is RAM, display memory or ROM. A write to
 * ROM is forgotten. */
bool guest_read(void *to, uint64_t physical, uint64_t count);
bool guest_write(uint64_t physical, const void *from, uint64_t count);

#endif

/* guest_memory.h - what of physical memory the guest has, and as what.
 *
 * 0 to 640 KB and 1 MB to top are RAM where the machine has it; A0000h to BFFFFh the display, uncached; F0000h to
 * FFFFFh the ROM, 64 KB that pxHV made for the guest's BIOS. Everything else reads ones. What is neither RAM nor
 * display cannot be written. */
#ifndef VCPU_GUEST_MEMORY_H
#define VCPU_GUEST_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

#define GUEST_LOW_END   UINT64_C(0xA0000) /* of RAM; the display begins */
#define GUEST_VIDEO_END UINT64_C(0xC0000)
#define GUEST_ROM       UINT64_C(0xF0000)
#define GUEST_ROM_SIZE  UINT64_C(0x10000)
#define GUEST_HIGH      UINT64_C(0x100000) /* RAM again */
#define GUEST_WRAP      UINT64_C(0x10000)  /* what real mode reaches from there, and A20 folds back */

/* top is a multiple of 2 MB; rom the pages that the guest sees as its ROM. The vendor's map is made too. */
void guest_memory_init(uint64_t top, uint8_t *rom);
void guest_memory_a20(bool open);

/* What the guest finds in its ROM. */
void guest_write_rom(uint64_t offset, const void *from, uint64_t count);

/* Copies to and from guest memory; false, and nothing done, unless all of it is RAM, display memory or ROM. A write to
 * ROM is forgotten. */
bool guest_read(void *to, uint64_t physical, uint64_t count);
bool guest_write(uint64_t physical, const void *from, uint64_t count);

#endif

/* bios.h - the guest's BIOS, as the rest of pxHV sees it: services in C behind the stubs of rom.asm. */
#ifndef BIOS_BIOS_H
#define BIOS_BIOS_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/bios/geometry.h"
#include "firmware/boot/loader.h"
#include "firmware/pc/pc.h"
#include "firmware/vcpu/vcpu.h"

/* What pxHV gives its guest. */
typedef struct bios_disk {
    uint8_t *bytes; /* where pxHV sees it; NULL: there is none */
    uint64_t size;
} bios_disk;

typedef struct bios_options {
    bios_disk floppy, disk; /* drives 00h and 80h */
    uint64_t top;           /* end of the guest's RAM above 1 MB */
    bool console_serial;    /* what INT 10h writes by teletype also goes to COM1 */
} bios_options;

void bios_init(const bios_options *options);

/* Whether the reset that comes is to end where the guest has said, by CMOS byte 0Fh and 40:67: then the processor alone
 * is reset. */
bool bios_comes_back(void);

/* Whether another key's bytes are the guest's at once: its BIOS has room for them, or has had none for so long that the
 * guest does not seem to want keys. */
bool bios_keyboard_room(pc_time now);

/* The ROM's 64 KB as they are after a reset, for the guest's F0000h. */
extern const uint8_t bios_rom[0x10000];

/* The guest's memory as INT 15h AX=E820h tells it; returns how many rows. */
#define BIOS_RANGES 5
unsigned bios_memory_map(hv_range range[BIOS_RANGES]);

/* A VMCALL: false when it does not stand at a stub in real or virtual-8086 mode, and is therefore no business of the
 * BIOS. */
bool bios_vmcall(void);

#endif

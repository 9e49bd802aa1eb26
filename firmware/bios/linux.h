/* linux.h - Linux without a boot loader: a bzImage from the boot image, entered in protected mode. */
#ifndef BIOS_LINUX_H
#define BIOS_LINUX_H

#include <stddef.h>
#include <stdint.h>

typedef struct linux_parts {
    const uint8_t *kernel, *initrd; /* initrd may be NULL */
    uint64_t kernel_bytes, initrd_bytes;
    const char *command_line;
    uint64_t top; /* end of the guest's RAM */
} linux_parts;

/* Copies everything into guest memory and lets the guest's processor stand at the kernel's 32-bit entry. NULL, or why
 * it cannot. To be called on a guest that has been reset. */
const char *linux_prepare(const linux_parts *parts);

#endif

/* ram.h - how much of the machine's memory the guest gets. */
#ifndef MACHINE_RAM_H
#define MACHINE_RAM_H

#include <stdint.h>

#include "firmware/boot/loader.h"

/* The end of the guest's memory above 1 MB: RAM without a gap or a reserved range in it, below pxHV's own; a multiple
 * of 2 MB, or 0 when the machine has not even 1 MB of it there. */
uint64_t ram_top(const hv_boot *boot);

#endif

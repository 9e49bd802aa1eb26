/* memory.h - pxHV's own memory: page tables with rights, and pages to be had. */
#ifndef MACHINE_MEMORY_H
#define MACHINE_MEMORY_H

#include <stddef.h>
#include <stdint.h>

#include "firmware/boot/loader.h"

#define PAGE_SIZE 4096u

/* Takes over from the loader's page tables. Afterwards pxHV's text is read-only, everything else cannot be executed,
 * and nothing is mapped at small addresses: physical memory is reached through virtual_of(). */
void memory_init(const hv_boot *boot);

/* A zeroed page, or count pages in a row; stops when there is none. */
void *page_alloc(size_t count);

/* Where the processor finds what pxHV sees at an address, and back. */
uint64_t physical_of(const void *pointer);
void *virtual_of(uint64_t physical);

void *memcpy(void *to, const void *from, size_t count);
void *memset(void *to, int value, size_t count);
int memcmp(const void *a, const void *b, size_t count);

#endif

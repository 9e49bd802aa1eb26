/* string.h - what the kernel has of it: libpx (cc/runtime/mem.c). */
#ifndef OS_KERNEL_LIBC_STRING_H
#define OS_KERNEL_LIBC_STRING_H

#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t count);
void *memmove(void *to, const void *from, size_t count);
void *memset(void *at, int byte, size_t count);
int memcmp(const void *a, const void *b, size_t count);

#endif

/* log.h - what pxHV says: on port E9h, where Bochs and QEMU show it, and in a ring in memory that survives to the end.
 * One line a fact, greppable: "pxhv: vmx: ...". */
#ifndef HV_LOG_H
#define HV_LOG_H

#include <stddef.h>
#include <stdint.h>

/* Formats: %s, %c, %u (unsigned), %x (hexadecimal without 0x), %016x (with width and zeros); l before u or x for 64
 * bits. */
void hv_log(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Says it and stops for good. */
_Noreturn void hv_stop(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* For emulators: what hv_stop writes last, where that ends the emulation. */
void hv_end_by(uint16_t port, uint8_t value);

#endif

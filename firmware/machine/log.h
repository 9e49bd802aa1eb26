/* log.h - what pxHV says: on port E9h, where Bochs and QEMU show it, and in a ring in memory whose end a stop shows.
 * One line a fact, greppable: "pxhv: vmx: ...". */
#ifndef MACHINE_LOG_H
#define MACHINE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Formats: %s, %c, %u (unsigned), %x (hexadecimal without 0x), %016x (with width and zeros); l before u or x for 64
 * bits. */
void hv_log(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Says it and stops for good: pxHV cannot go on. The reason and the end of the ring are left on the real screen, and on
 * the real COM1 where no guest has run yet. */
_Noreturn void hv_stop(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Says it and stops for good: the guest has ended. Its screen stays; where nothing ends the emulation, the last row
 * says why. */
_Noreturn void hv_finish(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Text memory, once it is mapped; and whose COM1 is: from the guest's first instruction on it carries its bytes alone.
 */
void hv_log_to_screen(uint8_t *text);
void hv_log_com1(bool ours);

/* On port E9h, between lines: a byte 06h. A scan code of the real keyboard has been taken; who feeds an emulator's,
 * whose buffer has room for eight keys, waits for it. */
void hv_log_key(void);

/* For emulators: what hv_stop writes last, where that ends the emulation. */
void hv_end_by(uint16_t port, uint8_t value);

#endif

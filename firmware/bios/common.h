/* common.h - what all services of the BIOS use: its places in memory, and the caller's registers, flags and memory. */
#ifndef BIOS_COMMON_H
#define BIOS_COMMON_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/bios/bios.h"
#include "firmware/vcpu/vcpu.h"

/* Places in segment F000h; rom.asm has them too. */
#define BIOS_SEGMENT       0xF000u
#define BIOS_STUBS         0x2000u
#define BIOS_RESET         0x3000u
#define BIOS_KEY           0x3100u /* INT 09h has its VMCALL here */
#define BIOS_CONFIGURATION 0xE6F5u
#define BIOS_DISKETTE      0xEFC7u

/* The extended data area: the last KB below 640 KB. */
#define EXTENDED_AREA 0x9FC0u

/* WAIT: ask again after the next interrupt; AGAIN: ask again at once, the service has done a part and keeps its place;
 * HOOK: the stub goes on to the interrupt that programs hook there, 18h behind 19h, 4Ah behind 70h. */
typedef enum bios_answer { BIOS_DONE, BIOS_WAIT, BIOS_AGAIN, BIOS_HOOK } bios_answer;

extern bios_options bios;

static inline uint8_t low(uint64_t r) { return (uint8_t)r; }
static inline uint8_t high(uint64_t r) { return (uint8_t)(r >> 8); }
static inline uint16_t word(uint64_t r) { return (uint16_t)r; }
static inline void set_low(uint64_t *r, uint8_t v) { *r = (*r & ~UINT64_C(0xFF)) | v; }
static inline void set_high(uint64_t *r, uint8_t v) { *r = (*r & ~UINT64_C(0xFF00)) | (uint64_t)v << 8; }
static inline void set_word(uint64_t *r, uint16_t v) { *r = (*r & ~UINT64_C(0xFFFF)) | v; }
static inline void set_long(uint64_t *r, uint32_t v) { *r = v; }

/* The processor is in a mode in which the BIOS can be called: real, or virtual-8086. */
bool bios_mode(void);

/* The caller's flags. */
void bios_carry(bool set);
void bios_zero(bool set);

/* The place of a byte of the stub's stack frame: IP, CS, FLAGS. The stack wraps as the processor's does. */
uint64_t bios_stack(unsigned offset);

/* A call that waits: DONE when duration has passed since it began. Which call it is, its stack frame says; one that is
 * cut short by another of its kind begins anew. */
enum bios_waiter { BIOS_WAIT_CLOCK, BIOS_WAIT_SERIAL, BIOS_WAITERS };
bios_answer bios_wait(enum bios_waiter waiter, pc_time duration);
bool bios_waits(enum bios_waiter waiter); /* another call does */
void bios_wait_end(enum bios_waiter waiter);
void bios_wait_reset(void);

/* Of a segment register of the caller; vcpu_load_real() changes one. */
uint64_t bios_base(vcpu_segment segment);

/* Guest memory at a linear address; a part that is not there reads ones, and writes to it are lost. */
void bios_read(void *to, uint64_t linear, uint64_t count);
void bios_write(uint64_t linear, const void *from, uint64_t count);
uint8_t bios_byte(uint64_t linear);
uint16_t bios_word(uint64_t linear);
void bios_put_byte(uint64_t linear, uint8_t value);
void bios_put_word(uint64_t linear, uint16_t value);

/* A byte of the CMOS memory or the clock. */
uint8_t bios_cmos(uint8_t at);

/* The data area at 0040:0000. */
#define BDA(offset) (UINT64_C(0x400) + (offset))

/* A call that no service answers: logged, once for each AX. */
void bios_unknown(uint8_t vector);

#endif

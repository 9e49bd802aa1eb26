/* bios.h - the guest's BIOS: services in C behind the stubs of rom.asm.
 *
 * A service gets its caller's registers in guest (firmware/vcpu/vcpu.h) and changes those parts that its contract
 * names; all else survives, upper halves too. Flags go to the caller through the stacked image. Two rules hold for
 * every service: what is not implemented is logged once and returns CF = 1 with AH = 86h (INT 15h) or 01h (INT 13h);
 * and nothing in guest memory is trusted. */
#ifndef BIOS_BIOS_H
#define BIOS_BIOS_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/bios/geometry.h"
#include "firmware/boot/loader.h"
#include "firmware/pc/pc.h"
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

/* ---- inside bios/ ---- */

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

/* Segment registers of the caller, as base addresses, and loading them. */
enum bios_segment { BIOS_ES, BIOS_DS };
uint64_t bios_base(enum bios_segment segment);
void bios_load(enum bios_segment segment, uint16_t selector);

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

/* Services by vector. */
bios_answer bios_video(void);            /* INT 10h */
bios_answer bios_equipment(void);        /* INT 11h */
bios_answer bios_memory(void);           /* INT 12h */
bios_answer bios_print_screen(void);     /* INT 05h */
bios_answer bios_disk_service(void);     /* INT 13h */
bios_answer bios_diskette_service(void); /* INT 40h */
bios_answer bios_serial(void);           /* INT 14h */
bios_answer bios_system(void);           /* INT 15h */
bios_answer bios_keyboard(void);         /* INT 16h */
bios_answer bios_printer(void);          /* INT 17h */
bios_answer bios_no_boot(void);          /* INT 18h */
bios_answer bios_boot(void);             /* INT 19h */
bios_answer bios_clock(void);            /* INT 1Ah */
bios_answer bios_timer_irq(void);        /* INT 08h */
bios_answer bios_keyboard_irq(void);     /* INT 09h, behind INT 15h AH=4Fh */
bios_answer bios_clock_irq(void);        /* INT 70h */
bios_answer bios_event_wait(void);       /* INT 15h AH=83h */
bios_answer bios_pause(void);            /* INT 15h AH=86h */

/* Of a drive that there is. */
disk_geometry bios_geometry(uint8_t drive);

/* The word of a key: with the shift flags of 40:17, extended: E0h came before its scan code; 0: it has none. */
uint16_t bios_key_word(uint8_t code, uint8_t flags, bool extended);

/* INT 10h AH=10h. */
void bios_palette(void);

/* For each other: text on the screen, a reset of the screen, drives and memory found. */
void bios_teletype(uint8_t character, uint8_t attribute, bool with_attribute);
void bios_video_init(void);
void bios_disk_init(void);
void bios_memory_init(void);
void bios_clock_init(void);
void bios_print(const char *text);

#endif

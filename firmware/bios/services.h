/* services.h - the BIOS' services, by vector, and what they do for each other.
 *
 * A service gets its caller's registers in guest (firmware/vcpu/vcpu.h) and changes those parts that its contract
 * names; all else survives, upper halves too. Flags go to the caller through the stacked image. Two rules hold for
 * every service: what is not implemented is logged once and returns CF = 1 with AH = 86h (INT 15h) or 01h (INT 13h);
 * and nothing in guest memory is trusted. */
#ifndef BIOS_SERVICES_H
#define BIOS_SERVICES_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/bios/common.h"
#include "firmware/bios/geometry.h"

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

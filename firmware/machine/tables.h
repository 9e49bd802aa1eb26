/* tables.h - descriptor tables of the host: flat segments, a TSS, and a handler for each exception that dumps and
 * stops. */
#ifndef MACHINE_TABLES_H
#define MACHINE_TABLES_H

#include <stdbool.h>
#include <stdint.h>

enum { HV_CS = 0x08, HV_DS = 0x10, HV_TR = 0x18 };

typedef struct table_pointer {
    uint16_t limit;
    uint64_t base;
} __attribute__((packed)) table_pointer;
_Static_assert(sizeof(table_pointer) == 10, "as LGDT reads it");

void tables_init(void);
extern table_pointer hv_gdt_pointer, hv_idt_pointer; /* VM exits load them again */
uint64_t tables_tss(void);                           /* its address */

/* Vectors of interrupts, all from here on: they are only taken, and remembered until they are asked for. */
#define HV_INTERRUPT 0x20u
bool tables_take_interrupt(void);

#endif

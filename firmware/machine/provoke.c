/* provoke.c - see provoke.h: those that break the rights of pxHV's own pages, and the NMI. */
#include "firmware/machine/provoke.h"

#include <stdint.h>

static provocation chosen;

void provoke_choose(provocation way) { chosen = way; }
provocation provoke_chosen(void) { return chosen; }

static void write_text(void) { *(volatile uint8_t *)(uintptr_t)provoke_host = 0xCC; }

static void read_null(void)
{
    static volatile uintptr_t nearly_null = 0x10; /* not for the compiler's eyes */
    (void)*(volatile const uint8_t *)nearly_null;
}

/* A RET in pages that may be written: where it can be executed nothing happens. */
static void execute_data(void)
{
    static uint8_t code[] = {0xC3};
    ((void (*)(void))(uintptr_t)code)();
}

void provoke_host(void)
{
    switch (chosen) {
    case PROVOKE_WRITE:
        write_text();
        break;
    case PROVOKE_EXECUTE:
        execute_data();
        break;
    case PROVOKE_NULL_READ:
        read_null();
        break;
    case PROVOKE_NMI:
        __asm__ volatile("int $2");
        break;
    case PROVOKE_NOTHING:
    case PROVOKE_INVALID: /* the vendor's */
    case PROVOKE_VALID:
    case PROVOKE_STATE:
    case PROVOKE_MSR:
    case PROVOKE_CHECK:
    case PROVOKE_LATE:
        break;
    }
}

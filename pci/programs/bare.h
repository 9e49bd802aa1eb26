/* bare.h - for programs that have a bare machine for themselves: the machine, and a console on COM1. */
#ifndef PCI_PROGRAMS_BARE_H
#define PCI_PROGRAMS_BARE_H

#include "os/drivers/machine.h"

/* ---- COM1, as the BIOS or an emulator leaves it: 115200 8N1 set anew ---- */

enum { COM1 = 0x3F8, COM1_ROOM = 0x20 };

static inline void com1_open(void)
{
    static const uint8_t set[][2] = {{1, 0}, {3, 0x80}, {0, 1}, {1, 0}, {3, 3}, {2, 7}, {4, 3}};
    for (unsigned i = 0; i < sizeof set / sizeof *set; i++)
        port_write(0, COM1 + set[i][0], set[i][1]);
}

static inline void com1_put(char c)
{
    while ((port_read(0, COM1 + 5) & COM1_ROOM) == 0)
        ;
    port_write(0, COM1, (uint8_t)c);
}

static inline void com1_text(const char *text)
{
    while (*text != '\0')
        com1_put(*text++);
}

static inline void com1_hex(uint64_t value, int digits)
{
    while (digits-- > 0)
        com1_put("0123456789abcdef"[value >> 4 * digits & 15]);
}

#endif
